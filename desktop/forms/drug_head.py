"""The head of every drug print (CLINICAL §5.1): what a prescriber must know, each with its time; how far the copy goes;
which other charts are in use. Shared by F11 to F14.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from desktop.forms import chart_text
from desktop.forms import outline as o
from desktop.forms.blanks import LABEL, VALUE, Field
from desktop.forms.blocks import BODY, STRONG, Block, Strip, paragraph
from desktop.forms.drug_words import orders, paper_chart
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.parts import Fields, Own, Part
from desktop.forms.sheet import Sheet
from desktop.forms.type import Line, glued, wrap
from localdb.chart import wording
from localdb.chart.drug_chart import DrugChart
from localdb.chart.medicine_blocks import Fact, head_facts, newest_results
from localdb.chart.medicines import dose_gap
from localdb.chart.staleness import complete_to
from localdb.chart.views import Chart
from localdb.records.moments import Moment, read_moment

# The labels of the head in their order, and what of it the record may not name at all.
LABELS = ("Weight", "Height", "Creatinine", "eGFR", "Potassium", "Oxygen target", "Pregnancy, breast-feeding",
          "Swallowing, nil by mouth", "Clot risk (VTE)", "Consultant")  # fmt: skip
_FROM_FACTS = {"Pregnancy": LABELS[6], "Swallowing": LABELS[7], "Clot risk": LABELS[8]}
CHARTS = ("F12 fluids", "F13 insulin", "F14 anticoagulant", "Syringe driver", "PCA, epidural", "SACT", "Renal")
_PHONED = re.compile(r"potassium|creatinine|egfr|(?<!\w)inr(?!\w)|level", re.IGNORECASE)
_WEIGHT = ("29463-7", "3141-9")
_DRIVER = re.compile(r"syringe driver|syringe pump", re.IGNORECASE)
_PCA = re.compile(r"(?<!\w)PCA(?!\w)|patient[- ]controlled|epidural", re.IGNORECASE)


def facts(model: FormModel) -> tuple[Fact, ...]:
    """The head's facts under its own labels; one that the record does not name says so."""
    if model.chart is None:
        return tuple(Fact(label, "") for label in LABELS)
    chart = paper_chart(model.chart)
    found = {
        _FROM_FACTS.get(f.label, f.label): f
        for f in head_facts(chart, newest_results(chart), model.printed_at, model.site.zone, dated=True)
    }
    extra = [f for label, f in found.items() if label not in LABELS]
    made = [found.get(label) or Fact(label, _absent(chart, label), missing=True) for label in LABELS]
    return tuple(Fact(f.label if f.label in LABELS else label, wording.clean(f.text), f.missing)
                 for f, label in zip(made, LABELS, strict=True)) + tuple(extra)  # fmt: skip


def _absent(chart: Chart, label: str) -> str:
    """Nobody asked, nobody wrote it down, and not here are three things."""
    if label == "Consultant":
        return tr("not sent")
    kinds = ("alerts", "problems", "observations")
    if all(chart.lists[k].state == "unavailable" for k in kinds):
        return tr("not in this copy")
    return tr("not recorded")


def head(model: FormModel) -> list[Part]:
    """The facts in three columns, then what the ward wrote itself."""
    made = facts(model)
    said = tuple(o.Pair(left=tr(f.label), right=f.text) for f in made)
    return [Own(lambda wide: _columns(made, wide), said), *(_own_words(text) for text in written(model))]


def _columns(made: Sequence[Fact], wide: float) -> list[Block]:
    """Label and value in one run, so that a long value needs few lines; a blank has a line behind each label."""
    each = wide / 3
    cells = [_cell(f, each - 10) for f in made]
    return [_row(cells[n : n + 3], each, is_blank=not any(f.text for f in made)) for n in range(0, len(cells), 3)]


def _cell(fact: Fact, room: float) -> list[Line]:
    label = wrap([(glued(tr(fact.label)), LABEL)], room)
    if not fact.text:
        return label
    return wrap([(tr(fact.label) + " ", LABEL), (glued(fact.text), BODY if fact.missing else VALUE)], room)


def _row(cells: Sequence[list[Line]], each: float, *, is_blank: bool) -> Block:
    pitch = 12.0
    high = max(len(lines) for lines in cells) * pitch + (8.0 if is_blank else 2.5)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        for n, lines in enumerate(cells):
            low = y + (high - 4 - (len(lines) - 1) * pitch if is_blank else 10)
            for k, line in enumerate(lines):
                sheet.text(x + n * each, low + k * pitch, line.spans)
            if is_blank and lines:
                end = x + n * each + lines[-1].width + 5
                sheet.line(end, y + high - 2.5, x + (n + 1) * each - 10, y + high - 2.5)

    return Block((Strip(high, draw),))


