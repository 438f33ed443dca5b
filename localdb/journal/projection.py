"""What is drawn from the log for quick reading: entries by patient, sheets, declarations.

Pure consequences of rows: `project` draws one, `redraw` all again (after rows of other laptops came in any order).
"""

from __future__ import annotations

from typing import Any

import msgspec

from localdb.chart.views import Identity
from localdb.journal.kinds import MODELS
from localdb.journal.log import Log, Row
from localdb.records.ids import EntryId, entry_id
from localdb.records.moments import read_moment


class EntryContent(msgspec.Struct, frozen=True):
    """The body of an entry's row: what was typed, for whom (as shown), and which entry it corrects."""

    identity: Identity
    body: dict[str, Any]
    corrects: str | None = None


_CONTENT: msgspec.json.Decoder[EntryContent] = msgspec.json.Decoder(EntryContent)


def entry_content(row_body: bytes) -> EntryContent:
    return _CONTENT.decode(row_body)


def id_of(public: bytes, sequence: int) -> EntryId:
    """The entry's id: the same on every laptop, because it is made of the device's public key and the sequence."""
    return entry_id(public.hex(), sequence)


def written_at(row: Row) -> int:
    """Microseconds since 1970; rows are ordered by (written, device, sequence)."""
    return read_moment(row.written).utc or 0


def project(connection: Any, row: Row, public: bytes) -> None:
    """Draws one row, inside the transaction that inserts it."""
    if row.kind in MODELS:
        _project_entry(connection, row, public)
    elif row.kind == "sheet":
        _project_sheet(connection, row)
    elif row.kind == "declaration":
        _project_declaration(connection, row)


def _project_entry(connection: Any, row: Row, public: bytes) -> None:
    content, entry = entry_content(row.body), id_of(public, row.sequence)
    connection.execute(
        "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)",
        (entry, row.device, row.sequence, row.kind, content.corrects, written_at(row)),
    )
    people = {content.identity.patient, *content.identity.ids}
    connection.executemany("INSERT INTO person VALUES (?, ?)", [(person, entry) for person in sorted(people)])


def _project_sheet(connection: Any, row: Row) -> None:
    body = row.content
    if body["event"] == "issued":
        connection.execute(
            """INSERT INTO sheet(serial, device, number, form, pages, copies, blank, patient, state, issued, ward,
                generation, cut) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'issued', ?, ?, ?, ?)""",
            (
                *(body["serial"], row.device, body["number"], body["form"], body["pages"], body["copies"]),
                *(int(body["blank"]), body.get("patient"), written_at(row)),
                *(body.get("ward", ""), body.get("generation", 0), body.get("cut", "")),
            ),
        )
        return
    event, serial = body["event"], body["serial"]
    connection.execute("UPDATE sheet SET state = ? WHERE serial = ?", (event, serial))
    if event == "reprinted":
        connection.execute("UPDATE sheet SET reprints = max(reprints, ?) WHERE serial = ?", (body["reprint"], serial))
    elif event == "handed_over":
        connection.execute("UPDATE sheet SET holder = ? WHERE serial = ?", (body["to"], serial))
    elif event not in ("printed", "made"):  # it is back, or gone: nobody holds it
        connection.execute("UPDATE sheet SET holder = '' WHERE serial = ?", (serial,))


def _project_declaration(connection: Any, row: Row) -> None:
    body = row.content
    connection.execute(
        "INSERT OR REPLACE INTO declared VALUES (?, ?, ?, ?, ?)",
        (body["source"], body["state"], body["since"], row.staff, row.written),
    )


def redraw(log: Log) -> None:
    """Draws everything again from the log, inside `writing()`: what is issued first, then what happened to it."""
    connection = log.connection
    # Delivery records stay: they are local facts about entries that remain.
    connection.execute("pragma defer_foreign_keys=ON")
    for statement in ("DELETE FROM person", "DELETE FROM entry", "DELETE FROM sheet", "DELETE FROM declared"):
        connection.execute(statement)
    later: list[tuple[int, str, int, Row, bytes]] = []
    for device in log.devices():
        for row in log.rows(device.code):
            if row.kind in MODELS or (row.kind == "sheet" and row.content["event"] == "issued"):
                project(connection, row, device.public)
            elif row.kind in ("sheet", "declaration"):
                later.append((written_at(row), row.device, row.sequence, row, device.public))
    for *_, row, public in sorted(later, key=lambda item: item[:3]):
        project(connection, row, public)
