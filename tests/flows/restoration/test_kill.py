"""kill -9 at seeded moments of a restoration, over the real encrypted journal: nothing lost, nothing twice.

Half of the kills strike at one request, just before or just after the server has taken it (the answer never comes);
the others at any time. The server that counts lives in the test's own process and never dies.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from localdb.house import make_house, open_house
from localdb.restore import status
from tests.conftest import LONG, ROOT
from tests.flows.restoration.ward import Ward, identity, patient
from tests.servers.fhir_simulator import Hospital, simulator

SECRET = b"lamp-ward-candle-79-river"
KILLS = 200 if LONG else 20
KILLS_IN_A_ROW = 2  # each strikes within the first half of the work, so that none comes too late


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    """A vault with a night's work in its journal, and the marks that must stand at the end."""
    vault = tmp_path_factory.mktemp("kill") / "vault"
    make_house(vault, "Tess Tester", SECRET, kdf="floor")
    house = open_house(vault, SECRET)
    template, ids = Ward(), dict[str, str]()
    template.mixed(2)
    for entry in template.entries:
        who = 1 if entry.identity == identity(1, "test") else 0
        first = ids.get(entry.corrects) if entry.corrects else None
        ids[entry.id] = house.journal.append_entry(entry.kind, identity(who, "test"), entry.body, first).entry
    house.close()
    return vault, {f"{ids[mark.partition('#')[0]]}#{mark.partition('#')[2]}": 1 for mark in template.expected()}


@pytest.mark.parametrize("seed", range(KILLS // KILLS_IN_A_ROW))
def test_killed_at_any_moment_it_goes_on(seed: int, written: tuple[Path, dict[str, int]], tmp_path: Path) -> None:
    dice = random.Random(seed)
    prepared, expected = written
    vault = tmp_path / "vault"
    shutil.copytree(prepared, vault)
    killed = 0
    with simulator() as hospital:
        hospital.admit(patient(0, "test"), patient(1, "test"))
        hospital.faults.slow = 0.005
        for _ in range(KILLS_IN_A_ROW):
            killed += _send_and_kill(vault, hospital, dice)
        hospital.on_request = None
        with sending(vault, hospital) as last:
            assert last.wait(60) == 0

        house = open_house(vault, SECRET)
        summary = status(house.journal.ledger)
        is_chain_whole = house.journal.verify().ok
        house.close()
        assert summary.confirmed == len(summary.entries) == 12, summary
        assert is_chain_whole
        assert hospital.store.marks() == Counter(expected)
        assert hospital.store.told() == Counter({mark.partition("#")[0]: 1 for mark in expected})
    assert killed == KILLS_IN_A_ROW, "a kill came too late: the moments are badly chosen"


def sending(vault: Path, hospital: Hospital) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.flows.restoration.sender", str(vault), hospital.base]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(SECRET + b"\n")
    process.stdin.close()
    assert process.stdout.readline() == b"sending\n"
    return process


def _send_and_kill(vault: Path, hospital: Hospital, dice: random.Random) -> int:
    """1 where the process died by our hand, 0 where it was done before."""
    hospital.on_request = None
    with sending(vault, hospital) as process:
        assert process.stdout is not None
        if dice.random() < 0.5:
            strike = (dice.choice(("before", "after")), len(hospital.asked) + dice.randint(1, 25))

            def kill(when: str, number: int) -> None:
                if (when, number) == strike:
                    os.kill(process.pid, signal.SIGKILL)

            hospital.on_request = kill
            process.stdout.read()
        else:
            try:
                process.wait(dice.uniform(0.0, 0.12))
            except subprocess.TimeoutExpired:
                process.kill()
        return int(process.wait() == -signal.SIGKILL)
