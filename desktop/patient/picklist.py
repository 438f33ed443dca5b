"""A list at the left, what is chosen at the right: reports and letters (look/07)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.patient.blocks import Block, Head, State, fold
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.patient.sheet import Placed, Scroller, Sheet
from desktop.patient.words import Age, StateWords
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.tokens import FOCUS
from desktop.shell.type import SEMIBOLD, font, width
from localdb.chart.views import Chart

LIST_WIDTH = 408
PAGE_WIDTH = 760


class Line(NamedTuple):
    """One item: title and time at the left, state at the right, `heavy` where the state must be seen."""

    title: str
    when: str
    state: str = ""
    detail: str = ""
    heavy: bool = False


class PickList(KeyedWidget):
    """The items, one chosen; arrows move, `picked` carries its number."""

    picked = Signal(int)

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart, lines: Sequence[Line], name: str):
        super().__init__(context.look, stand, key, chart)
        self.lines, self.chosen, self._name = tuple(lines), 0, name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._tell()

    def _tell(self) -> None:
        count = len(self.lines)
        line = self.lines[self.chosen] if count else None
        words = f", {self.chosen + 1} of {count}: {line.title} {line.when} {line.state} {line.detail}" if line else ""
        self.setAccessibleName(self._name + words)

    def _tops(self) -> list[tuple[float, float, list[str]]]:
        """Top, height and title lines of every item."""
        made: list[tuple[float, float, list[str]]] = []
        top = 0.0
        for line in self.lines:
            room = self.width() - 24 - width(line.state, "label", SEMIBOLD) - 12
            titles = fold(line.title, "body", max(room, 120), SEMIBOLD)
            high = len(titles) * 22 + 26
            made.append((top, high, titles))
            top += high
        return made

    def resizeEvent(self, event: QResizeEvent) -> None:
        tops = self._tops()
        self.setMinimumHeight(int(tops[-1][0] + tops[-1][1] + 2) if tops else 0)
        super().resizeEvent(event)

    def choose(self, number: int) -> None:
        if 0 <= number < len(self.lines):
            self.chosen = number
            self._tell()
            self.update()
            self.picked.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: self.chosen + 1, Qt.Key.Key_Up: self.chosen - 1, Qt.Key.Key_Home: 0,
                 Qt.Key.Key_End: len(self.lines) - 1}  # fmt: skip
        if event.key() in steps:
            self.choose(steps[Qt.Key(event.key())])
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for n, (top, high, _) in enumerate(self._tops()):
            if top <= event.position().y() < top + high:
                self.choose(n)

    def draw(self, painter: QPainter) -> None:
        theme = self.theme
        for n, ((top, high, titles), line) in enumerate(zip(self._tops(), self.lines, strict=True)):
            if n == self.chosen:
                painter.fillRect(QRectF(0, top, self.width(), high - 1), theme.color("sel"))
                paint.upright(painter, 0, top, top + high - 1, theme.ink, 5)
            for m, title in enumerate(titles):
                paint.draw_text(painter, 12, top + 20 + 22 * m, title, font("body", SEMIBOLD), theme.ink)
            made, color = font("label", SEMIBOLD if line.heavy else None), theme.ink if line.heavy else theme.ink2
            paint.draw_text(painter, self.width() - 10, top + 20, line.state, made, color, right=True)
            foot = top + high - 9
            paint.draw_text(painter, 12, foot, line.when, font("label"), theme.ink2)
            paint.draw_text(painter, self.width() - 10, foot, line.detail, font("label"), theme.ink2, right=True)
            paint.hairline(painter, 0, top + high - 1, self.width(), theme.rule)
            if n == self.chosen and self.hasFocus():
                paint.box(painter, QRectF(0, top, self.width(), high - 1), border=theme.ink, width=FOCUS, radius=0)


class Shelf(QWidget):
    """A section of two parts. `page(number)` gives the blocks of the chosen item; `said` stands where there is none."""

    def __init__(
        self,
        context: Context,
        stand: Stand,
        key: PatientKey,
        chart: Chart,
        *,
        title: str,
        age: Callable[[], Age],
        lines: Sequence[Line],
        page: Callable[[int], Sequence[Block]],
        said: Callable[[], StateWords | None],
    ) -> None:
        super().__init__()
        self._context, self._page, self._said, self._title, self._age = context, page, said, title, age
        self._count = len(lines)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 12, 0)
        row.setSpacing(24)
        if not lines:
            self.sheet = Sheet(context.look, stand, key, chart, self._arrange_state, title)
            row.addWidget(self.sheet)
            return
        self.list = PickList(context, stand, key, chart, lines, title)
        self.sheet = Sheet(context.look, stand, key, chart, self._arrange_page, f"{title}, text")
        left = QVBoxLayout()
        self.head = Sheet(context.look, stand, key, chart, self._arrange_head, f"{title}, head")
        self.head.setFixedHeight(40)
        self.head.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.head.scroller.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroller = Scroller(self.list, title)
        scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        left.addWidget(self.head)
        left.addWidget(scroller, 1)
        left.setSpacing(0)
        row.addLayout(left, 2)
        row.addWidget(self.sheet, 3)
        self.list.picked.connect(self._on_picked)
        self.setFocusProxy(self.list)

    def _on_picked(self) -> None:
        self.sheet.scroller.verticalScrollBar().setValue(0)
        self.sheet.pane.rearrange()

    def retime(self) -> None:
        self.sheet.retime()
        if self._count:
            self.head.retime()

    def _arrange_head(self, chart: Chart, room: float) -> Sequence[Placed]:
        return [Placed(4, 0, room - 8, [Head(self._title, self._age(), str(self._count))])]

    def _arrange_page(self, chart: Chart, room: float) -> Sequence[Placed]:
        return [Placed(4, 0, min(room - 8, PAGE_WIDTH), self._page(self.list.chosen))]

    def _arrange_state(self, chart: Chart, room: float) -> Sequence[Placed]:
        said = self._said()
        blocks: list[Block] = [Head(self._title, self._age())]
        return [Placed(8, 0, room - 16, [*blocks, State(said)] if said else blocks)]
