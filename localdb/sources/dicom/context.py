"""What every mapping function knows of its file: source, profile, zone; and how it makes moments and facts."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from pydicom.dataset import Dataset

from localdb.records.ids import record_id
from localdb.records.moments import Moment
from localdb.records.vocabulary import RECORD_ENCODER, Coding, Record
from localdb.sources.dicom.elements import text
from localdb.sources.hl7v2.times import read_dtm
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import Fact

_OFFSET = re.compile(r"[+-]\d{4}\Z")
# Coding schemes of PS3.16 §8 that FHIR has a system for; any other stands as it was sent.
_SYSTEMS = {
    "SCT": "http://snomed.info/sct",
    "SRT": "http://snomed.info/srt",
    "LN": "http://loinc.org",
    "UCUM": "http://unitsofmeasure.org",
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
    "RADLEX": "http://radlex.org",
}


class FileContext(msgspec.Struct, frozen=True, kw_only=True):
    """`offset` (0008,0201) of the times of this data set, "" where none was sent; `patient` the id of whom it is about."""

    source: str
    profile: SourceProfile
    offset: str
    patient: str

    @staticmethod
    def of(ds: Dataset, source: str, profile: SourceProfile, patient: str) -> FileContext:
        sent = text(ds, 0x00080201)
        return FileContext(
            source=source, profile=profile, offset=sent if _OFFSET.match(sent) else "", patient=patient
        )  # fmt: skip

    def moment(self, day: str, time: str = "") -> Moment | None:
        """A date (DA) with its time (TM), or one DT; in the offset of the file, else in the source's zone. Dates of the
        old form 1997.04.24 and times of the form 10:20:30 are read too (PS3.5 §6.2, notes)."""
        day, time = day.strip().replace(".", "") if len(day.strip()) == 10 else day.strip(), time.strip()
        time = time.replace(":", "")
        if not day:
            return None
        both = day + time if len(day) == 8 and time[:2].isdigit() else day
        if both[8:] and not re.search(r"[+-]\d{4}\Z", both):
            both += self.offset
        return read_dtm(both, self.profile.zone)

    def when(self, ds: Dataset | None, *pairs: tuple[int, int]) -> Moment | None:
        """The first of these (date, time) elements that has a date; time 0 for a DT."""
        for day, time in pairs:
            found = self.moment(text(ds, day), text(ds, time) if time else "")
            if found is not None:
                return found
        return None

    def common(self, type_: str, source_id: str) -> dict[str, Any]:
        """`id`, `patient`, `source` and `source_id` of a record of this file's patient."""
        return {
            "id": record_id(self.source, type_, source_id),
            "patient": self.patient,
            "source": self.source,
            "source_id": source_id,
        }


def fact(record: Record, order: int, *, partial: bool = False, tie: int = 0) -> Fact:
    """The record as one fact at `order` (microseconds UTC of what it was told with)."""
    return Fact(
        kind=str(record.__struct_config__.tag),
        id=record.id,
        patient=record.patient,
        body=RECORD_ENCODER.encode(record),
        order=order,
        tie=tie,
        partial=partial,
    )


def coding(ds: Dataset | None) -> Coding | None:
    """An item of a code sequence (PS3.3 §8); None where it has neither code nor meaning."""
    code = text(ds, 0x00080100) or text(ds, 0x00080119) or text(ds, 0x00080120)
    display, scheme = text(ds, 0x00080104), text(ds, 0x00080102)
    if not code and not display:
        return None
    return Coding(_SYSTEMS.get(scheme, scheme), code, display)


def meaning(ds: Dataset | None) -> str:
    """The words of a code, else the code."""
    found = coding(ds)
    return (found.display or found.code) if found is not None else ""
