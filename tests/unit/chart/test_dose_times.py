"""When an order is given: only what its source named (CLINICAL §5.2). Expectations are read off the order's own words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.chart import dose_times
from localdb.chart.dose_times import COPY, NOT_DUE, OPEN, UNKNOWN, state, times_a_day, timetable
from localdb.records.moments import read_moment
from tests.unit.forms.drugs import order

ZONE = "Europe/London"
NOW = datetime(2026, 11, 24, 3, 14, tzinfo=UTC)  # a Tuesday
CUT = datetime(2026, 11, 24, 2, 38, tzinfo=UTC)
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("often", "times", "days", "settled"),
    [
        ("three times a day, 08:00, 14:00, 22:00", ("08:00", "14:00", "22:00"), None, True),
        ("once a day, 22:00", ("22:00",), None, True),
        ("at night, 22:00", ("22:00",), None, True),
        ("every 8 hours, 00:00, 08:00, 16:00", ("00:00", "08:00", "16:00"), None, True),
        ("1 time in 12 hours, 9:00, 21:00", ("09:00", "21:00"), None, True),
        ("once a week, Mondays, 08:00", ("08:00",), {0}, True),
        ("once a week, Thursdays", (), {3}, False),
        ("Mondays, Wednesdays, Fridays", (), {0, 2, 4}, False),
        ("on Mon and Thu, 08:00", ("08:00",), {0, 3}, True),
        # What leaves a doubt is not settled: boxes stay open, to be written in.
        ("three times a day, 08:00, 14:00", ("08:00", "14:00"), None, False),
        ("as directed, 08:00", ("08:00",), None, False),
        ("once a day; twice on Sundays, 08:00", ("08:00",), None, False),
        ("not on Mondays, 08:00", ("08:00",), None, False),
        ("twice a day", (), None, False),
        ("after 08:00 only", (), None, False),
        ("25:00", (), None, False),
        ("", (), None, False),
    ],
)
def test_the_words_of_an_order_give_its_times_and_days(
    often: str, times: tuple[str, ...], days: set[int] | None, settled: bool
) -> None:
    table = timetable(order("x", often=often))
    assert (table.times, table.days, table.is_settled) == (times, days, settled)


def test_structured_times_come_before_words_and_days_name_the_boxes() -> None:
    table = timetable(order("x", often="as sent", times=("08:00:00", "20:00:00")))
    assert table.times == ("08:00", "20:00") and table.is_settled
    weekly = timetable(order("x", often="as sent", times=("08:00",), days=("mon", "thu")))
    assert weekly.days == {0, 3}
    other = timetable(order("x", often="as sent", times=("08:00",), every="2 d"))
    assert other.times == ("08:00",) and not other.is_settled
    unreadable = timetable(order("x", often="as sent", times=("08:00",), days=("mon", "someday")))
    assert unreadable.days is None


def test_a_due_instant_that_is_none_of_the_times_has_a_row_of_its_own() -> None:
    item = order("x", often="every 36 hours", due=("2026-11-24T14:30",))
    table = timetable(item)
    assert table.rows == ("14:30",) and not table.is_settled
    assert state(item, table, TODAY, "14:30", CUT, NOW, ZONE) == OPEN
    # The same clock time of another day is nobody's word.
    daily = order("x", often="once a day, 08:00", due=("2026-11-24T14:30",))
    table = timetable(daily)
    assert table.rows == ("08:00", "14:30")
    assert state(daily, table, TODAY, "14:30", CUT, NOW, ZONE) == OPEN
    assert state(daily, table, TODAY + timedelta(days=1), "14:30", CUT, NOW, ZONE) == NOT_DUE


@pytest.mark.parametrize(
    ("time", "said"), [("02:30", COPY), ("02:38", COPY), ("02:45", UNKNOWN), ("03:14", UNKNOWN), ("03:15", OPEN)]
)
def test_a_box_says_whether_its_time_lies_in_the_copy_in_the_gap_or_ahead(time: str, said: str) -> None:
    item = order("x", often=f"once a day, {time}")
    assert state(item, timetable(item), TODAY, time, CUT, NOW, ZONE) == said


def test_where_the_end_of_the_copy_is_not_known_nobody_knows_what_passed() -> None:
    item = order("x", often="once a day, 01:00")
    assert state(item, timetable(item), TODAY, "01:00", None, NOW, ZONE) == UNKNOWN


def test_before_the_order_and_after_its_end_nothing_is_due() -> None:
    item = order(
        "x",
        often="twice a day, 08:00, 20:00",
        happened=read_moment("2026-11-24T10:00:00+00:00"),
        ended=read_moment("2026-11-25"),
    )
    table = timetable(item)
    found = [[state(item, table, TODAY + timedelta(days=n), t, CUT, NOW, ZONE) for n in range(3)] for t in table.times]
    assert found == [[NOT_DUE, OPEN, NOT_DUE], [OPEN, OPEN, NOT_DUE]]
    vague = order("x", often="once a day, 08:00", happened=read_moment("2027"))
    assert state(vague, timetable(vague), TODAY, "08:00", CUT, NOW, ZONE) == OPEN, "a year alone excludes no day"


def test_an_hour_that_the_clock_doubles_has_passed_only_when_both_have() -> None:
    """25-Oct-2026 in London: 01:30 comes twice, at 00:30 and 01:30 UTC."""
    item, day = order("x", often="once a day, 01:30", happened=None), date(2026, 10, 25)
    table = timetable(item)
    assert len(dose_times.slots(day, "01:30", ZONE)) == 2
    between = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    assert state(item, table, day, "01:30", between, between, ZONE) == OPEN
    after = datetime(2026, 10, 25, 1, 45, tzinfo=UTC)
    assert state(item, table, day, "01:30", between, after, ZONE) == UNKNOWN


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("once a day", 1),
        ("twice daily", 2),
        ("3 times a day with meals", 3),
        ("1 time in 6 hours", 4),
        ("every 12 hours", 2),
        ("2 times in 1 day", 2),
        ("every 5 hours", 0),
        ("once a week", 0),
        ("once", 0),
        ("1 time in 1 day; 4 times in 1 day", 0),
        ("if needed, up to four times a day", 0),
        ("", 0),
    ],
)
def test_how_often_a_day_is_read_only_where_the_words_say_it(words: str, count: int) -> None:
    assert times_a_day(words) == count


@given(st.text(max_size=60))
def test_any_words_are_read_without_a_fault_and_no_time_is_invented(often: str) -> None:
    table = timetable(order("x", often=often, instructions=""))
    for time in table.times:
        assert time in often or time.lstrip("0").rjust(4, "0") in often or time[1:] in often


@given(
    st.lists(st.integers(0, 24 * 60 - 1), min_size=1, max_size=6, unique=True),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.integers(0, 72 * 60),
)
def test_no_box_of_a_passed_time_is_ever_open_and_none_ahead_is_ever_closed(
    minutes: list[int], now: datetime, gap: int
) -> None:
    times = tuple(f"{m // 60:02d}:{m % 60:02d}" for m in sorted(minutes))
    item = order("x", often="as sent", times=times, happened=None)
    table, cut = timetable(item), now - timedelta(minutes=gap)
    day = now.astimezone(ZoneInfo(ZONE)).date()
    for n in (-1, 0, 1):
        for time in times:
            last = dose_times.slots(day + timedelta(days=n), time, ZONE)[-1]
            said = state(item, table, day + timedelta(days=n), time, cut, now, ZONE)
            assert said == (OPEN if last > now else COPY if last <= cut else UNKNOWN)
