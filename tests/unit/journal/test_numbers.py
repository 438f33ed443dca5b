"""Packs: dealt disjoint, taken once by the right laptop, burnt in order, voided when another could give them too."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from localdb.errors import WardlampError
from localdb.journal import dealing, exchange_file, numbers, opening, pack_file
from localdb.journal.book import Journal
from localdb.journal.opening import open_journal
from localdb.numbers.temporary import is_number, may_be_dealt, read_number
from localdb.vault.errors import NotPermitted
from localdb.vault.keys import Keys
from localdb.vault.unlocking import keys_from_pipe
from tests.conftest import Clock
from tests.unit.journal.conftest import ANN, NOTE
from tests.unit.journal.numbering import PERSON, WORDS, deal_files, supply

EXCHANGE = b"exchange words"


def refused(code: str, act: Callable[[], object]) -> WardlampError:
    with pytest.raises(WardlampError) as caught:
        act()
    assert caught.value.code == code
    assert caught.value.next_step
    return caught.value


def test_packs_are_disjoint_over_deals_and_devices(other: Journal) -> None:
    packs = [d.pack for _ in range(3) for d in other.deal_numbers("rph", ["W01", "W02", "K95"], 40)]
    every = [pack.number(n) for pack in packs for n in range(40)]
    assert len(set(every)) == len(every) == 360
    assert all(is_number(number) and may_be_dealt(number) for number in every)
    fresh = [name for pack in packs for name in pack.names if not name.again]
    assert len(fresh) == 9 * dealing.FRESH_NAMES
    assert len({(n.family, n.given) for n in fresh}) == len(fresh)
    assert {len(pack.names) for pack in packs} == {40}


def test_another_prefix_has_its_own_order(other: Journal) -> None:
    one, two = (other.deal_numbers(prefix, ["W01"], 50)[0].pack for prefix in ("RPH", "RJ1"))
    assert len(set(one.numbers) & set(two.numbers)) <= 1


def test_only_a_coordinator_deals(other: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other.log.keys, "role", "clinician")
    with pytest.raises(NotPermitted):
        other.deal_numbers("RPH", ["W01"], 5)


@pytest.mark.parametrize(("code", "prefix", "devices", "size"), [
    ("numbers.prefix", "R", ["W01"], 5), ("numbers.prefix", "123", ["W01"], 5),
    ("numbers.dealt_to_whom", "RPH", [], 5), ("numbers.dealt_to_whom", "RPH", ["W01", "w01"], 5),
    ("vault.device_invalid", "RPH", ["W0"], 5), ("vault.device_invalid", "RPH", ["WOO"], 5),
    ("numbers.size", "RPH", ["W01"], 0), ("numbers.size", "RPH", ["W01"], 5001),
])  # fmt: skip
def test_what_cannot_be_dealt_writes_nothing(
    other: Journal, code: str, prefix: str, devices: list[str], size: int
) -> None:
    refused(code, lambda: other.deal_numbers(prefix, devices, size))
    assert not other.log.rows_of_kind(dealing.KIND)


def test_the_space_has_an_end(other: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dealing, "SPACE", 300)
    packs = [other.deal_numbers("RPH", ["W01"], 100)[0].pack for _ in range(2)]
    assert len({n for p in packs for n in p.numbers}) == 200
    refused("numbers.space", lambda: other.deal_numbers("RPH", ["W01"], 100))
    assert other.deal_numbers("RPH", ["W01"], 5)  # what was refused took nothing


def test_the_key_never_travels_in_clear(other: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    raw, real = bytes(range(32)), dealing.secrets.token_bytes
    monkeypatch.setattr(dealing.secrets, "token_bytes", lambda n: raw if n == 32 else real(n))
    other.deal_numbers("RPH", ["W01"], 5)
    body = b"".join(row.body for row in other.log.rows_of_kind(dealing.KIND))
    assert raw.hex().encode() not in body
    assert b"wrapped" in body


def test_a_pack_is_taken_once_and_used_in_its_order(journal: Journal, other: Journal, tmp_path: Path) -> None:
    (file,) = deal_files(other, tmp_path, ["K95"], 5)
    pack = pack_file.open_pack(file.read_bytes(), WORDS)
    assert journal.take_numbers(file, WORDS).left == 5
    refused("numbers.taken", lambda: journal.take_numbers(file, WORDS))
    burnt = [journal.burn_number() for _ in range(5)]
    assert [b.number for b in burnt] == [pack.number(n) for n in range(5)]
    assert [b.name for b in burnt] == list(pack.names)
    assert [b.left for b in burnt] == [4, 3, 2, 1, 0]
    refused("numbers.exhausted", journal.burn_number)
    assert journal.number_status().state == "exhausted"


def test_a_pack_for_another_is_refused(journal: Journal, other: Journal, tmp_path: Path) -> None:
    for_other, own = deal_files(other, tmp_path, ["W01", "M07"])
    refused("numbers.other_device", lambda: journal.take_numbers(for_other, WORDS))
    refused("numbers.other_device", lambda: journal.take_numbers(own, WORDS))
    assert other.take_numbers(own, WORDS).left == 20  # bound to its own key


def test_a_pack_bound_to_a_key_is_not_taken_by_another_laptop_of_that_code(
    journal: Journal, other: Journal, tmp_path: Path
) -> None:
    with other.log.writing():
        other.log.add_device("K95", b"\x07" * 32, "0" * 32)  # the dealer has the journal of another K95
    (file,) = deal_files(other, tmp_path, ["K95"])
    refused("numbers.other_device", lambda: journal.take_numbers(file, WORDS))


def test_a_pack_in_the_name_of_a_known_dealer_is_refused(journal: Journal, other: Journal, tmp_path: Path) -> None:
    (file,) = deal_files(other, tmp_path, ["K95"])
    with journal.log.writing():
        journal.log.add_device("M07", b"\x09" * 32, "0" * 32)
    refused("numbers.damaged", lambda: journal.take_numbers(file, WORDS))


def test_a_changed_file_is_refused(journal: Journal, other: Journal, tmp_path: Path) -> None:
    (file,) = deal_files(other, tmp_path, ["K95"])
    data = file.read_bytes()
    for at in range(0, len(data), 97):
        file.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        refused("numbers.damaged", lambda: journal.take_numbers(file, WORDS))
    for cut in (0, 3, 40, len(data) - 1):
        file.write_bytes(data[:cut])
        refused("numbers.damaged", lambda: journal.take_numbers(file, WORDS))
    file.write_bytes(data)
    refused("numbers.wrong_secret", lambda: journal.take_numbers(file, b"other words 1"))
    pack = pack_file.open_pack(data, WORDS)
    forged = msgspec.structs.replace(pack, numbers=(*pack.numbers[1:], 17))
    (made,) = pack_file.seal_packs([forged], WORDS, journal.log.keys, "floor")  # sealed rightly, by another laptop
    file.write_bytes(made)
    refused("numbers.damaged", lambda: journal.take_numbers(file, WORDS))
    assert journal.number_status().state == "none"


def test_a_newer_file_says_so(journal: Journal, other: Journal, tmp_path: Path) -> None:
    from hashlib import sha256

    (file,) = deal_files(other, tmp_path, ["K95"])
    body = b"WLN2" + file.read_bytes()[4:-32]
    file.write_bytes(body + sha256(body).digest())
    refused("numbers.newer", lambda: journal.take_numbers(file, WORDS))


def test_a_journal_s_file_is_no_pack_and_a_pack_no_journal(journal: Journal, other: Journal, tmp_path: Path) -> None:
    (file,) = deal_files(other, tmp_path, ["K95"])
    other.exchange_out(tmp_path / "x", WORDS, "floor")
    refused("numbers.damaged", lambda: journal.take_numbers(tmp_path / "x", WORDS))
    with pytest.raises(WardlampError):
        exchange_file.unpack(file.read_bytes(), WORDS)


def test_status_counts_and_warns(journal: Journal, other: Journal, tmp_path: Path) -> None:
    assert journal.number_status().state == "none"
    supply(journal, other, tmp_path, 20)
    assert (journal.number_status().state, journal.number_status().left) == ("ready", 20)
    numbers_ = [journal.burn_number().number for _ in range(18)]
    journal.spoil_number(numbers_[0], "band torn")
    journal.spoil_number(numbers_[0], "band torn")
    journal.register({**PERSON, "number": numbers_[1]})
    found = journal.number_status()
    assert (found.state, found.left, found.burnt, found.used, found.spoiled) == ("ready", 2, 18, 1, 1)
    assert found.burnt == found.packs[0].burnt
    journal.burn_number()
    assert journal.number_status().state == "low"  # 1 of 20 is under 10 per cent, 2 of 20 is not
    assert journal.number_status().next_step
    supply(journal, other, tmp_path, 20)
    assert (journal.number_status().state, journal.number_status().left) == ("ready", 21)
    refused("numbers.not_yours", lambda: journal.spoil_number("RPH4830172W", "not dealt here"))


def test_a_number_passed_over_for_its_name_is_burnt_too(
    journal: Journal, other: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a further round of names, one that somebody here bears is passed over while another is left."""
    monkeypatch.setattr(dealing, "FRESH_NAMES", 0)
    supply(journal, other, tmp_path, 4)
    (row,) = journal.log.rows_of_kind(numbers.PACK)
    names = [tuple(name[:2]) for name in row.content["names"]]
    paper = {**PERSON, "number": "RPH4830172W", "temporary_name": {"family": names[0][0], "given": names[0][1]}}
    journal.register(paper)
    burnt = journal.burn_number()
    assert (burnt.name.family, burnt.name.given) == names[1]
    assert burnt.name.again
    assert burnt.left == 2
    assert [journal.burn_number().left for _ in range(2)] == [1, 0]
    refused("numbers.exhausted", journal.burn_number)


