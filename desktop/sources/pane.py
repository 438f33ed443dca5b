"""Blocks on a painted ground in a scroll area, for what is not about one patient."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop.patient.blocks import Block, draw_blocks, fold, tall
from desktop.patient.sheet import Scroller
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import Look


class BlockPane(QWidget):
    """`show_blocks`; a screen reader hears `spoken()`."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self._look = look
        self.blocks: tuple[Block, ...] = ()
        self.setAccessibleName(name)
        look.changed.connect(self.update)

    def show_blocks(self, blocks: Sequence[Block]) -> None:
        self.blocks = tuple(blocks)
        self.setAccessibleDescription(long_dates(self.spoken()))
        self._fit()
        self.update()

    def spoken(self) -> str:
        return ". ".join(b.words for b in self.blocks if b.words)

    def _room(self) -> float:
        return max(200.0, self.width() - 24.0)

    def _fit(self) -> None:
        self.setFixedHeight(int(tall(self.blocks, self._room()) + 12))

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._fit()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        try:
            draw_blocks(painter, self.blocks, 8, 4, self._room(), self._look.theme)
        finally:
            painter.end()


def scrolled(pane: BlockPane) -> Scroller:
    """The pane in a scroll area of the same name."""
    return Scroller(pane, pane.accessibleName()).ring(pane._look)


def shortened(text: str, role: str, room: float, weight: int | None = None) -> str:
    """As many whole words as fit, then `\u2026`; the whole text must stand elsewhere too (in a pane, in the name)."""
    lines = fold(text, role, room, weight)
    if len(lines) == 1:
        return lines[0]
    return f"{fold(text, role, room - 16, weight)[0].rstrip(' .,;:')} \u2026"
