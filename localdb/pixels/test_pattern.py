"""A grey-step picture by which a person sees whether a screen shows the darkest and the lightest steps apart, after SMPTE
RP 133 (CLINICAL §4.2: offered at the start of a session). It judges nothing: a laptop stays a review screen.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

LEAST = 64
_BACKGROUND, _LINES = 50, 75


class Patch(msgspec.Struct, frozen=True):
    """A square of one grey: `level` in per cent of white, at `x`, `y`, `size` pixels a side. `within` the level of the
    square that it lies in (0 for 5, 100 for 95), None of a step of the scale."""

    level: int
    x: int
    y: int
    size: int
    within: int | None = None


def grey(level: int) -> int:
    """Per cent of white as eight bits."""
    return (255 * level + 50) // 100


def patches(width: int, height: int) -> tuple[Patch, ...]:
    """The eleven steps from black (top left) to white (bottom right), then the pair that decides: 5 % within black, 95 %
    within white. At any size from LEAST on."""
    unit, left, top = _frame(width, height)
    places = [*((x, 1) for x in range(1, 7)), *((x, 6) for x in range(2, 7))]
    steps = [Patch(10 * n, left + x * unit, top + y * unit, unit) for n, (x, y) in enumerate(places)]
    half = unit // 2
    decisive = [
        Patch(0, left + 2 * unit, top + 3 * unit, unit * 2),
        Patch(100, left + 4 * unit, top + 3 * unit, unit * 2),
    ]
    inner = [
        Patch(level, p.x + p.size // 2 - half, p.y + p.size // 2 - half, 2 * half, p.level)
        for level, p in zip((5, 95), decisive, strict=True)
    ]
    return (*steps, *decisive, *inner)


def pattern(width: int, height: int) -> NDArray[np.uint8]:
    """The picture, grey in eight bits (height, width); sides under LEAST count as LEAST."""
    width, height = max(width, LEAST), max(height, LEAST)
    made = np.full((height, width), grey(_BACKGROUND), np.uint8)
    unit, left, top = _frame(width, height)
    for n in range(9):  # a grid of lines: shows stretching and cut edges
        made[top + min(n * unit, 8 * unit - 1), left : left + 8 * unit] = grey(_LINES)
        made[top : top + 8 * unit, left + min(n * unit, 8 * unit - 1)] = grey(_LINES)
    for one in patches(width, height):
        made[one.y : one.y + one.size, one.x : one.x + one.size] = grey(one.level)
    for x, y in ((0, 0), (7, 0), (0, 7), (7, 7)):  # lines of one and of two pixels, upright and lying
        _bars(made[top + y * unit : top + (y + 1) * unit, left + x * unit : left + (x + 1) * unit], unit)
    return made


def _frame(width: int, height: int) -> tuple[int, int, int]:
    """The side of a field of the 8 × 8 grid and where the grid begins."""
    unit = min(max(width, LEAST), max(height, LEAST)) // 8
    return unit, (max(width, LEAST) - 8 * unit) // 2, (max(height, LEAST) - 8 * unit) // 2


def _bars(field: NDArray[np.uint8], unit: int) -> None:
    half = unit // 2
    at = np.arange(unit)
    for k, period in enumerate((1, 2)):
        on = np.where(at // period % 2 == 0, 255, 0).astype(np.uint8)
        field[k * half : (k + 1) * half, :half] = on[None, :half]
        field[k * half : (k + 1) * half, half : 2 * half] = on[:half, None]
