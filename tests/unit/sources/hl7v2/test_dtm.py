"""Times of HL7 v2 (chapter 2A.3.22): kept to the letter, no more precise than sent, read in the source's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.records.moments import read_moment
from localdb.sources.hl7v2.times import read_dtm

ZONE = "Europe/London"


@pytest.mark.parametrize(
    ("sent", "fhir"),
    [
        ("2026", "2026"),
        ("202611", "2026-11"),
        ("20261120", "2026-11-20"),
        ("202611200210", "2026-11-20T02:10"),
        ("20261120021059", "2026-11-20T02:10:59"),
        ("20261120021059.123", "2026-11-20T02:10:59.123"),
        ("20261120021059.1234567", "2026-11-20T02:10:59.1234567"),
        ("20261120021059+0100", "2026-11-20T02:10:59+01:00"),
        ("20261120021059-0430", "2026-11-20T02:10:59-04:30"),
        ("202607200210Z", "2026-07-20T02:10Z"),
        ("20260720021000", "2026-07-20T02:10:00"),  # summer time
        ("20261025013000", "2026-10-25T01:30:00"),  # the doubled hour
        ("20260329013000", "2026-03-29T01:30:00"),  # the hour that does not exist
        ("20261231235960", "2026-12-31T23:59:60"),  # a leap second
        ("20261120000000", "2026-11-20T00:00:00"),
    ],
)
def test_a_time_means_what_the_same_time_in_fhir_means(sent: str, fhir: str) -> None:
    found, other = read_dtm(sent, ZONE), read_moment(fhir, ZONE)
    assert found is not None
    assert found.text == sent
    assert (found.utc, found.precision, found.offset, found.zone, found.doubts) == (
        other.utc,
        other.precision,
        other.offset,
        other.zone,
        other.doubts,
    )


@pytest.mark.parametrize("sent", ["", " ", '""'])
def test_nothing_sent_is_no_time(sent: str) -> None:
    assert read_dtm(sent, ZONE) is None


@pytest.mark.parametrize(
    "sent",
    [
        "x",
        "20261",
        "20261320",
        "20261120 02",
        "20261120021061",
        "20261120026000",
        "20261120021000+2500",
        "20261120021000+0099",
        "0000",
        "2012010219dd2527.532-0500",
    ],
)
def test_what_cannot_be_read_keeps_its_text_and_says_so(sent: str) -> None:
    found = read_dtm(sent, ZONE)
    assert found is not None
    assert (found.text, found.utc, found.doubts) == (sent, None, ("unreadable",))


@pytest.mark.parametrize(
    ("sent", "precision"),
    [
        ("19880705^D", "day"),
        ("198807051100^L", "month"),
        ("1988070511^S", "minute"),
        ("19880000", "year"),
        ("19880700", "month"),
        ("198800000000", "year"),
    ],
)
def test_no_time_becomes_more_precise_than_it_was_sent(sent: str, precision: str) -> None:
    found = read_dtm(sent, ZONE)
    assert found is not None and found.precision == precision and found.text == sent


def test_twenty_four_hours_are_the_next_days_midnight() -> None:
    found = read_dtm("20261231240000", "UTC")
    assert found is not None and found.instant == datetime(2027, 1, 1, tzinfo=UTC)


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
    st.one_of(st.none(), st.integers(-14 * 60, 14 * 60)),
    st.sampled_from(["Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]),
)
def test_every_instant_comes_back(at: datetime, offset: int | None, zone: str) -> None:
    sent = at.strftime("%Y%m%d%H%M%S").rjust(14, "0")
    if offset is not None:
        hours, minutes = divmod(abs(offset), 60)
        sent += f"{'-' if offset < 0 else '+'}{hours:02d}{minutes:02d}"
    found = read_dtm(sent, zone)
    assert found is not None and found.instant is not None
    place = ZoneInfo(zone) if offset is None else timezone(timedelta(minutes=offset))
    assert found.instant == at.replace(microsecond=0, tzinfo=place).astimezone(UTC)
    assert ("assumed_zone" in found.doubts) == (offset is None)


@given(st.text(max_size=40))
def test_reading_a_time_never_fails(text: str) -> None:
    found = read_dtm(text, ZONE)
    assert found is None or found.utc is not None or found.doubts == ("unreadable",)
