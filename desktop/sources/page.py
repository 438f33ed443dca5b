"""Sources (F4, the lamp, the age strip): how each system stands, what is missing because of it, and declaring it.

The sources are read on the reader's bench, declarations are written on the writer's: the window's thread never waits.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.shell.context import Changes, Context
from desktop.shell.flow import Flow
from desktop.shell.lists import RowList
from desktop.shell.page import Place
from desktop.shell.parts import Button
from desktop.shell.tokens import SMALL_WIDTH
from desktop.sources.aside import AsidePane
from desktop.sources.asking import ages_and_waiting, declare, image_room
from desktop.sources.declaring import DeclareDialog, Veil, Wish
from desktop.sources.image_room import room_facts
from desktop.sources.pane import BlockPane, scrolled
from desktop.sources.rows import SystemRow, system_blocks
from desktop.sources.systems import Offer, System, systems
from localdb.chart import wording
from localdb.chart.views import PendingRow, SourceAge
from localdb.errors import WardlampError
from localdb.store.image_counts import Room

_Answer = tuple[tuple[SourceAge, ...], tuple[PendingRow, ...], str]


class SourcesPlace(Place):
    """Two parts: the systems, and what was set aside."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, "Sources", "")
        self.systems: tuple[System, ...] = ()
        self._held: _Answer = ((), (), "")
        self._room: Room | None = None
        self._tabs = {
            "systems": Button(self.look, "Systems", "chosen"),
            "aside": Button(self.look, "Set aside"),
        }
        self.list = RowList(self.look, "Systems")
        self.pane = BlockPane(self.look, "System, details")
        self.scroller = scrolled(self.pane)
        self.down = Button(self.look, "Declare down", icon="unavailable")
        self.back_button = Button(self.look, "Declare back", icon="fresh")
        self.offers: list[Button] = []
        self._offer_row = Flow()
        self._offer_row.setSpacing(8)
        self.aside = AsidePane(context)
        self.parts = QStackedWidget()
        self.parts.addWidget(self._systems_part())
        self.parts.addWidget(self.aside)
        tabs = QHBoxLayout()
        tabs.setSpacing(8)
        for name, button in self._tabs.items():
            button.setProperty("part", name)
            button.clicked.connect(self._on_tab)
            tabs.addWidget(button)
        tabs.addStretch(1)
        self.column.addSpacing(2)
        self.column.addLayout(tabs)
        self.column.addSpacing(6)
        self.column.addWidget(self.parts, 1)
        self.veil = Veil(self.look, self)
        self.list.chosen.connect(self._on_chosen)
        self.list.opened.connect(self._on_opened)
        self.down.clicked.connect(self._on_down)
        self.back_button.clicked.connect(self._on_back)
        self.aside.counted.connect(self._on_counted)
        context.ages_changed.connect(self._on_minute)
        context.changed.connect(self._on_changed)
        self.setFocusProxy(self.list)

    def _systems_part(self) -> QWidget:
        made = QWidget()
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.list, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.down)
        buttons.addWidget(self.back_button)
        left.addLayout(buttons)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.scroller, 1)
        right.addLayout(self._offer_row)
        across = QHBoxLayout(made)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(20)
        across.addLayout(left)
        across.addLayout(right, 1)
        return made

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.list.setFixedWidth(430 if self.window().width() >= SMALL_WIDTH else 360)
        super().resizeEvent(event)

    # -- reading --------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        ward = str(self.context.house.site.get("ward") or "") or None
        self.ask(lambda reading: ages_and_waiting(reading, ward), self._on_sources)
        self.aside.enter()
        self.aside.bench.ask("room", image_room, self._on_room, self._on_no_room)

    def _on_room(self, key: Hashable, room: Room | None) -> None:
        self._room = room
        self._show_chosen()

    def _on_no_room(self, key: Hashable, error: WardlampError) -> None:
        """The list of what was set aside lies in the same file, and says why it cannot be read."""
        self._room = None

    def _on_changed(self, changes: Changes) -> None:
        if changes.copy and self.isVisible():
            self.enter()

    def _on_minute(self) -> None:
        """The minute changed: ages are said anew from what was read; the pulse of the window reads."""
        if self.isVisible():
            self._show()

    def _on_sources(self, answer: _Answer) -> None:
        self._held = answer
        self._show()

    def _show(self) -> None:
        sources, pending, ward = self._held
        titles = self.context.titles
        self.systems = systems(
            sources, self.context.now(), self.context.zone, titles=titles, pending=pending, ward=ward
        )  # fmt: skip
        self.aside.titles = {s.source: s.title for s in self.systems}
        self.say("Sources", self._words())
        chosen = self._chosen_source()
        rows = [SystemRow(s) for s in self.systems]
        self.list.show_rows(rows, keep=True)
        at = next((n for n, s in enumerate(self.systems) if s.source == chosen), -1)
        if at >= 0:
            self.list.setCurrentIndex(self.list.held.index(at))
        for button in (self.down, self.back_button):
            button.setEnabled(bool(self.systems))
        self._show_chosen()

    def _words(self) -> str:
        if not self.systems:
            return "No system has ever sent anything to this laptop."
        down = [s.title for s in self.systems if s.is_down]
        bad = [s for s in self.systems if not s.is_down and s.chip is not None]
        well = len(self.systems) - len(down) - len(bad)
        parts = [f"{' and '.join(down)} declared down." if len(down) < 3 else f"{len(down)} systems declared down."]
        parts = parts if down else []
        if bad:
            parts.append(f"{len(bad)} to look at.")
        parts.append(f"{well} of {len(self.systems)} {'stands' if well == 1 else 'stand'} well.")
        return " ".join(parts)

    # -- the chosen one -------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> System | None:
        row = self.list.chosen_row()
        return row.system if isinstance(row, SystemRow) else None

    def _chosen_source(self) -> str:
        return self.chosen.source if self.chosen is not None else ""

    def _on_chosen(self, row: object) -> None:
        self._show_chosen()

    def _on_opened(self, row: object) -> None:
        """Enter in the list leads to what can be done."""
        (self.offers[0] if self.offers else self.down).setFocus()

    def _show_chosen(self) -> None:
        system = self.chosen
        more = room_facts(self._room, (k.kind for k in system.kinds)) if system is not None else ()
        self.pane.show_blocks(system_blocks(system, more) if system is not None else [])
        offered = system.offers if system is not None else ()
        if tuple(b.property("offer") for b in self.offers) == offered:
            return
        for button in self.offers:
            self._offer_row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.offers = []
        for offer in offered:
            button = Button(self.look, offer.words, icon=offer.icon)
            button.setProperty("offer", offer)
            button.clicked.connect(self._on_offer)
            self.offers.append(button)
        self._place_offers()

    def _place_offers(self) -> None:
        """Side by side where they fit, else on several rows."""
        for button in self.offers:
            self._offer_row.addWidget(button)

    def _on_offer(self) -> None:
        offer: Offer = self.sender().property("offer")
        if offer.do == "print":
            self.context.print_form.emit(offer.what, "")
        else:
            self.context.record.emit("", "", None)
            self.context.say(
                f"{offer.words}: choose whom it is about, a bed (F3) or a search (F2), then F8.", "caution"
            )

    # -- parts ----------------------------------------------------------------------------------------------------

    def show_part(self, name: str) -> None:
        """`systems` or `aside`."""
        self.aside.forget_message()
        self.parts.setCurrentIndex(0 if name == "systems" else 1)
        for key, button in self._tabs.items():
            button.use_kind("chosen" if key == name else "normal")
        self.setFocusProxy(self.list if name == "systems" else self.aside)
        self.setFocus()

    def _on_tab(self) -> None:
        self.show_part(str(self.sender().property("part")))

    def _on_counted(self, total: int) -> None:
        self._tabs["aside"].rename(f"Set aside: {total}" if total else "Set aside")

    # -- declaring ------------------------------------------------------------------------------------------------

    def back(self) -> bool:
        """Esc: an open question is left first."""
        if self.veil.dialog is None:
            return False
        self._on_left()
        return True

    def hideEvent(self, event: QHideEvent) -> None:
        """Left, or locked: no question stays open behind one's back, and no message stays readable."""
        self.veil.dismiss()
        self.aside.forget_message()
        super().hideEvent(event)

    def _on_down(self) -> None:
        self.declare("down")

    def _on_back(self) -> None:
        self.declare("back")

    def declare(self, state: str) -> None:
        """Ask which systems, since when."""
        if not self.systems:
            return
        house = self.context.house
        role = str(getattr(house, "role", ""))
        who = f"Said by {house.staff}{f', {role}' if role else ''}, on laptop {house.device}: signed into the log."
        # One fact beside the name: the whole line stands on the page behind.
        rows = [
            (s.source, s.title, f"{s.word}, {s.line.partition(', ')[0]}")
            for s in sorted(self.systems, key=lambda s: s.title)
        ]
        downs = [s.source for s in self.systems if s.is_down]
        chosen = self._chosen_source()
        if state == "back" and chosen not in downs and downs:
            chosen = downs[0]
        dialog = DeclareDialog(self.look, state, rows, chosen, self.context.now(), self.context.zone, who)
        dialog.declared.connect(self._on_declared)
        dialog.left.connect(self._on_left)
        self.veil.ask(dialog)

    def _on_left(self) -> None:
        self.veil.dismiss()
        self.setFocus()

    def _on_declared(self, wish: Wish) -> None:
        if self.veil.dialog is not None:
            self.veil.dialog.set_busy(True)
        self.context.writer.ask(
            wish, lambda house: declare(house, wish.sources, wish.state, wish.since), self._on_written,
            self._on_not_written,
        )  # fmt: skip

    def _on_written(self, key: Hashable, names: tuple[str, ...]) -> None:
        wish: Any = key
        titles = {s.source: s.title for s in self.systems}
        self._on_left()
        told = ", ".join(titles.get(n, n) for n in names) if len(names) < 4 else f"{len(names)} systems"
        since = wording.instant_text(wish.since, self.context.zone, year=False)
        self.context.say(f"{told}: declared {wish.state} since {since}, by {self.context.house.staff}.", "done")
        self.context.changed.emit(Changes(copy=True))

    def _on_not_written(self, key: Hashable, error: WardlampError) -> None:
        dialog = self.veil.dialog
        if dialog is not None:
            dialog.set_busy(False)
            dialog.tell(f"Not declared. {error.code}: {error.message} {error.next_step}")
        else:
            self.failed.show_error("Not declared", error)
