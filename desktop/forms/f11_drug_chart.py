"""F11 Drug chart: once only, regular and as required, with what was given last and where paper starts (CLINICAL §5, §6).

A4, two-sided, as many pages as the orders need. Each order is a box (`drug_rows`); infusions are named and written on
F12; suspended and stopped ones are listed; cancer treatment, drugs into the spine and trial drugs are named and never
transcribed. Empty boxes follow each section. The codes for a dose that is not given stand at the foot of each page.
"""

from __future__ import annotations

from desktop.forms import flow
from desktop.forms import outline as o
from desktop.forms.blanks import Field
from desktop.forms.blocks import Block
from desktop.forms.chart_text import short
from desktop.forms.drug_head import KINDS, head, in_use, source_line
from desktop.forms.drug_rows import empty_needed, empty_regular
from desktop.forms.drug_sheet import Boxed, Listed, Orders, Rows, Said, SheetPart, count_words, drug_form, start
from desktop.forms.drug_words import critical_whys, loose_words, order_words, orders, words_of
from desktop.forms.language import tr
from desktop.forms.layout import Area
from desktop.forms.model import FormModel
from desktop.forms.parts import Fields, Part
from desktop.forms.tables import Column, table
from localdb.chart import wording
from localdb.chart.drug_chart import DrugChart, Item

_OXYGEN = "Oxygen and clot prevention"
_TARGETS = ("94-98 %", "88-92 %")
_SUSPENDED = (Column("No.", 0.06), Column("Medicine, DOSE, route, how often", 0.44), Column("Why, since", 0.28),
              Column("Restart: sign, date", 0.22))  # fmt: skip
_STOPPED = (Column("No.", 0.06), Column("Medicine, DOSE, route, how often", 0.5), Column("Stopped, and why", 0.44))
_RUNNING = (Column("No.", 0.06), Column("Medicine, DOSE, route, rate as sent", 0.44), Column("Last recorded", 0.32),
            Column("Written on F12", 0.18))  # fmt: skip
_ONCE_ONLY = (Column("Give at: date, time", 0.16), Column("Medicine, DOSE, route", 0.36), Column("Given by, time", 0.14),
              Column("Prescriber sign, bleep", 0.22), Column("Checked by", 0.12))  # fmt: skip
_OMITTED = (Column("Dose not given: date, time", 0.24), Column("No.", 0.06), Column("Medicine", 0.23), Column("Code", 0.08),
            Column("Why, and who was told", 0.28), Column("Initials", 0.11))  # fmt: skip


def _why(model: FormModel, item: Item) -> str:
    """The reason as sent; when it ended, else the date of the order."""
    m = item.row.item
    when = tr("ended {when}") if m.ended is not None else tr("order dated {when}")
    return wording.clean(f"{item.row.why or tr('no reason sent')}; {when.format(when=short(model, m.ended or m.said))}")


def _oxygen() -> list[Part]:
    """Oxygen and clot prevention, prescribed like any other drug. On the first page, where a nurse looks first."""
    return [
        Fields(Field("OXYGEN target", 0.42, ticks=_TARGETS, ruled=False), Field("other", 0.2),
               Field("Device, flow", 0.38), height=20),
        Fields(Field("Prescriber sign", 0.5), Field("Date, time", 0.5), height=20),
        Fields(Field("CLOT PREVENTION assessed", 0.5, ticks=("yes", "no"), ruled=False),
               Field("Not given because", 0.5), height=20),
        Fields(Field("Medicine, DOSE", 0.5), Field("Stockings or compression", 0.5), height=20),
    ]  # fmt: skip


def _view_only(made: DrugChart) -> list[SheetPart]:
    """Named, never transcribed (CLINICAL §5.3)."""
    if not made.view_only:
        return []
    names = ", ".join(dict.fromkeys(wording.clean(r.drug) for r in made.view_only))
    why = next(f.list.why for r in made.view_only for f in r.lists if f.list.block == "view_only")
    return [Boxed((tr("NOT TRANSCRIBED, see its own prescription: {names}").format(names=names), why), 1.5)]


def _tables(model: FormModel, made: DrugChart) -> list[SheetPart]:
    running = [(str(i.number), order_words(model, i), words_of(model, i).last[0], "") for i in made.infusions]
    paused = [(str(i.number), order_words(model, i), _why(model, i), "") for i in made.suspended]
    stopped = [(str(i.number), order_words(model, i), _why(model, i)) for i in made.stopped]
    total = made.shown
    return [
        Listed(model, "Infusions: given and written on F12", made.infusions, total, _RUNNING, running),
        Listed(model, "Suspended: not given unless signed", made.suspended, total, _SUSPENDED, paused),
        Listed(model, "Stopped or finished in the last 24hr", made.stopped, total, _STOPPED, stopped),
    ]


def parts(model: FormModel) -> list[SheetPart]:
    made, many = orders(model), model.blank
    total = made.shown

    def once(area: Area) -> list[flow.Part]:
        return [table(area.width, _ONCE_ONLY, [("",) * len(_ONCE_ONLY)] * (7 if many else 2), pitch=25)]

    def oxygen(area: Area) -> list[flow.Part]:
        # One piece: target, device and signature belong together.
        drawn = [block for part in _oxygen() for block in part.drawn(area)]
        return [Block(tuple(strip for block in drawn if isinstance(block, Block) for strip in block.strips))]

    return [
        *head(model),
        *in_use(model, made, "F11"),
        start(model),
        Said(source_line(model, KINDS)),
        *_view_only(made),
        *(Said(text, strong=True) for text in count_words(model, made, total)),
        Said(loose_words(model, made), strong=True),
        Orders(model, "Once only", made.once, total, once, tuple(row for c in _ONCE_ONLY for row in _head_row(c))),
        Orders(model, _OXYGEN, made.oxygen, total, oxygen, tuple(r for p in _oxygen() for r in p.rows())),
        Orders(model, "Regular medicines", made.regular, total,
               lambda area: [empty_regular(model, area.width) for _ in range(6 if many else 2)]),
        Orders(model, "If needed", made.needed, total,
               lambda area: [empty_needed(area.width) for _ in range(2 if many else 1)]),
        *_tables(model, made),
        *(Said(text, above=4 if n == 0 else 0) for n, text in enumerate(critical_whys(made.going))),
        Rows(_OMITTED, is_spare=not many),
    ]  # fmt: skip


def _head_row(column: Column) -> list[o.Row]:
    return [o.Pair(left=tr(column.head))]


FORM = drug_form(parts, code="F11", title="Drug chart", use="Once only, regular, if needed. Infusions on F12.")
