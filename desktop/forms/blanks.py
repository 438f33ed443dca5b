"""What is written by hand: labelled lines, tick boxes, ruled rows (CLINICAL §6)."""

from __future__ import annotations

from dataclasses import dataclass

from desktop.forms.blocks import Block, Strip
from desktop.forms.sheet import Sheet
from desktop.forms.type import Line, Style, glued, width, wrap

LABEL, VALUE = Style("regular", 8.5), Style("semibold", 10)
DATE, TIME = "__-___-____", "__:__"


@dataclass(frozen=True, slots=True)
class Field:
    """A label, a share of the width, and what is known already; `ticks` are boxes with words behind them; `ruled` = a
    line to write on follows."""

    label: str
    share: float
    value: str = ""
    ticks: tuple[str, ...] = ()
    ruled: bool = True


def fields(wide: float, row: list[Field], height: float = 17) -> Block:
    """One row of fields. A known value wraps within its share; the row grows with it."""
    made: list[tuple[Field, float, list[Line]]] = []
    for field in row:
        room = wide * field.share - width(field.label, LABEL) - 12
        made.append((field, wide * field.share, wrap([(glued(field.value), VALUE)], room) if field.value else []))
    high = height + (max(len(lines) for _, _, lines in made) - 1 if any(m[2] for m in made) else 0) * 12

    def draw(sheet: Sheet, x: float, y: float) -> None:
        low = y + height - 4.5
        for field, share, lines in made:
            end = sheet.text(x, low, field.label, LABEL) + 5
            for n, line in enumerate(lines):
                sheet.text(end, low + n * 12, line.spans)
            at = end
            for tick in field.ticks:
                sheet.box(at, low - 7.5, 8.5, 8.5, 0.75)
                at = sheet.text(at + 11.5, low, tick, Style("regular", 9.5)) + 9
            if field.ruled and not lines:
                sheet.line(at, low + 1.5, x + share - 8, low + 1.5)
            x += share

    return Block((Strip(high, draw),))


def ticks(
    wide: float, names: tuple[str, ...], columns: int, height: float = 15, ticked: frozenset[str] = frozenset()
) -> Block:
    """Tick boxes in columns, essential ones first; `ticked` are crossed already (a cross survives a fax)."""
    rows = [names[n : n + columns] for n in range(0, len(names), columns)]

    def draw(sheet: Sheet, x: float, y: float) -> None:
        for n, row in enumerate(rows):
            for k, name in enumerate(row):
                at, low = x + wide * k / columns, y + n * height + height - 4.5
                sheet.box(at, low - 8, 9, 9, 0.9)
                if name in ticked:
                    sheet.text(at + 1.6, low - 0.4, "X", Style("bold", 9))
                sheet.text(at + 13, low, name, Style("medium", 10))

    return Block((Strip(len(rows) * height, draw),))


def banner(wide: float, text: str) -> Block:
    """White on black across the form: a warning that may not be overlooked."""

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.box(x, y, wide, 13, 0.5, filled=True)
        sheet.text(x + wide / 2, y + 9.8, text, Style("bold", 9.5), align="centre", white=True)

    return Block((Strip(16, draw),))


def space(height: float) -> Block:
    return Block((Strip(height, lambda sheet, x, y: None),))
