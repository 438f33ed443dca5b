"""Words for the lists of a chart that every form shares: their age, what an empty one means, what stays off paper."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import TypeVar

from desktop.forms.language import tr
from desktop.forms.model import FormModel
from localdb.chart import evaluations, moved, registered, staleness, wording
from localdb.chart.in_flight import OUTCOMES
from localdb.chart.struck import sentence, struck
from localdb.chart.views import KNOWN, NONE_ASSERTED, NOT_RECORDED, Entry
from localdb.records.moments import Moment, read_moment
from localdb.records.vocabulary import Record

R = TypeVar("R", bound=Record)
RESUS = re.compile(r"\b(DNACPR|DNAR|ReSPECT|ADRT|resuscitation|treatment escalation)\b", re.IGNORECASE)
_WITHDRAWN = "entered-in-error"


def when(model: FormModel, moment: Moment | None, *, year: bool = True, missing: str = "time not recorded") -> str:
    return wording.date_time(moment, model.site.zone, year=year, missing=tr(missing))


def short(model: FormModel, moment: Moment | None, missing: str = "time not recorded") -> str:
    """`24-Nov 02:08` within the half year before the print, under a head that dates it; older ones keep their year."""
    instant = moment.instant if moment is not None else None
    near = instant is not None and abs(model.printed_at - instant) < timedelta(days=180)
    return when(model, moment, year=not near, missing=missing)


def day(model: FormModel, moment: Moment | None, missing: str = "date not recorded") -> str:
    return wording.date(moment, model.site.zone, missing=tr(missing))


def as_of(model: FormModel, *kinds: str) -> str:
    """`LIMS, as of 24-Nov-2026 02:08, AGEING`: every source of these kinds, worst first (LOOK §1.4, H04)."""
    texts: list[str] = []
    for kind in kinds:
        for s in staleness.of_kind(model.sources, kind, model.printed_at, zone=model.site.zone):
            word = tr(s.word).upper()
            state = "" if s.state == staleness.FRESH else f", {word}"
            cut = next(staleness.complete_to(found, kind) for found in model.sources if found.source == s.source)
            told = tr("{source}, as of {when}").format(source=s.source, when=short(model, cut))
            texts.append(f"{told}{state}" if s.as_of else f"{s.source} {word}")
    return "; ".join(dict.fromkeys(texts)) or tr("no source of this kind has delivered")


def person_as_of(model: FormModel) -> str:
    """The age of what is known of a person: that of the system that moves people between beds, for every laboratory
    message names its patient too."""
    has_stays = any("stay" in s.kinds for s in model.sources)
    return as_of(model, "stay" if has_stays else "patient")


def struck_texts(model: FormModel, *kinds: str) -> tuple[str, ...]:
    """`Laboratory is down since 24-Nov 02:47: no result after 24-Nov 02:08 is here.` for each system that is declared
    down while others live and delivers one of `kinds` (none named: any). Paper outlives the day: times carry it."""
    tomorrow = model.printed_at + timedelta(days=1)
    return tuple(
        wording.clean(sentence(s, tomorrow, model.site.zone, kinds=kinds))
        for s in struck(model.sources, *kinds, titles=model.site.titles)
    )


def gap_text(model: FormModel, kind: str) -> str:
    """The gap sentence of the worst source of a kind; empty where there is none."""
    states = staleness.of_kind(model.sources, kind, model.printed_at, zone=model.site.zone)
    return next((s.gap for s in states if s.gap), "")


def shown(items: Iterable[R]) -> tuple[R, ...]:
    """What may stand on paper: nothing confidential (CLINICAL §1.5), nothing withdrawn (H08)."""
    return tuple(r for r in items if not r.restricted and not is_withdrawn(r))


def is_withdrawn(record: Record) -> bool:
    return _WITHDRAWN in (record.status, getattr(record, "verification", ""))


def held_back(items: Iterable[Record]) -> tuple[str, ...]:
    """What is said of the items that are not shown: their number, never their content."""
    every = tuple(items)
    kept = sum(r.restricted and not is_withdrawn(r) for r in every)
    gone = sum(is_withdrawn(r) for r in every)
    return tuple(
        tr(text).format(count=count)
        for count, text in (
            (kept, "{count} restricted, not printed: see the screen."),
            (gone, "{count} withdrawn by the source."),
        )
        if count
    )


_EMPTY = {
    KNOWN: "No {what} to show.",
    NONE_ASSERTED: "The source says that there are none: {what}.",
    NOT_RECORDED: "No {what} recorded in this copy. That is no proof of none.",
}


def empty_text(state: str, what: str, window: str = "") -> str:
    """Words for a list without items: the four states are four things (LOOK §8); `window` what aged out of the copy."""
    named = tr(what)
    absent = tr("NOT IN THIS COPY: {what}. Ask, or look for the paper notes.").format(what=named)
    if window and state not in (KNOWN, NONE_ASSERTED):
        return f"{window.removesuffix('not in this copy.')}{absent}"
    return tr(_EMPTY[state]).format(what=named) if state in _EMPTY else absent


def phoned_text(model: FormModel, entry: Entry) -> str:
    """`Potassium 6.0 mmol/L, taken …, phoned by …, read back, written 24-Nov-2026 02:58 by …` (CLINICAL §3.2)."""
    body = entry.body
    caller = body.get("caller") or {}
    value = f"{body.get('comparator') or ''}{body.get('value') or ''} {body.get('unit') or ''}".strip()
    flag = f" {body['flag']}" if body.get("flag") else ""
    range_ = f" ({tr('range')} {body['range']})" if body.get("range") else ""
    who = ", ".join(str(caller[k]) for k in ("name", "role") if caller.get(k))
    ext = tr(", ext. {number}").format(number=caller["ext"]) if caller.get("ext") else ""
    parts = [
        f"{body.get('test', '')} {value}{flag}{range_}",
        tr("taken {when}").format(when=_body_time(model, body.get("collected"))),
        tr("phoned by {who}").format(who=who) + ext,
        tr("read back") if body.get("read_back") else tr("NOT READ BACK"),
        *([tr("told {who}").format(who=body["told"])] if body.get("told") else []),
        tr("written {when} by {who}, no. {number}").format(
            when=when(model, entry.written), who=entry.staff, number=entry.number
        ),
    ]
    return wording.clean(_changed(entry) + ", ".join(parts))


def _changed(entry: Entry) -> str:
    return tr("CORRECTED BY A LATER ENTRY:") + " " if entry.corrected_by else ""


def _body_time(model: FormModel, value: object) -> str:
    """A time of an entry's body: a FHIR text or a moment as JSON."""
    if isinstance(value, dict):
        value = value.get("text")
    return when(model, read_moment(str(value), model.site.zone)) if value else tr("time not recorded")


