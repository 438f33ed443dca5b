"""Unlocking: four different refusals, the copy as a spare, nothing that was altered gets through."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from localdb.errors import WardlampError
from localdb.store.errors import StoreDamaged, StoreMissing, StoreNewer
from localdb.vault.errors import KeysWiped, WeakSlot
from localdb.vault.keys import Keys
from localdb.vault.slots import KDFS, wipe
from localdb.vault.unlocking import (
    keys_from_pipe,
    read_device,
    read_secret_file,
    read_vault,
    unlock,
)
from tests.unit.vault.conftest import OTHER, SECRET

NAMES = ("vault.json", "vault.copy.json")


def code_of(folder: Path, secret: bytes, staff: str | None = None) -> str:
    with pytest.raises(WardlampError) as caught:
        unlock(folder, secret, staff)
    assert caught.value.next_step
    return caught.value.code


def forge(folder: Path, change: Any, name: str = "vault") -> None:
    """Alters the body as someone without the keys would: with a right checksum, in both files."""
    frame = json.loads((folder / f"{name}.json").read_bytes())
    change(frame["body"])
    body = json.dumps(frame["body"], sort_keys=True, separators=(",", ":")).encode()
    total = sha256(str(frame["format"]).encode() + b"|" + body).hexdigest()
    data = b'{"format":%d,"sum":"%s","body":%s}' % (frame["format"], total.encode(), body)
    for file in (f"{name}.json", f"{name}.copy.json"):
        (folder / file).write_bytes(data)


def test_a_wrong_secret_says_so(folder: Path) -> None:
    assert code_of(folder, b"wrong secret", "Tess Outsider") == "vault.wrong_secret"
    assert code_of(folder, OTHER, "Tess Outsider") == "vault.wrong_secret"
    assert code_of(folder, b"{", "Tess Outsider") == "vault.wrong_secret"


def test_several_staff_must_say_who_acts(folder: Path) -> None:
    assert code_of(folder, SECRET) == "vault.staff_needed"
    assert code_of(folder, SECRET, "Nobody Known") == "vault.staff_unknown"
    assert unlock(folder, OTHER, "bo clinician").role == "clinician"


def test_the_recovery_code_opens_however_it_is_typed(folder: Path, code: str) -> None:
    for typed in (code, code.lower().replace("-", " "), f" {code.replace('-', '')} ", code.replace("0", "o")):
        assert unlock(folder, typed.encode()).role == "coordinator"


def test_a_mistyped_recovery_code_is_no_code(folder: Path, code: str) -> None:
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert code_of(folder, wrong.encode(), "Tess Outsider") == "vault.wrong_secret"


def test_missing_and_damaged_and_newer_are_told_apart(folder: Path, tmp_path: Path) -> None:
    assert code_of(tmp_path / "nowhere", SECRET) == "vault.missing"
    before = {name: (folder / name).read_bytes() for name in NAMES}
    for name in NAMES:
        (folder / name).write_bytes(before[name][:-7])
    assert code_of(folder, SECRET, "Tess Outsider") == "vault.damaged"
    body = b'{"words":"of a later time"}'
    newer = b'{"format":2,"sum":"%s","body":%s}' % (sha256(b"2|" + body).hexdigest().encode(), body)
    (folder / "vault.json").write_bytes(newer)
    (folder / "vault.copy.json").write_bytes(before["vault.copy.json"])
    assert code_of(folder, SECRET, "Tess Outsider") == "vault.newer"
    assert (folder / "vault.json").read_bytes() == newer


@pytest.mark.parametrize("name", NAMES)
def test_either_file_is_enough(folder: Path, name: str) -> None:
    whole = read_vault(folder)
    (folder / name).unlink()
    assert read_vault(folder) == whole
    (folder / name).write_bytes(b"")
    assert read_vault(folder) == whole


def test_the_higher_revision_wins_after_a_crash_between_the_two_writes(folder: Path, keys: Keys) -> None:
    from localdb.vault.staff import remove_recovery

    older = (folder / "vault.copy.json").read_bytes()
    remove_recovery(folder, keys)
    for left_behind in NAMES:
        newer = (folder / "vault.json").read_bytes()
        (folder / left_behind).write_bytes(older)
        assert [s.kind for s in read_vault(folder).slots] == ["staff", "staff"]
        (folder / left_behind).write_bytes(newer)


@pytest.mark.parametrize("name", ["vault", "device"])
def test_a_flipped_bit_anywhere_is_found_and_the_copy_serves(folder: Path, name: str) -> None:
    vault = read_vault(folder)
    read = (lambda: read_vault(folder)) if name == "vault" else (lambda: read_device(folder, vault))
    first, second = folder / f"{name}.json", folder / f"{name}.copy.json"
    sound, whole = read(), first.read_bytes()
    for place in range(len(whole)):
        broken = bytearray(whole)
        broken[place] ^= 1 << place % 8
        first.write_bytes(broken)
        assert read() == sound, f"the copy did not serve when byte {place} was changed"
        second.write_bytes(broken)
        with pytest.raises(StoreDamaged):
            read()
        second.write_bytes(whole)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda b: b["slots"][2].update(role="coordinator"), "vault.wrong_secret"),
        (lambda b: b["slots"][2].update(staff="Tess Intruder"), "vault.wrong_secret"),
        (lambda b: b["slots"][2]["kdf"].update(memory=65536 * 2), "vault.wrong_secret"),
        (lambda b: b["slots"][2]["kdf"].update(memory=8), "vault.weak_slot"),
        (lambda b: b["slots"][2]["kdf"].update(passes=1), "vault.weak_slot"),
        (lambda b: b["slots"][2]["kdf"].update(lanes=1), "vault.weak_slot"),
        (lambda b: b["slots"][2]["kdf"].update(memory=1 << 40), "vault.weak_slot"),
        (lambda b: b["slots"][2]["kdf"].update(salt=""), "vault.weak_slot"),
        (lambda b: b["slots"][2].update(wrapped=""), "vault.wrong_secret"),
        (lambda b: b["slots"].pop(0), "vault.damaged"),
        (lambda b: b["keys"].update(journal=b["keys"]["intake"]), "vault.damaged"),
        (lambda b: b["keys"].pop("journal"), "vault.damaged"),
        (lambda b: b.update(revision=9), "vault.damaged"),
        (lambda b: b.update(mac=""), "vault.damaged"),
        (lambda b: b.update(extra=1), "vault.damaged"),
    ],
)
def test_a_forged_vault_file_gives_nothing(folder: Path, change: Any, expected: str) -> None:
    forge(folder, change)
    staff = "Tess Intruder" if "Tess Intruder" in (folder / "vault.json").read_text() else "Bo Clinician"
    assert code_of(folder, OTHER, staff) == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b.update(device="ZZZ"),
        lambda b: b.update(public=base64.b64encode(bytes(32)).decode()),
        lambda b: b.update(private=base64.b64encode(bytes(60)).decode()),
        lambda b: b.update(private=""),
        lambda b: b.update(vault="0" * 32),
    ],
)
def test_a_forged_device_file_gives_nothing(folder: Path, change: Any) -> None:
    forge(folder, change, "device")
    assert code_of(folder, OTHER, "Bo Clinician") == "vault.damaged"


def test_a_slot_below_the_floor_is_refused_before_a_secret_is_tried(folder: Path) -> None:
    assert KDFS["floor"] == (65536, 3, 4)
    assert KDFS["standard"] == (262144, 3, 4)
    forge(folder, lambda b: b["slots"][0]["kdf"].update(memory=65535))
    with pytest.raises(WeakSlot):
        unlock(folder, SECRET, "Tess Outsider")


def test_keys_of_another_vault_are_damage(folder: Path, keys: Keys) -> None:
    forge(folder, lambda b: b.update(vault="f" * 32))
    with pytest.raises(StoreDamaged):
        keys_from_pipe(keys.to_pipe(), folder)


def test_a_child_gets_the_same_keys_by_a_pipe(folder: Path, keys: Keys) -> None:
    child = keys_from_pipe(keys.to_pipe(), folder)
    assert child.journal_key() == keys.journal_key()
    assert (child.staff, child.role, child.device) == (keys.staff, keys.role, keys.device)
    assert child.sign(b"x") == keys.sign(b"x")
    with pytest.raises(StoreDamaged):
        keys_from_pipe(b"{}", folder)


def test_wrapped_keys_and_sealed_bytes_are_bound_to_their_names(keys: Keys) -> None:
    wrapped, sealed = keys.wrap_key(bytes(range(32)), "layers/1"), keys.seal("generations/1", b"list")
    assert keys.unwrap_key(wrapped, "layers/1") == bytes(range(32))
    assert keys.open("generations/1", sealed) == b"list"
    for call in (
        lambda: keys.unwrap_key(wrapped, "layers/2"),
        lambda: keys.unwrap_key(wrapped[:-1], "layers/1"),
        lambda: keys.unwrap_key(b"", "layers/1"),
        lambda: keys.open("generations/2", sealed),
        lambda: keys.open("generations/1", sealed[:-1]),
        lambda: keys.open("generations/1", b""),
    ):
        with pytest.raises(StoreDamaged):
            call()


def test_wiped_keys_open_nothing(keys: Keys) -> None:
    master = keys.master
    keys.wipe()
    assert not any(master)
    for call in (keys.journal_key, lambda: keys.sign(b""), lambda: keys.seal("a", b""), keys.to_pipe):
        with pytest.raises((KeysWiped, StoreDamaged)):
            call()


def test_a_secret_reads_the_same_from_every_keyboard(tmp_path: Path) -> None:
    from localdb.vault.creation import create_vault

    create_vault(tmp_path, "Ann", "Zoë café 1234".encode(), kdf="floor")
    assert unlock(tmp_path, "Zoe\u0308 cafe\u0301 1234".encode()).staff == "Ann"


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_one_newline_is_taken_off_a_secret_file(tmp_path: Path, end: bytes) -> None:
    (tmp_path / "secret").write_bytes(b" two words \n" + end)
    expected = b" two words \n" if end else b" two words "
    assert read_secret_file(tmp_path / "secret") == expected


def test_an_unreadable_secret_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(5000))
    for path in (tmp_path / "none", tmp_path, tmp_path / "large"):
        with pytest.raises(WardlampError) as caught:
            read_secret_file(path)
        assert caught.value.code == "vault.secret_unreadable"


def test_wiping_overwrites_in_place() -> None:
    secret = bytearray(b"secret")
    wipe(secret)
    assert secret == bytes(6)


def test_errors_of_the_files_are_the_stores_own() -> None:
    assert {StoreMissing.code, StoreDamaged.code, StoreNewer.code} == {"vault.missing", "vault.damaged", "vault.newer"}
