"""The sets side by side as a table: what stands now, every word of it (CLINICAL §2; GTAB: value, unit, newest right)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.patient.blocks import Block, Boxed, Cell, Gap, Head, Lead, Para, State, TableRow, fold
from desktop.patient.obs_sets import LABELS, ORDER, ObsSet, Reading, obs_sets, reading
from desktop.patient.sheet import Placed
from desktop.patient.sheettab import SheetTab
from desktop.patient.words import day, section_age, short, state_words, told
from desktop.shell import paint
from desktop.shell.tokens import Theme
from desktop.shell.type import MEDIUM, SEMIBOLD, font
from localdb.chart import wording
from localdb.chart.views import Chart

NAMES, SET = 176, 132
FIRST = 120  # other observations that stand there at once; how many there are is said


class SetTable:
    """Rows of vital signs, columns of times; each cell holds value, unit and what must stand beside it."""

    def __init__(self, sets: Sequence[ObsSet], now: datetime) -> None:
        """`sets` newest first; the newest is drawn at the right."""
        self._sets, self._now = tuple(reversed(sets)), now
        self._rows = [row for row in ORDER if any(row in s.vitals for s in sets)]
        self._scored = any(s.news2 is not None for s in sets)
        self.words = "; ".join(self._spoken(s) for s in sets[:3])

    def _spoken(self, one: ObsSet) -> str:
        parts = [
            f"{LABELS[r]} {one.vitals[r].value} {one.vitals[r].unit}".strip() for r in self._rows if r in one.vitals
        ]
        score = [f"NEWS2 {one.news2.value} as sent"] if one.news2 else []
        return f"{wording.date_time(one.moment)}: " + ", ".join([*parts, *score])

    def _table(self) -> list[tuple[str, list[Reading | None]]]:
        rows: list[tuple[str, list[Reading | None]]] = [
            (LABELS[row], [s.vitals.get(row) for s in self._sets]) for row in self._rows
        ]
        if self._scored:
            rows.append(("NEWS2, as sent", [s.news2 for s in self._sets]))
        return rows

    @staticmethod
    def _lines(found: Reading | None) -> list[tuple[str, bool]]:
        if found is None:
            return []
        value = f"{found.value} {found.unit}".strip() if found.unit else found.value
        lines = [(line, True) for line in fold(value, "body", SET - 14, SEMIBOLD)]
        return lines + [(line, False) for line in (fold(found.note, "label", SET - 14) if found.note else [])]

    def _row_height(self, cells: Sequence[Reading | None]) -> float:
        return max(30, max((len(self._lines(c)) for c in cells), default=1) * 21 + 10)

    def height(self, width: float) -> float:
        return 48 + sum(self._row_height(cells) for _, cells in self._table()) + 4

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        edge = x + NAMES + SET * len(self._sets)
        painter.fillRect(QRectF(x, y, width, 46), theme.color("sunken"))
        for n, one in enumerate(self._sets):
            left = x + NAMES + SET * n + 8
            newest = n == len(self._sets) - 1
            made = font("label", SEMIBOLD if newest else None)
            clock = wording.time(one.moment) or "no time"
            paint.draw_text(
                painter, left, y + 19, day(one.moment, self._now), made, theme.ink if newest else theme.ink2
            )
            paint.draw_text(painter, left, y + 39, clock, font("label", SEMIBOLD), theme.ink)
        paint.draw_text(painter, x + 8, y + 39, "Taken", font("label"), theme.ink2)
        paint.hairline(painter, x, y + 45, x + width, theme.ink, 1.5)
        top = y + 46
        for label, cells in self._table():
            high = self._row_height(cells)
            paint.draw_text(painter, x + 8, top + 21, label, font("body", MEDIUM), theme.ink)
            for n, cell in enumerate(cells):
                baseline = top + 21
                for text, heavy in self._lines(cell):
                    made = font("body", SEMIBOLD) if heavy else font("label")
                    color = theme.ink if heavy else theme.ink2
                    paint.draw_text(painter, x + NAMES + SET * n + 8, baseline, text, made, color)
                    baseline += 21
            paint.hairline(painter, x, top + high - 1, x + width, theme.rule)
            top += high
        paint.upright(painter, x + NAMES, y, top, theme.rule2)
        if self._sets:
            paint.upright(painter, edge - SET, y, top, theme.ink)


class ObservationTable(SheetTab):
    """The tab."""

    title = "Observations, table"

    def arrange(self, chart: Chart, room: float) -> Sequence[Placed]:
        now = self.context.now()
        listing = chart.lists["observations"]
        blocks: list[Block] = [Head("Observations, as sent", section_age(chart, now, "observation"))]
        wrote = [e for e in chart.entries if e.kind == "observations"]
        if wrote:
            lines: list[tuple[str, bool]] = [("Written here, newest first", True)]
            for entry in wrote:
                said = told(entry, now)
                lines += [(said.head, True), (f"{said.text} ({said.signed})", False)]
            blocks += [Boxed(lines, "pen", "ward wrote", right=str(len(wrote))), Gap(6)]
        if said_ := state_words(listing, "observations", chart, now, "observation"):
            return [Placed(8, 0, room - 16, [*blocks, State(said_)])]
        sets = obs_sets(listing.items)
        vital = [s for s in sets if s.vitals or s.news2]
        fit = max(1, int((room - 16 - NAMES) // SET))
        if vital:
            blocks.append(SetTable(vital[:fit], now))
            more = f"{min(fit, len(vital))} of {len(vital)} sets shown, newest at the right."
            blocks.append(Para(f"{more} Blank means not taken, or not in this copy.", "label", "ink2"))
        blocks += _others(sets, now)
        if listing.window:
            blocks.append(Para(f"{listing.window} The last of each kind is shown.", "label", "ink2"))
        return [Placed(8, 0, room - 16, blocks)]


def _others(sets: Sequence[ObsSet], now: datetime) -> list[Block]:
    """Every other observation of the copy, newest first (weight, smoking, scores of other kinds …)."""
    rest = [o for s in sets for o in s.rest]
    if not rest:
        return []
    count = f"{min(FIRST, len(rest))} of {len(rest)}" if len(rest) > FIRST else ""
    blocks: list[Block] = [Gap(8), Lead(("Other observations", "Value", "Taken"), (0.0, 0.44, 0.8), count=count)]
    for o in rest[:FIRST]:
        found = reading(o)
        value = [Cell(f"{found.value} {found.unit}".strip(), weight=600), Cell(found.note, "label", "ink2")]
        blocks.append(TableRow([[Cell(o.text)], value, [Cell(short(o.happened or o.said, now), "label", "ink2")]],
                               (0.0, 0.44, 0.8)))  # fmt: skip
    return blocks
