"""Restoration on screen, by keys alone: three sides of an entry, a decision, and what the ledger then holds (look/11)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.app import dress, make_application
from desktop.restore.page import RestorePlace
from desktop.shell.context import Context
from desktop.shell.tokens import LIGHT, Look
from desktop.shell.window import MainWindow
from localdb.house import House
from localdb.restore.beside import Beside, resembling
from tests.flows.restoration.ward import NHS, Ward
from tests.made import new_house, nhs_number, person, result, stay, ward, write
from tests.servers.fhir_simulator import simulator
from tests.unit.desktop.window_stage import settle

PHONED = {"collected": "2026-11-24T02:30:00+00:00", "test": "Potassium", "value": "6.0", "unit": "mmol/L",
          "caller": {"name": "K. Lim", "role": "BMS", "ext": "4410"}, "read_back": True}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    people = [person(1), person(22)]
    copied = result("k1", "p1", "5.4")
    files = [write(tmp_path / "pas.json", [*ward(), *people, stay("p1", 1), stay("p22", 2), copied])]
    made.fill(files, source="lims", processes=1)
    made.enter("phoned_result", nhs_number(1), PHONED)
    made.enter("note", nhs_number(22), {"happened": "2026-11-24T02:40:00+00:00", "text": "Seen, comfortable."})
    yield made
    made.close()


@pytest.fixture
def window(house: House) -> Iterator[MainWindow]:
    application = make_application()
    look = Look(LIGHT)
    dress(application, look)
    context = Context(house, look)
    made = MainWindow(context, ("Tess Tester",))
    made.shut_down.connect(context.close)
    made.resize(1366, 768)
    made.start()
    made.show()
    settle(context)
    yield made
    made.close()
    made.deleteLater()


def live(n: int) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": f"live-{n}", "identifier": [{"system": NHS, "value": nhs_number(n)}]}


def laboratory(value: str) -> dict[str, Any]:
    """The laboratory's own result, arrived since: it is the same test and time, and another value."""
    said = result("own", "live-1", value, effectiveDateTime="2026-11-24T02:30:00+00:00",
                  performer=[{"display": "Biochemistry"}])  # fmt: skip
    return said | {"subject": {"reference": "Patient/live-1"}}


def place_of(window: MainWindow) -> RestorePlace:
    window.go("restore")
    settle(window.context)
    found = window.places.place("restore")
    assert isinstance(found, RestorePlace)
    return found


def test_three_sides_stand_beside_each_other_and_a_person_decides_by_keys(window: MainWindow, house: House) -> None:
    with simulator() as hospital:
        hospital.admit(live(1))  # the other patient is not known there: that entry needs a person
        hospital.store.put(laboratory("6.1"), "own")
        place = place_of(window)
        assert "press Compare to ask" in place.pane.spoken()
        QTest.keyClicks(place.url.box, hospital.base)
        writes = hospital.writes
        place.compare.setFocus()
        QTest.keyClick(place.compare, Qt.Key.Key_Space)
        settle(window.context)
        assert hospital.writes == writes, "comparing changed something"

        said = place.pane.spoken()
        assert "Copy at the cut" in said and "Says 5.4 mmol/L" in said
        assert "Ward wrote" in said and "6.0 mmol/L" in said and "K. Lim, BMS, ext. 4410" in said
        assert "There now" in said and "6.1 mmol/L" in said and "Biochemistry" in said
        assert "Value differs" in said
        assert nhs_number(1)[:3] in said, "whose it is stands in the pane"
        assert not any(b.isEnabled() for b in place.decisions.values()), "nothing was refused yet: no decision"

        place.send.setFocus()
        QTest.keyClick(place.send, Qt.Key.Key_Space)
        settle(window.context)
        states = {r.kind: r.state for r in place.list.held.rows}
        assert states == {"result by phone": "confirmed", "note": "needs_person"}
        assert "Sent from here" in place.pane.spoken()

        place.list.setFocus()
        QTest.keyClick(place.list, Qt.Key.Key_Down)
        settle(window.context)
        assert "holds no patient with this NHS number" in place.pane.spoken()
        QTest.keyClick(place.list, Qt.Key.Key_Return)
        there = place.decisions["already_there"]
        assert there.hasFocus() or window.focusWidget() is there
        QTest.keyClick(there, Qt.Key.Key_Space)
        settle(window.context)
    states = {r.kind: r.state for r in place.list.held.rows}
    assert states == {"result by phone": "confirmed", "note": "confirmed"}
    kept = [d.decision for d in house.journal.ledger.deliveries().values() if d.decision]
    assert kept == ["already_there"]
    assert window.restoring == (2, 2)


def test_a_hospital_that_cannot_be_asked_is_said_in_words_and_changes_nothing(window: MainWindow, house: House) -> None:
    place = place_of(window)
    place.url.set_text("ftp://no-address")
    place._compared = True
    place._ask_live(place.list.chosen_row().id)
    settle(window.context)
    said = place.pane.spoken()
    assert "could not be read" in said and "not known" in said
    assert {r.state for r in place.list.held.rows} == {"kept"}


def test_only_what_is_alike_in_name_and_time_stands_beside_an_entry() -> None:
    entry = Ward().phoned()  # potassium, collected 01:50
    near = result("a", "x", "6.1", effectiveDateTime="2026-11-24T01:55:00+00:00")
    late = result("b", "x", "4.4", effectiveDateTime="2026-11-25T20:00:00+00:00")
    other = near | {"id": "c", "code": {"text": "Sodium"}}
    ours = late | {"id": "d", "identifier": [{"system": "urn:wardlamp:entry", "value": f"{entry.id}#1"}]}
    exact = near | {"id": "e", "valueQuantity": {"value": msgspec.Raw(b"6.10"), "unit": "mmol/L"}}
    found = resembling(entry, [late, other, near, exact, ours])
    assert [s.ref for s in found] == ["Observation/d", "Observation/a", "Observation/e"]
    assert found[0].is_ours
    assert found[2].said == "6.10 mmol/L", "to the letter"
    assert Beside().held == ()
