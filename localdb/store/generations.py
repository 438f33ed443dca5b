"""Sealed lists of layers, the pointer to the one in use, and which lists are kept (DESIGN D1 List, Use).

`generations/<n>` is sealed by the vault's master key; `generations/current` holds {"use": n, "pinned": bool} in clear
(numbers only). A list is written as .part, synced, renamed, then the pointer likewise. Readers never remove anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from localdb.durable import write_whole
from localdb.store.errors import StoreDamaged, StoreMissing, translated

KEEP_NEWEST, KEEP_HOURS, KEEP_DAYS = 8, 24, 7


class KeyRing(Protocol):
    """What the store needs of an unlocked vault; `localdb.vault` provides it."""

    def intake_key(self) -> bytearray: ...

    def blobs_key(self) -> bytearray: ...

    def wrap_key(self, raw: bytes, identity: str) -> bytes: ...

    def unwrap_key(self, wrapped: bytes, identity: str) -> bytearray: ...

    def seal(self, name: str, data: bytes) -> bytes: ...

    def open(self, name: str, data: bytes) -> bytes: ...


class LayerEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A layer as a list names it; `key` is wrapped with `name` and `sha256` as its identity."""

    name: str
    sha256: str
    key: bytes
    size: int
    persons: int
    records: int = 0

    @property
    def identity(self) -> str:
        return f"{self.name}:{self.sha256}"


class ClockEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One source and kind of record (D11); times are texts as sent, None: not known. `kind` "": a source that gave a
    sign of life and no record yet.

    Of the source as a whole: `heartbeat`; `drift` seconds (this machine's clock minus the source's; None: not measured);
    `expected` minutes without a sign until it is silent (0: none expected); `title` what the site calls it. `received`
    records of this kind that came since counting began. All have defaults, so that earlier lists still read.
    """

    source: str
    kind: str
    cut: str | None = None
    heartbeat: str | None = None
    last_message: str | None = None
    coverage: str = ""
    state: str = "complete"
    received: int = 0
    drift: int | None = None
    expected: int = 0
    title: str = ""


class Generation(msgspec.Struct, frozen=True, omit_defaults=True):
    """An ordered list of layers: the snapshot that the ward reads. `thin` and `whole` have the topmost layer first."""

    number: int
    made: str
    epoch: str
    sequence: int
    thin: tuple[LayerEntry, ...] = ()
    whole: tuple[LayerEntry, ...] = ()
    shared: LayerEntry | None = None
    shared_sequence: int = 0
    clocks: tuple[ClockEntry, ...] = ()
    schema: int = 1
    windows: dict[str, int] = {}  # how far back the copy goes (`chart.windows.Windows`); empty: everything
    windowed: str = ""  # when the windows were last applied to everyone

    def layers(self) -> tuple[LayerEntry, ...]:
        return (*self.thin, *self.whole, *((self.shared,) if self.shared else ()))


class Generations:
    """The lists of one vault."""

    def __init__(self, vault: Path, keys: KeyRing) -> None:
        self.folder, self._keys = vault / "generations", keys

    def numbers(self) -> list[int]:
        """All lists held, oldest first."""
        if not self.folder.is_dir():
            return []
        return sorted(int(p.name) for p in self.folder.iterdir() if p.name.isdigit())

    def read(self, number: int) -> Generation:
        """Raises vault.missing, vault.damaged."""
        path = self.folder / str(number)
        with translated():
            if not path.is_file():
                raise StoreMissing("That generation is not held.", code="generation.unknown",
                                   next_step="Choose one of `wardlamp generation list`.")  # fmt: skip
            sealed = path.read_bytes()
        try:
            found = msgspec.json.decode(self._keys.open(f"generation:{number}", sealed), type=Generation)
        except msgspec.DecodeError:
            raise StoreDamaged("A list of layers does not verify.") from None
        if found.number != number:
            raise StoreDamaged("A list of layers stands under another's number.")
        return found

    def write(self, generation: Generation) -> None:
        with translated():
            self.folder.mkdir(exist_ok=True, mode=0o700)
        name = f"generation:{generation.number}"
        write_whole(self.folder / str(generation.number), self._keys.seal(name, msgspec.json.encode(generation)))

    def pointer(self) -> tuple[int, bool]:
        """(number in use, pinned); (0, False) where nothing was cut yet."""
        path = self.folder / "current"
        try:
            held = json.loads(path.read_text())
            return int(held["use"]), bool(held["pinned"])
        except FileNotFoundError:
            return 0, False
        except (ValueError, KeyError, TypeError):
            numbers = self.numbers()  # an unreadable pointer: the newest list that verifies is used
            return (numbers[-1] if numbers else 0), False

    def point(self, number: int, *, pinned: bool) -> None:
        write_whole(self.folder / "current", json.dumps({"use": number, "pinned": pinned}).encode())

    def newest(self) -> Generation | None:
        """The newest list that verifies; damaged ones are passed over, never removed here."""
        for number in reversed(self.numbers()):
            try:
                return self.read(number)
            except StoreDamaged:
                continue
        return None

    def prune(self, now: datetime, layers: Path) -> None:
        """Removes lists that are not kept, then layers that no kept list names. For the intake's owner only."""
        used, _ = self.pointer()
        held: dict[int, Generation] = {}
        for number in self.numbers():
            try:
                held[number] = self.read(number)
            except StoreDamaged:
                return  # with a damaged list here nothing is removed: what it named is not known
        keep = kept_numbers({n: g.made for n, g in held.items()}, now) | {used}
        for number in set(held) - keep:
            (self.folder / str(number)).unlink(missing_ok=True)
        named = {layer.name for n, g in held.items() if n in keep for layer in g.layers()}
        for path in layers.iterdir():
            if path.suffix == ".part" or (path.suffix == ".db" and path.name not in named):
                path.unlink(missing_ok=True)


def kept_numbers(made: dict[int, str], now: datetime) -> set[int]:
    """Which lists are kept: the newest 8, one an hour for a day, one a day for a week (D1)."""
    newest_first = sorted(made, reverse=True)
    keep = set(newest_first[:KEEP_NEWEST])
    for span, unit, count in ((timedelta(hours=1), KEEP_HOURS, "%Y%m%d%H"), (timedelta(days=1), KEEP_DAYS, "%Y%m%d")):
        seen: set[str] = set()
        for number in newest_first:
            at = datetime.fromisoformat(made[number])
            if now - at > span * unit:
                break
            slot = at.strftime(count)
            if slot not in seen:
                seen.add(slot)
                keep.add(number)
    return keep


def unnamed(layers: Iterable[LayerEntry]) -> int:
    """Bytes of these layers."""
    return sum(layer.size for layer in layers)
