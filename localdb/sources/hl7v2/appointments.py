"""SIU S12-S26: appointments, where and with whom (HL7 v2.8 chapter 10)."""

from __future__ import annotations

from localdb.records.vocabulary import Appointment
from localdb.sources.hl7v2.coded import coded
from localdb.sources.hl7v2.comments import note_text
from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.grouping import entity
from localdb.sources.hl7v2.message import Message, Segment
from localdb.sources.hl7v2.names import person
from localdb.sources.hl7v2.results import take_results

_EVENTS = {"S15": "cancelled", "S17": "entered-in-error", "S26": "noshow"}
_STATUSES = {  # table 0278
    "BOOKED": "booked", "PENDING": "pending", "WAITLIST": "waitlist", "CANCELLED": "cancelled", "DC": "cancelled",
    "DELETED": "entered-in-error", "BLOCKED": "booked", "OVERBOOK": "booked", "STARTED": "arrived",
    "COMPLETE": "fulfilled", "NOSHOW": "noshow",
}  # fmt: skip
_ADDED = frozenset({"S12", "S13", "S14", "S16"})


def take_appointments(message: Message, at: MessageContext, told: Told) -> None:
    """The appointment of an SIU. Partial: a later event says only what it changes."""
    sch = message.first("SCH")
    if sch is None:
        return
    number = entity(sch, 1) or entity(sch, 2)
    if not number:
        number = f"{at.patient}|{sch.text(11, 4) or message.msh.text(7)}"
    resources = [s for s in message.segments if s.name in ("AIS", "AIG", "AIL", "AIP")]
    starts, ends = _times(message, sch, resources)
    kinds = [coded(s, 3) for s in resources if s.name == "AIS"]
    named = [coded(sch, n)[1] for n in (8, 7)]
    texts = [t for t in (*(text for _, text in kinds), *named) if t]
    status = _EVENTS.get(message.trigger) or _STATUSES.get((sch.text(25) or sch.text(25, 2)).upper(), "")
    record = Appointment(
        **at.common("Appointment", number),
        happened=next((m for m in map(at.moment, starts) if m is not None), None),
        ended=next((m for m in map(at.moment, ends) if m is not None), None),
        said=at.said,
        status=status or ("booked" if message.trigger in _ADDED else ""),
        codes=tuple(c for codes, _ in kinds for c in codes),
        text=", ".join(dict.fromkeys(texts)),
        comments=_comments(message, sch, named),
        author=_first_person(sch, (20, 16)),
        place="; ".join(dict.fromkeys(p for s in resources if s.name == "AIL" and (p := _place(s)))),
        participants=tuple(dict.fromkeys(p for s in resources if s.name in ("AIP", "AIG") and (p := _who(s)))),
    )
    told.facts.append(at.fact(record, partial=True))
    if message.first("OBX") is not None:
        take_results(message, at, told)


def _times(message: Message, sch: Segment, resources: list[Segment]) -> tuple[list[str], list[str]]:
    """What may be its start and its end, best first: TQ1, SCH-11 (TQ), then the earliest of its resources."""
    tq1 = message.first("TQ1")
    fields = {"AIS": 4, "AIG": 8, "AIL": 6, "AIP": 6}
    own = sorted(t for s in resources if (t := s.text(fields[s.name])))
    starts = [tq1.text(7) if tq1 else "", sch.text(11, 4), *own[:1]]
    return starts, [tq1.text(8) if tq1 else "", sch.text(11, 5)]


def _comments(message: Message, sch: Segment, named: list[str]) -> tuple[str, ...]:
    event = coded(sch, 6)[1]
    found = [f"Reason: {event}" if event else ""]
    minutes = sch.text(9)
    found.append(f"Duration: {minutes} {sch.text(10, 2) or sch.text(10)}".strip() if minutes else "")
    taken = {id(n) for s in _noted_results(message) for n in s}
    found += [note_text(s) for s in message.all("NTE") if id(s) not in taken]
    return tuple(dict.fromkeys(t for t in found if t and t not in named))


def _noted_results(message: Message) -> list[list[Segment]]:
    """The comments on each OBX: they stand beside it."""
    runs: list[list[Segment]] = []
    is_open = False
    for s in message.segments:
        if s.name == "OBX":
            runs.append([])
        elif s.name == "NTE" and is_open:
            runs[-1].append(s)
        is_open = s.name == "OBX" or (is_open and s.name == "NTE")
    return runs


def _first_person(sch: Segment, fields: tuple[int, ...]) -> str:
    for field in fields:
        for repetition in sch.repetitions(field):
            if found := person(sch, repetition):
                return found
    return ""


def _place(ail: Segment) -> str:
    """AIL-3: point of care, room, bed, building, floor and facility as sent."""
    parts = [ail.text(3, n) for n in (1, 2, 3, 7, 8, 4, 9)]
    return ", ".join(dict.fromkeys(p for p in parts if p))


def _who(segment: Segment) -> str:
    if segment.name == "AIP":
        found = segment.repetitions(3)
        name = person(segment, found[0]) if found else ""
    else:
        name = coded(segment, 3)[1]
    role = coded(segment, 4)[1]
    return f"{name} ({role})" if name and role else name or role
