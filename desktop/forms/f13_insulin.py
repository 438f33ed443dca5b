"""F13 Insulin, glucose and ketones: each insulin with its strength and device, the glucose record, the hypo record and
the site's own scale for an insulin infusion (CLINICAL §5.3, §6).

Two to four sides: insulins; glucose, ketones and hypos; the infusion. No limit and no scale is printed: they are the
site's, written in and signed. The glucose of the last 24 hours stands first in its record, as sent or as the ward wrote
it, marked with where it comes from.
"""

from __future__ import annotations

from desktop.forms import chart_text, flow
from desktop.forms.blanks import Field
from desktop.forms.chart_text import as_of
from desktop.forms.drug_grid import Record
from desktop.forms.drug_head import KINDS, entry_moment, head, in_use, source_line
from desktop.forms.drug_rows import Box, empty_block
from desktop.forms.drug_sheet import Headed, Orders, Rows, Said, SheetPart, count_words, drug_form, start
from desktop.forms.drug_words import orders, paper_chart
from desktop.forms.language import tr
from desktop.forms.layout import Area
from desktop.forms.model import FormModel
from desktop.forms.parts import Banner, Fields, Heading, NewSide
from desktop.forms.tables import Column
from localdb.chart import wording
from localdb.chart.medicine_blocks import GLUCOSE, sugars
from localdb.chart.views import Entry

ONE_PLACE = "ONE PLACE FOR EACH DOSE: tick F13 on the drug chart F11 first"
_GIVEN = Record(("Date", "Time", "Units", "Given by", "Checked by"), (0.2, 0.17, 0.21, 0.21, 0.21), 4)
_BOX = Box(left=0.44, record=_GIVEN, has_below=False)
_EMPTY = (
    (Field("Strength, units per mL", 1.0),),
    (Field("Device", 1.0),),
    (Field("Times", 1.0),),
    (Field("Units at each time", 1.0),),
)
_SUGARS = (
    Column("Date, time", 0.19), Column("Glucose, mmol per L", 0.19), Column("Ketones, mmol per L", 0.15),
    Column("Meal, action, dose", 0.33), Column("Initials", 0.14),
)  # fmt: skip
_HYPOS = (
    Column("Hypo: date, time", 0.17), Column("Glucose", 0.11), Column("What was given", 0.26),
    Column("Again after: time, glucose", 0.24), Column("Who was told", 0.12), Column("Initials", 0.1),
)  # fmt: skip
_SCALE = (
    Column("Glucose from", 0.16), Column("to", 0.12), Column("Scale A, mL per hour", 0.24),
    Column("Scale B, mL per hour", 0.24), Column("Scale C, mL per hour", 0.24),
)  # fmt: skip
_RATES = (
    Column("Date, time", 0.19), Column("Glucose", 0.13), Column("Scale", 0.1), Column("Rate, mL per hour", 0.19),
    Column("Set by", 0.13), Column("Checked by", 0.13), Column("Potassium", 0.13),
)  # fmt: skip


def _held(model: FormModel) -> list[tuple[str, ...]]:
    """The glucose and ketones of the last 24 hours: of the copy, then what the ward wrote, each newest first."""
    if model.chart is None:
        return []
    chart = paper_chart(model.chart)
    found = sugars(chart, model.printed_at, model.site.zone, dated=True)
    sent = [_sent(when, wording.clean(said)) for when, said in found]
    return [*(row for entry in model.chart.entries for row in _own(model, entry)), *sent]


def _sent(when: str, said: str) -> tuple[str, ...]:
    is_ketone = "ketone" in said.casefold()
    return (when, "" if is_ketone else said, said if is_ketone else "", tr("in the copy, as sent"), "")


def _own(model: FormModel, entry: Entry) -> list[tuple[str, ...]]:
    """Glucose or ketones in an entry of the ward, with author and number (D6)."""
    if entry.corrected_by:
        return []
    by = tr("written here, {staff}, no. {number}").format(staff=entry.staff, number=entry.number)
    rows: list[tuple[str, ...]] = []
    if entry.kind == "observations":
        at = chart_text.short(model, entry.happened or entry.written)
        for item in entry.body.get("items", ()):
            name = str(item.get("name") or item.get("code") or "")
            if str(item.get("code")) in GLUCOSE or "ketone" in name.casefold() or "glucose" in name.casefold():
                value = wording.clean(f"{item.get('value') or ''} {item.get('unit') or ''}")
                rows.append((at, "" if "ketone" in name.casefold() else value,
                             value if "ketone" in name.casefold() else "", wording.clean(by), ""))  # fmt: skip
    elif entry.kind == "phoned_result" and any(
        w in str(entry.body.get("test")).casefold() for w in ("glucose", "ketone")
    ):
        body = entry.body
        at = chart_text.short(model, entry_moment(model, body.get("collected")))
        value = wording.clean(f"{body.get('comparator') or ''}{body.get('value') or ''} {body.get('unit') or ''}")
        is_ketone = "ketone" in str(body.get("test")).casefold()
        by = wording.clean(tr("by phone, unconfirmed") + ", " + by)
        rows.append((at, "" if is_ketone else value, value if is_ketone else "", by, ""))
    return rows


def parts(model: FormModel) -> list[SheetPart]:
    made = orders(model)
    insulins = [i for i in made.going if i.is_on("insulin")]
    count = 5 if model.blank else 2

    def empty(area: Area) -> list[flow.Part]:
        return [
            empty_block(area.width, _GIVEN, (Field("Insulin, whole name", 1.0),), _EMPTY, 0.44) for _ in range(count)
        ]

    basal = Fields(
        Field("Basal insulin goes on while the infusion runs", 0.6, ticks=("yes", "no"), ruled=False),
        Field("Decided by", 0.4), height=20,
    )  # fmt: skip
    age = "" if model.blank else tr("Of the last 24hr: {age}.").format(age=as_of(model, "observation", "result"))
    return [
        *head(model),
        *in_use(model, made, "F13"),
        Banner(ONE_PLACE),
        start(model),
        Said(source_line(model, KINDS)),
        *(Said(text, strong=True) for text in count_words(model, made, len(insulins))),
        Orders(model, "Insulin", insulins, made.shown, empty, box=lambda item: _BOX),
        basal,
        NewSide(),
        Headed("Glucose and ketones", age),
        Rows(_SUGARS, least=8, most=13 if model.blank else 9, filled=_held(model), above=0),
        Fields(Field("Hypos: the site's protocol is kept at", 0.66), Field("Hypo box checked by", 0.34), height=20),
        Rows(_HYPOS, least=4),
        NewSide(),
        Heading("Insulin by infusion, the site's own scale"),
        Fields(Field("Insulin", 0.36), Field("units", 0.2), Field("in mL of", 0.44), height=20),
        Fields(Field("Fluid beside it", 0.5), Field("Glucose range aimed at", 0.5), height=20),
        Rows(_SCALE, pitch=23, least=7, most=7),
        Fields(Field("Scale in use", 0.24), Field("Prescriber sign", 0.4), Field("Date, time", 0.36), height=21),
        Rows(_RATES, least=8),
    ]


FORM = drug_form(
    parts, code="F13", title="Insulin and glucose", use="Units in full. No scale is printed: it is the site's, signed.",
    codes=False,
)  # fmt: skip
