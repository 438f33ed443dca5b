"""Overlay planes (60xx), as elements of their own or in the unused bits of the pixels (PS3.3 C.9.2, PS3.5 §8.1.2)."""

from __future__ import annotations

import struct

import numpy as np

from localdb.pixels.facts import Overlay
from localdb.sources.dicom.elements import text, whole, words_of
from localdb.sources.dicom.part10 import Part10

_MOST_BITS = 1 << 31


def overlays(part: Part10) -> tuple[Overlay, ...]:
    """The planes that can be read, in order of their groups."""
    made = []
    for group in range(0x6000, 0x6020, 2):
        found = _plane(part, group << 16)
        if found is not None:
            made.append(found)
    return tuple(made)


def _plane(part: Part10, group: int) -> Overlay | None:
    ds = part.dataset
    rows, columns, frames = whole(ds, group | 0x10), whole(ds, group | 0x11), whole(ds, group | 0x15) or 1
    origin = words_of(ds, group | 0x50)
    if not rows or not columns or len(origin) < 4 or frames < 1 or rows * columns * frames > _MOST_BITS:
        return None
    size = (rows * columns * frames + 7) // 8
    bits = words_of(ds, group | 0x3000)[:size]
    if not bits:
        bits = _embedded(part, whole(ds, group | 0x102) or 0, rows, columns, frames)
    if len(bits) < size:
        return None
    row, column = struct.unpack("<hh", origin[:4])
    return Overlay(
        rows=rows,
        columns=columns,
        row=row,
        column=column,
        bits=bits,
        frames=frames,
        first_frame=whole(ds, group | 0x51) or 1,
        kind=text(ds, group | 0x40) or "G",
        text=text(ds, group | 0x1500) or text(ds, group | 0x22),
    )


def _embedded(part: Part10, position: int, rows: int, columns: int, frames: int) -> bytes:
    """The plane that lies in bit `position` of each pixel: of whole words of native data only."""
    ds, pixels = part.dataset, part.pixels
    bits, stored, high = (whole(ds, t) or 0 for t in (0x00280100, 0x00280101, 0x00280102))
    if pixels is None or pixels.length is None or bits not in (8, 16, 32) or whole(ds, 0x00280002) != 1:
        return b""
    is_used = high - stored < position <= high
    if is_used or position >= bits or (rows, columns) != (whole(ds, 0x00280010), whole(ds, 0x00280011)):
        return b""
    count = rows * columns * frames
    if pixels.length < count * bits // 8:
        return b""
    kind = np.dtype(f"{'<' if part.is_little_endian else '>'}u{bits // 8}")
    values = np.frombuffer(part.data, kind, count, pixels.value)
    return np.packbits((values >> position) & 1, bitorder="little").tobytes()
