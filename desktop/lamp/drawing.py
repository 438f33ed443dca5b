"""The lamp, drawn by ourselves: lit, low, out, split, day (LOOK §5, look/12). The shape alone carries the state."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

SHAPES = ("lit", "low", "out", "split", "day")
_WIDE, _HIGH = 94.0, 140.0
_FLAME_WHITE = "#FFFBF0"


def _glass() -> QPainterPath:
    path = QPainterPath(QPointF(26, 42))
    path.cubicTo(1, 66, 1, 94, 24, 116)
    path.lineTo(70, 116)
    path.cubicTo(93, 94, 93, 66, 68, 42)
    path.closeSubpath()
    return path


def _flame(middle: float, top: float, bottom: float, width: float) -> QPainterPath:
    """A drop: point at the top, round below."""
    half, belly = width / 2, bottom - width / 2
    path = QPainterPath(QPointF(middle, top))
    neck = top + (belly - top) * 0.4
    path.cubicTo(middle + half * 0.35, neck, middle + half, belly - half * 0.6, middle + half, belly)
    path.arcTo(QRectF(middle - half, belly - half, width, width), 0, -180)
    path.cubicTo(middle - half, belly - half * 0.6, middle - half * 0.35, neck, middle, top)
    path.closeSubpath()
    return path


def _frame(painter: QPainter, ink: str) -> None:
    pen = QPen(QColor(ink), 10, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    handle = QPainterPath(QPointF(18, 37))
    handle.lineTo(18, 28)
    handle.cubicTo(18, 0, 76, 0, 76, 28)
    handle.lineTo(76, 37)
    painter.drawPath(handle)
    painter.drawPath(_glass())
    for y, left, right in ((38, 18, 76), (118, 14, 80), (134, 5, 89)):
        painter.drawLine(QPointF(left, y), QPointF(right, y))


def _inside(painter: QPainter, shape: str, ink: str, brass: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    if shape == "low":
        painter.setBrush(QColor(brass))
        painter.drawPath(_flame(47, 80, 108, 19))
        return
    pen = QPen(QColor(ink), 10, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    if shape == "split":
        painter.setPen(pen)
        painter.drawLine(QPointF(48, 44), QPointF(48, 114))
    elif shape == "out":
        painter.setPen(pen)
        for x1, x2 in ((34, 61), (61, 34)):
            painter.drawLine(QPointF(x1, 66), QPointF(x2, 93))
    elif shape == "day":
        painter.setPen(QPen(QColor(ink), 8))
        painter.drawEllipse(QPointF(47, 79), 13, 13)
        painter.setPen(QPen(QColor(ink), 7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for n in range(8):
            painter.save()
            painter.translate(47, 79)
            painter.rotate(45 * n)
            painter.drawLine(QPointF(0, 23), QPointF(0, 27))
            painter.restore()


def draw_lamp(painter: QPainter, rect: QRectF, shape: str, *, ink: str, brass: str) -> None:
    """Draw the lamp of `shape` (SHAPES) as large as fits in `rect`, in its middle."""
    scale = min(rect.width() / _WIDE, rect.height() / _HIGH)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center().x() - _WIDE * scale / 2, rect.center().y() - _HIGH * scale / 2)
    painter.scale(scale, scale)
    if shape in ("lit", "split"):
        painter.save()
        if shape == "split":
            painter.setClipRect(QRectF(0, 0, 48, _HIGH))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(brass))
        painter.drawPath(_glass())
        painter.setBrush(QColor(_FLAME_WHITE))
        painter.drawPath(_flame(47, 54, 106, 33))
        painter.restore()
    _frame(painter, ink)
    _inside(painter, shape, ink, brass)
    painter.restore()
