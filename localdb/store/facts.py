"""Facts of the intake: what messages told of a record, and the records that follow from it (DESIGN D4).

Rules: facts of one record make one record for each patient whom they name (or to whom their visit was moved since):
where a laboratory posted a result to the wrong patient and then, under the same number, to the right one, what it says
of the one takes nothing from the other. An image and its study are one thing that lies with one patient, the one told last:
an archive that corrects whose they are sends them again under the same UID, and pictures must not stay
under the wrong name (hazard H01). The facts of patients who are one person make one record (`together`, in a cut).
Whatever order facts and moves arrive in, the same records stand with the same patients.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from localdb.records.folding import WITH_HISTORY, Telling, fold, history, telling_still
from localdb.records.vocabulary import RECORD_ENCODER, Reference
from localdb.sources.units import Fact, MoveEvent
from localdb.store.opening import Connection

_OF_ONE = frozenset({"image", "instance"})
_COLUMNS = "id, arrival, ord, tie, kind, body, cleared, partial, patient, unit, encounter"


class Pointers(msgspec.Struct):
    """What a record points to, read from its JSON without the rest."""

    references: tuple[Reference, ...] = ()
    location: str = ""
    source_id: str = ""


POINTERS: msgspec.json.Decoder[Pointers] = msgspec.json.Decoder(Pointers)


class HeldFact(msgspec.Struct, frozen=True):
    """A fact as the intake holds it; `arrival` 0 where it is not written yet."""

    kind: str
    patient: str
    unit: str
    encounter: str
    telling: Telling


class Standing(msgspec.Struct, frozen=True):
    """The record that facts make: with whom it stands, the unit that told it last, its body, what it said before."""

    kind: str
    patient: str
    unit: str
    body: bytes
    formers: tuple[bytes, ...] = ()


class Change(msgspec.Struct, frozen=True):
    """What facts made of one record. `before` and `after` None where there was or is none; `newest`: one of the facts
    just heard is the latest of its record."""

    id: str
    before: Standing | None
    after: Standing | None
    newest: bool = True

    @property
    def is_seen(self) -> bool:
        """The record itself is another one now (what it said before does not count here)."""
        one, two = self.before, self.after
        return one is None or two is None or (one.patient, one.body) != (two.patient, two.body)

    @property
    def touched(self) -> set[str]:
        if self.before == self.after:
            return set()
        return {s.patient for s in (self.before, self.after) if s is not None}


class Facts:
    """The facts and moves of one intake."""

    def __init__(self, connection: Connection) -> None:
        self._c = connection
        self._has_moves = self._c.execute("select 1 from move limit 1").fetchone() is not None

    def forget(self) -> None:
        """After a rollback: what was learnt from rows that are gone is asked again."""
        self._has_moves = self._c.execute("select 1 from move limit 1").fetchone() is not None

    # -- reading ------------------------------------------------------------------------------------------------

    def held(self, ids: Sequence[str]) -> dict[str, list[HeldFact]]:
        """The facts held of these record ids."""
        found: dict[str, list[HeldFact]] = {}
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            marks = ",".join("?" * len(part))
            for row in self._c.execute(f"select {_COLUMNS} from fact where id in ({marks})", part):
                one, arrival, order, tie, kind, body, cleared, partial, patient, unit, encounter = row
                telling = Telling(body, order, tie, arrival, bool(partial), tuple(cleared.split()) if cleared else ())
                found.setdefault(one, []).append(HeldFact(kind, patient, unit, encounter, telling))
        return found

    def standings(
        self, facts: Sequence[HeldFact], moves: dict[str, list[tuple[str, str]]]
    ) -> dict[str, Standing]:  # fmt: skip
        """Patient -> the record that these facts of one id make with them, where moves of visits are as given."""
        if len(facts) == 1:
            only = facts[0]
            patient = _moved(only.patient, moves.get(only.encounter, ()))
            if patient == only.patient and not only.telling.cleared:
                return {patient: Standing(only.kind, patient, only.unit, only.telling.body)}
        return {patient: _stand(group, patient) for patient, group in _grouped(facts, moves).items()}

    def together(self, facts: Sequence[HeldFact], patients: set[str], patient: str) -> Standing | None:
        """The one record of a person who has several patient ids; None where the facts name none of them."""
        moves = self.moves({f.encounter for f in facts})
        mine = [f for one, group in _grouped(facts, moves).items() if one in patients for f in group]
        return _stand(mine, patient) if mine else None

    def moves(self, encounters: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
        """(former patient or "", patient) of each visit's moves, in the order of their messages."""
        if not self._has_moves:
            return {}
        return {
            one: self._c.execute(
                "select former, patient from move where encounter=? order by ord, arrival", (one,)
            ).fetchall()
            for one in set(encounters)
            if one
        }

    # -- hearing ------------------------------------------------------------------------------------------------

    def hear(self, facts: Sequence[Fact], unit: str, source: str, held: dict[str, list[HeldFact]]) -> list[Change]:
        """Writes the facts of one unit that can make a difference. `held` as `held()` gave it. Returns what changed."""
        new: dict[str, list[HeldFact]] = {}
        arrival = 1 + self._c.execute("select coalesce(max(arrival),0) from fact").fetchone()[0]
        for n, fact in enumerate(facts):
            telling = Telling(fact.body, fact.order, fact.tie, arrival + n, fact.partial, fact.cleared)
            encounter = self._encounter(fact, source)
            new.setdefault(fact.id, []).append(HeldFact(fact.kind, fact.patient, unit, encounter, telling))
        encounters = {f.encounter for some in (*new.values(), *held.values()) for f in some}
        moves = self.moves(encounters)
        rows: list[tuple[object, ...]] = []
        gone: list[tuple[int]] = []
        changes = []
        for one, told in new.items():
            had = held.get(one, [])
            before = self.standings(had, moves)
            staying, dropped = _kept(had, told)
            after = self.standings(staying, moves)
            written = {f.telling.arrival for f in had}
            rows += [_row(one, f) for f in staying if f.telling.arrival not in written]
            gone += [(a,) for a in dropped if a in written]
            changes += _changes(one, before, after, _newest(staying, told, written, moves))
        if gone:
            self._c.executemany("delete from fact where arrival=?", gone)
        if rows:
            self._c.executemany("insert into fact values(?,?,?,?,?,?,?,?,?,?,?)", rows)
        return changes

    @staticmethod
    def _encounter(fact: Fact, source: str) -> str:
        """The visit that a record belongs to, as `source/Encounter/number`; "" where it names none."""
        if fact.kind == "patient" or (fact.kind != "stay" and b'"encounter"' not in fact.body):
            return ""
        points = POINTERS.decode(fact.body)
        if fact.kind == "stay":
            return f"{source}/Encounter/{points.source_id}"
        return next((f"{source}/{r.key}" for r in points.references if r.role == "encounter"), "")

    def move(self, event: MoveEvent, unit: str, source: str, now: str) -> tuple[list[Change], bool]:
        """A visit that belongs to another patient. Returns what changed, and whether it is the latest word about it."""
        key = f"{source}/{event.encounter}"
        latest = self._c.execute("select max(ord) from move where encounter=?", (key,)).fetchone()[0]
        ids = [r[0] for r in self._c.execute("select distinct id from fact where encounter=?", (key,))]
        held = self.held(ids)
        before = self.moves({key, *(f.encounter for facts in held.values() for f in facts)})
        self._c.execute(
            "insert into move(encounter, former, patient, ord, unit, made) values(?,?,?,?,?,?)",
            (key, event.former, event.patient, event.order, unit, now),
        )
        self._has_moves = True
        after = {**before, **self.moves([key])}
        changes = []
        for one, facts in held.items():
            made = _changes(one, self.standings(facts, before), self.standings(facts, after), {})
            changes += [c for c in made if c.before != c.after]
        return changes, latest is None or event.order >= latest


