"""Stacks that are never folded: after any story of changes, many layers read like one cut of the same words (D1)."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from localdb.house import House
from localdb.store import cuts
from localdb.store.snapshot import Snapshot
from tests.conftest import LONG
from tests.flows.copies import digest
from tests.made import new_house, nhs_number, person, result, stay, ward, write

PEOPLE = range(1, 41)


@pytest.fixture
def layered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small stacks would be folded at each cut, and nothing would lie under anything."""
    monkeypatch.setattr(cuts, "SMALL_STACK", 0)
    monkeypatch.setattr(cuts, "FOLD_SHARE", 0)


def story(seed: int) -> list[list[dict[str, Any]]]:
    """What a source says, file by file: results and newer ones, names that move people in the order, merges that come
    and go, stays, a ward that is renamed."""
    dice = random.Random(seed)
    files: list[list[dict[str, Any]]] = [[*ward(), *(person(n) for n in PEOPLE)]]
    for step in range(2, 14):
        said: list[dict[str, Any]] = []
        for n in dice.sample(PEOPLE, dice.choice((1, 2, 5, 9))):
            version = {"versionId": str(step)}
            said.append(dice.choice((
                result(f"k{n}", f"p{n}", f"{step}.1", meta=version),
                result(f"k{n}-{step}", f"p{n}", "4.1"),
                stay(f"p{n}", n % 4 + 1, meta=version),
                person(n, name=[{"family": f"Moved{dice.randrange(99)}", "given": ["Ann"]}], meta=version),
                person(n, link=[{"other": {"reference": f"Patient/p{n % 40 + 1}"}, "type": "replaced-by"}], meta=version),
                person(n, meta=version),
            )))  # fmt: skip
        if step == 8:
            said.append(next(r for r in ward("Beech Ward") if r["id"] == "ward"))
        files.append(said)
    return files


def told(house: House, folder: Path, files: list[list[dict[str, Any]]], most: int) -> int:
    """Fills file by file; the most layers that a stack had."""
    for number, resources in enumerate(files):
        house.fill([write(folder / f"{number:02d}.json", resources)], source="pas")
        newest = house.generations.newest()
        assert newest is not None
        most = max(most, len(newest.whole), len(newest.thin))
    return most


def answers(house: House) -> list[Any]:
    """What is asked of stacks: search by every number, wards, who is in them, what is in flight."""
    reading = house.reading()
    said: list[Any] = [[v.id for v in reading.find(nhs_number(n))] for n in PEOPLE]
    said += [reading.wards(), [v.id for v in reading.snapshot.everyone(100)]]
    said += [[(r.bed, r.patient.id) for r in reading.ward(w).rows if r.patient] for w in reading.wards()]
    said.append([v.id for text in ("moved", "a", "19") for v in reading.find(text, 7)])
    reading.close()
    return said


@pytest.mark.parametrize("seed", range(25 if LONG else 4))
def test_many_layers_read_like_one_cut(seed: int, layered: None, tmp_path: Path) -> None:
    files = story(seed)
    house = new_house(tmp_path / "many")
    assert told(house, tmp_path / "files", files, 0) >= 2
    once = new_house(tmp_path / "once")
    with once.intake() as intake:
        from localdb.sources.filling import fill

        for number in range(len(files)):
            fill(intake, [tmp_path / "files" / f"{number:02d}.json"], source="pas", processes=0)
    once.cut()
    assert digest(house) == digest(once)
    assert answers(house) == answers(once)
    house.close()
    once.close()


def unshadowed(ids: list[str], upper: list[Any], whole: tuple[Any, ...]) -> set[str]:
    return set()


def test_the_comparison_sees_a_hit_that_a_newer_layer_hides(
    layered: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sabotage: a search that asks every layer and hides nothing finds people twice."""
    house = new_house(tmp_path / "many")
    told(house, tmp_path / "files", story(0), 0)
    before = answers(house)
    monkeypatch.setattr(Snapshot, "_shadowed", staticmethod(unshadowed))
    assert answers(house) != before
    house.close()