def entry_text(model: FormModel, entry: Entry) -> str:
    """What the ward wrote, in one paragraph with author and time (D6)."""
    body = entry.body
    if entry.kind == "observations":
        said = ", ".join(_item_text(item) for item in body.get("items", ()))
    elif entry.kind == "note":
        said = str(body.get("text", ""))
    elif entry.kind == "request":
        tests = ", ".join(map(str, body.get("tests", ())))
        said = tr("Request: {kind} {tests}, {priority}").format(
            kind=body.get("kind", ""), tests=tests, priority=body.get("priority", "")
        )
    elif entry.kind == "closure":
        numbers = ", ".join(map(str, body.get("numbers", ())))
        how = tr(OUTCOMES.get(str(body.get("outcome")), str(body.get("outcome"))))
        note = f": {body['note']}" if body.get("note") else ""
        ended = tr("End of a request: {test}, {how}")
        said = ended.format(test=f"{body.get('test', '')} {numbers}".strip(), how=how) + note
    elif entry.kind in registered.KINDS:
        said = ": ".join(registered.entry_words(entry))
    elif entry.kind == moved.IMAGE_MOVE:
        said = ": ".join(moved.entry_words(entry))
    elif entry.kind in (evaluations.EVALUATION, evaluations.COMPARISON):
        said = ": ".join(t for t in evaluations.entry_words(entry) if t)
    else:
        said = entry.kind
    author = tr("{who}, no. {number}").format(who=entry.staff, number=entry.number)
    return wording.clean(f"{_changed(entry)}{when(model, entry.happened or entry.written)} {said} ({author})")


_NAMES = {
    "9279-1": "Respiration",
    "59408-5": "SpO2",
    "2708-6": "SpO2",
    "8867-4": "Pulse",
    "8310-5": "Temperature",
    "85354-9": "Blood pressure",
    "8480-6": "Systolic",
    "8462-4": "Diastolic",
    "3151-8": "Oxygen",
    "67775-7": "Consciousness",
}


def _item_text(item: dict[str, object]) -> str:
    code = str(item.get("code", ""))
    name = str(item.get("name") or (tr(_NAMES[code]) if code in _NAMES else code))
    parts = item.get("components")
    if isinstance(parts, list | tuple):
        pairs = {str(p.get("code")): p for p in parts}
        if {"8480-6", "8462-4"} <= pairs.keys():
            return f"{name} {pairs['8480-6'].get('value')}/{pairs['8462-4'].get('value')}"
        return f"{name} " + ", ".join(_item_text(p) for p in parts)
    return f"{name} {item.get('value', '')} {item.get('unit', '') or ''}".strip()
