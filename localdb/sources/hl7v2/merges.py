"""Merges, moves, changes of numbers and links as events (HL7 v2.8 chapter 3.6; DESIGN D2).

What each event does here:

* A18, A30, A34, A36, A39, A40: the patient of MRG-1 goes on as the patient of PID-3. A40 repeats PID/MRG pairs. A43
  (the identifier list moves to another person) and A46, A47 (a wrong number becomes the right one) have the same effect
  on the number: what was told under the old one belongs to the new.
* A24 links two patients that both live on (`seealso`); A37 parts them again, whatever joined them.
* A45 (visits), A44 (an account): all that names the visit moves from MRG-1's patient to PID-3's. A44 without a visit
  number cannot be followed here, for an account names no record of ours: a person decides (`hl7.move_unclear`).
* A42, A50: a visit number goes on as another one of the same patient: the old stay says so and is closed.
* A35, A41, A49, A48, A51: account and alternate numbers change: the patient's own numbers say the new one (PID-18), and
  nothing of ours hangs on the old one.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from localdb.records.ids import patient_id
from localdb.records.vocabulary import Identifier, Patient, Stay
from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.message import Message, Segment
from localdb.sources.hl7v2.names import human_names, name_line
from localdb.sources.hl7v2.patients import BELOW_ADT, Number, chosen, identifier, key_number, numbers
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import Fact, LinkEvent, MoveEvent

PATIENTS = frozenset({"A18", "A30", "A34", "A36", "A39", "A40", "A43", "A46", "A47"})
VISITS = frozenset({"A42", "A50"})
MOVES = frozenset({"A44", "A45"})
ACCOUNTS = frozenset({"A35", "A41", "A48", "A49", "A51"})
LINKS = frozenset({"A24", "A37"})
EVENTS = PATIENTS | VISITS | MOVES | ACCOUNTS
REPLACED, SEE_ALSO = "replaced-by", "seealso"


class Unclear(Exception):
    """The event cannot be followed from what it says; `code` and the words tell why, without its content."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def former_key(mrg: Segment, pid: Segment, profile: SourceProfile) -> Number | None:
    """The key number of the patient of an MRG: MRG-1, else MRG-4 (the external number of older versions), else MRG-2; of
      several the one whose authority is that of the surviving number.

    A bare number (no authority, no type) is of the same list as the surviving one: senders leave both out in MRG.
    """
    survivor = key_number(pid, profile)
    for field in (1, 4, 2):
        candidates = numbers(mrg, field)
        alike = [n for n in candidates if survivor is not None and n.assigner == survivor.assigner]
        found = chosen(alike or candidates, profile)
        if found is None:
            continue
        if not found.authority and not found.type and survivor is not None:
            return Number(found.value, survivor.assigner, survivor.authority, survivor.type)
        return found
    return None


def take_merges(group: Message, at: MessageContext, told: Told, *, tie: int = 0) -> None:
    """The events of the pairs of one PID and its MRGs. Raises Unclear where they cannot be followed."""
    trigger, pid = group.trigger, group.first("PID")
    if pid is None:
        return
    found = 0
    for mrg, pv1 in _pairs(group):
        found += 1
        former = former_key(mrg, pid, at.profile)
        old = str(patient_id(at.source, former.assigner, former.value)) if former is not None else ""
        if trigger in PATIENTS:
            if former is None:
                raise Unclear("hl7.merge_unclear", "the merge names no former patient number")
            if old != at.patient:
                told.facts.append(_former(mrg, former, old, at))
                told.links.append(_link(old, at.patient, REPLACED, at))
        elif trigger in MOVES:
            _move(mrg, pv1, old, at, told)
        elif trigger in VISITS:
            _renumber(mrg, pv1, old, at, told, tie)
    if not found and trigger not in ACCOUNTS:
        raise Unclear("hl7.merge_unclear", "the merge has no MRG segment")


def _pairs(group: Message) -> Iterator[tuple[Segment, Segment | None]]:
    """Each MRG with the PV1 that follows it (A45 repeats them), else with the only PV1 there is."""
    segments = group.segments
    only = group.all("PV1")
    for n, segment in enumerate(segments):
        if segment.name == "MRG":
            rest = segments[n + 1 :]
            stop = next((k for k, s in enumerate(rest) if s.name == "MRG"), len(rest))
            own = next((s for s in rest[:stop] if s.name == "PV1"), None)
            yield segment, own or (only[0] if len(only) == 1 else None)


def _link(old: str, new: str, type_: str, at: MessageContext, *, undo: bool = False) -> LinkEvent:
    return LinkEvent(
        patient=old, other=new, type=type_, order=at.order, undo=undo, said=at.said.text if at.said is not None else ""
    )


def _former(mrg: Segment, former: Number, old: str, at: MessageContext) -> Fact:
    """The least that is known of the former patient, below all that ADT told of them: so their number is found."""
    names = human_names(mrg, 7)
    own = [identifier(mrg, r, at.profile) for field in (1, 4, 2) for r in mrg.repetitions(field)]
    key = Identifier(former.authority, former.value, "MR" if former.type in ("MR", "MRN") else former.type)
    held: dict[tuple[str, str], Identifier] = {}
    for one in own:
        if one.value and (one.system or one.value != former.value):
            held.setdefault((one.system, one.value), one)
    record = Patient(
        id=old,
        patient=old,
        source=at.source,
        source_id=former.value,
        text=name_line(names[0]) if names else "",
        names=names,
        identifiers=tuple(held.values()) or (key,),
    )
    return msgspec.structs.replace(at.fact(record, partial=True), order=at.order - BELOW_ADT)


def _move(mrg: Segment, pv1: Segment | None, old: str, at: MessageContext, told: Told) -> None:
    """A45 and A44: what names the visit moves. MRG-5 is its number before, PV1-19 its number now."""
    if old == at.patient:
        return
    visits = dict.fromkeys(v for v in (mrg.text(5), pv1.text(19) if pv1 is not None else "") if v)
    if not visits:
        raise Unclear("hl7.move_unclear", "the move names no visit number")
    told.moves += [
        MoveEvent(encounter=f"Encounter/{visit}", patient=at.patient, order=at.order, former=old) for visit in visits
    ]


def _renumber(mrg: Segment, pv1: Segment | None, old: str, at: MessageContext, told: Told, tie: int) -> None:
    """A42 and A50: the visit of MRG-5 goes on as that of PV1-19."""
    before, now = mrg.text(5), pv1.text(19) if pv1 is not None else ""
    if not before or not now:
        raise Unclear("hl7.merge_unclear", "the change of a visit number does not name both numbers")
    if before == now:
        return
    closed = Stay(
        **at.common("Encounter", before),
        said=at.said,
        status="entered-in-error",
        comments=(f"This visit goes on under the number {now}.",),
    )
    told.facts.append(at.fact(closed, tie=tie, partial=True))
    if old and old != at.patient:
        told.moves.append(MoveEvent(encounter=f"Encounter/{before}", patient=at.patient, order=at.order, former=old))


def take_link(patients: list[MessageContext], told: Told, *, undo: bool) -> None:
    """A24 and A37: the patients of the message's PIDs, each with the first. Raises Unclear where there is but one."""
    if len(patients) < 2:
        raise Unclear("hl7.merge_unclear", "the link names but one patient")
    first = patients[0]
    for other in patients[1:]:
        if other.patient != first.patient:
            told.links.append(_link(other.patient, first.patient, SEE_ALSO, first, undo=undo))
