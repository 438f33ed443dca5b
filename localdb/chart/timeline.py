"""The timeline of a patient: everything that is dated, newest first, with the lines that cut across it. Pure.

Rules: a panel is one line that names what was flagged, as sent; what was taken back or corrected is an event of its own
at the time at which that was said, and its former value is in no event (hazard H08); observations of one time are one
line with the score as the source sent it (never reckoned); restricted records stand under their code alone (CLINICAL
§1.5); a moment is never shown more precisely than it was sent. What has no time stands below everything else, said so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from localdb.chart import documents, reports, wording
from localdb.chart.blood_bank import CAPTION, is_group
from localdb.chart.cells import CHANGED, CORRECTED, VALUE, WITHDRAWN, Cell, cells_of
from localdb.chart.documents import HIDDEN, ONE, RESTRICTED, showing
from localdb.chart.finding import PLACES
from localdb.chart.staleness import complete_to
from localdb.chart.views import Chart, Entry, SourceAge
from localdb.records.moments import Moment
from localdb.records.vocabulary import (
    Administration,
    Document,
    ImagingStudy,
    Medicine,
    Observation,
    Record,
    Report,
    Request,
    Result,
    Stay,
)

# Kinds of event in the order of the filters: code -> word of the filter.
KINDS = {
    "moves": "Moves", "results": "Results", "reports": "Reports", "medicines": "Medicines", "given": "Doses",
    "observations": "Observations", "documents": "Letters", "requests": "Requests", "written": "Written here",
    "changed": "Corrections", "other": "Problems, alerts, appointments",
}  # fmt: skip
CUT, DOWN, BACK, ADMITTED, DAY_AGO = "cut", "down", "back", "admitted", "day_ago"
FEW = 3  # results of one panel that are all named; of more only what was flagged
_NOTHING = -(2**62)
_SCORES = frozenset({"88330-6", "1104051000000101", "445551000124107"})
_NORMAL_FLAGS = frozenset({"", "N"})
_ERROR = "entered-in-error"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `word` what happened, `text` to what, `detail` more of it; `weight`: "" plain, `flagged`, `changed`;
    `section` and `tab` show `record`; `entry` what the ward wrote (its words are the screen's)."""

    kind: str
    word: str
    text: str
    moment: Moment | None = None
    detail: str = ""
    weight: str = ""
    source: str = ""
    record: str = ""
    section: int = 7
    tab: str = ""
    entry: Entry | None = None

    @property
    def utc(self) -> int:
        return self.moment.utc if self.moment is not None and self.moment.utc is not None else _NOTHING


class Mark(msgspec.Struct, frozen=True):
    """A line across the timeline at an instant: `code` CUT, DOWN, BACK, ADMITTED or DAY_AGO."""

    code: str
    at: datetime
    text: str


class Day(msgspec.Struct, frozen=True):
    """The head of a day (or of a month or year, where no more was sent)."""

    title: str
    key: str


class Timeline(msgspec.Struct, frozen=True):
    """Events and marks, newest first; `counts` of each kind that is there; `kept_back` what is said of hidden records."""

    events: tuple[Event, ...]
    marks: tuple[Mark, ...]
    counts: dict[str, int]
    kept_back: str = ""


def timeline(chart: Chart, now: datetime, role: str = "clinician") -> Timeline:
    """The whole timeline of a chart for a person of `role`; `now` aware."""
    every = {n: [r for r in listing.items if showing(r, ONE, role) != HIDDEN] for n, listing in chart.lists.items()}
    events = [_entry(e) for e in chart.entries]
    events += _results(r for r in every["results"] if isinstance(r, Result))
    events += _observations(o for o in every["observations"] if isinstance(o, Observation))
    for name in ("stays", "reports", "images", "medicines", "administrations", "documents", "requests", "allergies",
                 "alerts", "problems", "appointments"):  # fmt: skip
        events += [e for r in every[name] for e in _of_record(name, r)]
    if chart.patient.deceased is not None:
        events.append(Event(kind="moves", word="Died", text="as recorded by the source", moment=chart.patient.deceased))
    events.sort(key=lambda e: -e.utc)
    counts = {k: n for k in KINDS if (n := sum(e.kind == k for e in events))}
    hidden = documents.kept_back((r for listing in chart.lists.values() for r in listing.items), ONE, role)
    return Timeline(tuple(events), _marks(chart, now), counts, hidden)


