"""The fields of a registration: what is known of somebody who is in no copy, and what is written of it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.entry.ages import born_day, estimated_year
from desktop.entry.observations import Choice
from desktop.entry.typing_words import NotRead, read_when, typed_moment
from desktop.shell.context import Context
from desktop.shell.parts import Button, Field, Text
from desktop.shell.type import SEMIBOLD
from localdb.chart import wording
from localdb.chart.views import Entry
from localdb.journal.numbers import NumberStatus
from localdb.numbers.names import DealtName, is_no_name
from localdb.numbers.temporary import NumberRefused, read_number, whole
from localdb.records.moments import read_moment

SEXES = (("Male", "male"), ("Female", "female"), ("Indeterminate", "indeterminate"), ("Not known", "not_known"))
# name, label, what stands in the empty box, row, column, columns; in the order of typing
FIELDS = (
    ("age", "Age or year, estimated", "such as 40, 3 months or 1986", 0, 0, 6),
    ("born", "or date of birth, if known", "such as 14-Mar-1951", 0, 6, 6),
    ("ward", "Ward", "", 1, 0, 4),
    ("bed", "Bed", "", 1, 4, 2),
    ("happened", "Arrived at", "24-hour; another day: 23-Nov 23:50", 1, 6, 6),
    ("family", "Real family name, if known", "", 2, 0, 4),
    ("given", "Real given name", "", 2, 4, 4),
    ("evidence", "Who says so, or what was seen", "", 2, 8, 4),
    ("alerts", "Alerts for the next reader", "", 3, 0, 4),
    ("address", "Address, if known", "", 3, 4, 5),
    ("gp", "GP, if known", "", 3, 9, 3),
    ("kin", "Next of kin", "", 4, 0, 4),
    ("relationship", "Relationship", "", 4, 4, 4),
    ("phone", "Their telephone", "", 4, 8, 4),
)
PAPER = (("paper_number", "Number on the paper pack"), ("paper_family", "Family name beside it"),
         ("paper_given", "Given name beside it"))  # fmt: skip
REAL = ("family", "given")


class RegisterFields(QWidget):
    """`touched` at each change by hand; `last` when Enter was pressed in the last field. `fields` by name, `sex`."""

    touched = Signal()
    last = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context, self.look = context, context.look
        self.fields: dict[str, Field] = {}
        self._is_filling = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        inner = QWidget()
        self._build(inner)
        scroller = QScrollArea()
        scroller.setWidget(inner)
        scroller.setWidgetResizable(True)
        scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroller.setAccessibleName("What is known of the person")
        self.scroller = scroller
        column.addWidget(scroller, 1)
        self.told = Text(self.look, "", "body", "hi", weight=SEMIBOLD, wrap=True)
        self.told.setAccessibleName("Why it does not go on")
        self.told.hide()
        column.addWidget(self.told)
        self.setFocusProxy(self.sex)

    def _build(self, inner: QWidget) -> None:
        column = QVBoxLayout(inner)
        column.setContentsMargins(2, 0, 8, 0)
        column.setSpacing(10)
        column.addWidget(self._paper())
        column.addWidget(Text(self.look, "Sex", "body", weight=500))
        self.sex = Choice(self, "Sex", tuple((words, words) for words, _ in SEXES), letters=False)  # type: ignore[arg-type]
        for button in self.sex.findChildren(Button):
            button.setMinimumWidth(132)
            button.setMaximumWidth(200)
        self.sex.changed.connect(self._on_touched)
        self.sex.entered.connect(lambda: self.fields["age"].setFocus(Qt.FocusReason.TabFocusReason))
        column.addWidget(self.sex)
        grid = QGridLayout()
        grid.setHorizontalSpacing(0)
        grid.setVerticalSpacing(10)
        for name, label, hint, row, at, span in FIELDS:
            field = self._field(name, label, hint)
            field.row.setContentsMargins(0, 0, 14 if at + span < 12 else 0, 0)
            grid.addWidget(field, row, at, 1, span)
        for at in range(12):
            grid.setColumnStretch(at, 1)
        column.addLayout(grid)
        column.addStretch(1)
        order = [self.fields[name] for name, *_ in FIELDS]
        for field, following in pairwise(order):
            field.entered.connect(following.setFocus)
        order[-1].entered.connect(self.last)

    def _field(self, name: str, label: str, hint: str = "") -> Field:
        field = Field(self.look, label)
        field.box.setPlaceholderText(hint)
        field.box.textEdited.connect(self._on_touched)
        self.fields[name] = field
        return field

    def _paper(self) -> QWidget:
        """The fields of a sealed paper pack; shown where this laptop deals no numbers."""
        self.paper = QWidget()
        column = QVBoxLayout(self.paper)
        column.setContentsMargins(0, 0, 0, 0)
        self.paper_words = Text(self.look, "", "body", "warn", weight=SEMIBOLD, wrap=True)
        column.addWidget(self.paper_words)
        row = QHBoxLayout()
        row.setSpacing(14)
        held = [self._field(name, label) for name, label in PAPER]
        for field, following in pairwise(held):
            field.entered.connect(following.setFocus)
        held[-1].entered.connect(lambda: self.sex.setFocus(Qt.FocusReason.TabFocusReason))
        for field in held:
            row.addWidget(field, 1)
        column.addLayout(row)
        self.paper.hide()
        return self.paper

    # -- showing ------------------------------------------------------------------------------------------------

    def _on_touched(self) -> None:
        if not self._is_filling:
            self.told.hide()
            self.touched.emit()

    def tell(self, text: str) -> None:
        """Why it does not go on."""
        self.told.setText(text)
        self.told.setAccessibleDescription(text)
        self.told.show()

    def show_paper(self, status: NumberStatus | None) -> None:
        """The paper pack's fields with the reason why they are needed; None hides them."""
        self.paper.setVisible(status is not None)
        self.paper_words.setText(f"{status.words} {status.next_step}" if status is not None else "")

    def allow_names(self, *, allowed: bool) -> None:
        """A correction gives nobody another name: then the fields of the real name are closed."""
        for name in REAL:
            self.fields[name].box.setEnabled(allowed)

    def state(self) -> dict[str, Any]:
        """What is typed, as a draft keeps it."""
        return {**{name: field.text() for name, field in self.fields.items()}, "sex": self.sex.value}

    def restore(self, state: dict[str, Any]) -> None:
        self._is_filling = True
        for name, field in self.fields.items():
            field.set_text(str(state.get(name, "")))
        self.sex.choose(str(state.get("sex", "")))
        self._is_filling = False
        self.told.hide()

    def state_of(self, entry: Entry) -> dict[str, Any]:
        """The fields of a registration that is to be corrected."""
        body, now, zone = entry.body, self.context.now(), self.context.zone
        place, kin, real = (body.get(k) or {} for k in ("location", "next_of_kin", "real_name"))
        return {
            "sex": next(words for words, code in SEXES if code == body["sex"]),
            "age": str(body.get("estimated_year") or ""),
            "born": wording.date(read_moment(body["born"])) if body.get("born") else "",
            "ward": place.get("ward", ""), "bed": place.get("bed", ""),
            "happened": typed_moment(entry.happened, now, zone),
            "family": real.get("family", ""), "given": real.get("given", ""),
            **{name: body.get(name) or "" for name in ("evidence", "address", "gp")},
            "alerts": "; ".join(body.get("alerts") or ()),
            "kin": kin.get("name", ""), "relationship": kin.get("relationship", ""), "phone": kin.get("phone", ""),
        }  # fmt: skip

    # -- what was typed -----------------------------------------------------------------------------------------

    def body(self) -> dict[str, Any]:
        """The registration without its number. Raises NotRead with words for who typed."""
        said = {name: field.text().strip() for name, field in self.fields.items()}
        now, zone = self.context.now(), self.context.zone
        if not self.sex.value:
            raise NotRead("Choose the sex; Not known is an answer.")
        body: dict[str, Any] = {"happened": read_when(said["happened"], now, zone), "sex": dict(SEXES)[self.sex.value]}
        if said["age"] and said["born"]:
            raise NotRead("Give the date of birth, or estimate the age; not both.")
        if said["born"]:
            body["born"] = born_day(said["born"], now, zone)
        elif said["age"]:
            body["estimated_year"] = estimated_year(said["age"], now, zone)
        else:
            raise NotRead("Estimate the age, such as 40: the date of birth becomes 1 January of that year.")
        if said["bed"] and not said["ward"]:
            raise NotRead("Type the ward of the bed.")
        if said["ward"]:
            body["location"] = {"ward": said["ward"], "bed": said["bed"]}
        _named(said, body)
        body |= {name: said[name] for name in ("evidence", "address", "gp") if said[name]}
        if said["kin"]:
            body["next_of_kin"] = {"name": said["kin"], "relationship": said["relationship"], "phone": said["phone"]}
        elif said["relationship"] or said["phone"]:
            raise NotRead("Type who the next of kin is.")
        if said["alerts"]:
            body["alerts"] = [said["alerts"]]
        return body

    def on_paper(self) -> tuple[str, DealtName] | None:
        """The number and name of the paper pack; None where none is asked for. Raises NotRead."""
        if not self.paper.isVisible():
            return None
        number, family, given = (self.fields[name].text().strip() for name, _ in PAPER)
        if not number or not family or not given:
            raise NotRead("Type the number of the paper pack and the two names beside it.")
        try:
            sound = whole(read_number(number))
        except NumberRefused as refused:
            raise NotRead(f"{refused.message} {refused.next_step}") from None
        if is_no_name(family, given):
            raise NotRead("The name beside the number is two words of the pack, such as Foxtrot and Whisky.")
        return sound, DealtName(family, given)


def _named(said: dict[str, str], body: dict[str, Any]) -> None:
    if said["given"] and not said["family"]:
        raise NotRead("Type the real family name too, or leave both out.")
    if said["family"]:
        if is_no_name(said["family"], said["given"]):
            raise NotRead("Leave the real name out where nobody knows it: a name is dealt with the number.")
        if not said["evidence"]:
            raise NotRead("Say who gave the real name, or which document was seen.")
        body["real_name"] = {"family": said["family"], "given": said["given"]}
