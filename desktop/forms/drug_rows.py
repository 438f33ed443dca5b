"""A box of the drug chart: one order, what it says at the left, where its doses are written at the right, what must stand
with it below, the prescriber's signature at its foot (CLINICAL §5.2, §5.3, look/21).

Nothing is cut: a name gets lines of its own, a box that would be too tall goes on in a box below itself under the same
number, and a grid of many times likewise (H13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from desktop.forms import blanks
from desktop.forms.blanks import Field
from desktop.forms.blocks import BODY, STRONG, Block, Strip, gap, line_strip, paragraph
from desktop.forms.drug_grid import (
    DAYS,
    IF_NEEDED,
    ROW,
    WEEK,
    Grid,
    Record,
    chunks,
    days_from,
    grid_of,
    grid_strip,
    record_strip,
)
from desktop.forms.drug_words import Words, words_of
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.sheet import Sheet
from desktop.forms.type import Line, Span, Style, glued, tied, width, wrap
from localdb.chart.dose_times import NOT_DUE, OPEN, Timetable
from localdb.chart.drug_chart import Item
from localdb.chart.medicine_blocks import WEEKLY_ON, WEEKLY_STOP, WEEKLY_UNKNOWN, weekly
from localdb.chart.medicine_blocks import Block as Below

NAME, DOSE, LABEL, MARK = Style("bold", 13), Style("bold", 13), Style("regular", 8.5), Style("semibold", 9)
_LEAD, _PAD, _NUMBER = 12.2, 6.0, 20.0
_LEFT = 0.505  # of the width: what the order says
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a box: `strips` stand together."""

    strips: tuple[Strip, ...]

    @property
    def height(self) -> float:
        return sum(s.height for s in self.strips)


def order_blocks(model: FormModel, item: Item, wide: float, most: float) -> list[Block]:
    """The box of an order, in as many pieces as it needs of at most `most` points."""
    words = words_of(model, item)
    left = wide * _LEFT
    said = _said(words, left - 2 * _PAD)
    head = _head(str(item.number), words.drug, words.marks, words.about, wide)
    foot = signatures(wide)
    room = most - head.height - foot.height
    pieces: list[Part] = []
    rest = list(said)
    for n, part in enumerate(_rights(model, item, room)):
        kept, rest = _fitting(rest, room) if n == 0 else ([], rest)
        again = [*kept] if n == 0 else [line_strip(_line(_again(words), STRONG), _LEAD, 0)]
        pieces.append(_body(again, part, wide, left))
    while rest:
        kept, rest = _fitting(rest, room)
        pieces.append(Part((_plain_body(kept, wide),)))
    pieces += [_below(b, wide) for b in item.blocks]
    whole = sum(p.height for p in pieces) + head.height + foot.height
    if whole <= most:
        return [_box((head, *(s for p in pieces for s in p.strips), foot), wide)]
    return _pages(item, words, head, pieces, foot, wide, most)


def _pages(
    item: Item, words: Words, head: Strip, pieces: list[Part], foot: Strip, wide: float, most: float
) -> list[Block]:
    """Several boxes under one number; the signature stands in the first."""
    out: list[Block] = []
    strips: list[Strip] = [head]
    first = True
    for piece in pieces:
        for strip in piece.strips:
            used = sum(s.height for s in strips) + (foot.height if first else 0)
            if used + strip.height > most and len(strips) > 1:
                out.append(_box((*strips, *([foot] if first else [])), wide, is_last=False))
                first = False
                strips = [_head(str(item.number), _again(words), (), (), wide)]
            strips.append(strip)
    out.append(_box((*strips, *([foot] if first else [])), wide))
    return out


def _again(words: Words) -> str:
    return tr("{drug}, continued").format(drug=words.drug)


def _line(text: str, style: Style) -> Line:
    return Line(((text, style),), width(text, style))


def _box(strips: Sequence[Strip], wide: float, *, is_last: bool = True) -> Block:
    """A frame round the strips, and a little air below."""
    high = sum(s.height for s in strips)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        at = y
        for strip in strips:
            strip.draw(sheet, x, at)
            at += strip.height
        sheet.box(x, y, wide, high, 1.2)

    return Block((Strip(high + (5 if is_last else 3), draw),))


