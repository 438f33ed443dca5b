"""Short ways to read made-up resources in tests."""

from __future__ import annotations

import json
from typing import Any

import zstandard

from localdb.records.vocabulary import RECORD_DECODER, AnyRecord
from localdb.sources.fhir import read_bytes
from localdb.sources.units import FileReading, Unit

ZONE = "Europe/London"
PATIENT = {"reference": "Patient/p1"}


def read(content: Any, file: str = "a.json", source: str = "lab") -> FileReading:
    """Reads an object (written as JSON), a text or bytes."""
    data = content if isinstance(content, bytes) else content.encode() if isinstance(content, str) else None
    return read_bytes(file, json.dumps(content).encode() if data is None else data, source, ZONE)


def unit(content: Any) -> Unit:
    """The only unit."""
    (one,) = read(content).units
    return one


def records(content: Any) -> list[AnyRecord]:
    """All records of everything read; a unit that is not read fails the test with its reason."""
    out = []
    for one in read(content).units:
        assert one.verdict == "read", (one.verdict, one.code, one.reason)
        out += [RECORD_DECODER.decode(r[4]) for r in one.records]
    return out


def record(content: Any) -> Any:
    """The only record."""
    (one,) = records(content)
    return one


def observation(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "id": "o1", "status": "final", "subject": PATIENT, **more}


def bundle(*resources: dict[str, Any], type_: str = "collection", **more: Any) -> dict[str, Any]:
    entries = [r if "resource" in r or "request" in r else {"resource": r} for r in resources]
    return {"resourceType": "Bundle", "type": type_, "entry": entries, **more}


def own_bytes(reading: FileReading, one: Unit) -> bytes:
    """The bytes that are kept of a unit."""
    assert one.raw is not None
    whole = zstandard.ZstdDecompressor().decompress(reading.kept)
    return whole[one.raw[0] : one.raw[0] + one.raw[1]]
