"""F10 Wristband: four identifiers, two codes, and the part that is cut off and kept (CLINICAL §1.4, §6 F10).

Rules: SURNAME Given, date of birth, NHS number, in this order and nothing more: no allergy, no resuscitation status, no
blood group, no safeguarding. **Only a verified NHS number stands on it**, else its place is left blank, and the hospital
number stands in figures under a Code 128, so that a patient without one can be told by a second number. The GS1 code
stands twice along the band, each module at least 0.5 mm and a whole number of dots of a thermal printer (203 or 300 dpi).
Two people compare the band with the patient before it goes on; they sign the receipt, which has the serial of the sheet.
"""

from __future__ import annotations

from desktop.forms import codes
from desktop.forms import outline as o
from desktop.forms.f07_labels import words_of
from desktop.forms.frame import NOT_ISSUED, TRAINING
from desktop.forms.label_layout import DATE, SERIAL_ROOM, TIME, name_lines
from desktop.forms.language import tr
from desktop.forms.layout import Design, Panel
from desktop.forms.model import Form, FormModel
from desktop.forms.sheet import MM, Sheet
from desktop.forms.strokes import QUIET, Bars, Box, Matrix, Rule, Stroke, Words, bars_wide, draw, moved, side
from desktop.forms.type import Span, Style, tied, width
from localdb.chart import wording
from localdb.chart.gs1 import Element
from localdb.chart.gs1_band import band_elements, is_newborn, verified_nhs
from localdb.chart.scanning import number_label
from localdb.labels import BandJob, BandStock, LabelRefused, read_ods, shipped

MODULES = (0.625 * MM, 0.5 * MM)
BAR_MODULE = 0.375 * MM
SIZES = ((16, 13), (15, 12), (14, 12), (13, 11), (12, 10.5), (11, 10), (10, 9.5), (10, 9), (9, 8), (8, 8))
_SMALL = Style("regular", 8)
_GAP = 6.0


def job_of(model: FormModel) -> BandJob:
    """The job, or the usual one. Raises label.stock, label.ods, label.baby."""
    if model.label is None:
        name, stock = shipped().band_stock()
        return BandJob(name=name, stock=stock)
    if not isinstance(model.label, BandJob):
        raise LabelRefused("That stock is no wristband's.")
    read_ods(model.label.ods)
    if model.label.baby is not None and (
        model.chart is None
        or not is_newborn(model.chart.patient, model.printed_at)
        or not 1 <= model.label.baby.n <= model.label.baby.of <= 9
    ):
        raise LabelRefused("That is no newborn, or no number of a baby.", code="label.baby",
                           next_step="Leave --baby and --mother out, or correct them.")  # fmt: skip
    return model.label


def elements_of(model: FormModel) -> tuple[Element, ...]:
    """What the GS1 code says."""
    if model.chart is None:
        return ()
    job = job_of(model)
    return band_elements(model.chart.patient, model.printed_at, ods=job.ods, baby=job.baby)


def _lines(
    model: FormModel, size: float, small: float, room: float, most: int
) -> list[tuple[list[Span], float]] | None:
    """(line, size) of the four identifiers; None where the name cannot stand in `most` lines."""
    assert model.chart is not None
    patient = model.chart.patient
    name = patient.name
    family = wording.clean(name.family).upper()
    given = wording.clean(" ".join(name.given)) or ("" if family else wording.clean(name.text) or tr(wording.NO_NAME))
    made = name_lines(family, given, size, room, most, comma=" ")
    if made is None:
        return None
    nhs, label = verified_nhs(patient), Style("regular", max(8, small - 2))
    born = wording.date(patient.born, model.site.zone, estimated=patient.born_estimated, missing=wording.NOT_KNOWN)
    number = wording.nhs_number(nhs) if nhs else "\u00a0" * 12
    return [
        *((spans, size) for spans in made),
        ([(tr("Born") + " ", label), (tied(born), Style("bold", small))], small),
        ([(f"{number_label(nhs)} ", label), (tied(number), Style("identsans", small))], small),
    ]


