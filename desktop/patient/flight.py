"""In flight: what was asked for and had not come back when the copy was taken, each line to be closed (hazard H09).

The words are those of `localdb.chart.in_flight`; Enter or a press on a line asks how it ended. Closed lines stay,
struck, with who closed them and when.
"""

from __future__ import annotations

from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.patient.closing import LOW, CloseBox
from desktop.patient.flightrows import FlightRow, flight_row, with_heads
from desktop.patient.keyed import PatientKey, Stand, WrongPatient, is_of
from desktop.patient.words import section_age, state_words
from desktop.shell.context import Context
from desktop.shell.lists import RowList
from desktop.shell.parts import SectionHead, Text
from localdb.chart.in_flight import InFlight, balance_words, in_flight
from localdb.chart.views import KNOWN, Chart

KINDS = ("request", "report", "image")
ASK = "This is what the sources said up to the time at the right: ask the department, some may be done since."


class KeyedRows(RowList):
    """Rows of one patient: they draw only while the page stands on their key (hazard H02)."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, name: str) -> None:
        super().__init__(context.look, name)
        self._look, self._stand, self._key = context.look, stand, key
        stand.turned.connect(self._on_turned)

    @property
    def key(self) -> PatientKey:
        return self._key

    def may_show(self) -> bool:
        return self._stand.admits(self._key)

    def _on_turned(self) -> None:
        if not self.may_show():
            self.show_rows(())
            self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.may_show():
            super().paintEvent(event)


class Flight(QWidget):
    """The tab. `found` is what it says."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        """Raises WrongPatient when `chart` is another person's."""
        super().__init__()
        if not is_of(chart, key):
            raise WrongPatient("A record of another patient was refused.")
        self._context, self._chart, self._stand, self._key = context, chart, stand, key
        self.found: InFlight = in_flight(chart, context.now())
        self.head = SectionHead(context.look, "In flight")
        self.balance = Text(context.look, "", "body", weight=600, wrap=True)
        self.words = Text(context.look, "", "label", "ink2", wrap=True)
        self.list = KeyedRows(context, stand, key, "What was in flight")
        self.list.opened.connect(self._on_open)
        self.list.widened.connect(self._show_rows)
        self.box = CloseBox(context)
        self.box.done.connect(self._on_done)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 12, 0)
        column.setSpacing(4)
        for part in (self.head, self.balance, self.words):
            column.addWidget(part)
        column.addWidget(self.list, 1)
        column.addWidget(self.box)
        self.setFocusProxy(self.list)
        stand.turned.connect(self._on_turned)
        self.retime()

    def retime(self) -> None:
        """The minute changed: ages and hours are said anew, the chosen line stays."""
        if not self._stand.admits(self._key):
            return
        now = self._context.now()
        self.found = in_flight(self._chart, now)
        age = section_age(self._chart, now, *KINDS)
        open_ = str(len(self.found.open))
        self.head.show_age("In flight", age.text, count=open_, state=age.state)
        self.balance.setText(balance_words(self.found.lines))
        self.words.setText(" ".join(self._words()))
        self._show_rows()

    def _words(self) -> list[str]:
        """What stands beside the lines: who was asked, what is not chased, and that none is no proof of none."""
        chart, now = self._chart, self._context.now()
        words = [ASK] if self.found.open else []
        requests = chart.lists["requests"]
        missing = state_words(requests, "requests", chart, now, "request")
        if missing is not None:
            words.append(f"{missing.title}. {missing.text}")
        elif requests.state == KNOWN and not self.found.lines:
            words.append("Every request in this copy had ended by then. That is no proof that nothing was waiting.")
        if self.found.older:
            words.append(
                f"Examinations of more than 90 days ago without a report in this copy: {self.found.older}."
                " They are listed under Imaging."
            )
        if requests.window:
            words.append(requests.window)
        return words

    def _show_rows(self) -> None:
        if not self._stand.admits(self._key):
            return
        room, now, titles = float(self.list.viewport().width()), self._context.now(), self._context.titles
        if room < 300:  # a width that is passed on the way to the real one
            return
        rows = [
            flight_row(line, self._chart.patient, now, room, title=titles.get(line.source, line.source))
            for line in self.found.lines
        ]
        self.list.show_rows(with_heads(rows), keep=True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """On a low screen the box has the room of the list: no word of either may be cut."""
        alone = self.box.line is not None and self.height() < LOW
        for part in (self.list, self.head, self.balance):
            part.setVisible(not alone)
        self.words.setVisible(not alone and bool(self.words.text()))

    def _on_open(self, row: FlightRow) -> None:
        if self._stand.admits(self._key):
            self.box.ask(row.line, row.view, name_patient=False)
            self._make_room()

    def _on_done(self) -> None:
        self._make_room()
        self.list.setFocus()

    def _on_turned(self) -> None:
        if not self._stand.admits(self._key):
            for text in (self.balance, self.words):
                text.setText("")
            self.box.hide()
            self.hide()
