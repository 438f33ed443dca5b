"""Words burnt into the pixels of an image: the label, whose it is, how it lies, what was measured (CLINICAL §4.2).

What leaves the viewer on paper or as a file cannot lose them again: they are pixels like the rest. The words are set by
the code that sets our sheets, so that every script reads as it does there; a dark edge keeps them readable on any ground.
Pure: the same image and words give the same pixels. No Qt.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from desktop.forms.language import tr
from desktop.forms.model import Raster
from desktop.forms.pictures import REVIEW_ONLY
from desktop.forms.sheet import Sheet
from desktop.forms.type import Line, Style, glued, width, wrap
from desktop.printing.preview import page_image

Pixels = NDArray[np.uint8]
WIDE, NARROW = 420.0, 250.0  # points across of a picture that has a sheet to itself, of one beside others
_LABEL, _WORDS, _CORNER, _LETTER = Style("bold", 12), Style("medium", 9.5), Style("semibold", 8), Style("bold", 15)
_WHOSE, _WARNED = Style("bold", 10.5), Style("semibold", 9.5)
SHORT = "REVIEW ONLY"
_EDGE = 1.4  # points of dark round the letters on the image
_HIGHEST = 4096  # pixels: nothing is enlarged beyond
_LEAST = 1.6  # pixels a point below which words cannot be read: a smaller image is enlarged first


class Drawn(msgspec.Struct, frozen=True):
    """What was drawn on an image: `points` (x, y) as shares of the shown picture, joined by lines; `text` at the last."""

    points: tuple[tuple[float, float], ...]
    text: str = ""
    has_ends: bool = True


class Label(msgspec.Struct, frozen=True):
    """What is burnt in. `identity` name, born, number; `about` examination, series, image, copy; `letters` at the top,
    right, bottom and left, "" where not stated; `flags` words that must be seen on the image itself, such as FLIPPED;
    `notes` what to beware of."""

    identity: str
    about: str
    letters: tuple[str, str, str, str] = ("", "", "", "")
    flags: tuple[str, ...] = ()
    marks: tuple[Drawn, ...] = ()
    notes: str = ""


def burnt(image: Pixels, label: Label, wide: float = WIDE) -> Raster:
    """The image (rows, columns[, 3], 8 bits) between a bar with the label and one with the identity, words on it too, set
    as on a picture that will be `wide` points across."""
    image, before = _enlarged(image, _LEAST * wide)
    inset = before / image.shape[1]
    marks = tuple(
        Drawn(tuple((inset + x * (1 - 2 * inset), y) for x, y in m.points), m.text, m.has_ends) for m in label.marks
    )
    label = replace(label, marks=marks)
    scale = image.shape[1] / wide
    high = image.shape[0] / scale
    on_it = _mask(scale, wide, high, lambda sheet: _draw_on(sheet, label, wide, high))
    image = _printed(image, on_it[: image.shape[0], : image.shape[1]], round(_EDGE * scale))
    above = _lines(tr(REVIEW_ONLY), _LABEL, wide)
    below = [
        line
        for text, style in ((label.identity, _WHOSE), (label.about, _WORDS), (label.notes, _WARNED))
        for line in _lines(text, style, wide)
    ]
    bars = [_bar(lines, scale, wide, image) for lines in (above, below)]
    made = np.ascontiguousarray(np.concatenate([bars[0], image, bars[1]]))
    return Raster(made.shape[1], made.shape[0], 3 if made.ndim == 3 else 1, made.tobytes())


def _enlarged(image: Pixels, least: float) -> tuple[Pixels, int]:
    """Whole-number enlargement by repeating pixels, so that nothing is invented between them; what is too slender for words
    even so stands in the middle of black. With the columns of black before it."""
    rows, columns = image.shape[:2]
    times = max(1, min(math.ceil(least / columns), _HIGHEST // rows))
    if times > 1:
        image = image.repeat(times, axis=0).repeat(times, axis=1)
    missing = max(0, math.ceil(least) - image.shape[1])
    sides = ((0, 0), (missing // 2, missing - missing // 2), (0, 0))
    return (np.pad(image, sides[: image.ndim]), missing // 2) if missing else (image, 0)


def _lines(text: str, style: Style, wide: float) -> list[Line]:
    return wrap([(glued(text), style)], wide - 12) if text else []


def _leading(line: Line) -> float:
    return max((style.size for _, style in line.spans), default=10) * 1.3


def _bar(lines: list[Line], scale: float, wide: float, like: Pixels) -> Pixels:
    """White words on black, as wide as the image and of its kind."""
    high = sum(map(_leading, lines)) + 6

    def draw(sheet: Sheet) -> None:
        y = 3.0
        for line in lines:
            y += _leading(line)
            sheet.text(6, y - _leading(line) * 0.26, line.spans)

    bar = _mask(scale, wide, high, draw)[: round(high * scale), : like.shape[1]]
    return np.repeat(bar[:, :, None], 3, axis=2) if like.ndim == 3 else bar


def _mask(scale: float, wide: float, high: float, draw: Callable[[Sheet], None]) -> Pixels:
    """What `draw` sets in black on white, as white on black, `scale` pixels a point; at least as large as asked for."""
    sheet = Sheet((wide + 2, high + 2), "")
    draw(sheet)
    if not sheet.placed:  # a page on which nothing stands is no page
        return np.zeros((math.ceil((high + 2) * scale), math.ceil((wide + 2) * scale)), np.uint8)
    page = page_image(sheet.done(), 0, dpi=72 * scale)
    grey = np.frombuffer(page.rgba, np.uint8).reshape(page.height, page.width, 4)[:, :, 0]
    return 255 - grey


def _draw_on(sheet: Sheet, label: Label, wide: float, high: float) -> None:
    top, right, bottom, left = label.letters
    for text, x, y in (
        (top, wide / 2, 18),
        (bottom, wide / 2, high - 7),
        (left, 14, high / 2),
        (right, wide - 14, high / 2),
    ):
        if text:
            half = width(text, _LETTER) / 2
            sheet.text(min(max(x, 5 + half), wide - 5 - half), y, text, _LETTER, align="centre")
    # On the image itself, so that one cut out of its bars still says what it is; low, where side markers seldom lie.
    lines = [line for text in (tr(SHORT), label.identity) for line in wrap([(glued(text), _CORNER)], wide * 0.44)]
    for n, line in enumerate(reversed(lines)):
        sheet.text(6, high - 6 - 10 * n, line.spans)
    y = 16.0
    for text in label.flags:
        sheet.text(wide - 6, y, text, _LABEL, align="right")
        y += 15
    for mark in label.marks:
        _draw_mark(sheet, mark, wide, high)


def _draw_mark(sheet: Sheet, mark: Drawn, across: float, high: float) -> None:
    points = [(x * across, y * high) for x, y in mark.points]
    for (x0, y0), (x1, y1) in pairwise(points):
        sheet.line(x0, y0, x1, y1, 1.2)
    for x, y in (points[0], points[-1]) if points and mark.has_ends else ():
        sheet.line(x - 4, y, x + 4, y, 1.2)
        sheet.line(x, y - 4, x, y + 4, 1.2)
    if points and mark.text:
        x, y = points[-1]
        wide = width(mark.text, _CORNER)
        sheet.text(min(x + 6, across - 4 - wide), min(max(y - 6, 10), high - 4), mark.text, _CORNER)


def _printed(image: Pixels, words: Pixels, edge: int) -> Pixels:
    """White words with a dark edge over the image."""
    dark = words
    for axis in (0, 1):
        dark = _spread(dark, edge, axis)
    over, keep = words.astype(np.float32) / 255, 1 - dark.astype(np.float32) / 255
    if image.ndim == 3:
        over, keep = over[:, :, None], keep[:, :, None]
    return np.clip(image * keep + 255 * over + 0.5, 0, 255).astype(np.uint8)


def _spread(mask: Pixels, reach: int, axis: int) -> Pixels:
    """The largest value within `reach` along one axis."""
    out: Any = mask
    for n in range(1, reach + 1):
        shifted = np.zeros_like(mask)
        back = np.zeros_like(mask)
        if axis == 0:
            shifted[n:], back[:-n] = mask[:-n], mask[n:]
        else:
            shifted[:, n:], back[:, :-n] = mask[:, :-n], mask[:, n:]
        out = np.maximum(out, np.maximum(shifted, back))
    return np.asarray(out, np.uint8)
