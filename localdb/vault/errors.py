"""Errors of the vault. Damage, absence, a newer format and disks are the store's errors (`localdb.store.errors`).

InputRefused
├── WrongSecret       vault.wrong_secret
├── WeakSecret        vault.weak_secret
├── SecretUnreadable  vault.secret_unreadable
├── StaffNeeded       vault.staff_needed
├── StaffUnknown      vault.staff_unknown
├── StaffExists       vault.staff_exists
├── StaffInvalid      vault.staff_invalid
├── DeviceInvalid     vault.device_invalid
├── LastCoordinator   vault.last_coordinator
├── NotPermitted      vault.not_permitted
├── VaultExists       vault.exists
└── FolderInUse       vault.not_empty
EnvironmentFault
├── WeakSlot          vault.weak_slot
└── MemoryShort       vault.memory
HouseFault
└── KeysWiped         vault.locked
"""

from __future__ import annotations

from localdb.errors import EnvironmentFault, HouseFault, InputRefused


class WrongSecret(InputRefused):
    """The secret opens none of the slots that were tried."""

    code = "vault.wrong_secret"
    next_step = "Type the secret again; if it stays wrong, ask the coordinator or use the recovery code."


class WeakSecret(InputRefused):
    """A new secret is too short."""

    code = "vault.weak_secret"
    next_step = "Choose a secret of at least 8 characters; four unrelated words are good."


class SecretUnreadable(InputRefused):
    """The file that should hold the secret cannot be read."""

    code = "vault.secret_unreadable"
    next_step = "Check the file given with --secret-file or WARDLAMP_SECRET_FILE."


class StaffNeeded(InputRefused):
    """The vault has several staff and none was named."""

    code = "vault.staff_needed"
    next_step = "Say who is acting with --staff NAME or WARDLAMP_STAFF."


class StaffUnknown(InputRefused):
    """The vault has no slot for that name."""

    code = "vault.staff_unknown"
    next_step = "Check the spelling against `wardlamp staff list`, or ask the coordinator for a slot."


class StaffExists(InputRefused):
    """There is a slot for that name already."""

    code = "vault.staff_exists"
    next_step = "Change that person's secret, or add the new one under another name."


class StaffInvalid(InputRefused):
    """A name or role cannot be taken."""

    code = "vault.staff_invalid"
    next_step = "Give a name of 1 to 80 characters on one line, and the role coordinator or clinician."


class DeviceInvalid(InputRefused):
    """A device code cannot be taken."""

    code = "vault.device_invalid"
    next_step = "Give a code of three letters or digits without I, L, O and U."


class LastCoordinator(InputRefused):
    """The last coordinator's slot would go."""

    code = "vault.last_coordinator"
    next_step = "Add another coordinator first, then remove this one."


class NotPermitted(InputRefused):
    """Only a coordinator may do this."""

    code = "vault.not_permitted"
    next_step = "Ask a coordinator of this ward to do it."


class VaultExists(InputRefused):
    """There is a vault already."""

    code = "vault.exists"
    next_step = "Open it, or give another folder with --vault."


class FolderInUse(InputRefused):
    """The folder holds other things."""

    code = "vault.not_empty"
    next_step = "Give a new or an empty folder with --vault."


class WeakSlot(EnvironmentFault):
    """A slot's key derivation is weaker (or dearer) than is permitted: someone altered the file."""

    code = "vault.weak_slot"
    next_step = "Do not type the secret again; ask IT to look at this laptop."


class MemoryShort(EnvironmentFault):
    """Not enough memory for the key derivation."""

    code = "vault.memory"
    next_step = "Close other programs and try again; a laptop of 4 GB needs slots made with --kdf floor."


class KeysWiped(HouseFault):
    """The keys were used after the vault was locked."""

    code = "vault.locked"
    next_step = "Unlock the vault again."
