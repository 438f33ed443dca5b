"""What a query said: studies with how many images they have (C-FIND, QIDO-RS), booked examinations (modality worklist).

Answers come as data sets, or as DICOM JSON (PS3.18 F). Each study is one unit, each booked procedure step one; the last
answer about it stands (`type` STUDY or BOOKING; DESIGN D4 knows it by its UID or number). Nothing here asks anybody; no
pixel is read, so this runs where it is called. An answer that names no patient or no study is set aside with its words.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
import zstandard
from pydicom.dataset import Dataset

from localdb.records.moments import from_instant, micros
from localdb.records.vocabulary import Appointment, Coding, ImagingStudy, Patient, Reference, Request, Series
from localdb.sources.dicom.context import FileContext, coding, fact
from localdb.sources.dicom.elements import FAULTS, first, is_uid, items, long_text, text, whole
from localdb.sources.dicom.faults import DicomRefused
from localdb.sources.dicom.patients import key_of, person, person_line
from localdb.sources.dicom.studies import SECONDARY, accession, study_of
from localdb.sources.hl7v2.patients import BELOW_ADT
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import BOOKING, READ, SET_ASIDE, STUDY, Fact, FileReading, Unit

Answer = Dataset | Mapping[str, Any]
_MOST = 2**31  # of instances: what is more is no count
# (0040,0020) of a worklist -> (status of the request, its stage in HL7 table 0038, status of the appointment). One without
# a status stands in the list because it is to be done.
_STATES = {
    "": ("active", "SC", "booked"),
    "SCHEDULED": ("active", "SC", "booked"),
    "ARRIVED": ("active", "IP", "arrived"),
    "READY": ("active", "IP", "arrived"),
    "STARTED": ("active", "IP", "arrived"),
    "IN PROGRESS": ("active", "IP", "arrived"),
    "DEPARTED": ("active", "IP", "arrived"),
    "COMPLETED": ("completed", "CM", "fulfilled"),
    "CANCELLED": ("revoked", "CA", "cancelled"),
    "DISCONTINUED": ("revoked", "CA", "cancelled"),
}
_PRIORITIES = {
    "STAT": "stat",
    "HIGH": "urgent",
    "ROUTINE": "routine",
    "MEDIUM": "routine",
    "LOW": "routine",
}  # (0040,1003)


def read_listing(
    file: str, found: Sequence[tuple[Answer, Sequence[Answer]]], source: str, profile: SourceProfile, at: datetime
) -> FileReading:
    """Studies, each with its series (none: they were not asked for), as an archive listed them at `at` (aware)."""
    made = []
    for study, series in found:
        own = [dataset(study), *(dataset(s) for s in series)]
        made.append((own, lambda own=own: _study(own[0], own[1:], source, profile, at)))
    return _reading(file, source, STUDY, made, at)


def read_worklist(
    file: str, found: Sequence[Answer], source: str, profile: SourceProfile, at: datetime
) -> FileReading:  # fmt: skip
    """Booked examinations, as a worklist listed them at `at` (aware): one unit for each scheduled procedure step."""
    made = []
    for answer in found:
        ds = dataset(answer)
        for step in items(ds, 0x00400100) or (Dataset(),):
            made.append(([ds], lambda ds=ds, step=step: _booking(ds, step, source, profile, at)))
    return _reading(file, source, BOOKING, made, at)


def dataset(answer: Answer) -> Dataset:
    """An answer as a data set; what cannot be read of DICOM JSON is absent, and then it names nobody."""
    if isinstance(answer, Dataset):
        return answer
    made = Dataset()
    for tag, value in answer.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made.update(Dataset.from_json({tag: value}))
        except FAULTS:
            continue  # one element that is none: the others are read
    return made


def _reading(
    file: str, source: str, type_: str, made: Sequence[tuple[list[Dataset], Any]], at: datetime
) -> FileReading:
    """The units, each with its answer's own words as DICOM JSON."""
    units: list[Unit] = []
    kept: list[bytes] = []
    size = 0
    for index, (answers, make) in enumerate(made):
        raw = b"\n".join(map(_words, answers))
        try:
            name, facts = make()
            unit = Unit(
                index=index, type=type_, source_id=name, verdict=READ, facts=facts, updated=micros(at),
                digest=sha256(b"\x1f".join(f.body for f in facts)).digest(),  # the same answer tomorrow is the same
            )  # fmt: skip
        except DicomRefused as refusal:
            unit = Unit(
                index=index, type=type_, source_id="", verdict=SET_ASIDE, code=refusal.code, reason=str(refusal)
            )
        units.append(msgspec.structs.replace(unit, raw=(size, len(raw))))
        kept.append(raw)
        size += len(raw)
    return FileReading(
        file=file, source=source, units=tuple(units), kept=zstandard.compress(b"".join(kept)), sha256="",
        cut=from_instant(at), cut_rule="message",
    )  # fmt: skip


def _words(ds: Dataset) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ds.to_json(suppress_invalid_tags=True).encode("utf-8", "replace")
        except FAULTS:
            return b""


# -- studies --------------------------------------------------------------------------------------------------------


