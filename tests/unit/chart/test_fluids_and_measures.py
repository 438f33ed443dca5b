"""Fluids by the clock hour and measures as series: as sent, nothing added up; days of 23 and 25 hours (CLINICAL §2.4)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.chart.fluids import IN, NOTE, OUT, TOTAL, fluids, hours_of, kind_of
from localdb.chart.measures import measures
from localdb.records.vocabulary import Observation
from tests.unit.desktop.patient.builders import observation

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
ZONE = "Europe/London"


def amount(name: str, value: str | None, when: str, loinc: str = "", unit: str = "mL", **rest: Any) -> Observation:
    return observation(name, value, when, loinc, unit=unit, **rest)


@pytest.mark.parametrize(
    ("name", "loinc", "unit", "kind"),
    [
        ("Fluid intake oral", "9000-1", "mL", IN),
        ("Urine output", "9187-6", "mL", OUT),
        ("24 hour urine output", "9192-6", "mL", TOTAL),
        ("Fluid output", "9257-7", "mL", TOTAL),
        ("Intravenous intake", "", "mL", IN),
        ("Nasogastric aspirate", "", "mL", OUT),
        ("Drain 1 output", "", "mL", OUT),
        ("Fluid balance to midnight", "", "mL", TOTAL),
        ("Total intake", "", "mL", TOTAL),
        ("Fluid restriction", "", "", NOTE),
        ("Urinary catheter", "", "", NOTE),
        ("Weight", "29463-7", "kg", ""),
        ("Urine colour", "", "", ""),
        ("Tidal volume", "", "mL", ""),
    ],
)
def test_what_an_observation_is_to_the_fluids(name: str, loinc: str, unit: str, kind: str) -> None:
    assert kind_of(amount(name, "100", "2026-11-24T01:00", loinc, unit)) == kind


@pytest.mark.parametrize(("day", "count"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-24", 24)])
def test_a_day_has_as_many_hours_as_its_clock(day: str, count: int) -> None:
    assert len(hours_of(date.fromisoformat(day), ZONE)) == count


def test_the_doubled_hour_has_two_rows_that_name_their_zone() -> None:
    now = datetime(2026, 10, 25, 23, 0, tzinfo=UTC)
    items = [
        amount("Urine output", "40", "2026-10-25T00:30", "9187-6"),
        amount("Urine output", "50", "2026-10-25T01:30", "9187-6"),
    ]
    (day,) = fluids(items, now).days
    rows = {h.title: h.cells[0] for h in day.hours}
    assert rows["01:00 BST"] == ("01:30 40 mL",) and rows["01:00 GMT"] == ("01:30 50 mL",)


def test_two_amounts_of_an_hour_both_stand_and_nothing_is_added_up() -> None:
    items = [amount("Oral intake", "150", "2026-11-24T01:00"), amount("Oral intake", "60", "2026-11-24T01:40")]
    (day,) = fluids(items, NOW).days
    assert day.totals == ()
    assert next(h for h in day.hours if h.title == "01:00").cells == (("150 mL", "01:40 60 mL"),)
    assert not any("210" in text for h in day.hours for cell in h.cells for text in cell)


def test_a_total_stands_apart_as_sent_and_hours_that_lie_ahead_have_no_row() -> None:
    items = [amount("Total intake to midnight", "850", "2026-11-24T00:00", "9113-2"),
             amount("Urine output", "35", "2026-11-24T02:00", "9187-6")]  # fmt: skip
    (day,) = fluids(items, NOW).days
    assert [(t.name, t.text) for t in day.totals] == [("Total intake to midnight", "850 mL")]
    assert [h.title for h in day.hours] == ["03:00", "02:00", "01:00", "00:00"]


def test_withdrawn_amounts_are_gone_and_those_without_a_time_are_counted() -> None:
    gone = amount("Urine output", "999", "2026-11-24T02:00", "9187-6")
    timeless = amount("Urine output", "35", "2026-11-24T02:00", "9187-6")
    from msgspec.structs import replace

    found = fluids([replace(gone, status="entered-in-error"), replace(timeless, happened=None)], NOW)
    assert found.days == () and found.untimed == 1


@given(st.lists(st.tuples(st.integers(0, 6 * 24 * 60), st.integers(1, 999)), max_size=30))
def test_every_amount_stands_in_exactly_one_hour(given_: list[tuple[int, int]]) -> None:
    items = []
    for n, (minute, value) in enumerate(given_):
        day, rest = divmod(minute, 1440)
        items.append(amount(f"Urine output {n}", str(value), f"2026-11-{17 + day}T{rest // 60:02d}:{rest % 60:02d}"))
    days = fluids(items, NOW).days
    told = [text for d in days for h in d.hours for cell in h.cells for text in cell]
    assert len(told) == len(items)
    assert sum(len(d.amounts) for d in days) == len(items)


def test_a_measure_in_two_units_is_two_series_and_a_limit_is_in_no_trend() -> None:
    items = (
        observation("Weight", "71.5", "2026-11-23T18:20", "29463-7", unit="kg"),
        observation("Weight", "11st 4lb", "2026-08-12T10:40", "29463-7", unit="st"),
        observation("Weight", "150", "2025-03-09T10:15", "29463-7", unit="kg", comparator=">"),
        observation("Weight", "73.0", "2024-03-09T10:15", "29463-7", unit="kg"),
        observation("Height", "162", "2026-11-23T18:20", "8302-2", unit="cm"),
        observation("Weight for length percentile", "9", "2026-11-23T18:20", "77606-2", unit="%"),
    )
    found = measures(items)
    assert [(s.name, s.unit, len(s.values)) for s in found] == [
        ("Weight", "kg", 3),
        ("Weight", "st", 1),
        ("Height", "cm", 1),
    ]
    assert [v.text for v in found[0].values] == ["71.5 kg", ">150 kg", "73.0 kg"]
    assert [str(v.number) for v in found[0].drawn] == ["73.0", "71.5"]
