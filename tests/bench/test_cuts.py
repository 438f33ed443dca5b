"""Cutting after a few changes and after many (DESIGN §6), over the whole made hospital."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from tests.bench.conftest import PEOPLE, SEED, WHOLE, Built
from tests.bench.population import feed, results
from tests.bench.reference import percentile, stretch_ms

pytestmark = pytest.mark.bench


def changed(built: Built, thin: int, whole: int, dice: random.Random) -> Iterator[Any]:
    """New words about so many people: another telephone for the thin ones, a newer result for the whole ones."""
    built.version += 1
    for one in dice.sample(built.people[WHOLE:], min(thin, len(built.people) - WHOLE)):
        yield msgspec.structs.replace(one, phones=(f"01632 97{built.version:04d}",), version=str(built.version))
    for one in dice.sample(built.whole, whole):
        for record in results(int(one.source_id[1:]), 1, dice):
            yield msgspec.structs.replace(record, value=f"{built.version}.5")


def cut_ms(built: Built, records: Iterator[Any]) -> float:
    with built.house.intake() as intake:
        feed(intake, records, built.version + 1)
    begun = time.perf_counter()
    built.house.cut()
    return (time.perf_counter() - begun) * 1000


def test_after_fifteen_patients(
    built: Built, kept: Callable[..., None], benchmark: Any, times: Callable[[int, int], int]
) -> None:
    dice = random.Random(SEED)
    taken, units = [], []
    for _ in range(times(20, 60)):
        units.append(stretch_ms(80))
        taken.append(cut_ms(built, changed(built, 12, 3, dice)))
    unit = percentile(units, 0.5)
    benchmark.pedantic(lambda: None, rounds=1)
    kept(
        "cut after 15 changed patients p50", percentile(taken, 0.5) / unit, p99=round(percentile(taken, 0.99) / unit, 1),
        cuts=len(taken), layers=len(built.house.generations.newest().layers()),  # type: ignore[union-attr]
    )  # fmt: skip


def test_after_a_twentieth(built: Built, kept: Callable[..., None], benchmark: Any) -> None:
    """5 % of the people of each kind."""
    before = stretch_ms(500)
    taken = cut_ms(built, changed(built, PEOPLE // 20, WHOLE // 20, random.Random(SEED + 1)))
    benchmark.pedantic(lambda: None, rounds=1)
    kept("cut after 5 % of the records", taken / ((before + stretch_ms(500)) / 2))
