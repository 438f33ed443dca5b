"""Which entries go, in which order (pure): by clinical risk, not first come (CLINICAL §7.3, FIELD §3.4).

Requests go before phoned results, these before observations, these before notes; within a rank as written. A
correction follows what it corrects, whatever their ranks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from localdb.chart.views import Entry

#: CLINICAL §7.3: 2 who came and who they are, then whose images are whose, 4 orders and specimens, 5 results,
#: 6 observations, 7 documents.
RANKS = {
    "registration": 2,
    "identification": 2,
    "request": 4,
    "phoned_result": 5,
    "observations": 6,
    "note": 7,
    "evaluation": 5,
    "comparison": 7,
    "image_move": 3,
    "closure": 7,
}
_LAST = 9


class Place(msgspec.Struct, frozen=True):
    """One entry in the queue. `depth` counts the entries that it corrects, one after the other; `first_missing` =
    it corrects an entry that is not here."""

    entry: Entry
    rank: int
    depth: int
    is_corrected: bool
    first_missing: bool = False


def in_order(entries: Iterable[Entry]) -> list[Place]:
    """Every entry once, by (rank, depth, written); entries that correct each other in a ring count as missing."""
    by_id = {entry.id: entry for entry in entries}
    corrected = {entry.corrects for entry in by_id.values() if entry.corrects}
    places = [_place(entry, by_id, entry.id in corrected) for entry in by_id.values()]
    return sorted(places, key=lambda p: (p.rank, p.depth, p.entry.written.utc or 0, p.entry.device, p.entry.sequence))


def _place(entry: Entry, by_id: dict[str, Entry], is_corrected: bool) -> Place:
    rank, seen, missing = RANKS.get(entry.kind, _LAST), [entry.id], False
    at = entry
    while at.corrects:
        if at.corrects not in by_id or at.corrects in seen:
            missing = True
            break
        at = by_id[at.corrects]
        rank = max(rank, RANKS.get(at.kind, _LAST))
        seen.append(at.id)
    return Place(entry, rank, len(seen) - 1, is_corrected, missing)


def waves(places: Sequence[Place]) -> Iterator[list[Place]]:
    """Runs of places that do not depend on each other, in order."""
    wave: list[Place] = []
    for place in places:
        if wave and (place.rank, place.depth) != (wave[0].rank, wave[0].depth):
            yield wave
            wave = []
        wave.append(place)
    if wave:
        yield wave
