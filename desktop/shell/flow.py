"""Controls in a row that goes on below when the row is full: no button is cut or pushed out of a small window (LOOK §4)."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

GAP = 8  # px between controls and between rows


class Flow(QLayout):
    """Left to right, then the next row. Its height follows its width; hidden controls take no room."""

    def __init__(self, *widgets: QWidget, gap: int = GAP) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self.setContentsMargins(0, 0, 0, 0)
        for widget in widgets:
            self.addWidget(widget)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, True)

    def sizeHint(self) -> QSize:
        shown = [i.sizeHint() for i in self._items if not i.isEmpty()]
        wide = sum(s.width() for s in shown) + self._gap * max(0, len(shown) - 1)
        return QSize(wide, max((s.height() for s in shown), default=0))

    def minimumSize(self) -> QSize:
        shown = [i.minimumSize() for i in self._items if not i.isEmpty()]
        return QSize(max((s.width() for s in shown), default=0), max((s.height() for s in shown), default=0))

    def _arrange(self, rect: QRect, place: bool) -> int:
        """Put each control in its place (or only reckon); the height that is used. A row uses the controls' full widths
        where they fit, and the least that shows their words where only that does."""
        shown = [i for i in self._items if not i.isEmpty()]
        full = sum(i.sizeHint().width() for i in shown) + self._gap * (len(shown) - 1) <= rect.width()
        x, y, high = rect.x(), rect.y(), 0
        for item in shown:
            wide = item.sizeHint().width() if full else item.minimumSize().width()
            wide = min(wide, max(rect.width(), 1))
            if x > rect.x() and x + wide > rect.x() + rect.width():
                x, y, high = rect.x(), y + high + self._gap, 0
            tall = max(item.sizeHint().height(), item.minimumSize().height())
            if place:
                item.setGeometry(QRect(x, y, wide, tall))
            x += wide + self._gap
            high = max(high, tall)
        return y + high - rect.y()


class FlowRow(QWidget):
    """A flow that is never squeezed: in a column that is too low, what can scroll gives way instead of it."""

    def __init__(self, flow: Flow) -> None:
        super().__init__()
        self._flow = flow
        self.setLayout(flow)

    def settle(self) -> None:
        """After controls were added or taken away."""
        self.setMinimumHeight(self._flow.heightForWidth(max(self.width(), 1)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.settle()
        super().resizeEvent(event)
