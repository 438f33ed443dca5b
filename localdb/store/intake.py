"""The intake: where sources are read (DESIGN D1, D4). Written by `fill` and feeds, and by nothing else.

Rules: a unit is taken whole or set aside whole, with its bytes; every unit gets exactly one outcome; a batch of units is
one transaction and one step of the intake's sequence; every patient whose records, links or places changed carries that
sequence, so that a cut needs no flag here and a crash merely repeats it.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from localdb.chart.assembly import NHS_SYSTEM, nhs_of
from localdb.records.moments import Moment, from_instant
from localdb.records.vocabulary import RECORD_DECODER, Patient, Referred
from localdb.sources.units import Blob, FileReading, Unit
from localdb.store import aside, clocks, identity, people
from localdb.store.blobs import BlobStore
from localdb.store.errors import translated
from localdb.store.facts import POINTERS, Change, Facts
from localdb.store.generations import ClockEntry
from localdb.store.image_room import HEAVY, Freed, ImageRoom
from localdb.store.intake_schema import STEPS
from localdb.store.migrations import migrate
from localdb.store.opening import LAYER_PAGE, open_durable
from localdb.store.taking import WAITING, Held, Outcome, Taking

BATCH = 4000
FOUND = 20_000  # outcomes of what waited, kept until a fill asks for them
# References whose display is filled in from what they point to, when the source sent none.
RESOLVED_ROLES = frozenset({"author", "performer", "medication", "location", "specimen", "device"})


class Intake:
    """The owner's hold on `intake.db`. `clock` gives aware instants; embedded files go to `blobs` (None: they stay in the
    originals alone). Not for use by several threads at once."""

    def __init__(
        self,
        path: Path,
        key: bytes | bytearray,
        clock: Callable[[], datetime],
        *,
        create: bool = False,
        blobs: BlobStore | None = None,
    ) -> None:
        self.path, self._clock, self.blobs = path, clock, blobs
        self.connection = open_durable(path, key, create=create, page=LAYER_PAGE, cache_kib=64 * 1024)
        try:
            migrate(self.connection, STEPS)
            self._c = self.connection
            with translated():
                self.epoch = self._meta("epoch") or self._set_meta("epoch", secrets.token_hex(8))
                self.sequence = int(self._c.execute("select coalesce(max(v),0) from meta where k='seq'").fetchone()[0])
                self.facts = Facts(self._c)
        except BaseException:
            self.connection.close()
            raise
        self.images = ImageRoom(self._c, blobs, clock)
        self.links = identity.Links(self._c, self.held_patient)
        self._pending = 0
        # Ids and numbers of whom something was told since what waits was last asked; None: too many to name.
        self._newcomers: set[str] | None = set()
        self._found: deque[Outcome] = deque(maxlen=FOUND)
        self._reset_batch()

    def _meta(self, key: str) -> str | None:
        row = self._c.execute("select v from meta where k=?", (key,)).fetchone()
        return row[0] if row else None

    def _set_meta(self, key: str, value: str) -> str:
        self._c.execute("insert into meta values(?,?) on conflict(k) do update set v=excluded.v", (key, value))
        return value

    def _reset_batch(self) -> None:
        self._held: dict[str, Held] = {}
        self._changed: set[str] = set()
        self._records: list[tuple[object, ...]] = []
        self._units: list[tuple[object, ...]] = []
        self._mentions: set[tuple[str, str]] = set()
        self._patients: dict[str, bytes] = {}  # patient records of this batch, the newest of each
        self._told: dict[tuple[str, str], tuple[object, ...] | None] = {}  # records made of facts; None: gone from here

    # -- transactions -------------------------------------------------------------------------------------------

    def begin(self) -> None:
        if not self._c.in_transaction:
            with translated():
                self._c.execute("begin immediate")
            self.sequence += 1

    def commit(self) -> None:
        """Makes all that was taken since `begin` durable, in one step of the sequence; what waited for somebody who came
        meanwhile is taken first."""
        if self._c.in_transaction and self._newcomers != set():
            self._found += self._take_waiting(self._newcomers)
        self._write()

    def _write(self) -> None:
        if not self._c.in_transaction:
            return
        with translated():
            self._flush()
            self._c.executemany(
                "update patient set seq=? where id=?", [(self.sequence, p) for p in sorted(self._changed)]
            )
            self._c.execute(
                "insert into meta values('seq',?) on conflict(k) do update set v=excluded.v", (self.sequence,)
            )
            self._c.execute("commit")
        self._pending = self.images.fresh = 0
        self._reset_batch()

    def rollback(self) -> None:
        if self._c.in_transaction:
            self._c.execute("rollback")
            self.sequence -= 1
            self.facts.forget()
        self._pending = self.images.fresh = 0
        self._newcomers = set()
        self._reset_batch()

    def close(self) -> None:
        self.rollback()
        self.connection.close()

    def _flush(self) -> None:
        self._c.executemany(
            "delete from record where patient=? and id=?", [key for key, row in self._told.items() if row is None]
        )
        self._c.executemany(
            "insert into record(patient,id,unit,kind,seq,body) values(?,?,?,?,?,?) on conflict(patient,id) do update"
            " set unit=excluded.unit, kind=excluded.kind, seq=excluded.seq, body=excluded.body",
            [*self._records, *(row for row in self._told.values() if row is not None)],
        )
        self._c.executemany(
            "insert into unit values(?,?,?,?,?,?,?,?,?,?,?,?) on conflict(id) do update set version=excluded.version,"
            " number=excluded.number, updated=excluded.updated, digest=excluded.digest, original=excluded.original,"
            " start=excluded.start, length=excluded.length, seq=excluded.seq",
            self._units,
        )
        self._c.executemany("insert or ignore into mention values(?,?)", sorted(self._mentions))
        self._records, self._units, self._mentions, self._told = [], [], set(), {}

    # -- taking -------------------------------------------------------------------------------------------------

    def take(self, reading: FileReading) -> list[Outcome]:
        """Gives every unit of a file its outcome. Commits by itself every BATCH units, between files."""
        self.begin()
        try:
            outcomes = Taking(self, reading).run()
        except BaseException:
            self.rollback()
            raise
        self._pending += len(reading.units)
        if self._pending >= BATCH or self.images.fresh >= HEAVY:
            self._write()
            if self.images.is_tight:
                self.make_room()
                self._write()
                self.sweep_let_go(self.images.cut_sequence)
        return outcomes

    def make_room(self) -> Freed:
        """Lets go of pixels by the site's rules and budget; whose they were is written anew by the next cut."""
        self.begin()
        self._flush()
        freed = self.images.make_room(self.sequence)
        self.mark_changed(freed.patients)
        return freed

    def sweep_let_go(self, cut_sequence: int) -> int:
        """Removes the files of pixels that were let go, now that lists of layers have this step. Returns how many."""
        self.begin()
        return self.images.sweep(cut_sequence, self.sequence)

    def held(self, unit: str) -> Held | None:
        return self._held.get(unit)

    def load_held(self, units: list[str]) -> None:
        missing = [u for u in units if u not in self._held]
        for start in range(0, len(missing), 500):
            part = missing[start : start + 500]
            marks = ",".join("?" * len(part))
            for u, digest, number, updated in self._c.execute(
                f"select id, digest, number, updated from unit where id in ({marks})", part
            ):
                self._held[u] = Held(digest, number, updated)

    def known_patients(self, ids: Iterable[str]) -> set[str]:
        todo, found = list(ids), set()
        for start in range(0, len(todo), 500):
            part = todo[start : start + 500]
            marks = ",".join("?" * len(part))
            found |= {r[0] for r in self._c.execute(f"select id from patient where id in ({marks})", part)}
        return found

    def patient_by_identifier(self, want: str) -> str | None:
        """The one patient who carries "system|value"; None where nobody or more than one does."""
        system, _, value = want.rpartition("|")
        rows = self._c.execute(
            "select distinct p.person from identifier i join patient p on p.id=i.patient where i.value=?"
            " and (?='' or i.system=?)",
            (identity.bare_number(value), system, system),
        ).fetchall()
        return rows[0][0] if len(rows) == 1 else None

    def store(self, unit_id: str, unit: Unit, reading: FileReading, original: int, start: int, length: int) -> None:
        """Writes a unit's records in place of those it had; the former ones are kept as replaced."""
        if unit_id in self._held:
            self._keep_former(unit_id)
        for kind, rid, patient, _, body in unit.records:
            if kind == "patient":
                self.take_patient(body)
            elif kind == "referred":
                self._take_referred(reading.source, unit, rid, body)
                continue
            self._records.append((patient, rid, unit_id, kind, self.sequence, body))
            self._changed.add(patient)
            if b'"references"' in body:
                self._mention(reading.source, patient, body)
        self.note_unit(unit_id, unit, reading, original, start, length)

    def note_unit(self, unit_id: str, unit: Unit, reading: FileReading, original: int, start: int, length: int) -> None:
        """Writes that a unit is held: its meaning, its place in version order, where its own bytes are."""
        self._units.append(
            (unit_id, reading.source, unit.type, unit.source_id, unit.version, unit.number, unit.updated,
             unit.digest, original, start, length, self.sequence)
        )  # fmt: skip
        self._held[unit_id] = Held(unit.digest, unit.number, unit.updated)

    def _keep_former(self, unit_id: str) -> None:
        self._flush()
        rows = self._c.execute("select patient, id, kind, body from record where unit=?", (unit_id,)).fetchall()
        self._c.executemany(
            "insert or ignore into former(patient,id,seq,kind,body) values(?,?,?,?,?)",
            [(p, r, self.sequence, k, b) for p, r, k, b in rows],
        )
        # Who a patient is stays until newer words about them come, also when a bundle no longer repeats it.
        self._c.execute("delete from record where unit=? and kind<>'patient'", (unit_id,))
        self._changed |= {r[0] for r in rows}

    def keep_older(self, unit: Unit) -> None:
        """An older version that arrives late still tells what was said before."""
        self._flush()
        for kind, rid, patient, _, body in unit.records:
            if kind in ("result", "observation", "report"):
                held = {r[0] for r in self._c.execute(
                    "select body from former where patient=? and id=?", (patient, rid))}  # fmt: skip
                if body not in held:
                    low = self._c.execute("select coalesce(min(seq),0)-1 from former where id=?", (rid,)).fetchone()[0]
                    self._c.execute(
                        "insert into former values(?,?,?,?,?)", (patient, rid, min(int(low), -1), kind, body)
                    )
                    self._changed.add(patient)

    def _mention(self, source: str, patient: str, body: bytes) -> None:
        points = POINTERS.decode(body)
        for ref in points.references:
            if ref.role in RESOLVED_ROLES and not ref.display or ref.role == "location":
                self._mentions.add((f"{source}/{ref.key}", patient))
        if points.location:
            self._mentions.add((f"{source}/{points.location}", patient))

    def write_change(self, change: Change, source: str) -> None:
        """Writes what facts made of one record; the one that stood elsewhere is gone from there."""
        before, after = change.before, change.after
        self._changed |= change.touched
        if before is not None and after is None:
            self._told[before.patient, change.id] = None
            self._c.execute("delete from former where patient=? and id=?", (before.patient, change.id))
        if after is None:
            return
        if before is not None and (after.formers or before.formers) and after != before:
            self._c.execute("delete from former where patient=? and id=?", (after.patient, change.id))
        if after.formers and (before is None or after != before):
            self._c.executemany(
                "insert into former(patient,id,seq,kind,body) values(?,?,?,?,?)",
                [(after.patient, change.id, n, after.kind, body) for n, body in enumerate(after.formers, 1)],
            )
        if not change.is_seen:
            return
        if after.kind == "patient":
            self.take_patient(after.body)
        self._told[after.patient, change.id] = (
            after.patient, change.id, after.unit, after.kind, self.sequence, after.body)  # fmt: skip
        if b'"references"' in after.body:
            self._mention(source, after.patient, after.body)

    def take_patient(self, body: bytes) -> None:
        """Writes who a patient is: search keys, numbers, links and so the person. (The record itself is written apart.)"""
        patient = RECORD_DECODER.decode(body)
        assert isinstance(patient, Patient)
        self._patients[patient.id] = body
        if self._newcomers is not None:
            self._newcomers |= {patient.id, *(identity.bare_number(i.value) for i in patient.identifiers)}
            if len(self._newcomers) > BATCH:
                self._newcomers = None
        family, given = identity.name_parts(patient)
        born = patient.born.text if patient.born else None
        is_new = self._c.execute("select 1 from patient where id=?", (patient.id,)).fetchone() is None
        self._c.execute(
            "insert into patient values(?,?,?,?,?,?,?,?) on conflict(id) do update set seq=excluded.seq,"
            " born=excluded.born, family=excluded.family, given=excluded.given",
            (patient.id, patient.source, patient.source_id, self.sequence, patient.id, born, family, given),
        )
        if not is_new:
            self._c.execute("delete from identifier where patient=?", (patient.id,))
        self._c.executemany(
            "insert or ignore into identifier values(?,?,?)",
            [
                (identity.bare_number(i.value), NHS_SYSTEM if nhs_of((i,)) else i.system,
                 patient.id)
                for i in patient.identifiers if i.value
            ],
        )  # fmt: skip
        self._changed |= self.links.relate(patient, self.now().text)

    def _take_referred(self, source: str, unit: Unit, rid: str, body: bytes) -> None:
        record = RECORD_DECODER.decode(body)
        assert isinstance(record, Referred)
        key = f"{source}/{record.type}/{record.source_id}"
        self._c.execute(
            "insert into referred values(?,?,?,?) on conflict(key) do update set seq=excluded.seq, body=excluded.body",
            (key, source, self.sequence, body),
        )
        self._flush()
        keys = [key, *(self._below(key) if record.type == "Location" else ())]
        for k in keys:
            self._changed |= {r[0] for r in self._c.execute("select patient from mention where target=?", (k,))}

    def _below(self, key: str) -> list[str]:
        """Locations that stand below one: a ward that is renamed changes everyone in its beds."""
        source = key.split("/")[0]
        parents = {}
        for k, body in self._c.execute("select key, body from referred where source=? and key like ?",
                                       (source, f"{source}/Location/%")):  # fmt: skip
            record = RECORD_DECODER.decode(body)
            if isinstance(record, Referred) and record.part_of:
                parents[k] = f"{source}/{record.part_of}"
        found, todo = [], [key]
        while todo:
            parent = todo.pop()
            below = [k for k, p in parents.items() if p == parent and k not in found]
            found += below
            todo += below
        return found

    def keep_blobs(self, unit_id: str, blobs: Iterable[Blob]) -> None:
        """Holds embedded files, durable before the commit that names them."""
        for blob in blobs:
            if self.blobs is not None:
                self.blobs.put(blob.sha256, blob.data)
                self.images.note(blob)
                self._c.execute(
                    "insert into blob(sha256,media_type,size,unit,came) values(?,?,?,?,?)"
                    " on conflict(sha256) do update set gone=null",
                    (blob.sha256.lower(), blob.media_type, len(blob.data), unit_id, self.sequence),
                )

    def mark_changed(self, patients: Iterable[str]) -> None:
        """These patients are written anew by the next cut (a link made or undone by hand, a window that moved on)."""
        self._changed |= set(patients)

    def held_patient(self, patient: str) -> Patient | None:
        body = self._patients.get(patient)
        if body is None:
            row = self._c.execute("select body from record where patient=? and id=?", (patient, patient)).fetchone()
            body = row[0] if row else None
        found = RECORD_DECODER.decode(body) if body else None
        return found if isinstance(found, Patient) else None

    def now(self) -> Moment:
        return from_instant(self._clock())

    # -- waiting, aside, clocks ---------------------------------------------------------------------------------

    def retry_waiting(self) -> list[Outcome]:
        """Takes what waited for a patient who has come since. Returns the outcomes of those that no longer wait, and of
        those that commits found since this was last asked."""
        self.begin()
        done = [*self._found, *self._take_waiting(None)]
        self._found.clear()
        return done

    def _take_waiting(self, newcomers: set[str] | None) -> list[Outcome]:
        """Takes what waited for one of these ids or numbers (None: for anybody)."""
        self._newcomers = set()
        self._flush()
        done: list[Outcome] = []
        for (wants,) in self._c.execute("select distinct wants from waiting").fetchall():
            value = wants.rpartition("|")[2]
            if newcomers is not None and wants not in newcomers and identity.bare_number(value) not in newcomers:
                continue
            is_here = (
                self.patient_by_identifier(wants) is not None if "|" in wants else bool(self.known_patients([wants]))
            )
            if is_here:
                done += self._take_those_who_want(wants)
        return done

    def _take_those_who_want(self, wants: str) -> list[Outcome]:
        rows = self._c.execute("select unit, source, file, body, frame from waiting where wants=?", (wants,)).fetchall()
        done: list[Outcome] = []
        for unit_id, source, file, body, frame in rows:
            unit = msgspec.structs.replace(msgspec.msgpack.decode(body, type=Unit), raw=None)
            reading = FileReading(file=file, source=source, units=(unit,), kept=frame, sha256="")
            self._c.execute("delete from waiting where unit=?", (unit_id,))
            done += [o for o in Taking(self, reading).run() if o.outcome != WAITING]
        return done

    def advance_clock(
        self, source: str, kinds: Iterable[str], cut: Moment | None, received: Mapping[str, int] | None = None
    ) -> None:
        """Notes that `source` delivered `kinds`; the cut advances where a later one is known (D11)."""
        self.begin()
        clocks.advance(self._c, source, kinds, cut, self.now(), received)

    def heartbeat(self, source: str, at: datetime) -> None:
        """The source gave a sign of life at `at`, by this machine's clock."""
        self.begin()
        clocks.heartbeat(self._c, source, at)

    def note_drift(self, source: str, seconds: int) -> int | None:
        """A live message came `seconds` after its sender's clock said so. Returns the drift as it is known now."""
        self.begin()
        return clocks.note_drift(self._c, source, seconds, self._clock())

    def clocks(self) -> tuple[ClockEntry, ...]:
        """Every source and kind of record, as a list of layers carries them."""
        return clocks.entries(self._c)

    # -- people by hand -----------------------------------------------------------------------------------------

    def join(self, one: str, other: str, *, by: str) -> set[str]:
        """Two patients are one person, as somebody decided. Returns all concerned. Raises link.*"""
        people.check_pair(self._c, one, other)
        self.begin()
        changed = self.links.join(one, other, by=by, now=self.now().text)
        self.mark_changed(changed)
        return changed

    def undo_link(self, one: str, other: str, *, by: str) -> set[str]:
        """Two patients are two people, as somebody decided. Returns all concerned. Raises link.*"""
        people.check_pair(self._c, one, other)
        people.check_parting(self.links, one, other)
        self.begin()
        changed = self.links.undo(one, other, by=by, now=self.now().text)
        self.mark_changed(changed)
        return changed

    def links_of(self, patient: str) -> list[people.LinkNote]:
        """The events of a person: joined and parted, when and by whom."""
        return people.links_of(self._c, patient)

    def has_changed_since(self, sequence: int) -> bool:
        """Whether anything that a ward sees changed after this step of the sequence."""
        newer = "select 1 from patient where seq>? union all select 1 from referred where seq>? limit 1"
        return bool(self._changed) or self._c.execute(newer, (sequence, sequence)).fetchone() is not None

    # -- aside --------------------------------------------------------------------------------------------------

    def aside_items(self, *, limit: int = 1000) -> list[aside.AsideItem]:
        return aside.items(self._c, limit=limit)

    def aside_bytes(self, number: int) -> bytes | None:
        return aside.bytes_of(self._c, number)

    def settle_aside(self, number: int) -> None:
        """It has a place now, or is about to be judged anew: set aside again, it comes back under its number."""
        self.begin()
        self._c.execute("update aside set settled=? where id=?", (self.now().text, number))
