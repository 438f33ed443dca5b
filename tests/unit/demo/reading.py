"""Reads the files of the demonstration as plain JSON, without any code of ours."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "resources" / "demo"
SOURCES = ("bank", "docs", "eobs", "epma", "lims", "pas", "ris")
NHS = "https://fhir.nhs.uk/Id/nhs-number"
HOSPITAL = "https://northmoor.example/Id/hospital-number"
Resource = dict[str, Any]
Sent = dict[str, list[Resource]]
Beds = dict[str, Resource]


def resources_of(path: Path) -> list[Resource]:
    """The resources of one file, in the order of the file; numbers as they are written."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    if ".ndjson" in path.name:
        return [json.loads(line, parse_float=str, parse_int=str) for line in text.splitlines()]
    whole = json.loads(text, parse_float=str, parse_int=str)
    return [entry["resource"] for entry in whole["entry"]]


def of(resources: list[Resource], kind: str) -> list[Resource]:
    return [one for one in resources if one["resourceType"] == kind]


def bare(reference: Resource) -> str:
    return str(reference["reference"]).rpartition("/")[2]


def number(patient: Resource, system: str) -> str:
    return next((i["value"] for i in patient["identifier"] if i["system"] == system), "")


def belongs(resource: Resource, patient: Resource) -> bool:
    return bare(resource.get("subject") or resource.get("patient") or {"reference": ""}) == patient["id"]


def is_sound(nhs: str) -> bool:
    """Modulus 11 over ten digits (CLINICAL 1.2)."""
    left = 11 - sum(int(digit) * (10 - n) for n, digit in enumerate(nhs[:9])) % 11
    return bool(re.fullmatch(r"999\d{7}", nhs)) and left % 11 == int(nhs[9]) and left != 10


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "reference" and isinstance(inner, str):
                yield inner
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)
