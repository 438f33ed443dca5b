"""The closing certificate: it balances or says what is open (DESIGN §1.6, hazard H25)."""

from __future__ import annotations

import json
import random

import pytest

from localdb.records.moments import read_moment
from localdb.restore import Delivery, Sheet, certificate, status
from localdb.restore.states import STATES
from tests.flows.restoration.ward import MemoryLedger, Ward

AT = read_moment("2026-11-24T09:46:00+00:00")


def settled(ward: Ward) -> MemoryLedger:
    ledger = MemoryLedger(ward.entries)
    ledger.records = {e.id: Delivery("confirmed", resources=("Observation/1",)) for e in ward.entries}
    return ledger


def test_it_balances_when_all_is_confirmed_and_every_sheet_is_accounted_for() -> None:
    ward = Ward()
    ward.mixed(1)
    sheets = [Sheet("W1", "F18", "entered"), Sheet("W2", "F18", "scanned"), Sheet("W3", "F27", "spoiled")]
    made = certificate(settled(ward), sheets, at=AT, staff="Mair Pryce")
    assert made["balanced"] is True
    assert made["confirmed"] == made["total"] == 6
    paper = made["sheets"]
    assert paper["issued"] == 3 == paper["entered"] + paper["scanned"] + paper["void"]
    assert made["open"] == {"entries": [], "sheets": [], "missing": []}


@pytest.mark.parametrize("state", [s for s in STATES if s != "confirmed"])
def test_one_entry_that_is_not_confirmed_is_named_and_breaks_the_balance(state: str) -> None:
    ward = Ward()
    ward.mixed(1)
    ledger = settled(ward)
    ledger.records[ward.entries[2].id] = Delivery(state)
    made = certificate(ledger, [], at=AT, staff="Mair Pryce")
    assert made["balanced"] is False
    assert made["open"]["entries"] == [ward.entries[2].id]
    assert made[state] == 1


@pytest.mark.parametrize("state", ["issued", "made", "printed", "returned", "anything else"])
def test_one_sheet_that_is_out_is_named_and_breaks_the_balance(state: str) -> None:
    made = certificate(settled(Ward()), [Sheet("W9", "F18", state)], at=AT, staff="Mair Pryce")
    assert made["balanced"] is False
    assert made["open"]["sheets"] == [{"serial": "W9", "form": "F18", "state": state}]


def test_a_gap_in_the_serials_breaks_the_balance() -> None:
    made = certificate(settled(Ward()), [], at=AT, staff="Mair Pryce", missing=["K7Q 3"])
    assert made["balanced"] is False
    assert made["open"]["missing"] == ["K7Q 3"]


@pytest.mark.parametrize("seed", range(20))
def test_the_counts_always_sum_to_the_entries_and_each_is_named(seed: int) -> None:
    dice = random.Random(seed)
    ward = Ward()
    ward.mixed(dice.randint(1, 3))
    ledger = MemoryLedger(ward.entries)
    ledger.records = {e.id: Delivery(dice.choice(STATES)) for e in ward.entries if dice.random() < 0.9}
    made = certificate(ledger, [], at=AT, staff="Mair Pryce")
    assert sum(made[state] for state in STATES) == made["total"] == len(ward.entries)
    assert {e["id"] for e in made["entries"]} == {e.id for e in ward.entries}
    assert made["balanced"] == (made["confirmed"] == made["total"])
    counted = status(ledger).as_json()
    assert {state: counted[state] for state in STATES} == {state: made[state] for state in STATES}


def test_it_is_plain_json_without_patient_data() -> None:
    ward = Ward()
    ward.mixed(2)
    text = json.dumps(certificate(settled(ward), [], at=AT, staff="Mair Pryce", site="Ashby General"))
    assert not [word for word in ("Testward", "Quill", "999000", "Potassium", "Htest", "6.8") if word in text]
