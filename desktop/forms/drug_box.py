"""The pieces of a box of a drug print: name, words, what must stand below, signatures, the frame (look/21, H13).

A piece is strips of known height. Nothing is cut: what needs more lines has them, in further strips.
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop.forms import blanks
from desktop.forms.blanks import Field
from desktop.forms.blocks import BODY, STRONG, Block, Strip, gap, line_strip, paragraph
from desktop.forms.drug_words import Words
from desktop.forms.language import tr
from desktop.forms.sheet import Sheet
from desktop.forms.type import Line, Span, Style, glued, tied, width, wrap
from localdb.chart.medicine_blocks import Block as Below

DOSE, LABEL, MARK = Style("bold", 13), Style("regular", 8.5), Style("semibold", 9)
LEAD, PAD, NUMBER = 12.2, 6.0, 20.0
_MOST_HEAD = 7  # lines in one piece under a number; what is longer goes on line by line


def box(strips: Sequence[Strip], wide: float, *, is_last: bool = True) -> Block:
    """A frame round the strips, and a little air below."""
    high = sum(s.height for s in strips)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        at = y
        for strip in strips:
            strip.draw(sheet, x, at)
            at += strip.height
        sheet.box(x, y, wide, high, 1.2)

    return Block((Strip(high + (5 if is_last else 3), draw),))


def head(number: str, drug: str, marks: Sequence[str], about: Sequence[tuple[str, str]], wide: float) -> list[Strip]:
    """Number, the whole name, and the marks at the right or below where it is long; then form, reason and course."""
    room = wide - NUMBER - 2 * PAD
    said = ", ".join(marks)
    size = next((s for s in (13, 12, 11) if width(drug, Style("bold", s)) <= room), 11)
    lines = [(line, 14.5) for line in wrap([(tied(drug), Style("bold", size))], room)]
    beside = said if len(lines) == 1 and said and lines[0][0].width + width(said, MARK) + 16 <= room else ""
    lines += [(line, 11.6) for line in (wrap([(said, MARK)], room) if said and not beside else [])]
    lines += [(line, 11.8) for line in wrap(about_spans(about), room)]
    first, rest = lines[:_MOST_HEAD], lines[_MOST_HEAD:]
    return [_first_of_head(number, beside, first, wide), *(line_strip(line, LEAD, NUMBER + PAD) for line, _ in rest)]


def _first_of_head(number: str, beside: str, lines: Sequence[tuple[Line, float]], wide: float) -> Strip:
    high = 6.5 + sum(lead for _, lead in lines)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.text(x + NUMBER / 2, y + 14, number, Style("semibold", 11), align="centre")
        sheet.line(x + NUMBER, y, x + NUMBER, y + high, 0.75)
        at = y
        for line, lead in lines:
            at += lead
            sheet.text(x + NUMBER + PAD, at - (0.5 if lead > 14 else -0.5), line.spans)
        if beside:
            sheet.text(x + wide - PAD, y + 13.5, beside, MARK, align="right")
        sheet.line(x, y + high, x + wide, y + high, 0.75)

    return Strip(high, draw)


def about_spans(about: Sequence[tuple[str, str]]) -> list[Span]:
    spans: list[Span] = []
    for label, text in about:
        spans += [("  | ", LABEL)] if spans else []
        spans += [(label + " ", LABEL)] if label else []
        spans.append((glued(text), BODY))
    return spans


def said(words: Words, room: float, often: str) -> list[Strip]:
    """What the order says, a strip a line."""
    strips = [gap(2), *dose_lines(words, room)]
    strips += _labelled(often, words.often, STRONG, room)
    strips += _labelled(tr("Last given"), words.last[0], STRONG, room)
    for text in words.last[1:]:
        strips += paragraph([(glued(text), BODY)], room, LEAD)
    if words.due and words.is_due_boxed:
        strips.append(_boxed_line(words.due, room))
    elif words.due:
        strips += paragraph([(glued(words.due), STRONG)], room, LEAD)
    for text in words.warned:
        strips += paragraph([(glued(text), STRONG)], room, LEAD)
    return strips


def dose_lines(words: Words, room: float) -> list[Strip]:
    """Dose and route: in the first box of an order, and again in each box in which its times go on."""
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
    return paragraph([(label + " ", LABEL), (glued(text), style)], room, LEAD)


def _boxed_line(text: str, room: float) -> Strip:
    lines = wrap([(glued(text), STRONG)], room - 8)
    high = len(lines) * LEAD + 4

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.box(x, y + 1, max(line.width for line in lines) + 8, high - 2, 1.0)
        for n, line in enumerate(lines):
            sheet.text(x + 4, y + 11 + n * LEAD, line.spans)

    return Strip(high + 1, draw)


def fitting(strips: list[Strip], room: float) -> tuple[list[Strip], list[Strip]]:
    used = 0.0
    for n, strip in enumerate(strips):
        if used + strip.height > room - 6 and n:
            return strips[:n], strips[n:]
        used += strip.height
    return strips, []


def two_sides(left: Sequence[Strip], right: Strip, share: float, wide: float) -> Strip:
    """What the order says at the left, where its doses are written at the right."""
    tall = sum(s.height for s in left)
    high = max(right.height, tall + 4)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        at = y
        for strip in left:
            strip.draw(sheet, x + PAD, at)
            at += strip.height
        right.draw(sheet, x + share, y)
        sheet.line(x + share, y, x + share, y + high, 0.75)

    return Strip(high, draw)


def one_side(said: Sequence[Strip], wide: float) -> Strip:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.line(x, y, x + wide, y, 0.5)
        at = y + 3
        for strip in said:
            strip.draw(sheet, x + PAD, at)
            at += strip.height

    return Strip(sum(s.height for s in said) + 6, draw)


def below(block: Below, wide: float) -> list[Strip]:
    """What must stand with the order: a warning under a black head, facts run in behind theirs."""
    full = wide - 2 * PAD
    if block.stop:
        head = wrap([(glued(block.title), Style("bold", 10.5))], full)
        lines = [line for text in block.lines for line in wrap(_line_spans(text), full)]
        return [_stop_head(head, wide), *(line_strip(line, LEAD, PAD) for line in lines), gap(3)]
    spans: list[Span] = [(glued(block.title) + ".", STRONG)]
    for n, text in enumerate(block.lines):
        spans += [("  | " if n else "  ", BODY), *_line_spans(text)]
    first = Strip(2, lambda sheet, x, y: sheet.line(x, y, x + wide, y, 0.5))
    return [first, *(line_strip(line, LEAD, PAD) for line in wrap(spans, full)), gap(2)]


def _line_spans(text: str) -> list[Span]:
    label, tab, more = text.partition("\t")
    return [(glued(label), BODY), (" ", BODY), (glued(more), STRONG)] if tab else [(glued(text), BODY)]


def _stop_head(lines: Sequence[Line], wide: float) -> Strip:
    high = len(lines) * 12.6 + 4

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.box(x, y, wide, high, 0.5, filled=True)
        for n, line in enumerate(lines):
            sheet.text(x + PAD, y + 12 + n * 12.6, line.spans, white=True)

    return Strip(high + 2, draw)


def signatures(wide: float) -> Strip:
    """Each item has its prescriber's signature: until then it is a transcription (CLINICAL §5.2)."""
    fields = [
        Field("Prescriber sign", 0.37),
        Field("Bleep", 0.15),
        Field("Date, time", 0.24),
        Field("Pharmacist", 0.24),
    ]
    made = blanks.fields(wide - 2 * PAD, fields, 19)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.line(x, y, x + wide, y, 0.5)
        made.draw(sheet, x + PAD, y)

    return Strip(made.height + 1, draw)