def _moved(patient: str, moves: Iterable[tuple[str, str]]) -> str:
    """Whose a visit told under `patient` is, after the moves in their order."""
    for former, to in moves:
        if former in ("", patient):
            patient = to
    return patient


def _grouped(
    facts: Sequence[HeldFact], moves: dict[str, list[tuple[str, str]]]
) -> dict[str, list[HeldFact]]:  # fmt: skip
    """Patient -> the facts told of them, in order; facts that name no visit follow the visit of those that do."""
    if facts and facts[0].kind in _OF_ONE:
        ordered = sorted(facts, key=lambda f: f.telling.place)
        owner = ordered[-1].patient
        return {owner: [f for f in ordered if f.patient == owner]}
    told: dict[str, list[HeldFact]] = {}
    for fact in sorted(facts, key=lambda f: f.telling.place):
        told.setdefault(fact.patient, []).append(fact)
    found: dict[str, list[HeldFact]] = {}
    for patient, group in told.items():
        encounter = next((f.encounter for f in reversed(group) if f.encounter), "")
        owner = patient if group[-1].kind == "patient" else _moved(patient, moves.get(encounter, ()))
        found.setdefault(owner, []).extend(group)
    return found


def _stand(group: Sequence[HeldFact], patient: str) -> Standing:
    ordered = sorted(group, key=lambda f: f.telling.place)
    last, tellings = ordered[-1], [f.telling for f in ordered]
    made = fold(tellings, patient)
    assert made is not None
    formers = tuple(history(tellings)) if last.kind in WITH_HISTORY else ()
    return Standing(last.kind, patient, last.unit, RECORD_ENCODER.encode(made), formers)


