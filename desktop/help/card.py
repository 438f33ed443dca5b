"""The downtime action card, to be read before unlocking: it lies over the gate and holds no patient data."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.help.content import pages
from desktop.help.page import browser, show_markdown
from desktop.shell import paint
from desktop.shell.parts import Button
from desktop.shell.tokens import Look


class ActionCard(QWidget):
    """The first page of the help on a card; Esc or the button puts it away."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.setAccessibleName("Downtime action card")
        pane = browser(look, "Downtime action card")
        show_markdown(pane, look, next(iter(pages().values())))
        self.back = Button(look, "Back to unlock", "primary", icon="back")
        self.back.clicked.connect(self.put_away)
        column = QVBoxLayout(self)
        width, height = min(860, parent.width() - 80), min(620, parent.height() - 60)
        side, top = (parent.width() - width) // 2, (parent.height() - height) // 2
        column.setContentsMargins(side + 32, top + 24, side + 32, top + 24)
        column.addWidget(pane, 1)
        column.addWidget(self.back)
        self._area = QRectF(side, top, width, height)
        self.setGeometry(parent.rect())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.put_away()
        else:
            super().keyPressEvent(event)

    def put_away(self) -> None:
        self.hide()
        self.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        veil = theme.color("shell")
        veil.setAlphaF(0.8)
        painter.fillRect(self.rect(), veil)
        paint.box(painter, self._area, fill=theme.paper, border=theme.ink, width=2, radius=4)


def show_card(look: Look, parent: QWidget) -> ActionCard:
    card = ActionCard(look, parent)
    card.show()
    card.raise_()
    card.back.setFocus()
    return card
