"""F02 Patient summary: what a clinician needs of one patient, on two sides or more (CLINICAL §6, look/20).

Every section has its own as-of; phoned results stand in their own box; what is not known says so in words.
"""

from __future__ import annotations

from msgspec.structs import replace

from desktop.forms import outline as o
from desktop.forms.allergies import is_active
from desktop.forms.blocks import LABEL, STRONG, boxed
from desktop.forms.chart_text import (
    RESUS,
    as_of,
    day,
    empty_text,
    entry_text,
    held_back,
    person_as_of,
    phoned_text,
    shown,
    when,
)  # fmt: skip
from desktop.forms.frame import A4, Frame
from desktop.forms.images_known import annex, annex_pages
from desktop.forms.language import tr
from desktop.forms.layout import Area, Design, Panel, two_columns
from desktop.forms.model import Form, FormModel
from desktop.forms.person_known import alerts_section, contact_text, gp_text
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
from localdb.chart.registered import REGISTERED
from localdb.chart.views import KNOWN, Chart
from localdb.records.moments import Moment
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
    """The facts, and the images that were asked for; on a blank the heads alone."""
    made = _summary(model)
    return replace(made, sections=(*made.sections, *annex(model)))


def _summary(model: FormModel) -> o.Outline:
    if model.chart is None:
        parts = tuple(o.Section(title=tr(t), side=int(n > 3)) for n, t in enumerate(BLANK))
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
    return o.Outline(boxes=boxes, sections=sections, phoned=(tr(PHONED), *phoned) if phoned else ())


def _resus(model: FormModel, chart: Chart) -> tuple[str, str]:
    found = [
        r
        for r in (*chart.alerts.items, *chart.documents.items)
        if RESUS.search(r.text) and r.status not in ("entered-in-error", "inactive", "superseded") and not r.restricted
    ]
    if not found:
        return tr(NO_DECISION), ""
    held = "; ".join(f"{wording.clean(r.text)}, {day(model, r.happened or r.said)}" for r in found)
    return tr("Record holds: {decisions}. CHECK THE ORIGINAL.").format(decisions=held), tr(NOT_VALID)


def _why(model: FormModel, chart: Chart) -> o.Section:
    """Reason, consultant, admission; first what must be read with the name (who somebody is believed to be)."""
    patient, zone = chart.patient, model.site.zone
    rows: list[o.Row] = [o.Text(text=wording.clean(t), strong=True) for t in patient.notes]
    if patient.admitted is not None and patient.scope != REGISTERED:
        at = wording.date_time(patient.admitted, zone, weekday=True)
        rows.append(o.Text(text=tr("Admitted {when}").format(when=at) + _stay_length(model, patient.admitted)))
    if patient.scope != REGISTERED:
        rows.append(o.Text(text=wording.clean(patient.reason) or tr("Reason for admission not in this copy.")))
    if patient.consultant:
        rows.append(o.Pair(left=tr("Consultant"), right=wording.clean(patient.consultant)))
    return o.Section(title=tr("Why here"), as_of=as_of(model, "stay"), rows=tuple(rows))


def _stay_length(model: FormModel, admitted: Moment) -> str:
    """` (10hr ago)`, as long as the admission does not lie ahead."""
    if admitted.instant is None or admitted.instant > model.printed_at or not admitted.has_time:
        return ""
    return " " + tr("({span} ago)").format(span=wording.duration(model.printed_at - admitted.instant).split()[0])


def _problems(model: FormModel, chart: Chart) -> o.Section:
    items = [r for r in shown(chart.problems.items) if getattr(r, "clinical", "") not in ("inactive", "resolved")]
    rows: list[o.Row] = [o.Pair(left=wording.clean(r.text), right=day(model, r.happened or r.said)) for r in items]
    if not items:
        rows = [o.Text(text=empty_text(chart.problems.state, "active problems"), strong=chart.problems.state != KNOWN)]
    over = len(shown(chart.problems.items)) - len(items)
    if over:
        rows.append(o.Text(text=tr("{count} resolved or inactive, not printed.").format(count=over)))
    rows += [o.Text(text=t) for t in held_back(chart.problems.items)]
    return o.Section(title=tr("Problems"), as_of=as_of(model, "problem"), rows=tuple(rows))


