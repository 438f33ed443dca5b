"""The hours of a fluid chart: a row for each hour of the ward's clock, 24, 23 or 25 of them (CLINICAL §2.4, §7.2, H21).

Hours that the copy covers hold what it holds, as sent and across the row; nothing is added up. Below the thick line the
rows are empty, a column for each way in and out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from desktop.forms.blocks import Block, Strip
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.sheet import Sheet
from desktop.forms.tables import Table
from desktop.forms.type import Line, Style, glued, width, wrap
from localdb.chart import wording
from localdb.chart.fluids import IN, OUT, TOTAL, Amount, Fluids, hours_of

# Name and width in points; a share of what is left is added to each.
INS = (("Oral", 24), ("Enteral", 30), ("IV 1", 25), ("IV 2", 25), ("IV 3", 25), ("Drugs", 26), ("Blood", 26),
       ("Total in", 29))  # fmt: skip
OUTS = (("Urine", 26), ("NG, vomit", 26), ("Drain 1", 26), ("Drain 2", 26), ("Drain 3", 26), ("Bowel, stoma", 29),
        ("Other", 26), ("Total out", 29))  # fmt: skip
PAPER = "PAPER STARTS HERE"
LEAST, MOST = 11.0, 24.0  # of a row to write in: low before a day goes on to another side
_HEAD, _TIME, _SAID = Style("semibold", 8), Style("semibold", 10), Style("regular", 10)
_PAD, _LEADING, _TIME_WIDE, _MOST_LINES = 2.5, 11.6, 56.0, 18


@dataclass(frozen=True, slots=True)
class HourRow:
    """`title` of the hour; `said` what the copy holds of it, None for a row to write in; `starts` = the first of those."""

    title: str
    said: str | None = None
    starts: bool = False


def hour_rows(model: FormModel, day: date, found: Fluids, cut: datetime | None) -> tuple[HourRow, ...]:
    """The rows of a day of the ward's clock. What the copy holds of the hour in which it ends is a row before the line."""
    zone = model.site.zone
    amounts = [a for d in found.days if d.day == day for a in d.amounts if a.kind in (IN, OUT)]
    rows: list[HourRow] = []
    has_line = False
    for start in hours_of(day, zone):
        end, title = start + timedelta(hours=1), wording.clock(start, zone)
        mine = [a for a in amounts if start <= a.at < end]
        if cut is not None and end <= cut:
            rows.append(HourRow(title, _said(mine, zone)))
            continue
        if mine:
            until = tr("up to {time}").format(time=wording.clock(cut, zone)) if cut is not None else tr("as sent")
            rows.append(HourRow(title, f"{until}: {_said(mine, zone)}"))
        rows.append(HourRow(title, None, not has_line and bool(rows)))
        has_line = True
    return tuple(rows)


def _said(amounts: Sequence[Amount], zone: str) -> str:
    """`in Oral 150 mL; out 02:10 Urine 60 mL`, each as sent, with its minutes where it was not on the hour."""

    def text(a: Amount) -> str:
        minutes = "" if a.at.astimezone(ZoneInfo(zone)).minute == 0 else f"{wording.clock(a.at, zone)[:5]} "
        return f"{minutes}{a.name} {a.text}" + (f" ({a.note})" if a.note else "")

    if not amounts:
        return tr("nothing in this copy")
    parts = []
    for kind, word in ((IN, tr("in")), (OUT, tr("out"))):
        texts = [text(a) for a in amounts if a.kind == kind]
        parts += [f"{word} {', '.join(texts)}"] if texts else []
    return wording.clean("; ".join(parts))


def totals_text(found: Fluids, since: datetime) -> tuple[str, ...]:
    """Totals and balances as sent, newest first, each with its period or time."""
    every = [a for d in found.days for a in d.totals if a.kind == TOTAL and a.at >= since]
    every.sort(key=lambda a: a.at, reverse=True)
    return tuple(wording.clean(f"{a.name} {a.text}, {a.when}" + (f"; {a.note}" if a.note else "")) for a in every)


