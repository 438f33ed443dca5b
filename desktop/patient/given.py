"""What was given, refused and left out: every dose on the record by day, newest first, as sent (CLINICAL §5.2)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.patient.blocks import Block, Boxed, Cell, Gap, Head, Lead, Para, State, TableRow
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.sheet import Placed, Sheet
from desktop.patient.words import dose_gap, section_age, short, state_words
from desktop.shell.context import Context
from desktop.shell.parts import Button
from desktop.shell.type import SEMIBOLD
from localdb.chart import wording
from localdb.chart.medicines import Dose, doses_of, given_days
from localdb.chart.views import Chart

COLUMNS, NARROW = (0.0, 0.1, 0.46, 0.64), (0.0, 0.18, 0.58)
FIRST = 200  # so many stand there at once; the rest on request, so that a record of years opens at once


class GivenDoses(QWidget):
    """The tab. `not_given_only`: what was refused or left out."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self._context, self._most, self.not_given_only = context, FIRST, False
        self._doses = doses_of(chart)
        self.sheet = Sheet(context.look, stand, key, chart, self._arrange, "Doses on record")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 12, 0)
        column.setSpacing(4)
        missed = sum(not d.is_given for d in self._doses)
        self.missed = Button(context.look, f"Only refused or left out {missed}")
        self.every = Button(context.look, f"Show all {len(self._doses)}")
        self.missed.clicked.connect(self._on_missed)
        self.every.clicked.connect(self._on_every)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.missed)
        row.addWidget(self.every)
        row.addStretch(1)
        column.addLayout(row)
        self.missed.setVisible(0 < missed < len(self._doses))
        self.every.setVisible(len(self._doses) > FIRST)
        column.addWidget(self.sheet, 1)
        self.setFocusProxy(self.sheet)

    def _on_missed(self) -> None:
        self.not_given_only = not self.not_given_only
        self.missed.use_kind("chosen" if self.not_given_only else "normal")
        self.sheet.pane.rearrange()

    def _on_every(self) -> None:
        self._most = len(self._doses)
        self.every.hide()
        self.sheet.setFocus()
        self.sheet.pane.rearrange()

    def retime(self) -> None:
        self.sheet.retime()

    def _arrange(self, chart: Chart, room: float) -> Sequence[Placed]:
        now, wide = self._context.now(), room - 16
        listing = chart.lists["administrations"]
        age = section_age(chart, now, "administration")
        if said := state_words(listing, "doses given", chart, now, "administration"):
            return [Placed(8, 0, wide, [Head("Doses on record", age), State(said)])]
        blocks: list[Block] = [Head("Doses on record", age)]
        if gap := dose_gap(chart.sources, now):
            blocks.append(Boxed([(f"{gap} No record is not proof that none was given.", True)], "warn", "ageing"))
        offered = [d for d in self._doses if not (self.not_given_only and d.is_given)]
        shown = offered[: self._most]
        columns = NARROW if wide < 700 else COLUMNS
        for day in given_days(shown):
            blocks.append(Lead([day.title], (0,), line=1, count=str(len(day.doses))))
            blocks += [self._row(d, columns) for d in day.doses]
        words = f"{len(shown)} of {len(self._doses)} doses shown, newest first. {listing.window}".rstrip()
        return [Placed(8, 0, wide, [*blocks, Gap(6), Para(words, "label", weight=SEMIBOLD)])]

    def _row(self, dose: Dose, columns: Sequence[float]) -> TableRow:
        now = self._context.now()
        at = [Cell(wording.time(dose.at) or short(dose.at, now), "body", weight=600)]
        if dose.is_withdrawn:
            drug = [Cell(dose.drug, "body", "ink2", struck=True)]
            outcome = [Cell("WITHDRAWN by the source", "label", weight=700)]
        else:
            drug = [Cell(dose.drug, "body", weight=600)]
            words = dose.outcome if dose.is_given else dose.how.upper()
            outcome = [Cell(words, "body", weight=500 if dose.is_given else 700)]
        outcome += [Cell(dose.by, "label", "ink2"), *(Cell(c, "label", "ink2") for c in dose.comments)]
        if not dose.is_given and dose.reason and not dose.is_withdrawn:
            outcome.insert(1, Cell("not done, as recorded", "label", "ink2"))
        amount = [Cell(dose.dose or "dose not sent", "body"), Cell(dose.route, "label", "ink2")]
        if dose.is_withdrawn or not dose.is_given:
            amount = [Cell(dose.route, "label", "ink2")]
        cells = [at, [*drug, *amount], outcome] if columns is NARROW else [at, drug, amount, outcome]
        return TableRow(cells, columns)
