"""What every form does: a draft at each pause, a refusal in words, a number only when the entry is on disk.

Rules: a form is for one patient and is closed when the page turns to another (H02); saving asks the journal first and
shows the number that it gave; what was typed stays until then, and stays when saving fails; nothing is checked by
colour alone. Subclasses say what the fields hold.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.shell.context import Changes, Context
from desktop.shell.parts import Button, Text
from localdb.chart import wording
from localdb.chart.views import Chart, Entry
from localdb.errors import WardlampError

PAUSE = 600  # ms without a key after which the draft is kept


class Form(KeyedWidget):
    """`kind` as in the journal. `saved` carries the receipt; `kept` says that the draft is on disk; `left` that it was kept
    as a draft or discarded. `about` the id of what it is about, where a patient may have several; `is_narrow`: it stands
    beside something else."""

    saved = Signal(object)
    kept = Signal()
    left = Signal()
    kind = ""
    title = ""
    hint = "Enter moves on. Ctrl+Enter saves. Nothing is lost if the laptop locks."
    save_words = "Save"

    def __init__(
        self, context: Context, stand: Stand, key: PatientKey, chart: Chart, corrects: str | None = None,
        about: str = "", *, is_narrow: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(context.look, stand, key, chart)
        self.context, self.corrects, self.about, self.is_narrow = context, corrects, about, is_narrow
        self.draft_key = ":".join(x for x in (self.kind, key.person, corrects or "", about) if x)
        self._is_dirty = self._is_saving = self._is_done = self._is_filling = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.keep)
        self._build()
        self._start()
        context.locking.connect(self.keep)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.save)

    # what a subclass says

    def fill(self, column: QVBoxLayout) -> None:
        """Put the fields into the column."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """What is typed, as a draft keeps it."""
        raise NotImplementedError

    def restore(self, state: dict[str, Any]) -> None:
        """Put a draft back into the fields."""
        raise NotImplementedError

    def state_of(self, entry: Entry) -> dict[str, Any]:
        """The fields of an entry that is to be corrected."""
        raise NotImplementedError

    def body(self) -> dict[str, Any]:
        """The entry's body. Raises NotRead where a field cannot be read."""
        raise NotImplementedError

    def refusal(self) -> str:
        """Why it cannot be saved now, in words; empty if it can."""
        return ""

    # building

    def _build(self) -> None:
        look = self.context.look
        outer = QVBoxLayout(self)
        outer.setContentsMargins(*((8, 8, 8, 6) if self.is_narrow else (16, 12, 16, 10)))
        outer.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(16)
        words = f"Correct: {self.title}" if self.corrects else self.title
        head.addWidget(Text(look, words, "title", wrap=self.is_narrow), int(self.is_narrow))
        if not self.is_narrow:
            head.addWidget(Text(look, self.hint, "label", "ink2", wrap=True), 1)
        outer.addLayout(head)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        self.fill(column)
        scroller = QScrollArea()
        scroller.setWidget(inner)
        scroller.setWidgetResizable(True)
        scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroller.setAccessibleName(words)
        self.scroller = scroller
        outer.addWidget(scroller, 1)
        self.told = Text(look, "", "body", "hi", weight=600, wrap=True)
        self.told.setAccessibleName("Why it was not saved")
        self.told.hide()
        outer.addWidget(self.told)
        outer.addLayout(self._buttons())
        self.setAccessibleName(words)

    def _buttons(self) -> QHBoxLayout | QVBoxLayout:
        look, row = self.context.look, QHBoxLayout()
        self.state_words = Text(look, "", "label", "ink2")
        self.discard = Button(look, "Discard", "quiet", name="Discard what is typed here")
        kept = ("Keep draft", "") if self.is_narrow else ("Keep as draft", "Esc")
        self.keep_button = Button(look, kept[0], "normal", hint=kept[1])
        self.save_button = Button(look, self.save_words, "primary", hint="" if self.is_narrow else "Ctrl+Enter")
        self.discard.clicked.connect(self._on_discard)
        self.keep_button.clicked.connect(self._on_keep)
        self.save_button.clicked.connect(self.save)
        row.addWidget(self.discard)
        if self.is_narrow:
            row.addStretch(1)
        else:
            row.addWidget(self.state_words, 1)
        row.addWidget(self.keep_button)
        row.addWidget(self.save_button)
        if not self.is_narrow:
            return row
        column = QVBoxLayout()
        column.addWidget(self.state_words)
        column.addLayout(row)
        return column

    def _start(self) -> None:
        """A draft if there is one, else the entry to be corrected, else an empty form."""
        if self.corrects:
            found = next((e for e in self.chart.entries if e.id == self.corrects), None)
            if found is not None:
                self._put(self.state_of(found))
        key = self.draft_key
        self.context.writer.ask(self._key, lambda house: house.draft(key), self._on_draft, self._on_failed)

    def _put(self, state: dict[str, Any]) -> None:
        self._is_filling = True
        self.restore(state)
        self._is_filling = False

    def _on_draft(self, key: Hashable, state: Any) -> None:
        if key != self._key or not isinstance(state, dict) or self._is_dirty or not self.may_show():
            return
        self._put(state)
        self.state_words.setText("Your draft is back, as it was left.")

    # drafts

    def touched(self) -> None:
        """Something was typed: the draft is kept at the next pause, and a refusal is out of date."""
        if self._is_filling or self._is_done:
            return
        self._is_dirty = True
        self.told.hide()
        self._pause.start()

    def keep(self) -> None:
        """Keep the draft now, if anything was typed since."""
        self._pause.stop()
        if not self._is_dirty or self._is_done:
            return
        self._is_dirty = False
        key, state = self.draft_key, self.state()
        self.context.writer.ask(
            self._key, lambda house: house.save_draft(key, state), self._on_kept, self._on_draft_failed
        )

    def _on_kept(self, key: Hashable, _: Any) -> None:
        self.state_words.setText(f"Draft kept {wording.clock(self.context.now())}.")
        self.kept.emit()

    def _on_draft_failed(self, key: Hashable, error: WardlampError) -> None:
        self._is_dirty = True
        self._tell(f"The draft was not kept. {error.code}: {error.message} {error.next_step}")

    def _on_keep(self) -> None:
        self.keep()
        self.context.say("Draft kept. Record opens it again.", "done")
        self._leave()

    def _on_discard(self) -> None:
        self._is_done = True
        self._pause.stop()
        key = self.draft_key
        self.context.writer.ask(self._key, lambda house: house.drop_draft(key))
        self._leave()

    def _leave(self) -> None:
        self.left.emit()
        if not self.is_narrow:  # what it stands beside takes it away
            self.context.open_patient.emit(self._key.person)

    # saving

    def save(self) -> None:
        """Ask the journal to keep the entry; its number is shown when it did."""
        if self._is_saving or self._is_done:
            return
        reason = self.refusal()
        body: dict[str, Any] = {}
        if not reason:
            try:
                body = self.body()
            except ValueError as error:
                reason = str(error)
        if reason:
            self._tell(f"Not saved. {reason}")
            return
        self.keep()
        self._is_saving = True
        self.save_button.setEnabled(False)
        enter, draft = self.writing(body), self.draft_key

        def write(house: Any) -> Any:
            receipt = enter(house)
            # A draft that cannot be dropped must not make a kept entry look lost; it is offered again, no more.
            with suppress(WardlampError):
                house.drop_draft(draft)
            return receipt

        self.context.writer.ask(self._key, write, self._on_saved, self._on_failed)

    def writing(self, body: dict[str, Any]) -> Callable[[Any], Any]:
        """What is asked of the house, in the writer's thread: the entry's receipt."""
        kind, person, corrects = self.kind, self._key.person, self.corrects
        return lambda house: house.enter(kind, person, body, corrects)

    def concerned(self) -> frozenset[str]:
        """Whose records the entry changes."""
        return frozenset({self._key.person})

    def _on_saved(self, key: Hashable, receipt: Any) -> None:
        self._is_saving, self._is_done = False, True
        self._pause.stop()
        when = wording.time(receipt.written) or wording.clock(self.context.now())
        self.context.say(f"Saved {when} as {receipt.number}. It is on disk.", "done")
        self.context.changed.emit(Changes(self.concerned(), entries=True))
        self.saved.emit(receipt)

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        self._is_saving = False
        self.save_button.setEnabled(True)
        self._tell(f"Not saved. {error.code}: {error.message} {error.next_step} What you typed is still here.")

    def _tell(self, text: str) -> None:
        self.told.setText(text)
        self.told.setAccessibleDescription(text)
        self.told.show()
