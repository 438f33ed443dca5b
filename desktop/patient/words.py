"""What the patient's screens say, apart from where they say it. No Qt, no clinical judgement (LOOK §8).

Rules: "not recorded", "unavailable", "none" and "not known" are four things; every fact has its own time; a time
without its day is today's by the laptop's clock, which stands in the header.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from localdb.chart import evaluations, moved, registered, wording
from localdb.chart.cells import NOT_AVAILABLE, WAITING, WITHDRAWN, Cell
from localdb.chart.in_flight import OUTCOMES
from localdb.chart.medicines import STATUS_WORDS as STATUS_WORDS
from localdb.chart.medicines import MedicineGroup as MedicineGroup
from localdb.chart.medicines import dose_gap as dose_gap
from localdb.chart.medicines import further_words as further_words
from localdb.chart.medicines import medicine_groups as medicine_groups
from localdb.chart.medicines import often_words as often_words
from localdb.chart.observation_sets import unit_word as unit_word
from localdb.chart.staleness import NEVER, complete_to, of_kind
from localdb.chart.views import KNOWN, NONE_ASSERTED, NOT_RECORDED, Chart, Entry, Listing
from localdb.records.moments import Moment, read_moment
from localdb.records.vocabulary import LISTS, Record, Report

ZONE = wording.ZONE


class Age(NamedTuple):
    """The time at the right of a section head, and the state that turns it into a chip."""

    text: str
    state: str


def short(moment: Moment | None, now: datetime, *, missing: str = "time not recorded") -> str:
    """`01:10` today, `23-Nov 20:05` this year, else with the year. Never more precise than sent."""
    if moment is None:
        return missing
    instant = moment.instant
    if instant is None:
        return wording.date_time(moment, ZONE, missing=missing)
    place = ZoneInfo(ZONE)
    local, today = instant.astimezone(place), now.astimezone(place)
    if moment.has_time and local.date() == today.date():
        return wording.time(moment, ZONE)
    same_year = local.year == today.year and moment.precision not in ("year", "month")
    return wording.date_time(moment, ZONE, year=not same_year)


def day(moment: Moment | None, now: datetime) -> str:
    """`23-Nov`, with the year when it is not this one; as precise as sent."""
    if moment is None:
        return "not recorded"
    local = moment.local
    if local is None or moment.precision in ("year", "month"):
        return wording.date(moment, ZONE)
    text = wording.date(moment, ZONE)
    return text.rsplit("-", 1)[0] if local.year == now.astimezone(ZoneInfo(ZONE)).year else text


def section_age(chart: Chart, now: datetime, *kinds: str, of: Iterable[Record] = ()) -> Age:
    """Up to when the copy is complete for the worst of `kinds`: `02:38`, `02:08 ageing`, `never came`.

    With `of`, only the sources of these records count; `other_ages` says how old the others are.
    """
    if chart.patient.scope == registered.REGISTERED:
        return Age("", "fresh")  # in no copy: no time up to which anything of this patient was complete
    named = {r.source for r in of}
    sources = [s for s in chart.sources if s.source in named and any(k in s.kinds for k in kinds)] or chart.sources
    found = [s for kind in kinds for s in of_kind(sources, kind, now)]
    if not found:
        return Age("never came", NEVER)
    worst = min(found, key=lambda s: (-_RANK[s.state], -(s.minutes or 0)))
    if worst.state == NEVER:
        return Age("time not known" if _delivered(chart, kinds) else "never came", NEVER)
    cuts = [m for kind in kinds for s in sources if kind in s.kinds and (m := complete_to(s, kind))]
    oldest = min(cuts, key=lambda m: m.utc or 0)
    text = short(oldest, now)
    return Age(text if worst.state == "fresh" else f"{text} {worst.word}", worst.state)


def other_ages(chart: Chart, now: datetime, kind: str, of: Iterable[Record]) -> str:
    """`bank: 23-Nov 22:15 not safe`: sources of this kind that gave none of `of`; their silence must be seen too."""
    named = {r.source for r in of}
    others = [s for s in chart.sources if kind in s.kinds and s.source not in named] if named else []
    told = [f"{s.source} {section_age(msgspec.structs.replace(chart, sources=(s,)), now, kind).text}" for s in others]
    return "; ".join(told)


_RANK = {"fresh": 0, "ageing": 1, "never": 2, "not_safe": 3, "clock_unreliable": 4}
_LIST_OF = {kind: name for name, kind in LISTS.items()}


def _delivered(chart: Chart, kinds: Sequence[str]) -> bool:
    return any(chart.lists[_LIST_OF[k]].items for k in kinds if k in _LIST_OF)


class StateWords(NamedTuple):
    """What stands in place of a list: a title, and who was asked up to when (LOOK §6 Empty, look/17)."""

    title: str
    text: str


def state_words(listing: Listing, what: str, chart: Chart, now: datetime, kind: str) -> StateWords | None:
    """Words for a list that is not known; None where it is. Never "none" (DESIGN §4 Scope)."""
    if listing.state == KNOWN and listing.items:
        return None
    told = [s for s in chart.sources if kind in s.kinds]
    who = ", ".join(s.source for s in told)
    age = section_age(chart, now, kind)
    upto = age.text if age.state != NEVER else "a time that is not known"
    if listing.state == NONE_ASSERTED:
        return StateWords(f"None, as recorded: {what}", f"Someone recorded that there are none. Complete to {upto}.")
    if listing.state in (NOT_RECORDED, KNOWN):
        asked = (
            f"{who} {'were' if len(told) > 1 else 'was'} asked and sent none up to {upto}."
            if who
            else "None came with this copy."
        )
        return StateWords(f"No {what} in this copy", f"{asked} That is not proof that nothing exists.")
    if listing.window:
        return StateWords(f"Not known: {what} not in this copy", f"{listing.window} Ask the source, or look on paper.")
    if chart.patient.scope == registered.REGISTERED:
        return StateWords(f"Not known: {what} not in any copy", f"{registered.NOT_IN_ANY_COPY} {registered.ASK}")
    if chart.patient.scope == "thin":
        reason = "This patient is held with name, numbers, allergies and alerts only."
    elif who:
        reason = f"{who} failed, or was last heard up to {upto}."
    else:
        reason = "No source of it has ever come to this laptop."
    return StateWords(f"Not known: {what} not in this copy", f"{reason} Ask the source by phone, or look on paper.")


def cell_word(cell: Cell, now: datetime) -> str:
    """What stands in place of a value: withdrawn, not available, waiting (CLINICAL §3.1)."""
    if cell.state == WITHDRAWN:
        when = f" {short(cell.marked_at, now)}" if cell.marked_at else ""
        return f"withdrawn by lab{when}"
    return {NOT_AVAILABLE: "not available", WAITING: "no result yet"}.get(cell.state, "")


def mark_word(cell: Cell, now: datetime) -> str:
    """`PRELIM`, `CORRECTED 02:05`; a correction without a time says so."""
    if cell.mark in ("CORRECTED", "CHANGED"):
        return f"{cell.mark} {short(cell.marked_at, now)}"
    return cell.mark


def struck_text(cell: Cell) -> str:
    """The value that was replaced, with its comparator and, if it is another one, its unit."""
    former = cell.struck[0]
    unit = f" {former.unit}" if former.unit and former.unit != cell.unit else ""
    return f"{former.comparator or ''}{former.value}{unit}"


def spoken_cell(name: str, cell: Cell, now: datetime) -> str:
    """One result in words, for a screen reader."""
    value = f"{cell.text} {cell.unit}".strip() or f"{cell_word(cell, now)} {cell.reason}".strip()
    parts = [name, value, f"flag {cell.flag}" if cell.flag else "", mark_word(cell, now)]
    parts += [f"was {struck_text(cell)}" if cell.struck else "", f"range {cell.range}" if cell.range else "no range"]
    parts += [f"collected {wording.date_time(cell.collected)}", *cell.comments, cell.caution]
    return ", ".join(p for p in parts if p)


def report_mark(report: Report) -> str:
    """`PRELIMINARY`, `ADDENDED`, `withdrawn` …: the status of a report in words (CLINICAL §4.1, H17)."""
    status = report.status.casefold()
    if status in ("registered", "partial", "preliminary"):
        return "PRELIMINARY"
    if status == "entered-in-error":
        return "WITHDRAWN"
    if status in ("amended", "corrected", "appended") or report.addenda:
        return "ADDENDED" if report.addenda or status == "appended" else "CORRECTED"
    return {"final": "final", "cancelled": "cancelled"}.get(status, status or "status not sent")


OBSERVATION_NAMES = {
    "9279-1": "Respirations",
    "59408-5": "SpO2",
    "2708-6": "SpO2",
    "3151-8": "Oxygen",
    "85354-9": "Blood pressure",
    "8867-4": "Pulse",
    "8310-5": "Temperature",
    "67775-7": "Consciousness",
    "14743-9": "Glucose",
}


_WORDS = (
    (registered.KINDS, registered.entry_words),
    ((moved.IMAGE_MOVE,), moved.entry_words),
    ((evaluations.EVALUATION, evaluations.COMPARISON), evaluations.entry_words),
)


class Told(NamedTuple):
    """An entry in words: what it says first, the rest of it, and who wrote it when."""

    head: str
    text: str
    signed: str


def told(entry: Entry, now: datetime) -> Told:
    """An entry as the ward wrote it, with author and time (LOOK §1.5)."""
    body = entry.body
    signed = f"{entry.staff}, {short(entry.written, now)}, {entry.number}"
    if entry.corrected_by:
        signed += ", corrected by a later entry"
    if entry.kind == "phoned_result":
        return Told(phoned_head(entry), phoned_text(entry, now), signed)
    if entry.kind == "note":
        return Told("Note", str(body.get("text", "")), signed)
    if entry.kind == "request":
        tests = ", ".join(str(t) for t in body.get("tests", ()))
        rest = ", ".join(str(body[k]) for k in ("priority", "reason", "phone") if body.get(k))
        return Told(f"Request: {tests}", rest, signed)
    if entry.kind == "closure":
        numbers = ", ".join(str(n) for n in body.get("numbers", ()))
        outcome = OUTCOMES.get(str(body.get("outcome", "")), str(body.get("outcome", "")))
        head = f"{body.get('test', '')} {numbers}".strip()
        return Told(
            f"End of a request: {head}", "; ".join(x for x in (outcome, str(body.get("note") or "")) if x), signed
        )
    if entry.kind == "observations":
        return Told(f"Observations {short(entry.happened, now)}", observation_text(body), signed)
    for kinds, words in _WORDS:
        if entry.kind in kinds:
            return Told(*words(entry), signed)
    return Told(entry.kind.replace("_", " ").capitalize(), "", signed)


def phoned_head(entry: Entry) -> str:
    """`Potassium 6.0 mmol/L`, letter by letter as it was heard."""
    body = entry.body
    value = f"{body.get('comparator') or ''}{body.get('value', '')} {body.get('unit', '')}".strip()
    flag = f" {body['flag']}" if body.get("flag") else ""
    return f"{body.get('test', '')} {value}{flag}"


def phoned_text(entry: Entry, now: datetime) -> str:
    caller: dict[str, Any] = entry.body.get("caller") or {}
    who = " ".join(str(caller[k]) for k in ("name", "role") if caller.get(k))
    ext = f" ext. {caller['ext']}" if caller.get("ext") else ""
    told_to = f" Told: {entry.body['told']}." if entry.body.get("told") else ""
    taken = short(moment_of(entry.body.get("collected")), now)
    return f"taken {taken}, read back {short(entry.written, now)}, called by {who}{ext}.{told_to}"


def observation_text(body: dict[str, Any]) -> str:
    parts = []
    for item in body.get("items", ()):
        name = OBSERVATION_NAMES.get(str(item.get("code")), str(item.get("code", "")))
        if item.get("components"):
            joined = "/".join(str(c.get("value", "")) for c in item["components"])
            parts.append(f"{name} {joined}")
        else:
            parts.append(f"{name} {item.get('value', '')} {unit_word(str(item.get('unit') or ''))}".strip())
    return ", ".join(parts)


def moment_of(sent: object) -> Moment | None:
    """A moment from an entry's body: text of FHIR, or a moment already."""
    if isinstance(sent, Moment):
        return sent
    return read_moment(sent) if isinstance(sent, str) and sent else None


def alert_icon(text: str, category: str) -> str | None:
    """The icon that repeats the words of an alert; None where no icon of ours does."""
    said = f"{text} {category}".casefold()
    for words, icon in _ALERT_ICONS:
        if any(w in said for w in words):
            return icon
    return None


_ALERT_ICONS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("resus", "respect", "dnacpr", "escalation", "adrt"), "resus"),
    (("isolation", "barrier", "contact precaution"), "isolation"),
    (("infection", "mrsa", "cpe", "c. diff", "difficile", "vre", "esbl", "norovirus", "covid"), "infection"),
    (("fall",), "falls"),
    (("diabet", "insulin"), "diabetes"),
    (("anticoag", "warfarin", "bleeding"), "anticoagulated"),
    (("88-92", "88–92"), "88-92 %"),
)