def _head(
    number: str, drug: str, marks: Sequence[str], about: Sequence[tuple[str, str]], wide: float
) -> Strip:  # fmt: skip
    """Number, the whole name, and the marks at the right or below where it is long; then form, reason and course."""
    room = wide - _NUMBER - 2 * _PAD
    said = ", ".join(marks)
    size = next((s for s in (13, 12, 11) if width(drug, Style("bold", s)) <= room), 11)
    name = wrap([(tied(drug), Style("bold", size))], room)
    beside = len(name) == 1 and said and name[0].width + width(said, MARK) + 16 <= room
    below = wrap([(said, MARK)], room) if said and not beside else []
    more = wrap(_about_spans(about), room)
    high = 5 + len(name) * 14.5 + len(below) * 11.5 + len(more) * 11.8 + (1.5 if more else 0)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.text(x + _NUMBER / 2, y + 14, number, Style("semibold", 11), align="centre")
        sheet.line(x + _NUMBER, y, x + _NUMBER, y + high, 0.75)
        at, left = y + 14, x + _NUMBER + _PAD
        for line in name:
            sheet.text(left, at, line.spans)
            at += 14.5
        if beside:
            sheet.text(x + wide - _PAD, y + 13.5, said, MARK, align="right")
        for n, line in enumerate([*below, *more]):
            sheet.text(left, at - 2.5, line.spans)
            at += 11.5 if n < len(below) else 11.8
        sheet.line(x, y + high, x + wide, y + high, 0.75)

    return Strip(high, draw)


def _about_spans(about: Sequence[tuple[str, str]]) -> list[Span]:
    spans: list[Span] = []
    for label, text in about:
        spans += [("  | ", LABEL)] if spans else []
        spans += [(label + " ", LABEL)] if label else []
        spans.append((glued(text), BODY))
    return spans


def _said(words: Words, room: float) -> list[Strip]:
    """What the order says, a strip a line."""
    strips = [gap(2), *_dose_lines(words, room)]
    strips += _labelled(tr("Frequency"), words.often, STRONG, room)
    strips += _labelled(tr("Last given"), words.last[0], STRONG, room)
    for text in words.last[1:]:
        strips += paragraph([(glued(text), BODY)], room, _LEAD)
    if words.due and words.is_due_boxed:
        strips.append(_boxed_line(words.due, room))
    elif words.due:
        strips += paragraph([(glued(words.due), STRONG)], room, _LEAD)
    for text in words.warned:
        strips += paragraph([(glued(text), STRONG)], room, _LEAD)
    return strips


def _dose_lines(words: Words, room: float) -> list[Strip]:
    dose: list[Span] = [(tr("DOSE") + " ", LABEL), (tied(words.dose), DOSE)]
    route: list[Span] = [(tr("Route") + " ", LABEL), (tied(words.route), Style("semibold", 11))]
    one, two = (sum(width(t, s) for t, s in spans) for spans in (dose, route))
    start = max(one + 14, room * 0.48)
    if start + two > room:
        return [*paragraph(dose, room, 15.5), *paragraph(route, room, 13.5)]

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.text(x, y + 12.4, dose)
        sheet.text(x + start, y + 12.4, route)

    return [Strip(16, draw)]


def _labelled(label: str, text: str, style: Style, room: float) -> tuple[Strip, ...]:
    return paragraph([(label + " ", LABEL), (glued(text), style)], room, _LEAD)


def _boxed_line(text: str, room: float) -> Strip:
    lines = wrap([(glued(text), STRONG)], room - 8)
    high = len(lines) * _LEAD + 4

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.box(x, y + 1, max(line.width for line in lines) + 8, high - 2, 1.0)
        for n, line in enumerate(lines):
            sheet.text(x + 4, y + 11 + n * _LEAD, line.spans)

    return Strip(high + 1, draw)


def _rights(model: FormModel, item: Item, room: float) -> list[Grid | Record]:
    """What stands at the right: grids of days, or rows to write doses in."""
    state, day = weekly(item.row)
    now, zone = model.printed_at, model.site.zone
    if state == WEEKLY_STOP:
        return [Grid(days_from(now, zone, WEEK), words=tr("DO NOT GIVE: see the box below"))]
    if state == WEEKLY_UNKNOWN:
        return [
            Grid(days_from(now, zone, WEEK), words=tr("Day not sent: ask before giving. No box until it is known."))
        ]
    if state == WEEKLY_ON:
        table = Timetable(item.table.rows or (), frozenset({_WEEKDAYS.index(day)}), is_settled=bool(item.table.rows))
        return [_weekly_grid(model, item, table)]
    if item.row.item.as_needed:
        return [IF_NEEDED]
    most = max(3, int((room - 20) / ROW))
    return list(chunks(grid_of(item, now, zone), most))


def _weekly_grid(model: FormModel, item: Item, table: Timetable) -> Grid:
    """Seven days, the six others blocked whatever the time (CLINICAL §5.3)."""
    now, zone = model.printed_at, model.site.zone
    days = days_from(now, zone, WEEK)
    named = msgspec.structs.replace(item, table=table)
    if table.rows:
        return grid_of(named, now, zone, WEEK)
    states = tuple(OPEN if d.weekday() in (table.days or ()) else NOT_DUE for d in days)
    return Grid(days, ("",), (states,), is_settled=True)


