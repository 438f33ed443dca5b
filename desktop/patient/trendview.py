"""The trend of one row, and the chosen result in full (look/05 right). Marks repeat what the grid says."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QResizeEvent

from desktop.patient.blocks import fold
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.patient.words import cell_word, mark_word, short, struck_text
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, MEDIUM, SEMIBOLD, font, width
from localdb.chart.cells import VALUE, Cell
from localdb.chart.grid import Row
from localdb.chart.trend import HIGH, LIMIT, LOW, PHONED, REPLACED, Point, Trend, trend
from localdb.chart.views import Chart

PLOT_HIGH = 168
REPLACED_LABEL = "Replaced"
AA = QPainter.RenderHint.Antialiasing


class TrendView(KeyedWidget):
    """212 px at the right of the grid."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__(context.look, stand, key, chart)
        self._context = context
        self.row: Row | None = None
        self.cells: Sequence[Cell] = ()
        self.trend: Trend | None = None
        self.resize(210, 400)

    def show_result(self, row: Row, cells: Sequence[Cell]) -> None:
        """The trend of `row`, and below it `cells` (those of the chosen column)."""
        if row is not self.row:
            self.trend = trend(row, self.chart.phoned)
        self.row, self.cells = row, cells
        told = self.trend.words if self.trend else f"{row.name}: no numbers to draw"
        self.setAccessibleName(told)
        spoken = "; ".join(f"{label} {text}" for c in cells for label, text in self.facts(c))
        self.setAccessibleDescription(long_dates(spoken))
        self._measure()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._measure()
        super().resizeEvent(event)

    def _measure(self) -> None:
        """Be as high as what is drawn needs."""
        if self.row is not None and self.width() > 100:
            nowhere = QPixmap(1, 1)
            painter = QPainter(nowhere)
            self.setMinimumHeight(int(self._draw_all(painter)))
            painter.end()

    def facts(self, cell: Cell) -> list[tuple[str, str]]:
        """What is known of the chosen result: both times, sample, laboratory, method, range, comments."""
        now = self._context.now()
        facts = [
            ("Collected", short(cell.collected, now, missing="not recorded")),
            ("Received", short(cell.received, now, missing="not recorded")),
            ("Reported", short(cell.said, now, missing="not recorded")),
            ("Range", cell.range or "no range"),
            ("Sample", cell.specimen or "not recorded"),
            ("By", cell.laboratory or cell.author or cell.source),
        ]
        if cell.method:
            facts.append(("Method", cell.method))
        if cell.struck:
            facts.append((REPLACED_LABEL, f"{struck_text(cell)}, said {short(cell.struck[0].said, now)}"))
        facts += [("Comment", text) for text in cell.comments if cell.state == VALUE]
        return facts

    def draw(self, painter: QPainter) -> None:
        if self.row is not None:
            self._draw_all(painter)

    def _draw_all(self, painter: QPainter) -> float:
        """Draw everything; where it ends."""
        assert self.row is not None
        theme, y = self.theme, 22.0
        for line in fold(self.row.name, "body", self.width() - 12, SEMIBOLD):
            paint.draw_text(painter, 0, y, line, font("body", SEMIBOLD), theme.ink)
            y += 22
        unit = ", ".join(x for x in (self.row.unit or "no unit sent", self.row.method or "one laboratory") if x)
        for line in fold(unit, "label", self.width() - 12):
            paint.draw_text(painter, 0, y, line, font("label"), theme.ink2)
            y += 21
        y = self._draw_plot(painter, y) if self.trend else y + 8
        paint.hairline(painter, 0, y, self.width() - 12, theme.rule2)
        return self._draw_facts(painter, y + 26)

    def _draw_plot(self, painter: QPainter, top: float) -> float:
        found = self.trend
        assert found is not None
        left = ticks_width(found)
        area = QRectF(left, top + 8, self.width() - left - 52, PLOT_HIGH)
        draw_plot(painter, found, area, QRectF(0, top, self.width(), PLOT_HIGH + 8), self.theme)
        return draw_key(painter, found, 0, area.bottom() + 48, self.width(), self.theme)

    def _draw_facts(self, painter: QPainter, y: float) -> float:
        theme, now = self.theme, self._context.now()
        if not self.cells:
            paint.draw_text(painter, 0, y, "No result in this copy", font("label", SEMIBOLD), theme.ink)
        for cell in self.cells:
            shown = cell.text or cell_word(cell, now)
            lines = fold(shown, "ident", self.width() - 16, BOLD)
            for line in lines:
                used = paint.draw_text(painter, 0, y, line, font("ident", BOLD), theme.ink)
                y += 24
            if cell.text:
                at = used + 6
                at += paint.draw_text(painter, at, y - 24, cell.unit, font("body"), theme.ink2) + 10
                if at + paint.flag_width(cell.flag) > self.width() - 8:
                    at, y = 0, y + 22
                paint.draw_flag(painter, at, y - 24, cell.flag, theme)
            for note in (mark_word(cell, now), cell.reason, cell.caution):
                for line in fold(note, "label", self.width() - 16, SEMIBOLD) if note else ():
                    paint.draw_text(painter, 0, y, line, font("label", SEMIBOLD), theme.ink)
                    y += 21
            for label, text in self.facts(cell):
                paint.draw_text(painter, 0, y, label, font("label"), theme.ink2)
                for line in fold(text, "label", self.width() - 92, MEDIUM):
                    if label == REPLACED_LABEL:
                        paint.draw_struck(painter, 80, y, line, font("label"), theme.ink2)
                    else:
                        paint.draw_text(painter, 80, y, line, font("label", MEDIUM), theme.ink)
                    y += 22
            y += 10
        return y


