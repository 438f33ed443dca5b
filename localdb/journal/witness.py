"""A sealed note beside the journal of how far it had come, so that a lost end is noticed and no number is given twice.

A damaged write-ahead log or an old copy of `journal.db` put back looks like a journal that is merely shorter. The
witness is written after each commit, without waiting for the disk: it may lag behind the journal, never run ahead of
it. One that is missing or unreadable (a power cut) says nothing; the next commit writes it anew.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec

from localdb.store.errors import StoreDamaged
from localdb.vault.errors import KeysWiped
from localdb.vault.keys import Keys

NAME = "journal.seen"


class Seen(msgspec.Struct, frozen=True):
    """The end of this device's chain as it was last committed."""

    device: str
    sequence: int
    hash: bytes


def write_witness(folder: Path, keys: Keys, seen: Seen) -> None:
    """Replaces the note. A full disk or a lock now does not undo the commit that it tells of: nothing is raised."""
    part = folder / f"{NAME}.{os.getpid()}.part"
    with contextlib.suppress(OSError, KeysWiped):
        part.write_bytes(keys.seal(NAME, msgspec.json.encode(seen)))
        part.chmod(0o600)
        os.replace(part, folder / NAME)


def read_witness(folder: Path, keys: Keys) -> Seen | None:
    """The note, None where there is none that verifies."""
    try:
        return msgspec.json.decode(keys.open(NAME, (folder / NAME).read_bytes()), type=Seen)
    except (OSError, StoreDamaged, msgspec.MsgspecError):
        return None
