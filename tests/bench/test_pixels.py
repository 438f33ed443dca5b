"""From stored values to grey, beside a bare numpy table of the same size (DESIGN §6; the painted frame is `test_viewer`).

Processor time, the quickest of several runs: two cores that others use too say nothing about waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from localdb.pixels.container import PixelFile, write
from localdb.pixels.display import Pipeline
from localdb.pixels.facts import Facts, Frame, Window
from localdb.pixels.geometry import Placed
from localdb.pixels.sampling import Grid
from tests.bench.reference import unit_ms

pytestmark = pytest.mark.bench
SEED = 20261127
WIDE, HIGH = 980, 900  # of the viewport, physical pixels


def quickest(work: Callable[[], Any], times: int = 25) -> float:
    """Processor ms."""
    best = float("inf")
    for _ in range(times):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best * 1000


def grid_for(facts: Facts) -> Grid:
    asked = Placed(facts.rows, facts.columns, WIDE, HIGH).sampling()
    assert asked is not None
    return Grid(*asked)


def chest() -> tuple[Facts, np.ndarray]:
    """2000 × 2500 of 12 bits in 16, smooth with noise, as a detector gives."""
    dice = np.random.default_rng(SEED)
    y, x = np.mgrid[0:2500, 0:2000]
    made = 2000 + 1500 * np.sin(x / 300) * np.cos(y / 400) + dice.normal(0, 30, (2500, 2000))
    facts = Facts(rows=2500, columns=2000, bits=12, modality="DX", common=Frame(windows=(Window("2048", "4096"),)))
    return facts, np.clip(made, 0, 4095).astype(np.uint16)


def slices(count: int) -> tuple[Facts, list[np.ndarray]]:
    dice = np.random.default_rng(SEED)
    y, x = np.mgrid[0:512, 0:512]
    inside = (x - 256) ** 2 + (y - 256) ** 2 < 200**2
    made = [
        np.where(inside, 40 + 60 * np.sin(x / 30 + n / 9) + dice.normal(0, 12, (512, 512)), -1000) + 1024
        for n in range(count)
    ]
    frame = Frame(slope="1", intercept="-1024", windows=(Window("40", "400"),))
    return Facts(rows=512, columns=512, bits=12, modality="CT", common=frame), [m.astype(np.uint16) for m in made]


def test_window_and_level(kept: Callable[..., None], benchmark: Any) -> None:
    """A changed window on a 2000 × 2500 image: one look-up for each pixel of the viewport."""
    facts, image = chest()
    pipeline = Pipeline(facts)
    sample, voi = pipeline.sample(image, grid_for(facts)), pipeline.initial(image)
    table = np.zeros(1 << 16, np.uint8)
    bare = quickest(lambda: np.take(table, sample.values, mode="clip"))
    ours = quickest(lambda: pipeline.paint(sample, voi.moved(3, 5)))
    benchmark.pedantic(lambda: pipeline.paint(sample, voi), rounds=3)
    kept("window/level / a bare table", ours / bare, ms=round(ours, 2), size=sample.values.shape)
    kept("window/level, arithmetic", ours / unit_ms())


def test_a_whole_image_comes_to_the_screen(kept: Callable[..., None], benchmark: Any) -> None:
    """Averaged over the area, beside a bare table on all pixels; the nearest pixel while dragging."""
    facts, image = chest()
    pipeline, grid = Pipeline(facts), grid_for(facts)
    table = np.zeros(1 << 16, np.uint8)
    bare = quickest(lambda: np.take(table, image, mode="clip"), 10)
    ours = quickest(lambda: pipeline.sample(image, grid), 10)
    dragging = quickest(lambda: pipeline.sample(image, grid, smooth=False), 10)
    benchmark.pedantic(lambda: pipeline.sample(image, grid), rounds=3)
    kept("sampled to the screen / a bare table on all", ours / bare, ms=round(ours, 2), dragging_ms=round(dragging, 2))


def test_next_slice(kept: Callable[..., None], benchmark: Any) -> None:
    """From the bytes of a held CT slice to the grey of the viewport."""
    facts, made = slices(12)
    files = [PixelFile(write(facts, [m])) for m in made]
    pipeline, grid = Pipeline(facts), grid_for(facts)
    voi = pipeline.initial(made[0])
    table = np.zeros(1 << 16, np.uint8)

    def ours(n: int) -> np.ndarray:
        return pipeline.render(files[n % 12].frame(0), voi, grid)

    turn = iter(range(10_000))
    bare = quickest(lambda: np.take(table, files[next(turn) % 12].frame(0), mode="clip"))
    spent = quickest(lambda: ours(next(turn)))
    benchmark.pedantic(lambda: ours(0), rounds=3)
    kept("next slice, arithmetic / decoding and a bare table", spent / bare, ms=round(spent, 2))
    kept("next slice, arithmetic", spent / unit_ms())
