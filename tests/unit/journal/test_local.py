"""Drafts, declarations, settings and restoration's ledger."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from localdb.errors import WardlampError
from localdb.journal.book import Journal
from localdb.journal.opening import open_journal
from localdb.restore.ledger import Delivery, Ledger
from localdb.vault.keys import Keys
from tests.conftest import ROOT, Clock
from tests.unit.journal.conftest import ANN, NOTE, NOW


def test_a_draft_survives_closing_and_goes_when_dropped(
    journal: Journal, folder: Path, keys: Keys, clock: Clock
) -> None:
    journal.save_draft("note|P1", {"text": "half a sen"})
    journal.save_draft("note|P1", {"text": "half a sentence"})
    clock.move(timedelta(minutes=1))
    journal.save_draft("note|P2", {"text": ""})
    journal.close()
    again = open_journal(folder, keys, clock)
    try:
        assert [d.name for d in again.drafts()] == ["note|P2", "note|P1"]
        draft = again.draft("note|P1")
        assert draft is not None
        assert (draft.body, draft.staff) == ({"text": "half a sentence"}, "Tess Outsider")
        again.drop_draft("note|P1")
        again.drop_draft("never there")
        assert again.draft("note|P1") is None
        assert again.verify().rows == 1, "a draft is no row of the log"
    finally:
        again.close()


def test_the_last_declaration_of_each_source_counts(journal: Journal, clock: Clock) -> None:
    journal.declare("pas", "down", NOW - timedelta(hours=1))
    journal.declare("lims", "down", NOW)
    clock.move(timedelta(hours=2))
    journal.declare("pas", "back", NOW + timedelta(hours=1))
    held = journal.declarations()
    assert {s: (d.state, d.staff) for s, d in held.items()} == {
        "pas": ("back", "Tess Outsider"),
        "lims": ("down", "Tess Outsider"),
    }
    assert held["pas"].since.instant == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("source", "state", "since"),
    [("pas", "up", NOW), ("", "down", NOW), ("pas", "down", NOW + timedelta(seconds=1)), ("pas", "down", None)],
)
def test_a_declaration_that_says_nothing_is_refused(journal: Journal, source: str, state: str, since: object) -> None:
    with pytest.raises(WardlampError) as caught:
        journal.declare(source, state, since or NOW.replace(tzinfo=None))  # type: ignore[arg-type]
    assert caught.value.code == "source.declaration"
    assert journal.declarations() == {}


def test_the_newest_settings_count(journal: Journal) -> None:
    assert journal.settings() == {}
    journal.record_settings({"ward": "Larch"})
    journal.record_settings({"ward": "Rowan", "idle": 90})
    assert journal.settings() == {"ward": "Rowan", "idle": 90}


def test_views_and_notices_are_rows(journal: Journal) -> None:
    journal.record_view(ANN.patient)
    journal.record_notice("Practice began.")
    assert [r.kind for r in journal.log.rows("K95")] == ["begin", "view", "notice"]


def test_attempts_are_counted_and_survive(journal: Journal, folder: Path, keys: Keys, clock: Clock) -> None:
    ledger: Ledger = journal.ledger
    entry = journal.append_entry("note", ANN, NOTE).entry
    assert ledger.deliveries() == {}
    ledger.record_attempt([entry], "http://a/fhir")
    again = open_journal(folder, keys, clock)
    assert again.ledger.deliveries() == {entry: Delivery("sent", "", (), 1, "http://a/fhir")}
    again.close()
    ledger.record_attempt([entry], "http://b/fhir")
    ledger.record_outcome({entry: Delivery("confirmed", "", ("DocumentReference/1",), attempts=99, target="x")})
    assert ledger.deliveries()[entry] == Delivery("confirmed", "", ("DocumentReference/1",), 2, "http://b/fhir")
    ledger.record_attempt([entry], "http://b/fhir")
    assert ledger.deliveries()[entry].resources == ("DocumentReference/1",)


def test_an_outcome_of_several_is_all_or_nothing(journal: Journal) -> None:
    entry = journal.append_entry("note", ANN, NOTE).entry
    with pytest.raises(Exception, match="FOREIGN KEY"):
        journal.ledger.record_outcome({entry: Delivery("confirmed"), "EUNKNOWN": Delivery("confirmed")})
    assert journal.ledger.deliveries() == {}


def test_a_decision_is_in_the_signed_log_too(journal: Journal) -> None:
    entry = journal.append_entry("note", ANN, NOTE).entry
    journal.ledger.record_outcome({entry: Delivery("needs_person", "patient.two: two found")})
    journal.ledger.record_decision(entry, "enter_by_hand", "Tess Outsider", Delivery("confirmed"))
    assert journal.ledger.deliveries()[entry].decision == "enter_by_hand"
    (row,) = journal.log.rows_of_kind("decision")
    assert (row.content["entry"], row.content["decision"]) == (entry, "enter_by_hand")
    assert journal.verify().ok


HOLD = """
import os, sys, fcntl
handle = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
fcntl.flock(handle, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_only_one_process_sends(journal: Journal, folder: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder / "sending.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert child.stdout is not None
    assert child.stdin is not None
    with child:
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(WardlampError) as caught, journal.ledger.sending():
            raise AssertionError("two processes would send")
        assert caught.value.code == "restore.busy"
        child.stdin.close()
        child.wait()
    with journal.ledger.sending():
        pass
