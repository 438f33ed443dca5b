"""Opening a vault: which slot, which secret, and what may be known before.

Errors: vault.missing, vault.damaged, vault.newer (the files); vault.staff_needed, vault.staff_unknown,
vault.wrong_secret, vault.weak_slot, vault.memory (the secret); vault.secret_unreadable (its file).
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from localdb.store.errors import StoreDamaged
from localdb.vault.errors import SecretUnreadable, StaffNeeded, StaffUnknown, WrongSecret
from localdb.vault.files import read_both
from localdb.vault.keys import DeviceBody, Keys, VaultBody, read_piped
from localdb.vault.recovery import bare_code, is_feed_secret
from localdb.vault.slots import FEED, RECOVERY, STAFF, Slot, open_slot, tidy_staff, wipe

VAULT_FILE, DEVICE_FILE = "vault.json", "device.json"
RECOVERY_NAME = "Recovery code"
_LONGEST_SECRET = 4096


class StaffName(msgspec.Struct, frozen=True):
    """One slot as it may be shown before unlocking: `kind` staff / recovery / feed, `role` coordinator / clinician /
    feed."""

    name: str
    role: str
    kind: str
    slot: str


def read_vault(path: Path) -> VaultBody:
    """The better of `vault.json` and its copy: the higher revision of those that verify."""
    first, second = read_both(path / VAULT_FILE, VaultBody)
    found = [body for body in (first, second) if body is not None]
    return max(found, key=lambda body: body.revision)


def read_device(path: Path, vault: VaultBody) -> DeviceBody:
    """The device of this vault. Raises vault.damaged where both files are gone, damaged or another vault's."""
    first, second = read_both(path / DEVICE_FILE, DeviceBody)
    for body in (first, second):
        if body is not None and body.vault == vault.vault:
            return body
    raise StoreDamaged("device.json belongs to another vault.")


def slot_list(path: Path) -> tuple[StaffName, ...]:
    """All slots, recovery included, in the order in which they were made."""
    return tuple(StaffName(s.staff, s.role, s.kind, s.id) for s in read_vault(path).slots)


def staff_names(path: Path) -> tuple[str, ...]:
    """The names that the unlock screen offers."""
    return tuple(s.name for s in slot_list(path) if s.kind == STAFF)


def _slots_to_try(vault: VaultBody, staff: str | None) -> list[Slot]:
    staff_slots = [s for s in vault.slots if s.kind == STAFF]
    if staff is None:
        if len(staff_slots) > 1:
            raise StaffNeeded("This vault has several staff: say who is acting.")
        return staff_slots
    wanted = tidy_staff(staff).casefold()
    named = [s for s in staff_slots if s.staff.casefold() == wanted]
    if not named:
        raise StaffUnknown("There is no slot for that name in this vault.")
    return named


def _open(vault: VaultBody, device: DeviceBody, slots: list[Slot], secret: bytes | bytearray) -> Keys:
    for slot in slots:
        try:
            master = open_slot(vault.vault, slot, secret)
        except WrongSecret:
            continue
        return Keys(master, vault, device, slot.staff, slot.role, slot.id)
    raise WrongSecret("The secret does not open this vault.")


def unlock(path: Path, secret: bytes | bytearray, staff: str | None = None) -> Keys:
    """The keys for a staff member's secret, for the recovery code (which acts as coordinator), or for the secret of a
    feeding machine (which acts as feed).

    `staff` may be left out while one staff slot exists (else vault.staff_needed); the two others need no name.
    Takes 0.1-1.5 s and up to 256 MiB: never on the window's thread.
    """
    vault = read_vault(path)
    device = read_device(path, vault)
    code = bare_code(secret)
    if code is not None:
        try:
            return _open(vault, device, [s for s in vault.slots if s.kind == RECOVERY], code)
        except WrongSecret:
            pass  # a secret may look like a code by chance
    if is_feed_secret(secret):
        return _open(vault, device, [s for s in vault.slots if s.kind == FEED], secret)
    return _open(vault, device, _slots_to_try(vault, staff), secret)


def prove(path: Path, staff: str, secret: bytes | bytearray) -> StaffName:
    """Who `staff` is, proved by their own secret while somebody else acts: nothing is opened and no key is kept.

    A recovery code or a feeding machine's secret proves nobody. Raises vault.staff_unknown, vault.wrong_secret and what
    `unlock` raises; as slow as that.
    """
    vault = read_vault(path)
    for slot in _slots_to_try(vault, staff):
        try:
            wipe(open_slot(vault.vault, slot, secret))
        except WrongSecret:
            continue
        return StaffName(slot.staff, slot.role, slot.kind, slot.id)
    raise WrongSecret("The secret is not that person's.")


def keys_from_pipe(data: bytes, path: Path) -> Keys:
    """In a child process: the keys that the parent's `Keys.to_pipe` sent. Raises vault.damaged."""
    vault = read_vault(path)
    return read_piped(data, vault, read_device(path, vault))


def read_secret_file(path: Path) -> bytearray:
    """The secret in a file, one trailing newline taken off. Raises vault.secret_unreadable."""
    buffer = bytearray(_LONGEST_SECRET + 1)
    try:
        with path.open("rb", buffering=0) as file:
            count = file.readinto(buffer) or 0
    except OSError:
        raise SecretUnreadable("The file with the secret cannot be read.") from None
    if count > _LONGEST_SECRET:
        wipe(buffer)
        raise SecretUnreadable("The file with the secret is too large to be one.")
    secret = buffer[:count]
    wipe(buffer)
    if secret.endswith(b"\n"):
        del secret[-1:]
        if secret.endswith(b"\r"):
            del secret[-1:]
    return secret
