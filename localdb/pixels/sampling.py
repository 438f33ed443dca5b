"""Bringing a part of a frame to the size of the viewport: by area where it gets smaller, between neighbours where it gets
larger, the nearest where speed counts. Coordinates have the pixel edges at whole numbers: pixel j covers [j, j + 1).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Mask = NDArray[np.bool_]
Taps = list[tuple[NDArray[np.intp], NDArray[Any]]]
_BLOCK = 24  # rows of the screen that are made at once, so that what they are made of stays in the cache
# Less than this share of a pixel's area is nothing: rounding.
_NOTHING = 1e-4


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


def nearest(values: Array, grid: Grid) -> Array:
    """`values` (rows, columns[, n]) on the grid: those at the middle of each pixel of the screen."""
    if grid.is_plain():
        x, y = int(grid.left), int(grid.top)
        return values[y : y + grid.height, x : x + grid.width]
    rows = _middles(grid.top, grid.bottom, grid.height, values.shape[0])
    columns = _middles(grid.left, grid.right, grid.width, values.shape[1])
    return values[rows][:, columns]


def smoothed(values: Array, grid: Grid, hidden: Mask | None = None) -> tuple[Array, Mask | None]:
    """`values` (rows, columns[, n]) on the grid, of the same type (rounded), and where it is hidden: where at least half of
    what a pixel of the screen shows is. Hidden values take no part in what is shown."""
    if grid.is_plain():
        return nearest(values, grid), None if hidden is None else nearest(hidden, grid)
    fine: type[np.floating[Any]] = np.float32 if values.dtype.itemsize <= 2 else np.float64
    if hidden is None:
        return _rounded(_weighed(values, grid, fine), values.dtype), None
    seen = 1 - _weighed(hidden.view(np.uint8), grid, np.float32)
    if values.ndim == 2:
        total = _weighed(np.where(hidden, values.dtype.type(0), values), grid, fine)
        total /= np.maximum(seen, _NOTHING)
    else:
        total = _weighed(values, grid, fine)
    return _rounded(total, values.dtype), np.asarray(seen <= 0.5)


def touched(mask: Mask, grid: Grid) -> Mask:
    """A mask on the grid: set where anything that a pixel of the screen shows is, so that thin lines stay."""
    if grid.is_plain():
        return nearest(mask, grid)
    made = _any_of(mask, 0, grid.top, grid.bottom, grid.height)
    return _any_of(made, 1, grid.left, grid.right, grid.width)


def _any_of(mask: Mask, axis: int, start: float, stop: float, count: int) -> Mask:
    edges = np.linspace(start, stop, count + 1)
    first = np.clip(np.floor(edges[:-1] + 1e-6).astype(np.intp), 0, mask.shape[axis] - 1)
    last = np.clip(np.ceil(edges[1:] - 1e-6).astype(np.intp) - 1, first, mask.shape[axis] - 1)
    made = np.take(mask, first, axis=axis)
    for step in range(1, int((last - first).max(initial=0)) + 1):
        made |= np.take(mask, np.minimum(first + step, last), axis=axis)
    return made


def _middles(start: float, stop: float, count: int, length: int) -> NDArray[np.intp]:
    at = start + (np.arange(count) + 0.5) * ((stop - start) / count)
    return np.asarray(np.clip(np.floor(at), 0, length - 1), np.intp)


def _rounded(made: Array, dtype: np.dtype[Any]) -> Array:
    if dtype.kind == "f":
        with np.errstate(over="ignore", invalid="ignore"):
            return made.astype(dtype)
    limits = np.iinfo(dtype)
    return np.clip(np.rint(made, out=made), limits.min, limits.max, out=made).astype(dtype)


def _taps(start: float, stop: float, count: int, length: int, fine: type[np.floating[Any]]) -> Taps:
    """Which pixels of a line make each of `count` new ones, with which weight (they add up to 1)."""
    step = (stop - start) / count
    if step <= 1:  # larger: between the centres of two neighbours
        at = start + (np.arange(count) + 0.5) * step - 0.5
        low = np.floor(at)
        share = (at - low).astype(fine)
        first, last = (np.clip(low + k, 0, length - 1).astype(np.intp) for k in (0, 1))
        return [(first, 1 - share), (last, share)]
    edges = np.linspace(start, stop, count + 1)
    first = np.floor(edges[:-1] + 1e-9).astype(np.intp)
    taps: Taps = []
    for k in range(int(np.ceil(step)) + 1):
        at = first + k
        share = np.minimum(at + 1, edges[1:]) - np.maximum(at, edges[:-1])
        share = (np.clip(share, 0, 1) / step).astype(fine)
        if share.any():
            taps.append((np.clip(at, 0, length - 1), share))
    return taps


def _weighed(values: Array, grid: Grid, fine: type[np.floating[Any]]) -> Array:
    """The sums of the taps, as fractions. Colours lie side by side in a row of numbers, each with the weight of its pixel.

    Rows lie together in memory, columns must be gathered one by one: they are made from as few lines as there are.
    """
    rows = _taps(grid.top, grid.bottom, grid.height, values.shape[0], fine)
    columns = _taps(grid.left, grid.right, grid.width, values.shape[1], fine)
    (top, bottom), (left, right) = _span(rows), _span(columns)
    samples = values.shape[2] if values.ndim > 2 else 1
    part = values[top:bottom, left:right]
    flat = part.reshape(part.shape[0], -1) if samples > 1 else part
    down = [(i - top, w[:, None]) for i, w in rows]
    across = [(_each(i - left, samples), np.repeat(w, samples)[None, :]) for i, w in columns]
    if grid.height <= flat.shape[0]:
        made = _columns(flat, down, across, fine)
    else:
        made = _lines(_columns(flat, None, across, fine), down, fine)
    return made.reshape(grid.height, grid.width, samples) if samples > 1 else made


def _columns(flat: Array, down: Taps | None, across: Taps, fine: type[np.floating[Any]]) -> Array:
    """New columns of the new lines that `down` makes, or of the lines as they are."""
    high = len(down[0][0]) if down else flat.shape[0]
    made = np.empty((high, across[0][1].shape[1]), fine)
    block = min(high, _BLOCK)
    lines = np.empty((block, flat.shape[1]), fine)
    tall = _Scratch(np.empty(lines.shape, flat.dtype), np.empty(lines.shape, fine))
    wide = _Scratch(
        np.empty((block, made.shape[1]), fine if down else flat.dtype), np.empty((block, made.shape[1]), fine)
    )
    for start in range(0, high, block):
        stop = min(start + block, high)
        if down:
            _combine(flat, [(i[start:stop], w[start:stop]) for i, w in down], 0, lines[: stop - start], tall)
        _combine(lines[: stop - start] if down else flat[start:stop], across, 1, made[start:stop], wide)
    return made


def _lines(values: Array, down: Taps, fine: type[np.floating[Any]]) -> Array:
    """New lines of what has its columns."""
    high = len(down[0][0])
    made = np.empty((high, values.shape[1]), fine)
    block = min(high, _BLOCK)
    tall = _Scratch(*(np.empty((block, values.shape[1]), fine) for _ in range(2)))
    for start in range(0, high, block):
        stop = min(start + block, high)
        _combine(values, [(i[start:stop], w[start:stop]) for i, w in down], 0, made[start:stop], tall)
    return made


def _span(taps: Taps) -> tuple[int, int]:
    return int(min(i.min() for i, _ in taps)), int(max(i.max() for i, _ in taps)) + 1


def _each(index: NDArray[np.intp], samples: int) -> NDArray[np.intp]:
    """The places of all samples of some pixels in a row of numbers."""
    return np.asarray((index[:, None] * samples + np.arange(samples)).ravel(), np.intp)


class _Scratch(NamedTuple):
    """Room for what is gathered and for what is weighed: fresh memory for each step would cost more than the step."""

    gathered: Array
    weighed: Array


def _combine(values: Array, taps: Taps, axis: int, made: Array, scratch: _Scratch) -> None:
    gathered, weighed = (s[: made.shape[0]] for s in scratch)
    for n, (index, weight) in enumerate(taps):
        np.take(values, index, axis=axis, out=gathered, mode="clip")
        with np.errstate(over="ignore", invalid="ignore"):
            if n == 0:
                np.multiply(gathered, weight, out=made)
            else:
                np.multiply(gathered, weight, out=weighed)
                np.add(made, weighed, out=made)
