"""The append-only log: one chain of signed rows for each device (DESIGN D5).

Rules: a row's number is allotted and its row committed in one BEGIN IMMEDIATE, so that processes may write together and
no number is given twice or left out; each row holds the hash of the one before, the ends of the other devices' chains
as this one knew them, and an Ed25519 signature; synchronous=FULL makes a commit durable before it returns. No statement
here updates or deletes a row of `log`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from localdb.errors import HouseFault
from localdb.journal.witness import Seen, write_witness
from localdb.records.moments import Moment, from_instant
from localdb.store.errors import DiskReadOnly, StoreDamaged, translated
from localdb.vault.keys import Keys

Clock = Callable[[], datetime]
_DOMAIN = b"wardlamp journal v1\x00"
_PORTION = """SELECT device, sequence, previous, heads, staff, happened, written, kind, schema, body, hash, signature
    FROM log WHERE device = ? AND sequence > ? ORDER BY sequence LIMIT 2000"""
_KIND = """SELECT device, sequence, previous, heads, staff, happened, written, kind, schema, body, hash, signature
    FROM log WHERE kind = ? ORDER BY device, sequence"""
_KIND_OF_ONE = """SELECT device, sequence, previous, heads, staff, happened, written, kind, schema, body, hash, signature
    FROM log WHERE kind = ? AND device = ? ORDER BY sequence"""
_INSERT = "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ENCODER = msgspec.json.Encoder(order="sorted")


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One row of the log. `happened` ISO 8601 with offset or ""; `written` the same, to the second; `heads`, `body`
    canonical JSON; `previous`, `hash` SHA-256 (32 bytes); `signature` Ed25519 (64 bytes)."""

    device: str
    sequence: int
    previous: bytes
    heads: bytes
    staff: str
    happened: str
    written: str
    kind: str
    schema: int
    body: bytes
    hash: bytes = b""
    signature: bytes = b""

    @property
    def content(self) -> dict[str, Any]:
        return msgspec.json.decode(self.body, type=dict[str, Any])


class Device(msgspec.Struct, frozen=True):
    """One laptop's chain: code, Ed25519 public key, vault id, its last sequence here and that row's hash."""

    code: str
    public: bytes
    vault: str
    sequence: int
    hash: bytes


def genesis(vault: str, device: str, public: bytes) -> bytes:
    """What the first row of a device calls the one before it."""
    return sha256(_DOMAIN + msgspec.msgpack.encode([vault, device, public])).digest()


def row_hash(row: Row) -> bytes:
    """SHA-256 over every column but hash and signature; column lengths are part of it (msgpack)."""
    return sha256(_DOMAIN + msgspec.msgpack.encode(msgspec.structs.astuple(row)[:10])).digest()


