"""PV1 and PV2 of ADT messages: one stay for each visit number, as the events tell it (HL7 v2.8 chapter 3).

Every fact is partial: an event says only what it changes. A place that is said replaces the whole place (a new ward
without a bed takes the old bed away), so that nobody is shown in a bed that they left.
"""

from __future__ import annotations

import msgspec

from localdb.records.moments import Moment
from localdb.records.vocabulary import Reference, Stay
from localdb.sources.hl7v2.coded import coded
from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.message import Message, Segment
from localdb.sources.hl7v2.names import person_line
from localdb.sources.units import Fact

# Event -> the stay's status in FHIR's words (Encounter.status); "" = the event leaves it as it was.
STATUS = {
    "A01": "in-progress",
    "A02": "in-progress",
    "A03": "finished",
    "A04": "in-progress",
    "A05": "planned",
    "A06": "in-progress",
    "A07": "in-progress",
    "A08": "",
    "A09": "",  # departs for a while (tracking): the bed stays theirs
    "A10": "",
    "A11": "cancelled",
    "A12": "",  # PV1-3 says where they are after all
    "A13": "in-progress",
    "A14": "planned",
    "A15": "",
    "A16": "",
    "A17": "",
    "A21": "onleave",
    "A22": "in-progress",
    "A23": "entered-in-error",
    "A25": "",
    "A26": "",
    "A27": "cancelled",
    "A32": "",
    "A33": "",
    "A38": "cancelled",
    "A42": "",
    "A44": "",
    "A45": "",
    "A50": "",
    "A52": "in-progress",
    "A53": "onleave",
    "A54": "",
    "A55": "",
    "A60": "",
    "A61": "",
    "A62": "",
}
_CLASSES = {"I": "IMP", "B": "IMP", "E": "EMER", "O": "AMB", "R": "AMB", "P": "PRENC"}  # table 0004 -> v3 ActCode
_CLASS_WORDS = {
    "I": "Inpatient",
    "B": "Obstetrics",
    "E": "Emergency",
    "O": "Outpatient",
    "R": "Recurring patient",
    "P": "Pre-admission",
}
_LIES_IN = frozenset({"I", "E", "B"})
BEFORE_ALL = -(10**18)  # microseconds: earlier than anything that was ever sent
_NO_VISIT = frozenset({"N"})  # PV1-2 "not applicable": the segment is there only because it is required


def visit_of(group: Message, at: MessageContext) -> str:
    """The visit number (PV1-19) that others name as `Encounter/<visit>`; "" where none was sent."""
    pv1 = group.first("PV1")
    return pv1.text(19) if pv1 is not None else ""


def visit_key(pv1: Segment, at: MessageContext) -> str:
    """The source id of a stay: the visit number, else the admission's time with the patient, else the current one."""
    number = pv1.text(19)
    if number:
        return number
    admitted = pv1.text(44)
    return f"{admitted}|{at.patient}" if admitted else f"current|{at.patient}"


def take_stay(group: Message, at: MessageContext, told: Told, *, tie: int = 0) -> None:
    """The stay of an ADT message with one PID and its PV1."""
    pv1, trigger = group.first("PV1"), group.trigger
    if pv1 is None or trigger not in STATUS or pv1.text(2).upper() in _NO_VISIT or not any(pv1.fields[2:]):
        return
    evn, pv2 = group.first("EVN"), group.first("PV2")
    occurred = at.moment(evn.text(6)) if evn is not None else None
    status, class_ = STATUS[trigger], pv1.text(2).upper()
    ended: Moment | None = None
    cleared: list[str] = []
    if trigger == "A13":
        cleared.append("ended")
    elif trigger == "A03":
        ended = at.moment(pv1.text(45)) or occurred
    elif pv1.is_null(45):
        cleared.append("ended")
    ward, bed, facility = place(pv1, 3)
    if ward or bed or pv1.is_null(3):
        cleared += [name for name, value in (("ward", ward), ("bed", bed)) if not value]
    if pv2 is not None and pv2.is_null(3):
        cleared.append("reason")
    doctor = 7 if pv1.repetitions(7) else 17
    consultant = person_line(pv1, doctor)
    if pv1.is_null(7) and not consultant:
        cleared.append("consultant")
    record = Stay(
        **at.common("Encounter", visit_key(pv1, at)),
        happened=at.moment(pv1.text(44)) or (occurred if trigger in ("A01", "A04") else None),
        ended=ended,
        said=at.said,
        status=status,
        text=coded(pv1, 10)[1] or _CLASS_WORDS.get(class_, ""),
        author=facility,
        references=(Reference("performer", "", consultant),) if consultant else (),
        restricted=pv2 is not None and pv2.text(22).upper() in ("Y", "YES"),
        class_=_CLASSES.get(class_, pv1.text(2)),
        reason=coded(pv2, 3)[1] if pv2 is not None else "",
        ward=ward,
        bed=bed,
        consultant=consultant,
    )
    told.facts.append(at.fact(record, tie=tie, partial=True, cleared=tuple(cleared)))
    if not status and class_ in _LIES_IN and ward and not pv1.raw(45):
        told.facts.append(_supposed(record, at))


def _supposed(record: Stay, at: MessageContext) -> Fact:
    """Somebody in a ward of whom a feed first hears by an update (A08) is there, until any event says otherwise: a feed
    that begins in the midst of stays would leave them out of the census."""
    here = Stay(**at.common("Encounter", record.source_id), status="in-progress")
    return msgspec.structs.replace(at.fact(here, partial=True), order=BEFORE_ALL)


def place(segment: Segment, field: int) -> tuple[str, str, str]:
    """PL: (point of care, room and bed, facility) as sent; the room stands before the bed, for beds repeat by room."""
    ward, room, bed = segment.text(field, 1), segment.text(field, 2), segment.text(field, 3)
    return ward, " ".join(x for x in (room, bed) if x), segment.text(field, 4)
