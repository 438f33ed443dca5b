"""From a message to what it tells: who it is about, and which mapping reads it. Pure."""

from __future__ import annotations

import msgspec

from localdb.records.moments import Moment
from localdb.records.vocabulary import Other
from localdb.sources.hl7v2 import merges
from localdb.sources.hl7v2.alerts import take_alerts
from localdb.sources.hl7v2.allergies import take_allergies
from localdb.sources.hl7v2.appointments import take_appointments
from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.documents import take_documents
from localdb.sources.hl7v2.medicines import take_medicines
from localdb.sources.hl7v2.message import Message, Segment
from localdb.sources.hl7v2.orders import take_orders
from localdb.sources.hl7v2.patients import key_number, take_patient
from localdb.sources.hl7v2.problems import take_diagnoses, take_problems, take_procedures
from localdb.sources.hl7v2.results import take_results
from localdb.sources.hl7v2.stays import take_stay
from localdb.sources.hl7v2.times import read_dtm
from localdb.sources.hl7v2.types import (
    KNOWN,
    MEDICINES,
    NOT_KEPT,
    NOT_KEPT_EVENTS,
    ORDERS,
    PERSON_DELETED,
    PERSON_EVENTS,
    RESULTS,
)
from localdb.sources.hl7v2.vaccinations import take_vaccinations
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import NOT_KEPT as VERDICT_NOT_KEPT
from localdb.sources.units import SET_ASIDE

Group = tuple[Message, MessageContext]


class Refusal(msgspec.Struct, frozen=True):
    """Why a message tells nothing: `verdict` not_kept or set_aside, `code` (errors.toml, set_aside only), `reason`."""

    verdict: str
    code: str
    reason: str


def read_facts(message: Message, source: str, profile: SourceProfile) -> Told | Refusal:
    """What a message tells, or why nothing. Exceptions of a mapping are the caller's to catch."""
    kind = f"{message.code}^{message.trigger}"
    if not message.code:
        return Refusal(SET_ASIDE, "hl7.no_type", "it does not say what kind of message it is (MSH-9)")
    not_kept = NOT_KEPT.get(message.code) or NOT_KEPT_EVENTS.get(kind)
    if not_kept:
        return Refusal(VERDICT_NOT_KEPT, "", not_kept)
    if kind == PERSON_DELETED:
        return Refusal(SET_ASIDE, "hl7.person_deletion", "it deletes a person, which only a person decides")
    groups = _groups(message, source, profile)
    if groups is None:
        known = message.code in KNOWN
        if not known:
            return Refusal(SET_ASIDE, "hl7.unknown_type", "it is of a kind that Wardlamp does not know, of no patient")
        return Refusal(SET_ASIDE, "hl7.no_patient", "it does not say by a number whom it is about (PID-3)")
    told = Told()
    try:
        _take_all(message, groups, told)
    except merges.Unclear as error:
        return Refusal(SET_ASIDE, error.code, str(error))
    return told


def facts_of(group: Message, at: MessageContext, told: Told) -> None:
    """What a message with one PID tells of its patient. Raises merges.Unclear."""
    code, tie = group.code, _sequence(group)
    is_adt = code == "ADT"
    take_patient(group, at, told, is_adt=is_adt, tie=tie)
    take_allergies(group, at, told, tie=tie)
    if is_adt:
        _take_adt(group, at, told, tie)
    elif code == "PPR":
        take_problems(group, at, told, tie=tie)
        take_results(group, at, told)
    elif code in RESULTS:
        take_results(group, at, told)
    elif code == "VXU":
        take_vaccinations(group, at, told)
    elif code == "SIU":
        take_appointments(group, at, told)
    elif code == "MDM":
        take_documents(group, at, told)
    elif code in MEDICINES:
        take_medicines(group, at, told)
    elif code in ORDERS:
        take_orders(group, at, told)
        if code == "ORM" and group.first("RXO") is not None:
            take_medicines(group, at, told)
    else:
        _take_other(group, at, told)


def _take_all(message: Message, groups: list[Group], told: Told) -> None:
    for group, at in groups:
        facts_of(group, at, told)
    if message.code == "ADT" and message.trigger in merges.LINKS:
        merges.take_link([at for _, at in groups], told, undo=message.trigger == "A37")


def _take_adt(group: Message, at: MessageContext, told: Told, tie: int) -> None:
    trigger = group.trigger
    if trigger not in PERSON_EVENTS:
        take_stay(group, at, told, tie=tie)
    take_alerts(group, at, told, tie=tie)
    take_diagnoses(group, at, told, tie=tie)
    take_problems(group, at, told, tie=tie)  # no ADT has PRB by the standard, some senders' have
    take_procedures(group, at, told, tie=tie)
    if group.first("OBX") is not None:
        take_results(group, at, told)
    if trigger in merges.EVENTS:
        merges.take_merges(group, at, told, tie=tie)


def _take_other(group: Message, at: MessageContext, told: Told) -> None:
    """A kind that nobody maps yet, of a known patient: kept, so that nothing that names a patient is lost."""
    control = group.control_id or str(at.order)
    record = Other(**at.common(group.type, control), said=at.said, text=group.type, type=group.type)
    told.facts.append(at.fact(record))


def _groups(message: Message, source: str, profile: SourceProfile) -> list[Group] | None:
    """The message once for each PID in it, with the segments that stand before the first one; None where a PID has no
    number or there is none."""
    segments = message.segments
    starts = [n for n, s in enumerate(segments) if s.name == "PID"]
    if not starts:
        return None
    order, said = order_of(message, profile.zone)
    head, found = segments[: starts[0]], []
    for n, start in enumerate(starts):
        key = key_number(segments[start], profile)
        if key is None:
            return None
        at = MessageContext(source=source, profile=profile, patient=key.key(source), order=order, said=said)
        if len(starts) == 1:
            return [(message, at)]
        end = starts[n + 1] if n + 1 < len(starts) else len(segments)
        found.append((Message(head + segments[start:end], "", message.delimiters), at))
    return found


def order_of(message: Message, zone: str) -> tuple[int, Moment | None]:
    """(microseconds UTC of MSH-7, else of EVN-2, else 0; MSH-7 as a moment)."""
    said = read_dtm(message.msh.text(7), zone)
    evn: Segment | None = None
    if said is None or said.utc is None:
        evn = message.first("EVN")
    recorded = read_dtm(evn.text(2), zone) if evn is not None else None
    for moment in (said, recorded):
        if moment is not None and moment.utc is not None:
            return moment.utc, said
    return 0, said


def _sequence(message: Message) -> int:
    """MSH-13, which orders messages of the same second; 0 where none was sent."""
    text = message.msh.text(13)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
