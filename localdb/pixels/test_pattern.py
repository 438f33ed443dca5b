"""A grey-step picture by which a person sees whether a screen shows the darkest and the lightest steps apart, after SMPTE
RP 133 (CLINICAL §4.2: offered at the start of a session). It judges nothing: a laptop stays a review screen.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

LEAST = 32
_BACKGROUND, _LINES = 50, 75
_STRIP = 3  # so many times wider than high: a strip, not a picture
_FIELDS = 8


class Patch(msgspec.Struct, frozen=True):
    """A rectangle of one grey: `level` in per cent of white, at `x`, `y`, so many pixels `wide` and `high`. `within` the
    level of the square that it lies in (0 for 5, 100 for 95), None of a step of the scale."""

    level: int
    x: int
    y: int
    wide: int
    high: int
    within: int | None = None


def grey(level: int) -> int:
    """Per cent of white as eight bits."""
    return (255 * level + 50) // 100


def patches(width: int, height: int) -> tuple[Patch, ...]:
    """The steps from black to white, eleven in all, and the pair that decides, last: 5 % within black, 95 % within white.
    A picture has them in two rows with the pair between; a strip in one row, the pair in its first and last step."""
    width, height = max(width, LEAST), max(height, LEAST)
    return _in_a_row(width, height) if width >= _STRIP * height else _in_a_picture(width, height)


def pattern(width: int, height: int) -> NDArray[np.uint8]:
    """The picture, grey in eight bits (height, width); sides under LEAST count as LEAST."""
    width, height = max(width, LEAST), max(height, LEAST)
    made = np.full((height, width), grey(_BACKGROUND), np.uint8)
    is_picture = width < _STRIP * height
    if is_picture:
        _grid(made)
    for one in patches(width, height):
        made[one.y : one.y + one.high, one.x : one.x + one.wide] = grey(one.level)
    if is_picture:
        unit, left, top = _frame(width, height)
        for x, y in ((0, 0), (_FIELDS - 1, 0), (0, _FIELDS - 1), (_FIELDS - 1, _FIELDS - 1)):
            _bars(made[top + y * unit : top + (y + 1) * unit, left + x * unit : left + (x + 1) * unit], unit)
    return made


def _in_a_row(width: int, height: int) -> tuple[Patch, ...]:
    ends = [Patch(0, 0, 0, height, height), Patch(100, width - height, 0, height, height)]
    edges = [height + (width - 2 * height) * n // 9 for n in range(10)]
    steps = [Patch(10 * n, edges[n - 1], 0, edges[n] - edges[n - 1], height) for n in range(1, 10)]
    return (ends[0], *steps, ends[1], _inner(ends[0], 5, height * 2 // 5), _inner(ends[1], 95, height * 2 // 5))


def _in_a_picture(width: int, height: int) -> tuple[Patch, ...]:
    unit, left, top = _frame(width, height)
    places = [*((x, 1) for x in range(1, 7)), *((x, 6) for x in range(2, 7))]
    steps = [Patch(10 * n, left + x * unit, top + y * unit, unit, unit) for n, (x, y) in enumerate(places)]
    black, white = (
        Patch(level, left + x * unit, top + 3 * unit, 2 * unit, 2 * unit) for level, x in ((0, 2), (100, 4))
    )
    side = unit // 2 * 2
    return (*steps, black, white, _inner(black, 5, side), _inner(white, 95, side))


def _inner(around: Patch, level: int, side: int) -> Patch:
    x, y = around.x + (around.wide - side) // 2, around.y + (around.high - side) // 2
    return Patch(level, x, y, side, side, around.level)


def _frame(width: int, height: int) -> tuple[int, int, int]:
    """The side of a field of the grid and where the grid begins."""
    unit = min(width, height) // _FIELDS
    return unit, (width - _FIELDS * unit) // 2, (height - _FIELDS * unit) // 2


def _grid(made: NDArray[np.uint8]) -> None:
    """Lines that show stretching and cut edges."""
    unit, left, top = _frame(made.shape[1], made.shape[0])
    last = _FIELDS * unit
    for n in range(_FIELDS + 1):
        at = min(n * unit, last - 1)
        made[top + at, left : left + last] = grey(_LINES)
        made[top : top + last, left + at] = grey(_LINES)


def _bars(field: NDArray[np.uint8], unit: int) -> None:
    """Lines of one pixel above, of two below, upright and lying."""
    half = unit // 2
    at = np.arange(unit)
    for k, period in enumerate((1, 2)):
        on = np.where(at // period % 2 == 0, 255, 0).astype(np.uint8)
        field[k * half : (k + 1) * half, :half] = on[None, :half]
        field[k * half : (k + 1) * half, half : 2 * half] = on[:half, None]
