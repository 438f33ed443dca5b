"""The controls over a picture: what the hand does in it (scroll, window, zoom, move, measure), and the buttons of that.

Everything that can be done by a drag is here as a button or on a key too (CLINICAL §8). One row holds what the hand does
and what turns the picture; the row below it belongs to the former.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtGui import QDoubleValidator, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from desktop.shell.flow import Flow, FlowRow
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import TARGET, Look
from desktop.shell.type import SEMIBOLD, font

SCROLL, WINDOW, ZOOM, MOVE, MEASURE, MORE, PRESETS = "scroll", "window", "zoom", "move", "measure", "more", "presets"


class Act(NamedTuple):
    """One button: code, words, what a screen reader says, icon, key shown behind it."""

    code: str
    words: str
    name: str = ""
    icon: str | None = None
    hint: str = ""


HANDS = (
    Act(SCROLL, "Scroll", "Scroll through the images", "stack"),
    Act(WINDOW, "Window", "Window: brightness and contrast", "window level"),
    Act(ZOOM, "Zoom", "Zoom", "zoom"),
    Act(MOVE, "Move", "Move the image", "move"),
    Act("invert", "Invert", "Invert black and white", "invert"),
    Act("rotate", "Rotate", "Rotate a quarter turn clockwise", "rotate"),
    Act("flip", "Flip", "Flip left and right", "flip"),
    Act(MEASURE, "Measure", "Measure: approximate, not for planning", "measure"),
)
MODES = (SCROLL, WINDOW, ZOOM, MOVE, MEASURE)
ALWAYS = (Act("two_up", "Two up", "Put the prior beside it"), Act(MORE, "More", "More: layers, cine, full width"),
          Act("wide", "Full width", "Images over the whole width, without the report"),
          Act("reset", "Reset", "Reset the image", None, "0"))  # fmt: skip
ROWS: dict[str, tuple[Act, ...]] = {
    SCROLL: (
        Act("first", "First", "First image"), Act("previous", "Previous", "Previous image"),
        Act("next", "Next", "Next image"), Act("last", "Last", "Last image"),
        Act("series", "Next series", "Next series"), Act("gap", "Next gap", "Go to the next place with missing slices"),
    ),
    WINDOW: (
        Act("stored", "Stored", "Window as stored in the image"), Act("auto", "Auto", "Window by the image's own values"),
        Act("fields", ""), Act(PRESETS, "Presets", "Presets of window and level"),
    ),
    ZOOM: (
        Act("smaller", "−", "Smaller"), Act("larger", "+", "Larger"), Act("fit", "Fit", "Fit the image into its place"),
        Act("full", "1 : 1", "One pixel of the image on one of the screen"),
        Act("magnify", "Magnifier", "Magnifier under the pointer or the cross-hair"),
        Act("words", "Words", "Show or hide the words in the corners; warnings stay"),
    ),
    MOVE: (
        Act("left", "←", "Move left"), Act("right", "→", "Move right"), Act("up", "↑", "Move up"),
        Act("down", "↓", "Move down"), Act("centre", "Centre", "Put the middle of the image in the middle"),
    ),
    MEASURE: (
        Act("length", "Length", "Measure a length: two points"), Act("angle", "Angle", "Measure an angle: three points"),
        Act("area", "Area", "Values in an ellipse: two corners"),
        Act("point", "Set point", "Set a point at the cross-hair"), Act("clear", "Clear", "Take all measures away"),
    ),
    PRESETS: (Act("back", "Back", "Back from the presets"),),
    MORE: (
        Act("overlays", "Overlays", "Show or hide overlays"),
        Act("shutter", "Shutter", "Show or hide what the shutter covers"),
        Act("cine", "Play", "Play or stop the images as a film"), Act("slower", "Slower", "Play slower"),
        Act("faster", "Faster", "Play faster"), Act("linked", "Linked", "Scroll both sides together"),
        Act("other", "Another one", "Put another examination beside it"),
        Act("steps", "Screen check", "Show the grey-step test pattern"),
        Act("print", "Print image", "Print this image as it is shown, with its label", "print"),
    ),
}  # fmt: skip


class NumberBox(QLineEdit):
    """A number with its letter; Enter sets both boxes."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFont(font("body"))
        self.setFixedSize(76, TARGET)
        made = QDoubleValidator(self)
        made.setNotation(QDoubleValidator.Notation.StandardNotation)
        made.setLocale(self.locale().c())
        self.setValidator(made)


class WindowFields(QWidget):
    """Width and level as numbers. `set_` carries both."""

    set_ = Signal(float, float)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.width_box, self.level_box = NumberBox("Window width"), NumberBox("Window level")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(6)
        for word, box in (("W", self.width_box), ("L", self.level_box)):
            row.addWidget(Text(look, word, "body", weight=SEMIBOLD))
            row.addWidget(box)
            box.returnPressed.connect(self._on_set)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def tell(self, width: str, level: str) -> None:
        """What is shown now; a box that is being typed in is left alone."""
        for box, text in ((self.width_box, width), (self.level_box, level)):
            if not box.hasFocus():
                box.setText(text)

    def _on_set(self) -> None:
        try:
            width, level = float(self.width_box.text()), float(self.level_box.text())
        except ValueError:
            return
        self.set_.emit(width, level)


