"""In place of a record: still bars while it is read, or what failed and what to do (LOOK §6, look/17)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import Look
from desktop.shell.type import SEMIBOLD, font
from localdb.errors import WardlampError


class Opening(QWidget):
    """Still bars, no shimmer; the banner is never a placeholder."""

    def __init__(self, look: Look, title: str) -> None:
        super().__init__()
        self._look, self._title = look, title
        self.setAccessibleName(title)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        paint.draw_text(painter, 24, 48, self._title, font("body", SEMIBOLD), theme.ink)
        for n in range(5):
            y = 90 + 44 * n
            for x, share in ((24, 0.22), (0.34 * self.width(), 0.12), (0.55 * self.width(), 0.1)):
                painter.fillRect(QRectF(x, y, share * self.width(), 14), theme.color("sunken"))
            paint.hairline(painter, 24, y + 28, self.width() - 24, theme.rule)


class Failed(QWidget):
    """code · what happened · what to do; the rest of the window stays."""

    def __init__(self, look: Look, title: str, error: WardlampError, retry: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._look = look
        self.setAccessibleName(f"{title}. {error.code}. {error.message} {error.next_step}")
        column = QVBoxLayout(self)
        column.setContentsMargins(96, 44, 48, 24)
        column.setSpacing(6)
        column.addWidget(Text(look, title, "title"))
        code = Text(look, error.code, "label", weight=SEMIBOLD)
        code.setFont(font("mono"))
        column.addWidget(code)
        column.addWidget(Text(look, error.message, "body", wrap=True))
        column.addWidget(Text(look, error.next_step, "body", wrap=True, weight=SEMIBOLD))
        row = QHBoxLayout()
        if retry is not None:
            again = Button(look, "Try again", "primary")
            again.clicked.connect(retry)
            row.addWidget(again)
        row.addStretch(1)
        column.addSpacing(10)
        column.addLayout(row)
        column.addStretch(1)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        area = QRectF(24, 24, self.width() - 48, min(self.height() - 48, 250))
        paint.box(painter, area, fill=theme.panel, border=theme.hi, width=2)
        painter.fillRect(QRectF(24, 24, 8, area.height()), theme.color("hi"))
        draw_icon(painter, "not safe", 52, 46, 24, theme.hi)
