"""The places of the ward: the board, my list and everyone (F3); what is waiting is in `waiting`."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import Signal

from desktop.shell.context import Changes, Context
from desktop.shell.lists import RowList
from desktop.shell.page import Place
from desktop.shell.parts import Button
from desktop.ward.board import Board
from desktop.ward.hits import PersonRow, person_row
from desktop.ward.rows import BedRow, bed_rows, ward_counts
from localdb.chart.views import Census, PatientView
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


class MyListPlace(Place):
    """The patients that this member of staff put onto their own list (Ctrl+M), kept encrypted on this laptop only."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, "My list", " ")
        self.ids: tuple[str, ...] = ()
        self.list = RowList(self.look, "My list")
        self.list.opened.connect(self._on_open)
        self.off = Button(self.look, "Take off my list", hint="Ctrl+M", name="Take the chosen patient off my list")
        self.off.clicked.connect(self._on_off)
        self.off.hide()
        self.column.addSpacing(6)
        self.column.addWidget(self.list, 1)
        self.column.addWidget(self.off)
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
        self.off.setVisible(bool(people))

    def _on_off(self) -> None:
        row = self.list.chosen_row()
        if row is not None:
            self.toggle(row.patient)

    def _on_open(self, row: PersonRow) -> None:
        self.context.open_patient.emit(row.patient)
