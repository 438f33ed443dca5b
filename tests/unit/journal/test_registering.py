"""Registering: one number, one person, for ever; names that are nobody's; who they proved to be joins nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localdb.errors import WardlampError
from localdb.journal.book import Journal
from localdb.numbers.temporary import id_of_number
from tests.unit.journal.conftest import IDENTIFICATION, NOW, WHEN
from tests.unit.journal.numbering import PERSON, supply

PAPER = {**PERSON, "number": "RPH4830172W", "temporary_name": {"family": "Foxtrot", "given": "Whisky"}}


def refused(code: str, act: Callable[[], object]) -> WardlampError:
    with pytest.raises(WardlampError) as caught:
        act()
    assert caught.value.code == code
    assert caught.value.next_step
    return caught.value


@pytest.fixture
def supplied(journal: Journal, other: Journal, tmp_path: Path) -> Journal:
    supply(journal, other, tmp_path)
    return journal


def test_number_and_name_are_dealt_and_kept_with_the_identity(supplied: Journal) -> None:
    done = supplied.register(PERSON)
    (entry,) = supplied.entries()
    assert entry.body["number"] == done.temporary_number
    identity = entry.identity
    assert identity is not None
    assert identity.patient == done.patient == id_of_number(done.temporary_number)
    assert identity.mrn == done.temporary_number
    assert identity.identifiers[0].system == "urn:wardlamp:temporary:rph"
    assert (identity.name.family, identity.name.given, identity.name.use) == (done.family, (done.given,), "temp")
    assert identity.born is not None
    assert identity.born.text == "1986-01-01"  # 1 January of the estimated year (CLINICAL §1.3)
    assert supplied.number_status().used == 1


def test_what_is_refused_burns_nothing(supplied: Journal) -> None:
    for change in ({"sex": "Unknown Male"}, {"estimated_year": 2200}, {"happened": "yesterday"}, {"sex": ...}):
        body = {k: v for k, v in {**PERSON, **change}.items() if v is not ...}
        with pytest.raises(WardlampError):
            supplied.register(body)
    assert supplied.number_status().burnt == 0
    assert not supplied.entries()


def test_a_number_that_was_burnt_first_is_registered_with_its_own_name(supplied: Journal) -> None:
    burnt = supplied.burn_number()
    name = {"family": burnt.name.family, "given": burnt.name.given}
    wrong = {**PERSON, "number": burnt.number, "temporary_name": {"family": "Mistaken", "given": "Word"}}
    refused("numbers.name_differs", lambda: supplied.register(wrong))
    spaced = f"{burnt.number[:3]} {burnt.number[3:]}".lower()
    assert supplied.register({**PERSON, "number": spaced, "temporary_name": name}).temporary_number == burnt.number
    refused("numbers.used", lambda: supplied.register({**PERSON, "number": burnt.number}))


def test_a_spoiled_number_is_never_used(supplied: Journal) -> None:
    burnt = supplied.burn_number()
    supplied.spoil_number(burnt.number, "band torn")
    refused("numbers.spoiled", lambda: supplied.register({**PERSON, "number": burnt.number}))
    done = supplied.register(PERSON)
    supplied.spoil_number(done.temporary_number, "it is registered: nothing happens")
    assert supplied.number_status().spoiled == 1


def test_a_number_of_a_pack_that_was_not_dealt_here_is_refused(supplied: Journal) -> None:
    (row,) = supplied.log.rows_of_kind("pack")
    from localdb.numbers.temporary import temporary_number

    ahead = temporary_number("RPH", row.content["numbers"][7])
    refused("numbers.not_yours", lambda: supplied.register({**PERSON, "number": ahead}))


def test_a_paper_pack_needs_no_pack_of_ours(journal: Journal) -> None:
    refused("numbers.no_name", lambda: journal.register({**PERSON, "number": "RPH4830172W"}))
    refused("numbers.no_number", lambda: journal.register({k: v for k, v in PAPER.items() if k != "number"}))
    assert journal.register(PAPER).temporary_number == "RPH4830172W"
    refused("numbers.used", lambda: journal.register(PAPER))
    refused("numbers.none", lambda: journal.register(PERSON))


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"number": "RPH4830172X"}, "entry.invalid", "`number`"),
    ({"temporary_name": {"family": "Unknown", "given": "Male"}}, "entry.invalid", "`temporary_name`"),
    ({"real_name": {"family": "UNKNOWN"}, "evidence": "said"}, "entry.invalid", "`real_name`"),
    ({"real_name": {"family": "Okonkwo"}}, "entry.invalid", "`evidence`"),
    ({"estimated_year": ...}, "entry.invalid", "`estimated_year` or `born`"),
    ({"born": "1986-02-03"}, "entry.invalid", "`estimated_year` or `born`"),
    ({"estimated_year": 2027}, "entry.future", "`estimated_year`"),
    ({"estimated_year": 1890}, "entry.invalid", "125 years"),
    ({"estimated_year": "1986"}, "entry.invalid", "`estimated_year`"),
    ({"estimated_year": ..., "born": "1986"}, "entry.invalid", "`born` is not a whole date"),
    ({"estimated_year": ..., "born": "1986-02-30"}, "entry.invalid", "`born` is not a whole date"),
    ({"estimated_year": ..., "born": "2027-01-01"}, "entry.future", "`born`"),
    ({"sex": "M"}, "entry.invalid", "`sex`"),
    ({"happened": "2026-11-25T03:12:00+00:00"}, "entry.future", "`happened`"),
    ({"location": {"bed": "B3"}}, "entry.invalid", "`location ward` is missing"),
    ({"alerts": ["x"] * 21}, "entry.invalid", "`alerts` has too many"),
    ({"surprise": 1}, "entry.invalid", "not known"),
]


@pytest.mark.parametrize(("change", "code", "words"), REFUSED)
def test_refusals_name_the_field(journal: Journal, change: dict[str, Any], code: str, words: str) -> None:
    body = {k: v for k, v in {**PAPER, **change}.items() if v is not ...}
    assert words in refused(code, lambda: journal.register(body)).message
    assert not journal.entries()


def test_a_known_name_is_shown_and_the_dealt_one_kept(supplied: Journal) -> None:
    real = {"real_name": {"family": "Okonkwo", "given": "Ifeoma", "title": "Mrs"}, "evidence": "Driving licence"}
    done = supplied.register({**PERSON, **real})
    assert (done.family, done.given) == ("Okonkwo", "Ifeoma")
    (entry,) = supplied.entries()
    assert entry.body["temporary_name"]["family"] != "Okonkwo"


def test_a_correction_moves_the_person_and_keeps_number_and_name(supplied: Journal) -> None:
    done = supplied.register(PERSON)
    moved = {**PERSON, "location": {"ward": "Birch Ward", "bed": "C1"}, "estimated_year": 1979}
    again = supplied.register(moved, done.number)
    assert (again.temporary_number, again.family, again.patient) == (done.temporary_number, done.family, done.patient)
    assert supplied.number_status().burnt == 1
    named = {**moved, "real_name": {"family": "Okonkwo"}, "evidence": "said so"}
    refused("registration.kept", lambda: supplied.register(named, again.number))
    other = {**moved, "number": "RPH4830172W", "temporary_name": {"family": "Foxtrot", "given": "Whisky"}}
    refused("numbers.name_differs", lambda: supplied.register(other, again.number))
    refused("entry.already_corrected", lambda: supplied.register(moved, done.number))
    refused("entry.unknown", lambda: supplied.register(moved, "K95-99999"))


def test_an_identification_is_by_two_and_can_be_undone(supplied: Journal) -> None:
    done = supplied.register(PERSON)
    body = {k: v for k, v in IDENTIFICATION.items() if k != "number"}
    for change, words in (
        ({"matched_by": ["Tess Outsider", " tess  outsider"]}, "two different"),
        ({"matched_by": ["Tess Outsider"]}, "`matched_by`"),
        ({"nhs": "9990000019"}, "`nhs`"),
        ({"nhs": None, "mrn": None}, "`nhs`"),
        ({"withdrawn": True}, "names no number"),
    ):
        wrong = {k: v for k, v in {**body, **change}.items() if v is not None}
        assert words in refused("entry.invalid", lambda b=wrong: supplied.identify(b, done.temporary_number)).message  # type: ignore[misc]
    refused("registration.unknown", lambda: supplied.identify(body, "RPH4830172W"))
    refused("entry.other_patient", lambda: supplied.identify({**body, "number": "RPH4830172W"}, done.temporary_number))
    first = supplied.identify(body, done.temporary_number)
    entry = supplied.entry(first.entry)
    assert entry.identity is not None
    assert entry.identity.ids == (done.patient,)  # it is about one person: nothing was joined
    undone = {"happened": WHEN, "matched_by": ["A", "B"], "evidence": "Another blood group", "withdrawn": True}
    refused("entry.invalid", lambda: supplied.identify(undone, done.temporary_number))
    supplied.identify(undone, done.temporary_number, corrects=first.entry)
    assert supplied.entry(first.entry).corrected_by is not None


def test_registrations_travel_and_a_used_paper_number_is_known_elsewhere(
    journal: Journal, other: Journal, tmp_path: Path
) -> None:
    journal.register(PAPER)
    journal.exchange_out(tmp_path / "x", b"exchange words", "floor")
    other.exchange_in(tmp_path / "x", b"exchange words")
    assert [e.body["number"] for e in other.entries_of_kinds(("registration",))] == ["RPH4830172W"]
    refused("numbers.used", lambda: other.register(PAPER))
    assert other.verify().ok


def test_ages_at_the_edges_are_taken(journal: Journal) -> None:
    done = journal.register({**PAPER, "estimated_year": NOW.year})
    assert done.temporary_number == "RPH4830172W"
