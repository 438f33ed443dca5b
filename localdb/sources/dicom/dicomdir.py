"""A DICOMDIR: what a disc or folder holds, as its own directory lists it (PS3.3 Annex F, PS3.10 §8).

Records are read in the order of their links; those that no link leads to, in the order in which they lie. A loop ends
at the first record that was seen already.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from pydicom.dataset import Dataset

from localdb.records.vocabulary import ImagingStudy, Series
from localdb.sources.dicom.context import FileContext, fact
from localdb.sources.dicom.elements import FAULTS, is_uid, items, text, texts, whole
from localdb.sources.dicom.faults import DicomRefused
from localdb.sources.dicom.patients import key_of, person
from localdb.sources.dicom.studies import SECONDARY, study_of
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import Fact
from localdb.sources.walking import plain_path

CLASS = "1.2.840.10008.1.3.10"
TYPE = "DICOMDIR"
COUNTED = "The number of images is that of a disc or folder (its DICOMDIR); the examination may have more."
_PARENTS = ("PATIENT", "STUDY", "SERIES")


class Listed(msgspec.Struct, frozen=True):
    """One file that a directory lists, with the records above it (None where it has none)."""

    patient: Dataset | None
    study: Dataset | None
    series: Dataset | None
    record: Dataset

    @property
    def file(self) -> str:
        """Its path below the directory, parts joined by "/"; "" where it has none."""
        return "/".join(p for p in texts(self.record, 0x00041500) if p)


def listed(ds: Dataset) -> tuple[Listed, ...]:
    """Every file that the directory lists."""
    records = items(ds, 0x00041220)
    places: dict[int, Dataset] = {}
    for record in records:
        try:
            places[int(record.seq_item_tell)] = record
        except FAULTS:
            continue
    seen: set[int] = set()
    found: list[Listed] = []
    for above, record in _linked(places, whole(ds, 0x00041200) or 0, seen):
        _add(found, above, record)
    above_now: list[Dataset | None] = [None, None, None]
    for record in records:
        kind = text(record, 0x00041430)
        if kind in _PARENTS:
            level = _PARENTS.index(kind)
            above_now[level:] = [record, None, None][: 3 - level]
        if id(record) not in seen and text(record, 0x00041410) not in ("0", "0000"):
            _add(found, (above_now[0], above_now[1], above_now[2]), record)
    return tuple(found)


Above = tuple[Dataset | None, Dataset | None, Dataset | None]


def _linked(places: dict[int, Dataset], root: int, seen: set[int]) -> Iterator[tuple[Above, Dataset]]:
    waiting: list[tuple[int, Above]] = [(root, (None, None, None))]
    while waiting:
        place, above = waiting.pop()
        record = places.get(place)
        if record is None or id(record) in seen:
            continue
        seen.add(id(record))
        yield above, record
        waiting.append((whole(record, 0x00041400) or 0, above))
        kind, below = text(record, 0x00041430), above
        if kind in _PARENTS:
            level = _PARENTS.index(kind)
            below = (*above[:level], record, *(None,) * (2 - level))  # type: ignore[assignment]
        waiting.append((whole(record, 0x00041420) or 0, below))


def _add(found: list[Listed], above: Above, record: Dataset) -> None:
    if text(record, 0x00041430) not in _PARENTS and (texts(record, 0x00041500) or text(record, 0x00041511)):
        found.append(Listed(*above, record))


def facts_of(files: tuple[Listed, ...], source: str, profile: SourceProfile, below: int) -> tuple[list[Fact], int]:
    """(patients and studies with their counts, how many files name no patient or study). `below`: what is taken from an
    order to lie under what ADT said."""
    facts: list[Fact] = []
    people: set[str] = set()
    studies: dict[tuple[str, str], list[Listed]] = {}
    unnamed = 0
    for one in files:
        uid = text(one.study, 0x0020000D)
        try:
            if one.patient is None or one.study is None or not is_uid(uid):
                raise DicomRefused("dicom.no_patient", "a file of the directory has no patient")
            patient, _ = key_of(one.patient, source, profile)
        except DicomRefused:
            unnamed += 1
            continue
        if patient not in people:
            people.add(patient)
            facts.append(fact(person(one.patient, source, profile, patient), -below, partial=True))
        studies.setdefault((patient, uid), []).append(one)
    for (patient, uid), held in studies.items():
        record = held[0].study
        assert record is not None
        at = FileContext.of(record, source, profile, patient)
        study = _counted(study_of(record, uid, at), held)
        order = study.happened.utc if study.happened is not None and study.happened.utc is not None else 0
        facts.append(fact(study, order, partial=True))
    return facts, unnamed


def _counted(study: ImagingStudy, files: list[Listed]) -> ImagingStudy:
    by_series: dict[str, list[Listed]] = {}
    for one in files:
        by_series.setdefault(text(one.series, 0x0020000E), []).append(one)
    series = tuple(
        Series(
            uid=uid,
            modality=text(held[0].series, 0x00080060),
            text=text(held[0].series, 0x0008103E),
            total=len(held),
            number=whole(held[0].series, 0x00200011),
        )
        for uid, held in by_series.items()
    )
    modalities = dict.fromkeys(s.modality for s in series if s.modality and s.modality not in SECONDARY)
    return msgspec.structs.replace(
        study, series=series, total=len(files), modality=study.modality or ",".join(modalities), comments=(COUNTED,)
    )


def missing(files: tuple[Listed, ...], beside: frozenset[str]) -> int:
    """How many listed files are not among those that lie beside the directory (`plain_path` of each)."""
    return sum(1 for one in files if one.file and plain_path(one.file) not in beside)
