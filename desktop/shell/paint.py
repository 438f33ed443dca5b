"""Painters that every screen shares: text on baselines, hatch, hairlines, flags, chips, section heads, scores.

Rules: text is drawn on its baseline and never cut; colour only repeats a word and a shape (LOOK §2); a flag is shown as
sent, never reckoned. All lengths are logical px; each function that draws text returns the width that it used.
"""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from desktop.shell.icons import draw_icon
from desktop.shell.tokens import RADIUS, Theme
from desktop.shell.type import SEMIBOLD, font, metrics

AA = QPainter.RenderHint.Antialiasing
HIGH, VERY_HIGH, LOW, VERY_LOW = ("H", "A", "+"), ("HH", "H*", "++", "HU"), ("L", "-"), ("LL", "L*", "--", "LU")


def draw_text(
    painter: QPainter, x: float, baseline: float, text: str, made: QFont, color: str | QColor, *, right: bool = False
) -> float:
    """Draw `text` on `baseline` from `x` (`right`: ending at `x`); its width.

    The line runs from left to right whatever the script, so that the comma after an Arabic family name stands between it
    and the given name, and not before it; within the name the script's own direction holds.
    """
    room = QFontMetricsF(made).horizontalAdvance(text)
    painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    painter.setFont(made)
    painter.setPen(QColor(color))
    painter.drawText(QPointF(x - room if right else x, baseline), text)
    return room


def draw_struck(painter: QPainter, x: float, baseline: float, text: str, made: QFont, color: str) -> float:
    """A value that no longer holds: drawn with a line through it."""
    room = draw_text(painter, x, baseline, text, made, color)
    height = QFontMetricsF(made).xHeight() / 2
    painter.setPen(QPen(QColor(color), 1.5))
    painter.drawLine(QLineF(x - 2, baseline - height, x + room + 2, baseline - height))
    return room


def hairline(painter: QPainter, x1: float, y: float, x2: float, color: str, width: float = 1.0) -> None:
    """A level line, filled so that it is sharp at every scale."""
    painter.fillRect(QRectF(x1, y, x2 - x1, width), QColor(color))


def upright(painter: QPainter, x: float, y1: float, y2: float, color: str, width: float = 1.0) -> None:
    painter.fillRect(QRectF(x, y1, width, y2 - y1), QColor(color))


