"""Restoration: what the ward wrote, entry by entry, and what became of it at the hospital (DESIGN D8, look/11).

A person compares first (changes nothing anywhere), then sends; nothing is sent without a press. The work runs on a bench
of its own, for it may last; each entry's state is read from the journal, never guessed here.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout

from desktop.shell import paint
from desktop.shell.context import Changes, Context
from desktop.shell.lists import RowList
from desktop.shell.page import Place
from desktop.shell.parts import Button, Field, Text
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, SEMIBOLD, font, wrap
from localdb.chart import wording
from localdb.chart.views import Entry
from localdb.errors import WardlampError
from localdb.restore import Summary, Target, plan, send, status

# state -> its word, the kind of chip (None: plain words)
STATES: dict[str, tuple[str, str | None]] = {
    "kept": ("kept here", None),
    "waiting": ("to be sent", None),
    "sent": ("sent, no answer yet", "warn"),
    "confirmed": ("confirmed there", None),
    "refused": ("refused there", "strong"),
    "needs_person": ("needs a person", "warn"),
}
KINDS = {"observations": "observation set", "phoned_result": "result by phone", "note": "note", "request": "request"}


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry and where it stands."""

    patient: str
    number: str
    kind: str
    name: str
    happened: str
    state: str
    reason: tuple[str, ...]
    can_open: bool = True

    @property
    def height(self) -> int:
        return 52 + 21 * max(0, len(self.reason) - 1)

    @property
    def text(self) -> str:
        facts = (self.number, self.kind, self.name, self.happened, STATES[self.state][0], " ".join(self.reason))
        return ", ".join(x for x in facts if x)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        left, right, first = area.left() + 12, area.right() - 12, area.top() + 21
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        paint.draw_text(painter, left, first, self.number, font("body", SEMIBOLD, ident=True), theme.ink)
        x = left + 130
        paint.draw_text(painter, x, first, self.kind, font("body"), theme.ink)
        paint.draw_text(painter, x + 160, first, self.name, font("body", BOLD), theme.ink)
        word, chip = STATES[self.state]
        if chip:
            room = paint.chip_width(word)
            paint.draw_chip(painter, right - room, area.top() + 4, word, theme, kind=chip)
        else:
            token = theme.ok if self.state == "confirmed" else theme.ink2
            paint.draw_text(painter, right, first, word, font("label", SEMIBOLD), token, right=True)
        paint.draw_text(painter, left, first + 21, self.happened, font("label"), theme.ink2)
        for n, line in enumerate(self.reason):
            paint.draw_text(painter, x + 160, first + 21 * (n + 1), line, font("label"), theme.ink2)


def entry_rows(entries: tuple[Entry, ...], found: Summary, room: float) -> list[EntryRow]:
    """The rows in the order in which entries are sent (CLINICAL §7.3)."""
    by_id = {e.id: e for e in entries}
    rows = []
    for stands in found.entries:
        entry = by_id.get(stands.id)
        if entry is None:
            continue
        who = entry.identity
        rows.append(
            EntryRow(
                patient=who.patient if who else "",
                number=entry.number,
                kind=KINDS.get(entry.kind, entry.kind),
                name=wording.display_name(who.name) if who else wording.NO_NAME,
                happened=wording.date_time(entry.happened or entry.written, year=False),
                state=stands.state,
                reason=tuple(wrap(stands.reason, "label", room)) if stands.reason else (),
            )
        )
    return rows


def balance_words(found: Summary) -> str:
    """`12 entries = 2 kept here + 9 confirmed there + 1 needs a person`."""
    counts = [(getattr(found, state), word) for state, (word, _) in STATES.items()]
    parts = " + ".join(f"{count} {word}" for count, word in counts if count)
    total = len(found.entries)
    return f"{total} entries = {parts}" if total else "Nothing was written during this downtime."


