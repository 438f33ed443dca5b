"""How old a part of the copy is and what that means (CLINICAL §7.1, DESIGN D11). Pure: `now` is passed in.

Rules: age counts from the cut, which a heartbeat of a source that is complete carries forward, never from the last
message; where a downtime is declared the state shows the gap at the cut while the age goes on counting; a clock that
is earlier than a cut by more than two minutes makes every age "clock unreliable" (CLINICAL §7.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from localdb.chart import wording
from localdb.chart.views import SourceAge
from localdb.records.moments import Moment

FRESH, AGEING, NOT_SAFE, NEVER, CLOCK = "fresh", "ageing", "not_safe", "never", "clock_unreliable"
WORDS = {
    FRESH: "fresh",
    AGEING: "ageing",
    NOT_SAFE: "not safe",
    NEVER: "never came",
    CLOCK: "clock unreliable",
}
# Worst last: the order in which states outweigh each other.
ORDER = (FRESH, AGEING, NEVER, NOT_SAFE, CLOCK)
DRIFT = timedelta(minutes=2)
# Minutes to ageing and to not safe (CLINICAL §7.1); a site may set others.
_QUICK, _SLOW, _STILL = (15, 60), (60, 240), (240, 1440)
THRESHOLDS: dict[str, tuple[int, int]] = {
    "patient": _QUICK,
    "stay": _QUICK,
    "medicine": _QUICK,
    "administration": _QUICK,
    "observation": _QUICK,
    "result": _QUICK,
    "request": _QUICK,
    "allergy": _SLOW,
    "alert": _SLOW,
    "problem": _SLOW,
    "report": _SLOW,
    "appointment": _SLOW,
    "image": _STILL,
    "document": _STILL,
}


class Staleness(msgspec.Struct, frozen=True, kw_only=True):
    """`state` one of ORDER; `age` as words (`1hr 2min`; empty if unknown); `as_of` the cut as words (`24-Nov-2026
    02:08`); `gap` the sentence to show beside it; `minutes` the age, `source` and `kind` what it is about."""

    state: str
    age: str = ""
    as_of: str = ""
    gap: str = ""
    minutes: int | None = None
    source: str = ""
    kind: str = ""

    @property
    def word(self) -> str:
        return WORDS[self.state]


def staleness(
    cut: Moment | None,
    now: datetime,
    kind: str,
    declared: Moment | datetime | None = None,
    *,
    source: str = "",
    zone: str = wording.ZONE,
    newest: datetime | None = None,
    thresholds: Mapping[str, tuple[int, int]] = THRESHOLDS,
) -> Staleness:
    """The state of one kind of record whose copy is complete up to `cut` (None: not known).

    `declared` is since when a downtime stands; `newest` the newest cut of all sources (a clock earlier than it is
    unreliable); `kind` a kind of record, unknown kinds count as quick ones.
    """
    who = source or "the source"
    if cut is None or cut.instant is None:
        gap = f"Nothing of this kind with a known time ever came from {who}: it may be old, or missing."
        return Staleness(state=NEVER, gap=gap, source=source, kind=kind)
    instant = cut.instant
    as_of = wording.date_time(cut, zone)
    if now + DRIFT < max(instant, newest or instant):
        gap = f"The clock of this laptop is earlier than the copy from {who}: how old it is cannot be said."
        return Staleness(state=CLOCK, age="clock unreliable", as_of=as_of, gap=gap, source=source, kind=kind)
    down = declared.instant if isinstance(declared, Moment) else declared
    age = max(now - instant, timedelta(0))
    weighed = max(down - instant, timedelta(0)) if down else age
    amber, red = (timedelta(minutes=m) for m in thresholds.get(kind, _QUICK))
    return Staleness(
        state=NOT_SAFE if weighed >= red else AGEING if weighed >= amber else FRESH,
        age=wording.duration(age),
        as_of=as_of,
        gap=gap_sentence(instant, down or now, zone),
        minutes=age // timedelta(minutes=1),
        source=source,
        kind=kind,
    )


def gap_sentence(cut: datetime, until: datetime, zone: str = wording.ZONE) -> str:
    """`Between 02:10 and 02:47 something may have been recorded that is not here.` Empty where there is no minute
    between them: nothing can have been missed before a declared downtime that began at the cut."""
    if until - cut < timedelta(minutes=1):
        return ""
    return f"{wording.interval(cut, until, zone)} something may have been recorded that is not here."


def complete_to(source: SourceAge, kind: str) -> Moment | None:
    """Up to when `source` is complete for `kind`: its cut, carried forward by a later heartbeat if it is complete."""
    cut = source.kinds.get(kind, None) if kind in source.kinds else source.cut
    beat = source.heartbeat
    if cut is None or source.state != "complete" or beat is None or beat.utc is None or cut.utc is None:
        return None if source.state == "never" else cut
    return beat if beat.utc > cut.utc else cut


def of_kind(
    sources: Iterable[SourceAge],
    kind: str,
    now: datetime,
    *,
    zone: str = wording.ZONE,
    thresholds: Mapping[str, tuple[int, int]] = THRESHOLDS,
) -> tuple[Staleness, ...]:
    """The state of one kind of record for every source that delivers it, worst first; () where none does."""
    every = tuple(sources)
    newest = newest_cut(every)
    states = [
        staleness(
            complete_to(s, kind),
            now,
            kind,
            s.declared_since if s.declared == "down" else None,
            source=s.source,
            zone=zone,
            newest=newest,
            thresholds=thresholds,
        )
        for s in every
        if kind in s.kinds
    ]
    return tuple(sorted(states, key=_worst_first))


def of_source(
    source: SourceAge,
    now: datetime,
    *,
    zone: str = wording.ZONE,
    newest: datetime | None = None,
    thresholds: Mapping[str, tuple[int, int]] = THRESHOLDS,
) -> Staleness:
    """The worst state among the kinds that a source delivers (the age strip)."""
    down = source.declared_since if source.declared == "down" else None
    found = [
        staleness(
            complete_to(source, kind), now, kind, down, source=source.source, zone=zone, newest=newest,
            thresholds=thresholds,
        )
        for kind in source.kinds or {"": None}
    ]  # fmt: skip
    return min(found, key=_worst_first)


def newest_cut(sources: Iterable[SourceAge]) -> datetime | None:
    """The newest instant up to which any source is complete: a clock before it is wrong."""
    cuts = [m.instant for s in sources for m in (s.cut, *s.kinds.values()) if m is not None and m.instant is not None]
    return max(cuts, default=None)


def _worst_first(found: Staleness) -> tuple[int, int, str]:
    return -ORDER.index(found.state), -(found.minutes or 0), found.source
