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
from desktop.ward.hits import People, PersonRow, absent_words, people_of, people_rows
from desktop.ward.rows import BedRow, bed_rows, ward_counts
from localdb.chart.views import Census, PatientView
from localdb.errors import WardlampError


class WardPlace(Place):
    """The board of one ward. `shown(ward name, line of counts, second line, tests waiting)` tells the rail."""

    shown = Signal(str, str, str, int)

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Ward", framed=False)
        self.board = Board(self.look, is_tight=context.training)
        self.board.opened.connect(self.open)
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

    def open(self, patient: str) -> None:
        """Wish for somebody of this board; another ward's board may hold people of whom only identity was copied."""
        rows = self.census.rows if self.census is not None else ()
        for row in rows:
            if row.patient is not None and row.patient.id == patient:
                self.context.open_found.emit(row.patient, row.alike)

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
        self.list.widened.connect(self._fold)
        self._people: People = ((), {})
        self._now = context.now()
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
        """Put a patient onto the list, or take them off: also by the id of before a merge, which the list may keep."""
        self.context.reader.ask(
            ("toggle", patient), lambda reading: reading.people((patient,)), self._on_resolved, self._on_unresolved
        )

    def _on_resolved(self, key: Hashable, people: tuple[PatientView, ...]) -> None:
        _, patient = key  # type: ignore[misc]
        own = {patient, *(i for v in people for i in (v.id, *v.ids))}
        kept = self._key

        def change(house: Any) -> dict[str, Any]:
            held = list((house.draft(kept) or {}).get("patients", ()))
            added = own.isdisjoint(held)
            held = [*held, patient] if added else [p for p in held if p not in own]
            house.save_draft(kept, {"patients": held})
            return {"patients": held, "added": added}

        self.context.writer.ask(kept, change, self._on_list, self._on_not_kept)

    def _on_unresolved(self, key: Hashable, error: WardlampError) -> None:
        self.failed.show_error("My list could not be changed", error)

    def _on_list(self, key: Hashable, body: dict[str, Any]) -> None:
        if key != self._key:
            return
        self.ids = tuple(body.get("patients", ()))
        if "added" in body:
            self.context.say("On my list now." if body["added"] else "Taken off my list.", action="")
        ids = self.ids
        self.ask(lambda reading: people_of(reading, ids), self._on_people)

    def _on_not_kept(self, key: Hashable, error: WardlampError) -> None:
        self.failed.show_error("My list could not be kept", error)

    def _on_people(self, found: People) -> None:
        people = found[0]
        held = f"{len(people)} patient{'' if len(people) == 1 else 's'}. Ctrl+M takes the chosen one off."
        none = "" if self.ids else "Nobody yet. Choose a bed or open a patient, then Ctrl+M puts them here."
        away = absent_words(self.ids, found)
        self.say("My list", " ".join(x for x in (held if people else none, away) if x))
        self._people, self._now = found, self.context.now()
        self._fold()
        self.off.setVisible(bool(people))

    def _fold(self) -> None:
        """The rows for the width that there is."""
        self.list.show_rows(people_rows(self._people, self._now, self.list.room), keep=True)

    def _on_off(self) -> None:
        row = self.list.chosen_row()
        if row is not None:
            self.toggle(row.patient)

    def _on_open(self, row: PersonRow) -> None:
        self.context.open_found.emit(row.view, row.alike)
