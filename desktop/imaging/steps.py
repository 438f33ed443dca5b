"""The grey-step test at the first picture of a session: can this screen show faint differences here (CLINICAL §4.2)?

It asks and blocks nothing: the picture stands below it all the while. Who does not see both patches is told what to do, and
the label under the picture says that the check was not passed.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from desktop.shell.context import Context
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import Look
from desktop.shell.type import SEMIBOLD
from localdb.pixels.test_pattern import pattern

_PASSED, _FAILED = "seen", "not seen"
_KEY = "imaging screen check"
NOT_PASSED = "SCREEN CHECK NOT PASSED"
QUESTION = "Screen check: do you see a small square in the black box, and one in the white box?"
ADVICE = (
    "Tilt or brighten the screen, turn it from the light. Still unseen: judge nothing faint here; use another screen or "
    "telephone the radiologist."
)


def state_of(context: Context) -> str:
    """What was answered in this session, by whoever is in now: "" nothing yet."""
    staff, _, answer = str(context.property(_KEY) or "").rpartition("\n")
    return answer if staff == context.house.staff else ""


def answer(context: Context, word: str) -> None:
    context.setProperty(_KEY, f"{context.house.staff}\n{word}")


def is_passed(context: Context) -> bool:
    return state_of(context) == _PASSED


def was_failed(context: Context) -> bool:
    return state_of(context) == _FAILED


class Pattern(QWidget):
    """Eleven grey steps from black to white, with a 5 % square in the black one and a 95 % square in the white one."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(QSize(232, 56))
        self.setAccessibleName("Grey steps from black to white, a 5 % square in the black, a 95 % square in the white")

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        grey = pattern(round(self.width() * ratio), round(self.height() * ratio))
        image = QImage(grey.data, grey.shape[1], grey.shape[0], grey.shape[1], QImage.Format.Format_Grayscale8)
        image.setDevicePixelRatio(ratio)
        QPainter(self).drawImage(0, 0, image)


class ScreenCheck(QWidget):
    """The strip with pattern, question and answers. `answered` when it may go."""

    answered = Signal()

    def __init__(self, context: Context, look: Look) -> None:
        super().__init__()
        self._context, self._look = context, look
        self.pattern = Pattern()
        self.text = Text(look, QUESTION, "label", weight=SEMIBOLD, wrap=True)
        self.yes = Button(look, "I see both", "normal")
        self.no = Button(look, "I do not", "normal", name="I do not see both")
        self.yes.clicked.connect(self._on_yes)
        self.no.clicked.connect(self._on_no)
        for button in (self.yes, self.no):
            button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(self.pattern)
        row.addWidget(self.text, 1)
        row.addWidget(self.yes)
        row.addWidget(self.no)
        self.setAccessibleName("Screen check")

    def ask(self) -> None:
        """Begin anew."""
        self.text.setText(QUESTION)
        self.yes.rename("I see both")
        self.no.rename("I do not")
        self.no.setAccessibleName("I do not see both")
        self._is_advised = False
        self.show()

    _is_advised = False

    def _on_yes(self) -> None:
        answer(self._context, _PASSED)
        self.hide()
        self.answered.emit()

    def _on_no(self) -> None:
        answer(self._context, _FAILED)
        if self._is_advised:
            self.hide()
        else:
            self._is_advised = True
            self.text.setText(ADVICE)
            self.yes.rename("I see both now")
            self.no.rename("Go on without")
        self.answered.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._look.theme.color("sunken"))
