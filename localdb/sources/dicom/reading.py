"""A DICOM file to units (DESIGN §4, D4): asks the child that decodes, and keeps the bytes of what is set aside.

Never raises on what it is given. Imports no pydicom, so that nothing is paid until the first DICOM file comes.
"""

from __future__ import annotations

import atexit
from hashlib import sha256

import zstandard

from localdb.sources.dicom.child import DicomReader, Refusal
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import SET_ASIDE, FileReading, Unit

_LEVEL = 3
# Two, so that one hostile file does not hold up every sender, and both cores of a small machine decode. The second child
# is made when two threads ask at once.
_readers = (DicomReader(), DicomReader())


def read_dicom(
    file: str,
    data: bytes,
    source: str,
    profile: SourceProfile,
    beside: frozenset[str] | None = None,
    reader: DicomReader | None = None,
) -> FileReading:
    """The units of one DICOM file: one instance with its study, patient and report, or what a DICOMDIR lists. `beside`
    the files beside a DICOMDIR (`beside_of`). Asks the child of this process, or `reader`."""
    found = (reader or _free()).ask(file, data, source, profile, beside)
    return refused(file, data, source, found) if isinstance(found, Refusal) else found


def refused(file: str, data: bytes, source: str, why: Refusal) -> FileReading:
    """The reading of a file that is set aside whole, with its bytes."""
    digest = sha256(data)
    unit = Unit(
        index=0,
        type=why.type or "DICOM",
        source_id=why.uid,
        verdict=SET_ASIDE,
        code=why.code,
        reason=why.reason,
        digest=digest.digest(),
        raw=(0, len(data)),
    )
    return FileReading(
        file=file,
        source=source,
        units=(unit,),
        kept=zstandard.ZstdCompressor(level=_LEVEL).compress(data),
        sha256=digest.hexdigest(),
        cut_rule="message",
    )


def _free() -> DicomReader:
    return next((r for r in _readers if not r.is_busy), _readers[0])


def close() -> None:
    """Ends the children of this process; they are made again when they are needed."""
    for reader in _readers:
        reader.close()


atexit.register(close)
