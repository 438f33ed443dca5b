"""The places of the ward: the board, my list, everyone, and what is waiting (F3, F6)."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter

from desktop.lamp.state import short_time
from desktop.shell import paint
from desktop.shell.context import Changes, Context
from desktop.shell.lists import RowList
from desktop.shell.page import Place
from desktop.shell.parts import Text
from desktop.shell.tokens import Theme
from desktop.shell.type import BOLD, MEDIUM, font, wrap
from desktop.ward.board import Board
from desktop.ward.hits import PersonRow, person_row
from desktop.ward.rows import BedRow, bed_rows, list_name, ward_counts
from localdb.chart import wording
from localdb.chart.census import bed_order
from localdb.chart.struck import sentence, struck
from localdb.chart.views import Census, PatientView, PendingRow
from localdb.errors import WardlampError


class WardPlace(Place):
    """The board of one ward. `shown(ward name, line of counts, second line, tests waiting)` tells the rail."""

    shown = Signal(str, str, str, int)

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Ward", framed=False)
        self.board = Board(self.look, is_tight=context.training)
        self.board.opened.connect(context.open_patient)
        self.column.addWidget(self.board, 1)
        self.census: Census | None = None
        self.rows: tuple[BedRow, ...] = ()
        self.ward: str | None = None
        self.setFocusProxy(self.board)
        context.changed.connect(self._on_changed)

    def show_ward(self, name: str | None) -> None:
        self.ward = name
        self.enter()

    def enter(self) -> None:
        name = self.ward
        self.ask(lambda reading: reading.ward(name), self._on_census)

    def _on_changed(self, changes: Changes) -> None:
        if changes.copy or changes.entries:
            self.enter()

    def _on_census(self, census: Census) -> None:
        self.census = census
        self.rows = bed_rows(census, self.context.now())
        self.board.show_rows(self.rows, census.ward)
        counts, spare = ward_counts(self.rows)
        self.shown.emit(census.ward, counts, spare, sum(r.waiting for r in self.rows))

    def chosen(self) -> BedRow | None:
        row = self.board.view.chosen_row()
        return row if row is not None and row.patient else None

    def neighbour(self, patient: str, by: int) -> str:
        """The person in the next (`by` 1) or previous (-1) occupied bed; "" where the patient is not on this board."""
        held = [r.patient for r in self.rows if r.patient]
        if patient not in held:
            return ""
        return held[(held.index(patient) + by) % len(held)]


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One test that was in flight at the cut: bed and name, what, its state as sent, since when; nothing is cut."""

    patient: str
    bed: str
    family: str
    given: str
    lines: tuple[str, ...]
    states: tuple[str, ...]
    asked: str
    age: str
    can_open: bool = True

    @property
    def height(self) -> int:
        return 44 + 21 * max(0, len(self.lines) - 1, len(self.states) - 1)

    @property
    def text(self) -> str:
        name = ", ".join(x for x in (self.family, self.given) if x)
        facts = (f"Bed {self.bed}", name, " ".join(self.lines), " ".join(self.states), f"asked {self.asked}", self.age)
        return ", ".join(x for x in facts if x)

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        left, right, baseline = area.left(), area.right(), area.top() + 28
        paint.hairline(painter, left, area.bottom() - 1, right, theme.rule)
        paint.draw_text(painter, left + 22, baseline, self.bed, font("ident"), theme.ink)
        x = left + 76
        x += paint.draw_text(painter, x, baseline, self.family, font("body", BOLD), theme.ink)
        paint.draw_text(painter, x, baseline, f", {self.given}" if self.given else "", font("body"), theme.ink)
        middle = left + (right - left) * 0.34
        for n, line in enumerate(self.lines):
            paint.draw_text(painter, middle, baseline + 21 * n, line, font("body", MEDIUM), theme.ink)
        for n, line in enumerate(self.states):
            paint.draw_text(painter, right - STATE, baseline + 21 * n, line, font("label"), theme.ink2)
        paint.draw_text(painter, right - 104, baseline, self.asked, font("label"), theme.ink2, right=True)
        paint.draw_text(painter, right - 12, baseline, self.age, font("label", BOLD), theme.ink, right=True)


STATE, _STATE_ROOM = 440, 215  # px from the right edge, and how wide
_WISH = "Wanted:"  # when it was asked for: no state

# What a request's status as sent means in plain words; the fill takes it no further.
_STATES = {"active": "asked, no result", "draft": "not sent", "on-hold": "on hold"}


def waiting_row(row: PendingRow, now: datetime, room: float) -> WaitingRow:
    view, request = row.patient, row.request
    family, given = list_name(view)
    asked = request.said or request.happened
    said = [wording.clean(c) for c in request.comments if not c.startswith(_WISH)]
    state = "; ".join(said) or _STATES.get(request.status, request.status)
    age = ""
    if asked is not None and asked.instant is not None and now > asked.instant:
        age = wording.duration(now - asked.instant)
    return WaitingRow(
        patient=view.id,
        bed=view.bed,
        family=family,
        given=given,
        lines=tuple(wrap(wording.clean(request.text) or "test not named", "body", room, MEDIUM)),
        states=tuple(wrap(state, "label", _STATE_ROOM)),
        asked=short_time(asked, now) or "not known",
        age=age,
    )


