"""Esc never loses typed text (CLINICAL §8): in every form, in the search of a scan, and with a scan in the middle."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from desktop.shell.window import MainWindow
from tests.unit.desktop.ward_house import TWINS, FakeHouse
from tests.unit.desktop.window_stage import settle, window_on

KINDS = ("observations", "phoned_result", "note", "request")
Typed = QLineEdit | QTextEdit | QPlainTextEdit


def field_of(window: MainWindow, kind: str) -> Typed:
    """A free field of the form: the first that is empty and takes words or numbers."""
    window.record(kind, TWINS[0].id, None)
    settle(window.context)
    entry: Any = window.body.currentWidget()
    fields = [f for f in entry.form.findChildren(QWidget) if isinstance(f, Typed) and f.isVisible() and f.isEnabled()]
    return next(f for f in fields if not text_of(f) and not f.isReadOnly())


def text_of(field: Typed) -> str:
    return field.text() if isinstance(field, QLineEdit) else field.toPlainText()


@pytest.mark.parametrize("kind", KINDS)
def test_esc_keeps_what_was_typed_in_every_form(kind: str) -> None:
    with window_on(FakeHouse()) as window:
        window.activateWindow()
        field = field_of(window, kind)
        name = field.accessibleName()
        field.setFocus()
        QTest.keyClicks(field, "18")
        QTest.keyClick(field, Qt.Key.Key_Escape)
        settle(window.context)
        assert window.patient == TWINS[0].id
        window.record(kind, TWINS[0].id, None)
        settle(window.context)
        entry: Any = window.body.currentWidget()
        again = [f for f in entry.form.findChildren(QWidget) if isinstance(f, Typed) and f.accessibleName() == name]
        assert any(text_of(f) == "18" for f in again), "what was typed is gone"


def test_a_scan_in_the_middle_of_a_note_takes_nothing_and_adds_nothing() -> None:
    with window_on(FakeHouse()) as window:
        field = field_of(window, "note")
        window.activateWindow()
        QApplication.processEvents()
        field.setFocus()
        QTest.keyClicks(field, "Seen at three, ")
        assert QApplication.focusWidget() is field
        for n, sign in enumerate("H0000001\r"):
            key = Qt.Key.Key_Return if sign == "\r" else Qt.Key.Key_A
            event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, sign)
            event.setTimestamp(50_000 + 4 * n)
            QApplication.sendEvent(QApplication.focusWidget() or field, event)
        settle(window.context)
        assert window.scans.isVisible()
        assert text_of(field) == "Seen at three, "
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
        assert not window.scans.isVisible()
        assert text_of(field) == "Seen at three, "
        assert window.focusWidget() is field, "the hands go on where they were"
