"""Facts of the intake: what messages told of a record, and the records that follow from it (DESIGN D4).

Rules: a record stands with the patient whom its latest fact names, or to whom its visit was moved since; whatever order
facts and moves arrive in, the same record stands with the same patient. Used by the intake's owner only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from localdb.records.folding import WITH_HISTORY, Telling, fold, history, telling_still
from localdb.records.vocabulary import RECORD_ENCODER, Reference
from localdb.sources.units import Fact, MoveEvent
from localdb.store.opening import Connection

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

    def standing(
        self, record: str, facts: Sequence[HeldFact], moves: dict[str, list[tuple[str, str]]]
    ) -> Standing | None:
        """The record that these facts make, where moves of visits are as given."""
        if not facts:
            return None
        if len(facts) == 1:
            only = facts[0]
            patient = _moved(only.patient, moves.get(only.encounter, ()))
            if patient == only.patient and not only.telling.cleared:
                return Standing(only.kind, patient, only.unit, only.telling.body)
        ordered = sorted(facts, key=lambda f: f.telling.place)
        last = ordered[-1]
        encounter = next((f.encounter for f in reversed(ordered) if f.encounter), "")
        patient = last.patient if last.kind == "patient" else _moved(last.patient, moves.get(encounter, ()))
        tellings = [f.telling for f in ordered]
        made = fold(tellings, patient)
        assert made is not None
        formers = tuple(history(tellings)) if last.kind in WITH_HISTORY else ()
        return Standing(last.kind, patient, last.unit, RECORD_ENCODER.encode(made), formers)

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
            before = self.standing(one, had, moves)
            staying, dropped = _kept(had, told)
            after = self.standing(one, staying, moves)
            written = {f.telling.arrival for f in had}
            rows += [_row(one, f) for f in staying if f.telling.arrival not in written]
            gone += [(a,) for a in dropped if a in written]
            latest = max(staying, key=lambda f: f.telling.place)
            changes.append(Change(one, before, after, latest.telling.arrival not in written))
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
        before = self.moves([key])
        self._c.execute(
            "insert into move(encounter, former, patient, ord, unit, made) values(?,?,?,?,?,?)",
            (key, event.former, event.patient, event.order, unit, now),
        )
        self._has_moves = True
        after = self.moves([key])
        ids = [r[0] for r in self._c.execute("select distinct id from fact where encounter=?", (key,))]
        changes = []
        for one, facts in self.held(ids).items():
            change = Change(one, self.standing(one, facts, before), self.standing(one, facts, after))
            if change.before != change.after:
                changes.append(change)
        return changes, latest is None or event.order >= latest


def _moved(patient: str, moves: Iterable[tuple[str, str]]) -> str:
    """Whose a visit told under `patient` is, after the moves in their order."""
    for former, to in moves:
        if former in ("", patient):
            patient = to
    return patient


def _kept(held: list[HeldFact], told: list[HeldFact]) -> tuple[list[HeldFact], list[int]]:
    """The facts that can still make a difference, and the arrivals of those that cannot."""
    if not held and len(told) == 1:
        return told, []
    by_arrival = {f.telling.arrival: f for f in (*held, *told)}
    still = [t.arrival for t in telling_still(told[0].kind, [f.telling for f in by_arrival.values()])]
    return [by_arrival.pop(a) for a in still], list(by_arrival)


def _row(one: str, fact: HeldFact) -> tuple[object, ...]:
    t = fact.telling
    return (
        t.arrival, one, fact.patient, t.order, t.tie, fact.unit, fact.kind, t.body, " ".join(t.cleared), int(t.partial),
        fact.encounter,
    )  # fmt: skip
