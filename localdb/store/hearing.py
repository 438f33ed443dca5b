"""What becomes of a unit that tells facts: a message of HL7 v2, a row of a table, a filed report (DESIGN D4).

Rules: all is decided before anything is written, so that a unit lands whole or not at all; it is `older` when all that
it tells is older than what is held and nothing that is shown now changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from localdb.records.vocabulary import RECORD_DECODER, RECORD_ENCODER, Patient, Record
from localdb.sources.units import Fact, Unit
from localdb.store import identity
from localdb.store.facts import HeldFact

if TYPE_CHECKING:
    from localdb.store.intake import Intake


def is_told(unit: Unit) -> bool:
    """Whether a unit tells facts, rather than bringing records whole."""
    return bool(unit.facts or unit.links or unit.moves or unit.blobs and not unit.records) or "^" in unit.type


def named_elsewhere(unit: Unit) -> set[str]:
    """Patients that the unit names without saying anything of who they are."""
    own = {f.patient for f in unit.facts if f.kind == "patient"}
    named = {f.patient for f in unit.facts} | {m.patient for m in unit.moves}
    return {p for p in named if p and p not in own}


def addressed(unit: Unit, patient: str) -> Unit:
    """The unit with every fact that names no patient told of `patient`."""
    return msgspec.structs.replace(unit, facts=tuple(f if f.patient else _of(f, patient) for f in unit.facts), wants=())


def _of(fact: Fact, patient: str) -> Fact:
    record = RECORD_DECODER.decode(fact.body)
    assert isinstance(record, Record)
    body = RECORD_ENCODER.encode(msgspec.structs.replace(record, patient=patient))
    return msgspec.structs.replace(fact, patient=patient, body=body)


def is_stranger(unit: Unit, held: dict[str, list[HeldFact]], intake: Intake) -> bool:
    """Whether a patient of the unit is another person than the one whom we hold under that key (D2)."""
    for fact in unit.facts:
        if fact.kind == "patient" and fact.id in held:
            ours = intake.held_patient(fact.id)
            new = RECORD_DECODER.decode(fact.body)
            if ours is not None and isinstance(new, Patient) and identity.conflicts(ours, new, new.source_id):
                return True
    return False


def hear(intake: Intake, unit: Unit, unit_id: str, source: str, held: dict[str, list[HeldFact]]) -> bool:
    """Writes what a unit tells. Returns whether all of it is older than what is held and changed nothing shown."""
    now = intake.now().text
    if unit.blobs:
        intake.keep_blobs(unit_id, unit.blobs)
    newest: list[bool] = []
    again = intake.images.hold_again(unit)
    intake.mark_changed(again)
    seen = bool(again)
    for change in intake.facts.hear(unit.facts, unit_id, source, held):
        intake.write_change(change, source)
        seen = seen or change.is_seen
        # Who a patient is, told by another than an ADT message, stands far below (order < 0): that says nothing of age.
        if change.after is None or change.after.kind != "patient" or change.newest or _is_dated(unit, change.id):
            newest.append(change.newest)
    for move in unit.moves:
        changes, is_latest = intake.facts.move(move, unit_id, source, now)
        newest.append(is_latest)
        for change in changes:
            intake.write_change(change, source)
    for link in unit.links:
        changed, is_latest = intake.links.hear(link, unit_id, now)
        newest.append(is_latest)
        intake.mark_changed(changed)
    return bool(newest) and not any(newest) and not seen


def _is_dated(unit: Unit, record: str) -> bool:
    return any(f.id == record and f.order >= 0 for f in unit.facts)
