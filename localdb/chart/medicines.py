"""The medicines as they are read (CLINICAL §5.2-§5.4): which row stands first, what a row says, what nobody knows. Pure.

Rules:
- Words and numbers are the source's own. Nothing is worked out: no next dose, no total, no interval.
- Due is what a source named: an instant, or a clock time of an order that is given each day. One that passed between the
  cut and now is `DUE 14:00, status unknown`: it may have been given after the copy was made.
- No record of a dose is `NO RECORD. Check patient/chart`, never "not given" (H14).
- A medicine on a list of names (`drug_lists`) says which, and why.
- Order: overdue, due, running, next, later, if needed, suspended, stopped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from localdb.chart import wording
from localdb.chart.drug_lists import DrugLists, OnList, on_lists
from localdb.chart.notation import Caution, cautions
from localdb.chart.staleness import complete_to
from localdb.chart.struck import Telling
from localdb.chart.views import Chart, SourceAge
from localdb.records.moments import Moment, from_instant
from localdb.records.vocabulary import Administration, Medicine, Record

NO_RECORD, CHECK = "NO RECORD", "Check patient/chart"
STATUS_UNKNOWN = "status unknown"
OVERDUE, UNKNOWN, RUNNING, NEXT, LATER, NEEDED, SUSPENDED, STOPPED = (
    "overdue", "unknown", "running", "next", "later", "needed", "suspended", "stopped",
)  # fmt: skip
# The groups of the list in their order; titles say what they hold (CUI: due, next, overdue, begun).
GROUPS = {
    OVERDUE: "Due, no dose recorded since",
    UNKNOWN: "Due in the gap, status unknown",
    RUNNING: "Running",
    NEXT: "Next, within 12hr",
    LATER: "Later, or no due time sent",
    NEEDED: "If needed",
    SUSPENDED: "Suspended",
    STOPPED: "Stopped or finished",
}
STATUS_WORDS = {
    "on-hold": "suspended",
    "stopped": "stopped",
    "cancelled": "cancelled",
    "completed": "finished",
    "ended": "finished",
    "entered-in-error": "entered in error",
    "draft": "not yet signed",
    "not-taken": "not taken",
    "intended": "intended",
    "unknown": "status not known",
    "": "status not sent",
}
_GOING = ("active", "draft", "unknown", "intended", "")
# What an administration's status says of the dose; a reason why not comes beside it in the source's own words.
OUTCOMES = {
    "completed": "given",
    "in-progress": "running",
    "on-hold": "paused",
    "stopped": "stopped before it was all given",
    "not-done": "not done",
    "entered-in-error": "withdrawn",
    "unknown": "outcome not known",
}
_SOON = timedelta(hours=12)
_EARLY = timedelta(minutes=60)  # a dose up to an hour before its time is taken as that dose: it only keeps a row from
# the head of the list, and the dose stands beside it


class MedicineGroup(NamedTuple):
    """One heading of the medicines: `key` all / regular / needed / suspended / stopped."""

    key: str
    title: str
    items: tuple[Medicine, ...]


def medicine_groups(items: Sequence[Record]) -> tuple[MedicineGroup, ...]:
    """Regular, if needed, suspended, stopped; suspended and stopped always apart (CLINICAL §5.2). All are in one."""
    groups: dict[str, list[Medicine]] = {"regular": [], "needed": [], "suspended": [], "stopped": []}
    for item in items:
        if not isinstance(item, Medicine):
            continue
        if item.status == "on-hold":
            groups["suspended"].append(item)
        elif item.status not in _GOING:
            groups["stopped"].append(item)
        else:
            groups["needed" if item.as_needed else "regular"].append(item)
    titles = {"regular": "Regular", "needed": "If needed", "suspended": "Suspended", "stopped": GROUPS[STOPPED]}
    return tuple(MedicineGroup(k, titles[k], tuple(v)) for k, v in groups.items() if v)


def often_words(item: Medicine) -> str:
    """How often, as sent; "if needed" is added only where the text does not say it."""
    often = item.frequency or item.instructions
    if item.as_needed and "needed" not in often.casefold():
        return f"if needed, {often}" if often else "if needed"
    return often or "times not sent"


def further_words(item: Medicine) -> str:
    """What the instructions say beyond dose, route and times; all of them where they say something else."""
    said = " ".join(x for x in (item.dose, item.route, item.frequency) if x)
    if item.instructions == item.frequency:
        return ""
    return item.instructions[len(said) :].strip(" ;,") if item.instructions.startswith(said) else item.instructions


class Dose(msgspec.Struct, frozen=True, kw_only=True):
    """One administration as it stands on the record: `outcome` in words, `reason` and the rest as sent."""

    at: Moment | None
    drug: str
    dose: str = ""
    route: str = ""
    outcome: str = ""
    reason: str = ""
    by: str = ""
    comments: tuple[str, ...] = ()
    is_given: bool = False
    is_withdrawn: bool = False
    record: str = ""
    request: str = ""

    @property
    def how(self) -> str:
        """`refused` instead of `not done` where the source gave a reason."""
        return self.reason if self.outcome == OUTCOMES["not-done"] and self.reason else self.outcome


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """When the next dose is due as sent. `state` is one of GROUPS; `head` and `text` are the words of the column."""

    state: str
    head: str
    text: str = ""
    at: datetime | None = None
    is_boxed: bool = False


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One order as it is read. `drug` is the name as sent, brand and all; `last` the newest dose that was given or
    not given, None where there is no record; `lists` the marks; `cautions` what must be read with care; `complete_to`
    up to when its source's doses are complete (None: not known)."""

    item: Medicine
    drug: str
    form: str = ""
    why: str = ""
    further: str = ""
    often: str = ""
    group: str = LATER
    due: Due
    last: Dose | None = None
    before: Dose | None = None
    doses: tuple[Dose, ...] = ()
    lists: tuple[OnList, ...] = ()
    cautions: tuple[Caution, ...] = ()
    notes: tuple[str, ...] = ()
    complete_to: datetime | None = None

    @property
    def is_time_critical(self) -> bool:
        return any(found.list.time_critical for found in self.lists)

    @property
    def is_going(self) -> bool:
        return self.group not in (STOPPED, SUSPENDED)


