"""AL1 and IAM: allergies, intolerances, and the explicit word that there are none (CLINICAL §1.5).

A message's AL1 segments are a snapshot in the standard's words; one that is missing in a later message is nevertheless
kept: an allergy leaves the chart only when its source withdraws it (IAM-6 `D`, IAM-17 `E`), never by silence.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from localdb.records.vocabulary import Allergy, Coding
from localdb.sources.fhir.conditions import asserts_none
from localdb.sources.hl7v2.coded import coded
from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.message import Message, Segment
from localdb.sources.hl7v2.names import human_name, name_line

_TYPES = {"AL": "allergy", "IN": "intolerance", "AD": "adverse reaction", "CT": "contraindication", "SE": "side effect"}
_CATEGORIES = {  # table 0127, where the sender gave no words of its own
    "DA": "Drug allergy",
    "FA": "Food allergy",
    "MA": "Miscellaneous allergy",
    "MC": "Miscellaneous contraindication",
    "EA": "Environmental allergy",
    "AA": "Animal allergy",
    "PA": "Plant allergy",
    "LA": "Pollen allergy",
}
_SEVERITIES = {"SV": "severe", "MO": "moderate", "MI": "mild", "U": ""}  # table 0128
# Table 0438 -> (clinical, verification) in FHIR's words.
_STATUSES = {
    "U": ("active", "unconfirmed"),
    "P": ("active", "unconfirmed"),
    "S": ("active", "unconfirmed"),
    "D": ("active", "unconfirmed"),
    "C": ("active", "confirmed"),
    "I": ("inactive", "confirmed"),
    "E": ("", "entered-in-error"),
}
# An explicit statement in words or in the abbreviations that stand for nothing else; anything longer is an allergy.
_NONE_CODES = frozenset({"NKA", "NKDA", "NKFA"})
_NONE_WORDS = re.compile(
    r"no known (?:(?:drug|medication|food|environmental|latex|medicine)[- ])?(?:allerg(?:y|ies)|allergic reactions?)\.?\Z",
    re.IGNORECASE,
)
_ERROR = "entered-in-error"


class _Status(NamedTuple):
    clinical: str
    verification: str


def take_allergies(group: Message, at: MessageContext, told: Told, *, tie: int = 0) -> None:
    """Every AL1 and IAM of a message as a fact of its own."""
    for segment in group.segments:
        if segment.name in ("AL1", "IAM"):
            record = _allergy(segment, at)
            if record is not None:
                told.facts.append(at.fact(record, tie=tie))


def _allergy(segment: Segment, at: MessageContext) -> Allergy | None:
    codes, text = coded(segment, 3)
    if not text and not segment.text(7 if segment.name == "IAM" else 3):
        return None
    is_iam = segment.name == "IAM"
    status = _status(segment) if is_iam else _Status("active", "")
    agent = f"{codes[0].system}|{codes[0].code}" if codes and codes[0].code else text.casefold()
    own = segment.text(7) if is_iam else ""
    severity = segment.text(4).upper()
    start = at.moment(segment.text(11) if is_iam else segment.text(6))
    return Allergy(
        **at.common("AllergyIntolerance", own or f"{at.patient}|{agent}"),
        happened=start,
        said=(at.moment(segment.text(13)) if is_iam else None) or at.said,
        status=_ERROR if status.verification == _ERROR else status.clinical,
        codes=codes,
        text=text,
        comments=_comments(segment) if is_iam else (),
        author=_reporter(segment) if is_iam else "",
        clinical=status.clinical,
        verification=status.verification,
        type=_type(segment, is_iam),
        criticality="",
        reactions=tuple(x for r in segment.repetitions(5) if (x := segment.part(r, 2) or segment.part(r, 1))),
        severity=_SEVERITIES.get(severity, segment.text(4, 2) or segment.text(4)),
        asserts_none=status.clinical == "active" and status.verification != _ERROR and says_none(codes, text),
    )


def says_none(codes: tuple[Coding, ...], text: str) -> bool:
    """Whether this is the explicit assertion "no known allergies": by code, or by words that say nothing else."""
    if asserts_none(codes):
        return True
    words = [c.display for c in codes if c.display] or ([text] if text not in _NONE_CODES else [])
    if words:
        return all(_NONE_WORDS.match(w.strip()) or w.strip().upper() in _NONE_CODES for w in words)
    return any(c.code.upper() in _NONE_CODES for c in codes) or text.upper() in _NONE_CODES


def _status(iam: Segment) -> _Status:
    """IAM-6 (action) and IAM-17 (clinical status, table 0438); a deleted one was an error of the sender's list."""
    if iam.text(6).upper() == "D":
        return _Status("", _ERROR)
    return _Status(*_STATUSES.get(iam.text(17).upper(), ("active", "")))


def _type(segment: Segment, is_iam: bool) -> str:
    kind = segment.text(9).upper() if is_iam else ""
    if kind:
        return _TYPES.get(kind, segment.text(9, 2) or segment.text(9))
    category = segment.text(2).upper()
    return segment.text(2, 2) or _CATEGORIES.get(category, segment.text(2))


def _reporter(iam: Segment) -> str:
    found = iam.repetitions(14)
    return name_line(human_name(iam, found[0])) if found else ""


def _comments(iam: Segment) -> tuple[str, ...]:
    onset, reason = iam.text(12), iam.whole(8)
    return tuple(x for x in (f"Onset: {onset}" if onset else "", reason) if x)
