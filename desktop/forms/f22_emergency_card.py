"""F22 Emergency department card: registration, triage, who saw whom when, treatments, how it ended (CLINICAL §6).

Times are written as they were: they are what is entered when the systems return. Nothing is scored by us; the category
is the triage nurse's. What the ward typed about this person stands on it with author and time.
"""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.chart_text import person_as_of
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Author, Facts, Fields, Heading, NewSide, Part, Ruled, Space, Writing, form_of
from desktop.forms.person_known import address_text, alerts_section, gp_text, kin_text, weight_text, written_section
from desktop.forms.tables import Column

MODES = ("ambulance", "walked in", "brought by police", "by air", "transfer")
CATEGORIES = ("1 immediate", "2 very urgent", "3 urgent", "4 standard", "5 non-urgent")
ENDS = ("admitted", "discharged", "transferred", "left before seen", "died")
SEEN = ("Triage", "First seen by", "Senior", "Referred to", "Specialty seen", "Decision to admit", "Left department")
OBS = (
    Column("Time", 0.09), Column("Resp /min", 0.09), Column("SpO2 %", 0.09), Column("Oxygen", 0.09),
    Column("BP mmHg", 0.11), Column("Pulse /min", 0.09), Column("ACVPU", 0.09), Column("Temp °C", 0.09),
    Column("NEWS2", 0.08), Column("Pain 0-10", 0.09), Column("Initials", 0.09),
)  # fmt: skip
TREATMENTS = (
    Column("Time", 0.09), Column("Treatment, or drug, dose and route", 0.45), Column("Ordered by, signature", 0.23),
    Column("Given by, time", 0.23),
)  # fmt: skip
SEEN_COLUMNS = (Column("Step", 0.2), Column("Date and time", 0.2), Column("Name, role, bleep", 0.4),
                Column("Signature", 0.2))  # fmt: skip


def high(model: FormModel) -> float:
    """A blank has more to write and more room."""
    return 17 if model.chart is not None else 22


def parts(model: FormModel) -> list[Part]:
    tall = high(model)
    return [
        Heading("Arrival"),
        Fields(Field(f"Arrived  {DATE}  {TIME}", 0.32, ruled=False), Field("By", 0.68, ticks=MODES, ruled=False),
               height=tall),
        Fields(Field("Identity", 0.62, ticks=("document", "told", "temporary number, F28"), ruled=False),
               Field("4 hours end at", 0.38), height=tall),
        *_person(model),
        Heading("Triage"),
        Writing("Complaint", 2, 22),
        Fields(Field("Category", 1.0, ticks=CATEGORIES, ruled=False), height=tall),
        Fields(Field("Discriminator", 0.5), Field(f"Time  {TIME}", 0.16, ruled=False), Field("Nurse", 0.34),
               height=tall),
        Space(3),
        Ruled(OBS, blank=3),
        Space(2),
        Fields(*_weight(model), height=tall),
        Fields(Field("Tetanus", 0.62, ticks=("up to date", "due", "not known"), ruled=False), Field("Last dose", 0.38),
               height=tall),
        *([Facts(alerts_section(model))] if model.chart is not None else [Writing("Alerts", 2, 22)]),
        NewSide(),
        Heading("Seen"),
        Space(3),
        Ruled(SEEN_COLUMNS, filled=tuple((tr(step), f"{DATE}  {TIME}", "", "") for step in SEEN)),
        Heading("How it ended"),
        Fields(Field("", 1.0, ticks=ENDS, ruled=False)),
        Fields(Field("Where to", 0.4), Field("Diagnosis", 0.6)),
        Fields(Field("Longer than 4 hours because", 1.0)),
        Author(),
        *(Facts(s) for s in written_section(model)),
        Heading("Treatments"),
        Space(3),
        Ruled(TREATMENTS, fills=True),
    ]  # fmt: skip


def _person(model: FormModel) -> list[Part]:
    """Address, next of kin, GP: as the copy has them, with room to correct; on a blank lines."""
    head = o.Section(title=tr("Person: ask, and correct by hand"), as_of=person_as_of(model) if model.chart else "")
    rows = [Fields(Field("Address, telephone", 1.0, address_text(model)), height=high(model)),
            Fields(Field("Next of kin", 1.0, kin_text(model)), height=high(model)),
            Fields(Field("GP", 1.0, gp_text(model)), height=high(model))]  # fmt: skip
    told = Field("Next of kin told at, by", 0.45 if model.chart else 1.0)
    corrected = (Field("Corrected", 0.55),) if model.chart else ()
    return [Facts(head), *rows, Fields(*corrected, told, height=20)]


def _weight(model: FormModel) -> list[Field]:
    known = weight_text(model)
    label = "Weight today, kg"
    before = [Field("In the copy", 0.38, known)] if known else []
    room = 1.0 - 0.38 * len(before)
    return [Field(label, room * 0.5), Field("", room * 0.5, ticks=("measured", "estimated"), ruled=False), *before]


FORM = form_of(
    parts, code="F22", title="Emergency card",
    use="Registration, triage and treatment. Write the times as they were.",
)  # fmt: skip
