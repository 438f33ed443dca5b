"""Encrypted layers against a naive plain SQLite of the same data (DESIGN §6, STACK-database §1), in one run.

Each question is asked of both in turn, three times; the quickest of each counts, so that what other programs take of
the machine does not; the percentiles are over the questions.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from localdb.store.tokens import query
from tests.bench.conftest import PEOPLE, SEED, Built
from tests.bench.population import WARDS, strokes
from tests.bench.reference import percentile, unit_ms

pytestmark = pytest.mark.bench
REPEATS = 3


def quickest(questions: list[Any], *ways: Callable[[Any], object]) -> list[list[float]]:
    """Milliseconds of each question by each way: the quickest of three turns."""
    best = [[float("inf")] * len(questions) for _ in ways]
    for _ in range(REPEATS):
        for n, question in enumerate(questions):
            for held, ask in zip(best, ways, strict=True):
                begun = time.perf_counter()
                ask(question)
                held[n] = min(held[n], (time.perf_counter() - begun) * 1000)
    return best


def test_typing(built: Built, kept: Callable[..., None], benchmark: Any) -> None:
    reading = built.house.reading()
    asked = strokes(built.people, 2000, SEED)
    expressions = {text: query(text, WARDS) for text in asked}
    ours, naive = quickest(
        asked, lambda text: reading.find(text, 50), lambda text: built.naive.find(expressions[text], 50)
    )
    unit = unit_ms()
    benchmark.pedantic(lambda: [reading.find(text, 50) for text in asked[:100]], rounds=1)
    p99 = percentile(ours, 0.99)
    kept(
        "typing p99", p99 / percentile(naive, 0.99), p50=round(percentile(ours, 0.5) / percentile(naive, 0.5), 3),
        max=round(max(ours) / max(naive), 3), strokes=len(asked),
    )  # fmt: skip
    kept("keystroke p99", p99 / unit, p50=round(percentile(ours, 0.5) / unit, 3), unit_ms=round(unit, 2))
    reading.close()


def test_both_ways_find_the_same_people(built: Built) -> None:
    """A quick answer that is another one counts for nothing."""
    reading = built.house.reading()
    for text in strokes(built.people, 300, SEED + 1):
        ours = [v.id for v in reading.find(text, 50)]
        naive = [v.id for v in built.naive.find(query(text, WARDS), 50)]
        assert set(ours) <= set(naive) or len(naive) == 50, text
        assert len(ours) == len(naive), text
    reading.close()


def test_chart(built: Built, kept: Callable[..., None], benchmark: Any) -> None:
    reading = built.house.reading()
    dice = random.Random(SEED)
    ids = [dice.choice(built.whole).id for _ in range(200)]
    held, plain = reading.snapshot.read(ids[0]), built.naive.chart(ids[0])
    assert held is not None and held[0] == plain[0] and sorted(held[1], key=lambda r: r.id) == sorted(
        plain[1], key=lambda r: r.id)  # fmt: skip
    ours, naive, whole = quickest(ids, reading.snapshot.read, built.naive.chart, reading.chart)
    benchmark.pedantic(lambda: reading.chart(ids[0]), rounds=3)
    kept(
        "chart of 500 records", percentile(ours, 0.5) / percentile(naive, 0.5),
        p99=round(percentile(ours, 0.99) / percentile(naive, 0.99), 3), living=round(
            percentile(whole, 0.5) / percentile(naive, 0.5), 3),
    )  # fmt: skip
    reading.close()


def test_file_and_build(built: Built, kept: Callable[..., None], benchmark: Any) -> None:
    """The build: packing, words, rows, index, search, checks and hash; people are put together for both beforehand."""
    benchmark.pedantic(lambda: None, rounds=1)
    kept("file", built.size / built.naive.path.stat().st_size, bytes_a_person=built.size // PEOPLE)
    kept(
        "build", built.build_seconds / built.naive.seconds,
        whole_cut=round(built.cut_seconds / built.naive.seconds, 3), peak_mib=built.peak_mib,
    )  # fmt: skip
