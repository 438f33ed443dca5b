"""The in-flight pane: every line with its facts, closed by key or press, undone, and nobody else's (H02, H09)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.patient.flight import Flight
from desktop.patient.flightrows import RESTRICTED, FlightRow, HeadRow, flight_row
from desktop.patient.keyed import Stand, WrongPatient
from desktop.shell.tokens import TARGET
from desktop.shell.type import width
from localdb.chart.in_flight import Line
from localdb.chart.views import NOT_RECORDED, UNAVAILABLE, Listing
from localdb.records.moments import read_moment
from localdb.records.vocabulary import Request
from tests.unit.desktop.patient.builders import chart, patient_view
from tests.unit.desktop.patient.stage import NOW, Stage, stage_of


def asked(n: int, text: str, *comments: str, **more: Any) -> Request:
    facts: dict[str, Any] = {
        "id": f"R{n:013d}", "patient": "P0000000000001", "source": "lims", "source_id": f"q{n}", "status": "active",
        "text": text, "comments": comments, "asked": read_moment("2026-11-23T17:55:00+00:00"), "priority": "urgent",
        "numbers": (f"L2047718{n}",), "author": "Dr E. Coulson",
    }  # fmt: skip
    return Request(**(facts | more))


CHART = chart(requests=(asked(1, "Blood cultures, 2 sets", "in laboratory"), asked(2, "U&E repeat", "not collected")))


@pytest.fixture
def shown(qtbot: Any) -> tuple[Stage, Stand, Flight]:
    stage, stand = stage_of(CHART), Stand()
    key = stand.turn_to(CHART.patient.id)
    pane = Flight(stage.context, stand, key, CHART)
    qtbot.addWidget(pane)
    pane.resize(1000, 600)
    pane.show()
    stage.held.append(pane)
    return stage, stand, pane


def lines(pane: Flight) -> list[FlightRow]:
    return [r for r in pane.list.held.rows if isinstance(r, FlightRow)]


def test_each_line_says_what_was_sent_and_how_far_it_had_come(shown: tuple[Stage, Stand, Flight]) -> None:
    _, _, pane = shown
    heads = [r.title for r in pane.list.held.rows if isinstance(r, HeadRow)]
    assert heads == ["Ordered, not collected", "In the laboratory or department"]
    said = lines(pane)[1].text
    for part in (
        "Blood cultures, 2 sets",
        "URGENT",
        "L20477181",
        "Dr E. Coulson",
        "23-Nov 17:55",
        "in laboratory",
        "9hr",
    ):
        assert part in said
    assert pane.balance.text() == "In flight at the cut: 2. Closed: 0. Open: 2."


def test_closing_by_keys_writes_an_entry_and_undo_corrects_it(shown: tuple[Stage, Stand, Flight], qtbot: Any) -> None:
    stage, _, pane = shown
    pane.list.setFocus()
    qtbot.keyClick(pane.list, Qt.Key.Key_Return)
    assert pane.box.isVisible()
    pane.box.note.set_text("ward 4 took it")
    qtbot.keyClick(pane.box.ends["cancelled"], Qt.Key.Key_Return)
    ((kind, person, body, corrects),) = stage.house.entered
    assert (kind, person, corrects) == ("closure", CHART.patient.id, None)
    assert (body["requests"], body["outcome"], body["note"]) == (["R0000000000002"], "cancelled", "ward 4 took it")
    assert not pane.box.isVisible()


def test_escape_leaves_the_line_as_it_is(shown: tuple[Stage, Stand, Flight], qtbot: Any) -> None:
    stage, _, pane = shown
    pane.list.open_chosen()
    qtbot.keyClick(pane.box, Qt.Key.Key_Escape)
    assert not pane.box.isVisible()
    assert stage.house.entered == []


def test_every_control_is_large_enough_and_named(shown: tuple[Stage, Stand, Flight]) -> None:
    _, _, pane = shown
    pane.list.open_chosen()
    for button in (*pane.box.ends.values(), pane.box.away):
        assert button.height() >= TARGET
        assert button.accessibleName()
    assert pane.box.note.box.height() >= TARGET
    assert pane.box.note.box.accessibleName()


def test_another_patient_sees_nothing_of_it(shown: tuple[Stage, Stand, Flight]) -> None:
    stage, stand, pane = shown
    stand.turn_to("P0000000000009")
    assert not pane.isVisible()
    assert pane.list.held.rows == ()
    assert pane.balance.text() == ""
    pane.retime()
    assert pane.list.held.rows == ()
    with pytest.raises(WrongPatient):
        Flight(stage.context, stand, stand.key, CHART)


@pytest.mark.parametrize("room", [500, 700, 807, 1200])
def test_no_word_is_wider_than_its_place(qtbot: Any, room: int) -> None:
    name = msgspec.structs.replace(patient_view().name, family="Featherstonehaugh-Cholmondeley", given=("Marigoldine",))
    view = msgspec.structs.replace(patient_view(), name=name)
    test = "Reference laboratory antibodies against glutamic acid decarboxylase " * 3
    line = Line(ids=("R1",), state="laboratory", test=test.strip(), numbers=("L1",), requester="Dr " + "X" * 60)
    row = flight_row(line, view, NOW, room, ward=True)
    held = QWidget()
    qtbot.addWidget(held)
    assert all(width(w, "body", 700) <= room * 0.32 for w in row.who)
    assert all(width(w, "value", 500) <= room * 0.68 - 92 for w in row.test)
    assert all(width(w, "label") <= room * 0.68 - 92 for w in row.facts)
    assert " ".join(row.test) == line.test


def test_a_restricted_request_is_not_named_on_a_ward_list_and_is_on_the_patients_own() -> None:
    line = Line(ids=("R1",), state="laboratory", test="HIV viral load", numbers=("L1",), restricted=True, reason="HIV")
    assert "HIV" not in flight_row(line, patient_view(), NOW, 900, ward=True).text
    assert RESTRICTED in flight_row(line, patient_view(), NOW, 900, ward=True).text
    assert "HIV viral load" in flight_row(line, patient_view(), NOW, 900).text


@pytest.mark.parametrize("state", [UNAVAILABLE, NOT_RECORDED])
def test_an_empty_list_says_why(qtbot: Any, state: str) -> None:
    held = chart()
    empty = msgspec.structs.replace(held, lists={**held.lists, "requests": Listing(state)})
    stage, stand = stage_of(empty), Stand()
    pane = Flight(stage.context, stand, stand.turn_to(empty.patient.id), empty)
    qtbot.addWidget(pane)
    said = pane.words.text()
    assert ("not in this copy" in said) == (state == UNAVAILABLE)
    assert ("not proof" in said) == (state == NOT_RECORDED)
