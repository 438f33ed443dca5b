"""A question about something typed: keep it, or type it again. It stands beside the form and covers nothing (look/08)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from desktop.entry.plausible import Question
from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import TARGET, Look


class QuestionBox(QFrame):
    """`kept` and `again` carry the question that is answered."""

    kept = Signal(object)
    again = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.asked: Question | None = None
        self._head, self._text = Text(look, "", "body", weight=600, wrap=True), Text(look, "", "label", wrap=True)
        self.keep_button = Button(look, "Keep", "normal")
        self.again_button = Button(look, "Type again", "primary")
        column = QVBoxLayout(self)
        column.setContentsMargins(52, 12, 14, 12)
        column.addWidget(self._head)
        column.addWidget(self._text)
        for button in (self.keep_button, self.again_button):
            button.setFixedHeight(TARGET)
        row = QHBoxLayout()
        row.addWidget(self.keep_button)
        row.addWidget(self.again_button)
        row.addStretch(1)
        column.addLayout(row)
        self.keep_button.clicked.connect(self._on_keep)
        self.again_button.clicked.connect(self._on_again)
        look.changed.connect(self.update)
        self.hide()

    def show_question(self, asked: Question | None) -> None:
        """Show a question, or none."""
        self.asked = asked
        self.setVisible(asked is not None)
        if asked is not None:
            self._head.setText(asked.head)
            self._text.setText(asked.text)
            self.keep_button.rename(f"Keep {asked.value}" if len(asked.value) <= 8 else "Keep it")
            self.setAccessibleName(f"{asked.head}. {asked.text}")

    def _on_keep(self) -> None:
        if self.asked is not None:
            self.kept.emit(self.asked)

    def _on_again(self) -> None:
        if self.asked is not None:
            self.again.emit(self.asked)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        paint.box(painter, QRectF(self.rect()), fill=theme.panel, border=theme.ink, width=2)
        draw_icon(painter, "caution", 16, 14, 24, theme.warn)
