"""Records of the chart as FHIR resources of the International Patient Summary (IPS 2.0.0). Pure.

Rules: each resource names its source and the source's own id; the words of the source are kept, and a status that FHIR
has no code for is `unknown`, never the nearest one. Withdrawn records have no resource (H08): whoever makes the document
leaves them out by `stands`.
"""

from __future__ import annotations

from typing import Any

from localdb.chart import wording
from localdb.chart.blood_bank import is_group
from localdb.chart.ips_elements import (
    ABSENT_CODES,
    PROFILE,
    Resource,
    coded,
    concept,
    date_time,
    notes,
    timed,
    unknown,
    urn,
    values,
    words,
)
from localdb.chart.views import PatientView
from localdb.records.ids import record_id
from localdb.records.vocabulary import (
    Administration,
    Alert,
    Allergy,
    HumanName,
    Medicine,
    Observation,
    Problem,
    Record,
    Report,
    Result,
)

_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_VERIFIED = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_CONDITION = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_CONDITION_VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
GONE = frozenset({"entered-in-error", "w", "d"})
# Statuses of FHIR as they are, those of HL7 tables 0085 and 0123 in FHIR's words.
_HL7 = {
    "f": "final", "c": "corrected", "p": "preliminary", "s": "preliminary", "r": "preliminary", "a": "preliminary",
    "i": "registered", "o": "registered", "x": "cancelled",
}  # fmt: skip
_RESULT = frozenset("registered preliminary final amended corrected cancelled unknown".split())
_REPORT = frozenset("registered partial preliminary final amended corrected appended cancelled unknown".split())
_ORDER = frozenset("active on-hold cancelled completed stopped draft unknown".split())
_INTENTS = frozenset("proposal plan order original-order reflex-order filler-order instance-order option".split())
_STATEMENT = frozenset("active completed intended stopped on-hold unknown not-taken".split())
_GENDERS = {"Male": "male", "Female": "female", "Other Specific": "other"}


def stands(record: Record) -> bool:
    """Not withdrawn, not refuted, not restricted: what may leave in a summary."""
    said = {record.status.casefold(), getattr(record, "verification", "")}
    return not record.restricted and not said & GONE and "refuted" not in said


def _status(sent: str, known: frozenset[str]) -> str:
    said = _HL7.get(sent.casefold(), sent.casefold())
    return said if said in known else "unknown"


def _base(type_: str, profile: str, record: Record) -> Resource:
    return {
        "resourceType": type_,
        "meta": {"profile": [profile if ":" in profile else PROFILE + profile]},
        "identifier": [{"system": "urn:wardlamp:source", "value": words(f"{record.source}/{record.source_id}")}],
    }


def of_type(record: Record, type_: str) -> bool:
    """Whether the source sent this record as that FHIR type: ids are made over it (DESIGN D2)."""
    return record.id == record_id(record.source, type_, record.source_id)


def patient(view: PatientView) -> Resource:
    """Who it is: every name and number as sent."""
    made: Resource = {"resourceType": "Patient", "meta": {"profile": [PROFILE + "Patient-uv-ips"]}}
    numbers = [
        {k: v for k, v in (("system", i.system if ":" in i.system else ""), ("value", words(i.value))) if v}
        for i in view.identifiers
        if words(i.value)
    ]
    if numbers:
        made["identifier"] = numbers
    first = [view.name, *(n for n in view.names if n != view.name)]
    made["name"] = [named for n in first if (named := _name(n))] or [{"_text": unknown()}]
    phones = [{"value": text} for p in view.phones if (text := words(p))]
    if phones:
        made["telecom"] = phones
    made["gender"] = _GENDERS.get(wording.gender(view.gender), "unknown")
    born = date_time(view.born)[:10]
    made |= {"birthDate": born} if born else {"_birthDate": unknown()}
    if view.is_deceased:
        died = date_time(view.deceased)
        made |= {"deceasedDateTime": died} if died else {"deceasedBoolean": True}
    if words(view.address):
        made["address"] = [{"text": words(view.address)}]
    if words(view.practitioner):
        made["generalPractitioner"] = [{"display": words(view.practitioner)}]
    return made


