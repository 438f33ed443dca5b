"""Names and facts of a row in as many lines as its width asks for: nothing is cut, nothing runs into anything (LOOK §6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from desktop.patient.blocks import fold
from desktop.shell.type import width

Piece = tuple[str, int]  # text, weight
NameLine = tuple[Piece, ...]


def folded_name(pieces: Iterable[Piece], role: str, room: float) -> tuple[NameLine, ...]:
    """`pieces` (`MOHAMMED, ` heavy, `Amina` plain) in lines no wider than `room`: broken at blanks and after hyphens, and
    only where a single part is wider than the whole room within it."""
    shown = tuple(p for p in pieces if p[0])
    if name_width(shown, role) <= room:  # nearly always
        return (shown,)
    lines: list[list[Piece]] = [[]]
    used = 0.0
    for text, weight in shown:
        for part in text.replace("-", "-\0").replace(" ", " \0").split("\0"):
            bare = width(part.rstrip(), role, weight)
            if lines[-1] and used + bare > room:
                lines.append([])
                used = 0.0
            broken = fold(part.rstrip(), role, room, weight) if bare > room else [part]
            for n, piece in enumerate(broken):
                if n:
                    lines.append([])
                    used = 0.0
                if piece:
                    lines[-1].append((piece, weight))
                    used += width(piece, role, weight)
    return tuple(_joined(line) for line in lines if line) or ((),)


def _joined(line: Sequence[Piece]) -> NameLine:
    """Neighbours of one weight as one piece, so that they are drawn with their own spacing."""
    made: list[Piece] = []
    for text, weight in line:
        if made and made[-1][1] == weight:
            made[-1] = (made[-1][0] + text, weight)
        else:
            made.append((text, weight))
    return tuple(made)


def name_width(line: NameLine, role: str) -> float:
    return sum(width(text, role, weight) for text, weight in line)


def flowed(widths: Sequence[float], room: float, gap: float = 24) -> list[int]:
    """On which line each item of that width stands, when they follow one another with `gap` between."""
    placed: list[int] = []
    line, used = 0, 0.0
    for wide in widths:
        if used and used + wide > room:
            line, used = line + 1, 0.0
        placed.append(line)
        used += wide + gap
    return placed
