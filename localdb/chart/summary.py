"""What the summary says beyond lists that have their own model: what changed since a moment, the plan, the pointer to a
decision on resuscitation, and the heads with the place that each opens. Pure.

Rules:
- A change counts by when it was *said* (reported, recorded), else by when it happened: a sample of yesterday that was
  reported an hour ago is new. What has no time is in no count, and how many those are is said.
- A withdrawn result is a change without its value, a corrected one without its former value, which stands struck beside
  the result alone (H08); a blood group one without its group (H16), a restricted record
  stands under its code alone (CLINICAL §1.5).
- Results of one panel that were reported at one time are one change, which names what was flagged, as sent.
- Nothing is concluded from absence: no decision on resuscitation here is not evidence of absence (CLINICAL §1.5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from localdb.chart import reports, wording
from localdb.chart.blood_bank import is_group
from localdb.chart.cells import CHANGED, CORRECTED, VALUE, WITHDRAWN, Cell, cells_of
from localdb.chart.documents import HIDDEN, ONE, RESTRICTED, WHOLE, showing, title_of
from localdb.chart.ips import ABSENCE, is_resuscitation
from localdb.chart.views import Chart
from localdb.records.moments import Moment
from localdb.records.vocabulary import Alert, Allergy, Document, Medicine, Problem, Record, Report, Result, Stay

DAY, THREE_DAYS, STAY = "day", "days", "stay"
SPANS = {DAY: "last 24hr", THREE_DAYS: "last 3d", STAY: "since admission"}
# Words of a change, in the order in which they matter.
WORDS = ("Withdrawn", "Corrected", "Addended", "New alert", "New allergy", "Stopped", "Suspended", "Started", "New report",
         "New result", "New problem", "Moved", "New stay")  # fmt: skip
_ERROR = "entered-in-error"
_ENDED = ("stopped", "completed", "ended", "cancelled")
_NORMAL = frozenset({"", "N"})
_PLANS = ("plan", "management", "post-take", "post take", "ward round")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that changed: `word` of WORDS, `text` what, `at` when it was said; `section` and `tab` show it."""

    word: str
    text: str
    at: Moment
    detail: str = ""
    record: str = ""
    section: int = 7
    tab: str = ""


class Changes(msgspec.Struct, frozen=True):
    """What changed after `since`, what matters first; `undated` records could not be placed in time."""

    since: datetime
    items: tuple[Change, ...]
    undated: int = 0


class Pointer(msgspec.Struct, frozen=True):
    """Where a decision on resuscitation is named: never the decision itself."""

    text: str
    at: Moment | None = None
    is_alert: bool = False


def since_of(chart: Chart, span: str, now: datetime) -> datetime | None:
    """The moment from which a span counts; None where the time of admission is not in this copy."""
    if span == STAY:
        admitted = chart.patient.admitted
        return admitted.instant if admitted is not None else None
    return now - timedelta(hours=24 if span == DAY else 72)


def changes(chart: Chart, since: datetime, now: datetime, role: str = "clinician") -> Changes:
    """What was said after `since` and not after `now` (a laptop's clock may be behind: later ones count too)."""
    every = {n: [r for r in listing.items if showing(r, ONE, role) != HIDDEN] for n, listing in chart.lists.items()}
    found, undated = _results((r for r in every["results"] if isinstance(r, Result)), since)
    for name in ("reports", "medicines", "alerts", "allergies", "problems", "stays"):
        for record in every[name]:
            made = _change(record, since, now)
            undated += made is None
            found += made or []
    found.sort(key=lambda c: (WORDS.index(c.word), -(c.at.utc or 0)))
    return Changes(since, tuple(found), undated)


def _after(moment: Moment | None, since: datetime) -> bool:
    """Whether a moment lies after `since`; one that is known to the day only counts from that day on."""
    if moment is None or moment.instant is None:
        return False
    return moment.instant + (timedelta(0) if moment.has_time else timedelta(hours=24)) > since


def _results(held: Iterable[Result], since: datetime) -> tuple[list[Change], int]:
    """Corrections and withdrawals one by one, new results by panel and time."""
    made: list[Change] = []
    panels: dict[tuple[str, int], list[tuple[Result, Cell]]] = {}
    undated = 0
    for record in held:
        at = record.said or record.received or record.happened
        if at is None:
            undated += 1
            continue
        if not _after(at, since):
            continue
        tab = "bank" if is_group(record) else "tests"
        for cell in cells_of(record):
            if cell.state == WITHDRAWN:
                made.append(_one("Withdrawn", cell.name, at, record, 2, tab))
            elif cell.mark in (CORRECTED, CHANGED):
                made.append(_one("Corrected", _said(record, cell), at, record, 2, tab))
            elif cell.state == VALUE:
                panels.setdefault((record.panel or cell.name, at.utc or 0), []).append((record, cell))
    for (panel, _), pairs in panels.items():
        first, cell = pairs[0]
        at = first.said or first.received or first.happened
        assert at is not None
        flagged = [_said(r, c) for r, c in pairs if c.flag.upper() not in _NORMAL]
        if len(pairs) == 1:
            text, detail = _said(first, cell), ""
        else:
            text, detail = f"{panel}, {len(pairs)} values", "; ".join(flagged)
        tab = "bank" if all(is_group(r) for r, _ in pairs) else "tests"
        made.append(_one("New result", text, at, first, 2, tab, detail))
    return made, undated