class Tools(QWidget):
    """`acted` carries the code of a button; `preset` the number of one; `fields.set_` the typed window."""

    acted = Signal(str)
    preset = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self.mode, self.row = look, WINDOW, WINDOW
        self.is_low = False  # little height: the second row is shown only when it is asked for
        self._is_open, self._hidden = False, frozenset[str]()
        self.buttons: dict[str, Button] = {}
        self.fields = WindowFields(look)
        self._hands, self._below = Flow(gap=6), Flow(gap=6)
        self._hand_row, self._below_row = FlowRow(self._hands), FlowRow(self._below)
        for act in HANDS:
            self._hands.addWidget(self._button(act))
        for code, row in ROWS.items():
            for act in row:
                made = self.fields if act.code == "fields" else self._button(act)
                made.setProperty("row", code)
                made.setProperty("act", act.code)
                self._below.addWidget(made)
        self._presets: list[Button] = []
        for act in ALWAYS:
            self._below.addWidget(self._button(act))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(6)
        column.addWidget(self._hand_row)
        column.addWidget(self._below_row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.show_row(WINDOW)

    def _button(self, act: Act) -> Button:
        made = Button(self._look, act.words, "normal", icon=act.icon, hint=act.hint, name=act.name or act.words)
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # may be as narrow as its words
        made.setProperty("act", act.code)
        made.setProperty("icon", act.icon)
        made.clicked.connect(self._on_clicked)
        self.buttons[act.code] = made
        return made

    def _on_clicked(self) -> None:
        code = str(self.sender().property("act"))
        if self.is_low and code == self.row and self._is_open:
            self._is_open = False
            self.show_row(self.row)
            return
        self._is_open = True
        self.acted.emit(code)

    def offer_presets(self, names: Sequence[str], whose: str) -> None:
        """Buttons of the presets; none hides their place."""
        for old in self._presets:
            self._below.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._presets = []
        for n, name in enumerate(names):
            made = Button(self._look, name, "normal", name=f"Preset {name}, {whose}")
            made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            made.setProperty("row", PRESETS)
            made.setProperty("number", n)
            made.clicked.connect(self._on_preset)
            self._below.addWidget(made)
            self._presets.append(made)
        self.show_row(self.row)

    def _on_preset(self) -> None:
        self.preset.emit(int(self.sender().property("number")))

    def leave_out(self, codes: Iterable[str]) -> None:
        """Controls that have no use here: scrolling of one image, presets of an X-ray."""
        hidden = frozenset(codes)
        if hidden != self._hidden:  # asked at each slice
            self._hidden = hidden
            self.show_row(self.row)

    def show_row(self, row: str) -> None:
        """The second row of that mode, of the presets, or of what is seldom needed."""
        self.row = row
        for n in range(self._below.count()):
            item = self._below.itemAt(n)
            widget = item.widget() if item is not None else None
            if widget is not None:
                own, code = widget.property("row"), widget.property("act")
                widget.setVisible(code not in self._hidden and (own == row or (own is None and row != PRESETS)))
        for code in self._hidden & {a.code for a in HANDS}:
            self.buttons[code].hide()
        for act in HANDS:
            if act.code not in self._hidden:
                self.buttons[act.code].show()
        self._below_row.setVisible(not self.is_low or self._is_open)
        self._hand_row.setVisible(not (self.is_low and row == PRESETS and self._is_open))  # two rows of presets need it
        self._dress()
        self._fit()

    def use_mode(self, mode: str) -> None:
        self.mode = mode
        self.show_row(mode)

    def mark(self, codes: Iterable[str]) -> None:
        """Which buttons are on: the mode, the row, and what is switched."""
        self._on = frozenset(codes)
        self._dress()

    _on: frozenset[str] = frozenset()

    def _dress(self) -> None:
        for code, button in self.buttons.items():
            on = code in self._on or code == self.mode or (code == self.row and code in (MORE, PRESETS))
            button.use_kind("chosen" if on else "normal")

    def use_low(self, low: bool) -> None:
        if low is not self.is_low:
            self.is_low = low
            self.show_row(self.row)

    def _fit(self) -> None:
        """Icons stand where there is room for them."""
        room = self.width() - 16
        shown = [self.buttons[a.code] for a in HANDS if a.code not in self._hidden]
        for button in shown:
            button.icon_name = button.property("icon")
        if sum(b.minimumSizeHint().width() for b in shown) + 6 * len(shown) > room:
            for button in shown:
                button.icon_name = None
        for button in shown:
            button.updateGeometry()
        self._hand_row.settle()
        self._below_row.settle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._look.theme.color("paper"))