def test_two_at_once_never_get_one_number(
    folder: Path, keys: Keys, other: Journal, clock: Clock, tmp_path: Path
) -> None:
    """Two openings of one vault, as window and command, each from four threads."""
    first, second = (open_journal(folder, keys, clock) for _ in range(2))
    supply(first, other, tmp_path, 60)
    got: list[str] = []
    threads = [
        threading.Thread(target=lambda j=j: got.extend(j.burn_number().number for _ in range(5)))  # type: ignore[misc]
        for j in (first, second) for _ in range(4)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first.close()
    second.close()
    assert len(got) == len(set(got)) == 40


def test_burnt_is_on_disk_before_it_is_known(
    folder: Path, keys: Keys, other: Journal, clock: Clock, tmp_path: Path
) -> None:
    journal = open_journal(folder, keys, clock)
    supply(journal, other, tmp_path)
    with journal.log.reading() as connection:
        assert connection.execute("pragma synchronous").fetchone() == (2,)  # FULL: a commit returns after fsync
    number = journal.burn_number().number
    with pytest.raises(RuntimeError), journal.log.writing():
        lost = numbers.burn_within(journal.log).number
        raise RuntimeError
    journal.close()
    again = open_journal(folder, keys, clock)
    assert again.burn_number().number == lost != number  # what no transaction kept was never shown
    again.close()


# -- clones, old copies, other laptops ------------------------------------------------------------------------------


def test_a_lost_end_voids_pack_and_sequence(
    folder: Path, keys: Keys, made: tuple[Path, bytes], other: Journal, clock: Clock, tmp_path: Path
) -> None:
    journal = open_journal(folder, keys, clock)
    supply(journal, other, tmp_path)
    journal.close()
    old = shutil.copy(folder / "journal.db", tmp_path / "old.db")
    journal = open_journal(folder, keys, clock)
    shown = [journal.burn_number().number for _ in range(3)]
    journal.close()
    for tail in ("-wal", "-shm"):
        (folder / f"journal.db{tail}").unlink(missing_ok=True)
    shutil.copy(old, folder / "journal.db")
    later = open_journal(folder, keys_from_pipe(made[1], folder), clock)
    assert later.log.keys.device != "K95"
    assert refused("numbers.voided", later.burn_number).next_step
    assert later.number_status().state == "voided"
    supply(later, other, tmp_path)
    assert later.burn_number().number not in shown
    later.close()


def _moved(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copied"))


def test_a_copy_on_another_machine_is_a_new_device(
    folder: Path, keys: Keys, made: tuple[Path, bytes], other: Journal, clock: Clock, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    journal = open_journal(folder, keys, clock)
    supply(journal, other, tmp_path)
    journal.close()
    copied = _moved(folder, tmp_path)
    monkeypatch.setattr(opening, "machine_id", lambda: "another machine")
    copy = open_journal(copied, keys_from_pipe(made[1], copied), clock)
    assert copy.log.keys.device != "K95"
    refused("numbers.voided", copy.burn_number)
    assert copy.verify().ok
    copy.close()
    again = open_journal(copied, keys_from_pipe(made[1], copied), clock)
    refused("numbers.voided", again.burn_number)
    again.close()
    monkeypatch.undo()
    original = open_journal(folder, keys, clock)
    assert original.log.keys.device == "K95"
    assert original.burn_number()
    original.close()


def test_a_machine_without_an_id_and_a_laptop_without_packs_are_left_alone(
    folder: Path, keys: Keys, other: Journal, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "machine_id", lambda: "a container of today")
    open_journal(folder, keys, clock).close()
    monkeypatch.setattr(opening, "machine_id", lambda: "a container of tomorrow")
    journal = open_journal(folder, keys, clock)
    assert journal.log.keys.device == "K95"
    monkeypatch.setattr(numbers, "machine_id", lambda: "")
    supply(journal, other, tmp_path)
    journal.close()
    again = open_journal(folder, keys, clock)
    assert again.log.keys.device == "K95"
    again.close()


def test_a_copied_dealer_does_not_deal_until_the_first_is_gone(
    folder: Path, keys: Keys, made: tuple[Path, bytes], clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dealer = open_journal(folder, keys, clock)
    first = dealer.deal_numbers("RPH", ["W01"], 10)[0].pack
    dealer.close()
    copied = _moved(folder, tmp_path)
    for module in (opening, dealing):
        monkeypatch.setattr(module, "machine_id", lambda: "another machine")
    copy = open_journal(copied, keys_from_pipe(made[1], copied), clock)
    refused("numbers.dealer_copied", lambda: copy.deal_numbers("RPH", ["W02"], 10))
    later = copy.deal_numbers("RPH", ["W02"], 10, former_gone=True)[0].pack
    assert not set(first.numbers) & set(later.numbers)
    assert copy.deal_numbers("RPH", ["W03"], 10)  # said once
    copy.close()


def test_rows_that_the_dealer_lost_count_as_full_packs(
    folder: Path, keys: Keys, made: tuple[Path, bytes], clock: Clock, tmp_path: Path
) -> None:
    dealer = open_journal(folder, keys, clock)
    dealer.deal_numbers("RPH", ["W01"], 10)
    dealer.close()
    old = shutil.copy(folder / "journal.db", tmp_path / "old.db")
    dealer = open_journal(folder, keys, clock)
    lost = {n for _ in range(3) for n in dealer.deal_numbers("RPH", ["W02"], 100)[0].pack.numbers}
    dealer.close()
    for tail in ("-wal", "-shm"):
        (folder / f"journal.db{tail}").unlink(missing_ok=True)
    shutil.copy(old, folder / "journal.db")
    later = open_journal(folder, keys_from_pipe(made[1], folder), clock)
    dealt = {n for _ in range(3) for n in later.deal_numbers("RPH", ["W03"], 100)[0].pack.numbers}
    assert not lost & dealt
    later.close()


def test_one_prefix_has_one_dealer(journal: Journal, other: Journal, tmp_path: Path) -> None:
    other.deal_numbers("RPH", ["W01"], 5)
    other.exchange_out(tmp_path / "x", EXCHANGE, "floor")
    journal.exchange_in(tmp_path / "x", EXCHANGE)
    refused("numbers.other_dealer", lambda: journal.deal_numbers("RPH", ["W02"], 5))
    assert journal.deal_numbers("RXX", ["W02"], 5)


def test_a_pack_in_use_elsewhere_is_not_taken(journal: Journal, other: Journal, tmp_path: Path) -> None:
    (own,) = deal_files(other, tmp_path, ["M07"])
    other.take_numbers(own, WORDS)
    pack = pack_file.open_pack(own.read_bytes(), WORDS)
    other.exchange_out(tmp_path / "x", EXCHANGE, "floor")
    journal.exchange_in(tmp_path / "x", EXCHANGE)
    twin = msgspec.structs.replace(pack, id="0" * 8, device="K95", public=b"")
    (data,) = pack_file.seal_packs([twin], WORDS, other.log.keys, "floor")
    own.write_bytes(data)
    refused("numbers.overlap", lambda: journal.take_numbers(own, WORDS))


def _both_hold(journal: Journal, other: Journal, tmp_path: Path) -> None:
    """One pack's numbers on two laptops that have not met: what no rule of ours lets happen, and a forger may try."""
    (own,) = deal_files(other, tmp_path, ["M07"])
    other.take_numbers(own, WORDS)
    twin = msgspec.structs.replace(pack_file.open_pack(own.read_bytes(), WORDS), id="0" * 8, device="K95", public=b"")
    (data,) = pack_file.seal_packs([twin], WORDS, other.log.keys, "floor")
    own.write_bytes(data)
    journal.take_numbers(own, WORDS)


def test_numbers_that_another_laptop_has_too_are_voided_at_the_exchange(
    journal: Journal, other: Journal, tmp_path: Path
) -> None:
    _both_hold(journal, other, tmp_path)
    assert journal.number_status().left == 20
    other.exchange_out(tmp_path / "x", EXCHANGE, "floor")
    journal.exchange_in(tmp_path / "x", EXCHANGE)
    refused("numbers.voided", journal.burn_number)
    found = journal.number_status()
    assert (found.state, found.voided, found.packs[0].voided) == ("voided", 20, "shared")


def test_the_void_is_what_stops_it(
    journal: Journal, other: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sabotage of the check above: without it both laptops give one number."""
    from localdb.journal import exchange

    monkeypatch.setattr(exchange, "void_shared", lambda log: None)
    _both_hold(journal, other, tmp_path)
    other.exchange_out(tmp_path / "x", EXCHANGE, "floor")
    journal.exchange_in(tmp_path / "x", EXCHANGE)
    assert journal.burn_number().number == other.burn_number().number


def test_a_clone_that_writes_under_our_code_voids_our_numbers(
    folder: Path, keys: Keys, made: tuple[Path, bytes], other: Journal, clock: Clock, tmp_path: Path
) -> None:
    journal = open_journal(folder, keys, clock)
    supply(journal, other, tmp_path)
    journal.close()
    copied = _moved(folder, tmp_path)  # on the same machine, so that nothing but the exchange can tell
    clone = open_journal(copied, keys_from_pipe(made[1], copied), clock)
    clone.append_entry("note", ANN, NOTE)
    clone.exchange_out(tmp_path / "x", EXCHANGE, "floor")
    clone.close()
    journal = open_journal(folder, keys, clock)
    journal.append_entry("note", ANN, {**NOTE, "text": "Another note."})
    refused("exchange.forked", lambda: journal.exchange_in(tmp_path / "x", EXCHANGE))
    refused("numbers.voided", journal.burn_number)
    journal.close()


def test_a_fork_of_a_third_laptop_voids_nothing_of_ours(journal: Journal, other: Journal, tmp_path: Path) -> None:
    supply(journal, other, tmp_path)
    with journal.log.writing():
        journal.log.add_device("M07", b"\x05" * 32, "0" * 32)
    other.exchange_out(tmp_path / "x", EXCHANGE, "floor")
    refused("exchange.same_device", lambda: journal.exchange_in(tmp_path / "x", EXCHANGE))
    assert journal.burn_number()


def test_a_read_number_is_the_one_that_was_burnt(journal: Journal, other: Journal, tmp_path: Path) -> None:
    supply(journal, other, tmp_path)
    number = journal.burn_number().number
    assert read_number(number.lower()).prefix == "RPH"
