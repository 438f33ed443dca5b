"""Everything that a nurse does at night, by keys alone, in a real window with a window manager (LOOK §7, issue item 8).

Keys go to whatever has the focus, as a keyboard sends them: nothing is clicked, nothing is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from desktop.app import App, dress, make_application
from desktop.screens import settle
from desktop.shell.tokens import LIGHT, Look
from tests.conftest import Clock
from tests.made import NOW, SECRET, new_house, person, result, stay, ward, write

pytestmark = pytest.mark.xvfb
Key, Held = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    house = new_house(tmp_path / "vault")
    people = [person(n, name=[{"use": "official", "family": f, "given": [g]}])
              for n, f, g in ((1, "Okonkwo", "Ifeoma"), (22, "Patel", "Harshad"))]  # fmt: skip
    house.set_site({"hospital": "Northmoor", "ward": "Ash Ward"})
    facts = [*ward(), *people, stay("p1", 1), stay("p22", 2), result("k1", "p1", "5.4"), result("k2", "p1", "5.9",
             effectiveDateTime="2026-11-24T01:10:00+00:00")]  # fmt: skip
    house.fill([write(tmp_path / "pas.json", facts)], source="pas", processes=1)
    house.close()
    application = make_application()
    made = App(tmp_path / "vault", clock=Clock(NOW), look=Look(LIGHT), size=QSize(1366, 700))
    dress(application, made.look)
    made.show_gate()
    yield made
    if made.window is not None:
        made.window.close()
    else:
        made.close()


class Keyboard:
    """What hands can do: keys to the widget that has the focus."""

    def __init__(self, app: App) -> None:
        self.app = app

    @property
    def focus(self) -> QWidget:
        found = QApplication.focusWidget()
        assert found is not None, "nothing has the focus: a person at the keys is lost"
        return found

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = Held.NoModifier) -> None:
        QTest.keyClick(self.focus, key, held)
        settle(self.app)

    def write(self, text: str) -> None:
        QTest.keyClicks(self.focus, text)
        settle(self.app)

    def tab_to(self, wanted: Callable[[QWidget], bool], most: int = 80) -> None:
        """Tab until what is wanted has the focus; every stop on the way must be visible and have a name."""
        for _ in range(most):
            if wanted(self.focus):
                return
            self.press(Key.Key_Tab)
            assert self.focus.isVisible(), "the focus went to something that is hidden"
            assert self.focus.accessibleName(), f"{type(self.focus).__name__} has the focus and no name"
        raise AssertionError("Tab does not lead there")


def named(text: str) -> Callable[[QWidget], bool]:
    return lambda widget: widget.accessibleName().startswith(text)


def is_field(widget: QWidget) -> bool:
    return isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit) and "Find" not in widget.accessibleName()


def active(app: App) -> Keyboard:
    """The hands, once the window manager has given the window the keyboard."""
    shown = app.window or app.gate
    assert shown is not None
    assert QTest.qWaitForWindowActive(shown, 5000)
    return Keyboard(app)


def unlocked(app: App) -> Keyboard:
    keys = active(app)
    assert keys.focus.accessibleName() == "Passphrase", "one person alone can open it: the name stands there already"
    keys.tab_to(named("Name"))  # somebody else may want to come in
    keys.tab_to(named("Passphrase"))
    keys.write(SECRET.decode())
    keys.press(Key.Key_Return)
    settle(app, lambda: app.window is not None)
    return active(app)


def shown_patient(app: App) -> str:
    assert app.window is not None
    frame = app.window.patient_page.frame
    return "" if frame is None or not frame.isVisible() else frame.chart.patient.name.family


def test_a_night_by_keys_alone(app: App, tmp_path: Path) -> None:
    keys = unlocked(app)
    window = app.window
    assert window is not None
    _open_from_board_and_search(app, keys)
    _write_a_note(app, keys)
    _half_a_note_is_kept(app, keys)
    _save_a_summary(app, keys, tmp_path / "summary.pdf")
    for key, place in (
        (Key.Key_F6, "waiting"),
        (Key.Key_F5, "plans"),
        (Key.Key_F4, "sources"),
        (Key.Key_F1, "help"),
        (Key.Key_F3, "ward"),
    ):
        keys.press(key)
        assert window.places.now == place
    keys.press(Key.Key_F12)
    assert not window.inside.isVisible()
    keys.write(SECRET.decode())
    keys.press(Key.Key_Return)
    settle(app, lambda: not window.curtain.isVisible())
    assert window.inside.isVisible()
    assert window.places.now == "ward"
    entries = app.house.journal.entries(None)  # type: ignore[union-attr]
    assert [(e.kind, e.body["text"]) for e in entries] == [("note", "Seen at three.")]


def _open_from_board_and_search(app: App, keys: Keyboard) -> None:
    window = app.window
    assert window is not None
    keys.press(Key.Key_Return)  # the first bed
    assert shown_patient(app) == "Okonkwo"
    keys.press(Key.Key_F7)
    assert shown_patient(app) == "Patel"
    keys.press(Key.Key_F2)
    keys.write("okon")
    keys.press(Key.Key_Return)
    assert shown_patient(app) == "Okonkwo"
    for number in (2, 3, 7, 1):
        keys.press(Qt.Key(Key.Key_0 + number), Held.AltModifier)
        assert window.patient_page.section == number
    keys.press(Key.Key_2, Held.AltModifier)
    view = window.patient_page.frame.shown.shown.view
    before = view.accessibleDescription()
    keys.press(Key.Key_Left)
    assert "5.4" in view.accessibleDescription() != before, "the arrows move in the grid at once"


def _to_note(app: App, keys: Keyboard) -> None:
    keys.press(Key.Key_F8)
    keys.tab_to(named("Note"))
    keys.press(Key.Key_Return)
    keys.tab_to(lambda w: isinstance(w, QTextEdit | QPlainTextEdit))


def _write_a_note(app: App, keys: Keyboard) -> None:
    _to_note(app, keys)
    keys.write("Seen at three.")
    keys.press(Key.Key_Return, Held.ControlModifier)
    assert shown_patient(app) == "Okonkwo", "saving leads back to the patient"
    assert app.window is not None
    assert app.window.status.notice is not None
    assert "T01-" in app.window.status.notice.text


def _half_a_note_is_kept(app: App, keys: Keyboard) -> None:
    _to_note(app, keys)
    keys.write("half a sen")
    keys.press(Key.Key_Escape)
    assert shown_patient(app) == "Okonkwo"
    _to_note(app, keys)
    field = keys.focus
    assert isinstance(field, QTextEdit | QPlainTextEdit)
    assert field.toPlainText() == "half a sen", "Esc keeps what was typed"
    keys.press(Key.Key_A, Held.ControlModifier)
    keys.press(Key.Key_Delete)
    keys.press(Key.Key_Escape)


def _save_a_summary(app: App, keys: Keyboard, path: Path) -> None:
    keys.press(Key.Key_F9)
    place: Any = app.window.places.place("print")  # type: ignore[union-attr]
    settle(app, lambda: bool(place.paper.keep.isEnabled()))
    keys.tab_to(named("Keep as a file"))
    keys.press(Key.Key_Space)
    keys.tab_to(named("Plain PDF"))
    keys.press(Key.Key_Space)
    keys.tab_to(named("File,"))
    keys.write(str(path))
    keys.tab_to(named("Write the file"))
    keys.press(Key.Key_Space)
    settle(app, path.exists)
    assert path.read_bytes().startswith(b"%PDF")


def test_tab_comes_round_in_every_place_and_never_gets_lost(app: App) -> None:
    keys = unlocked(app)
    for key in (Key.Key_F3, Key.Key_F6, Key.Key_F4, Key.Key_F1, Key.Key_F8, Key.Key_F9):
        keys.press(key)
        first, seen = keys.focus, 0
        while seen < 120:
            keys.press(Key.Key_Tab)
            seen += 1
            assert keys.focus.isVisible()
            assert keys.focus.accessibleName(), type(keys.focus).__name__
            if keys.focus is first:
                break
        assert keys.focus is first, f"{seen} presses of Tab do not come round"
        assert seen > 3
