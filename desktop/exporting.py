"""What leaves as bytes: the International Patient Summary of one patient with what the ward wrote, as it would go back; one
image with its label and identity burnt in.

The document itself is `localdb.chart.ips`, which is pure; here the entries get their resources (`localdb.restore`), which
the chart may not know. No Qt.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

import msgspec

from localdb.chart.ips import Written, international_summary
from localdb.chart.views import Entry
from localdb.errors import InputRefused
from localdb.house import House
from localdb.restore.resources import NotSendable, drafts

if TYPE_CHECKING:
    from desktop.printing.image_wish import ImageWish

KINDS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}


class Exported(msgspec.Struct, frozen=True):
    """A document: `counts` of its resources by type; `left_out` the numbers of entries that no resource can hold."""

    patient: str
    data: bytes
    counts: dict[str, int]
    left_out: tuple[str, ...] = ()


def document_of(house: House, who: str) -> Exported:
    """The summary of one patient (id or unique identifier) as of now; raises as `chart` does."""
    chart = house.reading().chart(who)
    written, left_out = written_of(chart.entries)
    bundle = international_summary(chart, house.now(), written=written)
    counts = Counter(entry["resource"]["resourceType"] for entry in bundle["entry"])
    data = msgspec.json.format(msgspec.json.encode(bundle), indent=1)
    return Exported(chart.patient.id, data, dict(sorted(counts.items())), left_out)


def written_of(entries: Sequence[Entry]) -> tuple[list[Written], tuple[str, ...]]:
    """The entries that stand, with their resources, and the numbers of those that have none."""
    made: list[Written] = []
    left_out: list[str] = []
    for entry in entries:
        if entry.corrected_by:
            continue
        try:
            found = drafts(entry, "Patient/unset", is_corrected=False, replaces={})
        except NotSendable:
            left_out.append(entry.number)
            continue
        made.append(Written(entry, [d.body for d in found]))
    return made, tuple(left_out)


class ExportedImage(msgspec.Struct, frozen=True):
    """A picture file: pixels across and down, and what is said of it, title first."""

    patient: str
    study: str
    data: bytes
    width: int
    height: int
    words: tuple[str, ...]


def image_kind(name: str) -> str:
    """PNG or JPEG by the end of a file's name. Raises image.file_kind."""
    found = KINDS.get(PurePath(name).suffix.casefold())
    if found is None:
        raise InputRefused("An image is exported as PNG or JPEG only.", code="image.file_kind",
                           next_step="End the name in .png or .jpg; for a PDF, print form T02.")  # fmt: skip
    return found


def image_of(house: House, who: str, wish: ImageWish, kind: str) -> ExportedImage:
    """One image as PNG or JPEG in its whole resolution up to `picturing.FILE`, burnt in like a printed one; nothing else is
    in the file. Raises as `chart` does, and image.*."""
    from PIL import Image

    from desktop.printing.picturing import FILE, pictures_of

    reading = house.reading()
    chart = reading.chart(who)
    (made,) = pictures_of(reading, chart, [wish], house.now(), str(house.site["zone"]), FILE, house.role)
    size = (made.raster.width, made.raster.height)
    out = io.BytesIO()
    picture = Image.frombytes("RGB" if made.raster.samples == 3 else "L", size, made.raster.data)
    picture.save(out, kind, **({"quality": 92} if kind == "JPEG" else {"compress_level": 6}))
    words = (made.title, *made.words, *made.notes, *(["Saved as JPEG: lossy once more"] if kind == "JPEG" else []))
    return ExportedImage(chart.patient.id, made.study, out.getvalue(), *size, words)
