"""Journals between laptops: the union is right, in any order, and nothing forged or doubled gets in."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from localdb.errors import InputRefused
from localdb.journal import exchange_file
from localdb.journal.book import Journal
from localdb.journal.exchange_file import Sent
from localdb.journal.log import row_hash
from localdb.journal.opening import open_journal
from localdb.restore.ledger import Delivery
from localdb.vault.keys import Keys
from tests.conftest import Clock
from tests.unit.journal.conftest import ANN, BEN, NOTE, PHONED

WORDS = b"four words for tonight"


def send(one: Journal, two: Journal, file: Path) -> tuple[int, int, int]:
    """(sent, taken, known)."""
    sent = one.exchange_out(file, WORDS, kdf="floor").sent
    got = two.exchange_in(file, WORDS)
    assert (got.partner, got.refused) == (one.log.keys.device, 0)
    return sent, got.taken, got.known


def code_of(journal: Journal, file: Path, words: bytes = WORDS) -> str:
    before = journal.verify().devices
    with pytest.raises(InputRefused) as caught:
        journal.exchange_in(file, words)
    assert journal.verify().devices == before, "nothing of a refused file is taken"
    assert caught.value.next_step
    return caught.value.code


def facts(journal: Journal) -> tuple[object, object]:
    return [msgspec.structs.replace(e, delivery="kept") for e in journal.entries()], journal.sheets()


def test_two_laptops_end_with_the_same_entries_and_sheets(journal: Journal, other: Journal, tmp_path: Path) -> None:
    first = journal.append_entry("note", ANN, NOTE)
    serial = journal.issue_sheet("F02", 1, identity=ANN)
    other.append_entry("phoned_result", BEN, PHONED)
    journal.ledger.record_outcome({first.entry: Delivery("confirmed")})
    assert send(journal, other, tmp_path / "a") == (3, 3, 0)
    other.append_entry("note", ANN, NOTE | {"text": "Corrected on the other laptop"}, corrects=first.number)
    other.move_sheet(serial, "made")
    other.move_sheet(serial, "returned")
    assert send(other, journal, tmp_path / "b")[1] == 6
    assert facts(journal) == facts(other)
    assert journal.entry(first.entry).corrected_by is not None
    assert journal.entry(first.entry).delivery == "confirmed", "what is local stays"
    assert journal.sheet(serial).state == "returned"
    assert journal.verify().ok
    assert other.verify().ok


def test_taking_a_file_twice_changes_nothing(journal: Journal, other: Journal, tmp_path: Path) -> None:
    journal.append_entry("note", ANN, NOTE)
    send(journal, other, tmp_path / "a")
    before = facts(other)
    got = other.exchange_in(tmp_path / "a", WORDS)
    assert (got.taken, got.known) == (0, 2)
    assert facts(other) == before


def test_each_row_after_it_says_how_far_the_other_was_seen(journal: Journal, other: Journal, tmp_path: Path) -> None:
    send(journal, other, tmp_path / "a")
    other.record_notice("after")
    *_, last = other.log.rows("M07")
    (end,) = [d for d in journal.log.devices() if d.code == "K95"]
    assert msgspec.json.decode(last.heads) == {"K95": [end.sequence, end.hash.hex()]}


def test_wrong_words_damage_and_a_newer_file_are_told_apart(journal: Journal, other: Journal, tmp_path: Path) -> None:
    file = tmp_path / "a"
    journal.exchange_out(file, WORDS, kdf="floor")
    whole = file.read_bytes()
    assert code_of(other, file, b"other words entirely") == "exchange.wrong_secret"
    for place in (0, 3, 6, 20, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        assert code_of(other, file) == "exchange.damaged"
    for data in (b"", whole[:40], whole[:-1]):
        file.write_bytes(data)
        assert code_of(other, file) == "exchange.damaged"
    later = b"WLX2" + whole[4:-32]
    file.write_bytes(later + sha256(later).digest())
    assert code_of(other, file) == "exchange.newer"


def forged(journal: Journal, file: Path, words: bytes, change: object) -> None:
    """A file whose seal and outer signature are right, made by a laptop that altered what it passes on."""
    journal.exchange_out(file, words, kdf="floor")
    sent = exchange_file.unpack(file.read_bytes(), words)
    file.write_bytes(exchange_file.pack(change(sent), words, journal.log.keys, "floor"))  # type: ignore[operator]


def test_a_laptop_cannot_alter_drop_or_invent_rows_of_another(journal: Journal, other: Journal, tmp_path: Path) -> None:
    journal.append_entry("note", ANN, NOTE)
    journal.append_entry("note", ANN, NOTE)

    def altered(sent: Sent) -> Sent:
        chain = sent.chains[0]
        row = msgspec.structs.replace(chain.rows[1], staff="Somebody Else")
        return with_rows(sent, (chain.rows[0], row, *chain.rows[2:]))

    def dropped(sent: Sent) -> Sent:
        rows = sent.chains[0].rows
        return with_rows(sent, (rows[0], *rows[2:]))

    def stranger(sent: Sent) -> Sent:
        return msgspec.structs.replace(sent, public=bytes(32))

    def with_rows(sent: Sent, rows: tuple[object, ...]) -> Sent:
        return msgspec.structs.replace(sent, chains=(msgspec.structs.replace(sent.chains[0], rows=rows),))

    def resigned(sent: Sent) -> Sent:
        """The whole chain made anew, hash by hash, by someone without the device's key."""
        previous, rows = sent.chains[0].rows[0].hash, [sent.chains[0].rows[0]]
        for row in sent.chains[0].rows[1:]:
            row = msgspec.structs.replace(row, staff="Somebody Else", previous=previous)
            rows.append(msgspec.structs.replace(row, hash=row_hash(row)))
            previous = rows[-1].hash
        return with_rows(sent, tuple(rows))

    for change in (altered, dropped, stranger, resigned):
        forged(journal, tmp_path / "a", WORDS, change)
        assert code_of(other, tmp_path / "a") == "exchange.damaged"


