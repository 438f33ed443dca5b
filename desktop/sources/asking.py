"""What the window asks the house about systems and about what was set aside. No Qt: runs on a bench, never in the
window's thread.

The list of what was set aside belongs to the machine that reads the sources. It is opened read-only, so that it can be
looked at while a feed runs; a laptop that only pulls has none and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from localdb.chart.views import PendingRow, SourceAge
from localdb.store.image_counts import Room

MOST = 1000  # rows of the list; more are counted, and read by `wardlamp aside list`
MOST_BYTES = 20_000  # of one message that are shown on screen


class AsideItem(msgspec.Struct, frozen=True, kw_only=True):
    """One unit that was set aside: `number` names it to `aside show`; `first_seen`, `last_seen` texts of moments."""

    number: int
    source: str
    file: str = ""
    index: int = 0
    type: str = ""
    code: str = ""
    reason: str = ""
    sha256: str = ""
    first_seen: str = ""
    last_seen: str = ""
    times: int = 1


class AsideFound(msgspec.Struct, frozen=True, kw_only=True):
    """The list, newest first, and how many there are in all. `has_intake` false: another machine keeps it."""

    items: tuple[AsideItem, ...] = ()
    total: int = 0
    has_intake: bool = True


class Retried(msgspec.Struct, frozen=True, kw_only=True):
    """What reading again gave: how many were read, taken, and stay aside."""

    read: int
    taken: int
    still: int


class Keeper(Protocol):
    """What a house gives of its set-aside list."""

    def aside(self, limit: int = MOST) -> Any: ...
    def aside_bytes(self, number: int) -> bytes | None: ...
    def retry_aside(self) -> Any: ...


def ages_and_waiting(reading: Any, ward: str | None) -> tuple[tuple[SourceAge, ...], tuple[PendingRow, ...], str]:
    """The sources, and what waits in `ward` (None: the site's ward)."""
    name = ward or reading.ward().ward if reading.wards() else ""
    return reading.sources(), reading.pending(name) if name else (), name


def declare(house: Any, names: Iterable[str], state: str, since: datetime) -> tuple[str, ...]:
    """Declares each of `names`; what was declared. Raises source.declaration before the first is written."""
    done = []
    for name in names:
        house.declare(name, state, since)
        done.append(name)
    return tuple(done)


def image_room(house: Any) -> Room | None:
    """What is held of images and the room they take; None where another machine reads the sources."""
    found: Room | None = house.image_room()
    return found


def aside_found(house: Keeper, limit: int = MOST) -> AsideFound:
    """The list, newest first. A house without an intake answers so; raises vault.damaged, disk.*."""
    held = house.aside(limit)
    if held is None:
        return AsideFound(has_intake=False)
    rows, total = held
    return AsideFound(items=tuple(_item(row) for row in rows), total=total)


def _item(row: Any) -> AsideItem:
    facts = dict(row)
    facts["number"] = int(facts.pop("id", facts.get("number", 0)))
    known = {name: value for name, value in facts.items() if name in AsideItem.__struct_fields__ and value is not None}
    return AsideItem(**known)


def message_text(house: Keeper, number: int) -> str:
    """The bytes of one unit as lines of text; HL7 v2's carriage returns end lines, control characters are spelt out."""
    data = house.aside_bytes(number)
    if data is None:
        return ""
    text = data[:MOST_BYTES].decode("utf-8", "backslashreplace").replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(c if c == "\n" or c == "\t" or c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    rest = len(data) - MOST_BYTES
    return shown if rest <= 0 else f"{shown}\n… {rest} bytes more: wardlamp aside show {number}"


def retried(house: Keeper) -> Retried:
    """Reads again what was set aside, then cuts; a running feed does it for us. Raises disk.*, vault.damaged."""
    report = house.retry_aside()
    return Retried(read=report.read, taken=report.taken, still=len(report.set_aside))


def counts_by_source(items: Sequence[AsideItem]) -> dict[str, int]:
    """How many of each source, most first."""
    found: dict[str, int] = {}
    for item in items:
        found[item.source] = found.get(item.source, 0) + 1
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
