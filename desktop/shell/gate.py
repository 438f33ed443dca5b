"""The two screens without patient data: unlock before, curtain between (look/01, look/16).

Ink ground, the lamp, the age of the copy as `status.json` tells it, and a card with the question. An error stands in
place, in three parts: code, what happened, what to do (LOOK §8). Nothing here derives a key: it only asks.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QCompleter, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop.lamp.drawing import draw_lamp
from desktop.lamp.state import Lamp
from desktop.shell import paint
from desktop.shell.parts import Button, Field, Text
from desktop.shell.tokens import HATCH, SMALL_WIDTH, Look
from desktop.shell.type import MEDIUM, SEMIBOLD, font, wrap
from localdb.errors import WardlampError

_LINE = "#34414C"
Facts = Sequence[tuple[str, str]]


class GateError(QFrame):
    """Code, what happened, what to do; in the card, under the field that it is about."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._code = Text(look, "", "mono", weight=SEMIBOLD)
        self._what = Text(look, "", "body", weight=SEMIBOLD, wrap=True)
        self._todo = Text(look, "", "label", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 10, 8)
        column.setSpacing(2)
        for part in (self._code, self._what, self._todo):
            column.addWidget(part)
        self.hide()

    def show_error(self, error: WardlampError) -> None:
        self._code.setText(error.code)
        self._what.setText(error.message)
        self._todo.setText(error.next_step)
        self.setAccessibleName(f"{error.code}. {error.message} {error.next_step}")
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, area = self._look.theme, QPainter(self), QRectF(self.rect())
        paint.box(painter, area, fill=theme.panel, border=theme.hi, width=2)
        painter.fillRect(QRectF(0, 0, 6, area.height()), theme.color("hi"))


