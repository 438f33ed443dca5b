"""Every patient of the data, and of a made hospital, in every tab, theme and size (issue 6, Done when 1).

CI takes a seeded sample; the long run takes all. Nothing may raise, warn (Qt warnings fail the run), be cut, or be of
somebody else. The sabotage narrows the painter's widget: the same walk must then find what is cut.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from desktop.app import dress, make_application
from desktop.patient.banner import Banner
from desktop.shell.context import Context
from desktop.shell.tokens import LIGHT, Look
from localdb.house import House
from tests.conftest import LONG
from tests.flows.every_pane.conftest import SEED
from tests.flows.every_pane.walking import SIZES, THEMES, Seen, walk
from tests.unit.desktop.window_stage import settle

EVERY = [(theme, size) for theme in THEMES for size in SIZES]


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


@pytest.mark.parametrize(("store", "sample"), [("published", 8), ("demonstration", 4), ("made_up", 2)])
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
