"""Letters, views and places: each expectation by hand, or a property that any right answer has."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.pixels import geometry as g
from localdb.pixels.display import turned
from localdb.pixels.facts import Facts, Frame
from localdb.pixels.geometry import Edges, Placed, View

AXIAL, CORONAL, SAGITTAL = (
    ("1", "0", "0", "0", "1", "0"),
    ("1", "0", "0", "0", "0", "-1"),
    ("0", "1", "0", "0", "0", "-1"),
)


def facts(orientation=(), stated=(), **more) -> Facts:
    return Facts(rows=4, columns=6, common=Frame(orientation=orientation), patient_orientation=stated, **more)


@pytest.mark.parametrize(
    ("orientation", "edges"),
    [  # top, right, bottom, left of a patient on the back, as every viewer shows them
        (AXIAL, "ALPR"),
        (CORONAL, "HLFR"),
        (SAGITTAL, "HPFA"),
        (("-1", "0", "0", "0", "-1", "0"), "PRAL"),  # on the belly, or stored upside down
        (("0.9962", "0.0872", "0", "-0.0872", "0.9962", "0"), "ALPR"),  # turned by 5 degrees: no second letter
    ],
)
def test_letters_of_the_planes(orientation, edges) -> None:
    assert g.edges_of(facts(orientation)) == Edges(*edges)


def test_an_oblique_plane_has_two_letters_by_size() -> None:
    c, s = "0.8660254", "0.5"  # 30 degrees
    assert g.edges_of(facts((c, s, "0", "0", "0", "-1"))) == Edges("H", "LP", "F", "RA")
    assert g.edges_of(facts((s, c, "0", "0", "0", "-1"))) == Edges("H", "PL", "F", "AR")


@pytest.mark.parametrize("degrees", [9.9, 10.1])
def test_a_second_letter_from_ten_degrees(degrees: float) -> None:
    a = math.radians(degrees)
    assert g.letters((math.cos(a), 0.0, math.sin(a))) == ("L" if degrees < 10 else "LH")


@pytest.mark.parametrize(
    "orientation",
    [(), ("1", "0", "0"), ("0",) * 6, ("1", "0", "0", "1", "0", "0"), ("x",) * 6, ("nan",) * 6, ("9", *AXIAL[1:])],
)
def test_what_is_no_orientation_is_said_so(orientation) -> None:
    assert g.edges_of(facts(orientation)) == Edges(note="orientation not stated")
    assert g.normal(orientation) is None


@pytest.mark.parametrize(
    ("stated", "edges"),
    [
        (("L", "F"), Edges("H", "L", "F", "R")),
        (("A", "FR"), Edges("HL", "A", "FR", "P")),
        (("P", "F"), Edges("H", "P", "F", "A")),
        (("LE", "CD"), Edges("", "LE", "CD", "")),  # a dog: shown as stated, nothing invented
        (("L", "R"), Edges(note=g.NOT_STATED)),
        (("L", ""), Edges(note=g.NOT_STATED)),
        (("L",), Edges(note=g.NOT_STATED)),
    ],
)
def test_letters_as_stated(stated, edges) -> None:
    assert g.edges_of(facts(stated=stated)) == edges


def test_orientations_that_contradict_show_no_letters() -> None:
    assert g.edges_of(facts(AXIAL, ("L", "P"))) == Edges(*"ALPR")
    assert g.edges_of(facts(AXIAL, ("R", "P"))) == Edges(note=g.CONTRADICTORY)


views = st.builds(
    View, rotation=st.sampled_from((0, 90, 180, 270)), flip=st.booleans(),
    zoom=st.sampled_from((0.0, 0.5, 1.0, 3.0)), pan=st.none() | st.tuples(st.floats(0, 6), st.floats(0, 4)),
)  # fmt: skip
steps = st.lists(st.sampled_from(("turn", "back", "mirror", "upend")), max_size=8)


@given(views, steps)
@settings(max_examples=60)
def test_a_picture_and_its_letters_go_together(view: View, done: list[str]) -> None:
    """What is done as seen to the picture is what the view says, and the edges follow it."""
    picture = np.arange(24).reshape(4, 6)
    seen = turned(picture, view)
    for one in done:
        seen = {"turn": lambda a: np.rot90(a, -1), "back": np.rot90, "mirror": np.fliplr, "upend": np.flipud}[one](seen)
        view = {"turn": view.turned(90), "back": view.turned(-90), "mirror": view.mirrored(), "upend": view.upended()}[
            one
        ]
    assert np.array_equal(turned(picture, view), seen)
    moved = view.edges(Edges("top", "right", "bottom", "left"))
    rank = (seen[0, :], seen[:, -1], seen[-1, :], seen[:, 0])
    for name, line in zip((moved.top, moved.right, moved.bottom, moved.left), rank, strict=True):
        held = {"top": picture[0], "right": picture[:, -1], "bottom": picture[-1], "left": picture[:, 0]}[name]
        assert sorted(line) == sorted(held)


@given(views, st.sampled_from((1.0, 2.5, 0.4)), st.floats(-5, 300), st.floats(-5, 200))
@settings(max_examples=80)
def test_there_and_back(view: View, aspect: float, x: float, y: float) -> None:
    placed = Placed(4, 6, 300, 200, view, aspect)
    assert placed.to_screen(*placed.to_image(x, y)) == pytest.approx((x, y), abs=1e-6)
    found = placed.pixel_at(x, y)
    if found:
        row, column = found
        assert column <= placed.to_image(x, y)[0] <= column + 1 and row <= placed.to_image(x, y)[1] <= row + 1
    grown = Placed(4, 6, 300, 200, placed.zoomed(1.5, 150, 100), aspect)
    assert grown.zoom == pytest.approx(min(40, placed.zoom * 1.5))


def test_fit_one_to_one_and_per_cent() -> None:
    fit = Placed(2500, 2000, 800, 1000)
    assert (fit.zoom, fit.words, fit.is_reduced) == (0.4, "40 % of full resolution", True)
    assert fit.target() == (0, 0, 800, 1000) and fit.region() == (0, 0, 2000, 2500)
    one = Placed(2500, 2000, 800, 1000, View(zoom=1.0))
    assert (one.words, one.is_reduced) == ("1:1", False)
    assert one.region() == (600, 750, 1400, 1750) and one.target() == (0, 0, 800, 1000)
    assert Placed(10, 10, 50, 50, View(zoom=0.9999)).words == "99 % of full resolution"


def test_pixels_that_are_not_square_are_drawn_as_long_as_they_are() -> None:
    """2 mm high, 1 mm wide: 100 × 100 pixels are a picture twice as high as wide."""
    tall = Facts(rows=100, columns=100, common=Frame(spacing=("2", "1")))
    assert g.aspect_of(tall) == 2
    assert Placed(100, 100, 400, 400, aspect=2).target() == (100, 0, 200, 400)
    assert Placed(100, 100, 400, 400, View(rotation=90), aspect=2).target() == (0, 100, 400, 200)
    assert Placed(100, 100, 400, 400, View(rotation=90), aspect=2).sampling() == (0, 0, 100, 100, 200, 400)
    assert Placed(100, 100, 400, 400, aspect=0.5).target() == (0, 100, 400, 200)
    assert g.aspect_of(Facts(rows=1, columns=1, aspect=("4", "3"))) == pytest.approx(4 / 3)
    assert g.aspect_of(Facts(rows=1, columns=1, common=Frame(spacing=("1", "900")))) == 1


def test_a_place_stays_where_it_is_while_zooming() -> None:
    placed = Placed(400, 400, 300, 300, View(rotation=90, flip=True))
    at = placed.to_image(70, 90)
    grown = viewed(placed, placed.zoomed(2, 70, 90))
    assert grown.to_image(70, 90) == pytest.approx(at)
    moved = viewed(grown, grown.panned(20, -10))
    assert moved.to_image(90, 80) == pytest.approx(at)


def viewed(placed: Placed, view: View) -> Placed:
    return Placed(placed.rows, placed.columns, placed.width, placed.height, view, placed.aspect)