def _name(name: HumanName) -> Resource:
    made: Resource = {}
    if name.use in ("usual", "official", "temp", "nickname", "anonymous", "old", "maiden"):
        made["use"] = name.use
    parts: tuple[tuple[str, Any], ...] = (
        ("text", words(name.text) or words(wording.display_name(name)) if name != HumanName() else ""),
        ("family", words(name.family)),
        ("given", [w for g in name.given if (w := words(g))]),
        ("prefix", [w for g in name.prefix if (w := words(g))]),
        ("suffix", [w for g in name.suffix if (w := words(g))]),
    )
    said = {k: v for k, v in parts if v}
    return made | said if said.keys() & {"family", "given", "text"} else {}


def allergy(record: Allergy, subject: Resource) -> Resource:
    """An allergy, or the explicit word that none is known. One without a clinical status stands in the banner, so it
    leaves as active, and says that no status was sent."""
    made = _base("AllergyIntolerance", "AllergyIntolerance-uv-ips", record)
    sent = record.clinical if record.clinical in ("active", "inactive", "resolved") else ""
    made["clinicalStatus"] = coded(_CLINICAL, sent or "active")
    if record.verification in ("unconfirmed", "confirmed"):
        made["verificationStatus"] = coded(_VERIFIED, record.verification)
    if record.type in ("allergy", "intolerance"):
        made["type"] = record.type
    if record.criticality in ("low", "high", "unable-to-assess"):
        made["criticality"] = record.criticality
    made |= {"code": concept(record.codes, record.text), "patient": subject}
    if happened := date_time(record.happened):
        made["onsetDateTime"] = happened
    if said := date_time(record.said):
        made["recordedDate"] = said
    if words(record.author):
        made["asserter"] = {"display": words(record.author)}
    added = () if sent else ("The source sent no clinical status; this entry stands on its list.",)
    made |= notes((*record.comments, *added))
    reactions = [w for r in record.reactions if (w := words(r))]
    if reactions:
        severity = {"severity": record.severity} if record.severity in ("mild", "moderate", "severe") else {}
        made["reaction"] = [{"manifestation": [{"text": r} for r in reactions], **severity}]
    return made


def problem(record: Problem, subject: Resource) -> Resource:
    made = _base("Condition", "Condition-uv-ips", record)
    if record.clinical in ("active", "recurrence", "relapse", "inactive", "remission", "resolved"):
        made["clinicalStatus"] = coded(_CONDITION, record.clinical)
    if record.verification in ("unconfirmed", "provisional", "differential", "confirmed"):
        made["verificationStatus"] = coded(_CONDITION_VERIFIED, record.verification)
    if words(record.category):
        made["category"] = [{"text": words(record.category)}]
    made |= {"code": concept(record.codes, record.text), "subject": subject}
    if happened := date_time(record.happened):
        made["onsetDateTime"] = happened
    if record.clinical in ("inactive", "remission", "resolved") and (ended := date_time(record.ended)):
        made["abatementDateTime"] = ended
    if said := date_time(record.said):
        made["recordedDate"] = said
    return made | notes(record.comments)


def medicine(record: Medicine, subject: Resource, zone: str) -> Resource:
    """An order as MedicationRequest, anything else as MedicationStatement; the last dose on record in words."""
    is_order = record.intent in _INTENTS and not of_type(record, "MedicationStatement")
    type_ = "MedicationRequest" if is_order else "MedicationStatement"
    made = _base(type_, f"{type_}-uv-ips", record)
    made["status"] = _status(record.status, _ORDER if is_order else _STATEMENT)
    if is_order:
        made["intent"] = record.intent
    made |= {"medicationCodeableConcept": concept(record.codes, record.text), "subject": subject}
    if not is_order:
        made |= timed("effectiveDateTime", record.happened or record.said)
    elif said := date_time(record.said or record.happened):
        made["authoredOn"] = said
    often = record.frequency or record.instructions
    dose = " ".join(w for x in (record.dose, record.route, often) if (w := words(x)))
    dosage: Resource = {"text": dose or "dose not sent"}
    if record.as_needed:
        dosage["asNeededBoolean"] = True
    if words(record.route):
        dosage["route"] = {"text": words(record.route)}
    made["dosageInstruction" if is_order else "dosage"] = [dosage]
    if words(record.reason):
        made["reasonCode"] = [{"text": words(record.reason)}]
    given = wording.date_time(record.last_given, zone) if record.last_given else ""
    last = f"Last given {given}, as recorded." if given else "Last given: no record in this copy; ask and check."
    return made | notes((*record.comments, last))