def _own_words(text: str) -> Own:
    """What the ward wrote itself stands apart from what sources sent (LOOK §1.5)."""
    label = tr("Written here:")

    def draw(wide: float) -> list[Block]:
        return [Block(paragraph([(label + " ", STRONG), (glued(text), BODY)], wide, 12))]

    return Own(draw, (o.Pair(left=label, right=text),))


def written(model: FormModel) -> tuple[str, ...]:
    """Weights that the ward wrote and results by telephone that belong beside the head's (D6): never in its fields."""
    if model.chart is None:
        return ()
    phoned = [
        tr("by phone, unconfirmed: {result}").format(result=chart_text.phoned_text(model, e))
        for e in model.chart.phoned
        if not e.corrected_by and _PHONED.search(str(e.body.get("test", "")))
    ]
    weights = [
        chart_text.entry_text(model, e)
        for e in model.chart.entries
        if e.kind == "observations" and not e.corrected_by
        and any(str(i.get("code")) in _WEIGHT for i in e.body.get("items", ()))
    ]  # fmt: skip
    return (*phoned, *weights)


def charts_in_use(model: FormModel, made: DrugChart | None = None) -> frozenset[str]:
    """Which of CHARTS the orders of the copy name. F13 and F14 are ticked by hand: whether an insulin is written there or
    on F11 is the ward's choice, and a dose must have one place."""
    found = made if made is not None else orders(model)
    texts = " ".join(
        f"{i.row.drug} {i.row.item.route} {i.row.form} {i.row.item.instructions}" for i in found.going
    )  # fmt: skip
    ticked = {
        "F12 fluids": bool(found.infusions),
        "Syringe driver": bool(_DRIVER.search(texts)),
        "PCA, epidural": bool(_PCA.search(texts)),
        "SACT": bool(found.view_only),
    }
    return frozenset(name for name, yes in ticked.items() if yes)


def in_use(model: FormModel, made: DrugChart, own: str) -> list[Part]:
    """Chart n of m, and the other charts with a box for each."""
    names = tuple(n for n in CHARTS if not n.startswith(own))
    ticked = charts_in_use(model, made) & frozenset(names)
    return [
        Fields(
            Field("Chart", 0.12), Field("of", 0.09), Field("Also in use", 0.79, ticks=names, ruled=False, ticked=ticked)
        )
    ]


def paper_starts(model: FormModel) -> tuple[str, ...]:
    """What the boxed line says: where paper starts, the gap, and what a print is; on a blank only the last."""
    last = tr("A transcription until each item is signed by a prescriber.")
    if model.chart is None:
        return (tr("Each item needs its own signature."),)
    cut = _cut(model)
    if cut is None:
        first = tr("PAPER STARTS HERE. Up to when doses given are complete is not known.")
    else:
        first = tr("PAPER STARTS HERE: doses given after {when} are NOT shown.").format(when=_day_and_time(model, cut))
    gap = dose_gap(model.sources, model.printed_at, model.site.zone, dated=True)
    ask = tr("Ask the nurse who was here, and check the patient.") if gap else ""
    return tuple(wording.clean(t) for t in (first, f"{gap} {ask}".strip(), last) if t)


def _cut(model: FormModel) -> Moment | None:
    """Up to when doses given are complete: the oldest of the sources that send them."""
    cuts = [complete_to(s, "administration") for s in model.sources if "administration" in s.kinds]
    if not cuts or any(c is None or c.utc is None for c in cuts):
        return None
    return min((c for c in cuts if c is not None), key=lambda c: c.utc or 0)


def _day_and_time(model: FormModel, moment: Moment) -> str:
    return chart_text.when(model, moment)


def source_line(model: FormModel, kinds: Iterable[tuple[str, str]]) -> str:
    """`Orders EPMA, as of 24-Nov 02:38; doses …`: each source of the sheet with its time (CLINICAL §5.1)."""
    if model.chart is None:
        return ""
    said: dict[str, list[str]] = {}
    for label, kind in kinds:
        said.setdefault(chart_text.as_of(model, kind), []).append(tr(label))
    return tr("Sources: {sources}.").format(
        sources="; ".join(f"{', '.join(labels)}: {age}" for age, labels in said.items())
    )


KINDS = (("orders", "medicine"), ("doses given", "administration"), ("results", "result"),
         ("weight and height", "observation"), ("alerts", "alert"))  # fmt: skip


def entry_moment(model: FormModel, value: object) -> Moment | None:
    """A time of an entry's body."""
    if isinstance(value, dict):
        value = value.get("text")
    return read_moment(str(value), model.site.zone) if value else None
