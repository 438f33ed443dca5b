"""The rows of what is printed: a box to tick, the form, how many of it, its pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop.patient.blocks import fold
from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.parts import Button
from desktop.shell.tokens import FOCUS, TARGET, Look
from desktop.shell.type import BOLD, MEDIUM, SEMIBOLD, font, line_height

if TYPE_CHECKING:
    from desktop.printing.kits import Whom

# From the right edge: the right end of the pages, of the sheets, of the figure between the buttons, and the buttons.
_PAGES, _SHEETS, _MORE, _FIGURE, _LESS = 12, 82, 160, 164, 240
_TITLE = 100
MOST = 500


@dataclass(frozen=True, slots=True)
class FormLine:
    """A form for somebody: `whom` as in a kit. `key` tells it from the same form for others."""

    code: str
    title: str
    whom: Whom

    @property
    def key(self) -> tuple[str, str]:
        return self.code, self.whom

    @property
    def words(self) -> str:
        return f"{self.title}, blank" if self.whom == "blank" else self.title


class FormRow(QAbstractButton):
    """One form. `toggled` when it was ticked or unticked by a person; `counted` when a person changed how many;
    `focused(row)` when it has the focus. `amount` = copies of each, or blank sheets."""

    focused = Signal(object)
    counted = Signal()

    def __init__(self, look: Look, line: FormLine, amount: int = 1) -> None:
        super().__init__()
        self._look, self.line, self.amount = look, line, amount
        self.sheets, self.pages, self._lines = 0, 0, [line.title]
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        what = "blank sheet" if line.whom == "blank" else "copy"
        self.less = Button(look, "−", "quiet", name=f"One {what} less of {line.words}", parent=self)
        self.more = Button(look, "+", "quiet", name=f"One {what} more of {line.words}", parent=self)
        for button, by in ((self.less, -1), (self.more, 1)):
            button.setFixedSize(TARGET, TARGET)
            button.setProperty("by", by)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Left and Right do the same: Tab goes from form to form
            button.clicked.connect(self._on_step)
            button.hide()
        self.toggled.connect(self._on_toggled)
        self._name_it()
        look.changed.connect(self.update)

    def set_chosen(self, chosen: bool, amount: int = 0) -> None:
        """Tick without telling anybody; `amount` 0 = as it was."""
        before = self.blockSignals(True)
        self.setChecked(chosen)
        self.blockSignals(before)
        self.amount = amount or self.amount
        self._on_toggled()

    def show_pages(self, sheets: int, pages: int) -> None:
        self.sheets, self.pages = sheets, pages
        self._name_it()
        self.update()

    def _name_it(self) -> None:
        counts = f", {self.sheets} sheets, {self.pages} pages" if self.pages and self.isChecked() else ""
        self.setAccessibleName(f"{self.line.code} {self.line.words}{counts}")

    def _on_toggled(self) -> None:
        self.less.setVisible(self.isChecked() and self.amount > 1)
        self.more.setVisible(self.isChecked() and self.amount < MOST)
        self._name_it()
        self.update()

    def _on_step(self) -> None:
        self._step(int(self.sender().property("by")))

    def _step(self, by: int) -> None:
        amount = max(1, min(MOST, self.amount + by))
        if amount != self.amount:
            self.amount = amount
            self._on_toggled()
            self.counted.emit()

    def sizeHint(self) -> QSize:
        return QSize(300, self._high())

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self._high())

    def _high(self) -> int:
        return max(TARGET, len(self._lines) * int(line_height("body")) + 8)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        lines = fold(self.line.title, "body", max(120, self.width() - _TITLE - _LESS - 12), SEMIBOLD)
        if len(lines) != len(self._lines):
            self.updateGeometry()
        self._lines = lines
        top = (self.height() - TARGET) // 2
        self.less.move(self.width() - _LESS, top)
        self.more.move(self.width() - _MORE, top)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.focused.emit(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(key == Qt.Key.Key_Down)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and self.isChecked():
            self._step(-1 if key == Qt.Key.Key_Left else 1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, area = self._look.theme, QPainter(self), QRectF(self.rect())
        on = self.isChecked()
        middle = area.height() / 2
        box = QRectF(8, middle - 12, 24, 24)
        paint.box(painter, box, fill=theme.panel, border=theme.ink if on else theme.edge, width=2)
        if on:
            draw_icon(painter, "fresh", 10, middle - 10, 20, theme.ink)
        paint.draw_text(painter, 44, middle + 6, self.line.code, font("body", SEMIBOLD, ident=True), theme.ink)
        step = line_height("body")
        baseline = middle + 6 - (len(self._lines) - 1) * step / 2
        for n, words in enumerate(self._lines):
            paint.draw_text(painter, _TITLE, baseline + n * step, words, font("body", MEDIUM if on else 400), theme.ink)
        if on:
            self._paint_counts(painter, area.right(), middle + 6)
        paint.hairline(painter, 0, area.bottom() - 1, area.right(), theme.rule)
        if self.hasFocus():
            paint.box(painter, area.adjusted(0, 0, 0, -1), border=theme.ink, width=FOCUS)

    def _paint_counts(self, painter: QPainter, right: float, baseline: float) -> None:
        ink, bold = self._look.theme.ink, font("body", SEMIBOLD)
        paint.draw_text(painter, right - _FIGURE - 8, baseline, str(self.amount), bold, ink, right=True)
        if self.pages:
            paint.draw_text(painter, right - _SHEETS, baseline, str(self.sheets), bold, ink, right=True)
            paint.draw_text(painter, right - _PAGES, baseline, str(self.pages), bold, ink, right=True)


class RowHeads(QWidget):
    """The head of a group of rows: whom they are for, and the columns."""

    def __init__(self, look: Look, words: str, count: str) -> None:
        super().__init__()
        self._look, self._words, self._count = look, words, count
        self.setFixedHeight(34)
        self.setAccessibleName(words)
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, right = self._look.theme, QPainter(self), self.width()
        paint.draw_text(painter, 8, 24, self._words, font("body", SEMIBOLD), theme.ink)
        for words, at in ((self._count, _FIGURE + 2), ("Sheets", _SHEETS), ("Pages", _PAGES)):
            paint.draw_text(painter, right - at, 24, words, font("label"), theme.ink2, right=True)
        paint.hairline(painter, 0, 32.5, right, theme.ink, 1.5)


class TotalRow(QWidget):
    """The sum, and about how long it takes."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self._sheets, self._pages, self._minutes = look, 0, 0, 0
        self.setFixedHeight(TARGET)
        look.changed.connect(self.update)

    @property
    def words(self) -> str:
        return f"about {self._minutes}min at the printer" if self._minutes else ""

    def show_total(self, sheets: int, pages: int, minutes: int) -> None:
        self._sheets, self._pages, self._minutes = sheets, pages, minutes
        self.setAccessibleName(f"Total {sheets} sheets, {pages} pages, {self.words}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, right = self._look.theme, QPainter(self), self.width()
        paint.hairline(painter, 0, 0.5, right, theme.ink, 1.5)
        paint.draw_text(painter, 8, 28, "Total", font("body", BOLD), theme.ink)
        if self._pages:
            paint.draw_text(painter, _TITLE, 28, self.words, font("body", BOLD), theme.ink)
            paint.draw_text(painter, right - _SHEETS, 28, str(self._sheets), font("body", BOLD), theme.ink, right=True)
            paint.draw_text(painter, right - _PAGES, 28, str(self._pages), font("body", BOLD), theme.ink, right=True)
        paint.hairline(painter, 0, self.height() - 1, right, theme.ink)
