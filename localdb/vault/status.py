"""What may be known before unlocking: the ward's name and the ages of the copy, nothing else (DESIGN D1).

`status.json` is in clear and authenticated by nothing: it is shown as what the laptop says, and an unreadable one is
shown as "not known". Fields outside the lists below are refused, so that no patient data can get into it by mistake.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from localdb.durable import write_whole
from localdb.errors import HouseFault
from localdb.store.errors import StoreMissing, translated
from localdb.vault.unlocking import read_vault

STATUS_FILE = "status.json"
FIELDS = frozenset({"hospital", "ward", "incident", "generation", "made", "held_since", "sources"})
SOURCE_FIELDS = frozenset(
    {
        "source",
        "cut",
        "kinds",
        "heartbeat",
        "last_message",
        "expected",
        "coverage",
        "state",
        "declared",
        "declared_since",
        "declared_by",
    }
)


def write_status(path: Path, status: dict[str, Any]) -> None:
    """Replaces `status.json`. Raises HouseFault for a field that is not listed, disk.full, disk.read_only."""
    sources = status.get("sources", [])
    if not set(status) <= FIELDS or any(not set(source) <= SOURCE_FIELDS for source in sources):
        raise HouseFault("The status before unlocking may hold ages and the ward's name only.")
    write_whole(path / STATUS_FILE, msgspec.json.encode(status, order="sorted"))


def read_status(path: Path) -> dict[str, Any]:
    """`status.json` without a secret; {} where none was written or it cannot be read. Raises vault.missing, damaged,
    newer for the vault itself."""
    read_vault(path)
    try:
        with translated():
            data = (path / STATUS_FILE).read_bytes()
        return msgspec.json.decode(data, type=dict[str, Any])
    except (StoreMissing, msgspec.MsgspecError, UnicodeDecodeError):
        return {}