class RestorePlace(Place):
    """Compare, send, certificate; below them every entry."""

    progressed = Signal(int, int)
    counted = Signal(int, int)  # confirmed, in all

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Restore", "Compare changes nothing. Nothing is sent without a press on Send.")
        self.bench = context.extra("restore")
        self.entries: tuple[Entry, ...] = ()
        self.found = Summary()
        self.url, self.token = Field(self.look, "Address of the hospital's FHIR server"), Field(self.look, "Token file")
        self.compare = Button(self.look, "Compare", icon="differs")
        self.send = Button(self.look, "Send what the ward wrote", "primary", icon="send")
        self.proof = Button(self.look, "Certificate to a folder", icon="folder")
        self.folder = Field(self.look, "Folder for the certificate")
        self.list = RowList(self.look, "Entries of this downtime")
        self.foot = Text(self.look, "", "label", weight=SEMIBOLD)
        self._lay_out()
        self.compare.clicked.connect(self._on_compare)
        self.send.clicked.connect(self._on_send)
        self.proof.clicked.connect(self._on_proof)
        self.list.opened.connect(self._on_open)
        self.progressed.connect(self._on_progress)
        context.changed.connect(self._on_changed)
        self.setFocusProxy(self.url)

    def _lay_out(self) -> None:
        fields, buttons = QHBoxLayout(), QHBoxLayout()
        for row in (fields, buttons):
            row.setSpacing(12)
        fields.addWidget(self.url, 3)
        fields.addWidget(self.token, 2)
        fields.addWidget(self.folder, 2)
        for button in (self.compare, self.send, self.proof):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.column.addSpacing(6)
        self.column.addLayout(fields)
        self.column.addSpacing(6)
        self.column.addLayout(buttons)
        self.column.addSpacing(8)
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.foot)

    def enter(self) -> None:
        self._work("status", lambda house: (status(house.journal.ledger), house.journal.ledger.entries()))

    def _on_changed(self, changes: Changes) -> None:
        if changes.entries and self.isVisible():
            self.enter()

    def _work(self, what: str, job: Any) -> None:
        self._busy(True)
        self.bench.ask(what, job, self._on_stands, self._on_broken)

    def _busy(self, busy: bool) -> None:
        for button in (self.compare, self.send, self.proof):
            button.setEnabled(not busy)

    def _target(self) -> Target:
        token = self.token.text().strip()
        return Target(self.url.text().strip(), Path(token) if token else None)

    def _on_compare(self) -> None:
        self._ask_target("plan", lambda house, target: plan(house.journal.ledger, target))

    def _on_send(self) -> None:
        def tell(done: int, of: int) -> None:
            self.progressed.emit(done, of)

        self._ask_target("send", lambda house, target: send(house.journal.ledger, target, tell))

    def _ask_target(self, what: str, ask: Any) -> None:
        try:
            target = self._target()
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

    def _on_stands(self, key: Hashable, answer: tuple[Summary, tuple[Entry, ...]]) -> None:
        self._busy(False)
        self.failed.hide()
        self.found, self.entries = answer
        self.list.show_rows(entry_rows(self.entries, self.found, self.width() - 340), keep=True)
        self.foot.setText(balance_words(self.found))
        waiting = sum(getattr(self.found, s) for s in ("kept", "waiting", "sent"))
        self.send.rename(f"Send {waiting} entries" if waiting else "Send what the ward wrote")
        self.send.setEnabled(waiting > 0)
        if key == "send":
            self.context.changed.emit(Changes(entries=True))
            self.counted.emit(self.found.confirmed, len(self.found.entries))
            self.context.say(balance_words(self.found), "done" if self.found.is_settled else "caution")

    def _on_broken(self, key: Hashable, error: WardlampError) -> None:
        self._busy(False)
        self.failed.show_error("Certificate not written" if key == "proof" else "Nothing is lost", error)

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

    def _on_open(self, row: EntryRow) -> None:
        if row.patient:
            self.context.open_patient.emit(row.patient)
