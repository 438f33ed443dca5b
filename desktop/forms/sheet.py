"""One drawing surface for all forms: points from the top left corner, black only, every text noted where it stands.

The notes (`placed`) are what the golden tests and the overlap check read; they are not part of the page.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import Image
from reportlab import rl_config
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.pdfgen.pathobject import PDFPathObject

from desktop.forms import codes
from desktop.forms.model import Raster
from desktop.forms.type import Run, Span, Style, outline, registered, runs, shaped, width

# Page streams as bytes, not as base-85 text: a fifth smaller, and a sixth of the time of a page saved.
rl_config.useA85 = 0
MM = 72 / 25.4
# What paper must outlive is the copy of a copy (tests/flows/test_copies_are_legible.py). Five times copied, lines of 0.5
# points and the points and dots of small regular type fade: lines are drawn a little stronger than they are asked for, and
# small regular type is drawn in the medium face, set to the width of the regular one, so that no layout moves by it.
FAINTEST, STRONGER = 0.5, 0.65
SMALL, STURDY = 9.6, {"IBMPlexSans-Regular": "IBMPlexSans-Medium"}
Align = Literal["left", "right", "centre"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A text where it stands: page from 1, box in points from the top left."""

    page: int
    left: float
    top: float
    right: float
    bottom: float
    text: str


