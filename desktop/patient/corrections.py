"""What the laboratory took back or changed: a notice under the banner until it is acknowledged (CLINICAL §3.1, LOOK §6).

Rules: it stands on every section of that patient; the value that no longer holds is struck, a withdrawn one is not
named; "Seen" holds for the person who pressed it and until the program ends, and changes nothing in the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from desktop.patient.blocks import fold
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.patient.words import short, struck_text
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.icons import draw_icon
from desktop.shell.parts import Button
from desktop.shell.type import SEMIBOLD, font
from localdb.chart.cells import WITHDRAWN, Cell, cells_of
from localdb.chart.views import Chart
from localdb.records.moments import micros
from localdb.records.vocabulary import Result

RECENT = timedelta(days=7)
_SEEN: WeakKeyDictionary[Context, set[tuple[str, str, str]]] = WeakKeyDictionary()


def corrections(chart: Chart, now: datetime) -> tuple[Cell, ...]:
    """Results that were corrected, changed after release or withdrawn in the last seven days, newest first."""
    since = micros(now - RECENT)
    found = [
        cell
        for record in chart.lists["results"].items
        if isinstance(record, Result) and (record.replaces or record.status != "final")
        for cell in cells_of(record)
        if (cell.struck or cell.state == WITHDRAWN)
        and cell.marked_at is not None
        and cell.marked_at.utc is not None
        and cell.marked_at.utc >= since
    ]
    return tuple(sorted(found, key=lambda c: -(c.marked_at.utc or 0) if c.marked_at else 0))


class CorrectionStrip(KeyedWidget):
    """The notice. Hidden where there is nothing that this person has not seen."""

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart, parent: QWidget) -> None:
        super().__init__(context.look, stand, key, chart, parent)
        self._context = context
        seen = _SEEN.setdefault(context, set())
        self.cells: Sequence[Cell] = [c for c in corrections(chart, context.now()) if self._mark(c) not in seen]
        self.button = Button(context.look, "Seen", "normal", name="Seen: I have read what the laboratory corrected")
        self.button.setParent(self)
        self.button.clicked.connect(self._on_seen)
        self.setAccessibleName("Corrected by the laboratory: " + "; ".join(a + b for a, b, _ in self._texts()))
        self.setHidden(not self.cells)

    def _mark(self, cell: Cell) -> tuple[str, str, str]:
        said = cell.marked_at.text if cell.marked_at is not None else ""
        return self._context.house.staff, cell.record, said

    def _on_seen(self) -> None:
        _SEEN.setdefault(self._context, set()).update(self._mark(c) for c in self.cells)
        self.hide()

    def _texts(self) -> list[tuple[str, str, str]]:
        """(what stands, how it is called, what is struck) of each."""
        now = self._context.now()
        made = []
        for cell in self.cells:
            when = short(cell.marked_at, now)
            if cell.state == WITHDRAWN:
                made.append((cell.name, f" withdrawn {when}: {cell.reason}", ""))
            else:
                value = f"{cell.name} {cell.text} {cell.unit} {cell.flag}".strip()
                made.append((value, f", {cell.mark} {when}, was", struck_text(cell)))
        return made

    def resizeEvent(self, event: QResizeEvent) -> None:
        lines = sum(len(self._lines(t)) for t in self._texts())
        self.setFixedHeight(max(44, 14 + 21 * lines))
        self.button.setGeometry(self.width() - 96, (self.height() - 44) // 2, 88, 44)
        super().resizeEvent(event)

    def _lines(self, text: tuple[str, str, str]) -> list[str]:
        return fold(f"{text[0]}{text[1]} {text[2]}".strip(), "label", max(200, self.width() - 160), SEMIBOLD)

    def draw(self, painter: QPainter) -> None:
        theme = self.theme
        painter.fillRect(self.rect(), theme.color("warn_tint"))
        draw_icon(painter, "caution", 16, 11, 20, theme.warn)
        baseline = self.height() / 2 - 21 * sum(len(self._lines(t)) for t in self._texts()) / 2 + 16
        for text in self._texts():
            lines = self._lines(text)
            if len(lines) == 1:
                x = 44 + paint.draw_text(painter, 44, baseline, text[0], font("label", SEMIBOLD), theme.ink)
                x += paint.draw_text(painter, x, baseline, text[1], font("label"), theme.ink) + 7
                if text[2]:
                    paint.draw_struck(painter, x, baseline, text[2], font("label"), theme.ink2)
                baseline += 21
                continue
            for n, line in enumerate(lines):
                last = n == len(lines) - 1 and text[2] and line.endswith(text[2])
                plain = line[: -len(text[2])] if last else line
                x = 44 + paint.draw_text(painter, 44, baseline, plain, font("label", SEMIBOLD), theme.ink)
                if last:
                    paint.draw_struck(painter, x, baseline, text[2], font("label"), theme.ink2)
                baseline += 21
        paint.hairline(painter, 0, self.height() - 1, self.width(), theme.ink)
