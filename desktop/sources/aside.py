"""What was set aside, in the window: the list, why, what to do, the message itself on demand, reading it all again.

A message that was set aside holds patient data: it is shown on the screen only when asked for, and is gone with the
next choice, with leaving the place and with the lock.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.help.content import error_table
from desktop.patient.blocks import Block, Boxed, Cell, Gap, Head, Mono, Para, TableRow
from desktop.patient.words import Age
from desktop.shell import paint
from desktop.shell.context import Changes, Context
from desktop.shell.lists import RowList
from desktop.shell.page import FailedNote
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import SMALL_WIDTH, Theme
from desktop.shell.type import MEDIUM, SEMIBOLD, font
from desktop.sources.asking import AsideFound, AsideItem, Retried, aside_found, counts_by_source, message_text, retried
from desktop.sources.pane import BlockPane, scrolled, shortened
from localdb.chart.struck import moment_text
from localdb.errors import WardlampError
from localdb.records.moments import read_moment

NO_INTAKE = (
    "This laptop reads no sources",
    "It pulls the ward\u2019s copy. The machine that reads the hospital\u2019s systems keeps what was set aside.",
)
NOTHING = ("Nothing is set aside", "Every message and file that came so far has its place, or is known and not kept.")


@cache
def _table() -> dict[str, dict[str, str]]:
    return error_table()


def code_words(code: str) -> tuple[str, str]:
    """The message and the next step of a code; a code that the table lacks stands for itself."""
    said = _table().get(code, {})
    return said.get("message", "") or code, said.get("next_step", "") or "Tell IT the code and the number."


@dataclass(frozen=True, slots=True)
class AsideRow:
    """One unit that was set aside."""

    item: AsideItem
    words: str
    where: str
    seen: str
    can_open: bool = True

    @property
    def height(self) -> int:
        return 62

    @property
    def text(self) -> str:
        times = f", {self.item.times} times" if self.item.times > 1 else ""
        return f"{self.words}, {self.where}, last seen {self.seen}{times}"

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        left, right = area.left() + 16, area.right() - 12
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        many = f"{self.item.times} times" if self.item.times > 1 else ""
        used = paint.draw_text(painter, right, area.top() + 25, many, font("label", SEMIBOLD), theme.ink, right=True)
        words = shortened(self.words, "body", right - left - used - 12, MEDIUM)
        paint.draw_text(painter, left, area.top() + 25, words, font("body", MEDIUM), theme.ink)
        room = paint.draw_text(painter, right, area.top() + 48, self.seen, font("label"), theme.ink2, right=True)
        where = shortened(self.where, "label", right - left - room - 12)
        paint.draw_text(painter, left, area.top() + 48, where, font("label"), theme.ink2)


class AsidePane(QWidget):
    """`counted(total)` when the list was read; `place_wanted` never: it stands in the sources place."""

    counted = Signal(int)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context, self.look = context, context.look
        self.titles: Mapping[str, str] = {}
        self.found = AsideFound(has_intake=True)
        self._question, self._message = 0, ""
        self.setAccessibleName("Set aside")
        self.failed = FailedNote(self.look)
        self.words = Text(self.look, "Reading the list \u2026", "label", "ink2", wrap=True)
        self.list = RowList(self.look, "What was set aside")
        self.pane = BlockPane(self.look, "Set aside, details")
        self.scroller = scrolled(self.pane)
        self.show_it = Button(self.look, "Show the message")
        self.retry = Button(self.look, "Read all of it again", icon="undo")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.show_it)
        buttons.addWidget(self.retry)
        buttons.addStretch(1)
        side = QVBoxLayout()
        side.setSpacing(6)
        side.addWidget(self.scroller, 1)
        side.addLayout(buttons)
        across = QHBoxLayout()
        across.setSpacing(20)
        across.addWidget(self.list)
        across.addLayout(side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.failed)
        column.addWidget(self.words)
        column.addLayout(across, 1)
        self.list.chosen.connect(self._on_chosen)
        self.list.opened.connect(self._on_opened)
        self.show_it.clicked.connect(self._on_show)
        self.retry.clicked.connect(self._on_retry)
        context.locking.connect(self.forget_message)
        self.setFocusProxy(self.list)
        self._show_chosen()

    @property
    def bench(self):  # type: ignore[no-untyped-def]
        return self.context.extra("aside")

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.list.setFixedWidth(430 if self.window().width() >= SMALL_WIDTH else 360)
        super().resizeEvent(event)

    def enter(self) -> None:
        """Read the list anew."""
        self._question += 1
        self.bench.ask(("list", self._question), aside_found, self._on_found, self._on_failed)

    def forget_message(self) -> None:
        """What was shown of a message is gone from the screen and from memory."""
        if self._message:
            self._message = ""
            self._show_chosen()

    # -- answers --------------------------------------------------------------------------------------------------

    def _on_found(self, key: Hashable, found: AsideFound) -> None:
        if key != ("list", self._question):
            return
        self.failed.hide()
        self.found = found
        now, zone = self.context.now(), self.context.zone
        rows = []
        for item in found.items:
            where = ", ".join(x for x in (self.titles.get(item.source, item.source), item.type) if x)
            rows.append(AsideRow(item, code_words(item.code)[0], where, _seen(item.last_seen, now, zone)))
        self.list.show_rows(rows, keep=True)
        self.words.setText(self._count_words())
        self.list.setVisible(bool(rows))
        self._show_chosen()
        self.counted.emit(found.total if found.has_intake else 0)

    def _count_words(self) -> str:
        if not self.found.has_intake or not self.found.items:
            return ""
        by = counts_by_source(self.found.items)
        each = ", ".join(f"{self.titles.get(s, s)} {n}" for s, n in by.items())
        shown = f", the newest {len(self.found.items)} shown" if self.found.total > len(self.found.items) else ""
        return (
            f"{self.found.total} set aside{shown}: {each}. Each keeps its bytes here, encrypted, until it has a place."
        )

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        self._busy(False)
        if key == "retry":
            self.failed.show_error("Not read again", error)
        elif key == ("list", self._question) or isinstance(key, int):
            self.failed.show_error("What was set aside could not be read", error)
            self.words.setText("")

    # -- the chosen one -------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> AsideItem | None:
        row = self.list.chosen_row()
        return row.item if isinstance(row, AsideRow) else None

    def _on_chosen(self, row: object) -> None:
        self._message = ""
        self._show_chosen()

    def _on_opened(self, row: object) -> None:
        self.show_it.setFocus()

    def _show_chosen(self) -> None:
        item = self.chosen if self.found.items else None
        self.show_it.setEnabled(item is not None)
        self.retry.setEnabled(bool(self.found.items))
        self.show_it.setVisible(item is not None)
        self.retry.setVisible(item is not None)
        self.show_it.rename("Hide the message" if self._message else "Show the message")
        if item is None:
            title, text = NO_INTAKE if not self.found.has_intake else NOTHING
            self.pane.show_blocks([Gap(8), Para(title, "ident", weight=SEMIBOLD), Para(text, "body", "ink2")])
            return
        self.pane.show_blocks(self._blocks(item))

    def _blocks(self, item: AsideItem) -> list[Block]:
        said, step = code_words(item.code)
        now, zone = self.context.now(), self.context.zone
        facts = [
            ("Code", item.code),
            ("From", self.titles.get(item.source, item.source)),
            ("Kind", item.type or "not known"),
            ("In", f"{item.file or 'a message'}, number {item.index + 1}"),
            ("First seen", _seen(item.first_seen, now, zone)),
            ("Last seen", f"{_seen(item.last_seen, now, zone)}{f', {item.times} times' if item.times > 1 else ''}"),
            ("Number", f"{item.number}, fingerprint {item.sha256[:12]}"),
        ]
        blocks: list[Block] = [Head(said, Age("", "fresh")), Gap(4)]
        if item.reason and item.reason != said:
            blocks.append(Para(item.reason, "body"))
        blocks += [Boxed([("What to do", True), (step, False)], "warn", "caution"), Gap(6)]
        for label, value in facts:
            cells = [[Cell(label, "label", "ink2")], [Cell(value, "label", weight=MEDIUM)]]
            blocks.append(TableRow(cells, (0, 0.18), pad=3))
        if self._message:
            blocks += [Gap(10), Head("The message as it came", Age("", "fresh")), Gap(4), Mono(self._message)]
        return blocks

    def _on_show(self) -> None:
        item = self.chosen
        if item is None:
            return
        if self._message:
            self.forget_message()
            return
        number = item.number
        self.bench.ask(number, lambda house: message_text(house, number), self._on_message, self._on_failed)

    def _on_message(self, key: Hashable, text: str) -> None:
        item = self.chosen
        if item is not None and key == item.number:
            self._message = text or "Its bytes are no longer kept."
            self._show_chosen()
            self.scroller.setFocus()

    # -- reading again --------------------------------------------------------------------------------------------

    def _on_retry(self) -> None:
        self._busy(True)
        self.context.say("Reading again what was set aside. You may go on working.", "printing")
        self.bench.ask("retry", retried, self._on_retried, self._on_failed)

    def _on_retried(self, key: Hashable, done: Retried) -> None:
        self._busy(False)
        mark = "done" if not done.still else "caution"
        self.context.say(f"{done.read} read again: {done.taken} taken, {done.still} still set aside.", mark)
        if done.taken:
            self.context.changed.emit(Changes(copy=True))
        self.enter()

    def _busy(self, busy: bool) -> None:
        self.retry.setEnabled(not busy and bool(self.found.items))


def _seen(text: str, now, zone: str) -> str:  # type: ignore[no-untyped-def]
    return (moment_text(read_moment(text), now, zone) if text else "") or "time not known"
