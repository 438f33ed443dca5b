"""Whose page it is: the identity block, the ward's block, the empty block for an addressograph (CLINICAL §1.1, §6).

The words stand here once, as plain lines (`identity_lines`), for the block and for plain text alike.
"""

from __future__ import annotations

import math
from datetime import datetime

from desktop.forms import codes
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Line, Span, Style, tied, width, wrap
from localdb.chart import staleness, wording
from localdb.chart.matching import ON_PAPER
from localdb.chart.registered import REGISTERED
from localdb.chart.views import PatientView

WIDE, HIGH, WARD_HIGH = 70 * MM, 37 * MM, 26 * MM
_LABEL, _VALUE = Style("regular", 9), Style("semibold", 10.5)
_NUMBER, _NAME = Style("ident", 12), Style("bold", 13)

Labelled = tuple[str, str, Style]


def patient_items(patient: PatientView, at: datetime, zone: str, place_at: str = "") -> list[Labelled]:
    """(label, value, style) after the name, in the order of the banner; `place_at` = as of when the bed was known."""
    died = _died(patient, zone)
    place = ", ".join(t for t in (patient.ward, tr("bed {bed}").format(bed=patient.bed) if patient.bed else "") if t)
    items: list[Labelled] = []
    if patient.preferred:
        items.append(("Preferred name", wording.clean(patient.preferred), _VALUE))
    born = wording.born_text(patient.born, at, zone, estimated=patient.born_estimated)
    if patient.is_deceased or patient.deceased:
        born = wording.date(patient.born, zone, estimated=patient.born_estimated, missing=tr(wording.NOT_KNOWN))
    items.append(("Born", born, _VALUE))
    items += died
    items.append(("Gender", tr(wording.gender(patient.gender)), _VALUE))
    verified = " " + tr("(not verified)") if patient.nhs and patient.nhs_verified is False else ""
    items.append(
        ("NHS No.", (wording.nhs_number(patient.nhs) if patient.nhs else tr(wording.NOT_KNOWN)) + verified, _NUMBER)
    )
    label = "Temp. No." if patient.scope == REGISTERED else "Hosp. No."
    items.append((label, wording.clean(patient.mrn or "") or tr(wording.NOT_KNOWN), _NUMBER))
    items.append(("Ward", f"{place} {place_at}".rstrip() if place else tr(wording.NOT_KNOWN), _VALUE))
    return items


def _died(patient: PatientView, zone: str) -> list[Labelled]:
    """Died stands below Born, Age at Death without parentheses (CUI PAB-0055)."""
    if not (patient.is_deceased or patient.deceased):
        return []
    when = wording.date_time(patient.deceased, zone, missing=tr("date not recorded"))
    items: list[Labelled] = [("Died", when, _VALUE)]
    if patient.deceased and (age := wording.age(patient.born, patient.deceased, zone)):
        items.append(("Age at Death", age, _VALUE))
    return items


def placed(model: FormModel) -> str:
    """`at 24-Nov-2026 02:40`: a bed is never printed without its time (CLINICAL §7.1); of somebody registered here it is
    the time of the registration."""
    if model.chart is not None and model.chart.patient.scope == REGISTERED:
        return tr("at {when}").format(when=wording.date_time(model.chart.patient.admitted, model.site.zone))
    states = staleness.of_kind(model.sources, "stay", model.printed_at, zone=model.site.zone)
    known = [s.as_of for s in states if s.as_of]
    if not states:
        return ""
    return tr("at {when}").format(when=known[0]) if known else tr("as of an unknown time")


def name_text(patient: PatientView) -> str:
    return wording.display_name(patient.name)


def identity_lines(model: FormModel) -> tuple[str, ...]:
    """The identity as plain lines; on a blank, what is to be written by hand."""
    if model.chart is not None:
        patient = model.chart.patient
        items = patient_items(patient, model.printed_at, model.site.zone, placed(model))
        warned = (tr(ON_PAPER[model.chart.alike]),) if model.chart.alike else ()
        return (name_text(patient), *warned, *(f"{tr(label)} {value}" for label, value, _ in items))
    if not model.blank:
        return (group_name(model), *group_lines(model))
    return ("Name ______________________________", "Born __-___-____   Gender ____________",
            "NHS No. ___ ___ ____   Hosp. No. ______________")  # fmt: skip


def group_name(model: FormModel) -> str:
    """What stands in the block of a sheet that is not about one patient: the ward, the clinic, the incident."""
    if model.census is not None:
        return model.census.ward
    if model.agenda is not None:
        return wording.clean(model.clinic)
    return model.site.incident or tr("Downtime")


