"""F30 Outstanding requests of a ward, and the delivery of results: A4 landscape, the ward in place of a patient.

Every line that was in flight at the cut is on it, open or closed, each with its age and state in the source's own words;
open and closed add up to all (H09). A restricted order has its line and does not say what it is (CLINICAL §1.5). What is
typed on the ward since has its line too; the rest is written into the empty rows.
"""

from __future__ import annotations

from datetime import timedelta

from desktop.forms import outline as o
from desktop.forms.blocks import Block, gap, paragraph
from desktop.forms.chart_text import as_of, gap_text, short
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Heading, NewSide, Own, Part, Ruled, form_of
from desktop.forms.tables import FIRST, Column
from desktop.forms.type import Style, glued, tied
from localdb.chart import wording
from localdb.chart.census import bed_order
from localdb.chart.in_flight import OUTCOMES, UNSTATED, InFlight, Line
from localdb.chart.matching import ON_PAPER
from localdb.chart.views import Entry, PatientView

RESTRICTED = "Restricted request"
BALANCE = "In flight at the cut: {all}. Closed: {closed}. Open: {open}. Ask: some may be done since."
SINCE = "Asked for by the ward since, on paper: {count}."
ON_PAPER_HERE = "Asked for here, on paper"
NOTHING = "Nothing was in flight in this copy of the ward. That is no proof of none."
OLDER = "Not listed: {count} examinations of more than 90 days ago without a report in this copy."
HOW_IT_ENDS = "Every line ends as R resulted, C cancelled, A collected again or L lost, with time and sign."
_LINES = (
    Column("Bed", 0.045, FIRST), Column("Patient", 0.235), Column("Test, order, requester", 0.235),
    Column("Ordered, age", 0.1), Column("State as sent", 0.175), Column("Chased at, by", 0.09),
    Column("R C A L, time, sign", 0.12),
)  # fmt: skip
_BATCHES = (
    Column("Batch no.", 0.09), Column("Results of which patients", 0.36), Column("From", 0.13),
    Column("Left the laboratory", 0.14), Column("Received by, time", 0.14), Column("Read by, time", 0.14),
)  # fmt: skip
_BLANK_LINES = 3  # at least
_SMALL = Style("regular", 9)


def _who(model: FormModel, who: PatientView, *, first: bool, alike: str) -> str:
    """Name and number on every line; birth and the warning of a similar name on the first one of a patient."""
    lines = [wording.display_name(who.name)]
    if alike:
        lines.append(tr(ON_PAPER[alike]))
    if first:
        born = wording.born_text(who.born, model.printed_at, model.site.zone, estimated=who.born_estimated)
        lines.append(f"{tr('Born')} {born}")
    numbers = tied(f"{tr('NHS No.')} {wording.nhs_number(who.nhs)}") if who.nhs else ""
    hospital = tied(f"{tr('Hosp. No.')} {wording.clean(who.mrn)}") if who.mrn else ""
    held = [t for t in (numbers, hospital) if t] or [tr("no number in this copy")]
    return "\n".join((*lines, ", ".join(held) if first else held[0]))


def _what(line: Line) -> str:
    numbers = f"{tr('order')} {', '.join(line.numbers)}" if line.numbers else tr("no order number sent")
    if line.restricted:
        return f"{tr(RESTRICTED)}\n{numbers}"
    asked = ", ".join(t for t in (numbers, line.priority, line.requester) if t)
    return f"{wording.clean(line.test)}\n{wording.clean(asked)}"


def age_text(line: Line, model: FormModel) -> str:
    """`9hr`; in minutes within the first hour; nothing where the time is not known (CLINICAL §3.3)."""
    hours = line.hours(model.printed_at)
    if hours is None or line.asked is None or line.asked.instant is None:
        return tr("age not known")
    if hours >= 1 or not line.asked.has_time:
        return f"{hours}hr"
    return wording.duration(max(timedelta(0), model.printed_at - line.asked.instant))


def _when(model: FormModel, line: Line) -> str:
    asked = short(model, line.asked) if line.asked is not None else tr("time not sent")
    return f"{asked}\n{age_text(line, model)}" if line.asked is not None else asked


def _state(model: FormModel, line: Line) -> str:
    times = [
        f"{tr(word)} {short(model, moment)}"
        for word, moment in (("collected", line.collected), ("received", line.received), ("wanted", line.wanted),
                             ("result came", line.come))
        if moment is not None
    ]  # fmt: skip
    state, said = line.state_words, wording.clean(line.said)
    said = "" if line.restricted or said.casefold() in state.casefold() else said
    return "\n".join(wording.clean(t) for t in (tr(state), *times, line.reading, said) if t)


def _end(model: FormModel, line: Line) -> str:
    end = line.closing
    if end is None:
        return ""
    how = tr("Closed, {how}").format(how=tr(OUTCOMES.get(end.outcome, end.outcome)))
    note = "" if line.restricted else end.note
    return wording.clean(", ".join(t for t in (how, end.by, short(model, end.at), f"no. {end.number}", note) if t))


