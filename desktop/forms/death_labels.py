"""The two labels at the foot of F32: four identifiers and the date of death, to cut out (CLINICAL §6, §1.4).

They hold nothing clinical. The larger the better read by a stranger: a label grows with a long name, none is cut.
"""

from __future__ import annotations

from desktop.forms import codes
from desktop.forms import outline as o
from desktop.forms.blanks import DATE, TIME
from desktop.forms.blocks import Block, Strip
from desktop.forms.identity import name_text
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Line, Span, Style, tied, wrap
from localdb.chart import wording

HIGH, BETWEEN = 40 * MM, 5 * MM
_NAME, _LABEL, _VALUE, _NUMBER = Style("bold", 12), Style("regular", 8.5), Style("semibold", 10.5), Style("ident", 12)
_PAD = 6.0


def label_items(model: FormModel) -> list[tuple[str, str, Style]]:
    """(label, value, style): born, NHS number, hospital number, died; on a blank lines to write on."""
    if model.chart is None:
        line = "______________________"
        return [("Name", line, _VALUE), ("Born", DATE, _VALUE), ("NHS No.", line, _VALUE), ("Hosp. No.", line, _VALUE),
                ("Died", f"{DATE}  {TIME}", _VALUE)]  # fmt: skip
    patient, zone = model.chart.patient, model.site.zone
    if patient.is_deceased or patient.deceased:
        died = wording.date_time(patient.deceased, zone, missing=DATE)
    else:
        died = f"{DATE}  {TIME}"
    born = wording.date(patient.born, zone, estimated=patient.born_estimated, missing=tr(wording.NOT_KNOWN))
    return [
        ("Born", born, _VALUE),
        ("NHS No.", wording.nhs_number(patient.nhs), _NUMBER),
        ("Hosp. No.", wording.clean(patient.mrn or "") or tr(wording.NOT_KNOWN), _NUMBER),
        ("Died", died, _VALUE),
    ]


def label_rows(model: FormModel) -> tuple[o.Row, ...]:
    """The label in words, once."""
    rows: list[o.Row] = [o.Text(text=tr(HINT))]
    if model.chart is not None:
        rows.append(o.Text(text=name_text(model.chart.patient), strong=True))
    return (*rows, *(o.Pair(left=tr(label), right=value) for label, value, _ in label_items(model)))


HINT = "Two labels: one on the body, one on the shroud or bag. Two people check them against the wristband."


def labels(model: FormModel, wide: float) -> list[Block]:
    """The hint and both labels beside each other, tied together."""
    each = (wide - BETWEEN) / 2
    side = codes.datamatrix(codes.page_code("F32", "W" * 12 + "*", model.key))[0] * codes.DATAMATRIX_MODULE
    lines = _lines(model, each, side)
    high = max(HIGH, sum(_pitch(line) for line in lines) + 14, side + 12 if model.serial else 0)
    hint = wrap([(tr(HINT), Style("semibold", 9))], wide)

    def words(sheet: Sheet, x: float, y: float) -> None:
        for n, line in enumerate(hint):
            sheet.text(x, y + 14 + n * 11.5, line.spans)

    def both(sheet: Sheet, x: float, y: float) -> None:
        for n in range(2):
            _draw(sheet, model, lines, x + n * (each + BETWEEN), y, each, high)

    return [Block((Strip(9 + len(hint) * 11.5, words), Strip(high + 2, both)))]


def _lines(model: FormModel, each: float, side: float) -> list[Line]:
    room = each - 2 * _PAD - side - 8
    out: list[Line] = []
    if model.chart is not None:
        out += wrap([(name_text(model.chart.patient), _NAME)], each - 2 * _PAD)
    for label, value, style in label_items(model):
        spans: list[Span] = [(tr(label) + " ", _LABEL), (tied(value), style)]
        out += wrap(spans, room)
    return out


def _pitch(line: Line) -> float:
    return max((s.size for _, s in line.spans), default=10) * 1.32 + (3 if len(line.spans) > 1 else 0)


def _draw(sheet: Sheet, model: FormModel, lines: list[Line], x: float, y: float, wide: float, high: float) -> None:
    sheet.dashed_box(x, y, wide, high)
    at = y + 4
    for line in lines:
        at += _pitch(line)
        sheet.text(x + _PAD, at - 2, line.spans)
    if model.serial:
        code = codes.page_code("F32", model.serial, model.key)
        size = codes.datamatrix(code)[0] * codes.DATAMATRIX_MODULE
        sheet.datamatrix(x + wide - size - _PAD, y + high - size - _PAD, code)
