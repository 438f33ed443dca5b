"""A pack of temporary numbers on its way from the coordinator's laptop to the one that it is for (CLINICAL §7.3).

Sealed by words like a journal's file (`sealed_file`) and signed by the dealing laptop. The pack names its laptop by
device code, and by its key where the dealer had that laptop's journal: then no other of the same code can take it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from localdb.journal.errors import refuse_number
from localdb.journal.sealed_file import Form, seal, unseal
from localdb.numbers.names import DealtName
from localdb.numbers.temporary import temporary_number
from localdb.vault.keys import Keys

_FORM = Form(
    b"WLN1", b"wardlamp numbers v1\x00", "pack of numbers",
    lambda cause, message: refuse_number(f"numbers.{cause}", message),
)  # fmt: skip


class Pack(msgspec.Struct, frozen=True, array_like=True):
    """`id` of 8 hexadecimal digits; `device`, `public` whom it is for (`public` empty: not known to the dealer);
    `numbers` values below 10^7 in the order in which they are used, each with its name."""

    id: str
    prefix: str
    device: str
    public: bytes
    dealer: str
    dealer_public: bytes
    numbers: tuple[int, ...]
    names: tuple[DealtName, ...]

    def number(self, index: int) -> str:
        """The whole number at an index."""
        return temporary_number(self.prefix, self.numbers[index])


def seal_packs(packs: Iterable[Pack], words: bytes | bytearray, keys: Keys, kdf: str = "standard") -> Iterator[bytes]:
    """The bytes of a file for each pack. Raises vault.weak_secret."""
    return seal(_FORM, (msgspec.msgpack.encode(pack) for pack in packs), words, keys, kdf)


def open_pack(data: bytes, words: bytes | bytearray) -> Pack:
    """The pack in a file, its signature proved. Raises numbers.damaged, numbers.newer, numbers.wrong_secret."""
    opened = unseal(_FORM, data, words)
    try:
        pack = msgspec.msgpack.decode(opened.plain, type=Pack)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise refuse_number("numbers.damaged", "The file does not hold a pack that can be read.") from None
    opened.verify(_FORM, pack.dealer_public)
    if len(pack.numbers) != len(pack.names) or len(set(pack.numbers)) != len(pack.numbers) or not pack.numbers:
        raise refuse_number("numbers.damaged", "The pack is not whole.")
    return pack
