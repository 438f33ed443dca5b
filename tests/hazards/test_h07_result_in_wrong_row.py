"""H07: a result in the row of another unit, method or test makes a false trend (CLINICAL §3.1 L4).

Sabotage: a grid that looks at the name only puts them together, and the same check fails.
"""

from __future__ import annotations

import pytest

from localdb.chart import grid as grid_module
from localdb.chart.grid import cumulative
from localdb.chart.trend import agree, trend
from localdb.records.vocabulary import Result
from tests.unit.desktop.patient.builders import result

EARLY, LATE = "2026-11-23T18:05", "2026-11-24T01:10"
TWINS = {
    "troponin T and I": (
        result("Troponin", "22", EARLY, unit="ng/L", loinc="67151-1"),
        result("Troponin", "40", LATE, unit="ng/L", loinc="89579-7"),
    ),
    "g/dL and g/L": (
        result("Haemoglobin", "10.4", EARLY, unit="g/dL", loinc="718-7"),
        result("Haemoglobin", "104", LATE, unit="g/L", loinc="718-7"),
    ),
    "FEU and DDU": (
        result("D-dimer", "500", EARLY, unit="ng/mL{FEU}", loinc="48065-7"),
        result("D-dimer", "250", LATE, unit="ng/mL{DDU}", loinc="48065-7"),
    ),
    "laboratory and bedside potassium": (
        result("Potassium", "5.9", EARLY, loinc="2823-3"),
        result("Potassium", "6.1", LATE, loinc="2823-3", method="Point of care"),
    ),
}


def apart(one: Result, two: Result) -> bool:
    """The check: two rows, and no trend that holds both values."""
    rows = cumulative([one, two]).rows
    plots = [t for row in rows if (t := trend(row)) is not None]
    return len(rows) == 2 and all(len(t.points) == 1 for t in plots) and all(agree(row.every) for row in rows)


@pytest.mark.parametrize("name", TWINS)
def test_they_never_share_a_row_or_a_plot(name: str) -> None:
    assert apart(*TWINS[name])


def test_the_same_test_in_the_same_unit_does_share_one() -> None:
    rows = cumulative([result("Potassium", "5.4", EARLY), result("Potassium", "5.9", LATE)]).rows
    assert len(rows) == 1


@pytest.mark.parametrize("name", TWINS)
def test_sabotage_a_grid_that_looks_at_names_only_is_caught(name: str, monkeypatch) -> None:
    monkeypatch.setattr(grid_module, "_analyte", lambda cell: (cell.name,))
    monkeypatch.setattr(grid_module, "_plain", lambda text: "")
    assert not apart(*TWINS[name])
