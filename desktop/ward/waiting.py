"""What the ward waits for (F6): every line that was in flight at the cut, by how far it had come, closed from here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit

from desktop.imaging.awaiting import AwaitedRow, awaited_row, grouped, head_words
from desktop.patient.closing import LOW, CloseBox
from desktop.patient.flightrows import FlightRow, flight_row, with_heads
from desktop.shell.context import Changes, Context
from desktop.shell.lists import RowList
from desktop.shell.page import Place
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import TARGET
from desktop.shell.type import font
from localdb.chart.awaiting import Awaiting
from localdb.chart.census import bed_order
from localdb.chart.in_flight import InFlight, balance_words
from localdb.chart.struck import sentence, struck
from localdb.chart.views import SourceAge

if TYPE_CHECKING:
    from localdb.reading import Reading

TESTS, IMAGING = "tests", "imaging"
_Imaging = tuple[tuple[Awaiting, ...], dict[str, str]]
_Answer = tuple[tuple[InFlight, ...], tuple[SourceAge, ...], dict[str, str]]


def _waiting(reading: Reading, ward: str | None) -> _Answer:
    found = reading.flights(ward)
    return found, reading.sources(), reading.similar(one.patient for one in found)


def _awaiting(reading: Reading, ward: str | None) -> _Imaging:
    found = reading.awaiting(ward)
    return found, reading.similar(one.patient for one in found)


class WaitingPlace(Place):
    """What was asked for and had not come back at the cut: Enter or a press on a line asks how it ended. The other list has
    the imaging that awaits its formal report: a press opens the patient's imaging."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Waiting", " ")
        self.ward: str | None = None
        self.found: tuple[InFlight, ...] = ()
        self.awaited: tuple[Awaiting, ...] = ()
        self.shows = TESTS
        self._alike: dict[str, str] = {}
        self.list = RowList(self.look, "Tests waiting")
        self.list.widened.connect(self._show_rows)
        self.list.opened.connect(self._on_line)
        self._down = Text(self.look, "", "body", "hi", weight=600, wrap=True)
        self._down.setAccessibleName("Which system is down")
        self._down.hide()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Bed, name, test, order number")
        self.filter.setAccessibleName("Show only lines with these words")
        self.filter.setFont(font("value", 500))
        self.filter.setMinimumHeight(TARGET)
        self.filter.setMaximumWidth(440)
        self.filter.textChanged.connect(self._show_rows)
        self.filter.returnPressed.connect(self.list.setFocus)
        self.record = Button(self.look, "Open patient", "normal", name="Open the patient of the chosen line")
        self.record.clicked.connect(self._on_patient)
        self.tabs: dict[str, Button] = {}
        for code, words in ((TESTS, "Tests"), (IMAGING, "Imaging")):
            button = Button(self.look, words, "chosen" if code == TESTS else "normal", name=f"Show what waits: {words}")
            button.setProperty("shows", code)
            button.clicked.connect(self._on_tab)
            self.tabs[code] = button
        self._none = Text(self.look, "", "body", "ink2", wrap=True)
        self._none.hide()
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for button in self.tabs.values():
            bar.addWidget(button)
        bar.addWidget(self.filter, 1)
        bar.addWidget(self.record)
        bar.addStretch(1)
        self.box = CloseBox(context)
        self.box.done.connect(self._on_done)
        self.column.addWidget(self._down)
        self.column.addSpacing(6)
        self.column.addLayout(bar)
        self.column.addWidget(self._none)
        self.column.addWidget(self.list, 1)
        self.column.addStretch(0)  # takes the room when the list is hidden
        self.column.addWidget(self.box)
        self.setFocusProxy(self.list)
        context.changed.connect(self._on_changed)
        context.ages_changed.connect(self._on_minute)

    def enter(self) -> None:
        ward = self.ward
        if self.shows == IMAGING:
            self.ask(lambda reading: _awaiting(reading, ward), self._on_awaiting)
        else:
            self.ask(lambda reading: _waiting(reading, ward), self._on_found)

    def show_list(self, code: str) -> None:
        """TESTS or IMAGING."""
        self.shows = code
        self.box.put_away()
        for other, button in self.tabs.items():
            button.use_kind("chosen" if other == code else "normal")
        self.list.setAccessibleName("Imaging without a formal report" if code == IMAGING else "Tests waiting")
        self.list.show_rows(())
        self.enter()

    def _on_tab(self) -> None:
        self.show_list(str(self.sender().property("shows")))
        self.list.setFocus()

    def back(self) -> bool:
        """Esc: leave the box, then the filter."""
        if self.box.isVisible():
            self.box.put_away()
            return True
        if self.filter.text():
            self.filter.clear()
            return True
        return False

    def _on_changed(self, changes: Changes) -> None:
        if (changes.copy or changes.entries) and self.isVisible():
            self.enter()

    def _on_minute(self) -> None:
        if self.isVisible() and not self.box.isVisible():
            self._show_rows()

    def _on_awaiting(self, answer: _Imaging) -> None:
        if self.shows != IMAGING:  # the other list was asked for since
            return
        self.awaited, self._alike = answer
        self._down.hide()
        self.say(
            f"Imaging without a report: {self.ward or 'this copy'}", head_words(self.awaited, self.ward or "this copy")
        )
        self._show_rows()

    def _on_found(self, answer: _Answer) -> None:
        if self.shows != TESTS:
            return
        self.found, sources, self._alike = answer
        now = self.context.now()
        lines = [line for one in self.found for line in one.lines]
        people = sum(bool(one.open) for one in self.found)
        where = self.ward or "this copy"
        ask = "Ask: some may be done since."
        self.say(
            f"Waiting: {where}",
            f"{balance_words(lines)} Patients with an open line: {people}. {ask}"
            if lines
            else f"Nothing was in flight in {where} when the copy was taken. That is no proof of none.",
        )
        down = struck(sources, "result", "report", titles=self.context.titles)
        self._down.setText(" ".join(sentence(s, now, self.context.zone) for s in down))
        self._down.setVisible(bool(down))
        self._show_rows()

    def _show_rows(self) -> None:
        room, now, titles = float(self.list.viewport().width()), self.context.now(), self.context.titles
        if room < 300:  # a width that is passed on the way to the real one
            return
        if self.shows == IMAGING:
            held = [(one.patient, line) for one in self.awaited for line in one.lines]
            self._keep([awaited_row(line, v, now, room, alike=self._alike.get(v.id, "")) for v, line in held], grouped)
            return
        rows = [
            flight_row(
                line,
                one.patient,
                now,
                room,
                ward=True,
                title=titles.get(line.source, line.source),
                alike=self._alike.get(one.patient.id, ""),
            )
            for one in sorted(self.found, key=lambda f: bed_order(f.patient.bed))
            for line in one.lines
        ]
        self._keep(rows, with_heads)

    def _keep(self, rows: Sequence[Any], headed: Callable[[Any], Sequence[Any]]) -> None:
        """The rows that have the words of the filter, under their heads."""
        words = self.filter.text().casefold().split()
        kept = [r for r in rows if all(w in r.text.casefold() for w in words)]
        self.list.show_rows(headed(kept), keep=True)
        self._none.setText(f"No line has these words. Lines without the filter: {len(rows)}.")
        self._none.setVisible(bool(words) and not kept)
        self.record.setEnabled(bool(kept))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """On a low screen the box has the room of list and filter: no word of either may be cut."""
        alone = self.box.line is not None and self.height() < LOW + 100
        for part in (self.list, self.filter, self.record, *self.tabs.values()):
            part.setVisible(not alone)

    def _on_line(self, row: FlightRow | AwaitedRow) -> None:
        if isinstance(row, AwaitedRow):
            self.context.open_section.emit(row.patient, 5, "")
            return
        self.box.ask(row.line, row.view, name_patient=True)
        self._make_room()

    def _on_done(self) -> None:
        self._make_room()
        self.list.setFocus()

    def _on_patient(self) -> None:
        row = self.list.chosen_row()
        if isinstance(row, AwaitedRow):
            self.context.open_section.emit(row.patient, 5, "")
        elif isinstance(row, FlightRow):
            self.context.open_section.emit(row.patient, 2, "flight")
