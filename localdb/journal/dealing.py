"""The coordinator's tool: packs of temporary numbers for the laptops, disjoint whatever is dealt later (CLINICAL §7.3).

Rules: one dealer for a prefix; the key that shuffles the space stands in its journal, wrapped by its vault, and never
leaves it; how far was dealt is in the journal before a file is written, so that a kill or a full disk wastes numbers and
never deals one twice; rows that a damaged journal lost count as full packs; a copied vault does not deal.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec

from localdb.journal.errors import refuse_number
from localdb.journal.log import Device, Log, Row
from localdb.journal.pack_file import Pack
from localdb.numbers.names import DealtName, name_at, word_list
from localdb.numbers.shuffle import KEY_BYTES, Shuffle
from localdb.numbers.temporary import SPACE, may_be_dealt, temporary_number, tidy_prefix
from localdb.vault.creation import tidy_device_code
from localdb.vault.errors import NotPermitted
from localdb.vault.machine import machine_id

KIND = "dealing"
SIZE, LARGEST = 500, 5000
FRESH_NAMES = (
    30  # names of a pack that nobody else is dealt while the list lasts: more unknown people than a ward meets
)
_PLACES = LARGEST * 5 // 4  # places that the largest pack can have used: 32 of 37 check characters may be dealt


class Dealt(msgspec.Struct, frozen=True):
    """A pack that was dealt. `is_bound`: it names its laptop's key, because that laptop's journal is here."""

    pack: Pack
    is_bound: bool


class _Dealing(msgspec.Struct, frozen=True):
    """How far the dealer has come under a prefix."""

    key: bytes
    place: int
    names: int


def deal(log: Log, prefix: str, devices: Sequence[str], size: int = SIZE, *, former_gone: bool = False
         ) -> tuple[Dealt, ...]:  # fmt: skip
    """A pack of `size` numbers for each device, recorded before this returns; coordinators only.

    Raises numbers.prefix, numbers.size, numbers.dealt_to_whom, numbers.other_dealer, numbers.dealer_copied,
    numbers.space, vault.device_invalid, vault.not_permitted, disk.*.
    """
    if not log.keys.is_coordinator:
        raise NotPermitted("Only a coordinator deals numbers.")
    tidy, codes = tidy_prefix(prefix), [tidy_device_code(code) for code in devices]
    if not codes or len(set(codes)) != len(codes):
        raise refuse_number("numbers.dealt_to_whom", "Packs are dealt to laptops, each named once.")
    if not 1 <= size <= LARGEST:
        raise refuse_number("numbers.size", f"A pack has 1 to {LARGEST} numbers.")
    with log.writing():
        known = {device.code: device for device in log.devices()}
        state = _state(log, tidy, known, former_gone=former_gone)
        made = []
        place = state.place
        for turn, code in enumerate(codes):
            numbers, end = _numbers(state.key, tidy, place, size)
            names = _names(state, turn, len(codes), place, size)
            held = known.get(code)
            pack = Pack(
                secrets.token_hex(4), tidy, code, held.public if held else b"", log.keys.device,
                log.keys.device_public_key, numbers, names,
            )  # fmt: skip
            log.append(KIND, {
                "event": "dealt", "prefix": tidy, "pack": pack.id, "device": code, "public": pack.public.hex(),
                "place": place, "end": end, "size": size,
                "names_end": state.names + len(codes) * min(size, FRESH_NAMES), "machine": _mark(log),
            })  # fmt: skip
            made.append(Dealt(pack, bool(pack.public)))
            place = end
    return tuple(made)


def _mark(log: Log) -> str:
    return log.keys.machine_mark(machine_id())


def _numbers(key: bytes, prefix: str, place: int, size: int) -> tuple[tuple[int, ...], int]:
    """(the next `size` numbers from a place on, the place after them)."""
    shuffle, found = Shuffle(key, SPACE, f"numbers {prefix}"), list[int]()
    while len(found) < size:
        if place >= SPACE:
            raise refuse_number("numbers.space", "Not enough numbers are left under this prefix.")
        number = shuffle.number_at(place)
        place += 1
        if may_be_dealt(temporary_number(prefix, number)):
            found.append(number)
    return tuple(found), place


def _names(state: _Dealing, turn: int, devices: int, place: int, size: int) -> tuple[DealtName, ...]:
    """The first names of each pack are nobody else's while the list lasts; the others may come again, and say so."""
    words = word_list()
    fresh = [name_at(state.key, state.names + n * devices + turn, words) for n in range(min(size, FRESH_NAMES))]
    again = [name_at(state.key, words.pairs + place + n, words) for n in range(size - len(fresh))]
    return (*fresh, *again)


def _state(log: Log, prefix: str, known: dict[str, Device], *, former_gone: bool) -> _Dealing:
    """How far was dealt under a prefix; with the first deal, a new key. Inside `writing()`."""
    ours = {code for code, device in known.items() if device.vault == log.keys.vault_id}
    rows = [(row, row.content) for row in log.rows_of_kind(KIND)]
    mine = [(row, body) for row, body in rows if body["prefix"] == prefix]
    for row, _ in mine:
        if row.device not in ours:
            raise refuse_number("numbers.other_dealer", f"Laptop {row.device} deals the numbers of this prefix.")
    _refuse_copy(log, [row for row, _ in rows if row.device in ours], ours, former_gone=former_gone)
    key = next((body for _, body in mine if body["event"] == "key"), None)
    if key is None:
        raw = secrets.token_bytes(KEY_BYTES)
        wrapped = log.keys.wrap_key(raw, f"numbers|{prefix}").hex()
        log.append(KIND, {"event": "key", "prefix": prefix, "wrapped": wrapped, "machine": _mark(log)})
        return _Dealing(raw, _lost(log, ours), 0)
    dealt = [body for _, body in mine if body["event"] == "dealt"]
    place = max((int(body["end"]) for body in dealt), default=0) + _lost(log, ours)
    names = max((int(body["names_end"]) for body in dealt), default=0)
    return _Dealing(bytes(log.keys.unwrap_key(bytes.fromhex(key["wrapped"]), f"numbers|{prefix}")), place, names)


def _lost(log: Log, ours: set[str]) -> int:
    """Places that rows of this vault which a damaged journal lost can have dealt at most."""
    lost = [row.content for row in log.rows_of_kind("loss") if row.device in ours]
    return sum(int(body["seen"]) - int(body["held"]) for body in lost) * _PLACES


def _refuse_copy(log: Log, dealt: Sequence[Row], ours: set[str], *, former_gone: bool) -> None:
    """A vault that was copied to another machine may still be dealing on the first one."""
    copied = [row for row in log.rows_of_kind("clone") if row.device in ours]
    confirmed = {str(row.content.get("clone")) for row in dealt if row.content["event"] == "former_gone"}
    open_ = [row for row in copied if _name(row) not in confirmed]
    if not dealt or not open_:
        return
    if not former_gone:
        raise refuse_number("numbers.dealer_copied", "This vault was copied from the laptop that dealt numbers.")
    for row in open_:
        body: dict[str, Any] = {"event": "former_gone", "prefix": "", "clone": _name(row), "machine": _mark(log)}
        log.append(KIND, body)


def _name(row: Row) -> str:
    return f"{row.device}-{row.sequence}"
