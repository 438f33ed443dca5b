"""One at a time: a lock that the system frees when its holder ends, also when it is killed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop.printing.errors import PressBusy
from localdb.store.errors import translated

RUNNING, MAKING = "press.lock", "press-making.lock"


@contextmanager
def held(
    file: Path, *, wait: float = 0.0, pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[None]:  # fmt: skip
    """Holds the lock of a file while the block runs. Raises press.busy where another process (or thread) still holds it
    after `wait` seconds, disk.read_only."""
    with translated():
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        end = clock() + wait
        while not _take(handle):
            if clock() >= end:
                raise PressBusy("Another process prints already.")
            pause(0.1)
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
