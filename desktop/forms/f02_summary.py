"""F02 Patient summary: what a clinician needs of one patient, on two sides or more (CLINICAL §6, look/20).

Every section has its own as-of; phoned results stand in their own box; what is not known says so in words.
"""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.allergies import is_active
from desktop.forms.blocks import LABEL, STRONG, boxed
from desktop.forms.chart_text import RESUS, as_of, day, empty_text, entry_text, held_back, phoned_text, shown, when
from desktop.forms.frame import A4, Frame
from desktop.forms.layout import Area, Design, Panel, two_columns
from desktop.forms.model import Form, FormModel
from desktop.forms.sheet import MM
from desktop.forms.summary_parts import (
    medicines_section,
    observations_section,
    reports_section,
    waiting_section,
)
from desktop.forms.summary_results import results_sections
from desktop.forms.type import glued
from localdb.chart import wording
from localdb.chart.views import KNOWN, Chart
from localdb.records.vocabulary import Allergy, Record

_GUTTER = 6 * MM
NOT_VALID = "This print is not a valid form. No decision in this copy would not be evidence of absence."
NO_DECISION = "No resuscitation decision is held in this copy. That is not evidence of absence: look at the notes."
PHONED = "UNCONFIRMED, BY PHONE, written on the ward"
BLANK = (
    "Why here",
    "Problems",
    "Alerts",
    "Observations",
    "Results",
    "Medicines, last given",
    "Waiting",
    "Contact and GP",
)


def outline(model: FormModel) -> o.Outline:
    """The facts; on a blank the heads alone."""
    if model.chart is None:
        parts = tuple(o.Section(title=t, side=int(n > 3)) for n, t in enumerate(BLANK))
        return o.Outline(sections=parts)
    chart = model.chart
    key, more = results_sections(model, chart.results)
    sections = (
        _why(model, chart),
        _problems(model, chart),
        _alerts(model, chart),
        observations_section(model, chart),
        reports_section(model, chart),
        _contacts(model, chart),
        key,
        medicines_section(model, chart),
        waiting_section(model, chart),
        *((more,) if more is not None else ()),
        *_written(model, chart),
    )
    phoned = tuple(phoned_text(model, e) for e in chart.phoned)
    boxes = (_resus(model, chart),)
    return o.Outline(boxes=boxes, sections=sections, phoned=(PHONED, *phoned) if phoned else ())


def _resus(model: FormModel, chart: Chart) -> tuple[str, str]:
    found = [
        r
        for r in (*chart.alerts.items, *chart.documents.items)
        if RESUS.search(r.text) and r.status not in ("entered-in-error", "inactive", "superseded") and not r.restricted
    ]
    if not found:
        return NO_DECISION, ""
    held = "; ".join(f"{wording.clean(r.text)}, {day(model, r.happened or r.said)}" for r in found)
    return f"Record holds: {held}. CHECK THE ORIGINAL.", NOT_VALID


def _why(model: FormModel, chart: Chart) -> o.Section:
    patient = chart.patient
    rows: list[o.Row] = []
    if patient.admitted is not None:
        rows.append(o.Text(text=f"Admitted {wording.date_time(patient.admitted, model.site.zone, weekday=True)}"))
    rows.append(o.Text(text=wording.clean(patient.reason) or "Reason for admission not in this copy."))
    if patient.consultant:
        rows.append(o.Pair(left="Consultant", right=wording.clean(patient.consultant)))
    return o.Section(title="Why here", as_of=as_of(model, "stay"), rows=tuple(rows))


def _problems(model: FormModel, chart: Chart) -> o.Section:
    items = [r for r in shown(chart.problems.items) if getattr(r, "clinical", "") not in ("inactive", "resolved")]
    rows: list[o.Row] = [o.Pair(left=wording.clean(r.text), right=day(model, r.happened or r.said)) for r in items]
    if not items:
        rows = [o.Text(text=empty_text(chart.problems.state, "active problems"), strong=chart.problems.state != KNOWN)]
    over = len(shown(chart.problems.items)) - len(items)
    if over:
        rows.append(o.Text(text=f"{over} resolved or inactive, not printed."))
    rows += [o.Text(text=t) for t in held_back(chart.problems.items)]
    return o.Section(title="Problems", as_of=as_of(model, "problem"), rows=tuple(rows))


