"""PID, PD1, NK1, ARV: who the message is about, by which number, and what it says of them (DESIGN D2, CLINICAL §1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from localdb.records.ids import patient_id
from localdb.records.moments import PRECISIONS, Moment, micros
from localdb.records.vocabulary import Contact, Identifier, Patient
from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.message import Message, Segment
from localdb.sources.hl7v2.names import address_line, human_name, human_names, name_line, person_line, phones
from localdb.sources.hl7v2.times import read_dtm
from localdb.sources.profiles import SourceProfile

NHS_SYSTEM = "https://fhir.nhs.uk/id/nhs-number"
# Names under which NHS numbers are sent (CX-5, then CX-4.1 or CX-4.2), compared in capitals.
_NHS_TYPES = frozenset({"NH", "NHS", "NHSNMBR", "NHSNUMBER", "NHSNO"})
_NHS_AUTHORITIES = frozenset({"NHS", "NHSNBR", "NHSNMBR", "NHSNUMBER", "NHSNO", "2.16.840.1.113883.2.1.4.1"})
_DEFAULT_ORDER = ("MR", "PI", "MRN", "PT")
_MRN_WORDS = frozenset({"MRN", "MR"})
_GENDERS = {  # table 0001, and the NHS's own numbers for a person's stated gender
    "M": "male",
    "F": "female",
    "O": "other",
    "A": "other",
    "N": "other",
    "U": "unknown",
    "1": "male",
    "2": "female",
    "9": "other",
    "0": "unknown",
}
_VERIFICATION = re.compile(r"(?:NSTS)?(0[1-8])\Z", re.IGNORECASE)  # PID-32 in HL7 UK: the NHS number's status
_DATE = re.compile(r"(\d{4})(\d\d)?(\d\d)?", re.ASCII)
# Far below every message: what others than ADT say of a person never replaces what ADT told, yet the person exists.
BELOW_ADT = 10**17
_ABOUT = frozenset({"PID", "PD1", "NK1", "ROL", "PRT", "ARV"})
_GP_ROLES = frozenset({"PP", "FHCP", "GP", "PCP"})
# PID and PD1 fields whose delete (`""`) takes a value away, and the field of the record that it empties.
_CLEARED_PID = {
    7: ("born",),
    8: ("gender",),
    11: ("address",),
    15: ("languages",),
    29: ("deceased", "is_deceased"),
    30: ("deceased", "is_deceased"),
}


class Number(NamedTuple):
    """One identifier as a message sends it: value, `assigner` (D2's part of the key), authority and type as sent."""

    value: str
    assigner: str
    authority: str
    type: str

    def key(self, source: str) -> str:
        return str(patient_id(source, self.assigner, self.value))


def number(segment: Segment, repetition: str) -> Number:
    """A CX (or CK, ST of older versions): the authority is the namespace, else the universal id; else the type."""
    part = segment.part
    authority, type_ = part(repetition, 4) or part(repetition, 4, 2), part(repetition, 5)
    return Number(part(repetition, 1), authority or type_, authority, type_)


def numbers(segment: Segment, field: int) -> list[Number]:
    """The identifiers of a field that have a value."""
    return [n for n in (number(segment, r) for r in segment.repetitions(field)) if n.value]


def chosen(candidates: Sequence[Number], profile: SourceProfile) -> Number | None:
    """The identifier that is the patient's key in this source: the site's order of authorities or types, else MR, PI,
    MRN, PT, else the first with a value (D2)."""
    for wanted in profile.authorities or _DEFAULT_ORDER:
        for one in candidates:
            if wanted in (one.authority, one.type) and one.value:
                return one
    return candidates[0] if candidates else None


@lru_cache(maxsize=4096)
def key_number(pid: Segment, profile: SourceProfile) -> Number | None:
    """The key of the patient of a PID: PID-3, else PID-2, else PID-4; None where no number was sent."""
    for field in (3, 2, 4):
        found = chosen(numbers(pid, field), profile)
        if found is not None:
            return found
    return None


def identifier(segment: Segment, repetition: str, profile: SourceProfile, type_: str = "") -> Identifier:
    """One number as it is kept: NHS numbers under the NHS's system, hospital numbers as type MR."""
    one = number(segment, repetition)
    kind = one.type or type_
    if _is_nhs(one, segment.part(repetition, 4, 2), profile):
        return Identifier(NHS_SYSTEM, one.value, "NH")
    if kind.upper() in _MRN_WORDS or (not one.type and one.authority.upper() in _MRN_WORDS):
        kind = "MR"
    elif not one.type and one.authority and one.authority in profile.mrn_authorities:
        kind = "MR"
    system = one.authority
    if segment.part(repetition, 4, 3).upper() == "ISO" and segment.part(repetition, 4, 2):
        system = "urn:oid:" + segment.part(repetition, 4, 2)
    return Identifier(system, one.value, kind)


def _is_nhs(one: Number, universal: str, profile: SourceProfile) -> bool:
    authorities = {one.authority.upper(), universal.upper()} - {""}
    own = {name.upper() for name in profile.nhs_authorities}
    return one.type.upper() in _NHS_TYPES or bool(authorities & (_NHS_AUTHORITIES | own)) or one.type.upper() in own


def identifiers(pid: Segment, profile: SourceProfile) -> tuple[Identifier, ...]:
    """All numbers of a PID: PID-3, PID-2, PID-4, the account (PID-18) and the social security number (PID-19)."""
    found: dict[tuple[str, str], Identifier] = {}
    for field, type_ in ((3, ""), (2, ""), (4, ""), (18, "AN"), (19, "SS")):
        for repetition in pid.repetitions(field):
            one = identifier(pid, repetition, profile, type_)
            if one.value:
                held = found.setdefault((one.system, one.value), one)
                if one.type and not held.type:
                    found[one.system, one.value] = one
    status = next((m[0] for r in pid.repetitions(32) if (m := _VERIFICATION.match(pid.part(r, 1)))), "")
    if not status:
        return tuple(found.values())
    verified = status[-2:] == "01"
    return tuple(
        Identifier(i.system, i.value, i.type, verified, status) if i.system == NHS_SYSTEM else i for i in found.values()
    )


def born(text: str, zone: str) -> Moment | None:
    """PID-7 as a date, written `1953-04-21`, `1953-04` or `1953` as in FHIR: birth dates of two sources are compared to
    the letter (D2). The time of day, which most pad with noughts, stays in the original only."""
    text = text.strip()
    if not text:
        return None
    found = _DATE.match(text)
    parts = [p for p in found.groups() if p] if found else []
    while len(parts) > 1 and parts[-1] == "00":
        parts.pop()
    try:
        year, month, day = (int(p) for p in (*parts, "1", "1")[:3])
        first = datetime(year, month, day, tzinfo=ZoneInfo(zone))
        return Moment("-".join(parts), micros(first), PRECISIONS[len(parts) - 1], None, zone)
    except (ValueError, OverflowError):
        return Moment(text, None, "day", doubts=("unreadable",))


def take_patient(group: Message, at: MessageContext, told: Told, *, is_adt: bool, tie: int = 0) -> None:
    """The patient of a message with one PID, as one partial fact.

    What another than an ADT message says of a person lies far below all that ADT says, deletes nothing and carries no
    time: said again and again, it is one and the same.
    """
    about = tuple(s for s in group.segments if s.fields[0] in _ABOUT)
    record, cleared = _person(about, at.source, at.patient, at.profile)
    if is_adt:
        record = msgspec.structs.replace(record, said=at.said)
        told.facts.append(at.fact(record, tie=tie, partial=True, cleared=cleared))
    else:
        fact = at.fact(record, tie=tie, partial=True)
        told.facts.append(msgspec.structs.replace(fact, order=at.order - BELOW_ADT))


@lru_cache(maxsize=4096)
def _person(
    about: tuple[Segment, ...], source: str, patient: str, profile: SourceProfile
) -> tuple[Patient, tuple[str, ...]]:
    """What a PID and the segments beside it say of a person, and the fields that they delete. (Cached: feeds repeat a
    patient's PID with every message.)"""
    pid = next(s for s in about if s.name == "PID")
    pd1 = next((s for s in about if s.name == "PD1"), None)
    names = human_names(pid, 5) + human_names(pid, 9)
    died, lives = read_dtm(pid.text(29), profile.zone), pid.text(30).upper() in ("N", "NO", "0")
    doubts = {pid.part(r, 1).upper() for r in pid.repetitions(32)}
    comments = _comments(pid, doubts)
    cleared = [name for field, names_ in _CLEARED_PID.items() if pid.is_null(field) for name in names_]
    if lives:  # said in so many words: a False alone would say nothing
        cleared += ["deceased", "is_deceased"]
    if not comments and (pid.text(31) or pid.is_null(31)):
        cleared.append("comments")
    if pid.is_null(13) and not pid.repetitions(14):
        cleared.append("phones")
    if pd1 is not None and pd1.is_null(4):
        cleared.append("practitioner")
    key = key_number(pid, profile)
    restricted = _restricted(about, pd1)
    if restricted is False:
        cleared.append("restricted")
    record = Patient(
        id=patient,
        patient=patient,
        source=source,
        source_id=key.value if key else "",
        text=name_line(names[0]) if names else "",
        comments=comments,
        restricted=restricted is True,
        names=names,
        identifiers=identifiers(pid, profile),
        gender=_GENDERS.get(pid.text(8).upper(), pid.text(8)),
        born=born(pid.text(7), profile.zone),
        born_estimated="UD" in doubts,
        deceased=None if lives else died,
        is_deceased=not lives and (died is not None or pid.text(30).upper() in ("Y", "YES", "1")),
        address=address_line(pid, 11),
        phones=phones(pid, 13, 14, 40),
        languages=tuple(x for x in (pid.text(15, 2) or pid.text(15, 5) or pid.text(15, 1),) if x),
        practitioner=_practitioner(about, pd1),
        contacts=_contacts(about),
    )
    return record, tuple(dict.fromkeys(cleared))


def _comments(pid: Segment, doubts: set[str]) -> tuple[str, ...]:
    """What a PID says in words of its own: an unknown identity, a name that is an alias."""
    said = []
    if pid.text(31).upper() in ("Y", "YES"):
        said.append("The source marks this identity as unknown or not confirmed.")
    if "AL" in doubts:
        said.append("The source marks the name as an alias.")
    if pid.text(29) and pid.text(30).upper() in ("N", "NO", "0"):
        said.append("The source sends a time of death and says that the patient lives.")
    return tuple(said)


def _restricted(about: tuple[Segment, ...], pd1: Segment | None) -> bool | None:
    """PD1-12 (protection) and ARV (access restriction, v2.8.2): None where neither said anything."""
    said: bool | None = None
    if pd1 is not None and (pd1.text(12) or pd1.is_null(12)):
        said = pd1.text(12).upper() in ("Y", "YES")
    for arv in (s for s in about if s.name == "ARV"):
        if arv.text(2).upper() != "D" and arv.text(3):
            return True
        said = said or False
    return said


def _practitioner(about: tuple[Segment, ...], pd1: Segment | None) -> str:
    """The GP (PD1-4, withdrawn in v2.7 for ROL and PRT) and the practice (PD1-3)."""
    doctor = person_line(pd1, 4) if pd1 is not None else ""
    if not doctor:
        for name, role, who in (("ROL", 3, 4), ("PRT", 4, 5)):
            for one in (s for s in about if s.name == name):
                if one.text(role).upper() in _GP_ROLES:
                    doctor = doctor or person_line(one, who)
    practice = pd1.text(3) if pd1 is not None else ""
    return ", ".join(dict.fromkeys(p for p in (doctor, practice) if p))


def _contacts(about: tuple[Segment, ...]) -> tuple[Contact, ...]:
    found = []
    for nk1 in (s for s in about if s.name == "NK1"):
        names = nk1.repetitions(2) or nk1.repetitions(30)
        name = name_line(human_name(nk1, names[0])) if names else nk1.text(13)
        relationship = nk1.text(3, 2) or nk1.text(3, 1) or nk1.text(7, 2) or nk1.text(7, 1)
        one = Contact(name, relationship, phones(nk1, 5, 6, 40))
        if one.name or one.phones:
            found.append(one)
    return tuple(dict.fromkeys(found))
