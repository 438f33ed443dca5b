"""The whole list of ages (F4, or a press on the lamp): per part its source, cut, age, state and the gap in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from desktop.lamp.state import PARTS, Cell, Part, cells
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.lists import RowList
from desktop.shell.page import Place
from desktop.shell.tokens import Theme
from desktop.shell.type import MEDIUM, SEMIBOLD, font, wrap
from localdb.chart.views import SourceAge


@dataclass(frozen=True, slots=True)
class AgeRow:
    """One part of the copy."""

    name: str
    source: str
    cut: str
    age: str
    state: str
    word: str
    gap: tuple[str, ...]
    can_open: bool = False

    @property
    def height(self) -> int:
        return 34 + 21 * max(1, len(self.gap))

    @property
    def text(self) -> str:
        return ", ".join(x for x in (self.name, self.source, self.cut, self.age, self.word, " ".join(self.gap)) if x)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        left, right, baseline = area.left() + 8, area.right() - 12, area.top() + 24
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        paint.draw_text(painter, left, baseline, self.name, font("body", SEMIBOLD), theme.ink)
        paint.draw_text(painter, left + 190, baseline, self.source, font("body"), theme.ink2)
        paint.draw_text(painter, left + 320, baseline, self.cut or "time not known", font("body", MEDIUM), theme.ink)
        paint.draw_text(painter, left + 540, baseline, self.age, font("body"), theme.ink)
        chip = paint.STATE_CHIPS.get(self.state)
        if chip:
            room = paint.chip_width(self.word, chip[1])
            paint.draw_chip(painter, right - room, area.top() + 6, self.word, theme, kind=chip[0], icon=chip[1])
        else:
            paint.draw_text(painter, right, baseline, "fresh", font("label"), theme.ok, right=True)
        for n, line in enumerate(self.gap):
            paint.draw_text(painter, left + 190, baseline + 23 + 21 * n, line, font("label"), theme.ink2)


def age_rows(sources: Sequence[SourceAge], made: Sequence[Cell], room: float) -> list[AgeRow]:
    """The rows, worst first; what a person declared, the coverage and the last message stand with the gap."""
    by_name = {s.source: s for s in sources}
    return [_row(part, by_name.get(part.source), room) for cell in made for part in cell.parts]


def _row(part: Part, source: SourceAge | None, room: float) -> AgeRow:
    said = part.found.gap
    if source is not None and source.declared:
        said = f"Declared {source.declared}{f' by {source.declared_by}' if source.declared_by else ''}. {said}"
    if source is not None and source.state != "complete":
        said = f"The last reading was {source.state}. {said}"
    name = PARTS.get(part.kind, part.source)
    return AgeRow(
        name=name[:1].upper() + name[1:],
        source=part.source,
        cut=part.found.as_of,
        age=part.found.age,
        state=part.found.state,
        word=part.found.word,
        gap=tuple(wrap(said, "label", room - 220)) if said else (),
    )


class AgesPlace(Place):
    """How old every part is."""

    def __init__(self, context: Context) -> None:
        words = (
            "Up to when each part of this copy is complete. Age counts from there, not from when it was last opened."
        )
        super().__init__(context, "Ages", words)
        self.list = RowList(self.look, "Ages of the copy")
        self.column.addSpacing(6)
        self.column.addWidget(self.list, 1)
        self.setFocusProxy(self.list)
        context.ages_changed.connect(self._on_ages)

    def enter(self) -> None:
        self.ask(lambda reading: reading.sources(), self._on_sources)

    def _on_ages(self) -> None:
        if self.isVisible():
            self.enter()

    def _on_sources(self, sources: tuple[SourceAge, ...]) -> None:
        made = cells(sources, self.context.now(), str(self.context.house.site.get("zone", "Europe/London")))
        self.list.show_rows(age_rows(sources, made, self.width() - 40), keep=True)
