"""What the lamp and the age strip say, reckoned from the sources' clocks (CLINICAL §7.1, DESIGN D11, look/12). Pure.

Rules: worst first; parts of the same age and state share a cell; a part that never came has a cell of its own and no
time; in declared downtime the state shows the gap at the cut while the age goes on counting; a time of another day
carries its day. Every source sends patients along with its facts, so for who is here the freshest source counts; for
all other kinds each source counts for itself.

Undeclared, a source that is silent is named: the copy is not safe, whatever its ages say. "The rest is live" is said
only of a rest that is. "Live is back" stands for a shift at least, and until what comes in has passed the declaration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from localdb.chart import wording
from localdb.chart.staleness import (
    AGEING,
    CLOCK,
    FRESH,
    NEVER,
    NOT_SAFE,
    ORDER,
    QUIET,
    SILENT,
    WORDS,
    Staleness,
    complete_to,
    drift_words,
    life_of,
    newest_cut,
    of_part,
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
# How long "back" is told at least after it was declared: a shift.
BACK_TOLD = timedelta(hours=12)
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
    """A cell of the age strip: names, the time (with its day where it is not today), the state and its word. `said`
    stands in place of the word: `silent`, `quiet`, or how far a clock is off (that cell has no parts)."""

    names: str
    time: str
    state: str
    parts: tuple[Part, ...]
    said: str = ""

    @property
    def word(self) -> str:
        return self.said or ("" if self.state == FRESH else WORDS[self.state])

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
        for kind in source.kinds or {"": None}:
            if kind and kind not in PARTS:
                continue
            found = of_part(source, kind, now, zone=zone, newest=newest)
            parts.append(Part(kind, source.source, complete_to(source, kind), found))
    who = [p for p in parts if p.kind == "patient"]
    best = max(who, key=lambda p: (p.cut.utc or 0) if p.cut else 0, default=None)
    return tuple(p for p in parts if p.kind != "patient" or p is best)


def cells(
    sources: Iterable[SourceAge], now: datetime, zone: str = wording.ZONE, titles: Mapping[str, str] | None = None
) -> tuple[Cell, ...]:
    """The age strip, worst first. `titles`: the site's own names of its systems; then each system is one name."""
    every = tuple(sources)
    parts = parts_of(every, now, zone)
    if titles:
        return (*_titled(parts, now, zone, titles), *_clocks(every, titles))
    doubled = {p.kind for p in parts if sum(q.kind == p.kind for q in parts) > 1}
    groups: dict[tuple[str, str, str], list[Part]] = {}
    for part in parts:
        groups.setdefault((part.found.state, short_time(part.cut, now, zone), _said(part)), []).append(part)
    made = [Cell(_names(held, doubled), time, state, tuple(held), said) for (state, time, said), held in groups.items()]
    if len(made) == 1 and len(parts) > 1 and made[0].state == FRESH and not made[0].said:
        made = [Cell(f"All {len(parts)} parts", made[0].time, FRESH, parts)]
    return (*sorted(made, key=_worst_first), *_clocks(every, {}))


def _said(part: Part) -> str:
    """What stands in place of the state's word: a silent source is named so, and a quiet one is told from a busy one."""
    if part.found.life == SILENT and part.found.state == NOT_SAFE:
        return SILENT
    return QUIET if part.found.life == QUIET and part.found.state == FRESH else ""


def _clocks(sources: tuple[SourceAge, ...], titles: Mapping[str, str]) -> tuple[Cell, ...]:
    """A cell for each clock that is more than two minutes off (CLINICAL §7.2)."""
    return tuple(
        Cell(f"Clock of {titles.get(s.source) or s.title or s.source}", "", CLOCK, (), words)
        for s in sources
        if (words := drift_words(s.drift))
    )


def _titled(parts: tuple[Part, ...], now: datetime, zone: str, titles: Mapping[str, str]) -> tuple[Cell, ...]:
    """One name for each system, with the state of its worst part; the same age and state share a cell."""
    systems: dict[str, list[Part]] = {}
    for part in parts:
        systems.setdefault(part.source, []).append(part)
    groups: dict[tuple[str, str, str], tuple[list[str], list[Part]]] = {}
    for source, held in systems.items():
        worst = min(held, key=lambda p: (-ORDER.index(p.found.state), (p.cut.utc or 0) if p.cut else 0))
        place = worst.found.state, short_time(worst.cut, now, zone), _said(worst)
        names, together = groups.setdefault(place, ([], []))
        names.append(titles.get(source, source))
        together += held
    made = [
        Cell(", ".join(names), time, state, tuple(held), said) for (state, time, said), (names, held) in groups.items()
    ]
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
    return -ORDER.index(cell.state), min(((p.found.minutes or 0) for p in cell.parts), default=0)


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
    parts = parts_of(every, now, zone)
    if down and len(down) == len(every):
        return _declared(parts, down, now, zone)
    if down:
        return _split(every, parts, down, now, zone)
    back = [s for s in every if s.declared == "back" and _is_coming_back(s, now, restoring)]
    if back:
        return _back(every, back, now, zone, restoring)
    return _undeclared(every, parts, now, zone, acknowledged)


