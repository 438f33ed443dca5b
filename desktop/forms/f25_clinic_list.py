"""F25 Out-patient list and clinic outcome: one clinic's day, a line a patient, in the order of time (CLINICAL §6).

What was cancelled stays on the list and says so; restricted appointments are counted, never named; no alert stands on
it (§1.5, H24). An empty list is no proof that nobody comes.
"""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.blanks import DATE, Field
from desktop.forms.chart_text import as_of, day
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Facts, Fields, Part, Ruled, Space, form_of
from desktop.forms.tables import Cell, Column
from desktop.forms.type import Style
from localdb.chart import wording
from localdb.chart.agenda import AgendaRow
from localdb.chart.matching import ON_PAPER, similar

COLUMNS = (
    Column("Time", 0.05, Style("bold", 11)), Column("Patient", 0.285), Column("Type, referral, last letter", 0.185),
    Column("Came: circle", 0.085), Column("Seen by, time", 0.075), Column("Outcome, procedures, tests ordered", 0.16),
    Column("Next appointment", 0.08), Column("RTT clock: circle", 0.08),
)  # fmt: skip
CAME = ("arrived", "seen", "did not attend")
CLOCK = ("goes on", "stops", "not on it")
_TEXT, _NAME = Style("regular", 10), Style("semibold", 10)
_STATUS = {"cancelled": "CANCELLED, as sent", "noshow": "did not attend, as sent"}


def parts(model: FormModel) -> list[Part]:
    found = model.agenda
    head = [Field("Clinic", 0.36, wording.clean(model.clinic) if found is not None else ""),
            Field("Date", 0.2, wording.long_day(found.day)) if found is not None
            else Field(f"Date  {DATE}", 0.2, ruled=False),
            Field("Clinician", 0.28), Field("Clerk", 0.16)]  # fmt: skip
    row = ("", "", "", _circled(CAME), "", "", "", _circled(CLOCK))
    rows = _rows(model) if found is not None else ()
    return [Fields(*head, height=20), *_notes(model), Space(3),
            Ruled(COLUMNS, filled=rows, fills=True, blank=2, pitch=40, empty=row)]  # fmt: skip


def _circled(words: tuple[str, ...]) -> Cell:
    return Cell("\n".join(tr(w) for w in words), Style("regular", 8.5))


def _notes(model: FormModel) -> list[Part]:
    found = model.agenda
    if found is None:
        return []
    said = [tr("{count} booked in the copy, in order of time. Who came later is not here: write them below.")]
    rows: list[o.Row] = [o.Text(text=said[0].format(count=sum(not r.is_off for r in found.rows)))]
    if found.restricted:
        kept = tr("{count} restricted on this day, not printed: see the screen.").format(count=found.restricted)
        rows.append(o.Text(text=kept, strong=True))
    section = o.Section(title=tr("Booked"), as_of=as_of(model, "appointment"), rows=tuple(rows))
    return [Facts(section)]


def _rows(model: FormModel) -> tuple[tuple[str | Cell, ...], ...]:
    assert model.agenda is not None
    people = {r.patient.id: r.patient for r in model.agenda.rows}
    alike = {a.id for a in people.values() for b in people.values() if a.id != b.id and similar(a, b)}
    return tuple(_row(model, r, r.patient.id in alike) for r in model.agenda.rows)


def _row(model: FormModel, row: AgendaRow, same_name: bool) -> tuple[str | Cell, ...]:
    """What was cancelled has its time and nothing to circle."""
    at = row.appointment.happened
    time = wording.time(at, model.site.zone) if at is not None and at.has_time else tr("no time")
    came, clock = (Cell("", hatched=True),) * 2 if row.is_off else (_circled(CAME), _circled(CLOCK))
    rest = Cell("", hatched=True) if row.is_off else Cell("")
    what = Cell(_what(model, row), _TEXT)
    return (time, Cell(_who(model, row, same_name=same_name), _TEXT, lead=_NAME), what, came, rest, rest, rest, clock)


def _who(model: FormModel, row: AgendaRow, *, same_name: bool) -> str:
    view, zone = row.patient, model.site.zone
    born = wording.born_text(view.born, model.printed_at, zone, estimated=view.born_estimated)
    gender = tr(wording.gender(view.gender))
    lines = [wording.display_name(view.name), f"{tr('Born {born}').format(born=born)}, {gender}"]
    numbers = [tr("NHS No. {number}").format(number=wording.nhs_number(view.nhs))] if view.nhs or not view.mrn else []
    numbers += [tr("Hosp. No. {number}").format(number=wording.clean(view.mrn))] if view.mrn else []
    lines.append(", ".join(numbers))
    if view.phones:
        lines.append(wording.clean(", ".join(view.phones)))
    if same_name:
        lines.append(tr("SIMILAR NAME OR NUMBER ON THIS LIST"))
    elif row.alike:
        lines.append(tr(ON_PAPER[row.alike]))
    if view.is_deceased or view.deceased:
        when = wording.date_time(view.deceased, zone, missing=tr("date not recorded"))
        lines.append(tr("Died {when}").format(when=when))
    return "\n".join(lines)


def _what(model: FormModel, row: AgendaRow) -> str:
    one = row.appointment
    lines = [tr(_STATUS[one.status])] if one.status in _STATUS else []
    lines.append(wording.clean(one.text) or tr("type not sent"))
    if one.participants:
        lines.append(tr("with {people}").format(people=wording.clean(", ".join(one.participants))))
    asked = [r.display for r in one.references if r.role == "based_on" and r.display]
    lines += [tr("Referral: {text}").format(text=wording.clean(t)) for t in asked]
    if row.letter:
        said = tr("Last letter: {title}, {day}")
        lines.append(said.format(title=wording.clean(row.letter), day=day(model, row.letter_at)))
    return "\n".join(lines)


FORM = form_of(
    parts, code="F25", title="Clinic list and outcomes", size="A4 landscape", takes="clinic", allergies=False,
    use="One line a patient. Outcomes go back to the patient system and the waiting-time clock.",
    hint="Clinic, date", back_entry="line",
)  # fmt: skip
