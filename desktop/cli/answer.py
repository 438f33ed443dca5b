"""Results as the JSON objects of DESIGN §5. Moments become {text, utc, precision, offset, zone, doubts}."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from localdb.chart.evaluations import Provisional, provisional
from localdb.chart.in_flight import InFlight
from localdb.chart.matching import ON_PAPER, SAME_WARD
from localdb.chart.moved import moved_words
from localdb.chart.views import Census, Chart, Entry, Listing, MovedImages, PatientView, PendingRow, SourceAge
from localdb.records.moments import Moment
from localdb.records.vocabulary import Record

_ALWAYS = {"happened": None, "said": None, "version": None, "status": "", "codes": (), "text": ""}
_MEASURED = {
    "value": None, "comparator": None, "unit": None, "range": None, "flag": None, "comments": (), "replaces": (),
    "components": (),
}  # fmt: skip
_BY_KIND: dict[str, dict[str, Any]] = {
    "result": _MEASURED,
    "observation": _MEASURED,
    "medicine": {"dose": "", "route": "", "frequency": "", "last_given": None},
    "report": {"conclusion": "", "body": "", "addenda": ()},
    "image": {"held": 0, "total": None},
}


def plain(value: Any) -> Any:
    """Structs to dicts, moments to their object, tuples to lists."""
    if isinstance(value, Moment):
        return value.as_json()
    if isinstance(value, msgspec.Struct):
        return {f: plain(getattr(value, f)) for f in value.__struct_fields__}
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value


def _coding(coding: Any) -> dict[str, str]:
    return {"system": coding.system, "code": coding.code, "display": coding.display}


def item(record: Record) -> dict[str, Any]:
    """One chart item."""
    kind = str(type(record).__struct_config__.tag)
    defaults = {**_ALWAYS, **_BY_KIND.get(kind, {})}
    out = {f: plain(getattr(record, f)) for f in record.__struct_fields__ if getattr(record, f) not in ("", (), None)}
    for name, value in defaults.items():
        out.setdefault(name, plain(value))
    out["origin"], out["kind"] = "copy", kind
    out["codes"] = [_coding(c) for c in record.codes]
    out.pop("references", None)
    if kind == "image":
        out["studies"] = [{"uid": out.get("uid", ""), "series": out.get("series", []), "held": out["held"],
                           "total": out["total"]}]  # fmt: skip
    return out


def listing(of: Listing) -> dict[str, Any]:
    made: dict[str, Any] = {"state": of.state, "items": [item(r) for r in of.items]}
    return {**made, "window": of.window} if of.window else made


def source(age: SourceAge) -> dict[str, Any]:
    return plain(age)  # type: ignore[no-any-return]


def entry(written: Entry) -> dict[str, Any]:
    out: dict[str, Any] = plain(written)
    out["origin"] = "entry"
    return out


def move(told: MovedImages) -> dict[str, Any]:
    """Images moved from or to this patient: `way` here/away, `state` moved/confirmed/elsewhere/clash/gone, in words too."""
    head, rest = moved_words(told)
    return {
        "study": told.study, "series": list(told.series), "way": told.way, "state": told.state, "shown": told.is_shown,
        "words": f"{head}. {rest}", "entry": told.entry.id, "number": told.entry.number,
        "moved_by": list(told.entry.body.get("moved_by", ())), "reason": told.entry.body.get("reason", ""),
        "patient": told.other.patient if told.other is not None else None, "reports": list(told.reports),
    }  # fmt: skip


def reading(one: Provisional) -> dict[str, Any]:
    """A provisional reading of an image that stands, and how it compares with the formal report (None: not compared)."""
    compared = one.comparison.body.get("outcome") if one.comparison is not None else None
    return {**entry(one.entry), "provisional": True, "compared": compared,
            "comparison": entry(one.comparison) if one.comparison is not None else None}  # fmt: skip


def marked(alike: str) -> str:
    """What follows a name in a line of words; `alike` as of a Chart."""
    return f"  {ON_PAPER[alike]}" if alike else ""


def person(view: PatientView, alike: str | None = None) -> dict[str, Any]:
    """One line of `find` and `ward`; `alike` as of a Chart, None where it was not asked."""
    return {
        "id": view.id,
        "ids": list(view.ids),
        "name": plain(view.name),
        "names": plain(view.names),
        "identifiers": [{"system": i.system, "value": i.value, "verified": i.verified} for i in view.identifiers],
        "nhs": view.nhs,
        "mrn": view.mrn,
        "born": view.born.text if view.born else None,
        "gender": view.gender,
        "deceased": plain(view.deceased) if view.deceased else view.is_deceased,
        "ward": view.ward or None,
        "bed": view.bed or None,
        "scope": view.scope,
        **({} if alike is None else {"alike": alike or None}),
    }


def chart(of: Chart) -> dict[str, Any]:
    """The object of `wardlamp chart`."""
    patient = {**person(of.patient, of.alike), **{k: plain(getattr(of.patient, k)) for k in (
        "preferred", "address", "phones", "languages", "practitioner", "contacts", "consultant", "reason", "admitted",
        "nhs_verified", "born_estimated", "sources", "notes")}}  # fmt: skip
    return {
        "patient": patient,
        **{name: listing(of.lists[name]) for name in of.lists},
        "phoned": [entry(e) for e in of.phoned],
        "entries": [entry(e) for e in of.entries],
        "moved": [move(m) for m in of.moved],
        "provisional": [reading(p) for p in provisional(of)],
        "sources": [source(s) for s in of.sources],
        "generation": of.generation,
        "held_since": plain(of.held_since),
        "read_at": plain(of.read_at),
    }


def census(of: Census) -> dict[str, Any]:
    rows = []
    for row in of.rows:
        if row.patient is not None:
            rows.append({
                **person(row.patient, row.alike), "allergy_state": row.allergy_state,
                "alerts": [item(a) for a in row.alerts],
                "score": row.score or None, "score_at": plain(row.score_at), "waiting": row.waiting,
                "same_name": row.alike == SAME_WARD, "entries": row.entries,
            })  # fmt: skip
    return {
        "ward": of.ward,
        "patients": rows,
        "empty": [{"bed": r.bed, "note": r.note} for r in of.rows if r.patient is None],
        "sources": [source(s) for s in of.sources],
        "generation": of.generation,
    }


def pending(rows: tuple[PendingRow, ...], found: tuple[InFlight, ...], now: datetime) -> dict[str, Any]:
    """The object of `wardlamp pending`: `requests` as the copy holds them, each with its line's `state` and `closed`;
    `lines` everything that was in flight, `open` and `closed` how many (they add up)."""
    lines = [(one, line) for one in found for line in one.lines]
    by_record = {i: line for _, line in reversed(lines) for i in line.ids}
    requests = []
    for row in rows:
        line = by_record.get(row.request.id)
        state = {"state": line.state, "closed": plain(line.closing)} if line is not None else {}
        requests.append({**item(row.request), **state, "patient": person(row.patient)})
    shown = [
        {**plain(line), "state_words": line.state_words, "hours": line.hours(now), "patient": person(one.patient)}
        for one, line in lines
    ]
    open_ = sum(line.is_open for _, line in lines)
    return {"requests": requests, "lines": shown, "open": open_, "closed": len(lines) - open_}
