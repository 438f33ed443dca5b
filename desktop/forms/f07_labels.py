"""F07 Specimen and identity labels: one patient, one serial, a stock of labels (CLINICAL §6 F07, §3.3).

**No label for a transfusion sample can be made** (hazard H16). A job has no type of specimen and no text of its own; its
request must be one that is on record for this patient, and one that names a transfusion, a group or a crossmatch is refused
(`label.transfusion`): here, in the last place before paper, whoever asks. Each label says NOT FOR TRANSFUSION SAMPLES.
"""

from __future__ import annotations

import msgspec

from desktop.forms import codes
from desktop.forms import outline as o
from desktop.forms.frame import NOT_ISSUED, TRAINING
from desktop.forms.identity import placed
from desktop.forms.label_layout import NOT_TRANSFUSION, Facts, room_code, set_label
from desktop.forms.language import tr
from desktop.forms.layout import Design, Panel
from desktop.forms.model import Form, FormModel
from desktop.forms.sheet import MM, Sheet
from desktop.forms.strokes import Stroke, Words, draw
from desktop.forms.type import Style
from localdb.chart import wording
from localdb.chart.matching import ON_PAPER
from localdb.chart.scanning import number_label
from localdb.chart.transfusion import record_is_transfusion, request_is_transfusion, serial_is_transfusion
from localdb.chart.views import Chart
from localdb.labels import MOST, LabelJob, LabelRefused, Stock, refuse_transfusion, shipped
from localdb.records.ids import serial_is_sound
from localdb.records.vocabulary import Request

# Inside each label: what a printer may be off after its calibration. Small labels have less to spare.
MARGIN_SHEET, MARGIN_ROLL, MARGIN_SMALL = 1.6 * MM, 1.2 * MM, 1.0 * MM
_SERIAL_MARGIN = 6 * MM  # of a page above its first label, for a serial to stand there


def job_of(model: FormModel) -> LabelJob:
    """The job, or the usual one. Raises label.stock, label.start."""
    if model.label is None:
        name, stock = shipped().stock()
        return LabelJob(name=name, stock=stock)
    if not isinstance(model.label, LabelJob):
        raise LabelRefused("That stock is a wristband's.")
    job = model.label
    if not 1 <= job.start <= job.stock.each or not 0 <= job.count <= MOST:
        raise LabelRefused("There is no such label on that sheet.", code="label.start",
                           next_step=f"Count from 1 to {job.stock.each}, row by row; at most {MOST} labels.")  # fmt: skip
    return job


def request_of(chart: Chart | None, asked: str) -> str:
    """The request as it stands on a label: a serial of a request form, the number of a typed request or the order number of
    one in the copy. Raises label.transfusion, label.request_unknown."""
    bare = asked.strip()
    if not bare:
        return ""
    serial = bare.replace(" ", "").replace("-", "").upper()
    if serial_is_transfusion(serial):
        raise refuse_transfusion()
    typed = [e for e in chart.entries if e.kind == "request" and e.number == bare.upper()] if chart is not None else []
    found = chart.lists["requests"].items if chart is not None and "requests" in chart.lists else ()
    orders = [r for r in found if bare in (r.source_id, *getattr(r, "numbers", ()))]
    if any(request_is_transfusion(e.body) for e in typed) or any(record_is_transfusion(r) for r in orders):
        raise refuse_transfusion()
    if serial_is_sound(serial):
        if serial[4:7] == "F03" and chart is not None:
            _check_typed(chart)
        return serial
    if typed:
        return typed[0].number
    if orders and all(isinstance(r, Request) for r in orders) and len(bare) <= 30:
        return wording.clean(bare)
    raise LabelRefused("No request of that number is on record for this patient.", code="label.request_unknown",
                       next_step="Give the serial of the request form, or leave the request out.")  # fmt: skip


def _check_typed(chart: Chart) -> None:
    """F03 is filled from the newest typed request: one with a group or crossmatch among its tests has no labels."""
    newest = next((e for e in chart.entries if e.kind == "request" and not e.corrected_by), None)
    if newest is not None and request_is_transfusion(newest.body):
        raise refuse_transfusion()


def _ward(model: FormModel) -> str:
    """`Ash Ward at 24-Nov-2026 02:40`: a place is never printed without its time (CLINICAL §7.1)."""
    assert model.chart is not None
    ward = wording.clean(model.chart.patient.ward)
    return f"{ward} {placed(model)}".rstrip() if ward else ""


