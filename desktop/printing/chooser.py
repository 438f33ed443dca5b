"""Which printer: every printer of the print service with its state in words; the choice is remembered on this laptop."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.printing.cups import Printer, printers
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.icons import draw_icon
from desktop.shell.lists import RowList
from desktop.shell.parts import Text
from desktop.shell.tokens import TARGET, Theme
from desktop.shell.type import MEDIUM, SEMIBOLD, font, metrics
from localdb.errors import WardlampError

KEY = "printer"  # among the local drafts: of this laptop, for whoever is in
_ROWS = 3  # rows in view; more are reached by the arrows


@dataclass(frozen=True, slots=True)
class PrinterRow:
    """One printer. `words` its state."""

    name: str
    words: str
    ready: bool
    is_in_use: bool
    can_open: bool = True

    @property
    def height(self) -> int:
        return TARGET

    @property
    def text(self) -> str:
        return ", ".join(x for x in (self.name, self.words, "in use" if self.is_in_use else "") if x)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        baseline = area.top() + 28
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        if self.is_in_use:
            draw_icon(painter, "fresh", area.left() + 12, area.top() + 12, 20, theme.ink)
        room = paint.chip_width(self.words) if not self.ready else metrics("label").horizontalAdvance(self.words)
        name = paint.draw_text(painter, area.left() + 46, baseline, self.name,
                               font("body", SEMIBOLD if self.is_in_use else MEDIUM), theme.ink)  # fmt: skip
        left = max(area.left() + 46 + name + 12, area.right() - 12 - room)
        if self.ready:
            paint.draw_text(painter, left, baseline, self.words, font("label"), theme.ink2)
        else:
            paint.draw_chip(painter, left, area.top() + 10, self.words, theme, kind="warn")


def state_words(printer: Printer) -> str:
    """`ready`, `ready, usual one`, else why not, as the print service says it."""
    if not printer.ready:
        return printer.note or "stopped"
    return "ready, the usual one" if printer.is_default else "ready"


def in_use(found: Sequence[Printer], remembered: str) -> str:
    """The remembered one while it is there, even stopped (a person sees that and chooses); else the first ready."""
    names = [p.name for p in found]
    if remembered in names:
        return remembered
    return next((p.name for p in found if p.ready), names[0] if names else "")


class PrinterChooser(QWidget):
    """`name` = the printer in use, "" where there is none; `ready` whether it takes sheets now. Enter or a press
    chooses."""

    changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.found: tuple[Printer, ...] = ()
        self.name, self._remembered = "", ""
        self.words = Text(context.look, "Looking for printers \u2026", "body", wrap=True)
        self.list = RowList(context.look, "Printers")
        self.list.opened.connect(self._on_opened)
        self.list.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.words)
        column.addWidget(self.list)

    @property
    def ready(self) -> bool:
        return any(p.name == self.name and p.ready for p in self.found)

    def look(self) -> None:
        """Ask the print service anew, beside the window's thread."""
        self._context.writer.ask(KEY, lambda house: house.draft(KEY) or {}, self._on_remembered, self._on_none_kept)

    def _on_remembered(self, key: Hashable, body: dict[str, Any]) -> None:
        self._remembered = str(body.get("name", ""))
        self._context.machine.ask(KEY, lambda _: printers(), self.show_printers, self._on_none_kept, lane="printers")

    def _on_none_kept(self, key: Hashable, error: WardlampError) -> None:
        self.words.setText(f"{error.code}. {error.message} Keep a file instead.")

    def show_printers(self, key: Hashable, found: Sequence[Printer]) -> None:
        self.found = tuple(found)
        self.name = in_use(self.found, self._remembered)
        if not found:
            self.words.setText("No printer is set up here. Keep a file instead.")
        else:
            shown = next(p for p in self.found if p.name == self.name)
            gone = f" {self._remembered}, chosen before, is not there." if self._is_gone() else ""
            self.words.setText(f"Printer: {self.name}, {state_words(shown)}.{gone}")
        rows = [PrinterRow(p.name, state_words(p), p.ready, p.name == self.name) for p in self.found]
        self.list.show_rows(rows, keep=True)
        self.list.setVisible(len(rows) > 1)
        self.list.setFixedHeight(min(_ROWS, max(1, len(rows))) * TARGET + 2)
        self.changed.emit()

    def _is_gone(self) -> bool:
        return bool(self._remembered) and self._remembered not in {p.name for p in self.found}

    def _on_opened(self, row: PrinterRow) -> None:
        name = self._remembered = row.name
        self._context.writer.ask(KEY, lambda house: house.save_draft(KEY, {"name": name}), None, self._on_none_kept)
        self.show_printers(KEY, self.found)
