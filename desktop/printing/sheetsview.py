"""The sheet ledger: every sheet, where it is, and what a person says of it (issue 7 item 6; CLINICAL F29).

Issued = entered + scanned + void + open. A sheet's barcode that is scanned anywhere opens it here. Nothing is deleted:
a wrong tick is undone by "Came back", which is a step of its own.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.patient.sheet import Scroller
from desktop.printing.paper import titles_and_uses
from desktop.printing.sheetrows import SheetRow, grouped, sheet_row, step_rows, whose
from desktop.shell.context import Changes, Context
from desktop.shell.flow import Flow
from desktop.shell.lists import RowList
from desktop.shell.page import FailedNote
from desktop.shell.parts import Button, Field, Text
from desktop.shell.tokens import SMALL_WIDTH, TARGET
from desktop.shell.type import font
from localdb.errors import WardlampError
from localdb.journal.ledger import Superseded, superseded
from localdb.journal.sheets import CLOSED, FOLLOWS, Balance, Story, balance_of

# filter -> words on its button
FILTERS = {"open": "Open", "superseded": "Out of use", "closed": "Closed", "all": "All"}
# state -> what a person says, in the order in which it happens
STEPS = {
    "handed_over": "Handed over", "returned": "Came back", "entered": "Typed in", "scanned": "Scanned in",
    "void": "Void", "spoiled": "Spoiled", "lost": "Lost",
}  # fmt: skip


class SheetsView(QWidget):
    """`opened` counts for the place's button; `reprint_wanted(serial, pages)`."""

    counted = Signal(int)
    reprint_wanted = Signal(str, object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context, self.look = context, context.look
        self._asked, self._wanted = 0, ""
        self.stories: tuple[Story, ...] = ()
        self._old: dict[str, Superseded] = {}
        self._titles: dict[str, str] = {}
        self.filter = "open"
        self.balance = Text(self.look, "", "body", weight=600, wrap=True)
        self.failed = FailedNote(self.look)
        self.buttons = {code: Button(self.look, word) for code, word in FILTERS.items()}
        self.typed = QLineEdit()
        self.typed.setPlaceholderText("Serial, name, number, form")
        self.typed.setAccessibleName("Show only sheets with these words")
        self.typed.setFont(font("value", 500))
        self.typed.setMinimumHeight(TARGET)
        self.list = RowList(self.look, "Sheets")
        self.none = Text(self.look, "", "body", "ink2", wrap=True)
        self.title, self.of = Text(self.look, "", "title", wrap=True), Text(self.look, "", "body", "ink2", wrap=True)
        self.steps = RowList(self.look, "What happened to the sheet")
        self.remark = Field(self.look, "To whom, or why")
        self.back_button = Button(self.look, "All sheets", icon="back")
        self.again = Button(self.look, "Print again", icon="print")
        self.page = Field(self.look, "Pages, for example 2 (empty = all)")
        self.moves = {state: Button(self.look, word) for state, word in STEPS.items()}
        self._lay_out()
        for code, button in self.buttons.items():
            button.setProperty("filter", code)
            button.clicked.connect(self._on_filter)
        for state, button in self.moves.items():
            button.setProperty("state", state)
            button.clicked.connect(self._on_move)
        self.typed.textChanged.connect(self._show_rows)
        self.typed.returnPressed.connect(self._on_entered)
        self.list.opened.connect(self._on_opened)
        self.list.chosen.connect(self._on_chosen)
        self.again.clicked.connect(self._on_again)
        self.back_button.clicked.connect(self.back)
        context.changed.connect(self._on_changed)

    def _lay_out(self) -> None:
        self._left, self._right = QWidget(), QWidget()
        left, right = QVBoxLayout(self._left), QVBoxLayout(self._right)
        for column in (left, right):
            column.setContentsMargins(16, 8, 16, 8)
            column.setSpacing(6)
        left.addWidget(self.balance)
        left.addWidget(self.failed)
        left.addWidget(self.typed)
        left.addLayout(Flow(*self.buttons.values()))
        left.addWidget(self.none)
        left.addWidget(self.list, 1)
        # On a low screen the sheet scrolls as a whole: no field or button may be cut.
        inner = QWidget()
        told = QVBoxLayout(inner)
        told.setContentsMargins(0, 0, 8, 0)
        told.setSpacing(6)
        for part in (self.title, self.of, self.remark):
            told.addWidget(part)
        told.addLayout(Flow(*self.moves.values()))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.page, 1)
        row.addWidget(self.again, 0, Qt.AlignmentFlag.AlignBottom)
        told.addLayout(row)
        told.addWidget(self.steps)
        told.addStretch(1)
        self.scroller = Scroller(inner, "The sheet").ring(self.look)
        right.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignLeft)
        right.addWidget(self.scroller, 1)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self._left, 11)
        across.addWidget(self._right, 9)
        self._chosen: SheetRow | None = None
        self._is_open = False
        self._fit()

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:  # type: ignore[override]
        self.typed.setFocus(reason)

    # -- reading -----------------------------------------------------------------------------------------------

    def enter(self) -> None:
        self._asked += 1
        self.context.extra("ledger").ask(
            self._asked, lambda house: (_ledger(house), {c: t for c, (t, _) in titles_and_uses().items()}),
            self._on_found, self._on_failed,
        )  # fmt: skip

    def show_sheet(self, serial: str) -> None:
        """Bring one sheet to the front, whatever the filter."""
        self._wanted, self.filter = serial, "all"
        self.typed.blockSignals(True)
        self.typed.clear()
        self.typed.blockSignals(False)
        self.enter()

    def _on_changed(self, changes: Changes) -> None:
        if (changes.sheets or changes.copy) and self.isVisible():
            self.enter()

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        self.failed.show_error("The ledger could not be read or written", error)

    def _on_found(
        self, key: Hashable, answer: tuple[tuple[tuple[Story, ...], dict[str, Superseded]], dict[str, str]]
    ) -> None:  # fmt: skip
        if key != self._asked:
            return
        (self.stories, self._old), self._titles = answer
        self.failed.hide()
        found = balance_of([s.sheet for s in self.stories])
        self.balance.setText(balance_words(found, len(self._old)))
        self.counted.emit(len(found.open))
        self._show_rows()

    # -- the list ----------------------------------------------------------------------------------------------

    def _kept(self) -> list[Story]:
        rule = {
            "open": lambda s: s.sheet.state not in CLOSED,
            "closed": lambda s: s.sheet.state in CLOSED,
            "superseded": lambda s: s.sheet.serial in self._old,
            "all": lambda s: True,
        }[self.filter]
        return sorted(
            (s for s in self.stories if rule(s)), key=lambda s: (-s.sheet.issued, s.sheet.device, -s.sheet.number)
        )

    def _show_rows(self) -> None:
        room, zone, now = float(self.list.viewport().width()), self.context.zone, self.context.now()
        if room < 200:  # a width that is passed on the way to the real one
            return
        for code, button in self.buttons.items():
            button.use_kind("chosen" if code == self.filter else "normal")
        words = self.typed.text().casefold().split()
        rows = [
            sheet_row(s, self._titles.get(s.sheet.form, f"Form {s.sheet.form}"), zone, room,
                      self._old.get(s.sheet.serial), now=now)
            for s in self._kept()
        ]  # fmt: skip
        kept = [r for r in rows if all(w in f"{r.text} {r.story.sheet.serial}".casefold() for w in words)]
        self.list.show_rows(kept, keep=True)
        self.none.setText(f"No sheet here has these words. Sheets without them: {len(rows)}." if words else "No sheet.")
        self.none.setVisible(not kept)
        self._choose_wanted(kept)
        self._on_chosen(self.list.chosen_row())

    def _choose_wanted(self, rows: list[SheetRow]) -> None:
        if not self._wanted:
            return
        at = next((n for n, r in enumerate(rows) if r.story.sheet.serial == self._wanted), -1)
        self._wanted = ""
        if at >= 0:
            self.list.setCurrentIndex(self.list.held.index(at))
            self._on_opened(rows[at])
        else:
            self.none.setText("No laptop here issued that sheet.")
            self.none.show()

    def _on_filter(self) -> None:
        self.filter = str(self.sender().property("filter"))
        self._show_rows()

    def _on_entered(self) -> None:
        self.list.setFocus()

    # -- one sheet ---------------------------------------------------------------------------------------------

    def _on_opened(self, row: SheetRow) -> None:
        self._is_open = True
        self._fit()
        self._on_chosen(row)
        self.remark.setFocus()

    def _on_chosen(self, row: Any) -> None:
        self._chosen = row if isinstance(row, SheetRow) else None
        if self._chosen is None:
            self.title.setText("")
            self.of.setText("")
            self.steps.show_rows([])
        else:
            story = self._chosen.story
            one = story.sheet
            self.title.setText(f"{grouped(one.serial)}")
            title = self._titles.get(one.form, f"Form {one.form}")
            self.of.setText(
                f"{title}. {whose(story.identity, one.ward, blank=one.blank)}. {self._chosen.warn}".rstrip()
            )
            self.steps.show_rows(step_rows(story, self.context.zone, float(max(200, self.steps.viewport().width()))))
            self.steps.setFixedHeight(self.steps.content_height() + 4)
        self._offer()

    def _offer(self) -> None:
        may = FOLLOWS[self._chosen.story.sheet.state] if self._chosen is not None else frozenset()
        for state, button in self.moves.items():
            button.setEnabled(state in may)
        self.again.setEnabled("reprinted" in may)
        for part in (self.remark, self.page):
            part.setEnabled(bool(may))

    def _on_move(self) -> None:
        if self._chosen is None:
            return
        serial, state = self._chosen.story.sheet.serial, str(self.sender().property("state"))
        words = self.remark.text().strip()
        to, remark = (words, "") if state == "handed_over" else ("", words)
        self.context.writer.ask(
            ("sheet", serial), lambda house: house.sheet_state(serial, state, remark, to), self._on_moved,
            self._on_failed,
        )  # fmt: skip

    def _on_moved(self, key: Hashable, sheet: Any) -> None:
        self.remark.set_text("")
        self._wanted = sheet.serial
        self.filter = "all" if sheet.state in CLOSED and self.filter == "open" and self._is_open else self.filter
        self.context.say(f"Sheet {grouped(sheet.serial)}: {STEPS.get(sheet.state, sheet.state).casefold()}.", "done")
        self.context.changed.emit(Changes(sheets=True))
        if not self.isVisible():
            self.enter()

    def _on_again(self) -> None:
        if self._chosen is None:
            return
        one = self._chosen.story.sheet
        pages = page_numbers(self.page.text(), one.pages)
        if pages is None:
            self.context.say(f"Pages are figures from 1 to {one.pages}, for example 2 or 1, 3.", "caution")
            self.page.setFocus()
            return
        self.reprint_wanted.emit(one.serial, pages)

    def back(self) -> bool:
        """Esc: leave the sheet, then the words typed."""
        if self._is_open and not self._is_wide():
            self._is_open = False
            self._fit()
            self.list.setFocus()
            return True
        if self.typed.text():
            self.typed.clear()
            return True
        return False

    # -- room --------------------------------------------------------------------------------------------------

    def _is_wide(self) -> bool:
        return self.window().width() >= SMALL_WIDTH or self.width() > 900

    def _fit(self) -> None:
        wide = self._is_wide()
        self._left.setVisible(wide or not self._is_open)
        self._right.setVisible(wide or self._is_open)
        self.back_button.setVisible(not wide)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        if self.stories:
            self._show_rows()


def _ledger(house: Any) -> tuple[tuple[Story, ...], dict[str, Superseded]]:
    """The whole ledger, and what of it is out of use."""
    stories: tuple[Story, ...] = house.journal.sheet_stories()
    from desktop.printing.issuing import copy_cut

    return stories, superseded([s.sheet for s in stories], copy_cut(house.reading().sources()))


def balance_words(found: Balance, old: int) -> str:
    """`142 issued = 3 typed in + 10 scanned + 2 void + 127 open.`"""
    words = (
        f"{found.issued} issued = {found.entered} typed in + {found.scanned} scanned in + {found.void} void "
        f"+ {len(found.open)} open."
    )
    if found.missing:
        words += f" {len(found.missing)} numbers are missing: bring in the journal of that laptop."
    return words + (f" {old} to take out of use." if old else "")


def page_numbers(text: str, most: int) -> tuple[int, ...] | None:
    """`1, 3` as numbers; () = all; None where it is none, or no page of the sheet."""
    parts = text.replace(",", " ").split()
    if not all(p.isdecimal() and 1 <= int(p) <= most for p in parts):
        return None
    return tuple(dict.fromkeys(int(p) for p in parts))
