"""The recovery code: read out, typed, never silently wrong."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from localdb.records.ids import ALPHABET
from localdb.vault.recovery import bare_code, make_code


def test_a_code_has_eight_groups_and_reads_back() -> None:
    for _ in range(50):
        code = make_code()
        assert [len(g) for g in code.split("-")] == [4] * 8
        assert bare_code(code.encode()) == code.replace("-", "").encode()


@given(st.integers(0, 31), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(place: int, other: str) -> None:
    bare = CODE.replace("-", "")
    wrong = bare[:place] + other + bare[place + 1 :]
    assert (bare_code(wrong.encode()) is None) == (wrong != bare)


@given(st.integers(0, 30))
def test_two_neighbours_exchanged_are_always_noticed(place: int) -> None:
    bare = CODE.replace("-", "")
    wrong = bare[:place] + bare[place + 1] + bare[place] + bare[place + 2 :]
    assert (bare_code(wrong.encode()) is None) == (wrong != bare)


def test_a_secret_is_no_code() -> None:
    assert bare_code(b"lamp-ward-candle-79-river") is None
    assert bare_code("é".encode() * 16) is None


CODE = make_code()
