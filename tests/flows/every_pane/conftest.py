"""The houses of these tests, filled once: the published data, the demonstration, a made hospital."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from localdb.house import House
from localdb.records.moments import read_moment
from tests.bench.population import feed, hospital
from tests.conftest import LONG, ROOT
from tests.made import new_house

SEED = int(os.environ.get("WARDLAMP_SEED", "20261126"))
BIG = "patients-615.tar.xz"  # 615 whole Synthea patients: in the long run only


def filled(folder: Path, *stores: tuple[str, list[Path]]) -> House:
    house = new_house(folder)
    for source, paths in stores:
        house.fill(paths, source=source, as_of=read_moment("2026-11-24T02:40:00+00:00"), processes=1)
    closing, house.close = house.close, lambda: None  # type: ignore[method-assign]  # the context closes what it holds
    house.closing = closing  # type: ignore[attr-defined]
    return house


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Iterator[House]:
    """All of the data that is no hostile file: FHIR and HL7 v2, each folder a source of its own."""
    stores = []
    for kind in ("fhir", "hl7v2"):
        for folder in sorted(p for p in (data_dir / kind).iterdir() if p.is_dir() and p.name != "hostile"):
            paths = sorted(p for p in folder.iterdir() if LONG or p.name != BIG)
            stores.append((folder.name, paths))
    house = filled(tmp_path_factory.mktemp("published") / "vault", *stores)
    yield house
    house.closing()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The ward of the demonstration, without its index of 50,000."""
    stores = []
    for folder in sorted(p for p in (ROOT / "resources" / "demo").iterdir() if p.is_dir() and p.name != "plans"):
        stores.append((folder.name, [p for p in sorted(folder.iterdir()) if not p.name.startswith("index")]))
    house = filled(tmp_path_factory.mktemp("demonstration") / "vault", *stores)
    yield house
    house.closing()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A made hospital: 28 whole patients of 500 records."""
    house = new_house(tmp_path_factory.mktemp("made") / "vault")
    with house.intake() as intake:
        feed(intake, hospital(200, 28, 500, SEED))
    house.cut()
    closing, house.close = house.close, lambda: None  # type: ignore[method-assign]
    yield house
    closing()
