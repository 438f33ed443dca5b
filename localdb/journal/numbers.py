"""The laptop's own packs of temporary numbers: taken once, used in their order, burnt before anybody sees the number
(CLINICAL §7.3, hazard H20).

Rules: the next number is allotted and its row committed in one BEGIN IMMEDIATE with synchronous=FULL, so that no kill and
no second process can give it again; burnt is burnt, also when it is spoiled; a pack belongs to the device (code and
key) that took it: a laptop that lost the end of its journal, or whose vault came to another machine, is a new device
(`opening`) and has none; a pack whose numbers another laptop has too is voided and never used again.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from localdb.journal.entries import of_kinds
from localdb.journal.errors import refuse_number
from localdb.journal.log import Log
from localdb.journal.pack_file import Pack, open_pack
from localdb.numbers.names import DealtName
from localdb.numbers.temporary import read_number, temporary_number
from localdb.store.errors import translated
from localdb.vault.machine import machine_id

PACK, NUMBER = "pack", "number"
LOW = 10  # per cent of what was taken, below which the laptop asks for a new pack
NO_ID = "?"  # in `voided` rows: every pack of the device


class Burnt(msgspec.Struct, frozen=True):
    """A number that is this patient's now, whatever happens. `name` as dealt with it, `left` numbers after it."""

    number: str
    name: DealtName
    pack: str
    left: int


class PackStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One pack: `burnt` given out, of these `used` by a registration and `spoiled`; `left` not yet given out, 0 where
    `voided` says why it is out of use."""

    pack: str
    prefix: str
    size: int
    burnt: int
    used: int
    spoiled: int
    left: int
    voided: str = ""
    dealer: str = ""
    taken: str = ""


class NumberStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What this laptop can still deal. `state` = ready / low / exhausted / voided / none, in words with the next step."""

    state: str
    left: int
    burnt: int
    used: int
    spoiled: int
    voided: int
    words: str
    next_step: str
    packs: tuple[PackStatus, ...] = ()


class _Held(msgspec.Struct):
    """A pack of this device as its rows tell it."""

    pack: str
    prefix: str
    numbers: list[int]
    names: list[DealtName]
    dealer: str
    taken: str
    next: int = 0
    skipped: int = 0
    voided: str = ""

    def number(self, index: int) -> str:
        return temporary_number(self.prefix, self.numbers[index])


class _Body(msgspec.Struct):
    """A row of kind `pack`."""

    event: str
    pack: str
    prefix: str = ""
    numbers: list[int] = []
    names: list[DealtName] = []
    dealer: str = ""
    reason: str = ""
    machine: str = ""


_BODY = msgspec.json.Decoder(_Body)


def take(log: Log, file: Path, words: bytes | bytearray) -> PackStatus:
    """Takes the pack of a file; durable when it returns. Raises numbers.damaged, numbers.newer, numbers.wrong_secret,
    numbers.other_device, numbers.taken, numbers.overlap, vault.missing, disk.*."""
    with translated():
        data = file.read_bytes()
    return take_pack(log, open_pack(data, words))


def take_pack(log: Log, pack: Pack) -> PackStatus:
    """Takes a pack whose seal was proved, or one that this laptop dealt to itself. Raises as `take`."""
    with log.writing():
        _check(log, pack)
        row = log.append(PACK, {
            "event": "taken", "pack": pack.id, "prefix": pack.prefix, "dealer": pack.dealer,
            "dealer_public": pack.dealer_public.hex(), "numbers": list(pack.numbers),
            "names": [list(msgspec.structs.astuple(name)) for name in pack.names],
            "machine": log.keys.machine_mark(machine_id()),
        })  # fmt: skip
    size = len(pack.numbers)
    return PackStatus(pack=pack.id, prefix=pack.prefix, size=size, burnt=0, used=0, spoiled=0, left=size,
                      dealer=pack.dealer, taken=row.written)  # fmt: skip


