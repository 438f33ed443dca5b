"""What a presentation state draws over a picture: lines and words dark under bright, as the radiologist left them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from desktop.shell import paint
from desktop.shell.tokens import VIEWER
from desktop.shell.type import SEMIBOLD, font
from localdb.pixels.annotations import Over


def draw_over(painter: QPainter, over: Over, at: Callable[[float, float], QPointF]) -> None:
    """Over the picture, following it however it is turned; `at` gives the place of an image point on the screen."""
    painter.save()
    painter.setRenderHint(paint.AA)
    lines = [[at(*p) for p in line] for line in over.lines]
    for color, thick in (("#000000", 3.5), (VIEWER.brass, 1.5)):
        painter.setPen(QPen(QColor(color), thick))
        for line in lines:
            for a, b in pairwise(line):
                painter.drawLine(a, b)
    painter.restore()
    made = font("label", SEMIBOLD)
    for place, text in over.texts:
        point = at(*place)
        for n, part in enumerate(text.splitlines()):
            x, y = point.x() + 6, point.y() - 4 + 20 * n
            for dx, dy in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
                paint.draw_text(painter, x + dx, y + dy, part, made, "#000000")
            paint.draw_text(painter, x, y, part, made, VIEWER.brass)
