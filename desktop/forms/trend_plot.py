"""One trend drawn for a mono printer: frame, value axis at the left, days below, marks by shape (LOOK §6 Trend, §9)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from desktop.forms.blocks import Block, Strip, rule
from desktop.forms.sheet import Sheet
from desktop.forms.type import Line, Style, glued, width, wrap
from localdb.chart.trend import HIGH, LIMIT, LOW, PHONED, REPLACED, Point, Trend

NAME, NOTE, FIGURE, TICK, LAST = (
    Style("semibold", 10.5), Style("regular", 8.5), Style("regular", 10), Style("regular", 8), Style("bold", 10.5),
)  # fmt: skip
VALUE = Style("semibold", 10)
# Name, notes, and the figures in pieces of which some stand out.
Said = tuple[str, str, tuple[tuple[str, bool], ...]]
PLOT_HIGH, RIGHT = 55.0, 54.0
_MARK = 2.6


@dataclass(frozen=True, slots=True)
class Axis:
    """The time axis that all plots of a page share: microseconds, and (microseconds, text) of its days."""

    first: int
    last: int
    days: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a time and a value stand, in points from the left and top of the page."""

    axis: Axis
    trend: Trend
    left: float
    top: float
    wide: float

    def x(self, utc: int) -> float:
        span = self.axis.last - self.axis.first
        inner = self.wide - 14
        return self.left + 7 + (inner * (utc - self.axis.first) / span if span else inner)

    def y(self, value: Decimal) -> float:
        share = float((value - self.trend.low) / (self.trend.high - self.trend.low))
        return self.top + PLOT_HIGH * (1 - share)


def ticks_width(found: Trend) -> float:
    """The room that the figures of the value axis need."""
    return max(width(_tick(t), TICK) for t in found.ticks) + 7


def plot(found: Trend, axis: Axis, wide: float, left: float, said: Said) -> list[Block]:
    """One test in a block that is not divided; its value axis stands `left`
    points in, as those above and below."""
    name, notes, figures = said
    title = wrap([(glued(name), NAME)], wide)
    noted = wrap([(glued(notes), NOTE)], wide)
    listed = wrap([(glued(text), VALUE if stands_out else FIGURE) for text, stands_out in figures], wide)
    high = 4 + len(title) * 13.5 + len(noted) * 11 + 5 + PLOT_HIGH + 15 + len(listed) * 12.2 + 3

    def draw(sheet: Sheet, x: float, y: float) -> None:
        at = _lines(sheet, title, x, y + 4, 13.5)
        at = _lines(sheet, noted, x, at, 11)
        place = _Place(axis, found, x + left, at + 5, wide - left - RIGHT)
        _frame(sheet, place, x + left)
        _band(sheet, place)
        _points(sheet, place)
        _lines(sheet, listed, x, at + 5 + PLOT_HIGH + 15, 12.2)

    return [Block((Strip(high, draw), rule(wide)))]


def _tick(value: Decimal) -> str:
    return f"{value:f}"


def _lines(sheet: Sheet, lines: list[Line], x: float, y: float, leading: float) -> float:
    for line in lines:
        y += leading
        sheet.text(x, y - leading * 0.24, line.spans)
    return y


def _frame(sheet: Sheet, place: _Place, left: float) -> None:
    """Axes with their figures; a day that would touch its neighbour is left out, its tick stays."""
    low = place.top + PLOT_HIGH
    sheet.line(left, place.top, left, low, 0.6)
    sheet.line(left, low, left + place.wide, low, 0.6)
    for value in place.trend.ticks:
        y = place.y(value)
        sheet.line(left - 3, y, left, y, 0.6)
        sheet.text(left - 5, y + 2.8, _tick(value), TICK, align="right")
    used = left - 100
    for utc, text in place.axis.days:
        x, half = place.x(utc), width(text, TICK) / 2
        sheet.line(x, low, x, low + 3, 0.6)
        if x - half > used + 5:
            sheet.text(x, low + 11.5, text, TICK, align="centre")
            used = x + half


def _band(sheet: Sheet, place: _Place) -> None:
    if place.trend.band is None:
        return
    for end in place.trend.band:
        sheet.dashed(place.left, place.y(end), place.left + place.wide)


def _points(sheet: Sheet, place: _Place) -> None:
    for one, other in place.trend.segments:
        sheet.line(place.x(one.utc), place.y(one.value), place.x(other.utc), place.y(other.value), 1.0)
    for point in place.trend.points:
        _mark(sheet, place.x(point.utc), place.y(point.value), point.shape)
    last = next((p for p in reversed(place.trend.points) if p.shape not in (REPLACED, PHONED)), None)
    if last is not None:
        _last(sheet, place, last)


def _last(sheet: Sheet, place: _Place, last: Point) -> None:
    """The newest figure in the margin, level with its mark; one too wide for it is in the list below."""
    if width(last.text, LAST) <= RIGHT - 8:
        sheet.text(place.left + place.wide + 6, place.y(last.value) + 3.6, last.text, LAST)


def _mark(sheet: Sheet, x: float, y: float, shape: str) -> None:
    """Dot in range, triangle out, open circle replaced or at a limit, open square by phone (LOOK §6)."""
    if shape in (HIGH, LOW):
        sheet.triangle(x - 3.6, y + 3.2, 7.2, up=shape == HIGH)
    elif shape == PHONED:
        sheet.patch(x - 3.2, y - 3.2, 6.4, 6.4)
        sheet.box(x - 3.2, y - 3.2, 6.4, 6.4, 1.1)
    else:
        sheet.circle(x, y, _MARK + (0.6 if shape in (LIMIT, REPLACED) else 0), filled=shape not in (LIMIT, REPLACED))
