"""Ruled tables to write in: a head, rows as high as their words need, columns that are shares of the width (LOOK §9).

A head is `tied`: it never stands alone, and `flow` draws it again where its table goes on to another page. A cell that
is higher than `most` goes on in a row below itself, so that nothing is cut (H13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from desktop.forms.blocks import Block, Strip
from desktop.forms.language import tr
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Line, Span, Style, glued, wrap

HEAD, CELL, FIRST = Style("semibold", 8.5), Style("regular", 10), Style("semibold", 10)
WRITING = 8 * MM  # a row that is written in by hand
_LEADING, _PAD = 12.0, 3.0


@dataclass(frozen=True, slots=True)
class Column:
    """`head` in English (translated here); `share` of the width; `style` of its cells."""

    head: str
    share: float
    style: Style = CELL
    align: Literal["left", "right", "centre"] = "left"


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell: `text` may hold line breaks; `lead` the style of its first line (a name over its numbers);
    `hatched` = nothing is to be written here (no dose due)."""

    text: str = ""
    style: Style | None = None
    hatched: bool = False
    lead: Style | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A head and its rows, kept apart so that the head can be repeated."""

    head: Block
    rows: tuple[Block, ...]


def table(
    wide: float, columns: Sequence[Column], rows: Sequence[Sequence[str | Cell]], *, pitch: float = WRITING,
    most: float = 520, weight: float = 0.9,
) -> Table:  # fmt: skip
    """`rows` of as many cells as columns; each at least `pitch` points high. Shares must sum to 1."""
    widths = [wide * c.share for c in columns]
    heads = [Cell(tr(c.head), HEAD) for c in columns]
    (head,) = _row(heads, columns, widths, 0, 1e9, top=weight, low=weight, tied=True)
    made = [
        block
        for row in rows
        for block in _row([c if isinstance(c, Cell) else Cell(c) for c in row], columns, widths, pitch, most)
    ]
    return Table(head, tuple(made))


def _row(
    cells: Sequence[Cell], columns: Sequence[Column], widths: Sequence[float], pitch: float, most: float, *,
    top: float = 0, low: float = 0.5, tied: bool = False,
) -> list[Block]:  # fmt: skip
    lines = [
        [
            line
            for n, part in enumerate(cell.text.split("\n"))
            for line in wrap(_spans(part, cell, column, first=n == 0), width - 2 * _PAD)
        ]
        if cell.text
        else []
        for cell, column, width in zip(cells, columns, widths, strict=True)
    ]
    each = max(1, int((most - 6) / _LEADING))
    longest = max(1, *(len(found) for found in lines))
    return [
        _piece(
            [found[k : k + each] for found in lines],
            cells,
            columns,
            widths,
            pitch if k == 0 else 0,
            top,
            low,
            tied=tied,
        )
        for k in range(0, longest, each)
    ]


def _spans(part: str, cell: Cell, column: Column, *, first: bool) -> list[Span]:
    return [(glued(part), (cell.lead if first else None) or cell.style or column.style)]


def _piece(
    lines: list[list[Line]], cells: Sequence[Cell], columns: Sequence[Column], widths: Sequence[float], pitch: float,
    top: float, low: float, *, tied: bool,
) -> Block:  # fmt: skip
    height = max(pitch, max(len(found) for found in lines) * _LEADING + 5)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        at = x
        for n, (found, width) in enumerate(zip(lines, widths, strict=True)):
            if cells[n].hatched:
                sheet.hatch(at, y, width, height, 2 * MM)
            for k, line in enumerate(found):
                _put(sheet, line, columns[n].align, at, width, y + 11 + k * _LEADING)
            sheet.line(at, y, at, y + height)
            at += width
        sheet.line(at, y, at, y + height)
        if top:
            sheet.line(x, y, at, y, top)
        sheet.line(x, y + height, at, y + height, low)

    return Block((Strip(height, draw),), tied=tied)


def _put(sheet: Sheet, line: Line, align: str, at: float, width: float, baseline: float) -> None:
    if align == "right":
        sheet.text(at + width - _PAD, baseline, line.spans, align="right")
    elif align == "centre":
        sheet.text(at + width / 2, baseline, line.spans, align="centre")
    else:
        sheet.text(at + _PAD, baseline, line.spans)
