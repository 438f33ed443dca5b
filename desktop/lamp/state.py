"""What the lamp and the age strip say, reckoned from the sources' clocks (CLINICAL §7.1, DESIGN D11, look/12). Pure.

Rules: worst first; parts of the same age and state share a cell; a part that never came has a cell of its own and no
time; in declared downtime the state shows the gap at the cut while the age goes on counting; a time of another day
carries its day. Every source sends patients along with its facts, so for who is here the freshest source counts; for
all other kinds each source counts for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from localdb.chart import wording
from localdb.chart.staleness import (
    AGEING,
    CLOCK,
    FRESH,
    NEVER,
    ORDER,
    WORDS,
    Staleness,
    complete_to,
    newest_cut,
    staleness,
)
from localdb.chart.views import SourceAge
from localdb.records.moments import Moment

PARTS = {
    "patient": "patients",
    "stay": "beds",
    "allergy": "allergies",
    "alert": "alerts",
    "medicine": "prescribed",
    "administration": "given",
    "observation": "obs",
    "result": "labs",
    "report": "reports",
    "request": "requests",
    "image": "images",
    "problem": "problems",
    "document": "letters",
    "appointment": "appointments",
}
CORE = frozenset({"patient", "stay", "allergy", "alert", "medicine", "administration", "observation", "result"})


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of record from one source, and how old it is."""

    kind: str
    source: str
    cut: Moment | None
    found: Staleness


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the age strip: names, the time (with its day where it is not today), the state and its word."""

    names: str
    time: str
    state: str
    parts: tuple[Part, ...]

    @property
    def word(self) -> str:
        return "" if self.state == FRESH else WORDS[self.state]

    @property
    def text(self) -> str:
        """The whole cell in words, for screen readers."""
        return " ".join(x for x in (self.names, self.time, self.word) if x)


@dataclass(frozen=True, slots=True)
class Lamp:
    """The lamp's shape and the words beside it; `box` empty = no state box; `filled` only in downtime."""

    shape: str
    word: str
    line: str
    box: str = ""
    box_line: str = ""
    filled: bool = False
    must_acknowledge: bool = False


def short_time(cut: Moment | None, now: datetime, zone: str = wording.ZONE) -> str:
    """`02:40`, or `23-Nov 22:15` where that is not today (LOOK §6: a lone time never stands for another day)."""
    if cut is None or cut.instant is None:
        return ""
    here = ZoneInfo(zone)
    if cut.has_time and cut.instant.astimezone(here).date() == now.astimezone(here).date():
        return wording.time(cut, zone)
    same_year = cut.instant.astimezone(here).year == now.astimezone(here).year
    return wording.date_time(cut, zone, year=not same_year)


def parts_of(sources: Iterable[SourceAge], now: datetime, zone: str = wording.ZONE) -> tuple[Part, ...]:
    """Every (source, kind) with its state; of the patients only the freshest source."""
    every = tuple(sources)
    newest = newest_cut(every)
    parts: list[Part] = []
    for source in every:
        down = source.declared_since if source.declared == "down" else None
        for kind in source.kinds or {"": None}:
            if kind and kind not in PARTS:
                continue
            cut = complete_to(source, kind)
            found = staleness(cut, now, kind, down, source=source.source, zone=zone, newest=newest)
            parts.append(Part(kind, source.source, cut, found))
    who = [p for p in parts if p.kind == "patient"]
    best = max(who, key=lambda p: (p.cut.utc or 0) if p.cut else 0, default=None)
    return tuple(p for p in parts if p.kind != "patient" or p is best)


def cells(
    sources: Iterable[SourceAge], now: datetime, zone: str = wording.ZONE, titles: Mapping[str, str] | None = None
) -> tuple[Cell, ...]:
    """The age strip, worst first. `titles`: the site's own names of its systems; then each system is one name."""
    parts = parts_of(sources, now, zone)
    if titles:
        return _titled(parts, now, zone, titles)
    doubled = {p.kind for p in parts if sum(q.kind == p.kind for q in parts) > 1}
    groups: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        groups.setdefault((part.found.state, short_time(part.cut, now, zone)), []).append(part)
    made = [Cell(_names(held, doubled), time, state, tuple(held)) for (state, time), held in groups.items()]
    if len(made) == 1 and len(parts) > 1 and made[0].state == FRESH:
        made = [Cell(f"All {len(parts)} parts", made[0].time, FRESH, parts)]
    return tuple(sorted(made, key=_worst_first))


def _titled(parts: tuple[Part, ...], now: datetime, zone: str, titles: Mapping[str, str]) -> tuple[Cell, ...]:
    """One name for each system, with the state of its worst part; the same age and state share a cell."""
    systems: dict[str, list[Part]] = {}
    for part in parts:
        systems.setdefault(part.source, []).append(part)
    groups: dict[tuple[str, str], tuple[list[str], list[Part]]] = {}
    for source, held in systems.items():
        worst = min(held, key=lambda p: (-ORDER.index(p.found.state), (p.cut.utc or 0) if p.cut else 0))
        names, together = groups.setdefault((worst.found.state, short_time(worst.cut, now, zone)), ([], []))
        names.append(titles.get(source, source))
        together += held
    made = [Cell(", ".join(names), time, state, tuple(held)) for (state, time), (names, held) in groups.items()]
    return tuple(sorted(made, key=_worst_first))


