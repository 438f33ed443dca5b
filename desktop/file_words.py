"""The words of the sealed files of a record, for window and command alike. No Qt; nothing is written anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from localdb.errors import WardlampError
from localdb.sources.printed.words import words_of


class HoldsFiles(Protocol):
    """A reading that gives the bytes of a file by its SHA-256."""

    def blob(self, digest: str) -> bytes | None: ...


def words_of_files(
    reading: HoldsFiles, digests: Sequence[str], is_wanted: Callable[[], bool] = lambda: True
) -> dict[str, str]:
    """SHA-256 → words; "" for a file that has none, is not in this copy, or does not verify (it says so when opened)."""
    return words_of(((d, _bytes(reading, d)) for d in digests), is_wanted) if digests else {}


def _bytes(reading: HoldsFiles, digest: str) -> bytes:
    try:
        return reading.blob(digest) or b""
    except WardlampError:
        return b""
