"""What lies over an image: overlay planes (PS3.3 C.9.2) and display shutters (C.7.6.11), as masks of its own size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from localdb.pixels.facts import Facts, Overlay, Shutter

Mask = NDArray[np.bool_]


def overlay_mask(overlay: Overlay, rows: int, columns: int, n: int = 0) -> Mask:
    """The plane for frame `n` (from 0) of an image, cut to it; empty for frames that it is not about, and where bits are
    missing."""
    made = np.zeros((rows, columns), np.bool_)
    at = n - (overlay.first_frame - 1) if overlay.frames > 1 else 0
    if min(overlay.rows, overlay.columns) <= 0 or not 0 <= at < max(1, overlay.frames):
        return made
    top, left = overlay.row - 1, overlay.column - 1
    y0, x0 = max(0, top), max(0, left)
    y1, x1 = min(rows, top + overlay.rows), min(columns, left + overlay.columns)
    if y1 <= y0 or x1 <= x0:
        return made
    begin = (at * overlay.rows + y0 - top) * overlay.columns
    bits = _bits(overlay.bits, begin, (y1 - y0) * overlay.columns)
    lines = -(-bits.size // overlay.columns)  # no more than there are bits for: a header may promise any size
    plane = np.append(bits, np.zeros(lines * overlay.columns - bits.size, np.bool_)).reshape(lines, overlay.columns)
    made[y0 : y0 + lines, x0:x1] = plane[:, x0 - left : x1 - left]
    return made


def _bits(data: bytes, begin: int, count: int) -> Mask:
    """So many bits from one on, lowest first; those that are there."""
    part = np.frombuffer(data[begin // 8 : -(-(begin + count) // 8)], np.uint8)
    return np.unpackbits(part, bitorder="little")[begin % 8 : begin % 8 + count].astype(np.bool_)


def overlay_of(facts: Facts, n: int = 0) -> Mask | None:
    """All planes of a frame together, or None where there are none."""
    if not facts.overlays:
        return None
    made = np.zeros((facts.rows, facts.columns), np.bool_)
    for one in facts.overlays:
        made |= overlay_mask(one, facts.rows, facts.columns, n)
    return made


def visible_mask(facts: Facts) -> Mask:
    """What all shutters leave visible (rows, columns). A shutter that would leave nothing, or is none, is not applied."""
    made = np.ones((facts.rows, facts.columns), np.bool_)
    for one in facts.shutters:
        found = _opening(one, facts.rows, facts.columns)
        if found is not None and (made & found).any():
            made &= found
    return made


def _opening(shutter: Shutter, rows: int, columns: int) -> Mask | None:
    row, column = np.ogrid[1 : rows + 1, 1 : columns + 1]
    values = shutter.values
    if shutter.shape == "RECTANGULAR" and len(values) == 4:
        left, right, upper, lower = values
        return np.asarray((column >= left) & (column <= right) & (row >= upper) & (row <= lower))
    if shutter.shape == "CIRCULAR" and len(values) == 3:
        y, x, radius = values
        return np.asarray((row - y) ** 2 + (column - x) ** 2 <= radius**2)
    if shutter.shape == "POLYGONAL" and len(values) >= 6 and len(values) % 2 == 0:
        return _inside(row, column, list(zip(values[::2], values[1::2], strict=True)))
    return None


def _inside(row: NDArray[np.int64], column: NDArray[np.int64], corners: list[tuple[int, int]]) -> Mask:
    """Pixel centres inside or on a polygon, by the even-odd rule."""
    inside = np.zeros((row.shape[0], column.shape[1]), np.bool_)
    for (y0, x0), (y1, x1) in zip(corners, corners[1:] + corners[:1], strict=True):
        if y0 != y1:
            between = (row < y0) != (row < y1)
            inside ^= between & (column < x0 + (row - y0) * ((x1 - x0) / (y1 - y0)))
    return inside