def lines_of(model: FormModel) -> list[tuple[InFlight, Line]]:
    """Every line of the ward, in bed order; within a patient open ones by state and age, then closed ones."""
    ordered = sorted(model.pending, key=lambda f: (bed_order(f.patient.bed), f.patient.id))
    return [(found, line) for found in ordered for line in found.lines]


def _people(model: FormModel) -> list[tuple[PatientView, InFlight | None, tuple[Entry, ...]]]:
    """Who has a line, in bed order: what was in flight, and what the ward typed since."""
    views = {r.patient.id: r.patient for r in (model.census.rows if model.census is not None else ()) if r.patient}
    flights = {found.patient.id: found for found in model.pending}
    views |= {found.patient.id: found.patient for found in model.pending}
    typed: dict[str, list[Entry]] = {}
    for entry in model.asked:
        ids = {entry.identity.patient, *entry.identity.ids} if entry.identity is not None else set()
        for who in views.values():
            if ids & {who.id, *who.ids}:
                typed.setdefault(who.id, []).append(entry)
                break
    held = [w for w in views.values() if w.id in flights or w.id in typed]
    held.sort(key=lambda who: (bed_order(who.bed), who.id))
    return [(who, flights.get(who.id), tuple(typed.get(who.id, ()))) for who in held]


def _typed(model: FormModel, entry: Entry) -> tuple[str, str, str]:
    """What the ward asked for on paper: test and number, when and how long ago, and that it was here."""
    tests = ", ".join(str(t) for t in entry.body.get("tests", ()))
    kind, how = str(entry.body.get("kind", "")), str(entry.body.get("priority", ""))
    what = f"{wording.clean(tests)}\n{wording.clean(', '.join(t for t in (f'no. {entry.number}', kind, how) if t))}"
    line = Line(ids=(entry.id,), state=UNSTATED, test="", asked=entry.happened or entry.written)
    by = tr("written here, {staff}, {when}").format(staff=entry.staff, when=short(model, entry.written))
    came = wording.clean(model.came.get(entry.id, ""))
    return what, _when(model, line), "\n".join(t for t in (tr(ON_PAPER_HERE), wording.clean(by), came) if t)


def _rows(model: FormModel) -> tuple[tuple[str, ...], ...]:
    rows = model.census.rows if model.census is not None else ()
    alike = {row.patient.id: row.alike for row in rows if row.patient is not None}
    made = list[tuple[str, ...]]()
    shown = {id(line) for _, line in lines_of(model)}
    for who, found, typed in _people(model):
        lines = [line for line in found.lines if id(line) in shown] if found is not None else []
        told = [(_what(line), _when(model, line), _state(model, line), _end(model, line)) for line in lines]
        told += [(*_typed(model, entry), "") for entry in typed]
        for n, (what, when, state, end) in enumerate(told):
            patient = _who(model, who, first=n == 0, alike=alike.get(who.id, ""))
            made.append((who.bed, patient, what, when, state, "", end))
    return tuple(made)


def _head(model: FormModel) -> list[Part]:
    """What the list holds, how it adds up, how old it is; on a blank how a line ends."""
    texts: list[str] = []
    if model.census is not None:
        every = [line for _, line in lines_of(model)]
        closed = sum(not line.is_open for line in every)
        texts.append(
            tr(BALANCE).format(all=len(every), closed=closed, open=len(every) - closed) if every else tr(NOTHING)
        )
        texts += [tr(SINCE).format(count=len(model.asked))] if model.asked else []
        older = sum(found.older for found in model.pending)
        texts += [tr(OLDER).format(count=older)] if older else []
        told = (as_of(model, "request", "report", "image", "result"), gap_text(model, "request"))
        texts.append(". ".join(t for t in told if t))
    texts.append(tr(HOW_IT_ENDS))
    styles = [Style("semibold", 10), *[_SMALL] * (len(texts) - 1)] if model.census is not None else [_SMALL]
    return [
        Own(
            lambda wide: [
                Block((*(s for t, style in zip(texts, styles, strict=True) for s in paragraph([(glued(t), style)], wide)),
                       gap(3)))
            ],
            tuple(o.Text(text=t) for t in texts),
        )
    ]  # fmt: skip


def parts(model: FormModel) -> list[Part]:
    return [
        *_head(model),
        Ruled(_LINES, _rows(model), blank=_BLANK_LINES, fills=True),
        NewSide(),
        Heading("Results delivered to the ward"),
        Ruled(_BATCHES, blank=_BLANK_LINES, fills=True),
    ]


FORM = form_of(
    parts, code="F30", title="Outstanding requests", size="A4 landscape", takes="ward", valid=timedelta(hours=12),
    use="Chase list and delivery sheet. Shred when replaced.", allergies=False, hint="Ward, date and time",
    back_entry="line",
)  # fmt: skip
