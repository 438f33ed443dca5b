"""A scanner is told from hands by the keyboard's own times; it leaves no trace in a field and presses nothing.
(CLINICAL §8)

Keys are events with time stamps, as a keyboard sends them: nothing sleeps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QShortcut
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from desktop.app import make_application
from desktop.shell.scanner import AGAIN, GAP, SHORTEST, Scanner
from tests.conftest import LONG

CODE = "8018505089899900000183"


class Desk:
    """A window with two fields and a button, the filter, and a keyboard with its own clock."""

    def __init__(self) -> None:
        application = make_application()
        self.window = QWidget()
        column = QVBoxLayout(self.window)
        self.line, self.text, self.button = QLineEdit(), QPlainTextEdit(), QPushButton("Sign")
        for part in (self.line, self.text, self.button):
            column.addWidget(part)
        self.pressed: list[bool] = []
        self.button.clicked.connect(lambda: self.pressed.append(True))
        self.open, self.focus, self.read, self.at = True, self.line, [], 1000
        self.filter = Scanner(lambda: self.open, focus=lambda: self.focus)
        self.filter.scanned.connect(self.read.append)
        application.installEventFilter(self.filter)
        self.window.show()

    def close(self) -> None:
        QApplication.instance().removeEventFilter(self.filter)
        self.window.close()
        self.window.deleteLater()

    def key(self, sign: str, gap: int, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.at += gap
        key = {"\r": Qt.Key.Key_Return, "\t": Qt.Key.Key_Tab, " ": Qt.Key.Key_Space}.get(sign, Qt.Key.Key_A)
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, held, sign)
            event.setTimestamp(self.at)
            QApplication.sendEvent(self.focus, event)

    def scan(self, code: str = CODE, gap: int = 5, end: str = "\r") -> None:
        self.at += 500
        for sign in code:
            self.key(sign, gap)
        self.key(end, gap)

    def type(self, text: str, gap: int = 120) -> None:
        for sign in text:
            self.key(sign, gap)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


@pytest.mark.parametrize("end", ["\r", "\t"])
def test_a_scan_is_read_and_leaves_the_field_as_it_was(desk: Desk, end: str) -> None:
    desk.type("pulse 88")
    desk.line.setCursorPosition(3)
    edited: list[str] = []
    desk.line.textEdited.connect(edited.append)
    desk.scan(end=end)
    assert desk.read == [CODE]
    assert (desk.line.text(), desk.line.cursorPosition()) == ("pulse 88", 3)
    assert edited[-1] == "pulse 88", "who follows the typing is told that it went back"


def test_a_long_text_keeps_its_words_its_place_and_what_was_marked(desk: Desk) -> None:
    desk.focus = desk.text
    desk.text.setPlainText("Seen at three.\nAsleep.")
    cursor = desk.text.textCursor()
    cursor.setPosition(5)
    cursor.setPosition(9, cursor.MoveMode.KeepAnchor)
    desk.text.setTextCursor(cursor)
    desk.scan()
    assert desk.read == [CODE]
    assert desk.text.toPlainText() == "Seen at three.\nAsleep."
    found = desk.text.textCursor()
    assert (found.anchor(), found.position()) == (5, 9)


def test_hands_are_no_scanner_and_nothing_of_theirs_is_lost(desk: Desk) -> None:
    desk.type("9990000018\r", gap=GAP)
    assert desk.read == []
    assert desk.line.text() == "9990000018"


def test_a_burst_without_an_end_is_typed_after_all(desk: Desk) -> None:
    for sign in "swift":
        desk.key(sign, 4)
    desk.filter.let_go()  # what the timer does
    desk.type("er")
    assert (desk.line.text(), desk.read) == ("swifter", [])


def test_a_short_burst_with_an_end_is_typing(desk: Desk) -> None:
    entered: list[bool] = []
    desk.line.returnPressed.connect(lambda: entered.append(True))
    desk.scan("12345")
    assert (desk.line.text(), desk.read, entered) == ("12345", [], [True])
    assert len("12345") == SHORTEST - 1


def test_nothing_is_pressed_and_no_shortcut_runs(desk: Desk) -> None:
    ran: list[bool] = []
    shortcut = QShortcut(Qt.Modifier.CTRL | Qt.Key.Key_BracketRight, desk.window)
    shortcut.activated.connect(lambda: ran.append(True))
    desk.focus = desk.button
    desk.at += 500
    for sign in "80 18 50":
        desk.key(sign, 3)
    desk.at += 3
    for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
        event = QKeyEvent(kind, Qt.Key.Key_BracketRight, Qt.KeyboardModifier.ControlModifier, "")
        event.setTimestamp(desk.at)
        QApplication.sendEvent(desk.button, event)
    desk.key("9", 3)
    desk.key("\r", 3)
    assert desk.read == ["80 18 50\x1d9"], "Ctrl+] is the separator of a code"
    assert (desk.pressed, ran) == ([], [])


def test_the_same_code_within_two_seconds_is_one_scan(desk: Desk) -> None:
    desk.scan()
    desk.scan()
    assert desk.read == [CODE]
    desk.scan("WL1|F02|W0000000000X|")
    assert len(desk.read) == 2
    desk.at += AGAIN
    desk.scan("WL1|F02|W0000000000X|")
    assert len(desk.read) == 3
    assert desk.line.text() == ""


def test_a_second_end_does_not_reach_what_was_opened(desk: Desk) -> None:
    desk.focus = desk.button
    desk.scan()
    desk.key("\r", 2)  # a scanner that sends CR and LF
    assert desk.pressed == []


def test_behind_the_curtain_every_key_passes(desk: Desk) -> None:
    desk.open = False
    desk.scan()
    assert desk.read == []
    assert desk.line.text() == CODE


def test_keys_without_a_time_are_no_scan(desk: Desk) -> None:
    for sign in CODE:
        QApplication.sendEvent(desk.line, QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier(0), sign))
    assert desk.read == []
    assert desk.line.text() == CODE


def test_a_field_that_takes_the_focus_within_the_scan_loses_what_it_got(desk: Desk) -> None:
    """A list that opens a field at the first letter: the letter is the scanner's."""
    desk.focus = desk.button
    desk.at += 500
    desk.key("8", 5)
    desk.line.setText("8")
    desk.focus = desk.line
    for sign in CODE[1:]:
        desk.key(sign, 5)
    desk.key("\r", 5)
    assert desk.read == [CODE]
    assert desk.line.text() == ""


@settings(max_examples=200 if LONG else 20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ab1 |"), st.integers(0, 80)), max_size=24), st.booleans())
def test_whatever_the_rhythm_each_sign_is_typed_once_or_scanned(strokes: list[tuple[str, int]], ends: bool) -> None:
    """The state machine: no sign is lost, doubled or out of order, whatever the gaps."""
    desk = Desk()
    try:
        for sign, gap in strokes:
            desk.key(sign, gap)
        if ends:
            desk.key("\r", 10)
        desk.filter.let_go()
        wanted = "".join(sign for sign, _ in strokes)
        assert desk.line.text() + "".join(desk.read) == wanted
        assert len(desk.read) <= 1
    finally:
        desk.close()


def test_sabotage_without_putting_back_the_code_stays_in_the_field(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scanner, "_put_back", lambda self: None)
    with pytest.raises(AssertionError):
        test_a_scan_is_read_and_leaves_the_field_as_it_was(desk, "\r")