def set_strip(model: FormModel, wide: float, high: float) -> list[Stroke] | None:
    """Codes and identifiers on a strip so wide and high in points, or None where they cannot stand whole.

    The Code 128 of a number stands beside the words where they keep 10 points, else under them; a band too short for that
    has the number in figures alone: the GS1 code holds it.
    """
    elements = elements_of(model)
    mrn = wording.clean(model.chart.patient.mrn or "") if model.chart is not None else ""
    numbered = bool(mrn) and not any(name == "8018" for name, _ in elements)
    coded = any(name == "91" for name, _ in elements)
    ways = ("beside", "under", *(("figures",) if coded or not _barred(mrn) else ())) if numbered else ("",)
    for way in ways:
        for sizes in SIZES:
            if way == "beside" and sizes[1] < 10:
                continue
            for module in MODULES:
                for most in (1, 2, 3):
                    made = _attempt(model, elements, mrn, way, (wide, high), module, sizes, most)
                    if made is not None:
                        return made
    return None


def _attempt(
    model: FormModel, elements: tuple[Element, ...], mrn: str, way: str, area: tuple[float, float], module: float,
    sizes: tuple[float, float], most: int,
) -> list[Stroke] | None:  # fmt: skip
    wide, high = area
    strokes: list[Stroke] = []
    left, right = 0.0, wide
    if elements:
        long = side(elements, module)
        if long + 2 * module > high:
            return None
        top = (high - long) / 2
        strokes += [Matrix(module, top, elements, module), Matrix(wide - long - module, top, elements, module)]
        left, right = long + 2 * module + _GAP, wide - long - 2 * module - _GAP
    if way == "beside":
        bars, right = _number(mrn, high, right, min(11 * MM, high - 15))
        strokes += bars
        if right < left:
            return None
    under = (6 * MM + 13 if _barred(mrn) else 12) if way == "under" else 0.0
    room = right - left
    lines = _lines(model, *sizes, room, most)
    if lines is None:
        return None
    if way == "figures":
        lines.append(([(f"{tr('Hosp. No.')} ", _SMALL), (tied(mrn), Style("ident", max(8, sizes[1])))], sizes[1]))
    if model.site.training:
        lines.insert(0, ([(tr(TRAINING), Style("bold", 8))], 8))
    whole = sum(size * 1.18 for _, size in lines) + under
    if whole > high or any(sum(width(t, s) for t, s in spans) > room for spans, _ in lines):
        return None
    y = (high - whole) / 2
    for spans, size in lines:
        y += size * 1.18
        strokes.append(Words(left, y - size * 0.24, tuple(spans)))
    if way == "under":
        bars, start = _number(mrn, under, right, 6 * MM)
        if start < left - _GAP:
            return None
        shift = start + _GAP - left
        strokes += [moved(s, -shift, y) for s in bars]
    return strokes


def _barred(mrn: str) -> bool:
    """Whether a Code 128 can say it."""
    return bool(mrn) and mrn.isascii() and mrn.isprintable()


def _number(mrn: str, high: float, right: float, bar_high: float) -> tuple[list[Stroke], float]:
    """Code 128 of the hospital number with its figures below, ending at `right`; and where the room before it ends."""
    style = Style("ident", 10)
    label = f"{tr('Hosp. No.')} "
    words = width(label, _SMALL) + width(mrn, style)
    barred = _barred(mrn)
    wide = max(bars_wide(mrn, BAR_MODULE) + 2 * QUIET * BAR_MODULE if barred else 0, words)
    start = right - wide
    bars: list[Stroke] = []
    top = (high - bar_high - 13) / 2
    if barred:
        bars.append(Bars(start + QUIET * BAR_MODULE, top + 1, mrn, BAR_MODULE, bar_high))
    y = top + bar_high + 11 if barred else high / 2 + 3
    bars.append(Words(start + (wide - words) / 2, y, ((label, _SMALL), (mrn, style))))
    return bars, start - _GAP


