"""The rail at the left: where one can go, each item with its key (LOOK §4: 160 px; 116 without hints under 1240 px)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.tokens import FOCUS, RAIL, RAIL_SMALL, TARGET, Look
from desktop.shell.type import MEDIUM, SEMIBOLD, font


class RailItem(QAbstractButton):
    """One place: icon, word, key or count at the right. The chosen one is white with a 5 px ink bar."""

    def __init__(
        self, look: Look, word: str, icon: str, *, hint: str = "", with_icon_when_small: bool = True, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._look, self._icon, self.hint, self._small_icon = look, icon, hint, with_icon_when_small
        self.count, self.is_small = "", False
        self.setText(word)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{word}, {hint}" if hint else word)
        look.changed.connect(self.update)

    def show_count(self, count: str, meaning: str = "") -> None:
        """A number in place of the key (tests waiting)."""
        self.count = count
        self.setAccessibleName(", ".join(x for x in (self.text(), f"{count} {meaning}".strip(), self.hint) if x))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(RAIL_SMALL if self.is_small else RAIL, TARGET)

    def minimumSizeHint(self) -> QSize:
        return QSize(1, TARGET)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, area = self._look.theme, QPainter(self), QRectF(self.rect())
        chosen = self.isChecked()
        if chosen:
            painter.fillRect(area, theme.color("panel"))
            paint.upright(painter, 0, 0, area.height(), theme.ink, 5)
            for y in (0.0, area.height() - 1):
                paint.hairline(painter, 5, y, area.width(), theme.rule)
        elif self.underMouse():
            painter.fillRect(area, theme.color("rule"))
        baseline = area.height() / 2 + 5.5
        small, x = self.is_small, 14.0
        if not small or self._small_icon:
            draw_icon(painter, self._icon, 15, (area.height() - 21) / 2, 21, theme.ink if chosen else theme.ink2)
            x = 42.0 if small else 46.0
        paint.draw_text(painter, x, baseline, self.text(), font("body", SEMIBOLD if chosen else MEDIUM), theme.ink)
        if self.count and not small:
            paint.draw_text(painter, area.width() - 14, baseline, self.count, font("label", 700), theme.ink, right=True)
        elif self.hint and not small:
            paint.draw_text(painter, area.width() - 14, baseline, self.hint, font("label"), theme.ink2, right=True)
        if self.hasFocus():
            paint.box(painter, area, border=theme.ink, width=FOCUS, radius=0)


class RailGround(QWidget):
    """The ground of a rail: sunken, with a line at the right."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("sunken"))
        paint.upright(painter, self.width() - 1, 0, self.height(), theme.rule2)
