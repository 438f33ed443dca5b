"""The log under concurrency and kills: every acknowledged number is there, none twice, none left out (DESIGN D5)."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from localdb.errors import HouseFault
from localdb.journal.book import Journal
from localdb.journal.opening import open_journal
from localdb.vault.keys import Keys
from tests.conftest import ROOT, Clock
from tests.unit.journal.conftest import ANN, NOTE


def start(folder: Path, keys: Keys, count: int) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.journal.writer", str(folder), str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert child.stdin is not None
    child.stdin.write(keys.to_pipe().decode())
    child.stdin.close()
    return child


def numbers_in(journal: Journal) -> set[str]:
    return {e.number for e in journal.entries()} | {s.serial for s in journal.sheets()}


def assert_whole(journal: Journal, acknowledged: set[str]) -> None:
    verification = journal.verify()
    assert verification.findings == ()
    assert acknowledged <= numbers_in(journal)
    sequences = [row.sequence for row in journal.log.rows("K95")]
    assert sequences == list(range(1, len(sequences) + 1))
    assert [s.number for s in journal.sheets()] == list(range(1, len(journal.sheets()) + 1))


def test_processes_that_write_at_once_share_one_gap_free_chain(journal: Journal, folder: Path, keys: Keys) -> None:
    children = [start(folder, keys, 60) for _ in range(2)]
    mine = [journal.append_entry("note", ANN, NOTE).number for _ in range(60)]
    said = []
    for child in children:
        with child:
            assert child.stdout is not None
            said.append(child.stdout.read().split()[1:])
    assert [child.returncode for child in children] == [0, 0]
    everything = [*mine, *said[0], *said[1]]
    assert len(everything) == len(set(everything)) == 180
    assert_whole(journal, set(everything))
    assert numbers_in(journal) == set(everything)


def test_threads_that_share_a_journal_take_turns(journal: Journal) -> None:
    numbers: list[str] = []

    def work() -> None:
        for _ in range(25):
            numbers.append(journal.append_entry("note", ANN, NOTE).number)
            journal.entries(ANN.ids)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(numbers)) == 100
    assert_whole(journal, set(numbers))


def test_a_kill_at_any_moment_loses_nothing_acknowledged(
    folder: Path, keys: Keys, clock: Clock, times: Callable[[int, int], int]
) -> None:
    chance, acknowledged = random.Random(4), set[str]()
    for _ in range(times(20, 200)):
        child = start(folder, keys, 100_000)
        assert child.stdout is not None
        with child:
            for _ in range(chance.randrange(1, 25)):
                acknowledged |= {child.stdout.readline().strip()} - {"ready", ""}
            child.kill()
            rest = child.stdout.read()  # numbers that were printed while the kill was on its way
            acknowledged |= set(rest.rpartition("\n")[0].split()) - {"ready"}
        journal = open_journal(folder, keys, clock)
        try:
            assert_whole(journal, acknowledged)
        finally:
            journal.close()
    assert keys.device == "K95", "no loss was suspected"
    assert len(acknowledged) > times(20, 200) * 5


def test_a_row_outside_a_transaction_is_our_own_fault(journal: Journal) -> None:
    with pytest.raises(HouseFault):
        journal.log.append("notice", {})
    with pytest.raises(HouseFault), journal.log.writing(), journal.log.writing():
        pass
    assert journal.verify().rows == 1


def test_a_transaction_that_fails_leaves_no_row_and_no_gap(journal: Journal) -> None:
    def half() -> None:
        with journal.log.writing():
            journal.log.append("notice", {"words": "half"})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert journal.append_entry("note", ANN, NOTE).number == "K95-2"
    assert journal.verify().ok


def test_the_driver_really_syncs_each_commit(journal: Journal) -> None:
    connection = journal.log.connection
    assert connection.execute("pragma synchronous").fetchone()[0] == 2
    assert connection.execute("pragma journal_mode").fetchone()[0] == "wal"
    assert connection.execute("pragma cipher_status").fetchone()[0] == "1"
    assert connection.execute("pragma secure_delete").fetchone()[0] == 1
