"""Names and numbers out of tables, and what is found by typing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.plans.directory import Contact, cells_of, entries_of, matching
from localdb.plans.papers import CSV, MARKDOWN, Paper
from localdb.plans.searching import search
from localdb.records.moments import read_moment

TABLE = """# Telephone directory

| Department | Extension | Hours | Bleep |
|---|---|---|---|
| Haematology | 01632 960115 | all hours | 2044 |
| **Blood bank** | 01632 960110 | 08:00-20:00 | |

Not a table: Porter 01632 960999

| Colour | Meaning |
|---|---|
| red | danger |
"""


def test_tables_that_name_a_number_are_read_by_name() -> None:
    assert entries_of(TABLE, MARKDOWN) == (
        Contact("Blood bank", "01632 960110", "08:00-20:00"),
        Contact("Haematology", "01632 960115", "all hours", "Bleep: 2044"),
    )


@pytest.mark.parametrize("mark", [",", ";"])
def test_csv_with_comma_or_semicolon(mark: str) -> None:
    text = f"Name{mark}Number{mark}Hours\nMedical registrar{mark}01632 960120{mark}night\n"
    assert entries_of(text, CSV) == (Contact("Medical registrar", "01632 960120", "night"),)


def test_typing_finds_beginnings_of_words_names_first() -> None:
    contacts = entries_of(TABLE, MARKDOWN)
    assert [c.name for c in matching(contacts, "haem")] == ["Haematology"]
    assert [c.name for c in matching(contacts, "BANK blood")] == ["Blood bank"]
    assert [c.name for c in matching(contacts, "2044")] == ["Haematology"]
    assert matching(contacts, "aematology") == ()
    assert matching(contacts, " ") == contacts


@given(st.text(max_size=400), st.sampled_from([MARKDOWN, CSV]), st.text(max_size=20))
def test_any_text_is_read_without_a_fault(text: str, media: str, typed: str) -> None:
    found = entries_of(text, media)
    assert all(c.name and c.number for c in found)
    assert set(matching(found, typed)) <= set(found)


@given(st.lists(st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="|\\*_`"), min_size=1)
                .map(str.strip).filter(bool), min_size=1, max_size=5))  # fmt: skip
def test_cells_come_back_as_they_were_written(cells: list[str]) -> None:
    assert cells_of("| " + " | ".join(cells) + " |") == cells


def paper(title: str) -> Paper:
    return Paper(number="K95-1", title=title, kind="protocol", version=1, media=MARKDOWN, sha256="", size=1, staff="A",
                 written=read_moment("2026-11-24T03:00:00+00:00"), device="K95")  # fmt: skip


def test_documents_are_found_by_title_first_and_shown_around_the_word() -> None:
    held = [
        (paper("Fire"), "Close the doors. " * 20 + "Ring switchboard. " + "Wait. " * 50),
        (paper("Switchboard lost"), "x"),
    ]
    found = search(held, "switchboard")
    assert [f.paper.title for f in found] == ["Switchboard lost", "Fire"]
    assert "Ring switchboard." in found[1].where
    assert len(found[1].where) < 220
    assert search(held, "switchboard zebra") == ()
    assert len(search(held, "")) == 2
