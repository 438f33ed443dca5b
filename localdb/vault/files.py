"""The small clear files of a vault: framed, checksummed, written whole or not at all, with an identical copy.

A frame is `{"format": n, "sum": SHA-256 (hex) over "<n>|" + body, "body": {…}}`. That layout is for good: a program can
tell damage from a newer format in any later version. The sum finds damage without a key; tampering is found with the
key (`vault.keys`). Errors: vault.missing, vault.damaged, vault.newer, disk.full, disk.read_only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from localdb.durable import write_whole
from localdb.store.errors import StoreDamaged, StoreMissing, StoreNewer, translated

FORMAT = 1
Body = TypeVar("Body")


class _Frame(msgspec.Struct, forbid_unknown_fields=True):
    format: int
    sum: str
    body: msgspec.Raw


def _sum(number: int, body: bytes) -> str:
    return sha256(f"{number}|".encode() + body).hexdigest()


def copy_of(path: Path) -> Path:
    """`vault.json` -> `vault.copy.json`."""
    return path.with_name(f"{path.stem}.copy{path.suffix}")


def write_framed(path: Path, body: Any) -> None:
    """Writes the framed body to `path`, then to its copy: at each moment at least one of them is whole."""
    raw = msgspec.json.encode(body, order="sorted")
    data = msgspec.json.encode(_Frame(FORMAT, _sum(FORMAT, raw), msgspec.Raw(raw)))
    write_whole(path, data)
    write_whole(copy_of(path), data)


def _read_one(path: Path, shape: type[Body]) -> Body:
    with translated():
        data = path.read_bytes()
    try:
        frame = msgspec.json.decode(data, type=_Frame)
        if frame.sum != _sum(frame.format, bytes(frame.body)):
            raise StoreDamaged(f"{path.name} does not verify.")
        if frame.format > FORMAT:
            raise StoreNewer("The vault was written by a newer Wardlamp.")
        return msgspec.json.decode(bytes(frame.body), type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise StoreDamaged(f"{path.name} does not verify.") from None


def read_both(path: Path, shape: type[Body]) -> tuple[Body | None, Body | None]:
    """The bodies of `path` and of its copy, None for each that is missing or damaged.

    Raises vault.newer if one is newer than this program, vault.missing if neither is there, vault.damaged if none
    verifies.
    """
    found: list[Body | None] = []
    absent = 0
    for one in (path, copy_of(path)):
        try:
            found.append(_read_one(one, shape))
        except StoreMissing:
            absent += 1
            found.append(None)
        except StoreDamaged:
            found.append(None)
    if absent == 2:
        raise StoreMissing(f"There is no {path.name} in the folder.")
    if found == [None, None]:
        raise StoreDamaged(f"Neither {path.name} nor its copy verifies.")
    return found[0], found[1]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time changes the vault's slots; waits for the other. Raises disk.read_only, vault.missing."""
    with translated():
        handle = os.open(folder / "vault.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # closing frees the lock, also when the process is killed
