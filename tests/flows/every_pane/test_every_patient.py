"""Every patient of the data, and of a made hospital, in every tab, theme and size (issue 6, Done when 1).

CI takes a seeded sample; the long run takes all. Nothing may raise, warn (Qt warnings fail the run), be cut, or be of
somebody else. The sabotage narrows the painter's widget: the same walk must then find what is cut.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.app import dress, make_application
from desktop.patient.banner import Banner
from desktop.shell.context import Context
from desktop.shell.tokens import LIGHT, Look
from localdb.house import House
from localdb.records.moments import read_moment
from tests.bench.population import feed, hospital
from tests.conftest import LONG, ROOT
from tests.flows.every_pane.walking import SIZES, THEMES, Seen, walk
from tests.made import new_house
from tests.unit.desktop.window_stage import settle

SEED = int(os.environ.get("WARDLAMP_SEED", "20261126"))
EVERY = [(theme, size) for theme in THEMES for size in SIZES]
BIG = "patients-615.tar.xz"  # 615 whole Synthea patients: in the long run only


def filled(folder: Path, *stores: tuple[str, list[Path]]) -> House:
    house = new_house(folder)
    for source, paths in stores:
        house.fill(paths, source=source, as_of=read_moment("2026-11-24T02:40:00+00:00"), processes=1)
    closing, house.close = house.close, lambda: None  # type: ignore[method-assign]  # the context closes what it holds
    house.closing = closing  # type: ignore[attr-defined]
    return house


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The ward of the demonstration, without its index of 50,000."""
    stores = []
    for folder in sorted(p for p in (ROOT / "resources" / "demo").iterdir() if p.is_dir() and p.name != "plans"):
        stores.append((folder.name, [p for p in sorted(folder.iterdir()) if not p.name.startswith("index")]))
    house = filled(tmp_path_factory.mktemp("demonstration") / "vault", *stores)
    yield house
    house.closing()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A made hospital: 28 whole patients of 500 records."""
    house = new_house(tmp_path_factory.mktemp("made") / "vault")
    with house.intake() as intake:
        feed(intake, hospital(200, 28, 500, SEED))
    house.cut()
    closing, house.close = house.close, lambda: None  # type: ignore[method-assign]
    yield house
    closing()


def walked(house: House, sample: int) -> Seen:
    """`sample` patients, each in three of the nine looks (each theme and each size once); the long run takes all of all."""
    application = make_application()
    look = Look(LIGHT)
    dress(application, look)
    context = Context(house, look)
    reading = house.reading()
    try:
        views = reading.snapshot.everyone(100_000)
        chance = random.Random(SEED)
        seen = Seen()
        for view in views if LONG else chance.sample(views, min(sample, len(views))):
            sizes = chance.sample(SIZES, 3)
            looks = EVERY if LONG else list(zip(THEMES, sizes, strict=True))
            one = walk(context, [reading.chart(view.id)], looks, lambda: settle(context))
            seen.pictures += one.pictures
            seen.tabs |= one.tabs
            seen.cut += one.cut
            seen.strangers += one.strangers
        return seen
    finally:
        reading.close()
        context.close()


def check(seen: Seen) -> None:
    assert seen.strangers == []
    assert seen.cut == [], "\n".join(seen.cut[:40])
    assert {t[0] for t in seen.tabs} == set("1234567"), "not every section was opened"


@pytest.mark.parametrize(("store", "sample"), [("published", 24), ("demonstration", 8), ("made", 2)])
def test_every_patient_in_every_tab(
    store: str, sample: int, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = walked(request.getfixturevalue(store), sample)
    with capsys.disabled():
        print(f" [{store}: {seen.pictures} pictures, seed {SEED}]", end="")
    check(seen)


def test_sabotage_a_banner_that_draws_past_its_edge_is_found(
    demonstration: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw: Callable[[Banner, Any], None] = Banner.draw

    def pushed(self: Banner, painter: Any) -> None:
        painter.translate(self.width() / 2, 0)
        draw(self, painter)

    monkeypatch.setattr(Banner, "draw", pushed)
    assert walked(demonstration, 1).cut != []
