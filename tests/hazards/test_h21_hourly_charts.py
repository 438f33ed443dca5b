"""H21 on paper: a day of 23 or 25 hours has so many rows, in their true order, and each time of such a night its zone.

Sabotage: a chart that always has 24 rows, and columns that name no zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desktop.forms import f15_observations, f16_fluids, fluid_hours, time_columns
from desktop.forms.time_columns import Top
from localdb.records.moments import from_instant
from tests.unit.forms import obs_charts
from tests.unit.forms.test_bedside_charts import drawn

LONDON = ZoneInfo("Europe/London")
# Days of the ward's clock and how many hours they have: the last Sundays of March and October, and one in between.
DAYS = [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 14), 24), (date(2027, 3, 28), 23)]


def rows(day: date) -> list[str]:
    """The hours that stand on the sheet of a day, from the top."""
    now = datetime(day.year, day.month, day.day, 0, 5, tzinfo=LONDON).astimezone(UTC)
    placed = [p for p in drawn(obs_charts.on(now, "F16", obs_charts.chart([]))) if p.page == 1 and p.left < 80]
    hours = [p for p in placed if p.text[:2].isdigit() and p.text[2:5] == ":00"]
    return list(dict.fromkeys(p.text for p in sorted(hours, key=lambda p: p.top)))


def wanted(day: date) -> list[str]:
    """Hour after hour in UTC, as the ward's clock shows it: counted here, not by the code under test."""
    at = datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)
    out = []
    while at.astimezone(LONDON).date() == day:
        out.append(at.astimezone(LONDON).strftime("%H:%M %Z"))
        at += timedelta(hours=1)
    return out


def fluid_faults() -> list[str]:
    found = []
    for day, hours in DAYS:
        made, right = rows(day), wanted(day)
        assert len(right) == hours
        if hours == 24:
            right = [text[:5] for text in right]
            made = [text[:5] for text in made]
        if made != right:
            found.append(f"{day}: {len(made)} rows, {made[:4]}")
    return found


def test_a_fluid_chart_has_a_row_for_each_hour_that_the_day_has() -> None:
    assert fluid_faults() == []


def zone_faults() -> list[str]:
    """The columns of the two nights: the zone of each set, and both zones to ring in each empty column."""
    found = []
    for make, zones in ((obs_charts.autumn, ["BST", "BST", "GMT"]), (obs_charts.spring, ["GMT", "GMT", "BST"])):
        for code in ("F15", "F17"):
            model = make(code)
            placed = [p for p in drawn(model) if p.page == 1 and p.text in ("BST", "GMT")]
            sets = [p for p in sorted(placed, key=lambda p: p.left) if p.bottom - p.top > 9]
            if code == "F15" and [p.text for p in sets] != zones:
                found.append(f"{code} {make.__name__}: sets named {[p.text for p in sets]}")
            rings = [p.text for p in placed if p not in sets]
            if rings.count("BST") < 8 or rings.count("BST") != rings.count("GMT"):
                found.append(f"{code} {make.__name__}: no zone to ring")
    return found


def test_each_time_of_a_night_of_change_names_its_zone() -> None:
    assert zone_faults() == []


def test_an_ordinary_night_has_no_row_of_zones() -> None:
    model = obs_charts.scale_2("F15")
    assert not any(p.text in ("BST", "GMT") for p in drawn(model))


def test_a_set_of_the_doubled_hour_without_an_offset_says_that_it_may_be_either() -> None:
    moment = from_instant(obs_charts.AUTUMN)
    from localdb.records.moments import read_moment

    doubled = read_moment("2026-10-25T01:30:00", "Europe/London")
    notes = time_columns.Notes()
    model = obs_charts.autumn("F15")
    assert time_columns.top_of(model, doubled, notes) == Top("25-Oct", "01:30", "BST\nor GMT")
    assert time_columns.top_of(model, moment, notes).zone == "GMT"


def test_sabotage_a_chart_of_24_rows_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def always_24(day: date, zone: str) -> tuple[datetime, ...]:
        start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        return tuple(start + timedelta(hours=n) for n in range(24))

    monkeypatch.setattr(fluid_hours, "hours_of", always_24)
    monkeypatch.setattr(f16_fluids, "hours_of", always_24)
    assert len(fluid_faults()) == 3


def test_sabotage_columns_without_their_zone_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_columns, "names_zone", lambda model: False)
    monkeypatch.setattr(f15_observations, "when_groups", time_columns.when_groups)
    assert zone_faults()
