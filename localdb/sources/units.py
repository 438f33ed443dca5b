"""What a reader hands to the intake: units with their outcome, and what is kept of a file (DESIGN D4)."""

from __future__ import annotations

import msgspec

from localdb.records.moments import Moment

READ, NOT_KEPT, SET_ASIDE = "read", "not_kept", "set_aside"
# Types of unit that a query told (`sources.dicom.listing`): under one `source_id` the last answer stands, whatever was
# answered before; a message of the same number and other content would be another message.
STUDY, BOOKING = "study", "booking"
ANSWERS = frozenset({STUDY, BOOKING})

# (kind, record id, patient id or "", subject key `Patient/id` or "", the record as JSON)
EncodedRecord = tuple[str, str, str, str, bytes]


class Fact(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One version of one record, as one message tells it (HL7 v2, table rows). The record is the fold of its facts.

    `body` is the record as JSON with only what the message said; `order` microseconds UTC of the message's time (an
    identity told by another than an ADT message is far lower, so that it never replaces what ADT told); `tie` decides
    between equal orders (sequence number, or preliminary < final < corrected < withdrawn), then arrival; `cleared` the
    names of fields that the sender deleted (`""`); `partial` = fields that were not said stay as they were (patient,
    stay, request, medicine, appointment), else the newest fact is the whole record.
    """

    kind: str
    id: str
    patient: str
    body: bytes
    order: int
    tie: int = 0
    cleared: tuple[str, ...] = ()
    partial: bool = False


class LinkEvent(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A source's word about two of its patients: joined (`type` replaced-by: `patient` goes on as `other`; seealso:
    both live), or parted again (`undo`). The latest by `order` counts, whenever it arrives."""

    patient: str
    other: str
    type: str
    order: int
    undo: bool = False
    said: str = ""


class MoveEvent(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A visit that now belongs to another patient (HL7 v2 A45, A44 …): all that names `encounter` (`Encounter/<visit
    number>`) moves to `patient`, what comes later under the former one too. `former`: the patient id that it moved from;
    "" where that was not said: then it moves from whoever had it."""

    encounter: str
    patient: str
    order: int
    former: str = ""


class Blob(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Content that goes into `blobs/`: a record names it by `sha256` (hex) in `Document.blob` or `Report.blob`."""

    sha256: str
    media_type: str
    data: bytes


class Unit(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One thing taken or set aside as a whole: a resource, or a whole `document` or `message` bundle.

    `index` counts units of the file from 0 (a line of ndjson: line number - 1); `type` the FHIR type as sent;
    `verdict` read / not_kept / set_aside, with `code` (errors.toml) and `reason` (no patient data) for the last two;
    `version`, `number`, `updated` (microseconds UTC) from `meta`; `digest` SHA-256 of the canonical meaning (key order
    and white space do not count, `1.50` is not `1.5`; empty for `not_kept`, which is never compared); `wants` the
    `system|value` of a subject named by identifier only; `raw` = (offset, length) inside `FileReading.kept` unpacked.
    A message or a table row has `facts` instead of `records`, and may have `links`, `moves` and `blobs`. `checks` =
    (what, value) that the record of the patient found must say too, else the unit is set aside: `family` (in any of
    their names, case apart), `born` (ISO 8601 day).
    """

    index: int
    type: str
    source_id: str
    verdict: str
    code: str = ""
    reason: str = ""
    version: str | None = None
    number: int | None = None
    updated: int | None = None
    digest: bytes = b""
    records: tuple[EncodedRecord, ...] = ()
    wants: tuple[str, ...] = ()
    raw: tuple[int, int] | None = None
    facts: tuple[Fact, ...] = ()
    links: tuple[LinkEvent, ...] = ()
    moves: tuple[MoveEvent, ...] = ()
    blobs: tuple[Blob, ...] = ()
    checks: tuple[tuple[str, str], ...] = ()


class FileReading(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """All units of one file.

    `file` as shown (relative to PATH; a member is `a.tar.xz!member.json`); `kept` a zstd frame of the own bytes of all
    units read or set aside, one after another (UTF-16 is kept as UTF-8); `sha256` of the file's bytes; `cut` by D11
    (None: not known), `cut_rule` message (the message's own time) or snapshot. `is_answered`: its sender waits for an
    answer (a network feed), so that a control id that comes again with other bytes is set aside; files made by many
    hands use the same control id for many messages, and each of those is taken.
    """

    file: str
    source: str
    units: tuple[Unit, ...]
    kept: bytes
    sha256: str
    cut: Moment | None = None
    cut_rule: str = "snapshot"
    is_answered: bool = False
