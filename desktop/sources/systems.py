"""How one system stands, in words: declared, heard from, quiet or silent, what is missing because of it, what fits
instead (CLINICAL §7.1, DESIGN D11). Pure, no Qt; the clock is passed in.

Quiet and silent differ: a quiet system gives a sign of life and has nothing to tell; a silent one gives none. What a
person declared stands before what the clocks say. A word always stands beside the icon that repeats it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from localdb.chart import wording
from localdb.chart.staleness import (
    AGEING,
    CLOCK,
    FRESH,
    NEVER,
    NOT_SAFE,
    ORDER,
    WORDS,
    Staleness,
    complete_to,
    newest_cut,
    staleness,
)
from localdb.chart.staleness import life_of as life_now
from localdb.chart.struck import moment_text, of_source, own_kinds, sentence, title_of
from localdb.chart.views import PendingRow, SourceAge
from localdb.records.moments import Moment

# kind of record -> what the ward calls that part of a system
PARTS = {
    "patient": "Patients",
    "stay": "Beds",
    "allergy": "Allergies",
    "alert": "Alerts",
    "medicine": "Prescribed",
    "administration": "Given",
    "observation": "Observations",
    "result": "Results",
    "report": "Reports",
    "request": "Requests",
    "image": "Images",
    "problem": "Problems",
    "document": "Letters",
    "appointment": "Appointments",
}
DRIFT_TOLD = 120  # seconds: more is told as a warning (CLINICAL §7.2)
_LIFE = {
    "live": ("live", None, "fresh", "It is heard from, and messages come."),
    "quiet": ("quiet", "plain", "waiting", "It is heard from; no message has come for longer than usual."),
    "silent": ("silent", "crit", "not safe", "It is not heard from any more: nobody has declared it down."),
}
_BY_AGE = {
    FRESH: ("fresh", None, "fresh"),
    AGEING: ("ageing", "warn", "ageing"),
    NOT_SAFE: ("not safe", "crit", "not safe"),
    NEVER: ("never came", "dashed", "never came"),
    CLOCK: ("clock unreliable", "dashed", "caution"),
}
_READING = {
    "complete": "complete",
    "partial": "in part: some of it failed",
    "failed": "failed",
    "never": "nothing was ever read",
}


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind of record of a system: up to when it is complete, how old that is, its state; `kind` its code."""

    name: str
    cut: str
    age: str
    state: str
    word: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be done in place of a system that is down: `do` is `record` or `print`; `what` the form's code."""

    words: str
    icon: str
    do: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """One system as a person reads it. `chip` None = plain words; `line` the second line of its row; `missing` what is
    not here because of it; `facts` label and value."""

    source: str
    title: str
    word: str
    chip: str | None
    icon: str
    line: str
    is_down: bool
    missing: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    kinds: tuple[KindLine, ...]
    gaps: tuple[str, ...]
    offers: tuple[Offer, ...]
    worst: int

    @property
    def text(self) -> str:
        """The whole row in words, for screen readers."""
        return ", ".join(x for x in (self.title, self.word, self.line) if x)


def systems(
    sources: Iterable[SourceAge],
    now: datetime,
    zone: str = wording.ZONE,
    *,
    titles: Mapping[str, str] | None = None,
    pending: Sequence[PendingRow] = (),
    ward: str = "",
) -> tuple[System, ...]:
    """Every system, declared down first, then the worst of the others. `pending`: what waits in `ward`."""
    every = tuple(replace(s, life=life_now(s, now)) if s.expected else s for s in sources)  # by the present clock
    # What a laboratory ordered or booked itself, it answers itself: another one does not claim it.
    own = {s.source for s in every if "result" in own_kinds(s) or "image" in s.kinds}
    waits = {s.source: [r for r in pending if r.request.source == s.source or (
        r.request.source not in own and answers(s, r))] for s in every}  # fmt: skip
    newest = newest_cut(every)
    made = [_system(s, now, zone, titles, newest, len(waits[s.source]), ward) for s in every]
    return tuple(sorted(made, key=lambda s: (-s.worst, s.title.casefold())))


def _system(
    source: SourceAge, now: datetime, zone: str, titles: Mapping[str, str] | None, newest: datetime | None,
    waits: int, ward: str,
) -> System:  # fmt: skip
    down = source.declared == "down"
    since = source.declared_since if down else None
    kinds = [k for k in PARTS if k in source.kinds] or [""]
    found = [
        staleness(complete_to(source, k), now, k, since, source=title_of(source, titles), zone=zone, newest=newest)
        for k in kinds
    ]
    mine = [f for f in found if not f.kind or f.kind in own_kinds(source)] or found
    worst = max(mine, key=lambda f: (ORDER.index(f.state), f.minutes or 0))
    word, chip, icon, said = _state(source, worst, down)
    title = title_of(source, titles)
    return System(
        source=source.source,
        title=title,
        word=word,
        chip=chip,
        icon=icon,
        line=_line(source, worst, now, zone, down),
        is_down=down,
        missing=_missing(source, worst, said, now, zone, titles, waits, ward),
        facts=_facts(source, now, zone),
        kinds=tuple(_kind_line(k, f, complete_to(source, k), now, zone) for k, f in zip(kinds, found, strict=True)),
        gaps=tuple(dict.fromkeys(f.gap for f in mine if f.gap)),
        offers=offers(source) if down or worst.state in (NOT_SAFE, NEVER) or life_of(source) == "silent" else (),
        worst=len(ORDER) + 1 if down else len(ORDER) if life_of(source) == "silent" else ORDER.index(worst.state),
    )


