"""Drawing a chart with a column a time (time_columns says what stands in it): one side after another.

Rows share the height of a page; where a large identity block leaves them too low to write in, the chart goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desktop.forms import flow
from desktop.forms.blanks import space
from desktop.forms.blocks import Block, Strip
from desktop.forms.language import tr
from desktop.forms.layout import Area
from desktop.forms.sheet import MM, Sheet
from desktop.forms.time_columns import DIGIT, DIGIT_ROOM, PAPER, TOP, VALUE, Group, Row, Shape
from desktop.forms.type import Line, Style, glued, width, wrap

NAME, HINT, BAND = Style("semibold", 9), Style("regular", 8), Style("medium", 9)
_STEPS = {1: 3.2 * MM, 2: 2.0 * MM, 3: 1.25 * MM}  # between the lines of the hatching
_PAD, _LEADING, _TOP_HIGH = 2.5, 9.4, 13.0
LEAST_HIGH = 9.6  # of a row that shares what is left


def chart_parts(
    area: Area, above: Sequence[Block], when: Sequence[Group], groups: Sequence[Group], shape: Shape, *, first: int,
    copied: int,
) -> list[flow.Part]:  # fmt: skip
    """One side of a chart under what stands `above` it. Where a large identity block leaves its rows too low to write
    in, the groups go on to the next side under the same times."""
    above = [*above, space(3)]
    high = area.height - sum(b.height for b in above) - 1

    def side(some: Sequence[Group]) -> Block | None:
        return chart_block(area.width, high, (*when, *some), shape, first=first, copied=copied)

    whole = side(groups)
    if whole is not None:
        return [*above, whole]
    out: list[flow.Part] = [*above]
    rest = list(groups)
    while rest:
        n = next((k for k in range(len(rest), 1, -1) if side(rest[:k]) is not None and k < len(groups) * 0.7), 1)
        out += [] if len(rest) == len(groups) else [flow.NewPage(), *above]
        block = side(rest[:n]) or chart_block(area.width, 1e9, (*when, *rest[:n]), shape, first=first, copied=copied)
        assert block is not None
        out.append(block)
        rest = rest[n:]
    return out


def chart_block(
    wide: float, high: float, groups: Sequence[Group], shape: Shape, *, first: int, copied: int
) -> Block | None:  # fmt: skip
    """One side of a chart, `high` points at most: its columns from number `first` on, of which those below `copied`
    are filled. Rows without a height share what the others leave, 24 points each at most; None where that is too low."""
    has_line = 0 < copied - first <= shape.columns
    heights = _heights(groups, shape, high - (_TOP_HIGH if has_line else 0))
    if heights is None:
        return None
    shown = [_Drawn(group, found) for group, found in zip(groups, heights, strict=True)]
    total = sum(h for d in shown for h in d.heights) + (_TOP_HIGH if has_line else 0)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        top = y + (_TOP_HIGH if has_line else 0)
        at = top
        for group in shown:
            _draw_group(sheet, x, at, wide, group, shape, first, copied)
            at += sum(group.heights)
        left = x + shape.name + shape.label
        column = shape.column(wide)
        for n in range(shape.columns + 1):
            sheet.line(left + n * column, top, left + n * column, at, 0.5)
        for edge in (x, left, x + wide):
            sheet.line(edge, top, edge, at, 0.9)
        sheet.line(x, top, x + wide, top, 0.9)
        if has_line:
            _draw_start(sheet, left + (copied - first) * column, y, at, left, x + wide)

    return Block((Strip(total, draw),))


@dataclass(frozen=True, slots=True)
class _Drawn:
    group: Group
    heights: list[float]


def _draw_start(sheet: Sheet, at: float, top: float, low: float, left: float, right: float) -> None:
    """The line where paper starts, with its words to the right of it, or to the left where there is more room."""
    sheet.line(at, top, at, low, 2.5)
    words, style = tr(PAPER), Style("bold", 9)
    if width(words, style) + 14 <= right - at:
        sheet.triangle(at + 4, top + 9.5, 6, up=False)
        sheet.text(at + 13, top + 9.5, words, style)
    else:
        sheet.triangle(at - 11, top + 9.5, 6, up=False)
        sheet.text(at - 14, top + 9.5, words, style, align="right")


def _draw_group(
    sheet: Sheet, x: float, y: float, wide: float, drawn: _Drawn, shape: Shape, first: int, copied: int
) -> None:
    left, column = x + shape.name + shape.label, shape.column(wide)
    group, at = drawn.group, y
    _lines(sheet, x + _PAD, y, sum(drawn.heights), _name_lines(group, shape), centred=False)
    for row, height in zip(group.rows, drawn.heights, strict=True):
        if row.points:
            sheet.hatch(left, at, wide - shape.name - shape.label, height, _STEPS[row.points])
        start = x + shape.name if group.name else x
        lines = wrap([(glued(row.label), BAND)], _label_room(group, shape))
        _lines(sheet, start + _PAD, at, height, lines)
        for n in range(shape.columns):
            _draw_cell(sheet, left + n * column, at, column, height, row, first + n, copied)
        at += height
        if row is not group.rows[-1]:
            sheet.line(start, at, x + wide, at, 0.5)
    if group.name:
        sheet.line(x + shape.name, y, x + shape.name, at, 0.5)
    sheet.line(x, at, x + wide, at, 0.9)


def _draw_cell(
    sheet: Sheet, x: float, y: float, wide: float, high: float, row: Row, number: int, copied: int
) -> None:  # fmt: skip
    low = y + high / 2 + 3.4
    if row.points is not None:
        if row.points:
            sheet.patch(x + 0.6, y + 0.8, DIGIT_ROOM - 0.8, high - 1.6)
        sheet.text(x + 1.3, low - 0.6, str(row.points), DIGIT)
    if number < copied:
        text = row.cells[number] if number < len(row.cells) else ""
        if not text:
            return
        lines = text.split("\n")
        if row.points:
            whole = max(width(line, DIGIT if n else VALUE) for n, line in enumerate(lines))
            sheet.patch(x + wide - whole - 1.9, y + 0.8, whole + 1.3, high - 1.6)
        for n, line in enumerate(lines):
            style = TOP if row.is_top else DIGIT if n else VALUE
            shift = (n - (len(lines) - 1) / 2) * 9
            sheet.text(x + wide - (1 if row.is_top else 1.2), low + shift, line, style, align="right")
    elif row.is_closed:
        sheet.line(x + 3, y + high - 3, x + wide - 3, y + 3, 0.75)
    elif row.ring:
        parts = row.ring.split("\n")
        for n, part in enumerate(parts):
            sheet.text(x + wide / 2, low + (n - (len(parts) - 1) / 2) * 9, part, DIGIT, align="centre")


def _lines(sheet: Sheet, x: float, y: float, high: float, lines: Sequence[Line], *, centred: bool = True) -> None:
    """Lines in a cell: centred in its height, or from its top."""
    size = len(lines) * _LEADING
    at = y + ((high - size) / 2 if centred or size > high - 3 else 2)
    for n, line in enumerate(lines):
        sheet.text(x, at + 7.4 + n * _LEADING, line.spans)


def _heights(groups: Sequence[Group], shape: Shape, high: float) -> list[list[float]] | None:
    """The height of each row: what it must have, and a share of what is left; None where the share is too low."""
    needs = [[_need(row, group, shape) for row in group.rows] for group in groups]
    is_free = [[not row.height for row in group.rows] for group in groups]
    each = 0.0
    while free := sum(map(sum, is_free)):
        fixed = sum(n for ns, fs in zip(needs, is_free, strict=True) for n, f in zip(ns, fs, strict=True) if not f)
        each = min(shape.most, (high - fixed) / free)
        larger = [[f and n <= each for n, f in zip(ns, fs, strict=True)] for ns, fs in zip(needs, is_free, strict=True)]
        if larger == is_free:
            break
        is_free = larger
    heights = [
        _tall_enough([each if f else n for n, f in zip(ns, fs, strict=True)], group, shape)
        for group, ns, fs in zip(groups, needs, is_free, strict=True)
    ]
    return heights if sum(map(sum, heights)) <= high + 0.5 and (not free or each >= LEAST_HIGH) else None


def _need(row: Row, group: Group, shape: Shape) -> float:
    """The height that a row must have at least."""
    lines = len(wrap([(glued(row.label), BAND)], _label_room(group, shape))) if row.label else 0
    return max(row.height, lines * _LEADING + 1.5 if lines > 1 else LEAST_HIGH)


def _label_room(group: Group, shape: Shape) -> float:
    return (shape.label if group.name else shape.name + shape.label) - 2 * _PAD


def _tall_enough(heights: list[float], group: Group, shape: Shape) -> list[float]:
    """The heights of a group's rows, the last one grown where its name needs more."""
    lines = _name_lines(group, shape)
    lack = len(lines) * _LEADING + 3 - sum(heights)
    return [*heights[:-1], heights[-1] + max(0.0, lack)] if lines else heights


def _name_lines(group: Group, shape: Shape) -> list[Line]:
    if not group.name:
        return []
    room = shape.name - 2 * _PAD
    hint = wrap([(glued(group.hint), HINT)], room) if group.hint else []
    return [*wrap([(glued(group.name), NAME)], room), *hint]
