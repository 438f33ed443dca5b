"""Which reader reads a file: told by its content, not by its name (DESIGN §4). Pure; never raises.

Tables and printed reports have no mark of their own that could be trusted, and need a mapping: they come through a feed
that says so (`sources/tables`, `sources/printed`), never from here.
"""

from __future__ import annotations

from localdb.sources.dicom.reading import read_dicom
from localdb.sources.dicom.recognising import HEAD, looks_like_dicom
from localdb.sources.fhir import read_bytes
from localdb.sources.hl7v2.batches import starts_like_messages
from localdb.sources.hl7v2.charsets import unwrapped
from localdb.sources.hl7v2.markup import looks_like_markup
from localdb.sources.hl7v2.reading import read_messages
from localdb.sources.profiles import Profiles
from localdb.sources.units import FileReading

_HEAD = 4096
_NAMES = (".hl7", ".hl7v2", ".er7", ".mllp", ".hl7b")


def is_hl7v2(file: str, data: bytes) -> bool:
    """HL7 v2 begins with MSH, FHS or BHS (after marks, blanks and frame bytes) or is its XML; a name ending such as
    `.hl7` says so too where the content is neither JSON nor XML."""
    head = unwrapped(data[:_HEAD])[0]
    if starts_like_messages(head) or looks_like_markup(data):
        return True
    return file.lower().endswith(_NAMES) and head.lstrip()[:1] not in (b"{", b"[", b"<")


def read_any(
    file: str,
    data: bytes,
    source: str,
    profiles: Profiles,
    transaction_time: str | None = None,
    first_line: int = 0,
    beside: frozenset[str] | None = None,
) -> FileReading:
    """One file by the reader of its kind, as its source is read. `beside`: the files beside a DICOMDIR."""
    profile = profiles.get(source)
    if not first_line and looks_like_dicom(data[:HEAD]):
        return read_dicom(file, data, source, profile, beside)
    if not first_line and is_hl7v2(file, data):
        return read_messages(file, data, source, profile)
    return read_bytes(file, data, source, profile.zone, transaction_time, first_line=first_line)