def facts_of(model: FormModel) -> Facts:
    """What each label says. Raises label.transfusion, label.request_unknown."""
    job = job_of(model)
    request = request_of(model.chart, job.request)
    code = codes.page_code("F07", model.serial, model.key) if model.serial else ""
    marks = [TRAINING] if model.site.training else []
    serial = model.serial or tr(NOT_ISSUED)
    if model.chart is None:
        return Facts(serial=serial, code=code, room=room_code(""), blank=True, alike=" ".join(map(tr, marks)))
    patient = model.chart.patient
    marks += [ON_PAPER[model.chart.alike]] if model.chart.alike else []
    name = patient.name
    family = wording.clean(name.family).upper()
    given = wording.clean(" ".join(name.given)) or ("" if family else wording.clean(name.text) or tr(wording.NO_NAME))
    verified = tr("(not verified)") if patient.nhs and patient.nhs_verified is False else ""
    return Facts(
        family=family, given=given, alike=" · ".join(map(tr, marks)),
        born=wording.date(patient.born, model.site.zone, estimated=patient.born_estimated, missing=wording.NOT_KNOWN),
        sex=wording.gender(patient.gender), nhs_label=number_label(patient.nhs or ""),
        nhs=f"{wording.nhs_number(patient.nhs)} {verified}".rstrip(), mrn=wording.clean(patient.mrn or ""),
        ward=_ward(model), request=request,
        serial=serial, code=code, room=room_code(model.key),
    )  # fmt: skip


def _inner(stock: Stock) -> tuple[float, float, float]:
    """Margin, width and height of the part of a label that is printed on, in points."""
    margin = MARGIN_SMALL if min(stock.label) < 24 else MARGIN_ROLL if min(stock.label) < 29 else MARGIN_SHEET
    return margin, stock.label[0] * MM - 2 * margin, stock.label[1] * MM - 2 * margin


def laid(facts: Facts, stock: Stock) -> list[Stroke] | None:
    """The strokes of one label, or None where that stock cannot hold what must stand on it."""
    _, wide, high = _inner(stock)
    return set_label(facts, wide, high, margin_serial=stock.first[1] * MM >= _SERIAL_MARGIN)


def _fitted(facts: Facts, stock: Stock) -> list[Stroke]:
    """Raises label.too_small, which names a stock that is large enough."""
    found = laid(facts, stock)
    if found is not None:
        return found
    larger = sorted(
        (s.label[0] * s.label[1], name) for name, s in shipped().stocks.items() if laid(facts, s) is not None
    )
    step = (
        f"Use the stock {larger[0][1]} or a larger one." if larger else "Write the label by hand, with all of the name."
    )
    what = "A name written by hand" if facts.blank else "The name or a number of that patient"
    raise LabelRefused(f"{what} does not fit such a label whole, and nothing is cut.",
                       code="label.too_small", next_step=step)  # fmt: skip


class LabelSheet:
    """The labels of one sheet of the ledger, page by page."""

    def __init__(self, model: FormModel) -> None:
        self._job = job_of(model)
        facts = facts_of(model)
        self.strokes = _fitted(facts, self._job.stock)
        said = any(isinstance(s, Words) and facts.serial in s.text for s in self.strokes)
        self._margin_serial = "" if said else facts.serial

    def draw(self, sheet: Sheet, page: int, pages: int, copy: int) -> None:
        job = self._job
        right, down = (n / 10 * MM for n in job.offset)
        margin = _inner(job.stock)[0]
        first = (page - 1) * job.stock.each
        for n in range(first, first + job.stock.each):
            if job.start - 1 <= n < job.start - 1 + job.labels:
                x, y = job.stock.corner(n - first)
                draw(sheet, x * MM + margin + right, y * MM + margin + down, self.strokes)
        if self._margin_serial:
            x = max(job.stock.first[0] * MM, 10 * MM) + right
            sheet.text(x, job.stock.first[1] * MM - 2 * MM + down, self._margin_serial, Style("ident", 8))


def words_of(strokes: list[Stroke]) -> list[str]:
    return [s.text.replace("\u00a0", " ") for s in strokes if isinstance(s, Words)]


def outline(model: FormModel) -> o.Outline:
    """The words of one label, as they are set."""
    made = LabelSheet(model)
    rows: list[o.Row] = [o.Text(text=t) for t in words_of(made.strokes)]
    return o.Outline(sections=(o.Section(title="", rows=tuple(rows)),))


def design(form: Form, model: FormModel) -> Design:
    job = job_of(model)
    made = LabelSheet(model)
    return Design((job.stock.page[0] * MM, job.stock.page[1] * MM), tuple((Panel(made),) for _ in range(job.pages)))


def with_request(model: FormModel, request: str) -> FormModel:
    """The same labels for a request."""
    return msgspec.structs.replace(model, label=msgspec.structs.replace(job_of(model), request=request))


FORM = Form(
    code="F07", title="Specimen labels", size="labels", takes="patient", version=1, use=NOT_TRANSFUSION, outline=outline,
    design=design, allergies=False, two_sided=False, hint="",
)  # fmt: skip
