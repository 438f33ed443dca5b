"""Messages made for tests, and what the reader told of them."""

from __future__ import annotations

from typing import Any

import zstandard

from localdb.records.ids import patient_id
from localdb.records.vocabulary import RECORD_DECODER
from localdb.sources.hl7v2.reading import read_messages
from localdb.sources.hl7v2.stays import BEFORE_ALL
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import FileReading, Unit

SOURCE = "pas"
PID = "PID|1||123456^^^HOSP^MR~9434765919^^^NHS^NH||Fry^Stephen^John^^Mr^^L||19570824|M"


def message(type_: str, *segments: str, time: str = "20261120021000", control: str = "C1", more: str = "") -> bytes:
    """A message with its header; `more` are the fields of MSH after MSH-12."""
    header = f"MSH|^~\\&|PAS|RXX|LAMP|RXX|{time}||{type_}|{control}|P|2.5{more}"
    return "\r".join((header, *segments, "")).encode()


def read(data: bytes, profile: SourceProfile | None = None, source: str = SOURCE) -> FileReading:
    return read_messages("a.hl7", data, source, profile or SourceProfile())


def unit(data: bytes, profile: SourceProfile | None = None) -> Unit:
    """The only unit of one message."""
    (found,) = read(data, profile).units
    return found


def told(found: Unit, kind: str) -> list[Any]:
    """The records of a kind that a unit's facts tell, in order; not what is only supposed until more is said."""
    return [RECORD_DECODER.decode(f.body) for f in found.facts if f.kind == kind and f.order != BEFORE_ALL]


def one(data: bytes, kind: str, profile: SourceProfile | None = None) -> Any:
    """The only record of a kind that one message tells."""
    (found,) = told(unit(data, profile), kind)
    return found


def cleared(found: Unit, kind: str) -> tuple[str, ...]:
    (names,) = [f.cleared for f in found.facts if f.kind == kind and f.order != BEFORE_ALL]
    return names


def key(value: str, assigner: str = "HOSP", source: str = SOURCE) -> str:
    return str(patient_id(source, assigner, value))


def own_bytes(reading: FileReading, found: Unit) -> bytes:
    """The bytes that are kept of one unit."""
    assert found.raw is not None
    start, length = found.raw
    return zstandard.ZstdDecompressor().decompress(reading.kept)[start : start + length]