def _check(log: Log, pack: Pack) -> None:
    keys = log.keys
    if pack.device != keys.device or pack.public not in (b"", keys.device_public_key):
        raise refuse_number("numbers.other_device", f"The pack is for laptop {pack.device}, with another key or code"
                            f" than this one ({keys.device}).")  # fmt: skip
    for device in log.devices():
        if device.code == pack.dealer and device.public != pack.dealer_public:
            raise refuse_number("numbers.damaged", f"The pack was not made by laptop {pack.dealer}.")
    mine = set(pack.numbers)
    for row in log.rows_of_kind(PACK):
        held = _BODY.decode(row.body)
        if held.event == "taken" and held.pack == pack.id:
            raise refuse_number("numbers.taken", f"The pack was taken before, by laptop {row.device}.")
        if held.event == "taken" and held.prefix == pack.prefix and not mine.isdisjoint(held.numbers):
            raise refuse_number("numbers.overlap", "A pack that is in use holds the same numbers.")


def burn(log: Log) -> Burnt:
    """The next number of this laptop: on disk before it returns, and given to nobody else ever after.

    Raises numbers.none, numbers.exhausted, numbers.voided, disk.full, disk.read_only.
    """
    with log.writing():
        return burn_within(log)


def burn_within(log: Log) -> Burnt:
    """The same inside `writing()`: durable when that transaction is."""
    packs = _packs(log)
    open_ = [p for p in packs if not p.voided and p.next < len(p.numbers)]
    if not open_:
        raise _nothing_left(log, packs)
    pack = open_[0]
    index = _choose(log, pack)
    number, name = pack.number(index), pack.names[index]
    log.append(NUMBER, {"event": "burnt", "number": number, "pack": pack.pack, "index": index,
                        "skipped": index - pack.next})  # fmt: skip
    left = len(pack.numbers) - index - 1 + sum(len(p.numbers) - p.next for p in open_[1:])
    return Burnt(number, name, pack.pack, left)


def _choose(log: Log, pack: _Held) -> int:
    """The next number, or the next whose name nobody registered here bears; what is passed over is burnt too."""
    if not pack.names[pack.next].again:
        return pack.next
    borne = set()
    for entry in of_kinds(log, ("registration",)):
        name = entry.body.get("temporary_name") or {}
        borne.add((name.get("family"), name.get("given")))
    for index in range(pack.next, len(pack.numbers)):
        if (pack.names[index].family, pack.names[index].given) not in borne:
            return index
    return pack.next


def _nothing_left(log: Log, packs: list[_Held]) -> Exception:
    if any(p.voided for p in packs) or (not packs and _was_another(log)):
        return refuse_number("numbers.voided", "The numbers of this laptop were voided: another could give them too.")
    if packs:
        return refuse_number("numbers.exhausted", "Every number of this laptop's packs is used.")
    return refuse_number("numbers.none", "This laptop has no temporary numbers.")


def _was_another(log: Log) -> bool:
    """Whether this device follows one that lost its end or was copied, and that had packs."""
    for kind in ("loss", "clone"):
        for row in log.rows_of_kind(kind, log.keys.device):
            if log.rows_of_kind(PACK, str(row.content["device"])):
                return True
    return False


def spoil(log: Log, number: str, reason: str) -> None:
    """A burnt number that nobody got (a spoiled band, a registration given up); durable when it returns. Nothing happens
    where it was registered or spoiled before. Raises numbers.not_yours."""
    with log.writing():
        if number not in burnt_here(log):
            raise refuse_number("numbers.not_yours", "This laptop did not deal that number.")
        if number in spoiled_here(log) or number in registered_numbers(log):
            return
        log.append(NUMBER, {"event": "spoiled", "number": number, "reason": reason[:200]})


def burnt_here(log: Log) -> dict[str, DealtName]:
    """Every number that this device gave out, with its name."""
    packs = {pack.pack: pack for pack in _packs(log)}
    rows = (row.content for row in log.rows_of_kind(NUMBER, log.keys.device))
    return {b["number"]: packs[b["pack"]].names[b["index"]] for b in rows if b["event"] == "burnt"}


def spoiled_here(log: Log) -> frozenset[str]:
    rows = (row.content for row in log.rows_of_kind(NUMBER, log.keys.device))
    return frozenset(b["number"] for b in rows if b["event"] == "spoiled")


def registered_numbers(log: Log) -> frozenset[str]:
    """The numbers of everybody who is registered in any journal that is here."""
    return frozenset(str(entry.body["number"]) for entry in of_kinds(log, ("registration",)))


def in_any_pack(log: Log, number: str) -> bool:
    """Whether a pack that is known here holds this number."""
    parts = read_number(number)
    for row in log.rows_of_kind(PACK):
        held = _BODY.decode(row.body)
        if held.prefix == parts.prefix and int(parts.digits) in held.numbers:
            return True
    return False


