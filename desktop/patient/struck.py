"""A system that is struck while others live: said where its facts would stand, with what fits instead (issue 5)."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop.patient.blocks import Block, Boxed, Gap, fold
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.icons import draw_icon
from desktop.shell.parts import Button
from desktop.shell.tokens import TARGET
from desktop.shell.type import SEMIBOLD, font
from localdb.chart.struck import sentence, struck
from localdb.chart.views import Chart

RATION = "Ask only for tests that change what is done next; say why, and where to phone the result."


def struck_words(context: Context, chart: Chart, *kinds: str) -> tuple[str, ...]:
    """One sentence for each system that is down while others live and would send one of `kinds`."""
    now = context.now()
    return tuple(
        sentence(s, now, context.zone, kinds=kinds) for s in struck(chart.sources, *kinds, titles=context.titles)
    )


def struck_blocks(context: Context, chart: Chart, *kinds: str) -> list[Block]:
    """The same as a box for a section of the summary; [] where nothing is struck."""
    words = struck_words(context, chart, *kinds)
    return [Boxed([(w, True) for w in words], "crit", "unavailable"), Gap(4)] if words else []


class StruckStrip(KeyedWidget):
    """Above a section: what is down, and two ways on. Hidden where nothing is struck."""

    def __init__(
        self, context: Context, stand: Stand, key: PatientKey, chart: Chart, kinds: tuple[str, ...],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(context.look, stand, key, chart, parent)
        self._context, self._kinds = context, kinds
        self.words = struck_words(context, chart, *kinds)
        self.phone = Button(context.look, "Phoned result", icon="phone", name="Record a phoned result", parent=self)
        self.paper = Button(context.look, "Request F03", icon="print", name="Print a blood request F03", parent=self)
        self.phone.clicked.connect(self._on_phone)
        self.paper.clicked.connect(self._on_paper)
        self.setAccessibleName(" ".join(self.words))
        self.setHidden(not self.words)

    def retime(self) -> None:
        """A day went by: a time that was today's carries its day."""
        self.words = struck_words(self._context, self.chart, *self._kinds)
        self.setAccessibleName(" ".join(self.words))
        self.update()

    def _on_phone(self) -> None:
        self._context.record.emit("phoned_result", self.key.person, None)

    def _on_paper(self) -> None:
        self._context.print_form.emit("F03", self.key.person)

    def _room(self) -> float:
        return max(160.0, self.paper.x() - 56.0)

    def _lines(self) -> list[str]:
        return [line for words in self.words for line in fold(words, "label", self._room(), SEMIBOLD)]

    def resizeEvent(self, event: QResizeEvent) -> None:
        right = self.width() - 8
        for button in (self.phone, self.paper):
            wide = button.minimumSizeHint().width() + 8
            button.setGeometry(int(right - wide), 4, wide, TARGET)
            right -= wide + 8
        high = max(TARGET + 8, 18 + 21 * len(self._lines()))
        if high != self.height() or high != self.minimumHeight():
            self.setFixedHeight(int(high))
        super().resizeEvent(event)

    def draw(self, painter: QPainter) -> None:
        theme = self.theme
        paint.box(painter, QRectF(self.rect()), fill=theme.panel, border=theme.hi, width=2.5)
        lines = self._lines()
        draw_icon(painter, "unavailable", 14, (self.height() - 20) / 2, 20, theme.ink)
        baseline = self.height() / 2 - 21 * len(lines) / 2 + 16
        for line in lines:
            paint.draw_text(painter, 46, baseline, line, font("label", SEMIBOLD), theme.ink)
            baseline += 21