def _changes(
    one: str, before: dict[str, Standing], after: dict[str, Standing], newest: dict[str, bool]
) -> list[Change]:  # fmt: skip
    """One change for each patient with whom the record stands or stood; where it left, `after` is None."""
    return [
        Change(one, before.get(p), after.get(p), newest.get(p, False))
        for p in sorted(before.keys() | after.keys())
        if p in newest or before.get(p) != after.get(p)
    ]


def _newest(
    staying: Sequence[HeldFact], told: Sequence[HeldFact], written: set[int], moves: dict[str, list[tuple[str, str]]]
) -> dict[str, bool]:  # fmt: skip
    """Patient -> whether what was just heard (`told`) is the latest of them; only those of whom something was heard."""
    found = dict.fromkeys(_grouped(told, moves), False)  # also where all of it is said over already
    for patient, group in _grouped(staying, moves).items():
        if any(f.telling.arrival not in written for f in group):
            found[patient] = max(group, key=lambda f: f.telling.place).telling.arrival not in written
    return found


def _kept(held: list[HeldFact], told: list[HeldFact]) -> tuple[list[HeldFact], list[int]]:
    """The facts that can still make a difference, and the arrivals of those that cannot. Those told of one patient say
    nothing over that was told of another."""
    if not held and len(told) == 1:
        return told, []
    by_arrival = {f.telling.arrival: f for f in (*held, *told)}
    by_patient: dict[str, list[HeldFact]] = {}
    for fact in by_arrival.values():
        by_patient.setdefault(fact.patient, []).append(fact)
    staying = [
        by_arrival.pop(t.arrival)
        for group in by_patient.values()
        for t in telling_still(told[0].kind, [f.telling for f in group])
    ]
    return staying, list(by_arrival)


def _row(one: str, fact: HeldFact) -> tuple[object, ...]:
    t = fact.telling
    return (
        t.arrival, one, fact.patient, t.order, t.tie, fact.unit, fact.kind, t.body, " ".join(t.cleared), int(t.partial),
        fact.encounter,
    )  # fmt: skip
