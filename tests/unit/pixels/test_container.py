"""The pixel file gives back what it was given, whatever the type, and refuses what is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as made

from localdb.pixels.container import PixelFile, PixelsDamaged, write
from localdb.pixels.facts import Facts, Frame

TYPES = ("u1", "i1", "<u2", "<i2", ">i2", "<u4", "<i4", "<f4", "<f8")
IMAGES = st.sampled_from(TYPES).flatmap(
    lambda t: st.tuples(st.integers(1, 40), st.integers(1, 40), st.sampled_from((1, 3))).flatmap(
        lambda s: made.arrays(t, s[:2] if s[2] == 1 else s, elements={"allow_nan": False} if "f" in t else None)
    )
)


@given(IMAGES, st.integers(0, 5), st.integers(1, 3))
def test_what_is_read_is_what_was_written(image, first, count) -> None:
    facts = Facts(rows=image.shape[0], columns=image.shape[1], samples=1 if image.ndim == 2 else 3)
    frames = [np.roll(image, n, axis=0) for n in range(count)]
    held = PixelFile(write(facts, frames, first))
    assert (held.facts, held.first, held.count) == (facts, first, count)
    for n, frame in enumerate(frames):
        found = held.frame(first + n)
        assert found.dtype.newbyteorder("=") == frame.dtype.newbyteorder("=")
        assert np.array_equal(found, frame)


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(PixelsDamaged):
        PixelFile(b"WLPX\x01" + data).frame(0)


def test_a_frame_has_its_own_facts_and_the_common_ones() -> None:
    facts = Facts(rows=1, columns=1, common=Frame(slope="2", text="a"), frames=(Frame(slope="3"),))
    assert (facts.of_frame(0).slope, facts.of_frame(0).text, facts.of_frame(1).slope) == ("3", "a", "2")