def _names(parts: list[Part], doubled: set[str]) -> str:
    """`Patients, beds, alerts`; a kind that several sources send carries its source: `Labs, requests (lims)`."""
    order = {kind: n for n, kind in enumerate(PARTS)}
    sources = dict.fromkeys(p.source for p in parts if p.kind in doubled or not p.kind)
    names: list[str] = []
    for source in ("", *sources):
        mine = [p for p in parts if (p.source if p.kind in doubled or not p.kind else "") == source]
        kinds = [PARTS[p.kind] for p in sorted(mine, key=lambda p: order.get(p.kind, 99)) if p.kind]
        if kinds and source:
            kinds[-1] += f" ({source})"
        names += kinds or ([source] if source else [])
    joined = ", ".join(dict.fromkeys(names))
    return joined[:1].upper() + joined[1:]


def _worst_first(cell: Cell) -> tuple[int, int]:
    """Worst state first; among the healthy the newest first, so that the patients lead and the letters close."""
    return -ORDER.index(cell.state), min((p.found.minutes or 0) for p in cell.parts)


def lamp(
    sources: Iterable[SourceAge],
    now: datetime,
    *,
    zone: str = wording.ZONE,
    acknowledged: bool = False,
    restoring: tuple[int, int] | None = None,
) -> Lamp:
    """The lamp for the whole copy (look/12). `restoring`: entries done and in all, once the systems are back."""
    every = tuple(sources)
    if not every:
        return Lamp("out", "NOT SAFE", "nothing was read yet")
    down = [s for s in every if s.declared == "down"]
    back = [s for s in every if s.declared == "back"]
    if back and not down:
        box = ("RESTORING", f"{restoring[0]} of {restoring[1]}") if restoring else ("", "")
        return Lamp("day", "LIVE IS BACK", "stop using the copy", *box)
    parts = parts_of(every, now, zone)
    if down and len(down) == len(every):
        return _declared(parts, down, now, zone)
    if down:
        return _split(parts, down, now, zone)
    return _undeclared(parts, now, zone, acknowledged)


def _since(down: list[SourceAge], now: datetime, zone: str) -> str:
    known = [s.declared_since for s in down if s.declared_since is not None and s.declared_since.utc is not None]
    first = min(known, key=lambda m: m.utc or 0, default=None)
    return f"since {short_time(first, now, zone)}" if first else "since when is not known"


def _main_cut(parts: tuple[Part, ...]) -> Part | None:
    """The part whose time stands for the copy: who is here; else the oldest."""
    known = [p for p in parts if p.cut is not None and p.cut.utc is not None]
    who = [p for p in known if p.kind == "patient"]
    return (who or sorted(known, key=lambda p: (p.cut.utc or 0) if p.cut else 0) or [None])[0]


def _age_line(parts: tuple[Part, ...], now: datetime, zone: str, before: str = "to") -> str:
    main = _main_cut(parts)
    if main is None:
        return "time of the copy is not known"
    age = main.found.age if main.found.state == CLOCK else f"{main.found.age} old"
    return f"{before} {short_time(main.cut, now, zone)}, {age}"


def _declared(parts: tuple[Part, ...], down: list[SourceAge], now: datetime, zone: str) -> Lamp:
    return Lamp("low", "COPY, not live", _age_line(parts, now, zone), "DOWNTIME", _since(down, now, zone), filled=True)


def _split(parts: tuple[Part, ...], down: list[SourceAge], now: datetime, zone: str) -> Lamp:
    names = [s.source for s in down]
    name = names[0].upper() if len(names) == 1 else f"{len(names)} SYSTEMS"
    held = [p.cut for p in parts if p.source in names and p.cut is not None and p.cut.utc is not None]
    oldest = min(held, key=lambda m: m.utc or 0, default=None)
    line = f"rest is live, {names[0] if len(names) == 1 else 'these'} to {short_time(oldest, now, zone) or 'not known'}"
    return Lamp("split", f"{name} DOWN", line, f"{name} DOWN", _since(down, now, zone))


def _undeclared(parts: tuple[Part, ...], now: datetime, zone: str, acknowledged: bool) -> Lamp:
    core = [p for p in parts if p.kind in CORE] or list(parts)
    worst = max(core, key=lambda p: ORDER.index(p.found.state), default=None)
    state = worst.found.state if worst else NEVER
    held = [p.cut for p in core if p.cut is not None and p.cut.utc is not None]
    oldest = short_time(min(held, key=lambda m: m.utc or 0, default=None), now, zone)
    if state == FRESH:
        return Lamp("lit", "SAFE", _age_line(parts, now, zone, "Copy to"))
    if state == AGEING:
        return Lamp("low", "AGEING", f"oldest core part {oldest}")
    line = {CLOCK: "clock unreliable", NEVER: "a core part never came"}.get(state, f"copy stopped {oldest}")
    if acknowledged:
        return Lamp("out", "NOT SAFE", line)
    return Lamp("out", "NOT SAFE", line, "Acknowledge", "once, by name", must_acknowledge=True)
