"""Slots: how a secret opens the master key.

A slot holds Argon2id's parameters, its salt and the master key under AES-256-GCM; vault id, slot id, kind, staff, role
and parameters are bound as associated data, so that none can be altered or exchanged. Standard 256 MiB t3 p4, floor
64 MiB t3 p4 for laptops of 4 GB (STACK-database §3); a slot below the floor is refused before a secret is tried on it.
"""

from __future__ import annotations

import os
import unicodedata

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from localdb.vault.errors import MemoryShort, StaffInvalid, WeakSecret, WeakSlot, WrongSecret

NONCE = 12
KEY = 32
STAFF, RECOVERY = "staff", "recovery"
COORDINATOR, CLINICIAN = "coordinator", "clinician"
ROLES = (COORDINATOR, CLINICIAN)
# The feeding machine's own slot, and what it may do: fill, cut, feed; open no chart, declare nothing, decide nothing.
FEED = "feed"
MIN_SECRET = 8


class Kdf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Argon2id: `memory` in KiB, `passes`, `lanes`, `salt` of 16 bytes."""

    memory: int
    passes: int
    lanes: int
    salt: bytes


class Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to the master key. `wrapped` = nonce (12) + AES-256-GCM of 32 bytes (48)."""

    id: str
    kind: str
    staff: str
    role: str
    kdf: Kdf
    wrapped: bytes


KDFS = {"standard": (256 * 1024, 3, 4), "floor": (64 * 1024, 3, 4)}
_FLOOR = KDFS["floor"]
_CEILING = (4 * 1024 * 1024, 64, 64)  # a forged slot must not hang the laptop either


def wipe(secret: bytearray) -> None:
    """Overwrites a secret in place."""
    secret[:] = bytes(len(secret))


def tidy_secret(secret: bytes | bytearray) -> bytearray:
    """A copy of the secret in the form that is derived from: NFKC, so that every keyboard types the same."""
    if bytes(secret).isascii():
        return bytearray(secret)
    try:
        return bytearray(unicodedata.normalize("NFKC", bytes(secret).decode()).encode())
    except UnicodeDecodeError:
        return bytearray(secret)


def require_strong(secret: bytes | bytearray) -> None:
    """Raises vault.weak_secret for fewer than 8 characters."""
    if len(bytes(secret).decode("utf-8", "replace").strip()) < MIN_SECRET:
        raise WeakSecret(f"The secret is shorter than {MIN_SECRET} characters.")


def tidy_staff(name: str) -> str:
    """A name on one line, 1 to 80 characters, outer spaces off. Raises vault.staff_invalid."""
    tidy = unicodedata.normalize("NFC", " ".join(name.split()))
    if not 1 <= len(tidy) <= 80 or not tidy.isprintable():
        raise StaffInvalid("The name of the staff member cannot be taken.")
    return tidy


def _associated(vault: str, slot_id: str, kind: str, staff: str, role: str, kdf: Kdf) -> bytes:
    return msgspec.json.encode(["wardlamp slot v1", vault, slot_id, kind, staff, role, kdf])


def derive_key(secret: bytes | bytearray, kdf: Kdf) -> bytearray:
    """32 bytes by Argon2id. Raises vault.weak_slot for parameters below the floor or above reason, vault.memory."""
    asked = (kdf.memory, kdf.passes, kdf.lanes)
    if any(a < f for a, f in zip(asked, _FLOOR, strict=True)) or len(kdf.salt) < 16:
        raise WeakSlot("A slot of this vault is weaker than is permitted.")
    if any(a > c for a, c in zip(asked, _CEILING, strict=True)):
        raise WeakSlot("A slot of this vault asks for more than any laptop has.")
    tidy, key = tidy_secret(secret), bytearray(KEY)
    try:
        argon = Argon2id(salt=kdf.salt, length=KEY, iterations=kdf.passes, lanes=kdf.lanes, memory_cost=kdf.memory)
        argon.derive_into(tidy, key)  # type: ignore[arg-type]  # the stub says bytes, any buffer is taken
    except MemoryError:
        raise MemoryShort("There is not enough memory to derive the key.") from None
    finally:
        wipe(tidy)
    return key


def make_slot(
    vault: str, kind: str, staff: str, role: str, secret: bytes | bytearray, master: bytearray, kdf: str
) -> Slot:
    """A new slot for `secret`; `kdf` is `standard` or `floor`. The caller has checked the secret's strength."""
    if role not in ROLES and (kind, role) != (FEED, FEED):
        raise StaffInvalid("The role is neither coordinator nor clinician.")
    memory, passes, lanes = KDFS[kdf]
    settings = Kdf(memory, passes, lanes, os.urandom(16))
    slot_id, nonce = os.urandom(8).hex(), os.urandom(NONCE)
    key = derive_key(secret, settings)
    try:
        sealed = AESGCM(key).encrypt(nonce, master, _associated(vault, slot_id, kind, staff, role, settings))
    finally:
        wipe(key)
    return Slot(slot_id, kind, staff, role, settings, nonce + sealed)


def open_slot(vault: str, slot: Slot, secret: bytes | bytearray) -> bytearray:
    """The master key. Raises vault.wrong_secret, vault.weak_slot, vault.memory."""
    master = bytearray(KEY)
    key = derive_key(secret, slot.kdf)
    try:
        if len(slot.wrapped) != NONCE + KEY + 16:
            raise WrongSecret("The secret does not open this vault.")
        bound = _associated(vault, slot.id, slot.kind, slot.staff, slot.role, slot.kdf)
        AESGCM(key).decrypt_into(slot.wrapped[:NONCE], slot.wrapped[NONCE:], bound, master)
    except InvalidTag:
        raise WrongSecret("The secret does not open this vault.") from None
    finally:
        wipe(key)
    return master
