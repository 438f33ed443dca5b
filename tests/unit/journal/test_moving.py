"""A move of images is written by two people through one door, and undone by two through the same."""

from __future__ import annotations

from typing import Any

import pytest

from localdb.errors import WardlampError
from localdb.journal.book import Journal
from tests.unit.journal.conftest import ANN, BEN, MOVE, WHEN

GIVEN: dict[str, Any] = {k: v for k, v in MOVE.items() if k != "moved_by"}


def refused(code: str, journal: Journal, *args: Any) -> None:
    with pytest.raises(WardlampError) as caught:
        journal.move_images(*args)
    assert caught.value.code == code
    assert caught.value.next_step


def test_it_names_both_and_reads_without_the_copy(journal: Journal) -> None:
    receipt = journal.move_images(ANN, GIVEN, "Sam Second")
    (entry,) = journal.entries()
    assert entry.id == receipt.entry
    assert entry.body == MOVE
    assert entry.identity == ANN
    assert journal.verify().ok


def test_no_other_door_writes_it(journal: Journal) -> None:
    with pytest.raises(WardlampError) as caught:
        journal.append_entry("image_move", ANN, MOVE)
    assert caught.value.code == "image.two_people"
    for second in ("Tess Outsider", "tess  outsider "):
        refused("image.two_people", journal, ANN, GIVEN, second)
    assert not journal.entries()


def test_a_correction_is_about_the_same_images_of_the_same_patient(journal: Journal) -> None:
    receipt = journal.move_images(ANN, GIVEN, "Sam Second")
    refused("image.other_images", journal, ANN, {**GIVEN, "study": "1.2.3"}, "Sam Second", receipt.entry)
    refused("image.other_images", journal, ANN, {**GIVEN, "series": ["1.2.3"]}, "Sam Second", receipt.entry)
    refused("entry.other_patient", journal, BEN, {**GIVEN, "undone": True}, "Sam Second", receipt.entry)
    refused("entry.invalid", journal, ANN, {**GIVEN, "undone": True}, "Sam Second")
    note = journal.append_entry("note", ANN, {"happened": WHEN, "text": "x"})
    refused("entry.other_kind", journal, ANN, {**GIVEN, "undone": True}, "Sam Second", note.entry)
    journal.move_images(ANN, {**journal.move_to_correct(receipt.number), "happened": WHEN, "reason": "It was right.",
                              "undone": True}, "Sam Second", receipt.number)  # fmt: skip
    refused("entry.already_corrected", journal, ANN, {**GIVEN, "undone": True}, "Sam Second", receipt.entry)
