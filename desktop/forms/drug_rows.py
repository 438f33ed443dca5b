"""A box of a drug print: one order, what it says at the left, where its doses are written at the right, what must stand
with it below, the prescriber's signature at its foot (CLINICAL §5.2, §5.3, look/21).

A box that would be too tall goes on in a box below itself under the same number, and a grid of many times likewise (H13).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from desktop.forms import blanks, drug_box
from desktop.forms.blanks import Field
from desktop.forms.blocks import Block, Strip, gap
from desktop.forms.drug_box import NUMBER, PAD
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
from desktop.forms.drug_words import words_of
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.sheet import Sheet
from localdb.chart.dose_times import Timetable
from localdb.chart.drug_chart import Item
from localdb.chart.medicine_blocks import WEEKLY_ON, WEEKLY_STOP, WEEKLY_UNKNOWN, weekly
from localdb.chart.medicine_blocks import Block as Below

# Where a patch is and when it must be changed is on no order (CLINICAL §5.3).
PATCH = (Field("Patch: site", 0.34), Field("put on: date, time", 0.36), Field("change due", 0.3))
_PATCH = re.compile(r"(?<!\w)(?:patch(?:es)?|transdermal)(?!\w)", re.IGNORECASE)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Box:
    """How the boxes of a form are divided: `left` the share of the width for what the order says; `often` the label
    (in English) of how often; `record` what is written at the right in place of a grid of days; `tick` a line with a
    box to tick under each order that needs it; `has_below` whether the blocks of CLINICAL §5.3 stand in the box (a form
    that shows their facts elsewhere leaves them out, the warnings never)."""

    left: float = 0.505
    often: str = "Frequency"
    record: Record | None = None
    tick: str = ""
    has_below: bool = True


CHART = Box()


def order_blocks(model: FormModel, item: Item, wide: float, most: float, box: Box = CHART) -> list[Block]:
    """The box of an order, in as many pieces as it needs of at most `most` points."""
    words = words_of(model, item)
    left = wide * box.left
    head = drug_box.head(str(item.number), words.drug, words.marks, words.about, wide)
    foot = drug_box.signatures(wide)
    room = most - head[0].height - foot.height
    rest = drug_box.said(words, left - 2 * PAD, tr(box.often))
    # Dose and signature stand in the first piece, however long the reason is: the rest of it goes below.
    strips: list[Strip] = head[:1]
    again = tr("{drug}, continued").format(drug=words.drug)
    for n, right in enumerate(_rights(model, item, room, box)):
        kept, rest = drug_box.fitting(rest, room) if n == 0 else (drug_box.dose_lines(words, left - 2 * PAD), rest)
        tall = sum(s.height for s in kept) + 4
        made = (
            grid_strip(right, wide - left, tall) if isinstance(right, Grid) else record_strip(right, wide - left, tall)
        )
        strips.append(drug_box.two_sides(kept, made, left, wide))
    strips += head[1:]
    while rest:
        kept, rest = drug_box.fitting(rest, room)
        strips.append(drug_box.one_side(kept, wide))
    if box.tick:
        strips.append(_across(blanks.ticks(wide - 2 * PAD, (box.tick,), 1, 16), wide))
    if is_patch(item):
        strips.append(_across(blanks.fields(wide - 2 * PAD, list(PATCH), 20), wide))
    strips += [s for b in below_of(item, box) for s in drug_box.below(b, wide)]
    if sum(s.height for s in strips) + foot.height <= most:
        return [drug_box.box((*strips, foot), wide)]
    return _pieces(str(item.number), again, strips, foot, wide, most)


def times_of(item: Item, box: Box) -> tuple[str, ...]:
    """The clock times that stand in the grid of the order."""
    is_closed = weekly(item.row)[0] in (WEEKLY_STOP, WEEKLY_UNKNOWN)
    return () if box.record is not None or item.row.item.as_needed or is_closed else item.table.rows


def below_of(item: Item, box: Box) -> list[Below]:
    """What stands under the order."""
    return [b for b in item.blocks if box.has_below or b.stop]


def _pieces(number: str, again: str, strips: Sequence[Strip], foot: Strip, wide: float, most: float) -> list[Block]:
    """Several boxes under one number; the signature stands in the first."""
    out: list[Block] = []
    held: list[Strip] = []
    for strip in strips:
        last = [foot] if not out else []
        if held and sum(s.height for s in (*held, strip, *last)) > most:
            out.append(drug_box.box((*held, *last), wide, is_last=False))
            held = list(drug_box.head(number, again, (), (), wide))
        held.append(strip)
    out.append(drug_box.box((*held, *([] if out else [foot])), wide))
    return out


def _rights(model: FormModel, item: Item, room: float, box: Box) -> list[Grid | Record]:
    """What stands at the right: grids of days, or rows to write doses in."""
    if box.record is not None:
        return [box.record]
    state, day = weekly(item.row)
    now, zone = model.printed_at, model.site.zone
    if state == WEEKLY_STOP:
        return [Grid(days_from(now, zone, WEEK), words=tr("DO NOT GIVE: see the box below"))]
    if state == WEEKLY_UNKNOWN:
        return [
            Grid(days_from(now, zone, WEEK), words=tr("Day not sent: ask before giving. No box until it is known."))
        ]
    if state == WEEKLY_ON:  # seven days, the six others blocked whatever the time (CLINICAL §5.3)
        rows = item.table.rows
        table = Timetable(rows, frozenset({_WEEKDAYS.index(day)}), is_settled=bool(rows))
        return [grid_of(msgspec.structs.replace(item, table=table), now, zone, WEEK)]
    if item.row.item.as_needed:
        return [IF_NEEDED]
    most = max(3, int((room - 20) / ROW))
    return list(chunks(grid_of(item, now, zone), most))


def is_patch(item: Item) -> bool:
    return bool(_PATCH.search(f"{item.row.drug} {item.row.item.route} {item.row.form} {item.row.item.instructions}"))


def _across(made: Block, wide: float) -> Strip:
    """A line to tick or write on, across the order."""

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.line(x, y, x + wide, y, 0.5)
        made.draw(sheet, x + PAD, y)

    return Strip(made.height + 1, draw)


def empty_block(
    wide: float, right: Record | Grid, head: Sequence[Field], rows: Sequence[Sequence[Field]], left: float = CHART.left
) -> Block:
    """A box to prescribe in by hand: `head` across it, `rows` at the left."""
    share = wide * left
    said = [s for row in rows for s in blanks.fields(share - 2 * PAD, list(row), 24).strips]
    top = blanks.fields(wide - NUMBER - 2 * PAD, list(head), 20)
    tall = sum(s.height for s in said) + 14
    made = grid_strip(right, wide - share, tall) if isinstance(right, Grid) else record_strip(right, wide - share, tall)

    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.line(x + NUMBER, y, x + NUMBER, y + top.height + 2, 0.75)
        top.draw(sheet, x + NUMBER + PAD, y)
        sheet.line(x, y + top.height + 2, x + wide, y + top.height + 2, 0.75)

    strips = (Strip(top.height + 2, draw), drug_box.two_sides([*said, gap(10)], made, share, wide))
    return drug_box.box((*strips, drug_box.signatures(wide)), wide)


_DRUG = (Field("Medicine", 1.0),)
_FORM, _TERM = (Field("Form", 0.45), Field("For", 0.55)), (Field("From", 0.45), Field("Until, review", 0.55))
_DOSE = (Field("DOSE", 0.45), Field("Route", 0.55))


def empty_regular(model: FormModel, wide: float) -> Block:
    """The days from the print on; on a blank, which lies in a drawer, they are written in by hand."""
    grid = Grid(days_from(model.printed_at, model.site.zone, DAYS), is_dated=not model.blank)
    return empty_block(wide, grid, _DRUG, (_DOSE, (Field("Frequency", 1.0),), _FORM, _TERM))


def empty_needed(wide: float) -> Block:
    span = (Field("Interval", 0.45), Field("Most in 24hr", 0.55))
    return empty_block(wide, IF_NEEDED, _DRUG, (_DOSE, span, _FORM, _TERM))