def dose_of(item: Administration) -> Dose:
    """An administration in words. What was withdrawn has no dose (H08)."""
    withdrawn = item.status == "entered-in-error"
    return Dose(
        at=item.happened or item.said,
        drug=item.text or "name not sent",
        dose="" if withdrawn else item.dose,
        route="" if withdrawn else item.route,
        outcome=OUTCOMES.get(item.status, item.status or "outcome not sent"),
        reason=item.reason,
        by=item.author,
        comments=tuple(c for c in item.comments if c and c != f"{item.dose} {item.route}".strip()),
        is_given=item.status in ("completed", "in-progress", "stopped"),
        is_withdrawn=withdrawn,
        record=item.id,
        request=f"{item.source}/{item.request}" if item.request else "",
    )


def doses_of(chart: Chart) -> tuple[Dose, ...]:
    """Every dose on the record, newest first."""
    return tuple(dose_of(a) for a in chart.lists["administrations"].items if isinstance(a, Administration))


def medicine_rows(
    chart: Chart, now: datetime, lists: DrugLists, zone: str = wording.ZONE, *, dated: bool = False
) -> tuple[Row, ...]:
    """Every order of the chart as a row, in the order of CLINICAL §5.2; `now` an aware instant; `dated` = each time with
    its day (paper)."""
    at = Telling(now, zone, dated)
    by_order: dict[str, list[Dose]] = {}
    for dose in doses_of(chart):
        if dose.request:
            by_order.setdefault(dose.request, []).append(dose)
    cuts = _cuts(chart.sources)
    rows = [
        _row(m, by_order.get(f"{m.source}/MedicationRequest/{m.source_id}", ()), cuts.get(m.source), at, lists)
        for m in chart.lists["medicines"].items
        if isinstance(m, Medicine)
    ]
    order = list(GROUPS)
    # Stable: orders of one time keep the order in which the copy lists them.
    return tuple(
        sorted(rows, key=lambda r: (order.index(r.group), r.due.at or datetime.max.replace(tzinfo=now.tzinfo)))
    )


