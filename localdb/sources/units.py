"""What a reader hands to the intake: units with their outcome, and what is kept of a file (DESIGN D4)."""

from __future__ import annotations

import msgspec

from localdb.records.moments import Moment

READ, NOT_KEPT, SET_ASIDE = "read", "not_kept", "set_aside"

# (kind, record id, patient id or "", subject key `Patient/id` or "", the record as JSON)
EncodedRecord = tuple[str, str, str, str, bytes]


class Unit(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One thing taken or set aside as a whole: a resource, or a whole `document` or `message` bundle.

    `index` counts units of the file from 0 (a line of ndjson: line number - 1); `type` the FHIR type as sent;
    `verdict` read / not_kept / set_aside, with `code` (errors.toml) and `reason` (no patient data) for the last two;
    `version`, `number`, `updated` (microseconds UTC) from `meta`; `digest` SHA-256 of the canonical meaning (key order
    and white space do not count, `1.50` is not `1.5`; empty for `not_kept`, which is never compared); `wants` the
    `system|value` of a subject named by identifier only; `raw` = (offset, length) inside `FileReading.kept` unpacked.
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


class FileReading(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """All units of one file.

    `file` as shown (relative to PATH; a member is `a.tar.xz!member.json`); `kept` a zstd frame of the own bytes of all
    units read or set aside, one after another (UTF-16 is kept as UTF-8); `sha256` of the file's bytes; `cut` by D11
    (None: not known), `cut_rule` message (the message's own time) or snapshot.
    """

    file: str
    source: str
    units: tuple[Unit, ...]
    kept: bytes
    sha256: str
    cut: Moment | None = None
    cut_rule: str = "snapshot"
