"""One resource to its records: which reader takes it, whose it is, and what every record has in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from localdb.records.ids import record_id
from localdb.records.vocabulary import ENTRY_SYSTEM, RECORD_ENCODER, Record
from localdb.sources.fhir import care, conditions, documents, medicines, observations, people, reports
from localdb.sources.fhir.scope import NotOfAPatient, Scope, Subject
from localdb.sources.fhir.shapes import CONFIDENTIAL, Json, Malformed, noticed, obj, objects, string
from localdb.sources.fhir.types import KIND, PATIENT_OPTIONAL, SUBJECT
from localdb.sources.units import EncodedRecord

MODIFIED = "Carries a modifier that Wardlamp does not know: see the original."
SLOPPY = "Part of it has a form that could not be read: see the original."

Reader = Callable[[Scope, Json, Json], Record]
_READERS: dict[str, Reader] = {
    "Patient": people.patient,
    "AllergyIntolerance": conditions.allergy,
    "Condition": conditions.problem,
    "Flag": conditions.alert,
    "MedicationRequest": medicines.medicine,
    "MedicationStatement": medicines.medicine,
    "MedicationAdministration": medicines.administration,
    "Immunization": medicines.immunization,
    "Observation": observations.observation,
    "DiagnosticReport": reports.report,
    "ImagingStudy": reports.imaging,
    "ServiceRequest": care.request,
    "Appointment": care.appointment,
    "DocumentReference": documents.document,
    "Composition": documents.composition,
    "Encounter": care.stay,
    **{type_: care.other for type_, kind in KIND.items() if kind == "other"},
    **{type_: people.referred for type_, kind in KIND.items() if kind == "referred"},
}
_NOBODY = Subject("", "")


@lru_cache(maxsize=64)
def _tag(kind: type[Record]) -> str:
    return str(kind.__struct_config__.tag)


def _subjects(s: Scope, type_: str, r: Json) -> list[Subject]:
    """Whose the resource is. Raises NotOfAPatient or Malformed (see Scope.subject)."""
    if type_ == "Appointment":
        found = []
        for one in objects(r.get("participant")):
            try:
                found.append(s.subject(one.get("actor")))
            except NotOfAPatient:
                continue
            except Malformed as error:
                if error.code != "reference.missing":
                    raise
        if not found:
            raise Malformed("it names no patient", "reference.missing")
        return found
    value = r.get(SUBJECT.get(type_, "subject"))
    if value is None and type_ in PATIENT_OPTIONAL:
        raise NotOfAPatient("nobody")
    return [s.subject(value)]


def _restricted(r: Json) -> bool:
    labels = obj(r.get("meta")).get("security")
    return labels is not None and any(label.get("code") in CONFIDENTIAL for label in objects(labels))


def _entry(r: Json) -> str:
    """The downtime entry that this resource came back from, by the identifier that restoration gave it (D8)."""
    for identifier in objects(r.get("identifier")):
        if identifier.get("system") == ENTRY_SYSTEM:
            return string(identifier.get("value")).partition("#")[0]
    return ""


def _base(s: Scope, source_id: str, r: Json, id_: str) -> dict[str, Any]:
    """What every record has in common, but for its patient."""
    base: dict[str, Any] = {"id": id_, "source": s.source, "source_id": source_id, "patient": ""}
    meta = r.get("meta")
    if meta is not None:
        base["version"] = string(obj(meta).get("versionId")) or None
        base["restricted"] = _restricted(r)
    return base


def _results_inside(s: Scope, r: Json, base: Json, subject: Subject) -> list[EncodedRecord]:
    """Results that stand only inside their report, as records of the report's patient: `<report>#<id>`.

    Raises Malformed where one of them says that it is another patient's.
    """
    out: list[EncodedRecord] = []
    for inside in s.contained:
        own = string(inside.get("id"))
        if inside.get("resourceType") != "Observation" or not own:
            continue
        said = inside.get("subject")
        if said is not None and said != r.get("subject") and s.key(said) != subject.key:
            raise Malformed("a result inside it is another patient's")
        id_ = f"{base['source_id']}#{own}"
        mine = {**base, "id": record_id(s.source, "Observation", id_), "source_id": id_}
        record = observations.observation(s, inside, mine)
        out.append((_tag(type(record)), mine["id"], subject.id, subject.key, RECORD_ENCODER.encode(record)))
    return out


def records_of(
    s: Scope, type_: str, source_id: str, r: Json, raw: bytes
) -> tuple[tuple[EncodedRecord, ...], tuple[str, ...]]:
    """The encoded records of a resource of a kept type, and the identifiers of the patients that it waits for.

    `raw` are its own bytes. Raises Malformed and NotOfAPatient.
    """
    noticed()
    s.contained = objects(r["contained"]) if "contained" in r else []
    id_: str = record_id(s.source, type_, source_id)
    kind = KIND[type_]
    if kind == "patient":
        subject = s.patient(source_id)
        subjects, id_ = [subject], subject.id
    elif kind == "referred":
        subjects = [_NOBODY]
    else:
        subjects = _subjects(s, type_, r)
    if "status" in r and type(r["status"]) is not str:
        raise Malformed("the status is no text")
    base = _base(s, source_id, r, id_)
    if ENTRY_SYSTEM.encode() in raw:
        base["entry"] = _entry(r)
    extra: tuple[str, ...] = ()
    if b'"modifierExtension"' in raw or "implicitRules" in r:
        extra = (MODIFIED,)
    out: list[EncodedRecord] = []
    wants: list[str] = []
    for subject in subjects:
        base["patient"] = subject.id
        record = _READERS[type_](s, r, base)
        if noticed():
            extra += (SLOPPY,)
        if extra:
            record = msgspec.structs.replace(record, comments=extra + record.comments)
        out.append((_tag(type(record)), id_, subject.id, subject.key, RECORD_ENCODER.encode(record)))
        if subject.wants:
            wants.append(subject.wants)
        if type_ == "DiagnosticReport" and s.contained:
            out += _results_inside(s, r, base, subject)
    return tuple(out), tuple(wants)
