"""The ward board: every bed at once, in bed order, empty ones among them (look/02, look/22).

2 × 14 rows; under 1240 px 3 × 10, under 1000 px 2 × 9 and sideways, both with the chosen bed's facts in a bar below. One
list, one delegate: arrows move, Enter or one press opens. No banner here: this is a screen of many patients (CLINICAL §1.1
PAB-0015).
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.parts import Button, Text
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import BOARD_ROW, LOWEST_WIDTH, SMALL_WIDTH, STRIP, Look
from desktop.shell.type import font
from desktop.ward import bedpaint
from desktop.ward.marks import ALLERGY_MARKS
from desktop.ward.rows import BedRow

_HEAD, _BAR, _GAP = 31, 54, 14
_LESS, LEAST_ROW = 7, 42
_Index = QModelIndex | QPersistentModelIndex
_MARK_ORDER = (
    "resus",
    "falls",
    "diabetes",
    "anticoagulated",
    "88-92 %",
    "infection",
    "isolation",
    "same name",
    "unknown",
)


class BedModel(QAbstractListModel):
    """The rows of the board; the accessible text of a row is the whole line in words."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[BedRow, ...] = ()

    def show_rows(self, rows: Sequence[BedRow]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole):  # type: ignore[no-untyped-def]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.rows[index.row()].text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return long_dates(self.rows[index.row()].text)
        return None


class _BedDelegate(QStyledItemDelegate):
    def __init__(self, look: Look, view: BoardView) -> None:
        super().__init__(view)
        self._look, self._view = look, view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row = self._view.beds.rows[index.row()]
        chosen = index == self._view.currentIndex()
        focused = chosen and bool(option.state & QStyle.StateFlag.State_HasFocus)
        area = QRectF(option.rect).adjusted(0, 0, -_GAP, 0)
        draw = bedpaint.paint_small_bed if self._view.is_small else bedpaint.paint_bed
        draw(painter, area, row, self._look.theme, chosen=chosen, focused=focused)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self._view.gridSize()


