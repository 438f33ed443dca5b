"""The administration grid of a regular medicine: times down, days across (CLINICAL §5.2, LOOK §9).

A box is empty to write in, hatched where the source's words leave no dose due, `status unknown` where a time passed
since the copy ended, `in copy` before that. A thick line in the present day says where paper starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from desktop.forms.blocks import Strip
from desktop.forms.language import tr
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Line, Style, wrap
from localdb.chart import dose_times, wording
from localdb.chart.dose_times import COPY, NOT_DUE, OPEN, UNKNOWN, times_a_day
from localdb.chart.drug_chart import Item

HEAD, TIME, SMALL = Style("semibold", 9.5), Style("semibold", 11), Style("semibold", 8.5)
DAYS, WEEK = 5, 7
ROW = 8 * MM  # a box that is written in by hand
HEAD_HIGH, TIME_WIDE = 15.0, 38.0
_HATCH = 2.6 * MM
_UNSAID = 2  # rows for an order that does not say how often a day: the ward writes its times


@dataclass(frozen=True, slots=True)
class Grid:
    """`rows` clock times ("" = to be written in); `cells[row][day]` the state of each box; `words` stands across a
    grid in which nothing may be written; `is_dated` False: the days too are written in by hand;
    `least` as many rows at least, for times that were not sent; `spare` the boxes of a row without a time."""

    days: tuple[date, ...]
    rows: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    is_settled: bool = False
    words: str = ""
    is_dated: bool = True
    least: int = 1
    spare: tuple[str, ...] = ()


def days_from(now: datetime, zone: str, count: int) -> tuple[date, ...]:
    first = wording.local_day(now, zone)
    return tuple(first + timedelta(days=n) for n in range(count))


def grid_of(item: Item, now: datetime, zone: str, count: int = DAYS) -> Grid:
    """The grid of an order at the moment of printing."""
    days, table = days_from(now, zone, count), item.table
    cells = tuple(
        tuple(dose_times.state(item.row.item, table, day, time, item.row.complete_to, now, zone) for day in days)
        for time in table.rows
    )
    words = item.row.item.frequency or item.row.item.instructions
    least = 1 if table.is_settled else max(len(table.rows), times_a_day(words) or (1 if table.days else _UNSAID))
    spare = tuple(
        NOT_DUE if table.is_settled or (table.days is not None and d.weekday() not in table.days) else OPEN
        for d in days
    )
    return Grid(days, table.rows, cells, table.is_settled, least=least, spare=spare)


def chunks(grid: Grid, most: int) -> list[Grid]:
    """A grid of more times than `most` goes on in a box below itself."""
    if len(grid.rows) <= most:
        return [grid]
    return [
        replace(grid, rows=grid.rows[n : n + most], cells=grid.cells[n : n + most], least=1)
        for n in range(0, len(grid.rows), most)
    ]


def grid_strip(grid: Grid, wide: float, least: float) -> Strip:
    """The grid in `wide` points, at least `least` high: rows of at least 8 mm, more of them where there is room."""
    made = _heads(grid, (wide - TIME_WIDE) / max(1, len(grid.days)))
    head = max(HEAD_HIGH if grid.is_dated else 18, max(len(found) for found in made) * 11 + 4)
    count = max(len(grid.rows), int((least - head + 0.01) / ROW), grid.least)
    each = max(ROW, (least - head) / count)
    height = head + each * count

    def draw(sheet: Sheet, x: float, y: float) -> None:
        _draw_head(sheet, made, grid, x, y, wide, head)
        _draw_cells(sheet, grid, x, y + head, wide, each, count)

    return Strip(height, draw)


def _heads(grid: Grid, each: float) -> list[list[Line]]:
    names = [wording.WEEKDAYS[d.weekday()] for d in grid.days]
    heads = [wrap([(tr("Time"), SMALL)], TIME_WIDE - 4)]
    if not grid.is_dated:
        return heads
    heads += [wrap([(f"{tr(n)} {d.day}", HEAD)], each - 3) for n, d in zip(names, grid.days, strict=True)]
    if max(len(lines) for lines in heads[1:]) == 1:
        return heads
    # In narrow columns every day stands over its date, not some of them.
    apart = [
        wrap([(tr(n), HEAD)], each - 2) + wrap([(str(d.day), HEAD)], each)
        for n, d in zip(names, grid.days, strict=True)
    ]
    return heads[:1] + apart


def _draw_head(
    sheet: Sheet, heads: Sequence[list[Line]], grid: Grid, x: float, y: float, wide: float, high: float
) -> None:
    each = (wide - TIME_WIDE) / len(grid.days)
    for n, lines in enumerate(heads):
        at = x + (TIME_WIDE / 2 if n == 0 else TIME_WIDE + (n - 0.5) * each)
        for k, line in enumerate(lines):
            sheet.text(at, y + 11 + k * 11, line.spans, align="centre")
    sheet.line(x, y + high, x + wide, y + high, 0.75)


def _draw_cells(sheet: Sheet, grid: Grid, x: float, y: float, wide: float, each: float, count: int) -> None:
    day_wide = (wide - TIME_WIDE) / len(grid.days)
    left = x + TIME_WIDE
    if grid.words:
        sheet.hatch(x, y, wide, each * count, _HATCH)
        _patch(sheet, grid.words, x, y, wide, each * count)
        return
    for n in range(count):
        top = y + n * each
        time = grid.rows[n] if n < len(grid.rows) else ""
        states = grid.cells[n] if n < len(grid.cells) else grid.spare or (OPEN,) * len(grid.days)
        if time:
            sheet.text(x + TIME_WIDE / 2, top + each / 2 + 4, time, TIME, align="centre")
        _hatch_runs(sheet, states, left, top, day_wide, each)
        if grid.is_settled and not time:
            sheet.hatch(x, top, TIME_WIDE, each, _HATCH)
        for k, state in enumerate(states):
            _say(sheet, state, left + (k + 0.5) * day_wide, top + each / 2, day_wide)
        if n:
            sheet.line(x, top, x + wide, top, 0.5)
    low = y + count * each
    for k in range(len(grid.days)):
        sheet.line(left + k * day_wide, y - 0.5, left + k * day_wide, low, 0.5)
    if grid.cells:
        _draw_start(sheet, grid, left, y, day_wide, each, low)


def _hatch_runs(sheet: Sheet, states: Sequence[str], left: float, top: float, wide: float, high: float) -> None:
    """Boxes without a dose, those beside each other in one piece."""
    n = 0
    while n < len(states):
        end = n
        while end < len(states) and states[end] == NOT_DUE:
            end += 1
        if end > n:
            sheet.hatch(left + n * wide, top, (end - n) * wide, high, _HATCH)
        n = max(end, n + 1)


def _say(sheet: Sheet, state: str, middle: float, at: float, wide: float) -> None:
    words = {UNKNOWN: tr("status unknown"), COPY: tr("in copy")}.get(state, "")
    if not words:
        return
    lines = wrap([(words, SMALL)], wide - 2)
    for k, line in enumerate(lines):
        sheet.text(middle, at + 3 + (k - (len(lines) - 1) / 2) * 9.4, line.spans, align="centre")


def _draw_start(sheet: Sheet, grid: Grid, left: float, top: float, wide: float, each: float, low: float) -> None:
    """The step between what lies before the print and what is written on it, in the first day."""
    done = max((n + 1 for n, states in enumerate(grid.cells) if states[0] in (COPY, UNKNOWN)), default=0)
    if not done:
        sheet.line(left, top, left, low, 2.2)
        return
    y = top + done * each
    sheet.line(left + wide, top, left + wide, y, 2.2)
    sheet.line(left, y, left + wide, y, 2.2)
    sheet.line(left, y, left, low, 2.2)


def _patch(sheet: Sheet, words: str, x: float, y: float, wide: float, high: float) -> None:
    """White paper in the hatch with words on it."""
    style = Style("bold", 10)
    lines = wrap([(words, style)], wide - 24)
    broad = max(line.width for line in lines) + 10
    tall = len(lines) * 12.5 + 6
    left, top = x + (wide - broad) / 2, y + (high - tall) / 2
    sheet.patch(left, top, broad, tall)
    sheet.box(left, top, broad, tall, 0.9)
    for k, line in enumerate(lines):
        sheet.text(x + wide / 2, top + 12 + k * 12.5, line.spans, align="centre")


@dataclass(frozen=True, slots=True)
class Record:
    """A record of doses with a column for each thing that is written: of drugs that have no times of their own."""

    heads: tuple[str, ...]
    shares: tuple[float, ...]
    rows: int = 4


IF_NEEDED = Record(("Date", "Time", "Dose", "Given by", "Effect"), (0.2, 0.17, 0.23, 0.2, 0.2))


def record_strip(record: Record, wide: float, least: float) -> Strip:
    """Empty rows of 8 mm under translated heads."""
    heads = [wrap([(tr(h), SMALL)], wide * s - 4) for h, s in zip(record.heads, record.shares, strict=True)]
    head = max(len(found) for found in heads) * 10.5 + 4.5
    count = max(record.rows, int((least - head + 0.01) / ROW))
    each = max(ROW, (least - head) / count)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        at = x
        for lines, share in zip(heads, record.shares, strict=True):
            for k, line in enumerate(lines):
                sheet.text(at + wide * share / 2, y + 10.5 + k * 10.5, line.spans, align="centre")
            if at > x:
                sheet.line(at, y, at, y + head + each * count, 0.5)
            at += wide * share
        for n in range(count):
            sheet.line(x, y + head + n * each, x + wide, y + head + n * each, 0.5 if n else 0.75)

    return Strip(head + each * count, draw)