def _said(record: Result, cell: Cell) -> str:
    """`Potassium 5.9 mmol/L H UNVERIFIED`; a blood group has no value here (H16), a restricted result no name."""
    if showing(record, ONE, "clinician") != WHOLE:
        return RESTRICTED
    if is_group(record):
        return f"{cell.name}: see Blood bank"
    mark = cell.mark if cell.mark not in (CORRECTED, CHANGED) else ""
    return " ".join(x for x in (cell.name, cell.text, cell.unit, cell.flag, mark) if x)


def _one(word: str, text: str, at: Moment, record: Record, section: int, tab: str = "", detail: str = "") -> Change:
    hidden = record.restricted
    return Change(word=word, text=RESTRICTED if hidden else text, at=at, detail="" if hidden else detail,
                  record=record.id, section=section, tab=tab)  # fmt: skip


def _change(record: Record, since: datetime, now: datetime) -> list[Change] | None:
    """The changes of one record; None where nothing of it is dated."""
    if isinstance(record, Report):
        return _report(record, since)
    if isinstance(record, Medicine):
        return _medicine(record, since, now)
    at = record.said or record.happened
    if at is None:
        return None
    if isinstance(record, Stay):
        if record.status in (_ERROR, "cancelled", "planned"):
            return []
        begun = record.happened or at
        where = ", ".join(x for x in (record.ward, f"bed {record.bed}" if record.bed else "") if x)
        first = next((m.text for m in record.moves if m.text and m.start == record.happened), where)
        came = ", ".join(x for x in (record.text or "Stay", first) if x)
        made = [_one("New stay", came, begun, record, 7)] if _after(begun, since) else []
        later = [m for m in record.moves if m.start is not None and m.start != record.happened]
        return made + [
            _one("Moved", m.text or "to a place that was not named", m.start, record, 7)
            for m in later
            if m.start is not None and _after(m.start, since)
        ]
    if not _after(at, since):
        return []
    name = record.text or "name not sent"
    if _ERROR in (record.status, getattr(record, "verification", "")):
        return [_one("Withdrawn", name, at, record, 7)]
    if isinstance(record, Alert):
        return [_one("New alert", name, at, record, 1)] if record.status in ("active", "") else []
    if isinstance(record, Allergy):
        return [_one("New allergy", name, at, record, 1)]
    return [_one("New problem", name, at, record, 7)] if isinstance(record, Problem) else []


def _report(record: Report, since: datetime) -> list[Change] | None:
    at = record.said or record.happened
    if reports.is_laboratory(record):
        return []
    if at is None:
        return None
    if not _after(at, since):
        return []
    word = {reports.WITHDRAWN: "Withdrawn", reports.CORRECTED: "Corrected", reports.ADDENDED: "Addended"}.get(
        reports.report_word(record), "New report"
    )
    name = record.text or "Report without a name"
    detail = "preliminary" if reports.report_word(record) == reports.PRELIMINARY else ""
    return [_one(word, name, at, record, 5, "reports", detail)]


def _medicine(record: Medicine, since: datetime, now: datetime) -> list[Change] | None:
    name = " ".join(x for x in (record.text or "name not sent", record.dose) if x)
    at = record.said or record.happened
    if record.status == _ERROR:
        return [_one("Withdrawn", record.text or "Medicine", at, record, 3)] if at and _after(at, since) else []
    if at is None and record.ended is None:
        return None
    made = []
    begun = record.happened or record.said
    if begun is not None and _after(begun, since) and (begun.instant is None or begun.instant <= now):
        made.append(_one("Started", name, begun, record, 3, "all"))
    over = record.ended or record.said
    if record.status in _ENDED and over is not None and _after(over, since):
        made.append(_one("Stopped", name, over, record, 3, "all"))
    elif record.status == "on-hold" and record.said is not None and _after(record.said, since):
        made.append(_one("Suspended", name, record.said, record, 3, "all"))
    return made


def resuscitation(chart: Chart, role: str = "clinician") -> tuple[Pointer, ...]:
    """Each record that points to a decision, newest first, as the record words it. Empty says nothing about a decision."""
    found = [
        r
        for name in ("alerts", "documents")
        for r in chart.lists[name].items
        if is_resuscitation(r) and r.status not in ("inactive", "superseded", _ERROR) and showing(r, ONE, role) == WHOLE
    ]
    found.sort(key=lambda r: -((r.happened or r.said).utc or 0) if r.happened or r.said else 0)  # type: ignore[union-attr]
    return tuple(
        Pointer(title_of(r) if isinstance(r, Document) else r.text, r.happened or r.said, isinstance(r, Alert))
        for r in found
    )


def resuscitation_words(found: Sequence[Pointer], now: datetime, zone: str = wording.ZONE) -> tuple[str, ...]:
    """What a screen or sheet says: each pointer with its date, and always that the original decides."""
    told = tuple(
        f"Record holds: {p.text}, {wording.date_time(p.at, zone, missing='date not recorded')}." for p in found
    )
    return (*told, "CHECK THE ORIGINAL.") if told else (f"No decision is named. {ABSENCE}",)


def plan(chart: Chart, role: str = "clinician") -> Document | None:
    """The newest document that calls itself a plan or a ward round and stands; None: no plan is in this copy."""
    found = [
        d
        for d in chart.lists["documents"].items
        if isinstance(d, Document)
        and d.status not in ("superseded", _ERROR)
        and showing(d, ONE, role) == WHOLE
        and any(word in f"{d.title} {d.text}".casefold() for word in _PLANS)
        and not is_resuscitation(d)
    ]
    return max(found, key=_utc, default=None)


def _utc(record: Record) -> int:
    moment = record.happened or record.said
    return moment.utc if moment is not None and moment.utc is not None else -(2**62)
