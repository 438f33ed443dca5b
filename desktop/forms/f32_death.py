"""F32 Death and mortuary: what the mortuary and the medical examiner must know, with two labels (CLINICAL §6, row F32).

The labels carry the four identifiers and the date of death, and nothing clinical (§1.4). Infection and implants are as
recorded in the copy: "none here" is never "none".
"""

from __future__ import annotations

import re

from desktop.forms import outline as o
from desktop.forms.blanks import DATE, TIME, Field
from desktop.forms.chart_text import as_of, day, empty_text, person_as_of
from desktop.forms.death_labels import label_rows, labels
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Author, Facts, Fields, Heading, Own, Part, Ticks, Writing, form_of
from desktop.forms.person_known import active_alerts, kin_text, place_text
from localdb.chart import wording
from localdb.chart.views import KNOWN

# What matters in a mortuary, in the words of alerts (CLINICAL §1.5).
RISK = re.compile(
    r"infect|isolat|MRSA|CPE|GRE|ESBL|\bTB\b|tubercul|difficile|norovirus|hepatitis|\bHIV\b|CJD|prion|covid|influenza|"
    r"implant|pacemaker|\bICD\b|defibrillator|neurostimul|pump|radioact|brachyther|isotope",
    re.IGNORECASE,
)
ROOM = ("pacemaker or defibrillator", "other implant", "radioactive source", "infection: bag and tell")


def parts(model: FormModel) -> list[Part]:
    high = 17.0 if model.chart is not None else 20.5
    stamp = f"{DATE}  {TIME}"
    return [
        Heading("Death"),
        Fields(*_died(model), height=high),
        Fields(Field("Where", 0.62, place_text(model)), Field("Found by", 0.38), height=high),
        Fields(Field("Verified by: name, role, registration no.", 0.78), Field(stamp, 0.22, ruled=False), height=high),
        Fields(Field("Expected", 0.3, ticks=("yes", "no"), ruled=False), Field("Last seen alive by, when", 0.7),
               height=high),
        Heading("Risks for those who handle the body"),
        Ticks(ROOM, 2),
        *_risks(model),
        Fields(Field("Details, lines and drains left in", 1.0), height=high),
        Facts(o.Section(title=tr("Property, beliefs, family"), as_of=person_as_of(model) if model.chart else "")),
        Fields(Field("Jewellery and property left on", 0.62), Field("With", 0.38), height=high),
        Fields(Field("Religious or cultural needs", 1.0), height=high),
        Fields(Field("Next of kin", 1.0, kin_text(model)), height=high),
        Fields(Field("Told by", 0.42), Field(stamp, 0.24, ruled=False),
               Field("Wishes to see", 0.34, ticks=("yes", "no"), ruled=False), height=high),
        Heading("Medical examiner and coroner"),
        Fields(Field("Medical examiner told by, time", 0.55),
               Field("Coroner", 0.45, ticks=("no", "asked", "referred"), ruled=False), height=high),
        Writing("Reason, reference", 1),
        Author(),
        Fields(Field("To the mortuary: porter, time", 0.55), Field("Received by, fridge", 0.45), height=high),
        Own(lambda wide: labels(model, wide), label_rows(model)),
    ]  # fmt: skip


def _died(model: FormModel) -> list[Field]:
    """As the copy has it, else lines."""
    patient = model.chart.patient if model.chart is not None else None
    if patient is None or not (patient.is_deceased or patient.deceased):
        return [Field(f"Died  {DATE}  {TIME}", 0.4, ruled=False),
                Field("", 0.6, ticks=("exact", "approximate", "found dead"), ruled=False)]  # fmt: skip
    at = wording.date_time(patient.deceased, model.site.zone, missing=tr("date not recorded"))
    said = tr("{when}, as sent, {source}").format(when=at, source=person_as_of(model))
    return [Field("Died", 1.0, said)]


def _risks(model: FormModel) -> list[Part]:
    """Infection, implants, radioactivity as alerts of the copy name them."""
    if model.chart is None:
        return []
    found = [r for r in active_alerts(model.chart) if RISK.search(r.text)]
    rows: list[o.Row] = [o.Pair(left=wording.clean(r.text), right=day(model, r.said or r.happened)) for r in found]
    if not found:
        said = tr("No infection or implant among the alerts of this copy. That is no proof of none.")
        state = model.chart.alerts.state
        rows = [o.Text(text=said if state == KNOWN else empty_text(state, "alerts"), strong=True)]
    return [Facts(o.Section(title=tr("Recorded in the copy"), as_of=as_of(model, "alert"), rows=tuple(rows)))]


FORM = form_of(
    parts, code="F32", title="Death, mortuary", allergies=False, two_sided=False, back_entry="line",
    use="With the body to the mortuary; a copy to the medical examiner.",
)  # fmt: skip
