"""Fingers scroll lists and sheets; a swipe opens nothing, a tap opens (CLINICAL §8, LOOK §4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScroller
from pytestqt.qtbot import QtBot

from desktop.app import make_application
from desktop.shell.lists import RowList
from desktop.shell.parts import Button
from desktop.shell.tokens import LIGHT, Look
from desktop.shell.touch import Touch
from desktop.ward.hits import PersonRow
from localdb.chart.views import PatientView

DEVICE = QTest.createTouchDevice()


@pytest.fixture
def touch() -> Iterator[Touch]:
    application = make_application()
    made = Touch()
    application.installEventFilter(made)
    yield made
    application.removeEventFilter(made)


@pytest.fixture
def people(qtbot: QtBot, touch: Touch) -> RowList:
    made = RowList(Look(LIGHT), "People")
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show_rows([PersonRow(PatientView(id=str(n)), f"F{n}", "", "", "", "", "") for n in range(200)])
    made.show()
    return made


def touched(widget: object, points: list[QPoint]) -> None:
    """A finger goes down, along the points, and up."""
    for n, point in enumerate([*points, points[-1]]):
        sequence = QTest.touchEvent(widget, DEVICE, False)  # type: ignore[call-overload]
        if n == 0:
            sequence.press(0, point, widget)
        elif n == len(points):
            sequence.release(0, point, widget)
        else:
            sequence.move(0, point, widget)
        sequence.commit()
        QApplication.processEvents()


def swipe(view: object) -> None:
    """So short that the finger never leaves the row on which it came down."""
    touched(view, [QPoint(100, 118 - 3 * n) for n in range(19)])


def swipes_without_opening(qtbot: QtBot, people: RowList) -> None:
    """The check."""
    opened: list[str] = []
    people.opened.connect(lambda row: opened.append(row.patient))
    swipe(people.viewport())
    qtbot.waitUntil(lambda: people.verticalScrollBar().value() > 5)
    scroller = QScroller.scroller(people.viewport())
    qtbot.waitUntil(lambda: scroller.state() == QScroller.State.Inactive, timeout=10_000)
    assert opened == [], "a swipe opened a patient"


def test_a_swipe_scrolls_and_opens_nobody(qtbot: QtBot, people: RowList) -> None:
    swipes_without_opening(qtbot, people)


def test_sabotage_without_letting_go_a_swipe_opens(
    qtbot: QtBot, people: RowList, monkeypatch: pytest.MonkeyPatch, touch: Touch
) -> None:
    monkeypatch.setattr(Touch, "_on_mouse", lambda self, watched, event: False)
    with pytest.raises(AssertionError, match="opened a patient"):
        swipes_without_opening(qtbot, people)


def test_a_tap_opens(qtbot: QtBot, people: RowList) -> None:
    with qtbot.waitSignal(people.opened) as opened:
        touched(people.viewport(), [QPoint(100, 90)])
    assert opened.args is not None
    assert opened.args[0].patient == "1"


def test_a_tap_presses_a_button_and_the_next_one_does_too(qtbot: QtBot, people: RowList, touch: Touch) -> None:
    swipe(people.viewport())
    button = Button(Look(LIGHT), "Sign")
    qtbot.addWidget(button)
    button.show()
    for _ in range(2):
        with qtbot.waitSignal(button.clicked):
            touched(button, [QPoint(20, 20)])


def test_the_mouse_is_as_it_was(qtbot: QtBot, people: RowList) -> None:
    with qtbot.waitSignal(people.opened):
        QTest.mouseClick(people.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, 90))
