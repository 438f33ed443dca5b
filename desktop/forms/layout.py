"""Sections flow down columns and onto new pages; nothing is cut and no head stands alone (LOOK §9, H13).

First page: left sections in the left column, right ones in the right. What does not fit goes on, in order, down the
columns of the pages that follow, under a head that says "continued".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from desktop.forms import outline as o
from desktop.forms.blocks import Block, row_blocks, section_head
from desktop.forms.sheet import Sheet

Items = list[tuple[float, float, Block]]


@dataclass(frozen=True, slots=True)
class Area:
    """A column: points from the top left of the page."""

    left: float
    top: float
    width: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


class Drawn(Protocol):
    """What draws itself on each page: the frame of a form, the labels of a sheet."""

    def draw(self, sheet: Sheet, page: int, pages: int, copy: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Panel:
    """One framed part of a page (a page has one; two A5 halves have two) and what stands in it."""

    frame: Drawn
    items: Items = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Design:
    """The pages of one copy; `cut` the height of a cut line between two halves, which are two copies."""

    size: tuple[float, float]
    pages: tuple[tuple[Panel, ...], ...]
    cut: float | None = None

    @property
    def copies_each(self) -> int:
        return max(len(panels) for panels in self.pages)


class Filling:
    """The columns of one page after another, filled from the top; `areas(page)` gives those of a page from 0."""

    def __init__(self, areas: Callable[[int], tuple[Area, ...]]) -> None:
        self._areas = areas
        self.pages: list[Items] = [[]]
        self.page = self.column = 0
        self.area = areas(0)[0]
        self.y = self.area.top

    def go_to(self, column: int) -> None:
        """The top of another column of this page."""
        self.column = column
        self.area = self._areas(self.page)[column]
        self.y = self.area.top

    def onward(self) -> None:
        """The next column, or the first one of a new page."""
        if self.column + 1 < len(self._areas(self.page)):
            self.go_to(self.column + 1)
        else:
            self.page += 1
            if self.page == len(self.pages):
                self.pages.append([])
            self.go_to(0)

    @property
    def tallest(self) -> float:
        """The height of a whole column: boxes across the first page may make its columns short."""
        return max(area.height for area in self._areas(self.page + 1))

    @property
    def room(self) -> float:
        return self.area.bottom - self.y

    def place(self, block: Block) -> None:
        self.pages[self.page].append((self.area.left, self.y, block))
        self.y += block.height


@dataclass(frozen=True, slots=True)
class Piece:
    """A block of a section, and the section that it belongs to (for the head when it goes on)."""

    section: o.Section
    block: Block
    first: bool = False


def pieces(sections: Iterable[o.Section], wide: float) -> list[Piece]:
    out: list[Piece] = []
    for section in sections:
        out.append(Piece(section, section_head(section, wide), first=True))
        out += [Piece(section, block) for row in section.rows for block in row_blocks(row, wide)]
    return out


def fill(filling: Filling, todo: list[Piece], *, within_column: bool = False) -> list[Piece]:
    """Place pieces in order; with `within_column` stop at the end of this column and return what is left."""
    rest = _splittable(todo, filling.tallest)
    while rest:
        need, n = 0.0, 0
        while n < len(rest):
            need += rest[n].block.height
            n += 1
            if not rest[n - 1].block.tied:
                break
        is_short = filling.area.height < filling.tallest - 0.01 and need <= filling.tallest
        if need > filling.room and (filling.y > filling.area.top + 0.01 or is_short):
            if within_column:
                return rest
            filling.onward()
            if not rest[0].first and not rest[0].block.tied:
                filling.place(section_head(rest[0].section, filling.area.width, again=True))
            continue
        for piece in rest[:n]:
            filling.place(piece.block)
        rest = rest[n:]
    return []


def _splittable(todo: list[Piece], height: float) -> list[Piece]:
    """Blocks taller than most of a whole column fall into their strips; all others stay in one piece."""
    out: list[Piece] = []
    for piece in todo:
        if piece.block.height > height * 0.6 and len(piece.block.strips) > 1:
            out += [Piece(piece.section, Block((strip,))) for strip in piece.block.strips]
        else:
            out.append(piece)
    return out


def two_columns(areas: Callable[[int], tuple[Area, ...]], sections: tuple[o.Section, ...]) -> list[Items]:
    """The sections of side 0 and 1 beside each other on the first page, what is left in order on the next ones."""
    filling = Filling(areas)
    wide = filling.area.width
    left = fill(filling, pieces((s for s in sections if s.side == 0), wide), within_column=True)
    filling.go_to(1)
    right = fill(filling, pieces((s for s in sections if s.side == 1), wide), within_column=True)
    rest = _with_head(left, wide) + _with_head(right, wide)
    if rest:
        filling.onward()
        fill(filling, rest)
    return filling.pages


def _with_head(rest: list[Piece], wide: float) -> list[Piece]:
    """What is left of a section starts under its head again."""
    if not rest or rest[0].first:
        return rest
    return [Piece(rest[0].section, section_head(rest[0].section, wide, again=True), first=True), *rest]
