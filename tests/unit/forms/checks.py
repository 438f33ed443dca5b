"""How a page is judged: what its text says, what its barcodes say, what stands on what. Used by many tests."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import pypdfium2
import zxingcpp
from PIL import Image

from desktop.forms import type as type_
from desktop.forms.bidi import needs_order
from desktop.forms.sheet import Placed
from desktop.printing import preview

_LONG = 24  # letters of a word that no narrow column holds in one line
_BETWEEN = 120  # lines from the beginning of a fact to its end: what stands on a page before a table goes on


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page as a reader of the file finds it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [document[n].get_textpage().get_text_range() for n in range(len(document))]
    finally:
        document.close()


def squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text.replace("\ufffe", "-").replace("\u0002", "-")).split())


def as_drawn(text: str) -> str:
    """A fact as paper can show it: what no font has reads as its code point."""
    return "".join(c if c.isspace() or type_.font_of(c, "regular") else f"[U+{ord(c):04X}]" for c in
                   unicodedata.normalize("NFC", text))  # fmt: skip


def missing(facts: Iterable[str], pdf: bytes) -> list[str]:
    """The facts that are not on the pages: as one piece, or its words in order close to each other."""
    text = squeezed(" ".join(page_texts(pdf)))
    letters = set(text)
    return [f for f in facts if not _is_found(as_drawn(f), text, letters)]


def _is_found(fact: str, text: str, letters: set[str]) -> bool:
    if needs_order(fact):  # readers differ in the order of right-to-left words: every word must be there
        return all(_either_way(word, text) for word in fact.split())
    return squeezed(fact) in text or _in_order(fact.split(), text)


def not_drawn(facts: Iterable[str], placed: Iterable[Placed]) -> list[str]:
    """The facts whose words were not drawn in their order, whatever the direction of their script."""
    lines = [squeezed(p.text) for p in placed]
    text = "".join(lines)
    return [
        f for f in facts if not (squeezed(f) in text or _in_order(as_drawn(f).split(), text) or _in_lines(f, lines))
    ]


def _in_lines(fact: str, lines: list[str]) -> bool:
    """Whether a fact with a word longer than a line is the end of one line, then whole lines, then the beginning of one, in
    their order: such a word may go on in the next row or on the next page, after what stands between."""
    if max(map(len, fact.split()), default=0) < _LONG:
        return False
    whole = squeezed(as_drawn(fact))
    for n, line in enumerate(lines):
        for size in range(min(len(line), len(whole)), 0, -1):
            if line.endswith(whole[:size]) and _goes_on(whole[size:], lines[n + 1 : n + 1 + _BETWEEN]):
                return True
    return False


def _goes_on(rest: str, lines: list[str]) -> bool:
    for n, line in enumerate(lines):
        if line.startswith(rest):
            return True
        if line and rest.startswith(line) and _goes_on(rest[len(line) :], lines[n + 1 :]):
            return True
    return False


def _either_way(word: str, text: str) -> bool:
    bare = squeezed(word).strip(",;:()")
    return bare in text or bare[::-1] in text


def _in_order(words: list[str], text: str) -> bool:
    limit = sum(map(len, words)) * 3 + 1500
    start = text.find(words[0])
    while start >= 0:
        at = start
        for word in words:
            at = text.find(word, at)
            if at < 0 or at - start > limit:
                break
            at += len(word)
        else:
            return True
        start = text.find(words[0], start + 1)
    return False


def overlaps(placed: Iterable[Placed]) -> list[tuple[str, str]]:
    """Pairs of texts of one page that touch each other."""
    out = []
    pages: dict[int, list[Placed]] = {}
    for p in placed:
        pages.setdefault(p.page, []).append(p)
    for found in pages.values():
        found.sort(key=lambda p: p.top)
        for n, a in enumerate(found):
            for b in found[n + 1 :]:
                if b.top > a.bottom:
                    break
                wide = min(a.right, b.right) - max(a.left, b.left)
                high = min(a.bottom, b.bottom) - max(a.top, b.top)
                if wide > 0.6 and high > 0.3 * min(a.bottom - a.top, b.bottom - b.top):
                    out.append((a.text, b.text))
    return out


def outside(placed: Iterable[Placed], size: tuple[float, float]) -> list[str]:
    """Texts that stand over the edge of the printable area (10 mm)."""
    margin = 10 * 72 / 25.4 - 0.5
    return [
        p.text for p in placed if p.left < margin or p.right > size[0] - margin or p.bottom > size[1] - 14 or p.top < 14
    ]


def barcodes(pdf: bytes, page: int, dpi: int = 200) -> list[tuple[str, str]]:
    """(format, text) of every barcode on a page, as a scanner sees the print."""
    made = preview.page_image(pdf, page, dpi)
    image = Image.frombytes("RGBA", (made.width, made.height), made.rgba).convert("L")
    found = zxingcpp.read_barcodes(image, formats=[zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.Code128])
    return sorted((str(b.format).replace(" ", "").removeprefix("BarcodeFormat."), b.text) for b in found)
