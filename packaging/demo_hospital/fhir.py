"""Small parts of FHIR R4 that every table of the demonstration needs: moments, numbers, references, bundles.

Moments in the tables are short: `24 01:10` is in November 2026, `2025-03-03 10:12` is written out. All are local time
of the hospital (GMT, or BST in summer) and are sent with their offset.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

Resource = dict[str, Any]
MARK = "\u2060number:"
SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
HL7 = "http://terminology.hl7.org/CodeSystem/"
LOCAL = "https://northmoor.example/"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
HOSPITAL_NUMBER = LOCAL + "Id/hospital-number"
TEMPORARY_NUMBER = LOCAL + "Id/temporary-number"


def number(text: str) -> str:
    """A JSON number that keeps the digits of `text` (7.40 stays 7.40)."""
    return MARK + text


def _last_sunday(year: int, month: int) -> date:
    day = date(year, month, 31)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def when(text: str) -> str:
    """`24 01:10` or `2025-03-03 10:12` as an instant with the hospital's offset; a bare date or year stays as it is."""
    if " " not in text:
        return text
    day, clock = text.split(" ")
    full = day if "-" in day else f"2026-11-{int(day):02d}"
    at = date.fromisoformat(full)
    summer = _last_sunday(at.year, 3) <= at < _last_sunday(at.year, 10)
    return f"{full}T{clock}:00{'+01:00' if summer else '+00:00'}"


def moved(instant: str, minutes: int) -> str:
    """The instant that many minutes later, with the same offset."""
    return (datetime.fromisoformat(instant) + timedelta(minutes=minutes)).isoformat()


def short(instant: str) -> str:
    """The digits of an instant, for the id of a resource."""
    return instant[2:16].replace("-", "").replace("T", "").replace(":", "")


def concept(text: str, *codings: tuple[str, str, str]) -> Resource:
    """A CodeableConcept: its text, and codings of (system, code, display); empty codes are left out."""
    kept = [{"system": s, "code": c, "display": d} for s, c, d in codings if c]
    return {"coding": kept, "text": text} if kept else {"text": text}


def reference(kind: str, key: str, display: str = "") -> Resource:
    """A relative reference with its display."""
    out: Resource = {"reference": f"{kind}/{key}"}
    if display:
        out["display"] = display
    return out


def quantity(value: str, unit: str, ucum: str | None = None, comparator: str = "") -> Resource:
    """A Quantity whose number keeps its digits; `ucum` None = the unit's own text is the UCUM code."""
    out: Resource = {"value": number(value)}
    if comparator:
        out["comparator"] = comparator
    if not unit:  # a code alone would be shown as the unit: scores and pH have none
        return out
    out["unit"] = unit
    code = unit if ucum is None else ucum
    if code:
        out |= {"system": "http://unitsofmeasure.org", "code": code}
    return out


def resource(kind: str, key: str, updated: str, version: str = "1", restricted: bool = False, **rest: Any) -> Resource:
    """A resource with id and meta; fields that are None, empty text or empty lists are left out."""
    meta: Resource = {"versionId": version, "lastUpdated": updated}
    if restricted:
        meta["security"] = [{"system": HL7 + "v3-Confidentiality", "code": "R", "display": "restricted"}]
    body = {name.rstrip("_"): value for name, value in rest.items() if value not in (None, "", [])}
    return {"resourceType": kind, "id": key, "meta": meta, **body}


def to_json(value: Any) -> str:
    """Compact JSON in which the marked numbers are numbers."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub(f'"{MARK}([-0-9.]+)"', r"\1", text)


def bundle(kind: str, key: str, timestamp: str, resources: list[Resource]) -> str:
    """A Bundle of type `collection` or `transaction`, one entry a line, so that changes can be read."""
    lines = []
    for item in resources:
        full = f"{LOCAL}fhir/{item['resourceType']}/{item['id']}"
        entry: Resource = {"fullUrl": full, "resource": item}
        if kind == "transaction":
            entry["request"] = {"method": "PUT", "url": f"{item['resourceType']}/{item['id']}"}
        lines.append(to_json(entry))
    head = to_json({"resourceType": "Bundle", "id": key, "type": kind, "timestamp": timestamp})
    return head[:-1] + ',"entry":[\n' + ",\n".join(lines) + "\n]}\n"


def ndjson(resources: list[Resource]) -> str:
    """One resource a line."""
    return "".join(to_json(item) + "\n" for item in resources)


def write(path: Path, text: str) -> None:
    """Writes text; a name in .gz is compressed without time or name, so that the same text gives the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = text.encode()
    path.write_bytes(_gzip(data) if path.suffix == ".gz" else data)


def _gzip(data: bytes) -> bytes:
    """RFC 1952 by hand: the header that Python's own module writes has changed between its versions."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(data) + deflate.flush()
    head = b"\x1f\x8b\x08\x00" + bytes(4) + b"\x02\xff"
    return head + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
