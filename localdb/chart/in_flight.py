"""What was in flight at the cut, and how each line of it ended (CLINICAL §3.3, hazard H09). Pure.

Rules:
- One line stands for one order: its request, and the reports and examinations that name it (by reference, by order
  number or by accession number; never by name or day). A report that is not final, an unreported examination and an
  unfinished result without an order here are lines of their own, so that nothing waits unseen.
- How far it has come is the source's word and nothing else: a report's status, an examination that was done, HL7 table
  0123 or 0038, the department's own first words in a note, or times at which the specimen was taken and received. Where
  none came, the line says so: it may not even have been collected.
- A line ends only by what a person wrote (entry kind `closure`): a result that came later is said and proposed, never
  taken as the end. A closed line stays, with who closed it and when. So lines = closed + open, always.
- Restricted orders have their line (a pending test must not be lost) without saying what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from localdb.chart import wording
from localdb.chart.reports import one_examination
from localdb.chart.views import Chart, Entry, PatientView, SourceAge
from localdb.records.moments import Moment
from localdb.records.vocabulary import ImagingStudy, Record, Report, Request, Result

# The states in the order in which they are chased (CLINICAL §3.3): code -> the words of the group.
NOT_COLLECTED, UNSTATED, NOT_RECEIVED, LABORATORY = "not_collected", "unstated", "not_received", "laboratory"
PARTIAL, SENT_AWAY, PERFORMED, PRELIMINARY = "partial", "sent_away", "performed", "preliminary"
BOOKED, ON_HOLD, COME = "booked", "on_hold", "come"
STATES = {
    NOT_COLLECTED: "Ordered, not collected",
    UNSTATED: "Ordered, nothing said of how far it has come",
    NOT_RECEIVED: "Collected, not received",
    LABORATORY: "In the laboratory or department",
    PARTIAL: "Part of the result is here",
    SENT_AWAY: "Sent away",
    PERFORMED: "Performed, not reported",
    PRELIMINARY: "Reported as preliminary",
    BOOKED: "Booked",
    ON_HOLD: "On hold",
    COME: "The result has come: read it, then close the line",
}
RESULTED, CANCELLED, RECOLLECTED, LOST, REOPENED = "resulted", "cancelled", "re-collected", "lost", "reopened"
OUTCOMES = {
    RESULTED: "result is known",
    CANCELLED: "cancelled",
    RECOLLECTED: "collected again",
    LOST: "lost",
    REOPENED: "opened again",
}
ASKED = frozenset({"active", "draft", "on-hold", ""})  # "": a message that did not say
_UNFINISHED = {"registered": LABORATORY, "partial": PARTIAL, "preliminary": PRELIMINARY}
_DEAD = frozenset({"cancelled", "entered-in-error", "revoked"})
# HL7 table 0123 (result status of an order) and 0038 (order status): how far the work has come.
_STAGES = {
    "O": NOT_RECEIVED, "I": LABORATORY, "S": BOOKED, "A": PARTIAL, "P": PRELIMINARY, "R": PRELIMINARY,
    "IP": LABORATORY, "SC": BOOKED, "HD": ON_HOLD,
}  # fmt: skip
# The first words of a note by which departments say it where FHIR R4 has no element for it.
_WORDS = tuple(
    (re.compile(pattern, re.IGNORECASE), state)
    for pattern, state in (
        (r"(?:ordered,? )?not (?:yet )?collected\b", NOT_COLLECTED),
        (r"collected,? not (?:yet )?received\b|not (?:yet )?received\b", NOT_RECEIVED),
        (r"sent away\b|sent to (?:a )?reference lab", SENT_AWAY),
        (r"partial\b|part(?:ly)? reported\b", PARTIAL),
        (r"(?:performed|done|examined),? not (?:yet )?reported\b", PERFORMED),
        (r"booked\b|scheduled\b", BOOKED),
        (r"in (?:the )?lab(?:oratory)?\b|received\b|being processed\b|in progress\b", LABORATORY),
    )
)
_WISH = "Wanted:"  # when it was asked for stands in a comment too, and in `wanted`
NO_ORDER = "no order of it in this copy"
GONE = "no longer in this copy"
RECENT = timedelta(days=90)  # an examination without a report that is older is counted, not chased


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """How a line ended: `outcome` of OUTCOMES, who wrote it when, and the entry that says so."""

    outcome: str
    note: str = ""
    by: str = ""
    at: Moment | None = None
    entry: str = ""
    number: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One order. `ids` of the records that it is made of, the request first: a closure names them. `said` the state in the
    source's own words where it sent some; `come` when a final result arrived (None: none has); `asked` = ordered at;
    `reading` who read the images provisionally here and when ("": nobody)."""

    ids: tuple[str, ...]
    state: str
    test: str
    numbers: tuple[str, ...] = ()
    priority: str = ""
    requester: str = ""
    reason: str = ""
    asked: Moment | None = None
    collected: Moment | None = None
    received: Moment | None = None
    wanted: Moment | None = None
    said: str = ""
    source: str = ""
    come: Moment | None = None
    closing: Closing | None = None
    restricted: bool = False
    reading: str = ""

    @property
    def is_open(self) -> bool:
        return self.closing is None

    @property
    def state_words(self) -> str:
        return STATES[self.state]

    def hours(self, now: datetime) -> int | None:
        """Whole hours since it was ordered (CLINICAL §3.3); None where the time is not known, or lies ahead."""
        if self.asked is None or self.asked.instant is None or self.asked.instant > now:
            return None
        return int((now - self.asked.instant).total_seconds() // 3600)


class InFlight(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of one patient. `older` counts examinations of more than RECENT ago that have no report here."""

    patient: PatientView
    lines: tuple[Line, ...]
    older: int = 0

    @property
    def open(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_open)

    @property
    def closed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.is_open)


class Group(msgspec.Struct, frozen=True):
    """Lines of one state, oldest first."""

    state: str
    title: str
    lines: tuple[Line, ...]


def in_flight(chart: Chart, now: datetime) -> InFlight:
    """The lines of a chart, open ones by state and age, then the closed ones, newest closing first."""
    records = [r for name in ("requests", "reports", "images", "results") for r in chart.lists[name].items]
    return of_records(chart.patient, records, chart.entries, now, since=began(chart.sources))


def began(sources: Iterable[SourceAge]) -> datetime | None:
    """When the first system was declared down or back: what was ordered before and answered after was in flight."""
    told = [s.declared_since.instant for s in sources if s.declared_since is not None]
    return min((t for t in told if t is not None), default=None)


def of_records(
    patient: PatientView, records: Iterable[Record], entries: Sequence[Entry], now: datetime, *,
    since: datetime | None = None,
) -> InFlight:  # fmt: skip
    """See `in_flight`; `since`: when the downtime began, if one was declared."""
    held = list(records)
    reports = [r for r in held if isinstance(r, Report) and r.status not in _DEAD]
    studies = [r for r in held if isinstance(r, ImagingStudy) and r.status not in _DEAD]
    # A result that its unfinished report names waits with that report; one of a finished report still waits by itself.
    named = {(r.source, k) for r in reports if r.status in _UNFINISHED for k in r.results}
    loose = [
        r for r in held
        if isinstance(r, Result) and r.status in _UNFINISHED and (r.source, f"Observation/{r.source_id}") not in named
    ]  # fmt: skip
    orders = _by_order((*reports, *studies, *loose))
    made, used = list[Line](), set[str]()
    for request in held:
        if not isinstance(request, Request):
            continue
        mine = _answering(request, orders)
        done = [s for s in mine if isinstance(s, ImagingStudy)]
        mine += [r for s in done for r in reports if r not in mine and one_examination(r, s)]
        line = _of_request(request, mine, since)
        if line is not None:
            made.append(line)
            used.update(line.ids)
        elif request.status not in _DEAD:
            used.update(r.id for r in mine)  # the source itself ended this order
    for report in reports:
        pictures = [s for s in studies if one_examination(report, s)]
        if report.id not in used and report.status in _UNFINISHED:
            made.append(_of_answer(report, _report_state(report, pictures), [s for s in pictures if s.id not in used]))
        used.update(s.id for s in pictures)
    older = 0
    for study in studies:
        when = study.happened.instant if study.happened is not None else None
        if study.id not in used and when is not None and when < now - RECENT:
            older += 1
        elif study.id not in used:
            made.append(_of_answer(study, PERFORMED, ()))
    made += [_of_answer(r, _UNFINISHED[r.status], ()) for r in loose if r.id not in used]
    made = [msgspec.structs.replace(n, reading=_reading(n, studies, entries)) for n in made]
    return InFlight(patient=patient, lines=_with_closings(made, entries), older=older)


def _reading(line: Line, studies: Sequence[ImagingStudy], entries: Sequence[Entry]) -> str:
    """`provisional reading by Ann Doctor, 24-Nov-2026 03:10`: the newest that stands of any study of the line, joined as
    `chart.evaluations` says."""
    if not any(e.kind == "evaluation" for e in entries):
        return ""
    uids = {s.uid for s in studies if s.id in line.ids and s.uid}
    numbers = {s.accession for s in studies if s.id in line.ids and s.accession} | set(line.numbers)
    found = [
        e for e in entries
        if e.kind == "evaluation" and e.corrected_by is None
        and (e.body.get("study") in uids or e.body.get("accession") in numbers
             or set(e.body.get("records") or ()) & set(line.ids))
    ]  # fmt: skip
    newest = max(found, key=lambda e: (e.written.utc or 0, e.device, e.sequence), default=None)
    return "" if newest is None else f"provisional reading by {newest.staff}, {wording.date_time(newest.written)}"


def _by_order(answers: Iterable[Record]) -> dict[tuple[str, str], list[Record]]:
    """Answers by the order that they name: (source, `ServiceRequest/id`) or ("", accession number)."""
    found: dict[tuple[str, str], list[Record]] = {}
    for answer in answers:
        keys = {(answer.source, r.key) for r in answer.references if r.role == "based_on" and r.key}
        if accession := getattr(answer, "accession", "").strip():
            keys.add(("", accession))
        for key in keys:
            found.setdefault(key, []).append(answer)
    return found


def _answering(request: Request, orders: Mapping[tuple[str, str], list[Record]]) -> list[Record]:
    """The answers that name this order. A message numbers the tests of one order `number|test`; its answers may name
    the number alone."""
    key = f"ServiceRequest/{request.source_id}"
    wanted = [(request.source, k) for k in dict.fromkeys((key, key.split("|", 1)[0]))]
    wanted += [("", n.strip()) for n in request.numbers]
    return list({r.id: r for k in wanted for r in orders.get(k, ())}.values())


def _of_request(request: Request, answers: Sequence[Record], since: datetime | None) -> Line | None:
    """The line of a request; None where the source itself ended it before the downtime, or took it back."""
    if request.status in _DEAD:
        return None
    studies = [s for s in answers if isinstance(s, ImagingStudy)]
    said_of = [r for r in answers if isinstance(r, Report | Result)]
    final = [r for r in said_of if r.status not in _UNFINISHED]
    open_ = [r for r in said_of if r.status in _UNFINISHED]
    came = max((m for r in final if (m := r.said or r.happened)), key=lambda m: m.utc or 0, default=None)
    if request.status not in ASKED and not open_ and not _came_since(request, came, since):
        return None
    said, spoken = _spoken(request)
    if final and not open_:
        state = COME
    elif open_:
        state = max((_report_state(r, studies) for r in open_), key=list(STATES).index)
    elif studies:
        state = PERFORMED
    elif request.status == "on-hold":
        state = ON_HOLD
    else:
        state = _STAGES.get(request.stage.strip().upper()) or spoken or _by_times(request)
    return Line(
        ids=(request.id, *(r.id for r in answers)),
        state=state,
        test=wording.clean(request.text) or "test not named",
        numbers=request.numbers,
        priority=request.priority,
        requester=wording.clean(request.author),
        reason=wording.clean(request.reason),
        asked=_ordered(request),
        collected=request.collected,
        received=request.received,
        wanted=request.wanted,
        said="; ".join(x for x in (said, _INTENTS.get(request.intent, ""), _UNSENT.get(request.status, "")) if x),
        source=request.source,
        come=came if state == COME else None,
        restricted=request.restricted,
    )


_INTENTS = {"proposal": "proposed, not ordered", "plan": "planned, not ordered", "option": "an option, not ordered"}
_UNSENT = {"draft": "a draft that was not sent"}


def _ordered(request: Request) -> Moment | None:
    return request.asked or request.happened or request.said


def _came_since(request: Request, came: Moment | None, since: datetime | None) -> bool:
    """Ordered before the downtime, answered after it began: it was in flight, and somebody may still chase it."""
    asked = _ordered(request)
    if since is None or came is None or came.instant is None:
        return False
    return came.instant >= since and (asked is None or asked.instant is None or asked.instant < since)


def _report_state(answer: Report | Result, studies: Sequence[ImagingStudy]) -> str:
    """A registered report is work in the department; once its examination was done, it waits for its words."""
    state = _UNFINISHED.get(answer.status, PRELIMINARY)
    return PERFORMED if state == LABORATORY and studies else state


def _spoken(request: Request) -> tuple[str, str]:
    """(what the source's notes say, all of them; the state that the first known words mean, "" where none are)."""
    said = [wording.clean(c) for c in request.comments if not c.startswith(_WISH)]
    state = next((state for text in said for pattern, state in _WORDS if pattern.match(text)), "")
    return "; ".join(t for t in said if t), state


def _by_times(request: Request) -> str:
    if request.received is not None:
        return LABORATORY
    return NOT_RECEIVED if request.collected is not None else UNSTATED


def _of_answer(record: Report | ImagingStudy | Result, state: str, studies: Sequence[ImagingStudy]) -> Line:
    """The line of what came without an order in this copy."""
    number = "" if isinstance(record, Result) else record.accession
    return Line(
        ids=(record.id, *(s.id for s in studies)),
        state=state,
        test=wording.clean(record.text) or "test not named",
        numbers=(number,) if number else (),
        collected=record.happened,
        said=NO_ORDER,
        source=record.source,
        restricted=record.restricted,
    )


def _with_closings(lines: Sequence[Line], entries: Sequence[Entry]) -> tuple[Line, ...]:
    """Lines with how they ended: by the newest closure that stands. One whose records this copy no longer holds is shown
    from its closure alone, so that lines = closed + open whatever came since."""
    ends = [e for e in entries if e.kind == "closure" and not e.corrected_by]
    ends.sort(key=lambda e: (e.written.utc or 0, e.device, e.sequence))
    made, matched = list[Line](), set[str]()
    for line in lines:
        own = [e for e in ends if _closes(e, line)]
        matched.update(e.id for e in own)
        is_closed = bool(own) and own[-1].body.get("outcome") != REOPENED
        made.append(msgspec.structs.replace(line, closing=_closing(own[-1]) if is_closed else None))
    alone: dict[str, Entry] = {}
    for entry in ends:
        # What the ward itself asked for on paper was not in flight at the cut: it ends in `chart.awaiting`.
        if entry.id not in matched and (ids := _requests(entry)) and not ids[0].startswith("E"):
            alone[ids[0]] = entry
    for entry in alone.values():
        if entry.body.get("outcome") == REOPENED:
            made.append(_from_closure(entry, None))
        else:
            made.append(_from_closure(entry, _closing(entry)))
    order = list(STATES)
    return tuple(sorted(made, key=lambda n: (
        (0, order.index(n.state), _utc(n.asked)) if n.closing is None else (1, 0, -_utc(n.closing.at))
    )))  # fmt: skip


def _requests(entry: Entry) -> tuple[str, ...]:
    return tuple(str(i) for i in entry.body.get("requests", ()))


def _closes(entry: Entry, line: Line) -> bool:
    """A closure names the order first. What it names besides may belong to two orders and closes neither."""
    ids = _requests(entry)
    return bool(ids) and (ids[0] in line.ids or line.ids[0] in ids)


def _from_closure(entry: Entry, closing: Closing | None) -> Line:
    body = entry.body
    return Line(
        ids=_requests(entry),
        state=UNSTATED,
        test=str(body.get("test") or "test not named"),
        numbers=tuple(map(str, body.get("numbers") or ())),
        said=GONE,
        closing=closing,
    )


def _closing(entry: Entry) -> Closing:
    body = entry.body
    return Closing(
        outcome=str(body.get("outcome", "")), note=str(body.get("note") or ""), by=entry.staff, at=entry.written,
        entry=entry.id, number=entry.number,
    )  # fmt: skip


def _utc(moment: Moment | None) -> int:
    return moment.utc if moment is not None and moment.utc is not None else -(2**62)


def groups(lines: Iterable[Line]) -> tuple[Group, ...]:
    """Open lines by state, in the order of STATES."""
    by_state: dict[str, list[Line]] = {}
    for line in lines:
        if line.is_open:
            by_state.setdefault(line.state, []).append(line)
    return tuple(Group(s, STATES[s], tuple(by_state[s])) for s in STATES if s in by_state)


def balance_words(lines: Sequence[Line]) -> str:
    """`In flight at the cut: 12. Closed: 3. Open: 9.` The two always add up (H09)."""
    closed = sum(not line.is_open for line in lines)
    return f"In flight at the cut: {len(lines)}. Closed: {closed}. Open: {len(lines) - closed}."


def closure_body(line: Line, outcome: str, note: str, happened: str) -> dict[str, object]:
    """The body of the entry that closes a line (kind `closure`), with the test's name, so that the entry says by itself
    what was closed."""
    body: dict[str, object] = {
        "happened": happened, "requests": list(line.ids), "outcome": outcome,
        "test": "restricted" if line.restricted else line.test,
    }  # fmt: skip
    if line.numbers:
        body["numbers"] = list(line.numbers)
    if note:
        body["note"] = note
    return body
