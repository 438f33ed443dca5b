"""What an archive or a worklist answered, as readings for the intake (`sources.dicom.listing` makes the units)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydicom.dataset import Dataset

from localdb.sources.profiles import SourceProfile
from localdb.sources.units import FileReading


def read_listing(
    feed: str, found: Sequence[tuple[Dataset, Sequence[Dataset]]], source: str, profile: SourceProfile, at: datetime
) -> FileReading:
    """Studies, each with its series, as an archive listed them at `at`."""
    return FileReading(file=feed, source=source, units=(), kept=b"", sha256="")


def read_worklist(
    feed: str, found: Sequence[Dataset], source: str, profile: SourceProfile, at: datetime
) -> FileReading:  # fmt: skip
    """Booked examinations, as a worklist listed them at `at`."""
    return FileReading(file=feed, source=source, units=(), kept=b"", sha256="")
