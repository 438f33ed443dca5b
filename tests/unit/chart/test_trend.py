"""What a trend draws: which marks, what it joins, when it has a band (CLINICAL §3.1 L4, L5; LOOK §6)."""

from __future__ import annotations

from decimal import Decimal

from localdb.chart.grid import cumulative
from localdb.chart.trend import HIGH, LIMIT, PHONED, REPLACED, trend
from localdb.codes import downtime_set
from localdb.records.vocabulary import Result
from tests.unit.desktop.patient.builders import former, full_results, phoned, result


def row_of(*results: Result, name: str = "Potassium"):
    return next(r for r in cumulative(results, downtime_set()).rows if r.name == name)


def test_the_trend_of_the_reference_picture() -> None:
    found = trend(row_of(*full_results()), [phoned()])
    assert found is not None
    assert [p.shape for p in found.points[-4:]] == [HIGH, REPLACED, HIGH, PHONED]
    assert found.band == (Decimal("3.5"), Decimal("5.3"))
    joined = {p.text for pair in found.segments for p in pair}
    assert "6.8" not in joined
    assert "6.0" not in joined


def test_a_comparator_is_an_open_mark_at_its_limit_and_joins_nothing() -> None:
    found = trend(
        row_of(
            result("CRP", "31", "2026-11-22T10:00", unit="mg/L"),
            result("CRP", "5", "2026-11-23T10:00", unit="mg/L", comparator="<"),
            result("CRP", "12", "2026-11-24T10:00", unit="mg/L"),
            name="CRP",
        )
    )
    assert found is not None
    assert [(p.text, p.shape) for p in found.points] == [("31", "dot"), ("<5", LIMIT), ("12", "dot")]
    assert [(a.text, b.text) for a, b in found.segments] == [("31", "12")]


def test_no_band_where_the_range_changed() -> None:
    found = trend(
        row_of(
            result("Potassium", "4", "2026-11-22T10:00", range="3.5-5.3"),
            result("Potassium", "5", "2026-11-23T10:00", range="3.4-5.1"),
        )
    )
    assert found is not None
    assert found.band is None


def test_another_unit_or_test_by_phone_is_not_drawn() -> None:
    row = row_of(result("Potassium", "4", "2026-11-22T10:00"))
    found = trend(row, [phoned(body={"unit": "mEq/L"}), phoned(2, body={"test": "Sodium"})])
    assert found is not None
    assert [p.text for p in found.points] == ["4"]


def test_withdrawn_and_worded_values_have_no_mark() -> None:
    row = row_of(
        result("Potassium", "4", "2026-11-22T10:00"),
        result("Potassium", "haemolysed", "2026-11-23T10:00"),
        result(
            "Potassium", "6.8", "2026-11-24T10:00", status="entered-in-error", replaces=(former("6.7", "2026-11-24"),)
        ),
    )
    found = trend(row)
    assert found is not None
    assert [p.text for p in found.points] == ["4"]
    assert found.left_out == 1


def test_axis_ticks_hold_every_point() -> None:
    for low, high in (("0.1", "0.12"), ("3", "3"), ("-4", "900"), ("131", "146")):
        found = trend(
            row_of(result("Potassium", low, "2026-11-22T10:00"), result("Potassium", high, "2026-11-23T10:00"))
        )
        assert found is not None
        assert found.low <= Decimal(low) <= Decimal(high) <= found.high
        assert 2 <= len(found.ticks) <= 8