class _Scale:
    """Where a time and a value stand in the plot; `ends` the first and last instant of its time axis."""

    def __init__(self, found: Trend, area: QRectF, ends: tuple[int, int]) -> None:
        self._area, self._low, self._high = area, found.low, found.high
        self._first, self._last = ends

    def x(self, utc: int) -> float:
        span = self._last - self._first
        inner = self._area.width() - 16
        return self._area.left() + 8 + (inner * (utc - self._first) / span if span else inner)

    def y(self, value: Decimal) -> float:
        share = float((value - self._low) / (self._high - self._low))
        return self._area.bottom() - self._area.height() * share

    def at(self, point: Point) -> QPointF:
        return QPointF(self.x(point.utc), self.y(point.value))


def ticks_width(found: Trend) -> float:
    """The room that the figures of the value axis need."""
    return max(width(f"{tick:f}", "label") for tick in found.ticks) + 8


def draw_plot(
    painter: QPainter,
    found: Trend,
    area: QRectF,
    room: QRectF,
    theme: Theme,
    *,
    ends: tuple[int, int] | None = None,
    days: Sequence[tuple[int, str]] | None = None,
) -> None:
    """One trend in `area`, its words kept within `room`. `ends` and `days` of a time axis that several share; with
    `days` empty the axis stands under another plot."""
    place = _Scale(found, area, ends or (found.points[0].utc, found.points[-1].utc))
    if found.band is not None:
        low, high = place.y(found.band[0]), place.y(found.band[1])
        painter.fillRect(QRectF(area.left(), high, area.width(), low - high), theme.color("normband"))
    for tick in found.ticks:
        y = place.y(tick)
        paint.hairline(painter, area.left(), y, area.right(), theme.rule)
        paint.draw_text(painter, area.left() - 8, y + 5, f"{tick:f}", font("label"), theme.ink2, right=True)
    paint.upright(painter, area.left(), area.top(), area.bottom(), theme.rule2)
    paint.hairline(painter, area.left(), area.bottom(), area.right(), theme.rule2)
    _draw_days(painter, found.days if days is None else days, area, place, theme)
    _draw_points(painter, found, place, room, theme)


