"""How a line of what was in flight is closed: four ends, a note, and who it is about (hazard H09).

Closing is an entry of kind `closure`; nothing of the copy changes. Undo writes a correction (`reopened`), so that both
stay to be seen. On a list of many patients the box names the patient whose line it is (hazard H02).
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.shell import paint
from desktop.shell.context import Changes, Context
from desktop.shell.parts import Button, Field, MicroBanner, Text
from localdb.chart import wording
from localdb.chart.in_flight import CANCELLED, LOST, OUTCOMES, RECOLLECTED, REOPENED, RESULTED, Line, closure_body
from localdb.chart.views import PatientView
from localdb.errors import WardlampError
from localdb.records.moments import from_instant

LOW = 420  # px: a pane that is lower gives the box its whole room
ENDS = (
    (RESULTED, "Result is known"),
    (CANCELLED, "Cancelled"),
    (RECOLLECTED, "Collected again"),
    (LOST, "Lost"),
)


class CloseBox(QFrame):
    """Asks how one line ended and writes it. `done` when it was written or put away."""

    done = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._look = context, context.look
        self._line: Line | None = None
        self._view: PatientView | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 8, 16, 8)
        self._column.setSpacing(6)
        self._who: MicroBanner | None = None
        self._head = Text(self._look, "", "body", weight=600, wrap=True)
        self._column.addWidget(self._head)
        self.note = Field(self._look, "")
        self.note.box.setAccessibleName("Note: who said so, new order number")
        self.note.box.setPlaceholderText("Note: who said so, new order number")
        self._column.addWidget(self.note)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.ends: dict[str, Button] = {}
        for outcome, words in ENDS:
            button = Button(self._look, words, "normal", name=f"Close this line: {words}")
            button.setProperty("outcome", outcome)
            button.clicked.connect(self._on_end)
            self.ends[outcome] = button
            row.addWidget(button)
        self.reopen = Button(self._look, "Open again", "normal", name="Open this line again")
        self.reopen.clicked.connect(self._on_reopen)
        row.addWidget(self.reopen)
        self.away = Button(self._look, "Leave it", "quiet", name="Leave the line as it is")
        self.away.clicked.connect(self.put_away)
        row.addWidget(self.away)
        row.addStretch(1)
        self._column.addLayout(row)
        self.hide()

    @property
    def line(self) -> Line | None:
        return self._line

    def ask(self, line: Line, view: PatientView, *, name_patient: bool) -> None:
        """Show the box for one line; the first end has the focus."""
        self._line, self._view = line, view
        if self._who is not None:
            self._who.leave()
            self._who = None
        if name_patient:
            born = wording.born_text(view.born, self._context.now(), estimated=view.born_estimated)
            name = wording.display_name(view.name)
            self._who = MicroBanner(self._look, name, born, wording.nhs_number(view.nhs))
            self._column.insertWidget(0, self._who)
        is_hidden = line.restricted and name_patient
        test = "Restricted request" if is_hidden else line.test
        self._head.setText(f"How did it end: {test}?" if line.is_open else f"Closed: {test}")
        self.setAccessibleName(self._head.text())
        for outcome, button in self.ends.items():
            button.setVisible(line.is_open)
            # A result that has come proposes itself, and no more than that.
            button.use_kind("primary" if outcome == RESULTED and line.come is not None else "normal")
        self.note.setVisible(line.is_open)
        self.note.set_text("")
        self.reopen.setVisible(not line.is_open)
        self.show()
        (self.ends[RESULTED] if line.is_open else self.reopen).setFocus(Qt.FocusReason.TabFocusReason)

    def put_away(self) -> None:
        self._line = self._view = None
        self.hide()
        self.done.emit()

    def _on_end(self) -> None:
        if self._line is not None:
            self._write(str(self.sender().property("outcome")), None)

    def _on_reopen(self) -> None:
        if self._line is not None and self._line.closing is not None:
            self._write(REOPENED, self._line.closing.entry)

    def _write(self, outcome: str, corrects: str | None) -> None:
        line, view = self._line, self._view
        if line is None or view is None:
            return
        happened = from_instant(self._context.now()).text
        body = closure_body(line, outcome, self.note.text().strip(), happened)
        write_closure(self._context, view.id, body, corrects)
        self.put_away()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.put_away()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("panel"))
        paint.hairline(painter, 0, 0, self.width(), theme.ink, 2)


def write_closure(context: Context, person: str, body: dict[str, Any], corrects: str | None) -> None:
    """Writes a closure in the writer's thread and says so in the status line, with an undo."""
    outcome = str(body["outcome"])

    # Functions and not methods: a bench holds methods weakly, and the box may be gone before the answer comes.
    def written(key: Hashable, receipt: Any) -> None:
        context.changed.emit(Changes(patients=frozenset({person}), entries=True))
        if outcome == REOPENED:
            context.say(f"{receipt.number} written: the line is open again.")
            return
        undone = {**body, "outcome": REOPENED, "note": ""}
        context.say(
            f"{receipt.number} written: {OUTCOMES[outcome]}. The line stays, struck.",
            action="Undo",
            act=lambda: write_closure(context, person, undone, receipt.entry),
        )

    def failed(key: Hashable, error: WardlampError) -> None:
        context.say(f"Not written. {error.code}. {error.message} {error.next_step}", "failed")

    key = ("closure", person, str(body["requests"]))
    context.writer.ask(key, lambda house: house.enter("closure", person, body, corrects), written, failed)
