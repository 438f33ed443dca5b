"""H16 A blood group of the copy is used: the caption stands in every render, contradicting groups are shown nowhere.

Two laboratories send two groups for one person, through the stores to every screen and sheet that could name one. The
sabotage takes the guard away: the same check must find the groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PySide6.QtWidgets import QWidget

from desktop.forms.catalogue import render_pack
from desktop.patient.bank import Bank
from desktop.patient.frame import PatientFrame
from desktop.patient.gridview import GridView
from desktop.patient.keyed import Stand
from desktop.printing.issuing import model_of, wanted
from localdb.chart import living
from localdb.chart.blood_bank import CAPTION, DISCREPANCY
from localdb.chart.grid import cumulative
from localdb.chart.views import Chart
from localdb.codes import downtime_set
from localdb.house import House
from tests.flows.every_pane.walking import every_tab
from tests.made import new_house, nhs_number, person, result, stay, ward, write
from tests.unit.desktop.patient.stage import stage_of

ONE, OTHER = "AB Rh(D) positive", "B Rh(D) negative"
NHS = nhs_number(1)


def group(number: str, value: str) -> dict[str, Any]:
    code = {"coding": [{"system": "http://loinc.org", "code": "882-1"}], "text": "ABO and Rh group"}
    made = result(number, "p1", "0", code=code, valueString=value)
    del made["valueQuantity"]
    return made


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    yield made
    made.close()


def fill(house: House, folder: Path, *values: str) -> None:
    """Each value from a laboratory of its own."""
    base = [*ward(), person(1), stay("p1", 1), result("k1", "p1", "4.4")]
    house.fill([write(folder / "0.json", base)], source="pas")
    for n, value in enumerate(values):
        house.fill([write(folder / f"{n + 1}.json", [person(1), group(f"g{n}", value)])], source=f"lims{n}")


def chart_of(house: House) -> Chart:
    reading = house.reading()
    try:
        return reading.chart(NHS)
    finally:
        reading.close()


def words(widget: QWidget) -> str:
    shown = [widget, *widget.findChildren(QWidget)]
    return " ".join(
        [*(f"{w.accessibleName()} {w.accessibleDescription()}" for w in shown),
         *(w.spoken() for w in shown if hasattr(w, "spoken"))]
    )  # fmt: skip


def screens(chart: Chart, qtbot: Any) -> dict[str, str]:
    """What each tab of the patient's record says."""
    stage, stand = stage_of(chart), Stand()
    frame = PatientFrame(stage.context, stand, stand.turn_to(chart.patient.id), chart)
    qtbot.addWidget(frame)
    stage.held.append(frame)
    frame.resize(1366, 660)
    frame.show()
    said = {}
    for number, code in every_tab(frame):
        shown = frame.shown
        assert shown is not None
        said[f"{number} {code}"] = words(shown)
        for grid in shown.findChildren(GridView):
            said[f"{number} {code}"] += " ".join(c.text for row in grid.grid.rows for c in row.every)
    return said


def paper(house: House) -> str:
    """The text of the patient's summary on paper."""
    (want,) = wanted(house, "F02", patient=NHS, ward=None, blank=0, copies=1)
    document = pypdfium2.PdfDocument(render_pack([("F02", model_of(house, want, "W7K3F0200001A"))]).pdf)
    try:
        return " ".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def seen(house: House, qtbot: Any) -> dict[str, str]:
    """Everything that is said of the person, by where it is said."""
    chart = chart_of(house)
    grid = cumulative(chart.lists["results"].items, downtime_set())
    return {
        **screens(chart, qtbot),
        "grid": " ".join(c.text for row in grid.rows for c in row.every),
        "F02": " ".join(paper(house).split()),
    }


def test_contradicting_groups_are_shown_nowhere_and_said(house: House, tmp_path: Path, qtbot: Any) -> None:
    fill(house, tmp_path, ONE, OTHER)
    said = seen(house, qtbot)
    assert [place for place, text in said.items() if ONE in text or OTHER in text] == []
    assert DISCREPANCY in said["2 bank"]
    assert DISCREPANCY in said["F02"]


def test_sabotage_without_the_guard_the_groups_are_seen(
    house: House, tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(living, "guarded", lambda records, all_of=None: tuple(records))
    fill(house, tmp_path, ONE, OTHER)
    said = seen(house, qtbot)
    assert [place for place, text in said.items() if ONE in text or OTHER in text] != []


def test_the_caption_stands_wherever_a_group_is_shown(house: House, tmp_path: Path, qtbot: Any) -> None:
    fill(house, tmp_path, ONE, ONE)
    said = seen(house, qtbot)
    assert ONE in said["2 bank"]
    shown = {place: text.upper() for place, text in said.items() if ONE in text and place != "grid"}
    assert [place for place, text in shown.items() if "HISTORICAL" not in text] == []
    assert CAPTION in said["2 bank"]
    panel = next(p.title for p in cumulative(chart_of(house).lists["results"].items, downtime_set()).panels
                 if any(ONE in c.text for r in p.rows for c in r.every))  # fmt: skip
    assert "HISTORICAL" in panel


def test_sabotage_a_card_without_its_caption_is_caught(
    house: House, tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop.patient.bank.CAPTION", "Blood group")
    fill(house, tmp_path, ONE)
    stage, stand, chart = stage_of(chart_of(house)), Stand(), chart_of(house)
    bank = Bank(stage.context, stand, stand.turn_to(chart.patient.id), chart)
    qtbot.addWidget(bank)
    bank.resize(1200, 560)
    bank.show()
    assert CAPTION not in bank.pane.spoken()
