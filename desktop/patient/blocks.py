"""Blocks of a section: each knows how high it is at a width and draws itself there; none cuts a word (LOOK §6).

A `Block` has `height(width)`, `draw(painter, x, y, width, theme)` and `words` (what a screen reader is told).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.patient.words import Age, StateWords
from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, MEDIUM, SEMIBOLD, font, line_height, metrics, width, wrap
from localdb.chart.reports import kept_whole


class Block(Protocol):
    words: str

    def height(self, width: float) -> float: ...
    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None: ...


def fold(text: str, role: str, room: float, weight: int | None = None) -> list[str]:
    """As `type.wrap`, but a word longer than the room is broken: better in two lines than outside the window."""
    made = metrics(role, weight)
    if "\n" not in text and made.horizontalAdvance(text) <= room:
        return [text]
    lines: list[str] = []
    for line in wrap(text, role, room, weight):
        while made.horizontalAdvance(line) > room and len(line) > 1:
            cut = len(line)
            while cut > 1 and made.horizontalAdvance(line[:cut]) > room:
                cut -= 1
            lines.append(line[:cut])
            line = line[cut:]
        lines.append(line)
    return lines


class Head:
    """A section head with its time at the right (LOOK §1.4)."""

    def __init__(self, title: str, age: Age, count: str = "") -> None:
        self.title, self.age, self.count = title, age, count
        self.words = " ".join(x for x in (title, count, f"complete to {age.text}" if age.text else "") if x)

    def height(self, width: float) -> float:
        return 38

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        area = QRectF(x, y, width, 34)
        age = self.age
        paint.draw_section_head(painter, area, self.title, theme, count=self.count, age=age.text, state=age.state)


class Gap:
    """Empty space."""

    words = ""

    def __init__(self, size: float) -> None:
        self._size = size

    def height(self, width: float) -> float:
        return self._size

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        """Nothing."""


class Para:
    """Words in one role, wrapped."""

    def __init__(self, text: str, role: str = "body", token: str = "ink", weight: int | None = None) -> None:
        self.words, self._role, self._token, self._weight = text, role, token, weight

    def height(self, width: float) -> float:
        return len(fold(self.words, self._role, width, self._weight)) * line_height(self._role) + 2

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        step = line_height(self._role)
        baseline = y + step - 5
        for line in fold(self.words, self._role, width, self._weight):
            paint.draw_text(painter, x, baseline, line, font(self._role, self._weight), theme.color(self._token))
            baseline += step


class State:
    """What stands in place of a list (look/17 EMPTY)."""

    def __init__(self, said: StateWords) -> None:
        self.words = f"{said.title}. {said.text}"
        self._title, self._text = Para(said.title, "body", weight=SEMIBOLD), Para(said.text, "label", "ink2")

    def height(self, width: float) -> float:
        return 6 + self._title.height(width) + self._text.height(width) + 6

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        self._title.draw(painter, x, y + 6, width, theme)
        self._text.draw(painter, x, y + 6 + self._title.height(width), width, theme)


class Boxed:
    """Words in a tinted box with an icon: warn (a gap), pen (written here), plain (PRELIMINARY …).

    `lines` are (text, heavy); what stands before a tab is heavy by itself; the first may have a word at the right.
    """

    KINDS = {
        "warn": ("warn_tint", "warn_fill", "ink", 1.5),
        "pen": ("pen_tint", "pen", "pen", 1.5),
        "crit": ("panel", "hi", "ink", 2.5),
        "plain": ("panel", "ink", "ink", 1.5),
    }

    def __init__(
        self, lines: Sequence[tuple[str, bool]], kind: str, icon: str | None, right: str = "", *, mono: bool = False
    ) -> None:
        """`mono`: all lines but the heavy ones are report text."""
        self._mono = mono
        self._lines, self._kind, self._icon, self._right = tuple(lines), kind, icon, right
        self.words = ". ".join(text.replace("\t", " ") for text, _ in lines if text)

    def _folded(self, room: float) -> list[tuple[str, bool, bool]]:
        inner = room - (52 if self._icon else 24)
        made: list[tuple[str, bool, bool]] = []
        for n, (text, heavy) in enumerate(self._lines):
            space = inner - (width(self._right, "label") + 12 if n == 0 and self._right else 0)
            role = "mono" if self._mono and not heavy else "label"
            weight = SEMIBOLD if heavy or "\t" in text else None
            lead = len(text.split("\t")[0]) if "\t" in text else 0
            whole = kept_whole(text) if role == "mono" else text
            for line in fold(whole.replace("\t", " "), role, space, weight):
                made.append((f"{line[:lead]}\t{line[lead:]}" if lead > 0 else line, heavy, n == 0))
                lead -= len(line) + 1
        return made

    def height(self, width: float) -> float:
        return len(self._folded(width)) * 21 + 18

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        fill, border, first, line = self.KINDS[self._kind]
        area = QRectF(x, y + 2, width, self.height(width) - 6)
        paint.box(painter, area, fill=getattr(theme, fill), border=getattr(theme, border), width=line)
        left = x + 12
        if self._icon:
            draw_icon(painter, self._icon, x + 12, y + 9, 20, getattr(theme, first if self._kind == "pen" else "ink"))
            left = x + 40
        baseline = y + 23.0
        if self._right:
            paint.draw_text(painter, x + width - 12, baseline, self._right, font("label"), theme.ink2, right=True)
        for text, heavy, is_first in self._folded(width):
            color = getattr(theme, first) if is_first else theme.ink
            made = font("label", SEMIBOLD) if heavy else font("mono" if self._mono else "label")
            lead, _, rest = text.rpartition("\t")
            at = left + (paint.draw_text(painter, left, baseline, lead, font("label", SEMIBOLD), color) if lead else 0)
            paint.draw_text(painter, at, baseline, rest, made, color)
            baseline += 21


class Pairs:
    """Facts in two columns: text, and a detail behind it in ink2 (problems with their year)."""

    def __init__(self, pairs: Sequence[tuple[str, str]], columns: int = 2) -> None:
        self._pairs, self._columns = tuple(pairs), columns
        self.words = "; ".join(f"{a} {b}".strip() for a, b in pairs)

    def _rows(self, room: float) -> list[list[tuple[list[str], str]]]:
        column = room / self._columns - 12
        fits = all(width(a, "body") + 6 + width(b, "label") <= column for a, b in self._pairs)
        count = self._columns if fits else 1
        column = room / count - (12 if count > 1 else 0)
        cells = [(fold(a, "body", column - width(b, "label") - 6), b) for a, b in self._pairs]
        return [cells[n : n + count] for n in range(0, len(cells), count)]

    def height(self, width: float) -> float:
        return sum(max(len(lines) for lines, _ in row) * 22 + 2 for row in self._rows(width)) + 4

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        rows = self._rows(width)
        count = max((len(r) for r in rows), default=1)
        for row in rows:
            for n, (lines, detail) in enumerate(row):
                left, baseline = x + n * width / count, y + 17.0
                for m, line in enumerate(lines):
                    used = paint.draw_text(painter, left, baseline + m * 22, line, font("body"), theme.ink)
                last = baseline + (len(lines) - 1) * 22
                paint.draw_text(painter, left + used + 6, last, detail, font("label"), theme.ink2)
            y += max(len(lines) for lines, _ in row) * 22 + 2


class Cell(NamedTuple):
    """One text in a table row."""

    text: str
    role: str = "body"
    token: str = "ink"
    weight: int | None = None
    boxed: bool = False
    struck: bool = False


class TableRow:
    """One row of a table with fixed columns; each column holds lines of texts, wrapped, never cut; hairline below.

    `columns` are (start, end) as shares of the width, or px when over 1; `right` the columns set flush right.
    """

    def __init__(
        self,
        cells: Sequence[Sequence[Cell]],
        columns: Sequence[float],
        *,
        right: frozenset[int] = frozenset(),
        rule: str = "rule",
        pad: float = 4,
    ) -> None:
        self._cells, self._columns, self._right, self._rule, self._pad = cells, columns, right, rule, pad
        self.words = ", ".join(c.text for column in cells for c in column if c.text)
        self._last: tuple[float, list[list[tuple[str, Cell]]]] | None = None

    def _edges(self, width: float) -> list[tuple[float, float]]:
        starts = [c * width for c in self._columns]
        return list(zip(starts, [*[s - 10 for s in starts[1:]], width], strict=True))

    def _folded(self, width: float) -> list[list[tuple[str, Cell]]]:
        """The lines of each column; kept for one width, since the height and the drawing ask for the same."""
        if self._last is None or self._last[0] != width:
            self._last = (width, self._fold(width))
        return self._last[1]

    def _fold(self, width: float) -> list[list[tuple[str, Cell]]]:
        made = []
        for column, (left, right) in zip(self._cells, self._edges(width), strict=True):
            made.append(
                [
                    (line, c)
                    for c in column
                    for line in fold(c.text, c.role, right - left - (16 if c.boxed else 0), c.weight)
                    if c.text
                ]
            )
        return made

    def height(self, width: float) -> float:
        return max((sum(line_height(c.role) for _, c in column) for column in self._folded(width)), default=22) + (
            2 * self._pad
        )

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        for n, (column, (left, right)) in enumerate(zip(self._folded(width), self._edges(width), strict=True)):
            at = y + self._pad
            boxed = [c for _, c in column if c.boxed]
            if boxed:
                high = sum(line_height(c.role) for _, c in column if c.boxed) + 4
                wide = max(metrics(c.role, c.weight).horizontalAdvance(t) for t, c in column if c.boxed) + 16
                start = x + left if n not in self._right else x + right - wide
                paint.box(painter, QRectF(start, at - 2, wide, high), fill=theme.panel, border=theme.ink, width=2)
            for text, cell in column:
                at += line_height(cell.role)
                made = font(cell.role, cell.weight)
                start = x + left + (8 if cell.boxed else 0)
                color = getattr(theme, cell.token)
                if n in self._right:
                    start = (
                        x + right - (8 if cell.boxed else 0) - metrics(cell.role, cell.weight).horizontalAdvance(text)
                    )
                if cell.struck:
                    paint.draw_struck(painter, start, at - 5, text, made, color)
                else:
                    paint.draw_text(painter, start, at - 5, text, made, color)
        paint.hairline(painter, x, y + self.height(width) - 1, x + width, getattr(theme, self._rule))


class Lead:
    """A table's head line, or a heading within it, closed by a line of `weight` px."""

    def __init__(self, cells: Sequence[str], columns: Sequence[float], *, line: float = 1.5, count: str = "") -> None:
        self._cells, self._columns, self._line, self._count = cells, columns, line, count
        self.words = ", ".join(c for c in cells if c)

    def height(self, width: float) -> float:
        return 28

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        heading = len(self._cells) == 1
        used = 0.0
        for text, share in zip(self._cells, self._columns, strict=False):
            made = font("label", SEMIBOLD if heading else MEDIUM)
            used = paint.draw_text(painter, x + share * width, y + 19, text, made, theme.ink2)
        if self._count:
            paint.draw_text(painter, x + used + 8, y + 19, self._count, font("label"), theme.ink2)
        color = theme.rule2 if heading else theme.ink
        paint.hairline(painter, x, y + 28 - self._line, x + width, color, self._line)


class Mono:
    """Report text: monospace, its own line breaks, never reflowed mid-measurement (CLINICAL §4.1): long lines wrap at
    words only, and never inside a measurement."""

    def __init__(self, text: str, *, token: str = "ink", bold: bool = False) -> None:
        self.words, self._token, self._bold = text, token, bold
        self._set = kept_whole(text)

    def height(self, width: float) -> float:
        return len(fold(self._set, "mono", width)) * 22 + 4

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        for n, line in enumerate(fold(self._set, "mono", width)):
            made = font("mono", BOLD if self._bold else None)
            paint.draw_text(painter, x, y + 17 + n * 22, line, made, getattr(theme, self._token))


def tall(blocks: Sequence[Block], width: float) -> float:
    """The height of blocks below each other."""
    return sum(b.height(width) for b in blocks)


def draw_blocks(painter: QPainter, blocks: Sequence[Block], x: float, y: float, width: float, theme: Theme) -> None:
    """Draw blocks below each other."""
    for block in blocks:
        block.draw(painter, x, y, width, theme)
        y += block.height(width)