def group_lines(model: FormModel) -> tuple[str, ...]:
    """Below its name: how many beds and patients, which day, which ward."""
    if model.census is not None:
        rows = model.census.rows
        held = sum(row.patient is not None for row in rows)
        said = tr("{beds} beds, {held} patients, {empty} empty")
        return (said.format(beds=len(rows), held=held, empty=len(rows) - held),)
    if model.agenda is not None:
        people = len({row.patient.id for row in model.agenda.rows})
        return (wording.long_day(model.agenda.day), tr("{count} patients").format(count=people))
    return (model.site.ward,) if model.site.ward else ()


def _wide(model: FormModel) -> float:
    """70 mm, or what the longest word of a name needs to stand unbroken at 10 points, up to 105 mm."""
    name = name_text(model.chart.patient) if model.chart is not None else "" if model.blank else group_name(model)
    words = [width(word, Style("bold", 10)) + 14 for word in name.split()]
    return min(max(WIDE, *words, WIDE), 105 * MM)


class IdentityBlock:
    """The block at the top right: at least 70 × 37 mm, taller where a long name needs it; never a letter less."""

    def __init__(self, model: FormModel, code: str, side: float, hint: str) -> None:
        """`side` = room for the symbol in points, at least its size."""
        self._model, self._code, self._hint = model, code, hint
        self.wide = _wide(model)
        self._side = side
        self._name: list[Line] = []
        self._lines: list[Line] = []
        if model.chart is not None:
            self._name = self._name_lines(name_text(model.chart.patient))
            items = patient_items(model.chart.patient, model.printed_at, model.site.zone, placed(model))
            alike = tr(ON_PAPER.get(model.chart.alike, ""))
            warned = wrap([(alike, Style("bold", 10))], self.wide - 14) if alike else []
            self._lines = [*warned, *(line for item in items for line in self._item_lines(item))]
        elif not model.blank:
            self._name = self._name_lines(group_name(model))
            self._lines = [line for text in group_lines(model) for line in wrap([(text, _VALUE)], self.wide - 12)]
        room = sum(self._pitch(line) for line in self._name) + len(self._lines) * 13.4 + 10
        # The symbol stands at the bottom right: where the text is too wide to leave it room, it goes below.
        beside = math.ceil((self._side + 8) / 13.4)
        low = [line for line in self._lines[-beside:] if line.width > self.wide - 14 - self._side - 6]
        least = HIGH if model.chart is not None or model.blank else WARD_HIGH
        self.height = max(least, room + (self._side + 6 if low and not model.blank else 0))

    def _name_lines(self, name: str) -> list[Line]:
        """The largest size that needs two lines; a name longer than that gets more lines before a word is broken."""
        words = name.split()
        whole = [s for s in (13, 11.5, 10, 9) if all(width(w, Style("bold", s)) <= self.wide - 13 for w in words)]
        for size in whole:
            lines = wrap([(name, Style("bold", size))], self.wide - 13)
            if len(lines) <= 2:
                return lines
        return wrap([(name, Style("bold", max((s for s in whole if s <= 10), default=9)))], self.wide - 13)

    def _item_lines(self, item: Labelled) -> list[Line]:
        label, value, style = item
        words = tr(label) + " "
        room = self.wide - 14 - (self._side + 6 if label in ("NHS No.", "Hosp. No.", "Temp. No.", "Ward") else 0)
        spans: list[Span] = [(words, _LABEL), (tied(value), style)]
        if width(words, _LABEL) + width(value, style) > room:
            spans = [(words, _LABEL), (tied(value), Style(style.face, 10))]
        return wrap(spans, room)

    @staticmethod
    def _pitch(line: Line) -> float:
        return max((s.size for _, s in line.spans), default=10) * 1.25

    def draw(self, sheet: Sheet, x: float, y: float) -> None:
        """With the corner of the block at (x, y)."""
        patient = self._model.chart.patient if self._model.chart else None
        sheet.box(x, y, self.wide, self.height, 1.2)
        if self._model.blank:
            sheet.text(x + 6, y + 11, tr(self._hint), Style("regular", 8))
            return
        if patient is not None and (patient.is_deceased or patient.deceased):
            sheet.hatch(x, y, 4, self.height, 3)
            sheet.hatch(x + self.wide - 4, y, 4, self.height, 3)
        at = y + 4
        for line in self._name:
            at += self._pitch(line)
            sheet.text(x + 7, at - 2, line.spans)
        for line in self._lines:
            at += 13.4
            sheet.text(x + 7, at - 1, line.spans)
        if self._model.serial:
            size = codes.datamatrix(self._code)[0] * codes.DATAMATRIX_MODULE
            sheet.datamatrix(x + self.wide - size - 6, y + self.height - size - 5, self._code)
