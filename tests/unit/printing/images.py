"""Made-up images for paper: a chart with examinations and the copy that holds their pixels. Nobody real."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from localdb.chart.views import Chart
from localdb.pixels.container import write
from localdb.pixels.facts import Facts, Frame, Window
from localdb.records.vocabulary import ImagingStudy, Instance, Pixels, Series
from tests.unit.forms import paper

AXIAL = ("1", "0", "0", "0", "1", "0")
XRAY, CT, CINE, GONE = "1.2.3", "1.2.4", "1.2.5", "1.2.6"


class Copy:
    """Answers what a reading of the copy answers about images. `asked` who was asked for."""

    def __init__(self) -> None:
        self.held: dict[str, list[Instance]] = {}
        self.blobs: dict[str, bytes] = {}
        self.asked: list[str] = []

    def instances(self, patient: str, study: str) -> tuple[Instance, ...]:
        self.asked.append(patient)
        return tuple(self.held.get(study, ()))

    def blob(self, digest: str) -> bytes | None:
        return self.blobs.get(digest)

    def add(self, study: str, number: int, pixels: Any, facts: Facts, **more: Any) -> Instance:
        """An instance of series 1 whose frames are held; `pixels` (rows, columns[, 3]) or a list of those."""
        frames = pixels if isinstance(pixels, list) else [pixels]
        data = write(facts, frames)
        digest = hashlib.sha256(data).hexdigest()
        self.blobs[digest] = data
        series = more.pop("series", f"{study}.1")
        made = Instance(
            **paper.ids(), text="", uid=f"{series}.{number}", study=study, series=series, number=number,
            series_number=more.pop("series_number", 1), rows=facts.rows, columns=facts.columns, frames=len(frames),
            pixels=(Pixels(digest, len(data), 0, len(frames)),), modality=facts.modality, **more,
        )  # fmt: skip
        self.held.setdefault(study, []).append(made)
        return made


def slope(rows: int = 240, columns: int = 200) -> Any:
    """Values that tell every place apart: 4 a column, 1 a row."""
    return (np.arange(columns)[None, :] * 4 + np.arange(rows)[:, None]).astype(np.uint16)


def facts_of(pixels: Any, **more: Any) -> Facts:
    frame = pixels[0] if isinstance(pixels, list) else pixels
    samples = 3 if frame.ndim == 3 else 1
    more = {"photometric": "RGB" if samples == 3 else "MONOCHROME2", "bits": 8 if samples == 3 else 12, **more}
    return Facts(rows=frame.shape[0], columns=frame.shape[1], samples=samples, **more)


def study(uid: str, text: str, at: str, modality: str, held: int, total: int | None, **more: Any) -> ImagingStudy:
    series = more.pop(
        "series", (Series(uid=f"{uid}.1", number=1, text="first", total=total, held=held, modality=modality),)
    )
    return ImagingStudy(
        **paper.ids(), text=text, uid=uid, modality=modality, happened=paper.at(at), status="available", held=held,
        total=total, series=series, **more,
    )  # fmt: skip


def rich() -> tuple[Chart, Copy]:
    """A chest X-ray with one of two images, a CT with slices missing, a colour cine, a study of which nothing is held."""
    copy = Copy()
    pixels = slope()
    copy.add(XRAY, 1, pixels, facts_of(
        pixels, modality="DX", patient_orientation=("L", "F"), imager_spacing=("0.2", "0.2"),
        common=Frame(windows=(Window("500", "400"),)),
    ), series_text="PA erect")  # fmt: skip
    copy.held[XRAY].append(Instance(
        **paper.ids(), text="", uid=f"{XRAY}.2.1", study=XRAY, series=f"{XRAY}.2", number=1, series_number=2,
        series_text="Lateral", rows=10, columns=10, frames=1, unheld="image.not_received", modality="DX",
    ))  # fmt: skip
    for n in (1, 2, 3, 6, 7):
        place = ("-100", "-120", str(-5 * n))
        common = Frame(slope="1", intercept="-1024", rescale="HU", spacing=("0.8", "0.8"), orientation=AXIAL,
                       position=place, windows=(Window("40", "80", text="Brain"),))  # fmt: skip
        facts = facts_of(pixels, modality="CT", common=common)
        copy.add(CT, n, pixels, facts, series_text="Head, 5 mm", position=place, orientation=AXIAL)
    colour = [np.full((60, 80, 3), (n * 20, 100, 200), np.uint8) for n in range(4)]
    copy.add(CINE, 1, colour, facts_of(colour, modality="US", lossy="12.5"), series_text="Vein")
    named = (
        Series(uid=f"{XRAY}.1", number=1, text="PA erect", total=1, held=1, modality="DX"),
        Series(uid=f"{XRAY}.2", number=2, text="Lateral", total=1, modality="DX"),
    )
    studies = (
        study(XRAY, "Chest X-ray", "2026-11-23T19:12:00+00:00", "DX", 1, 2, accession="NUH26-118204", series=named),
        study(CT, "CT head", "2026-11-22T19:55:00+00:00", "CT", 5, 30),
        study(CINE, "Ultrasound, left leg veins", "2026-11-21T16:05:00+00:00", "US", 1, None),
        study(GONE, "MRI, spine", "2026-11-20T10:00:00+00:00", "MR", 0, 120),
    )
    return paper.chart(images=studies), copy
