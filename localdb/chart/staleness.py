"""How old a part of the copy is and what that means (CLINICAL §7.1, DESIGN D11). Pure: `now` is passed in.

Rules: age counts from the cut, which a heartbeat of a source that is complete carries forward, never from the last
message; where a downtime is declared the state shows the gap at the cut while the age goes on counting; a clock that
is earlier than a cut by more than two minutes makes every age "clock unreliable" (CLINICAL §7.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

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
LIVE, QUIET, SILENT, UNKNOWN = "live", "quiet", "silent", "unknown"
DRIFT = timedelta(minutes=2)
# A message that is older than DRIFT when it comes is one of a queue, until its source was heard from without one so long.
_DRAINED = timedelta(minutes=1)
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
    "instance": _STILL,
    "document": _STILL,
}


class Staleness(msgspec.Struct, frozen=True, kw_only=True):
    """`state` one of ORDER; `age` as words (`1hr 2min`; empty if unknown); `as_of` the cut as words (`24-Nov-2026
    02:08`); `gap` the sentence to show beside it; `minutes` the age, `source` and `kind` what it is about; `life` of the
    source where it is known (LIVE, QUIET, SILENT)."""

    state: str
    age: str = ""
    as_of: str = ""
    gap: str = ""
    minutes: int | None = None
    source: str = ""
    kind: str = ""
    life: str = UNKNOWN

    @property
    def word(self) -> str:
        """The state in a word; a source that nobody hears from any more is `silent`, which says why it is not safe, and one
        that is heard from and has nothing to tell is `quiet`, which no silent one ever is."""
        if self.life == SILENT and self.state == NOT_SAFE:
            return SILENT
        return QUIET if self.life == QUIET and self.state == FRESH else WORDS[self.state]


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


def life(now: datetime, last_message: Moment | None, heartbeat: Moment | None, expected: int) -> str:
    """LIVE: heard from, and messages come; QUIET: heard from, but no message for longer than `expected` minutes; SILENT:
    not heard from for longer than that; UNKNOWN: no sign of life is expected (0), ever came, or can be weighed."""
    beat = heartbeat.instant if heartbeat is not None else None
    if expected <= 0 or beat is None or now + DRIFT < beat:
        return UNKNOWN
    limit = timedelta(minutes=expected)
    if now - beat > limit:
        return SILENT
    last = last_message.instant if last_message is not None else None
    return QUIET if last is None or now - last > limit else LIVE


def life_of(source: SourceAge, now: datetime) -> str:
    """The same of a source; what was read a while ago is weighed by the present clock."""
    return life(now, source.last_message, source.heartbeat, source.expected)


def life_sentence(source: SourceAge, now: datetime, zone: str = wording.ZONE) -> str:
    """`Laboratory: no message since 01:12, but it was heard from at 03:10.` / `Laboratory: silent since 01:12. It may be
    down.` Empty for a source that lives, is declared down, or of which no sign of life is expected."""
    found = life_of(source, now)
    if source.declared == "down" or found not in (QUIET, SILENT):
        return ""
    who, beat = source.title or source.source, _clock_text(source.heartbeat, now, zone)
    if found == SILENT:
        return f"{who}: silent since {beat}. It may be down."
    last = _clock_text(source.last_message, now, zone)
    return f"{who}: no message {f'since {last}' if last else 'ever came'}, but it was heard from at {beat}."


def drift_sentence(source: SourceAge) -> str:
    """`The clock of Laboratory is 3min behind ours: the order of times may be wrong.` Empty within two minutes."""
    words = drift_words(source.drift)
    return f"The clock of {source.title or source.source} is {words}: the order of times may be wrong." if words else ""


def drift_words(seconds: int | None) -> str:
    """`3min behind ours`; empty within two minutes, or where it was not measured. `seconds` = our clock minus theirs."""
    apart = timedelta(seconds=abs(seconds or 0))
    if apart <= DRIFT:
        return ""
    return f"{wording.duration(apart)} {'behind' if (seconds or 0) > 0 else 'ahead of'} ours"


def cautions(sources: Iterable[SourceAge], now: datetime, zone: str = wording.ZONE) -> tuple[str, ...]:
    """What a screen or sheet must say of its sources beside their ages: silent ones first, then quiet ones, then clocks."""
    every = tuple(sources)
    silent = [t for s in every if life_of(s, now) == SILENT and (t := life_sentence(s, now, zone))]
    quiet = [t for s in every if life_of(s, now) == QUIET and (t := life_sentence(s, now, zone))]
    return (*silent, *quiet, *(t for s in every if (t := drift_sentence(s))))


def _clock_text(moment: Moment | None, now: datetime, zone: str) -> str:
    """`01:12` of today, else with its day (LOOK §6)."""
    if moment is None or moment.instant is None:
        return ""
    here = ZoneInfo(zone)
    if moment.instant.astimezone(here).date() == now.astimezone(here).date():
        return wording.time(moment, zone)
    return wording.date_time(moment, zone)


def gap_sentence(cut: datetime, until: datetime, zone: str = wording.ZONE) -> str:
    """`Between 02:10 and 02:47 something may have been recorded that is not here.` Empty where there is no minute
    between them: nothing can have been missed before a declared downtime that began at the cut."""
    if until - cut < timedelta(minutes=1):
        return ""
    return f"{wording.interval(cut, until, zone)} something may have been recorded that is not here."


def complete_to(source: SourceAge, kind: str) -> Moment | None:
    """Up to when `source` is complete for `kind`: its cut, carried forward by a later sign of life if it is complete and
    not still sending what had queued up."""
    cut = source.kinds.get(kind, None) if kind in source.kinds else source.cut
    beat = source.heartbeat
    if cut is None or source.state != "complete" or beat is None or beat.utc is None or cut.utc is None:
        return None if source.state == "never" else cut
    return beat if beat.utc > cut.utc and not is_catching_up(source) else cut


def is_catching_up(source: SourceAge) -> bool:
    """The newest message was already old when it came, and the source was not heard from long without one: more of its
    queue may follow."""
    last, beat = (m.instant if m is not None else None for m in (source.last_message, source.heartbeat))
    sent = max((m.instant for m in source.kinds.values() if m is not None and m.instant is not None), default=None)
    if last is None or beat is None or sent is None or beat - last >= _DRAINED:
        return False
    return last - sent - timedelta(seconds=source.drift or 0) > DRIFT


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
    states = [of_part(s, kind, now, zone=zone, newest=newest, thresholds=thresholds) for s in every if kind in s.kinds]
    return tuple(sorted(states, key=_worst_first))


def of_part(
    source: SourceAge,
    kind: str,
    now: datetime,
    *,
    zone: str = wording.ZONE,
    newest: datetime | None = None,
    thresholds: Mapping[str, tuple[int, int]] = THRESHOLDS,
) -> Staleness:
    """The state of one kind of one source, with what its life adds: silent and not declared down is never fresh."""
    down = source.declared_since if source.declared == "down" else None
    found = staleness(
        complete_to(source, kind), now, kind, down, source=source.source, zone=zone, newest=newest,
        thresholds=thresholds,
    )  # fmt: skip
    living = life_of(source, now)
    if down is not None or living not in (QUIET, SILENT) or found.state == CLOCK:
        return msgspec.structs.replace(found, life=living)
    worse = NOT_SAFE if living == SILENT and found.state != NEVER else found.state
    said = " ".join(t for t in (life_sentence(source, now, zone), found.gap) if t)
    return msgspec.structs.replace(found, state=worse, gap=said, life=living)


def of_source(
    source: SourceAge,
    now: datetime,
    *,
    zone: str = wording.ZONE,
    newest: datetime | None = None,
    thresholds: Mapping[str, tuple[int, int]] = THRESHOLDS,
) -> Staleness:
    """The worst state among the kinds that a source delivers (the age strip)."""
    found = [
        of_part(source, kind, now, zone=zone, newest=newest, thresholds=thresholds)
        for kind in source.kinds or {"": None}
    ]
    return min(found, key=_worst_first)


def newest_cut(sources: Iterable[SourceAge]) -> datetime | None:
    """The newest instant up to which any source is complete: a clock before it is wrong."""
    told = [m for s in sources for m in (s.cut, *s.kinds.values(), s.heartbeat)]
    return max((m.instant for m in told if m is not None and m.instant is not None), default=None)


def _worst_first(found: Staleness) -> tuple[int, int, str]:
    return -ORDER.index(found.state), -(found.minutes or 0), found.source
