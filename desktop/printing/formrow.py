"""The rows of the print pane: a box to tick, the form, its sheets and pages."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.tokens import FOCUS, TARGET, Look
from desktop.shell.type import BOLD, MEDIUM, SEMIBOLD, font

_SHEETS, _PAGES = 110, 20  # from the right edge to the right end of each column


class FormRow(QAbstractButton):
    """One form. `toggled` when it was ticked or unticked by a person; `focused(code)` when it has the focus."""

    focused = Signal(str)

    def __init__(self, look: Look, code: str, title: str) -> None:
        super().__init__()
        self._look, self.code, self._title = look, code, title
        self._sheets, self._pages = 0, 0
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name_it()
        look.changed.connect(self.update)

    @property
    def is_chosen(self) -> bool:
        return self.isChecked()

    def set_chosen(self, chosen: bool) -> None:
        """Tick without telling anybody."""
        before = self.blockSignals(True)
        self.setChecked(chosen)
        self.blockSignals(before)
        self.update()

    def show_pages(self, sheets: int, pages: int) -> None:
        self._sheets, self._pages = sheets, pages
        self._name_it()
        self.update()

    def _name_it(self) -> None:
        counts = f", {self._sheets} sheets, {self._pages} pages" if self._pages else ""
        self.setAccessibleName(f"{self.code} {self._title}{counts}")

    def sizeHint(self) -> QSize:
        return QSize(300, TARGET)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, TARGET)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.focused.emit(self.code)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, area = self._look.theme, QPainter(self), QRectF(self.rect())
        on = self.isChecked() and self.isEnabled()
        ink = theme.ink if self.isEnabled() else theme.ink3
        box = QRectF(8, 10, 24, 24)
        paint.box(painter, box, fill=theme.panel, border=theme.ink if on else theme.edge, width=2)
        if on:
            draw_icon(painter, "fresh", 10, 12, 20, theme.ink)
        baseline = area.height() / 2 + 6
        paint.draw_text(painter, 48, baseline, self.code, font("body", SEMIBOLD, ident=True), ink)
        paint.draw_text(painter, 92, baseline, self._title, font("body", MEDIUM if on else 400), ink)
        right = area.right()
        if not self.isEnabled():
            paint.draw_text(painter, right - _PAGES, baseline, "for the ward", font("label"), theme.ink3, right=True)
        elif on and self._pages:
            paint.draw_text(
                painter, right - _SHEETS, baseline, str(self._sheets), font("body", SEMIBOLD), ink, right=True
            )
            paint.draw_text(
                painter, right - _PAGES, baseline, str(self._pages), font("body", SEMIBOLD), ink, right=True
            )
        paint.hairline(painter, 0, area.bottom() - 1, area.right(), theme.rule)
        if self.hasFocus():
            paint.box(painter, area.adjusted(0, 0, 0, -1), border=theme.ink, width=FOCUS)


class _Heads(QWidget):
    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setFixedHeight(32)
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, right = self._look.theme, QPainter(self), self.width()
        paint.draw_text(painter, 48, 22, "Form", font("label"), theme.ink2)
        paint.draw_text(painter, right - _SHEETS, 22, "Sheets", font("label"), theme.ink2, right=True)
        paint.draw_text(painter, right - _PAGES, 22, "Pages", font("label"), theme.ink2, right=True)
        paint.hairline(painter, 0, 30.5, right, theme.ink, 1.5)


class TotalRow(QWidget):
    """The sum, and about how long it takes."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self._sheets, self._pages = look, 0, 0
        self.setFixedHeight(TARGET)
        look.changed.connect(self.update)

    @staticmethod
    def heads(look: Look) -> QWidget:
        return _Heads(look)

    def show_total(self, sheets: int, pages: int) -> None:
        self._sheets, self._pages = sheets, pages
        self.setAccessibleName(f"Total {sheets} sheets, {pages} pages")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, right = self._look.theme, QPainter(self), self.width()
        paint.draw_text(painter, 48, 28, "Total", font("body", BOLD), theme.ink)
        if self._pages:
            paint.draw_text(painter, right - _SHEETS, 28, str(self._sheets), font("body", BOLD), theme.ink, right=True)
            paint.draw_text(painter, right - _PAGES, 28, str(self._pages), font("body", BOLD), theme.ink, right=True)
        paint.hairline(painter, 0, self.height() - 1, right, theme.ink)
