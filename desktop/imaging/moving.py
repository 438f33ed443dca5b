"""Images that stand under a wrong or temporary number: whose they are, said by two people (issue 8; hazards H01, H02).

Rules: it begins where the images are seen, under that patient's banner; whose they are is found by number and shown with
the banner of that person before anything is written; the second person types their own secret, which is kept nowhere.
A correction, in the chart of whose they are now, gives them back or upholds the move, again by two.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import shiboken6
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from desktop.entry.form import Form
from desktop.entry.observations import Choice
from desktop.entry.phoned import Tick
from desktop.entry.typing_words import read_when, typed_time
from desktop.patient.keyed import is_of
from desktop.patient.words import short
from desktop.shell.parts import Button, Field, MicroBanner, Text
from desktop.shell.type import SEMIBOLD
from localdb.chart import wording
from localdb.chart.moved import MovedImages, moved_words, what
from localdb.chart.reports import held_words
from localdb.chart.views import Chart, Entry
from localdb.errors import WardlampError
from localdb.records.vocabulary import ImagingStudy

BACK, KEEP = "Give them back", "Keep them here"
CAUTION = (
    "Nothing in the archive changes: its own department corrects it there. The move goes home with what was written."
)


class MoveForm(Form):
    """Fields: study, series, number (whose they are), reason, second, secret. `about` = the id of a study of the chart."""

    kind = "image_move"
    title = "Images of another patient"
    hint = "Two people must agree; the second gives their own secret. Nothing of the copy changes. Ctrl+Enter saves."
    save_words = "Move these images"

    def fill(self, column: QVBoxLayout) -> None:
        look = self.context.look
        self.target: Chart | None = None
        self.asked = ""
        self.studies = [r for r in self.chart.lists["images"].items if isinstance(r, ImagingStudy) and r.uid]
        self.study = next((s for s in self.studies if s.id == self.about), self.studies[0] if self.studies else None)
        self.series: dict[str, Tick] = {}
        self.number = Field(look, "Whose they are: NHS number or hospital number", box_width=300)
        self.outcome = Choice(
            self, "What is to be done", ((BACK, "give them back"), (KEEP, "keep them")), letters=False
        )
        if self.corrects is None:
            self._fill_new(column)
        else:
            self._fill_correction(column)
        self.reason = Field(look, "Why")
        self.second, self.secret = Field(look, "The second person"), Field(look, "Their own secret", secret=True)
        self.happened = Field(look, "At", box_width=120)
        self.happened.set_text(typed_time(self.context.now(), self.context.zone))
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        grid.addWidget(self.reason, 0, 0, 1, 2)
        grid.addWidget(self.happened, 0, 2)
        grid.addWidget(self.second, 1, 0)
        grid.addWidget(self.secret, 1, 1)
        for at in (0, 1):
            grid.setColumnStretch(at, 1)
        column.addLayout(grid)
        column.addWidget(Text(look, CAUTION, "label", "ink2", wrap=True))
        column.addStretch(1)
        for field, following in ((self.reason, self.second), (self.second, self.secret)):
            field.entered.connect(following.setFocus)
        self.secret.entered.connect(self.save_later)
        for field in (self.number, self.reason, self.second, self.happened):
            field.box.textEdited.connect(self.touched)
        self.context.locking.connect(self._forget)
        self.setFocusProxy(self.number if self.corrects is None else self.outcome)

    def _fill_new(self, column: QVBoxLayout) -> None:
        look, now = self.context.look, self.context.now()
        column.addWidget(Text(look, "Which images", "body", weight=SEMIBOLD))
        self.choices: dict[str, Button] = {}
        for study in self.studies:
            if self.about and self.study is not None and study.id != self.study.id:
                continue
            number = f"accession {study.accession}" if study.accession else ""
            words = ", ".join(x for x in (study.text or "Examination without a name", short(study.happened, now), number,
                                          held_words(study)) if x)  # fmt: skip
            if self.about:
                column.addWidget(Text(look, words, "value", weight=SEMIBOLD, wrap=True))
                continue
            button = Button(look, words, "normal", name=f"These images: {words}")
            button.setProperty("study", study.id)
            button.clicked.connect(self._on_study)
            self.choices[study.id] = button
            column.addWidget(button)
        if not self.studies:
            column.addWidget(Text(look, "No images with a number of their own are in this record.", "body", wrap=True))
        self._ticks = QVBoxLayout()
        self._ticks.setSpacing(0)
        column.addLayout(self._ticks)
        self._show_series()
        row = QHBoxLayout()
        row.setSpacing(8)
        self.find = Button(look, "Find", "normal", name="Find whose they are")
        self.find.clicked.connect(self._on_find)
        self.number.entered.connect(self._on_find)
        self.number.box.textEdited.connect(self._on_number)
        self.number.row.insertWidget(1, self.find)
        row.addWidget(self.number, 1)
        column.addLayout(row)
        self.answer = Text(look, "", "body", "hi", weight=SEMIBOLD, wrap=True)
        self.answer.setAccessibleName("Who was found")
        self.answer.hide()
        column.addWidget(self.answer)
        self._who = QVBoxLayout()
        column.addLayout(self._who)

    def _fill_correction(self, column: QVBoxLayout) -> None:
        look = self.context.look
        told = self._told()
        if told is None:
            column.addWidget(Text(look, "That move does not stand any more.", "body", wrap=True))
            return
        head, rest = moved_words(told)
        for words, weight in ((what(told.entry), SEMIBOLD), (f"{head}. {rest}", None)):
            column.addWidget(Text(look, words, "body", weight=weight, wrap=True))
        column.addWidget(self.outcome)
        self.outcome.choose(BACK)
        self.outcome.changed.connect(self._on_outcome)

    def _told(self) -> MovedImages | None:
        return next((m for m in self.chart.moved if m.entry.id == self.corrects), None)

    # which images

    def _on_study(self) -> None:
        wanted = str(self.sender().property("study"))
        self.study = next(s for s in self.studies if s.id == wanted)
        self._show_series()
        self.touched()

    def _show_series(self) -> None:
        for tick in self.series.values():
            self._ticks.removeWidget(tick)
            tick.deleteLater()
        self.series = {}
        for one, button in self.choices.items():
            button.use_kind("chosen" if self.study is not None and one == self.study.id else "normal")
        series = [s for s in self.study.series if s.uid] if self.study is not None else []
        for n, one_ in enumerate(series if len(series) > 1 else (), start=1):
            number = one_.number if one_.number is not None else n
            count = f"{one_.held} of {one_.total} held" if one_.total is not None else f"{one_.held} held"
            words = ", ".join(x for x in (f"Series {number}", one_.text, one_.body_site, count) if x)
            tick = Tick(self.context.look, words)
            tick.setChecked(True)
            tick.toggled.connect(self.touched)
            self.series[one_.uid] = tick
            self._ticks.addWidget(tick)
            tick.show()

    # whose they are

    def _on_number(self) -> None:
        """Another number: who was found for the former one goes at once (H01)."""
        self.asked = ""
        self._show_target(None)
        self.answer.hide()

    def _on_find(self) -> None:
        wanted = self.number.text().strip()
        if not wanted:
            self._say("Type the NHS number or the hospital number of whose they are.")
            return
        self._show_target(None)
        self.asked = wanted
        self.context.reader.ask(
            (self._key, "target", wanted), lambda reading: reading.chart(wanted), self._on_found, self._on_nobody
        )

    def _on_found(self, key: Hashable, chart: Chart) -> None:
        if not shiboken6.isValid(self) or key != (self._key, "target", self.asked) or not self.may_show():
            return
        if is_of(chart, self._key):
            self._say("That is the patient whose record this is.")
            return
        self.answer.hide()
        self._show_target(chart)
        self.reason.setFocus()

    def _on_nobody(self, key: Hashable, error: WardlampError) -> None:
        if shiboken6.isValid(self) and key == (self._key, "target", self.asked):
            self._say(f"{error.code}: {error.message} {error.next_step}")

    def _say(self, words: str) -> None:
        self.answer.setText(words)
        self.answer.show()

    def _show_target(self, chart: Chart | None) -> None:
        self.target = chart
        while (item := self._who.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()  # at once: the name of another must not stand a moment longer (H02)
                widget.deleteLater()
        if chart is None:
            return
        view, look = chart.patient, self.context.look
        born = wording.born_text(view.born, self.context.now(), self.context.zone, estimated=view.born_estimated)
        banner = MicroBanner(look, wording.display_name(view.name), born, wording.nhs_number(view.nhs))
        place = ", ".join(x for x in (view.ward, f"bed {view.bed}" if view.bed else "") if x)
        number = f"Hospital number {view.mrn}" if view.mrn else "No hospital number in this copy"
        words = ". ".join(x for x in ("The images become this patient's", number, place, chart.alike.capitalize()) if x)
        for widget in (banner, Text(look, f"{words}.", "body", weight=SEMIBOLD, wrap=True)):
            self._who.addWidget(widget)
            widget.show()

    # saving

    def save_later(self) -> None:
        """Enter in the last field leads to the button, it does not press it."""
        self.save_button.setFocus()

    def _on_outcome(self) -> None:
        self.save_button.rename("Give the images back" if self.outcome.value == BACK else "Keep the images here")
        self.touched()

    def _buttons(self) -> QHBoxLayout | QVBoxLayout:
        made = super()._buttons()
        if self.corrects is not None:
            self.save_button.rename("Give the images back")
        return made

    def _forget(self) -> None:
        self.secret.set_text("")

    def state(self) -> dict[str, Any]:
        """Never the secret; whose they are is found anew when a draft comes back."""
        return {
            "number": self.number.text(), "reason": self.reason.text(), "second": self.second.text(),
            "happened": self.happened.text(), "outcome": self.outcome.value,
            "study": self.study.id if self.study is not None else "",
            "left": [uid for uid, tick in self.series.items() if not tick.isChecked()],
        }  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        for name in ("number", "reason", "second", "happened"):
            if name in state:
                getattr(self, name).set_text(str(state[name]))
        if self.corrects is not None:
            self.outcome.choose(str(state.get("outcome") or BACK))
            return
        self.study = next((s for s in self.studies if s.id == state.get("study")), self.study)
        self._show_series()
        for uid in state.get("left", ()):
            if uid in self.series:
                self.series[uid].setChecked(False)

    def state_of(self, entry: Entry) -> dict[str, Any]:
        return {"outcome": BACK}

    def refusal(self) -> str:
        if self.corrects is None:
            if self.study is None:
                return "No images with a number of their own are in this record."
            if self.series and not any(t.isChecked() for t in self.series.values()):
                return "Tick at least one series."
            if self.target is None:
                return "Find whose they are, by number, and look at the banner."
        elif self._told() is None:
            return "That move does not stand any more."
        if not self.reason.text().strip():
            return "Say why."
        if not self.second.text().strip() or not self.secret.text():
            return "A second person must give their name and their own secret."
        return ""

    def body(self) -> dict[str, Any]:
        made: dict[str, Any] = {
            "happened": read_when(self.happened.text(), self.context.now(), self.context.zone),
            "reason": self.reason.text().strip(),
        }  # fmt: skip
        if self.corrects is not None:
            return {**made, "undone": True} if self.outcome.value == BACK else made
        assert self.study is not None
        made |= {"study": self.study.uid, "from": self._key.person}
        chosen = [uid for uid, tick in self.series.items() if tick.isChecked()]
        return {**made, "series": chosen} if len(chosen) < len(self.series) else made

    def writing(self, body: dict[str, Any]) -> Callable[[Any], Any]:
        person = self._key.person if self.target is None else self.target.patient.id
        second, secret, corrects = self.second.text().strip(), bytearray(self.secret.text().encode()), self.corrects
        self._forget()

        def write(house: Any) -> Any:
            try:
                return house.move_images(person, body, second, secret, corrects)
            finally:
                secret[:] = bytes(len(secret))

        return write

    def concerned(self) -> frozenset[str]:
        told = self._told()
        others = {self.target.patient.id} if self.target is not None else set()
        others |= {told.other.patient} if told is not None and told.other is not None else set()
        return frozenset({self._key.person, *others})
