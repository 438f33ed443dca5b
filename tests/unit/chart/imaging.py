"""Studies and instances made up for tests: what sources say of images, without any file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from localdb.chart.held_images import with_images
from localdb.records.ids import record_id
from localdb.records.moments import read_moment
from localdb.records.vocabulary import Coding, ImagingStudy, Instance, Pixels, Record, Series

PATIENT, PACS, RIS = "P0000000000001", "pacs", "ris"
STUDY = "1.2.826.0.1.1"


def instance(number: int, *, study: str = STUDY, series: int = 1, source: str = PACS, **more: Any) -> Instance:
    """Slice `number` of a CT, held whole."""
    uid = more.pop("uid", f"{study}.{series}.{number}")
    given: dict[str, Any] = {
        "id": record_id(source, "Instance", uid), "patient": PATIENT, "source": source, "source_id": uid, "uid": uid,
        "study": study, "series": f"{study}.{series}", "modality": "CT", "number": number, "series_number": series,
        "series_text": f"Series {series}", "rows": 512, "columns": 512, "frames": 1,
        "pixels": (Pixels(blob=f"{number:064x}", size=100_000),),
        "happened": read_moment("2026-03-01T10:00:00Z"), "position": ("0", "0", str(number * 5.0)),
        "orientation": ("1", "0", "0", "0", "1", "0"), "image_type": ("ORIGINAL", "PRIMARY", "AXIAL"),
    }  # fmt: skip
    return Instance(**{**given, **more})


def unheld(number: int, code: str = "image.let_go", **more: Any) -> Instance:
    return instance(number, pixels=(), unheld=code, **more)


def note(*pointed: str, code: str = "113001", uid: str = f"{STUDY}.9.1") -> Instance:
    """A key object selection of series 9 that points to these SOP Instance UIDs."""
    return instance(
        1, series=9, uid=uid, modality="KO", pointed=pointed, codes=(Coding("DCM", code),), frames=0, rows=0, columns=0,
        pixels=(), image_type=(),
    )  # fmt: skip


def told(uid: str = STUDY, *, source: str = RIS, source_id: str = "S1", series: Iterable[Series] = (), **more: Any
         ) -> ImagingStudy:  # fmt: skip
    """A study as a radiology system sends it; with `source_id` = the UID as an archive tells it."""
    return ImagingStudy(
        id=record_id(source, "ImagingStudy", source_id), patient=PATIENT, source=source, source_id=source_id, uid=uid,
        series=tuple(series), **more,
    )  # fmt: skip


def studies(rows: Iterable[Record]) -> list[ImagingStudy]:
    return [r for r in with_images(rows) if isinstance(r, ImagingStudy)]


def only(rows: Iterable[Record]) -> ImagingStudy:
    (found,) = studies(rows)
    return found


def instances(rows: Iterable[Record]) -> list[Instance]:
    return [r for r in with_images(rows) if isinstance(r, Instance)]
