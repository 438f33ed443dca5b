"""F26 Patient movement and bed-state log: every move in time order, as it happens (CLINICAL §6; back-entered first).

Filled it is a ward's: it begins with the beds that the copy shows empty. No alert, no diagnosis stands on it (H24).
"""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.blanks import DATE, Field
from desktop.forms.chart_text import as_of
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Facts, Fields, Part, Ruled, Space, form_of
from desktop.forms.tables import Cell, Column
from desktop.forms.type import Style
from localdb.chart import wording

COLUMNS = (
    Column("Time", 0.06), Column("Name", 0.2), Column("Born, NHS No. or temporary number", 0.19),
    Column("Move: circle one", 0.17), Column("From: ward, bed", 0.1), Column("To: ward, bed", 0.1),
    Column("Written by", 0.09), Column("Entered by, time", 0.09),
)  # fmt: skip
MOVES = ("admitted", "transferred", "discharged", "on leave", "died")


def parts(model: FormModel) -> list[Part]:
    circled = Cell(" · ".join(tr(m) for m in MOVES), Style("regular", 8.5))
    row = ("", "", "", circled, "", "", "", "")
    head = [Field("Ward", 0.3, model.census.ward if model.census else ""), Field(f"Date  {DATE}", 0.16, ruled=False),
            Field("Nurse in charge", 0.34), Field("Bleep", 0.2)]  # fmt: skip
    return [Fields(*head, height=20), *_beds(model), Space(3),
            Ruled(COLUMNS, fills=True, pitch=26, empty=row)]  # fmt: skip


def _beds(model: FormModel) -> list[Part]:
    """What stood empty at the cut: a log begins from a known state."""
    if model.census is None:
        return []
    empty = [row for row in model.census.rows if row.patient is None]
    named = ", ".join(f"{r.bed} ({wording.clean(r.note)})" if r.note else r.bed for r in empty)
    said = tr("Empty in the copy: {beds}.").format(beds=named) if empty else tr("No empty bed in the copy.")
    rows = (
        o.Text(text=said, strong=True),
        o.Text(text=tr("What moved after that is not here: walk the ward and count.")),
    )
    return [Facts(o.Section(title=tr("Bed state at the start"), as_of=as_of(model, "stay"), rows=rows))]


FORM = form_of(
    parts, code="F26", title="Movements and beds", size="A4 landscape", takes="ward", allergies=False,
    use="One line a move, in time order. Entered first when the systems return.", hint="Ward, date",
    back_entry="line",
)  # fmt: skip
