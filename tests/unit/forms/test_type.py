"""Order of directions, fonts of characters, and where a line may break."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop.forms import bidi
from desktop.forms.type import NBSP, Style, font_of, glued, runs, tied, width, wrap

PLAIN = Style("regular", 10)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("abc", [("abc", False)]),
        ("محمد علي", [("محمد علي", True)]),
        ("Dr محمد", [("Dr ", False), ("محمد", True)]),
        ("סעיד (Dr)", [("סעיד", True), (" (Dr)", False)]),
        ("סעיד 12 ב", [(" ב", True), ("12", False), ("סעיד ", True)]),
        ("a סעיד, לוי b", [("a ", False), ("סעיד, לוי", True), (" b", False)]),
        ("", []),
    ],
)
def test_the_order_of_mixed_directions(text: str, order: list[tuple[str, bool]]) -> None:
    assert list(bidi.segments(text)) == order


@given(st.text(alphabet="ab 12-.,()%مدعשלום\u0301", max_size=40))
def test_no_character_is_lost_in_ordering(text: str) -> None:
    assert sorted("".join(t for t, _ in bidi.segments(text))) == sorted(text)


@pytest.mark.parametrize(
    ("char", "font"),
    [("A", "IBMPlexSans-Bold"), ("≤", "IBMPlexSans-Bold"), ("م", "NotoNaskhArabic-Bold"), ("अ", "NotoSansDevanagari-Bold"),
     ("李", "NotoSansSC-Regular"), ("김", "NotoSansKR-Regular"), ("ש", "NotoSansHebrew-Bold"), ("\U0001f600", None)],
)  # fmt: skip
def test_the_font_of_a_character(char: str, font: str | None) -> None:
    assert font_of(char, "bold") == font


def test_what_no_font_has_says_its_code_point() -> None:
    assert [r.text for r in runs("a\U0001f600b", "regular")] == ["a[U+1F600]b"]


def test_numbers_keep_their_units_and_doses_their_words() -> None:
    assert glued("2.5 mg twice, 4 times 10 %") == f"2.5{NBSP}mg twice, 4{NBSP}times 10{NBSP}%"
    lines = [line.text for line in wrap([(glued("give 1,000 micrograms now"), PLAIN)], 95)]
    assert not any(line.endswith("1,000") for line in lines)
    assert tied("5 mg in 5 mL").count(NBSP) == 4


@settings(max_examples=150)
@given(st.text(alphabet="abcdefgh ÄßşЖ-/مש李" + NBSP, min_size=1, max_size=120), st.integers(30, 200))
def test_wrapping_keeps_every_character_and_the_room(text: str, room: int) -> None:
    lines = wrap([(text, PLAIN)], room)
    assert [c for line in lines for c in line.text if not c.isspace()] == [c for c in text if not c.isspace()]
    for line in lines:
        assert sum(width(t, s) for t, s in line.spans) <= room + 1.5 or len(line.text.strip()) == 1


def test_a_word_breaks_only_when_it_is_wider_than_the_line() -> None:
    lines = [line.text for line in wrap([("see Nebuchadnezzar at once", PLAIN)], 85)]
    assert "Nebuchadnezzar" in " ".join(lines).split(" ")
    assert [line.text for line in wrap([("a-very-long-hyphenated-identifier", PLAIN)], 60)] == [
        "a-very-long-", "hyphenated-", "identifier",
    ]  # fmt: skip


def test_a_number_stays_on_its_side_of_a_name() -> None:
    (line,) = wrap([("محمد 12 mg", PLAIN)], 200)
    assert line.spans[0][0].strip() == "محمد"
