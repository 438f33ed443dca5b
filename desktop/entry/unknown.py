"""Registering somebody who is in no copy (Ctrl+N): what is known, then the number and the name, then the question.

Rules (CLINICAL §1.3, §7.3; hazard H20): the number is burnt, on disk, before it stands on the screen; going back keeps
it for the same person, giving up spoils it; nothing is registered before the banner was looked at; a draft is kept at
each pause and at every lock, and nothing that was typed is lost; "Unknown Male" cannot be made.
"""

from __future__ import annotations

from collections.abc import Hashable
from itertools import pairwise
from typing import Any, NamedTuple

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop.entry.ages import born_day, estimated_year
from desktop.entry.confirming import ConfirmPanel
from desktop.entry.form import PAUSE
from desktop.entry.observations import Choice
from desktop.entry.typing_words import NotRead, read_when, typed_time
from desktop.shell.context import Changes, Context
from desktop.shell.page import Place
from desktop.shell.parts import Button, Field, Text
from desktop.shell.type import SEMIBOLD
from localdb.chart import wording
from localdb.errors import WardlampError
from localdb.journal.numbers import Burnt, NumberStatus
from localdb.numbers.names import DealtName, is_no_name
from localdb.numbers.temporary import NumberRefused, read_number, whole

DRAFT = "registration"
SEXES = (("Male", "male"), ("Female", "female"), ("Indeterminate", "indeterminate"), ("Not known", "not_known"))
# name, label, what stands behind the box, row, column, columns; in the order of typing
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


class _Given(NamedTuple):
    """What is registered, and the number for it where it is burnt already."""

    body: dict[str, Any]
    number: str
    name: DealtName


