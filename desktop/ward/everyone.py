"""Everyone (the rail): every ward with its outstanding work, today's clinics, theatre lists, and whom one opened last.

Each part is read on the reader's bench when it comes to the front. Anyone else is found by typing (F2).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout

from desktop.shell import paint
from desktop.shell.context import Context
from desktop.shell.lists import RowList
from desktop.shell.page import Place
from desktop.shell.parts import Button, Text
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, SEMIBOLD, font, metrics, width, wrap
from desktop.ward.hits import HeadRow, People, absent_words, people_of, people_rows
from desktop.ward.rows import bed_rows, list_name, ward_counts
from localdb.chart import wording
from localdb.chart.agenda import CLINIC, THEATRE_LIST, Agenda, AgendaRow, told, told_words
from localdb.chart.views import Census, PatientView, SourceAge
from localdb.errors import WardlampError

PARTS = (("wards", "Wards"), ("clinics", "Clinics"), ("theatre", "Theatre"), ("recent", "Recent"))
KINDS = {"clinics": CLINIC, "theatre": THEATRE_LIST}
NO_PHONE = "no telephone number in this copy"
_STATUS = {"cancelled": "CANCELLED", "noshow": "did not attend", "arrived": "arrived", "fulfilled": "seen",
           "checked-in": "arrived", "waitlist": "waiting list", "proposed": "proposed", "pending": "pending"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class WardRow:
    """One ward of this copy: who lies there, and what is outstanding."""

    ward: str
    counts: str
    waiting: int = 0
    written: int = 0
    height: int = 52
    can_open: bool = True

    @property
    def outstanding(self) -> str:
        said = [f"{self.waiting} waiting" if self.waiting else "nothing waiting"]
        return ", ".join([*said, *([f"{self.written} written here"] if self.written else [])])

    @property
    def text(self) -> str:
        return f"{self.ward}, {self.counts}, {self.outstanding}"

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        baseline, right = area.top() + 32, area.right() - 12
        name = metrics("ident", SEMIBOLD)
        room = area.width() * 0.42
        shown = self.ward if name.horizontalAdvance(self.ward) <= room else wrap(self.ward, "ident", room, SEMIBOLD)[0]
        paint.draw_text(painter, area.left() + 22, baseline, shown, font("ident", SEMIBOLD), theme.ink)
        paint.draw_text(painter, area.left() + area.width() * 0.46, baseline, self.counts, font("body"), theme.ink2)
        weight = BOLD if self.waiting else None
        paint.draw_text(painter, right, baseline, self.outstanding, font("body", weight), theme.ink, right=True)


@dataclass(frozen=True, slots=True)
class BookedRow:
    """One appointment: when, who with two identifiers, what and with whom, the telephone numbers large."""

    view: PatientView
    time: str
    family: str
    given: str
    identity: str
    what: str
    phones: str
    status: str = ""
    is_off: bool = False
    alike: str = ""
    height: int = 64
    can_open: bool = True

    @property
    def patient(self) -> str:
        return self.view.id

    @property
    def text(self) -> str:
        name = f"{self.family}, {self.given}" if self.given else self.family
        said = (self.time, name, self.alike.lower(), self.identity, self.what, self.status, self.phones)
        return ", ".join(x for x in said if x)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        left, top, right = area.left() + 22, area.top(), area.right() - 14
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        draw = paint.draw_struck if self.is_off else paint.draw_text
        draw(painter, left, top + 26, self.time, font("ident", SEMIBOLD), theme.ink)
        name, x = left + 74, left + 74
        x += paint.draw_text(
            painter, x, top + 26, self.family + (", " if self.given else ""), font("value", BOLD), theme.ink
        )
        x += paint.draw_text(painter, x, top + 26, self.given, font("value"), theme.ink)
        if self.status:
            kind = "strong" if self.is_off else "plain"
            paint.draw_chip(painter, x + 12, top + 8, self.status, theme, kind=kind, height=22)
        weight = SEMIBOLD if self.phones != NO_PHONE else None
        paint.draw_text(painter, right, top + 26, self.phones, font("value", weight), theme.ink, right=True)
        used = paint.draw_text(painter, name, top + 51, self.identity, font("label"), theme.ink2)
        room = right - name - used - 30
        said = self.what if width(self.what, "label") <= room else (wrap(self.what, "label", room) or [""])[0] + " …"
        paint.draw_text(painter, right, top + 51, said, font("label"), theme.ink2, right=True)


def booked_row(row: AgendaRow, now: datetime, zone: str) -> BookedRow:
    """The words of one appointment, as sent."""
    one, view = row.appointment, row.patient
    family, given = list_name(view)
    at = one.happened
    time = wording.time(at, zone) if at is not None and at.has_time else "no time"
    born = wording.born_text(view.born, now, estimated=view.born_estimated)
    number = f"NHS No. {wording.nhs_number(view.nhs)}" if view.nhs else f"Hospital No. {view.mrn}" if view.mrn else ""
    what = ", ".join(x for x in (one.text, *one.participants) if x) or "what for was not sent"
    return BookedRow(
        view=view, time=time, family=family, given=given,
        identity=", ".join(x for x in (f"Born {born}", number) if x),
        what=what, phones=" or ".join(view.phones) or NO_PHONE, is_off=row.is_off, alike=row.alike,
        status="Died" if view.is_deceased else _STATUS.get(one.status, "" if one.status in ("booked", "") else one.status),
    )  # fmt: skip


def ward_row(census: Census, now: datetime) -> WardRow:
    rows = bed_rows(census, now)
    return WardRow(
        census.ward, ", ".join(ward_counts(rows)), sum(r.waiting for r in rows), sum(r.entries for r in rows)
    )


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
        self.earlier = Button(self.look, "Day before", name="The day before")
        self.later = Button(self.look, "Day after", name="The day after")
        for step, button in ((-1, self.earlier), (1, self.later)):
            button.setProperty("step", step)
            button.clicked.connect(self._on_day)
            bar.addWidget(button)
        self.list = RowList(self.look, "Wards")
        self.list.opened.connect(self._on_open)
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
        self.list.show_rows(())
        self.note.setText("")
        self._read()
        self.list.setFocus()

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
            self.list.show_rows([ward_row(c, now) for c in wards], keep=True)

    def _on_agenda(self, found: tuple[Agenda, tuple[SourceAge, ...]]) -> None:
        held, sources = found
        if self.part not in KINDS:
            return
        now, zone, rows = self.context.now(), self.context.zone, held.of(KINDS[self.part])
        title = "Clinics" if self.part == "clinics" else "Theatre lists"
        on = wording.long_day(held.day)
        self.say(f"{title}, {on}", self._who_was_asked(sources, now))
        shown: list[Any] = []
        place = None
        for row in rows:
            if row.place != place:
                place = row.place
                number = sum(r.place == place and not r.is_off for r in rows)
                shown.append(HeadRow(f"{place}: {number}"))
            shown.append(booked_row(row, now, zone))
        self.list.show_rows(shown, keep=True)
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
            self.list.show_rows(people_rows(found, self.context.now()), keep=True)
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
