"""Weight, height and their like: the latest with its date, the one before, every value, and a trend (CLINICAL §2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from desktop.patient.blocks import Block, Cell, Gap, Head, Lead, Para, State, TableRow
from desktop.patient.sheet import Placed
from desktop.patient.sheettab import SheetTab
from desktop.patient.words import StateWords, day, section_age, short, state_words
from desktop.shell import paint
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, font, width
from localdb.chart.measures import Series, measures
from localdb.chart.views import Chart

COLUMNS = (0.0, 0.3, 0.56)
MOST, HIGH = 20, 132


class Trend:
    """A series as a line over time, newest at the right; the latest and the value before in figures (CUI GTAB)."""

    def __init__(self, series: Series, now: datetime) -> None:
        self._series, self._now = series, now
        self.words = ""

    def height(self, width: float) -> float:
        return HIGH

    def draw(self, painter: QPainter, x: float, y: float, width_: float, theme: Theme) -> None:
        values = self._series.drawn
        numbers = [v.number for v in values if v.number is not None]
        low, high = min(numbers), max(numbers)
        ends = [f"{high:f}", f"{low:f}"]
        left = x + max(width(t, "label") for t in ends) + 10
        area = QRectF(left, y + 12, min(width_, 620) - (left - x) - 90, HIGH - 46)
        times = [v.at.utc for v in values if v.at is not None and v.at.utc is not None]
        span, tall = times[-1] - times[0], high - low
        at = [
            QPointF(
                area.left() + (area.width() * (t - times[0]) / span if span else area.width() / 2),
                area.bottom() - (float((n - low) / tall) * area.height() if tall else area.height() / 2),
            )
            for t, n in zip(times, numbers, strict=True)
        ]
        for text, edge in zip(ends, (area.top(), area.bottom()), strict=True):
            paint.hairline(painter, area.left(), edge, area.right(), theme.rule)
            paint.draw_text(painter, left - 8, edge + 5, text, font("label"), theme.ink2, right=True)
        painter.save()
        painter.setRenderHint(paint.AA)
        painter.setPen(QPen(QColor(theme.ink), 2))
        painter.drawLines([QLineF(a, b) for a, b in pairwise(at)])
        painter.setBrush(QColor(theme.ink))
        for point in at:
            painter.drawEllipse(point, 4, 4)
        painter.restore()
        paint.draw_text(painter, at[-1].x() + 10, at[-1].y() + 6, f"{numbers[-1]:f}", font("value", BOLD), theme.ink)
        first, last = day(values[0].at, self._now), day(values[-1].at, self._now)
        paint.draw_text(painter, area.left(), area.bottom() + 22, first, font("label"), theme.ink2)
        if width(first, "label") + width(last, "label") + 12 < area.width():
            paint.draw_text(painter, area.right(), area.bottom() + 22, last, font("label"), theme.ink2, right=True)


class Measures(SheetTab):
    """The tab."""

    title = "Weight and height"

    def arrange(self, chart: Chart, room: float) -> Sequence[Placed]:
        now, wide = self.context.now(), room - 16
        head = Head("Weight, height and other measures, as sent", section_age(chart, now, "observation"))
        listing = chart.lists["observations"]
        if said := state_words(listing, "observations", chart, now, "observation"):
            return [Placed(8, 0, wide, [head, State(said)])]
        blocks: list[Block] = [head]
        found = measures(listing.items)
        if not found:
            blocks.append(State(_NONE))
        for series in found:
            blocks += self._series(series, now)
        blocks += [Para(listing.window, "label", "ink2")] if listing.window else []
        return [Placed(8, 0, wide, blocks)]

    def _series(self, series: Series, now: datetime) -> list[Block]:
        shown = series.values[:MOST]
        count = f"{len(shown)} of {len(series.values)}, in {series.unit or 'no unit sent'}"
        blocks: list[Block] = [Gap(8), Lead([series.name], (0,), line=1, count=count)]
        for n, value in enumerate(shown):
            weight = 700 if n == 0 else 500
            how = value.how or ("not said whether measured" if series.name == "Weight" else "")
            by = ", ".join(x for x in (how, value.by) if x)
            cells = [[Cell(value.text, "body", weight=weight)], [Cell(short(value.at, now), "body")],
                     [Cell(by, "label", "ink2")]]  # fmt: skip
            blocks.append(TableRow(cells, COLUMNS))
        if len(series.drawn) > 1:
            blocks.append(Trend(series, now))
        return blocks


_NONE = StateWords(
    "No weight, height or other measure in this copy",
    "No source sent one. That is not proof that nobody measured: ask, or weigh again.",
)