def _draw_days(painter: QPainter, days: Sequence[tuple[int, str]], area: QRectF, place: _Scale, theme: Theme) -> None:
    used = -100.0
    for utc, text in days:
        x = place.x(utc)
        half = width(text, "label") / 2
        if x - half > used + 6:
            paint.upright(painter, x, area.bottom(), area.bottom() + 4, theme.rule2)
            paint.draw_text(painter, x - half, area.bottom() + 20, text, font("label"), theme.ink2)
            used = x + half


def _draw_points(painter: QPainter, found: Trend, place: _Scale, room: QRectF, theme: Theme) -> None:
    painter.save()
    painter.setRenderHint(AA)
    painter.setPen(QPen(QColor(theme.ink), 2))
    painter.drawLines([QLineF(place.at(a), place.at(b)) for a, b in found.segments])
    painter.restore()
    plain = [p for p in found.points if p.shape not in (REPLACED, PHONED)]
    for point in found.points:
        _mark(painter, place.at(point), point.shape, theme)
    if plain:
        last, wide = place.at(plain[-1]), width(plain[-1].text, "value", BOLD)
        x, y = last.x() + 11, last.y() + 6
        if x + wide > room.right() - 2:  # a long figure stands over its mark, not outside the picture
            x = max(room.left(), room.right() - 2 - wide)
            y = last.y() - 12 if last.y() - 26 > room.top() else last.y() + 24
        paint.draw_text(painter, x, y, plain[-1].text, font("value", BOLD), theme.ink)
    if len(plain) > 1:
        before, wide = place.at(plain[-2]), width(plain[-2].text, "label")
        right = max(before.x() - 8, room.left() + wide)
        paint.draw_text(painter, right, before.y() - 8, plain[-2].text, font("label"), theme.ink2, right=True)
    for point in found.points:
        at = place.at(point)
        if point.shape == REPLACED:
            left = max(room.left() + 2, at.x() - 10 - width(point.text, "label"))
            paint.draw_struck(painter, left, at.y() + 5, point.text, font("label"), theme.ink2)


def draw_key(painter: QPainter, found: Trend, x: float, y: float, room: float, theme: Theme) -> float:
    """What the band and the odd marks mean; where it ends."""
    if found.band is not None:
        paint.box(painter, QRectF(x, y - 11, 22, 13), fill=theme.normband, border=theme.rule2)
        for line in fold(found.band_text, "label", room - 44):
            paint.draw_text(painter, x + 31, y, line, font("label"), theme.ink2)
            y += 22
    shapes = {p.shape for p in found.points}
    for shape, words in (
        (REPLACED, "replaced value"),
        (LIMIT, "beyond this limit"),
        (PHONED, "by phone, unconfirmed"),
    ):
        if shape in shapes:
            _mark(painter, QPointF(x + 11, y - 5), shape, theme)
            paint.draw_text(painter, x + 31, y, words, font("label"), theme.ink2)
            y += 22
    if found.left_out:
        paint.draw_text(painter, x, y, f"{found.left_out} in words, not drawn", font("label"), theme.ink2)
        y += 22
    return y


def _mark(painter: QPainter, at: QPointF, shape: str, theme: Theme) -> None:
    """Dot in range, triangle out, open circle replaced or at a limit, open square by phone (LOOK §6)."""
    if shape in (HIGH, LOW):
        color = theme.hi if shape == HIGH else theme.lo
        paint.triangle(painter, at.x() - 7, at.y() + 6, color, up=shape == HIGH, size=14)
        return
    painter.save()
    painter.setRenderHint(AA)
    if shape == PHONED:
        painter.setPen(QPen(QColor(theme.pen), 2))
        painter.setBrush(QColor(theme.paper))
        painter.drawRect(QRectF(at.x() - 5, at.y() - 5, 10, 10))
    elif shape in (REPLACED, LIMIT):
        painter.setPen(QPen(QColor(theme.ink2), 2))
        painter.setBrush(QColor(theme.paper))
        painter.drawEllipse(at, 5, 5)
    else:
        painter.setPen(QPen(QColor(theme.ink), 1))
        painter.setBrush(QColor(theme.ink))
        painter.drawEllipse(at, 4, 4)
    painter.restore()
