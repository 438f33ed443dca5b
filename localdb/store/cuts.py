"""Cutting: the next generation from the intake (DESIGN D1 Cut).

Every patient changed since the sequence named in the newest list is written whole into a new topmost layer; the adjacent
layers below are absorbed while they are less than twice its size; a stack of which more than an eighth has changed is
folded into a new base. Nothing is ever applied to a file that someone reads; a crash merely repeats the cut.
"""

from __future__ import annotations

import heapq
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from localdb.chart.assembly import Assembled, Joined, assemble
from localdb.chart.held_images import without_pixels
from localdb.chart.windows import within
from localdb.records.vocabulary import RECORD_DECODER, RECORD_ENCODER, AnyRecord, Instance, Referred
from localdb.store import ageing, image_room
from localdb.store.errors import DiskFull
from localdb.store.facts import Facts
from localdb.store.generations import Generation, Generations, KeyRing, LayerEntry
from localdb.store.intake import Intake
from localdb.store.layer_files import Codec, Layer, Row, train, write_layer
from localdb.store.shared_layer import write_shared
from localdb.store.tokens import glued, patient_words
from localdb.store.viewing import IntakeView

FOLD_SHARE = 8
SAMPLES = 4000
# A stack with a small base gains nothing from many layers: it is folded at once.
SMALL_STACK, SMALL_RECORDS = 2000, 4000
# Persons read from the intake at once: few enough for memory when each has thousands of records.
BLOCK = 50
# Links that stand, asked from either side; the outer mark is filled in first.
_LINKS = (
    "select patient, other, type, coalesce(said,''), coalesce(made,''), made_by from link where undone is null"
    " and {} in ({{}})"
)


class CutDone(msgspec.Struct, frozen=True):
    """What a cut made: the list's number, persons written, and the layers of the list."""

    generation: int
    written: int
    layers: int


