"""A document of the site on paper: no patient and no serial, but who printed which version when (DESIGN D10). No Qt.

Markdown is set in our own type, A4 black on white. A PDF keeps its pages as they are; each gets one line at its foot.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from desktop.forms.frame import A4, LEFT, RIGHT, TOP
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Line, Style, glued, tied, width, wrap
from localdb.chart import wording
from localdb.plans.checking import text_checked
from localdb.plans.directory import entries_of
from localdb.plans.markdown import HEADING, ITEM, ROW, RULE, TICK, Mark, marks_of, spans_of
from localdb.plans.papers import CSV, PDF, Paper
from localdb.records.moments import read_moment

_FOOT, _LOW = Style("regular", 8), 272 * MM
_ROOM = A4[0] - LEFT - RIGHT
_HEADS = {1: 20.0, 2: 14.0, 3: 12.0}
_TEXT, _HEAVY = Style("regular", 11), Style("semibold", 11)
_STEP = 15.0


class Printed(msgspec.Struct, frozen=True):
    """Who prints, when, where: what the foot of each page says."""

    staff: str
    at: datetime
    hospital: str = ""
    zone: str = wording.ZONE
    training: bool = False


def printed_by(house: Any) -> Printed:
    """Of an opened house, now."""
    site = house.site
    return Printed(house.staff, house.now(), str(site.get("hospital", "")), str(site.get("zone") or wording.ZONE),
                   bool(site.get("training")))  # fmt: skip


def foot_of(paper: Paper, by: Printed) -> str:
    """`Laboratory down, version 2, imported 24-Nov-2026 by A. Obi. Printed 03:12 …`; a date that has passed is said."""
    today = by.at.astimezone(ZoneInfo(by.zone)).date()
    due = f" REVIEW WAS DUE {wording.date(read_moment(paper.review))}." if paper.is_overdue(today) else ""
    early = f" IN FORCE ONLY FROM {wording.date(read_moment(paper.valid_from))}." if paper.is_early(today) else ""
    drill = "TRAINING, not for use. " if by.training else ""
    place = f"{wording.clean(by.hospital)}. " if by.hospital else ""
    return (
        f"{drill}{place}{paper.title}, version {paper.version}, imported {wording.date(paper.written, by.zone)} by"
        f" {paper.staff} ({paper.number}). Printed {wording.instant_text(by.at, by.zone)} by {wording.clean(by.staff)}."
        f"{due}{early} A newer version may have come since."
    )


def pdf_of(paper: Paper, data: bytes, by: Printed) -> bytes:
    """The pages to print. Raises plan.* where the bytes are not what they were checked to be."""
    if paper.media == PDF:
        return _stamped(data, foot_of(paper, by))
    text = text_checked(data)
    if paper.media == CSV:
        contacts = entries_of(text, CSV)
        marks: Sequence[Mark] = (
            Mark(HEADING, paper.title, 1),
            Mark(ROW, level=1, cells=("Name", "Number", "Hours")),
            *(Mark(ROW, cells=(c.name, c.number, "; ".join(x for x in (c.hours, c.more) if x))) for c in contacts),
        )
    else:
        marks = marks_of(text)
        if not any(m.kind == HEADING and m.level == 1 for m in marks):
            marks = (Mark(HEADING, paper.title, 1), *marks)
    pages = _pages(marks)
    foot = foot_of(paper, by)
    sheet = Sheet(A4, paper.title, "Document of the site")
    for n, page in enumerate(pages, 1):
        if n > 1:
            sheet.next_page(A4)
        sheet.hatch(0, 0, A4[0], 5)
        for draw in page:
            draw.put(sheet)
        for k, line in enumerate(wrap([(glued(f"{foot} Page {n} of {len(pages)}."), _FOOT)], _ROOM)):
            sheet.text(LEFT, 280 * MM + 10 * k, line.spans)
        sheet.line(LEFT, 276.5 * MM, A4[0] - RIGHT, 276.5 * MM, 0.5)
    return sheet.done()


class _Drawn(msgspec.Struct, frozen=True):
    """One line of a page: what stands at which height."""

    y: float
    lines: tuple[tuple[float, Line], ...] = ()
    tick: float = -1.0
    rule: float = 0.0

    def put(self, sheet: Sheet) -> None:
        for x, line in self.lines:
            sheet.text(x, self.y, line.spans)
        if self.tick >= 0:
            sheet.box(self.tick, self.y - 8.5, 9.5, 9.5, 1)
        if self.rule:
            sheet.line(LEFT, self.y + 4, A4[0] - RIGHT, self.y + 4, self.rule)


def _pages(marks: Sequence[Mark]) -> list[list[_Drawn]]:
    """The lines of each page; a block's first line never stands alone under its heading at the foot."""
    pages: list[list[_Drawn]] = [[]]
    y = TOP + 8 * MM

    def room_for(high: float) -> None:
        nonlocal y
        if y + high > _LOW and pages[-1]:
            pages.append([])
            y = TOP + 8 * MM

    tables = _columns(marks)
    for n, mark in enumerate(marks):
        if mark.kind == RULE:
            room_for(12)
            pages[-1].append(_Drawn(y, rule=0.75))
            y += 14
        elif mark.kind == HEADING:
            size = _HEADS.get(mark.level, 11.0)
            lines = wrap([(glued(t), Style("semibold", size)) for t, _ in spans_of(mark.text)], _ROOM)
            room_for((size + 6) * len(lines) + 3 * _STEP)
            y += 8 if pages[-1] else 0
            for line in lines:
                y += size
                pages[-1].append(_Drawn(y, ((LEFT, line),)))
                y += 6
        elif mark.kind == ROW:
            columns = tables[n]
            style = _HEAVY if mark.level else _TEXT
            cells = [
                wrap([(_cell(t), style) for t, _ in spans_of(cell)] or [("", style)], wide - 8)
                for cell, (_, wide) in zip(mark.cells, columns, strict=False)
            ]
            high = max((len(c) for c in cells), default=1)
            room_for(high * _STEP + 6)
            for k in range(high):
                y += _STEP
                here = tuple((x, c[k]) for (x, _), c in zip(columns, cells, strict=False) if k < len(c))
                pages[-1].append(_Drawn(y, here, rule=(1 if mark.level else 0.5) if k == high - 1 else 0))
            y += 5
        else:
            indent = LEFT + 14 * mark.level
            lead = mark.lead if mark.kind in (ITEM, TICK) else ""
            inside = indent + (20 if lead else 0)
            spans = [(glued(t), _HEAVY if heavy else _TEXT) for t, heavy in spans_of(mark.text)]
            for k, line in enumerate(wrap(spans, A4[0] - RIGHT - inside)):
                room_for(_STEP)
                y += _STEP
                first = k == 0 and bool(lead)
                lines_here: tuple[tuple[float, Line], ...] = ((inside, line),)
                if first and mark.kind == ITEM:
                    lines_here = ((indent, wrap([(lead, _TEXT)], 30)[0]), *lines_here)
                pages[-1].append(_Drawn(y, lines_here, tick=indent + 1 if first and mark.kind == TICK else -1.0))
            y += 4
    return pages