def is_signed(row: Row, public: bytes) -> bool:
    """Whether the device with this public key signed the row's hash."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(row.signature, _DOMAIN + row.hash)
    except (InvalidSignature, ValueError):
        return False
    return True


def canonical(body: dict[str, Any]) -> bytes:
    """JSON with sorted keys and no spaces."""
    return _ENCODER.encode(body)


class Log:
    """The log of one open journal. One connection, guarded by a lock: threads take turns."""

    def __init__(self, connection: Any, keys: Keys, clock: Clock, folder: Path) -> None:
        self.connection, self.keys, self.clock, self.folder = connection, keys, clock, folder
        self._lock = threading.RLock()
        self._is_writing = False
        self.is_read_only = False
        self._last: Row | None = None

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """The connection, for queries. Raises vault.damaged."""
        with self._lock, translated():
            yield self.connection

    @contextmanager
    def reading_at_once(self) -> Iterator[Any]:
        """The connection, or None while another thread uses it: for a question that can wait for the next time, so that a
        keystroke never waits for the disk. Raises vault.damaged."""
        if not self._lock.acquire(blocking=False):
            yield None
            return
        try:
            with translated():
                yield self.connection
        finally:
            self._lock.release()

    @contextmanager
    def writing(self) -> Iterator[Any]:
        """One durable transaction: all of it is on disk when the block ends, or none of it.

        Raises disk.full, disk.read_only, store.busy, vault.damaged.
        """
        with self._lock, translated():
            if self.is_read_only:
                raise DiskReadOnly("The disk takes no writes.")
            if self._is_writing:
                raise HouseFault("A transaction of the journal was begun within another.")
            self.connection.execute("begin immediate")
            self._is_writing, self._last = True, None
            try:
                yield self.connection
                self.connection.execute("commit")
            except BaseException:
                if self.connection.in_transaction:  # a full disk has rolled back by itself
                    self.connection.execute("rollback")
                raise
            finally:
                self._is_writing = False
            self._witness()

    def _witness(self) -> None:
        if self._last is not None:
            seen = Seen(self._last.device, self._last.sequence, self._last.hash)
            write_witness(self.folder, self.keys, seen)

    def now(self) -> Moment:
        return from_instant(self.clock())

    def append(self, kind: str, body: dict[str, Any], *, happened: Moment | None = None, schema: int = 1) -> Row:
        """The next row of this device, inside `writing()`."""
        if not self._is_writing:
            raise HouseFault("A row of the journal was written outside a transaction.")
        device = self.keys.device
        found = self.connection.execute("SELECT device, sequence, hash FROM head").fetchall()
        heads = {code: (sequence, digest) for code, sequence, digest in found}
        if device not in heads:
            raise StoreDamaged("The journal does not know this device.")
        sequence, previous = heads.pop(device)
        others = canonical({code: [n, digest.hex()] for code, (n, digest) in heads.items() if n})
        said, written = "" if happened is None else happened.text, self.now().text
        staff, data = self.keys.staff, canonical(body)
        row = Row(device, sequence + 1, previous, others, staff, said, written, kind, schema, data)
        row = msgspec.structs.replace(row, hash=row_hash(row))
        row = msgspec.structs.replace(row, signature=self.keys.sign(_DOMAIN + row.hash))
        self.insert(row)
        self._last = row
        return row

    def insert(self, row: Row) -> None:
        """Puts a finished row (ours, or a verified one of another device) at the end of its chain."""
        self.connection.execute(_INSERT, msgspec.structs.astuple(row))
        self.connection.execute(
            "UPDATE head SET sequence = ?, hash = ? WHERE device = ?", (row.sequence, row.hash, row.device)
        )

    def add_device(self, code: str, public: bytes, vault: str) -> None:
        """Makes a device known, with an empty chain; inside `writing()`."""
        start = genesis(vault, code, public)
        self.connection.execute("INSERT INTO head VALUES (?, ?, ?, 0, ?)", (code, public, vault, start))

    def rows(self, device: str, after: int = 0) -> Iterator[Row]:
        """The rows of one device after a sequence, in order; read in portions: a long log needs little memory."""
        while True:
            with self.reading() as connection:
                portion = [Row(*values) for values in connection.execute(_PORTION, (device, after))]
            if not portion:
                return
            yield from portion
            after = portion[-1].sequence

    def devices(self) -> tuple[Device, ...]:
        """Every device whose rows may be here."""
        with self.reading() as connection:
            found = connection.execute(
                "SELECT device, public, vault, sequence, hash FROM head ORDER BY device"
            ).fetchall()
        return tuple(Device(*values) for values in found)

    def rows_of_kind(self, kind: str, device: str | None = None) -> tuple[Row, ...]:
        """All rows of a kind, chain by chain, or those of one device."""
        with self.reading() as connection:
            if device is None:
                return tuple(Row(*values) for values in connection.execute(_KIND, (kind,)))
            return tuple(Row(*values) for values in connection.execute(_KIND_OF_ONE, (kind, device)))
