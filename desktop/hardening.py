"""What keeps the window's memory out of other hands (STACK-desktop §10): no core file, no reading by other processes."""

from __future__ import annotations

import ctypes
import sys

_PR_SET_DUMPABLE = 4


def harden() -> tuple[str, ...]:
    """Forbid core files and reading this process's memory; the names of what could be done here."""
    done: list[str] = []
    if sys.platform == "win32":
        return ()
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    done.append("core")
    if sys.platform == "linux":
        if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) == 0:
            done.append("dumpable")
    return tuple(done)
