"""The grey-step picture: the levels stand where it says, at any size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.pixels.test_pattern import grey, patches, pattern


@given(st.integers(32, 1200), st.integers(32, 700))
@settings(max_examples=25)
def test_every_level_stands_where_it_says(width: int, height: int) -> None:
    made = pattern(width, height)
    assert made.shape == (height, width) and made.dtype == np.uint8
    found = patches(width, height)
    is_strip = width >= 3 * height
    assert [p.level for p in found] == [*range(0, 101, 10), *(() if is_strip else (0, 100)), 5, 95]
    for one in found:
        assert one.x >= 0 and one.x + one.wide <= width and one.y >= 0 and one.y + one.high <= height
        part = made[one.y : one.y + one.high, one.x : one.x + one.wide]
        assert part[0, 0] == part[-1, -1] == round(one.level * 2.55 + 1e-9)
        if one.within is not None:
            around = made[one.y - 1, one.x : one.x + one.wide]
            assert (around == grey(one.within)).all() and (part == part[0, 0]).all()
    outer = found[:-2]
    for n, a in enumerate(outer):
        for b in outer[n + 1 :]:
            assert (a.x + a.wide <= b.x or b.x + b.wide <= a.x) or (a.y + a.high <= b.y or b.y + b.high <= a.y)


@pytest.mark.parametrize(("width", "height"), [(0, 0), (1, 500), (-4, 10), (900, 2)])
def test_a_screen_that_is_too_small_still_has_one(width: int, height: int) -> None:
    assert pattern(width, height).shape == (max(32, height), max(32, width))
