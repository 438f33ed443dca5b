"""Type on paper: which font draws which character, how wide a text is, and where a line may break (LOOK §3, §9).

Rules: every character of a name prints or says its code point (`[U+1F600]`), never an empty box; scripts that need it
are shaped by HarfBuzz and drawn as outlines with the text behind them, so that the bytes of a page depend on the page
alone; a line breaks between words, never within a word, a name or a dose, unless the word alone is wider than the line.
"""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import uharfbuzz
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from desktop.forms import bidi

NBSP = "\u00a0"
# Face -> (file, weight of the fallbacks). The slashed zero stands in identifiers only (LOOK §3).
FACES = {
    "regular": ("IBMPlexSans-Regular", "Regular"),
    "medium": ("IBMPlexSans-Medium", "Regular"),
    "semibold": ("IBMPlexSans-SemiBold", "Bold"),
    "bold": ("IBMPlexSans-Bold", "Bold"),
    "mono": ("IBMPlexMono-Regular", "Regular"),
    "monobold": ("IBMPlexMono-SemiBold", "Bold"),
    "ident": ("WardlampMono-SemiBold", "Bold"),
    "identsans": ("WardlampSansID-SemiBold", "Bold"),
}
# First word of a character's Unicode name -> the font that holds its script.
_SCRIPTS = {
    "ARABIC": "NotoNaskhArabic",
    "HEBREW": "NotoSansHebrew",
    "DEVANAGARI": "NotoSansDevanagari",
    "BENGALI": "NotoSansBengali",
    "GUJARATI": "NotoSansGujarati",
    "GURMUKHI": "NotoSansGurmukhi",
    "TAMIL": "NotoSansTamil",
    "THAI": "NotoSansThai",
    "HANGUL": "NotoSansKR",
    **dict.fromkeys(("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH", "KANGXI"), "NotoSansSC"),
}
_ONE_WEIGHT = ("NotoSansKR", "NotoSansSC")
_SHAPED = frozenset(f for f in _SCRIPTS.values() if f not in _ONE_WEIGHT)
_LAST = ("NotoSansSC", "NotoSansKR")
_UNIT = re.compile(r"(?<=\d) (?=[^\W\d_]{1,11}\b|%|°)")
_TIME = re.compile(r"(?<=-\d{4}) (?=\d\d:\d\d)|(?<=\d-[A-Z][a-z]{2}) (?=\d\d:\d\d)")
_BREAKS = re.compile(r"(?<=[-/_,.;:@)|+])")


