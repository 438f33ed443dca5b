"""The words of CLINICAL §1.1 and §1.2, with the test vectors that stand there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.chart import wording
from localdb.records.moments import Moment, from_instant, read_moment
from localdb.records.vocabulary import HumanName

BORN = datetime(2020, 1, 1, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(hours=1, minutes=30), "90min"),
        (timedelta(days=1, hours=2, minutes=5), "26hrs"),
        (timedelta(days=27, hours=5), "27d"),
        (timedelta(days=28), "4w"),
        (timedelta(days=29), "4w 1d"),
        (timedelta(days=366 + 8), "12m 8d"),
        (timedelta(days=366 + 39), "13m 8d"),
        (timedelta(days=366 + 3 * 365 + 39), "4y 1m"),
    ],
)
def test_ages_of_the_standard(span: timedelta, text: str) -> None:
    assert wording.age(from_instant(BORN), BORN + span) == text


@pytest.mark.parametrize(
    ("born", "at", "text"),
    [
        ("1979-03-14", "2026-11-24", "47y"),
        ("2008-11-24", "2026-11-23", "17y 11m"),
        ("2008-11-24", "2026-11-24", "18y"),
        ("2004-02-29", "2026-02-28", "21y"),
        ("2004-02-29", "2026-03-01", "22y"),
        ("2026-11-24", "2026-11-24", "0d"),
        ("2026-01-31", "2026-03-01", "4w 1d"),
        ("1951", "2026-11-24", "74-75y"),
        ("1951-03", "2026-11-24", "75y"),
        ("1951-11", "2026-11-24", "74-75y"),
        ("2026", "2026-11-24", "under 1y"),
        ("1951-03-14", "2024", "72-73y"),
        ("2027-01-01", "2026-11-24", ""),
        ("not a date", "2026-11-24", ""),
    ],
)
def test_ages_are_never_more_precise_than_the_dates(born: str, at: str, text: str) -> None:
    assert wording.age(read_moment(born), read_moment(at)) == text


def test_a_birth_in_summer_time_turns_over_at_local_midnight() -> None:
    born = read_moment("2008-07-01")
    assert wording.age(born, datetime(2026, 6, 30, 22, 59, tzinfo=UTC)) == "17y 11m"
    assert wording.age(born, datetime(2026, 6, 30, 23, 1, tzinfo=UTC)) == "18y"


@given(st.dates(min_value=datetime(1900, 1, 1).date()), st.integers(0, 40000))
def test_an_age_never_fails_and_never_falls_with_time(born, days) -> None:  # type: ignore[no-untyped-def]
    moment = read_moment(born.isoformat())
    at = datetime(born.year, born.month, born.day, 12, tzinfo=UTC)
    if at.year + days // 365 + 1 < 9999:
        text = wording.age(moment, at + timedelta(days=days))
        assert text.split("y")[0].isdigit() if days > 366 * 18 else text


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("2009-01-05", "05-Jan-2009"),
        ("1986", "1986"),
        ("1986-05", "May-1986"),
        ("2026-11-24T03:12:40+00:00", "24-Nov-2026"),
        ("2026-07-01T23:30:00Z", "02-Jul-2026"),
        ("0000-13", "0000-13"),
        ("the day before", "the day before"),
    ],
)
def test_dates_are_as_precise_as_sent(sent: str, text: str) -> None:
    assert wording.date(read_moment(sent)) == text


def test_unknown_estimated_and_weekday() -> None:
    assert wording.date(None) == "Not recorded"
    assert wording.date(None, missing="Unknown") == "Unknown"
    assert wording.date(read_moment("1986"), estimated=True) == "1986 (estimated)"
    assert wording.date(read_moment("2009-01-06"), weekday=True) == "Tue 06-Jan-2009"
    assert wording.born_text(None, BORN) == "Not Known"
    assert wording.born_text(read_moment("1951-03-14"), datetime(2026, 11, 24, tzinfo=UTC)) == "14-Mar-1951 (75y)"


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("2026-11-24T03:12:59+00:00", "24-Nov-2026 03:12"),
        ("2026-11-24T03:12:00+11:00", "23-Nov-2026 16:12"),
        ("2026-11-24", "24-Nov-2026"),
        ("1986", "1986"),
        ("2026-10-24T12:00:00Z", "24-Oct-2026 13:00 BST"),
        ("2026-10-25T12:00:00Z", "25-Oct-2026 12:00 GMT"),
        ("2026-10-25T00:30:00Z", "25-Oct-2026 01:30 BST"),
        ("2026-10-25T01:30:00Z", "25-Oct-2026 01:30 GMT"),
        ("2026-10-25T01:30:00", "25-Oct-2026 01:30 BST or GMT"),
        ("2026-10-24T00:30:00Z", "24-Oct-2026 01:30"),
        ("2026-03-29T00:59:00Z", "29-Mar-2026 00:59 GMT"),
        ("2026-03-29T01:00:00Z", "29-Mar-2026 02:00 BST"),
    ],
)
def test_times_are_local_and_name_their_zone_near_a_clock_change(sent: str, text: str) -> None:
    assert wording.date_time(read_moment(sent)) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(0), "0min"),
        (timedelta(seconds=40), "40sec"),
        (timedelta(minutes=47, seconds=59), "47min"),
        (timedelta(hours=1, minutes=2), "1hr 2min"),
        (timedelta(hours=2), "2hr"),
        (timedelta(days=2, hours=3, minutes=50), "2d 3hr"),
        (timedelta(days=3, minutes=20), "3d"),
        (timedelta(days=36), "5w 1d"),
    ],
)
def test_durations(span: timedelta, text: str) -> None:
    assert wording.duration(span) == text


def test_intervals_name_the_days_where_they_differ() -> None:
    one = datetime(2026, 11, 23, 23, 50, tzinfo=UTC)
    assert wording.interval(one, one + timedelta(minutes=5)) == "Between 23:50 and 23:55"
    assert wording.interval(one, one + timedelta(minutes=20)) == "Between 23-Nov-2026 23:50 and 24-Nov-2026 00:10"


def test_nhs_numbers() -> None:
    assert wording.nhs_number("9990000018") == "999 000 0018"
    assert wording.nhs_number("999-000 0018") == "999 000 0018"
    assert wording.nhs_number(None) == "Not Known"
    assert wording.nhs_number("12AB") == "12AB"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (HumanName("Okonkwo", ("Ifeoma",), ("Mrs",)), "OKONKWO, Ifeoma (Mrs)"),
        (HumanName("Okonkwo", ("IFEOMA", "grace"), ("MRS",)), "OKONKWO, Ifeoma Grace (Mrs)"),
        (HumanName("Weiß", ("Jörg",)), "WEISS, Jörg"),
        (HumanName("O’Brien-ßmith", ("Anne-Marie",)), "O’BRIEN-SSMITH, Anne-Marie"),
        (HumanName("van der Berg", ("D'ARCY",)), "VAN DER BERG, D'Arcy"),
        (HumanName("McDonald", ("McKenzie",)), "MCDONALD, McKenzie"),
        (HumanName("Suharto"), "SUHARTO"),
        (HumanName("", ("Madonna",)), "Madonna"),
        (HumanName("محمد", ("علي",)), "محمد, علي"),
        (HumanName("ﬁnch", ("JP",)), "FINCH, JP"),
        (HumanName(text="Prof. Li Wei"), "Prof. Li Wei"),
        (HumanName("Li\u202e", ("A\nB",)), "LI, A B"),
        (HumanName(), "Name not recorded"),
    ],
)
def test_names(name: HumanName, text: str) -> None:
    assert wording.display_name(name) == text


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=4))
def test_no_letter_of_a_name_is_lost(family: str, given_names: list[str]) -> None:
    text = wording.display_name(HumanName(family, tuple(given_names)))
    letters = [c for c in wording.clean(family).upper() if not c.isspace()]
    assert [c for c in text if not c.isspace()][: len(letters)] == letters or text == wording.NO_NAME
    for part in given_names:
        assert wording.clean(part).casefold() in text.casefold() or not wording.clean(part).isascii()


def test_genders_are_words() -> None:
    assert [wording.gender(t) for t in ("female", "M", "other", "unknown", "", "X", "7", "Indeterminate")] == [
        "Female", "Male", "Other Specific", "Not Known", "Not Known", "Not Specified", "Not Known", "Indeterminate",
    ]  # fmt: skip


def test_a_moment_that_nobody_could_read_stands_as_sent() -> None:
    assert wording.date_time(Moment("about noon", None)) == "about noon"
    assert wording.time(Moment("about noon", None)) == ""
