"""The keys of an unlocked vault, in memory only, wiped when it is locked.

Rules: the master key stays in one bytearray; what leaves is a key for one purpose; a child process gets the keys
through a pipe (`to_pipe`, `from_pipe`), never by environment or file. Every failure to verify is vault.damaged.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from localdb.store.errors import StoreDamaged
from localdb.vault.errors import KeysWiped
from localdb.vault.slots import COORDINATOR, KEY, NONCE, Slot, wipe

PURPOSES = ("intake", "journal", "blobs")


class VaultBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `vault.json`. `keys` purpose -> wrapped key; `revision` grows with each change; `mac` = HMAC-SHA256
    under a subkey of the master key over the body with an empty `mac`."""

    vault: str
    revision: int
    slots: tuple[Slot, ...]
    keys: dict[str, bytes]
    mac: bytes = b""


class DeviceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of `device.json`: the code (3 characters), the Ed25519 public key, the private key wrapped."""

    vault: str
    device: str
    public: bytes
    private: bytes


class _Piped(msgspec.Struct, frozen=True):
    master: bytes
    staff: str
    role: str
    slot: str


def _subkey(master: bytearray, vault: str, label: str) -> bytearray:
    return bytearray(HKDF(SHA256(), KEY, vault.encode(), b"wardlamp " + label.encode()).derive(bytes(master)))


def vault_mac(master: bytearray, body: VaultBody) -> bytes:
    """The MAC that `vault.json` must carry: HMAC-SHA256 over the body with an empty `mac`."""
    key = _subkey(master, body.vault, "vault.json v1")
    try:
        plain = msgspec.json.encode(msgspec.structs.replace(body, mac=b""), order="sorted")
        return hmac.new(key, plain, sha256).digest()
    finally:
        wipe(key)


class Keys:
    """What an unlocked vault can do. `role` is coordinator, clinician or feed; `device` the code of this laptop."""

    def __init__(
        self, master: bytearray, vault: VaultBody, device: DeviceBody | None, staff: str, role: str, slot: str
    ) -> None:
        self._master = master
        self._wrapped = dict(vault.keys)
        self._private: Ed25519PrivateKey | None = None
        self.vault_id = vault.vault
        self.staff, self.role, self.slot = staff, role, slot
        self.device, self.device_public_key = "", b""
        if not hmac.compare_digest(vault_mac(master, vault), vault.mac):
            raise StoreDamaged("vault.json was altered by someone without its keys.")
        if device is not None:
            self.take_device(device)

    @property
    def is_coordinator(self) -> bool:
        return self.role == COORDINATOR

    @property
    def master(self) -> bytearray:
        """The master key itself, for new slots only. Raises vault.locked once wiped."""
        if not self._master:
            raise KeysWiped("The vault is locked.")
        return self._master

    # --- keys of files -------------------------------------------------------------------------------------------
    def wrap_key(self, raw: bytes | bytearray, identity: str) -> bytes:
        """A file's key under the master key, bound to the file's identity (name, SHA-256 …)."""
        nonce = os.urandom(NONCE)
        return nonce + AESGCM(self.master).encrypt(nonce, bytes(raw), self._identity(identity))

    def unwrap_key(self, wrapped: bytes, identity: str) -> bytearray:
        """The file's key. Raises vault.damaged when the wrapping or the identity is not the one it was made for."""
        raw = bytearray(max(len(wrapped) - NONCE - 16, 0))
        try:
            AESGCM(self.master).decrypt_into(wrapped[:NONCE], wrapped[NONCE:], self._identity(identity), raw)
        except (InvalidTag, ValueError):
            raise StoreDamaged("A key of the vault does not verify.") from None
        return raw

    def _identity(self, identity: str) -> bytes:
        return msgspec.json.encode(["wardlamp key v1", self.vault_id, identity])

    def intake_key(self) -> bytearray:
        return self._purpose("intake")

    def journal_key(self) -> bytearray:
        return self._purpose("journal")

    def blobs_key(self) -> bytearray:
        return self._purpose("blobs")

    def _purpose(self, purpose: str) -> bytearray:
        if purpose not in self._wrapped:
            raise StoreDamaged("A key of the vault is not there.")
        return self.unwrap_key(self._wrapped[purpose], purpose)

    # --- sealing and authenticity ----------------------------------------------------------------------------------
    def seal(self, name: str, data: bytes) -> bytes:
        """`data` encrypted and authenticated under its name: nonce (12) + AES-256-GCM."""
        key, nonce = _subkey(self.master, self.vault_id, "seal v1"), os.urandom(NONCE)
        try:
            return nonce + AESGCM(key).encrypt(nonce, data, name.encode())
        finally:
            wipe(key)

    def open(self, name: str, data: bytes) -> bytes:
        """What `seal` sealed under this name. Raises vault.damaged."""
        key = _subkey(self.master, self.vault_id, "seal v1")
        try:
            return AESGCM(key).decrypt(data[:NONCE], data[NONCE:], name.encode())
        except (InvalidTag, ValueError):
            raise StoreDamaged("A sealed file of the vault does not verify.") from None
        finally:
            wipe(key)

    def control_key(self) -> bytes:
        """What a command and the running feed of this vault know each other by (32 bytes)."""
        return bytes(_subkey(self.master, self.vault_id, "feed control v1"))

    def machine_mark(self, machine: str) -> str:
        """How this vault knows a machine again without naming it: 32 hexadecimal digits, "" for a machine without an id."""
        if not machine:
            return ""
        key = _subkey(self.master, self.vault_id, "machine v1")
        try:
            return hmac.new(key, machine.encode(), sha256).hexdigest()[:32]
        finally:
            wipe(key)

    # --- the device -----------------------------------------------------------------------------------------------
    def make_device(self, code: str) -> DeviceBody:
        """A new device identity; not yet in use (`take_device`)."""
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        raw = bytearray(private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
        try:
            return DeviceBody(self.vault_id, code, public, self.wrap_key(raw, f"device|{code}|{public.hex()}"))
        finally:
            wipe(raw)

    def take_device(self, body: DeviceBody) -> None:
        """Signs as this device from now on. Raises vault.damaged where its key does not verify."""
        raw = self.unwrap_key(body.private, f"device|{body.device}|{body.public.hex()}")
        try:
            private = Ed25519PrivateKey.from_private_bytes(bytes(raw))
        except ValueError:
            raise StoreDamaged("The device's key does not verify.") from None
        finally:
            wipe(raw)
        if private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw) != body.public:
            raise StoreDamaged("The device's key does not verify.")
        self._private, self.device, self.device_public_key = private, body.device, body.public

    def sign(self, data: bytes) -> bytes:
        """Ed25519 signature (64 bytes) of this device."""
        if self._private is None:
            raise KeysWiped("The vault is locked.")
        return self._private.sign(data)

    # --- the end, and the way to a child process --------------------------------------------------------------------
    def wipe(self) -> None:
        """Forgets everything; every later use raises vault.locked."""
        wipe(self._master)
        self._master = bytearray()
        self._private = None
        self._wrapped.clear()

    def to_pipe(self) -> bytes:
        """What a child process of ours needs, for its standard input or another pipe only."""
        return msgspec.json.encode(_Piped(bytes(self.master), self.staff, self.role, self.slot))


def read_piped(data: bytes, vault: VaultBody, device: DeviceBody | None) -> Keys:
    """The keys that `to_pipe` gave. Raises vault.damaged."""
    try:
        piped = msgspec.json.decode(data, type=_Piped)
    except msgspec.MsgspecError:
        raise StoreDamaged("The keys that came through the pipe are not whole.") from None
    return Keys(bytearray(piped.master), vault, device, piped.staff, piped.role, piped.slot)
