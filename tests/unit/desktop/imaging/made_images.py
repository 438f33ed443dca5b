"""Made-up studies with pictures, as the copy holds them: a CT stack of phantoms, a chest-like X-ray, a colour film."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace

from localdb.chart.views import Chart
from localdb.pixels.container import write
from localdb.pixels.facts import Facts, Frame, Window
from localdb.records.ids import record_id
from localdb.records.vocabulary import ImagingStudy, Instance, Pixels, Report, Series
from tests.unit.desktop.patient.builders import at, chart, patient_view
from tests.unit.desktop.patient.stage import Images, Stage, stage_of

P1 = "P0000000000001"
AXIAL = ("1", "0", "0", "0", "1", "0")
CT_FACTS = Facts(
    rows=128, columns=128, bits=16, signed=True, modality="CT", photometric="MONOCHROME2",
    common=Frame(orientation=AXIAL, spacing=("0.7", "0.7"), slope="1", intercept="-1024", rescale="HU",
                 windows=(Window("40", "400", text="SOFT"), Window("-600", "1500", text="LUNG"))),
)  # fmt: skip


def slice_values(n: int, size: int = 128) -> np.ndarray[Any, Any]:
    """A body of soft tissue with a bone off the middle; the bone wanders with the slice, so that each is told apart."""
    y, x = np.mgrid[0:size, 0:size]
    made = np.full((size, size), 24, np.int16)  # air: -1000 HU
    made[((x - size / 2) ** 2 / 0.8 + (y - size / 2) ** 2) < (size * 0.42) ** 2] = 1064  # 40 HU
    made[((x - size * 0.3 - n % 20) ** 2 + (y - size * 0.4) ** 2) < (size * 0.07) ** 2] = 1724  # 700 HU
    return made


class Study:
    """Instances and pixel files of one study, gathered by `ct`, `xray`, `film`."""

    def __init__(self, uid: str, *, patient: str = P1, source: str = "pacs") -> None:
        self.uid, self.patient, self.source = uid, patient, source
        self.instances: list[Instance] = []
        self.blobs: dict[str, bytes] = {}

    def add(self, facts: Facts, frames: list[Any], **more: Any) -> Instance:
        number = len(self.instances) + 1
        uid = more.pop("uid", f"{self.uid}.{number}")
        name = f"{uid}".encode().hex()[-40:].zfill(64)
        self.blobs[name] = data = write(facts, frames)
        given: dict[str, Any] = {
            "id": record_id(self.source, "Instance", uid), "patient": self.patient, "source": self.source,
            "source_id": uid, "uid": uid, "study": self.uid, "series": f"{self.uid}.1", "series_number": 1,
            "modality": facts.modality, "number": number, "rows": facts.rows, "columns": facts.columns,
            "frames": len(frames), "pixels": (Pixels(name, len(data), 0, len(frames)),), "happened": at("2026-11-23T19:12"),
        }  # fmt: skip
        self.instances.append(Instance(**{**given, **more}))
        return self.instances[-1]

    def ct(self, count: int, *, series: int = 1, text: str = "CT 5.0 mm", first: int = 1, step: float = 5.0) -> Study:
        for n in range(first, first + count):
            place = ("0", "0", f"{n * step:g}")
            facts = replace(CT_FACTS, frames=(Frame(position=place),))
            self.add(
                facts, [slice_values(n)], number=n, position=place, orientation=AXIAL, frame_of_reference="1.9",
                series=f"{self.uid}.s{series}", series_number=series, series_text=text, uid=f"{self.uid}.{series}.{n}",
            )  # fmt: skip
        return self

    def xray(self, size: tuple[int, int] = (250, 200), **facts: Any) -> Study:
        rows, columns = size
        y, x = np.mgrid[0:rows, 0:columns]
        values = (2000 + 1500 * np.sin(x / columns * 6) * np.cos(y / rows * 4)).astype(np.uint16)
        given: dict[str, Any] = {
            "rows": rows, "columns": columns, "bits": 12, "modality": "CR", "photometric": "MONOCHROME2",
            "patient_orientation": ("L", "F"), "common": Frame(windows=(Window("2000", "3000"),)),
            "imager_spacing": ("0.2", "0.2"), "lossy": "10",
        }  # fmt: skip
        self.add(Facts(**{**given, **facts}), [values], series_text="PA erect", view="PA")
        return self

    def film(self, count: int = 6) -> Study:
        frames = []
        for n in range(count):
            made = np.zeros((60, 80, 3), np.uint8)
            made[..., 0], made[10 : 20 + n, 10:30, 1] = 30 * n, 200
            frames.append(made)
        facts = Facts(rows=60, columns=80, samples=3, photometric="RGB", bits=8, modality="US", frame_ms=("50",))
        self.add(facts, frames, series_text="Kidney")
        return self

    def unheld(self, n: int, code: str = "image.let_go") -> Study:
        """The n-th instance (from 0) is known, its pixels are not here."""
        self.instances[n] = replace(self.instances[n], pixels=(), unheld=code)
        return self

    def drop(self, *numbers: int) -> Study:
        """These instances (by number) never came."""
        self.instances = [i for i in self.instances if i.number not in numbers]
        return self

    def record(self, *, total: int | None = None, text: str = "CT chest", when: str = "2026-11-23T19:12", **more: Any
               ) -> ImagingStudy:  # fmt: skip
        """The study as the cut makes it: counted by series; `total` of the first series."""
        made: dict[str, Series] = {}
        for one in self.instances:
            old = made.get(one.series)
            if old is None:
                counted = total if not made else None
                old = Series(one.series, one.modality, one.series_text, total=counted, number=one.series_number)
            made[one.series] = replace(old, held=old.held + one.is_held)
        return ImagingStudy(
            id=record_id(self.source, "ImagingStudy", self.uid), patient=self.patient, source=self.source,
            source_id=self.uid, uid=self.uid, series=tuple(made.values()), held=sum(s.held for s in made.values()),
            total=total, text=text, modality=self.instances[0].modality if self.instances else "", happened=at(when),
            **more,
        )  # fmt: skip


def images_of(*studies: Study) -> Images:
    return Images({s.uid: tuple(s.instances) for s in studies}, {k: v for s in studies for k, v in s.blobs.items()})


def chart_of(
    *records: ImagingStudy, reports: tuple[Report, ...] = (), number: int = 0, family: str = "Okonkwo"
) -> Chart:
    return chart(patient_view(number, family, "Ifeoma"), images=records, reports=reports)


def stage_with(held: Chart, *studies: Study, **more: Any) -> Stage:
    stage = stage_of(held, **more)
    stage.house.images = images_of(*studies)
    return stage