def rows(found: Timeline, kinds: Collection[str], now: datetime, zone: str = wording.ZONE) -> list[Day | Mark | Event]:
    """What stands below each other: the events of `kinds` (none chosen: all) under the heads of their days, with marks
    where their instant lies. Newest first."""
    shown = [e for e in found.events if not kinds or e.kind in kinds]
    marks = list(found.marks)
    made: list[Day | Mark | Event] = []
    key, place = "", ZoneInfo(zone)
    for event in shown:
        while marks and event.utc < int(marks[0].at.timestamp() * 1_000_000):
            key = _head(made, marks[0].at.astimezone(place), key, now.astimezone(place))
            made.append(marks.pop(0))
        mine = _day_key(event.moment, zone)
        if mine != key:
            key = mine
            made.append(Day(_day_title(event.moment, now, zone), key))
        made.append(event)
    for mark in marks:
        key = _head(made, mark.at.astimezone(place), key, now.astimezone(place))
        made.append(mark)
    return made


def _head(made: list[Day | Mark | Event], local: datetime, key: str, today: datetime) -> str:
    """The head of a mark's day, where another day stood before."""
    mine = local.date().isoformat()
    if mine != key:
        made.append(Day(_dated(local, today), mine))
    return mine


def _day_key(moment: Moment | None, zone: str) -> str:
    """Which head a moment stands under: its day on the site's clock, or the month or year that was sent."""
    if moment is None or moment.instant is None:
        return "none"
    if moment.precision in ("year", "month"):
        return wording.date(moment, zone)
    local = moment.instant.astimezone(ZoneInfo(zone)) if moment.has_time else moment.local
    return local.date().isoformat() if local is not None else "none"


def _day_title(moment: Moment | None, now: datetime, zone: str) -> str:
    if moment is None or moment.instant is None:
        return "Time not recorded"
    if moment.precision in ("year", "month"):
        return f"{wording.date(moment, zone)}, day not sent"
    local = moment.instant.astimezone(ZoneInfo(zone)) if moment.has_time else moment.local
    assert local is not None
    return _dated(local, now.astimezone(ZoneInfo(zone)))


def _dated(local: datetime, today: datetime) -> str:
    """`Tue 24-Nov-2026, today`."""
    text = f"{wording.WEEKDAYS[local.weekday()]} {local.day:02d}-{wording.MONTHS[local.month - 1]}-{local.year:04d}"
    apart = (today.date() - local.date()).days
    return f"{text}{', today' if apart == 0 else ', yesterday' if apart == 1 else ''}"


def time_word(moment: Moment | None, zone: str = wording.ZONE) -> str:
    """The time of day under its head; empty where none was sent."""
    return wording.time(moment, zone)


def clock_of(at: datetime, zone: str = wording.ZONE) -> str:
    """The time of day of an instant."""
    return wording.clock(at, zone)


# -- lines across


def _marks(chart: Chart, now: datetime) -> tuple[Mark, ...]:
    made: dict[tuple[str, datetime], list[str]] = {}
    for source in chart.sources:
        name = source.title or source.source
        if (cut := _cut(source)) is not None:
            made.setdefault((CUT, cut), []).append(name)
        since = source.declared_since.instant if source.declared_since is not None else None
        if source.declared in ("down", "back") and since is not None:
            made.setdefault((DOWN if source.declared == "down" else BACK, since), []).append(name)
    words = {CUT: "The copy ends here", DOWN: "Declared down", BACK: "Declared back"}
    everyone = {s.title or s.source for s in chart.sources}
    marks = [
        Mark(
            code,
            at,
            f"{words[code]}: {'all systems' if len(names) > 1 and set(names) == everyone else ', '.join(names)}",
        )
        for (code, at), names in made.items()
    ]
    admitted = chart.patient.admitted
    if admitted is not None and admitted.instant is not None and admitted.has_time:
        where = f" to {chart.patient.ward}" if chart.patient.ward else ""
        marks.append(Mark(ADMITTED, admitted.instant, f"Above: since admission, now on {chart.patient.ward}" if where else
                          "Above: since admission"))  # fmt: skip
    marks.append(Mark(DAY_AGO, (now - timedelta(hours=24)).astimezone(UTC), "Above: the last 24 hours"))
    return tuple(sorted(marks, key=lambda m: m.at, reverse=True))


