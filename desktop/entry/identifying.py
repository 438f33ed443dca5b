"""Who somebody registered here is now believed to be (CLINICAL §7.3, F28): two people, evidence, and no merge."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from PySide6.QtWidgets import QGridLayout, QVBoxLayout

from desktop.entry.form import Form
from desktop.entry.phoned import Tick
from desktop.entry.typing_words import read_when, typed_moment, typed_time
from desktop.shell.parts import Field, Text
from localdb.chart.views import Entry

# name, label, row, column
FIELDS = (
    ("nhs", "NHS number", 0, 0), ("mrn", "Hospital number", 0, 1),
    ("first", "Matched by", 1, 0), ("second", "and by a second person", 1, 1),
    ("evidence", "Evidence: what was seen, who said it", 2, 0), ("happened", "Matched at", 2, 1),
)  # fmt: skip
CAUTION = (
    "It joins nothing: both records stay, and each names the other. Change no band, tube or identity while blood is"
    " given. The patient index links or merges when the systems are back."
)


class IdentificationForm(Form):
    """Fields: FIELDS; `withdrawn` in a correction alone: they are not believed to be anybody any more."""

    kind = "identification"
    title = "Who this patient is believed to be"
    hint = "Two people must have matched. Enter moves on. Ctrl+Enter saves. Nothing is lost if the laptop locks."
    save_words = "Save as believed"

    def fill(self, column: QVBoxLayout) -> None:
        look = self.context.look
        self.fields: dict[str, Field] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(10)
        for name, label, row, at in FIELDS:
            field = Field(look, label)
            field.box.textEdited.connect(self.touched)
            self.fields[name] = field
            grid.addWidget(field, row, at)
        for at in (0, 1):
            grid.setColumnStretch(at, 1)
        self.fields["happened"].set_text(typed_time(self.context.now(), self.context.zone))
        self.fields["first"].set_text(self.context.house.staff)
        column.addLayout(grid)
        self.withdrawn = Tick(look, "Withdraw: not believed to be anybody any more")
        self.withdrawn.toggled.connect(self.touched)
        self.withdrawn.setVisible(self.corrects is not None)
        column.addWidget(self.withdrawn)
        column.addWidget(Text(look, CAUTION, "body", "ink2", wrap=True))
        column.addStretch(1)
        order = [self.fields[name] for name, *_ in FIELDS]
        for field, following in pairwise(order):
            field.entered.connect(following.setFocus)
        order[-1].entered.connect(self.save_later)
        self.setFocusProxy(self.fields["nhs"])

    def save_later(self) -> None:
        """Enter in the last field leads to the button, it does not press it."""
        self.save_button.setFocus()

    def state(self) -> dict[str, Any]:
        return {**{name: field.text() for name, field in self.fields.items()}, "withdrawn": self.withdrawn.isChecked()}

    def restore(self, state: dict[str, Any]) -> None:
        for name, field in self.fields.items():
            field.set_text(str(state.get(name, "")))
        self.withdrawn.setChecked(bool(state.get("withdrawn")))

    def state_of(self, entry: Entry) -> dict[str, Any]:
        body = entry.body
        first, second = body.get("matched_by") or ("", "")
        return {
            **{name: body.get(name) or "" for name in ("nhs", "mrn", "evidence")}, "first": first, "second": second,
            "happened": typed_moment(entry.happened, self.context.now(), self.context.zone),
            "withdrawn": bool(body.get("withdrawn")),
        }  # fmt: skip

    def refusal(self) -> str:
        said = {name: field.text().strip() for name, field in self.fields.items()}
        if not said["first"] or not said["second"]:
            return "Two people must have matched: name both."
        if not said["evidence"]:
            return "Say what was seen or who said it."
        if not self.withdrawn.isChecked() and not said["nhs"] and not said["mrn"]:
            return "Type the NHS number or the hospital number."
        return ""

    def body(self) -> dict[str, Any]:
        said = {name: field.text().strip() for name, field in self.fields.items()}
        made: dict[str, Any] = {
            "happened": read_when(said["happened"], self.context.now(), self.context.zone),
            "matched_by": [said["first"], said["second"]], "evidence": said["evidence"],
        }  # fmt: skip
        if self.withdrawn.isChecked():
            return {**made, "withdrawn": True}
        nhs = said["nhs"].replace(" ", "").replace("-", "")
        return {**made, **{name: text for name, text in (("nhs", nhs), ("mrn", said["mrn"])) if text}}
