"""The bloods of a clerking: the newest result of each test with its time, and room for two more (CLINICAL §3.1, §6 F19).

As sent, marks and comments beside the value (L6); what was phoned stands apart and says so (L10); no result is computed.
"""

from __future__ import annotations

from desktop.forms import copied
from desktop.forms import outline as o
from desktop.forms.blocks import text_block
from desktop.forms.chart_text import phoned_text
from desktop.forms.known import known
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Own, Part, Ruled, Space
from desktop.forms.tables import FIRST, Cell, Column
from desktop.forms.type import Style
from localdb.codes import downtime_set

# The essential set, by the names of the downtime set (CLINICAL §3.4), in two columns.
LEFT = ("Haemoglobin", "White cells", "Neutrophils", "Platelets", "CRP", "INR", "Glucose, laboratory", "Lactate")
RIGHT = ("Sodium", "Potassium", "Urea", "Creatinine", "eGFR", "ALT", "Albumin", "Troponin I (hs)")
_SMALL = Style("regular", 10)


def _columns(before: str) -> tuple[Column, ...]:
    half = (Column("Test", 0.137, FIRST), Column(before, 0.229, _SMALL), Column("", 0.067), Column("", 0.067))
    return (*half, *half)


PITCH = 17.0


def _codes(name: str) -> tuple[str, ...]:
    if name == "eGFR":
        return copied.EGFR
    return next(line.loinc for panel in downtime_set() for line in panel.lines if line.name == name)


def _value(model: FormModel, name: str) -> str:
    return "; ".join(copied.result(model, _codes(name)))


def bloods(model: FormModel) -> list[Part]:
    """The grid; above it the age of the laboratory, below it what came by telephone."""
    rows = tuple(
        (Cell(tr(a)), Cell(_value(model, a)), "", "", Cell(tr(b)), Cell(_value(model, b)), "", "")
        for a, b in zip(LEFT, RIGHT, strict=True)
    )
    if model.chart is None:
        return [Ruled(_columns("Before, date and time"), rows, blank=1, pitch=PITCH)]
    is_empty = not any(_value(model, name) for name in (*LEFT, *RIGHT))
    texts = [copied.absent(model.chart, "results")] if is_empty else []
    texts += [tr("the newest of each; empty: none in this copy"), *copied.held(model.chart, "results")]
    phoned = tuple(
        o.Text(text=f"{tr('UNCONFIRMED, BY PHONE')}: {phoned_text(model, e)}", strong=True)
        for e in model.chart.phoned
        if not e.corrected_by
    )
    below = [Own(lambda wide: [text_block(t, wide) for t in phoned], phoned)] if phoned else []
    grid = Ruled(_columns("In the copy"), rows, blank=1, pitch=PITCH)
    return [known(model, "Bloods", texts, "result"), grid, Space(2), *below]