def life_of(source: SourceAge) -> str:
    """`live`, `quiet`, `silent`, or `unknown` where no sign of life is expected or ever came."""
    return str(getattr(source, "life", "") or "unknown")


def _state(source: SourceAge, worst: Staleness, down: bool) -> tuple[str, str | None, str, str]:
    """Word, kind of chip, icon, and the sentence that explains the word."""
    if down:
        return "down", "crit", "unavailable", ""
    life = _LIFE.get(life_of(source))
    if life is not None and (life[0] == "silent" or worst.state == FRESH):
        return life
    word, chip, icon = _BY_AGE[worst.state]
    return word, chip, icon, ""


def _line(source: SourceAge, worst: Staleness, now: datetime, zone: str, down: bool) -> str:
    cut = of_source(source).cut
    upto = moment_text(cut, now, zone) or "a time that is not known"
    if down:
        since = moment_text(source.declared_since, now, zone)
        return f"since {since}, complete to {upto}" if since else f"complete to {upto}"
    if source.declared == "back":
        return f"declared back {moment_text(source.declared_since, now, zone)}, complete to {upto}"
    age = f", {worst.age} ago" if worst.age and worst.state != CLOCK else ""
    return f"complete to {upto}{age}"


def _missing(
    source: SourceAge, worst: Staleness, said: str, now: datetime, zone: str, titles: Mapping[str, str] | None,
    waits: int, ward: str,
) -> tuple[str, ...]:  # fmt: skip
    struck = of_source(source, titles)
    lines: list[str] = []
    if source.declared == "down":
        lines.append(sentence(struck, now, zone))
    elif said:
        lines.append(said)
    if worst.gap and source.declared != "down":
        lines.append(worst.gap)
    if source.declared == "down" or worst.state != FRESH:
        lines += _waiting(waits, ward)
    if not lines:
        cut = moment_text(struck.cut, now, zone)
        lines.append(f"Complete to {cut}: nothing is known to be missing up to then." if cut else "Nothing is missing.")
    return tuple(lines)


def _waiting(count: int, ward: str) -> list[str]:
    """`14 requests wait in Ash Ward.`"""
    where = f" in {ward}" if ward else ""
    return [f"{count} request{'s wait' if count != 1 else ' waits'}{where}."] if count else []


def answers(source: SourceAge, row: PendingRow) -> bool:
    """Whether this system would answer a waiting request: a laboratory all but imaging that others ordered."""
    if row.request.source == source.source:
        return True
    is_imaging = any(word in str(getattr(row.request, "category", "")).casefold() for word in ("imag", "radiol"))
    return "image" in source.kinds if is_imaging else "result" in own_kinds(source)


def _facts(source: SourceAge, now: datetime, zone: str) -> tuple[tuple[str, str], ...]:
    def told(moment: Moment | None, missing: str) -> str:
        if moment is None or moment.instant is None:
            return missing
        ago = now - moment.instant
        since = f", {wording.duration(ago)} ago" if ago >= timedelta(0) else ""
        return f"{moment_text(moment, now, zone)}{since}"

    declared = ""
    if source.declared:
        by = f" by {source.declared_by}" if source.declared_by else ""
        since = moment_text(source.declared_since, now, zone) or "a time that is not known"
        declared = f"{source.declared} since {since}{by}"
    facts = [
        ("Declared", declared or "nothing"),
        ("Last message", told(source.last_message, "none with a known time")),
        ("Sign of life", told(source.heartbeat, "this system gives none")),
        ("Last reading", _READING.get(source.state, source.state)),
        ("Looks back", source.coverage or "not told"),
        ("Its clock", drift_words(getattr(source, "drift", None))),
    ]
    return tuple(facts)


def drift_words(seconds: int | None) -> str:
    """How far this laptop's clock and the system's are apart; `seconds` = ours minus theirs (CLINICAL §7.2)."""
    if seconds is None:
        return "not measured"
    if abs(seconds) <= DRIFT_TOLD:
        return "agrees with this copy within 2min"
    apart = wording.duration(timedelta(seconds=abs(seconds)))
    return f"{apart} {'behind' if seconds > 0 else 'ahead of'} ours: order of times may be wrong"


def _kind_line(kind: str, found: Staleness, cut: Moment | None, now: datetime, zone: str) -> KindLine:
    upto = moment_text(cut, now, zone) or "time not known"
    return KindLine(PARTS.get(kind, "All of it"), upto, found.age or "not known", found.state, WORDS[found.state], kind)


def offers(source: SourceAge) -> tuple[Offer, ...]:
    """What the ward does in place of this system, as plain verbs (look/12, CLINICAL §6)."""
    own, made = own_kinds(source), []
    if "result" in own:
        made += [
            Offer("Record a phoned result", "phone", "record", "phoned_result"),
            Offer("Print requests F03", "print", "print", "F03"),
            Offer("Print phoned log F27", "print", "print", "F27"),
        ]
    if "stay" in own:
        made.append(Offer("Print the census F01", "print", "print", "F01"))
    if "observation" in own:
        made.append(Offer("Record observations", "obs", "record", "observations"))
    if "medicine" in own or "administration" in own:
        made.append(Offer("Print summaries F02", "print", "print", "F02"))
    if "result" not in own:
        made += [
            Offer("Record a note", "letters", "record", "note"),
            Offer("Print notes F18", "print", "print", "F18"),
        ]
    return tuple(made)