class Grid:
    """Where the columns stand."""

    def __init__(self, wide: float) -> None:
        self.wide = wide
        names = [*INS, *OUTS]
        spare = (wide - _TIME_WIDE - sum(w for _, w in names)) / len(names)
        self.edges = [_TIME_WIDE]
        for _, w in names:
            self.edges.append(self.edges[-1] + w + spare)
        self.between = self.edges[len(INS)]

    def head(self) -> Block:
        names = [tr(name) for name, _ in (*INS, *OUTS)]
        lines = [
            wrap([(glued(name), _HEAD)], self.edges[n + 1] - self.edges[n] - 4) for n, name in enumerate(names)
        ]  # fmt: skip
        high = max(map(len, lines)) * 9.6 + 5
        upper = 13.0

        def draw(sheet: Sheet, x: float, y: float) -> None:
            sheet.text(x + _PAD, y + 9.5, tr("Hour from"), _HEAD)
            sheet.text(x + self.edges[0] + _PAD, y + 9.5, tr("IN, mL"), Style("bold", 9))
            sheet.text(x + self.between + _PAD, y + 9.5, tr("OUT, mL"), Style("bold", 9))
            sheet.line(x + self.edges[0], y + upper, x + self.wide, y + upper, 0.5)
            for n, found in enumerate(lines):
                for k, line in enumerate(found):
                    sheet.text(x + self.edges[n] + 2, y + upper + 8.6 + k * 9.6, line.spans)
            self._uprights(sheet, x, y, upper + high, inner=upper)
            sheet.line(x, y, x + self.wide, y, 0.9)
            sheet.line(x, y + upper + high, x + self.wide, y + upper + high, 0.9)

        return Block((Strip(upper + high, draw),), tied=True)

    def _uprights(self, sheet: Sheet, x: float, y: float, high: float, inner: float = 0) -> None:
        for n, edge in enumerate((0, *self.edges)):
            heavy = edge in (0, self.edges[0], self.between, self.edges[-1])
            total = n in (len(INS), len(INS) + len(OUTS))
            top = y if heavy else y + inner
            sheet.line(
                x + edge, top, x + edge, y + high, 1.1 if edge == self.between else 0.9 if heavy or total else 0.5
            )

    def said_rows(self, row: HourRow) -> list[Block]:
        """What the copy holds of an hour, across the columns; a very long one goes on in a row below itself."""
        lines = wrap([(glued(row.said or ""), _SAID)], self.wide - self.edges[0] - 2 * _PAD) or [Line((), 0)]
        return [self._said_row(row.title, lines[n : n + _MOST_LINES]) for n in range(0, len(lines), _MOST_LINES)]

    def _said_row(self, title: str, lines: Sequence[Line]) -> Block:
        high = len(lines) * _LEADING + 2.4

        def draw(sheet: Sheet, x: float, y: float) -> None:
            sheet.text(x + _PAD, y + 10.2, title, _TIME)
            for n, line in enumerate(lines):
                sheet.text(x + self.edges[0] + _PAD, y + 10.2 + n * _LEADING, line.spans)
            for edge in (0, self.edges[0], self.wide):
                sheet.line(x + edge, y, x + edge, y + high, 0.9)
            sheet.line(x, y + high, x + self.wide, y + high, 0.5)

        return Block((Strip(high, draw),))

    def empty_row(self, row: HourRow, high: float) -> Block:
        mark = 12.0 if row.starts else 0

        def draw(sheet: Sheet, x: float, y: float) -> None:
            if row.starts:
                sheet.line(x, y + 1.2, x + self.wide, y + 1.2, 2.4)
                words = tr(PAPER)
                sheet.triangle(x + self.wide / 2 - width(words, _TIME) / 2 - 12, y + 10, 6, up=False)
                sheet.text(x + self.wide / 2, y + 10.4, words, _TIME, align="centre")
                sheet.line(x, y + mark, x + self.wide, y + mark, 0.5)
                for edge in (0, self.wide):
                    sheet.line(x + edge, y, x + edge, y + mark, 0.9)
            top = y + mark
            sheet.text(x + _PAD, top + high / 2 + 3.6, row.title, _TIME)
            self._uprights(sheet, x, top, high)
            sheet.line(x, top + high, x + self.wide, top + high, 0.5)

        return Block((Strip(high + mark, draw),))

    def last_row(self, title: str, high: float = 21) -> Block:
        def draw(sheet: Sheet, x: float, y: float) -> None:
            for n, line in enumerate(wrap([(glued(title), _HEAD)], self.edges[0] - 2 * _PAD)):
                sheet.text(x + _PAD, y + 8.6 + n * 9.6, line.spans)
            self._uprights(sheet, x, y, high)
            for at in (y, y + high):
                sheet.line(x, at, x + self.wide, at, 0.9)

        return Block((Strip(high, draw),))


def table_of(rows: Sequence[HourRow], wide: float, high: float) -> Table:
    """The rows in `high` points, those to write in at least LEAST high: then they go on to the next side."""
    grid = Grid(wide)
    head, last = grid.head(), grid.last_row(tr("24 h totals"))
    said = {n: grid.said_rows(row) for n, row in enumerate(rows) if row.said is not None}
    spare = high - head.height - last.height - sum(b.height for found in said.values() for b in found) - 12
    each = min(MOST, max(LEAST, spare / max(1, len(rows) - len(said))))
    made = [b for n, row in enumerate(rows) for b in (said[n] if n in said else [grid.empty_row(row, each)])]
    # The totals stand under the last hour, never alone on a side.
    return Table(head, (*made[:-1], Block((*made[-1].strips, *last.strips))))