def _cut(source: SourceAge) -> datetime | None:
    """Up to when everything of a source is here: the oldest of its kinds."""
    known = [
        m.instant for kind in source.kinds if (m := complete_to(source, kind)) is not None and m.instant is not None
    ]
    return min(known, default=None)


# -- events


def _event(name: str, kind: str, word: str, record: Record, text: str, moment: Moment | None, **more: str) -> Event:
    """An event of a record; restricted ones say their code and nothing else."""
    section, tab = PLACES[name]
    if record.restricted:
        return Event(kind=kind, word=word, text=RESTRICTED, moment=moment, source=record.source, record=record.id,
                     section=section, tab=tab)  # fmt: skip
    return Event(
        kind=kind, word=word, text=text, moment=moment, source=record.source, record=record.id, section=section, tab=tab,
        detail=more.get("detail", ""), weight=more.get("weight", ""),
    )  # fmt: skip


def _entry(entry: Entry) -> Event:
    return Event(
        kind="written", word="Written", text=entry.kind.replace("_", " "), moment=entry.happened or entry.written,
        weight="written", source=entry.staff, record=entry.id, entry=entry,
    )  # fmt: skip


def _results(found: Iterable[Result]) -> list[Event]:
    """A line for each panel and time; corrections and withdrawals at the time at which they were said."""
    panels: dict[tuple[str, str, int, str], list[Result]] = {}
    made: list[Event] = []
    for record in found:
        if record.restricted:
            made.append(_event("results", "results", "Result", record, "", record.happened or record.said))
            continue
        when = record.happened or record.received or record.said
        name = record.panel or f"\x1f{record.text}"
        key = (
            record.source,
            name,
            when.utc if when is not None and when.utc is not None else _NOTHING,
            record.specimen,
        )
        panels.setdefault(key, []).append(record)
        made += _changes(record)
    return made + [_panel(p) for p in panels.values()]


def _panel(records: Sequence[Result]) -> Event:
    first = records[0]
    cells = [c for r in records for c in cells_of(r)]
    named = cells if len(cells) <= FEW else [c for c in cells if c.flag.upper() not in _NORMAL_FLAGS or c.mark]
    flagged = sum(c.flag.upper() not in _NORMAL_FLAGS for c in cells if c.state == VALUE)
    detail = "; ".join(_cell(c) for c in named)
    word = "Result" if len(cells) < 2 else "Results"
    if len(cells) == 1:
        text, detail = _cell(cells[0]), first.panel
    else:
        flags = f", {flagged} flagged" if flagged else ", none flagged as sent"
        text = f"{first.panel or first.text}: {len(cells)} results{flags}" if cells else first.panel or first.text
    if any(is_group(r) for r in records):
        detail = " ".join(x for x in (detail, CAPTION) if x)
    when = first.happened or first.received or first.said
    return _event("results", "results", word, first, text, when, detail=detail, weight="flagged" if flagged else "")


def _cell(cell: Cell) -> str:
    """`Potassium 5.9 mmol/L H PRELIM`; a value that is not there says why."""
    if cell.state != VALUE:
        return f"{cell.name}: {cell.state.replace('_', ' ')}"
    return " ".join(x for x in (cell.name, cell.text, cell.unit, cell.flag, cell.mark) if x)


def _changes(record: Result) -> list[Event]:
    made = []
    for cell in cells_of(record):
        if cell.state == WITHDRAWN:
            made.append(_event("results", "changed", "Withdrawn", record, f"{cell.name}: withdrawn by the laboratory",
                               record.said, detail=cell.reason, weight="changed"))  # fmt: skip
        elif cell.mark in (CORRECTED, CHANGED):
            made.append(_event("results", "changed", cell.mark.capitalize(), record, _cell(cell), cell.marked_at,
                               detail="the former value stands struck in Results", weight="changed"))  # fmt: skip
    return made


