"""One record from all that messages told of it: the fold of its facts (DESIGN §4, D4). Pure.

Rules: facts count in the order of their messages' own times, then by `tie` (preliminary < final < corrected < withdrawn),
then by arrival; so whatever order they arrive in, the same record comes out. A whole fact is the record as it stands
from then on; a partial one changes what it says and leaves the rest; a field that its sender deleted (`cleared`) is
emptied. What a result, observation or report said before is kept, each different content once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from localdb.records.vocabulary import RECORD_DECODER, AnyRecord

# Kinds of which earlier contents are shown beside what stands now (`replaces`).
WITH_HISTORY = frozenset({"result", "observation", "report"})
# What names the record itself is said by every fact and changes nothing.
_NAMING = frozenset({"kind", "id", "patient", "source", "source_id"})
_ALIASES = {"class_": "class"}  # a field's name in Python -> in JSON


class Telling(msgspec.Struct, frozen=True):
    """One fact as it takes its place: `body` the record as JSON with what was said, `order` microseconds UTC."""

    body: bytes
    order: int
    tie: int = 0
    arrival: int = 0
    partial: bool = False
    cleared: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[int, int, int]:
        return self.order, self.tie, self.arrival

    def fields(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found


def fold(tellings: Sequence[Telling], patient: str) -> AnyRecord | None:
    """The record that these facts of one id make, as that of `patient`; None where there are none. Any order."""
    made: dict[str, Any] = {}
    for telling in sorted(tellings, key=lambda t: t.place):
        said = telling.fields()
        if not telling.partial:
            made = said
            continue
        for name in telling.cleared:
            made.pop(_ALIASES.get(name, name), None)
        made.update(said)
    if not made:
        return None
    if patient != made.get("patient"):
        made["patient"] = patient
        if made.get("kind") == "patient":
            made["id"] = patient
    return RECORD_DECODER.decode(msgspec.json.encode(made))


def history(tellings: Sequence[Telling]) -> list[bytes]:
    """What the record said before, oldest first: each content once, at its first telling, without the present one."""
    ordered = sorted(tellings, key=lambda t: t.place)
    present = ordered[-1].body if ordered else b""
    return [body for body in dict.fromkeys(t.body for t in ordered) if body != present]


def telling_still(kind: str, tellings: Sequence[Telling]) -> list[Telling]:
    """Those that can still make a difference to `fold` or `history`, whatever arrives later; in order.

    Whole facts of a kind with history: of a run of equal contents the first and the last. Otherwise: the last whole
    fact, and those after it that no later one says over in full.
    """
    ordered = sorted(tellings, key=lambda t: t.place)
    if len(ordered) < 2:
        return ordered
    if kind in WITH_HISTORY:
        bodies = [(t.body, t.partial) for t in ordered]
        return [
            t
            for n, t in enumerate(ordered)
            if n in (0, len(ordered) - 1) or not bodies[n - 1] == bodies[n] == bodies[n + 1]
        ]
    kept: list[Telling] = []
    over: list[frozenset[str]] = []  # what later partial facts say
    for telling in reversed(ordered):
        if not telling.partial:  # also where it says nothing: it ends what was said before
            kept.append(telling)
            break
        names = _said(telling)
        if not any(names <= later for later in over):
            kept.append(telling)
            over.append(names)
    return kept[::-1]


def _said(telling: Telling) -> frozenset[str]:
    return frozenset((telling.fields().keys() - _NAMING) | {_ALIASES.get(n, n) for n in telling.cleared})
