"""One DICOM file to units, decoded and all. Runs in the child (`child`): nothing here is safe from a hostile file alone."""

from __future__ import annotations

import logging
import warnings
from hashlib import sha256
from typing import Any

import msgspec
import zstandard
from pydicom import config

from localdb.sources.dicom import decoding, dicomdir
from localdb.sources.dicom.context import FileContext, fact
from localdb.sources.dicom.elements import uid_name
from localdb.sources.dicom.faults import DicomRefused
from localdb.sources.dicom.kept import decoded_size, pixel_files
from localdb.sources.dicom.part10 import Part10, identity, read_part10
from localdb.sources.dicom.patients import key_of, person
from localdb.sources.dicom.reports import report_of
from localdb.sources.dicom.studies import instance_of, study_of, uids
from localdb.sources.hl7v2.patients import BELOW_ADT
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import READ, SET_ASIDE, Blob, Fact, FileReading, Unit

_LEVEL = 3


def prepare() -> None:
    """Once in a process: pydicom reads what it can, says nothing, and decodes with imagecodecs."""
    config.settings.reading_validation_mode = config.IGNORE
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    decoding.register()


def read(
    file: str, data: bytes, source: str, profile: SourceProfile, beside: frozenset[str] | None = None
) -> FileReading:
    """The units of one file. Raises DicomRefused where it is to be set aside whole."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        part = read_part10(data)
        class_, uid = identity(part)
        try:
            if class_ == dicomdir.CLASS or 0x00041220 in part.dataset:
                return _directory(part, uid, file, data, source, profile, beside)
            return _instance(part, file, data, source, profile)
        except DicomRefused as refusal:
            refusal.type, refusal.uid = refusal.type or uid_name(class_), refusal.uid or uid
            raise
        except RecursionError:
            raise DicomRefused("dicom.too_deep", "its sequences are nested too deeply", uid_name(class_), uid) from None


def _instance(part: Part10, file: str, data: bytes, source: str, profile: SourceProfile) -> FileReading:
    ds = part.dataset
    patient, _ = key_of(ds, source, profile)
    ids = uids(part)
    class_, uid, study, _ = ids
    at = FileContext.of(ds, source, profile, patient)
    instance = instance_of(part, at, ids)
    blobs: list[Blob] = []
    if part.pixels is not None:
        decoding.options_of(part)  # a promise beyond all measure is no image that was merely not kept
        unheld = profile.imaging_rules.refuses(instance.modality, decoded_size(part))
        pixels, found = ((), []) if unheld else pixel_files(part)
        instance = msgspec.structs.replace(instance, pixels=pixels, unheld=unheld)
        blobs += found
    elif "Image Storage" in uid_name(class_) or (0x00280010 in ds and 0x00280100 in ds):
        instance = msgspec.structs.replace(instance, frames=1, unheld="image.no_pixels")
    said = instance.said or instance.happened
    order = said.utc if said is not None and said.utc is not None else 0
    facts = [
        fact(person(ds, source, profile, patient), order - BELOW_ADT, partial=True),
        fact(study_of(ds, study, at), order, partial=True),
        fact(instance, order),
    ]
    reported = report_of(ds, class_, uid, study, at)
    if reported is not None:
        report, files, tie = reported
        blobs += files
        told = report.said.utc if report.said is not None and report.said.utc is not None else order
        facts.append(fact(report, told, tie=tie))
    unit = Unit(
        index=0,
        type=uid_name(class_),
        source_id=uid,
        verdict=READ,
        updated=order or None,
        digest=_meaning(facts, blobs),
        facts=tuple(facts),
        blobs=tuple(blobs),
    )
    return _reading((unit,), part.header, file, data, source, said)


def _directory(
    part: Part10, uid: str, file: str, data: bytes, source: str, profile: SourceProfile, beside: frozenset[str] | None
) -> FileReading:
    files = dicomdir.listed(part.dataset)
    facts, unnamed = dicomdir.facts_of(files, source, profile, BELOW_ADT)
    said = [f"lists {len(files)} files"]
    if unnamed:
        said.append(f"{unnamed} of them without a patient or study")
    unit = Unit(
        index=0,
        type=dicomdir.TYPE,
        source_id=uid or "#" + sha256(data).hexdigest(),
        verdict=READ,
        reason=", ".join(said),
        digest=_meaning(facts, []),
        facts=tuple(facts),
    )
    lacking = dicomdir.missing(files, beside) if beside is not None else 0
    units = [unit]
    if lacking:
        words = f"it lists {len(files)} files, {len(files) - lacking} of them are here"
        finding = Unit(index=1, type=dicomdir.TYPE, source_id=unit.source_id, verdict=SET_ASIDE)
        units.append(msgspec.structs.replace(finding, code="dicom.dir_incomplete", reason=words))
    return _reading(tuple(units), data, file, data, source, None)


def _meaning(facts: list[Fact], blobs: list[Blob]) -> bytes:
    """What a unit says, whatever coding its pixels came in: two copies that say the same are the same."""
    told = [(f.kind, f.id, f.patient, f.body, f.order, f.tie) for f in facts]
    return sha256(msgspec.msgpack.encode((told, [b.sha256 for b in blobs]))).digest()


def _reading(units: tuple[Unit, ...], kept: bytes, file: str, data: bytes, source: str, said: Any) -> FileReading:
    return FileReading(
        file=file,
        source=source,
        units=tuple(msgspec.structs.replace(u, raw=(0, len(kept))) for u in units),
        kept=zstandard.ZstdCompressor(level=_LEVEL).compress(kept),
        sha256=sha256(data).hexdigest(),
        cut=said,
        cut_rule="message",
    )