def dose_gap(sources: Sequence[SourceAge], now: datetime, zone: str = wording.ZONE, *, dated: bool = False) -> str:
    """`Between 02:38 and 02:47 a dose may have been given that is not here.` (CLINICAL §5.1, §7.1); `dated` = with the
    day of each time."""
    told = [s for s in sources if "administration" in s.kinds]
    if not told:
        return "No record of doses given ever came."
    sentences = []
    for source in told:
        cut = complete_to(source, "administration")
        down = source.declared_since if source.declared == "down" else None
        until = down.instant if down is not None and down.instant is not None else now
        if cut is None or cut.instant is None:
            sentences.append("Up to when doses given are complete is not known.")
        elif (until - cut.instant).total_seconds() >= 60:
            span = wording.interval(cut.instant, until, zone)
            if dated:
                span = f"Between {wording.instant_text(cut.instant, zone)} and {wording.instant_text(until, zone)}"
            sentences.append(f"{span} a dose may have been given that is not here.")
    return " ".join(dict.fromkeys(sentences))


def _cuts(sources: Iterable[SourceAge]) -> Mapping[str, datetime | None]:
    """Up to when each source's record of doses is complete."""
    made = {}
    for source in sources:
        kind = "administration" if "administration" in source.kinds else "medicine"
        cut = complete_to(source, kind)
        made[source.source] = cut.instant if cut is not None else None
    return made


def _row(item: Medicine, doses: Sequence[Dose], cut: datetime | None, at: Telling, lists: DrugLists) -> Row:
    standing = [d for d in doses if not d.is_withdrawn]
    found = on_lists(item, lists.list)
    further = further_words(item)
    due = _due(item, standing, cut, at)
    reason = item.reason
    if not reason and (item.as_needed or any(o.list.indication for o in found)):
        reason = "indication not sent"
    status = "" if item.status == "active" else STATUS_WORDS.get(item.status, item.status)
    care = cautions(name=item.text, dose=item.dose, route=item.route, often=often_words(item), more=further)
    return Row(
        item=item,
        drug=item.text or "name not sent",
        form=item.form,
        why=", ".join(x for x in (reason, "" if status and status in reason.casefold() else status) if x),
        further=further,
        often=often_words(item),
        group=due.state,
        due=due,
        last=standing[0] if standing else None,
        before=next((d for d in standing[1:] if d.is_given), None) if standing and not standing[0].is_given else None,
        doses=tuple(standing),
        lists=found,
        cautions=care,
        notes=tuple(c for c in item.comments if c),
        complete_to=cut,
    )


def _due(item: Medicine, doses: Sequence[Dose], cut: datetime | None, telling: Telling) -> Due:
    """The column Next due, as sent, and with it the place of the row."""
    if item.status not in _GOING:
        state = SUSPENDED if item.status == "on-hold" else STOPPED
        ended = telling.text(item.ended)
        return Due(state=state, head=STATUS_WORDS.get(item.status, item.status), text=f"until {ended}" if ended else "")
    late = _late(item, doses, cut, telling)
    if late is not None:
        return late
    now = telling.now
    following = _following(item, now)
    if doses and doses[0].outcome == OUTCOMES["in-progress"]:
        return Due(state=RUNNING, head="running", text=_as_recorded(cut, telling))
    if item.as_needed:
        head = f"from {telling.text(following)}" if following is not None else "if needed"
        return Due(state=NEEDED, head=head, text="as sent" if following is not None else "", at=_instant(following))
    if following is not None and (at := following.instant) is not None:
        state = NEXT if at - now <= _SOON else LATER
        return Due(state=state, head=telling.text(following), text="as sent", at=at)
    coming = _coming_clock_time(item, now, telling.zone)
    if coming is not None:
        state = NEXT if coming - now <= _SOON else LATER
        return Due(state=state, head="no due time sent", text="by its times as sent", at=coming)
    return Due(state=LATER, head="no due time sent")


