"""The medicines: rows that are never cut, last given or NO RECORD, suspended and stopped apart (look/06, CLINICAL §5).

Rules: as sent, word for word; an order without a recorded dose says NO RECORD, never "not given"; a filtered list says
how many of how many it shows; what may have been given in the gap is said above the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.patient.blocks import Block, Boxed, Cell, Gap, Head, Lead, Para, State, TableRow
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.sheet import Placed, Sheet
from desktop.patient.words import (
    STATUS_WORDS,
    dose_gap,
    further_words,
    medicine_groups,
    often_words,
    section_age,
    short,
    state_words,
)
from desktop.shell.context import Context
from desktop.shell.parts import Button
from localdb.chart.views import Chart
from localdb.records.vocabulary import Administration, Medicine

COLUMNS = (0.0, 0.34, 0.475, 0.655, 0.83)
TITLES = {"regular": "Regular", "needed": "If needed", "suspended": "Suspended", "stopped": "Stopped"}


def medicine_row(item: Medicine, given: Administration | None, now: datetime) -> TableRow:
    """One order in five columns: drug and why, dose, route and times, last given, started and by whom."""
    why = ", ".join(x for x in (item.reason, _status(item)) if x)
    drug = [Cell(item.text or "name not sent", "body", weight=600)]
    drug.append(Cell("; ".join(x for x in (further_words(item), why) if x), "label", "ink2"))
    dose = [Cell(item.dose or "dose not sent", "body", weight=600)]
    how = [Cell(item.route or "route not sent", "body"), Cell(often_words(item), "label", "ink2")]
    began = [
        Cell(short(item.happened or item.said, now, missing="start not sent"), "label"),
        Cell(item.author, "label", "ink2"),
    ]
    return TableRow([drug, dose, how, _last(item, given, now), began], COLUMNS)


def _status(item: Medicine) -> str:
    return "" if item.status == "active" else STATUS_WORDS.get(item.status, item.status)


def _last(item: Medicine, given: Administration | None, now: datetime) -> list[Cell]:
    if item.last_given is None:
        if item.status not in ("active", ""):
            return [Cell("no dose in this copy", "label", "ink2")]
        return [
            Cell("NO RECORD", "label", weight=700, boxed=True),
            Cell("Check patient and chart", "label", weight=500, boxed=True),
        ]
    what = ", ".join(x for x in ((given.dose, given.author) if given is not None else ()) if x)
    return [Cell(short(item.last_given, now), "body", weight=600), Cell(what, "label", "ink2")]


def last_doses(chart: Chart) -> dict[tuple[str, int], Administration]:
    """Administrations by name and instant, to stand beside the last dose that the chart names."""
    return {
        (a.text.casefold(), a.happened.utc): a
        for a in chart.lists["administrations"].items
        if isinstance(a, Administration) and a.happened is not None and a.happened.utc is not None
    }


class Medicines(QWidget):
    """The section with its filter; `chosen` is all or the key of a group."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self._context, self._chart, self.chosen = context, chart, "all"
        self.sheet = Sheet(context.look, stand, key, chart, self._arrange, "Medicines")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 12, 0)
        column.setSpacing(4)
        self._buttons: dict[str, Button] = {}
        groups = medicine_groups(chart.lists["medicines"].items)
        if groups:
            row = QHBoxLayout()
            row.setSpacing(6)
            total = sum(len(g.items) for g in groups)
            for name, words in (("all", f"All {total}"), *((g.key, f"{TITLES[g.key]} {len(g.items)}") for g in groups)):
                button = Button(context.look, words, "chosen" if name == "all" else "normal")
                button.setProperty("group", name)
                button.clicked.connect(self._on_filter)
                self._buttons[name] = button
                row.addWidget(button)
            row.addStretch(1)
            column.addLayout(row)
        column.addWidget(self.sheet, 1)
        self.setFocusProxy(self.sheet)

    def _on_filter(self) -> None:
        self.choose(self.sender().property("group"))

    def choose(self, group: str) -> None:
        """Show one group, or all."""
        self.chosen = group
        for name, button in self._buttons.items():
            button.use_kind("chosen" if name == group else "normal")
        self.sheet.pane.rearrange()

    def retime(self) -> None:
        self.sheet.retime()

    def _arrange(self, chart: Chart, room: float) -> Sequence[Placed]:
        now = self._context.now()
        listing = chart.lists["medicines"]
        age = section_age(chart, now, "administration", "medicine")
        if said := state_words(listing, "medicines", chart, now, "medicine"):
            return [Placed(8, 0, room - 16, [Head("Medicines", age), State(said)])]
        blocks: list[Block] = []
        if gap := dose_gap(chart.sources, now):
            lead = f"Given up to {section_age(chart, now, 'administration').text}."
            ask = "Ask the nurse who was here, and check the patient."
            blocks += [Boxed([(f"{lead} {gap} {ask}", True)], "warn", "ageing")]
        heads = ("Medicine, why", "Dose", "Route and times", "Last given", "Started, by")
        blocks.append(Lead(heads, COLUMNS))
        given = last_doses(chart)
        groups = medicine_groups(listing.items)
        total = shown = 0
        for group in groups:
            total += len(group.items)
            if self.chosen not in ("all", group.key):
                continue
            shown += len(group.items)
            blocks.append(Lead([group.title], (0,), line=1, count=f"{len(group.items)} of {len(group.items)}"))
            for item in group.items:
                moment = item.last_given.utc if item.last_given is not None else None
                dose = given.get((item.text.casefold(), moment)) if moment is not None else None
                blocks.append(medicine_row(item, dose, now))
        windows = " ".join(w for n in ("medicines", "administrations") if (w := chart.lists[n].window))
        words = f"{shown} of {total} medicines shown. Complete to {age.text}. {windows}".rstrip()
        blocks += [Gap(6), Para(words, "label", "ink2")]
        return [Placed(8, 0, room - 16, blocks)]
