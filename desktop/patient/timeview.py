"""A long painted list for one patient: 20,000 lines of different heights that scroll without being laid out by Qt.

Rows are measured when they come into sight, and the others in short slices while the window is idle; until then a row
counts as USUAL px. What is in sight stays where it is meanwhile. Heights come from the advances of single characters: a
row is reserved at least the lines that it needs, for nothing is ever cut. Empty as soon as the page stands on another key
(hazard H02).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import accumulate
from typing import Protocol

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from desktop.patient.keyed import PatientKey, Stand, WrongPatient, is_of
from desktop.shell import paint
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import FOCUS, Look, Theme
from desktop.shell.type import metrics
from localdb.chart.views import Chart

_WIDEST = 17.0  # px of a character that was not measured
_SPOKEN = 60  # rows that are told to a screen reader at once
STEP = 44
USUAL = 55  # px that a row counts as until it is measured
_SLICE = 200  # rows that are measured at once while idle: about 7 ms


class TimeRow(Protocol):
    """One row: `words` in full, `can_open`, its height in a width, its painting."""

    words: str
    can_open: bool

    def height(self, room: float) -> int: ...
    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None: ...


@cache
def _advances(role: str, weight: int | None) -> dict[str, float]:
    made = metrics(role, weight)
    return {chr(n): made.horizontalAdvance(chr(n)) for n in (*range(32, 127), *range(160, 592), 8211, 8217, 8226, 8230)}


def lines_needed(text: str, role: str, weight: int | None, room: float) -> int:
    """At least as many lines as `blocks.fold` makes of `text` in `room` px."""
    held = _advances(role, weight)
    lines = 0
    for part in text.split("\n"):
        used, count = 0.0, 1
        for word in part.split(" "):
            wide = sum(held.get(c, _WIDEST) for c in word) * 1.01
            if wide > room:  # broken inside: every line but the last is nearly full
                count += int(wide // max(room - _WIDEST, 1.0)) + (1 if used else 0)
                used = wide % max(room - _WIDEST, 1.0)
                continue
            gap = held[" "] if used else 0.0
            if used and used + gap + wide > room:
                count, used = count + 1, wide
            else:
                used += gap + wide
        lines += count
    return lines


class TimeView(QAbstractScrollArea):
    """`chosen(row)` when another row is chosen, `opened(row)` on Enter or a press on the chosen one."""

    chosen = Signal(object)
    opened = Signal(object)

    def __init__(self, look: Look, stand: Stand, key: PatientKey, chart: Chart, name: str) -> None:
        super().__init__()
        if not is_of(chart, key):
            raise WrongPatient("A list was given the record of another patient.")
        self.key, self.chart = key, chart
        self._look, self._stand, self._name = look, stand, name
        self.rows: Sequence[TimeRow] = ()
        self._tops: list[int] = [0]
        self._heights: list[int] = []
        self._unmeasured: set[int] = set()
        self._idle = QTimer(self)
        self._idle.setInterval(0)
        self._idle.timeout.connect(self._on_idle)
        self.at = -1
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalScrollBar().setAccessibleName(f"{name}, scroll")
        self.verticalScrollBar().setSingleStep(STEP)
        self.setAccessibleName(name)
        stand.turned.connect(self._on_turned)
        look.changed.connect(self.viewport().update)

    # -- rows

    def show_rows(self, rows: Sequence[TimeRow], *, at: int = -1) -> None:
        """Other rows; the first that opens is chosen, or `at`."""
        self.rows = rows
        self._lay()
        self.at = at if 0 <= at < len(rows) else next((n for n, r in enumerate(rows) if r.can_open), -1)
        self.verticalScrollBar().setValue(0)
        self._tell()
        self.viewport().update()

    def _lay(self) -> None:
        """Forget all heights; those in sight are measured now, the others while the window is idle."""
        self._heights = [USUAL] * len(self.rows)
        self._unmeasured = set(range(len(self.rows)))
        self._reckon()
        self._measure_seen()
        if self._unmeasured:
            self._idle.start()

    def _reckon(self) -> None:
        self._tops = [0, *accumulate(self._heights)]
        bar, high = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self._tops[-1] - high))
        bar.setPageStep(max(high - STEP, STEP))

    def _measure(self, numbers: Sequence[int]) -> bool:
        """Whether any of these rows is of another height than it counted as."""
        room, changed = float(self.viewport().width()), False
        for n in numbers:
            if n in self._unmeasured:
                self._unmeasured.discard(n)
                high = self.rows[n].height(room)
                changed = changed or high != self._heights[n]
                self._heights[n] = high
        return changed

    def _measure_seen(self) -> None:
        """Measure what is in sight, from the first row on, so that it is drawn as high as it is."""
        first, high = max(self.row_at(0), 0), self.viewport().height()
        for _ in range(8):  # a measured row may bring others into sight
            last = self.row_at(high)
            numbers = range(first, len(self.rows) if last < 0 else last + 1)
            if not self._measure(numbers[: high // STEP + 4]):
                return
            self._reckon()

    def _on_idle(self) -> None:
        first = max(self.row_at(0), 0)
        if not self._unmeasured:
            self._idle.stop()
            return
        around = [n for n in range(max(0, first - _SLICE), first + _SLICE) if n in self._unmeasured][:_SLICE]
        todo = around or sorted(self._unmeasured)[:_SLICE]
        before = self._tops[first] if self.rows else 0
        if self._measure(todo):
            self._reckon()
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self._tops[first] - before)  # what is in sight stays where it is
        if not self._unmeasured:
            self._idle.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        first = self.row_at(0)
        if event.size().width() != event.oldSize().width():
            self._lay()
            if first > 0:
                self.verticalScrollBar().setValue(self._tops[first])
        else:
            self._reckon()

    def row_at(self, y: float) -> int:
        """The row at a place of the window; -1 where there is none."""
        place = y + self.verticalScrollBar().value()
        if not 0 <= place < self._tops[-1]:
            return -1
        return bisect_right(self._tops, place) - 1

    def go_to(self, number: int, *, above: float = 0.0) -> None:
        """Put a row to the top of the window, or below the share `above` of it, and choose it or the next that opens."""
        if not 0 <= number < len(self.rows):
            return
        self._measure(range(max(0, number - 30), min(number + 30, len(self.rows))))
        self._reckon()
        self.verticalScrollBar().setValue(self._tops[number] - round(above * self.viewport().height()))
        self._choose(next((n for n in range(number, len(self.rows)) if self.rows[n].can_open), self.at), scroll=False)

    def _choose(self, number: int, *, scroll: bool = True) -> None:
        if not 0 <= number < len(self.rows):
            return
        self.at = number
        if self._measure((number,)):
            self._reckon()
        if scroll:
            bar, high = self.verticalScrollBar(), self.viewport().height()
            top, bottom = self._tops[number], self._tops[number + 1]
            if top < bar.value() or number == next((n for n, r in enumerate(self.rows) if r.can_open), -1):
                bar.setValue(0 if number < 3 else top)
            elif bottom > bar.value() + high:
                bar.setValue(bottom - high)
        self._tell()
        self.viewport().update()
        self.chosen.emit(self.rows[number])

    def chosen_row(self) -> TimeRow | None:
        return self.rows[self.at] if 0 <= self.at < len(self.rows) else None

    def _tell(self) -> None:
        row = self.chosen_row()
        self.setAccessibleName(long_dates(f"{self._name}: {row.words}") if row is not None else self._name)
        first = max(self.row_at(0), 0)
        self.setAccessibleDescription(long_dates(". ".join(r.words for r in self.rows[first : first + _SPOKEN])))

    def spoken(self) -> str:
        """All words of the list, in reading order."""
        return ". ".join(r.words for r in self.rows)

    # -- hands

    def keyPressEvent(self, event: QKeyEvent) -> None:
        able = [n for n in (self._next(1), self._next(-1)) if n >= 0]
        key = event.key()
        if key == Qt.Key.Key_Down:
            self._choose(self._next(1))
        elif key == Qt.Key.Key_Up:
            self._choose(self._next(-1))
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp) and able:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + (bar.pageStep() if key == Qt.Key.Key_PageDown else -bar.pageStep()))
            row = self.row_at(STEP)
            found = next((n for n in range(max(row, 0), len(self.rows)) if self.rows[n].can_open), self.at)
            self._choose(found, scroll=False)
        elif key == Qt.Key.Key_Home:
            self._choose(next((n for n, r in enumerate(self.rows) if r.can_open), -1))
        elif key == Qt.Key.Key_End:
            self._choose(next((n for n in range(len(self.rows) - 1, -1, -1) if self.rows[n].can_open), -1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (row_ := self.chosen_row()) is not None:
            self.opened.emit(row_)
        else:
            event.ignore()  # bare letters do nothing, so that a scanner triggers nothing (LOOK §7)

    def _next(self, by: int) -> int:
        at = self.at + by
        while 0 <= at < len(self.rows) and not self.rows[at].can_open:
            at += by
        return at if 0 <= at < len(self.rows) else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self.row_at(event.position().y())
        if number < 0 or not self.rows[number].can_open:
            return
        if number == self.at:
            self.opened.emit(self.rows[number])
        else:
            self._choose(number, scroll=False)

    # -- painting

    def may_show(self) -> bool:
        return self._stand.admits(self.key)

    def _on_turned(self) -> None:
        if not self.may_show():
            self.rows, self._tops, self.at = (), [0], -1
            self._heights, self._unmeasured = [], set()
            self._idle.stop()
            self.hide()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self.viewport())
        try:
            if not self.may_show():
                painter.fillRect(self.viewport().rect(), theme.color("sunken"))
                return
            painter.fillRect(self.viewport().rect(), theme.color("paper"))
            painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
            self._draw(painter, theme)
        finally:
            painter.end()

    def _draw(self, painter: QPainter, theme: Theme) -> None:
        self._measure_seen()
        offset, wide, high = self.verticalScrollBar().value(), self.viewport().width(), self.viewport().height()
        for n in range(max(self.row_at(0), 0), len(self.rows)):
            top = self._tops[n] - offset
            if top > high:
                break
            area = QRectF(0, top, wide, self._tops[n + 1] - self._tops[n])
            if n == self.at:
                painter.fillRect(area.adjusted(0, 0, 0, -1), theme.color("sel"))
                paint.upright(painter, 0, area.top(), area.bottom() - 1, theme.ink, 5)
            self.rows[n].paint(painter, area, theme)
            if n == self.at and self.hasFocus():
                paint.box(painter, area.adjusted(0, 0, 0, -1), border=theme.ink, width=FOCUS, radius=0)
