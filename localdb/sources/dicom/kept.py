"""What is kept of an image's pixels: pixel files of a few frames each, without loss (DESIGN D1 Compression)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from localdb.pixels.container import write
from localdb.pixels.facts import Facts
from localdb.records.vocabulary import Pixels
from localdb.sources.dicom.decoding import frames_of
from localdb.sources.dicom.elements import whole
from localdb.sources.dicom.image_facts import facts_of
from localdb.sources.dicom.part10 import Part10
from localdb.sources.limits import MIB
from localdb.sources.units import Blob

RUN = 8 * MIB  # bytes of decoded frames in one pixel file: one read of it shows a slice at once
MEDIA = "application/x-wardlamp-pixels"


def pixel_files(part: Part10) -> tuple[tuple[Pixels, ...], list[Blob]]:
    """All frames of an image in pixel files of about RUN bytes decoded each, in order. One frame is in memory at a time
    beside those of the file under way. Raises DicomRefused where a frame cannot be decoded."""
    made: list[Pixels] = []
    blobs: list[Blob] = []
    facts: Facts | None = None
    frames: list[Any] = []
    count = 0
    for frame, photometric in frames_of(part):
        facts = facts or facts_of(part, photometric, whole(part.dataset, 0x00280008) or 1)
        if frames and (len(frames) + 1) * frame.nbytes > RUN:
            _close(facts, frames, count, made, blobs)
        frames.append(frame)
        count += 1
    if facts is not None:
        _close(facts, frames, count, made, blobs)
    return tuple(made), blobs


def decoded_size(part: Part10) -> int:
    """Bytes of all frames as the header promises them."""
    ds = part.dataset
    rows, columns, bits = (whole(ds, tag) or 0 for tag in (0x00280010, 0x00280011, 0x00280100))
    return rows * columns * (whole(ds, 0x00280002) or 1) * max(bits // 8, 1) * (whole(ds, 0x00280008) or 1)


def _close(facts: Facts, frames: list[Any], count: int, made: list[Pixels], blobs: list[Blob]) -> None:
    """One pixel file of the frames gathered, of which the last is frame `count - 1`."""
    packed = write(facts, frames, count - len(frames))
    digest = sha256(packed).hexdigest()
    made.append(Pixels(digest, len(packed), count - len(frames), len(frames)))
    blobs.append(Blob(sha256=digest, media_type=MEDIA, data=packed))
    frames.clear()
