"""The page of one patient: it asks for the record, refuses an answer for anyone else, and shows the frame (H02).

The page fills the room below the header and above the age strip; it brings its own rail, so the window's is hidden
while a patient is open. It wishes through the context: `record("", person, None)`, `print_form("", person)`,
`go_ward()`.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.patient.failed import Failed, Opening
from desktop.patient.frame import PatientFrame
from desktop.patient.keyed import PatientKey, Stand, WrongPatient, is_of
from desktop.patient.rail import SECTIONS
from desktop.shell.context import Changes, Context
from localdb.chart.views import Chart
from localdb.errors import WardlampError

BARS_AFTER = 200  # ms: a record that comes sooner shows no bars (LOOK §6 Loading)


class PatientPage(QWidget):
    """`show_patient(person)` opens a record, `set_section(n)` a section (1 to 7)."""

    opened = Signal(str)  # person id, once the record is on screen
    failed = Signal(str)  # code of the error

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.stand = Stand(self)
        self.frame: PatientFrame | None = None
        self.refused = 0  # answers for another patient that were turned away
        self._wanted, self._tab = 1, ""
        self._lane = f"patient-{id(self)}"
        self._notice: QWidget | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._bars = QTimer(self)
        self._bars.setSingleShot(True)
        self._bars.setInterval(BARS_AFTER)
        self._bars.timeout.connect(self._show_bars)
        context.changed.connect(self._on_changed)
        context.ages_changed.connect(self._on_ages)
        context.look.changed.connect(self.update)
        for n in range(1, len(SECTIONS) + 1):
            shortcut = QShortcut(QKeySequence(f"Alt+{n}"), self)
            shortcut.setProperty("section", n)
            shortcut.activated.connect(self._on_shortcut)
        QShortcut(QKeySequence("Ctrl+F"), self).activated.connect(self._on_find)

    @property
    def person(self) -> str:
        """The person on whom the page stands; empty if none."""
        return self.stand.key.person

    @property
    def section(self) -> int:
        return self.frame.section if self.frame is not None else self._wanted

    def show_patient(self, person: str, section: int = 1, tab: str = "") -> None:
        """Open the record of `person`. What was shown is gone at once; the record comes when it was read."""
        self._wanted, self._tab = section, tab
        key = self.stand.turn_to(person)
        self._clear()
        self._bars.start()
        self._ask(key)

    def close_patient(self) -> None:
        """Forget the patient: no widget with the record is left."""
        self.stand.turn_to("")
        self._bars.stop()
        self._clear()

    def set_section(self, number: int, tab: str = "") -> None:
        """Show section 1 to 7 (and its tab) of the patient who is open, or of the one who is being opened."""
        self._wanted, self._tab = number, tab
        if self.frame is not None:
            self.frame.set_section(number, tab)

    def step(self, number: int) -> None:
        """The key of a section: opens it; of the section that is open, its next tab."""
        if self.frame is not None:
            self.frame.step(number)

    def reload(self) -> None:
        """Read the same patient anew; what is shown stays until the new record is here."""
        if self.stand.key.person:
            self._ask(self.stand.key)

    def _ask(self, key: PatientKey) -> None:
        person = key.person

        def read(reading: Any) -> Chart:
            chart: Chart = reading.chart(person)
            return chart

        self._context.reader.ask(key, read, self._on_chart, self._on_failed, lane=self._lane)

    def _on_chart(self, key: Hashable, chart: Any) -> None:
        if not isinstance(key, PatientKey) or not self._accepts(key, chart):
            self.refused += 1
            if isinstance(key, PatientKey) and self.stand.admits(key):
                self._on_failed(key, WrongPatient("The record that came is another patient's."))
            return
        self._bars.stop()
        place: object = None
        if self.frame is not None and self.frame.key == key:  # the same patient, read anew: the place stays
            self._wanted, self._tab, place = self.frame.section, self.frame.tab, self.frame.place()
        self._clear()
        self._show_frame(key, chart, self._wanted)
        if place is not None and self.frame is not None:
            self.frame.take_place(place)
        self.opened.emit(key.person)

    def _accepts(self, key: PatientKey, chart: Any) -> bool:
        """Whether an answer may be shown: asked for by this key, and the record of its person."""
        return self.stand.admits(key) and isinstance(chart, Chart) and is_of(chart, key)

    def _show_frame(self, key: PatientKey, chart: Chart, section: int) -> None:
        frame = PatientFrame(self._context, self.stand, key, chart)
        self._column.addWidget(frame)
        self.frame = frame
        frame.rail.record.connect(self._on_record)
        frame.rail.print_.connect(self._on_print)
        frame.rail.back.connect(self._context.go_ward)
        self._fill(frame, section)
        frame.show()

    def _fill(self, frame: PatientFrame, section: int) -> None:
        """What stands below the banner; the entry page puts its form there."""
        frame.set_section(section, self._tab)

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        if not isinstance(key, PatientKey) or not self.stand.admits(key):
            self.refused += 1
            return
        self._bars.stop()
        self._clear()
        self._put(Failed(self._context.look, "The record could not be read", error, self._retry))
        self.failed.emit(error.code)

    def _retry(self) -> None:
        self.show_patient(self.stand.key.person, self._wanted, self._tab)

    def _show_bars(self) -> None:
        self._put(Opening(self._context.look, "Opening the record"))

    def _put(self, notice: QWidget) -> None:
        self._notice = notice
        self._column.addWidget(notice)
        notice.show()

    def _clear(self) -> None:
        for widget in (self.frame, self._notice):
            if widget is not None:
                widget.hide()
                self._column.removeWidget(widget)
                widget.deleteLater()
        self.frame = self._notice = None

    def _on_changed(self, changes: Changes) -> None:
        if self.person and (changes.copy or (changes.entries and self._is_mine(changes.patients))):
            self.reload()

    def _is_mine(self, patients: frozenset[str]) -> bool:
        ids = {self.person, *(self.frame.chart.patient.ids if self.frame is not None else ())}
        return not patients or bool(patients & ids)

    def _on_ages(self) -> None:
        if self.frame is not None:
            self.frame.retime()

    def _on_shortcut(self) -> None:
        if self.frame is not None:
            self.step(int(self.sender().property("section")))

    def _on_find(self) -> None:
        """The search over everything that is written of this patient."""
        if self.frame is not None:
            self.set_section(6, "find")

    def _on_record(self) -> None:
        self._context.record.emit("", self.person, None)

    def _on_print(self) -> None:
        self._context.print_form.emit("", self.person)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._context.look.theme.color("paper"))
