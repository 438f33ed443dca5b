"""How the screen looks is chosen by key and by button; the printed key card says every key of the window and no other."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.help.content import IMAGE_KEYS, KEYS, keys_markdown
from desktop.help.keycard import key_card
from desktop.shell.tokens import CONTRAST, DARK, DIM, LIGHT, TARGET, THEMES
from desktop.shell.window import MainWindow
from tests.unit.desktop.ward_house import TWINS, FakeHouse
from tests.unit.desktop.window_stage import settle, window_on

Key, Held = Qt.Key, Qt.KeyboardModifier

# Keys that a widget answers itself, with the screen where each is tried below; all others are shortcuts of the window.
OF_WIDGETS = {"Ctrl+Return", "Tab", "Shift+Tab", "Home", "End", "arrows", "Return"}


def on_card() -> set[str]:
    """The single keys of the card, in Qt's spelling."""
    found = set()
    for keys, _ in KEYS:
        parts = keys.split(" to ") if " to " in keys else keys.split(", ")
        if " to " in keys:
            stem, first, last = parts[0][:-1], int(parts[0][-1]), int(parts[1][-1])
            parts = [f"{stem}{n}" for n in range(first, last + 1)]
        found |= {p.replace("Enter", "Return") for p in parts}
    return found


def of_window(window: MainWindow) -> set[str]:
    """Every shortcut that the window and its pages hold."""
    found = {k.toString() for s in window.findChildren(QShortcut) for k in QShortcut.keys(s)}
    return {k.replace("Enter", "Return") for k in found}


def agree(window: MainWindow) -> None:
    """The check: card and window name the same keys."""
    assert of_window(window) - on_card() == set(), "keys of the window that the card lacks"
    assert on_card() - of_window(window) - OF_WIDGETS == set(), "keys of the card that the window lacks"


def test_the_card_says_every_key_of_the_window_and_no_other() -> None:
    with window_on(FakeHouse()) as window:
        window.show_patient(TWINS[0].id)
        settle(window.context)
        for number in range(1, 8):
            window.patient_page.set_section(number)
        for place in window.places.items:
            window.go(place)
        settle(window.context)
        window.show_patient(TWINS[0].id)
        settle(window.context)
        agree(window)


def test_sabotage_a_key_that_the_card_lacks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "KEYS", KEYS[1:])
    with window_on(FakeHouse()) as window, pytest.raises(AssertionError, match="the card lacks"):
        agree(window)


def test_the_card_says_every_key_of_an_image_and_no_other() -> None:
    from PySide6.QtGui import QKeySequence

    from desktop.imaging.picture import _BARE

    said = [key for keys, _ in IMAGE_KEYS for key in keys.split(", ")]
    assert sorted(said) == sorted(QKeySequence(key).toString() for key in _BARE)


def test_the_printed_card_has_every_key_on_two_sides_and_no_serial() -> None:
    pdf = key_card()
    document = pypdfium2.PdfDocument(BytesIO(pdf))
    try:
        assert len(document) == 2
        text = ""
        for number in range(2):
            page = document[number].get_textpage()
            text += " ".join(page.get_text_range().split()) + " "
            page.close()
    finally:
        document.close()
    for key, words in (*KEYS, *IMAGE_KEYS):
        assert key in text
        assert words in text
        assert f"**{key}**" in keys_markdown()
    assert pdf == key_card(), "equal keys give equal bytes"


def test_the_display_is_chosen_by_button_and_by_key() -> None:
    with window_on(FakeHouse()) as window:
        window.activateWindow()
        window.show_help()
        row: Any = window.places.place("help").display  # type: ignore[attr-defined]
        for name, button in row.themes.items():
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            assert window.look.theme is THEMES[name]
            assert [n for n, b in row.themes.items() if b.isChecked()] == [name]
            assert button.height() >= TARGET
        for key, held, theme in (
            (Key.Key_D, Held.ControlModifier, DARK), (Key.Key_H, Held.ControlModifier, CONTRAST),
            (Key.Key_H, Held.ControlModifier, LIGHT), (Key.Key_D, Held.ControlModifier, DARK),
        ):  # fmt: skip
            QTest.keyClick(window.inside, key, held)
            assert window.look.theme is theme
        assert row.themes["dark"].isChecked()
        QTest.mouseClick(row.dim, Qt.MouseButton.LeftButton)
        assert window.look.dimmed
        QTest.keyClick(window.inside, Key.Key_D, Held.ControlModifier | Held.ShiftModifier)
        assert not window.look.dimmed
        assert not row.dim.isChecked()


def painted(window: MainWindow, at: QPoint) -> QColor:
    QApplication.processEvents()
    return window.grab().toImage().pixelColor(at)


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
def test_dim_darkens_every_pixel_by_the_same_part_and_is_in_nobody_s_way(theme: Any) -> None:
    with window_on(FakeHouse()) as window:
        window.look.use(theme)
        spots = [QPoint(700, 600), QPoint(20, 700), QPoint(400, 20), QPoint(1300, 760)]
        before = [painted(window, at) for at in spots]
        window.look.dim(True)
        for at, was in zip(spots, before, strict=True):
            now = painted(window, at)
            for one, other in zip(
                (was.red(), was.green(), was.blue()), (now.red(), now.green(), now.blue()), strict=True
            ):
                assert abs(other - one * (1 - DIM)) <= 2
        item = window.places.items["help"]
        QTest.mouseClick(item, Qt.MouseButton.LeftButton)
        assert window.places.now == "help"
        window.lock()
        after = painted(window, QPoint(700, 20))
        assert after.red() + after.green() + after.blue() < 3 * 0x2B, "the curtain is dimmed too"


def test_a_change_of_theme_shows_no_frame_of_another_colour() -> None:
    """No white flash: into the dark, each frame that is painted is dark."""
    with window_on(FakeHouse()) as window:
        window.look.use(DARK)
        for place in ("ward", "help", "sources", "ward"):
            window.go(place)
            image = window.grab().toImage()  # the very first frame, before any answer
            spots = [image.pixelColor(x, y) for x in range(0, image.width(), 37) for y in range(80, image.height(), 31)]
            bright = [c for c in spots if c.lightness() > 200]
            assert len(bright) < len(spots) * 0.05, f"{place} shows a white frame"
