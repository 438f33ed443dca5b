"""A list at the left, what is chosen at the right: reports and letters (look/07)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.patient.blocks import Block, Boxed, Gap, Head, State, fold
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.patient.sheet import Placed, Scroller, Sheet
from desktop.patient.words import Age, StateWords
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.parts import Button
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import FOCUS
from desktop.shell.type import SEMIBOLD, font, width
from localdb.chart.documents import RESTRICTED
from localdb.chart.views import Chart

LIST_WIDTH = 380  # so that a page beside it has room for the 78 characters of a typed letter
PAGE_WIDTH = 760
HEAD = 32
_ANY_WIDTH = 16_777_215  # Qt's own bound


class Line(NamedTuple):
    """One item: title and time at the left, state at the right, `heavy` where the state must be seen; `more` facts
    below, each on its own line; `head` opens a group above the item."""

    title: str
    when: str
    state: str = ""
    detail: str = ""
    heavy: bool = False
    more: tuple[str, ...] = ()
    head: str = ""


class _Set(NamedTuple):
    """An item as it is set at one width: top, height (both without its head) and its lines."""

    top: float
    high: float
    titles: list[str]
    more: list[str]
    is_beside: bool  # the detail stands on the line of the time


class PickList(KeyedWidget):
    """The items, one chosen; arrows move, `picked` carries its number."""

    picked = Signal(int)

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart, lines: Sequence[Line], name: str):
        super().__init__(context.look, stand, key, chart)
        self.lines, self.chosen, self._name = tuple(lines), 0, name
        self._laid: tuple[int, list[_Set]] = (-1, [])
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._tell()

    def show_lines(self, lines: Sequence[Line], chosen: int = 0) -> None:
        """Other items in place of these; `picked` is not emitted."""
        self.lines, self.chosen = tuple(lines), min(chosen, max(len(lines) - 1, 0))
        self._laid = (-1, [])
        self._tell()
        self._fit()
        self.update()

    def _tell(self) -> None:
        count = len(self.lines)
        line = self.lines[self.chosen] if count else None
        said = "" if line is None else " ".join((line.title, line.when, line.state, line.detail, *line.more))
        self.setAccessibleName(long_dates(self._name + (f", {self.chosen + 1} of {count}: {said}" if line else "")))

    def _sets(self) -> list[_Set]:
        """Every item at the present width; kept until the width or the items change."""
        if self._laid[0] != self.width():
            self._laid = (self.width(), self._set())
        return self._laid[1]

    def _set(self) -> list[_Set]:
        made: list[_Set] = []
        top = 0.0
        for line in self.lines:
            top += HEAD if line.head else 0
            room = self.width() - 24 - width(line.state, "label", SEMIBOLD) - 12
            titles = fold(line.title, "body", max(room, 120), SEMIBOLD)
            is_beside = width(line.when, "label") + width(line.detail, "label") + 16 <= self.width() - 24
            extra = (line.detail, *line.more) if not is_beside else line.more
            more = [x for text in extra if text for x in fold(text, "label", self.width() - 24)]
            high = len(titles) * 22 + 26 + len(more) * 21
            made.append(_Set(top, high, titles, more, is_beside))
            top += high
        return made

    def _fit(self) -> None:
        sets = self._sets()
        self.setMinimumHeight(int(sets[-1].top + sets[-1].high + 2) if sets else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
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
        for n, one in enumerate(self._sets()):
            if one.top <= event.position().y() < one.top + one.high:
                self.choose(n)

    def area_of(self, number: int) -> QRectF:
        """Where an item stands, its group's head included."""
        one = self._sets()[number]
        head = HEAD if self.lines[number].head else 0
        return QRectF(0, one.top - head, self.width(), one.high + head)

    def draw(self, painter: QPainter) -> None:
        clip = painter.clipBoundingRect() if painter.hasClipping() else QRectF(self.visibleRegion().boundingRect())
        for n, (one, line) in enumerate(zip(self._sets(), self.lines, strict=True)):
            if one.top + one.high < clip.top() or one.top - HEAD > clip.bottom():
                continue
            if line.head:
                paint.draw_text(painter, 12, one.top - 10, line.head, font("label", SEMIBOLD), self.theme.ink2)
                paint.hairline(painter, 0, one.top - 1, self.width(), self.theme.rule2)
            self._draw_item(painter, n, one, line)

    def _draw_item(self, painter: QPainter, n: int, one: _Set, line: Line) -> None:
        theme, top, high = self.theme, one.top, one.high
        if n == self.chosen:
            painter.fillRect(QRectF(0, top, self.width(), high - 1), theme.color("sel"))
            paint.upright(painter, 0, top, top + high - 1, theme.ink, 5)
        baseline = top + 20
        made, color = font("label", SEMIBOLD if line.heavy else None), theme.ink if line.heavy else theme.ink2
        paint.draw_text(painter, self.width() - 10, baseline, line.state, made, color, right=True)
        for title in one.titles:
            paint.draw_text(painter, 12, baseline, title, font("body", SEMIBOLD), theme.ink)
            baseline += 22
        baseline -= 1
        paint.draw_text(painter, 12, baseline, line.when, font("label"), theme.ink2)
        if one.is_beside:
            paint.draw_text(painter, self.width() - 10, baseline, line.detail, font("label"), theme.ink2, right=True)
        for text in one.more:
            baseline += 21
            paint.draw_text(painter, 12, baseline, text, font("label"), theme.ink2)
        paint.hairline(painter, 0, top + high - 1, self.width(), theme.rule)
        if n == self.chosen and self.hasFocus():
            paint.box(painter, QRectF(0, top, self.width(), high - 1), border=theme.ink, width=FOCUS, radius=0)


