"""One layer: an immutable encrypted file of whole persons (DESIGN D1). Building and reading it.

Row numbers are private to a layer and run in name order, so that a search needs no sort. `alias` holds every id of a
person, so that any of them finds the row, and shadows what lies below. A tombstone is a row with `gone` = 1.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
import zstandard

from localdb.chart.views import PatientView
from localdb.records.vocabulary import RECORD_DECODER, RECORD_ENCODER, Record
from localdb.store.errors import StoreNewer, translated
from localdb.store.opening import Connection, build_layer, open_layer, verify_pages

SCHEMA = 1
SEQUENCE_BITS = 20
# Persons up to whom an open layer keeps its ids in memory (a megabyte at most).
REMEMBERED = 5000
DICTIONARY_BYTES = 64 * 1024
VIEW_DECODER = msgspec.json.Decoder(PatientView)
_SCHEMA_SQL = (
    "create table meta(k text primary key, v blob) without rowid",
    "create table patient(pid integer primary key, id text, sort text, ward text, bed text, pending integer,"
    " gone integer, body blob)",
    "create table alias(id text primary key, pid integer) without rowid",
    "create table record(id integer primary key, kind text, body blob)",
)
_INDEX_SQL = (
    "create index patient_ward on patient(ward) where ward<>''",
    "create index patient_pending on patient(pending) where pending>0",
    # Layers that were written before this index are read through instead: the same answer, later.
    "create index record_appointment on record(kind) where kind='appointment'",
    "create index record_image on record(kind) where kind='image'",
    # Instances are the last rows of a person (`chart.assembly`), thousands of them: opening a chart ends before them.
    "create index record_instance on record(id) where kind='instance'",
)
_FTS_SQL = (
    "create virtual table words using fts5(t, content='', contentless_delete=1, detail=none, prefix='1 2 3 4 5',"
    " tokenize='unicode61 remove_diacritics 2')"
)


class Row(msgspec.Struct, frozen=True):
    """One person on the way into a layer. `body` and `records` are compressed with the layer's dictionary."""

    sort: str
    id: str
    ids: tuple[str, ...]
    ward: str
    bed: str
    pending: int
    gone: bool
    body: bytes
    words: str
    records: Sequence[tuple[str, bytes]]


class Codec:
    """Compression with a trained dictionary (STACK-database §6). One per thread."""

    def __init__(self, dictionary: bytes) -> None:
        self.dictionary = dictionary
        trained = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        self._pack = zstandard.ZstdCompressor(level=3, dict_data=trained, write_checksum=False)
        self._open = zstandard.ZstdDecompressor(dict_data=trained)

    def pack(self, data: bytes) -> bytes:
        return self._pack.compress(data)

    def unpack(self, data: bytes) -> bytes:
        return self._open.decompress(data)

    def pack_record(self, record: Record) -> bytes:
        return self._pack.compress(RECORD_ENCODER.encode(record))

    def record(self, data: bytes) -> Record:
        return RECORD_DECODER.decode(self._open.decompress(data))

    def view(self, data: bytes) -> PatientView:
        return VIEW_DECODER.decode(self._open.decompress(data))


