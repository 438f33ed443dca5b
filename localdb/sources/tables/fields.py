"""What a column of a table may become: the kinds of record, their fields, and the words that a status may be.

The catalogue that mapping files are checked against, and that the help shows. Words of status are FHIR's (R4 value sets).
"""

from __future__ import annotations

import msgspec

from localdb.records.vocabulary import (
    Alert,
    Allergy,
    Appointment,
    Document,
    Medicine,
    Observation,
    Patient,
    Problem,
    Record,
    Request,
    Result,
    Stay,
)

_MEASURED = frozenset({"value", "comparator", "unit", "range", "flag", "absent", "method", "specimen", "body_site"})
_MEASURED_STATUS = frozenset(
    "registered partial preliminary final amended corrected cancelled entered-in-error unknown".split()
)
_REQUEST_STATUS = frozenset("draft active on-hold revoked completed entered-in-error unknown".split())
# Fields that every kind has. `text` is the name to show, `code` with the constant `system` its code.
COMMON = frozenset({"id", "text", "code", "status", "author", "comment"})
MOMENTS = frozenset({"happened", "ended", "said", "received"})


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of row. `type` names its records as FHIR does (so that ids agree with other readers of the source);
    `fields` text fields beside COMMON and MOMENTS; `statuses` the words that `status` may be (empty: any); `needs`: of
    each group one field must have something, else the row is rejected; `key` what tells two records of a patient apart
    where the mapping names no key columns; `partial`: what a row does not have stays as another message said it."""

    record: type[Record]
    type: str
    fields: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    needs: tuple[tuple[str, ...], ...] = (("text", "code"),)
    key: tuple[str, ...] = ("code", "text", "happened")
    partial: bool = False


KINDS: dict[str, Kind] = {
    "patient": Kind(record=Patient, type="Patient", needs=(), key=(), partial=True),
    "stay": Kind(
        record=Stay, type="Encounter", partial=True, needs=(), key=(),
        fields=frozenset({"class", "reason", "ward", "bed", "consultant"}),
        statuses=frozenset(
            "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown".split()),
    ),
    "result": Kind(
        record=Result, type="Observation", fields=_MEASURED, statuses=_MEASURED_STATUS,
        needs=(("text", "code"), ("value", "absent", "comment", "status")),
    ),
    "observation": Kind(
        record=Observation, type="Observation", fields=_MEASURED | {"category"}, statuses=_MEASURED_STATUS,
        needs=(("text", "code"), ("value", "absent", "comment", "status")),
    ),
    "allergy": Kind(
        record=Allergy, type="AllergyIntolerance", key=("code", "text"),
        fields=frozenset({"clinical", "verification", "type", "criticality", "reaction", "severity"}),
    ),
    "alert": Kind(record=Alert, type="Flag", fields=frozenset({"category"}), key=("code", "text")),
    "problem": Kind(
        record=Problem, type="Condition", fields=frozenset({"clinical", "verification", "category"}),
        key=("code", "text"),
    ),
    "request": Kind(
        record=Request, type="ServiceRequest", fields=frozenset({"intent", "priority", "category", "reason"}),
        statuses=_REQUEST_STATUS, partial=True,
    ),
    "medicine": Kind(
        record=Medicine, type="MedicationRequest", partial=True,
        fields=frozenset({"intent", "dose", "route", "frequency", "instructions", "reason"}),
        statuses=frozenset(
            "active on-hold cancelled completed entered-in-error stopped draft unknown intended not-taken".split()),
    ),
    "appointment": Kind(
        record=Appointment, type="Appointment", fields=frozenset({"place", "participant"}), partial=True,
        needs=(("happened",),), key=("happened", "text"),
        statuses=frozenset("proposed pending booked arrived fulfilled cancelled noshow entered-in-error checked-in"
                           " waitlist".split()),
    ),
    "document": Kind(
        record=Document, type="DocumentReference", fields=frozenset({"title", "body"}), needs=(("title", "text"),),
        key=("title", "text", "happened"),
        statuses=frozenset({"current", "superseded", "entered-in-error"}),
    ),
}  # fmt: skip
# Columns of the patient, in every kind of row.
PATIENT_FIELDS = ("number", "nhs", "family", "given", "title", "born", "gender", "address", "phone")
GENDERS = frozenset({"male", "female", "other", "unknown"})


def fields_of(kind: str) -> frozenset[str]:
    """Everything that a column of this kind of row may become."""
    found = KINDS[kind]
    return COMMON | MOMENTS | found.fields if kind != "patient" else frozenset()
