"""Fonts: IBM Plex Sans and Mono from `resources/fonts`, Noto for other scripts (LOOK §3).

Sizes are logical px, vertical hinting only; the slashed zero is for identifiers only, never for values or times.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from PySide6.QtGui import QFont, QFontDatabase, QFontMetricsF

SANS, MONO = "IBM Plex Sans", "IBM Plex Mono"
REGULAR, MEDIUM, SEMIBOLD, BOLD = 400, 500, 600, 700


@dataclass(frozen=True, slots=True)
class Role:
    """A type role: size and line in logical px, usual weight."""

    px: int
    line: int
    weight: int
    mono: bool = False


ROLES = {
    "label": Role(15, 21, REGULAR),
    "body": Role(16, 22, REGULAR),
    "button": Role(16, 22, MEDIUM),
    "value": Role(17, 22, MEDIUM),
    "ident": Role(19, 24, SEMIBOLD),
    "title": Role(22, 28, SEMIBOLD),
    "family": Role(22, 28, BOLD),
    "score": Role(30, 38, BOLD),
    "large": Role(28, 36, SEMIBOLD),
    "huge": Role(40, 48, SEMIBOLD),
    "mono": Role(16, 22, REGULAR, mono=True),
}


@cache
def load_fonts() -> tuple[str, ...]:
    """Register every font of `resources/fonts` once; the families found. Needs a QGuiApplication."""
    families: list[str] = []
    for entry in sorted(files("resources").joinpath("fonts").iterdir(), key=lambda e: e.name):
        if entry.name.lower().endswith((".ttf", ".otf")):
            number = QFontDatabase.addApplicationFontFromData(entry.read_bytes())
            families += QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
    return tuple(dict.fromkeys(families))


@cache
def font(role: str = "body", weight: int | None = None, *, ident: bool = False, mono: bool = False) -> QFont:
    """The font of a role; `weight` overrides the usual one; `ident` slashes the zero (identifiers, serials)."""
    wanted = ROLES[role]
    first = MONO if mono or wanted.mono else SANS
    made = QFont()
    made.setFamilies([first, *(f for f in load_fonts() if f.startswith("Noto")), SANS])
    made.setPixelSize(wanted.px)
    made.setWeight(QFont.Weight(weight or wanted.weight))
    made.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    if ident:
        made.setFeature(QFont.Tag("zero"), 1)
    return made


def line_height(role: str) -> int:
    return ROLES[role].line


@cache
def metrics(role: str = "body", weight: int | None = None, *, ident: bool = False, mono: bool = False) -> QFontMetricsF:
    return QFontMetricsF(font(role, weight, ident=ident, mono=mono))


def width(text: str, role: str = "body", weight: int | None = None, *, ident: bool = False) -> float:
    """Advance of `text` in logical px."""
    return metrics(role, weight, ident=ident).horizontalAdvance(text)


def wrap(text: str, role: str, room: float, weight: int | None = None) -> list[str]:
    """`text` in lines no wider than `room`, broken between words only; a longer word stands whole."""
    made = metrics(role, weight)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            tried = f"{line} {word}" if line else word
            if line and made.horizontalAdvance(tried) > room:
                lines.append(line)
                line = word
            else:
                line = tried
        lines.append(line)
    return lines
