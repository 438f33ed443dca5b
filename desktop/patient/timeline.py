"""The timeline: everything in one line of time, newest first; what the ward wrote is in pen, with author and time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.patient.blocks import Block, Boxed, Cell, Gap, Head, Lead, Para, TableRow
from desktop.patient.keyed import PatientKey, Stand
from desktop.patient.obs_sets import reading
from desktop.patient.sheet import Placed, Sheet
from desktop.patient.words import Age, short, state_words, told
from desktop.shell.context import Context
from desktop.shell.parts import Button
from localdb.chart.cells import cells_of
from localdb.chart.views import Chart
from localdb.records.vocabulary import Observation, Record, Report, Result

MOST = 400
KINDS = {
    "allergies": "Allergy", "alerts": "Alert", "problems": "Problem", "medicines": "Medicine",
    "administrations": "Dose given", "results": "Result", "observations": "Observation", "reports": "Report",
    "images": "Imaging", "requests": "Request", "appointments": "Appointment", "documents": "Letter",
    "stays": "Stay",
}  # fmt: skip
COLUMNS = (0.0, 0.16, 0.28, 0.8)


class Event(NamedTuple):
    """One line: when, of which list, what, from where."""

    utc: int
    when: str
    kind: str
    what: str
    source: str


def events(chart: Chart, now: datetime, most: int = MOST) -> list[Event]:
    """The newest `most` records of the chart, newest first; restricted ones are named as such only."""
    every = [(_utc(record), name, record) for name, listing in chart.lists.items() for record in listing.items]
    every.sort(key=lambda found: -found[0])
    return [
        Event(utc, short(record.happened or record.said, now), KINDS[name], _what(record, now), record.source)
        for utc, name, record in every[:most]
    ]


def _utc(record: Record) -> int:
    moment = record.happened or record.said
    return moment.utc if moment is not None and moment.utc is not None else -(2**62)


def _what(record: Record, now: datetime) -> str:
    if record.restricted:
        return "restricted, see Details"
    if isinstance(record, Result):
        return "; ".join(f"{c.name} {c.text or c.state.replace('_', ' ')} {c.unit} {c.flag} {c.mark}".strip() for c in
                         cells_of(record)) or record.text  # fmt: skip
    if isinstance(record, Observation):
        found = reading(record)
        return f"{record.text} {found.value} {found.unit} {found.note}".strip()
    withdrawn = record.status == "entered-in-error" or getattr(record, "verification", "") == "entered-in-error"
    if withdrawn:
        return f"{record.text}: entered in error" if not isinstance(record, Report) else "a report was withdrawn"
    detail = " ".join(str(getattr(record, k, "")) for k in ("dose", "route", "ward", "bed") if getattr(record, k, ""))
    return ", ".join(x for x in (record.text or str(getattr(record, "title", "")), detail, record.status) if x)


def _row(e: Event) -> Block:
    row = [[Cell(e.when, "label")], [Cell(e.kind, "label", "ink2")], [Cell(e.what, "label", weight=500)],
           [Cell(e.source, "label", "ink2")]]  # fmt: skip
    return TableRow(row, COLUMNS, pad=3)


class Timeline(QWidget):
    """The section."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__()
        self._context = context
        self._rows: list[Block] = []
        self.sheet = Sheet(context.look, stand, key, chart, self._arrange, "Timeline")
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 12, 0)
        column.addLayout(self._corrections(chart))
        column.addWidget(self.sheet)
        self.setFocusProxy(self.sheet)

    def _corrections(self, chart: Chart) -> QHBoxLayout:
        """A button for each entry of the ward that can be corrected: by a new entry, never by changing it."""
        row = QHBoxLayout()
        row.setSpacing(6)
        for entry in [e for e in chart.entries if not e.corrected_by][:5]:
            button = Button(self._context.look, f"Correct {entry.number}", "normal", icon="record")
            button.setProperty("entry", (entry.kind, entry.id))
            button.clicked.connect(self._on_correct)
            row.addWidget(button)
        row.addStretch(1)
        return row

    def _on_correct(self) -> None:
        kind, entry = self.sender().property("entry")
        self._context.record.emit(kind, self.sheet.pane.key.person, entry)

    def retime(self) -> None:
        self._rows = []
        self.sheet.retime()

    def _arrange(self, chart: Chart, room: float) -> Sequence[Placed]:
        now = self._context.now()
        if room < 400:  # a width that is passed on the way to the real one
            return []
        blocks: list[Block] = []
        if chart.entries:
            lines: list[tuple[str, bool]] = [("Written here, newest first", True)]
            for entry in chart.entries:
                said = told(entry, now)
                by_phone = "UNCONFIRMED, BY PHONE: " if entry.kind == "phoned_result" else ""
                lines += [(by_phone + said.head, True), (f"{said.text} ({said.signed})".strip(), False)]
            blocks += [Boxed(lines, "pen", "ward wrote", right=str(len(chart.entries))), Gap(8)]
        total = sum(len(listing.items) for listing in chart.lists.values())
        blocks.append(Head("In the copy", Age("", "fresh"), f"{min(MOST, total)} of {total}"))
        blocks.append(Lead(("When", "What kind", "What", "From"), COLUMNS))
        if not self._rows:  # asked for at each width on the way to the last one: the words are the same
            self._rows = [_row(e) for e in events(chart, now)]
        blocks += self._rows
        for name, kind in (("results", "result"), ("medicines", "medicine"), ("observations", "observation")):
            if missing := state_words(chart.lists[name], name, chart, now, kind):
                blocks.append(Para(f"{missing.title}.", "label", "ink2"))
        for name, listing in chart.lists.items():
            if listing.window:
                blocks.append(Para(f"{name.capitalize()}. {listing.window}", "label", "ink2"))
        return [Placed(8, 0, room - 16, blocks)]
