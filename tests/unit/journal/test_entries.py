"""Entries: kept with the identity that was shown, found by any id, corrected by new ones."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from localdb.chart.views import Identity
from localdb.errors import InputRefused
from localdb.journal.book import Journal
from localdb.restore.ledger import Delivery
from tests.conftest import Clock
from tests.unit.journal.conftest import ANN, BEN, BODIES, NOTE, PHONED, WHEN


def refusal(journal: Journal, *args: object, **named: object) -> InputRefused:
    before = journal.verify().rows
    with pytest.raises(InputRefused) as caught:
        journal.append_entry(*args, **named)  # type: ignore[arg-type]
    assert journal.verify().rows == before, "a refused entry leaves no row"
    return caught.value


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_an_entry_reads_back_as_it_was_written(journal: Journal, kind: str) -> None:
    receipt = journal.append_entry(kind, ANN, BODIES[kind])
    (entry,) = journal.entries()
    assert (entry.id, entry.number, entry.written) == (receipt.entry, receipt.number, receipt.written)
    assert (entry.kind, entry.body, entry.identity, entry.staff) == (kind, BODIES[kind], ANN, "Tess Outsider")
    assert entry.number == f"{entry.device}-{entry.sequence}" == "K95-2"
    assert (entry.delivery, entry.corrects, entry.corrected_by) == ("kept", None, None)


def test_a_phoned_result_happened_when_it_was_written_unless_the_call_is_timed(journal: Journal, clock: Clock) -> None:
    journal.append_entry("phoned_result", ANN, PHONED)
    journal.append_entry("phoned_result", ANN, PHONED | {"happened": WHEN})
    first, second = journal.entries()
    assert first.happened == first.written
    assert second.happened is not None
    assert second.happened.text == WHEN


def test_any_id_of_the_person_finds_their_entries_and_no_others(journal: Journal) -> None:
    for identity in (ANN, BEN, ANN):
        journal.append_entry("note", identity, NOTE)
    assert [e.number for e in journal.entries({"PAAAAAAAAAAAA2"})] == ["K95-2", "K95-4"]
    assert [e.number for e in journal.entries(ANN.ids)] == ["K95-2", "K95-4"]
    assert [e.number for e in journal.entries(BEN.ids)] == ["K95-3"]
    assert journal.entries({"PCCCCCCCCCCCC1"}) == journal.entries(()) == ()
    assert len(journal.entries()) == 3
    assert journal.entry_counts({*ANN.ids, *BEN.ids, "P?"}) == dict.fromkeys(ANN.ids, 2) | dict.fromkeys(BEN.ids, 1)


def test_an_entry_is_found_by_id_or_number(journal: Journal) -> None:
    receipt = journal.append_entry("note", ANN, NOTE)
    assert journal.entry(receipt.entry) == journal.entry("k95-2") == journal.entries()[0]
    with pytest.raises(InputRefused) as caught:
        journal.entry("K95-99")
    assert caught.value.code == "entry.unknown"


def test_a_correction_points_both_ways(journal: Journal) -> None:
    first = journal.append_entry("note", ANN, NOTE)
    second = journal.append_entry("note", ANN, NOTE | {"text": "Corrected"}, corrects=first.entry)
    third = journal.append_entry("note", ANN, NOTE | {"text": "Again"}, corrects=second.number)
    chain = [(e.number, e.corrects, e.corrected_by) for e in journal.entries()]
    assert chain == [
        ("K95-2", None, second.entry),
        ("K95-3", first.entry, third.entry),
        ("K95-4", second.entry, None),
    ]


def test_only_the_newest_version_can_be_corrected(journal: Journal) -> None:
    first = journal.append_entry("note", ANN, NOTE)
    second = journal.append_entry("note", ANN, NOTE, corrects=first.entry)
    third = journal.append_entry("note", ANN, NOTE, corrects=second.entry)
    error = refusal(journal, "note", ANN, NOTE, corrects=first.entry)
    assert error.code == "entry.already_corrected"
    assert third.number in error.message


def test_a_correction_must_be_of_the_same_person_and_kind(journal: Journal) -> None:
    first = journal.append_entry("note", ANN, NOTE)
    assert refusal(journal, "note", BEN, NOTE, corrects=first.entry).code == "entry.other_patient"
    assert refusal(journal, "phoned_result", ANN, PHONED, corrects=first.entry).code == "entry.other_kind"
    assert refusal(journal, "note", ANN, NOTE, corrects="EXXXXXXXXXXXXX").code == "entry.unknown"
    assert refusal(journal, "note", ANN, {"text": ""}, corrects=first.entry).code == "entry.invalid"


def test_a_correction_may_come_under_another_id_of_the_person(journal: Journal) -> None:
    first = journal.append_entry("note", ANN, NOTE)
    merged = Identity(patient="PAAAAAAAAAAAA2", ids=("PAAAAAAAAAAAA2", "PZZZZZZZZZZZZ1"), name=ANN.name)
    journal.append_entry("note", merged, NOTE, corrects=first.entry)
    assert journal.entry(first.entry).corrected_by is not None


def test_the_delivery_state_is_shown(journal: Journal) -> None:
    receipt = journal.append_entry("note", ANN, NOTE)
    journal.ledger.record_outcome({receipt.entry: Delivery("confirmed", "", ("DocumentReference/1",))})
    assert journal.entry(receipt.entry).delivery == "confirmed"


def test_entries_come_in_the_order_in_which_they_were_written(journal: Journal, clock: Clock) -> None:
    for minutes in (0, 1, 1, 2):
        clock.move(timedelta(minutes=minutes))
        journal.append_entry("note", ANN, NOTE)
    written = [e.written.utc for e in journal.entries()]
    assert written == sorted(written)
    assert [e.sequence for e in journal.entries()] == [2, 3, 4, 5]


def test_an_identity_needs_no_snapshot_to_be_shown(journal: Journal) -> None:
    journal.append_entry("note", ANN, NOTE)
    identity = journal.entries()[0].identity
    assert msgspec.to_builtins(identity) == msgspec.to_builtins(ANN)
