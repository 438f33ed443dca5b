"""Adding, removing and changing slots without touching data (DESIGN D1; roles: coordinator, clinician).

Each function answers with what changed, for the journal (`Journal.record_slot`). Errors: vault.not_permitted,
vault.staff_exists, vault.staff_unknown, vault.staff_invalid, vault.weak_secret, vault.last_coordinator and those of the
files.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec

from localdb.vault.creation import random_device_code, tidy_device_code
from localdb.vault.errors import LastCoordinator, NotPermitted, StaffExists, StaffUnknown
from localdb.vault.files import copy_of, locked, read_both, write_framed
from localdb.vault.keys import Keys, VaultBody, vault_mac
from localdb.vault.recovery import bare_code, make_code, make_feed_secret
from localdb.vault.slots import (
    CLINICIAN,
    COORDINATOR,
    FEED,
    RECOVERY,
    STAFF,
    Slot,
    make_slot,
    require_strong,
    tidy_staff,
)
from localdb.vault.unlocking import DEVICE_FILE, RECOVERY_NAME, VAULT_FILE, read_device, read_vault


class SlotChange(msgspec.Struct, frozen=True):
    """`act` added / removed / changed; whose slot; the revision of `vault.json` that holds it."""

    act: str
    staff: str
    role: str
    kind: str
    slot: str
    revision: int


def _change(path: Path, keys: Keys, edit: Callable[[VaultBody], tuple[str, Slot, tuple[Slot, ...]]]) -> SlotChange:
    """One change under the lock, from the newest revision; keys that are not this vault's are refused."""
    with locked(path):
        held = read_vault(path)
        Keys(bytearray(keys.master), held, None, keys.staff, keys.role, keys.slot).wipe()  # verifies the MAC
        act, slot, slots = edit(held)
        body = msgspec.structs.replace(held, slots=slots, revision=held.revision + 1)
        body = msgspec.structs.replace(body, mac=vault_mac(keys.master, body))
        write_framed(path / VAULT_FILE, body)
    return SlotChange(act, slot.staff, slot.role, slot.kind, slot.id, body.revision)


def _require_coordinator(keys: Keys) -> None:
    if not keys.is_coordinator:
        raise NotPermitted("Only a coordinator may change who can open this vault.")


def _find(slots: tuple[Slot, ...], staff: str) -> Slot:
    wanted = tidy_staff(staff).casefold()
    for slot in slots:
        if slot.kind == STAFF and slot.staff.casefold() == wanted:
            return slot
    raise StaffUnknown("There is no slot for that name in this vault.")


def add_staff(
    path: Path, keys: Keys, staff: str, secret: bytes | bytearray, role: str = CLINICIAN, kdf: str = "standard"
) -> SlotChange:
    """A slot for one more person (coordinators only)."""
    _require_coordinator(keys)
    require_strong(secret)
    name = tidy_staff(staff)

    def edit(held: VaultBody) -> tuple[str, Slot, tuple[Slot, ...]]:
        if any(s.kind == STAFF and s.staff.casefold() == name.casefold() for s in held.slots):
            raise StaffExists("There is a slot for that name already.")
        slot = make_slot(held.vault, STAFF, name, role, secret, keys.master, kdf)
        return "added", slot, (*held.slots, slot)

    return _change(path, keys, edit)


def remove_staff(path: Path, keys: Keys, staff: str) -> SlotChange:
    """Takes a person's slot away (coordinators only, never the last coordinator's).

    An old copy of the folder still opens with it: a stolen copy is answered by a new vault, not by this.
    """
    _require_coordinator(keys)

    def edit(held: VaultBody) -> tuple[str, Slot, tuple[Slot, ...]]:
        slot = _find(held.slots, staff)
        rest = tuple(s for s in held.slots if s.id != slot.id)
        if not any(s.kind == STAFF and s.role == COORDINATOR for s in rest):
            raise LastCoordinator("That is the last coordinator of this vault.")
        return "removed", slot, rest

    return _change(path, keys, edit)


def change_secret(
    path: Path, keys: Keys, secret: bytes | bytearray, staff: str | None = None, kdf: str = "standard"
) -> SlotChange:
    """A new secret for one's own slot, or, by a coordinator, for another's; the old secret opens nothing any more."""
    name = tidy_staff(staff if staff is not None else keys.staff)
    if name.casefold() != keys.staff.casefold():
        _require_coordinator(keys)
    require_strong(secret)

    def edit(held: VaultBody) -> tuple[str, Slot, tuple[Slot, ...]]:
        old = _find(held.slots, name)
        slot = make_slot(held.vault, STAFF, old.staff, old.role, secret, keys.master, kdf)
        return "changed", slot, tuple(slot if s.id == old.id else s for s in held.slots)

    return _change(path, keys, edit)


