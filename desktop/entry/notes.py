"""A note, and a request on paper."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPlainTextEdit, QVBoxLayout

from desktop.entry.form import Form
from desktop.entry.observations import Choice
from desktop.entry.typing_words import read_when, typed_moment, typed_time
from desktop.patient.struck import RATION, struck_words
from desktop.shell.parts import Field, Text
from desktop.shell.type import SEMIBOLD, font
from localdb.chart.views import Entry


class NoteForm(Form):
    """Free text, kept as typed. Fields: happened, text."""

    kind = "note"
    title = "New note"
    hint = "Kept word for word, with your name and the time. Ctrl+Enter saves. Nothing is lost if the laptop locks."
    save_words = "Save note"

    def fill(self, column: QVBoxLayout) -> None:
        look = self.context.look
        self.happened = Field(look, "When it happened", unit="24-hour; another day: 23-Nov 23:50", box_width=200)
        self.happened.set_text(typed_time(self.context.now()))
        self.happened.box.textEdited.connect(self.touched)
        self.text = QPlainTextEdit()
        self.text.setFont(font("value", 400))
        self.text.setAccessibleName("Note")
        self.text.setMinimumHeight(200)
        self.text.setTabChangesFocus(True)
        self.text.textChanged.connect(self.touched)
        column.addWidget(self.happened)
        column.addWidget(Text(look, "Note", "body", weight=500))
        column.addWidget(self.text, 1)
        self.happened.entered.connect(self.text.setFocus)
        self.setFocusProxy(self.text)

    def state(self) -> dict[str, Any]:
        return {"happened": self.happened.text(), "text": self.text.toPlainText()}

    def restore(self, state: dict[str, Any]) -> None:
        self.happened.set_text(str(state.get("happened", self.happened.text())))
        self.text.setPlainText(str(state.get("text", "")))

    def state_of(self, entry: Entry) -> dict[str, Any]:
        return {"happened": typed_moment(entry.happened, self.context.now()), "text": entry.body.get("text", "")}

    def refusal(self) -> str:
        return "" if self.text.toPlainText().strip() else "Nothing is written yet."

    def body(self) -> dict[str, Any]:
        happened = read_when(self.happened.text(), self.context.now())
        return {"happened": happened, "text": self.text.toPlainText()}


KINDS = (("Laboratory", "Laboratory"), ("Imaging", "Imaging"), ("Other", "Other"))
PRIORITIES = (("routine", "routine"), ("urgent", "urgent"), ("asap", "as soon as possible"), ("stat", "at once"))


class RequestForm(Form):
    """A request that will go on paper. Fields: happened, kind, tests, priority, reason, phone."""

    kind = "request"
    title = "New request"
    hint = "It goes nowhere by itself: print it on F03, or phone it. Enter moves on. Ctrl+Enter saves."
    save_words = "Save request"

    def fill(self, column: QVBoxLayout) -> None:
        look = self.context.look
        self.category = Choice(self, "What kind", KINDS, letters=False)
        self.priority = Choice(self, "How soon", PRIORITIES, letters=False)
        self.category.choose("Laboratory")
        self.priority.choose("routine")
        self.tests = QPlainTextEdit()
        self.tests.setFont(font("value", 400))
        self.tests.setAccessibleName("Tests, one on each line")
        self.tests.setTabChangesFocus(True)
        self.tests.setFixedHeight(110)
        self.tests.textChanged.connect(self.touched)
        self.reason = Field(look, "Why")
        self.phone = Field(look, "Phone the result to")
        self.happened = Field(look, "Asked at", unit="24-hour", box_width=160)
        self.happened.set_text(typed_time(self.context.now()))
        for field in (self.reason, self.phone, self.happened):
            field.box.textEdited.connect(self.touched)
        self.category.changed.connect(self.touched)
        self.priority.changed.connect(self.touched)
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(6)
        grid.addWidget(Text(look, "What kind", "body", weight=500), 0, 0)
        grid.addWidget(self.category, 1, 0)
        grid.addWidget(Text(look, "How soon", "body", weight=500), 0, 1)
        grid.addWidget(self.priority, 1, 1)
        column.addLayout(grid)
        self.struck = Text(look, "", "label", "hi", weight=SEMIBOLD, wrap=True)
        self.struck.setAccessibleName("Which system is down")
        column.addWidget(self.struck)
        self.category.changed.connect(self._say_struck)
        self._say_struck()
        column.addWidget(Text(look, "Tests, one on each line", "body", weight=SEMIBOLD))
        column.addWidget(self.tests)
        column.addWidget(self.reason)
        row = QHBoxLayout()
        row.addWidget(self.phone, 1)
        row.addWidget(self.happened)
        column.addLayout(row)
        column.addStretch(1)
        self.reason.entered.connect(self.phone.setFocus)
        self.phone.entered.connect(self.happened.setFocus)
        self.happened.entered.connect(self.save_later)
        self.setFocusProxy(self.tests)

    def _say_struck(self) -> None:
        """Which laboratory or imaging system is down while others live, and how to ask then (CLINICAL §3.3)."""
        kinds = {"Laboratory": ("result",), "Imaging": ("image",)}.get(self.category.value, ())
        words = struck_words(self.context, self.chart, *kinds) if kinds else ()
        self.struck.setText(" ".join((*words, RATION)) if words else "")
        self.struck.setVisible(bool(words))

    def save_later(self) -> None:
        """Enter in the last field leads to the button, it does not press it."""
        self.save_button.setFocus()

    def _lines(self) -> list[str]:
        return [line.strip() for line in self.tests.toPlainText().split("\n") if line.strip()]

    def state(self) -> dict[str, Any]:
        return {
            "happened": self.happened.text(),
            "kind": self.category.value,
            "tests": self.tests.toPlainText(),
            "priority": self.priority.value,
            "reason": self.reason.text(),
            "phone": self.phone.text(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.category.choose(str(state.get("kind", "")))
        self.priority.choose(str(state.get("priority", "")))
        self.tests.setPlainText(str(state.get("tests", "")))
        self.reason.set_text(str(state.get("reason", "")))
        self.phone.set_text(str(state.get("phone", "")))
        self.happened.set_text(str(state.get("happened", self.happened.text())))

    def state_of(self, entry: Entry) -> dict[str, Any]:
        body = entry.body
        kind = str(body.get("kind", ""))
        return {
            "happened": typed_moment(entry.happened, self.context.now()),
            "kind": next((k for k, _ in KINDS if k.casefold() == kind.casefold()), "Other"),
            "tests": "\n".join(body.get("tests", ())),
            "priority": body.get("priority", ""),
            "reason": body.get("reason", ""),
            "phone": body.get("phone", ""),
        }

    def refusal(self) -> str:
        wanted = {
            "at least one test": self._lines(),
            "what kind": self.category.value,
            "how soon": self.priority.value,
            "why": self.reason.text().strip(),
            "where to phone the result": self.phone.text().strip(),
        }
        missing = [words for words, given in wanted.items() if not given]
        return f"Still to say: {', '.join(missing)}." if missing else ""

    def body(self) -> dict[str, Any]:
        return {
            "happened": read_when(self.happened.text(), self.context.now()),
            "kind": self.category.value.casefold(),
            "tests": self._lines(),
            "priority": self.priority.value,
            "reason": self.reason.text().strip(),
            "phone": self.phone.text().strip(),
        }