class Shelf(QWidget):
    """A section of two parts. `page(number)` gives the blocks of the chosen item; `said` stands where there is none.

    What a filter leaves is shown with `refill`. `secret(number)` is the id of an item that the source restricted, else
    "": its page stays covered until somebody asks for it (CLINICAL §1.5).
    """

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
        secret: Callable[[int], str] = lambda number: "",
    ) -> None:
        super().__init__()
        self._secret, self.revealed = secret, set[str]()
        self._context, self._page, self._said, self._title, self._age = context, page, said, title, age
        self._count = len(lines)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 12, 0)
        row.setSpacing(24)
        if not lines:
            self.sheet = Sheet(context.look, stand, key, chart, self._arrange_state, title)
            row.addWidget(self.sheet)
            self.setFocusProxy(self.sheet)
            return
        self.list = PickList(context, stand, key, chart, lines, title)
        self.sheet = Sheet(context.look, stand, key, chart, self._arrange_page, f"{title}, text")
        self.side = QWidget()
        left = QVBoxLayout(self.side)
        left.setContentsMargins(0, 0, 0, 0)
        self.head = Sheet(context.look, stand, key, chart, self._arrange_head, f"{title}, head")
        self.head.setFixedHeight(40)
        self.head.scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.head.scroller.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroller = Scroller(self.list, title)
        self._scroller.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroller.verticalScrollBar().rangeChanged.connect(self._show_chosen)  # the list became lower, or its rows
        left.addWidget(self.head)
        left.addWidget(self._scroller, 1)
        left.setSpacing(0)
        self.side.setMaximumWidth(LIST_WIDTH)
        row.addWidget(self.side, 2)
        right = QVBoxLayout()
        right.setSpacing(0)
        self.reveal = Button(context.look, "Show this restricted record", "normal")
        self.reveal.clicked.connect(self._on_reveal)
        right.addWidget(self.reveal, 0, Qt.AlignmentFlag.AlignLeft)
        right.addWidget(self.sheet, 1)
        row.addLayout(right, 3)
        self._offer()
        self.list.picked.connect(self._on_picked)
        self.setFocusProxy(self.list)

    def stand_upright(self, on: bool) -> None:
        """The list over the page, where pictures stand beside both (look/07); or the list beside the page."""
        if not self._count:
            return
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if on else QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(8 if on else 24)
        self.side.setMaximumWidth(_ANY_WIDTH if on else LIST_WIDTH)

    def refill(self, lines: Sequence[Line], chosen: int = 0) -> None:
        """Other items in the list (filtered); the page follows the chosen one."""
        self.list.show_lines(lines, chosen)
        self.head.pane.rearrange()
        self._on_picked()

    def is_covered(self) -> bool:
        """Whether the chosen item is restricted and nobody asked for its content yet."""
        found = self._secret(self.list.chosen) if self.list.lines else ""
        return bool(found) and found not in self.revealed

    def _offer(self) -> None:
        self.reveal.setVisible(self.is_covered())

    def _on_reveal(self) -> None:
        self.revealed.add(self._secret(self.list.chosen))
        self._on_picked()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_picked(self) -> None:
        self._offer()
        self.sheet.scroller.verticalScrollBar().setValue(0)
        self.sheet.pane.rearrange()
        self._show_chosen()

    def _show_chosen(self) -> None:
        if self.list.lines:
            area = self.list.area_of(self.list.chosen)
            middle, half = round(area.center().y()), round(area.height() / 2)
            self._scroller.ensureVisible(0, middle, 0, half)

    def retime(self) -> None:
        self.sheet.retime()
        if self._count:
            self.head.retime()

    def _arrange_head(self, chart: Chart, room: float) -> Sequence[Placed]:
        shown = len(self.list.lines)
        count = str(self._count) if shown == self._count else f"{shown} of {self._count} shown"
        return [Placed(4, 0, room - 8, [Head(self._title, self._age(), count)])]

    def _arrange_page(self, chart: Chart, room: float) -> Sequence[Placed]:
        if self.list.lines and self.is_covered():
            return [Placed(4, 0, min(room - 8, PAGE_WIDTH), covered())]
        return [Placed(4, 0, min(room - 8, PAGE_WIDTH), self._page(self.list.chosen) if self.list.lines else [])]

    def _arrange_state(self, chart: Chart, room: float) -> Sequence[Placed]:
        said = self._said()
        blocks: list[Block] = [Head(self._title, self._age())]
        return [Placed(8, 0, room - 16, [*blocks, State(said)] if said else blocks)]


def covered() -> list[Block]:
    """What stands in place of a restricted record until it is asked for."""
    lines = [(RESTRICTED, True), ("The source marked it restricted. See that nobody reads along, then show it.", False)]
    return [Gap(8), Boxed(lines, "plain", None)]