def _observations(found: Iterable[Observation]) -> list[Event]:
    """A line for each time and source: the score as sent first, then each reading."""
    sets: dict[tuple[str, int, str], list[Observation]] = {}
    made: list[Event] = []
    for record in found:
        when = record.happened or record.said
        if record.restricted:
            made.append(_event("observations", "observations", "Observations", record, "", when))
            continue
        utc = when.utc if when is not None and when.utc is not None else _NOTHING
        sets.setdefault((record.source, utc, when.precision if when else ""), []).append(record)
    for group in sets.values():
        scores = [o for o in group if _is_score(o)]
        rest = [o for o in group if o not in scores]
        text = "; ".join(_reading(o) for o in scores or rest)
        first = group[0]
        made.append(_event("observations", "observations", "Observations", first, text, first.happened or first.said,
                           detail="; ".join(_reading(o) for o in rest) if scores else ""))  # fmt: skip
    return made


def _is_score(record: Observation) -> bool:
    said = record.text.casefold().replace(" ", "")
    return "scale" not in said and (any(c.code in _SCORES for c in record.codes) or said.startswith("news"))


def _reading(record: Observation) -> str:
    """One reading as sent; a withdrawn one has no value (H08)."""
    if record.status == _ERROR:
        return f"{record.text}: withdrawn"
    value = f"{record.comparator or ''}{record.value}" if record.value is not None else ""
    value = value or ", ".join(c.display or c.code for c in record.value_codes)
    parts = ", ".join(f"{c.text} {c.comparator or ''}{c.value or c.absent or 'not sent'} {c.unit or ''}".strip()
                      for c in record.components)  # fmt: skip
    mark = {"preliminary": "PRELIM", "amended": "CORRECTED", "corrected": "CORRECTED"}.get(record.status, "")
    said = " ".join(
        x for x in (record.text, value, record.unit or "" if value else "", parts, record.flag or "", mark) if x
    )
    return said if value or parts else f"{record.text}: {record.absent or 'no value sent'}"


def _of_record(name: str, record: Record) -> list[Event]:
    if isinstance(record, Stay):
        return _stay(record)
    if isinstance(record, Report):
        return _report(record)
    if isinstance(record, ImagingStudy):
        return [_event(name, "reports", "Imaging", record, record.text or record.modality, record.happened,
                       detail=reports.held_words(record))]  # fmt: skip
    if isinstance(record, Medicine):
        return _medicine(record)
    if isinstance(record, Administration):
        return [_dose(record)]
    if isinstance(record, Document):
        return [_letter(record)]
    if isinstance(record, Request):
        return [_event(name, "requests", "Asked for", record, record.text or "a test that was not named",
                       record.asked or record.happened or record.said,
                       detail=", ".join(x for x in (record.status, record.priority, record.reason) if x))]  # fmt: skip
    words = {"allergies": "Allergy", "alerts": "Alert", "problems": "Problem", "appointments": "Appointment"}
    is_gone = record.status == _ERROR or getattr(record, "verification", "") == _ERROR
    state = "entered in error" if is_gone else getattr(record, "clinical", "") or record.status
    place = getattr(record, "place", "")
    return [_event(name, "other", words[name], record, record.text or words[name], record.happened or record.said,
                   detail=", ".join(x for x in (place, state) if x), weight="changed" if is_gone else "")]  # fmt: skip