def _alerts(model: FormModel, chart: Chart) -> o.Section:
    section = alerts_section(model)
    refuted = tuple(
        o.Pair(left=tr("Allergy entry not active: {agent}").format(agent=wording.clean(r.text)), right=_not_active(r))
        for r in chart.allergies.items
        if isinstance(r, Allergy) and not is_active(r) and not r.asserts_none and not r.restricted
    )
    return replace(section, rows=(*section.rows, *refuted))


def _not_active(record: Record) -> str:
    assert isinstance(record, Allergy)
    return record.verification if record.verification in ("refuted", "entered-in-error") else record.clinical


def _contacts(model: FormModel, chart: Chart) -> o.Section:
    """Next of kin, GP, address, telephones, languages, other names: as sent (CLINICAL §6 F02)."""
    patient = chart.patient
    rows: list[o.Row] = [o.Text(text=contact_text(c)) for c in patient.contacts]
    if not patient.contacts:
        rows.append(o.Text(text=tr("Next of kin not recorded in this copy.")))
    rows.append(o.Text(text=tr("GP {name}").format(name=gp_text(model))))
    for label, value in (
        ("Address {text}", patient.address),
        ("Phone {text}", ", ".join(patient.phones)),
        ("Language {text}", ", ".join(patient.languages)),
    ):
        if value:
            rows.append(o.Text(text=tr(label).format(text=wording.clean(value))))
    others = [wording.display_name(n) for n in patient.names if n != patient.name]
    if others:
        rows.append(o.Text(text=tr("Also known as {names}").format(names="; ".join(others))))
    return o.Section(title=tr("Contact and GP"), as_of=person_as_of(model), rows=tuple(rows))


def _written(model: FormModel, chart: Chart) -> tuple[o.Section, ...]:
    """What the ward wrote in this downtime, apart from the copy."""
    mine = [e for e in chart.entries if e.kind != "phoned_result"]
    if not mine:
        return ()
    rows: tuple[o.Row, ...] = tuple(o.Text(text=entry_text(model, e)) for e in mine)
    newest = tr("not in the copy, up to {when}").format(when=when(model, mine[0].written))
    return (o.Section(title=tr("Written on this ward"), as_of=newest, rows=rows, side=1),)


def design(form: Form, model: FormModel) -> Design:
    """Frame, the boxes across the page, then two columns; phoned results below the boxes, never in the grid (D6)."""
    images = annex(model) if not model.pictures else ()  # asked for, and none is held
    made = _summary(model)
    frame = Frame(form, model, back_entry="line")  # a summary is not back-entered: it is voided (CLINICAL §6)
    area = frame.content
    blocks = [boxed([[(glued(one), STRONG)], [(two, LABEL)]] if two else [[(one, STRONG)]], area.width, 0.9)
              for one, two in made.boxes]  # fmt: skip
    if made.phoned:
        title, *texts = made.phoned
        blocks.append(boxed([[(title, STRONG)], *([(glued(t), STRONG)] for t in texts)], area.width, 1.5))
    sections = (*made.sections, *images)
    if sum(b.height for b in blocks) > area.height / 2:
        # Too much for boxes above the columns: it flows like everything else, first of all.
        rows = tuple(o.Text(text=t, strong=True) for box in (*made.boxes, made.phoned[1:]) for t in box if t)
        sections, blocks = (o.Section(title=tr(PHONED), rows=rows), *sections), []
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
    pages += annex_pages(model, area)
    return Design(A4, tuple((Panel(frame, items),) for items in pages))


FORM = Form(
    code="F02", title="Patient summary", size="A4", takes="patient", version=1,
    use="To read, not to write on. Void when the live system is back.",
    outline=outline, design=design,
)  # fmt: skip
