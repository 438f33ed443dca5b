"""The permutation: every place one number, every number one place, whatever the size and the key."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.numbers.shuffle import Shuffle
from localdb.numbers.temporary import SPACE

KEYS = st.binary(min_size=32, max_size=32)


@settings(deadline=None)  # the machine is shared
@given(KEYS, st.integers(1, 700))
def test_it_is_a_bijection_of_every_small_space(key: bytes, size: int) -> None:
    shuffle = Shuffle(key, size)
    assert {shuffle.number_at(place) for place in range(size)} == set(range(size))


@settings(deadline=None)  # the machine is shared
@given(KEYS, st.integers(1, SPACE), st.data())
def test_the_inverse_leads_back(key: bytes, size: int, data: st.DataObject) -> None:
    shuffle, place = Shuffle(key, size), data.draw(st.integers(0, size - 1))
    assert shuffle.place_of(shuffle.number_at(place)) == place
    assert shuffle.number_at(shuffle.place_of(place)) == place


@settings(deadline=None)  # the machine is shared
@given(KEYS, st.lists(st.integers(1, 60), min_size=2, max_size=8))
def test_packs_dealt_one_after_the_other_are_disjoint(key: bytes, sizes: list[int]) -> None:
    shuffle, place, seen = Shuffle(key, SPACE), 0, set[int]()
    for size in sizes:
        pack = {shuffle.number_at(n) for n in range(place, place + size)}
        assert len(pack) == size
        assert seen.isdisjoint(pack)
        seen |= pack
        place += size


def test_neighbours_are_not_dealt_in_a_row() -> None:
    """Non-sequential (CLINICAL §1.3): of 2,000 dealt in a row, differences of up to 10 are as rare as chance has them
    (2,000 × 20 in 10 million: 0.004 expected)."""
    shuffle = Shuffle(bytes(range(32)), SPACE)
    row = [shuffle.number_at(n) for n in range(2000)]
    assert sum(abs(a - b) <= 10 for a, b in itertools.pairwise(row)) <= 1
    # And they come from the whole space: each tenth of it has its share, within six standard deviations (13.4 each).
    for tenth in range(10):
        assert 120 < sum(tenth * SPACE // 10 <= n < (tenth + 1) * SPACE // 10 for n in row) < 280


def test_another_key_or_label_is_another_order() -> None:
    one, other = Shuffle(b"a" * 32, SPACE), Shuffle(b"b" * 32, SPACE)
    labelled = Shuffle(b"a" * 32, SPACE, "numbers RPH")
    rows = [[s.number_at(n) for n in range(50)] for s in (one, other, labelled)]
    assert len({n for row in rows for n in row}) > 140


@pytest.mark.parametrize("place", [-1, 10, 11])
def test_outside_of_the_space_is_refused(place: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        Shuffle(b"k" * 32, 10).number_at(place)
    with pytest.raises(ValueError, match="32 bytes"):
        Shuffle(b"k" * 31, 10)
    with pytest.raises(ValueError, match="32 bytes"):
        Shuffle(b"k" * 32, 0)
