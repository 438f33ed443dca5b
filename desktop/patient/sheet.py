"""A section that scrolls: blocks in columns on one painted pane, for one patient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop.patient.blocks import Block
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.shell import paint
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import FOCUS, Look
from localdb.chart.views import Chart


class Placed(NamedTuple):
    """A column of blocks: left edge, top, width."""

    x: float
    y: float
    width: float
    blocks: Sequence[Block]


Arrange = Callable[[Chart, float], Sequence[Placed]]


class Pane(KeyedWidget):
    """The painted ground of a section. `arrange(chart, width)` says which blocks stand where; it is asked again when
    the width or the minute changes; `arranged` tells that the blocks stand anew."""

    arranged = Signal()

    def __init__(self, look: Look, stand: Stand, key: PatientKey, chart: Chart, arrange: Arrange) -> None:
        super().__init__(look, stand, key, chart)
        self._arrange = arrange
        self.placed: Sequence[Placed] = ()
        self._standing: list[tuple[QRectF, Block]] = []  # where each block stands: measured once, drawn often

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self.rearrange()
        super().resizeEvent(event)

    def rearrange(self) -> None:
        """Ask for the blocks again, and be as high as they need."""
        self.placed = self._arrange(self.chart, self.width())
        self._standing = []
        for p in self.placed:
            y = p.y
            for block in p.blocks:
                high = block.height(p.width)
                self._standing.append((QRectF(p.x, y, p.width, high), block))
                y += high
        self.setFixedHeight(int(max((area.bottom() for area, _ in self._standing), default=0) + 12.5))
        self.setAccessibleDescription(long_dates(self.spoken()))
        self.update()
        self.arranged.emit()

    def standing(self) -> Sequence[tuple[QRectF, Block]]:
        """Where each block stands now."""
        return self._standing

    def spoken(self) -> str:
        """All words of the pane, in reading order."""
        return ". ".join(b.words for p in self.placed for b in p.blocks if b.words)

    def draw(self, painter: QPainter) -> None:
        clip = painter.clipBoundingRect() if painter.hasClipping() else QRectF(self.visibleRegion().boundingRect())
        for area, block in self._standing:
            if area.bottom() >= clip.top() and area.top() <= clip.bottom():
                block.draw(painter, area.x(), area.y(), area.width(), self.theme)


class Scroller(QScrollArea):
    """The scroll area of a pane: reached by Tab, moved by arrows and page keys, with a visible focus."""

    def __init__(self, pane: QWidget, name: str) -> None:
        super().__init__()
        self.setWidget(pane)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.verticalScrollBar().setAccessibleName(f"{name}, scroll")
        self._own_ring: _Ring | None = None

    def ring(self, look: Look) -> Scroller:
        """A ring of its own, for a scroller that stands in no Sheet; answers itself."""
        self._own_ring = _Ring(look, self)
        self.installEventFilter(self._own_ring)
        return self

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._own_ring is not None:
            self._own_ring.setGeometry(self.rect())
            self._own_ring.raise_()


class Sheet(QWidget):
    """A whole section: scroller and pane, and the ring that shows the focus."""

    def __init__(self, look: Look, stand: Stand, key: PatientKey, chart: Chart, arrange: Arrange, name: str) -> None:
        super().__init__()
        self._look = look
        self.pane = Pane(look, stand, key, chart, arrange)
        self.scroller = Scroller(self.pane, name)
        self._ring = _Ring(look, self)
        self.scroller.installEventFilter(self._ring)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.scroller)
        self.setFocusProxy(self.scroller)
        self._ring.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._ring.setGeometry(self.rect())
        super().resizeEvent(event)

    def retime(self) -> None:
        """The minute changed: words of age are made anew; the place in the sheet stays."""
        self.pane.rearrange()


class _Ring(QWidget):
    """A focus ring over a scroller, transparent for the mouse."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look, self._on = look, False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def eventFilter(self, watched, event) -> bool:  # type: ignore[no-untyped-def]
        if isinstance(event, QFocusEvent):
            by_key = event.reason() in (
                Qt.FocusReason.TabFocusReason,
                Qt.FocusReason.BacktabFocusReason,
                Qt.FocusReason.ShortcutFocusReason,
            )
            self._on = event.gotFocus() and by_key
            self.update()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._on:
            paint.box(QPainter(self), QRectF(self.rect()), border=self._look.theme.ink, width=FOCUS)
