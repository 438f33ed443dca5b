"""Blocks and tables down the pages of a framed form: what most forms need of a design (LOOK §9, H13).

`flow(form, model, parts)` makes the frame, places what `parts` gives for its width, repeats the head of a table that
goes on, and never leaves a head alone at the foot. A `Rest` fills what is left of the last page with writing lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from desktop.forms.blocks import Block
from desktop.forms.frame import A4, Frame
from desktop.forms.layout import Area, Design, Filling, Items, Panel
from desktop.forms.model import Form, FormModel
from desktop.forms.tables import Table

_TIED = 40.0  # a head needs this much below itself, else it goes to the next page with what follows


@dataclass(frozen=True, slots=True)
class Rest:
    """Fills what is left of the page: `rows(n)` gives `n` rows of `pitch` points under `head`; `least` rows are always
    there, on a page of their own if need be; at most `most` (0 = as many as fit)."""

    pitch: float
    rows: Callable[[int], Table]
    least: int = 1
    most: int = 0


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins a new side."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A table and the empty rows that fill the page under it, below one head."""

    table: Table
    rest: Rest


Part = Block | Table | Rest | NewPage | Filled


def flow(
    form: Form, model: FormModel, parts: Callable[[Area], Sequence[Part]], size: tuple[float, float] = A4, *,
    back_entry: Literal["box", "line"] = "box",
) -> Design:  # fmt: skip
    """One framed page after another. `parts` gets the area of a page (all pages are alike)."""
    frame = Frame(form, model, size, back_entry=back_entry)
    pages = placed(frame.content, parts(frame.content))
    return Design(size, tuple((Panel(frame, items),) for items in pages))


def placed(area: Area, parts: Sequence[Part]) -> list[Items]:
    """What stands where on each page."""
    filling = Filling(lambda page: (area,))
    for part in parts:
        match part:
            case NewPage():
                if filling.y > area.top:
                    filling.onward()
            case Table():
                _table(filling, part)
            case Rest():
                _rest(filling, part)
            case Filled():
                _table(filling, part.table)
                _rest(filling, part.rest, head=False)
            case Block():
                _block(filling, part)
    return filling.pages


def _block(filling: Filling, block: Block) -> None:
    need = block.height + (_TIED if block.tied else 0)
    if need > filling.room and filling.y > filling.area.top:
        filling.onward()
    if block.height <= filling.room:
        filling.place(block)
        return
    for strip in block.strips:  # taller than a page: piece by piece
        if strip.height > filling.room and filling.y > filling.area.top:
            filling.onward()
        filling.place(Block((strip,)))


def _table(filling: Filling, table: Table) -> None:
    first = table.rows[0].height if table.rows else 0
    if table.head.height + first > filling.room and filling.y > filling.area.top:
        filling.onward()
    filling.place(table.head)
    _rows(filling, table)


def _rows(filling: Filling, table: Table) -> None:
    for row in table.rows:
        if row.height > filling.room:
            filling.onward()
            filling.place(table.head)
        filling.place(row)


def _rest(filling: Filling, rest: Rest, *, head: bool = True) -> None:
    """Without `head` the rows go on under a table that stands there already."""
    one = rest.rows(1)
    height = one.rows[0].height

    def count(top: float) -> int:
        return int((filling.room - top + 0.01) / height)

    n = count(one.head.height if head else 0)
    if n < rest.least:
        filling.onward()
        n, head = count(one.head.height), True
    n = min(n, rest.most) if rest.most else n
    if head:
        _table(filling, rest.rows(n))
    else:
        _rows(filling, rest.rows(n))
