"""H19: an incomplete stack that is thought complete. Slices are deleted from a phantom series; what is missing between
those that are left is counted where it is missing.

Control: `pixels.stack` compares each step with the usual one; `numbers_missing` the numbers with the pictures. What a
source counts is `chart.held_images`. Each is taken away once here.
"""

from __future__ import annotations

import random

import pytest

from localdb.pixels import stack as product
from localdb.pixels.stack import Plane, numbers_missing, stacks

AXIAL = ("1", "0", "0", "0", "1", "0")


def series(count: int, step: float) -> list[Plane]:
    return [Plane(f"1.2.{n}", 0, n + 1, ("-100", "-100", f"{n * step:.4f}"), AXIAL, "1.9") for n in range(count)]


@pytest.mark.parametrize("seed", range(40))
def test_every_deleted_slice_is_counted_where_it_was(seed: int) -> None:
    """Up to a third of the inner slices, in any order of arrival, with thin and thick steps."""
    dice = random.Random(seed)
    count, step = dice.randint(12, 60), dice.choice((0.625, 1.25, 5.0, 10.0))
    whole = series(count, step)
    out = set(dice.sample(range(1, count - 1), dice.randint(1, count // 4)))
    left = [p for n, p in enumerate(whole) if n not in out]
    dice.shuffle(left)
    (found,) = stacks(left)
    assert sum(g.missing for g in found.gaps) == len(out), "slices that are missing and not counted"
    for gap in found.gaps:
        before, after = found.planes[gap.after], found.planes[gap.after + 1]
        assert before.number is not None and after.number is not None
        assert set(range(before.number, after.number - 1)) <= out
        assert f"{gap.missing} slice" in gap.words and "may be missing here" in gap.words
    assert numbers_missing(left) == len([n for n in out if n + 1 < max(p.number or 0 for p in left)])


def test_a_whole_series_warns_of_nothing() -> None:
    for count in (1, 2, 3, 400):
        (found,) = stacks(series(count, 1.25))
        assert found.gaps == () and numbers_missing(found.planes) == 0


def test_slices_missing_at_the_start_show_in_the_numbers() -> None:
    assert numbers_missing(series(40, 5.0)[7:]) == 7, "beginnings that are missing"


def test_sabotage_a_jump_that_nobody_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(product, "JUMP", 1e9)
    with pytest.raises(AssertionError, match="not counted"):
        test_every_deleted_slice_is_counted_where_it_was(1)


def test_sabotage_numbers_that_nobody_compares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "numbers_missing", lambda planes: 0)
    with pytest.raises(AssertionError, match="beginnings"):
        test_slices_missing_at_the_start_show_in_the_numbers()
