"""The naive way, to measure against: plain sqlite3, raw JSON rows, FTS5 `prefix='2 3'` (STACK-database §1). Synthetic data
only, in the test's own folder."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from localdb.chart.assembly import Assembled
from localdb.chart.views import PatientView
from localdb.records.vocabulary import RECORD_DECODER, RECORD_ENCODER, Record
from localdb.store.layer_files import VIEW_DECODER
from localdb.store.tokens import patient_words

_TABLES = (
    "create table patient(pid integer primary key, id text unique, ward text, bed text, json text)",
    "create table record(id integer primary key, patient text, kind text, json text)",
)


class Naive:
    """The same people and records in one plain file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.seconds = 0.0  # processor time of the build alone

    def build(self, people: Iterable[tuple[str, Assembled]]) -> None:
        """Rows, then the index, then FTS; the time in which the people are made does not count."""
        c = self.connection
        for statement in _TABLES:
            c.execute(statement)
        c.execute("begin")
        documents: list[tuple[int, str]] = []
        batch: list[Assembled] = []
        pid = 0

        def insert() -> int:
            begun = time.process_time()
            patients, records = [], []
            for n, made in enumerate(batch, pid + 1):
                view = made.view
                patients.append((n, view.id, view.ward, view.bed, msgspec.json.encode(view).decode()))
                documents.append((n, patient_words(view)))
                records += [(view.id, str(type(r).__struct_config__.tag), RECORD_ENCODER.encode(r).decode())
                            for r in made.rows]  # fmt: skip
            c.executemany("insert into patient values(?,?,?,?,?)", patients)
            c.executemany("insert into record(patient,kind,json) values(?,?,?)", records)
            self.seconds += time.process_time() - begun
            return len(batch)

        for _, made in people:
            batch.append(made)
            if len(batch) >= 2000:
                pid += insert()
                batch.clear()
        pid += insert()
        begun = time.process_time()
        c.execute("create index record_patient on record(patient)")
        c.execute("create index patient_ward on patient(ward)")
        c.execute("create virtual table words using fts5(t, prefix='2 3')")
        c.executemany("insert into words(rowid,t) values(?,?)", documents)
        c.execute("insert into words(words) values('optimize')")
        c.execute("commit")
        self.seconds += time.process_time() - begun

    def find(self, expression: str, limit: int) -> list[PatientView]:
        rows = self.connection.execute(
            "select p.json from words join patient p on p.pid=words.rowid where words match ? order by words.rowid"
            " limit ?",
            (expression, limit),
        ).fetchall()
        return [VIEW_DECODER.decode(r[0]) for r in rows]

    def chart(self, patient: str) -> tuple[PatientView, list[Record]]:
        view = self.connection.execute("select json from patient where id=?", (patient,)).fetchone()[0]
        rows = self.connection.execute("select json from record where patient=?", (patient,)).fetchall()
        return VIEW_DECODER.decode(view), [RECORD_DECODER.decode(r[0]) for r in rows]
