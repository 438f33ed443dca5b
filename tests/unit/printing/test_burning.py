"""Words in pixels: they are there, of whom they say, at the right edge, in grey and in colour, at every size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.forms.model import Raster
from desktop.printing.burning import NARROW, WIDE, Drawn, Label, burnt

WHO = "OKONKWO, Ifeoma   Born 14-Mar-1951   NHS No. 999 000 0018"


def pixels(raster: Raster) -> Any:
    shape = (raster.height, raster.width, 3) if raster.samples == 3 else (raster.height, raster.width)
    return np.frombuffer(raster.data, np.uint8).reshape(shape)


def split(raster: Raster, height: int) -> tuple[Any, Any, Any]:
    """Bar above, image, bar below: the bars are black where no letter is."""
    made = pixels(raster)
    above = next(n for n in range(made.shape[0]) if (made[n] == 128).mean() > 0.3)
    return made[:above], made[above : above + height], made[above + height :]


def test_label_and_identity_stand_above_and_below_and_on_the_image() -> None:
    image = np.full((900, 840), 128, np.uint8)
    above, on_it, below = split(burnt(image, Label(WHO, "Chest X-ray")), 900)
    assert above[5:].max() > 240 and below.max() > 240
    assert np.median(above) == np.median(below) == 0
    low_left = on_it[-100:, :420]
    assert low_left.max() > 240 and low_left.min() < 20  # white words with a dark edge on mid grey
    assert (on_it[:700] == 128).all()  # and nothing where nothing was to be said


def test_another_person_is_another_label_in_the_bar_and_on_the_image() -> None:
    image = np.full((900, 840), 128, np.uint8)
    one, other = (split(burnt(image, Label(who, "X")), 900) for who in (WHO, WHO.replace("Ifeoma", "Adaeze")))
    assert (one[1] != other[1]).any() and (one[2].shape != other[2].shape or (one[2] != other[2]).any())
    assert (one[0] == other[0]).all()


@pytest.mark.parametrize("edge", range(4))
def test_each_letter_stands_at_its_own_edge(edge: int) -> None:
    """With one letter alone, what differs from the image without it lies at that edge."""
    image = np.full((840, 840), 128, np.uint8)
    letters = tuple("H" if n == edge else "" for n in range(4))
    bare, lettered = (split(burnt(image, Label("", "", found)), 840)[1].astype(int)  # type: ignore[arg-type]
                      for found in (("", "", "", ""), letters))  # fmt: skip
    rows, columns = np.nonzero(bare != lettered)
    middle = (float(columns.mean()) / 840, float(rows.mean()) / 840)
    assert middle == pytest.approx(((0.5, 0.03), (0.97, 0.5), (0.5, 0.97), (0.03, 0.5))[edge], abs=0.04)


def test_what_was_drawn_lies_on_its_line() -> None:
    image = np.full((840, 840), 128, np.uint8)
    bare, drawn = (split(burnt(image, Label("", "", marks=marks)), 840)[1].astype(int)
                   for marks in ((), (Drawn(((0.25, 0.5), (0.75, 0.5)), ""),)))  # fmt: skip
    rows, columns = np.nonzero(bare != drawn)
    assert abs(rows.mean() - 420) < 3 and columns.min() < 215 and columns.max() > 625


def test_colour_stays_colour() -> None:
    image = np.zeros((420, 840, 3), np.uint8)
    image[:] = (10, 120, 200)
    made = burnt(image, Label(WHO, "Ultrasound"))
    assert made.samples == 3
    assert (pixels(made)[pixels(made).shape[0] // 2, 420] == (10, 120, 200)).all()


@pytest.mark.parametrize(
    ("size", "wide"), [((1, 1), WIDE), ((3, 700), NARROW), ((700, 3), WIDE), ((64, 64), NARROW), ((2000, 90), NARROW)]
)
def test_any_shape_of_image_carries_it(size: tuple[int, int], wide: float) -> None:
    made = burnt(np.full(size, 77, np.uint8), Label(WHO, "Examination", ("A", "L", "P", "R"), ("FLIPPED",)), wide)
    assert made.width >= 1.6 * wide - 1
    assert made.height < 6000  # a slender image is not blown up to gigabytes
    assert len(made.data) == made.width * made.height


@settings(max_examples=5, deadline=None)
@given(st.text(max_size=120), st.text(max_size=60), st.text(max_size=8))
def test_any_words_leave_a_picture(who: str, about: str, flag: str) -> None:
    from localdb.chart.wording import clean

    made = burnt(np.zeros((40, 420), np.uint8), Label(clean(who), clean(about), ("", "", "", ""), (clean(flag),)))
    assert len(made.data) == made.width * made.height * made.samples
