"""AllergyIntolerance, Condition and Flag (CLINICAL §1.5)."""

from __future__ import annotations

from localdb.records.vocabulary import Alert, Allergy, Coding, Other, Problem, Record
from localdb.sources.fhir.scope import Scope
from localdb.sources.fhir.shapes import (
    Json,
    concept_text,
    first_code,
    first_codes,
    happened,
    named,
    notes,
    obj,
    objects,
    period,
    string,
    texts,
    when,
)

SNOMED = "http://snomed.info/sct"
ABSENT_UNKNOWN = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
# "No known allergy" and its kinds: drug, food, environmental, insect, animal, latex; 160244002 is the older UK code.
NONE_SNOMED = frozenset(
    {
        "716186003",
        "409137002",
        "429625007",
        "428607008",
        "428197003",
        "716220001",
        "716184000",
        "160244002",
    }
)
NONE_IPS = frozenset(
    {
        "no-known-allergies",
        "no-known-medication-allergies",
        "no-known-environmental-allergies",
        "no-known-food-allergies",
    }
)
_SEVERITY = ("severe", "moderate", "mild")
ERROR = "entered-in-error"


def asserts_none(codes: tuple[Coding, ...]) -> bool:
    """Whether a code says "no known allergy" (one table for all readers)."""
    return any(
        (c.system == SNOMED and c.code in NONE_SNOMED) or (c.code in NONE_IPS and "absent-unknown" in c.system)
        for c in codes
    )


def _no_information(codes: tuple[Coding, ...]) -> bool:
    """IPS `no-allergy-info` and its like: nobody knows. It is no assertion and no item of a list."""
    return any(c.code.startswith("no-") and c.code.endswith("-info") and "absent-unknown" in c.system for c in codes)


def _unknown(r: Json, base: Json, codes: tuple[Coding, ...], text: str) -> Record:
    return Other(type=string(r.get("resourceType")), codes=codes, text=text, comments=notes(r), **base)


def allergy(s: Scope, r: Json, base: Json) -> Record:
    """An Allergy; an Other where the source says that it has no information (the list stays "not recorded")."""
    codes, text = named(r.get("code"))
    if _no_information(codes):
        return _unknown(r, base, codes, text)
    clinical, verification = first_code(r.get("clinicalStatus")), first_code(r.get("verificationStatus"))
    start, end = happened(r, "onset", s.zone)
    reactions = objects(r.get("reaction"))
    severities = {string(x.get("severity")) for x in reactions}
    substance = text or ", ".join(x for x in (concept_text(x.get("substance")) for x in reactions) if x)
    updated = r.get("recordedDate") or r.get("lastOccurrence") or obj(r.get("meta")).get("lastUpdated")
    return Allergy(
        happened=start,
        ended=end,
        said=when(updated, s.zone),
        status=ERROR if verification == ERROR else clinical,
        codes=codes,
        text=substance,
        comments=notes(r) + _onset(r),
        author=s.display(r.get("recorder")) or s.display(r.get("asserter")),
        references=tuple(s.refer("encounter", r.get("encounter"))),
        clinical=clinical,
        verification=verification,
        type=string(r.get("type")),
        criticality=string(r.get("criticality")),
        reactions=tuple(x for x in map(_reaction, reactions) if x),
        severity=next((x for x in _SEVERITY if x in severities), ""),
        asserts_none=asserts_none(codes)
        and verification not in (ERROR, "refuted")
        and clinical not in ("inactive", "resolved"),
        **base,
    )


def _reaction(reaction: Json) -> str:
    """One event: manifestations joined with `+` (CUI ADR-0022), else its description."""
    manifestations = [concept_text(m) for m in objects(reaction.get("manifestation"))]
    return " + ".join(m for m in manifestations if m) or string(reaction.get("description"))


def _onset(r: Json) -> tuple[str, ...]:
    text = string(r.get("onsetString"))
    age = obj(r.get("onsetAge"))
    if age:
        text = " ".join(x for x in ("at age", string(age.get("value")), string(age.get("unit"))) if x)
    return (f"Onset: {text}",) if text else ()


def problem(s: Scope, r: Json, base: Json) -> Record:
    codes, text = named(r.get("code"))
    if _no_information(codes):
        return _unknown(r, base, codes, text)
    clinical, verification = first_code(r.get("clinicalStatus")), first_code(r.get("verificationStatus"))
    start, end = happened(r, "onset", s.zone)
    until, until_end = happened(r, "abatement", s.zone)
    return Problem(
        happened=start,
        ended=until or until_end or end,
        said=when(r.get("recordedDate"), s.zone),
        status=ERROR if verification == ERROR else clinical,
        codes=codes,
        text=text,
        comments=notes(r) + _onset(r),
        author=s.display(r.get("recorder")) or s.display(r.get("asserter")),
        references=tuple(s.refer("encounter", r.get("encounter"))),
        clinical=clinical,
        verification=verification,
        category=first_codes(r.get("category")),
        **base,
    )


def alert(s: Scope, r: Json, base: Json) -> Record:
    codes, text = named(r.get("code"))
    start, end = period(r.get("period"), s.zone)
    return Alert(
        happened=start,
        ended=end,
        said=when(obj(r.get("meta")).get("lastUpdated"), s.zone),
        status=string(r.get("status")),
        codes=codes,
        text=text,
        author=s.display(r.get("author")),
        references=tuple(s.refer("encounter", r.get("encounter"))),
        category=texts(r.get("category")),
        **base,
    )
