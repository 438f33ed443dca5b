"""What a label or wristband is drawn from: words, codes, lines and boxes in points from its own corner.

A layout is first made as a list of these, so that it can be asked whether it fits before anything is drawn, and drawn
as often as there are labels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from desktop.forms import codes
from desktop.forms.sheet import Sheet
from desktop.forms.type import Span, width

QUIET = 10  # modules of white beside a Code 128 (ISO/IEC 15417)


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text with its baseline at `y`."""

    x: float
    y: float
    spans: tuple[Span, ...]
    white: bool = False

    @property
    def text(self) -> str:
        return "".join(t for t, _ in self.spans)

    @property
    def wide(self) -> float:
        return sum(width(t, s) for t, s in self.spans)


@dataclass(frozen=True, slots=True)
class Matrix:
    """A DataMatrix of a text, or the GS1 one of elements."""

    x: float
    y: float
    says: str | tuple[tuple[str, str], ...]
    module: float


@dataclass(frozen=True, slots=True)
class Bars:
    """A Code 128."""

    x: float
    y: float
    says: str
    module: float
    high: float


@dataclass(frozen=True, slots=True)
class Rule:
    x: float
    y: float
    end: float


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    wide: float
    high: float
    filled: bool = False


Stroke = Words | Matrix | Bars | Rule | Box


def side(says: str | tuple[tuple[str, str], ...], module: float) -> float:
    """The side of a DataMatrix in points."""
    found = codes.datamatrix(says) if isinstance(says, str) else codes.gs1_datamatrix(says)
    return found[0] * module


def bars_wide(says: str, module: float) -> float:
    """The width of a Code 128 in points without its quiet zones."""
    return codes.code128(says)[0] * module


def moved(stroke: Stroke, right: float, down: float) -> Stroke:
    """The same somewhere else."""
    if isinstance(stroke, Rule):
        return replace(stroke, x=stroke.x + right, y=stroke.y + down, end=stroke.end + right)
    return replace(stroke, x=stroke.x + right, y=stroke.y + down)


def draw(sheet: Sheet, left: float, top: float, strokes: Iterable[Stroke]) -> None:
    """All of them with the corner at (left, top)."""
    for s in strokes:
        x, y = left + s.x, top + s.y
        if isinstance(s, Words):
            sheet.text(x, y, s.spans, white=s.white)
        elif isinstance(s, Matrix):
            if isinstance(s.says, str):
                sheet.datamatrix(x, y, s.says, s.module)
            else:
                sheet.gs1_datamatrix(x, y, s.says, s.module)
        elif isinstance(s, Bars):
            sheet.code128(x, y, s.says, s.module, s.high)
        elif isinstance(s, Rule):
            sheet.line(x, y, left + s.end, y, 0.5)
        else:
            sheet.box(x, y, s.wide, s.high, 0.75, filled=s.filled)
