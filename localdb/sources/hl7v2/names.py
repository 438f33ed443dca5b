"""People, addresses and telephone numbers (XPN, XCN, XAD, XTN and their older forms PN, CN, AD, TN; chapter 2A)."""

from __future__ import annotations

from localdb.records.vocabulary import HumanName
from localdb.sources.hl7v2.message import Segment

# Table 0200 -> FHIR name-use (HL7's v2-to-FHIR map); the others have no use there and keep none.
_USES = {
    "L": "official",
    "C": "official",
    "I": "official",
    "R": "official",
    "CURRENT": "official",
    "D": "usual",
    "N": "nickname",
    "M": "maiden",
    "B": "maiden",
    "BAD": "old",
    "NOUSE": "old",
    "NB": "temp",
    "TEMP": "temp",
    "MSK": "anonymous",
    "S": "anonymous",
}
_ADDRESS_WORDS = frozenset({"H", "HOME", "HP", "P", "C", "M", "L"})
_BAD_ADDRESS = frozenset({"BA", "BAD", "OLD", "N", "BDL", "BR"})  # bad, old, birth and nee: not where they live
_NO_PHONE = frozenset({"FX", "FAX", "MD", "SAT", "BP", "INTERNET", "X.400"})


def family_name(segment: Segment, repetition: str, component: int = 1) -> str:
    """FN: the surname as a whole, else the prefix and the own surname."""
    whole = segment.part(repetition, component)
    return whole or " ".join(p for p in (segment.part(repetition, component, n) for n in (2, 3)) if p)


def human_name(segment: Segment, repetition: str) -> HumanName:
    """XPN: family, given, further given names, suffix, prefix; degrees (XPN-6) stand with the suffixes."""
    part = segment.part
    given = (part(repetition, 2), *part(repetition, 3).split())
    return HumanName(
        family=family_name(segment, repetition),
        given=tuple(g for g in given if g),
        prefix=tuple(p for p in (part(repetition, 5),) if p),
        suffix=tuple(s for s in (part(repetition, 4), part(repetition, 6)) if s),
        use=_USES.get(part(repetition, 7).upper(), ""),
    )


def human_names(segment: Segment, field: int) -> tuple[HumanName, ...]:
    """All names of a field that say anything."""
    found = (human_name(segment, r) for r in segment.repetitions(field))
    return tuple(dict.fromkeys(n for n in found if n.family or n.given))


def name_line(name: HumanName) -> str:
    """A name in one line, as FHIR's reader writes those of people who are not the patient."""
    return " ".join(p for p in (*name.prefix, *name.given, name.family, *name.suffix) if p)


def person_line(segment: Segment, field: int, repetition: int = 0) -> str:
    """XCN (or CN): the person's name in one line, else the number."""
    found = segment.repetitions(field)
    if repetition >= len(found):
        return ""
    return person(segment, found[repetition])


def person(segment: Segment, repetition: str) -> str:
    """One repetition of an XCN in one line, else its number."""
    part = segment.part
    names = (part(repetition, 6), part(repetition, 3), part(repetition, 4), family_name(segment, repetition, 2))
    line = " ".join(p for p in (*names, part(repetition, 5)) if p)
    return line or part(repetition, 1)


def address_line(segment: Segment, field: int) -> str:
    """XAD: the home address in one line, else the first that is not known to be bad."""
    kept = [r for r in segment.repetitions(field) if segment.part(r, 7).upper() not in _BAD_ADDRESS]
    kept.sort(key=lambda r: segment.part(r, 7).upper() not in _ADDRESS_WORDS)
    for one in kept:
        parts = [segment.part(one, n) for n in (1, 2, 3, 4, 5, 6)]
        street, dwelling = segment.part(one, 1, 2), segment.part(one, 1, 3)
        if street and street not in parts[0]:  # SAD: whole, street, dwelling; some send the parts only
            parts[0] = " ".join(dict.fromkeys(p for p in (parts[0], dwelling, street) if p))
        line = ", ".join(dict.fromkeys(p for p in parts if p))
        if line:
            return line
    return ""


def phones(segment: Segment, *fields: int) -> tuple[str, ...]:
    """XTN: telephone numbers in the order sent; faxes, pagers and electronic mail are left out: these are rung."""
    found = []
    for field in fields:
        for one in segment.repetitions(field):
            if segment.part(one, 3).upper() not in _NO_PHONE:
                found.append(_phone(segment, one))
    return tuple(dict.fromkeys(p for p in found if p and "@" not in p))


def _phone(segment: Segment, one: str) -> str:
    part = segment.part
    if part(one, 1) or part(one, 12):
        return part(one, 1) or part(one, 12)
    if part(one, 4):
        return part(one, 4)
    country = part(one, 5)
    number = " ".join(p for p in (f"+{country.lstrip('+')}" if country else "", part(one, 6), part(one, 7)) if p)
    return f"{number} ext {part(one, 8)}" if number and part(one, 8) else number