class Sheet:
    """Pages of one PDF. `invariant`: equal calls give equal bytes."""

    def __init__(self, size: tuple[float, float], title: str, subject: str = "") -> None:
        self._bytes = io.BytesIO()
        self._canvas = Canvas(self._bytes, pagesize=size, invariant=1, pageCompression=1, lang="en-GB")
        self._canvas.setTitle(title)
        self._canvas.setAuthor("Wardlamp")
        self._canvas.setSubject(subject)
        self.width, self.height = size
        self.page = 1
        self.placed: list[Placed] = []

    def first_page(self, size: tuple[float, float]) -> None:
        """The size of a page on which nothing stands yet."""
        self.width, self.height = size
        self._canvas.setPageSize(size)

    def next_page(self, size: tuple[float, float]) -> None:
        self._canvas.showPage()
        self.page += 1
        self.width, self.height = size
        self._canvas.setPageSize(size)

    def done(self) -> bytes:
        self._canvas.save()
        return self._bytes.getvalue()

    def text(
        self, x: float, baseline: float, text: str | Sequence[Span], style: Style | None = None, *,
        align: Align = "left", white: bool = False,
    ) -> float:  # fmt: skip
        """Draw one line at `x` (its left, right end or middle); returns where it ends."""
        spans: Sequence[Span] = ((text, style or Style()),) if isinstance(text, str) else text
        whole = sum(width(t, s) for t, s in spans)
        at = x - whole if align == "right" else x - whole / 2 if align == "centre" else x
        size = max((s.size for _, s in spans), default=0)
        words = "".join(t for t, _ in spans)
        if words.strip():
            self.placed.append(Placed(self.page, at, baseline - size * 0.78, at + whole, baseline + size * 0.22, words))
        self._canvas.setFillGray(1 if white else 0)
        for piece, how in spans:
            for run in runs(piece, how.face):
                at += self._run(run, at, self.height - baseline, how.size)
        self._canvas.setFillGray(0)
        return at

    def _run(self, run: Run, x: float, y: float, size: float) -> float:
        if not run.outline:
            wide = float(registered(run.font).stringWidth(run.text, size))
            sturdy = STURDY.get(run.font) if size < SMALL else None
            if sturdy is not None and wide:
                self._sturdy(run.text, sturdy, x, y, size, wide)
            else:
                self._canvas.setFont(run.font, size)
                self._canvas.drawString(x, y, run.text)
            return wide
        made = shaped(run)
        scale = size / made.units
        path = self._canvas.beginPath()
        for glyph, gx, gy in made.glyphs:
            _trace(path, outline(run.font, glyph), x + gx * scale, y + gy * scale, scale)
        self._canvas.drawPath(path, stroke=0, fill=1, fillMode=1)
        # Readers of the file find the words behind the outlines; they read right-to-left text in the order of drawing.
        self._canvas.setFont(run.font, size)
        self._canvas.drawString(x, y, run.text[::-1] if run.rtl else run.text, mode=3)
        return made.advance * scale

    def _sturdy(self, text: str, font: str, x: float, y: float, size: float, wide: float) -> None:
        """The text in a stronger font, made as wide as it was measured."""
        own = float(registered(font).stringWidth(text, size))
        words = self._canvas.beginText(x, y)
        words.setFont(font, size)
        words.setHorizScale(100 * wide / own)
        words.textOut(text)
        words.setHorizScale(100)
        self._canvas.drawText(words)

    def line(self, x0: float, y0: float, x1: float, y1: float, weight: float = 0.5) -> None:
        self._canvas.setLineWidth(_strong(weight))
        self._canvas.line(x0, self.height - y0, x1, self.height - y1)

    def dashed(self, x0: float, y: float, x1: float) -> None:
        """A cut line."""
        self._canvas.setDash(4, 3)
        self.line(x0, y, x1, y, 0.75)
        self._canvas.setDash()

    def dashed_box(self, x: float, y: float, wide: float, high: float, weight: float = 0.75) -> None:
        """A label to cut out."""
        self._canvas.setDash(4, 3)
        self.box(x, y, wide, high, weight)
        self._canvas.setDash()

    def box(self, x: float, y: float, wide: float, high: float, weight: float = 0.75, *, filled: bool = False) -> None:
        self._canvas.setLineWidth(_strong(weight))
        self._canvas.rect(x, self.height - y - high, wide, high, stroke=1, fill=int(filled))

    def patch(self, x: float, y: float, wide: float, high: float) -> None:
        """White paper over what was drawn."""
        self._canvas.setFillGray(1)
        self._canvas.rect(x, self.height - y - high, wide, high, stroke=0, fill=1)
        self._canvas.setFillGray(0)

    def hatch(self, x: float, y: float, wide: float, high: float, step: float = 1.9 * MM, weight: float = 0.5) -> None:
        """45° hatching in a frame."""
        self._canvas.saveState()
        low = self.height - y - high
        clip = self._canvas.beginPath()
        clip.rect(x, low, wide, high)
        self._canvas.clipPath(clip, stroke=0, fill=0)
        self._canvas.setLineWidth(weight)
        lines = self._canvas.beginPath()
        at = x - high
        while at < x + wide:
            lines.moveTo(at, low)
            lines.lineTo(at + high, low + high)
            at += step
        self._canvas.drawPath(lines, stroke=1, fill=0)
        self._canvas.restoreState()
        self.box(x, y, wide, high, weight)

    def circle(self, x: float, y: float, radius: float, *, filled: bool) -> None:
        """A mark with its middle at (x, y); an open one is white inside."""
        self._canvas.setLineWidth(1.1)
        self._canvas.setFillGray(0 if filled else 1)
        self._canvas.circle(x, self.height - y, radius, stroke=1, fill=1)
        self._canvas.setFillGray(0)

    def triangle(self, x: float, baseline: float, size: float, *, up: bool) -> None:
        """The shape of a flag: the fonts in use lack it (STACK-desktop §6)."""
        y = self.height - baseline
        path = self._canvas.beginPath()
        base, tip = (y, y + size) if up else (y + size, y)
        path.moveTo(x, base)
        path.lineTo(x + size, base)
        path.lineTo(x + size / 2, tip)
        path.close()
        self._canvas.drawPath(path, stroke=0, fill=1)

    def strokes(
        self, steps: Sequence[tuple[str, tuple[float, ...]]], x: float, y: float, scale: float = 1, weight: float = 0.75
    ) -> None:
        """A line drawing: steps m, l (x, y), c (two controls and an end), z, in units of `scale` points, downward from
        (`x`, `y`)."""
        path = self._canvas.beginPath()
        turned = tuple((kind, tuple(-n if i % 2 else n for i, n in enumerate(at))) for kind, at in steps)
        _trace(path, turned, x, self.height - y, scale)
        self._canvas.setLineWidth(weight)
        self._canvas.drawPath(path, stroke=1, fill=0)

    def picture(self, x: float, y: float, wide: float, high: float, raster: Raster) -> None:
        """A picture of pixels; the words in it are part of it, and not among those `placed`."""
        size = (raster.width, raster.height)
        held = Image.frombytes("RGB" if raster.samples == 3 else "L", size, raster.data)
        self._canvas.drawImage(ImageReader(held), x, self.height - y - high, wide, high)

    def datamatrix(self, x: float, y: float, text: str, module: float = codes.DATAMATRIX_MODULE) -> float:
        """Returns the side in points."""
        side, bars = codes.datamatrix(text)
        self._bars(x, y, bars, module, module)
        return side * module

    def gs1_datamatrix(self, x: float, y: float, elements: tuple[tuple[str, str], ...], module: float) -> float:
        """Returns the side in points."""
        side, bars = codes.gs1_datamatrix(elements)
        self._bars(x, y, bars, module, module)
        return side * module

    def code128(
        self, x: float, y: float, text: str, module: float = codes.CODE128_MODULE, high: float = codes.CODE128_HEIGHT
    ) -> float:
        """Returns the width in points."""
        wide, bars = codes.code128(text)
        self._bars(x, y, bars, module, high)
        return wide * module

    def _bars(self, x: float, y: float, bars: codes.Bars, wide: float, high: float) -> None:
        path = self._canvas.beginPath()
        for row, column, length in bars:
            path.rect(x + column * wide, self.height - y - (row + 1) * high, length * wide, high)
        self._canvas.drawPath(path, stroke=0, fill=1)


def _strong(weight: float) -> float:
    """The weight of a line as drawn; marks finer than a line of a form (0.5 points) stay as fine as they are."""
    return max(weight, STRONGER) if weight >= FAINTEST else weight


def _trace(
    path: PDFPathObject, steps: tuple[tuple[str, tuple[float, ...]], ...], x: float, y: float, scale: float
) -> None:
    for kind, numbers in steps:
        at = [n * scale + (y if i % 2 else x) for i, n in enumerate(numbers)]
        if kind == "m":
            path.moveTo(*at)
        elif kind == "l":
            path.lineTo(*at)
        elif kind == "c":
            path.curveTo(*at)
        else:
            path.close()
