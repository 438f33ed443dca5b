"""The rows and blocks of the sources page: a system in the list, its parts, its facts. Painted; no store, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.patient.blocks import Block, Boxed, Cell, Gap, Lead, Para, TableRow, fold
from desktop.shell import paint
from desktop.shell.icons import draw_icon
from desktop.shell.tokens import Theme
from desktop.shell.type import MEDIUM, SEMIBOLD, font
from desktop.sources.pane import shortened
from desktop.sources.systems import KindLine, System
from localdb.chart.staleness import FRESH

ROW_HIGH = 62
_COLUMNS = (0, 0.32, 0.6, 0.8)


@dataclass(frozen=True, slots=True)
class SystemRow:
    """One system in the list at the left."""

    system: System
    can_open: bool = True

    @property
    def height(self) -> int:
        return ROW_HIGH

    @property
    def text(self) -> str:
        return self.system.text

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        system, left, right = self.system, area.left() + 16, area.right() - 12
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        used = draw_state(painter, right, area.top() + 8, system.word, system.chip, system.icon, theme)
        room = right - used - left - 10
        title = shortened(system.title, "body", room, SEMIBOLD)
        paint.draw_text(painter, left, area.top() + 25, title, font("body", SEMIBOLD), theme.ink)
        line = shortened(system.line, "label", right - left)
        paint.draw_text(painter, left, area.top() + 48, line, font("label"), theme.ink2)


def draw_state(
    painter: QPainter, right: float, top: float, word: str, chip: str | None, icon: str, theme: Theme
) -> float:
    """The state ending at `right`: a chip, or icon and word where all is well; how wide it is."""
    if chip is not None:
        room = paint.chip_width(word, icon)
        paint.draw_chip(painter, right - room, top, word, theme, kind=chip, icon=icon)
        return room
    words = paint.draw_text(painter, right, top + 17, word, font("label", SEMIBOLD), theme.ok, right=True)
    draw_icon(painter, icon, right - words - 22, top + 4, 16, theme.ok)
    return words + 22


class TitleBlock:
    """The name of the chosen system, and its state at the right."""

    def __init__(self, system: System) -> None:
        self._system, self.words = system, f"{system.title}, {system.word}"

    def _lines(self, width: float) -> list[str]:
        return fold(self._system.title, "title", width - paint.chip_width(self._system.word, "x") - 16)

    def height(self, width: float) -> float:
        return len(self._lines(width)) * 28 + 10

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        for n, line in enumerate(self._lines(width)):
            paint.draw_text(painter, x, y + 22 + 28 * n, line, font("title"), theme.ink)
        draw_state(painter, x + width, y + 2, self._system.word, self._system.chip, self._system.icon, theme)
        paint.hairline(painter, x, y + self.height(width) - 2, x + width, theme.ink)


class KindBlock:
    """One part of a system: name, complete to, age, and its state as a chip (fresh: a tick and the word)."""

    def __init__(self, line: KindLine) -> None:
        self._line = line
        self.words = f"{line.name}, complete to {line.cut}, {line.age} old, {line.word}"

    def height(self, width: float) -> float:
        return 33

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        line, baseline = self._line, y + 22
        paint.draw_text(painter, x, baseline, line.name, font("body", MEDIUM), theme.ink)
        paint.draw_text(painter, x + _COLUMNS[1] * width, baseline, line.cut, font("body", SEMIBOLD), theme.ink)
        paint.draw_text(painter, x + _COLUMNS[2] * width, baseline, line.age, font("body"), theme.ink2)
        chip = paint.STATE_CHIPS.get(line.state)
        kind, icon = chip if chip else (None, "fresh")
        draw_state(painter, x + width, y + 4, line.word, kind, icon, theme)
        paint.hairline(painter, x, y + 32, x + width, theme.rule)


def system_blocks(system: System, more: Sequence[tuple[str, str]] = ()) -> Sequence[Block]:
    """What stands at the right for one system: what is missing, its parts, its facts; `more` facts that are not its own."""
    blocks: list[Block] = [TitleBlock(system), Gap(6)]
    heavy = [(text, n == 0) for n, text in enumerate(system.missing)]
    if system.is_down or system.chip is not None:
        blocks.append(Boxed(heavy, "crit" if system.is_down else "warn", system.icon))
    else:
        blocks += [Para(text, "body") for text, _ in heavy]
    blocks += [Gap(8), Lead(("Part", "Complete to", "Age", ""), _COLUMNS), *(KindBlock(k) for k in system.kinds)]
    left_out = [g for g in system.gaps if g not in system.missing]
    if any(k.state != FRESH for k in system.kinds) or system.is_down:
        blocks += [Gap(4), *(Para(g, "label", "ink2") for g in left_out)]
    blocks.append(Gap(10))
    for label, value in (*more, *system.facts):
        cells = [[Cell(label, "label", "ink2")], [Cell(value, "label", weight=MEDIUM)]]
        blocks.append(TableRow(cells, (0, 0.22), pad=3))
    return blocks