def _study(
    ds: Dataset, series: Sequence[Dataset], source: str, profile: SourceProfile, at: datetime
) -> tuple[str, tuple[Fact, ...]]:
    uid = text(ds, 0x0020000D)
    if not is_uid(uid):
        raise DicomRefused("dicom.no_uid", "an answer has no Study Instance UID that could be one")
    who, told_of = _person(ds, source, profile)
    context = FileContext.of(ds, source, profile, who)
    made = study_of(ds, uid, context)
    parts = tuple(s for one in series if (s := _series(one)) is not None)
    said = dict.fromkeys(s.modality for s in parts if s.modality and s.modality not in SECONDARY)
    where = dict.fromkeys(a for one in (ds, *series) if (a := text(one, 0x00080056).upper()) and a != "ONLINE")
    made = msgspec.structs.replace(
        made,
        series=parts,
        total=_count(ds, 0x00201208),
        modality=made.modality or ",".join(said),
        comments=tuple(f"The archive has it {word}, not at once at hand." for word in where),
    )
    return uid, _facts(told_of, at, made)


def _series(ds: Dataset) -> Series | None:
    uid = text(ds, 0x0020000E)
    if not is_uid(uid):
        return None
    return Series(
        uid=uid, modality=text(ds, 0x00080060), text=text(ds, 0x0008103E), body_site=text(ds, 0x00180015),
        laterality=text(ds, 0x00200060), total=_count(ds, 0x00201209), number=whole(ds, 0x00200011),
    )  # fmt: skip


def _count(ds: Dataset, tag: int) -> int | None:
    found = whole(ds, tag)
    return found if found is not None and 0 <= found < _MOST else None


# -- booked examinations ----------------------------------------------------------------------------------------------


def _booking(
    ds: Dataset, step: Dataset, source: str, profile: SourceProfile, at: datetime
) -> tuple[str, tuple[Fact, ...]]:  # fmt: skip
    who, told_of = _person(ds, source, profile)
    context = FileContext.of(ds, source, profile, who)
    number, procedure, place = accession(ds), text(ds, 0x00401001), text(step, 0x00400009)
    placer = text(ds, 0x00402016) or text(first(ds, 0x00402026), 0x00400031)
    filler = text(ds, 0x00402017)
    numbers = tuple(dict.fromkeys(n for n in (number, placer, filler, procedure) if n))
    if not numbers and not place:
        raise DicomRefused("dicom.no_number", "a booked examination has no number that it could be known by")
    state = _STATES.get(text(step, 0x00400020).strip().upper(), _STATES[""])
    start = context.when(step, (0x00400002, 0x00400003), (0x00404005, 0))
    codes = _codes(ds, 0x00321064) or _codes(step, 0x00400008)
    name = text(ds, 0x00321060) or text(step, 0x00400007) or (codes[0].display if codes else "")
    order = "|".join(x for x in (numbers[0] if numbers else "", procedure) if x) or place
    visit = text(ds, 0x00380010)
    seen = (Reference("encounter", f"Encounter/{visit}"),) if visit else ()
    request = Request(
        **context.common("ServiceRequest", order),
        status=state[0],
        intent="instance-order",  # made from an order that another system may have told too
        stage=state[1],
        codes=codes,
        text=name or "Examination",
        priority=_PRIORITIES.get(text(ds, 0x00401003).upper(), ""),
        category=text(step, 0x00080060),
        reason=long_text(ds, 0x00401002),
        numbers=numbers,
        author=person_line(ds, 0x00321032) or person_line(ds, 0x00080090),
        asked=context.when(ds, (0x00402004, 0x00402005)),
        wanted=start,
        comments=tuple(c for c in (long_text(ds, 0x00401400),) if c),
        references=seen,
    )
    appointment = Appointment(
        **context.common("Appointment", f"{order}|{place}" if place else order),
        happened=start,
        status=state[2],
        codes=codes,
        text=name or "Examination",
        place=", ".join(dict.fromkeys(p for p in (text(step, 0x00400011), text(step, 0x00400010)) if p)),
        participants=tuple(p for p in (person_line(step, 0x00400006),) if p),
        author=request.author,
        references=(Reference("based_on", f"ServiceRequest/{order}"), *seen),
    )
    return appointment.source_id, _facts(told_of, at, request, appointment)


def _codes(ds: Dataset, tag: int) -> tuple[Coding, ...]:
    return tuple(c for one in items(ds, tag) if (c := coding(one)) is not None)


# -- both -------------------------------------------------------------------------------------------------------------


def _person(ds: Dataset, source: str, profile: SourceProfile) -> tuple[str, Patient]:
    """(id, who it is). Raises dicom.no_patient."""
    who, _ = key_of(ds, source, profile)
    return who, person(ds, source, profile, who)


def _facts(who: Patient, at: datetime, *records: ImagingStudy | Request | Appointment) -> tuple[Fact, ...]:
    """What an archive says of a person lies below what an admission said (as of any message but ADT)."""
    order = micros(at)
    return (fact(who, order - BELOW_ADT, partial=True), *(fact(r, order, partial=True) for r in records))
