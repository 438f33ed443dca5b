"""The order in which mixed left-to-right and right-to-left text is drawn (UAX #9, without explicit embeddings).

Lines of a form run left to right; the direction controls that a sender may have put in are removed before (they could
make one name read as another). Names and numbers are drawn as separate strings, so that a number never moves to the
other side of a Hebrew or Arabic name.
"""

from __future__ import annotations

from unicodedata import bidirectional

_STRONG_RTL = ("R", "AL")
_NEUTRAL = ("B", "S", "WS", "ON", "BN")


def needs_order(text: str) -> bool:
    """Whether `text` has anything that runs right to left. All such characters stand behind U+0590, which one look at the
    greatest one tells: nearly every text has a tied space and is no ASCII."""
    return not text.isascii() and max(text) >= "\u0590" and any(bidirectional(c) in ("R", "AL", "AN") for c in text)


def segments(text: str) -> tuple[tuple[str, bool], ...]:
    """`text` in the order of drawing, as (piece in logical order, runs right to left)."""
    if not needs_order(text):
        return ((text, False),) if text else ()
    levels = _levels([bidirectional(c) for c in text])
    pieces: list[tuple[str, int]] = []
    for char, level in zip(text, levels, strict=True):
        if pieces and pieces[-1][1] == level:
            pieces[-1] = pieces[-1][0] + char, level
        else:
            pieces.append((char, level))
    ordered = pieces
    for level in range(max(levels, default=0), 0, -1):
        ordered = _reversed_from(ordered, level)
    return tuple((piece, level % 2 == 1) for piece, level in ordered)


def _reversed_from(pieces: list[tuple[str, int]], level: int) -> list[tuple[str, int]]:
    """Rule L2: every stretch of pieces at `level` or above is reversed."""
    out: list[tuple[str, int]] = []
    stretch: list[tuple[str, int]] = []
    for piece in pieces:
        if piece[1] >= level:
            stretch.append(piece)
        else:
            out += [*reversed(stretch), piece]
            stretch = []
    return out + stretch[::-1]


def _levels(kinds: list[str]) -> list[int]:
    """The level of each character: 0 left to right, 1 right to left, 2 numbers within right-to-left text."""
    kinds = _weak(kinds)
    levels = []
    for n, kind in enumerate(kinds):
        if kind == "R":
            levels.append(1)
        elif kind in ("EN", "AN"):
            levels.append(2 if kind == "AN" or _before(kinds, n) == "R" else 0)
        elif kind == "L":
            levels.append(0)
        else:
            levels.append(1 if _before(kinds, n) == "R" == _after(kinds, n) else 0)
    return levels


def _weak(kinds: list[str]) -> list[str]:
    """Rules W1 to W6: marks take their base, digits after Arabic letters are Arabic numbers, signs join numbers."""
    out: list[str] = []
    strong = "L"
    for n, kind in enumerate(kinds):
        if kind == "NSM":
            kind = out[-1] if out else "L"
        if kind in ("L", "R", "AL"):
            strong = kind
        if kind == "EN" and strong == "AL":
            kind = "AN"
        if kind in ("ES", "CS") and out and n + 1 < len(kinds):
            after = "AN" if kinds[n + 1] == "EN" and strong == "AL" else kinds[n + 1]
            kind = out[-1] if out[-1] == after and (after == "EN" or (after == "AN" and kind == "CS")) else "ON"
        if kind == "ET":
            kind = "EN" if (out and out[-1] == "EN") or (n + 1 < len(kinds) and kinds[n + 1] == "EN") else "ON"
        out.append("R" if kind in _STRONG_RTL else "ON" if kind in _NEUTRAL or kind in ("ES", "CS") else kind)
    return out


def _before(kinds: list[str], n: int) -> str:
    """The strong direction before a place; the start of a line is left to right. Arabic numbers count as R."""
    number = kinds[n] in ("EN", "AN")
    for kind in reversed(kinds[:n]):
        if kind in ("L", "R"):
            return kind
        if not number and kind == "AN":
            return "R"
        if not number and kind == "EN":
            return "R" if _before(kinds, n - 1) == "R" else "L"
    return "L"


def _after(kinds: list[str], n: int) -> str:
    """The direction after a place: the next strong letter or number; the end of a line is left to right."""
    for m in range(n + 1, len(kinds)):
        if kinds[m] in ("L", "R"):
            return kinds[m]
        if kinds[m] == "AN":
            return "R"
        if kinds[m] == "EN":
            return "R" if _before(kinds, m) == "R" else "L"
    return "L"
