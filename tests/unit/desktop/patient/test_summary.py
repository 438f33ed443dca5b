"""The summary's heads lead on by mouse and keyboard; what it says of changes, doses in the gap and absence."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.patient.keyed import Stand
from desktop.patient.summary import PLACES, Summary
from localdb.chart.summary import SPANS
from localdb.chart.views import UNAVAILABLE, Chart, Listing
from tests.unit.chart.test_summary import alert
from tests.unit.desktop.patient.builders import chart, full_chart, result
from tests.unit.desktop.patient.stage import stage_of

KEPT: list[object] = []  # a widget that is only garbage may be taken away in the middle of an event


def shown(qtbot: QtBot, held: Chart, width: int = 1206) -> tuple[Summary, list[tuple[str, int, str]]]:
    stage, stand = stage_of(held), Stand()
    opened: list[tuple[str, int, str]] = []
    stage.context.open_section.connect(lambda *place: opened.append(place))
    widget = Summary(stage.context, stand, stand.turn_to(held.patient.id), held)
    qtbot.addWidget(widget)
    KEPT.extend((stage, stand, widget))
    widget.resize(width, 588)
    widget.show()
    return widget, opened


@pytest.mark.parametrize("width", [1206, 977, 795])
def test_every_head_opens_its_section_by_mouse_and_by_key(qtbot: QtBot, width: int) -> None:
    held = full_chart()
    widget, opened = shown(qtbot, held, width)
    assert set(widget.heads) == set(PLACES)
    for title, button in widget.heads.items():
        assert button.accessibleName() and button.height() >= 44
        for press in ("mouse", "key"):
            opened.clear()
            if press == "mouse":
                button.click()
            else:
                qtbot.keyClick(button, Qt.Key.Key_Return)
            assert opened == [(held.patient.id, *PLACES[title])]


def test_each_head_lies_over_its_own_words(qtbot: QtBot) -> None:
    widget, _ = shown(qtbot, full_chart())
    for area, block in widget.pane.standing():
        for title, button in widget.heads.items():
            if getattr(block, "title", "").startswith(title):
                assert button.geometry().contains(area.left() + 4, area.top() + 4)


def test_the_span_of_changes_goes_round_and_says_itself(qtbot: QtBot) -> None:
    widget, _ = shown(qtbot, full_chart())
    seen = []
    for _ in SPANS:
        seen.append(next(s for s in SPANS.values() if f"Changed, {s}" in widget.pane.spoken()))
        widget.spans.click()
    assert seen == list(SPANS.values())
    assert f"Changed, {seen[0]}" in widget.pane.spoken()


def test_absence_of_a_decision_on_resuscitation_is_no_evidence(qtbot: QtBot) -> None:
    widget, _ = shown(qtbot, chart())
    assert "not evidence of absence" in widget.pane.spoken()
    held, _ = shown(qtbot, chart(alerts=(alert("ReSPECT, dated 03-Sep-2026"),)))
    said = held.pane.spoken()
    assert "Record holds: ReSPECT, dated 03-Sep-2026. CHECK THE ORIGINAL" in said
    assert "for CPR" not in said


def test_an_unverified_result_says_so_and_its_comment_stands_with_it(qtbot: QtBot) -> None:
    held = result("CRP", "212", "2026-11-24T01:10", loinc="1988-5", status="R", comments=("Haemolysed",))
    said = shown(qtbot, chart(results=(held,)))[0].pane.spoken()
    assert "unverified" in said.casefold() and "Haemolysed" in said


def test_what_is_not_here_is_said_in_words(qtbot: QtBot) -> None:
    names = ("problems", "medicines", "results", "requests", "reports", "observations")
    held = chart(**{n: Listing(UNAVAILABLE) for n in names})
    said = shown(qtbot, held)[0].pane.spoken().casefold()
    assert said.count("not in this copy") >= len(names)
    assert "nothing in this copy was waiting" not in said
