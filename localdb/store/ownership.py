"""The intake has one owner (DESIGN D12): a lock that the system frees when its process dies, however it dies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from localdb.store.errors import StoreBusy, translated


@contextmanager
def intake_owner(vault: Path) -> Iterator[None]:
    """Held while one process writes the intake. Raises store.busy where another does, disk.read_only."""
    with translated():
        handle = os.open(vault / "intake.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreBusy("Another fill or feed owns the intake.") from None
        yield
    finally:
        os.close(handle)
