"""What was typed, read: times, numbers, what is said back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desktop.entry.plausible import pressure_question, question
from desktop.entry.typing_words import NotRead, read_when, typed_moment
from localdb.records.moments import read_moment

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("03:10", "2026-11-24T03:10:00+00:00"),
        ("0310", "2026-11-24T03:10:00+00:00"),
        ("3:10", "2026-11-24T03:10:00+00:00"),
        ("23-Nov 23:50", "2026-11-23T23:50:00+00:00"),
        ("23/11 23:50", "2026-11-23T23:50:00+00:00"),
        ("23-Nov-2026 23:50", "2026-11-23T23:50:00+00:00"),
        ("2026-11-23 23:50", "2026-11-23T23:50:00+00:00"),
        ("30-Jun-2026 12:00", "2026-06-30T12:00:00+01:00"),
    ],
)
def test_times(typed: str, read: str) -> None:
    assert read_when(typed, NOW) == read


def test_a_time_that_has_not_come_is_refused_with_the_way_out() -> None:
    with pytest.raises(NotRead, match=r"23:50 today has not come yet.* 23-Nov 23:50"):
        read_when("23:50", NOW)


def test_december_typed_in_january_is_the_last_one() -> None:
    assert read_when("31-Dec 23:50", datetime(2027, 1, 1, 3, 0, tzinfo=UTC)) == "2026-12-31T23:50:00+00:00"


@pytest.mark.parametrize("typed", ["", "25:00", "31-Feb 10:00", "noon", "23-Nov", "24-Nov-2027 10:00"])
def test_what_cannot_be_read_says_why(typed: str) -> None:
    with pytest.raises(NotRead) as refused:
        read_when(typed, NOW)
    assert len(str(refused.value)) > 10


def test_a_day_is_enough_for_a_specimen() -> None:
    assert read_when("23-Nov", NOW, date_is_enough=True) == "2026-11-23"


@pytest.mark.parametrize(
    "sent", ["2026-11-24T03:10:00+00:00", "2026-11-23T23:50:00+00:00", "2026-06-30T12:00:00+01:00"]
)
def test_an_entry_to_be_corrected_shows_its_time_as_typed(sent: str) -> None:
    assert read_when(typed_moment(read_moment(sent), NOW), NOW) == sent


def test_questions_ask_and_plain_values_do_not() -> None:
    assert question("pulse", "Pulse", "104") is None
    assert question("pulse", "Pulse", "") is None
    assert question("spo2", "SpO2", "101") is not None
    assert question("temp", "Temperature", "84.3") is not None
    assert question("temp", "Temperature", "3A") is not None
    assert pressure_question("62", "108") is not None
    assert pressure_question("108", "62") is None
