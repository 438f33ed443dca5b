"""Medicines, observations, reports and what was in flight, as rows for paper (CLINICAL §5, §2, §4.1)."""

from __future__ import annotations

from datetime import timedelta

from desktop.forms import outline as o
from desktop.forms.chart_text import as_of, empty_text, gap_text, held_back, is_withdrawn, short, shown, when
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from localdb.chart import staleness, wording
from localdb.chart.census import SCORE_CODES
from localdb.chart.in_flight import OUTCOMES, Line, in_flight
from localdb.chart.observation_sets import is_incomplete, obs_sets
from localdb.chart.views import KNOWN, Chart
from localdb.records.vocabulary import Medicine, Observation, Report

NO_RECORD = "NO RECORD. Check patient/chart"
_PAUSED = ("on-hold", "suspended", "paused")
_OVER = ("completed", "stopped", "cancelled", "ended", "not-taken")
_SYSTOLIC, _DIASTOLIC = "8480-6", "8462-4"
_MOST_REPORTS, _MOST_SETS = 3, 3


def medicines_section(model: FormModel, chart: Chart) -> o.Section:
    """Active ones whole, suspended and stopped ones by name; never a list that looks complete and is not (§5.2)."""
    listing = chart.medicines
    items = [r for r in shown(listing.items) if isinstance(r, Medicine)]
    paused = [m for m in items if m.status in _PAUSED]
    over = [m for m in items if m.status in _OVER]
    active = [m for m in items if m not in paused and m not in over]
    rows: list[o.Row] = [_medicine(model, m) for m in sorted(active, key=lambda m: m.as_needed)]
    if listing.state != KNOWN or not items:
        rows.append(o.Text(text=empty_text(listing.state, "medicines", listing.window), strong=True))
    elif not active:
        rows.append(o.Text(text=tr("No active medicine in this copy.")))
    for title, found in (("Suspended", paused), ("Stopped or completed", _recent(model, over))):
        rows += [o.Text(text=f"{tr(title)}: {_name_dose(m)}{_reason(m)}, {_changed(model, m)}") for m in found]
    left = len(over) - len(_recent(model, over))
    if left:
        said = tr("{shown} of {count} shown; {left} stopped or completed earlier.")
        rows.append(o.Text(text=said.format(shown=len(items) - left, count=len(items), left=left)))
    rows += [o.Text(text=t, strong=True) for t in held_back(listing.items)]
    rows += [o.Text(text=listing.window)] if listing.window and items else []
    rows.append(o.Text(text=doses_text(model, chart), strong=True))
    head = as_of(model, "medicine")
    return o.Section(title=tr("Medicines, last given"), as_of=head, rows=tuple(rows), side=1)


def _recent(model: FormModel, over: list[Medicine]) -> list[Medicine]:
    """Stopped within the last 24 hours."""
    limit = model.printed_at - timedelta(hours=24)
    found = [(m, m.ended or m.said) for m in over]
    return [m for m, at in found if at is not None and at.instant is not None and at.instant >= limit]


def _medicine(model: FormModel, m: Medicine) -> o.Medicine:
    detail = ", ".join(t for t in (m.route, m.frequency or m.instructions) if t) or tr("route and frequency not sent")
    if m.as_needed:
        detail += tr(", if needed")
    extra = _beyond(m) if m.frequency else ""
    notes = tuple(
        wording.clean(t)
        for t in (
            extra,
            tr("For {reason}").format(reason=m.reason) if m.reason else "",
            "" if m.status in ("active", "") else tr("status {status}").format(status=m.status),
        )
        if t
    )
    given = short(model, m.last_given) if m.last_given is not None else tr(NO_RECORD)
    return o.Medicine(
        drug=wording.clean(m.text) or tr("name not sent"),
        dose=wording.clean(m.dose) or tr("dose not sent"),
        detail=wording.clean(detail),
        given=given,
        notes=notes,
    )


def _beyond(m: Medicine) -> str:
    """What the instructions say beyond dose, route and frequency, which stand on their own lines."""
    rest = wording.clean(m.instructions)
    for part in (m.dose, m.route, m.frequency):
        said = wording.clean(part)
        if said and rest.casefold().startswith(said.casefold()):
            rest = rest[len(said) :].lstrip(" ,;.")
    return rest


def _name_dose(m: Medicine) -> str:
    return wording.clean(f"{m.text} {m.dose}")


def _reason(m: Medicine) -> str:
    return f", {wording.clean(m.reason)}" if m.reason else ""


