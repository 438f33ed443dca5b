"""The schema of `journal.db`, forward only (DESIGN D1 Schema). Step n takes the store from n-1 to n.

`log` is the truth. `entry`, `person`, `sheet`, `declared` are drawn from it and can be drawn again (`audit` compares
them); `draft`, `delivery`, `pack` and `press` are local. `head` names each known device, its public key and the end of
its chain.
"""

from __future__ import annotations

STEPS: tuple[str, ...] = (
    """
    CREATE TABLE head(device TEXT PRIMARY KEY, public BLOB NOT NULL UNIQUE, vault TEXT NOT NULL,
        sequence INTEGER NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE log(device TEXT NOT NULL REFERENCES head(device), sequence INTEGER NOT NULL, previous BLOB NOT NULL,
        heads BLOB NOT NULL, staff TEXT NOT NULL, happened TEXT NOT NULL, written TEXT NOT NULL, kind TEXT NOT NULL,
        schema INTEGER NOT NULL, body BLOB NOT NULL, hash BLOB NOT NULL, signature BLOB NOT NULL,
        PRIMARY KEY(device, sequence)) WITHOUT ROWID;
    CREATE INDEX log_kind ON log(kind, device, sequence);
    CREATE TABLE entry(id TEXT PRIMARY KEY, device TEXT NOT NULL, sequence INTEGER NOT NULL, kind TEXT NOT NULL,
        corrects TEXT, written INTEGER NOT NULL, UNIQUE(device, sequence)) WITHOUT ROWID;
    CREATE INDEX entry_written ON entry(written, device, sequence);
    CREATE INDEX entry_corrects ON entry(corrects) WHERE corrects IS NOT NULL;
    CREATE TABLE person(patient TEXT NOT NULL, entry TEXT NOT NULL REFERENCES entry(id),
        PRIMARY KEY(patient, entry)) WITHOUT ROWID;
    CREATE TABLE sheet(serial TEXT PRIMARY KEY, device TEXT NOT NULL, number INTEGER NOT NULL, form TEXT NOT NULL,
        pages INTEGER NOT NULL, copies INTEGER NOT NULL, blank INTEGER NOT NULL, patient TEXT, state TEXT NOT NULL,
        issued INTEGER NOT NULL, UNIQUE(device, number)) WITHOUT ROWID;
    CREATE INDEX sheet_state ON sheet(state);
    CREATE TABLE declared(source TEXT PRIMARY KEY, state TEXT NOT NULL, since TEXT NOT NULL, staff TEXT NOT NULL,
        written TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE draft(name TEXT PRIMARY KEY, saved TEXT NOT NULL, staff TEXT NOT NULL, body BLOB NOT NULL)
        WITHOUT ROWID;
    CREATE TABLE delivery(entry TEXT PRIMARY KEY REFERENCES entry(id), state TEXT NOT NULL, reason TEXT NOT NULL,
        resources BLOB NOT NULL, attempts INTEGER NOT NULL, target TEXT NOT NULL, decision TEXT NOT NULL)
        WITHOUT ROWID
    """,
    # The print queue (`press`), and what the ledger says beside a sheet's state: additive, drawn from `log` as before.
    """
    ALTER TABLE sheet ADD COLUMN ward TEXT NOT NULL DEFAULT '';
    ALTER TABLE sheet ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sheet ADD COLUMN cut TEXT NOT NULL DEFAULT '';
    ALTER TABLE sheet ADD COLUMN reprints INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sheet ADD COLUMN holder TEXT NOT NULL DEFAULT '';
    CREATE INDEX sheet_patient ON sheet(patient, form) WHERE patient IS NOT NULL;
    CREATE TABLE pack(id INTEGER PRIMARY KEY AUTOINCREMENT, printer TEXT NOT NULL, sides TEXT NOT NULL,
        tray TEXT NOT NULL, staff TEXT NOT NULL, made TEXT NOT NULL, halted TEXT NOT NULL DEFAULT '');
    CREATE TABLE press(pack INTEGER NOT NULL REFERENCES pack(id), place INTEGER NOT NULL, serial TEXT NOT NULL,
        form TEXT NOT NULL, copy INTEGER NOT NULL, reprint INTEGER NOT NULL, which TEXT NOT NULL,
        pages INTEGER NOT NULL, state TEXT NOT NULL, job INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
        sent INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0, pdf BLOB, PRIMARY KEY(pack, place));
    CREATE INDEX press_state ON press(state, pack, place);
    CREATE INDEX press_serial ON press(serial)
    """,
)
