"""Restoration: what the ward wrote, entry by entry, and what became of it at the hospital (DESIGN D8, look/11).

A person compares first (changes nothing anywhere), then sends; nothing is sent without a press. Of the chosen entry the
copy, the ward's words and what the hospital holds now stand side by side; what a send could not settle, a person
decides. The work runs on benches of its own, for it may last; each state is read from the journal, never guessed here.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from desktop.patient.sheet import Scroller
from desktop.restore.pane import SidesPane
from desktop.restore.rows import EntryRow, balance_words, entry_rows
from desktop.restore.sides import alike, copy_side, live_side, title, ward_side, what_happens
from desktop.shell.context import Changes, Context
from desktop.shell.flow import Flow
from desktop.shell.lists import RowList
from desktop.shell.page import Place
from desktop.shell.parts import Button, Field, Text
from desktop.shell.tokens import SMALL_WIDTH, TARGET
from desktop.shell.type import SEMIBOLD
from localdb.chart import wording
from localdb.chart.views import Chart, Entry
from localdb.errors import WardlampError
from localdb.restore import Summary, Target, decide, plan, send, status
from localdb.restore.beside import Beside, beside

DECISIONS = {"already_there": "Already there", "send_again": "Send again", "enter_by_hand": "Type in by hand"}


class RestorePlace(Place):
    """Compare, send, certificate; below them every entry, and the chosen one side by side."""

    progressed = Signal(int, int)
    counted = Signal(int, int)  # confirmed, in all

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Restore", "Compare changes nothing. Nothing is sent without a press on Send.")
        self.bench, self._looker = context.extra("restore"), context.extra("restore-look")
        self.entries: tuple[Entry, ...] = ()
        self.found = Summary()
        self._charts: dict[str, Chart] = {}
        self._live: dict[str, tuple[Beside, str]] = {}  # entry -> what is there, and when that was read
        self._planned: dict[str, str] = {}
        self._compared = False
        self.url, self.token = Field(self.look, "Address of the hospital's FHIR server"), Field(self.look, "Token file")
        self.compare = Button(self.look, "Compare", icon="differs")
        self.send = Button(self.look, "Send what the ward wrote", "primary", icon="send")
        self.proof = Button(self.look, "Certificate to a folder", icon="folder")
        self.folder = Field(self.look, "Folder for the certificate")
        self.list = RowList(self.look, "Entries of this downtime")
        self.pane = SidesPane(self.look)
        self.scroller = Scroller(self.pane, "Copy, ward and hospital side by side").ring(self.look)
        self.scroller.setMinimumHeight(TARGET)
        self.decisions = {key: Button(self.look, words) for key, words in DECISIONS.items()}
        self.record = Button(self.look, "Open the record", "quiet", icon="summary")
        self.foot = Text(self.look, "", "label", weight=SEMIBOLD)
        self.foot.hide()
        self._lay_out()
        self.compare.clicked.connect(self._on_compare)
        self.send.clicked.connect(self._on_send)
        self.proof.clicked.connect(self._on_proof)
        self.list.opened.connect(self._on_open)
        self.list.chosen.connect(self._on_chosen)
        self.record.clicked.connect(self._on_record)
        for key, button in self.decisions.items():
            button.setProperty("decision", key)
            button.clicked.connect(self._on_decide)
        self.progressed.connect(self._on_progress)
        context.changed.connect(self._on_changed)
        self.setFocusProxy(self.url)

    def _lay_out(self) -> None:
        fields, buttons, across = (QHBoxLayout() for _ in range(3))
        for row in (fields, buttons, across):
            row.setSpacing(12)
        fields.addWidget(self.url, 3)
        fields.addWidget(self.token, 2)
        fields.addWidget(self.folder, 2)
        for button in (self.compare, self.send, self.proof):
            buttons.addWidget(button)
        buttons.addStretch(1)
        side = QVBoxLayout()
        side.setSpacing(6)
        side.addWidget(self.scroller, 1)
        side.addLayout(Flow(*self.decisions.values(), self.record))
        across.addWidget(self.list)
        across.addLayout(side, 1)
        self.column.addLayout(fields)
        self.column.addLayout(buttons)
        self.column.addSpacing(4)
        self.column.addLayout(across, 1)
        self.column.addWidget(self.foot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        is_wide = self.window().width() >= SMALL_WIDTH
        self.list.setFixedWidth(348 if is_wide else 272)
        self.words.setVisible(is_wide)
        super().resizeEvent(event)

    def enter(self) -> None:
        self._charts = {}
        self._work("status", lambda house: (status(house.journal.ledger), house.journal.ledger.entries()))

    def _on_changed(self, changes: Changes) -> None:
        if (changes.entries or changes.copy) and self.isVisible():
            self.enter()

    # -- the chosen entry, side by side ---------------------------------------------------------------------------

    def _chosen(self) -> EntryRow | None:
        row = self.list.chosen_row()
        return row if isinstance(row, EntryRow) else None

    def _on_chosen(self, row: object) -> None:
        self._show_sides()
        chosen = self._chosen()
        if chosen is None:
            return
        if chosen.patient and chosen.patient not in self._charts:
            person = chosen.patient
            self.context.reader.ask(
                person, lambda reading: reading.chart(person), self._on_chart, self._on_no_chart, lane="restore-chart"
            )
        if self._compared and chosen.id not in self._live:
            self._ask_live(chosen.id)

    def _on_chart(self, person: Hashable, chart: Chart) -> None:
        self._charts[str(person)] = chart
        self._show_sides()

    def _on_no_chart(self, person: Hashable, error: WardlampError) -> None:
        """The copy no longer holds the person: that side says so; the entry keeps its own identity."""
        self.context.say(f"{error.code}. {error.message} The entry keeps the identity it was written with.", "caution")

    def _ask_live(self, entry_id: str) -> None:
        entry = next(e for e in self.entries if e.id == entry_id)
        url, token = self._address()

        def job(house: Any) -> Beside:
            target = Target(url, token)
            try:
                return beside(entry, target)
            finally:
                target.close()

        self._looker.ask(entry_id, job, self._on_live, self._on_no_live, lane="live")

    def _on_live(self, key: Hashable, found: Beside) -> None:
        read = wording.clock(self.context.now(), wording.ZONE)
        self._live[str(key)] = (found, f"read {read}")
        self._show_sides()

    def _on_no_live(self, key: Hashable, error: WardlampError) -> None:
        self._live[str(key)] = (Beside(reason=f"{error.code}: {error.message} {error.next_step}"), "could not be read")
        self._show_sides()

    def _show_sides(self) -> None:
        row = self._chosen()
        entry = next((e for e in self.entries if row is not None and e.id == row.id), None)
        waits = row is not None and row.state in ("refused", "needs_person")
        for button in self.decisions.values():
            button.setEnabled(waits)
        self.record.setEnabled(row is not None and bool(row.patient))
        if row is None or entry is None:
            self.pane.clear("Nothing was written during this downtime.")
            return
        now = self.context.now()
        found, asked = self._live.get(entry.id, (None, "press Compare to ask"))
        sides = (
            copy_side(entry, self._charts.get(row.patient), now),
            ward_side(entry, now),
            live_side(entry, found, asked, self._planned.get(entry.id, ""), now),
        )
        reason = f"{row.reason[:1].upper()}{row.reason[1:]}." if row.reason else ""
        reasons = (reason, what_happens(row.state))
        self.pane.show_sides(entry.identity, now, title(entry, now), alike(entry, found), reasons, sides)

    def _on_open(self, row: EntryRow) -> None:
        """Enter in the list leads to what can be done about the entry."""
        able = [b for b in (*self.decisions.values(), self.record) if b.isEnabled()]
        if able:
            able[0].setFocus()

    def _on_record(self) -> None:
        if (row := self._chosen()) is not None and row.patient:
            self.context.open_patient.emit(row.patient)

    def _on_decide(self) -> None:
        row, decision = self._chosen(), str(self.sender().property("decision"))
        if row is None:
            return
        entry_id, number = row.id, row.number

        def job(house: Any) -> tuple[Summary, tuple[Entry, ...]]:
            ledger = house.journal.ledger
            decide(ledger, entry_id, decision, house.staff)
            return status(ledger), ledger.entries()

        said = f"{number}: {DECISIONS[decision].lower()}, said by {self.context.house.staff}."
        self._work(("decide", said), job)
        self.list.setFocus()

    # -- the work -------------------------------------------------------------------------------------------------

    def _work(self, what: Hashable, job: Any) -> None:
        self._busy(True)
        self.bench.ask(what, job, self._on_stands, self._on_broken)

    def _busy(self, busy: bool) -> None:
        for button in (self.compare, self.send, self.proof):
            button.setEnabled(not busy)

    def _address(self) -> tuple[str, Path | None]:
        token = self.token.text().strip()
        return self.url.text().strip(), Path(token) if token else None

    def _on_compare(self) -> None:
        self._ask_target("plan", lambda house, target: plan(house.journal.ledger, target))

    def _on_send(self) -> None:
        def tell(done: int, of: int) -> None:
            self.progressed.emit(done, of)

        self._ask_target("send", lambda house, target: send(house.journal.ledger, target, tell))

    def _ask_target(self, what: str, ask: Any) -> None:
        try:
            target = Target(*self._address())
        except WardlampError as error:
            self.failed.show_error("Nothing was sent", error)
            return

        def job(house: Any) -> tuple[Summary, tuple[Entry, ...]]:
            try:
                return ask(house, target), house.journal.ledger.entries()
            finally:
                target.close()

        self._work(what, job)

    def _on_progress(self, done: int, of: int) -> None:
        self.foot.setText(f"Sending {done} of {of}. You may go on working.")
        self.foot.setVisible(bool(self.foot.text()))

    def _on_stands(self, key: Hashable, answer: tuple[Summary, tuple[Entry, ...]]) -> None:
        self._busy(False)
        self.failed.hide()
        self.found, self.entries = answer
        if key in ("plan", "send"):
            self._compared, self._live = True, {}
            self._planned = {s.id: s.reason.partition(": ")[2] for s in self.found.entries} if key == "plan" else {}
        self.list.show_rows(entry_rows(self.entries, self.found), keep=True)
        self._on_chosen(None)
        self.foot.setText(balance_words(self.found))
        self.foot.setVisible(bool(self.foot.text()))
        waiting = sum(getattr(self.found, s) for s in ("kept", "waiting", "sent"))
        self.send.rename(f"Send {waiting} entries" if waiting else "Send what the ward wrote")
        self.send.setEnabled(waiting > 0)
        if isinstance(key, tuple):
            self.context.say(key[1], "done")
        if key == "send" or isinstance(key, tuple):
            self.counted.emit(self.found.confirmed, len(self.found.entries))
        if key == "send":
            self.context.changed.emit(Changes(entries=True))
            self.context.say(balance_words(self.found), "done" if self.found.is_settled else "caution")

    def _on_broken(self, key: Hashable, error: WardlampError) -> None:
        self._busy(False)
        head = "Nothing was decided" if isinstance(key, tuple) else "Nothing is lost"
        self.failed.show_error("Certificate not written" if key == "proof" else head, error)

    def _on_proof(self) -> None:
        """JSON and PDF into the folder; the PDF is drawn by the forms (late import: reportlab is heavy)."""
        folder = Path(self.folder.text().strip() or ".").expanduser()

        def job(house: Any) -> Path:
            from desktop.cli.returning import write_certificate

            write_certificate(house, folder)
            return folder

        self._busy(True)
        self.bench.ask("proof", job, self._on_proved, self._on_broken)

    def _on_proved(self, key: Hashable, written: Path) -> None:
        self._busy(False)
        self.context.say(f"Certificate written: certificate.json and certificate.pdf in {written.name}.", "done")