def _changed(model: FormModel, m: Medicine) -> str:
    """When it was suspended or stopped; the day of the order is called just that, and never taken for it."""
    if m.ended is not None:
        return short(model, m.ended)
    return tr("when is not sent, ordered {when}").format(when=short(model, m.said or m.happened))


def doses_text(model: FormModel, chart: Chart) -> str:
    """`Doses given after 24-Nov-2026 02:38 are NOT shown.` (CLINICAL §5.1)."""
    states = staleness.of_kind(model.sources, "administration", model.printed_at, zone=model.site.zone)
    cuts = [s.as_of for s in states if s.as_of]
    if not cuts or chart.administrations.state not in (KNOWN, "not_recorded"):
        return tr("Doses given are NOT in this copy: check patient and chart.")
    return tr("Doses given after {when} are NOT shown.").format(when=cuts[0])


# The order of a set on paper (CLINICAL §2.1): score as sent, respirations, SpO2, oxygen, blood pressure, pulse,
# consciousness, temperature. LOINC, and SNOMED CT for the score and ACVPU.
_SET: tuple[frozenset[str], ...] = (
    SCORE_CODES,
    frozenset({"9279-1"}),
    frozenset({"59408-5", "2708-6"}),
    frozenset({"3151-8", "3150-6"}),
    frozenset({"85354-9"}),
    frozenset({"8867-4"}),
    frozenset({"1104441000000107", "67775-7", "80288-4", "11454-6"}),
    frozenset({"8310-5"}),
)


PARTIAL = "part = INCOMPLETE: a parameter of that set is missing, its total is not printed."


def observations_section(model: FormModel, chart: Chart) -> o.Section:
    """The last sets beside each other, newest first, each with its own time; scores only as sent."""
    listing = chart.observations
    items = [r for r in shown(listing.items) if isinstance(r, Observation)]
    vital = [r for r in items if "vital" in r.category.casefold() or _place(r) < len(_SET)] or items
    vital.sort(key=_place)
    # A drink or a urine volume between two sets does not push a set off the page.
    times = _times(model, [r for r in vital if _place(r) < len(_SET)] or vital)[:_MOST_SETS]
    rows: list[o.Row] = []
    names: dict[str, dict[str, str]] = {}
    partial = {s.news2.record.id for s in obs_sets(items) if s.news2 is not None and is_incomplete(s.news2)}
    for r in vital:
        at = short(model, r.happened or r.said)
        if at in times:
            value = tr("part") if r.id in partial else _observation_value(r)
            names.setdefault(_observation_name(r), {}).setdefault(at, value)
    if names:
        cells = tuple((name, *(found.get(t, "") for t in times)) for name, found in names.items())
        rows.append(o.Grid(heads=tuple(times), rows=cells))
        if partial & {r.id for r in vital if short(model, r.happened or r.said) in times}:
            rows.append(o.Text(text=tr(PARTIAL), strong=True))
        held = sum(short(model, r.happened or r.said) in times for r in vital)
        if held < len(items):
            said = tr("{shown} of {count} observations shown, the newest sets.")
            rows.append(o.Text(text=said.format(shown=held, count=len(items))))
    else:
        rows.append(
            o.Text(text=empty_text(listing.state, "observations", listing.window), strong=listing.state != KNOWN)
        )
    rows += [o.Text(text=t) for t in held_back(listing.items)]
    rows += [o.Text(text=listing.window)] if listing.window and names else []
    return o.Section(title=tr("Observations"), as_of=as_of(model, "observation"), rows=tuple(rows))


def _place(r: Observation) -> int:
    """Where it stands in a set of observations; what is no part of a set comes after."""
    codes = {c.code for c in r.codes}
    return next((n for n, wanted in enumerate(_SET) if codes & wanted), len(_SET))


def _times(model: FormModel, items: list[Observation]) -> list[str]:
    """The times of the sets as words, newest first."""
    ordered = sorted(items, key=_instant, reverse=True)
    return list(dict.fromkeys(short(model, r.happened or r.said) for r in ordered))


def _instant(r: Observation) -> int:
    moment = r.happened or r.said
    return moment.utc or 0 if moment is not None else 0


def _observation_name(r: Observation) -> str:
    return wording.clean(f"{r.text} {r.unit or ''}")


def _observation_value(r: Observation) -> str:
    """The value as sent, with comparator and flag; blood pressure as systolic/diastolic."""
    value = r.value if r.value is not None else ", ".join(c.display or c.code for c in r.value_codes)
    if not value:
        parts = {c.code: f"{p.comparator or ''}{p.value}" for p in r.components if p.value for c in p.codes}
        if _SYSTOLIC in parts and _DIASTOLIC in parts:
            value = f"{parts[_SYSTOLIC]}/{parts[_DIASTOLIC]}"
        else:
            said = [f"{p.text} {p.comparator or ''}{p.value} {p.unit or ''}" for p in r.components if p.value]
            value = ", ".join(t.strip() for t in said)
    flag = f" {r.flag}" if r.flag else ""
    prelim = " " + tr("PRELIMINARY") if r.status == "preliminary" else ""
    return wording.clean(f"{r.comparator or ''}{value}{flag}{prelim}") or wording.clean(r.absent) or tr("no value sent")


