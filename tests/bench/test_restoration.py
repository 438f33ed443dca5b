"""10,000 entries back to the hospital, at the pace of the receiving server, killed on the way (DESIGN §6)."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
import urllib3

from localdb.house import make_house, open_house
from localdb.restore import Target, send, status
from tests.bench.limits import within
from tests.flows.restoration.test_kill import SECRET, sending
from tests.flows.restoration.ward import Ward, patient
from tests.servers.fhir_simulator import Asked, Hospital, simulator

ENTRIES = 10_000
KILLED_AT = 500  # requests


@pytest.mark.bench
def test_ten_thousand_entries_at_the_pace_of_the_server(tmp_path: Path) -> None:
    """The limit is the same requests again from a bare client, measured in the same run."""
    vault = tmp_path / "vault"
    ids = _written(vault)
    with simulator() as hospital:
        hospital.admit(patient(0, "test"), patient(1, "test"))
        with sending(vault, hospital) as process:
            hospital.on_request = lambda when, number: process.kill() if number == KILLED_AT else None
            process.wait()
        hospital.on_request = None
        before = len(hospital.asked)
        hospital.faults.slow = 0.002  # still quicker than any complete server; without it, only our disk is measured
        house = open_house(vault, SECRET)
        started = time.perf_counter()
        send(house.journal.ledger, Target(hospital.base))
        taken = time.perf_counter() - started
        summary = status(house.journal.ledger)
        house.close()
        assert summary.confirmed == ENTRIES
        assert hospital.store.marks() == Counter({f"{i}#1": 1 for i in ids})
        assert hospital.store.told() == Counter(dict.fromkeys(ids, 1))
        asked = hospital.asked[before:]
        bare = _again(hospital, asked)
    print(f"\nrestore: {taken:.1f} s for {len(asked)} requests, a bare client {bare:.1f} s: {taken / bare:.2f} x")
    assert 0 < before < len(asked)
    assert within("restore 10,000 entries", taken / bare)


def _written(vault: Path) -> list[str]:
    make_house(vault, "Tess Tester", SECRET, kdf="floor")
    house = open_house(vault, SECRET)
    ward, ids = Ward(), []
    for n in range(ENTRIES):
        entry = (ward.note, ward.phoned, ward.request)[n % 3](who=n % 2)
        assert entry.identity is not None
        ids.append(house.journal.append_entry(entry.kind, entry.identity, entry.body).entry)
    house.close()
    return ids


def _again(hospital: Hospital, asked: list[Asked]) -> float:
    pool = urllib3.PoolManager(retries=False)
    started = time.perf_counter()
    for one in asked:
        headers = {"Content-Type": "application/fhir+json"}
        pool.request(one.method, hospital.base + one.path, body=one.body or None, headers=headers)
    taken = time.perf_counter() - started
    pool.clear()
    return taken
