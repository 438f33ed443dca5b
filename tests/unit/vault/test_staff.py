"""Slots come, go and change; the data stays untouched; a ward is never left without a coordinator."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from localdb.errors import WardlampError
from localdb.vault import staff
from localdb.vault.keys import Keys
from localdb.vault.unlocking import keys_from_pipe, read_vault, slot_list, staff_names, unlock
from tests.unit.vault.conftest import OTHER, SECRET


def refusal(call: object, *args: object, **named: object) -> str:
    with pytest.raises(WardlampError) as caught:
        call(*args, **named)  # type: ignore[operator]
    return caught.value.code


def test_a_person_is_added_and_removed_without_touching_keys(folder: Path, keys: Keys) -> None:
    before = read_vault(folder)
    change = staff.add_staff(folder, keys, "Nia Night", b"night shift 1", role="coordinator", kdf="floor")
    assert (change.act, change.staff, change.role, change.revision) == ("added", "Nia Night", "coordinator", 3)
    opened = unlock(folder, b"night shift 1", "Nia Night")
    assert opened.journal_key() == keys.journal_key()
    assert staff.remove_staff(folder, opened, "Tess Outsider").act == "removed"
    assert refusal(unlock, folder, SECRET, "Tess Outsider") == "vault.staff_unknown"
    assert read_vault(folder).keys == before.keys


def test_only_a_coordinator_changes_who_can_open(folder: Path, keys: Keys) -> None:
    clinician = unlock(folder, OTHER, "Bo Clinician")
    for call in (
        lambda: staff.add_staff(folder, clinician, "X", b"12345678", kdf="floor"),
        lambda: staff.remove_staff(folder, clinician, "Tess Outsider"),
        lambda: staff.change_secret(folder, clinician, b"12345678", staff="Tess Outsider", kdf="floor"),
        lambda: staff.renew_recovery(folder, clinician, kdf="floor"),
        lambda: staff.remove_recovery(folder, clinician),
    ):
        assert refusal(call) == "vault.not_permitted"
    assert read_vault(folder).revision == 2


def test_the_last_coordinator_stays(folder: Path, keys: Keys) -> None:
    before = (folder / "vault.json").read_bytes()
    assert refusal(staff.remove_staff, folder, keys, "Tess Outsider") == "vault.last_coordinator"
    assert (folder / "vault.json").read_bytes() == before


def test_a_changed_secret_opens_and_the_old_one_does_not(folder: Path) -> None:
    clinician = unlock(folder, OTHER, "Bo Clinician")
    staff.change_secret(folder, clinician, b"a new long secret", kdf="floor")
    assert unlock(folder, b"a new long secret", "Bo Clinician").role == "clinician"
    assert refusal(unlock, folder, OTHER, "Bo Clinician") == "vault.wrong_secret"
    assert refusal(staff.change_secret, folder, clinician, b"short", kdf="floor") == "vault.weak_secret"


def test_recovery_gives_a_coordinator_a_new_secret(folder: Path, code: str) -> None:
    rescued = unlock(folder, code.encode())
    staff.change_secret(folder, rescued, b"after recovery 1", staff="Tess Outsider", kdf="floor")
    assert unlock(folder, b"after recovery 1", "Tess Outsider").role == "coordinator"


def test_a_renewed_recovery_code_replaces_the_former(folder: Path, keys: Keys, code: str) -> None:
    fresh, change = staff.renew_recovery(folder, keys, kdf="floor")
    assert change.kind == "recovery"
    assert unlock(folder, fresh.encode()).role == "coordinator"
    assert refusal(unlock, folder, code.encode(), "Tess Outsider") == "vault.wrong_secret"
    staff.remove_recovery(folder, keys)
    assert refusal(staff.remove_recovery, folder, keys) == "vault.staff_unknown"


def test_names_are_unique_without_regard_to_case(folder: Path, keys: Keys) -> None:
    assert refusal(staff.add_staff, folder, keys, "tess OUTSIDER", b"12345678", kdf="floor") == "vault.staff_exists"
    assert refusal(staff.add_staff, folder, keys, "X", b"12345678", role="chief", kdf="floor") == "vault.staff_invalid"


def test_keys_of_another_vault_change_nothing(folder: Path, tmp_path: Path) -> None:
    from localdb.vault.creation import create_vault

    create_vault(tmp_path / "other", "Ann", b"12345678", kdf="floor")
    stranger = unlock(tmp_path / "other", b"12345678")
    assert refusal(staff.add_staff, folder, stranger, "X", b"12345678", kdf="floor") == "vault.damaged"
    assert staff_names(folder) == ("Tess Outsider", "Bo Clinician")


def _add(folder: Path, piped: bytes, name: str) -> None:
    staff.add_staff(folder, keys_from_pipe(piped, folder), name, b"12345678", kdf="floor")


def test_two_processes_that_add_at_once_both_succeed(folder: Path, keys: Keys) -> None:
    spawn = multiprocessing.get_context("spawn")
    children = [spawn.Process(target=_add, args=(folder, keys.to_pipe(), f"Person {n}")) for n in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 4
    assert {f"Person {n}" for n in range(4)} <= set(staff_names(folder))
    assert read_vault(folder).revision == 6


def test_a_device_is_renewed_for_good_and_the_former_is_kept(folder: Path, keys: Keys) -> None:
    former = keys.device_public_key
    code = staff.renew_device(folder, keys)
    assert code == keys.device != "K95"
    assert keys.device_public_key != former
    assert unlock(folder, OTHER, "Bo Clinician").device == code
    assert len(list(folder.glob("device-K95-*.json"))) == 2


def test_a_damaged_twin_is_mended(folder: Path) -> None:
    whole = (folder / "vault.json").read_bytes()
    (folder / "vault.json").write_bytes(b"x")
    (folder / "device.copy.json").unlink()
    assert staff.mend(folder) == ("vault.json", "device.copy.json")
    assert (folder / "vault.json").read_bytes() == whole
    assert staff.mend(folder) == ()
    assert len(slot_list(folder)) == 3
