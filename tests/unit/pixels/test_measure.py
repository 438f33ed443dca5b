"""Lengths, angles and values: by hand, with what must be said beside each (CLINICAL §4.2)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.pixels import measure as m
from localdb.pixels.display import Pipeline
from localdb.pixels.facts import Facts, Frame, Region


def facts(spacing=(), **more) -> Facts:
    more.setdefault("modality", "CT")
    return Facts(rows=100, columns=100, common=Frame(spacing=spacing, **more.pop("frame", {})), **more)


def test_millimetres_of_a_slice() -> None:
    """3-4-5: 30 pixels across and 40 down, 0.7 mm each."""
    found = m.length(facts(("0.7", "0.7")), (10, 10), (40, 50))
    assert (found.text, found.scale) == ("35.0 mm", "1 pixel = 0.7 mm")
    assert found.words == "35.0 mm. Approximate, not for planning."


def test_pixels_that_are_not_square() -> None:
    """2 mm high, 1 mm wide: (3, 2) pixels are 3 mm and 4 mm."""
    tall = facts(("2", "1"))
    assert m.length(tall, (0, 0), (3, 2)).text == "5 mm"
    assert m.length(tall, (0, 0), (3, 2)).scale == "1 pixel = 2 mm high, 1 mm wide"
    assert m.angle(tall, (10, 0), (0, 0), (10, 5)).text == "45°"
    shape = m.length(facts((), aspect=("2", "1")), (0, 0), (3, 2))
    assert shape.text == "5 px" and m.NOT_SQUARE in shape.caveats


@pytest.mark.parametrize(
    ("more", "unit", "caveat"),
    [
        ({}, "px", m.NO_SPACING),
        ({"imager_spacing": ("0.2", "0.2")}, "mm", m.AT_DETECTOR),
        ({"spacing": ("0.2", "0.2"), "imager_spacing": ("0.2", "0.2")}, "mm", m.AT_DETECTOR),
        ({"spacing": ("0.15", "0.15"), "imager_spacing": ("0.2", "0.2")}, "mm", m.CHANGED),
        ({"spacing": ("0.15", "0.15")}, "mm", m.NOT_SAID),
        ({"spacing": ("0.15", "0.15"), "calibration": "FIDUCIAL 25 mm ball"}, "mm", "calibrated by the sender (fiducial)"),
        ({"spacing": ("0.2", "0.2"), "imager_spacing": ("0.2", "0.2"), "calibration": "GEOMETRY"}, "mm",
         "calibrated by the sender (geometry)"),
        ({"spacing": ("0", "0.2")}, "px", m.NO_SPACING),
        ({"spacing": ("0.2",)}, "px", m.NO_SPACING),
        ({"spacing": ("-1", "-1")}, "px", m.NO_SPACING),
    ],
)  # fmt: skip
@pytest.mark.parametrize("modality", sorted(m.PROJECTION))
def test_what_a_shadow_may_say(modality, more, unit, caveat) -> None:
    found = m.length(facts(more.get("spacing", ()), modality=modality, **{k: v for k, v in more.items() if k != "spacing"}),
                     (0, 0), (50, 0))  # fmt: skip
    assert found.text.endswith(unit) and caveat in found.caveats and found.caveats[-1] == m.APPROXIMATE


def test_a_localizer_is_a_shadow_too_and_a_magnification_is_only_said() -> None:
    scout = facts(("1", "1"), image_type=("ORIGINAL", "PRIMARY", "LOCALIZER"))
    assert m.NOT_SAID in m.length(scout, (0, 0), (9, 0)).caveats
    wrist = facts(modality="DX", imager_spacing=("0.1", "0.1"), magnification="1.25")
    found = m.length(wrist, (0, 0), (100, 0))
    assert found.text == "10.0 mm" and "magnification sent as 1.25, not applied" in found.caveats


def test_ultrasound_counts_by_the_part_of_the_picture() -> None:
    """2D on the left with 0.05 cm a pixel, a time trace on the right (seconds across)."""
    plane = Region(0, 0, 49, 99, spatial=1, unit_x=3, unit_y=3, delta_x="0.05", delta_y="-0.05")
    trace = Region(50, 0, 99, 99, spatial=2, unit_x=4, unit_y=3, delta_x="0.01", delta_y="0.05")
    us = facts(("0.3", "0.3"), modality="US", regions=(plane, trace))
    assert m.length(us, (10, 10), (10, 30)).text == "10.0 mm"
    for a, b in (((60, 10), (60, 30)), ((10, 10), (60, 10)), ((10, 10), (10, 300))):
        found = m.length(us, a, b)
        assert found.text.endswith("px") and m.NO_PLACE in found.caveats
    assert m.AS_SENT in m.length(facts(("0.3", "0.3"), modality="US"), (0, 0), (9, 9)).caveats
    assert m.length(facts(modality="US"), (0, 0), (9, 0)).text == "9 px"


def test_digits_are_no_finer_than_what_can_be_pointed_at() -> None:
    assert m.length(facts(("4", "4")), (0, 0), (3, 0)).text == "12 mm"
    fine = facts(("0.14", "0.14"))
    assert m.length(fine, (0, 0), (30, 0)).text == "4.2 mm"
    assert m.length(fine, (0, 0), (30, 0), zoom=0.1).text == "4 mm", "one screen pixel is 1.4 mm"
    assert m.length(facts(), (0, 0), (1, 1)).text == "1 px"


def test_angles() -> None:
    ct = facts(("1", "1"))
    assert m.angle(ct, (50, 0), (0, 0), (0, 50)).text == "90°"
    assert m.angle(ct, (50, 0), (0, 0), (-50, 0)).text == "180°"
    assert m.angle_between(ct, ((0, 0), (50, 0)), ((90, 90), (40, 40))).text == "45°"
    assert m.SHORT in m.angle(ct, (5, 0), (0, 0), (0, 50)).caveats
    assert m.angle(ct, (0, 0), (0, 0), (0, 50)).text == "No angle: a line has no length"
    assert any("square" in c for c in m.angle(facts(), (50, 0), (0, 0), (0, 50)).caveats)
    shadow = facts(modality="DX", imager_spacing=("0.2", "0.2"))
    assert m.AT_DETECTOR not in m.angle(shadow, (50, 0), (0, 0), (0, 50)).caveats, "an angle is not magnified"


@given(st.floats(0.01, 5), st.floats(0.01, 5), *[st.floats(-90, 90)] * 4)
@settings(max_examples=40)
def test_a_length_is_the_same_from_both_ends_and_scales(row, column, a, b, c, d) -> None:
    one, two = m.scale_of(facts((str(row), str(column)))), m.scale_of(facts((str(row * 2), str(column * 2))))
    assert one.between((a, b), (c, d)) == one.between((c, d), (a, b))
    assert two.between((a, b), (c, d)) == pytest.approx(2 * one.between((a, b), (c, d)))


def test_the_values_of_a_rectangle_and_an_ellipse() -> None:
    image = np.arange(10000, dtype=np.uint16).reshape(100, 100)
    ct = Pipeline(facts(("1", "1"), frame={"slope": "1", "intercept": "-1000"}))
    found = m.region_values(ct, image, (12, 10), (10, 12), is_ellipse=False)
    # rows and columns 10, 11: 1010, 1011, 1110, 1111 less 1000
    assert found.text == "mean 60.5 HU, SD 50.0, min 10, max 111 HU; 4 mm², 4 pixels"
    disc = m.region_values(ct, np.full((100, 100), 1040, np.uint16), (20, 20), (60, 60))
    assert disc.text.startswith("mean 40.0 HU, SD 0.0, min 40, max 40 HU; ")
    count = int(disc.text.split("mm², ")[1].split()[0])
    assert count == pytest.approx(np.pi * 20 * 20, rel=0.01)


def test_padding_takes_no_part_and_what_has_no_unit_says_so() -> None:
    image = np.full((100, 100), 50, np.uint16)
    image[:, :11] = 0
    found = m.region_values(
        Pipeline(facts(("1", "1"), padding=(0,), modality="MR")), image, (10, 10), (12, 12), is_ellipse=False
    )
    assert found.text.startswith("mean 50.0, SD 0.0, min 50, max 50; 4 mm²")
    assert found.caveats[:2] == ("values as sent, no unit", "2 pixels without a picture left out")
    nothing = m.region_values(Pipeline(facts(padding=(0,))), image, (0, 0), (5, 5))
    assert nothing.text == "No pixel of the picture in this region"
    outside = m.region_values(Pipeline(facts()), image, (200, 200), (250, 250))
    assert outside.text == "No pixel of the picture in this region"
    colour = Facts(rows=2, columns=2, samples=3, photometric="RGB")
    assert "no values" in m.region_values(Pipeline(colour), np.zeros((2, 2, 3), np.uint8), (0, 0), (2, 2)).text
