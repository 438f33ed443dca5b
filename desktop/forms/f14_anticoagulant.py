"""F14 Anticoagulants whose dose follows a test: indication, target, the last tests and doses as sent, then a line a day
for test, dose, signature and the next test (CLINICAL §5.3, §6).

Tests of the copy and what the ward was told by telephone stand apart. No dose is worked out, and no target is printed
that was not sent.
"""

from __future__ import annotations

import re

from desktop.forms import chart_text, flow
from desktop.forms.blanks import Field
from desktop.forms.chart_text import as_of
from desktop.forms.drug_grid import Record
from desktop.forms.drug_head import KINDS, head, in_use, source_line
from desktop.forms.drug_rows import Box
from desktop.forms.drug_sheet import Headed, Listed, Orders, Rows, Said, SheetPart, count_words, drug_form, start
from desktop.forms.drug_words import dose_words, order_words, orders, paper_chart, words_of
from desktop.forms.language import tr
from desktop.forms.layout import Area
from desktop.forms.model import FormModel
from desktop.forms.parts import Banner, Fields, Ruled, Writing
from desktop.forms.tables import Column
from localdb.chart import wording
from localdb.chart.drug_chart import Item
from localdb.chart.medicine_blocks import clotting, is_by_test

ONE_PLACE = "ONE PLACE FOR EACH DOSE: tick F14 on the drug chart F11 first"
_TARGET = re.compile(r"(?:target|range)\s*(?:INR|APTT|anti-Xa)?[^.;,]*|INR\s*\d[^.;,]*", re.IGNORECASE)
_BOX = Box(left=0.5, record=Record(("Next test: date", "Test", "Asked by"), (0.4, 0.3, 0.3), 2))
_TESTS = (Column("Test collected", 0.2), Column("As sent", 0.3), Column("Dose given, as sent", 0.5))
_DAYS = (
    Column("Date", 0.11), Column("INR, APTT", 0.12), Column("DOSE", 0.15), Column("Prescriber sign", 0.18),
    Column("Time", 0.09), Column("Given by", 0.11), Column("Checked by", 0.11), Column("Next test", 0.13),
)  # fmt: skip
_SHOWN = 5


_OTHERS = (Column("No.", 0.06), Column("Medicine, DOSE, route, how often", 0.54), Column("Last given", 0.4))


def target(item: Item) -> str:
    """What the order itself says of a target; none is inferred from the indication."""
    said = " ".join(t for t in (item.row.item.instructions, item.row.why, *item.row.notes) if t)
    found = _TARGET.search(said)
    return wording.clean(found[0]) if found else ""


def _history(model: FormModel, items: list[Item]) -> list[tuple[str, ...]]:
    """The last five tests and the last five doses, beside each other as they were sent: no row says that they belong
    together."""
    if model.chart is None:
        return []
    tests = clotting(paper_chart(model.chart), model.printed_at, model.site.zone, dated=True)[:_SHOWN]
    given = [f"{i.row.drug}: {dose_words(model, d)}" for i in items for d in i.row.doses[:_SHOWN]]
    many = max(len(tests), len(given))
    return [
        (
            tests[n][0] if n < len(tests) else "",
            wording.clean(tests[n][1]) if n < len(tests) else "",
            wording.clean(given[n]) if n < len(given) else "",
        )
        for n in range(many)
    ]


def _phoned(model: FormModel) -> list[SheetPart]:
    if model.chart is None:
        return []
    named = re.compile(r"(?<!\w)(?:INR|APTT|anti-Xa)(?!\w)", re.IGNORECASE)
    found = [e for e in model.chart.phoned if not e.corrected_by and named.search(str(e.body.get("test", "")))]
    return [Said(tr("By phone, unconfirmed: {result}").format(result=chart_text.phoned_text(model, e))) for e in found]


def parts(model: FormModel) -> list[SheetPart]:
    made = orders(model)
    every = [i for i in made.going if i.is_on("anticoagulant")]
    items = [i for i in every if is_by_test(i.row)]
    others = [i for i in every if i not in items]
    named = [(str(i.number), order_words(model, i), words_of(model, i).last[0]) for i in others]
    history = _history(model, items)
    why = "; ".join(dict.fromkeys(wording.clean(i.row.why) for i in items if i.row.why))
    aims = "; ".join(dict.fromkeys(t for i in items if (t := target(i))))

    def nothing(area: Area) -> list[flow.Part]:
        return []

    drugs: list[SheetPart] = [Fields(Field("Medicine, strength", 0.6), Field("Usual time", 0.4), height=21)]
    if not model.blank:
        drugs = [Orders(model, "Anticoagulants by test", items, made.shown, nothing, box=lambda item: _BOX)]
    tables: list[SheetPart] = []
    if not model.blank:
        age = tr("Tests: {tests}. Doses: {doses}.").format(
            tests=as_of(model, "result"), doses=as_of(model, "administration")
        )
        tables = [Headed("Last tests and doses, newest first", age)]
        tables += [Ruled(_TESTS, tuple(history), pitch=15)] if history else [Said(_none(model), strong=True)]
    return [
        *head(model),
        *in_use(model, made, "F14"),
        Banner(ONE_PLACE),
        start(model),
        Said(source_line(model, KINDS)),
        *(Said(text, strong=True) for text in count_words(model, made, len(every))),
        Fields(Field("Indication", 0.5, why), Field("Target INR or range", 0.5, aims), height=20),
        Fields(Field("Planned length", 0.34), Field("Platelets: date, value", 0.34), Field("Heparin antibody", 0.32,
               ticks=("yes", "no"), ruled=False), height=20),
        *drugs,
        Listed(model, "Other anticoagulants: given on F11, not here", others, made.shown, _OTHERS, named),
        *tables,
        *_phoned(model),
        Writing("Bridging, procedures, neuraxial block", 1, 21),
        Rows(_DAYS, pitch=25, least=4),
    ]  # fmt: skip


def _none(model: FormModel) -> str:
    return tr("No INR, APTT or anti-Xa and no dose in this copy. That is no proof of none.")


FORM = drug_form(
    parts, code="F14", title="Anticoagulants by test", use="One line a dose, signed by a prescriber.", codes=False
)
