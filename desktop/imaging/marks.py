"""What a person measured in a picture: points, lines, the words at them. Forgotten with the picture; never stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from desktop.shell import paint
from desktop.shell.tokens import VIEWER
from desktop.shell.type import SEMIBOLD, font, width

Point = tuple[float, float]  # x, y in image coordinates: pixel edges at whole numbers
NEEDED = {"length": 2, "angle": 3, "area": 2}
APPROXIMATE = "Approximate, not for planning"


class Mark(NamedTuple):
    """A finished measure: its words stand at it, the first line larger than nothing."""

    kind: str
    points: tuple[Point, ...]
    texts: tuple[str, ...]


class Marks:
    """`kind` is what is being measured ("" nothing); `points` those set so far; `done` the finished ones."""

    def __init__(self) -> None:
        self.kind = ""
        self.points: list[Point] = []
        self.done: list[Mark] = []
        self.reckon: Callable[[str, tuple[Point, ...]], tuple[str, ...]] = lambda kind, points: ()

    def begin(self, kind: str) -> None:
        self.kind, self.points = kind, []

    def add(self, point: Point) -> bool:
        """Set a point; True when that finished a measure."""
        if not self.kind:
            return False
        self.points.append(point)
        if len(self.points) < NEEDED[self.kind]:
            return False
        points = tuple(self.points)
        self.done.append(Mark(self.kind, points, self.reckon(self.kind, points)))
        self.points = []
        return True

    def clear(self) -> None:
        self.points, self.done = [], []

    @property
    def next_word(self) -> str:
        """What is asked for now."""
        if not self.kind:
            return ""
        names = {"length": ("one end", "the other end"), "angle": ("one side", "the corner", "the other side"),
                 "area": ("one corner", "the opposite corner")}[self.kind]  # fmt: skip
        return f"{self.kind.capitalize()}: set {names[len(self.points)]}"

    def texts(self) -> list[str]:
        return [", ".join(m.texts) for m in self.done] + ([self.next_word] if self.kind else [])


def draw_marks(
    painter: QPainter, marks: Marks, at: Callable[[float, float], QPointF], letters: Sequence[QRectF] = ()
) -> None:
    """Lines dark under bright, so that they show on bone and on air; their words never over the `letters` of the sides."""
    painter.save()
    painter.setRenderHint(paint.AA)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for kind, points in [(m.kind, m.points) for m in marks.done] + [(marks.kind, tuple(marks.points))]:
        placed = [at(*p) for p in points]
        for color, thick in (("#000000", 4.0), (VIEWER.lo, 2.0)):
            painter.setPen(QPen(QColor(color), thick))
            if kind == "area" and len(placed) == 2:
                painter.drawEllipse(QRectF(placed[0], placed[1]).normalized())
            else:
                for a, b in pairwise(placed):
                    painter.drawLine(a, b)
            for p in placed:
                painter.drawEllipse(p, 3, 3)
    painter.restore()
    for mark in marks.done:
        _draw_words(painter, mark, at(*mark.points[-1]), letters)


def words_box(at: QPointF, size: QSizeF, room: QSizeF, letters: Sequence[QRectF]) -> QRectF:
    """Where the words of a measure stand: below or above its last point, clear of the letters."""
    x = max(0.0, min(at.x() + 7, room.width() - size.width() - 5))
    tops = [at.y() + 2, at.y() - size.height() - 6]
    for letter in letters:
        tops += [letter.bottom() + 4, letter.top() - size.height() - 4]
    boxes = [QRectF(QPointF(x, top), size) for top in tops if 0 <= top <= room.height() - size.height()]
    free = [b for b in boxes if not any(b.intersects(letter) for letter in letters)]
    return min(free, key=lambda b: abs(b.center().y() - at.y()), default=QRectF(QPointF(x, tops[0]), size))


def _draw_words(painter: QPainter, mark: Mark, at: QPointF, letters: Sequence[QRectF]) -> None:
    wide = max((width(t, "label", SEMIBOLD) for t in mark.texts), default=0)
    if not wide:
        return
    device = painter.device()
    room = QSizeF(device.width(), device.height()) / device.devicePixelRatioF()
    box = words_box(at, QSizeF(wide + 10, 22 * len(mark.texts) + 6), room, letters)
    ground = QColor(VIEWER.sunken)
    ground.setAlphaF(0.8)
    painter.fillRect(box, ground)
    for n, text in enumerate(mark.texts):
        made = font("label", SEMIBOLD if n == 0 else None)
        paint.draw_text(painter, box.x() + 5, box.y() + 18 + 22 * n, text, made, VIEWER.ink if n == 0 else VIEWER.warn)