def _is_coming_back(source: SourceAge, now: datetime, restoring: tuple[int, int] | None) -> bool:
    """Whether a source that was declared back is still told as such: for a shift, while entries wait to be given back,
    and until what came in has passed the declaration."""
    said = source.declared_since.instant if source.declared_since is not None else None
    if said is None or now - said < BACK_TOLD or (restoring is not None and restoring[0] < restoring[1]):
        return True
    cuts = [complete_to(source, kind) for kind in source.kinds]
    return not cuts or any(c is None or c.instant is None or c.instant < said for c in cuts)


def _back(
    every: tuple[SourceAge, ...], back: list[SourceAge], now: datetime, zone: str, restoring: tuple[int, int] | None
) -> Lamp:
    box = ("RESTORING", f"{restoring[0]} of {restoring[1]}") if restoring else ("", "")
    if all(s.declared == "back" for s in every):
        return Lamp("day", "LIVE IS BACK", "stop using the copy", *box)
    return Lamp("day", f"{_name(back)} BACK", f"{_since(back, now, zone)}: use live, not the copy", *box)


def _name(sources: list[SourceAge]) -> str:
    """`LIMS`, or `2 SYSTEMS`."""
    return (sources[0].title or sources[0].source).upper() if len(sources) == 1 else f"{len(sources)} SYSTEMS"


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


def _split(
    every: tuple[SourceAge, ...], parts: tuple[Part, ...], down: list[SourceAge], now: datetime, zone: str
) -> Lamp:
    names = {s.source for s in down}
    held = [p.cut for p in parts if p.source in names and p.cut is not None and p.cut.utc is not None]
    oldest = short_time(min(held, key=lambda m: m.utc or 0, default=None), now, zone) or "not known"
    who = (down[0].title or down[0].source) if len(down) == 1 else "these"
    rest = [s for s in every if s.source not in names]
    line = f"{_rest(rest, [p for p in parts if p.source not in names], now, zone)}, {who} to {oldest}"
    word = f"{_name(down)} DOWN"
    return Lamp("split", word, line, word, _since(down, now, zone))


def _rest(rest: list[SourceAge], parts: list[Part], now: datetime, zone: str) -> str:
    """What may be said of the systems that nobody declared down: live only where they are."""
    silent = _silent(rest, now)
    if silent:
        return _silent_words(silent, now, zone)
    core = [p.found.state for p in parts if p.kind in CORE] or [p.found.state for p in parts]
    worst = max(core, key=ORDER.index, default=NEVER)
    return {FRESH: "rest is live", AGEING: "rest is ageing"}.get(worst, "rest is not safe")


def _silent(sources: Iterable[SourceAge], now: datetime) -> list[SourceAge]:
    """Those nobody hears from and nobody declared, the longest silent first."""
    found = [s for s in sources if s.declared != "down" and life_of(s, now) == SILENT]
    return sorted(found, key=lambda s: (s.heartbeat.utc or 0) if s.heartbeat else 0)


def _silent_words(silent: list[SourceAge], now: datetime, zone: str) -> str:
    """`lims silent since 01:12`; `2 systems silent since 01:12` with the first of them."""
    who = (silent[0].title or silent[0].source) if len(silent) == 1 else f"{len(silent)} systems"
    return f"{who} silent since {short_time(silent[0].heartbeat, now, zone)}"


def _undeclared(
    every: tuple[SourceAge, ...], parts: tuple[Part, ...], now: datetime, zone: str, acknowledged: bool
) -> Lamp:
    core = [p for p in parts if p.kind in CORE] or list(parts)
    worst = max(core, key=lambda p: ORDER.index(p.found.state), default=None)
    state = worst.found.state if worst else NEVER
    held = [p.cut for p in core if p.cut is not None and p.cut.utc is not None]
    oldest = short_time(min(held, key=lambda m: m.utc or 0, default=None), now, zone)
    silent = _silent(every, now)
    if state == FRESH and not silent:
        return Lamp("lit", "SAFE", _age_line(parts, now, zone, "Copy to"))
    if state in (FRESH, AGEING):  # silent is one that sends no core part: nothing to acknowledge, yet not unsaid
        return Lamp("low", "AGEING", _silent_words(silent, now, zone) if silent else f"oldest core part {oldest}")
    line = {CLOCK: "clock unreliable", NEVER: "a core part never came"}.get(state, f"copy stopped {oldest}")
    if silent and state == NOT_SAFE:
        line = _silent_words(silent, now, zone)
    if acknowledged:
        return Lamp("out", "NOT SAFE", line)
    return Lamp("out", "NOT SAFE", line, "Acknowledge", "once, by name", must_acknowledge=True)
