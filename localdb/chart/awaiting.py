"""What awaits the formal report: examinations that were done and not reported, with the ward's own reading or without, and
requests on paper (F08) of which nothing has come yet (issue 8; CLINICAL §4.1, §4.2, §6 F08; hazard H09). Pure.

Rules:
- A request that the ward typed joins what comes by number alone: the serial of the sheet that was printed from it (the
  department enters it as accession number, or as the number of the order), or the entry's own number, to the letter.
- Requests = asked + performed + preliminary + answered + ended: a line ends by a formal report or by what a person wrote
  (`closure`), never by time. Examinations of more than 90 days ago without a report are counted, not listed.
- Oldest first. Restricted ones have their line and do not say what they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from localdb.chart.evaluations import Provisional, asks, beside, formal, provisional
from localdb.chart.in_flight import RECENT, REOPENED, of_records
from localdb.chart.reports import MODALITIES, NOT_REPORTED, PRELIMINARY, Examination, examinations
from localdb.chart.views import Chart, Entry, PatientView
from localdb.chart.wording import clean
from localdb.records.moments import Moment

ASKED, DONE, EARLY, ANSWERED = "asked", "performed", "preliminary", "answered"
STATES = {
    ASKED: "Asked for on paper, nothing has come",
    DONE: "Performed, NOT REPORTED",
    EARLY: "PRELIMINARY report only",
    ANSWERED: "Formally reported",
}
IMAGING_KINDS = frozenset({"imaging", "radiology", "x-ray", "ultrasound", "ct", "mri"})
FORM = "F08"
_DAY = timedelta(days=1)  # a typed request fills a form for a day (`forms.request_head`)
_NOT_IMAGES = frozenset({"LAB", "MB", "CP", "SP", "PAT", "HM", "15220000", "252275004", "EC", "ECG", "PF"})
_IMAGES = frozenset(MODALITIES) - _NOT_IMAGES


class RequestSheet(msgspec.Struct, frozen=True):
    """A printed F08: `serial`, whose, when it was issued (microseconds since 1970)."""

    serial: str
    patient: str
    issued: int


class Awaited(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `state` of STATES; `requests` the ward's own and `serials` their sheets; `examination` None while nothing
    of it has come; `readings` the ward's provisional ones that stand, newest first."""

    state: str
    test: str
    since: Moment | None = None
    requests: tuple[Entry, ...] = ()
    serials: tuple[str, ...] = ()
    examination: Examination | None = None
    readings: tuple[Provisional, ...] = ()
    restricted: bool = False

    @property
    def state_words(self) -> str:
        return STATES[self.state]

    @property
    def accession(self) -> str:
        return self.examination.accession if self.examination is not None else ""

    def hours(self, now: datetime) -> int | None:
        """Whole hours since it was done or asked for; None where the time is not known, or lies ahead."""
        if self.since is None or self.since.instant is None or self.since.instant > now:
            return None
        return int((now - self.since.instant).total_seconds() // 3600)


class Awaiting(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of one patient, oldest first. `answered` requests of the ward whose formal report is here, `ended` what a
    person ended, `older` how many unreported examinations are too old to be listed, `asks` readings that must be compared
    with their formal report."""

    patient: PatientView
    lines: tuple[Awaited, ...]
    answered: tuple[Awaited, ...] = ()
    ended: tuple[Awaited, ...] = ()
    older: int = 0
    asks: int = 0

    @property
    def has_any(self) -> bool:
        return bool(self.lines or self.answered or self.ended or self.older or self.asks)


def is_request(entry: Entry) -> bool:
    """Whether the ward asked for imaging by this entry."""
    return entry.kind == "request" and str(entry.body.get("kind", "")).strip().casefold() in IMAGING_KINDS


def is_imaging(found: Examination) -> bool:
    """Whether an examination is one of images, rather than of a laboratory."""
    if found.study is not None:
        return True
    report = found.report
    return report is not None and bool({report.modality.strip().upper(), report.category.strip().upper()} & _IMAGES)


def serials_of(entries: Sequence[Entry], sheets: Iterable[RequestSheet]) -> dict[str, tuple[str, ...]]:
    """Entry id of a standing request -> the serials of the sheets that were printed from it: for each sheet the newest
    request of the day before it, by the same rule by which the form was filled."""
    asked = sorted((e for e in entries if is_request(e)), key=lambda e: (e.written.utc or 0, e.device, e.sequence))
    newest: dict[str, Entry] = {e.id: e for e in asked}
    found: dict[str, list[str]] = {}
    for sheet in sorted(sheets, key=lambda s: s.issued):
        since = sheet.issued - int(_DAY.total_seconds() * 1_000_000)
        mine = [e for e in asked if since <= (e.written.utc or 0) <= sheet.issued]
        if mine:
            entry = mine[-1]
            while entry.corrected_by is not None and entry.corrected_by in newest:
                entry = newest[entry.corrected_by]
            found.setdefault(entry.id, []).append(sheet.serial)
    return {k: tuple(v) for k, v in found.items()}


def answers(found: Examination, request: Entry, serials: Iterable[str]) -> bool:
    """Whether an examination is what a request on paper asked for: one of its numbers, to the letter."""
    numbers = [found.accession, *(found.request.numbers if found.request is not None else ())]
    records = (r for r in (found.report, found.study) if r is not None)
    numbers += [r.key.rpartition("/")[2] for record in records for r in record.references if r.role == "based_on"]
    bare = {"".join(c for c in n if c.isalnum()).upper() for n in numbers}
    named = {n.strip().upper() for n in numbers}
    return request.number.upper() in named or not bare.isdisjoint(serials)


def awaiting(chart: Chart, sheets: Iterable[RequestSheet], now: datetime) -> Awaiting:
    """What of one patient awaits a formal report."""
    ids = {chart.patient.id, *chart.patient.ids}
    serials = serials_of(chart.entries, [s for s in sheets if s.patient in ids])
    every, closed = provisional(chart), closed_ids(chart, now)
    found = [e for e in examinations(chart) if is_imaging(e)]
    requests = [e for e in chart.entries if is_request(e) and e.corrected_by is None]
    joined = {r.id: [e for e in found if answers(e, r, serials.get(r.id, ()))] for r in requests}
    sides: dict[str, list[Awaited]] = {"lines": [], "answered": [], "ended": []}
    older = asking = 0
    for one in found:
        asked = tuple(r for r in requests if one in joined[r.id])
        readings = beside(one, every)
        asking += sum(asks(one, r) for r in readings)
        state = {NOT_REPORTED: DONE, PRELIMINARY: EARLY}.get(one.status, ANSWERED)
        if state == ANSWERED and (not asked or formal(one) is None):
            continue
        side = "answered" if state == ANSWERED else "lines"
        if side == "lines" and closed & {r.id for r in (one.report, one.study, one.request, *asked) if r is not None}:
            side = "ended"
        elif side == "lines" and not asked and _is_older(one, now):
            older += 1
            continue
        sides[side].append(_line(state, one, asked, serials, readings))
    for request in requests:
        if not any(request in line.requests for side in sides.values() for line in side):
            side = "ended" if request.id in closed else "lines"
            sides[side].append(_line(ASKED, None, (request,), serials, ()))
    return Awaiting(
        patient=chart.patient, lines=_oldest_first(sides["lines"]), answered=_oldest_first(sides["answered"]),
        ended=_oldest_first(sides["ended"]), older=older, asks=asking,
    )  # fmt: skip


def _oldest_first(lines: Iterable[Awaited]) -> tuple[Awaited, ...]:
    return tuple(
        sorted(lines, key=lambda a: a.since.utc if a.since is not None and a.since.utc is not None else -(2**62))
    )


def _line(
    state: str, found: Examination | None, asked: tuple[Entry, ...], serials: Mapping[str, tuple[str, ...]],
    readings: tuple[Provisional, ...],
) -> Awaited:  # fmt: skip
    tests = ", ".join(clean(str(t)) for r in asked for t in r.body.get("tests", ()))
    is_hidden = found is not None and any(
        r is not None and r.restricted for r in (found.report, found.study, found.request)
    )
    since = found.moment if found is not None else None
    if since is None:
        since = next((r.happened or r.written for r in asked), None)
    return Awaited(
        state=state, test="restricted" if is_hidden else clean(found.name) if found is not None else tests, since=since,
        requests=asked, serials=tuple(n for r in asked for n in serials.get(r.id, ())), examination=found,
        readings=readings, restricted=is_hidden,
    )  # fmt: skip


def _is_older(found: Examination, now: datetime) -> bool:
    when = found.moment.instant if found.moment is not None else None
    return when is not None and when < now - RECENT


def closed_ids(chart: Chart, now: datetime) -> set[str]:
    """Ids of records and entries whose line a person ended."""
    records = [r for name in ("requests", "reports", "images", "results") for r in chart.lists[name].items]
    made = {i for line in of_records(chart.patient, records, chart.entries, now).closed for i in line.ids}
    ends = sorted((e for e in chart.entries if e.kind == "closure" and not e.corrected_by),
                  key=lambda e: (e.written.utc or 0, e.device, e.sequence))  # fmt: skip
    state = {str(i): e.body.get("outcome") for e in ends for i in e.body.get("requests", ())}
    return made | {i for i, outcome in state.items() if outcome != REOPENED and i.startswith("E")}


def came_words(line: Awaited) -> str:
    """What came of a request on paper, as ledger and chase list say it: `CT head, accession A7: final`."""
    if line.examination is None:
        return "nothing of it has come"
    number = f", accession {line.accession}" if line.accession else ""
    return f"{line.test}{number}: {line.examination.status}"