def reports_section(model: FormModel, chart: Chart) -> o.Section:
    """The newest reports: status, addenda first, then the conclusion, else the body, verbatim (§4.1, H17)."""
    listing = chart.reports
    items = [r for r in listing.items if isinstance(r, Report) and not r.restricted]
    worded = [r for r in items if r.conclusion or r.body or r.addenda or is_withdrawn(r)]
    rows: list[o.Row] = []
    for r in worded[:_MOST_REPORTS]:
        rows += _report(model, r)
    if len(worded) > _MOST_REPORTS:
        said = tr("{shown} of {count} reports shown, the newest.")
        rows.append(o.Text(text=said.format(shown=_MOST_REPORTS, count=len(worded))))
    if not worded:
        rows.append(o.Text(text=empty_text(listing.state, "reports", listing.window), strong=listing.state != KNOWN))
    rows += [o.Text(text=t) for t in held_back(r for r in listing.items if r.restricted)]
    rows += [o.Text(text=listing.window)] if listing.window and worded else []
    return o.Section(title=tr("Reports"), as_of=as_of(model, "report"), rows=tuple(rows))


PRELIMINARY = "PRELIMINARY, not yet authorised: it may change"
PRELIMINARY_END = "PRELIMINARY, end of the text"


def _report(model: FormModel, r: Report) -> list[o.Row]:
    """One report. What is not authorised says so above its text and below it: a page or a column may end between."""
    name = f"{wording.clean(r.text)}, {when(model, r.happened or r.said)}"
    if is_withdrawn(r):
        said = tr("WITHDRAWN by {source} {when}: {name}")
        return [o.Text(text=said.format(source=r.source, when=when(model, r.said), name=name), strong=True)]
    marks = ", " + tr("ADDENDED") if r.addenda else ""
    is_open = r.status in ("preliminary", "partial", "registered")
    if r.status in ("corrected", "amended", "appended") and not r.addenda:
        marks += ", " + tr(r.status.upper())
    rows: list[o.Row] = [o.Text(text=name + marks, strong=True)]
    rows += [o.Text(text=tr(PRELIMINARY), strong=True)] if is_open else []
    rows += [o.Text(text=f"{tr('ADDENDUM:')} {a}", mono=True) for a in r.addenda]
    text = r.conclusion or r.body
    rows.append(o.Text(text=text.strip() + (f"\n{r.author}" if r.author else ""), mono=True))
    rows += [o.Text(text=tr(PRELIMINARY_END), strong=True)] if is_open else []
    return rows


def waiting_section(model: FormModel, chart: Chart) -> o.Section:
    """What was in flight at the cut, with its state and age, and how it ended where the ward closed it (§3.3, H09)."""
    listing = chart.requests
    lines = [line for line in in_flight(chart, model.printed_at).lines if not line.restricted]
    rows: list[o.Row] = [o.Pair(left=_test(line), right=_waited(model, line)) for line in lines]
    if not lines:
        rows.append(o.Text(text=empty_text(listing.state, "requests in flight"), strong=listing.state != KNOWN))
    rows += [o.Text(text=t) for t in held_back(listing.items)]
    gap = gap_text(model, "request")
    if gap:
        rows.append(o.Text(text=gap))
    return o.Section(title=tr("Waiting at the cut"), as_of=as_of(model, "request"), rows=tuple(rows), side=1)


def _test(line: Line) -> str:
    numbers = " " + tr("(order {numbers})").format(numbers=", ".join(line.numbers)) if line.numbers else ""
    return f"{tr('CLOSED:') + ' ' if line.closing is not None else ''}{line.test}{numbers}"


def _waited(model: FormModel, line: Line) -> str:
    if line.closing is not None:
        end = line.closing
        how = tr(OUTCOMES.get(end.outcome, end.outcome))
        return tr("{how}, {who} {when}, no. {number}").format(
            how=how, who=end.by, when=short(model, end.at), number=end.number
        )
    hours = line.hours(model.printed_at)
    age = tr("time of the order not sent") if line.asked is None else short(model, line.asked)
    return f"{tr(line.state_words)}, {age}" + (f" ({hours}hr)" if hours is not None else "")