@dataclass(frozen=True, slots=True)
class Style:
    """A face of FACES and a size in points."""

    face: str = "regular"
    size: float = 10


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text that one font draws; `outline` = shaped by HarfBuzz, drawn as outlines."""

    font: str
    text: str
    outline: bool = False
    rtl: bool = False


Span = tuple[str, Style]


@dataclass(frozen=True, slots=True)
class Line:
    """One line after wrapping: pieces of text with their styles, and their width in points."""

    spans: tuple[Span, ...]
    width: float

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.spans)


@cache
def _bytes(font: str) -> bytes:
    return files("resources").joinpath("fonts", f"{font}.ttf").read_bytes()


@cache
def registered(font: str) -> TTFont:
    """The font of that file, registered with reportlab once."""
    made = TTFont(font, io.BytesIO(_bytes(font)))
    pdfmetrics.registerFont(made)
    return made


@cache
def _harfbuzz(font: str) -> uharfbuzz.Font:
    return uharfbuzz.Font(uharfbuzz.Face(_bytes(font)))


@lru_cache(maxsize=8192)
def font_of(char: str, face: str) -> str | None:
    """The font that draws `char` in `face`: Plex, then the Noto font of its script; None where no font has it."""
    first, weight = FACES[face]
    code = ord(char)
    if code in registered(first).face.charToGlyph:
        return first
    name = unicodedata.name(char, "").replace("-", " ").split(" ")[0]
    script = _SCRIPTS.get(name)
    tried = [f"NotoSans-{weight}"] if script is None else []
    tried += [_weighted(f, weight) for f in ((script,) if script else ()) + _LAST]
    return next((f for f in tried if code in registered(f).face.charToGlyph), None)


def _weighted(family: str, weight: str) -> str:
    return f"{family}-{'Regular' if family in _ONE_WEIGHT else weight}"


def _family(font: str) -> str:
    return font.rsplit("-", 1)[0]


@lru_cache(maxsize=8192)
def runs(text: str, face: str) -> tuple[Run, ...]:
    """`text` as runs in the order of drawing."""
    shown = unicodedata.normalize("NFC", text.replace(NBSP, " "))
    out: list[Run] = []
    for piece, rtl in bidi.segments(shown):
        made = _font_runs(piece, face, rtl)
        out += reversed(made) if rtl else made
    return tuple(out)


def _font_runs(piece: str, face: str, rtl: bool) -> list[Run]:
    out: list[tuple[str, str]] = []
    for char in piece:
        font = font_of(char, face)
        joins = unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf") or char in " -'.,"
        if out and joins and ord(char) in registered(out[-1][0]).face.charToGlyph:
            font = out[-1][0]
        if font is None:
            char, font = f"[U+{ord(char):04X}]", FACES[face][0]
        if out and out[-1][0] == font:
            out[-1] = font, out[-1][1] + char
        else:
            out.append((font, char))
    return [Run(font, t, _is_shaped(font, t) or rtl, rtl) for font, t in out]


def _is_shaped(font: str, text: str) -> bool:
    return _family(font) in _SHAPED or any(unicodedata.category(c) in ("Mn", "Mc", "Me") for c in text)


@dataclass(frozen=True, slots=True)
class Shaped:
    """Glyphs in drawing order: (glyph, x, y) in font units, and the whole advance."""

    glyphs: tuple[tuple[int, float, float], ...]
    advance: float
    units: int


@lru_cache(maxsize=2048)
def shaped(run: Run) -> Shaped:
    """HarfBuzz's word on a run."""
    font = _harfbuzz(run.font)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(run.text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if run.rtl else "ltr"
    uharfbuzz.shape(font, buffer)
    x, glyphs = 0.0, []
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        glyphs.append((info.codepoint, x + position.x_offset, float(position.y_offset)))
        x += position.x_advance
    return Shaped(tuple(glyphs), x, font.face.upem)


class _Pen:
    """Collects an outline as moves, lines and cubic curves in font units."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, tuple[float, ...]]] = []
        self.at = (0.0, 0.0)

    def moveTo(self, p: tuple[float, float]) -> None:
        self.steps.append(("m", p))
        self.at = p

    def lineTo(self, p: tuple[float, float]) -> None:
        self.steps.append(("l", p))
        self.at = p

    def curveTo(self, a: tuple[float, float], b: tuple[float, float], p: tuple[float, float]) -> None:
        self.steps.append(("c", (*a, *b, *p)))
        self.at = p

    def qCurveTo(self, *points: tuple[float, float]) -> None:
        control, p = points[-2], points[-1]
        one, two = (tuple(q + 2 / 3 * (c - q) for q, c in zip(end, control, strict=True)) for end in (self.at, p))
        self.steps.append(("c", (*one, *two, *p)))
        self.at = p

    def closePath(self) -> None:
        self.steps.append(("z", ()))

    def endPath(self) -> None:
        self.steps.append(("z", ()))


@lru_cache(maxsize=4096)
def outline(font: str, glyph: int) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """The outline of a glyph as (m, l, c or z, coordinates in font units)."""
    pen = _Pen()
    _harfbuzz(font).draw_glyph_with_pen(glyph, pen)
    return tuple(pen.steps)


@lru_cache(maxsize=16384)
def width(text: str, style: Style) -> float:
    """The width of `text` in points as it will be drawn."""
    total = 0.0
    for run in runs(text, style.face):
        if run.outline:
            made = shaped(run)
            total += made.advance * style.size / made.units
        else:
            total += registered(run.font).stringWidth(run.text, style.size)
    return total


def glued(text: str) -> str:
    """`text` with numbers tied to the unit or word behind them and dates to their times: `2.5 mg` never breaks."""
    return _TIME.sub(NBSP, _UNIT.sub(NBSP, text))


def tied(text: str) -> str:
    """`text` that stands on one line if it fits on one at all (a drug's name, a dose, a number)."""
    return text.replace(" ", NBSP)


def wrap(spans: list[Span] | tuple[Span, ...], room: float, hanging: float = 0) -> list[Line]:
    """`spans` in lines no wider than `room` points; lines after the first are `hanging` points shorter.

    Every character stays. A tied word (NBSP) that is wider than a line is untied first, then broken after a hyphen or
    slash, and only then between characters.
    """
    lines: list[list[Span]] = [[]]
    used = 0.0
    for word in _words(spans):
        for piece, gap in _fitted(word, room - hanging):
            size = _width(piece)
            space = width(" ", piece[0][1]) if gap and lines[-1] else 0.0
            limit = room if len(lines) == 1 else room - hanging
            if lines[-1] and used + space + size > limit + 0.01:
                lines.append([])
                used = space = 0.0
            if space:
                lines[-1].append((" ", piece[0][1]))
            lines[-1] += piece
            used += space + size
    return [Line(tuple(_joined(spans)), _width(spans)) for spans in lines]


def _joined(spans: list[Span]) -> list[Span]:
    out: list[Span] = []
    for text, style in spans:
        if out and out[-1][1] == style and not (bidi.needs_order(text) or bidi.needs_order(out[-1][0])):
            out[-1] = out[-1][0] + text, style
        elif out and out[-1][1] == style and _same_script(out[-1][0], text):
            out[-1] = out[-1][0] + text, style
        else:
            out.append((text, style))
    return out


def _same_script(one: str, two: str) -> bool:
    """Whether two pieces may be drawn as one string: no number may move to the other side of a name."""
    return not any(c.isdigit() for c in one + two)


def _width(spans: list[Span]) -> float:
    return sum(width(text, style) for text, style in spans)


def _words(spans: list[Span] | tuple[Span, ...]) -> list[list[Span]]:
    """Words as pieces that stand together although their styles differ."""
    words: list[list[Span]] = [[]]
    for text, style in spans:
        parts = re.split(r"[ \n\t\r]", text)
        for n, part in enumerate(parts):
            if n:
                words.append([])
            if part:
                words[-1].append((part, style))
    return [w for w in words if w]


def _fitted(word: list[Span], room: float) -> list[tuple[list[Span], bool]]:
    """`word` as pieces that fit into `room`, each with whether a space goes before it."""
    if _width(word) <= room:
        return [(word, True)]
    if any(NBSP in text for text, _ in word):
        loose = [(text.replace(NBSP, " "), style) for text, style in word]
        return [p for part in _words(loose) for p in _fitted(part, room)]
    out: list[tuple[list[Span], bool]] = []
    for text, style in word:
        for part in filter(None, _BREAKS.split(text)):
            out += [([(piece, style)], not out and not n) for n, piece in enumerate(_cut(part, style, room))]
    return out


def _cut(text: str, style: Style, room: float) -> list[str]:
    """A part wider than a line, broken between characters (never before a combining mark)."""
    if width(text, style) <= room:
        return [text]
    out = [""]
    for char in text:
        mark = unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf")
        if out[-1] and not mark and width(out[-1] + char, style) > room:
            out.append("")
        out[-1] += char
    return out
