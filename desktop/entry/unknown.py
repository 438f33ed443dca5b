"""Registering somebody who is in no copy (Ctrl+N): what is known, then the number and the name, then the question.

Rules (CLINICAL §1.3, §7.3; hazard H20): the number is burnt, on disk, before it stands on the screen; going back keeps
it for the same person, giving up spoils it; nothing is registered before the banner was looked at; a draft is kept at
each pause and at every lock, and nothing that was typed is lost; "Unknown Male" cannot be made. A correction leaves
number and name as they are.
"""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import suppress
from typing import Any, NamedTuple

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.entry.confirming import ConfirmPanel
from desktop.entry.form import PAUSE
from desktop.entry.typing_words import NotRead, typed_time
from desktop.entry.unknown_fields import RegisterFields
from desktop.shell.context import Changes, Context
from desktop.shell.page import Place
from desktop.shell.parts import Button, Text
from localdb.chart import wording
from localdb.chart.views import Chart
from localdb.errors import WardlampError
from localdb.journal.numbers import Burnt, NumberStatus
from localdb.numbers.names import DealtName

DRAFT = "registration"
TITLE = "Register a patient who is in no copy"
WORDS = (
    "Unknown people get a number and a name that are nobody else's; both are on disk before you see them. Enter moves"
    " on. Nothing is lost if the laptop locks."
)


class _Given(NamedTuple):
    """What is about to be registered, with its number."""

    body: dict[str, Any]
    number: str
    name: DealtName


class _Correction(NamedTuple):
    """Whose registration is corrected, and under which number and name it stands."""

    person: str
    entry: str
    number: str
    name: DealtName


