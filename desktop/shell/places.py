"""The rail of the ward and the places beside it: the screens that are not about one patient alone."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSpacerItem, QStackedWidget, QVBoxLayout, QWidget

from desktop.shell.context import Context
from desktop.shell.page import Place
from desktop.shell.parts import Button, Text
from desktop.shell.rail import RailGround, RailItem
from desktop.shell.tokens import RAIL, RAIL_SMALL, SMALL_WIDTH, TARGET
from desktop.ward.everyone import EveryonePlace
from desktop.ward.pages import MyListPlace, WardPlace
from desktop.ward.record import RecordPlace
from desktop.ward.waiting import WaitingPlace
from localdb.errors import WardlampError

# name -> word, icon, key
ITEMS = {
    "ward": ("Ward", "ward", "F3"),
    "list": ("My list", "my list", ""),
    "everyone": ("Everyone", "everyone", ""),
    "waiting": ("Waiting", "waiting", "F6"),
    "record": ("Record", "record", "F8"),
    "print": ("Print", "print", "F9"),
    "plans": ("Plans", "plans", "F5"),
    "restore": ("Restore", "restore", ""),
    "help": ("Help", "help", "F1"),
}


class Places(QWidget):
    """The rail and what it leads to. `changed_place(name)`."""

    changed_place = Signal(str)
    restored = Signal(int, int)  # entries confirmed, entries in all

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        look = context.look
        self.rail = RailGround(look)
        self.items: dict[str, RailItem] = {}
        self._group = QButtonGroup(self)
        column = self._column = QVBoxLayout(self.rail)
        column.setContentsMargins(0, 4, 1, 12)
        column.setSpacing(0)
        for name, (word, icon, key) in ITEMS.items():
            item = RailItem(look, word, icon, hint=key, parent=self.rail)
            item.setProperty("place", name)
            item.clicked.connect(self._on_item)
            self._group.addButton(item)
            self.items[name] = item
            column.addWidget(item)
        self._gap = QSpacerItem(0, 26)
        column.addItem(self._gap)
        self._ward = Text(look, "", "ident", wrap=True)
        self._counts, self._spare = (Text(look, "", "label", "ink2", wrap=True) for _ in range(2))
        for part in (self._ward, self._counts, self._spare):
            part.setContentsMargins(16, 0, 6, 0)
            column.addWidget(part)
        column.addStretch(1)
        self.pack = Button(look, "Ward pack", "primary", icon="print", name="Print the ward's pack")
        self.pack.clicked.connect(self._on_pack)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.addWidget(self.pack)
        column.addLayout(row)
        self._made: dict[str, Place] = {}
        self.stack = QStackedWidget()
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.rail)
        across.addWidget(self.stack, 1)
        self.ward.shown.connect(self._on_ward)
        self.everyone.ward_opened.connect(self._on_ward_opened)
        self.now = ""

    @property
    def ward(self) -> WardPlace:
        return self.place("ward")  # type: ignore[return-value]

    @property
    def everyone(self) -> EveryonePlace:
        return self.place("everyone")  # type: ignore[return-value]

    def place(self, name: str) -> Place:
        """The place of that name, made when it is first wanted."""
        if name not in self._made:
            self._made[name] = self._make(name)
            self.stack.addWidget(self._made[name])
        return self._made[name]

    def _make(self, name: str) -> Place:
        if name == "print":
            from desktop.printing.pane import PrintPlace

            return PrintPlace(self._context)
        if name == "restore":
            from desktop.restore.page import RestorePlace

            made = RestorePlace(self._context)
            made.counted.connect(self.restored)
            return made
        if name == "plans":
            from desktop.plans.page import PlansPlace

            return PlansPlace(self._context)
        if name == "help":
            from desktop.help.page import HelpPlace

            return HelpPlace(self._context)
        if name == "register":
            from desktop.entry.unknown import RegisterPlace

            return RegisterPlace(self._context)
        if name == "sources":
            from desktop.sources.page import SourcesPlace

            return SourcesPlace(self._context)
        makers = {
            "ward": WardPlace,
            "list": MyListPlace,
            "everyone": EveryonePlace,
            "waiting": WaitingPlace,
            "record": RecordPlace,
        }
        return makers[name](self._context)

    def back(self) -> bool:
        """Esc: whether the place in front had something of its own to leave."""
        return self.now in self._made and self._made[self.now].back()

    def go(self, name: str) -> Place:
        """Bring a place to the front and let it read what it shows."""
        if not self.now:
            self._look_for_unprinted()
        place = self.place(name)
        if name in self.items:
            self.items[name].setChecked(True)
        else:
            self._uncheck()
        self.now = name
        self.stack.setCurrentWidget(place)
        place.enter()
        place.setFocus()
        self.changed_place.emit(name)
        return place

    def _on_pack(self) -> None:
        self._context.print_form.emit("", "")

    def _look_for_unprinted(self) -> None:
        """What an earlier life left in the print queue is said, and goes on when a person says so."""
        self._context.extra("ledger").ask("unprinted", _unprinted, self._on_unprinted, self._on_none)

    def _on_unprinted(self, key: Hashable, count: int) -> None:
        if count:
            words = f"{count} sheet{'' if count == 1 else 's'} of an earlier pack did not come out yet."
            self._context.say(words, "caution", action="To the printer", act=self._to_queue)

    def _on_none(self, key: Hashable, error: WardlampError) -> None:
        """The queue says so itself when it is opened."""

    def _to_queue(self) -> None:
        self.go("print").go_to("queue")  # type: ignore[attr-defined]

    def _uncheck(self) -> None:
        self._group.setExclusive(False)
        for item in self.items.values():
            item.setChecked(False)
        self._group.setExclusive(True)

    def _on_item(self) -> None:
        self.go(str(self.sender().property("place")))

    def _on_ward(self, ward: str, counts: str, spare: str, waiting: int) -> None:
        self._ward.setText(ward or "No ward")
        self._counts.setText(counts)
        self._spare.setText(spare)
        self.items["waiting"].show_count(str(waiting) if waiting else "", "tests")
        waits = self.place("waiting")
        if isinstance(waits, WaitingPlace):
            waits.ward = ward or None

    def _on_ward_opened(self, ward: str) -> None:
        self.ward.ward = ward
        self.go("ward")

    def resizeEvent(self, event: QResizeEvent) -> None:
        small = event.size().width() < SMALL_WIDTH
        self.rail.setFixedWidth(RAIL_SMALL if small else RAIL)
        for item in self.items.values():
            item.is_small = small
            item.updateGeometry()
        self.pack.rename("Pack" if small else "Ward pack")
        self.pack.setAccessibleName("Print the ward's pack")
        self.pack.setFixedSize(RAIL_SMALL - 16 if small else RAIL - 24, TARGET + 4)
        # On the lowest screens the places stand whole; the pack is printed from F9.
        low = event.size().height() < len(self.items) * TARGET + 150
        for part in (self._ward, self._counts, self.pack):
            part.setVisible(not low)
        self._column.setContentsMargins(0, 0 if low else 4, 1, 0 if low else 12)
        self._gap.changeSize(0, 0 if low else 26)
        self._spare.setVisible(not small and not low)
        self.ward.board.arrange(event.size().width())
        super().resizeEvent(event)


def _unprinted(house: Any) -> int:
    """How many places of the print queue are open."""
    return sum(one.is_open for pack in house.journal.packs(only_open=True) for one in pack.items)
