"""Files that are old or new, never half, and there after a power cut (DESIGN D1: .part, fsync, rename, fsync the folder).

The vault's small files, sealed lists, journals on their way between laptops, and PDFs that a person asked for.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from localdb.store.errors import translated

_OURS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)


def sync_folder(folder: Path) -> None:
    """Makes renames in `folder` durable (Windows keeps the order by itself and cannot open folders)."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """`path` has either its former bytes or all of `data`, whatever happens (temp, fsync, rename, fsync the folder).

    Owner only (0600). Raises disk.full, disk.read_only.
    """
    part = path.with_name(path.name + ".part")
    with translated():
        try:
            handle = os.open(part, _OURS, 0o600)
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(handle, view) :]
                os.fsync(handle)
            finally:
                os.close(handle)
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
