"""The frame of a place beside the rail: a title, a line of words, and below it what the place shows.

A place loads through the reader with a key that counts up; an answer to an older question is refused. What failed is
said in place (LOOK §6 Failed): the rest of the window stays.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.icons import draw_icon
from desktop.shell.parts import Text
from desktop.shell.tokens import FOCUS, Look
from localdb.errors import WardlampError

if TYPE_CHECKING:
    from localdb.reading import Reading


class FailedNote(QFrame):
    """What failed, in place: heading, code, what to do (look/17)."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._head, self._words = Text(look, "", "ident"), Text(look, "", "body", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(60, 10, 16, 10)
        column.addWidget(self._head)
        column.addWidget(self._words)
        self.hide()

    def show_error(self, heading: str, error: WardlampError) -> None:
        self._head.setText(heading)
        self._words.setText(f"{error.code}. {error.message} {error.next_step}")
        self.setAccessibleName(f"{heading}. {self._words.text()}")
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter, area = self._look.theme, QPainter(self), QRectF(self.rect())
        paint.box(painter, area, fill=theme.panel, border=theme.hi, width=2)
        painter.fillRect(QRectF(0, 0, 8, area.height()), theme.color("hi"))
        draw_icon(painter, "not safe", 24, 11, 24, theme.hi)


class Place(QWidget):
    """Title, words, failure, then `column` for what the place adds."""

    def __init__(self, context: Context, title: str, words: str = "", *, framed: bool = True) -> None:
        super().__init__()
        self.context, self.look = context, context.look
        self._question = 0
        self.setAccessibleName(title)
        self.title, self.words = Text(self.look, title, "title"), Text(self.look, words, "label", "ink2", wrap=True)
        self.failed = FailedNote(self.look)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(*((16, 14, 16, 8) if framed else (0, 0, 0, 0)))
        self.column.setSpacing(4)
        if framed:
            self.column.addWidget(self.title)
            self.column.addWidget(self.words)
            self.words.setVisible(bool(words))
        self.column.addWidget(self.failed)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():  # a place that has nothing to choose takes the keys itself, and shows it
            paint.box(QPainter(self), QRectF(self.rect()), border=self.look.theme.ink, width=FOCUS, radius=0)

    def say(self, title: str, words: str) -> None:
        self.title.setText(title)
        self.words.setText(words)
        self.words.setVisible(bool(words))

    def enter(self) -> None:
        """Called each time the place comes to the front."""

    def back(self) -> bool:
        """Esc: leave what lies over the place, if anything does; whether something did."""
        return False

    def ask(self, job: Callable[[Reading], Any], then: Callable[[Any], None]) -> None:
        """Read something for this place; only the answer to the newest question is taken."""
        self._question += 1
        self._then = then
        self.context.reader.ask((id(self), self._question), job, self._on_answer, self._on_failed)

    def _on_answer(self, key: Hashable, result: Any) -> None:
        if key == (id(self), self._question):
            self.failed.hide()
            self._then(result)

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        if key == (id(self), self._question):
            self.failed.show_error(f"{self.accessibleName()} could not be read", error)
