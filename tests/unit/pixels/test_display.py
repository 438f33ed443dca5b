"""Stored value -> grey, against vectors worked out by hand from PS3.3 C.11."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.pixels import display as d
from localdb.pixels.display import Pipeline, Voi
from localdb.pixels.facts import Facts, Frame, Shutter, Table, Window
from localdb.pixels.sampling import Grid


def facts(shape=(1, 4), **more) -> Facts:
    frame = {k: more.pop(k) for k in tuple(more) if k in Frame.__struct_fields__}
    return Facts(rows=shape[0], columns=shape[1], common=Frame(**frame), **more)


def row(*values, dtype="<u2"):
    return np.array([values], dtype)


def grey(found, image, voi=None, **more) -> list[int]:
    pipeline = Pipeline(found)
    return [int(v) for v in pipeline.render(image, voi or pipeline.initial(image), **more)[0]]


@pytest.mark.parametrize(
    ("voi", "values", "expected"),
    [
        # C.11.2.1.2.1: c = 2048, w = 4096 is the identity of 12 bits; c = 2048, w = 1 a threshold at 2048
        (Voi(2048, 4096), (0, 1, 2048, 4095), (0, 1 / 4095 * 255, 2048 / 4095 * 255, 255)),
        (Voi(2048, 1), (2047, 2048, 2049), (0, 255, 255)),
        (Voi(0, 100), (-50, -49, 0, 49, 50), (0, 1 / 99 * 255, 50 / 99 * 255, 255, 255)),
        (Voi(0, 100, d.LINEAR_EXACT), (-50, 0, 50, 51), (0, 127.5, 255, 255)),
        (Voi(0, 100, d.SIGMOID), (0, 25, -9999), (127.5, 255 / (1 + np.exp(-1)), 0)),
    ],
)
def test_the_formulas_of_the_standard(voi, values, expected) -> None:
    assert d.windowed(np.array(values, float), voi) == pytest.approx(np.array(expected, float))


def test_rescale_then_window() -> None:
    """Brain 80/40 in HU over stored values with an intercept of -1024: 0 HU is black, 80 HU white (CLINICAL §4.3)."""
    ct = facts(slope="1", intercept="-1024", modality="CT", windows=(Window("40", "80"),))
    image = row(1023, 1024, 1064, 1104)
    assert grey(ct, image) == [0, 0, round((40 - 39.5) / 79 * 255 + 127.5), 255]
    assert Pipeline(ct).value_at(image, 0, 2) == d.Value("1064", "40", "HU")
    assert Pipeline(ct).value_at(image, 1, 0) is None


def test_monochrome1_and_inverse_are_one_inversion() -> None:
    for more in ({"photometric": "MONOCHROME1"}, {"inverse": True}, {"photometric": "MONOCHROME1", "inverse": True}):
        found = facts(windows=(Window("128", "256"),), bits=8, **more)
        assert grey(found, row(0, 1, 254, 255, dtype="u1")) == [255, 254, 1, 0]
        assert grey(found, row(0, 1, 254, 255, dtype="u1"), invert=True) == [0, 1, 254, 255]


def test_signed_values() -> None:
    found = facts(windows=(Window("0", "4"),), signed=True)
    assert grey(found, row(-32768, -1, 0, 32767, dtype="<i2")) == [0, round(255 / 3), round(2 * 255 / 3), 255]


def test_padding_is_background_and_takes_no_part() -> None:
    found = facts((1, 6), padding=(-2000, -1990), signed=True)
    image = row(-2000, -1995, 10, 20, 30, 40, dtype="<i2")
    voi = Pipeline(found).auto(image)
    assert voi.label == "AUTO" and voi.center == pytest.approx(25) and voi.width == pytest.approx(29.4)
    for invert in (False, True):
        assert grey(found, image, voi, invert=invert)[:2] == [0, 0]
    half = Pipeline(found).render(image, d.between(0, 100, ""), Grid(0, 0, 6, 1, 3, 1))[0]
    assert list(half) == [0, round(0.15 * 255), round(0.35 * 255)], "padding is not averaged into the picture"
    assert Pipeline(found).value_at(image, 0, 1).padding is True
    everything = row(-2000, -1999, -1998, -1990, -1990, -1990, dtype="<i2")
    assert Pipeline(found).hidden(everything) is None, "nothing but padding: shown, not all black in silence"


def test_what_is_shown_first() -> None:
    image = row(0, 10, 20, 1000)
    assert Pipeline(facts(windows=(Window("5", "9", text="BONE"), Window("1", "2")))).initial(image).label == "BONE"
    assert Pipeline(facts()).initial(image).label == "AUTO"
    nm = Pipeline(facts(modality="NM")).initial(image)
    assert (nm.label, nm.center, nm.width) == ("0-MAX", 500, 1000)
    flat = Pipeline(facts()).initial(row(7, 7, 7, 7))
    assert flat.width > 0 and grey(facts(), row(7, 7, 7, 7)) == [0] * 4
    mask = np.zeros((40, 40), np.uint8)
    mask[3, 4] = 1
    assert Pipeline(facts((40, 40), bits=1)).render(mask, Pipeline(facts((40, 40))).initial(mask))[3, 4] == 255


@pytest.mark.parametrize(
    ("center", "width", "function", "kept"),
    [
        ("40", "80", "LINEAR", True), ("", "80", "LINEAR", False), ("x", "80", "LINEAR", False),
        ("40", "0", "LINEAR", False), ("40", "-3", "LINEAR", False), ("nan", "3", "LINEAR", False),
        ("0.5", "0.5", "LINEAR", True), ("0.5", "1e400", "SIGMOID", False),
    ],
)  # fmt: skip
def test_windows_that_are_none_are_not_offered(center, width, function, kept) -> None:
    assert (d.as_voi(Window(center, width, function)) is not None) == kept


def test_a_narrow_linear_window_is_meant_exactly() -> None:
    assert d.as_voi(Window("0.5", "0.5")).function == d.LINEAR_EXACT


def test_voi_table_after_rescale() -> None:
    table = Table(10, 8, np.array([0, 100, 255], "<u2").tobytes(), "MAMMO")
    found = facts(slope="2", intercept="0", voi_tables=(table,), windows=(Window("1", "2"),))
    assert [v.label for v in Pipeline(found).sent()] == ["MAMMO", "as sent"]
    assert grey(facts(), row(0, 99), Pipeline(found).sent()[0]) == [0, 255], (
        "of another image, which has none: its span"
    )
    assert grey(found, row(0, 5, 6, 99)) == [0, 0, 255, 255]  # 0 -> 0, 10 -> first, 12 -> third, beyond -> last


def test_modality_table_wins_over_rescale() -> None:
    table = Table(-1, 16, np.array([500, 600, 700], "<u2").tobytes())
    found = facts(signed=True, modality_table=table, slope="9", rescale="HU")
    image = row(-5, -1, 0, 5, dtype="<i2")
    assert list(Pipeline(found).modality_values(image)[0]) == [500, 500, 600, 700]
    assert Pipeline(found).value_at(image, 0, 2) == d.Value("0", "600", "")


def test_palettes_of_eight_and_sixteen_bits() -> None:
    red, green, blue = ((0, 255, 17), (0, 128, 0), (9, 0, 0))
    for scale, bits in ((1, 8), (257, 16), (1, 16)):  # the last says 16 and has 8
        tables = tuple(Table(1, bits, (np.array(c) * scale).astype("<u2").tobytes()) for c in (red, green, blue))
        found = facts(photometric="PALETTE COLOR", palette=tables, bits=8)
        made = Pipeline(found).render(row(0, 1, 2, 200, dtype="u1"), Voi())
        assert made.tolist() == [[[0, 0, 9], [0, 0, 9], [255, 128, 0], [17, 0, 0]]]


def test_palette_indices_are_never_averaged() -> None:
    tables = tuple(Table(0, 8, np.array(c, "<u2").tobytes()) for c in ((0, 255, 0), (0, 0, 0), (0, 0, 100)))
    found = facts((1, 2), photometric="PALETTE COLOR", palette=tables, bits=8)
    made = Pipeline(found).render(row(0, 2, dtype="u1"), Voi(), Grid(0, 0, 2, 1, 1, 1))
    assert made.tolist() == [[[0, 0, 50]]], "between the colours of 0 and 2, not the red of 1"


def test_colour() -> None:
    found = facts((1, 1), samples=3, photometric="RGB", bits=8)
    image = np.array([[[1, 2, 3]]], np.uint8)
    assert Pipeline(found).render(image, Voi()).tolist() == [[[1, 2, 3]]]
    assert Pipeline(found).render(image, Voi(), invert=True).tolist() == [[[254, 253, 252]]]
    assert Pipeline(found).value_at(image, 0, 0).shown == "1, 2, 3"
    screen = facts((1, 1), samples=3, photometric="RGB", bits=8, modality="CT", slope="1", intercept="0")
    assert Pipeline(screen).unit == "", "a screenshot of a CT is in no units"
    wide = np.array([[[65535, 32768, 0]]], np.uint16)
    assert Pipeline(facts((1, 1), samples=3, photometric="RGB", bits=16)).render(wide, Voi()).tolist() == [
        [[255, 128, 0]]
    ]


@pytest.mark.parametrize("dtype", ["<f4", "<f8", "<i4", "<u4"])
def test_wide_values_and_fractions(dtype: str) -> None:
    image = row(0, 25, 75, 100, dtype=dtype)
    if dtype[1] == "f":
        image[0, 0] = np.nan
    assert grey(facts(), image, d.between(0, 100, "")) == [0, 64, 191, 255]


def test_fractions_have_their_own_digits() -> None:
    image = row(0.1, 1 / 3, 2, np.nan, dtype="<f4")
    assert [Pipeline(facts()).value_at(image, 0, k).shown for k in range(4)] == ["0.1", "0.333333", "2", "not a number"]


def test_a_shutter_hides_what_is_outside_and_can_be_opened() -> None:
    found = facts((3, 4), shutters=(Shutter("RECTANGULAR", (2, 3, 2, 2)),), photometric="MONOCHROME1")
    image = np.full((3, 4), 5, np.uint16)
    voi = d.between(5, 10, "")
    assert Pipeline(found).render(image, voi).tolist() == [[0] * 4, [0, 255, 255, 0], [0] * 4]
    assert (Pipeline(found).render(image, voi, shutter=False) == 255).all()


@given(
    st.sampled_from(("|u1", "|i1", "<u2", "<i2")), st.floats(-3000, 3000), st.floats(1, 5000),
    st.sampled_from((d.LINEAR, d.LINEAR_EXACT, d.SIGMOID)), st.floats(-10, 10), st.floats(-2000, 2000), st.booleans(),
)  # fmt: skip
@settings(max_examples=40)
def test_the_table_is_what_each_value_gives(dtype, center, width, function, slope, intercept, invert) -> None:
    """The quick way for 8 and 16 bits and the slow way for the rest are one."""
    found = facts((1, 64), slope=str(slope), intercept=str(intercept))
    image = np.random.default_rng(7).integers(-(1 << 15), 1 << 15, (1, 64)).astype(dtype)
    voi, pipeline = Voi(center, width, function), Pipeline(found)
    table = pipeline.render(image, voi, invert=invert)
    wide = pipeline.render(image.astype("<i4"), voi, invert=invert)
    assert np.array_equal(table, wide)


def test_what_is_painted_is_ready_for_the_screen() -> None:
    found = facts((50, 70))
    image = np.arange(3500, dtype="<u2").reshape(50, 70)
    made = Pipeline(found).render(image, d.between(0, 3500, ""), Grid(10, 5, 60, 45, 33, 21))
    assert made.dtype == np.uint8 and made.shape == (21, 33) and made.flags.c_contiguous