def immunization(record: Administration, subject: Resource) -> Resource:
    made = _base("Immunization", "Immunization-uv-ips", record)
    made["status"] = "not-done" if record.status == "not-done" else "completed"
    if record.status == "not-done" and words(record.reason):
        made["statusReason"] = {"text": words(record.reason)}
    made |= {"vaccineCode": concept(record.codes, record.text), "patient": subject}
    made |= timed("occurrenceDateTime", record.happened)
    if words(record.route):
        made["route"] = {"text": words(record.route)}
    return made | notes(record.comments)


def observation(record: Observation, subject: Resource) -> Resource:
    """A laboratory result or a vital sign, as sent. A blood group never leaves in a summary (H16): see `leaves`."""
    laboratory = isinstance(record, Result)
    made = _base("Observation", "Observation-results-laboratory-pathology-uv-ips", record)
    if not laboratory:  # R4's profile of vital signs wants UCUM codes; units leave as they were sent
        del made["meta"]
    made["status"] = _status(record.status, _RESULT)
    made["category"] = [coded(_CATEGORY, "laboratory" if laboratory else "vital-signs")]
    made |= {"code": concept(record.codes, record.text), "subject": subject}
    made |= timed("effectiveDateTime", record.happened or record.received or record.said)
    who = words(record.author)
    made["performer"] = [{"display": who} if who else unknown()]
    own = {(c.system, c.code) for c in record.codes}
    parts = []
    for part in record.components:
        # obs-7: a part may not bear the code of the whole beside a value; its words stay.
        codes = tuple(c for c in part.codes if (c.system, c.code) not in own)
        parts.append({"code": concept(codes, part.text), **(values(part) or _not_sent()), **_flags(part)})
    made |= values(record) or ({} if parts else _not_sent())
    made |= _flags(record)
    if parts:
        made["component"] = parts
    if words(record.method):
        made["method"] = {"text": words(record.method)}
    if words(record.body_site):
        made["bodySite"] = {"text": words(record.body_site)}
    if words(record.specimen):
        made["specimen"] = {"display": words(record.specimen)}
    unverified = ("UNVERIFIED: not yet verified by the laboratory.",) if record.status.casefold() == "r" else ()
    return made | notes((*unverified, *record.comments))


def _not_sent() -> Resource:
    return {"dataAbsentReason": coded(ABSENT_CODES, "unknown", text="no value was sent")}


def _flags(held: Any) -> Resource:
    made: Resource = {}
    if held.flag and words(held.flag):
        made["interpretation"] = [{"text": words(held.flag)}]
    if held.range and words(held.range):
        made["referenceRange"] = [{"text": words(held.range)}]
    return made


def leaves(record: Record) -> bool:
    """As `stands`, and no blood group: a group from a copy is history and may not be transfused on (H16)."""
    return stands(record) and not is_group(record)


def report(record: Report, subject: Resource) -> Resource:
    made = _base("DiagnosticReport", "DiagnosticReport-uv-ips", record)
    made["status"] = _status(record.status, _REPORT)
    if words(record.category):
        made["category"] = [{"text": words(record.category)}]
    made |= {"code": concept(record.codes, record.text), "subject": subject}
    made |= timed("effectiveDateTime", record.happened or record.said)
    if words(record.author):
        made["performer"] = [{"display": words(record.author)}]
    said = [f"ADDENDUM: {a}" for a in record.addenda] + [record.body, record.conclusion]
    text = words("\n\n".join(x for x in said if x))
    return made | ({"conclusion": text} if text else {})


def flag(record: Alert, subject: Resource) -> Resource:
    """An alert that stands; the profile knows active ones only."""
    made = _base("Flag", "Flag-alert-uv-ips", record)
    made["status"] = "active"
    if words(record.category):
        made["category"] = [{"text": words(record.category)}]
    made |= {"code": concept(record.codes, record.text), "subject": subject}
    start = date_time(record.happened)
    return made | ({"period": {"start": start}} if start else {})


def device() -> Resource:
    """Who wrote the document: a program, not a clinician."""
    return {"resourceType": "Device", "deviceName": [{"name": "Wardlamp", "type": "user-friendly-name"}]}


def full_url(record: Record) -> str:
    return urn("record", record.id)
