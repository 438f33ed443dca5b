"""A made-up ward for the tests of restoration: patients, entries, and a ledger that keeps the rules of `Ledger`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from localdb.chart.views import Entry, Identity
from localdb.records.ids import entry_id
from localdb.records.moments import from_instant, read_moment
from localdb.records.vocabulary import HumanName, Identifier
from localdb.restore.ledger import Delivery

NHS = "https://fhir.nhs.uk/Id/nhs-number"
MRN = "https://example.org/hospital-number"
START = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
NUMBERS = ("9990000018", "9990000026", "9990000034", "9990000042", "9990000050")


def patient(n: int, run: str = "") -> dict[str, Any]:
    """A Patient resource with an NHS number of the 999 range and a hospital number."""
    return {
        "resourceType": "Patient",
        "identifier": [
            {"system": NHS, "value": NUMBERS[n]},
            {"system": MRN, "value": f"H{run}{n}", "type": {"coding": [{"code": "MR"}]}},
        ],
        "name": [{"use": "official", "family": f"Testward{n}", "given": ["Quill"]}],
        "birthDate": "1950-03-31",
    }


def identity(n: int, run: str = "", *, nhs: bool = True) -> Identity:
    return Identity(
        patient=f"P{n:013}",
        name=HumanName(family=f"Testward{n}", given=("Quill",)),
        born=read_moment("1950-03-31"),
        nhs=NUMBERS[n] if nhs else None,
        mrn=f"H{run}{n}",
        identifiers=(Identifier(system=MRN, value=f"H{run}{n}", type="MR"),),
    )


class Ward:
    """Writes entries as a laptop would. `run` keeps the ids of one test apart from those of another."""

    def __init__(self, run: str = "test", *, by_nhs: bool = True) -> None:
        self.run = run
        self.by_nhs = by_nhs
        self.entries: list[Entry] = []

    def write(self, kind: str, body: dict[str, Any], who: int = 0, corrects: Entry | None = None, **more: Any) -> Entry:
        n = len(self.entries) + 1
        at = START + timedelta(minutes=n)
        happened = body.get("happened")
        entry = Entry(
            id=entry_id(self.run, n),
            number=f"K7Q-{n}",
            kind=kind,
            device="K7Q",
            sequence=n,
            staff="Tess Tester",
            happened=read_moment(happened) if happened else None,
            written=from_instant(at),
            identity=identity(who, self.run, nhs=self.by_nhs),
            body=body,
            corrects=corrects.id if corrects else None,
        )
        entry = msgspec.structs.replace(entry, **more)
        self.entries.append(entry)
        return entry

    def note(self, text: str = "Seen on the round", who: int = 0, corrects: Entry | None = None, **more: Any) -> Entry:
        return self.write("note", {"happened": "2026-11-24T02:20:00+00:00", "text": text}, who, corrects, **more)

    def observations(self, who: int = 0, corrects: Entry | None = None, value: str = "7.10", **more: Any) -> Entry:
        pressure = [
            {"code": "8480-6", "value": "98", "unit": "mmHg"},
            {"code": "8462-4", "value": "61", "unit": "mmHg"},
        ]
        items = [{"code": "8867-4", "value": "112", "unit": "/min"}, {"code": "2708-6", "value": value, "unit": "kPa"}]
        body = {"happened": "2026-11-24T02:25:00+00:00", "items": [*items, {"code": "85354-9", "components": pressure}]}
        return self.write("observations", body, who, corrects, **more)

    def phoned(self, who: int = 0, corrects: Entry | None = None, value: str = "6.8", **more: Any) -> Entry:
        caller = {"name": "J Okafor", "role": "BMS", "ext": "4410"}
        body = {"collected": "2026-11-24T01:50:00+00:00", "test": "Potassium", "value": value, "unit": "mmol/L"}
        return self.write("phoned_result", {**body, "caller": caller, "read_back": True}, who, corrects, **more)

    def request(self, who: int = 0, corrects: Entry | None = None, **more: Any) -> Entry:
        body = {"happened": "2026-11-24T02:10:00+00:00", "kind": "laboratory", "tests": ["FBC", "U&E"]}
        rest = {"priority": "urgent", "reason": "Drowsy, potassium phoned", "phone": "2217"}
        return self.write("request", body | rest, who, corrects, **more)

    def closure(self, who: int = 0, corrects: Entry | None = None, outcome: str = "cancelled", **more: Any) -> Entry:
        body = {"happened": "2026-11-24T02:40:00+00:00", "requests": ["R0000000000001"], "outcome": outcome}
        rest = {"test": "Blood cultures, 2 sets", "numbers": ["L20477181"], "note": "Ring 4410 said so"}
        return self.write("closure", body | rest, who, corrects, **more)

    def mixed(self, patients: int = 2) -> None:
        """A night's work: every kind for each patient, and corrections of a note, a result and a set."""
        for who in range(patients):
            first = self.note(who=who)
            self.observations(who)
            phoned = self.phoned(who)
            self.request(who)
            self.note("Corrected: seen on the round", who, corrects=first)
            self.phoned(who, corrects=phoned, value="6.1")

    def expected(self) -> dict[str, int]:
        """Mark → 1 for every resource that must stand, worked out from the entries alone."""
        parts = {e.id: len(e.body["items"]) if e.kind == "observations" else 1 for e in self.entries}
        return {f"{i}#{n}": 1 for i, count in parts.items() for n in range(1, count + 1)}


class MemoryLedger:
    """Keeps the rules of `Ledger` for one process. `log` = every call, in order."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.written = entries
        self.records: dict[str, Delivery] = {}
        self.decisions: list[tuple[str, str, str]] = []
        self.log: list[tuple[str, tuple[str, ...]]] = []

    def entries(self) -> tuple[Entry, ...]:
        return tuple(self.written)

    def deliveries(self) -> Mapping[str, Delivery]:
        return dict(self.records)

    def record_attempt(self, entry_ids: Sequence[str], target: str) -> None:
        self.log.append(("attempt", tuple(entry_ids)))
        for i in entry_ids:
            old = self.records.get(i) or Delivery()
            self.records[i] = msgspec.structs.replace(old, state="sent", attempts=old.attempts + 1, target=target)

    def record_outcome(self, outcomes: Mapping[str, Delivery]) -> None:
        self.log.append(("outcome", tuple(outcomes)))
        for i, new in outcomes.items():
            old = self.records.get(i) or Delivery()
            kept = {"attempts": old.attempts, "target": old.target, "decision": old.decision}
            self.records[i] = msgspec.structs.replace(new, **kept)

    def record_decision(self, entry_id: str, decision: str, who: str, outcome: Delivery) -> None:
        self.record_outcome({entry_id: outcome})
        self.records[entry_id] = msgspec.structs.replace(self.records[entry_id], decision=decision)
        self.decisions.append((entry_id, decision, who))

    @contextmanager
    def sending(self) -> Iterator[None]:
        yield