def status(log: Log) -> NumberStatus:
    """What is left, used, burnt and voided. Under LOW per cent it warns, and names the next step."""
    packs = _packs(log)
    registered, spoiled = registered_numbers(log), spoiled_here(log)
    rows = [b for row in log.rows_of_kind(NUMBER, log.keys.device) if (b := row.content)["event"] == "burnt"]
    made = []
    for pack in packs:
        given = [str(b["number"]) for b in rows if b["pack"] == pack.pack]
        made.append(PackStatus(
            pack=pack.pack, prefix=pack.prefix, size=len(pack.numbers), burnt=pack.next,
            used=sum(n in registered for n in given), spoiled=sum(n in spoiled for n in given),
            left=0 if pack.voided else len(pack.numbers) - pack.next, voided=pack.voided, dealer=pack.dealer,
            taken=pack.taken,
        ))  # fmt: skip
    left, size = sum(p.left for p in made), sum(p.size for p in made if not p.voided)
    state, words, step = "ready", f"{left} numbers are left on this laptop.", ""
    if not left:
        fault: Any = _nothing_left(log, packs)
        state, words, step = fault.code.removeprefix("numbers."), fault.message, fault.next_step
    elif left * 100 < size * LOW:
        state, words = "low", f"Only {left} of {size} numbers are left on this laptop."
        step = "Ask the coordinator for a new pack for this laptop."
    return NumberStatus(
        state=state, left=left, burnt=sum(p.burnt for p in made), used=sum(p.used for p in made),
        spoiled=sum(p.spoiled for p in made), voided=sum(p.size - p.burnt for p in made if p.voided), words=words,
        next_step=step, packs=tuple(made),
    )  # fmt: skip


def _packs(log: Log) -> list[_Held]:
    """The packs of this device in the order in which they were taken."""
    found: dict[str, _Held] = {}
    for row in log.rows_of_kind(PACK, log.keys.device):
        said = _BODY.decode(row.body)
        if said.event == "taken":
            found[said.pack] = _Held(said.pack, said.prefix, said.numbers, said.names, said.dealer, row.written)
        else:
            for pack in found.values():
                pack.voided = pack.voided or (said.reason if said.pack in (pack.pack, NO_ID) else "")
    for row in log.rows_of_kind(NUMBER, log.keys.device):
        body = row.content
        if body["event"] == "burnt":
            pack = found[str(body["pack"])]
            pack.next, pack.skipped = int(body["index"]) + 1, pack.skipped + int(body["skipped"])
    return list(found.values())


def newest_machine(log: Log, device: str) -> str:
    """The mark of the machine on which a device took its newest pack, or last dealt; "" where it did neither."""
    rows = [*log.rows_of_kind(PACK, device), *log.rows_of_kind("dealing", device)]
    marked = [(row.sequence, str(row.content.get("machine", ""))) for row in rows]
    return max(((n, mark) for n, mark in marked if mark), default=(0, ""))[1]


def void_own(log: Log, reason: str) -> None:
    """Every pack of this device is out of use from now on; inside `writing()`. Nothing is written where none is open."""
    if any(not pack.voided for pack in _packs(log)):
        log.append(PACK, {"event": "voided", "pack": NO_ID, "reason": reason})


def void_shared(log: Log) -> None:
    """After an exchange, inside `writing()`: voids each pack of ours whose numbers another laptop has or used."""
    own = log.keys.device
    packs = [pack for pack in _packs(log) if not pack.voided]
    if not packs:
        return
    theirs: dict[str, set[int]] = {}
    for row in log.rows_of_kind(PACK):
        if row.device != own and (held := _BODY.decode(row.body)).event == "taken":
            theirs.setdefault(held.prefix, set()).update(held.numbers)
    for prefix, number in _registered_elsewhere(log, own):
        theirs.setdefault(prefix, set()).add(number)
    for pack in packs:
        if not theirs.get(pack.prefix, set()).isdisjoint(pack.numbers):
            log.append(PACK, {"event": "voided", "pack": pack.pack, "reason": "shared"})


def _registered_elsewhere(log: Log, own: str) -> Iterable[tuple[str, int]]:
    for entry in of_kinds(log, ("registration",)):
        if entry.device != own:
            parts = read_number(str(entry.body["number"]))
            yield parts.prefix, int(parts.digits)
