"""Facts of a few words in a flowing line: label and value stay together, a fact that does not fit begins a line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QPainter

from desktop.patient.blocks import fold
from desktop.shell import paint
from desktop.shell.tokens import Theme
from desktop.shell.type import SEMIBOLD, font, width
from localdb.chart.medicine_blocks import Fact

GAP, STEP = 18, 22


class FactLine:
    """A block (blocks.Block): `label value` after `label value`, wrapped between facts."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._facts = tuple(facts)
        self.words = "; ".join(f"{f.label} {f.text}" for f in facts)

    def _placed(self, room: float) -> list[tuple[float, int, str, str, bool]]:
        """Left, line, label, value, whether it is missing."""
        made: list[tuple[float, int, str, str, bool]] = []
        x, line = 0.0, 0
        for fact in self._facts:
            lead = width(fact.label, "label") + 6
            wide = lead + width(fact.text, "label", SEMIBOLD)
            if x and x + wide > room:
                x, line = 0.0, line + 1
            lines = fold(fact.text, "label", max(room - lead, 40), SEMIBOLD)
            for n, text in enumerate(lines):
                made.append((x, line + n, fact.label if n == 0 else "", text, fact.missing))
            line += len(lines) - 1
            x = x + wide + GAP if len(lines) == 1 else room
        return made

    def height(self, width: float) -> float:
        return (max((line for _, line, *_ in self._placed(width)), default=0) + 1) * STEP + 6

    def draw(self, painter: QPainter, x: float, y: float, width: float, theme: Theme) -> None:
        for left, line, label, text, missing in self._placed(width):
            baseline = y + 17 + line * STEP
            at = x + left
            if label:
                at += paint.draw_text(painter, at, baseline, label, font("label"), theme.ink2) + 6
            else:
                at += 24
            made = font("label", SEMIBOLD)
            paint.draw_text(painter, at, baseline, text, made, theme.ink2 if missing else theme.ink)
