"""Opens SQLCipher files; the only module that imports the driver (with `errors`).

Rules (STACK-database §2-§4, §9, §10): the raw key is the first thing a connection gets, as a mutable buffer that is wiped;
page size right after it, on every open; temporary data stays in memory; a connection that is not encrypted is never
handed out. sqlite-utils is used through a shim, since it names the standard driver's exceptions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlite_utils.db as _su_db
import sqlite_utils.utils as _su_utils
from sqlcipher3 import dbapi2
from sqlite_utils import Database

from localdb.errors import HouseFault
from localdb.store.errors import StoreDamaged, StoreMissing, translated

# The shim: sqlite-utils catches `sqlite3.OperationalError`, SQLCipher raises its own class.
for _module in (_su_db, _su_utils):
    setattr(_module, "sqlite3", dbapi2)  # noqa: B010  (the names are not part of its public types)
    setattr(_module, "OperationalError", dbapi2.OperationalError)  # noqa: B010

Connection = Any  # sqlcipher3 has no type stubs
DriverError = dbapi2.Error
Interrupted = dbapi2.OperationalError
LAYER_PAGE, JOURNAL_PAGE = 16384, 4096
READ_CACHE_KIB = 16 * 1024  # DESIGN §6: 16 MiB of cache a connection


def wrap(connection: Connection) -> Database:
    """The same connection seen through sqlite-utils (schema, migrations, small tables)."""
    return Database(connection)


def _keyed(uri: str, key: bytes | bytearray, page: int, pragmas: tuple[str, ...]) -> Connection:
    """A verified connection. `key` is 32 raw bytes; the copy that the driver gets is wiped."""
    if len(key) != 32:
        raise HouseFault("a store key has 32 bytes")
    literal = bytearray(b"x'" + bytes(key).hex().encode() + b"'")
    connection = dbapi2.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=30.0)
    try:
        connection.execute("pragma cipher_log_level=NONE")  # SQLCipher would write to standard error
        connection.set_key(literal)
        literal[:] = bytes(len(literal))
        for pragma in (f"cipher_page_size={page}", "temp_store=MEMORY", "trusted_schema=OFF", *pragmas):
            connection.execute("pragma " + pragma)
        connection.execute("select count(*) from sqlite_master").fetchone()  # forces the MAC of page 1
        if connection.execute("pragma cipher_status").fetchone()[0] != "1":
            raise HouseFault("a connection without encryption was opened")
        if connection.execute("pragma temp_store").fetchone()[0] not in (0, 2):
            raise HouseFault("temporary data would reach the disk in clear")
    except BaseException:
        connection.close()
        raise
    return connection


def _uri(path: Path, query: str) -> str:
    return f"{path.resolve().as_uri()}?{query}"


def open_layer(path: Path, key: bytes | bytearray) -> Connection:
    """An immutable layer, read-only. Raises vault.damaged, vault.missing."""
    if not path.is_file():
        raise StoreMissing("A layer of the snapshot is not there.")
    with translated():
        pragmas = ("cipher_memory_security=ON", "query_only=1", f"cache_size=-{READ_CACHE_KIB}")
        return _keyed(_uri(path, "mode=ro&immutable=1"), key, LAYER_PAGE, pragmas)


def build_layer(path: Path, key: bytes | bytearray) -> Connection:
    """A new `.part` file for a layer: no journal, no sync (it is renamed only after fsync and check)."""
    if path.suffix != ".part":
        raise HouseFault("a layer is built as .part")
    path.unlink(missing_ok=True)
    pragmas = ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-131072")
    with translated():
        return _keyed(_uri(path, "mode=rwc"), key, LAYER_PAGE, pragmas)


def open_durable(
    path: Path,
    key: bytes | bytearray,
    *,
    create: bool = False,
    page: int = JOURNAL_PAGE,
    cache_kib: int = READ_CACHE_KIB,
) -> Connection:
    """A store that is written for years (journal, intake): WAL, synchronous=FULL, foreign keys, secure delete.

    Raises vault.missing (no file and `create` is False), vault.damaged, disk.full, disk.read_only.
    """
    if not create and not path.is_file():
        raise StoreMissing("A store of the vault is not there.")
    with translated():
        connection = _keyed(
            _uri(path, "mode=rwc" if create else "mode=rw"),
            key,
            page,
            ("synchronous=FULL", "foreign_keys=ON", f"cache_size=-{cache_kib}", "busy_timeout=30000"),
        )
        try:
            if create:
                path.chmod(0o600)
            connection.execute("pragma journal_mode=WAL")
        except BaseException:
            connection.close()
            raise
        return connection


def open_beside(path: Path, key: bytes | bytearray, *, page: int, cache_kib: int = READ_CACHE_KIB) -> Connection:
    """A durable store read beside its writer, through the write-ahead log; nothing is written.

    Raises vault.missing, vault.damaged.
    """
    if not path.is_file():
        raise StoreMissing("A store of the vault is not there.")
    with translated():
        return _keyed(
            _uri(path, "mode=rw"), key, page, ("query_only=1", f"cache_size=-{cache_kib}", "busy_timeout=30000")
        )


def verify_pages(connection: Connection) -> None:
    """Checks the MAC of every page and the tree (STACK-database §10.6). Raises vault.damaged."""
    with translated():
        bad = connection.execute("pragma cipher_integrity_check").fetchall()
        if bad or connection.execute("pragma quick_check").fetchone()[0] != "ok":
            raise StoreDamaged("A store does not verify page by page.")
