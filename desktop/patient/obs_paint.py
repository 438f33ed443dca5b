"""Painters of the observation chart: bands that read without colour, marks, lines, blood pressure as a double T.

A band prints its digit at both ends and is hatched the denser the more points it stands for (CLINICAL §2.3); a value is a
dot with its figure beside it, an open circle at a limit (`<`, `>`), an open square in pen where the ward typed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap, QPolygonF

from desktop.patient.blocks import fold
from desktop.shell import paint
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, MEDIUM, SEMIBOLD, font, width
from localdb.chart.observation_chart import Mark, Strip

BAND, LABELS, RIGHT = 22, 236, 136
HATCH = {1: 16.0, 2: 9.0, 3: 5.0}  # px between the lines of a band of so many points
PLAIN = 92  # height of a row without bands


@lru_cache(maxsize=32)
def hatching(points: int, color: str, ratio: float) -> QBrush:
    """The brush of a band: lines at 45°, the denser the more points. One tile is drawn once and repeated, so that a chart
    full of bands paints within a frame."""
    step = HATCH[points]
    size = max(4, round(step * ratio))
    tile = QPixmap(size, size)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(paint.AA)
    painter.setPen(QPen(QColor(color), ratio))
    painter.drawLines(
        [QLineF(-1, size + 1, size + 1, -1), QLineF(-1, 1, 1, -1), QLineF(size - 1, size + 1, size + 1, size - 1)]
    )
    painter.end()
    tile.setDevicePixelRatio(ratio)
    return QBrush(tile)


def strip_height(strip: Strip) -> float:
    """A row of bands is as high as its bands; one without has a plain axis."""
    return (BAND * len(strip.bands) if strip.bands else PLAIN) + 12


def draw_ground(painter: QPainter, strip: Strip, area: QRectF, theme: Theme) -> None:
    """Bands with their limits and digits, or the two ends of a plain axis. `area` is the plot without its labels."""
    for n, band in enumerate(strip.bands):
        top = area.bottom() - (n + 1) * area.height() / len(strip.bands)
        room = QRectF(area.left(), top, area.width(), area.height() / len(strip.bands))
        if band.points:
            painter.fillRect(room, hatching(band.points, theme.rule2, painter.device().devicePixelRatioF()))
        else:
            painter.fillRect(room, theme.color("normband"))
        paint.hairline(painter, area.left() - 92, top, area.right(), theme.rule)
        baseline = room.center().y() + 5.5
        paint.draw_text(painter, area.left() - 26, baseline, band.words, font("label"), theme.ink2, right=True)
        weight = BOLD if band.points else MEDIUM
        paint.draw_text(
            painter, area.left() - 8, baseline, str(band.points), font("label", weight), theme.ink, right=True
        )
        paint.draw_text(painter, area.right() + 6, baseline, str(band.points), font("label", weight), theme.ink2)
    if not strip.bands:
        for value, y in ((strip.high, area.top() + 10), (strip.low, area.bottom() - 2)):
            paint.draw_text(painter, area.left() - 8, y, f"{value:f}", font("label"), theme.ink2, right=True)
        paint.hairline(painter, area.left(), area.bottom(), area.right(), theme.rule2)
        paint.hairline(painter, area.left(), area.top(), area.right(), theme.rule)
    paint.upright(painter, area.left(), area.top(), area.bottom(), theme.rule2)


def draw_label(painter: QPainter, strip: Strip, x: float, y: float, theme: Theme) -> None:
    """Name and unit at the left of a row, and the note on its bands."""
    paint.draw_text(painter, x, y + 18, strip.label, font("label", SEMIBOLD), theme.ink)
    paint.draw_text(painter, x, y + 38, strip.unit or "no unit sent", font("label"), theme.ink2)


def draw_marks(painter: QPainter, strip: Strip, area: QRectF, xs: list[float], typed: list[bool], theme: Theme) -> None:
    """The line, then the marks over it, then the figures. `xs` and `typed` go with the strip's marks."""
    at = [
        QPointF(x, area.bottom() - strip.place(m.high) * area.height())
        if m is not None and m.high is not None
        else None
        for x, m in zip(xs, strip.marks, strict=True)
    ]
    drawn = [p for p in at if p is not None]
    if strip.key != "bp":
        painter.save()
        painter.setRenderHint(paint.AA)
        painter.setPen(QPen(QColor(theme.ink), 2))
        painter.drawLines([QLineF(a, b) for a, b in pairwise(drawn)])
        painter.restore()
    for mark, point, x, pen in zip(strip.marks, at, xs, typed, strict=True):
        if mark is None:
            continue
        color = theme.pen if pen else theme.ink
        if point is None:
            _words(painter, mark, x, area.bottom() - 4, theme)
        elif strip.key == "bp":
            _pressure(painter, strip, mark, area, x, theme, color)
        else:
            _dot(painter, point, theme, color, open_=mark.is_limit, square=pen)
            _figure(painter, mark.text + ("*" if mark.has_note else ""), point.x() + 8, point.y() + 5.5, theme, color)