def train(samples: Sequence[bytes]) -> bytes:
    """A dictionary of the samples; b"" where there are too few to gain anything."""
    size = min(DICTIONARY_BYTES, sum(map(len, samples)) // 8)
    if len(samples) < 200 or size < 4096:
        return b""
    try:
        return zstandard.train_dictionary(size, list(samples)).as_bytes()
    except zstandard.ZstdError:
        return b""


class LayerFile(msgspec.Struct, frozen=True):
    """A finished layer: file name, SHA-256, bytes, persons, records."""

    name: str
    sha256: str
    size: int
    persons: int
    records: int


def write_layer(folder: Path, name: str, key: bytes | bytearray, rows: Iterable[Row], dictionary: bytes) -> LayerFile:
    """Builds `name` in `folder` from rows in name order: .part, fsync, check, rename, fsync the folder.

    Raises disk.full, disk.read_only; the .part file is removed then.
    """
    part = folder / (name + ".part")
    try:
        with translated():
            connection = build_layer(part, key)
            try:
                counts = _fill(connection, rows, dictionary)
            finally:
                connection.close()
            with open(part, "rb+") as file:
                os.fsync(file.fileno())
            check = open_layer(part, key)
            try:
                verify_pages(check)
            finally:
                check.close()
            part.chmod(0o600)
            digest = sha256_of(part)
            size = part.stat().st_size
            part.rename(folder / name)
            sync_folder(folder)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return LayerFile(name, digest, size, *counts)


def _fill(connection: Connection, rows: Iterable[Row], dictionary: bytes) -> tuple[int, int]:
    for statement in _SCHEMA_SQL:
        connection.execute(statement)
    connection.execute("begin")
    connection.executemany("insert into meta values(?,?)", [("schema", SCHEMA), ("dictionary", dictionary)])
    connection.execute(_FTS_SQL)
    others: list[tuple[str, int]] = []
    pid, records = 0, 0
    for batch in _batches(rows, 5000):
        patients, bodies, texts = [], [], []
        for row in batch:
            pid += 1
            patients.append((pid, row.id, row.sort, row.ward, row.bed, row.pending, int(row.gone), row.body))
            if row.ids != (row.id,):
                others += [(i, pid) for i in row.ids if i != row.id]
            bodies += [((pid << SEQUENCE_BITS) | n, kind, body) for n, (kind, body) in enumerate(row.records)]
            if not row.gone:
                texts.append((pid, row.words))
        connection.executemany("insert into patient values(?,?,?,?,?,?,?,?)", patients)
        connection.executemany("insert into record values(?,?,?)", bodies)
        connection.executemany("insert into words(rowid,t) values(?,?)", texts)
        records += len(bodies)
    # In the order of the ids, so that each page is filled once and to the end.
    connection.execute("insert into alias select id, pid from patient order by id")
    connection.executemany("insert or replace into alias values(?,?)", sorted(others))
    for statement in _INDEX_SQL:
        connection.execute(statement)
    connection.execute("insert into words(words) values('optimize')")
    connection.execute("commit")
    return pid, records


def _batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Rows gathered until they and their records number `size`: a whole person may weigh as much as a thousand."""
    batch: list[Row] = []
    weight = 0
    for row in rows:
        batch.append(row)
        weight += 1 + len(row.records)
        if weight >= size:
            yield batch
            batch, weight = [], 0
    yield batch


def sha256_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Makes a rename durable. Windows has no such call: its rename is journalled by the file system."""
    if os.name == "nt":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class Layer:
    """An open layer. One per thread. Raises vault.damaged where a page does not verify, vault.newer for its schema."""

    def __init__(self, path: Path, key: bytes | bytearray) -> None:
        self.connection = open_layer(path, key)
        with translated():
            meta = dict(self.connection.execute("select k, v from meta").fetchall())
            sql = "select 1 from sqlite_master where name='record_instance'"
            self._has_instances = self.connection.execute(sql).fetchone() is not None
        if int(meta["schema"]) > SCHEMA:
            self.connection.close()
            raise StoreNewer("A layer was written by a newer Wardlamp.")
        self.codec = Codec(bytes(meta["dictionary"] or b""))
        self._small: dict[str, tuple[int, bool]] | None = None
        self._is_small: bool | None = None

    def close(self) -> None:
        self.connection.close()

    def _remembered(self) -> dict[str, tuple[int, bool]] | None:
        """id -> (row, gone) of a small layer: each search asks it of every hit below. None where it is large."""
        if self._is_small is None:
            most = self.connection.execute("select coalesce(max(pid),0) from patient").fetchone()[0]
            self._is_small = most <= REMEMBERED
            if self._is_small:
                self._small = {one: (pid, bool(gone)) for one, pid, gone in self.connection.execute(
                    "select a.id, a.pid, p.gone from alias a join patient p on p.pid=a.pid")}  # fmt: skip
        return self._small

    def locate(self, patient: str) -> tuple[int, bool] | None:
        """(row, gone) of any id of a person; None where this layer says nothing of them."""
        small = self._remembered()
        if small is not None:
            return small.get(patient)
        row = self.connection.execute(
            "select p.pid, p.gone from alias a join patient p on p.pid=a.pid where a.id=?", (patient,)
        ).fetchone()
        return (row[0], bool(row[1])) if row else None

    def states(self, patients: Sequence[str]) -> dict[str, bool]:
        """id -> gone, of those of these ids (at most some hundreds) of which this layer says anything."""
        small = self._remembered()
        if small is not None:
            return {one: small[one][1] for one in patients if one in small}
        marks = ",".join("?" * len(patients))
        sql = f"select a.id, p.gone from alias a join patient p on p.pid=a.pid where a.id in ({marks})"
        return {one: bool(gone) for one, gone in self.connection.execute(sql, patients)}

    def view(self, pid: int) -> PatientView:
        return self.codec.view(self.connection.execute("select body from patient where pid=?", (pid,)).fetchone()[0])

    def records(self, pid: int) -> list[Record]:
        low = pid << SEQUENCE_BITS
        high = low + (1 << SEQUENCE_BITS) - 1
        if self._has_instances:
            sql = "select min(id) from record indexed by record_instance where kind='instance' and id between ? and ?"
            first = self.connection.execute(sql, (low, high)).fetchone()[0]
            high = first - 1 if first is not None else high
        rows = self.connection.execute(
            "select body from record where id between ? and ? and kind<>'instance'", (low, high)
        ).fetchall()
        return [self.codec.record(r[0]) for r in rows]

    def instances(self, pid: int) -> list[Record]:
        """The imaging instances of a person, which no list of the chart holds: thousands, asked for by a viewer alone."""
        low = pid << SEQUENCE_BITS
        index = "indexed by record_instance" if self._has_instances else ""
        rows = self.connection.execute(
            f"select body from record {index} where id between ? and ? and kind='instance'",
            (low, low + (1 << SEQUENCE_BITS) - 1),
        ).fetchall()
        return [self.codec.record(r[0]) for r in rows]

    def appointments(self) -> Iterator[tuple[int, Record]]:
        """(row of the person, appointment) of everybody who has any."""
        rows = self.connection.execute("select id, body from record where kind='appointment' order by id").fetchall()
        for one, body in rows:
            yield one >> SEQUENCE_BITS, self.codec.record(body)

    def studies(self) -> Iterator[tuple[int, Record]]:
        """(row of the person, imaging study) of everybody who has any."""
        for one, body in self.connection.execute(
            "select id, body from record where kind='image' order by id"
        ).fetchall():
            yield one >> SEQUENCE_BITS, self.codec.record(body)

    def ids(self) -> Iterator[str]:
        """Every id of which this layer says something."""
        return (row[0] for row in self.connection.execute("select id from alias"))

    def rows(self) -> Iterator[Row]:
        """All persons as they lie, for a merge: nothing is unpacked but the words of a search."""
        from localdb.store.tokens import patient_words

        others: dict[int, list[str]] = {}
        for one, pid in self.connection.execute(
            "select a.id, a.pid from alias a join patient p on p.pid=a.pid where a.id<>p.id"
        ):
            others.setdefault(pid, []).append(one)
        records = self.connection.execute("select id, kind, body from record order by id")
        held = records.fetchone()
        for pid, one, sort, ward, bed, pending, gone, body in self.connection.execute(
            "select pid, id, sort, ward, bed, pending, gone, body from patient order by pid"
        ):
            own: list[tuple[str, bytes]] = []
            while held is not None and held[0] >> SEQUENCE_BITS == pid:
                own.append((held[1], held[2]))
                held = records.fetchone()
            words = "" if gone else patient_words(self.codec.view(body))
            ids = tuple(sorted((one, *others.get(pid, ()))))
            yield Row(sort, one, ids, ward, bed, pending, bool(gone), body, words, own)
