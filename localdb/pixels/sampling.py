"""Bringing a part of a frame to the size of the viewport: by area where it gets smaller, between neighbours where it gets
larger, the nearest where speed counts. Coordinates have the pixel edges at whole numbers: pixel j covers [j, j + 1).
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Taps = list[tuple[NDArray[np.intp], NDArray[np.float32]]]


class Grid(msgspec.Struct, frozen=True):
    """What is asked of a frame: the part from `left`, `top` to `right`, `bottom` (image pixels, may be fractions, inside
    the image) as `width` × `height` pixels of the screen."""

    left: float
    top: float
    right: float
    bottom: float
    width: int
    height: int

    @classmethod
    def whole(cls, rows: int, columns: int) -> Grid:
        """All of an image at its own size."""
        return cls(0, 0, columns, rows, columns, rows)

    def is_plain(self) -> bool:
        """Whether pixels of the image are pixels of the screen, one by one."""
        return (
            self.right - self.left == self.width
            and self.bottom - self.top == self.height
            and self.left == int(self.left)
            and self.top == int(self.top)
        )


def sampled(values: Array, grid: Grid, weight: NDArray[np.bool_] | None = None, *, smooth: bool = True) -> Array:
    """`values` (rows, columns[, n]) on the grid, of the same type (rounded). Pixels of no `weight` take no part; where all
    that would take part have none, the nearest value stands."""
    if grid.is_plain():
        x, y = int(grid.left), int(grid.top)
        return values[y : y + grid.height, x : x + grid.width]
    near_y = _nearest(grid.top, grid.bottom, grid.height, values.shape[0])
    near_x = _nearest(grid.left, grid.right, grid.width, values.shape[1])
    if not smooth or values.dtype == np.bool_:
        return values[near_y][:, near_x]
    fine = np.float32 if values.dtype.itemsize <= 2 else np.float64
    rows = _taps(grid.top, grid.bottom, grid.height, values.shape[0])
    columns = _taps(grid.left, grid.right, grid.width, values.shape[1])
    if weight is None:
        made = _weighed(values, rows, columns, fine)
    else:
        counted = weight if values.ndim == 2 else weight[..., None]
        total = _weighed(np.where(counted, values, 0), rows, columns, fine)
        share = _weighed(counted.astype(np.uint8), rows, columns, fine)
        nearest = values[near_y][:, near_x]
        made = np.where(share > 1e-4, total / np.maximum(share, 1e-4), nearest)
    return made.astype(values.dtype) if values.dtype.kind == "f" else np.rint(made).astype(values.dtype)


def covered(mask: NDArray[np.bool_], grid: Grid) -> NDArray[np.bool_]:
    """A mask on the grid: set where at least half of what a pixel of the screen shows is."""
    if grid.is_plain():
        return sampled(mask, grid)
    rows = _taps(grid.top, grid.bottom, grid.height, mask.shape[0])
    columns = _taps(grid.left, grid.right, grid.width, mask.shape[1])
    return np.asarray(_weighed(mask.view(np.uint8), rows, columns, np.float32) >= 0.5)


def touched(mask: NDArray[np.bool_], grid: Grid) -> NDArray[np.bool_]:
    """A mask on the grid: set where anything that a pixel of the screen shows is, so that thin lines stay."""
    if grid.is_plain():
        return sampled(mask, grid)
    made = mask
    for axis, (start, stop, count) in enumerate(
        ((grid.top, grid.bottom, grid.height), (grid.left, grid.right, grid.width))
    ):
        made = _any_of(made, axis, start, stop, count)
    return made


def _any_of(mask: NDArray[np.bool_], axis: int, start: float, stop: float, count: int) -> NDArray[np.bool_]:
    edges = np.linspace(start, stop, count + 1)
    first = np.clip(np.floor(edges[:-1] + 1e-6).astype(np.intp), 0, mask.shape[axis] - 1)
    last = np.clip(np.ceil(edges[1:] - 1e-6).astype(np.intp) - 1, first, mask.shape[axis] - 1)
    made = np.take(mask, first, axis=axis)
    for step in range(1, int((last - first).max(initial=0)) + 1):
        made = made | np.take(mask, np.minimum(first + step, last), axis=axis)
    return made


def _nearest(start: float, stop: float, count: int, length: int) -> NDArray[np.intp]:
    at = start + (np.arange(count) + 0.5) * ((stop - start) / count)
    return np.asarray(np.clip(np.floor(at), 0, length - 1), np.intp)


def _taps(start: float, stop: float, count: int, length: int) -> Taps:
    """Which pixels of a line make each of `count` new ones, with which weight (they add up to 1)."""
    step = (stop - start) / count
    if step <= 1:  # larger: between the centres of two neighbours
        at = start + (np.arange(count) + 0.5) * step - 0.5
        low = np.floor(at)
        share = (at - low).astype(np.float32)
        first, last = (np.clip(low + k, 0, length - 1).astype(np.intp) for k in (0, 1))
        return [(first, 1 - share), (last, share)]
    edges = np.linspace(start, stop, count + 1)
    first = np.floor(edges[:-1] + 1e-9).astype(np.intp)
    taps: Taps = []
    for k in range(int(np.ceil(step)) + 1):
        at = first + k
        share = np.minimum(at + 1, edges[1:]) - np.maximum(at, edges[:-1])
        share = (np.clip(share, 0, 1) / step).astype(np.float32)
        if share.any():
            taps.append((np.clip(at, 0, length - 1), share))
    return taps


def _weighed(values: Array, rows: Taps, columns: Taps, fine: type[np.floating[Any]]) -> Array:
    """First the rows, which lie together in memory, then the columns of what is left."""
    lower = max(int(max(i.max() for i, _ in columns)) + 1, 1)
    upper = int(min(i.min() for i, _ in columns))
    part = values[:, upper:lower]
    lines = _axis(part, rows, 0, fine)
    return _axis(lines, [(i - upper, w) for i, w in columns], 1, fine)


def _axis(values: Array, taps: Taps, axis: int, fine: type[np.floating[Any]]) -> Array:
    shape = [1] * values.ndim
    shape[axis] = -1
    made: Array | None = None
    for index, weight in taps:
        part = np.multiply(np.take(values, index, axis=axis), weight.astype(fine).reshape(shape), dtype=fine)
        made = part if made is None else np.add(made, part, out=made)
    assert made is not None
    return made