class RegisterPlace(Place):
    """`form` and `confirm` in one stack. Fields: `sex`, FIELDS, PAPER."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Register a patient who is in no copy", " ")
        self.fields: dict[str, Field] = {}
        self.status: NumberStatus | None = None
        self._burnt: tuple[str, DealtName] | None = None
        self._given: _Given | None = None
        self._is_filling = self._is_busy = self._is_dirty = False
        self.stack = QStackedWidget()
        self.form = QWidget()
        self.confirm = ConfirmPanel(self.look)
        self.stack.addWidget(self.form)
        self.stack.addWidget(self.confirm)
        self.column.addWidget(self.stack, 1)
        self._build()
        self.confirm.back.clicked.connect(self._on_back)
        self.confirm.go.clicked.connect(self.register)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.keep)
        context.locking.connect(self.keep)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.forward)
        self._was_read = False

    # -- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        look, outer = self.look, QVBoxLayout(self.form)
        outer.setContentsMargins(0, 4, 0, 0)
        outer.setSpacing(8)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(2, 0, 8, 0)
        column.setSpacing(10)
        column.addWidget(Text(look, "Sex", "body", weight=500))
        self.sex = Choice(self, "Sex", tuple((words, words) for words, _ in SEXES), letters=False)  # type: ignore[arg-type]
        for button in self.sex.findChildren(Button):
            button.setMinimumWidth(132)
            button.setMaximumWidth(200)
        self.sex.changed.connect(self.touched)
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
        column.addWidget(self._paper())
        column.addStretch(1)
        order = [self.fields[name] for name, *_ in FIELDS]
        for field, following in pairwise(order):
            field.entered.connect(following.setFocus)
        order[-1].entered.connect(self._to_button)
        scroller = QScrollArea()
        scroller.setWidget(inner)
        scroller.setWidgetResizable(True)
        scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroller.setAccessibleName("What is known of the person")
        self.scroller = scroller
        outer.addWidget(scroller, 1)
        self.told = Text(look, "", "body", "hi", weight=SEMIBOLD, wrap=True)
        self.told.setAccessibleName("Why it does not go on")
        self.told.hide()
        outer.addWidget(self.told)
        outer.addLayout(self._buttons())
        self.setFocusProxy(self.sex)

    def _field(self, name: str, label: str, hint: str = "") -> Field:
        field = Field(self.look, label)
        field.box.setPlaceholderText(hint)
        field.box.setProperty("field", name)
        field.box.textEdited.connect(self.touched)
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
        held[-1].entered.connect(self._to_button)
        for field in held:
            row.addWidget(field, 1)
        column.addLayout(row)
        self.paper.hide()
        return self.paper

    def _buttons(self) -> QHBoxLayout:
        look, row = self.look, QHBoxLayout()
        row.setSpacing(8)
        self.discard = Button(look, "Discard", "quiet", name="Discard what is typed here")
        self.state_words = Text(look, "", "label", "ink2", wrap=True)
        self.keep_button = Button(look, "Keep as draft", "normal", hint="Esc")
        self.next = Button(look, "Deal number and name", "primary", hint="Ctrl+Enter")
        self.discard.clicked.connect(self._on_discard)
        self.keep_button.clicked.connect(self._on_keep)
        self.next.clicked.connect(self.deal)
        row.addWidget(self.discard)
        row.addWidget(self.state_words, 1)
        row.addWidget(self.keep_button)
        row.addWidget(self.next)
        return row

    def _to_button(self) -> None:
        """Enter in the last field leads to the button, it does not press it."""
        self.next.setFocus(Qt.FocusReason.TabFocusReason)

    # -- coming and going ---------------------------------------------------------------------------------------

    def enter(self) -> None:
        """What is left of the numbers, and the draft if there is one."""
        self.say(self.accessibleName(), "Unknown people get a number and a name that are nobody else's; both are on disk"
                 " before you see them. Enter moves on. Nothing is lost if the laptop locks.")  # fmt: skip
        if not self.fields["happened"].text():
            self.fields["happened"].set_text(typed_time(self.context.now(), self.context.zone))
        if not self.fields["ward"].text():
            self.fields["ward"].set_text(str(self.context.house.site.get("ward") or ""))
        ask = self.context.writer.ask
        ask((id(self), "status"), lambda house: house.number_status(), self._on_status, self._on_failed)
        if not self._was_read:
            ask((id(self), "draft"), lambda house: house.draft(DRAFT), self._on_draft, self._on_failed)

    def back(self) -> bool:
        """Esc: from the question to the form; from the form the draft is kept, and the place is left."""
        if self.stack.currentWidget() is self.confirm:
            self._on_back()
            return True
        self.keep()
        return False

    def forward(self) -> None:
        """Ctrl+Enter: the question, then the answer."""
        if self.stack.currentWidget() is self.confirm:
            self.register()
        else:
            self.deal()

    def _on_status(self, key: Hashable, status: NumberStatus) -> None:
        self.status = status
        if not self._is_dirty:
            self._say_left()
        has_none = status.left == 0 and self._burnt is None
        self.paper.setVisible(has_none)
        self.paper_words.setText(f"{status.words} {status.next_step}" if has_none else "")
        self.next.rename("Take this number and name" if has_none else "Deal number and name")

    def _say_left(self) -> None:
        if self.status is not None and self.status.left:
            self.state_words.setText(f"{self.status.words} {self.status.next_step}".rstrip())

    # -- the draft ----------------------------------------------------------------------------------------------

    def touched(self) -> None:
        if self._is_filling:
            return
        self._is_dirty = True
        self.told.hide()
        self._pause.start()

    def state(self) -> dict[str, Any]:
        """What is typed, with the number that was dealt for it."""
        held: dict[str, Any] = {name: field.text() for name, field in self.fields.items()}
        held["sex"] = self.sex.value
        if self._burnt is not None:
            number, name = self._burnt
            held["burnt"] = [number, name.family, name.given, name.again]
        return held

    def keep(self) -> None:
        """Keep the draft now, if anything was typed since."""
        self._pause.stop()
        if not self._is_dirty:
            return
        self._is_dirty, state = False, self.state()
        self.context.writer.ask(
            (id(self), "keep"), lambda house: house.save_draft(DRAFT, state), self._on_kept, self._on_failed
        )

    def _on_kept(self, key: Hashable, _: Any) -> None:
        self.state_words.setText(f"Draft kept {wording.clock(self.context.now(), self.context.zone)}.")

    def _on_draft(self, key: Hashable, state: Any) -> None:
        self._was_read = True
        if not isinstance(state, dict) or self._is_dirty:
            return
        self._is_filling = True
        for name, field in self.fields.items():
            field.set_text(str(state.get(name, "")))
        self.sex.choose(str(state.get("sex", "")))
        self._is_filling = False
        if held := state.get("burnt"):
            self._burnt = str(held[0]), DealtName(str(held[1]), str(held[2]), bool(held[3]))
        self.state_words.setText("Your draft is back, as it was left.")

    def _on_keep(self) -> None:
        self.keep()
        self.context.say("Draft kept. Ctrl+N opens it again.", "done")
        self.context.go_ward.emit()

    def _on_discard(self) -> None:
        burnt = self._burnt
        self._clear()

        def drop(house: Any) -> None:
            if burnt is not None:
                house.spoil_number(burnt[0], "given up before anybody was registered")
            house.drop_draft(DRAFT)

        self.context.writer.ask((id(self), "drop"), drop, None, self._on_failed)
        self.context.go_ward.emit()

    def _clear(self) -> None:
        self._pause.stop()
        self._is_filling, self._is_dirty, self._burnt, self._given = True, False, None, None
        for field in self.fields.values():
            field.set_text("")
        self.sex.choose("")
        self._is_filling = False
        self.state_words.setText("")
        self.told.hide()
        self._show_form()

    def _show_form(self) -> None:
        self.stack.setCurrentWidget(self.form)
        self.setFocusProxy(self.sex)

    def paintEvent(self, event: QPaintEvent) -> None:
        """No frame of its own: what has the focus shows it."""

    # -- what was typed -----------------------------------------------------------------------------------------

    def body(self) -> dict[str, Any]:
        """The registration without its number. Raises NotRead with words for who typed."""
        said = {name: field.text().strip() for name, field in self.fields.items()}
        now, zone = self.context.now(), self.context.zone
        if not self.sex.value:
            raise NotRead("Choose the sex; Not known is an answer.")
        body: dict[str, Any] = {
            "happened": read_when(said["happened"], now, zone),
            "sex": dict(SEXES)[self.sex.value],
        }
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
        self._named(said, body)
        body |= {name: said[name] for name in ("evidence", "address", "gp") if said[name]}
        if said["kin"]:
            body["next_of_kin"] = {"name": said["kin"], "relationship": said["relationship"], "phone": said["phone"]}
        elif said["relationship"] or said["phone"]:
            raise NotRead("Type who the next of kin is.")
        if said["alerts"]:
            body["alerts"] = [said["alerts"]]
        return body

    @staticmethod
    def _named(said: dict[str, str], body: dict[str, Any]) -> None:
        if said["given"] and not said["family"]:
            raise NotRead("Type the real family name too, or leave both out.")
        if said["family"]:
            if is_no_name(said["family"], said["given"]):
                raise NotRead("Leave the real name out where nobody knows it: a name is dealt with the number.")
            if not said["evidence"]:
                raise NotRead("Say who gave the real name, or which document was seen.")
            body["real_name"] = {"family": said["family"], "given": said["given"]}

    def _on_paper(self) -> tuple[str, DealtName]:
        """The number and name of the paper pack. Raises NotRead."""
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

    # -- number, question, answer -------------------------------------------------------------------------------

    def deal(self) -> None:
        """Burns a number for what is typed (once), then asks. What cannot be read burns nothing."""
        if self._is_busy:
            return
        try:
            body = self.body()
            paper = self._on_paper() if self._burnt is None and self.paper.isVisible() else None
        except NotRead as error:
            self._tell(f"{error}")
            return
        self._is_dirty = True
        if self._burnt is not None or paper is not None:
            self._show_question(body, *(self._burnt or paper))  # type: ignore[misc]
            return
        self._is_busy = True
        self.next.setEnabled(False)
        self._typed = body
        state = self.state()

        def burn(house: Any) -> Burnt:
            burnt: Burnt = house.burn_number()
            name = burnt.name
            house.save_draft(DRAFT, {**state, "burnt": [burnt.number, name.family, name.given, name.again]})
            return burnt

        self.context.writer.ask((id(self), "burn"), burn, self._on_burnt, self._on_failed)

    def _on_burnt(self, key: Hashable, burnt: Burnt) -> None:
        self._is_busy = False
        self.next.setEnabled(True)
        self._burnt = burnt.number, burnt.name
        self._show_question(self._typed, burnt.number, burnt.name)

    def _show_question(self, body: dict[str, Any], number: str, name: DealtName) -> None:
        self.told.hide()
        self._given = _Given(body, number, name)
        letters = bool(self.context.house.site.get("temporary_letters", True))
        self.confirm.show_person(body, number, name, self.context.now(), self.context.zone, letters=letters)
        self.stack.setCurrentWidget(self.confirm)
        self.setFocusProxy(self.confirm.go)
        self.keep()
        self.confirm.go.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_back(self) -> None:
        """Back to what was typed; a number that was dealt stays this person's."""
        self._show_form()
        if self._burnt is not None:
            self.state_words.setText(f"{self._burnt[0]} was dealt for this patient and stays theirs.")
        self.fields["age"].setFocus(Qt.FocusReason.OtherFocusReason)

    def register(self) -> None:
        """Writes the registration; the record is opened when it is on disk."""
        given = self._given
        if self._is_busy or given is None:
            return
        self._is_busy = True
        self.confirm.go.setEnabled(False)
        name = {"family": given.name.family, "given": given.name.given}
        body = {**given.body, "number": given.number, "temporary_name": name}

        def write(house: Any) -> Any:
            done = house.register(body)
            try:
                house.drop_draft(DRAFT)
            except WardlampError:
                return done  # a draft that cannot be dropped must not make a kept registration look lost
            return done

        self.context.writer.ask((id(self), "register"), write, self._on_registered, self._on_failed)

    def _on_registered(self, key: Hashable, done: Any) -> None:
        self._is_busy = False
        self.confirm.go.setEnabled(True)
        self._clear()
        when = wording.time(done.written, self.context.zone)
        person = done.patient
        words = f"Registered {when} as {done.family.upper()}, {done.given}, {done.temporary_number}. It is on disk."
        self.context.changed.emit(Changes(frozenset({person}), entries=True))
        self.context.open_patient.emit(person)
        self.context.say(words, "done", action="Print for this patient",
                         act=lambda: self.context.print_form.emit("", person))  # fmt: skip

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        self._is_busy = False
        self.next.setEnabled(True)
        self.confirm.go.setEnabled(True)
        words = f"{error.code}: {error.message} {error.next_step} What you typed is still here."
        if self.stack.currentWidget() is self.confirm:
            self.confirm.tell(words)
        else:
            self._tell(words)
        if error.code.startswith("numbers."):
            self.context.writer.ask((id(self), "status"), lambda house: house.number_status(), self._on_status)

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.setAccessibleDescription(text)
        self.told.show()
