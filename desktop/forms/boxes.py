"""Blocks under each other in one ruled box: a unit of blood, a declaration, what stands together and stays together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from desktop.forms import outline as o
from desktop.forms.blocks import Block, Strip
from desktop.forms.layout import Area
from desktop.forms.parts import Own
from desktop.forms.sheet import Sheet

_PAD = 6.0


def inside(wide: float) -> float:
    """How wide the blocks in a box of `wide` points are."""
    return wide - 2 * _PAD


def in_box(blocks: Sequence[Block], wide: float, *, weight: float = 0.9, below: float = 4) -> Block:
    """The blocks in a box across `wide` points, in one piece."""
    high = sum(b.height for b in blocks) + 5

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.box(x, y, wide, high, weight)
        at = y + 2
        for block in blocks:
            block.draw(sheet, x + _PAD, at)
            at += block.height

    return Block((Strip(high + below, draw),))


def boxed(
    blocks: Callable[[float], Sequence[Block]], said: tuple[o.Row, ...], *, weight: float = 1.2, below: float = 4
) -> Own:  # fmt: skip
    """A part of `blocks(width)` in a box; where a page is too low for it in one piece, without the box, block by block,
    so that nothing is lost (H13)."""

    def draw(wide: float) -> list[Block]:
        return [in_box(blocks(inside(wide)), wide, weight=weight, below=below)]

    def within(area: Area) -> list[Block]:
        (box,) = draw(area.width)
        return [box] if box.height <= area.height else list(blocks(area.width))

    return Own(draw, said, within)
