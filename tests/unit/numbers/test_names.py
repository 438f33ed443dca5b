"""The words of which unknown patients' names are made (NHS/PSA/RE/2018/008; CLINICAL §1.3)."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from localdb.numbers.names import is_no_name, name_at, word_list

ICAO = (
    "Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec Romeo"
    " Sierra Tango Uniform Victor Whisky X-ray Yankee Zulu"
).split()
# What a ward would read as something else: units, results, places, forms, body, family (a sample, not the rule itself).
CLINICAL = set(
    "echo kilo unit units orbit pelvis vessel theatre ward bed drip line shunt stent magnet spiral contrast culture gas"
    " sugar iron lead mercury cast crutch splint baby mother father sister nurse doctor".split()
)
MONTHS = set("january february march april may june july august september october november december".split())


def distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for n, a in enumerate(one, 1):
        former, row = row, [n]
        for m, b in enumerate(other, 1):
            row.append(min(former[m] + 1, row[m - 1] + 1, former[m - 1] + (a != b)))
    return row[-1]


def test_each_word_of_the_spelling_alphabet_is_used_or_left_out_with_a_reason() -> None:
    held = word_list()
    used, omitted = set(held.words), {o.word for o in held.omitted}
    assert used & omitted == set()
    assert (used & set(ICAO)) | omitted == set(ICAO)
    assert all(o.reason.strip() for o in held.omitted)
    assert {
        "Charlie",
        "Juliett",
        "Mike",
        "Oscar",
        "Romeo",
        "Victor",
        "X-ray",
    } <= omitted  # named by the alert, or names


def test_no_word_is_read_as_another_or_as_something_else() -> None:
    words = [w.casefold() for w in word_list().words]
    assert all(re.fullmatch(r"[a-z]{4,10}", w) for w in words)
    assert not set(words) & (CLINICAL | MONTHS)
    for one, other in itertools.combinations(words, 2):
        assert distance(one, other) >= 3, (one, other)
        assert one[:3] != other[:3], (one, other)


def test_no_word_is_the_name_of_anybody_in_the_data(data_dir: Path) -> None:
    """Family and given names of every FHIR patient and every PID-5 in the large data."""
    names: set[str] = set()
    for file in data_dir.rglob("*"):
        if file.suffix in (".json", ".ndjson", ".hl7", ".txt") and file.is_file():
            text = file.read_text(encoding="utf-8", errors="ignore")
            names.update(n.casefold() for n in re.findall(r'"family"\s*:\s*"([^"]+)"', text))
            for given in re.findall(r'"given"\s*:\s*\[([^\]]*)\]', text):
                names.update(n.casefold() for n in re.findall(r'"([^"]+)"', given))
            for found in re.findall(r"^PID\|(?:[^|\r\n]*\|){4}([^|\r\n]*)", text, re.MULTILINE):
                names.update(part.casefold() for part in re.split(r"[\^~&]", found) if part)
    assert len(names) > 300
    assert not {w.casefold() for w in word_list().words} & names


def test_pairs_are_all_different_and_never_one_word_twice() -> None:
    held = word_list()
    pairs = {held.pair(n) for n in range(held.pairs)}
    assert len(pairs) == held.pairs == len(held.words) * (len(held.words) - 1)
    assert all(family != given for family, given in pairs)


def test_a_round_deals_each_pair_once_and_a_further_one_says_so() -> None:
    held, key = word_list(), b"n" * 32
    first = [name_at(key, n) for n in range(held.pairs)]
    assert len({(n.family, n.given) for n in first}) == held.pairs
    assert not any(n.again for n in first)
    assert first != sorted(first, key=lambda n: (n.family, n.given))
    assert name_at(key, held.pairs).again


@pytest.mark.parametrize("parts", [("Unknown", "Male"), ("UNKNOWN",), ("Male", "Unknown 2"), ("", ""), ("?", "-"),
                                   ("Unidentified", "Ann"), ("Unk", ""), ("Female",), ("Doe", "Person"),
                                   ("12", "3")])  # fmt: skip
def test_unknown_male_is_no_name(parts: tuple[str, ...]) -> None:
    assert is_no_name(*parts)


@pytest.mark.parametrize("parts", [("Foxtrot", "Whisky"), ("Man", "Wing"), ("Okonkwo", ""), ("Доу", "Иван"), ("王", "芳"),
                                   ("Unknowles", "A"), ("Doe", "Jane")])  # fmt: skip
def test_somebody_s_name_is_one(parts: tuple[str, ...]) -> None:
    assert not is_no_name(*parts)
