"""Which machine this is, so that a vault that was copied to another one is noticed (CLINICAL §7.3)."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

_FILES = ("/etc/machine-id", "/var/lib/dbus/machine-id")


def machine_id() -> str:
    """The id that the operating system gave this installation; "" where it has none. Never shown and never kept as it
    is (`Keys.machine_mark`)."""
    if sys.platform == "win32":
        import winreg

        with suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0]).strip()
        return ""
    for name in _FILES:
        with suppress(OSError, UnicodeDecodeError):
            if found := Path(name).read_text(encoding="ascii").strip():
                return found
    return ""
