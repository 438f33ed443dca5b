"""What a whole copy says, as one digest: two generations that read the same are equal here, half a one is neither."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from localdb.house import House
from tests.made import person, result, write

PEOPLE, RESULTS = 90, 50


def before() -> list[dict[str, Any]]:
    """Ten people with a result each."""
    return [r for n in range(1, 11) for r in (person(n), result(f"k{n}", f"p{n}", "4.1"))]


def news(folder: Path) -> int:
    """A hundred people in 30 files: the ten with a newer result, and ninety more. Returns the number of units."""
    units = 0
    resources = [result(f"k{n}", f"p{n}", "5.2", meta={"versionId": "2"}) for n in range(1, 11)]
    for n in range(11, 11 + PEOPLE):
        resources += [person(n), *(result(f"r{n}-{k}", f"p{n}", f"{k}.5") for k in range(RESULTS))]
    size = len(resources) // 30 + 1
    for number, start in enumerate(range(0, len(resources), size)):
        write(folder / f"{number:02d}.json", resources[start : start + size])
        units += len(resources[start : start + size])
    return units


def digest(house: House) -> str:
    """Of every person and record that the generation in use holds."""
    reading = house.reading()
    try:
        snapshot, said = reading.snapshot, hashlib.sha256()
        for view in snapshot.everyone(10_000):
            read = snapshot.read(view.id)
            assert read is not None
            said.update(msgspec.json.encode((read[0], read[1])))
        assert snapshot.fallen_back == "", "the generation in use did not open"
        assert snapshot.verify() == []
        return said.hexdigest()
    finally:
        reading.close()


def strays(house: House) -> list[str]:
    """Files of the copy that no kept list names, and unfinished ones."""
    lists = house.generations
    named = {e.name for n in lists.numbers() for e in lists.read(n).layers()}
    found = [p.name for p in (house.vault / "layers").iterdir() if p.name not in named]
    return found + [p.name for p in house.vault.rglob("*.part") if p.name not in found]