class Gate(QWidget):
    """The ground and the card. `asked(staff, secret)`; the secret field is emptied as soon as it was asked with."""

    asked = Signal(str, bytes)
    card_wanted = Signal()
    close_wanted = Signal()

    def __init__(
        self, look: Look, staff: Sequence[str], *, is_curtain: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._look, self._curtain = look, is_curtain
        self._lamp, self._title, self._words = Lamp("out", "", ""), "", ""
        self._facts: Facts = ()
        self._foot: tuple[str, ...] = ()
        self._staff = tuple(staff)
        self._card = _Card(look, self._staff, is_curtain=is_curtain, parent=self)
        self._card.asked.connect(self._on_asked)
        self._card.card_wanted.connect(self.card_wanted)
        self._card.close_wanted.connect(self.close_wanted)
        self.setAutoFillBackground(False)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Wardlamp is locked" if is_curtain else "Unlock Wardlamp")
        look.changed.connect(self.update)

    @property
    def card(self) -> _Card:
        return self._card

    def tell(self, lamp: Lamp, title: str, words: str, facts: Facts, foot: Sequence[str], clock: str) -> None:
        """What stands at the left, and the clock in the card."""
        self._lamp, self._title, self._words, self._facts, self._foot = lamp, title, words, tuple(facts), tuple(foot)
        self._card.clock.setText(clock)
        spoken = ". ".join([title, words, *(f"{label} {value}" for label, value in facts), *foot])
        self.setAccessibleDescription(spoken)
        self.update()

    def show_error(self, error: WardlampError) -> None:
        self._card.show_error(error)

    def set_busy(self, busy: bool) -> None:
        self._card.set_busy(busy)

    def _on_asked(self, staff: str, secret: bytes) -> None:
        self.set_busy(True)
        self.asked.emit(staff, secret)

    def resizeEvent(self, event: QResizeEvent) -> None:
        small = self.width() < SMALL_WIDTH
        room = 440 if small else 470 if self._curtain else 560
        height = max(self._card.heightForWidth(room), self._card.sizeHint().height())
        left = self.width() - room - (48 if small else 116 if not self._curtain else 136)
        height = min(height, self.height() - HATCH - 16)
        top = max(HATCH + 8, (self.height() - height) // 2 - (0 if not self._curtain else 28))
        self._card.setGeometry(left, top, room, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("shell"))
        paint.hatch(painter, QRectF(0, 0, self.width(), HATCH), theme.brass, theme.shell, step=7, width=2.2)
        left = 48.0 if self.width() < SMALL_WIDTH else 104.0
        room = self._card.x() - left - 60
        size, top = (102, 150) if self._curtain else (140, 121)
        if self.height() < 700:
            top = 60 if not self._curtain else 90
        lamp_area = QRectF(left + 12, top, size * 0.7, size)
        draw_lamp(painter, lamp_area, self._lamp.shape, ink=theme.onshell, brass=theme.brass)
        y = top + size + (84 if not self._curtain else 78)
        paint.draw_text(painter, left, y, self._title, font("huge" if not self._curtain else "large"), theme.onshell)
        y += 32
        for line in wrap(self._words, "value", room, 400):
            paint.draw_text(painter, left, y, line, font("value", 400), theme.onshell2)
            y += 26
        y += 18
        paint.hairline(painter, left, y, min(left + 470, self._card.x() - 40), _LINE)
        y += 34
        if self._lamp.word and not self._curtain:
            x = left + paint.draw_text(painter, left, y, self._lamp.word, font("ident", 700), theme.brass) + 13
            paint.draw_text(painter, x, y, self._lamp.line, font("ident"), theme.onshell)
            y += 32
        column = max([96.0, *(paint.metrics("body").horizontalAdvance(label) for label, _ in self._facts)]) + 28
        for label, value in self._facts:
            paint.draw_text(painter, left, y, label, font("body"), theme.onshell2)
            for line in wrap(value, "body", room - column, MEDIUM):
                paint.draw_text(painter, left + column, y, line, font("body", MEDIUM), theme.onshell)
                y += 22
            y += 6
        y += 30
        for line in self._foot:
            paint.draw_text(painter, left, y, line, font("label"), theme.onshell2)
            y += 26


class _Card(QFrame):
    """Who, the secret, Unlock; below, what else can be done."""

    asked = Signal(str, bytes)
    card_wanted = Signal()
    close_wanted = Signal()

    def __init__(self, look: Look, staff: Sequence[str], *, is_curtain: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._look, self._curtain = look, is_curtain
        self.title = Text(look, "Back to work" if is_curtain else "Unlock", "large")
        self.clock = Text(look, "", "title")
        self.staff, self.secret = Field(look, "Name"), Field(look, "Passphrase", secret=True)
        self.staff.box.setText(staff[0] if len(staff) == 1 else "")
        known = QCompleter(list(staff), self)
        known.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        known.setCompletionMode(QCompleter.CompletionMode.InlineCompletion)  # no list that lies over the card
        self.staff.box.setCompleter(known)
        if len(staff) > 1:
            self.staff.box.setPlaceholderText(f"Type the beginning; {len(staff)} people can open this laptop")
        self.hint = Text(look, "Opening takes about one second.", "label", "ink2")
        self.error = GateError(look)
        words, icon = ("Back to work", "back to work") if is_curtain else ("Unlock", "unlock")
        self.go = Button(look, words, "primary", icon=icon)
        self.show_secret = Button(look, "", icon="show secret", name="Show the passphrase")
        self.secret.row.addWidget(self.show_secret)
        self.help = Button(look, "Read the downtime action card", "quiet", icon="action card")
        self.shut = Button(look, "Close fully", icon="close")
        self.note = Text(look, "Every unlock is recorded with name and time.", "label", "ink2", wrap=True)
        self._lay_out(len(staff))
        self.go.clicked.connect(self._on_go)
        self.secret.entered.connect(self._on_go)
        self.staff.entered.connect(self.secret.setFocus)
        self.show_secret.clicked.connect(self._on_show)
        self.help.clicked.connect(self.card_wanted)
        self.shut.clicked.connect(self.close_wanted)
        # No focus proxy: one that leads to the passphrase takes the name out of the round of Tab.
        self.first = self.secret if self.staff.text() else self.staff

    def _lay_out(self, staff: int) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.clock)
        column = QVBoxLayout(self)
        column.setContentsMargins(48, 26, 48, 20)
        column.setSpacing(8)
        column.addLayout(head)
        for part in (self.staff, self.secret, self.hint, self.error):
            column.addWidget(part)
        self.go.setMinimumHeight(52)
        column.addWidget(self.go)
        column.addSpacing(14)
        who = "Somebody else may come back here with their own name." if self._curtain else "Cannot get in?"
        column.addWidget(Text(self._look, who, "body", weight=MEDIUM, wrap=True))
        if not self._curtain:
            words = (
                "Ask a coordinator for a new passphrase. The recovery code opens this laptop with `wardlamp recover`."
            )
            column.addWidget(Text(self._look, words.replace("`", ""), "label", "ink2", wrap=True))
        column.addWidget(self.shut if self._curtain else self.help)
        self.help.setVisible(not self._curtain)
        self.shut.setVisible(self._curtain)
        column.addWidget(self.note)
        column.addStretch(1)

    def show_staff(self, name: str) -> None:
        self.staff.box.setText(name)
        self.first = self.secret

    def show_error(self, error: WardlampError) -> None:
        self.set_busy(False)
        self.error.show_error(error)
        self.secret.box.clear()
        self.secret.setFocus()
        self.parentWidget().resizeEvent(None)  # type: ignore[arg-type]

    def set_busy(self, busy: bool) -> None:
        """While the key is derived: nothing can be asked twice, and the words say what is going on."""
        for part in (self.go, self.staff, self.secret, self.show_secret):
            part.setEnabled(not busy)
        self.hint.setText("Opening …" if busy else "Opening takes about one second.")

    def _on_go(self) -> None:
        secret = self.secret.text().encode()
        if not secret:
            self.secret.setFocus()
            return
        self.secret.box.clear()
        self._hide_secret()
        self.error.hide()
        self.asked.emit(self.staff.text().strip(), secret)

    def _on_show(self) -> None:
        if self.secret.box.echoMode() == self.secret.box.EchoMode.Password:
            self.secret.box.setEchoMode(self.secret.box.EchoMode.Normal)
            self.show_secret.icon_name = "hide secret"
            self.show_secret.setAccessibleName("Hide the passphrase")
        else:
            self._hide_secret()
        self.show_secret.update()

    def _hide_secret(self) -> None:
        self.secret.box.setEchoMode(self.secret.box.EchoMode.Password)
        self.show_secret.icon_name = "show secret"
        self.show_secret.setAccessibleName("Show the passphrase")

    def paintEvent(self, event: QPaintEvent) -> None:
        paint.box(QPainter(self), QRectF(self.rect()), fill=self._look.theme.paper, radius=4)
