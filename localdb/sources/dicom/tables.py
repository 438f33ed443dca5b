"""Look-up tables of a header: modality and VOI tables, palettes (segmented ones too) (PS3.3 C.11.1, C.11.2, C.7.9)."""

from __future__ import annotations

import struct

from pydicom.dataset import Dataset

from localdb.pixels.facts import Table
from localdb.sources.dicom.elements import items, kind_of, text, words_of

_MOST_ENTRIES = 65536
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2


class NoTable(Exception):
    """A table that cannot be what it says: it is left out, the image is shown without it."""


def modality_table(ds: Dataset, signed: bool) -> Table | None:
    """The first modality look-up table (0028,3000); None where there is none that can be read."""
    found = tables(ds, 0x00283000, signed)
    return found[0] if found else None


def tables(ds: Dataset, sequence: int, signed: bool) -> tuple[Table, ...]:
    """The tables of a look-up table sequence, those that cannot be read left out."""
    made = []
    for item in items(ds, sequence):
        try:
            made.append(_table(item, 0x00283002, 0x00283006, signed, text(item, 0x00283003)))
        except NoTable:
            continue
    return tuple(made)


def palette(ds: Dataset) -> tuple[Table, ...]:
    """Red, green and blue of a PALETTE COLOR image; () where one of them cannot be read."""
    made = []
    for n in range(3):
        try:
            if words_of(ds, 0x00281201 + n):
                made.append(_table(ds, 0x00281101 + n, 0x00281201 + n, False))
            else:
                made.append(_segmented(ds, 0x00281101 + n, 0x00281221 + n))
        except NoTable:
            return ()
    return tuple(made)


def _descriptor(ds: Dataset, tag: int, signed: bool) -> tuple[int, int, int]:
    """(entries, first value mapped, bits). 0 entries stand for 65536; the second is signed as its VR or the pixels are."""
    data = words_of(ds, tag)
    if len(data) < 6:
        raise NoTable
    signed = signed or kind_of(ds, tag) == "SS"
    entries, first, bits = struct.unpack(f"<H{'h' if signed else 'H'}H", data[:6])
    if bits not in range(1, 17):
        raise NoTable
    return entries or _MOST_ENTRIES, first, bits


def _table(ds: Dataset, descriptor: int, data: int, signed: bool, name: str = "") -> Table:
    entries, first, bits = _descriptor(ds, descriptor, signed)
    sent = words_of(ds, data)
    if len(sent) >= 2 * entries:
        return Table(first, bits, sent[: 2 * entries], name)
    if bits <= 8 and len(sent) >= entries:  # two entries of 8 bits in a word, which the standard allows
        return Table(first, bits, _widened(sent[:entries]), name)
    raise NoTable


def _widened(data: bytes) -> bytes:
    made = bytearray(2 * len(data))
    made[0::2] = data
    return bytes(made)


def _segmented(ds: Dataset, descriptor: int, data: int) -> Table:
    entries, first, bits = _descriptor(ds, descriptor, False)
    sent = words_of(ds, data)
    if not sent:
        raise NoTable
    words = list(sent) if bits == 8 else list(struct.unpack(f"<{len(sent) // 2}H", sent[: len(sent) // 2 * 2]))
    made = expanded(words, bits)
    if len(made) < entries:
        raise NoTable
    return Table(first, bits, struct.pack(f"<{entries}H", *made[:entries]))


def expanded(words: list[int], bits: int) -> list[int]:
    """The entries of a segmented palette (PS3.3 C.7.9.2). Raises NoTable."""
    made: list[int] = []
    _expand(words, bits, 0, None, made, is_copy=False)
    return made


def _expand(words: list[int], bits: int, at: int, count: int | None, made: list[int], *, is_copy: bool) -> None:
    """Appends segments from `at` on: `count` of them, else all. Copied segments may not copy again."""
    while at + 1 < len(words) and (count is None or count > 0):
        kind, length = words[at], words[at + 1]
        at += 2
        if kind == _DISCRETE:
            made += words[at : at + length]
            at += length
        elif kind == _LINEAR:
            if not made or at >= len(words) or not length:
                raise NoTable
            low, high = made[-1], words[at]
            at += 1
            made += [round(low + (high - low) * n / length) for n in range(1, length + 1)]
        elif kind == _INDIRECT and not is_copy:
            size = 4 if bits == 8 else 2
            part = words[at : at + size]
            if len(part) < size:
                raise NoTable
            # The offset counts bytes from the start of the segmented data, least significant word first.
            parts = [part[0] | part[1] << 8, part[2] | part[3] << 8] if bits == 8 else part
            offset = parts[0] | parts[1] << 16
            at += size
            _expand(words, bits, offset if bits == 8 else offset // 2, length, made, is_copy=True)
        else:
            raise NoTable
        if len(made) > _MOST_ENTRIES:
            raise NoTable
        if count is not None:
            count -= 1