def _cell(text: str) -> str:
    """A number stands on one line: half of it is another number."""
    return tied(text) if any(c.isdigit() for c in text) and not any(c.isalpha() for c in text) else glued(text)


def _columns(marks: Sequence[Mark]) -> dict[int, list[tuple[float, float]]]:
    """Index of each table row -> (left, width) of its columns, by the longest words of the table."""
    found: dict[int, list[tuple[float, float]]] = {}
    start = 0
    while start < len(marks):
        if marks[start].kind != ROW:
            start += 1
            continue
        end = start + 1
        while end < len(marks) and marks[end].kind == ROW and not marks[end].level:
            end += 1
        rows = marks[start:end]
        count = max(len(r.cells) for r in rows)
        natural = [
            max((width(r.cells[c], _HEAVY) for r in rows if c < len(r.cells)), default=0) + 12 for c in range(count)
        ]
        # What fits keeps its width; else the widest columns share what the narrow ones leave.
        spare = _ROOM - sum(natural)
        if spare < 0:
            most = _ROOM / count
            narrow = sum(n for n in natural if n <= most)
            wide = sum(n for n in natural if n > most)
            natural = [n if n <= most else n * (_ROOM - narrow) / wide for n in natural]
            spare = 0
        left, columns = LEFT, []
        for size in natural:
            columns.append((left, size + spare / count))
            left += size + spare / count
        found |= dict.fromkeys(range(start, end), columns)
        start = end
    return found


def _stamped(data: bytes, foot: str) -> bytes:
    """The same pages with one line at the foot of each."""
    from desktop.printing.preview import page_count, stamped  # late: pdfium is not needed before

    pages = page_count(data)
    return stamped(data, [f"{foot} Page {n + 1} of {pages}." for n in range(pages)])
