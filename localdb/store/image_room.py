"""The room that pixels of images take: what the intake's owner lets go by the site's rules, and how it leaves the disk.

Rules: which pixels go is decided by `sources.dicom.rules`, purely; here it is written down. Letting go is two steps, so
that no chart ever names pixels that are gone: first it is written (`let_go`, and `blob.gone` = the step of the sequence),
then, when a list of layers of that step or a later one is made, or where no list ever named them, the files are removed.
A crash between the two repeats the second. The record itself is untouched: a cut shows the instance without its pixels,
with the code of the reason; the same image sent again is held again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import msgspec

from localdb.chart.assembly import PRESENT
from localdb.chart.held_images import without_pixels
from localdb.records.vocabulary import RECORD_DECODER, Instance, Stay
from localdb.sources.dicom.rules import LET_GO, Bed, Held, Imaging, judged, over_budget
from localdb.sources.units import Blob, Unit
from localdb.store.blobs import BlobStore
from localdb.store.opening import Connection

MEDIA = "application/x-wardlamp-pixels"  # the media type of a pixel file (`localdb.pixels.container`)
HEAVY = 256 * 1024 * 1024  # bytes of pixels that one transaction holds at most before it is made durable
IMAGE_STEP = """
    create table let_go(id text primary key, code text, at text) without rowid;
    alter table blob add column came integer;
    alter table blob add column gone integer;
    create index blob_gone on blob(gone) where gone is not null;
    create index record_instance on record(patient) where kind='instance'
    """


class Freed(msgspec.Struct, frozen=True):
    """What a pass let go: instances, their bytes, and the patients whose charts change."""

    instances: int = 0
    size: int = 0
    patients: frozenset[str] = frozenset()


def keep_rules(connection: Connection, rules: Imaging, now: datetime) -> None:
    """The site's rules, for whoever owns the intake. Where they changed, what was let go under others may be asked for
    again (`to_ask_again`)."""
    if connection.execute("select 1 from meta where k='imaging'").fetchone() and held_rules(connection) == rules:
        return
    sql = "insert into meta values(?,?) on conflict(k) do update set v=excluded.v"
    connection.execute(sql, ("imaging", msgspec.json.encode(rules).decode()))
    connection.execute(sql, ("imaging_since", now.astimezone(UTC).isoformat(timespec="microseconds")))


def held_rules(connection: Connection) -> Imaging:
    """The rules as last noted; what a newer program wrote is passed over."""
    row = connection.execute("select v from meta where k='imaging'").fetchone()
    if row is None:
        return Imaging()
    held = msgspec.json.decode(row[0], type=dict[str, object])
    return msgspec.convert({k: v for k, v in held.items() if k in Imaging.__struct_fields__}, Imaging)


def to_ask_again(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of these record ids that were let go before the present rules: an archive may be asked for them again, once."""
    row = connection.execute("select v from meta where k='imaging_since'").fetchone()
    if row is None or connection.execute("select 1 from let_go limit 1").fetchone() is None:
        return set()
    found: set[str] = set()
    for start in range(0, len(ids), 500):
        part = list(ids[start : start + 500])
        marks = ",".join("?" * len(part))
        sql = f"select id from let_go where at<? and id in ({marks})"
        found |= {one for (one,) in connection.execute(sql, (row[0], *part))}
    return found


def used(connection: Connection) -> int:
    """Bytes of pixel files that are held, without those on their way out."""
    sql = "select coalesce(sum(size),0) from blob where media_type=? and gone is null"
    return int(connection.execute(sql, (MEDIA,)).fetchone()[0])


def instances_of(connection: Connection, patients: Sequence[str]) -> Iterator[tuple[str, str, bytes]]:
    """(patient, id, record as JSON) of every instance of these patients."""
    for start in range(0, len(patients), 500):
        part = list(patients[start : start + 500])
        marks = ",".join("?" * len(part))
        yield from connection.execute(
            f"select patient, id, body from record indexed by record_instance where kind='instance'"
            f" and patient in ({marks}) order by patient, id",
            part,
        )


def with_instances(connection: Connection, patients: Sequence[str]) -> set[str]:
    """Those of these patients of whom any instance is known."""
    found: set[str] = set()
    for start in range(0, len(patients), 500):
        part = list(patients[start : start + 500])
        marks = ",".join("?" * len(part))
        sql = "select distinct patient from record indexed by record_instance where kind='instance' and patient in"
        found |= {row[0] for row in connection.execute(f"{sql} ({marks})", part)}
    return found


def let_go_of(connection: Connection, patients: Sequence[str]) -> dict[str, str]:
    """Record id -> code of what was let go of these patients."""
    if connection.execute("select 1 from let_go limit 1").fetchone() is None:
        return {}
    found: dict[str, str] = {}
    for start in range(0, len(patients), 500):
        part = list(patients[start : start + 500])
        marks = ",".join("?" * len(part))
        found.update(
            connection.execute(
                "select l.id, l.code from record r indexed by record_instance join let_go l on l.id=r.id"
                f" where r.kind='instance' and r.patient in ({marks})",
                part,
            ).fetchall()
        )
    return found


