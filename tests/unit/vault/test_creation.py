"""Making a vault: whole or not at all, nothing of others touched."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from localdb.errors import WardlampError
from localdb.vault import creation
from localdb.vault.creation import create_vault, write_recovery
from localdb.vault.keys import Keys
from localdb.vault.unlocking import read_device, read_vault, slot_list, unlock
from tests.unit.vault.conftest import SECRET


def test_a_vault_opens_with_its_secret_and_only_for_its_owner(folder: Path) -> None:
    keys = unlock(folder, SECRET, "tess  outsider")
    assert (keys.staff, keys.role, keys.device) == ("Tess Outsider", "coordinator", "K95")
    assert stat.S_IMODE((folder / "vault.json").stat().st_mode) == 0o600


def test_the_folder_is_for_its_owner_only(made: tuple[Path, object, bytes]) -> None:
    assert stat.S_IMODE(made[0].stat().st_mode) == 0o700


def test_both_copies_are_equal(folder: Path) -> None:
    for name in ("vault", "device"):
        assert (folder / f"{name}.json").read_bytes() == (folder / f"{name}.copy.json").read_bytes()


def test_every_vault_has_keys_of_its_own(tmp_path: Path) -> None:
    seen = set()
    for name in "ab":
        create_vault(tmp_path / name, "Ann", b"12345678", kdf="floor")
        keys = unlock(tmp_path / name, b"12345678")
        seen |= {bytes(keys.intake_key()), bytes(keys.journal_key()), bytes(keys.blobs_key()), keys.device_public_key}
    assert len(seen) == 8


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"staff": "  "}, "vault.staff_invalid"),
        ({"staff": "x" * 81}, "vault.staff_invalid"),
        ({"secret": b"1234567"}, "vault.weak_secret"),
        ({"secret": b"        "}, "vault.weak_secret"),
        ({"secret": "ééé".encode()}, "vault.weak_secret"),
        ({"device": "ILO"}, "vault.device_invalid"),
        ({"device": "AB"}, "vault.device_invalid"),
    ],
)
def test_what_cannot_be_taken_leaves_no_folder(tmp_path: Path, given: dict[str, object], code: str) -> None:
    asked = {"staff": "Ann", "secret": b"12345678", "kdf": "floor", **given}
    with pytest.raises(WardlampError) as caught:
        create_vault(tmp_path / "v", **asked)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert not (tmp_path / "v").exists()


def test_an_existing_vault_is_left_alone_even_when_only_the_copy_is_there(folder: Path) -> None:
    (folder / "vault.json").unlink()
    with pytest.raises(WardlampError) as caught:
        create_vault(folder, "Ann", b"12345678", kdf="floor")
    assert caught.value.code == "vault.exists"
    assert unlock(folder, SECRET, "Tess Outsider").staff == "Tess Outsider"


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("mine")
    with pytest.raises(WardlampError) as caught:
        create_vault(tmp_path, "Ann", b"12345678", kdf="floor")
    assert caught.value.code == "vault.not_empty"
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.odt"]


def test_an_interrupted_creation_leaves_no_vault_and_can_be_repeated(tmp_path: Path) -> None:
    def fail(path: Path, keys: Keys) -> None:
        (path / "journal.db").write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        create_vault(tmp_path / "v", "Ann", b"12345678", kdf="floor", furnish=fail)
    with pytest.raises(WardlampError) as caught:
        unlock(tmp_path / "v", b"12345678")
    assert caught.value.code == "vault.missing"
    create_vault(tmp_path / "v", "Ann", b"12345678", kdf="floor")
    assert unlock(tmp_path / "v", b"12345678").staff == "Ann"
    kept = [p for p in (tmp_path / "v").iterdir() if p.name.startswith("journal.db.aside-")]
    assert [p.read_bytes() for p in kept] == [b"half"], "a store is set aside, never deleted"


def test_furnishing_sees_keys_that_the_vault_will_have(tmp_path: Path) -> None:
    seen: list[bytes] = []
    create_vault(tmp_path, "Ann", b"12345678", kdf="floor", furnish=lambda _, k: seen.append(bytes(k.journal_key())))
    assert seen == [bytes(unlock(tmp_path, b"12345678").journal_key())]


def test_the_recovery_page_is_for_its_owner_only_and_names_no_secret(tmp_path: Path, folder: Path, code: str) -> None:
    write_recovery(tmp_path / "page.txt", code, read_vault(folder).vault)
    assert code in (tmp_path / "page.txt").read_text()
    assert stat.S_IMODE((tmp_path / "page.txt").stat().st_mode) == 0o600


def test_no_key_and_no_secret_stands_in_clear(folder: Path, keys: Keys, code: str) -> None:
    secrets = [SECRET, bytes(keys.master), bytes(keys.intake_key()), bytes(keys.journal_key())]
    secrets += [code.encode(), code.replace("-", "").encode()]
    for file in folder.iterdir():
        data = file.read_bytes()
        assert not [s for s in secrets if s in data or s.hex().encode() in data]


def test_slots_and_device_are_what_was_asked(folder: Path) -> None:
    assert [(s.kind, s.name, s.role) for s in slot_list(folder)] == [
        ("staff", "Tess Outsider", "coordinator"),
        ("recovery", "Recovery code", "coordinator"),
        ("staff", "Bo Clinician", "clinician"),
    ]
    assert read_device(folder, read_vault(folder)).device == "K95"


def test_random_device_codes_have_the_right_alphabet() -> None:
    assert all(creation.tidy_device_code(creation.random_device_code()) for _ in range(200))
