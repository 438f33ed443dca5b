"""Which systems are struck while others live, and what that means in words (issue 5, DESIGN D11, FIELD §0.4). Pure.

A laboratory may be down for weeks while the hospital's own records live on. From the moment somebody declares it,
screens and sheets that show what it would have sent say so: which system, since when, and after what moment nothing of
it is here. Where every system is down the header's DOWNTIME says it once for all, and nothing is repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from localdb.chart import wording
from localdb.chart.staleness import complete_to
from localdb.chart.views import SourceAge
from localdb.records.moments import Moment

# What each kind of record is called in `no … after 02:08 is here`, in the order in which they are named.
NOUNS = {
    "patient": "registration",
    "stay": "move between beds",
    "allergy": "allergy",
    "alert": "alert",
    "medicine": "prescription",
    "administration": "dose given",
    "observation": "observation",
    "result": "result",
    "report": "report",
    "request": "request",
    "image": "image",
    "problem": "problem",
    "document": "letter",
    "appointment": "appointment",
}


class Struck(msgspec.Struct, frozen=True, kw_only=True):
    """One system that is declared down: `title` what the ward calls it, `since` when, `cut` up to when its copy is
    complete (the oldest of its own kinds; None: not known), `kinds` what it delivered."""

    source: str
    title: str
    since: Moment | None = None
    cut: Moment | None = None
    kinds: tuple[str, ...] = ()


def title_of(source: SourceAge, titles: Mapping[str, str] | None = None) -> str:
    """What the ward calls a system: the site's own name, else the one of its profile, else the name as it is."""
    return (titles or {}).get(source.source) or str(getattr(source, "title", "") or "") or source.source


def titles_of_site(site: Mapping[str, Any]) -> dict[str, str]:
    """Source -> what the ward calls it: `source_titles` of the settings, else the title of `[sources.NAME]`."""
    profiles = site.get("sources") or {}
    titled = {name: str(facts.get("title") or "") for name, facts in profiles.items() if isinstance(facts, Mapping)}
    return {name: title for name, title in {**titled, **(site.get("source_titles") or {})}.items() if title}


def own_kinds(source: SourceAge) -> tuple[str, ...]:
    """The kinds for which one asks this system, in the order of NOUNS. Every laboratory message names its patient too:
    people count only for a system that also moves them between beds, or sends nothing else."""
    held = tuple(k for k in NOUNS if k in source.kinds)
    return held if "stay" in held or held == ("patient",) else tuple(k for k in held if k != "patient")


def is_partial(sources: Iterable[SourceAge]) -> bool:
    """Whether some systems are declared down while others live."""
    down = [s.declared == "down" for s in sources]
    return any(down) and not all(down)


def struck(sources: Iterable[SourceAge], *kinds: str, titles: Mapping[str, str] | None = None) -> tuple[Struck, ...]:
    """Every system that is declared down and delivers one of `kinds` (none named: all systems), as they come; () where
    all are down alike."""
    every = tuple(sources)
    if not is_partial(every):
        return ()
    found = [s for s in every if s.declared == "down" and (not kinds or any(k in own_kinds(s) for k in kinds))]
    return tuple(of_source(s, titles) for s in found)


def of_source(source: SourceAge, titles: Mapping[str, str] | None = None) -> Struck:
    """One system as struck, whatever the others do."""
    own = own_kinds(source)
    cuts = [m for k in own if (m := complete_to(source, k)) is not None and m.utc is not None]
    return Struck(
        source=source.source,
        title=title_of(source, titles),
        since=source.declared_since,
        cut=min(cuts, key=lambda m: m.utc or 0, default=None),
        kinds=own,
    )


def moment_text(moment: Moment | None, now: datetime, zone: str = wording.ZONE, *, dated: bool = False) -> str:
    """`02:40` today, `23-Nov 22:15` this year, else with its year; empty where it is not known (LOOK §6). `dated`: today
    too has its day, as on paper, which outlives the day."""
    if moment is None or moment.instant is None:
        return ""
    here = ZoneInfo(zone)
    local, today = moment.instant.astimezone(here), now.astimezone(here)
    if moment.has_time and not dated and local.date() == today.date():
        return wording.time(moment, zone)
    return wording.date_time(moment, zone, year=local.year != today.year)


class Telling(msgspec.Struct, frozen=True):
    """How the moments of one reading are told: at `now`, on the clock of `zone`; `dated` as in `moment_text`."""

    now: datetime
    zone: str = wording.ZONE
    dated: bool = False

    def text(self, moment: Moment | None, missing: str = "") -> str:
        return moment_text(moment, self.now, self.zone, dated=self.dated) or missing


def nouns(kinds: Iterable[str], most: int = 3) -> str:
    """`result or report`; more than `most` kinds are `result, report, request or other record`."""
    held = set(kinds)
    named = [noun for kind, noun in NOUNS.items() if kind in held]
    if not named:
        return "record"
    if len(named) > most:
        named = [*named[:most], "other record"]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}"


def sentence(found: Struck, now: datetime, zone: str = wording.ZONE, *, kinds: Iterable[str] = ()) -> str:
    """`Laboratory is down since 02:47: no result after 02:08 is here.` `kinds` = what the place is about."""
    wanted = tuple(kinds)
    shown = [k for k in found.kinds if not wanted or k in wanted] or list(found.kinds)
    since = moment_text(found.since, now, zone)
    cut = moment_text(found.cut, now, zone)
    after = f"no {nouns(shown)} after {cut} is here" if cut else f"up to when its {nouns(shown)} is here is not known"
    return f"{found.title} is down{f' since {since}' if since else ''}: {after}."
