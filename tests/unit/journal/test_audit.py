"""Every tampered byte is found: with the key by chain and signature, without it by the pages' MAC."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from localdb.journal.book import Journal
from localdb.journal.log import row_hash
from localdb.journal.opening import open_journal
from localdb.store.errors import StoreDamaged
from localdb.vault.keys import Keys
from tests.conftest import Clock
from tests.unit.journal.conftest import ANN, BEN, BODIES, NOTE


def fill(journal: Journal) -> None:
    for kind, body in BODIES.items():
        journal.append_entry(kind, ANN, body)
    first = journal.entries()[0].id
    journal.append_entry(journal.entries()[0].kind, ANN, journal.entries()[0].body, corrects=first)
    journal.move_sheet(journal.issue_sheet("F02", 2, identity=BEN), "made")
    journal.record_view(ANN.patient)


def codes(journal: Journal) -> set[str]:
    verification = journal.verify()
    assert verification.ok == (not verification.findings)
    return {f.code for f in verification.findings}


def test_a_whole_journal_verifies(journal: Journal) -> None:
    fill(journal)
    verification = journal.verify()
    assert verification.ok
    assert verification.rows == 4 + len(BODIES) + 1
    assert verification.devices == {"K95": verification.rows}


COLUMNS = {
    "previous": b"x",
    "heads": b'{"M07":[1,"00"]}',
    "staff": "Somebody Else",
    "happened": "2020-01-01T00:00:00Z",
    "written": "2020-01-01T00:00:00Z",
    "kind": "note",
    "schema": 2,
    "body": b'{"identity":{"patient":"P"},"body":{"text":"forged"},"corrects":null}',
    "hash": bytes(32),
    "signature": bytes(64),
}


@pytest.mark.parametrize("column", sorted(COLUMNS))
def test_a_changed_column_is_found_even_by_someone_with_the_key(journal: Journal, column: str) -> None:
    fill(journal)
    journal.log.connection.execute(f"UPDATE log SET {column} = ? WHERE sequence = 3", (COLUMNS[column],))
    assert codes(journal)


def test_a_row_made_anew_with_a_right_hash_lacks_the_signature_and_breaks_the_chain(journal: Journal) -> None:
    import msgspec

    fill(journal)
    row = next(journal.log.rows("K95", after=2))
    forged = msgspec.structs.replace(row, body=row.body.replace(b"6.80", b"4.20"))
    assert forged != row
    values = (forged.body, row_hash(forged))
    journal.log.connection.execute("UPDATE log SET body = ?, hash = ? WHERE sequence = 3", values)
    assert codes(journal) == {"signature", "chain"}


@pytest.mark.parametrize(("sequence", "expected"), [(4, {"gap", "chain", "drawn"}), (5 + len(BODIES), {"head"})])
def test_a_removed_row_is_found_in_the_middle_and_at_the_end(
    journal: Journal, sequence: int, expected: set[str]
) -> None:
    fill(journal)
    journal.log.connection.execute("DELETE FROM log WHERE sequence = ?", (sequence,))
    assert codes(journal) == expected


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM person; DELETE FROM entry WHERE sequence = 2",
        "UPDATE entry SET id = 'EXXXXXXXXXXXXX' WHERE sequence = 6",
        "DELETE FROM sheet",
        "INSERT INTO sheet VALUES ('W', 'K95', 9, 'F01', 1, 1, 0, NULL, 'void', 0, '', 0, '', 0, '')",
    ],
)
def test_what_is_drawn_must_agree_with_the_log(journal: Journal, statement: str) -> None:
    fill(journal)
    journal.log.connection.execute("pragma foreign_keys=OFF")
    for part in statement.split(";"):
        journal.log.connection.execute(part)
    assert codes(journal) == {"drawn"}


def test_a_flipped_bit_in_the_file_is_found(
    journal: Journal, folder: Path, keys: Keys, clock: Clock, tmp_path: Path, times: Callable[[int, int], int]
) -> None:
    fill(journal)
    journal.close()
    whole, chance = (folder / "journal.db").read_bytes(), random.Random(2)
    places = [0, 15, 16, 100, *(chance.randrange(len(whole)) for _ in range(times(60, 600)))]
    for place in places:
        broken = bytearray(whole)
        broken[place] ^= 1 << chance.randrange(8)
        (folder / "journal.db").write_bytes(broken)
        assert is_found(folder, keys, clock), f"byte {place} of {len(whole)}"
        for tail in ("-wal", "-shm"):
            (folder / f"journal.db{tail}").unlink(missing_ok=True)
    (folder / "journal.db").write_bytes(whole)
    assert not is_found(folder, keys, clock)
    assert keys.device == "K95"


def is_found(folder: Path, keys: Keys, clock: Clock) -> bool:
    try:
        journal = open_journal(folder, keys, clock)
    except StoreDamaged:
        return True
    try:
        return not journal.verify().ok
    finally:
        journal.close()


def test_a_damaged_write_ahead_log_is_noticed_and_no_number_repeats(
    journal: Journal, folder: Path, keys: Keys, clock: Clock, tmp_path: Path
) -> None:
    """The end of the log, cut or altered, would look like a shorter journal: the witness knows better."""
    fill(journal)
    crashed = Path(shutil.copytree(folder, tmp_path / "crashed"))
    wal = bytearray((crashed / "journal.db-wal").read_bytes())
    wal[len(wal) // 2] ^= 1
    (crashed / "journal.db-wal").write_bytes(wal)
    again = open_journal(crashed, keys, clock)
    try:
        assert keys.device != "K95"
        assert {f.code for f in again.verify().findings} == {"loss"}
        receipt = again.append_entry("note", ANN, NOTE)
        assert receipt.number == f"{keys.device}-3"
        assert again.entry(receipt.entry).device == keys.device
    finally:
        again.close()


def test_an_old_copy_put_back_is_noticed(
    journal: Journal, folder: Path, keys: Keys, clock: Clock, tmp_path: Path
) -> None:
    journal.append_entry("note", ANN, NOTE)
    journal.close()
    shutil.copy(folder / "journal.db", tmp_path / "old.db")
    later = open_journal(folder, keys, clock)
    lost = later.append_entry("note", ANN, NOTE).number
    later.close()
    shutil.copy(tmp_path / "old.db", folder / "journal.db")
    again = open_journal(folder, keys, clock)
    try:
        assert [e.number for e in again.entries()] == ["K95-2"]
        assert again.append_entry("note", ANN, NOTE).number != lost
        (finding,) = again.verify().findings
        assert (finding.code, finding.device, finding.sequence) == ("loss", "K95", 3)
    finally:
        again.close()


def test_a_missing_or_unreadable_witness_says_nothing(journal: Journal, folder: Path, keys: Keys, clock: Clock) -> None:
    journal.append_entry("note", ANN, NOTE)
    journal.close()
    for data in (b"", b"rubbish" * 9, None):
        if data is None:
            (folder / "journal.seen").unlink()
        else:
            (folder / "journal.seen").write_bytes(data)
        again = open_journal(folder, keys, clock)
        assert again.verify().ok
        again.close()
    assert keys.device == "K95"
