"""The page on which something is recorded for one patient: banner, allergies and rail stay, the form is the body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from desktop.entry.form import Form
from desktop.entry.identifying import IdentificationForm
from desktop.entry.notes import NoteForm, RequestForm
from desktop.entry.observations import ObservationForm
from desktop.entry.phoned import PhonedForm
from desktop.imaging.evaluating import ComparisonForm, EvaluationForm
from desktop.imaging.moving import MoveForm
from desktop.patient.frame import PatientFrame
from desktop.patient.page import PatientPage
from desktop.shell.context import Changes, Context

FORMS: dict[str, Callable[..., Form]] = {
    "observations": ObservationForm,
    "phoned_result": PhonedForm,
    "note": NoteForm,
    "request": RequestForm,
    "identification": IdentificationForm,
    "evaluation": EvaluationForm,
    "comparison": ComparisonForm,
    "image_move": MoveForm,
}


class EntryPage(PatientPage):
    """`kind` as in the journal, with the id of what it is about behind a space where a patient may have several
    (`evaluation R…`); `corrects` the id of the entry that a new one is to replace.

    When the entry is saved, or kept as a draft, the page wishes `open_patient(person)`. `keep()` keeps the draft now.
    """

    def __init__(
        self, context: Context, kind: str, person: str, corrects: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(context, parent)
        self.kind, _, self.about = kind.partition(" ")
        self.corrects = corrects
        self.form: Form | None = None
        self.show_patient(person)

    def keep(self) -> None:
        """Keep what is typed, as a draft."""
        if self.form is not None:
            self.form.keep()

    def _fill(self, frame: PatientFrame, section: int) -> None:
        if self.form is None and self.kind in FORMS:
            self.form = FORMS[self.kind](self._context, self.stand, frame.key, frame.chart, self.corrects, self.about)
            self.form.saved.connect(self._on_saved)
            frame.rail.chosen.disconnect(frame.set_section)
            frame.rail.chosen.connect(self._on_section)
            frame.show_entry(self.form)
            self.form.setFocus()
        else:
            super()._fill(frame, section)

    def _on_saved(self, receipt: Any) -> None:
        self._context.open_patient.emit(self.person)

    def _on_section(self, number: int) -> None:
        """A section in the rail: the draft is kept and the record is shown; Record opens the draft again."""
        self.keep()
        if self.frame is not None:
            self.frame.set_section(number)

    def set_section(self, number: int, tab: str = "") -> None:
        self._on_section(number)

    def step(self, number: int) -> None:
        self._on_section(number)

    def _on_changed(self, changes: Changes) -> None:
        """A newer copy does not take the form away; the record behind it is read when it is opened."""