class WaitingPlace(Place):
    """What was asked for and had not come back at the cut (F6)."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Waiting", " ")
        self.ward: str | None = None
        self.list = RowList(self.look, "Tests waiting")
        self.list.opened.connect(self._on_open)
        self._down = Text(self.look, "", "body", "hi", weight=600, wrap=True)
        self._down.setAccessibleName("Which system is down")
        self._down.hide()
        self.column.addWidget(self._down)
        self.column.addSpacing(6)
        self.column.addWidget(self.list, 1)
        self.setFocusProxy(self.list)
        context.changed.connect(self._on_changed)

    def enter(self) -> None:
        ward = self.ward
        self.ask(lambda reading: (reading.pending(ward), reading.sources()), self._on_rows)

    def _on_changed(self, changes: Changes) -> None:
        if changes.copy and self.isVisible():
            self.enter()

    def _on_rows(self, answer: tuple[tuple[PendingRow, ...], Any]) -> None:
        now, room = self.context.now(), max(220.0, self.width() * 0.66 - 480)
        rows = sorted((waiting_row(r, now, room) for r in answer[0]), key=lambda r: bed_order(r.bed))
        people = len({r.patient for r in rows})
        where = self.ward or "this copy"
        self.say(
            f"Waiting: {where}",
            f"{len(rows)} tests of {people} patients had no result when the copy was taken. Ask: some may be done."
            if rows
            else f"No test was waiting in {where} when the copy was taken. That is no proof of none.",
        )
        down = struck(answer[1], "result", "report", titles=self.context.titles)
        self._down.setText(" ".join(sentence(s, now, self.context.zone) for s in down))
        self._down.setVisible(bool(down))
        self.list.show_rows(rows, keep=True)

    def _on_open(self, row: WaitingRow) -> None:
        self.context.open_patient.emit(row.patient)


@dataclass(frozen=True, slots=True)
class WardRow:
    """One ward of this copy."""

    ward: str
    counts: str
    height: int = 52
    can_open: bool = True

    @property
    def text(self) -> str:
        return f"{self.ward}, {self.counts}"

    def paint(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        paint.hairline(painter, area.left(), area.bottom() - 1, area.right(), theme.rule)
        paint.draw_text(painter, area.left() + 22, area.top() + 32, self.ward, font("ident"), theme.ink)
        paint.draw_text(painter, area.right() - 12, area.top() + 32, self.counts, font("body"), theme.ink2, right=True)


class EveryonePlace(Place):
    """Every ward of this copy; a press opens its board. Anyone else is found by typing (F2)."""

    ward_opened = Signal(str)

    def __init__(self, context: Context) -> None:
        words = "Every ward in this copy. Anyone else is found by typing: F2, then a name, a number or a date of birth."
        super().__init__(context, "Everyone", words)
        self.list = RowList(self.look, "Wards")
        self.list.opened.connect(self._on_open)
        self.column.addSpacing(6)
        self.column.addWidget(self.list, 1)
        self.setFocusProxy(self.list)

    def enter(self) -> None:
        self.ask(lambda reading: [reading.ward(name) for name in reading.wards()], self._on_wards)

    def _on_wards(self, wards: list[Census]) -> None:
        now = self.context.now()
        self.list.show_rows([WardRow(c.ward, ", ".join(ward_counts(bed_rows(c, now)))) for c in wards], keep=True)

    def _on_open(self, row: WardRow) -> None:
        self.ward_opened.emit(row.ward)


class MyListPlace(Place):
    """The patients that this member of staff put onto their own list (Ctrl+M), kept encrypted on this laptop only."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, "My list", " ")
        self.ids: tuple[str, ...] = ()
        self.list = RowList(self.look, "My list")
        self.list.opened.connect(self._on_open)
        self.column.addSpacing(6)
        self.column.addWidget(self.list, 1)
        self.setFocusProxy(self.list)

    @property
    def _key(self) -> str:
        return f"list:{self.context.house.staff}"

    def enter(self) -> None:
        key = self._key
        self.context.writer.ask(key, lambda house: house.draft(key) or {}, self._on_list, self._on_not_kept)

    def toggle(self, patient: str) -> None:
        """Put a patient onto the list, or take them off."""
        key = self._key

        def change(house: Any) -> dict[str, Any]:
            held = list((house.draft(key) or {}).get("patients", ()))
            added = patient not in held
            held = [*held, patient] if added else [p for p in held if p != patient]
            house.save_draft(key, {"patients": held})
            return {"patients": held, "added": added}

        self.context.writer.ask(key, change, self._on_list, self._on_not_kept)

    def _on_list(self, key: Hashable, body: dict[str, Any]) -> None:
        if key != self._key:
            return
        self.ids = tuple(body.get("patients", ()))
        if "added" in body:
            self.context.say("On my list now." if body["added"] else "Taken off my list.", action="")
        ids = self.ids
        self.ask(lambda reading: [reading.chart(p).patient for p in ids], self._on_people)

    def _on_not_kept(self, key: Hashable, error: WardlampError) -> None:
        self.failed.show_error("My list could not be kept", error)

    def _on_people(self, people: list[PatientView]) -> None:
        self.say(
            "My list",
            f"{len(people)} patients. Ctrl+M takes the chosen one off."
            if people
            else "Nobody yet. Choose a bed or open a patient, then Ctrl+M puts them here.",
        )
        now = self.context.now()
        self.list.show_rows([person_row(v, now) for v in people], keep=True)

    def _on_open(self, row: PersonRow) -> None:
        self.context.open_patient.emit(row.patient)
