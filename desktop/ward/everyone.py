"""Everyone (the rail): every ward with its outstanding work, today's clinics, theatre lists, and whom one opened last.

Each part is read on the reader's bench when it comes to the front. Anyone else is found by typing (F2).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout

from desktop.patient.blocks import fold
from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.lists import RowList
from desktop.shell.page import Place
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, SEMIBOLD, font, width
from desktop.ward.booked import BookedRow, booked_row
from desktop.ward.hits import WIDEST, HeadRow, People, absent_words, people_of, people_rows
from desktop.ward.rows import bed_rows, ward_counts
from localdb.chart import wording
from localdb.chart.agenda import CLINIC, THEATRE_LIST, Agenda, AgendaRow, told, told_words
from localdb.chart.views import Census, SourceAge
from localdb.errors import WardlampError

PARTS = (("wards", "Wards"), ("clinics", "Clinics"), ("theatre", "Theatre"), ("recent", "Recent"))
KINDS = {"clinics": CLINIC, "theatre": THEATRE_LIST}
_SIDES = 22 + 12


@dataclass(frozen=True, slots=True)
class WardRow:
    """One ward of this copy: who lies there, and what is outstanding."""

    ward: str
    counts: str
    waiting: int = 0
    written: int = 0
    room: float = WIDEST
    can_open: bool = True

    @property
    def outstanding(self) -> str:
        said = [f"{self.waiting} waiting" if self.waiting else "nothing waiting"]
        return ", ".join([*said, *([f"{self.written} written here"] if self.written else [])])

    @property
    def text(self) -> str:
        return f"{self.ward}, {self.counts}, {self.outstanding}"

    def _lines(self) -> tuple[list[str], list[str], list[str], bool]:
        """Name, counts and what is outstanding in their lines, and whether the last two stand side by side."""
        room = self.room - _SIDES
        names = fold(self.ward, "ident", room * 0.42, SEMIBOLD)
        counts, rest = width(self.counts, "body"), width(self.outstanding, "body", BOLD)
        if counts + 24 + rest <= room * 0.55:
            return names, [self.counts], [self.outstanding], True
        return names, fold(self.counts, "body", room * 0.55), fold(self.outstanding, "body", room * 0.55, BOLD), False

    @property
    def height(self) -> int:
        names, counts, rest, is_beside = self._lines()
        return 28 + 24 * max(len(names), 1 if is_beside else len(counts) + len(rest))

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        names, counts, rest, is_beside = self._lines()
        first, left, right = area.top() + 32, area.left() + 22, area.right() - 12
        second = left + (area.width() - _SIDES) * 0.45
        for n, words in enumerate(names):
            paint.draw_text(painter, left, first + 24 * n, words, font("ident", SEMIBOLD), theme.ink)
        for n, words in enumerate(counts):
            paint.draw_text(painter, second, first + 24 * n, words, font("body"), theme.ink2)
        made = font("body", BOLD if self.waiting else None)
        for n, words in enumerate(rest, 0 if is_beside else len(counts)):
            paint.draw_text(
                painter, right if is_beside else second, first + 24 * n, words, made, theme.ink, right=is_beside
            )


def ward_row(census: Census, now: datetime, room: float = WIDEST) -> WardRow:
    rows = bed_rows(census, now)
    waiting, written = sum(r.waiting for r in rows), sum(r.entries for r in rows)
    return WardRow(census.ward, ", ".join(ward_counts(rows)), waiting, written, room)


def with_places(rows: Sequence[AgendaRow], now: datetime, zone: str, room: float) -> list[HeadRow | BookedRow]:
    """The appointments under a head for each place, which counts those that stand."""
    shown: list[HeadRow | BookedRow] = []
    place = None
    for row in rows:
        if row.place != place:
            place = row.place
            number = sum(r.place == place and not r.is_off for r in rows)
            shown.append(HeadRow(f"{place}: {number}", room))
        shown.append(booked_row(row, now, zone, room))
    return shown


class EveryonePlace(Place):
    """The parts. A press on a ward opens its board, on a person their record."""

    ward_opened = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Everyone", " ")
        self.part, self._day = "wards", 0
        self.buttons: dict[str, Button] = {}
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for name, word in PARTS:
            button = Button(self.look, word)
            button.setProperty("part", name)
            button.clicked.connect(self._on_part)
            self.buttons[name] = button
            bar.addWidget(button)
        bar.addStretch(1)
        self.unknown = Button(self.look, "Register", hint="Ctrl+N", name="Register a patient who is in no copy")
        self.unknown.clicked.connect(context.register)
        bar.addWidget(self.unknown)
        self.earlier = Button(self.look, "Day before", name="The day before")
        self.later = Button(self.look, "Day after", name="The day after")
        for step, button in ((-1, self.earlier), (1, self.later)):
            button.setProperty("step", step)
            button.clicked.connect(self._on_day)
            bar.addWidget(button)
        self.list = RowList(self.look, "Wards")
        self.list.opened.connect(self._on_open)
        self.list.widened.connect(self._fold)
        self._rows: Callable[[float], Sequence[Any]] = lambda room: ()
        self.note = Text(self.look, "", "label", "ink2", wrap=True)
        self.column.addSpacing(2)
        self.column.addLayout(bar)
        self.column.addSpacing(6)
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.note)
        self.setFocusProxy(self.list)

    def enter(self) -> None:
        self._read()

    def show_part(self, part: str) -> None:
        """Bring wards, clinics, theatre or recent to the front."""
        self.part = part
        self._show(lambda room: ())
        self.note.setText("")
        self._read()
        self.list.setFocus()

    def _show(self, rows: Callable[[float], Sequence[Any]]) -> None:
        """`rows` makes the rows for a width, now and whenever it changes."""
        self._rows = rows
        self._fold()

    def _fold(self) -> None:
        self.list.show_rows(self._rows(self.list.room), keep=True)

    @property
    def day(self) -> datetime:
        """The day that is looked at, on the site's clock."""
        return self.context.now().astimezone(ZoneInfo(self.context.zone)) + timedelta(days=self._day)

    def _read(self) -> None:
        for name, button in self.buttons.items():
            button.use_kind("chosen" if name == self.part else "normal")
        for button in (self.earlier, self.later):
            button.setVisible(self.part in KINDS)
        self.list.setAccessibleName(dict(PARTS)[self.part])
        if self.part == "wards":
            words = (
                "Every ward in this copy. Anyone else is found by typing: F2, then a name, a number or a birth date."
            )
            self.say("Everyone", words)
            self.ask(lambda reading: [reading.ward(name) for name in reading.wards()], self._on_wards)
        elif self.part == "recent":
            self.say("Whom you opened last", "On this laptop and on those whose journals were read in.")
            key = ("recent", self.context.house.staff)
            self.context.writer.ask(key, lambda house: house.recent(), self._on_recent, self._on_not_read)
        else:
            day, zone = self.day.date(), self.context.zone
            self.ask(lambda reading: (reading.agenda(day, zone), reading.sources()), self._on_agenda)

    def _on_wards(self, wards: list[Census]) -> None:
        if self.part == "wards":
            now = self.context.now()
            self._show(lambda room: [ward_row(c, now, room) for c in wards])

    def _on_agenda(self, found: tuple[Agenda, tuple[SourceAge, ...]]) -> None:
        held, sources = found
        if self.part not in KINDS:
            return
        now, zone, rows = self.context.now(), self.context.zone, held.of(KINDS[self.part])
        title = "Clinics" if self.part == "clinics" else "Theatre lists"
        on = wording.long_day(held.day)
        self.say(f"{title}, {on}", self._who_was_asked(sources, now))
        self._show(lambda room: with_places(rows, now, zone, room))
        left = f"{held.restricted} restricted, open the patient to see. " if held.restricted else ""
        none = "" if rows else "None in this copy for that day. That is not proof that nothing is booked. "
        self.note.setText(f"{none}{left}".strip())

    def _who_was_asked(self, sources: tuple[SourceAge, ...], now: datetime) -> str:
        """`Appointments complete: PAS to 02:40.` or why not; no source of them is said too."""
        found = told(sources, now, self.context.zone, self.context.titles)
        return f"{told_words(found, self.context.zone)}{' Ward patients are among them.' if found else ''}"

    def _on_recent(self, key: Hashable, ids: tuple[str, ...]) -> None:
        if self.part == "recent":
            self.ask(lambda reading: people_of(reading, ids), lambda found: self._on_people(ids, found))

    def _on_people(self, ids: tuple[str, ...], found: People) -> None:
        if self.part == "recent":
            now = self.context.now()
            self._show(lambda room: people_rows(found, now, room))
            away = absent_words(ids, found)
            self.note.setText(away if ids else "You opened nobody yet.")

    def _on_not_read(self, key: Hashable, error: WardlampError) -> None:
        self.failed.show_error("The list could not be read", error)

    def _on_part(self) -> None:
        self._day = 0
        self.show_part(str(self.sender().property("part")))

    def _on_day(self) -> None:
        self._day += int(self.sender().property("step"))
        self._read()

    def _on_open(self, row: Any) -> None:
        if isinstance(row, WardRow):
            self.ward_opened.emit(row.ward)
        else:
            self.context.open_found.emit(row.view, row.alike)
