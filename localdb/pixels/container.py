"""The pixel file: frames of one instance, lossless, each to be read alone (DESIGN D1 Compression; ARCHITECTURE, Decisions).

Layout: `WLPX`, version (1 byte), length of the head (4 bytes, little endian), the head (msgpack), the frames one after
another. A frame of whole numbers is HTJ2K without loss (grey or colour; it opens fastest of what compresses best), of
fractions zstd over its bytes. What is decoded is compared with what was given before a frame is accepted.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import imagecodecs
import msgspec
import numpy as np
import zstandard
from numpy.typing import NDArray

from localdb.errors import HouseFault
from localdb.pixels.facts import Facts

MAGIC, VERSION = b"WLPX", 1
_HEAD = struct.Struct("<4sBI")
HTJ2K, ZSTD = "htj2k", "zstd"
Array = NDArray[Any]


class PixelsDamaged(HouseFault):
    """A pixel file that cannot be read, though its seal held: it was made so."""

    code = "image.damaged"
    next_step = "Read the image from its source again; tell the maker of Wardlamp."


class Head(msgspec.Struct, frozen=True):
    """`dtype` of the stored values (numpy, such as `<i2`); `first` the number of the first frame held here; (codec, offset
    after the head, length) of each frame."""

    facts: Facts
    dtype: str
    first: int
    frames: tuple[tuple[str, int, int], ...]


def write(facts: Facts, frames: Sequence[Array], first: int = 0) -> bytes:
    """The file of these frames, each (rows, columns) or (rows, columns, 3), all of one type."""
    parts, places, at = [], [], 0
    for frame in frames:
        codec, data = _packed(np.ascontiguousarray(frame))
        places.append((codec, at, len(data)))
        parts.append(data)
        at += len(data)
    head = msgspec.msgpack.encode(Head(facts, frames[0].dtype.newbyteorder("<").str, first, tuple(places)))
    return b"".join((_HEAD.pack(MAGIC, VERSION, len(head)), head, *parts))


class PixelFile:
    """An open pixel file. `facts` of its instance; `first` and `count` of the frames that it holds."""

    def __init__(self, data: bytes) -> None:
        try:
            magic, version, size = _HEAD.unpack_from(data)
            if magic != MAGIC or version != VERSION:
                raise PixelsDamaged("An image is held in a form that this version does not read.")
            self._head = msgspec.msgpack.decode(memoryview(data)[_HEAD.size : _HEAD.size + size], type=Head)
        except (struct.error, msgspec.MsgspecError):
            raise PixelsDamaged("An image in this copy cannot be read.") from None
        self._data, self._start = data, _HEAD.size + size
        self.facts, self.first, self.count = self._head.facts, self._head.first, len(self._head.frames)

    def frame(self, n: int, skip: int = 0) -> Array:
        """Frame `n` of the instance (from 0): the values as stored, (rows, columns) or (rows, columns, samples), not to be
        written to. With `skip`, at 1/2, 1/4 … of the size where its coding can give that (for thumbnails), else whole.
        Raises image.damaged."""
        if not self.first <= n < self.first + self.count:
            raise PixelsDamaged("That frame is not in this file.")
        codec, at, size = self._head.frames[n - self.first]
        data = self._data[self._start + at : self._start + at + size]
        facts, dtype = self.facts, np.dtype(self._head.dtype)
        try:
            if codec == HTJ2K:
                made = imagecodecs.htj2k_decode(data, skipres=skip) if skip else imagecodecs.htj2k_decode(data)
                return made if made.dtype == dtype else made.astype(dtype)
            shape = (facts.rows, facts.columns, facts.samples) if facts.samples > 1 else (facts.rows, facts.columns)
            most = facts.rows * facts.columns * facts.samples * dtype.itemsize
            plain = zstandard.ZstdDecompressor().decompress(data, max_output_size=most)
            return np.frombuffer(plain, dtype).reshape(shape)
        except (imagecodecs.Htj2kError, zstandard.ZstdError, ValueError):
            raise PixelsDamaged("An image in this copy cannot be read.") from None


def _packed(frame: Array) -> tuple[str, bytes]:
    if frame.dtype.kind in "iu" and frame.dtype.itemsize <= 4:
        try:
            data = bytes(imagecodecs.htj2k_encode(frame.astype(frame.dtype.newbyteorder("="), copy=False)))
            if np.array_equal(imagecodecs.htj2k_decode(data), frame):
                return HTJ2K, data
        except (imagecodecs.Htj2kError, ValueError):
            pass  # a shape that the coder does not take
    return ZSTD, zstandard.compress(frame.astype(frame.dtype.newbyteorder("<"), copy=False).tobytes(), 3)
