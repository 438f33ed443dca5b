"""What the ward wrote about an examination, beside its report and pictures: provisional readings (always said to be that),
how they compare with the formal report, and images that were moved (LOOK §1.5; CLINICAL §4.2; hazards H01, H17).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from desktop.patient.blocks import Block, Boxed, Gap, tall
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand
from desktop.patient.sheet import Placed, Sheet
from desktop.patient.words import short
from desktop.shell.context import Context
from desktop.shell.parts import Button
from localdb.chart.evaluations import (
    ASKS,
    PROVISIONAL,
    Provisional,
    asks,
    beside,
    compared_words,
    formal,
    loose,
    provisional,
    said,
)
from localdb.chart.moved import AWAY, moved_words, of_study, what
from localdb.chart.reports import Examination
from localdb.chart.views import Chart, MovedImages


def reading_blocks(one: Provisional, now: datetime, *, asks_now: bool = False) -> list[Block]:
    """One reading: PROVISIONAL first, then its words, then who wrote it when and how it compares."""
    entry = one.entry
    signed = f"{entry.staff}, {short(entry.happened or entry.written, now)}, {entry.number}"
    lines = [(PROVISIONAL, True), *((part, False) for part in said(entry)), (signed, False)]
    if compared := compared_words(one):
        lines.append((compared, one.differs))
    made: list[Block] = [Gap(8), Boxed(lines, "pen", "ward wrote")]
    return [*made, Gap(4), Boxed([(ASKS, True)], "warn", "caution")] if asks_now else made


def moved_blocks(moves: Sequence[MovedImages]) -> list[Block]:
    """Who moved these images, from or to whom, when and why; a conflict is a caution."""
    made: list[Block] = []
    for told in moves:
        head, rest = moved_words(told)
        is_contested = told.state in ("elsewhere", "clash")
        lines = [(what(told.entry), True), (head, True), (rest, is_contested)]
        made += [Gap(8), Boxed(lines, "warn" if is_contested else "pen", "caution" if is_contested else "ward wrote")]
    return made


def written_blocks(chart: Chart, found: Examination, now: datetime) -> list[Block]:
    """Everything that the ward wrote about one examination, below its report."""
    every = provisional(chart)
    blocks = [b for one in beside(found, every) for b in reading_blocks(one, now, asks_now=asks(found, one))]
    if found.study is not None:
        blocks += moved_blocks(of_study(chart.moved, found.study.uid))
    return blocks


def apart_blocks(chart: Chart, found: Sequence[Examination], now: datetime) -> list[Block]:
    """What stands with no examination of this chart: images that were moved away or that nobody may show now, and readings
    of films or of what has left the copy."""
    uids = {e.study.uid for e in found if e.study is not None}
    away = [m for m in chart.moved if m.way == AWAY or m.study not in uids]
    blocks = moved_blocks(away)
    for one in loose(provisional(chart), found):
        name = str(one.entry.body.get("examination", ""))
        blocks += [Gap(8), Boxed([(f"Of an examination that is not in this copy: {name}", True)], "plain", None)]
        blocks += reading_blocks(one, now)
    return blocks


def list_words(chart: Chart, found: Examination) -> tuple[str, ...]:
    """What the row of an examination says of what the ward wrote."""
    readings = beside(found, provisional(chart))
    made = []
    if any(asks(found, one) for one in readings):
        made.append("PROVISIONAL reading: compare it with the report")
    elif any(one.differs for one in readings):
        made.append("The formal report DIFFERS from the ward's reading")
    elif readings:
        made.append("Read by the ward, PROVISIONAL" if formal(found) is None else "Read by the ward, compared")
    if found.study is not None and of_study(chart.moved, found.study.uid):
        made.append("MOVED HERE from another number")
    return tuple(made)


_MOST_APART = 200  # px; what is more is scrolled to


class WrittenBar(KeyedWidget):
    """What can be written about the chosen examination. `read` wishes a provisional reading of the record with that id."""

    read = Signal(str)

    def __init__(self, context: Context, stand: Stand, key: PatientKey, chart: Chart) -> None:
        super().__init__(context.look, stand, key, chart)
        self._context = context
        look = context.look
        self._found: Examination | None = None
        self.has_any = False
        self.setAccessibleName("Write about this examination")
        self.evaluate = Button(
            look, "Read provisionally", icon="record", name="Write a provisional reading of these images"
        )
        self.compare = Button(look, "Compare", "primary", name="Compare the provisional reading with the formal report")
        self.move_away = Button(look, "Another patient's", "quiet", name="These images are another patient's")
        self.undo = Button(look, "Undo the move", "quiet", name="Undo or uphold the move of these images")
        self.evaluate.clicked.connect(self._on_read)
        self.compare.clicked.connect(self._on_compare)
        self.move_away.clicked.connect(self._on_move)
        self.undo.clicked.connect(self._on_undo)
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 12, 6)
        row.setSpacing(6)
        for button in (self.evaluate, self.compare, self.move_away, self.undo):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        self.show_for(None)

    def show_for(self, found: Examination | None) -> None:
        """The examination in front; None hides everything."""
        self._found = found
        self.has_any = False
        self.hide()
        if found is None or found.held.restricted:
            return
        done = found.study is not None or found.report is not None
        self.evaluate.setVisible(done)
        self.compare.setVisible(self._asking() is not None)
        moved = self._moved()
        has_uid = found.study is not None and bool(found.study.uid)
        self.move_away.setVisible(has_uid and moved is None)
        self.undo.setVisible(moved is not None)
        self.has_any = done
        self.setVisible(done)

    def _asking(self) -> Provisional | None:
        if self._found is None:
            return None
        readings = beside(self._found, provisional(self.chart))
        found = self._found
        return next((p for p in readings if asks(found, p)), None)

    def _moved(self) -> MovedImages | None:
        study = self._found.study if self._found is not None else None
        return next(iter(of_study(self.chart.moved, study.uid)), None) if study is not None else None

    def _on_read(self) -> None:
        if self._found is not None:
            self.read.emit(self._found.held.id)

    def _on_compare(self) -> None:
        one = self._asking()
        if one is not None:
            self._context.record.emit(f"comparison {one.entry.id}", self.key.person, None)

    def _on_move(self) -> None:
        if self._found is not None and self._found.study is not None:
            self._context.record.emit(f"image_move {self._found.study.id}", self.key.person, None)

    def _on_undo(self) -> None:
        if (told := self._moved()) is not None:
            self._context.record.emit("image_move", self.key.person, told.entry.id)


class ApartStrip(Sheet):
    """Over the list: what the ward wrote that stands with no examination of it. As high as it must be, 200 px at most."""

    def __init__(
        self, context: Context, stand: Stand, key: PatientKey, chart: Chart, found: Sequence[Examination]
    ) -> None:
        self._context, self._found, self._of = context, tuple(found), chart
        super().__init__(context.look, stand, key, chart, self._arranged, "Moved images and other readings")
        self.scroller.setFocusPolicy(Qt.FocusPolicy.StrongFocus if self.blocks() else Qt.FocusPolicy.NoFocus)
        self.setVisible(bool(self.blocks()))

    def blocks(self) -> list[Block]:
        return apart_blocks(self._of, self._found, self._context.now())

    def _arranged(self, chart: Chart, room: float) -> Sequence[Placed]:
        blocks = self.blocks()
        self.setFixedHeight(int(min(_MOST_APART, tall(blocks, room - 20) + 14)))
        return [Placed(8, 0, room - 20, blocks)]
