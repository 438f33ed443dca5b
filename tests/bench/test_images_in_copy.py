"""A thousand slices and more in the intake and the copy: telling them is linear, a cut and a chart stay what they were."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from localdb.house import House
from tests.bench.reference import percentile, stretch_ms
from tests.made import new_house
from tests.unit.store.imaging import key, reading, slice_unit, take

pytestmark = pytest.mark.bench
SLICES, OTHERS = 1000, 3


def busy_ms(act: Callable[[], object]) -> float:
    begun = time.process_time()
    act()
    return (time.process_time() - begun) * 1000


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, list[float]]]:
    """A CT of a thousand slices and three more studies of that size for one patient, one slice each of a hundred others;
    and the processor ms that each 250 slices of the first took."""
    house = new_house(tmp_path_factory.mktemp("images") / "vault")
    readings = [reading(slice_unit(n, size=60_000), file=f"ct/{n}") for n in range(1, SLICES + 1)]
    with house.intake() as intake:
        quarters = [
            busy_ms(lambda some=some: [intake.take(r) for r in some])
            for some in (readings[n : n + SLICES // 4] for n in range(0, SLICES, SLICES // 4))
        ]
        for other in range(OTHERS):
            take(intake, (slice_unit(n, uid=f"1.2.9.{other}", size=100) for n in range(1, SLICES + 1)))
        take(intake, (slice_unit(1, f"9{n:03d}", uid=f"1.8.{n}", size=100) for n in range(100)))
        intake.commit()
        house.cut_of(intake)
    yield house, quarters
    house.close()


def test_a_thousand_slices_tell_one_study(
    filled: tuple[House, list[float]], kept: Callable[..., None], benchmark: Any
) -> None:
    _, quarters = filled
    benchmark.pedantic(lambda: None, rounds=1)
    kept("slices 751-1000 told / slices 1-250", quarters[-1] / quarters[0], ms_a_slice=round(sum(quarters) / SLICES, 2))


def test_a_cut_after_one_more_slice(
    filled: tuple[House, list[float]], kept: Callable[..., None], benchmark: Any
) -> None:
    house, _ = filled
    taken, units = [], []
    with house.intake() as intake:
        for n in range(8):
            take(intake, [slice_unit(SLICES + 1 + n, uid="1.2.9.0", size=100)])
            intake.commit()
            units.append(stretch_ms(80))
            taken.append(busy_ms(lambda: house.cut_of(intake)))
    benchmark.pedantic(lambda: None, rounds=1)
    kept("cut after a slice of 4,000", percentile(taken, 0.5) / percentile(units, 0.5), cuts=len(taken))


def test_a_chart_with_four_thousand_images(
    filled: tuple[House, list[float]], kept: Callable[..., None], benchmark: Any
) -> None:
    house, _ = filled
    asked = house.reading()
    with_images, without = key("4711"), key("9001")

    def quickest(who: str) -> float:
        return min(busy_ms(lambda: [asked.snapshot.read(who) for _ in range(50)]) for _ in range(9))

    benchmark.pedantic(lambda: asked.snapshot.read(with_images), rounds=20)
    kept("chart with 4,000 images / with one", quickest(with_images) / quickest(without))
