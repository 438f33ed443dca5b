"""The file in which a journal travels between laptops (`sealed_file`): sealed by words chosen for it, signed by the
sender; each row bears its own device's signature besides."""

from __future__ import annotations

import msgspec

from localdb.journal.errors import refuse_exchange
from localdb.journal.log import Row
from localdb.journal.sealed_file import Form, seal, unseal
from localdb.vault.keys import Keys

_FORM = Form(
    b"WLX1", b"wardlamp exchange v1\x00", "journal of another laptop",
    lambda cause, message: refuse_exchange(f"exchange.{cause}", message),
)  # fmt: skip


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


def pack(sent: Sent, words: bytes | bytearray, keys: Keys, kdf: str = "standard") -> bytes:
    """The file's bytes. Raises vault.weak_secret for words of fewer than 8 characters."""
    (data,) = seal(_FORM, [msgspec.msgpack.encode(sent)], words, keys, kdf)
    return data


def unpack(data: bytes, words: bytes | bytearray) -> Sent:
    """What a file holds. Raises exchange.damaged, exchange.newer, exchange.wrong_secret, vault.weak_slot."""
    opened = unseal(_FORM, data, words)
    try:
        sent = msgspec.msgpack.decode(opened.plain, type=Sent)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise refuse_exchange("exchange.damaged", "The file does not hold a journal that can be read.") from None
    opened.verify(_FORM, sent.public)
    return sent
