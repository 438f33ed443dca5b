"""A file between laptops: sealed by words chosen for it, signed by the laptop that made it.

Layout: four letters that say what it is and of which version, then the header (msgpack: Argon2id's parameters, nonce),
the sealed body, SHA-256 over all before it. The sum tells a damaged file from wrong words. The body is AES-256-GCM (the
header is bound) over compressed msgpack, signed by the sending device.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from localdb.errors import InputRefused
from localdb.vault.keys import Keys
from localdb.vault.slots import KDFS, NONCE, Kdf, derive_key, require_strong, wipe

_SUM = 32
_LARGEST = 1 << 31  # a forged file must not fill the memory


class _Header(msgspec.Struct, frozen=True, array_like=True):
    kdf: Kdf
    nonce: bytes


class _Signed(msgspec.Struct, frozen=True, array_like=True):
    signature: bytes
    sent: msgspec.Raw


class Form(NamedTuple):
    """A kind of file. `magic` of four bytes, the last its version; `domain` what is signed with it; `thing` what it is in
    words; `refuse` makes the error of `damaged`, `newer` or `wrong_secret`."""

    magic: bytes
    domain: bytes
    thing: str
    refuse: Callable[[str, str], InputRefused]


def seal(form: Form, plains: Iterable[bytes], words: bytes | bytearray, keys: Keys, kdf: str) -> Iterator[bytes]:
    """The bytes of one file for each body; the key is derived once for all. Raises vault.weak_secret for words of fewer
    than 8 characters."""
    require_strong(words)
    settings = Kdf(*KDFS[kdf], os.urandom(16))
    key = derive_key(words, settings)
    try:
        for plain in plains:
            signed = _Signed(keys.sign(form.domain + sha256(plain).digest()), msgspec.Raw(plain))
            nonce = os.urandom(NONCE)
            head = msgspec.msgpack.encode(_Header(settings, nonce))
            packed = zlib.compress(msgspec.msgpack.encode(signed), 6)
            sealed = AESGCM(key).encrypt(nonce, packed, form.magic + head)
            data = form.magic + len(head).to_bytes(4, "big") + head + sealed
            yield data + sha256(data).digest()
    finally:
        wipe(key)


class Opened(NamedTuple):
    """The body of a file and the signature over it, which `verify` proves."""

    plain: bytes
    signature: bytes

    def verify(self, form: Form, public: bytes) -> None:
        """Raises `damaged` where the device with this public key did not sign it."""
        try:
            signed = form.domain + sha256(self.plain).digest()
            Ed25519PublicKey.from_public_bytes(public).verify(self.signature, signed)
        except (InvalidSignature, ValueError):
            raise form.refuse("damaged", "The file does not bear its sender's signature.") from None


def unseal(form: Form, data: bytes, words: bytes | bytearray) -> Opened:
    """What a file holds; its signature is not proved yet. Raises `damaged`, `newer`, `wrong_secret`, vault.weak_slot."""
    body, total = data[:-_SUM], data[-_SUM:]
    if not data.startswith(form.magic[:3]) or sha256(body).digest() != total:
        raise form.refuse("damaged", f"The file is no {form.thing}, or was damaged on its way.")
    if not data.startswith(form.magic):
        raise form.refuse("newer", "The file was made by a newer Wardlamp.")
    start = 8 + int.from_bytes(body[4:8], "big")
    try:
        header = msgspec.msgpack.decode(body[8:start], type=_Header)
        signed = _opened(form, header, body[start:], words, form.magic + body[8:start])
        outer = msgspec.msgpack.decode(signed, type=_Signed)
    except (msgspec.MsgspecError, zlib.error, UnicodeDecodeError):
        raise form.refuse("damaged", f"The file does not hold a {form.thing} that can be read.") from None
    return Opened(bytes(outer.sent), outer.signature)


def _opened(form: Form, header: _Header, sealed: bytes, words: bytes | bytearray, bound: bytes) -> bytes:
    key = derive_key(words, header.kdf)
    try:
        packed = AESGCM(key).decrypt(header.nonce, sealed, bound)
    except (InvalidTag, ValueError):
        raise form.refuse("wrong_secret", "The words do not open the file.") from None
    finally:
        wipe(key)
    reader = zlib.decompressobj()
    plain = reader.decompress(packed, _LARGEST)
    if not reader.eof:
        raise form.refuse("damaged", f"The file is larger than any {form.thing}.")
    return plain
