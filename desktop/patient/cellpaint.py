"""Painters of one grid cell and of a row's name and range."""

from __future__ import annotations

from PySide6.QtGui import QPainter

from desktop.patient.celllines import CELL, FIRST, LINE, NAMES, POINT, CellLines, RowLines
from desktop.shell import paint
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, MEDIUM, SEMIBOLD, font


def draw_cell(painter: QPainter, lines: CellLines, x: float, y: float, theme: Theme, *, newest: bool) -> None:
    """A cell with its top left at (x, y). Figures align at the point; the flag stands 22 px on (LOOK §6)."""
    weight = BOLD if lines.flag else MEDIUM if newest else 400
    baseline = y + 21.0
    if lines.words:
        for n, line in enumerate(lines.words):
            heavy = weight if not lines.notes or lines.flag else SEMIBOLD
            paint.draw_text(painter, x + 8, baseline + LINE * n, line, font("label", heavy), theme.ink)
        baseline += LINE * (len(lines.words) - 1)
    else:
        made = font("value", weight)
        paint.draw_text(painter, x + POINT, baseline, lines.whole, made, theme.ink, right=True)
        paint.draw_text(painter, x + POINT, baseline, lines.fraction, made, theme.ink)
    if lines.flag:
        if lines.flag_below:
            baseline += LINE
            paint.draw_flag(painter, x + 8, baseline, lines.flag, theme)
        else:
            room = paint.flag_width(lines.flag)
            at = min(x + POINT + 22, x + CELL - 3 - room)
            paint.draw_flag(painter, at, baseline, lines.flag, theme)
    _draw_notes(painter, lines, x + 8, baseline + LINE, theme)


def _draw_notes(painter: QPainter, lines: CellLines, x: float, baseline: float, theme: Theme) -> None:
    for n, (text, heavy) in enumerate(lines.notes):
        made = font("label", SEMIBOLD if heavy else None)
        used = paint.draw_text(painter, x, baseline, text, made, theme.ink if heavy else theme.ink2)
        if lines.struck and n == len(lines.notes) - 1:
            needed = FIRST + LINE * (max(1, len(lines.words)) + lines.flag_below + len(lines.notes) - 1) + 6
            if lines.height <= needed:
                paint.draw_struck(painter, x + used + 8, baseline, lines.struck, font("label"), theme.ink2)
                return
        baseline += LINE
    if lines.struck:
        paint.draw_struck(painter, x, baseline, lines.struck, font("label"), theme.ink2)


def draw_names(painter: QPainter, lines: RowLines, y: float, theme: Theme) -> None:
    """Name, range and unit, and below them the comments of the newest result."""
    for n, line in enumerate(lines.names):
        paint.draw_text(painter, 8, y + 21 + 22 * n, line, font("body", MEDIUM), theme.ink)
    for n, line in enumerate(lines.ranges):
        paint.draw_text(painter, NAMES + 8, y + 21 + LINE * n, line, font("label"), theme.ink2)
    top = y + max(len(lines.names) * 22, len(lines.ranges) * LINE) + 20
    for n, line in enumerate(lines.comments):
        paint.draw_text(painter, 8, top + LINE * n, line, font("label"), theme.ink2)
