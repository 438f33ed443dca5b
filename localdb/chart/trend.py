"""What a trend of one row shows, before any painter: points, band, axes (LOOK §6 Trend, CLINICAL §3.1 L4, L5).

Rules: one row only, so never two units, methods or laboratories in one line; a comparator is an open mark at its limit
and is not joined (L5); a replaced value is an open circle; a phoned one an open square, unjoined; a withdrawn one is
not there. The band is the range as sent, and only where every point came with the same one. Positions only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

from localdb.chart.cells import VALUE, Cell, limits, number
from localdb.chart.grid import Row
from localdb.chart.views import Entry
from localdb.chart.wording import MONTHS, ZONE
from localdb.records.moments import Moment, read_moment

DOT, HIGH, LOW, LIMIT, REPLACED, PHONED = "dot", "high", "low", "limit", "replaced", "phoned"
JOINED = frozenset({DOT, HIGH, LOW})


class Point(msgspec.Struct, frozen=True):
    """One mark: `utc` microseconds, `value` where it stands, `text` as sent, `shape` one of the above."""

    utc: int
    value: Decimal
    text: str
    shape: str


class Trend(msgspec.Struct, frozen=True):
    """`points` oldest first; `band` lower and upper end as sent with `band_text`; `low`/`high` of the axis with its
    `ticks`; `days` (utc, text) of the time axis; `left_out` values that are not numbers."""

    name: str
    unit: str
    points: tuple[Point, ...]
    band: tuple[Decimal, Decimal] | None
    band_text: str
    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]
    days: tuple[tuple[int, str], ...]
    left_out: int

    @property
    def segments(self) -> tuple[tuple[Point, Point], ...]:
        """The straight lines between neighbours that may be joined."""
        joined = [p for p in self.points if p.shape in JOINED]
        return tuple(pairwise(joined))

    @property
    def words(self) -> str:
        """The trend in words, for a screen reader: last, least, most."""
        told = [p for p in self.points if p.shape in JOINED]
        if not told:
            return f"{self.name}: no values to draw"
        least, most = min(told, key=lambda p: p.value), max(told, key=lambda p: p.value)
        return f"{self.name}, {self.unit}: last {told[-1].text}, lowest {least.text}, highest {most.text}"


def aligned(trends: Sequence[Trend], *, zone: str = ZONE) -> tuple[int, int, tuple[tuple[int, str], ...]]:
    """The time axis that several trends share: first and last instant of all points (microseconds), and its days.

    Each keeps its own scale of values: two units are never on one axis (CLINICAL §2.3, GTAB-028). `trends` is not empty.
    """
    first, last = min(t.points[0].utc for t in trends), max(t.points[-1].utc for t in trends)
    return first, last, _days(first, last, zone)


def trend(row: Row, phoned: Iterable[Entry] = (), *, zone: str = ZONE) -> Trend | None:
    """The trend of `row` with the phoned results of the same test and unit; None where no number can be placed."""
    points: list[Point] = []
    left_out = 0
    inside = [c for n in sorted(row.cells) for c in row.cells[n]]
    # One old value before the window would press all others against the right edge: it joins only a lone one.
    for cell in inside if len(inside) > 1 else row.every:
        made = _points(cell)
        left_out += not made and cell.state == VALUE
        points += made
    points += [p for entry in phoned if (p := _phoned(entry, row)) is not None]
    if not points:
        return None
    points.sort(key=lambda p: p.utc)
    band, band_text = _band(row)
    ends = [p.value for p in points] + (list(band) if band else [])
    low, high, ticks = _axis(min(ends), max(ends))
    days = _days(points[0].utc, points[-1].utc, zone)
    return Trend(row.name, row.unit, tuple(points), band, band_text, low, high, ticks, days, left_out)


def _points(cell: Cell) -> list[Point]:
    moment = cell.when
    if cell.state != VALUE or moment is None or moment.utc is None:
        return []
    replaced = [
        Point(moment.utc, at, f"{f.comparator or ''}{f.value}", REPLACED)
        for f in cell.struck
        if (at := number(f.value)) is not None and (f.unit or "") == cell.unit
    ]
    value = number(cell.value)
    if value is None:
        return replaced
    letters = cell.flag.upper()
    shape = LIMIT if cell.comparator else HIGH if letters.startswith("H") else LOW if letters.startswith("L") else DOT
    return [*replaced, Point(moment.utc, value, cell.text, shape)]


def _phoned(entry: Entry, row: Row) -> Point | None:
    """An unconfirmed value of the same test name and unit; a corrected entry is not drawn."""
    body = entry.body
    value = number(str(body.get("value", "")))
    same = (str(body.get("test", "")).casefold(), str(body.get("unit", ""))) == (row.name.casefold(), row.unit)
    moment = _moment(body.get("collected")) or entry.happened
    if not same or value is None or entry.corrected_by or moment is None or moment.utc is None:
        return None
    return Point(moment.utc, value, f"{body.get('comparator') or ''}{body['value']}", PHONED)


def _moment(sent: object) -> Moment | None:
    if isinstance(sent, Moment):
        return sent
    return read_moment(sent) if isinstance(sent, str) and sent else None


def _band(row: Row) -> tuple[tuple[Decimal, Decimal] | None, str]:
    ends = limits(row.range)
    if row.ranges_differ or ends is None or ends[0] is None or ends[1] is None:
        return None, ""
    return (ends[0], ends[1]), f"{row.range} as sent"


def _axis(least: Decimal, most: Decimal) -> tuple[Decimal, Decimal, tuple[Decimal, ...]]:
    """Round ends and at most six steps of 1, 2 or 5 × 10ⁿ."""
    span = most - least or abs(most) or Decimal(1)
    step = Decimal(1).scaleb(span.adjusted() - 1)
    for factor in (1, 2, 5, 10, 20, 50, 100):
        if span / (step * factor) <= 5:
            step *= factor
            break
    low = (least / step).to_integral_value("ROUND_FLOOR") * step
    high = (most / step).to_integral_value("ROUND_CEILING") * step
    if low == high:
        low, high = low - step, high + step
    count = int((high - low) / step)
    return low, high, tuple(_short(low + step * n) for n in range(count + 1))


def _short(value: Decimal) -> Decimal:
    """An axis number without trailing zeros and without an exponent."""
    return Decimal(f"{value.normalize():f}")


def _days(first: int, last: int, zone: str) -> tuple[tuple[int, str], ...]:
    """At most five midnights between the points as "21", the month added to the last and to a first of a month."""
    place = ZoneInfo(zone)
    start, end = (moment.astimezone(place) for at in (first, last) if (moment := Moment("", at).instant) is not None)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    count = max(1, (end - midnight).days)
    step = -(-count // 4)
    found: list[tuple[int, str]] = []
    for n in range(0, count + 1, step):
        at = (midnight + timedelta(days=n)).replace(hour=0)
        utc = first + int((at - start).total_seconds() * 1_000_000)
        if first <= utc <= last:
            year = f" {at.year}" if count > 300 else ""
            found.append((utc, f"{at.day} {MONTHS[at.month - 1]}{year}" if step > 1 or not found else f"{at.day}"))
    return tuple(found)


def agree(cells: Sequence[Cell]) -> bool:
    """Whether all cells have one unit, method and laboratory: a trend over others is refused (L4)."""
    return len({(c.unit, c.method, c.laboratory) for c in cells if c.state == VALUE}) <= 1
