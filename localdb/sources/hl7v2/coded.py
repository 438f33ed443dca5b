"""CE, CWE and CNE to codings: code, words and system, the alternate triplet too (chapter 2A)."""

from __future__ import annotations

import re
from functools import lru_cache

from localdb.records.vocabulary import Coding
from localdb.sources.hl7v2.message import Delimiters, Segment

_SYSTEMS = {  # table 0396 and how senders write it
    "SCT": "http://snomed.info/sct",
    "SNOMED": "http://snomed.info/sct",
    "SNOMEDCT": "http://snomed.info/sct",
    "SNM": "http://snomed.info/sct",
    "LN": "http://loinc.org",
    "LOINC": "http://loinc.org",
    "UCUM": "http://unitsofmeasure.org",
    "I9": "http://hl7.org/fhir/sid/icd-9-cm",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "ICD9": "http://hl7.org/fhir/sid/icd-9-cm",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "RXN": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "DMD": "https://dmd.nhs.uk",
}
_TABLE = re.compile(r"HL7(\d{4})\Z")
_DROPPED = re.compile(r"[\s\-_+]")


def system_of(name: str) -> str:
    """The URI of a coding system's name; a name that HL7 does not list stays as sent."""
    bare = _DROPPED.sub("", name).upper()
    table = _TABLE.match(bare)
    return f"http://terminology.hl7.org/CodeSystem/v2-{table[1]}" if table else _SYSTEMS.get(bare, name)


def coded(segment: Segment, field: int, repetition: int = 0) -> tuple[tuple[Coding, ...], str]:
    """(codings as sent, the words to show): the original text (CWE-9), else the first display, else the first code."""
    found = segment.repetitions(field)
    return _coded(found[repetition], segment.delimiters) if repetition < len(found) else ((), "")


@lru_cache(maxsize=8192)
def _coded(one: str, delimiters: Delimiters) -> tuple[tuple[Coding, ...], str]:
    """One repetition. (Cached: a laboratory has some hundred tests, and names them with every result.)"""
    part = Segment((), delimiters).part
    codings = []
    for code, display, system in ((1, 2, 3), (4, 5, 6)):
        if part(one, code) or part(one, display):
            codings.append(Coding(system_of(part(one, system)), part(one, code), part(one, display)))
    text = part(one, 9) or next((c.display for c in codings if c.display), "") or next((c.code for c in codings), "")
    return tuple(codings), text
