"""Fluid balance: in and out by the hour, totals as sent (CLINICAL §2.4). What is said comes from localdb/chart/fluids."""

from __future__ import annotations

from collections.abc import Sequence

from desktop.patient.blocks import Block, Boxed, Cell, Gap, Head, Lead, Para, State, TableRow
from desktop.patient.sheet import Placed
from desktop.patient.sheettab import SheetTab
from desktop.patient.words import StateWords, section_age, state_words
from localdb.chart.fluids import IN, FluidDay, fluids
from localdb.chart.views import Chart

DAYS = 7
HOUR, COLUMN = 108, 124


class Fluids(SheetTab):
    """The tab."""

    title = "Fluid balance"

    def arrange(self, chart: Chart, room: float) -> Sequence[Placed]:
        now, wide = self.context.now(), room - 16
        head = Head("Fluid balance, as sent", section_age(chart, now, "observation"))
        listing = chart.lists["observations"]
        if said := state_words(listing, "observations", chart, now, "observation"):
            return [Placed(8, 0, wide, [head, State(said)])]
        found = fluids(listing.items, now)
        blocks: list[Block] = [head]
        for note in found.notes:
            blocks.append(
                Boxed([(f"{note.name}: {note.text}\t{note.when} {note.note}".rstrip(), False)], "plain", None)
            )
        if not found.days:
            blocks.append(State(_NONE))
            return [Placed(8, 0, wide, blocks)]
        for day in found.days[:DAYS]:
            blocks += day_blocks(day, wide)
        shown = min(DAYS, len(found.days))
        words = (
            f"{shown} of {len(found.days)} days with amounts shown. Nothing is added up here: totals are the source's."
        )
        if found.untimed:
            words += f" {found.untimed} without a time are left out: see the table."
        blocks += [Gap(8), Para(f"{words} {listing.window}".rstrip(), "label", "ink2")]
        return [Placed(8, 0, wide, blocks)]


_NONE = StateWords(
    "No fluid amounts in this copy",
    "No source sent amounts in or out for this patient. That is not proof that none were measured: look on paper.",
)


def day_blocks(day: FluidDay, wide: float) -> list[Block]:
    """One day: totals as sent, then its hours, newest first; a table where the columns fit, else amount after amount."""
    blocks: list[Block] = [Gap(6), Lead([day.title], (0,), line=1, count=f"{len(day.amounts)} amounts")]
    for total in day.totals:
        name = [Cell(total.name, "body", weight=600), Cell(total.note, "label", "ink2")]
        amount = [Cell(total.text, "body", weight=700)]
        blocks.append(TableRow([name, amount, [Cell(f"as sent, {total.when}", "label", "ink2")]], (0, 0.36, 0.54)))
    if not day.columns:
        return blocks
    if wide < HOUR + COLUMN * len(day.columns):
        blocks.append(Lead(("Taken", "What", "Amount"), (0, 0.3, 0.76)))
        for amount_ in reversed(day.amounts):
            way = "In" if amount_.kind == IN else "Out"
            cells = [[Cell(amount_.when, "label")], [Cell(f"{way}: {amount_.name}")], [Cell(amount_.text, weight=600)]]
            blocks.append(TableRow(cells, (0, 0.3, 0.76)))
        return blocks
    edges = (0.0, *((HOUR + COLUMN * n) / wide for n in range(len(day.columns))))
    heads = [[Cell("Hour from", "label", "ink2", 500)]]
    heads += [[Cell(f"{'In' if kind == IN else 'Out'}: {name}", "label", "ink", 600)] for kind, name in day.columns]
    blocks.append(TableRow(heads, edges, rule="ink"))
    for hour in day.hours:
        row = [[Cell(hour.title, "label", weight=500)]]
        row += [[Cell(text, "body", weight=600) for text in cell] for cell in hour.cells]
        blocks.append(TableRow(row, edges, pad=2))
    return blocks
