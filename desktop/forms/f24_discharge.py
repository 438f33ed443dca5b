"""F24 Discharge summary and medicines to take home: one set for the patient, the GP, the pharmacy and the notes
(CLINICAL §6).

What the copy holds stands first in each section, with its age; whether a medicine is continued, new or changed is for the
prescriber to mark, with the reason: nothing of it is worked out from the copy. What the source suspended or stopped says
so. The systems' own summary follows when they are back; this one is marked as sent on paper.
"""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.blanks import Field
from desktop.forms.chart_text import as_of, day, empty_text, held_back, shown, when
from desktop.forms.drug_words import orders, words_of
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Author, Facts, Fields, Heading, Part, Ruled, Writing, form_of
from desktop.forms.summary_parts import waiting_section
from desktop.forms.tables import Cell, Column
from desktop.forms.type import Style, tied
from localdb.chart import wording
from localdb.chart.drug_chart import Item
from localdb.chart.views import KNOWN, Chart
from localdb.records.vocabulary import Problem

READERS = ("patient", "GP", "pharmacy", "notes")
_DRUG, _DOSE = Style("semibold", 10), Style("bold", 10)
_MEDICINES = (
    Column("Medicine, form", 0.26, _DRUG), Column("DOSE, route, how often", 0.26, _DOSE),
    Column("Continued, new, changed, stopped: ring one, and why", 0.25), Column("How long, supply", 0.11),
    Column("Pharmacy", 0.12),
)  # fmt: skip


def _medicine_rows(model: FormModel) -> list[tuple[str | Cell, ...]]:
    """Going ones, then suspended and stopped ones with the source's own reason."""
    made = orders(model)
    going = (*made.once, *made.regular, *made.needed, *made.oxygen)
    rows = [_row(model, item, tr("continued, new, changed")) for item in going]
    rows += [_row(model, item, _ended(item)) for item in (*made.suspended, *made.stopped)]
    for row in made.view_only:
        rows.append((tied(wording.clean(row.drug)), tr("not transcribed: see its own prescription"), "", "", ""))
    return rows


def _row(model: FormModel, item: Item, state: str) -> tuple[str | Cell, ...]:
    w = words_of(model, item)
    form = wording.clean("; ".join(t for t in (item.row.form, item.row.further) if t))
    drug = Cell("\n".join(t for t in (tied(w.drug), form) if t))
    why = "" if not item.row.is_going else wording.clean(item.row.why)
    cautions = "\n".join(w.warned)
    dose = "\n".join(t for t in (tied(w.dose), f"{w.route}, {w.often}", cautions) if t)
    return drug, Cell(dose), Cell("\n".join(t for t in (state, why) if t)), "", ""


def _ended(item: Item) -> str:
    """The status as sent, in words, with its reason."""
    return wording.clean(
        item.row.why.upper() if not item.row.item.reason else f"{item.row.due.head.upper()}: {item.row.why}"
    )


def _diagnoses(model: FormModel, chart: Chart) -> Facts:
    listing = chart.problems
    items = [p for p in shown(listing.items) if isinstance(p, Problem) and p.clinical in ("active", "")]
    rows: list[o.Row] = [
        o.Pair(left=wording.clean(p.text) or tr("name not sent"), right=day(model, p.happened or p.said)) for p in items
    ]
    if not items:
        rows.append(
            o.Text(text=empty_text(listing.state, tr("active problems"), listing.window), strong=listing.state != KNOWN)
        )
    rows += [o.Text(text=t) for t in held_back(listing.items)]
    return Facts(o.Section(title=tr("Diagnoses in the copy"), as_of=as_of(model, "problem"), rows=tuple(rows)))


def _about_medicines(model: FormModel) -> list[Part]:
    if model.chart is None:
        return [Heading("Medicines to take home")]
    made, listing = orders(model), model.chart.medicines
    rows: list[o.Row] = [o.Text(text=t, strong=True) for t in held_back(listing.items)]
    if listing.state != KNOWN or not made.total:
        rows.append(o.Text(text=empty_text(listing.state, tr("medicines"), listing.window), strong=True))
    if made.infusions:
        names = ", ".join(dict.fromkeys(wording.clean(i.row.drug) for i in made.infusions))
        rows.append(o.Text(text=tr("Infusions are not listed: {names}.").format(names=names)))
    if made.earlier:
        said = tr("{count} stopped or finished earlier, or at a time not sent, are not listed.")
        rows.append(o.Text(text=said.format(count=made.earlier)))
    title = tr("Medicines to take home, from the copy")
    return [Facts(o.Section(title=title, as_of=as_of(model, "medicine"), rows=tuple(rows)))]


def parts(model: FormModel) -> list[Part]:
    chart = model.chart
    who = chart.patient if chart is not None else None
    admitted = when(model, who.admitted) if who is not None and who.admitted is not None else ""
    facts: list[Part] = []
    if chart is not None:
        facts = [_diagnoses(model, chart)]
    waiting: list[Part] = [Facts(waiting_section(model, chart))] if chart is not None else []
    many = model.blank
    return [
        Fields(Field("GP", 1.0, wording.clean(who.practitioner) if who else ""), height=19),
        Fields(Field("Admitted", 0.34, admitted), Field("Discharged: date, time", 0.33), Field("To", 0.33), height=19),
        Fields(Field("Consultant", 0.5, wording.clean(who.consultant) if who else ""), Field("Reason for admission", 0.5,
               wording.clean(who.reason) if who else ""), height=19),
        *facts,
        Writing("Main diagnosis of this stay", 2, 21),
        Writing("Procedures, with dates", 2, 21),
        *(waiting or [Writing("Results still to come, and who will act on them", 2, 21)]),
        *([Writing("Who will act on them", 1, 21)] if waiting else []),
        Writing("What happened", 6, 21),
        *_about_medicines(model),
        Ruled(_MEDICINES, tuple(_medicine_rows(model)), blank=18 if many else 3, pitch=25),
        Heading("After discharge"),
        Writing("Follow-up: what, where, when", 2, 21),
        Writing("What the GP is asked to do", 2, 21),
        Writing("What the patient was told, and when to ask for help", 2, 21),
        Author(),
        Fields(Field("Pharmacy: screened by", 0.36), Field("dispensed by", 0.32), Field("checked by", 0.32), height=21),
        Fields(Field("Sent on paper to the GP", 0.6, ticks=("by hand", "by post"), ruled=False),
               Field("by, date", 0.4), height=21),
    ]  # fmt: skip


FORM = form_of(
    parts, code="F24", title="Discharge summary and medicines", parts_for=READERS,
    use="Sent on paper. The systems' own summary follows.",
)  # fmt: skip