class BoardView(QListView):
    """The beds in columns. Pressing or Enter on a bed with a patient emits `opened`."""

    opened = Signal(str)
    chosen = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self.beds, self.is_small, self.is_lowest = look, BedModel(), False, False
        self.setModel(self.beds)
        self.setItemDelegate(_BedDelegate(look, self))
        self.setFlow(QListView.Flow.TopToBottom)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Beds of the ward")
        self.clicked.connect(self._on_open)
        look.changed.connect(self.viewport().update)

    @property
    def columns(self) -> int:
        return 3 if self.is_small and not self.is_lowest else 2

    @property
    def column_width(self) -> int:
        return (self.width() + _GAP) // self.columns

    def chosen_row(self) -> BedRow | None:
        at = self.currentIndex().row()
        return self.beds.rows[at] if 0 <= at < len(self.beds.rows) else None

    def show_rows(self, rows: Sequence[BedRow]) -> None:
        """New rows; the chosen patient stays chosen wherever they are now."""
        held = self.chosen_row()
        self.beds.show_rows(rows)
        self.fit_bar()
        wanted = held.patient if held else ""
        at = next((n for n, r in enumerate(rows) if wanted and r.patient == wanted), None)
        if at is None:
            at = next((n for n, r in enumerate(rows) if r.patient), 0)
        if rows:
            self.setCurrentIndex(self.beds.index(at))

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        self.chosen.emit()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit_bar()
        super().resizeEvent(event)

    def fit_bar(self) -> None:
        """Rows of 44 px; of 42 at least where a status line would else push beds out of sight. Qt takes the room of a
        bar away before it knows whether one is needed: a ward that fits has none."""
        wanted = -(-len(self.beds.rows) // self.columns)
        pitch = max(LEAST_ROW, min(BOARD_ROW, self.height() // max(wanted, 1)))
        self.setGridSize(QSize(self.column_width, pitch))
        fits = len(self.beds.rows) <= self.columns * max(1, self.height() // pitch)
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if fits else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setHorizontalScrollBarPolicy(policy)

    def _on_open(self, index: _Index) -> None:
        row = self.beds.rows[index.row()]
        if row.patient:
            self.opened.emit(row.patient)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self._on_open(self.currentIndex())
            return
        if event.text() and event.text().isprintable():
            event.ignore()  # bare letters do nothing, so that a scanner triggers nothing (LOOK §7)
            return
        super().keyPressEvent(event)


class _Heads(QWidget):
    def __init__(self, look: Look, view: BoardView, height: int) -> None:
        super().__init__()
        self._look, self._view = look, view
        self.setFixedHeight(height)
        look.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        room = self._view.column_width
        for n in range(self._view.columns):
            area = QRectF(n * room, 0, room - _GAP, self.height())
            bedpaint.column_heads(painter, area, theme, small=self._view.is_small)


class _Key(QWidget):
    """What the icons on this board mean, in words."""

    def __init__(self, look: Look, height: int) -> None:
        super().__init__()
        self._look = look
        self._entries: list[tuple[str, str, str]] = []
        self.setFixedHeight(height)
        look.changed.connect(self.update)

    def show_rows(self, rows: Sequence[BedRow]) -> None:
        shown = {m.name: (m.name, m.means, t) for r in rows if r.patient for m, t in bedpaint.marks_shown(r)}
        if "isolation" in shown:
            shown["isolation"] = ("isolation", "isolation", "ink")
        if "same name" in shown:  # one sign for the chip that found no room and for a namesake of another ward
            shown["same name"] = ("same name", "similar name", "ink")
        order = [*(m.name for m in ALLERGY_MARKS.values()), *_MARK_ORDER, "ward wrote"]
        self._entries = [shown[name] for name in order if name in shown]
        self._entries.append(("waiting", "waiting", "ink2"))
        self.setAccessibleName("Signs on this board: " + ", ".join(means for _, means, _ in self._entries))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        paint.hairline(painter, 0, 0, self.width(), theme.ink)
        used = sum(bedpaint.key_width(e[:2]) for e in self._entries)
        gap = max(4.0, min(14.0, (self.width() - 20 - used) / max(len(self._entries) - 1, 1)))
        x = 10.0
        for name, means, token in self._entries:
            middle = self.height() / 2
            draw_icon(painter, name, x, middle - 8, 16, getattr(theme, token))
            paint.draw_text(painter, x + 20, middle + 6, means, font("label"), theme.ink2)
            x += bedpaint.key_width((name, means)) + gap


class _ChosenBar(QWidget):
    """Under 1240 px: what the short row of the chosen bed leaves out, in words, and Open."""

    def __init__(self, look: Look, height: int) -> None:
        super().__init__()
        self._look, self._bed = look, ""
        self.setFixedHeight(height)
        self._first, self._second = Text(look, "", "body"), Text(look, "", "label", "ink2")
        self.open = Button(look, "Open")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._first)
        words.addWidget(self._second)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 1, 12, 1)
        row.addLayout(words, 1)
        row.addWidget(self.open)
        look.changed.connect(self.update)

    def show_row(self, row: BedRow | None) -> None:
        if row is None or not row.patient:
            self._first.setText(f"{row.bed}  {row.note}" if row else "")
            self._second.clear()
            self.open.setEnabled(False)
            return
        score = f"NEWS2 {row.score} at {row.score_at}, as sent" if row.score else ""
        waiting = f"{row.waiting} tests waiting" if row.waiting else ""
        whole = "" if bedpaint.name_is_whole(row) else f"{row.family}, {row.given}"
        facts = ". ".join(x for x in (whole, row.reason, row.team, score, waiting) if x)
        self._first.setText(f"{row.bed}  {facts}")
        marks = [m.means for m, _ in bedpaint.marks_shown(row)] + ([f"{row.chip} isolation"] if row.chip else [])
        self._second.setText(". ".join(m[:1].upper() + m[1:] for m in marks))
        self.open.setEnabled(True)
        self.open.setAccessibleName(f"Open bed {row.bed}, {row.family}")

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        paint.hairline(painter, 0, 0, self.width(), theme.ink)
        paint.upright(painter, 0, 0, self.height(), theme.ink, 5)


class Board(QWidget):
    """Heads, beds, and below them the key (wide) or the chosen bed (small)."""

    opened = Signal(str)

    def __init__(self, look: Look, *, is_tight: bool = False, parent: QWidget | None = None) -> None:
        """`is_tight`: heads and key give way to the 20 px hatch of training, so that 14 rows stay."""
        super().__init__(parent)
        self._look, self._key_gives_way = look, False
        self.view = BoardView(look)
        self._heads = _Heads(look, self.view, _HEAD - _LESS if is_tight else _HEAD)
        self._key = _Key(look, STRIP - _LESS - 1 if is_tight else STRIP)
        self._bar = _ChosenBar(look, _BAR - _LESS if is_tight else _BAR)
        self._empty = Text(look, "", "body", "ink2", wrap=True)
        inner = QVBoxLayout()
        inner.setContentsMargins(8, 0, 4, 0)
        inner.setSpacing(0)
        inner.addWidget(self._heads)
        inner.addWidget(self._empty)
        inner.addWidget(self.view, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(inner, 1)
        column.addWidget(self._key)
        column.addWidget(self._bar)
        self._bar.hide()
        self._empty.hide()
        self.setFocusProxy(self.view)
        self.view.opened.connect(self.opened)
        self.view.chosen.connect(self._on_chosen)
        self._bar.open.clicked.connect(self._on_open)

    def show_rows(self, rows: Sequence[BedRow], ward: str) -> None:
        self._empty.setText(
            "" if rows else f"No bed of {ward or 'this ward'} is in this copy. That is no proof of none."
        )
        self._empty.setVisible(not rows)
        self.view.show_rows(rows)
        self._key.show_rows(rows)
        self._on_chosen()

    def arrange(self, width: int) -> None:
        """`width`: the whole window's, in logical px (LOOK §4)."""
        self.view.is_small, self.view.is_lowest = width < SMALL_WIDTH, width < LOWEST_WIDTH
        self._bar.setVisible(self.view.is_small)
        self._key.setVisible(not self.view.is_small and not self._key_gives_way)
        self.view.fit_bar()
        self._heads.update()

    def give_way(self, give: bool) -> None:
        """The key of the icons makes room for a status line, so that all beds stay in sight."""
        self._key_gives_way = give
        self._key.setVisible(not self.view.is_small and not give)

    def _on_chosen(self) -> None:
        self._bar.show_row(self.view.chosen_row())

    def _on_open(self) -> None:
        row = self.view.chosen_row()
        if row is not None and row.patient:
            self.opened.emit(row.patient)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The line between the columns."""
        theme, painter = self._look.theme, QPainter(self)
        room = self.view.column_width
        for n in range(1, self.view.columns):
            paint.upright(painter, 8 + n * room - _GAP / 2 - 1, 6, self.view.geometry().bottom(), theme.rule2)
