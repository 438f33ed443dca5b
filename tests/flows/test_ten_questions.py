"""A doctor's ten questions at 3 a.m., each answered in at most three keystrokes or clicks from the ward board (issue 6).

The window is the real one on a vault filled from the demonstration's files; what the right answer is comes from those
files, read by a plain decoder. Only what can be seen without scrolling counts as an answer.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from desktop.demo.hospital import bring_plans
from desktop.patient.picklist import PickList
from desktop.patient.sheet import Pane
from desktop.shell.lists import RowList
from desktop.shell.window import MainWindow
from localdb.house import House
from localdb.records.moments import read_moment
from tests.conftest import ROOT
from tests.made import new_house
from tests.unit.desktop.window_stage import settle, window_on

DEMO = ROOT / "resources" / "demo"
STAR, MOST = "H2047718", 3
CUT = "2026-11-24T02:38:00+00:00"


def sent(source: str) -> list[dict[str, Any]]:
    """Every resource that a source of the demonstration sends."""
    found: list[dict[str, Any]] = []
    for path in sorted((DEMO / source).iterdir()):
        if path.name.startswith("index"):
            continue
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = data.decode()
        if ".ndjson" in path.name:
            found += [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            found += [e["resource"] for e in json.loads(text)["entry"]]
    return found


def of(resources: list[dict[str, Any]], kind: str, patient: str) -> list[dict[str, Any]]:
    key = f"Patient/{patient}"
    return [
        r for r in resources
        if r["resourceType"] == kind and key in (r.get("subject", r.get("patient", {})).get("reference", ""),)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = new_house(tmp_path_factory.mktemp("questions") / "vault")
    made.set_site({"ward": "Ash Ward", "hospital": "Northmoor University Hospital"})
    for source in ("pas", "lims", "eobs", "epma", "ris", "docs", "bank"):
        files = [p for p in sorted((DEMO / source).iterdir()) if not p.name.startswith("index")]
        made.fill(files, source=source, as_of=read_moment(CUT), processes=1)
    bring_plans(made)
    closing, made.close = made.close, lambda: None  # type: ignore[method-assign]  # each window closes what it was given
    yield made
    closing()


class Hand:
    """What a hand does from the board, counted; and what the eyes see then."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.steps = window, 0

    def _after(self) -> None:
        self.steps += 1
        for _ in range(3):
            settle(self.window.context)

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        focus = QApplication.focusWidget() or self.window
        QTest.keyClick(focus, key, modifier)
        self._after()

    def bed(self, name: str) -> None:
        """One press on a bed of the board."""
        board = self.window.places.ward.board
        (row,) = [n for n, r in enumerate(board.view.beds.rows) if r.bed == name]
        rect = board.view.visualRect(board.view.beds.index(row))
        QTest.mouseClick(board.view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
        self._after()

    def press(self, name: str) -> None:
        """One press on the visible button whose words or accessible name begin with `name`."""
        found = [
            b for b in self.window.findChildren(QAbstractButton)
            if b.isVisible() and (b.text().replace("&&", "&").startswith(name) or b.accessibleName().startswith(name))
        ]  # fmt: skip
        assert found, f"no button {name} is in sight"
        found[0].click()
        self._after()

    def choose(self, text: str) -> None:
        """One press on the row of a list in which that stands."""
        for held in self.window.findChildren(RowList):
            if not held.isVisible():
                continue
            for n, row in enumerate(held.held.rows):
                if row.can_open and re.search(text, row.text, re.IGNORECASE):
                    rect = held.visualRect(held.held.index(n))
                    QTest.mouseClick(held.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
                    self._after()
                    return
        for held in self.window.findChildren(PickList):
            if not held.isVisible():
                continue
            for n, line in enumerate(held.lines):
                area = held.area_of(n).toRect()
                if re.search(text, " ".join(map(str, line)), re.IGNORECASE) and held.visibleRegion().contains(
                    area.center()
                ):
                    QTest.mouseClick(held, Qt.MouseButton.LeftButton, pos=area.center())
                    self._after()
                    return
        raise AssertionError(f"no row with {text} is in sight")

    def sees(self) -> str:
        """The words that stand on the screen now, without scrolling."""
        words: list[str] = []
        for widget in self.window.findChildren(QWidget):
            if not widget.isVisible() or widget.visibleRegion().isEmpty():
                continue
            if isinstance(widget, Pane):
                seen = QRectF(widget.visibleRegion().boundingRect())
                words += [block.words for area, block in widget._standing if seen.contains(area.center())]
                continue
            words += [widget.accessibleName(), widget.accessibleDescription()]
            words += [widget.spoken()] if hasattr(widget, "spoken") else []
            words += [str(widget.text())] if hasattr(widget, "text") and not isinstance(widget, QAbstractButton) else []
            if isinstance(widget, RowList):
                words += [r.text for r in widget.held.rows]
        return " ".join(w for w in words if w)


@pytest.fixture
def hand(house: House) -> Iterator[Hand]:
    with window_on(house) as window:  # type: ignore[arg-type]
        assert window.places.now == "ward"
        made = Hand(window)
        yield made
        assert made.steps <= MOST, f"{made.steps} keystrokes or clicks"


def test_the_last_potassium_and_the_one_before(hand: Hand) -> None:
    hand.bed("A1")
    said = hand.sees()
    found = [r for r in of(sent("lims"), "Observation", STAR) if r["code"].get("text") == "Potassium"]
    latest: dict[str, dict[str, Any]] = {}
    for r in found:  # the newest version of each
        if r["id"] not in latest or r["meta"]["versionId"] > latest[r["id"]]["meta"]["versionId"]:
            latest[r["id"]] = r
    values = [str(r["valueQuantity"]["value"]) for r in sorted(latest.values(), key=lambda r: r["effectiveDateTime"])]
    last, before = values[-1], values[-2]
    assert re.search(rf"Potassium, {re.escape(last)} [^.]*\.?[^.]*\.?[^.]*\.?[^.]*before: {re.escape(before)} ", said)


def test_the_allergy_and_who_said_so(hand: Hand) -> None:
    hand.bed("A1")
    hand.press("Details")
    said = hand.sees()
    allergies = of(sent("pas"), "AllergyIntolerance", STAR)
    assert len(allergies) == 3
    for allergy in allergies:
        assert allergy["code"]["text"] in said
    names = {a.get("recorder", a.get("asserter", {})).get("display", "") for a in allergies} - {""}
    assert [n for n in names if n not in said] == [], "who said so"


def test_the_last_gentamicin_dose_and_its_level(hand: Hand) -> None:
    given = [r for r in of(sent("epma"), "MedicationAdministration", STAR) if "entamicin" in json.dumps(r)]
    levels = [r for r in of(sent("lims"), "Observation", STAR) if "entamicin" in r["code"].get("text", "")]
    assert given
    assert levels
    level = max(levels, key=lambda r: r["effectiveDateTime"])
    hand.bed("A1")
    hand.key(Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    hand.press("Stopped")
    said = hand.sees()
    assert "gentamicin" in said.casefold()
    when = max(r["effectiveDateTime"] for r in given)[11:16]
    assert when in said, "when it was given last"
    quantity = level["valueQuantity"]
    shown = f"{quantity.get('comparator', '')}{quantity['value']}"
    assert shown in said, "the level, as sent"


def test_the_pending_ct(hand: Hand) -> None:
    hand.bed("A1")
    hand.press("Results")
    hand.press("Results: In flight")
    said = hand.sees()
    (ct,) = [r for r in of(sent("ris"), "ServiceRequest", STAR) + of(sent("lims"), "ServiceRequest", STAR)
             if r["code"].get("text", "").startswith("CT") and r["status"] == "active"]  # fmt: skip
    assert ct["code"]["text"] in said


def test_group_and_antibodies(hand: Hand) -> None:
    hand.bed("A1")
    hand.press("Results")
    hand.press("Results: Blood bank")
    said = hand.sees()
    for r in of(sent("bank"), "Observation", STAR):
        assert r["valueString"] in said
    assert "HISTORICAL. Not for issue of blood." in said


def test_who_is_in_a_bed(hand: Hand) -> None:
    (row,) = [r for r in hand.window.places.ward.rows if r.bed == "B4"]
    people = {r["id"]: r for r in sent("pas") if r["resourceType"] == "Patient"}
    stays = [r for r in sent("pas") if r["resourceType"] == "Encounter" and '"status": "active"' in json.dumps(r)]
    (held,) = [r for r in stays if any(x["location"]["reference"].lower().endswith("b4") or "B4" in json.dumps(x)
                                       for x in r.get("location", ()))]  # fmt: skip
    who = people[held["subject"]["reference"].split("/")[1]]
    family = next(n for n in who["name"] if n.get("use") == "official")["family"]
    assert row.family == family.upper()


def test_what_changed_since_yesterday(hand: Hand) -> None:
    hand.bed("A1")
    hand.key(Qt.Key.Key_7, Qt.KeyboardModifier.AltModifier)
    said = hand.sees()
    new = [r for r in of(sent("lims"), "Observation", STAR) if r.get("effectiveDateTime", "") >= "2026-11-24T00"]
    assert new
    assert "24-Nov" in said
    assert any(r["code"]["text"] in said or str(r.get("valueQuantity", {}).get("value", "\0")) in said for r in new)


def test_the_letter_from_cardiology(hand: Hand) -> None:
    hand.bed("A1")
    hand.key(Qt.Key.Key_6, Qt.KeyboardModifier.AltModifier)
    (letter,) = [r for r in of(sent("docs"), "DocumentReference", STAR)
                 if r.get("context", {}).get("practiceSetting", {}).get("text") == "Cardiology"
                 and r["type"]["text"] == "Clinic letter" and r["status"] == "current"]  # fmt: skip
    hand.choose("cardiology clinic letter")
    said = hand.sees()
    assert letter["content"][0]["attachment"]["title"] in said
    assert "Permanent atrial fibrillation" in said, "what the letter says"


def test_the_resus_pointer(hand: Hand) -> None:
    hand.bed("A1")
    said = hand.sees()
    flag = next(r for r in of(sent("pas"), "Flag", STAR) if "ReSPECT" in r["code"]["text"])
    assert flag["code"]["text"] in said


def test_the_telephone_number_of_haematology(hand: Hand) -> None:
    table = (DEMO / "plans" / "telephone-directory.md").read_text("utf-8")
    number = re.search(r"\| Haematology \| ([\d ]+) \|", table)
    assert number
    hand.key(Qt.Key.Key_F5)
    said = hand.sees()
    assert "Haematology" in said
    assert number[1] in said
