"""Icons by what they mean (LOOK §5), from `resources/icons`, in a token's colour and as sharp as the screen.

`currentColor` would be drawn black: it is replaced in the bytes, and the picture is made at size × device pixel ratio.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

ICONS = {
    "lock": "lock",
    "back to work": "lock-open",
    "unlock": "key-round",
    "find": "search",
    "ward": "bed",
    "my list": "star",
    "everyone": "users",
    "same name": "users",
    "unknown": "circle-question-mark",
    "waiting": "hourglass",
    "record": "pen-line",
    "ward wrote": "pen-line",
    "print": "printer",
    "printed": "printer-check",
    "restore": "git-compare",
    "help": "circle-question-mark",
    "summary": "user",
    "results": "test-tube",
    "medicines": "pill",
    "obs": "activity",
    "imaging": "scan",
    "letters": "file-text",
    "plans": "file-text",
    "timeline": "history",
    "known allergy": "octagon-alert",
    "none known": "shield-check",
    "not recorded": "circle-dashed",
    "never came": "circle-dashed",
    "unavailable": "unplug",
    "resus": "file-warning",
    "isolation": "door-closed",
    "infection": "biohazard",
    "falls": "footprints",
    "diabetes": "droplet",
    "anticoagulated": "droplets",
    "88-92 %": "wind",
    "ageing": "clock",
    "not safe": "circle-x",
    "fresh": "check",
    "caution": "triangle-alert",
    "phone": "phone",
    "differs": "equal-not",
    "maybe same": "equal-approximately",
    "send": "send",
    "emergency": "life-buoy",
    "battery": "battery-medium",
    "undo": "undo-2",
    "show secret": "eye",
    "hide secret": "eye-off",
    "action card": "book-open",
    "close": "power",
    "down": "chevron-down",
    "up": "chevron-up",
    "before": "chevron-left",
    "after": "chevron-right",
    "back": "arrow-left",
    "onward": "arrow-right",
    "folder": "folder-down",
    "window level": "contrast",
    "zoom": "zoom-in",
    "move": "move",
    "measure": "ruler",
    "invert": "sun-moon",
    "rotate": "rotate-cw",
    "flip": "flip-horizontal-2",
    "stack": "layers",
    "two up": "columns-2",
    "more": "ellipsis",
}


@cache
def _source(name: str) -> bytes:
    return files("resources").joinpath("icons", f"{ICONS[name]}.svg").read_bytes()


@cache
def icon(name: str, color: str, size: int, ratio: float = 1.0) -> QPixmap:
    """The icon that means `name` in `color` (`#rrggbb`), `size` logical px; KeyError for a word not in ICONS."""
    renderer = QSvgRenderer(QByteArray(_source(name).replace(b"currentColor", color.encode())))
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, picture.width(), picture.height()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def draw_icon(painter: QPainter, name: str, x: float, y: float, size: int, color: str) -> None:
    """Draw the icon with its top left corner at (x, y)."""
    ratio = painter.device().devicePixelRatioF()
    made = icon(name, color, size, ratio)
    painter.drawPixmap(QRectF(x, y, size, size), made, QRectF(made.rect()))
