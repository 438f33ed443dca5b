"""The lines of a grid's cells, names and heads, before they are painted: so that rows know how high they are."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from desktop.patient.blocks import fold
from desktop.patient.words import cell_word, day, mark_word, struck_text
from desktop.shell.type import BOLD, width
from localdb.chart import wording
from localdb.chart.cells import VALUE, Cell
from localdb.chart.grid import Column, Row

NAMES, RANGE, CELL = 146, 132, 108
POINT = 46  # where the decimal point stands in a cell
LINE, FIRST = 21, 24  # px of a further line, and of the first one
PLAIN = FIRST + 6  # a cell of one line

HeadLines = tuple[str, str]


class CellLines(NamedTuple):
    """One cell: `whole`.`fraction` at the point, or `words` where the value is text; `notes` below, one of them with a
    struck value."""

    whole: str
    fraction: str
    flag: str
    flag_below: bool
    words: tuple[str, ...]
    notes: tuple[tuple[str, bool], ...]  # text, heavy
    struck: str
    height: float


class RowLines(NamedTuple):
    names: tuple[str, ...]
    ranges: tuple[str, ...]
    comments: tuple[str, ...]
    cells: dict[int, CellLines]
    height: float


def head_lines(column: Column, now: datetime) -> HeadLines:
    """Day above, time below; what the time is where it is not that of collection (L1)."""
    if column.moment is None or column.moment.instant is None:
        return "collected", "not recorded"
    clock = wording.time(column.moment) or "no time"
    date = day(column.moment, now)
    return (date, clock) if column.basis == "collected" else (f"{column.basis} {date}", clock)


def cell_lines(cell: Cell, now: datetime, *, dated: bool = False) -> CellLines:
    """The lines of one cell; with `dated` its own day stands below it (the last before the window)."""
    room = CELL - 16
    notes: list[tuple[str, bool]] = []
    words: tuple[str, ...] = ()
    whole = fraction = ""
    below = False
    if cell.state != VALUE:
        words = tuple(fold(cell_word(cell, now), "label", room, BOLD))
        notes += [(line, False) for line in fold(cell.reason, "label", room)] if cell.reason else []
    else:
        whole, point, rest = cell.text.partition(".")
        fraction = point + rest
        if width(whole, "value", BOLD) > POINT - 4 or width(fraction, "value", BOLD) > 30 or " " in cell.text:
            words, whole, fraction = tuple(fold(cell.text, "body", room, BOLD if cell.flag else None)), "", ""
            below = bool(cell.flag)
        elif width(fraction, "value", BOLD) > 18 and len(cell.flag) > 1:
            below = True
    if cell.mark:
        notes += [(line, True) for line in fold(mark_word(cell, now), "label", room, BOLD)]
    struck = struck_text(cell) if cell.struck else ""
    if cell.caution:
        notes += [(line, True) for line in fold("flag and range disagree", "label", room, BOLD)]
    if dated:
        notes.append((day(cell.when, now), False))
    lines = max(1, len(words)) + below + len(notes)
    if struck and not (notes and _fits_behind(notes[-1][0], struck, room)):
        lines += 1
    return CellLines(whole, fraction, cell.flag, below, words, tuple(notes), struck, FIRST + LINE * (lines - 1) + 6)


def is_plain(cell: Cell) -> bool:
    """A short figure in one line and nothing beside it: measured only when it comes into view."""
    whole, _, rest = cell.text.partition(".")
    beside = cell.mark or cell.comments or cell.caution or len(cell.flag) > 1
    return cell.state == VALUE and not beside and len(whole) <= 4 and len(rest) <= 2 and " " not in cell.text


def _height(cells: dict[int, CellLines], cell: Cell) -> float:
    return cells[id(cell)].height if id(cell) in cells else PLAIN


def _fits_behind(text: str, struck: str, room: float) -> bool:
    return width(text, "label", BOLD) + 8 + width(struck, "label") <= room


def row_lines(row: Row, now: datetime, *, has_twin: bool, head_day: str = "") -> RowLines:
    """Name, range and comment lines of a row, and the lines of all its cells; the last before has its day unless that
    is `head_day`, which stands in the head."""
    names = fold(row.name, "body", NAMES - 16, BOLD)
    sent = f"{row.range} {row.unit}" if row.range else f"no range  {row.unit}"
    ranges = fold(sent.strip(), "label", RANGE - 12)
    if row.ranges_differ:
        ranges += ["ranges differ"]
    comments: list[str] = []
    for told in (row.method, row.laboratory if has_twin else ""):
        comments += fold(told, "label", NAMES + RANGE - 16) if told else []
    newest = row.cells[max(row.cells)][-1] if row.cells else None
    if newest is not None and newest.comments and newest.state == VALUE:
        for text in newest.comments:
            comments += fold(text, "label", NAMES + RANGE - 16)
    cells = {id(c): cell_lines(c, now) for several in row.cells.values() for c in several if not is_plain(c)}
    cells |= {id(c): cell_lines(c, now, dated=day(c.when, now) != head_day) for c in row.before}
    for several in row.cells.values():
        for c in several:
            if c.comments and c is not newest and c.state == VALUE:
                made = cells[id(c)]
                notes = (
                    *made.notes,
                    *((line, False) for text in c.comments for line in fold(text, "label", CELL - 16)),
                )
                extra = len(notes) - len(made.notes)
                cells[id(c)] = made._replace(notes=notes, height=made.height + extra * LINE)
    tallest = max((sum(_height(cells, c) for c in several) for several in row.cells.values()), default=PLAIN)
    before = sum(cells[id(c)].height for c in row.before)
    left = max(len(names) * 22, len(ranges) * LINE) + len(comments) * LINE + 8
    return RowLines(tuple(names), tuple(ranges), tuple(comments), cells, max(30, tallest, before, left))
