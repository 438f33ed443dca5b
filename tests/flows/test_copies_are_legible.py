"""What the fifth copy of a page keeps: its lines, and the points in its figures (0.5 may not become 05; hazard H13).

The pipeline is that of `copier`. Sabotage: lines and small letters drawn as fine as they were asked for.
"""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from desktop.forms import sheet as sheets
from desktop.forms.type import Style, width
from tests.unit.forms import copier

PT = copier.COPY_DPI / 72
PAGE = (330.0, 330.0)  # points: a part of a page, so that the copies take seconds
FACES = [("regular", 8), ("regular", 10), ("medium", 10), ("semibold", 8), ("mono", 9.5), ("bold", 13), ("ident", 8)]
SEEDS = (1, 2, 3)


def fifth_copy(draw: object, seed: int) -> np.ndarray:
    """The dark pixels of the fifth copy of a page on which `draw(sheet)` has drawn."""
    made = sheets.Sheet(PAGE, "copy")
    made.first_page(PAGE)
    draw(made)  # type: ignore[operator]
    image = copier.copied(copier.page(made.done(), 0, copier.COPY_DPI), seed)
    return np.asarray(image) < 128


def near(dark: np.ndarray, x: float, y: float, reach: float = 9) -> bool:
    """Whether anything dark is within `reach` points of a place: a copy lies a little elsewhere."""
    left, right, top, low = (int(v * PT) for v in (x - reach, x + reach, y - reach, y + reach))
    return bool(dark[top:low, left:right].any())


def lines_kept(seed: int) -> float:
    """The share of a line of a form that is still there."""

    def draw(made: sheets.Sheet) -> None:
        for n in range(6):
            made.line(20, 30 + n * 50, 310, 30 + n * 50)

    dark = fifth_copy(draw, seed)
    spots = [(x, 30 + n * 50) for n in range(6) for x in range(30, 300, 3)]
    found = [dark[int((y - 9) * PT) : int((y + 9) * PT), int(x * PT) - 2 : int(x * PT) + 2].any() for x, y in spots]
    return sum(found) / len(found)


def points_kept(face: str, size: float, seed: int) -> tuple[int, int]:
    """(points that are left, points that were printed), each alone on white paper."""
    places = [(25 + 28 * n, 25 + 28 * k) for n in range(11) for k in range(11)]

    def draw(made: sheets.Sheet) -> None:
        for x, y in places:
            made.text(x - width(".", Style(face, size)) / 2, y, ".", Style(face, size))

    dark = fifth_copy(draw, seed)
    return sum(near(dark, x, y) for x, y in places), len(places)


@pytest.mark.parametrize("seed", SEEDS)
def test_lines_outlive_five_copies(seed: int) -> None:
    assert lines_kept(seed) > 0.99


@pytest.mark.parametrize(("face", "size"), FACES)
def test_no_decimal_point_is_lost_in_five_copies(face: str, size: float) -> None:
    kept = [points_kept(face, size, seed) for seed in SEEDS]
    assert [a for a, b in kept] == [b for a, b in kept]


def test_sabotage_fine_lines_and_letters_fade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "_strong", lambda weight: 0.3)
    monkeypatch.setattr(sheets, "SMALL", 0)
    assert min(lines_kept(seed) for seed in SEEDS) < 0.9
    lost = [points_kept("regular", 8, seed) for seed in SEEDS]
    assert sum(a for a, _ in lost) < sum(b for _, b in lost)


def test_a_page_without_anything_has_nothing_where_a_point_would_be() -> None:
    """The check sees dust rarely enough to be one: a blank copy keeps almost no point."""
    blank = Image.new("L", (1375, 1375), 255)
    dark = np.asarray(copier.copied(blank, 5)) < 128
    found = sum(near(dark, 25 + 28 * n, 25 + 28 * k) for n in range(11) for k in range(11))
    assert found < 60
