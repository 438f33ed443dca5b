"""The number itself: form, check character, what is never dealt, how it is shown (CLINICAL §7.3)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localdb.numbers.temporary import (
    SPACE,
    NumberRefused,
    id_of_number,
    is_number,
    may_be_dealt,
    read_number,
    shown,
    temporary_number,
    tidy_prefix,
    whole,
)
from localdb.records.ids import patient_id

PREFIXES = st.from_regex(r"\A(?=[0-9]*[A-Z])[0-9A-Z]{3,5}\Z")
NUMBERS = st.builds(temporary_number, PREFIXES, st.integers(0, SPACE - 1))
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"


def test_the_example_of_the_scheme() -> None:
    assert temporary_number("RPH", 4830172) == "RPH4830172W"
    assert read_number("rph 4830172-w") == ("RPH", "4830172", "W")
    assert id_of_number("RPH4830172W") == patient_id("wardlamp", "RPH", "RPH4830172W")


@settings(deadline=None)
@given(NUMBERS)
def test_what_is_made_is_read(number: str) -> None:
    assert whole(read_number(number)) == number
    assert whole(read_number(f" {number[:4]} {number[4:].lower()}")) == number


@settings(deadline=None)
@given(NUMBERS, st.data())
def test_every_single_substitution_is_found(number: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(number) - 1))
    for sign in SIGNS:
        changed = number[:at] + sign + number[at + 1 :]
        assert is_number(changed) is (sign == number[at])


@settings(deadline=None)
@given(NUMBERS)
def test_every_swap_of_neighbours_is_found(number: str) -> None:
    for at in range(len(number) - 1):
        swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        assert is_number(swapped) is (swapped == number)


def test_a_check_character_that_can_be_misread_is_not_dealt() -> None:
    ends = {temporary_number("RPH", n)[-1]: may_be_dealt(temporary_number("RPH", n)) for n in range(2000)}
    assert set(ends) == set(SIGNS)
    assert {sign for sign, may in ends.items() if not may} == set("ILOU*")


@pytest.mark.parametrize("text", ["", "RPH", "RPH4830172", "RPH4830172X", "4830172W", "RP4830172W", "12348301725",
                                  "RPH 483O172W", "RPHRPH4830172W", "RPH48301722W",
                                  "ＲＰＨ4830172W", "RPH4830172W\n1"])  # fmt: skip
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NumberRefused) as caught:
        read_number(text)
    assert caught.value.code == "numbers.unsound"
    assert caught.value.next_step


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert is_number(text) in (True, False)


def test_a_prefix_is_an_ods_code() -> None:
    assert [tidy_prefix(p) for p in ("rph", " RJ122 ", "5PH", "RXYZ")] == ["RPH", "RJ122", "5PH", "RXYZ"]
    for wrong in ("", "RP", "RPHRPH", "123", "R-H", "RÄH", "R PH"):
        with pytest.raises(NumberRefused) as caught:
            tidy_prefix(wrong)
        assert caught.value.code == "numbers.prefix"


def test_a_site_without_letters_reads_seven_digits_and_the_code_apart() -> None:
    assert shown("RPH4830172W") == "RPH4830172W"
    assert shown("RPH4830172W", letters=False) == "4830172 (ODS RPH)"
    assert shown("H204", letters=False) == "H204"
