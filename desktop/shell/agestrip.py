"""The age strip at the foot of every screen: up to when each part of the copy is complete, worst first (look/12).

Nothing is ever cut: where the cells do not fit, names are counted, then the healthy cells fold into one; what is not
healthy always stands by name. F4 and the lamp open the whole list.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.lamp.state import Cell
from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.spoken import long_dates
from desktop.shell.tokens import STRIP, Look
from desktop.shell.type import MEDIUM, SEMIBOLD, font, metrics
from localdb.chart.staleness import AGEING, CLOCK, FRESH, NEVER, NOT_SAFE

_TITLE, _ALL = "Copy complete to", "All ages  F4"
_ICONS = {FRESH: "fresh", AGEING: "ageing", NOT_SAFE: "not safe", NEVER: "never came", CLOCK: "caution"}
_BOXES = {
    AGEING: ("warn_tint", "warn_fill", "ink", False),
    NOT_SAFE: ("crit", None, "oncrit", False),
    NEVER: ("panel", "ink", "ink", True),
    CLOCK: ("panel", "ink", "ink", False),
}


def counted(names: str, most: int) -> str:
    """`Patients, alerts, prescribed` with at most `most` names: `Patients, alerts and 4 more`."""
    parts = names.split(", ")
    return names if len(parts) <= most else f"{', '.join(parts[:most])} and {len(parts) - most} more"


def folded(cells: Sequence[Cell], most: int, fold: int) -> list[tuple[str, str, str]]:
    """(names, time and word, state) of what is drawn. `fold` 1: the healthy cells become one with its oldest named;
    2: without the name; 3: the ageing become one too. What is not safe or never came always stands by name."""
    groups = {state: [c for c in cells if c.state == state] for state in (AGEING, FRESH)}
    shown = [
        (counted(c.names, most), f"{c.time} {c.word}".strip(), c.state)
        for c in cells
        if c.state != FRESH and not (fold >= 3 and c.state == AGEING and len(groups[AGEING]) > 1)
    ]
    if fold >= 3 and len(groups[AGEING]) > 1:
        shown.append((f"{_count(groups[AGEING])} parts", "ageing", AGEING))
    good = groups[FRESH]
    if not fold or len(good) < 2:
        return [*shown, *((counted(c.names, most), f"{c.time} {c.word}".strip(), FRESH) for c in good)]
    if fold == 1:
        return [*shown, (f"{_count(good)} more, oldest", f"{counted(good[-1].names, 1)} {good[-1].time}", FRESH)]
    return [*shown, (f"{_count(good)} more", "fresh", FRESH)]


def _count(cells: Sequence[Cell]) -> int:
    return sum(len(c.parts) for c in cells)


def _room(shown: tuple[str, str, str]) -> float:
    names, time, state = shown
    words = metrics("label").horizontalAdvance(names) + 6 + metrics("label", SEMIBOLD).horizontalAdvance(time)
    return words + 20 + (14 if state != FRESH else 2)


class AgeStrip(QWidget):
    """32 px at the foot. `pressed` asks for the whole list."""

    pressed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._cells = look, ()
        self.setFixedHeight(STRIP)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        look.changed.connect(self.update)

    def show_cells(self, cells: Sequence[Cell]) -> None:
        self._cells = tuple(cells)
        words = "; ".join(c.text for c in cells) or "nothing was read yet"
        self.setAccessibleName(long_dates(f"{_TITLE}: {words}"))
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()

    def arranged(self, width: float) -> tuple[list[tuple[str, str, str]], bool]:
        """What is drawn in `width` px, and whether `All ages F4` stands at the right."""
        start = 24 + metrics("label", MEDIUM).horizontalAdvance(_TITLE)
        for most, fold in ((99, 0), (3, 0), (3, 1), (2, 1), (1, 1), (2, 2), (1, 2), (1, 3)):
            shown = folded(self._cells, most, fold)
            used = start + sum(_room(s) + 8 for s in shown) + 4
            if used <= width:
                hint = metrics("label", MEDIUM).horizontalAdvance(_ALL) + 20
                return shown, (fold > 0 or most < 99) and used + hint <= width
        return folded(self._cells, 1, 3), False

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._look.theme, QPainter(self)
        painter.fillRect(self.rect(), theme.color("sunken"))
        paint.hairline(painter, 0, 0, self.width(), theme.rule2)
        baseline, x = 21.0, 12.0
        x += paint.draw_text(painter, x, baseline, _TITLE, font("label", MEDIUM), theme.ink2) + 8
        shown, hinted = self.arranged(self.width())
        if not self._cells:
            paint.draw_text(painter, x, baseline, "nothing was read yet", font("label", SEMIBOLD), theme.ink)
        for names, time, state in shown:
            x += self._paint_cell(painter, x, baseline, names, time, state) + 8
        if hinted:
            paint.draw_text(painter, self.width() - 12, baseline, _ALL, font("label", MEDIUM), theme.ink2, right=True)

    def _paint_cell(self, painter: QPainter, x: float, baseline: float, names: str, time: str, state: str) -> float:
        theme, room = self._look.theme, _room((names, time, state))
        ink, inset = theme.ink, 2
        if state != FRESH:
            fill, border, token, dashed = _BOXES[state]
            area = QRectF(x, 4, room, 25)
            paint.box(
                painter,
                area,
                fill=getattr(theme, fill),
                border=getattr(theme, border) if border else None,
                width=1.5,
                dashed=dashed,
            )
            ink, inset = getattr(theme, token), 6
        draw_icon(painter, _ICONS[state], x + inset - 2, 9, 15, theme.ok if state == FRESH else ink)
        at = x + inset + 16
        at += paint.draw_text(painter, at, baseline, names, font("label"), theme.ink2 if state == FRESH else ink) + 6
        paint.draw_text(painter, at, baseline, time, font("label", SEMIBOLD), ink)
        return room
