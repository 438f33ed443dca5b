"""How a request ended goes home as a document that changes no order, and its undoing replaces it (H09, DESIGN D8)."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

from localdb.records.moments import read_moment
from localdb.restore import Target, certificate, plan, send
from tests.flows.restoration.ward import MemoryLedger, Ward, patient
from tests.servers.fhir_simulator import Hospital, simulator


def documents(hospital: Hospital) -> list[dict[str, Any]]:
    """What was written of type DocumentReference, in order."""
    bodies = [json.loads(a.body) for a in hospital.asked if a.is_write and a.body]
    every = [e.get("resource", {}) for b in bodies for e in b.get("entry", ())] + bodies
    return [r for r in every if r.get("resourceType") == "DocumentReference"]


def text_of(document: dict[str, Any]) -> str:
    return b64decode(document["content"][0]["attachment"]["data"]).decode()


def test_a_closing_and_its_undoing_arrive_and_the_certificate_balances() -> None:
    ward = Ward()
    closed = ward.closure()
    ward.closure(corrects=closed, outcome="reopened")
    ledger = MemoryLedger(ward.entries)
    with simulator() as hospital:
        hospital.admit(patient(0, "test"))
        target = Target(hospital.base, pause=lambda _: None)
        foreseen = plan(ledger, target)
        assert foreseen.waiting == 2
        assert not [a for a in hospital.asked if a.is_write], "plan changes nothing"
        states = {e.id: e.state for e in send(ledger, target).entries}
        assert set(states.values()) == {"confirmed"}
        written = documents(hospital)
        orders = [a for a in hospital.asked if a.is_write and a.body and b'"ServiceRequest"' in a.body]
    assert orders == [], "the order is its department's: no closing changes it"
    first, second = written[0], written[-1]
    assert first["status"] == "superseded"
    for part in ("Blood cultures, 2 sets", "L20477181", "cancelled", "Ring 4410 said so"):
        assert part in text_of(first)
    assert "opened again" in text_of(second)
    assert second["relatesTo"][0]["code"] == "replaces"
    made = certificate(ledger, [], at=read_moment("2026-11-24T09:46:00+00:00"), staff="Mair Pryce")
    assert made["balanced"] is True
