"""What `send` would do now: asks the target and changes nothing, neither there nor here (DESIGN §5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from localdb.restore.ledger import Delivery, Ledger
from localdb.restore.patients import Patients
from localdb.restore.queue import Place, in_order
from localdb.restore.reasons import reason
from localdb.restore.resources import Draft, NotSendable, drafts
from localdb.restore.search import Held, Seeker, Unsearchable
from localdb.restore.states import ONGOING
from localdb.restore.summary import EntryState, Summary, summary
from localdb.restore.target import Failing, Target

_AT_ONCE = 8


def plan(ledger: Ledger, target: Target) -> Summary:
    """Per entry the state that it would go into: `waiting` = it would be sent, with what as `resources`.

    An entry that the target already holds is said to be there; patients that are not exactly one need a person.
    Raises Unreachable, NotAllowed, NotFhir.
    """
    target.greet()
    deliveries = ledger.deliveries()
    patients, ready = Patients(target), list[tuple[Place, tuple[Draft, ...]]]()
    planned: dict[str, EntryState] = {}
    places = in_order(ledger.entries())
    for place in places:
        delivery = deliveries.get(place.entry.id) or Delivery()
        if delivery.state not in ONGOING:
            planned[place.entry.id] = EntryState(place.entry.id, delivery.state, delivery.reason, delivery.resources)
            continue
        said = _prepared(place, patients)
        if isinstance(said, str):
            planned[place.entry.id] = EntryState(place.entry.id, "needs_person", said)
        else:
            ready.append((place, said))
    held = _held(Seeker(target), [d for _, made in ready for d in made])
    for place, made in ready:
        planned[place.entry.id] = _foreseen(place, made, held)
    return summary(tuple(planned[p.entry.id] for p in places))


def _prepared(place: Place, patients: Patients) -> tuple[Draft, ...] | str:
    """The resources of an entry, or the reason why a person is needed."""
    if place.first_missing:
        return reason("restore.first_missing", entry=place.entry.corrects)
    try:
        match = patients.find(place.entry.identity)
    except Failing as failing:
        return reason("restore.failing", status=failing.status)
    if not match.subject:
        return match.reason
    try:
        return drafts(place.entry, match.subject, is_corrected=place.is_corrected, replaces={})
    except NotSendable:
        return reason("restore.body")


def _held(seeker: Seeker, wanted: Sequence[Draft]) -> dict[str, list[Held]]:
    held: dict[str, list[Held]] = {}
    for type_ in dict.fromkeys(d.type for d in wanted):
        marks = [d.mark for d in wanted if d.type == type_]
        for start in range(0, len(marks), _AT_ONCE):
            try:
                held |= seeker.by_marks(type_, marks[start : start + _AT_ONCE], must_know=False)
            except (Unsearchable, Failing):
                break
    return held


def _foreseen(place: Place, made: Sequence[Draft], held: dict[str, list[Held]]) -> EntryState:
    there = tuple(h.ref for d in made for h in held.get(d.mark, ()))
    missing = Counter(d.type for d in made if not held.get(d.mark))
    if not missing:
        return EntryState(place.entry.id, "waiting", reason("restore.plan_there"), there)
    words = ", ".join(f"{count} {type_}" for type_, count in sorted(missing.items()))
    code = "restore.plan_correction" if place.entry.corrects else "restore.plan_new"
    would = reason(code, made=words, entry=place.entry.corrects)
    return EntryState(place.entry.id, "waiting", would, tuple(missing.elements()))
