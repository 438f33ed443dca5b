"""A dealing laptop and packs in files, for tests of numbers and registrations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from localdb.journal.book import Journal
from localdb.journal.pack_file import seal_packs
from tests.unit.journal.conftest import WHEN

WORDS = b"pack words 22"
PERSON: dict[str, Any] = {"happened": WHEN, "sex": "female", "estimated_year": 1986,
                          "location": {"ward": "Ash Ward", "bed": "B3"}}  # fmt: skip


def deal_files(
    dealer: Journal, folder: Path, devices: Sequence[str], size: int = 20, prefix: str = "RPH"
) -> list[Path]:
    """A file for each device."""
    packs = [one.pack for one in dealer.deal_numbers(prefix, devices, size)]
    files = []
    for pack, data in zip(packs, seal_packs(packs, WORDS, dealer.log.keys, "floor"), strict=True):
        files.append(folder / f"{pack.device}-{pack.id}")
        files[-1].write_bytes(data)
    return files


def supply(journal: Journal, dealer: Journal, folder: Path, size: int = 20) -> None:
    """A pack for a laptop, dealt and taken."""
    (file,) = deal_files(dealer, folder, [journal.log.keys.device], size)
    journal.take_numbers(file, WORDS)
