"""F28 Downtime registration: somebody who is not in any copy gets a dealt number and name (CLINICAL §1.3, §6, §7.3).

Two halves: one for the notes, one for the register. Filled it is a registered person's: the number stands as Code 128
and DataMatrix, what was typed stands in its fields. Blank it takes a number of the sealed paper pack. Who the person
proves to be is written below by two people; the number stays (H20).
"""

from __future__ import annotations

from typing import Any

from desktop.forms import codes
from desktop.forms import outline as o
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.blocks import Block, Strip
from desktop.forms.chart_text import when
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Banner, Fields, Own, Part, form_of
from desktop.forms.person_known import kin_text
from desktop.forms.sheet import Sheet
from desktop.forms.type import Style
from localdb.chart import wording
from localdb.chart.views import Entry
from localdb.records.ids import is_temporary_system

SEXES = ("Male", "Female", "Indeterminate", "Not Known")
EVIDENCE = ("document", "told by them", "told by others", "none")
SYSTEMS = ("patient system", "laboratory", "imaging", "blood bank", "medicines")
LATER = "LATER: NOW BELIEVED TO BE. THE NUMBER ABOVE STAYS ON EVERYTHING"
READERS = ("notes", "register")


def number_of(model: FormModel) -> str:
    """The dealt number of a person registered here; "" for anybody else."""
    if model.chart is None:
        return ""
    entry = _entry(model, "registration")
    said = str(entry.body.get("number") or "") if entry is not None else ""
    dealt = (i.value for i in model.chart.patient.identifiers if is_temporary_system(i.system))
    return wording.clean(said or next(dealt, ""))


def _entry(model: FormModel, kind: str) -> Entry | None:
    """The newest entry of a kind that still stands."""
    entries = model.chart.entries if model.chart is not None else ()
    return next((e for e in entries if e.kind == kind and not e.corrected_by), None)


def _said(body: dict[str, Any], name: str) -> str:
    found = body.get(name)
    if isinstance(found, dict):
        found = ", ".join(str(v) for v in found.values() if v)
    elif isinstance(found, list | tuple):
        found = "; ".join(map(str, found))
    return wording.clean(str(found or ""))


def _high(model: FormModel) -> float:
    """A half page holds all of it: with 6 mm to write in on a blank, a little less where the codes take room."""
    return 16 if number_of(model) else 16.4


def parts(model: FormModel) -> list[Part]:
    high = _high(model)
    entry, later = _entry(model, "registration"), _entry(model, "identification")
    body = entry.body if entry is not None else {}
    evidence = _said(body, "evidence")
    return [
        _number(model),
        Fields(Field("Real name, if known", 0.6, _said(body, "real_name")), Field("Born or year", 0.4, _born(model)),
               height=high),
        Fields(Field("Sex", 0.62, ticks=SEXES, ruled=False, ticked=_sex(model)),
               Field("Age", 0.38, ticks=("estimated", "known"), ruled=False, ticked=_age(body)), height=high),
        Fields(Field("Address", 0.6, _said(body, "address")), Field("GP", 0.4, _said(body, "gp")), height=high),
        Fields(Field("Next of kin", 0.5, _said(body, "next_of_kin") or (kin_text(model) if _kin(model) else "")),
               Field("Alerts, allergies told", 0.5, _said(body, "alerts")), height=high),
        Fields(*([Field("Evidence", 1.0, evidence)] if evidence
                 else [Field("Evidence", 0.66, ticks=EVIDENCE, ruled=False), Field("which", 0.34)]), height=high),
        Fields(*_where(model, entry), height=high),
        Banner(LATER),
        *_identified(model, later),
    ]  # fmt: skip


def _born(model: FormModel) -> str:
    if model.chart is None:
        return ""
    patient = model.chart.patient
    return wording.date(patient.born, model.site.zone, estimated=patient.born_estimated, missing="")


def _age(body: dict[str, Any]) -> frozenset[str]:
    if body.get("estimated_year"):
        return frozenset({"estimated"})
    return frozenset({"known"}) if body.get("born") else frozenset()


def _sex(model: FormModel) -> frozenset[str]:
    if model.chart is None:
        return frozenset()
    said = str((_entry(model, "registration") or _NOBODY).body.get("sex") or model.chart.patient.gender)
    word = {"not_known": "Not Known", "indeterminate": "Indeterminate"}.get(said, wording.gender(said))
    return frozenset({word}) & frozenset(SEXES)


class _Nobody:
    body: dict[str, Any] = {}


_NOBODY = _Nobody()


def _kin(model: FormModel) -> bool:
    return model.chart is not None and bool(model.chart.patient.contacts)


def _where(model: FormModel, entry: Entry | None) -> list[Field]:
    """When, where, by whom: as typed, else lines."""
    if entry is None:
        return [Field(f"Registered  {DATE}  {TIME}", 0.34, ruled=False), Field("Where", 0.36),
                Field("By, role", 0.3)]  # fmt: skip
    at = when(model, entry.happened or entry.written)
    return [Field("Registered", 0.34, at), Field("Where", 0.33, _said(entry.body, "location")),
            Field("By", 0.33, wording.clean(f"{entry.staff}, no. {entry.number}"))]  # fmt: skip


def _identified(model: FormModel, later: Entry | None) -> list[Part]:
    high = _high(model)
    if later is not None and not later.body.get("withdrawn"):
        body = later.body
        people = _said(body, "matched_by")
        return [
            Fields(Field("NHS No.", 0.34, wording.nhs_number(_said(body, "nhs")) if body.get("nhs") else ""),
                   Field("Hosp. No.", 0.3, _said(body, "mrn")),
                   Field("At", 0.36, when(model, later.happened or later.written)), height=high),
            Fields(Field("Matched by", 0.5, people), Field("Evidence", 0.5, _said(body, "evidence")), height=high),
            Fields(Field("Told", 1.0, ticks=SYSTEMS, ruled=False), height=high),
        ]  # fmt: skip
    return [
        Fields(Field("NHS No.", 0.34), Field("Hosp. No.", 0.3), Field(f"At  {DATE}  {TIME}", 0.36, ruled=False),
               height=high),
        Fields(Field("Matched by: first name and signature", 0.5), Field("second", 0.5), height=high),
        Fields(Field("Told", 1.0, ticks=SYSTEMS, ruled=False), height=high),
    ]  # fmt: skip


def _number(model: FormModel) -> Part:
    """The number as a person and as two scanners read it."""
    number = number_of(model)
    if not number:
        return Fields(Field("Temporary number, from the sealed pack", 0.55), Field("Temporary name", 0.45), height=20)

    def draw(wide: float) -> list[Block]:
        side = codes.datamatrix(number)[0] * codes.DATAMATRIX_MODULE

        def piece(sheet: Sheet, x: float, y: float) -> None:
            end = x + sheet.code128(x, y + 2, number)
            sheet.text(end + 10, y + 14, tr("Temporary number"), Style("regular", 8.5))
            sheet.text(end + 10, y + 28, number, Style("ident", 15))
            sheet.datamatrix(x + wide - side, y + 2, number)

        return [Block((Strip(max(codes.CODE128_HEIGHT, side) + 6, piece),))]

    return Own(draw, (o.Pair(left=tr("Temporary number"), right=number),))


FORM = form_of(
    parts, code="F28", title="Registration", size="2 A5 on A4", allergies=False, two_sided=False, parts_for=READERS,
    use="Number and name first, then specimens.", hint="Name from the sealed pack, or label",
)  # fmt: skip
