"""The cumulative grid: order, splitting, window, states (CLINICAL §3.1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from localdb.chart.cells import CHANGED, CORRECTED, NOT_AVAILABLE, VALUE, WAITING, WITHDRAWN, Cell
from localdb.chart.grid import BEDSIDE, WEEK, Row, cumulative, latest
from localdb.codes import downtime_set
from localdb.records.vocabulary import Coding, Component, Reference, Result
from tests.unit.desktop.patient.builders import former, full_results, result

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
ORDER = downtime_set()


def rows(*results: Result) -> list[Row]:
    return list(cumulative(results, ORDER).rows)


def only(*results: Result) -> Cell:
    (row,) = rows(*results)
    (cell,) = row.every
    return cell


def test_the_table_of_the_reference_picture_stands_in_the_order_of_the_downtime_set() -> None:
    grid = cumulative(full_results(), ORDER, now=NOW, window=WEEK)
    assert [p.code for p in grid.panels] == ["U&E", "CRP", "FBC", "Cardiac"]
    assert [r.name for r in grid.panels[0].rows] == ["Sodium", "Potassium", "Urea", "Creatinine", "eGFR"]
    assert [c.moment.text[:16] for c in grid.columns if c.moment][-1] == "2026-11-24T01:10"


def test_the_window_keeps_the_last_before_it_with_its_own_date() -> None:
    grid = cumulative(full_results(), ORDER, now=NOW, window=WEEK)
    potassium = grid.panels[0].rows[1]
    assert [c.text for c in potassium.before] == ["4.6"]
    assert potassium.before[0].collected is not None
    assert potassium.before[0].collected.text.startswith("2026-08-12")
    assert (grid.shown, grid.total) == (33, 41)


def test_sent_precision_and_comparator_are_kept() -> None:
    assert only(result("Sodium", "140.0", "2026-11-24T01:10")).text == "140.0"
    assert only(result("CRP", "5", "2026-11-24T01:10", comparator="<")).text == "<5"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param({"unit": "g/dL"}, {"unit": "g/L"}, id="unit"),
        pytest.param({"method": "Roche"}, {"method": "Abbott"}, id="method"),
        pytest.param({"loinc": "67151-1"}, {"loinc": "89579-7"}, id="code"),
        pytest.param({"unit": "ng/mL{FEU}"}, {"unit": "ng/mL{DDU}"}, id="FEU and DDU"),
        pytest.param(
            {"references": (Reference("performer", "Organization/a", "Lab A"),)},
            {"references": (Reference("performer", "Organization/b", "Lab B"),)},
            id="laboratory",
        ),
        pytest.param({"unit": "mmol/L"}, {"unit": None}, id="no unit"),
        pytest.param({"method": ""}, {"method": "POCT gas analyser"}, id="bedside"),
    ],
)
def test_what_was_measured_differently_never_shares_a_row(one: dict, two: dict) -> None:
    found = rows(result("Test", "1", "2026-11-23T01:10", **one), result("Test", "2", "2026-11-24T01:10", **two))
    assert [len(r.every) for r in found] == [1, 1]


def test_bedside_results_have_a_block_of_their_own() -> None:
    grid = cumulative(
        [
            result("Potassium", "5.9", "2026-11-24T01:10", loinc="2823-3"),
            result("Potassium", "6.0", "2026-11-24T01:12", loinc="2823-3", method="Point of care, GEM 5000"),
        ],
        ORDER,
    )
    assert [p.title for p in grid.panels] == ["Urea and electrolytes", BEDSIDE]


def test_a_result_without_a_collection_time_says_what_its_time_is() -> None:
    grid = cumulative([result("Sodium", "140", None, received="2026-11-24T01:32")], ORDER)
    assert [c.basis for c in grid.columns] == ["received"]
    assert cumulative([result("Sodium", "140", None)], ORDER).columns[0].basis == "unknown"


def test_a_correction_carries_the_struck_value_and_its_time() -> None:
    cell = only(
        result(
            "Potassium", "5.9", "2026-11-24T01:10", status="corrected", said="2026-11-24T02:05",
            replaces=(former("6.8", "2026-11-24T01:40"),),
        )
    )  # fmt: skip
    assert (cell.mark, cell.text, [f.value for f in cell.struck]) == (CORRECTED, "5.9", ["6.8"])
    assert cell.marked_at is not None
    assert cell.marked_at.text.startswith("2026-11-24T02:05")


def test_a_preliminary_value_that_became_final_is_not_called_a_correction() -> None:
    cell = only(
        result("CRP", "212", "2026-11-24T01:10", replaces=(former("210", "2026-11-24T01:40", status="preliminary"),))
    )
    assert (cell.mark, cell.struck) == ("", ())


def test_a_final_value_that_changed_without_a_word_is_marked() -> None:
    cell = only(result("CRP", "212", "2026-11-24T01:10", replaces=(former("112", "2026-11-24T01:40"),)))
    assert (cell.mark, [f.value for f in cell.struck]) == (CHANGED, ["112"])


@pytest.mark.parametrize("status", ["entered-in-error", "W", "D"])
def test_a_withdrawn_value_is_in_no_part_of_its_cell(status: str) -> None:
    cell = only(
        result(
            "Potassium", "6.8", "2026-11-24T01:10", status=status, flag="HH", replaces=(former("6.7", "2026-11-24"),)
        )
    )
    assert cell.state == WITHDRAWN
    assert "6.8" not in repr(cell)
    assert "6.7" not in repr(cell)


def test_a_sample_that_could_not_be_used_says_why_in_the_row_of_its_test() -> None:
    (row,) = rows(
        result("Troponin T", "22", "2026-11-23T18:05", unit="ng/L", loinc="67151-1"),
        result(
            "Troponin T", None, "2026-11-24T01:10", unit=None, loinc="67151-1", status="cancelled", absent="clotted"
        ),
    )
    assert [(c.state, c.reason) for c in row.every] == [(VALUE, ""), (NOT_AVAILABLE, "clotted")]


def test_a_registered_result_is_waited_for() -> None:
    assert only(result("CRP", None, "2026-11-24T01:10", status="registered")).state == WAITING


def test_latest_never_lets_an_older_value_pass_for_a_withdrawn_newest() -> None:
    (found,) = latest(
        [
            result("Potassium", "5.4", "2026-11-23T18:05", loinc="2823-3"),
            result("Potassium", "6.8", "2026-11-24T01:10", loinc="2823-3", status="entered-in-error"),
        ],
        ORDER,
    )
    assert found.cell.state == WITHDRAWN
    assert found.before is not None
    assert found.before.text == "5.4"


def test_components_are_rows_and_a_heading_is_none() -> None:
    parts = (Component(text="Leucocytes", value="+"), Component(text="Nitrite", value="negative"))
    found = rows(result("Urine dipstick", None, "2026-11-24T01:10", unit=None, components=parts))
    assert sorted(r.name for r in found) == ["Urine dipstick: Leucocytes", "Urine dipstick: Nitrite"]
    heading = result("U&E", None, "2026-11-24T01:10", unit=None, references=(Reference("member", "Observation/1"),))
    assert rows(heading) == []


@pytest.mark.parametrize(
    ("value", "flag", "sent", "caution"),
    [
        ("3.0", "H", "3.5-5.3", True),
        ("6.0", "L", "3.5-5.3", True),
        ("6.0", "N", "3.5-5.3", True),
        ("6.0", "H", "3.5-5.3", False),
        ("4.0", None, "3.5-5.3", False),
        ("6.0", None, "3.5-5.3", False),
        ("6.0", "H", "see text", False),
    ],
)
def test_flag_against_range_raises_a_caution_and_changes_neither(
    value: str, flag: str | None, sent: str, caution: bool
) -> None:
    cell = only(result("Potassium", value, "2026-11-24T01:10", flag=flag, range=sent))
    assert bool(cell.caution) is caution
    assert (cell.flag, cell.range) == (flag or "", sent)


def test_unknown_analytes_stand_below_under_their_own_panel() -> None:
    local = (Coding("urn:lab", "XYZ", "Copper"),)
    grid = cumulative(
        [
            result("Sodium", "140", "2026-11-24T01:10", loinc="2951-2"),
            Result(id="R1", patient="P1", source="lims", source_id="1", text="Copper", value="12", unit="umol/L",
                   codes=local, panel="Trace metals", status="final"),
        ],
        ORDER,
    )  # fmt: skip
    assert [p.title for p in grid.panels] == ["Urea and electrolytes", "Trace metals"]


def test_a_result_of_unknown_time_is_never_hidden_by_the_window() -> None:
    grid = cumulative([result("Sodium", "140", None)], ORDER, now=NOW, window=timedelta(days=1))
    assert grid.shown == 1
