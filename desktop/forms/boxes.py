"""Blocks under each other in one ruled box: a unit of blood, a declaration, what stands together and stays together."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.forms.blocks import Block, Strip
from desktop.forms.sheet import Sheet

_PAD = 6.0


def inside(wide: float) -> float:
    """How wide the blocks in a box of `wide` points are."""
    return wide - 2 * _PAD


def in_box(blocks: Sequence[Block], wide: float, *, weight: float = 0.9, below: float = 4) -> Block:
    """The blocks in a box across `wide` points; it is never parted between two pages while it fits on one."""
    high = sum(b.height for b in blocks) + 5

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.box(x, y, wide, high, weight)
        at = y + 2
        for block in blocks:
            block.draw(sheet, x + _PAD, at)
            at += block.height

    return Block((Strip(high + below, draw),))
