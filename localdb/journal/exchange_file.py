"""The file in which a journal travels between laptops: sealed by words chosen for it, signed by the sender.

Layout: `WLX1`, then the header (msgpack: Argon2id's parameters, nonce), the sealed body, SHA-256 over all before it. The
sum tells a damaged file from wrong words. The body is AES-256-GCM (the header is bound) over compressed msgpack, signed by
the sending device; each row bears its own device's signature besides.
"""

from __future__ import annotations

import os
import zlib
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from localdb.journal.errors import refuse_exchange
from localdb.journal.log import Row
from localdb.vault.keys import Keys
from localdb.vault.slots import KDFS, NONCE, Kdf, derive_key, require_strong, wipe

_MAGIC, _SUM = b"WLX1", 32
_SIGNED = b"wardlamp exchange v1\x00"
_LARGEST = 1 << 31  # a forged file must not fill the memory


class ChainSent(msgspec.Struct, frozen=True, array_like=True):
    """One device's chain: code, public key, vault, and its rows from the first."""

    code: str
    public: bytes
    vault: str
    rows: tuple[Row, ...]


class Sent(msgspec.Struct, frozen=True, array_like=True):
    """What travels: the sender's code and public key, every chain that it knows, and the bytes of the site's documents
    that rows of these chains name (a Wardlamp before 0.6 passes over them)."""

    sender: str
    public: bytes
    chains: tuple[ChainSent, ...]
    documents: tuple[bytes, ...] = ()


class _Header(msgspec.Struct, frozen=True, array_like=True):
    kdf: Kdf
    nonce: bytes


class _Signed(msgspec.Struct, frozen=True, array_like=True):
    signature: bytes
    sent: msgspec.Raw


def pack(sent: Sent, words: bytes | bytearray, keys: Keys, kdf: str = "standard") -> bytes:
    """The file's bytes. Raises vault.weak_secret for words of fewer than 8 characters."""
    require_strong(words)
    plain = msgspec.msgpack.encode(sent)
    signed = msgspec.msgpack.encode(_Signed(keys.sign(_SIGNED + sha256(plain).digest()), msgspec.Raw(plain)))
    header = _Header(Kdf(*KDFS[kdf], os.urandom(16)), os.urandom(NONCE))
    head = msgspec.msgpack.encode(header)
    key = derive_key(words, header.kdf)
    try:
        sealed = AESGCM(key).encrypt(header.nonce, zlib.compress(signed, 6), _MAGIC + head)
    finally:
        wipe(key)
    data = _MAGIC + len(head).to_bytes(4, "big") + head + sealed
    return data + sha256(data).digest()


def unpack(data: bytes, words: bytes | bytearray) -> Sent:
    """What a file holds. Raises exchange.damaged, exchange.newer, exchange.wrong_secret, vault.weak_slot."""
    body, total = data[:-_SUM], data[-_SUM:]
    if not data.startswith(b"WLX") or sha256(body).digest() != total:
        raise refuse_exchange(
            "exchange.damaged", "The file is no journal of another laptop, or was damaged on its way."
        )
    if not data.startswith(_MAGIC):
        raise refuse_exchange("exchange.newer", "The file was made by a newer Wardlamp.")
    start = 8 + int.from_bytes(body[4:8], "big")
    try:
        header = msgspec.msgpack.decode(body[8:start], type=_Header)
        return _checked(_opened(header, body[start:], words, _MAGIC + body[8:start]))
    except (msgspec.MsgspecError, zlib.error, UnicodeDecodeError):
        raise refuse_exchange("exchange.damaged", "The file does not hold a journal that can be read.") from None


def _opened(header: _Header, sealed: bytes, words: bytes | bytearray, bound: bytes) -> bytes:
    key = derive_key(words, header.kdf)
    try:
        packed = AESGCM(key).decrypt(header.nonce, sealed, bound)
    except (InvalidTag, ValueError):
        raise refuse_exchange("exchange.wrong_secret", "The words do not open the file.") from None
    finally:
        wipe(key)
    reader = zlib.decompressobj()
    plain = reader.decompress(packed, _LARGEST)
    if not reader.eof:
        raise refuse_exchange("exchange.damaged", "The file is larger than any journal.")
    return plain


def _checked(signed: bytes) -> Sent:
    outer = msgspec.msgpack.decode(signed, type=_Signed)
    plain = bytes(outer.sent)
    sent = msgspec.msgpack.decode(plain, type=Sent)
    try:
        Ed25519PublicKey.from_public_bytes(sent.public).verify(outer.signature, _SIGNED + sha256(plain).digest())
    except (InvalidSignature, ValueError):
        raise refuse_exchange("exchange.damaged", "The file does not bear its sender's signature.") from None
    return sent