def _stay(stay: Stay) -> list[Event]:
    """Begin and end of a stay, with the place as it stood last."""
    where = ", ".join(x for x in (stay.ward, f"bed {stay.bed}" if stay.bed else "") if x)
    text = stay.text or {"IMP": "In-patient stay", "AMB": "Visit", "EMER": "Emergency visit"}.get(stay.class_, "Stay")
    if stay.status == _ERROR:
        return [_event("stays", "changed", "Withdrawn", stay, f"{text}: entered in error", stay.said, weight="changed")]
    first = next((m.text for m in stay.moves if m.text and m.start == stay.happened), where if not stay.moves else "")
    detail = "; ".join(x for x in (first, stay.reason, stay.consultant) if x)
    word = {"planned": "Planned", "cancelled": "Cancelled"}.get(stay.status, "Began")
    made = [_event("stays", "moves", word, stay, text, stay.happened or stay.said, detail=detail)]
    for move, former in zip(stay.moves[1:], stay.moves, strict=False):
        if move.start is not None and move.start != stay.happened:
            made.append(_event("stays", "moves", "Moved", stay, f"to {move.text or 'a place that was not named'}",
                               move.start, detail=f"from {former.text}" if former.text else ""))  # fmt: skip
    if stay.ended is not None and stay.ended != stay.happened:
        made.append(_event("stays", "moves", "Ended", stay, text, stay.ended, detail=where))
    return made


def _report(report: Report) -> list[Event]:
    """When it was reported; a laboratory's head of results says nothing that its results do not."""
    if reports.is_laboratory(report):
        return []
    word = reports.report_word(report)
    when = report.said or report.happened
    if word == reports.WITHDRAWN:
        return [_event("reports", "changed", "Withdrawn", report, f"{report.text or 'Report'}: withdrawn", when,
                       weight="changed")]  # fmt: skip
    first = next((line for line in (report.conclusion or "").split("\n") if line.strip()), "")
    done = f"examined {wording.date_time(report.happened)}" if report.happened and report.happened != when else ""
    mark = word in (reports.CORRECTED, reports.ADDENDED)
    return [_event("reports", "changed" if mark else "reports", "Report", report, f"{report.text or 'Report'}: {word}",
                   when, detail="; ".join(x for x in (first, done) if x),
                   weight="changed" if mark else "flagged" if word == reports.PRELIMINARY else "")]  # fmt: skip


def _medicine(record: Medicine) -> list[Event]:
    said = " ".join(x for x in (record.dose, record.route, record.frequency or record.instructions) if x)
    name = record.text
    if record.status == _ERROR:
        return [_event("medicines", "changed", "Withdrawn", record, f"{name}: entered in error", record.said or
                       record.happened, weight="changed")]  # fmt: skip
    made = [_event("medicines", "medicines", "Started", record, name, record.happened or record.said, detail=said)]
    stopped = record.status in ("stopped", "completed", "ended", "cancelled")
    if record.ended is not None and record.ended != record.happened:
        word = "Stopped" if stopped else "Ends"
        made.append(
            _event("medicines", "medicines", word, record, name, record.ended, detail="; ".join(record.comments))
        )
    elif record.status in ("stopped", "on-hold") and record.said is not None and record.said != record.happened:
        word = "Stopped" if record.status == "stopped" else "Suspended"
        made.append(
            _event("medicines", "medicines", word, record, name, record.said, detail="; ".join(record.comments))
        )
    return made


def _dose(record: Administration) -> Event:
    """A dose as the source says it; what is not a dose given says so."""
    words = {"completed": "Given", "in-progress": "Running", "not-done": "Not given", "on-hold": "Held back",
             "stopped": "Stopped", _ERROR: "Withdrawn"}  # fmt: skip
    word = words.get(record.status, record.status or "Status not sent")
    detail = "" if record.status == _ERROR else " ".join(x for x in (record.dose, record.route) if x)
    reason = record.reason if record.status != "completed" else ""
    weight = "changed" if record.status == _ERROR else "flagged" if word == "Not given" else ""
    return _event("administrations", "given", word, record, record.text, record.happened or record.said,
                  detail="; ".join(x for x in (detail, reason) if x), weight=weight)  # fmt: skip


def _letter(record: Document) -> Event:
    when = record.happened or record.said
    if record.status == _ERROR:
        return _event("documents", "changed", "Withdrawn", record, f"{documents.title_of(record)}: withdrawn",
                      record.said or when, weight="changed")  # fmt: skip
    state = {"superseded": "SUPERSEDED", "preliminary": "PRELIMINARY"}.get(record.status, "")
    detail = ", ".join(x for x in (record.author, record.specialty, state) if x)
    return _event("documents", "documents", "Letter", record, documents.title_of(record), when, detail=detail)
