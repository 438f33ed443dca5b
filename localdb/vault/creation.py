"""Making a vault: everything is written first and `vault.json` last, so that a vault exists whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec

from localdb.durable import sync_folder, write_whole
from localdb.records.ids import ALPHABET
from localdb.store.errors import translated
from localdb.vault.errors import DeviceInvalid, FolderInUse, VaultExists
from localdb.vault.files import copy_of, write_framed
from localdb.vault.keys import PURPOSES, Keys, VaultBody, vault_mac
from localdb.vault.recovery import bare_code, make_code
from localdb.vault.slots import COORDINATOR, KEY, RECOVERY, STAFF, make_slot, require_strong, tidy_staff
from localdb.vault.unlocking import DEVICE_FILE, RECOVERY_NAME, VAULT_FILE

# What an interrupted `init` can leave behind; a folder with anything else is somebody's.
_LEFTOVERS = ("device.", "vault.", "journal.", "intake.")


class Created(msgspec.Struct, frozen=True):
    """A vault that was just made; `recovery_code` is shown or printed once and is nowhere else."""

    vault_id: str
    device: str
    recovery_code: str | None


def random_device_code() -> str:
    """Three characters of DESIGN D9's alphabet."""
    return "".join(secrets.choice(ALPHABET) for _ in range(3))


def tidy_device_code(code: str) -> str:
    """Upper case; raises vault.device_invalid."""
    tidy = code.strip().upper()
    if len(tidy) != 3 or any(c not in ALPHABET for c in tidy):
        raise DeviceInvalid("A device code has three letters or digits, without I, L, O and U.")
    return tidy


def create_vault(
    path: Path,
    staff: str,
    secret: bytes | bytearray,
    device: str | None = None,
    kdf: str = "standard",
    recovery: bool = False,
    furnish: Callable[[Path, Keys], None] | None = None,
) -> Created:
    """A new vault with its first coordinator.

    `furnish` makes what else belongs into the folder (the stores) before the vault exists. Raises vault.exists,
    vault.not_empty, vault.weak_secret, vault.staff_invalid, vault.device_invalid, disk.full, disk.read_only.
    """
    name, code = tidy_staff(staff), random_device_code() if device is None else tidy_device_code(device)
    require_strong(secret)
    _prepare(path)
    vault, master = secrets.token_hex(16), bytearray(os.urandom(KEY))
    recovery_code = make_code() if recovery else None
    slots = [make_slot(vault, STAFF, name, COORDINATOR, secret, master, kdf)]
    if recovery_code is not None:
        bare = bare_code(recovery_code.encode()) or b""
        slots.append(make_slot(vault, RECOVERY, RECOVERY_NAME, COORDINATOR, bare, master, kdf))
    keys = _bare_keys(vault, master, name, slots[0].id)
    try:
        wrapped = {purpose: keys.wrap_key(os.urandom(KEY), purpose) for purpose in PURPOSES}
        body = VaultBody(vault, 1, tuple(slots), wrapped)
        body = msgspec.structs.replace(body, mac=vault_mac(master, body))
        identity = keys.make_device(code)
        write_framed(path / DEVICE_FILE, identity)
        if furnish is not None:
            furnished = Keys(bytearray(master), body, identity, name, COORDINATOR, slots[0].id)
            try:
                furnish(path, furnished)
            finally:
                furnished.wipe()
        write_framed(path / VAULT_FILE, body)
    finally:
        keys.wipe()
    return Created(vault, code, recovery_code)


def _bare_keys(vault: str, master: bytearray, staff: str, slot: str) -> Keys:
    """Keys that can wrap and make a device, before the vault has any."""
    empty = VaultBody(vault, 0, (), {})
    return Keys(master, msgspec.structs.replace(empty, mac=vault_mac(master, empty)), None, staff, COORDINATOR, slot)


def _prepare(path: Path) -> None:
    """The folder, ours alone (0700). Sets aside what an interrupted `init` left."""
    with translated():
        if path.is_file():
            raise FolderInUse("That is a file, not a folder.")
        if (path / VAULT_FILE).exists() or copy_of(path / VAULT_FILE).exists():
            raise VaultExists("There is a vault in that folder already.")
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        held = sorted(path.iterdir())
        if any(not entry.name.startswith(_LEFTOVERS) for entry in held):
            raise FolderInUse("The folder is not empty.")
        for entry in held:  # a store is never deleted, not even one whose vault.json is gone
            entry.rename(path / f"{entry.name}.aside-{secrets.token_hex(4)}")
        path.chmod(0o700)
        sync_folder(path.parent)


def write_recovery(file: Path, code: str, vault_id: str) -> None:
    """The recovery code on a page of text, owner only: the one permitted clear output of a key.

    Raises disk.full, disk.read_only, vault.missing (no such folder).
    """
    text = (
        "Wardlamp recovery code\n\n"
        f"    {code}\n\n"
        f"Vault {vault_id}. Whoever has this code and the laptop can read everything on it: print it, seal it in an\n"
        "envelope, lock it away, and delete this file.\n"
    )
    write_whole(file, text.encode())
