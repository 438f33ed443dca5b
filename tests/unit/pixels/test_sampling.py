"""Sampling against the same thing done slowly, pixel by pixel."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.pixels.sampling import Grid, nearest, smoothed, touched

DICE = np.random.default_rng(20261127)


def overlap(start: float, stop: float, pixel: int) -> float:
    return max(0.0, min(pixel + 1, stop) - max(pixel, start))


def slowly(values, grid: Grid, hidden=None) -> np.ndarray:
    """Area where it gets smaller, between neighbours where it gets larger; each axis for itself."""
    weights = []
    for start, stop, count, length in (
        (grid.top, grid.bottom, grid.height, values.shape[0]), (grid.left, grid.right, grid.width, values.shape[1]),
    ):  # fmt: skip
        step = (stop - start) / count
        lines = np.zeros((count, length))
        for n in range(count):
            if step > 1:
                lines[n] = [overlap(start + n * step, start + (n + 1) * step, k) / step for k in range(length)]
            else:
                at = start + (n + 0.5) * step - 0.5
                share = at - math.floor(at)
                for place, weight in ((math.floor(at), 1 - share), (math.floor(at) + 1, share)):
                    lines[n, min(max(place, 0), length - 1)] += weight
        weights.append(lines)
    rows, columns = weights
    seen = np.ones(values.shape[:2]) if hidden is None else ~hidden
    total = np.einsum("ij,jk...,lk->il...", rows, values * (seen if values.ndim == 2 else 1.0), columns)
    return total / (rows @ seen @ columns.T) if hidden is not None else total


grids = st.tuples(
    st.integers(0, 6), st.integers(0, 6), st.integers(1, 24), st.integers(1, 18), st.integers(1, 60), st.integers(1, 60)
).map(lambda g: Grid(g[0], g[1], g[0] + g[2], g[1] + g[3], g[4], g[5]))


@given(grids, st.sampled_from(("u1", "<u2", "<i2", "<i4", "<f4", "rgb")))
@settings(max_examples=30, deadline=None)
def test_smoothed_is_what_it_is_slowly(grid: Grid, kind: str) -> None:
    shape = (24, 30, 3) if kind == "rgb" else (24, 30)
    values = DICE.integers(0, 256, shape).astype("u1" if kind == "rgb" else kind)
    made, hidden = smoothed(values, grid)
    assert hidden is None and made.shape == (grid.height, grid.width, *shape[2:]) and made.dtype == values.dtype
    expected = values[grid.top : grid.bottom, grid.left : grid.right] if grid.is_plain() else slowly(values, grid)
    assert np.abs(made - expected).max() <= (0.51 if made.dtype.kind != "f" else 1e-3)


@given(grids)
@settings(max_examples=20, deadline=None)
def test_what_is_hidden_takes_no_part(grid: Grid) -> None:
    values = DICE.integers(0, 4096, (24, 30)).astype("<u2")
    hidden = DICE.random((24, 30)) < 0.3
    made, covered = smoothed(values, grid, hidden)
    other, _ = smoothed(np.where(hidden, np.uint16(60_000), values), grid, hidden)
    seen = ~covered
    assert np.array_equal(made[seen], other[seen]), "whatever stands in what is hidden"
    if not grid.is_plain():
        with np.errstate(divide="ignore", invalid="ignore"):
            expected = slowly(values, grid, hidden)
        assert np.abs(made - expected)[seen].max(initial=0) <= 1


@given(grids)
@settings(max_examples=20, deadline=None)
def test_nearest_takes_values_that_are_there(grid: Grid) -> None:
    values = np.arange(24 * 30).reshape(24, 30)
    made = nearest(values, grid)
    assert made.shape == (grid.height, grid.width)
    row, column = made // 30, made % 30
    assert grid.top <= row.min() and row.max() < grid.bottom and grid.left <= column.min() and column.max() < grid.right
    assert (np.diff(row, axis=0) >= 0).all() and (np.diff(column, axis=1) >= 0).all()


@pytest.mark.parametrize("size", [1, 3, 7, 24, 60])
def test_a_thin_line_stays(size: int) -> None:
    mask = np.zeros((24, 30), np.bool_)
    mask[11, :] = True
    made = touched(mask, Grid(0, 0, 30, 24, size, size))
    assert made.any(axis=0).all() and (size < 7 or not made.all())


def test_values_at_the_ends_of_their_type_stay_there() -> None:
    for dtype in ("u1", "<i2", "<u2", "<i4"):
        limits = np.iinfo(dtype)
        for value in (limits.min, limits.max):
            made, _ = smoothed(np.full((9, 9), value, dtype), Grid(0, 0, 9, 9, 20, 4))
            assert (made == value).all()
