"""What a person measured in a picture: points, lines, the words at them. Forgotten with the picture; never stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from desktop.shell import paint
from desktop.shell.tokens import VIEWER
from desktop.shell.type import SEMIBOLD, font, width

Point = tuple[float, float]  # x, y in image coordinates: pixel edges at whole numbers
NEEDED = {"length": 2, "angle": 3, "area": 2}
_NEAR = 5.0  # pixels on either side of a line that its words leave free
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
    painter: QPainter,
    marks: Marks,
    at: Callable[[float, float], QPointF],
    letters: Sequence[QRectF] = (),
    words: Sequence[QRectF] = (),
) -> None:
    """Lines dark under bright, so that they show on bone and on air; their words never over the `letters` of the sides, and
    over no other `words` and no line where there is room."""
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
    lines = [box for mark in marks.done for box in _along(mark, [at(*p) for p in mark.points])]
    said = [*words]
    for mark in marks.done:
        if mark.texts:
            said.append(_draw_words(painter, mark, at(*mark.points[-1]), letters, said, lines))


def _along(mark: Mark, placed: Sequence[QPointF]) -> list[QRectF]:
    """Small boxes along the lines of a mark."""
    if mark.kind == "area":
        around = QRectF(placed[0], placed[1]).normalized()
        path = QPainterPath()
        path.addEllipse(around)
        steps = [path.pointAtPercent(n / 48) for n in range(48)]
    else:
        steps = [a + (b - a) * n / 24 for a, b in pairwise(placed) for n in range(25)]
    return [QRectF(p.x() - _NEAR, p.y() - _NEAR, 2 * _NEAR, 2 * _NEAR) for p in steps]


def words_box(
    at: QPointF,
    size: QSizeF,
    room: QSizeF,
    letters: Sequence[QRectF],
    words: Sequence[QRectF] = (),
    lines: Sequence[QRectF] = (),
) -> QRectF:
    """Where the words of a measure stand: by its last point, clear of the letters, over as few other words, and then as
    little of the lines, as can be."""
    right, low = room.width() - size.width() - 5, room.height() - size.height()
    near = QRectF(
        at.x() - size.width() - 40, at.y() - 2 * size.height() - 40, 2 * size.width() + 80, 4 * size.height() + 80
    )
    words, lines = ([each for each in some if each.intersects(near)] for some in (words, lines))
    lefts = {at.x() + 7, at.x() - size.width() - 7, at.x() - size.width() / 2}
    lefts |= {x for w in words for x in (w.right() + 4, w.left() - size.width() - 4)}
    lefts = {max(0.0, min(x, right)) for x in lefts}
    tops = {at.y() + 2, at.y() - size.height() - 6}
    if lines:
        tops |= {max(line.bottom() for line in lines) + 4, min(line.top() for line in lines) - size.height() - 4}
    for box in (*letters, *words):
        tops |= {box.bottom() + 4, box.top() - size.height() - 4}
    boxes = [QRectF(QPointF(x, top), size) for top in sorted(tops) if 0 <= top <= low for x in sorted(lefts)]
    free = [b for b in boxes if not any(b.intersects(letter) for letter in letters)]

    def cost(box: QRectF) -> tuple[int, int, float]:
        said, drawn = (sum(box.intersects(each) for each in some) for some in (words, lines))
        return said, drawn, abs(box.center().y() - at.y()) + abs(box.center().x() - at.x()) / 4

    return min(free, key=cost, default=QRectF(QPointF(max(0.0, min(at.x() + 7, right)), at.y() + 2), size))


def _draw_words(
    painter: QPainter,
    mark: Mark,
    at: QPointF,
    letters: Sequence[QRectF],
    words: Sequence[QRectF],
    lines: Sequence[QRectF],
) -> QRectF:
    wide = max(width(t, "label", SEMIBOLD) for t in mark.texts)
    device = painter.device()
    room = QSizeF(device.width(), device.height()) / device.devicePixelRatioF()
    box = words_box(at, QSizeF(wide + 10, 22 * len(mark.texts) + 6), room, letters, words, lines)
    ground = QColor(VIEWER.sunken)
    ground.setAlphaF(0.8)
    painter.fillRect(box, ground)
    for n, text in enumerate(mark.texts):
        made = font("label", SEMIBOLD if n == 0 else None)
        paint.draw_text(painter, box.x() + 5, box.y() + 18 + 22 * n, text, made, VIEWER.ink if n == 0 else VIEWER.warn)
    return box
