"""What holds at every FHIR R4 server: the simulator, each broken promise, the npm router, and FHIR_BASE if it is set.

The independent client counts; nothing here asks Wardlamp what the server holds.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from localdb.restore import plan, send, status
from tests.flows.restoration.conftest import Place
from tests.flows.restoration.ward import MemoryLedger, Ward


def test_everything_is_there_once_and_confirmed(there: Place) -> None:
    ward = Ward(there.run, by_nhs=False)
    ward.mixed()
    ledger = MemoryLedger(ward.entries)
    _send_until_settled(ledger, there)

    summary = status(ledger)
    assert summary.confirmed == len(ward.entries), [e for e in summary.entries if e.state != "confirmed"]
    _quiet(there)
    assert there.client.marks(ward.expected()) == Counter(ward.expected())
    assert there.client.told(ward.expected()) == Counter({e.id: 1 for e in ward.entries})


def test_sending_again_changes_nothing(there: Place) -> None:
    ward = Ward(there.run, by_nhs=False)
    ward.mixed(1)
    ledger = MemoryLedger(ward.entries)
    _send_until_settled(ledger, there)
    before = dict(ledger.records)
    again = send(ledger, there.target())
    # A laptop that knows nothing of the first sending, as after an exchange of journals, must not double anything.
    stranger = MemoryLedger(ward.entries)
    _send_until_settled(stranger, there)

    assert again.confirmed == len(ward.entries)
    assert ledger.records == before
    assert status(stranger).confirmed == len(ward.entries)
    _quiet(there)
    assert there.client.marks(ward.expected()) == Counter(ward.expected())
    assert there.client.told(ward.expected()) == Counter({e.id: 1 for e in ward.entries})


def test_a_correction_reaches_what_was_delivered_before(there: Place) -> None:
    ward = Ward(there.run, by_nhs=False)
    note, phoned, vitals, request = ward.note(), ward.phoned(), ward.observations(), ward.request()
    ledger = MemoryLedger(ward.entries)
    _send_until_settled(ledger, there)
    ward.note("Corrected", corrects=note)
    ward.phoned(corrects=phoned, value="6.1")
    ward.observations(corrects=vitals, value="7.2")
    ward.request(corrects=request)
    _send_until_settled(ledger, there)

    assert status(ledger).confirmed == 8, [e for e in status(ledger).entries if e.state != "confirmed"]
    _quiet(there)
    standing = {e.id: _only(there, f"{e.id}#1") for e in ward.entries}
    statuses = [standing[e.id]["status"] for e in ward.entries]
    assert statuses == [
        *("superseded", "entered-in-error", "entered-in-error", "entered-in-error"),
        *("current", "preliminary", "final", "active"),
    ]
    second = standing[ward.entries[4].id]
    assert [r["code"] for r in second["relatesTo"]] == ["replaces"]
    assert second["relatesTo"][0]["target"]["reference"].endswith(standing[note.id]["id"])
    assert there.client.told(ward.expected()) == Counter({e.id: 1 for e in ward.entries})


def test_values_times_and_subject_are_those_of_the_ward(there: Place) -> None:
    ward = Ward(there.run, by_nhs=False)
    vitals, phoned = ward.observations(1), ward.phoned(1)
    _send_until_settled(MemoryLedger(ward.entries), there)
    _quiet(there)

    oxygen, pressure = _only(there, f"{vitals.id}#2"), _only(there, f"{vitals.id}#3")
    assert Decimal(oxygen["valueQuantity"]["value"]) == Decimal("7.10")
    assert oxygen["effectiveDateTime"] == "2026-11-24T02:25:00+00:00"
    assert [str(c["valueQuantity"]["value"]) for c in pressure["component"]] == ["98", "61"]
    potassium = _only(there, f"{phoned.id}#1")
    assert (potassium["status"], potassium["effectiveDateTime"]) == ("preliminary", "2026-11-24T01:50:00+00:00")
    assert "J Okafor, BMS, ext. 4410" in potassium["note"][0]["text"]
    subject = there.client.ask("GET", potassium["subject"]["reference"])
    assert subject["name"][0]["family"] == "Testward1"


def test_plan_changes_nothing(there: Place) -> None:
    ward = Ward(there.run, by_nhs=False)
    ward.mixed(1)
    ward.note(identity=None)
    ledger = MemoryLedger(ward.entries)
    planned = plan(ledger, there.target())

    assert (planned.waiting, planned.needs_person) == (6, 1)
    assert ledger.records == {}
    _quiet(there)
    assert there.client.marks(ward.expected()) == Counter()
    if there.hospital:
        assert there.hospital.writes == 0


def _send_until_settled(ledger: MemoryLedger, there: Place) -> None:
    """A person sends again until nothing is under way; more than a few times would be a fault."""
    for _ in range(6):
        if send(ledger, there.target()).is_settled:
            return


def _quiet(there: Place) -> None:
    """The client that counts is not to meet the faults; a late index has caught up by then."""
    if there.hospital:
        there.hospital.faults.every = None
        there.hospital.store.tick += there.hospital.store.breaks.lag


def _only(there: Place, mark: str) -> dict[str, object]:
    found = there.client.of_entry(mark)
    assert len(found) == 1, (mark, len(found))
    return found[0]
