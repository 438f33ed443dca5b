"""The cumulative grid, painted by ourselves: names and ranges stand, the columns of time move (LOOK §6, look/05).

Rules: figures align at the point; the flag stands as sent; a correction, a withdrawal and a missing sample are in the
same cell as the value would be; blank means no result in this copy. Only what is in view is drawn, so that a thousand
columns move like ten. The newest column is in view at first (CLINICAL §3.1 L2).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import NamedTuple

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from desktop.patient.celllines import CELL, NAMES, RANGE, HeadLines, RowLines, cell_lines, head_lines, row_lines
from desktop.patient.cellpaint import draw_cell, draw_names
from desktop.patient.keyed import PatientKey, Stand, WrongPatient, is_of
from desktop.patient.words import day, spoken_cell
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.spoken import long_dates
from desktop.shell.type import SEMIBOLD, font
from localdb.chart.cells import Cell
from localdb.chart.grid import Grid, Row
from localdb.chart.views import Chart

HEAD, PANEL = 46, 30


class Item(NamedTuple):
    """A heading or a row of the grid, with where it stands."""

    top: float
    height: float
    title: str
    row: Row | None
    lines: RowLines | None


class GridView(QAbstractScrollArea):
    """One patient's grid. `chosen` carries the row and the cells (() for a blank)."""

    chosen = Signal(object, object)

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        """Raises WrongPatient when `chart` is another person's."""
        super().__init__()
        if not is_of(chart, key):
            raise WrongPatient("A record of another patient was refused.")
        self._context, self._stand, self._key, self._chart = context, stand, key, chart
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Results by time of collection")
        self.horizontalScrollBar().setAccessibleName("Results, older and newer")
        self.verticalScrollBar().setAccessibleName("Results, scroll")
        self.grid = Grid((), (), 0, 0)
        self.items: list[Item] = []
        self._tops: list[float] = []
        self._heads: list[HeadLines] = []
        self._chosen = (0, 0)
        self._fit = 1  # columns that stand whole in the view
        self._before_day = ""  # the day of most results before the window: the others stand with their own
        self.painted_cells = 0
        context.look.changed.connect(self.viewport().update)
        stand.turned.connect(self._on_turned)

    @property
    def key(self) -> PatientKey:
        return self._key

    def may_show(self) -> bool:
        return self._stand.admits(self._key) and is_of(self._chart, self._key)

    def _on_turned(self) -> None:
        if not self._stand.admits(self._key):
            self.hide()

    @property
    def has_before(self) -> bool:
        return any(row.before for row in self.grid.rows)

    @property
    def fixed(self) -> float:
        """The width of what does not move sideways."""
        return NAMES + RANGE + (CELL if self.has_before else 0)

    def show_grid(self, grid: Grid) -> None:
        """Show another arrangement of the same patient's results: newest column in view, its first row chosen."""
        self.grid = grid
        now = self._context.now()
        self._heads = [head_lines(column, now) for column in grid.columns]
        days = Counter(day(c.when, now) for row in grid.rows for c in row.before)
        self._before_day = days.most_common(1)[0][0] if days else ""
        items: list[Item] = []
        top = 0.0
        for panel in grid.panels:
            items.append(Item(top, PANEL, panel.title, None, None))
            top += PANEL
            names = [row.name for row in panel.rows]
            for row in panel.rows:
                lines = row_lines(row, now, has_twin=names.count(row.name) > 1, head_day=self._before_day)
                items.append(Item(top, lines.height, panel.title, row, lines))
                top += lines.height
        self.items, self._tops = items, [item.top for item in items]
        self._fit_bars()
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().maximum())
        first = next((n for n, item in enumerate(items) if item.row is not None), 0)
        self._choose(first, len(grid.columns) - 1)
        self.viewport().update()

    def _fit_bars(self) -> None:
        room, high = self.viewport().width() - self.fixed, self.viewport().height() - HEAD
        total = self.items[-1].top + self.items[-1].height if self.items else 0
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        # Whole columns only: a number cut at the left edge would read as another number.
        self._fit = max(1, int(room // CELL))
        across.setRange(0, max(0, len(self._heads) - self._fit))
        across.setPageStep(self._fit)
        across.setSingleStep(1)
        down.setRange(0, max(0, int(total - high)))
        down.setPageStep(max(1, int(high)))
        down.setSingleStep(30)

    def resizeEvent(self, event: QResizeEvent) -> None:
        was_newest = self.horizontalScrollBar().value() == self.horizontalScrollBar().maximum()
        self._fit_bars()
        if was_newest:
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().maximum())
        super().resizeEvent(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() - (1 if event.angleDelta().y() > 0 else -1))
            return
        super().wheelEvent(event)

    # choosing

    def choose_row(self, row: Row) -> None:
        """Choose the newest result of a row and bring it into view."""
        for n, item in enumerate(self.items):
            if item.row is row:
                self._choose(n, max(row.cells, default=len(self._heads) - 1))
                return

    def choose_panel(self, title: str) -> None:
        """Bring a panel to the top and choose its first row."""
        for n, item in enumerate(self.items):
            if item.row is None and item.title == title:
                self.verticalScrollBar().setValue(int(item.top))
                self._choose(n + 1, max(self.items[n + 1].row.cells, default=0) if self.items[n + 1].row else 0)
                return

    @property
    def chosen_row(self) -> Row | None:
        number = self._chosen[0]
        return self.items[number].row if 0 <= number < len(self.items) else None

    @property
    def chosen_cells(self) -> tuple[Cell, ...]:
        """The cells of the chosen row and column; column -1 is the last before the window."""
        row = self.chosen_row
        if row is None:
            return ()
        return row.before if self._chosen[1] < 0 else row.cells.get(self._chosen[1], ())

    def _choose(self, item: int, column: int) -> None:
        self._chosen = (item, column)
        row = self.chosen_row
        if row is not None:
            now = self._context.now()
            cells = self.chosen_cells
            words = "; ".join(spoken_cell(row.name, c, now) for c in cells) or f"{row.name}: no result in this copy"
            self.setAccessibleDescription(long_dates(words))
            self._bring_into_view()
            self.chosen.emit(row, cells)
        self.viewport().update()

    def _bring_into_view(self) -> None:
        item, column = self.items[self._chosen[0]], self._chosen[1]
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        high = self.viewport().height() - HEAD
        if item.top < down.value():
            down.setValue(int(item.top))
        elif item.top + item.height > down.value() + high > 0:
            down.setValue(int(item.top + item.height - high))
        if column >= 0:
            if column < across.value():
                across.setValue(column)
            elif column >= across.value() + self._fit:
                across.setValue(column - self._fit + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item, column = self._chosen
        key = event.key()
        last, first = len(self._heads) - 1, -1 if self.has_before else 0
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            item += step
            while 0 <= item < len(self.items) and self.items[item].row is None:
                item += step
            if 0 <= item < len(self.items):
                self._choose(item, column)
            return
        places = {
            Qt.Key.Key_Left: max(first, column - 1),
            Qt.Key.Key_Right: min(last, column + 1),
            Qt.Key.Key_Home: 0 if last >= 0 else first,
            Qt.Key.Key_End: last,
        }
        if key in places:
            self._choose(item, places[Qt.Key(key)])
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        hit = self._hit(event.position().toPoint())
        if hit is not None:
            self._choose(*hit)

    def _hit(self, at: QPoint) -> tuple[int, int] | None:
        y = at.y() - HEAD + self.verticalScrollBar().value()
        number = bisect_right(self._tops, y) - 1
        if at.y() < HEAD or number < 0 or self.items[number].row is None:
            return None
        if at.x() < self.fixed:
            return number, -1 if self.has_before and at.x() >= NAMES + RANGE else len(self._heads) - 1
        column = int((at.x() - self.fixed) // CELL) + self.horizontalScrollBar().value()
        return (number, column) if column < len(self._heads) else None

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        try:
            area = QRectF(self.viewport().rect())
            painter.fillRect(area, self._context.look.theme.color("paper" if self.may_show() else "sunken"))
            if self.may_show():
                self._draw(painter, area)
        finally:
            painter.end()

    def _draw(self, painter: QPainter, area: QRectF) -> None:
        self.painted_cells = 0
        first, last, offset = self._columns_in_view(area)
        painter.save()
        painter.setClipRect(QRectF(0, HEAD, area.width(), area.height() - HEAD))
        shift = HEAD - self.verticalScrollBar().value()
        number = max(0, bisect_right(self._tops, self.verticalScrollBar().value()) - 1)
        while number < len(self.items) and self.items[number].top + shift < area.bottom():
            self._draw_item(painter, number, self.items[number].top + shift, first, last, offset)
            number += 1
        painter.restore()
        self._draw_lines(painter, area, first, last, offset)
        self._draw_head(painter, area, first, last, offset)
        if self.hasFocus():
            paint.box(painter, area, border=self._context.look.theme.ink, width=2, radius=0)

    def _columns_in_view(self, area: QRectF) -> tuple[int, int, float]:
        """First and last column in view, and the x of column 0."""
        first = self.horizontalScrollBar().value()
        return first, min(len(self._heads), first + self._fit) - 1, self.fixed - first * CELL

    def _draw_item(self, painter: QPainter, number: int, y: float, first: int, last: int, offset: float) -> None:
        theme, item, right = self._context.look.theme, self.items[number], float(self.viewport().width())
        if item.row is None or item.lines is None:
            paint.draw_text(painter, 8, y + 21, item.title, font("label", SEMIBOLD), theme.ink2)
            paint.hairline(painter, 0, y + item.height - 1, right, theme.rule2)
            return
        is_chosen = number == self._chosen[0]
        if is_chosen:
            painter.fillRect(QRectF(0, y, right, item.height - 1), theme.color("sel"))
            paint.upright(painter, 0, y, y + item.height - 1, theme.ink, 5)
        painter.save()
        painter.setClipRect(QRectF(self.fixed, y, right - self.fixed, item.height), Qt.ClipOperation.IntersectClip)
        for column in range(first, last + 1):
            cells = item.row.cells.get(column, ())
            x = offset + column * CELL
            self._draw_cells(painter, item.lines, cells, x, y, column == len(self._heads) - 1)
            if is_chosen and column == self._chosen[1]:
                paint.box(painter, QRectF(x + 1, y + 1, CELL - 2, item.height - 3), border=theme.ink, width=2)
        painter.restore()
        if self.has_before:
            self._draw_cells(painter, item.lines, item.row.before, NAMES + RANGE, y, False)
            if is_chosen and self._chosen[1] < 0:
                area = QRectF(NAMES + RANGE + 1, y + 1, CELL - 2, item.height - 3)
                paint.box(painter, area, border=theme.ink, width=2)
        draw_names(painter, item.lines, y, theme)
        paint.hairline(painter, 0, y + item.height - 1, right, theme.rule)

    def _draw_cells(
        self, painter: QPainter, lines: RowLines, cells: tuple[Cell, ...], x: float, y: float, newest: bool
    ) -> None:
        for cell in cells:
            made = lines.cells.get(id(cell)) or cell_lines(cell, self._context.now())
            draw_cell(painter, made, x, y, self._context.look.theme, newest=newest)
            y += made.height
            self.painted_cells += 1

    def _draw_lines(self, painter: QPainter, area: QRectF, first: int, last: int, offset: float) -> None:
        theme = self._context.look.theme
        total = self.items[-1].top + self.items[-1].height if self.items else 0
        foot = min(area.bottom(), HEAD + total - self.verticalScrollBar().value())
        if self.has_before:
            paint.upright(painter, NAMES + RANGE, 0, foot, theme.rule2)
        paint.upright(painter, self.fixed, 0, foot, theme.rule2)
        if last == len(self._heads) - 1 and last >= first:
            x = offset + last * CELL
            if x >= self.fixed:
                paint.upright(painter, x, 0, foot, theme.ink)

    def _draw_head(self, painter: QPainter, area: QRectF, first: int, last: int, offset: float) -> None:
        theme = self._context.look.theme
        painter.fillRect(QRectF(0, 0, area.width(), HEAD), theme.color("sunken"))
        painter.save()
        painter.setClipRect(QRectF(self.fixed, 0, area.width() - self.fixed, HEAD))
        for column in range(first, last + 1):
            x = offset + column * CELL + 8
            upper, lower = self._heads[column]
            heavy = SEMIBOLD if column == len(self._heads) - 1 else None
            paint.draw_text(painter, x, 19, upper, font("label", heavy), theme.ink if heavy else theme.ink2)
            paint.draw_text(painter, x, 39, lower, font("label", SEMIBOLD), theme.ink)
        painter.restore()
        paint.draw_text(painter, 8, 39, "Collected", font("label"), theme.ink2)
        paint.draw_text(painter, NAMES + 8, 39, "Range, unit", font("label"), theme.ink2)
        if self.has_before:
            paint.draw_text(painter, NAMES + RANGE + 8, 19, "last before", font("label"), theme.ink2)
            told, heavy = (self._before_day, SEMIBOLD) if self._before_day else ("these days", None)
            paint.draw_text(painter, NAMES + RANGE + 8, 39, told, font("label", heavy), theme.ink)
        paint.hairline(painter, 0, HEAD - 1.5, area.width(), theme.ink, 1.5)
