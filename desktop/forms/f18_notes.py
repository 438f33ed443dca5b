"""F18 Clinical notes continuation: ruled lines with columns for time and author (CLINICAL §6).

Nothing of the chart is copied onto it: what stands on it is written by hand.
"""

from __future__ import annotations

from desktop.forms.model import FormModel
from desktop.forms.parts import Part, Ruled, form_of
from desktop.forms.tables import Column

COLUMNS = (Column("Date and time", 0.16), Column("Notes", 0.60), Column("Name, role, bleep, signature", 0.24))


def parts(model: FormModel) -> list[Part]:
    return [Ruled(COLUMNS, fills=True)]


FORM = form_of(
    parts, code="F18", title="Clinical notes",
    use="Continuation sheet. Write date, 24-hour time and name against each entry.",
)  # fmt: skip