class RegisterPlace(Place):
    """`typed` the fields and `confirm` the question, in one stack."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, TITLE, WORDS)
        self.status: NumberStatus | None = None
        self._burnt: tuple[str, DealtName] | None = None
        self._given: _Given | None = None
        self._correction: _Correction | None = None
        self._is_busy = self._is_dirty = self._was_read = False
        self.typed, self.confirm = RegisterFields(context), ConfirmPanel(self.look)
        self.form, self.stack = QWidget(), QStackedWidget()
        column = QVBoxLayout(self.form)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.typed, 1)
        column.addLayout(self._buttons())
        self.stack.addWidget(self.form)
        self.stack.addWidget(self.confirm)
        self.column.addWidget(self.stack, 1)
        self.setFocusProxy(self.typed)
        self.typed.touched.connect(self.touched)
        self.typed.last.connect(self._to_button)
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

    def paintEvent(self, event: QPaintEvent) -> None:
        """No frame of its own: what has the focus shows it."""

    def _to_button(self) -> None:
        """Enter in the last field leads to the button, it does not press it."""
        self.next.setFocus(Qt.FocusReason.TabFocusReason)

    # -- coming and going ---------------------------------------------------------------------------------------

    def enter(self) -> None:
        """What is left of the numbers, and the draft if there is one."""
        if self._correction is not None:
            self.keep()
            self._clear()
            self._was_read = False
        fields = self.typed.fields
        if not fields["happened"].text():
            fields["happened"].set_text(typed_time(self.context.now(), self.context.zone))
        if not fields["ward"].text():
            fields["ward"].set_text(str(self.context.house.site.get("ward") or ""))
        self._ask("status", lambda house: house.number_status(), self._on_status)
        if not self._was_read:
            self._ask("draft", lambda house: house.draft(DRAFT), self._on_draft)

    def correct(self, person: str, entry: str) -> None:
        """Opens a registration to be corrected."""
        self._was_read = True
        self.ask(lambda reading: reading.chart(person), lambda chart: self._on_chart(chart, entry))

    def _on_chart(self, chart: Chart, wanted: str) -> None:
        entry = next((e for e in chart.entries if e.id == wanted and e.kind == "registration"), None)
        if entry is None:
            return
        self._clear()
        name = entry.body["temporary_name"]
        self._correction = _Correction(
            chart.patient.id, entry.id, str(entry.body["number"]), DealtName(name["family"], name["given"])
        )
        self.typed.restore(self.typed.state_of(entry))
        self.typed.allow_names(allowed=bool(entry.body.get("real_name")))
        self.typed.show_paper(None)
        shown = wording.display_name(chart.patient.name)
        self.say(f"Correct: {shown}, {self._correction.number}", "Number and name stay. Enter moves on.")
        self.next.rename("Check the correction")
        self.state_words.setText("")
        self._ask("draft", lambda house: house.draft(f"{DRAFT}:{wanted}"), self._on_draft)

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

    def _ask(self, what: str, job: Any, then: Any = None) -> None:
        self.context.writer.ask((id(self), what), job, then, self._on_failed)

    def _on_status(self, key: Hashable, status: NumberStatus) -> None:
        self.status = status
        if self._correction is not None:
            return
        if not self._is_dirty and status.left:
            self.state_words.setText(f"{status.words} {status.next_step}".rstrip())
        has_none = status.left == 0 and self._burnt is None
        self.typed.show_paper(status if has_none else None)
        self.next.rename("Take this number and name" if has_none else "Deal number and name")

    # -- the draft ----------------------------------------------------------------------------------------------

    @property
    def draft_key(self) -> str:
        return DRAFT if self._correction is None else f"{DRAFT}:{self._correction.entry}"

    def touched(self) -> None:
        self._is_dirty = True
        self._pause.start()

    def state(self) -> dict[str, Any]:
        """What is typed, with the number that was dealt for it."""
        held = self.typed.state()
        if self._burnt is not None:
            held["burnt"] = _as_kept(*self._burnt)
        return held

    def keep(self) -> None:
        """Keep the draft now, if anything was typed since."""
        self._pause.stop()
        if not self._is_dirty:
            return
        self._is_dirty, state, key = False, self.state(), self.draft_key
        self._ask("keep", lambda house: house.save_draft(key, state), self._on_kept)

    def _on_kept(self, key: Hashable, _: Any) -> None:
        self.state_words.setText(f"Draft kept {wording.clock(self.context.now(), self.context.zone)}.")

    def _on_draft(self, key: Hashable, state: Any) -> None:
        self._was_read = True
        if not isinstance(state, dict) or self._is_dirty:
            return
        self.typed.restore(state)
        if held := state.get("burnt"):
            self._burnt = str(held[0]), DealtName(str(held[1]), str(held[2]), bool(held[3]))
            self.typed.show_paper(None)
        self.state_words.setText("Your draft is back, as it was left.")

    def _on_keep(self) -> None:
        self.keep()
        where = "Ctrl+N" if self._correction is None else "Correct"
        self.context.say(f"Draft kept. {where} opens it again.", "done")
        self._leave()

    def _leave(self) -> None:
        correction = self._correction
        if correction is None:
            self.context.go_ward.emit()
        else:
            self.context.open_patient.emit(correction.person)

    def _on_discard(self) -> None:
        burnt, key = self._burnt, self.draft_key

        def drop(house: Any) -> None:
            if burnt is not None:
                house.spoil_number(burnt[0], "given up before anybody was registered")
            house.drop_draft(key)

        self._ask("drop", drop)
        self._leave()
        self._clear()

    def _clear(self) -> None:
        self._pause.stop()
        self._is_dirty, self._burnt, self._given, self._correction = False, None, None, None
        self.typed.restore({})
        self.typed.allow_names(allowed=True)
        self.state_words.setText("")
        self.say(TITLE, WORDS)
        self._show_form()

    def _show_form(self) -> None:
        self.stack.setCurrentWidget(self.form)
        self.setFocusProxy(self.typed)

    # -- number, question, answer -------------------------------------------------------------------------------

    def deal(self) -> None:
        """Burns a number for what is typed (once), then asks. What cannot be read burns nothing."""
        if self._is_busy:
            return
        try:
            body = self.typed.body()
            held = self._burnt or self.typed.on_paper()
        except NotRead as error:
            self.typed.tell(str(error))
            return
        if self._correction is not None:
            held = self._correction.number, self._correction.name
        if held is not None:
            self._show_question(body, *held)
            return
        self._set_busy(True)
        self._typed_body, state = body, self.state()

        def burn(house: Any) -> Burnt:
            burnt: Burnt = house.burn_number()
            # So that a crash before the answer leads back to this number, and not to a second one.
            with suppress(WardlampError):
                house.save_draft(DRAFT, {**state, "burnt": _as_kept(burnt.number, burnt.name)})
            return burnt

        self._ask("burn", burn, self._on_burnt)

    def _on_burnt(self, key: Hashable, burnt: Burnt) -> None:
        self._set_busy(False)
        self._burnt = burnt.number, burnt.name
        self._show_question(self._typed_body, burnt.number, burnt.name)

    def _show_question(self, body: dict[str, Any], number: str, name: DealtName) -> None:
        self._given = _Given(body, number, name)
        letters = bool(self.context.house.site.get("temporary_letters", True))
        self.confirm.show_person(
            body, number, name, self.context.now(), self.context.zone, letters=letters,
            is_correction=self._correction is not None,
        )  # fmt: skip
        self.stack.setCurrentWidget(self.confirm)
        self.setFocusProxy(self.confirm.go)
        self.confirm.go.setFocus(Qt.FocusReason.OtherFocusReason)
        self._is_dirty = True
        self.keep()

    def _on_back(self) -> None:
        """Back to what was typed; a number that was dealt stays this person's."""
        self._show_form()
        if self._burnt is not None:
            self.state_words.setText(f"{self._burnt[0]} was dealt for this patient and stays theirs.")
        self.typed.fields["age"].setFocus(Qt.FocusReason.OtherFocusReason)

    def register(self) -> None:
        """Writes the registration; the record is opened when it is on disk."""
        given, correction, key = self._given, self._correction, self.draft_key
        if self._is_busy or given is None:
            return
        self._set_busy(True)
        name = {"family": given.name.family, "given": given.name.given}
        body = {**given.body, "number": given.number, "temporary_name": name}

        def write(house: Any) -> Any:
            if correction is None:
                done = house.register(body)
            else:
                done = house.enter("registration", correction.person, body, correction.entry)
            with suppress(WardlampError):  # a draft that cannot be dropped must not make a kept entry look lost
                house.drop_draft(key)
            return done

        self._ask("register", write, self._on_registered)

    def _on_registered(self, key: Hashable, done: Any) -> None:
        self._set_busy(False)
        correction = self._correction
        when = wording.time(done.written, self.context.zone)
        if correction is not None:
            person, words = correction.person, f"Corrected {when} as {done.number}. It is on disk."
        else:
            person, name = done.patient, f"{done.family.upper()}, {done.given}"
            words = f"Registered {when} as {name}, {done.temporary_number}. It is on disk."
        self._clear()
        self.context.changed.emit(Changes(frozenset({person}), entries=True))
        self.context.open_patient.emit(person)
        self.context.say(words, "done", action="Print for this patient",
                         act=lambda: self.context.print_form.emit("", person))  # fmt: skip

    def _set_busy(self, busy: bool) -> None:
        self._is_busy = busy
        self.next.setEnabled(not busy)
        self.confirm.go.setEnabled(not busy)

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        self._set_busy(False)
        words = f"{error.code}: {error.message} {error.next_step} What you typed is still here."
        if self.stack.currentWidget() is self.confirm:
            self.confirm.tell(words)
        else:
            self.typed.tell(words)
        if error.code.startswith("numbers."):
            self._ask("status", lambda house: house.number_status(), self._on_status)


def _as_kept(number: str, name: DealtName) -> list[Any]:
    """A burnt number as a draft keeps it."""
    return [number, name.family, name.given, name.again]
