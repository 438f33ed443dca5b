"""F12 Fluids and infusions: what is ordered to run, and each bag that was hung (CLINICAL §5.3, §6).

Infusions of the copy stand first, each with its rate as sent and what was recorded last; empty boxes follow. The bags
that run when paper starts are written into the first row of their box from the pump and the line, not from the copy.
"""

from __future__ import annotations

from desktop.forms import flow
from desktop.forms.blanks import Field
from desktop.forms.drug_grid import Record
from desktop.forms.drug_head import KINDS, head, in_use, source_line
from desktop.forms.drug_rows import Box, empty_block
from desktop.forms.drug_sheet import Orders, Said, SheetPart, count_words, drug_form, start
from desktop.forms.drug_words import orders, paper_chart
from desktop.forms.layout import Area
from desktop.forms.model import FormModel
from desktop.forms.parts import Fields
from localdb.chart import wording
from localdb.chart.fluids import fluids

BAGS = Record(
    ("Batch", "Started: date, time", "By", "Checked by", "Stopped: date, time", "Volume given"),
    (0.16, 0.2, 0.12, 0.14, 0.2, 0.18), 3,
)  # fmt: skip
_BOX = Box(left=0.4, often="Rate", record=BAGS)
_EMPTY = (
    (Field("Additive", 0.55), Field("amount", 0.45)),
    (Field("Volume", 0.45), Field("Rate", 0.55)),
    (Field("Route, line", 0.55), Field("Pump", 0.45)),
)


def _notes(model: FormModel) -> tuple[str, ...]:
    """What was recorded of a restriction or a target, as sent, each with its time."""
    if model.chart is None:
        return ()
    found = fluids(paper_chart(model.chart).observations.items, model.printed_at, model.site.zone)
    return tuple(
        wording.clean(f"{n.name} {n.text}, {n.when}{f'; {n.note}' if n.note else ''}")
        for n in found.notes
        if any(word in n.name.casefold() for word in ("restriction", "target", "balance"))
    )


def parts(model: FormModel) -> list[SheetPart]:
    made = orders(model)
    fluid = (Field("Date", 0.24), Field("Fluid or medicine", 0.76))
    count = 5 if model.blank else 3

    def empty(area: Area) -> list[flow.Part]:
        return [empty_block(area.width, BAGS, fluid, _EMPTY, _BOX.left) for _ in range(count)]

    return [
        *head(model),
        *in_use(model, made, "F12"),
        *(Fields(Field("Fluid note, as sent", 1.0, text)) for text in _notes(model)),
        Fields(Field("Fluid limit in 24hr", 0.34), Field("Target", 0.26), Field("Set by, date, time", 0.4), height=19),
        start(model),
        Said(source_line(model, KINDS)),
        *(Said(text, strong=True) for text in count_words(model, made, len(made.infusions))),
        Orders(model, "Infusions and fluids", made.infusions, made.shown, empty, box=lambda item: _BOX),
    ]


FORM = drug_form(
    parts,
    code="F12",
    title="Fluids and infusions",
    use="Each bag: batch, started, by whom, stopped, volume.",
    codes=False,
)
