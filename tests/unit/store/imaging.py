"""A CT as a reader hands it over, made without files: patient, study and instance facts, and pixels that are only bytes."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import zstandard
from msgspec.structs import replace

from localdb.records.ids import patient_id, record_id
from localdb.records.moments import read_moment
from localdb.records.vocabulary import (
    RECORD_ENCODER,
    HumanName,
    Identifier,
    ImagingStudy,
    Instance,
    Patient,
    Pixels,
    Record,
    Series,
)
from localdb.sources.units import READ, STUDY, Blob, Fact, FileReading, Unit
from localdb.store.image_room import MEDIA
from tests.unit.chart.imaging import instance

PACS, ISSUER = "pacs", "NORTH"
BELOW = 10**17


def key(number: str, source: str = PACS) -> str:
    return str(patient_id(source, ISSUER, number))


def fact(record: Record, order: int, *, partial: bool = False) -> Fact:
    kind = str(record.__struct_config__.tag)
    return Fact(
        kind=kind,
        id=record.id,
        patient=record.patient,
        body=RECORD_ENCODER.encode(record),
        order=order,
        partial=partial,
    )


def person(number: str, source: str = PACS, family: str = "Testperson") -> Patient:
    id_ = key(number, source)
    return Patient(
        id=id_, patient=id_, source=source, source_id=number, names=(HumanName(family=family, given=("Anna",)),),
        identifiers=(Identifier(ISSUER, number, "MR"),), born=read_moment("1950-01-01"),
    )  # fmt: skip


def study(uid: str, number: str, source: str = PACS, **more: Any) -> ImagingStudy:
    return ImagingStudy(
        id=record_id(source, "ImagingStudy", uid), patient=key(number, source), source=source, source_id=uid, uid=uid,
        **more,
    )  # fmt: skip


def slice_unit(
    n: int, number: str = "4711", *, uid: str = "1.2.3", series: int = 1, source: str = PACS, size: int = 1000,
    index: int = 0, data: bytes | None = None, held: bool = True, **more: Any,
) -> Unit:  # fmt: skip
    """One slice of a study; `data` its pixel file (made up of `size` bytes), `held` False: its pixels were not kept."""
    made: Instance = instance(n, study=uid, series=series, source=source, **more)
    pixels = data if data is not None else f"{made.uid} ".encode() * (size // (len(made.uid) + 1) + 1)
    digest = sha256(pixels).hexdigest()
    named = (Pixels(digest, len(pixels)),) if held and made.is_image else ()
    made = replace(made, id=record_id(source, "instance", made.uid), patient=key(number, source), pixels=named)
    order = made.happened.utc if made.happened and made.happened.utc else 0
    facts = (
        fact(person(number, source), order - BELOW, partial=True),
        fact(study(uid, number, source, text="CT chest", modality="CT", accession="A77", happened=made.happened), order,
             partial=True),
        fact(made, order),
    )  # fmt: skip
    blobs = (Blob(sha256=digest, media_type=MEDIA, data=pixels),) if named else ()
    meaning = sha256(b"".join(f.body for f in facts) + digest.encode()).digest()
    return Unit(
        index=index, type="CT Image Storage", source_id=made.uid, verdict=READ, digest=meaning, facts=facts, blobs=blobs,
        updated=order or None,
    )  # fmt: skip


def listing_unit(
    uid: str, number: str, totals: dict[str, int], at: str = "2026-03-01T09:00:00Z", source: str = PACS
) -> Unit:
    """What a query said of a study: its series with how many there are."""
    series = tuple(Series(uid=s, modality="CT", total=n) for s, n in totals.items())
    order = read_moment(at).utc or 0
    told = fact(study(uid, number, source, series=series, total=sum(totals.values())), order, partial=True)
    facts = (fact(person(number, source), order - BELOW, partial=True), told)
    return Unit(index=0, type=STUDY, source_id=uid, verdict=READ, digest=sha256(told.body).digest(), facts=facts)


def reading(*units: Unit, source: str = PACS, file: str = "ct") -> FileReading:
    return FileReading(
        file=file, source=source, units=units, kept=zstandard.compress(b"header"), sha256="0" * 64, cut_rule="message"
    )


def take(intake: Any, units: Iterable[Unit], source: str = PACS) -> list[str]:
    """The outcome of each unit, given one file at a time as a folder of slices is."""
    return [
        o.outcome for n, unit in enumerate(units) for o in intake.take(reading(unit, source=source, file=f"ct/{n}"))
    ]