def renew_recovery(path: Path, keys: Keys, kdf: str = "standard") -> tuple[str, SlotChange]:
    """A new recovery code in place of any former one (coordinators only)."""
    _require_coordinator(keys)
    code = make_code()

    def edit(held: VaultBody) -> tuple[str, Slot, tuple[Slot, ...]]:
        bare = bare_code(code.encode()) or b""
        slot = make_slot(held.vault, RECOVERY, RECOVERY_NAME, COORDINATOR, bare, keys.master, kdf)
        return "added", slot, (*(s for s in held.slots if s.kind != RECOVERY), slot)

    return code, _change(path, keys, edit)


def remove_recovery(path: Path, keys: Keys) -> SlotChange:
    """Takes the recovery slot away (coordinators only). Raises vault.staff_unknown where there is none."""
    _require_coordinator(keys)

    def edit(held: VaultBody) -> tuple[str, Slot, tuple[Slot, ...]]:
        found = [s for s in held.slots if s.kind == RECOVERY]
        if not found:
            raise StaffUnknown("This vault has no recovery slot.")
        return "removed", found[0], tuple(s for s in held.slots if s.kind != RECOVERY)

    return _change(path, keys, edit)


def add_feed(path: Path, keys: Keys, name: str = "Feed") -> tuple[bytes, SlotChange]:
    """A slot for the feeding machine's service, and its secret (coordinators only); a former one of that name goes.

    The secret opens the same master key: that it fills and reads no chart is a rule of the program, and the file that
    holds it is guarded like a key. The floor of key derivation is enough for 260 random bits.
    """
    _require_coordinator(keys)
    secret, name = make_feed_secret(), tidy_staff(name)

    def edit(held: VaultBody) -> tuple[str, Slot, tuple[Slot, ...]]:
        if any(s.kind == STAFF and s.staff.casefold() == name.casefold() for s in held.slots):
            raise StaffExists("There is a slot for that name already.")
        slot = make_slot(held.vault, FEED, name, FEED, secret, keys.master, "floor")
        return "added", slot, (*(s for s in held.slots if (s.kind, s.staff) != (FEED, name)), slot)

    return secret, _change(path, keys, edit)


def remove_feed(path: Path, keys: Keys, name: str) -> SlotChange:
    """Takes a feeding machine's slot away (coordinators only). Raises vault.staff_unknown."""
    _require_coordinator(keys)
    wanted = tidy_staff(name)

    def edit(held: VaultBody) -> tuple[str, Slot, tuple[Slot, ...]]:
        found = [s for s in held.slots if s.kind == FEED and s.staff == wanted]
        if not found:
            raise StaffUnknown("This vault has no feed slot of that name.")
        return "removed", found[0], tuple(s for s in held.slots if s is not found[0])

    return _change(path, keys, edit)


def renew_device(path: Path, keys: Keys, device: str | None = None) -> str:
    """A new device identity, for a journal that must start anew: no number or serial may ever be given twice.

    The former `device.json` stays beside it under another name. `keys` signs as the new device. Returns its code.
    """
    code = random_device_code() if device is None else tidy_device_code(device)
    with locked(path):
        former = read_device(path, read_vault(path))
        while device is None and code == former.device:
            code = random_device_code()
        write_framed(path / f"device-{former.device}-{secrets.token_hex(4)}.json", former)
        body = keys.make_device(code)
        write_framed(path / DEVICE_FILE, body)
        keys.take_device(body)
    return code


def mend(path: Path) -> tuple[str, ...]:
    """Writes the better of each file over a damaged, missing or older twin; answers with the names that it mended."""
    mended: list[str] = []
    with locked(path):
        vault = read_vault(path)
        device = read_device(path, vault)
        for name, best, shape in ((VAULT_FILE, vault, VaultBody), (DEVICE_FILE, device, type(device))):
            pair = read_both(path / name, shape)
            if pair != (best, best):
                write_framed(path / name, best)
                mended += [
                    n.name for n, held in zip((path / name, copy_of(path / name)), pair, strict=True) if held != best
                ]
    return tuple(mended)
