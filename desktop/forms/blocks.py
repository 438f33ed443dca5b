"""Rows of an outline as blocks of known height, drawn later where the flow puts them (LOOK §9 for sizes).

A block is never split while it fits into a column; one that is taller than a whole column goes on strip by strip.
Nothing is cut: text that is too wide for its place gets lines of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desktop.forms import outline as o
from desktop.forms.language import tr
from desktop.forms.sheet import Sheet
from desktop.forms.type import Line, Span, Style, glued, tied, width, wrap

BODY, STRONG, LABEL = Style("regular", 10), Style("semibold", 10), Style("regular", 8.5)
HEAD, NOW, DOSE = Style("semibold", 12), Style("bold", 10.5), Style("bold", 11)
MONO, NOTE = Style("mono", 9), Style("semibold", 9)
LEADING = 12.4
NO_RANGE = "no range"
_UP, _DOWN = frozenset({"H", "HH"}), frozenset({"L", "LL"})
# Right edges of the result columns, as shares of the column's width.
_NOW_RIGHT, _BEFORE_RIGHT, _NAME_ROOM = 0.475, 0.72, 0.355

Draw = Callable[[Sheet, float, float], None]


@dataclass(frozen=True, slots=True)
class Strip:
    """A horizontal piece of a block: `draw(sheet, left, top)`."""

    height: float
    draw: Draw


@dataclass(frozen=True, slots=True)
class Block:
    """Strips that stand together; `tied` = never the last thing of a column (a head)."""

    strips: tuple[Strip, ...]
    tied: bool = False

    @property
    def height(self) -> float:
        return sum(s.height for s in self.strips)

    def draw(self, sheet: Sheet, x: float, y: float) -> None:
        for strip in self.strips:
            strip.draw(sheet, x, y)
            y += strip.height


def gap(height: float) -> Strip:
    return Strip(height, lambda sheet, x, y: None)


def rule(wide: float, weight: float = 0.5, above: float = 1.5, below: float = 1.0) -> Strip:
    return Strip(above + below, lambda sheet, x, y: sheet.line(x, y + above, x + wide, y + above, weight))


def line_strip(line: Line, leading: float = LEADING, indent: float = 0, *, right: float | None = None) -> Strip:
    """One wrapped line; `right` = its right end, else it starts at `indent`."""

    def draw(sheet: Sheet, x: float, y: float) -> None:
        at = x + (indent if right is None else right)
        sheet.text(at, y + leading * 0.78, line.spans, align="left" if right is None else "right")

    return Strip(leading, draw)


def paragraph(spans: list[Span], wide: float, leading: float = LEADING, indent: float = 0) -> tuple[Strip, ...]:
    return tuple(line_strip(line, leading, indent) for line in wrap(spans, wide - indent))


def section_head(section: o.Section, wide: float, *, again: bool = False) -> Block:
    """The title, its age at the right, an ink line (LOOK §9). On a new column it says that it goes on."""
    title = wrap([(section.title + (tr(", continued") if again else ""), HEAD)], wide)
    as_of = wrap([(glued(section.as_of), LABEL)], wide) if section.as_of else []
    beside = len(title) == 1 == len(as_of) and title[0].width + as_of[0].width + 8 <= wide
    strips = [gap(4)]
    if beside:
        strips.append(_beside(title[0], as_of[0], wide, 14))
    else:
        strips += [line_strip(t, 14) for t in title] + [line_strip(t, 11, right=wide) for t in as_of]
    return Block((*strips, rule(wide, 1.0, 1.5, 2.5)), tied=True)


def _beside(left: Line, right: Line, wide: float, leading: float = LEADING, indent: float = 0) -> Strip:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.text(x + indent, y + leading * 0.78, left.spans)
        sheet.text(x + wide, y + leading * 0.78, right.spans, align="right")

    return Strip(leading, draw)


def pair_strips(left: list[Span], right: list[Span], wide: float, leading: float = LEADING) -> tuple[Strip, ...]:
    """Left text in lines, right text at the end of the first one, or on lines of its own where it is too wide."""
    if not right:
        return paragraph(left, wide, leading)
    whole = sum(width(t, s) for t, s in right)
    if whole > wide * 0.6:
        ends = tuple(line_strip(line, leading, right=wide) for line in wrap(right, wide - 10))
        return (*paragraph(left, wide, leading), *ends)
    lines = wrap(left, wide - whole - 8) or [Line((), 0)]
    first = _beside(lines[0], Line(tuple(right), whole), wide, leading)
    return (first, *(line_strip(line, leading) for line in lines[1:]))


def text_block(row: o.Text, wide: float) -> Block:
    style = MONO if row.mono else STRONG if row.strong else BODY
    paragraphs = row.text.split("\n") if row.mono else [row.text]
    strips: list[Strip] = []
    for text in paragraphs:
        strips += paragraph([(text if row.mono else glued(text), style)], wide, 11.4 if row.mono else LEADING) or [
            gap(6)
        ]
    return Block(tuple(strips))


def pair_block(row: o.Pair, wide: float) -> Block:
    style = STRONG if row.strong else BODY
    strips = pair_strips([(glued(row.left), style)], [(glued(row.right), style)] if row.right else [], wide)
    if row.note:
        strips += paragraph([(glued(row.note), NOTE)], wide, 11.4, 8)
    return Block((*strips, rule(wide)) if row.ruled else strips)


def medicine_block(row: o.Medicine, wide: float) -> Block:
    """Drug and dose bold on one line, route and frequency with the last dose below (CLINICAL §5.2)."""
    drug, dose = tied(row.drug), tied(row.dose)
    strips: tuple[Strip, ...]
    if width(drug, STRONG) + width(dose, DOSE) + 8 <= wide:
        strips = pair_strips([(drug, STRONG)], [(dose, DOSE)], wide, 13)
    else:
        shown = wrap([(tr("DOSE") + " ", LABEL), (dose, DOSE)], wide - 10)
        strips = (*paragraph([(drug, STRONG)], wide), *(line_strip(line, 13.2, right=wide) for line in shown))
    second = pair_strips([(glued(row.detail), BODY)], [(row.given, STRONG)] if row.given else [], wide)
    notes = tuple(s for note in row.notes for s in paragraph([(glued(note), NOTE)], wide, 11.4, 8))
    return Block((*strips, *second, *notes, rule(wide)))


def heads_block(row: o.Heads, wide: float) -> Block:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        for text, share in ((row.now, _NOW_RIGHT), (row.before, _BEFORE_RIGHT)):
            sheet.text(x + wide * share + 14, y + 10, text, Style("semibold", 8.5), align="right")
        sheet.text(x + wide, y + 10, tr("range"), LABEL, align="right")

    if max(width(t, Style("semibold", 8.5)) for t in (row.now, row.before)) > wide * 0.24:
        text = row.now + (tr(", before {value}").format(value=row.before) if row.before else "")
        return Block((*paragraph([(text, Style("semibold", 8.5))], wide, 11.4), rule(wide)), tied=True)
    return Block((Strip(12.5, draw), rule(wide, above=0)), tied=True)


def result_block(row: o.Result, wide: float) -> Block:
    """Name and unit, newest value, the one before, range; long values and ranges on lines of their own."""
    fits = (
        width(row.now.text, NOW) <= wide * (_NOW_RIGHT - _NAME_ROOM)
        and width(row.before.text, BODY) <= wide * (_BEFORE_RIGHT - _NOW_RIGHT) - 24
        and max(width(f, NOW) for f in (row.now.flag, row.before.flag)) <= 16
    )
    short_range = width(row.range, LABEL) <= wide * (1 - _BEFORE_RIGHT) - 24
    name = wrap([(row.name, BODY)], wide * _NAME_ROOM if fits else wide, 8)
    strips: tuple[Strip, ...]
    if fits:
        strips = (_figures(row, name[0], wide, row.range if short_range else ""),)
        strips += tuple(line_strip(line, 11.4, 8) for line in name[1:])
    else:
        strips = tuple(line_strip(line, LEADING, 8 if n else 0) for n, line in enumerate(name))
        strips += paragraph([(glued(row.now.line), NOW)], wide, 12.6, 8)
        if row.before.text:
            strips += paragraph([(tr("before") + " ", LABEL), (glued(row.before.line), BODY)], wide, LEADING, 8)
    if row.range and not (fits and short_range):
        label = "" if row.range == tr(NO_RANGE) else tr("range") + " "
        strips += paragraph([(label + row.range, LABEL)], wide, 11, 8)
    strips += tuple(s for note in row.notes for s in note_strips(note, wide))
    return Block((*strips, rule(wide, above=1, below=0.6)))


def _figures(row: o.Result, name: Line, wide: float, range_: str) -> Strip:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.text(x, y + 9.8, name.spans)
        for value, share, style in ((row.now, _NOW_RIGHT, NOW), (row.before, _BEFORE_RIGHT, BODY)):
            at = x + wide * share
            sheet.text(at, y + 9.8, value.text, style, align="right")
            draw_flag(sheet, at + 4, y + 9.8, value.flag)
        sheet.text(x + wide, y + 9.8, range_, LABEL, align="right")

    return Strip(LEADING, draw)


def draw_flag(sheet: Sheet, x: float, baseline: float, flag: str) -> None:
    """Triangle and letters as sent; HH and LL stand in a box (LOOK §6, H11)."""
    letters = flag.upper()
    at = x
    if letters in _UP or letters in _DOWN:
        sheet.triangle(x, baseline - 0.2, 5.6, up=letters in _UP)
        at += 7.2
    end = sheet.text(at, baseline, flag, Style("bold", 9))
    if len(letters) == 2 and letters in _UP | _DOWN:
        sheet.box(x - 1.6, baseline - 8, end - x + 3.2, 10, 0.9)


def note_strips(note: o.Note, wide: float) -> tuple[Strip, ...]:
    """The line under a result; what was corrected is struck through, and stays readable."""
    if not note.struck:
        return paragraph([(glued(note.before), NOTE)], wide, 11.4, 10)
    strike = Style("regular", 9)
    spans: list[Span] = [(note.before + " ", NOTE), (tied(note.struck), strike), (" " + note.after, strike)]
    lines = wrap(spans, wide - 10)
    return tuple(_struck(line, tied(note.struck), strike) for line in lines)


def _struck(line: Line, struck: str, style: Style) -> Strip:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.text(x + 10, y + 8.9, line.spans)
        at = x + 10
        for text, how in line.spans:
            before, found, _ = text.partition(struck)
            if found and how == style:
                start = at + width(before, style)
                sheet.line(start, y + 6, start + width(struck, style), y + 6, 0.8)
                return
            at += width(text, how)

    return Strip(11.4, draw)


def grid_block(row: o.Grid, wide: float) -> list[Block]:
    """A head and one block a row; the first column after the name is the newest and bold."""
    name_room = wide * (0.36 if len(row.heads) > 1 else 0.5)
    # A date with its year stays whole: the names give way, down to a quarter of the width.
    word = max((width(w, Style("semibold", 8.5)) for h in row.heads for w in h.split()), default=0)
    name_room = max(wide * 0.24, min(name_room, wide - len(row.heads) * (word + 6.5)))
    each = (wide - name_room) / max(1, len(row.heads))
    head = _grid_strip([[], *([(h, Style("semibold", 8.5))] for h in row.heads)], name_room, each, wide, 11.4)
    blocks = [Block((*head, rule(wide, 0.9)), tied=True)]
    for cells in row.rows:
        spans = [[(c, BODY if n != 1 else NOW)] if c else [] for n, c in enumerate(cells)]
        rooms = (name_room, *(each for _ in row.heads))
        if any(width(w, s) > room - 6 for room, c in zip(rooms, spans, strict=True) for t, s in c for w in _words(t)):
            blocks.append(_below(row.heads, spans, wide))
            continue
        blocks.append(Block((*_grid_strip(spans, name_room, each, wide, LEADING), rule(wide, above=1, below=0.6))))
    return blocks


def _words(text: str) -> list[str]:
    """What stays together on a line."""
    return glued(text).split(" ")


def _below(heads: tuple[str, ...], cells: list[list[Span]], wide: float) -> Block:
    """A row of which the name or a figure is wider than its column: each figure below the name, behind its time. Neither
    is broken."""
    strips = list(paragraph([(glued(t), s) for t, s in cells[0]], wide))
    for head, cell in zip(heads, cells[1:], strict=True):
        if cell:
            strips += paragraph([(glued(head) + "  ", LABEL), *((glued(t), s) for t, s in cell)], wide, LEADING, 8)
    return Block((*strips, rule(wide, above=1, below=0.6)))


def _grid_strip(
    cells: list[list[Span]], name_room: float, each: float, wide: float, leading: float
) -> tuple[Strip, ...]:
    wrapped = [wrap([(glued(t), s) for t, s in c], (each if n else name_room) - 6) for n, c in enumerate(cells)]
    out: list[Strip] = []
    for k in range(max(len(lines) for lines in wrapped)):

        def draw(sheet: Sheet, x: float, y: float, k: int = k) -> None:
            for n, lines in enumerate(wrapped):
                if k < len(lines):
                    at = x + name_room + n * each if n else x
                    sheet.text(at, y + leading * 0.78, lines[k].spans, align="right" if n else "left")

        out.append(Strip(leading, draw))
    return tuple(out)


def row_blocks(row: o.Row, wide: float) -> list[Block]:
    """The blocks of one row of an outline in a column `wide` points wide."""
    match row:
        case o.Text():
            return [text_block(row, wide)]
        case o.Pair():
            return [pair_block(row, wide)]
        case o.Medicine():
            return [medicine_block(row, wide)]
        case o.Heads():
            return [heads_block(row, wide)]
        case o.Result():
            return [result_block(row, wide)]
        case o.Grid():
            return grid_block(row, wide)


def boxed(paragraphs: list[list[Span]], wide: float, weight: float = 1.2) -> Block:
    """Paragraphs in a ruled box across `wide` points."""
    strips = tuple(s for spans in paragraphs for s in paragraph(spans, wide - 16))
    high = sum(s.height for s in strips) + 7

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.box(x, y, wide, high, weight)
        at = y + 3
        for strip in strips:
            strip.draw(sheet, x + 8, at)
            at += strip.height

    return Block((Strip(high + 5, draw),))