class Cutter:
    """Makes generations. Owned by whoever owns the intake."""

    def __init__(self, vault: Path, keys: KeyRing, intake: Intake | IntakeView, clock: Callable[[], datetime]) -> None:
        self._keys, self._intake, self._clock = keys, intake, clock
        self.layers = vault / "layers"
        self.generations = Generations(vault, keys)
        self._referred: dict[str, Referred | None] = {}
        self._windows, self._now = ageing.held_windows(intake.connection), clock()

    def cut(self) -> CutDone:
        """The next generation. Raises disk.full (old lists go first; the present one is never touched)."""
        self.layers.mkdir(exist_ok=True, mode=0o700)
        self._windows, self._now = ageing.held_windows(self._intake.connection), self._clock()
        now = self._now
        held = self.generations.newest()
        numbers = self.generations.numbers()
        number = max(numbers, default=0) + 1
        same_epoch = held is not None and held.epoch == self._intake.epoch
        since = held.sequence if held is not None and same_epoch else 0
        is_due = held is None or ageing.is_due(held, self._windows, now)
        moved = ageing.passed(self._intake.connection, held, self._windows, now) if held and is_due else set()
        changed = self._changed(since, moved)
        new = held or Generation(0, "", self._intake.epoch, 0)
        self._need_room(changed, now)
        new = self._stacks(new, changed)
        new = self._shared(new, since if same_epoch else -1)
        clocks = self._intake.clocks()
        new = msgspec.structs.replace(
            new, number=number, made=now.isoformat(timespec="seconds"), epoch=self._intake.epoch,
            sequence=self._intake.sequence, clocks=clocks, windows=msgspec.to_builtins(self._windows),
            windowed=now.isoformat(timespec="seconds") if is_due else new.windowed)  # fmt: skip
        self.generations.write(new)
        _, pinned = self.generations.pointer()
        if not pinned:
            self.generations.point(number, pinned=False)
        self.generations.prune(now, self.layers)
        return CutDone(number, len(changed), len(new.layers()))

    def _need_room(self, changed: Sequence[str], now: datetime) -> None:
        """A cut needs twice its size free (D1); the size is bounded by what these patients hold in the intake."""
        free = shutil.disk_usage(self.layers).free
        needed = 2 * 4096 * max(1, len(changed)) // 8 + (8 << 20)
        if free < needed:
            self.generations.prune(now, self.layers)
            if shutil.disk_usage(self.layers).free < needed:
                raise DiskFull("The next generation needs more room than the disk has.")

    # -- who changed --------------------------------------------------------------------------------------------

    def _changed(self, since: int, moved: set[str]) -> list[str]:
        """Persons of whom anything changed since, and those whom a window moved past, in name order (the order of a
        layer's rows)."""
        rows = self._intake.connection.execute(
            "select id from patient where id in (select person from patient where seq>?)"
            " order by family, given, born, id",
            (since,),
        )
        changed = [r[0] for r in rows]
        if moved <= set(changed):
            return changed
        named = self._asked(
            "select family, given, born, id from patient where id in ({})", sorted(moved | set(changed))
        )
        return [row[3] for row in sorted(named, key=lambda row: tuple(part or "" for part in row))]

    def _whole(self, persons: Sequence[str]) -> set[str]:
        """Those who stand whole (DESIGN §4 Scope), by the kinds held; a measurement alone may be a blood group."""
        clear = "max(r.kind not in ('patient','allergy','alert','result','observation'))"
        measured = "max(r.kind in ('result','observation'))"
        sql = f"select p.person, {clear}, {measured} from patient p join record r on r.patient=p.id"
        whole = {
            person
            for person, is_clear, is_measured in self._asked(sql + " where p.person in ({}) group by p.person", persons)
            if is_clear or (is_measured and self._assembled(person).view.scope == "whole")
        }
        if self._windows.discharged_days:  # a window may make thin whom the kinds make whole
            whole = {made.view.id for _, made in self._people(sorted(whole)) if made.view.scope == "whole"}
        return whole

    def _others(self, persons: Sequence[str]) -> dict[str, list[str]]:
        """The further patient ids of those persons who have more than one."""
        found: dict[str, list[str]] = {}
        for person, one in self._asked("select person, id from patient where person in ({}) and id<>person", persons):
            found.setdefault(person, []).append(one)
        return found

    def _stacks(self, held: Generation, persons: Sequence[str]) -> Generation:
        if not persons:
            return held
        whole, others = self._whole(persons), self._others(persons)
        thin = [p for p in persons if p not in whole]
        left: set[str] = set()  # who was whole and is thin now: a tombstone hides what lies below
        if held.whole:
            stack = _Stack(self.layers, self._keys, held.whole)
            alive = stack.alive([i for p in thin for i in (p, *others.get(p, ()))])
            left = {p for p in thin if p in alive or not alive.isdisjoint(others.get(p, ()))}
            stack.close()
        covered = {*persons, *(i for ids in others.values() for i in ids)}
        made = self._stack("thin", held.thin, thin, set(), others, covered)
        upper = [p for p in persons if p in whole or p in left]
        return msgspec.structs.replace(
            held, thin=made, whole=self._stack("whole", held.whole, upper, left, others, covered))  # fmt: skip

    def _sort_of(self, person: str) -> str:
        """Name order: family, given, born, id of the patient who gives the person its id."""
        row = self._intake.connection.execute(
            "select family, given, born from patient where id=?", (person,)
        ).fetchone()
        return _sort(*row, person)

    def _codec(self, stack: Sequence[LayerEntry], persons: Sequence[str]) -> Codec:
        """The dictionary of the stack's base, copied into each layer above; trained when a base is built."""
        if stack:
            layer = _open(self.layers, self._keys, stack[-1])
            try:
                return Codec(layer.codec.dictionary)
            finally:
                layer.close()
        step = max(1, len(persons) // 400)
        samples: list[bytes] = []
        for _, made in self._people(persons[::step]):
            samples.append(msgspec.json.encode(made.view))
            samples += [RECORD_ENCODER.encode(r) for r in made.rows[:: max(1, len(made.rows) // 40)]]
            if len(samples) >= SAMPLES:
                break
        return Codec(train(samples))

    def _stack(
        self, name: str, held: tuple[LayerEntry, ...], persons: list[str], left: set[str],
        others: dict[str, list[str]], covered: set[str],
    ) -> tuple[LayerEntry, ...]:  # fmt: skip
        """The stack with a new topmost layer of these persons (those who left it become tombstones)."""
        if not persons:
            return held
        size, absorbed = len(persons), 0
        for layer in held:
            if layer.persons >= 2 * size:
                break
            size += layer.persons
            absorbed += 1
        base = held[-1].persons if held else 0
        above = sum(layer.persons for layer in held[:-1]) + len(persons)
        is_small = base < SMALL_STACK and bool(held) and held[-1].records < SMALL_RECORDS
        if held and (above * FOLD_SHARE > base or is_small):
            absorbed = len(held)
        below, rest = held[:absorbed], held[absorbed:]
        codec = self._codec(held, persons)
        stack = _Stack(self.layers, self._keys, below)
        try:
            fresh = self._fresh(persons, left, others, codec)
            rows = _merged(fresh, covered, stack, drop_gone=not rest)
            if not rest and held and not codec.dictionary:
                rows, codec = _retrained(rows, codec)
            return (self._write(name, rows, codec), *rest)
        finally:
            stack.close()

    def _write(self, name: str, rows: Iterable[Row], codec: Codec) -> LayerEntry:
        key = bytearray(os.urandom(32))
        file = write_layer(self.layers, f"{name}-{secrets.token_hex(8)}.db", key, rows, codec.dictionary)
        entry = LayerEntry(file.name, file.sha256, b"", file.size, file.persons, file.records)
        return msgspec.structs.replace(entry, key=self._keys.wrap_key(bytes(key), entry.identity))

    def _shared(self, new: Generation, since: int) -> Generation:
        newest = self._intake.connection.execute("select coalesce(max(seq),0) from referred").fetchone()[0]
        if new.shared is not None and newest <= since:
            return new
        key = bytearray(os.urandom(32))
        file = write_shared(self.layers, f"shared-{secrets.token_hex(8)}.db", key, self._all_referred())
        entry = LayerEntry(file.name, file.sha256, b"", file.size, 0, file.records)
        entry = msgspec.structs.replace(entry, key=self._keys.wrap_key(bytes(key), entry.identity))
        return msgspec.structs.replace(new, shared=entry, shared_sequence=int(newest))

    def _all_referred(self) -> Iterator[tuple[str, Referred]]:
        for key, body in self._intake.connection.execute(
            "select key, body from referred where key like '%/Location/%'"
        ):
            record = RECORD_DECODER.decode(body)
            if isinstance(record, Referred):
                yield key, record

    # -- one person ---------------------------------------------------------------------------------------------

    def _lookup(self, key: str) -> Referred | None:
        if key not in self._referred:
            row = self._intake.connection.execute("select body from referred where key=?", (key,)).fetchone()
            found = RECORD_DECODER.decode(row[0]) if row else None
            self._referred[key] = found if isinstance(found, Referred) else None
        return self._referred[key]

    def _assembled(self, person: str) -> Assembled:
        ((_, made),) = self._people([person])
        return made

    def _people(self, persons: Sequence[str]) -> Iterator[tuple[str, Assembled]]:
        """(place in name order, person) of each of these, read BLOCK at a time: four questions for all of them."""
        for start in range(0, len(persons), BLOCK):
            block = persons[start : start + BLOCK]
            sorts = {row[0]: _sort(*row[1:], row[0]) for row in self._asked(
                "select id, family, given, born from patient where id in ({})", block)}  # fmt: skip
            person_of = {one: person for person, one in self._asked(
                "select person, id from patient where person in ({})", block)}  # fmt: skip
            bodies: dict[str, dict[str, bytes]] = {p: {} for p in block}
            doubled: list[tuple[str, str]] = []
            for one, rid, body in self._asked(
                "select patient, id, body from record where patient in ({}) and kind not in ('referred','instance')"
                " order by patient, id",
                list(person_of),
            ):
                if rid in bodies[person_of[one]]:
                    doubled.append((person_of[one], rid))
                bodies[person_of[one]][rid] = body
            formers: dict[str, dict[str, list[AnyRecord]]] = {}
            for one, rid, body in self._asked(
                "select patient, id, body from former where patient in ({}) and kind in ('result','observation',"
                "'report') order by id, seq",
                list(person_of),
            ):
                formers.setdefault(person_of[one], {}).setdefault(rid, []).append(RECORD_DECODER.decode(body))
            self._put_together(doubled, person_of, bodies, formers)
            joins: dict[str, list[Joined]] = {}
            several = [one for one, person in person_of.items() if one != person]
            for one, other, *rest in (*self._asked(_LINKS.format("patient"), several),
                                      *self._asked(_LINKS.format("other"), several)):  # fmt: skip
                if person_of.get(one) == person_of.get(other) and one in person_of:
                    joins.setdefault(person_of[one], []).append(Joined(one, other, *rest))
            imaged = {person_of[one] for one in image_room.with_instances(self._intake.connection, list(person_of))}
            for person in block:
                records = [RECORD_DECODER.decode(b) for b in bodies.pop(person).values()]
                if person in imaged:
                    records += self._instances(person, [one for one, whose in person_of.items() if whose == person])
                made = assemble(person, records, formers.get(person, {}), self._lookup, joins.get(person, ()))
                yield sorts[person], within(made, self._windows, self._now) if self._windows else made

    def _instances(self, person: str, patients: Sequence[str]) -> list[AnyRecord]:
        """The imaging instances of one person, read apart: thousands, so that a block of people stays small in memory."""
        connection = self._intake.connection
        gone = image_room.let_go_of(connection, patients)
        rows = list(image_room.instances_of(connection, patients))
        bodies = {one: body for _, one, body in rows}
        if len(bodies) < len(rows):  # told of several patients of this person
            times = Counter(one for _, one, _ in rows)
            facts = Facts(connection)
            held = facts.held([one for one, count in times.items() if count > 1])
            for one in held:
                standing = facts.together(held[one], set(patients), person)
                if standing is not None:
                    bodies[one] = standing.body
        found = []
        for one, body in bodies.items():
            record = RECORD_DECODER.decode(body)
            if one in gone and isinstance(record, Instance):
                record = without_pixels(record, gone[one])
            found.append(record)
        return found

    def _put_together(
        self, doubled: Sequence[tuple[str, str]], person_of: dict[str, str], bodies: dict[str, dict[str, bytes]],
        formers: dict[str, dict[str, list[AnyRecord]]],
    ) -> None:  # fmt: skip
        """A record that was told of several patients of one person (before and after a merge) is one record of theirs."""
        if not doubled:
            return
        facts = Facts(self._intake.connection)
        held = facts.held(sorted({rid for _, rid in doubled}))
        for person, rid in dict.fromkeys(doubled):
            mine = {one for one, owner in person_of.items() if owner == person}
            standing = facts.together(held.get(rid, ()), mine, person)
            if standing is not None:
                bodies[person][rid] = standing.body
                formers.setdefault(person, {})[rid] = [RECORD_DECODER.decode(b) for b in standing.formers]

    def _asked(self, sql: str, ids: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Rows of a question about many ids, in parts; `{}` in the text stands for their marks."""
        for start in range(0, len(ids), 500):
            part = ids[start : start + 500]
            yield from self._intake.connection.execute(sql.format(",".join("?" * len(part))), part)

    def _fresh(
        self, persons: Sequence[str], left: set[str], others: dict[str, list[str]], codec: Codec
    ) -> Iterator[Row]:
        """The new rows of a stack in name order; a person who left it becomes a tombstone."""
        staying = [p for p in persons if p not in left] if left else persons
        living = (self._row(sort, made, codec) for sort, made in self._people(staying))
        gone = (self._tombstone(p, (p, *others.get(p, ()))) for p in persons if p in left)
        return heapq.merge(living, gone, key=lambda row: row.sort)

    def _row(self, sort: str, made: Assembled, codec: Codec) -> Row:
        view = made.view
        return Row(
            sort, view.id, view.ids, glued(view.ward), view.bed, made.pending, False,
            codec.pack(msgspec.json.encode(view)), patient_words(view),
            [(str(type(r).__struct_config__.tag), codec.pack_record(r)) for r in made.rows],
        )  # fmt: skip

    def _tombstone(self, person: str, ids: Sequence[str]) -> Row:
        return Row(self._sort_of(person), person, tuple(ids), "", "", 0, True, b"", "", ())


def _sort(*parts: str | None) -> str:
    """Family, given, born, id: the order of a layer's rows."""
    return "\x1f".join(part or "" for part in parts)


def _open(folder: Path, keys: KeyRing, entry: LayerEntry) -> Layer:
    return Layer(folder / entry.name, keys.unwrap_key(entry.key, entry.identity))


class _Stack:
    """Open layers of one stack, topmost first."""

    def __init__(self, folder: Path, keys: KeyRing, entries: Sequence[LayerEntry]) -> None:
        self.layers = [_open(folder, keys, e) for e in entries]

    def close(self) -> None:
        for layer in self.layers:
            layer.close()

    def alive(self, ids: Sequence[str]) -> set[str]:
        """Those of these ids who are alive in the stack."""
        found: set[str] = set()
        for start in range(0, len(ids), 500):
            part = list(ids[start : start + 500])
            for layer in self.layers:
                states = layer.states(part) if part else {}
                found |= {one for one, gone in states.items() if not gone}
                part = [one for one in part if one not in states]
        return found


def _merged(rows: Iterable[Row], covered: set[str], stack: _Stack, *, drop_gone: bool) -> Iterator[Row]:
    """New rows and the layers below them in name order, each person from the topmost alone.

    `covered` are all ids of the new rows' persons: what lies below under one of them is replaced.
    """
    sources: list[Iterator[tuple[str, int, Row]]] = [((r.sort, 0, r) for r in rows)]
    sources += [_numbered(layer, n) for n, layer in enumerate(stack.layers, 1)]
    above = [covered]  # by level: every id of which something is said further up
    for layer in stack.layers[:-1]:
        above.append(above[-1] | set(layer.ids()))
    for _, level, row in heapq.merge(*sources, key=lambda s: (s[0], s[1])):
        if level and row.id in above[level - 1]:
            continue
        if row.gone and drop_gone:
            continue
        yield row


def _numbered(layer: Layer, level: int) -> Iterator[tuple[str, int, Row]]:
    return ((row.sort, level, row) for row in layer.rows())


def _retrained(rows: Iterable[Row], old: Codec) -> tuple[Iterator[Row], Codec]:
    """A stack that was too small for a dictionary gets one when it is folded (it is small enough for memory)."""
    held = list(rows)
    new = Codec(train([old.unpack(b) for r in held[:400] for b in (r.body, *(x for _, x in r.records)) if b][:SAMPLES]))

    def repacked() -> Iterator[Row]:
        for r in held:
            body = new.pack(old.unpack(r.body)) if r.body else b""
            yield msgspec.structs.replace(
                r, body=body, records=[(k, new.pack(old.unpack(x))) for k, x in r.records])  # fmt: skip

    return (repacked() if new.dictionary else iter(held)), (new if new.dictionary else old)
