"""The veil that dims the whole window, for a dark bay at night (LOOK §2): black at 40 %, in nobody's way."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.shell.tokens import DIM, Look


class DimVeil(QWidget):
    """A child of the window, always its topmost; keys, mouse and touch go through it, a screen reader does not meet it."""

    def __init__(self, look: Look, over: QWidget) -> None:
        super().__init__(over)
        self._look = look
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        over.installEventFilter(self)
        look.changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        self.setGeometry(self.parentWidget().rect())
        self.setVisible(self._look.dimmed)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self.parentWidget().rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        veil = QColor("#000000")
        veil.setAlphaF(DIM)
        QPainter(self).fillRect(event.rect(), veil)
