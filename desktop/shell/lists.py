"""A list whose rows paint themselves: one painter call per row, arrows and Enter, one press opens (STACK-desktop §3).

A row is a small frozen object with `text` (the whole row in words, for screen readers), `height`, `can_open`, and
`paint(painter, area, theme)`. Heads between rows are rows that cannot be opened; the arrows step over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.shell import paint
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import Look, Theme

_Index = QModelIndex | QPersistentModelIndex


class Row(Protocol):
    """What a row is. `paint` draws the content only: ground, bar and focus are drawn by the list."""

    @property
    def text(self) -> str: ...
    @property
    def height(self) -> int: ...
    @property
    def can_open(self) -> bool: ...
    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None: ...


class RowModel(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Any, ...] = ()

    def show_rows(self, rows: Sequence[Any]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return self.rows[index.row()].text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return long_dates(self.rows[index.row()].text)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        opens = index.isValid() and self.rows[index.row()].can_open
        return Qt.ItemFlag.ItemIsEnabled | (Qt.ItemFlag.ItemIsSelectable if opens else Qt.ItemFlag.NoItemFlags)


class _RowDelegate(QStyledItemDelegate):
    def __init__(self, look: Look, view: RowList) -> None:
        super().__init__(view)
        self._look, self._view = look, view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme, row, area = self._look.theme, self._view.held.rows[index.row()], QRectF(option.rect)
        chosen = row.can_open and index == self._view.currentIndex()
        if chosen:
            painter.fillRect(area.adjusted(0, 0, 0, -1), theme.color("sel"))
            paint.upright(painter, area.left(), area.top(), area.bottom() - 1, theme.ink, 5)
        row.paint(painter, area, _on_chosen(theme) if chosen else theme)
        if chosen and bool(option.state & QStyle.StateFlag.State_HasFocus):
            paint.box(painter, area.adjusted(0, 0, 0, -1), border=theme.ink, width=3, radius=0)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(10, self._view.held.rows[index.row()].height)


@cache
def _on_chosen(theme: Theme) -> Theme:
    """The theme on the ground of the chosen row: what a row marks with `sel` must differ from that ground."""
    return replace(theme, sel=theme.panel)


class RowList(QListView):
    """`opened(row)` on Enter or a press; `chosen(row)` when the arrows move; `widened` when rows must be folded anew."""

    opened = Signal(object)
    chosen = Signal(object)
    widened = Signal()

    def __init__(self, look: Look, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.held = RowModel()
        self.setModel(self.held)
        self.setItemDelegate(_RowDelegate(look, self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        self.clicked.connect(self._on_pressed)
        look.changed.connect(self.viewport().update)

    def show_rows(self, rows: Sequence[Any], *, keep: bool = False) -> None:
        """New rows; the first that opens is chosen, or with `keep` the same place as before."""
        at = self.currentIndex().row() if keep else -1
        self.held.show_rows(rows)
        if not 0 <= at < len(rows) or not rows[at].can_open:
            at = next((n for n, r in enumerate(rows) if r.can_open), -1)
        if at >= 0:
            self.setCurrentIndex(self.held.index(at))

    def chosen_row(self) -> Any:
        at = self.currentIndex().row()
        return self.held.rows[at] if 0 <= at < len(self.held.rows) else None

    @property
    def room(self) -> float:
        """The width for which rows are folded; never one that is only passed on the way to the real one."""
        return float(max(self.viewport().width(), 300))

    def content_height(self) -> int:
        return sum(r.height for r in self.held.rows)

    def step(self, by: int) -> None:
        """Move `by` rows that can be opened, staying in the list."""
        able = [n for n, r in enumerate(self.held.rows) if r.can_open]
        if not able:
            return
        at = self.currentIndex().row()
        place = able.index(at) if at in able else 0
        place = max(0, min(len(able) - 1, place + by))
        self.setCurrentIndex(self.held.index(able[place]))
        if place == 0:
            self.scrollToTop()

    def open_chosen(self) -> None:
        row = self.chosen_row()
        if row is not None and row.can_open:
            self.opened.emit(row)

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        self.chosen.emit(self.chosen_row())

    def _on_pressed(self, index: _Index) -> None:
        if self.held.rows[index.row()].can_open:
            self.opened.emit(self.held.rows[index.row()])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.widened.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        if event.key() in steps:
            self.step(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_Home:
            self.step(-len(self.held.rows))
        elif event.key() == Qt.Key.Key_End:
            self.step(len(self.held.rows))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_chosen()
        else:
            event.ignore()  # bare letters do nothing, so that a scanner triggers nothing (LOOK §7)