def _fitting(strips: list[Strip], room: float) -> tuple[list[Strip], list[Strip]]:
    used = 0.0
    for n, strip in enumerate(strips):
        if used + strip.height > room - 6 and n:
            return strips[:n], strips[n:]
        used += strip.height
    return strips, []


def _body(said: Sequence[Strip], right: Grid | Record, wide: float, left: float) -> Part:
    """The order at the left, its doses at the right."""
    tall = sum(s.height for s in said) + 4
    made = grid_strip(right, wide - left, tall) if isinstance(right, Grid) else record_strip(right, wide - left, tall)
    high = max(made.height, tall)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        at = y
        for strip in said:
            strip.draw(sheet, x + _PAD, at)
            at += strip.height
        made.draw(sheet, x + left, y)
        sheet.line(x + left, y, x + left, y + high, 0.75)

    return Part((Strip(high, draw),))


def _plain_body(said: Sequence[Strip], wide: float) -> Strip:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.line(x, y, x + wide, y, 0.5)
        at = y + 3
        for strip in said:
            strip.draw(sheet, x + _PAD, at)
            at += strip.height

    return Strip(sum(s.height for s in said) + 6, draw)


def _below(block: Below, wide: float) -> Part:
    """What must stand with the order: a warning under a black head, facts run in behind theirs."""
    full = wide - 2 * _PAD
    if block.stop:
        head = wrap([(glued(block.title), Style("bold", 10.5))], full)
        lines = [line for text in block.lines for line in wrap(_line_spans(text), full)]
        return Part((_stop_head(head, wide), *(line_strip(line, _LEAD, _PAD) for line in lines), gap(3)))
    spans: list[Span] = [(glued(block.title) + ".", STRONG)]
    for n, text in enumerate(block.lines):
        spans += [("  | " if n else "  ", BODY), *_line_spans(text)]
    first = Strip(2, lambda sheet, x, y: sheet.line(x, y, x + wide, y, 0.5))
    return Part((first, *(line_strip(line, _LEAD, _PAD) for line in wrap(spans, full)), gap(2)))


def _line_spans(text: str) -> list[Span]:
    label, tab, more = text.partition("\t")
    return [(glued(label), BODY), (" ", BODY), (glued(more), STRONG)] if tab else [(glued(text), BODY)]


def _stop_head(lines: Sequence[Line], wide: float) -> Strip:
    high = len(lines) * 12.6 + 4

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.box(x, y, wide, high, 0.5, filled=True)
        for n, line in enumerate(lines):
            sheet.text(x + _PAD, y + 12 + n * 12.6, line.spans, white=True)

    return Strip(high + 2, draw)


def signatures(wide: float) -> Strip:
    """Each item has its prescriber's signature: until then it is a transcription (CLINICAL §5.2)."""
    fields = [
        Field("Prescriber sign", 0.37),
        Field("Bleep", 0.15),
        Field("Date, time", 0.24),
        Field("Pharmacist", 0.24),
    ]
    made = blanks.fields(wide - 2 * _PAD, fields, 19)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.line(x, y, x + wide, y, 0.5)
        made.draw(sheet, x + _PAD, y)

    return Strip(made.height + 1, draw)


def empty_block(wide: float, right: Record | Grid) -> Block:
    """A box to prescribe in by hand."""
    left = wide * _LEFT
    room = left - 2 * _PAD
    rows = [
        [Field("DOSE", 0.45), Field("Route", 0.55)],
        [Field("Frequency", 1.0)] if isinstance(right, Grid) else [Field("Interval", 0.45), Field("Most in 24hr", 0.55)],
        [Field("Form", 0.45), Field("For", 0.55)],
        [Field("From", 0.45), Field("Until, review", 0.55)],
    ]  # fmt: skip
    said = [s for row in rows for s in blanks.fields(room, row, 24).strips]
    head = blanks.fields(wide - _NUMBER - 2 * _PAD, [Field("Medicine", 1.0)], 20)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.line(x + _NUMBER, y, x + _NUMBER, y + head.height + 2, 0.75)
        head.draw(sheet, x + _NUMBER + _PAD, y)
        sheet.line(x, y + head.height + 2, x + wide, y + head.height + 2, 0.75)

    top = Strip(head.height + 2, draw)
    return _box((top, *_body([*said, gap(10)], right, wide, left).strips, signatures(wide)), wide)


def blank_grid(model: FormModel) -> Grid:
    """The days from the print on; on a blank, which lies in a drawer, they are written in by hand."""
    return Grid(days_from(model.printed_at, model.site.zone, DAYS), is_dated=not model.blank)


__all__ = ["IF_NEEDED", "blank_grid", "empty_block", "order_blocks", "signatures"]