def _blank_strip(wide: float, high: float) -> list[Stroke]:
    """Lines for a pen."""
    out: list[Stroke] = []
    pitch = high / 3
    for n, (text, ruled) in enumerate(
        ((tr("SURNAME Given"), True), (f"{tr('Born')}  {DATE}", False), (tr("NHS No."), True))
    ):
        y = (n + 1) * pitch - 4
        out.append(Words(0, y, ((text, Style("regular", 9)),)))
        if ruled:
            out.append(Rule(width(text, Style("regular", 9)) + 4, y + 1, wide))
    return out


def set_receipt(model: FormModel, wide: float, high: float) -> list[Stroke]:
    """Serial, code of the sheet, and who compared the band with the patient."""
    serial = model.serial or tr(NOT_ISSUED)
    module = 0.5 * MM
    long = side(codes.page_code("F10", SERIAL_ROOM, model.key), module)
    out: list[Stroke] = []
    if model.serial:
        said = codes.page_code("F10", model.serial, model.key)
        out.append(Matrix(wide - side(said, module) - module, 2, said, module))
    room = wide - long - module - 4
    out.append(Words(0, 9, ((serial, Style("ident", 9)),)))
    out.append(Words(0, 20, ((tr("Compared with the patient"), _SMALL),)))
    box = min(34.0, (room - 8) / 2)
    for n in range(2):
        x = n * (box + 8)
        out += [Box(x, 24, box, 18), Words(x + 2, 31, ((str(n + 1), _SMALL),))]
    out.append(Words(0, min(high - 2, 53), ((f"{tr('initials')}  {TIME}", _SMALL),)))
    return out


class Band:
    """One wristband and its receipt."""

    def __init__(self, model: FormModel) -> None:
        self._job = job = job_of(model)
        self.strip = _fitted(model, job.stock)
        self.receipt = set_receipt(model, job.stock.receipt[2] * MM, job.stock.receipt[3] * MM)

    def draw(self, sheet: Sheet, page: int, pages: int, copy: int) -> None:
        stock = self._job.stock
        right, down = (n / 10 * MM for n in self._job.offset)
        for (x, y, wide, high), strokes in ((stock.strip, self.strip), (stock.receipt, self.receipt)):
            draw(sheet, x * MM + right, y * MM + down, strokes)
            if stock.cut:
                edge = 2 * MM
                sheet.box(x * MM - edge, y * MM - edge, wide * MM + 2 * edge, high * MM + 2 * edge, 0.5)


def laid(model: FormModel, stock: BandStock) -> list[Stroke] | None:
    """The strokes of the strip, or None where that band cannot hold what must stand on it."""
    wide, high = stock.strip[2] * MM, stock.strip[3] * MM
    return _blank_strip(wide, high) if model.chart is None else set_strip(model, wide, high)


def _fitted(model: FormModel, stock: BandStock) -> list[Stroke]:
    """Raises label.too_small, which names a band that is large enough."""
    found = laid(model, stock)
    if found is not None:
        return found
    larger = sorted(
        (s.strip[2] * s.strip[3], name) for name, s in shipped().bands.items() if laid(model, s) is not None
    )
    step = (
        f"Use the stock {larger[0][1]} or a larger one." if larger else "Write the band by hand, with all of the name."
    )
    raise LabelRefused("The name or a number of that patient does not fit such a band whole, and nothing is cut.",
                       code="label.too_small", next_step=step)  # fmt: skip


def outline(model: FormModel) -> o.Outline:
    made = Band(model)
    rows: list[o.Row] = [o.Text(text=t) for t in words_of([*made.strip, *made.receipt])]
    return o.Outline(sections=(o.Section(title="", rows=tuple(rows)),))


def design(form: Form, model: FormModel) -> Design:
    made, page = Band(model), job_of(model).stock.page
    return Design((page[0] * MM, page[1] * MM), ((Panel(made),),))


FORM = Form(
    code="F10", title="Wristband", size="band", takes="patient", version=1, use="Two people compare it with the patient.",
    outline=outline, design=design, allergies=False, two_sided=False, hint="",
)  # fmt: skip
