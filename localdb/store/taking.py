"""One file's way into the intake: what becomes of each unit (DESIGN D4).

Rules: patients of a file come before what names them; a unit whose patient key belongs to another person here is set
aside together with all that names that patient; what waits keeps its bytes.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
import zstandard

from localdb.records.ids import record_id
from localdb.records.vocabulary import RECORD_DECODER, RECORD_ENCODER, Patient, Record
from localdb.sources.units import ANSWERS, NOT_KEPT, READ, SET_ASIDE, FileReading, Unit
from localdb.store import hearing, identity
from localdb.store.blobs import LARGEST
from localdb.store.checks import fits
from localdb.store.facts import HeldFact

if TYPE_CHECKING:
    from localdb.store.intake import Intake

TAKEN, SAME, OLDER, WAITING = "taken", "same", "older", "waiting"
OUTCOMES = (TAKEN, SAME, OLDER, NOT_KEPT, WAITING, SET_ASIDE)


class Outcome(msgspec.Struct, frozen=True):
    """What became of one unit. `code` and `reason` only for set_aside."""

    index: int
    type: str
    outcome: str
    code: str = ""
    reason: str = ""
    sha256: str = ""
    unit: str = ""


class Held(msgspec.Struct):
    """What the intake holds of a unit: its meaning and its place in version order."""

    digest: bytes
    number: int | None
    updated: int | None


def order_of(held: Held, new: Unit) -> str:
    """same / older / taken by version order (D4): whole-number versions, else lastUpdated, else arrival."""
    if held.digest == new.digest:
        return SAME
    if held.number is not None and new.number is not None and held.number != new.number:
        return OLDER if new.number < held.number else TAKEN
    if held.updated is not None and new.updated is not None and held.updated != new.updated:
        return OLDER if new.updated < held.updated else TAKEN
    return TAKEN


class Taking:
    """One file's way into the intake."""

    def __init__(self, intake: Intake, reading: FileReading) -> None:
        self.intake, self.reading = intake, reading
        self.strangers: set[str] = set()  # ids whose patient in this file is another person than ours
        self._plain: bytes | None = None
        self._original, self._size = 0, 0
        self._parts: list[bytes] = []

    def run(self) -> list[Outcome]:
        units = self.reading.units
        ids = {u.index: self._id(u) for u in units if u.verdict == READ}
        self.intake.load_held(list(dict.fromkeys(ids.values())))
        order = sorted(units, key=lambda u: 0 if any(r[0] == "patient" for r in u.records) else 1)
        named = {r[2] for u in units for r in u.records if r[2]}
        self.known = self.intake.known_patients(named.union(*(hearing.named_elsewhere(u) for u in units)))
        outcomes = [self._one(u, ids.get(u.index, "")) for u in order]
        self._keep_original()
        return sorted(outcomes, key=lambda o: o.index)

    def _one(self, unit: Unit, unit_id: str) -> Outcome:
        if unit.verdict == NOT_KEPT:
            return Outcome(unit.index, unit.type, NOT_KEPT)
        if unit.verdict == SET_ASIDE:
            return self._aside(unit, unit.code, unit.reason)
        if hearing.is_told(unit):
            return self._told(unit, unit_id)
        held = self.intake.held(unit_id)
        outcome = order_of(held, unit) if held else TAKEN
        if outcome == SAME:
            return Outcome(unit.index, unit.type, SAME, unit=unit_id)
        if unfit := self._with_unfit_file(unit):
            return unfit
        unit, missing = self._placed(unit)
        if self._is_stranger(unit):
            return self._aside(
                unit, "identity.conflict",
                "The same patient key came with another name and another birth date and no common identifier.")  # fmt: skip
        if missing:
            self._wait(unit, unit_id, missing)
            return Outcome(unit.index, unit.type, WAITING, unit=unit_id)
        if outcome == OLDER:
            self.intake.keep_older(unit)
            return Outcome(unit.index, unit.type, OLDER, unit=unit_id)
        self._keep(unit, unit_id)
        return Outcome(unit.index, unit.type, TAKEN, unit=unit_id)

    def _id(self, unit: Unit) -> str:
        """A message is known by its control id and time whatever its type; an answer apart from the object it is about."""
        is_message = hearing.is_told(unit) and unit.type not in ANSWERS
        return record_id(self.reading.source, "hl7v2" if is_message else unit.type, unit.source_id)

    def _told(self, unit: Unit, unit_id: str) -> Outcome:
        """A unit that tells facts: decided first, then written whole."""
        held = self.intake.held(unit_id)
        is_again = held is not None and held.digest == unit.digest  # of which pixels may have been let go meanwhile
        if is_again and not self.intake.images.lacks(unit):
            return Outcome(unit.index, unit.type, SAME, unit=unit_id)
        if is_again or unit.type in ANSWERS:
            pass
        elif (held is not None or self._waits_otherwise(unit, unit_id)) and not self.reading.is_answered:
            # A message of a file is known by its bytes too.
            unit_id = record_id(self.reading.source, "hl7v2", f"{unit.source_id}|{unit.digest.hex()}")
            self.intake.load_held([unit_id])
            if self.intake.held(unit_id) is not None and not self.intake.images.lacks(unit):
                return Outcome(unit.index, unit.type, SAME, unit=unit_id)
        elif held is not None or self._waits_otherwise(unit, unit_id):
            return self._aside(
                unit, "hl7.control_id_reused",
                "The same sender sent other content under the same control id and message time.")  # fmt: skip
        if unfit := self._with_unfit_file(unit):
            return unfit
        missing = next(iter(sorted(hearing.named_elsewhere(unit) - self.known)), "")
        if any(not f.patient for f in unit.facts):
            found = None
            for want in unit.wants:
                found = found or self.intake.patient_by_identifier(want)
            if found:
                unit = hearing.addressed(unit, found)
            else:
                missing = unit.wants[0] if unit.wants else "|"
        if missing:
            self._wait(unit, unit_id, missing)
            return Outcome(unit.index, unit.type, WAITING, unit=unit_id)
        if unit.checks and not self._is_who_it_says(unit):
            return self._aside(
                unit, "printed.other_person",
                "The name or birth date in it is not that of the patient whose number it has.")  # fmt: skip
        facts: dict[str, list[HeldFact]] = self.intake.facts.held(list({f.id for f in unit.facts}))
        if hearing.is_stranger(unit, facts, self.intake):
            return self._aside(
                unit, "identity.conflict",
                "The same patient key came with another name and another birth date and no common identifier.")  # fmt: skip
        is_older = hearing.hear(self.intake, unit, unit_id, self.reading.source, facts)
        self._keep_bytes(unit, unit_id)
        self.known |= {f.patient for f in unit.facts if f.kind == "patient"}
        return Outcome(unit.index, unit.type, OLDER if is_older else TAKEN, unit=unit_id)

    def _with_unfit_file(self, unit: Unit) -> Outcome | None:
        """The outcome of a unit with an embedded file that cannot be held; None where all can."""
        for blob in unit.blobs:
            if len(blob.data) > LARGEST:
                return self._aside(unit, "blob.too_large", "An embedded file is larger than this copy holds.")
            if sha256(blob.data).hexdigest() != blob.sha256.lower():
                return self._aside(unit, "blob.not_its_digest", "An embedded file is not the one that was named.")
        return None

    def _is_who_it_says(self, unit: Unit) -> bool:
        """Whether every patient it would go to is the one that its own words describe."""
        held = [self.intake.held_patient(p) for p in {f.patient for f in unit.facts}]
        return all(p is not None and fits(p, unit.checks) for p in held)

    def _waits_otherwise(self, unit: Unit, unit_id: str) -> bool:
        """Whether a unit of this id waits already with other content."""
        row = self.intake.connection.execute("select body from waiting where unit=?", (unit_id,)).fetchone()
        return row is not None and msgspec.msgpack.decode(row[0], type=Unit).digest != unit.digest

    def _is_stranger(self, unit: Unit) -> bool:
        for kind, _, patient, _, body in unit.records:
            if kind == "patient":
                held = self.intake.held_patient(patient) if patient in self.known else None
                if held is not None:
                    new = RECORD_DECODER.decode(body)
                    if isinstance(new, Patient) and identity.conflicts(held, new):
                        self.strangers.add(patient)
            if patient in self.strangers:
                return True
        return False

    def _placed(self, unit: Unit) -> tuple[Unit, str]:
        """The unit with logical references resolved, and what it still waits for ("" where nothing)."""
        own = {r[2] for r in unit.records if r[0] == "patient"}
        records, missing = list(unit.records), ""
        for n, (kind, rid, patient, key, body) in enumerate(records):
            if kind == "referred" or patient in own or patient in self.known:
                continue
            if kind == "patient":
                continue
            found = None
            for want in unit.wants if not patient else ():
                found = self.intake.patient_by_identifier(want)
                missing = missing if found else want
                if found:
                    record = RECORD_DECODER.decode(body)
                    assert isinstance(record, Record)
                    records[n] = (kind, rid, found, key, RECORD_ENCODER.encode(
                        msgspec.structs.replace(record, patient=found)))  # fmt: skip
                    missing = ""
                    break
            if found is None and patient:
                missing = patient
        return (msgspec.structs.replace(unit, records=tuple(records)) if unit.wants else unit), missing

    def _bytes(self, unit: Unit) -> bytes:
        if self._plain is None:
            self._plain = zstandard.decompress(self.reading.kept) if self.reading.kept else b""
        if unit.raw is None:
            return self._plain
        return self._plain[unit.raw[0] : unit.raw[0] + unit.raw[1]]

    def _keep(self, unit: Unit, unit_id: str) -> None:
        start, raw = self._placed_bytes(unit)
        if unit.blobs:  # the files first: no record may name what is not held
            self.intake.keep_blobs(unit_id, unit.blobs)
        self.intake.store(unit_id, unit, self.reading, self._original, start, len(raw))
        for kind, _, patient, _, _ in unit.records:
            if kind == "patient":
                self.known.add(patient)

    def _keep_bytes(self, unit: Unit, unit_id: str) -> None:
        start, raw = self._placed_bytes(unit)
        self.intake.note_unit(unit_id, unit, self.reading, self._original, start, len(raw))

    def _placed_bytes(self, unit: Unit) -> tuple[int, bytes]:
        """The unit's own bytes and where they begin in the frame that is kept of this file."""
        if not self._original:
            row = self.intake.connection.execute("select coalesce(max(id),0)+1 from original").fetchone()
            self._original = int(row[0])
        raw, start = self._bytes(unit), self._size
        self._parts.append(raw)
        self._size += len(raw)
        return start, raw

    def _keep_original(self) -> None:
        """The own bytes of what was taken, in one frame; the reader's frame as it is where everything was taken."""
        if not self._parts:
            return
        whole = self._plain is not None and self._size == len(self._plain)
        frame = self.reading.kept if whole else zstandard.compress(b"".join(self._parts))
        self.intake.connection.execute(
            "insert into original values(?,?,?,?,?)",
            (self._original, self.reading.source, self.reading.file, self.reading.sha256, frame),
        )

    def _wait(self, unit: Unit, unit_id: str, missing: str) -> None:
        now = self.intake.now().text
        self.intake.connection.execute(
            "insert into waiting values(?,?,?,?,?,?,?,?) on conflict(unit) do update set wants=excluded.wants,"
            " file=excluded.file, body=excluded.body, frame=excluded.frame",
            (unit_id, missing, self.reading.source, self.reading.file, "", msgspec.msgpack.encode(unit),
             zstandard.compress(self._bytes(unit)), now),
        )  # fmt: skip

    def _aside(self, unit: Unit, code: str, reason: str) -> Outcome:
        raw = self._bytes(unit)
        digest = sha256(raw).hexdigest()
        now = self.intake.now().text
        self.intake.connection.execute(
            "insert into aside(source,file,position,type,source_id,code,reason,sha256,frame,first_seen,last_seen)"
            " values(?,?,?,?,?,?,?,?,?,?,?) on conflict(source,file,position,code,sha256)"
            " do update set last_seen=excluded.last_seen, times=times+1, settled=null",
            (self.reading.source, self.reading.file, unit.index, unit.type, unit.source_id, code, reason, digest,
             zstandard.compress(raw), now, now),
        )  # fmt: skip
        return Outcome(unit.index, unit.type, SET_ASIDE, code, reason, digest)