def test_two_laptops_with_one_device_code_refuse(journal: Journal, tmp_path: Path, clock: Clock) -> None:
    from localdb.vault.unlocking import keys_from_pipe
    from tests.unit.journal.conftest import make_vault

    twin = tmp_path / "twin"
    opened = open_journal(twin, keys_from_pipe(make_vault(twin, "K95", clock), twin), clock)
    opened.exchange_out(tmp_path / "a", WORDS, kdf="floor")
    opened.close()
    assert code_of(journal, tmp_path / "a") == "exchange.same_device"


def test_a_cloned_laptop_is_noticed(journal: Journal, folder: Path, keys: Keys, clock: Clock, tmp_path: Path) -> None:
    journal.close()
    clone_folder = Path(shutil.copytree(folder, tmp_path / "clone"))
    journal = open_journal(folder, keys, clock)
    clone = open_journal(clone_folder, keys, clock)
    try:
        journal.append_entry("note", ANN, NOTE)
        clone.append_entry("note", BEN, NOTE)
        clone.exchange_out(tmp_path / "a", WORDS, kdf="floor")
        assert code_of(journal, tmp_path / "a") == "exchange.forked"
    finally:
        clone.close()
        journal.close()


def test_rows_that_were_lost_come_back_from_the_other_laptop(
    journal: Journal, other: Journal, folder: Path, keys: Keys, clock: Clock, tmp_path: Path
) -> None:
    journal.close()
    old = Path(shutil.copytree(folder, tmp_path / "old"))
    journal = open_journal(folder, keys, clock)
    entry = journal.append_entry("note", ANN, NOTE)
    send(journal, other, tmp_path / "a")
    journal.close()
    restored = open_journal(old, keys, clock)  # the whole folder is old: its own witness knows no better
    try:
        assert restored.entries() == ()
        send(other, restored, tmp_path / "b")
        assert restored.entry(entry.entry).number == entry.number
        assert restored.append_entry("note", ANN, NOTE).number != entry.number
        assert restored.verify().ok
    finally:
        restored.close()


def test_a_laptop_whose_end_is_missing_is_told_so_even_if_nobody_has_it(
    journal: Journal, other: Journal, folder: Path, keys: Keys, clock: Clock, tmp_path: Path
) -> None:
    journal.close()
    old = Path(shutil.copytree(folder, tmp_path / "old"))
    journal = open_journal(folder, keys, clock)
    journal.append_entry("note", ANN, NOTE)
    send(journal, other, tmp_path / "a")
    other.record_notice("after")
    journal.close()
    forged(other, tmp_path / "b", WORDS, lambda sent: msgspec.structs.replace(sent, chains=sent.chains[1:]))
    restored = open_journal(old, keys, clock)
    try:
        assert code_of(restored, tmp_path / "b") == "exchange.forked"
    finally:
        restored.close()


def test_words_must_be_strong_and_nothing_travels_in_clear(journal: Journal, tmp_path: Path) -> None:
    journal.append_entry("note", ANN, NOTE)
    with pytest.raises(InputRefused) as caught:
        journal.exchange_out(tmp_path / "a", b"short", kdf="floor")
    assert caught.value.code == "vault.weak_secret"
    assert not (tmp_path / "a").exists()
    journal.exchange_out(tmp_path / "a", WORDS, kdf="floor")
    data = (tmp_path / "a").read_bytes()
    assert not [word for word in (b"Seen on", b"Ann", b"Outsider", b"note") if word in data]
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
