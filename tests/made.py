"""Made-up hospitals as FHIR, and vaults to read them into. Synthetic: NHS numbers of the 999 range."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localdb.house import House, make_house, open_house
from localdb.records.ids import nhs_number_is_sound

SECRET = b"lamp-ward-candle-79-river"
NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
NHS = "https://fhir.nhs.uk/Id/nhs-number"
FAMILIES = (
    "Abbott Adeyemi Brown Chowdhury Davies Evans Foster Grant Hughes Iqbal Jones Kaur Lewis Müller O'Brien".split()
)
GIVENS = "Amina Beatriz Ciarán Desmond Elif Frances Gwilym Hodan Iain Joy Karen Lan Margaret Nikos".split()


def new_house(folder: Path, clock: Callable[[], datetime] = lambda: NOW, device: str = "T01") -> House:
    """A vault with the quickest permitted key derivation, opened."""
    make_house(folder, "Tess Tester", SECRET, device=device, kdf="floor", clock=clock)
    return open_house(folder, SECRET, clock=clock)


def nhs_number(n: int) -> str:
    """The n-th sound number of the reserved range (one in eleven has no check digit)."""
    stem = 999_000_000 + n
    for check in range(10):
        if nhs_number_is_sound(f"{stem}{check}"):
            return f"{stem}{check}"
    return nhs_number(n + 500_000)


def person(n: int, **more: Any) -> dict[str, Any]:
    """A Patient: name, birth date and numbers follow from n."""
    rng = random.Random(n)
    return {
        "resourceType": "Patient", "id": f"p{n}",
        "name": [{"use": "official", "family": rng.choice(FAMILIES), "given": [rng.choice(GIVENS)]}],
        "birthDate": f"{rng.randrange(1930, 2010)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
        "gender": rng.choice(["male", "female"]),
        "identifier": [{"system": NHS, "value": nhs_number(n)},
                       {"type": {"coding": [{"code": "MR"}]}, "system": "urn:hospital", "value": f"H{n:07d}"}],
        **more,
    }  # fmt: skip


def result(n: str, patient: str, value: str, **more: Any) -> dict[str, Any]:
    """A final laboratory potassium."""
    return {
        "resourceType": "Observation", "id": n, "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}], "text": "Potassium"},
        "subject": {"reference": f"Patient/{patient}"}, "effectiveDateTime": "2026-11-23T18:05:00+00:00",
        "valueQuantity": {"value": float(value), "unit": "mmol/L"}, **more,
    }  # fmt: skip


def ward(name: str = "Ash Ward", beds: int = 4) -> list[dict[str, Any]]:
    """A ward and its beds."""
    made = [{"resourceType": "Location", "id": "ward", "name": name, "physicalType": {"coding": [{"code": "wa"}]}}]
    for n in range(1, beds + 1):
        made.append({"resourceType": "Location", "id": f"bed{n}", "name": f"A{n}", "partOf": {"reference": "Location/ward"},
                     "physicalType": {"coding": [{"code": "bd"}]}})  # fmt: skip
    return made


def stay(patient: str, bed: int, **more: Any) -> dict[str, Any]:
    """In bed now."""
    return {
        "resourceType": "Encounter", "id": f"e-{patient}", "status": "in-progress", "class": {"code": "IMP"},
        "subject": {"reference": f"Patient/{patient}"}, "period": {"start": "2026-11-20T10:00:00+00:00"},
        "location": [{"location": {"reference": f"Location/bed{bed}"}, "status": "active"}], **more,
    }  # fmt: skip


def write(path: Path, resources: Iterable[dict[str, Any]], **more: Any) -> Path:
    """A collection bundle in a file."""
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources], **more}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(bundle), encoding="utf-8")
    return path


def clear_bytes(folder: Path, marks: Iterable[str]) -> list[str]:
    """Files under a folder that hold a mark in clear (UTF-8, UTF-16, base64-free), or a plain SQLite header."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        if data.startswith(b"SQLite format 3"):
            found.append(f"{path.name}: a plain database")
        found += [f"{path.name}: {m}" for m in marks if m.encode() in data or m.encode("utf-16-le") in data]
    return found
