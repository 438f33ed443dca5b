"""What is at the printer: every pack of this laptop, how far it is, and what waits for a person (issue 7 item 4).

The press runs in a process of its own, also behind the curtain; here its queue is shown and told what a person knows:
that a sheet came out, or that it shall be printed again, as a reprint with a number of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.patient.blocks import fold
from desktop.patient.flightrows import HeadRow
from desktop.printing.paper import titles_and_uses
from desktop.printing.sheetrows import StepRow, grouped, whose
from desktop.shell.context import Changes, Context
from desktop.shell.flow import Flow
from desktop.shell.lists import RowList
from desktop.shell.page import FailedNote
from desktop.shell.parts import Button, Text
from localdb.chart import wording
from localdb.errors import WardlampError
from localdb.journal.press import Item, Pack
from localdb.journal.sheets import Story

NOTHING = "Nothing is waiting for a printer."
# state -> icon, words behind the sheet
_WORDS = {
    "unsure": ("unknown", "nobody knows whether it came out: look, then say so"),
    "failed": ("not safe", "did not come out"),
    "sending": ("send", "is being sent"),
    "sent": ("print", "is at the printer"),
    "queued": ("waiting", "waits its turn"),
    "making": ("waiting", "its page is being made"),
}
_SHOWN = 40  # rows of what merely waits; the rest is counted


class QueueView(QWidget):
    """`counted(places open, places that wait for a person)`: while there are others, the press shall run."""

    counted = Signal(int, int)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context, self.look = context, context.look
        self._asked = 0
        self._packs: tuple[Pack, ...] = ()
        self._stories: dict[str, Story] = {}
        self._titles: dict[str, str] = {}
        self.title = Text(self.look, "At the printer", "title")
        self.words = Text(self.look, NOTHING, "body", "ink2", wrap=True)
        self.failed = FailedNote(self.look)
        self.list = RowList(self.look, "Sheets that wait for the printer")
        self.came = Button(self.look, "It came out", icon="fresh")
        self.again = Button(self.look, "Print it again", icon="print")
        self.resume = Button(self.look, "Go on printing", "primary", icon="print")
        self.out = Button(self.look, "Take it out of the queue")
        self.all_out = Button(self.look, "Take everything out", "danger")
        self._is_sure = False
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(6)
        for part in (self.title, self.words, self.failed):
            column.addWidget(part)
        column.addWidget(self.list, 1)
        column.addLayout(Flow(self.resume, self.came, self.again, self.out, self.all_out))
        self.came.clicked.connect(self._on_came)
        self.again.clicked.connect(self._on_again)
        self.resume.clicked.connect(self._on_resume)
        self.out.clicked.connect(self._on_out)
        self.all_out.clicked.connect(self._on_all_out)
        self.list.chosen.connect(self._on_chosen)
        context.changed.connect(self._on_changed)

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:  # type: ignore[override]
        self.list.setFocus(reason)

    # -- reading -----------------------------------------------------------------------------------------------

    def enter(self) -> None:
        self._asked += 1
        self.context.extra("ledger").ask(
            self._asked, _queue, self._on_found, self._on_failed, lane="queue",
        )  # fmt: skip

    def _on_changed(self, changes: Changes) -> None:
        if changes.sheets:
            self.enter()

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        self.failed.show_error("The print queue could not be read or changed", error)

    def _on_found(self, key: Hashable, answer: tuple[tuple[Pack, ...], dict[str, Story], dict[str, str]]) -> None:
        self._packs, self._stories, self._titles = answer
        self.failed.hide()
        items = [one for p in self._packs for one in p.items]
        waits = [one for p in self._packs for one in p.waits_for_person]
        self.counted.emit(sum(one.is_open for one in items), len(waits))
        self._show_rows()

    def _show_rows(self) -> None:
        room = float(self.list.viewport().width())
        if room < 200:
            return
        rows: list[Any] = []
        for pack in reversed(self._packs):
            rows += self._rows_of(pack, room)
        self.list.show_rows(rows, keep=True)
        self.words.setText(NOTHING if not rows else "One job a sheet. Printing goes on while the screen is locked.")
        self._on_chosen(self.list.chosen_row())

    def _rows_of(self, pack: Pack, room: float) -> list[Any]:
        when = wording.date_time(pack.made, self.context.zone, year=False)
        count = f"{pack.done} of {len(pack.items)} done" + (
            f", {pack.pages_left} pages left" if pack.pages_left else ""
        )
        rows: list[Any] = [HeadRow(f"Pack {pack.id}, {when}, {pack.printer}", count)]
        if pack.halted:
            rows.append(StepRow("Stopped", tuple(fold(pack.halted, "label", room - 60)), "caution"))
        waiting = list(pack.waits_for_person)
        rows += [self._row(one, room, can_open=True) for one in waiting]
        others = [one for one in pack.items if one.is_open and one not in waiting]
        rows += [self._row(one, room, can_open=True) for one in others[:_SHOWN]]
        if len(others) > _SHOWN:
            rows.append(StepRow(f"and {len(others) - _SHOWN} more that wait their turn", (), "waiting"))
        return rows

    def _row(self, one: Item, room: float, *, can_open: bool) -> StepRow:
        icon, words = _WORDS[one.state]
        story = self._stories.get(one.serial)
        who = whose(story.identity, story.sheet.ward, blank=story.sheet.blank) if story else ""
        title = self._titles.get(one.form, f"form {one.form}")
        copy = f", copy {one.copy}" if story is not None and story.sheet.copies > 1 else ""
        again = f", reprint {one.reprint}" if one.reprint else ""
        fact = f"{title}{copy}{again}, {who}: {words}{f' ({one.reason})' if one.reason else ''}"
        return StepRow(grouped(one.serial), tuple(fold(wording.clean(fact), "label", room - 60)), icon, one, can_open)

    # -- what a person knows -----------------------------------------------------------------------------------

    def _chosen(self) -> Item | None:
        row = self.list.chosen_row()
        return row.value if isinstance(row, StepRow) and isinstance(row.value, Item) else None

    def _on_chosen(self, row: object) -> None:
        one = self._chosen()
        waits = one is not None and one.state in ("unsure", "failed")
        self.came.setEnabled(waits)
        self.again.setEnabled(waits)
        self.out.setEnabled(one is not None and one.state in ("queued", "unsure", "failed"))
        items = [i for p in self._packs for i in p.items if i.is_open]
        self.resume.setEnabled(bool(items))
        self.all_out.setEnabled(bool(items))
        if not self._is_sure:
            self.all_out.rename("Take everything out")

    def _do(self, work: Callable[[Any], Any]) -> None:
        self.context.extra("ledger").ask("do", work, self._on_done, self._on_failed)

    def _on_done(self, key: Hashable, result: Any) -> None:
        self._is_sure = False
        self.context.changed.emit(Changes(sheets=True))

    def _on_came(self) -> None:
        from desktop.printing import press

        if (one := self._chosen()) is not None:
            self._do(lambda house: press.answer_unsure(house, one.serial, True))

    def _on_again(self) -> None:
        from desktop.printing import press

        if (one := self._chosen()) is not None:
            self._do(lambda house: press.answer_unsure(house, one.serial, False))

    def _on_resume(self) -> None:
        from desktop.printing import press

        self._do(press.resume)

    def _on_out(self) -> None:
        from desktop.printing import press

        if (one := self._chosen()) is not None:
            self._do(lambda house: press.cancel(house, one.pack, one.serial))

    def _on_all_out(self) -> None:
        """Asked twice: the same button says what it will do."""
        from desktop.printing import press

        if not self._is_sure:
            self._is_sure = True
            self.all_out.rename("Really everything: sheets not printed become void")
            return
        self._do(press.cancel)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_rows()


def _queue(house: Any) -> tuple[tuple[Pack, ...], dict[str, Story], dict[str, str]]:
    """The packs with something left to do, and whose their sheets are."""
    packs: Sequence[Pack] = house.journal.packs(only_open=True)
    wanted = {one.serial for p in packs for one in p.items if one.is_open}
    stories = {s.sheet.serial: s for s in house.journal.sheet_stories() if s.sheet.serial in wanted} if wanted else {}
    return tuple(packs), stories, {code: title for code, (title, _) in titles_and_uses().items()}
