"""Entries: what was written for a patient, kept with the identity that was shown (DESIGN D5-D7).

A correction is a new entry of the same kind for the same person that names the one it replaces; only the newest version
can be corrected on one laptop. Two laptops may each correct the same entry before they meet: both stay, and the one
written last counts as the correction.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from localdb.chart.views import Entry, Identity
from localdb.journal.errors import refuse_entry
from localdb.journal.images import IMAGE_MOVE
from localdb.journal.kinds import SCHEMA, check
from localdb.journal.log import Log
from localdb.journal.projection import entry_content, id_of, project
from localdb.records.moments import Moment, read_moment

_ALL = """SELECT e.id, e.device, e.sequence, e.kind, e.corrects, l.staff, l.happened, l.written, l.body,
    (SELECT c.id FROM entry c WHERE c.corrects = e.id ORDER BY c.written DESC, c.device DESC, c.sequence DESC LIMIT 1),
    coalesce((SELECT d.state FROM delivery d WHERE d.entry = e.id), 'kept')
    FROM entry e JOIN log l ON l.device = e.device AND l.sequence = e.sequence
    ORDER BY e.written, e.device, e.sequence"""
_OF_PEOPLE = """SELECT e.id, e.device, e.sequence, e.kind, e.corrects, l.staff, l.happened, l.written, l.body,
    (SELECT c.id FROM entry c WHERE c.corrects = e.id ORDER BY c.written DESC, c.device DESC, c.sequence DESC LIMIT 1),
    coalesce((SELECT d.state FROM delivery d WHERE d.entry = e.id), 'kept')
    FROM entry e JOIN log l ON l.device = e.device AND l.sequence = e.sequence
    WHERE e.id IN (SELECT p.entry FROM person p WHERE p.patient IN (SELECT value FROM json_each(?)))
    ORDER BY e.written, e.device, e.sequence"""
_ONE = """SELECT e.id, e.device, e.sequence, e.kind, e.corrects, l.staff, l.happened, l.written, l.body,
    (SELECT c.id FROM entry c WHERE c.corrects = e.id ORDER BY c.written DESC, c.device DESC, c.sequence DESC LIMIT 1),
    coalesce((SELECT d.state FROM delivery d WHERE d.entry = e.id), 'kept')
    FROM entry e JOIN log l ON l.device = e.device AND l.sequence = e.sequence
    WHERE e.id = ?1 OR e.device || '-' || e.sequence = ?1"""
_OF_KINDS = """SELECT e.id, e.device, e.sequence, e.kind, e.corrects, l.staff, l.happened, l.written, l.body,
    (SELECT c.id FROM entry c WHERE c.corrects = e.id ORDER BY c.written DESC, c.device DESC, c.sequence DESC LIMIT 1),
    coalesce((SELECT d.state FROM delivery d WHERE d.entry = e.id), 'kept')
    FROM log l JOIN entry e ON l.device = e.device AND l.sequence = e.sequence
    WHERE l.kind IN (SELECT value FROM json_each(?)) ORDER BY e.written, e.device, e.sequence"""
_NUMBER_OF_KINDS = "SELECT count(*) FROM log WHERE kind IN (SELECT value FROM json_each(?))"
_COUNTS = """SELECT p.patient, count(*) FROM person p WHERE p.patient IN (SELECT value FROM json_each(?))
    GROUP BY p.patient"""


class Receipt(msgspec.Struct, frozen=True):
    """Proof that an entry is on disk: its id, its number (device code - sequence) and when it was written."""

    entry: str
    number: str
    written: Moment


def number_of(device: str, sequence: int) -> str:
    """What people read out: `K95-17`."""
    return f"{device}-{sequence}"


def _entry(values: tuple[Any, ...]) -> Entry:
    entry, device, sequence, kind, corrects, staff, happened, written, body, corrected_by, delivery = values
    content, moment = entry_content(body), read_moment(written)
    return Entry(
        id=entry,
        number=number_of(device, sequence),
        kind=kind,
        device=device,
        sequence=sequence,
        staff=staff,
        happened=read_moment(happened) if happened else moment,
        written=moment,
        identity=content.identity,
        body=content.body,
        corrects=corrects,
        corrected_by=corrected_by,
        delivery=delivery,
    )


def entries(log: Log, ids: Collection[str] | None = None) -> tuple[Entry, ...]:
    """All entries, or those of any of these patient ids, in the order in which they were written."""
    with log.reading() as connection:
        if ids is None:
            return tuple(_entry(values) for values in connection.execute(_ALL))
        people = msgspec.json.encode(sorted(ids)).decode()
        return tuple(_entry(values) for values in connection.execute(_OF_PEOPLE, (people,)))


def of_kinds(log: Log, kinds: Collection[str]) -> tuple[Entry, ...]:
    """All entries of these kinds, in the order in which they were written."""
    with log.reading() as connection:
        wanted = msgspec.json.encode(sorted(kinds)).decode()
        return tuple(_entry(values) for values in connection.execute(_OF_KINDS, (wanted,)))


def number_of_kinds(log: Log, kinds: Collection[str], *, at_once: bool = False) -> int | None:
    """How many entries of these kinds there are: nothing is ever taken away, so an equal number is an equal answer.
    `at_once`: None where the journal is being written in this moment, so that a keystroke does not wait for the disk."""
    with log.reading_at_once() if at_once else log.reading() as connection:
        if connection is None:
            return None
        wanted = msgspec.json.encode(sorted(kinds)).decode()
        return int(connection.execute(_NUMBER_OF_KINDS, (wanted,)).fetchone()[0])


def entry(log: Log, id_or_number: str) -> Entry:
    """One entry by its id or number. Raises entry.unknown."""
    with log.reading() as connection:
        values = connection.execute(_ONE, (id_or_number.strip().upper(),)).fetchone()
    if values is None:
        raise refuse_entry("entry.unknown", "There is no such entry in this journal.")
    return _entry(values)


def entry_counts(log: Log, ids: Collection[str]) -> dict[str, int]:
    """Patient id -> number of entries (for a census); ids without any are left out."""
    with log.reading() as connection:
        return dict(connection.execute(_COUNTS, (msgspec.json.encode(sorted(ids)).decode(),)))


def append_entry(log: Log, kind: str, identity: Identity, body: dict[str, Any], corrects: str | None = None) -> Receipt:
    """Writes one entry; it is on disk when this returns. `corrects` is an entry's id or number. Images are moved by
    `moving.write_move` alone.

    Raises image.two_people, entry.* (see `kinds.check`; entry.unknown, entry.other_patient, entry.other_kind,
    entry.already_corrected), disk.full, disk.read_only, vault.damaged.
    """
    if kind == IMAGE_MOVE:
        raise refuse_entry("image.two_people", "Images are moved by two people, each with their own secret.")
    kept, happened = check(kind, body, log.clock())
    with log.writing() as connection:
        target = None if corrects is None else to_correct(log, kind, identity, corrects).id
        return write_entry(log, connection, kind, identity, kept, happened, target)


def write_entry(
    log: Log, connection: Any, kind: str, identity: Identity, kept: dict[str, Any], happened: Moment | None,
    corrects: str | None,
) -> Receipt:  # fmt: skip
    """Writes an entry whose body was checked; inside `writing()`, durable when that transaction is."""
    content = {"identity": msgspec.to_builtins(identity), "body": kept, "corrects": corrects}
    row = log.append(kind, content, happened=happened, schema=SCHEMA)
    project(connection, row, log.keys.device_public_key)
    entry_id = id_of(log.keys.device_public_key, row.sequence)
    return Receipt(entry_id, number_of(row.device, row.sequence), read_moment(row.written))


def to_correct(log: Log, kind: str, identity: Identity, corrects: str) -> Entry:
    """The entry that may be corrected; inside the transaction, so that only one correction wins."""
    former = entry(log, corrects)
    held = former.identity
    if held is None or not {held.patient, *held.ids} & {identity.patient, *identity.ids}:
        raise refuse_entry("entry.other_patient", f"Entry {former.number} was written for another patient.")
    if former.kind != kind:
        raise refuse_entry("entry.other_kind", f"Entry {former.number} is of another kind.")
    if former.corrected_by is not None:
        newest = former
        while newest.corrected_by is not None:
            newest = entry(log, newest.corrected_by)
        raise refuse_entry(
            "entry.already_corrected", f"Entry {former.number} was corrected already: the newest is {newest.number}."
        )
    return former
