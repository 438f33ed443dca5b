"""The order of back-entry (CLINICAL §7.3): by risk; a correction after what it corrects."""

from __future__ import annotations

import random

import msgspec

from localdb.restore.queue import in_order, waves
from tests.flows.restoration.ward import Ward


def test_by_risk_then_as_written() -> None:
    ward = Ward()
    note, vitals, phoned, request, later = (
        ward.note(),
        ward.observations(),
        ward.phoned(),
        ward.request(),
        ward.request(),
    )
    shuffled = random.Random(1).sample(ward.entries, 5)
    assert [p.entry.id for p in in_order(shuffled)] == [e.id for e in (request, later, phoned, vitals, note)]


def test_a_correction_stands_in_a_later_wave() -> None:
    ward = Ward()
    first = ward.note()
    other = ward.note()
    second = ward.note(corrects=first)
    third = ward.note(corrects=second)
    found = [[p.entry.id for p in wave] for wave in waves(in_order(ward.entries))]
    assert found == [[first.id, other.id], [second.id], [third.id]]
    assert [p.is_corrected for p in in_order(ward.entries)] == [True, False, True, False]


def test_a_correction_of_another_kind_never_goes_first() -> None:
    ward = Ward()
    first = ward.note()
    second = ward.request(corrects=first)
    assert [p.entry.id for p in in_order(ward.entries)] == [first.id, second.id]


def test_a_first_that_is_not_here_and_a_ring_are_said() -> None:
    ward = Ward()
    first = ward.note()
    second = ward.note(corrects=first)
    assert in_order([second])[0].first_missing
    ring = msgspec.structs.replace(first, corrects=second.id)
    assert all(p.first_missing for p in in_order([ring, second]))


def test_nothing_to_send_is_no_wave() -> None:
    assert list(waves(in_order([]))) == []
