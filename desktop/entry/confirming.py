"""The question before somebody is registered: the banner as it will be, the number in large letters, what was typed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.shell import paint
from desktop.shell.parts import Button, MicroBanner, Text
from desktop.shell.tokens import Look
from desktop.shell.type import SEMIBOLD
from localdb.chart import wording
from localdb.journal.registrations import born_of, name_of
from localdb.numbers.names import DealtName
from localdb.numbers.temporary import shown

AGAIN = "This name was dealt before, so somebody else may bear it: the number alone tells them apart."
_SEX = {"male": "Male", "female": "Female", "indeterminate": "Indeterminate", "not_known": "Not Known"}


class ConfirmPanel(QFrame):
    """`go` registers, `back` returns to what was typed."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 14, 16, 14)
        self._column.setSpacing(10)
        self.title = Text(look, "Is this right?", "title")
        self._column.addWidget(self.title)
        self._banner: MicroBanner | None = None
        self.number = Text(look, "", "title", weight=SEMIBOLD, ident=True)
        self.number.setAccessibleName("Temporary number")
        self.again = Text(look, AGAIN, "body", "hi", weight=SEMIBOLD, wrap=True)
        self.lines = Text(look, "", "body", wrap=True)
        self.note = Text(look, "", "label", "ink2", wrap=True)
        said = QWidget()
        column = QVBoxLayout(said)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        for part in (self.lines, self.note):
            column.addWidget(part)
        column.addStretch(1)
        scroller = QScrollArea()
        scroller.setWidget(said)
        scroller.setWidgetResizable(True)
        for ground in (said, scroller.viewport()):
            ground.setAutoFillBackground(False)  # the panel's own ground shows
        scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroller.setAccessibleName("What will be written")
        for shown_ in (self.number, self.again):
            self._column.addWidget(shown_)
        self._column.addWidget(scroller, 1)
        self.told = Text(look, "", "body", "hi", weight=SEMIBOLD, wrap=True)
        self.told.setAccessibleName("Why it was not saved")
        self.told.hide()
        self._column.addWidget(self.told)
        row = QHBoxLayout()
        self.back = Button(look, "Back to the form", "normal", hint="Esc")
        self.go = Button(look, "Register this patient", "primary", hint="Ctrl+Enter")
        row.addStretch(1)
        row.addWidget(self.back)
        row.addWidget(self.go)
        self._column.addLayout(row)
        look.changed.connect(self.update)

    def show_person(
        self,
        body: dict[str, Any],
        number: str,
        name: DealtName,
        now: datetime,
        zone: str,
        *,
        letters: bool,
        is_correction: bool = False,
    ) -> None:
        """What will stand in the record, on band and paper."""
        whole = {**body, "number": number, "temporary_name": {"family": name.family, "given": name.given}}
        is_estimated = "estimated_year" in body
        born = wording.born_text(born_of(whole), now, zone, estimated=is_estimated)
        if self._banner is not None:
            self._banner.leave()
        said = wording.display_name(name_of(whole))
        self._banner = MicroBanner(self._look, said, born, wording.nhs_number(None))
        self._column.insertWidget(1, self._banner)
        self.number.setText(f"Number {shown(number, letters=letters)}")
        self.again.setVisible(name.again)
        place = body.get("location") or {}
        facts = [
            f"Sex: {_SEX[body['sex']]}",
            f"Ward: {', '.join(filter(None, (place.get('ward', ''), place.get('bed', '')))) or 'not said'}",
            f"Arrived: {body['happened'][11:16]}",
            *(f"{word}: {body[key]}" for key, word in (("address", "Address"), ("gp", "GP"), ("evidence", "Evidence"))
              if body.get(key)),
            *((f"Next of kin: {', '.join(v for v in body['next_of_kin'].values() if v)}",)
              if body.get("next_of_kin") else ()),
            *(f"Alert: {text}" for text in body.get("alerts") or ()),
        ]  # fmt: skip
        self.lines.setText("\n".join(facts))
        notes = ["1 January stands for an age that was estimated." if is_estimated else "",
                 f"The number was dealt with the name {name.family.upper()}, {name.given}, which nobody else gets now."
                 if body.get("real_name") else "",
                 "Number and name stay as they were." if is_correction else
                 "The number is on disk and is nobody else's, whatever you do now."]  # fmt: skip
        self.note.setText(" ".join(filter(None, notes)))
        self.go.rename("Save the correction" if is_correction else "Register this patient")
        self.told.hide()
        self.setAccessibleName(f"Is this right? {said}, born {born}, number {number}")

    def tell(self, text: str) -> None:
        """Why it was not saved."""
        self.told.setText(text)
        self.told.setAccessibleDescription(text)
        self.told.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._look.theme
        paint.box(QPainter(self), QRectF(self.rect()), fill=theme.panel, border=theme.ink, width=2)