def veil(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """What lies under a question: ink at 45 % (LOOK §4)."""
    ink = QColor("#000000" if theme.is_dark else theme.ink)
    ink.setAlphaF(0.45)
    painter.fillRect(rect, ink)


def hatch(
    painter: QPainter, rect: QRectF, color: str, ground: str | None = None, *, step: float = 7, width: float = 1.4
) -> None:
    """Lines at 45° (LOOK §1.1): brass on ink above a window, `rule2` in an empty bed."""
    painter.save()
    painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
    if ground:
        painter.fillRect(rect, QColor(ground))
    painter.setRenderHint(AA)
    painter.setPen(QPen(QColor(color), width))
    height = rect.height()
    first = rect.left() - height - step
    count = int((rect.width() + 2 * height) / step) + 3
    lines = [
        QLineF(first + n * step, rect.bottom() + 1, first + n * step + height + 2, rect.top() - 1) for n in range(count)
    ]
    painter.drawLines(lines)
    painter.restore()


def box(
    painter: QPainter,
    rect: QRectF,
    *,
    fill: str | None = None,
    border: str | None = None,
    width: float = 1.0,
    radius: float = RADIUS,
    dashed: bool = False,
) -> None:
    """A box whose border lies within `rect`."""
    painter.save()
    painter.setRenderHint(AA)
    painter.setBrush(QBrush(QColor(fill)) if fill else Qt.BrushStyle.NoBrush)
    if border:
        pen = QPen(QColor(border), width)
        if dashed:
            pen.setDashPattern([4 / width, 3 / width])
        painter.setPen(pen)
        rect = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(rect, radius, radius)
    painter.restore()


def triangle(painter: QPainter, x: float, baseline: float, color: str, *, up: bool, size: float = 10) -> None:
    """A filled triangle standing on `baseline`, `size` wide."""
    top, foot = baseline - size * 0.85, baseline
    tip, base = (top, foot) if up else (foot, top)
    painter.save()
    painter.setRenderHint(AA)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawPolygon(QPolygonF([QPointF(x, base), QPointF(x + size, base), QPointF(x + size / 2, tip)]))
    painter.restore()


def flag_width(flag: str) -> float:
    """How wide `draw_flag` will be."""
    if not flag:
        return 0
    letters = metrics("label", SEMIBOLD).horizontalAdvance(flag)
    if flag in VERY_HIGH or flag in VERY_LOW:
        return letters + 35
    return letters + (14 if flag in HIGH[:1] or flag in LOW[:1] else 0)


def draw_flag(painter: QPainter, x: float, baseline: float, flag: str, theme: Theme) -> float:
    """A flag as sent (LOOK §6): triangle and letter; HH and LL doubled and boxed; any other letters as words."""
    if not flag:
        return 0
    made, room = font("label", SEMIBOLD), flag_width(flag)
    if flag in VERY_HIGH or flag in VERY_LOW:
        up = flag in VERY_HIGH
        color = theme.hi if up else theme.lo
        box(painter, QRectF(x, baseline - 15, room, 20), border=color, width=2)
        triangle(painter, x + 5, baseline, color, up=up)
        triangle(painter, x + 15, baseline, color, up=up)
        draw_text(painter, x + 29, baseline, flag, made, color)
    elif flag in HIGH[:1] or flag in LOW[:1]:
        up = flag in HIGH
        color = theme.hi if up else theme.lo
        triangle(painter, x, baseline, color, up=up)
        draw_text(painter, x + 14, baseline, flag, made, color)
    else:
        draw_text(painter, x, baseline, flag, made, theme.hi if flag in HIGH else theme.ink)
    return room


# kind -> (fill, border, text, border width, dashed)
CHIPS: dict[str, tuple[str | None, str | None, str, float, bool]] = {
    "plain": (None, "edge", "ink", 1.5, False),
    "strong": ("panel", "ink", "ink", 1.5, False),
    "filled": ("ink", None, "paper", 0, False),
    "warn": ("warn_tint", "warn_fill", "ink", 1.5, False),
    "crit": ("crit", None, "oncrit", 0, False),
    "dashed": ("panel", "ink", "ink", 1.5, True),
    "pen": ("pen_tint", "pen", "pen", 1.5, False),
}


def chip_width(text: str, icon: str | None = None, *, detail: str = "") -> float:
    """How wide `draw_chip` will be: 8 at each side, icon 16 and 6 after it, detail (heavier) 6 after the text."""
    room = 16 + metrics("label", SEMIBOLD if not detail else 500).horizontalAdvance(text) + (22 if icon else 0)
    return room + (6 + metrics("label", SEMIBOLD).horizontalAdvance(detail) if detail else 0)


def draw_chip(
    painter: QPainter,
    x: float,
    y: float,
    text: str,
    theme: Theme,
    *,
    kind: str = "plain",
    icon: str | None = None,
    height: float = 24,
    detail: str = "",
) -> float:
    """A chip of words (kinds: CHIPS), top left at (x, y); its width. Filled only for isolation and scores (LOOK §6)."""
    fill, border, ink, width, dashed = CHIPS[kind]
    room = chip_width(text, icon, detail=detail)
    color = getattr(theme, ink)
    box(
        painter,
        QRectF(x, y, room, height),
        fill=getattr(theme, fill) if fill else None,
        border=getattr(theme, border) if border else None,
        width=width,
        dashed=dashed,
    )
    at, baseline = x + 8, y + height / 2 + 5.5
    if icon:
        draw_icon(painter, icon, at, y + (height - 16) / 2, 16, color)
        at += 22
    at += draw_text(painter, at, baseline, text, font("label", SEMIBOLD if not detail else 500), color)
    if detail:
        draw_text(painter, at + 6, baseline, detail, font("label", SEMIBOLD), color)
    return room


def draw_section_head(
    painter: QPainter,
    rect: QRectF,
    title: str,
    theme: Theme,
    *,
    count: str = "",
    age: str = "",
    state: str = "fresh",
) -> None:
    """Title at the left, its time at the right, 1 px of ink below (LOOK §1.4). `state` as in chart/staleness.py:
    anything but fresh turns the time into a chip of words."""
    baseline = rect.bottom() - 9
    room = draw_text(painter, rect.left(), baseline, title, font("body", SEMIBOLD), theme.ink)
    if count:
        draw_text(painter, rect.left() + room + 8, baseline, count, font("label"), theme.ink2)
    chip = STATE_CHIPS.get(state)
    if chip and age:
        kind, icon = chip
        draw_chip(painter, rect.right() - chip_width(age, icon), rect.bottom() - 27, age, theme, kind=kind, icon=icon)
    elif age:
        draw_text(painter, rect.right(), baseline, age, font("label"), theme.ink2, right=True)
    hairline(painter, rect.left(), rect.bottom() - 1, rect.right(), theme.ink)


# state of a source (chart/staleness.py) -> chip kind and icon; fresh has none
STATE_CHIPS = {
    "ageing": ("warn", "ageing"),
    "not_safe": ("crit", "not safe"),
    "never": ("dashed", "never came"),
    "clock_unreliable": ("dashed", "caution"),
}


def draw_score(painter: QPainter, rect: QRectF, score: str, theme: Theme, *, role: str = "ident") -> None:
    """NEWS2 as sent: 7 and more filled, 5-6 boxed, else bare (LOOK §6); anything but a number is shown bare."""
    number = int(score) if score.isascii() and score.isdigit() else -1
    if number >= 7:
        box(painter, rect, fill=theme.ink)
    elif number >= 5:
        box(painter, rect, fill=theme.panel, border=theme.ink, width=2.5)
    made = font(role, 700 if number >= 5 else 500)
    found = QFontMetricsF(made)
    baseline = rect.center().y() + found.capHeight() / 2
    x = rect.center().x() - found.horizontalAdvance(score) / 2
    draw_text(painter, x, baseline, score, made, theme.paper if number >= 7 else theme.ink)


def draw_key(painter: QPainter, x: float, y: float, key: str, theme: Theme, *, height: float = 20) -> float:
    """A key cap such as F2; its width."""
    room = metrics("label").horizontalAdvance(key) + 12
    box(painter, QRectF(x, y, room, height), fill=theme.panel, border=theme.edge, width=1)
    draw_text(painter, x + 6, y + height / 2 + 5.5, key, font("label"), theme.ink)
    return room


def rounded(rect: QRectF, radius: float = RADIUS) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    return path