def _words(painter: QPainter, mark: Mark, x: float, baseline: float, theme: Theme) -> None:
    """What is no number of this unit: in words at the foot of the row."""
    _figure(painter, mark.text, x - width(mark.text, "label") / 2, baseline, theme, theme.ink)


def _figure(painter: QPainter, text: str, x: float, baseline: float, theme: Theme, color: str) -> None:
    room = width(text, "label", SEMIBOLD)
    painter.fillRect(QRectF(x - 1, baseline - 14, room + 2, 18), theme.color("paper"))
    paint.draw_text(painter, x, baseline, text, font("label", SEMIBOLD), color)


def _dot(painter: QPainter, at: QPointF, theme: Theme, color: str, *, open_: bool, square: bool) -> None:
    painter.save()
    painter.setRenderHint(paint.AA)
    painter.setPen(QPen(QColor(color), 2))
    painter.setBrush(QColor(theme.paper if open_ or square else color))
    if square:
        painter.drawRect(QRectF(at.x() - 5, at.y() - 5, 10, 10))
    else:
        painter.drawEllipse(at, 4.5, 4.5)
    painter.restore()


def _pressure(painter: QPainter, strip: Strip, mark: Mark, area: QRectF, x: float, theme: Theme, color: str) -> None:
    """A double-ended T from systolic to diastolic with arrows at its ends (CUI GTAB), the figures beyond them."""
    assert mark.high is not None
    top = area.bottom() - strip.place(mark.high) * area.height()
    foot = area.bottom() - strip.place(mark.low) * area.height() if mark.low is not None else None
    painter.save()
    painter.setRenderHint(paint.AA)
    painter.setPen(QPen(QColor(color), 2))
    painter.drawLine(QLineF(x - 9, top, x + 9, top))
    if foot is not None:
        painter.drawLine(QLineF(x, top, x, foot))
        painter.drawLine(QLineF(x - 9, foot, x + 9, foot))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    for end, way in ((top, 1), (foot, -1)):
        if end is not None:
            painter.drawPolygon(
                QPolygonF([QPointF(x, end), QPointF(x - 5, end + 8 * way), QPointF(x + 5, end + 8 * way)])
            )
    painter.restore()
    star = "*" if mark.has_note else ""
    _figure(painter, mark.text + star, x + 11, top + 6, theme, color)
    if foot is not None:
        _figure(painter, mark.low_text, x + 11, foot + 6, theme, color)
    elif mark.low_text:
        _figure(painter, mark.low_text, x + 11, top + 24, theme, color)


def draw_latest(painter: QPainter, strip: Strip, x: float, y: float, theme: Theme, times: Sequence[str]) -> None:
    """The latest value with its time, and the one before, at the right of the row (CUI GTAB): the latest of a row need
    not be of the newest set. `times` go with the strip's marks."""
    told = [(m, t) for m, t in zip(strip.marks, times, strict=True) if m is not None]
    if not told:
        paint.draw_text(painter, x, y + 18, "not taken", font("label"), theme.ink2)
        return
    texts = [f"{m.text}/{m.low_text}" if m.low_text else m.text for m, _ in told[-2:]]
    for line in fold(texts[-1], "value", RIGHT - 24, BOLD):  # a simulator's sixteen figures are all there
        paint.draw_text(painter, x, y + 20, line, font("value", BOLD), theme.ink)
        y += 21
    y -= 21
    lines = fold(f"at {told[-1][1]}", "label", RIGHT - 24)
    lines += fold(f"before {texts[0]}", "label", RIGHT - 24) if len(texts) > 1 else []
    for n, line in enumerate(lines):
        paint.draw_text(painter, x, y + 41 + 21 * n, line, font("label"), theme.ink2)