def _alerts(model: FormModel, chart: Chart) -> o.Section:
    items = [r for r in shown(chart.alerts.items) if r.status not in ("inactive", "completed")]
    rows: list[o.Row] = [o.Pair(left=wording.clean(r.text), right=day(model, r.said or r.happened)) for r in items]
    rows += [
        o.Pair(left=f"Allergy entry not active: {wording.clean(r.text)}", right=_not_active(r))
        for r in chart.allergies.items
        if isinstance(r, Allergy) and not is_active(r) and not r.asserts_none and not r.restricted
    ]
    if not items:
        rows.append(o.Text(text=empty_text(chart.alerts.state, "alerts"), strong=chart.alerts.state != KNOWN))
    rows += [o.Text(text=t, strong=True) for t in held_back(chart.alerts.items)]
    return o.Section(title="Alerts", as_of=as_of(model, "alert"), rows=tuple(rows))


def _not_active(record: Record) -> str:
    assert isinstance(record, Allergy)
    return record.verification if record.verification in ("refuted", "entered-in-error") else record.clinical


def _contacts(model: FormModel, chart: Chart) -> o.Section:
    patient = chart.patient
    rows: list[o.Row] = [
        o.Text(text=wording.clean(", ".join((c.name, *([c.relationship] if c.relationship else []), *c.phones))))
        for c in patient.contacts
    ]
    if not patient.contacts:
        rows.append(o.Text(text="Next of kin not recorded in this copy."))
    gp = wording.clean(patient.practitioner) or "not recorded in this copy"
    rows.append(o.Text(text=f"GP {gp}"))
    for label, value in (
        ("Address", patient.address),
        ("Phone", ", ".join(patient.phones)),
        ("Language", ", ".join(patient.languages)),
    ):
        if value:
            rows.append(o.Text(text=wording.clean(f"{label} {value}")))
    others = [wording.display_name(n) for n in patient.names if n != patient.name]
    if others:
        rows.append(o.Text(text=f"Also known as {'; '.join(others)}"))
    return o.Section(title="Contact and GP", as_of=as_of(model, "patient"), rows=tuple(rows))


def _written(model: FormModel, chart: Chart) -> tuple[o.Section, ...]:
    """What the ward wrote in this downtime, apart from the copy."""
    mine = [e for e in chart.entries if e.kind != "phoned_result"]
    if not mine:
        return ()
    rows: tuple[o.Row, ...] = tuple(o.Text(text=entry_text(model, e)) for e in mine)
    newest = when(model, mine[0].written)
    return (o.Section(title="Written on this ward", as_of=f"not in the copy, up to {newest}", rows=rows, side=1),)


def design(form: Form, model: FormModel) -> Design:
    """Frame, the boxes across the page, then two columns; phoned results below the boxes, never in the grid (D6)."""
    made = outline(model)
    frame = Frame(form, model)
    area = frame.content
    blocks = [boxed([[(glued(one), STRONG)], [(two, LABEL)]] if two else [[(one, STRONG)]], area.width, 0.9)
              for one, two in made.boxes]  # fmt: skip
    if made.phoned:
        title, *texts = made.phoned
        blocks.append(boxed([[(title, STRONG)], *([(glued(t), STRONG)] for t in texts)], area.width, 1.5))
    sections = made.sections
    if sum(b.height for b in blocks) > area.height / 2:
        # Too much for boxes above the columns: it flows like everything else, first of all.
        rows = tuple(o.Text(text=t, strong=True) for box in (*made.boxes, made.phoned[1:]) for t in box if t)
        sections, blocks = (o.Section(title=PHONED, rows=rows), *sections), []
    high = sum(b.height for b in blocks)
    column = (area.width - _GUTTER) / 2

    def areas(page: int) -> tuple[Area, ...]:
        top = area.top + (high if page == 0 else 0)
        return (
            Area(area.left, top, column, area.bottom),
            Area(area.left + column + _GUTTER, top, column, area.bottom),
        )

    pages = two_columns(areas, sections)
    y = area.top
    for block in blocks:
        pages[0].append((area.left, y, block))
        y += block.height
    return Design(A4, tuple((Panel(frame, items),) for items in pages))


FORM = Form(
    code="F02", title="Patient summary", size="A4", takes="patient", version=1,
    use="To read, not to write on. Void when the live system is back.",
    outline=outline, design=design,
)  # fmt: skip