class ImageRoom:
    """The pixels of one intake. For its owner alone, inside its transactions."""

    def __init__(self, connection: Connection, blobs: BlobStore | None, clock: Callable[[], datetime]) -> None:
        self._c, self._blobs, self._clock = connection, blobs, clock
        self.fresh = 0  # bytes of pixels since the last commit
        self._since_pass = 0  # and since room was last looked at
        self.cut_sequence = 0  # the step that the newest list of layers has

    # -- coming ---------------------------------------------------------------------------------------------------

    def note(self, blob: Blob) -> None:
        """A pixel file was put into `blobs/`."""
        if blob.media_type == MEDIA:
            self.fresh += len(blob.data)
            self._since_pass += len(blob.data)

    def lacks(self, unit: Unit) -> bool:
        """Whether pixels of a unit that is held already were let go: it brings them, and they are to be held again."""
        pixels = [b for b in unit.blobs if b.media_type == MEDIA] if self._blobs is not None else []
        for blob in pixels:
            row = self._c.execute("select gone from blob where sha256=?", (blob.sha256.lower(),)).fetchone()
            if row is None or row[0] is not None:
                return True
        # The same file may be here for another instance.
        ids = [f.id for f in unit.facts if f.kind == "instance"] if pixels else []
        return any(self._c.execute("select 1 from let_go where id=?", (one,)).fetchone() for one in ids)

    def hold_again(self, unit: Unit) -> set[str]:
        """What was let go has come again: it is held until the rules say otherwise. Returns whose charts change."""
        if not unit.blobs or self._c.execute("select 1 from let_go limit 1").fetchone() is None:
            return set()
        told = [f for f in unit.facts if f.kind == "instance"]
        return {
            f.patient for f in told if self._c.execute("delete from let_go where id=?", (f.id,)).rowcount
        }  # fmt: skip

    # -- going ----------------------------------------------------------------------------------------------------

    @property
    def is_tight(self) -> bool:
        """Whether room is to be looked at: some came since, and the budget is used up."""
        return self._since_pass > 0 and used(self._c) > held_rules(self._c).budget

    def make_room(self, sequence: int) -> Freed:
        """Writes down what the rules and the budget let go, as of the present step of the sequence."""
        rules, now = held_rules(self._c), self._clock()
        self._since_pass = 0
        if rules.keep != "rules" and used(self._c) <= rules.budget:
            return Freed()
        pixels: dict[str, tuple[str, tuple[str, ...], int]] = {}  # record id -> (patient, blobs, bytes)
        let_go: dict[str, str] = {}
        staying: list[Held] = []
        for bed, found in self._people():
            done = judged([i for _, i in found], bed, rules, now)
            let_go.update(done.let_go)
            staying += done.staying
            for patient, one in found:
                if one.pixels:
                    pixels[one.id] = (patient, tuple(p.blob for p in one.pixels), sum(p.size for p in one.pixels))
        let_go |= dict.fromkeys(over_budget(staying, rules.budget), LET_GO)
        at = now.astimezone(UTC).isoformat(timespec="microseconds")
        self._c.executemany(
            "insert or replace into let_go values(?,?,?)", [(one, code, at) for one, code in sorted(let_go.items())]
        )
        needed = {blob for one, (_, blobs, _) in pixels.items() if one not in let_go for blob in blobs}
        held = self._c.execute("select sha256 from blob where media_type=? and gone is null", (MEDIA,)).fetchall()
        # Also those of an instance that came again with other pixels, or without.
        gone = [(sequence, blob) for (blob,) in held if blob not in needed]
        self._c.executemany("update blob set gone=? where sha256=?", gone)
        patients = frozenset(pixels[one][0] for one in let_go)
        return Freed(len(let_go), sum(pixels[one][2] for one in let_go), patients)

    def _people(self) -> Iterator[tuple[Bed, list[tuple[str, Instance]]]]:
        """Each person with images: whether they lie in a ward, and (patient, instance) as the next cut has them."""
        gone = dict(self._c.execute("select id, code from let_go").fetchall())
        ids: dict[str, list[str]] = {}
        for person, one in self._c.execute(
            "select p.person, p.id from (select distinct patient from record indexed by record_instance"
            " where kind='instance') r join patient p on p.id=r.patient"
        ):
            ids.setdefault(person, []).append(one)
        for person, patients in ids.items():
            found = []
            for patient, one, body in instances_of(self._c, patients):
                instance = RECORD_DECODER.decode(body)
                assert isinstance(instance, Instance)
                found.append((patient, without_pixels(instance, gone[one]) if one in gone else instance))
            yield self._bed(person), found

    def _bed(self, person: str) -> Bed:
        stays = [
            RECORD_DECODER.decode(body)
            for (body,) in self._c.execute(
                "select r.body from patient p join record r on r.patient=p.id where p.person=? and r.kind='stay'",
                (person,),
            )
        ]
        present = [s for s in stays if isinstance(s, Stay) and s.status in PRESENT and s.ended is None]
        begun = [s.happened.utc for s in present if s.happened is not None and s.happened.utc is not None]
        return Bed(bool(present), min(begun, default=None))

    def sweep(self, cut_sequence: int, present: int) -> int:
        """Removes the files of what was let go at or before the step of a cut (no newer list names them), and of what no
        list ever named. `present`: the step that is not committed yet; what it lets go stays. Returns how many."""
        self.cut_sequence = max(self.cut_sequence, cut_sequence)
        if self._blobs is None:
            return 0
        leaving = [
            row[0]
            for row in self._c.execute(
                "select sha256 from blob where gone is not null and gone<? and (gone<=? or coalesce(came,0)>?)",
                (present, self.cut_sequence, self.cut_sequence),
            )
        ]
        for digest in leaving:
            # The file first: a crash before the commit leaves rows that are marked gone, and this is done again.
            self._blobs.remove(digest)
        self._c.executemany("delete from blob where sha256=?", [(d,) for d in leaving])
        return len(leaving)