def _as_recorded(cut: datetime | None, telling: Telling) -> str:
    return f"as recorded up to {telling.text(from_instant(cut))}" if cut is not None else "as recorded"


def _instant(moment: Moment | None) -> datetime | None:
    return moment.instant if moment is not None else None


def _following(item: Medicine, now: datetime) -> Moment | None:
    """The first instant after now that the source named."""
    later = [m for m in item.due if m.instant is not None and m.instant > now]
    return min(later, key=lambda m: m.utc or 0, default=None)


def _late(item: Medicine, doses: Sequence[Dose], cut: datetime | None, telling: Telling) -> Due | None:
    """A due time that has passed: in the gap nobody knows; before the cut only where no dose stands at or after it."""
    now = telling.now
    passed = [m for m in item.due if m.instant is not None and m.has_time and m.instant <= now]
    named = [(m.instant, telling.text(m)) for m in passed if m.instant is not None]
    in_gap = [n for n in named if cut is None or n[0] > cut]
    if not item.as_needed and cut is not None:
        times = clock_times_between(item, cut, now, telling.zone)
        in_gap += [(t, telling.text(from_instant(t))) for t in times]
    if in_gap:
        at, words = min(in_gap)
        others = sorted({n[1] for n in in_gap} - {words})
        text = f"{STATUS_UNKNOWN} (also {', '.join(others)})" if others else STATUS_UNKNOWN
        return Due(state=UNKNOWN, head=f"DUE {words}", text=text, at=at, is_boxed=True)
    if item.as_needed:
        return None
    for at, words in sorted(named, reverse=True)[:1]:  # the newest alone: the source named the next dose
        seen = [d.at.instant for d in doses if d.at is not None and d.at.instant is not None]
        if not any(one >= at - _EARLY for one in seen):
            text = f"{NO_RECORD} of it. {CHECK}"
            return Due(state=OVERDUE, head=f"DUE {words}", text=text, at=at, is_boxed=True)
    return None


def clock_times_between(item: Medicine, start: datetime, end: datetime, zone: str) -> tuple[datetime, ...]:
    """The clock times of an order of each day that fall after `start` and not after `end`, as instants. An hour that a
    clock change doubles counts at its first and second passing; one that it skips counts where the clock then stands."""
    if item.every not in ("1 d", "1.0 d", "24 h") or item.days or not item.times:
        return ()
    place = ZoneInfo(zone)
    days = (end.astimezone(place).date() - start.astimezone(place).date()).days
    if days > 14:
        start, days = end - timedelta(days=14), 14  # a copy that old says so itself
    found: set[datetime] = set()
    begun, over = _instant(item.happened), _instant(item.ended)
    for n in range(days + 1):
        day = start.astimezone(place).date() + timedelta(days=n)
        for hour, minute in filter(None, map(_clock, item.times)):
            for fold in (0, 1):
                made = datetime(day.year, day.month, day.day, hour, minute, fold=fold, tzinfo=place).astimezone(UTC)
                if start < made <= end and (begun is None or made >= begun) and (over is None or made <= over):
                    found.add(made)
    return tuple(sorted(found))


def _clock(text: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)(?::\d\d)?", text)
    return (int(found[1]), int(found[2])) if found else None


def _coming_clock_time(item: Medicine, now: datetime, zone: str) -> datetime | None:
    return next(iter(clock_times_between(item, now, now + timedelta(hours=24), zone)), None)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The doses of one day, newest first; `title` the day, "" where no time was sent."""

    title: str
    doses: tuple[Dose, ...]


def given_days(doses: Iterable[Dose], zone: str = wording.ZONE) -> tuple[Given, ...]:
    """Doses by the day on which they were recorded as given, newest first, each as sent (tab `given`)."""
    days: dict[str, list[Dose]] = {}
    for dose in doses:
        instant = dose.at.instant if dose.at is not None else None
        local = instant.astimezone(ZoneInfo(zone)) if instant is not None else None
        title = wording.date(from_instant(local), zone, weekday=True) if local is not None else "Time not recorded"
        days.setdefault(title, []).append(dose)
    return tuple(Given(title=t, doses=tuple(d)) for t, d in days.items())
