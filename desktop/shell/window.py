"""The one window: header, what is open, status line, age strip; search and curtain lie over it (LOOK §4).

It grants what screens wish for through the context, keeps the place across a lock, and never waits: reading, writing
and key derivation are asked of benches. While the curtain is down nothing of the inside is visible or has focus.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from desktop.lamp.state import Lamp, cells, lamp
from desktop.shell.agestrip import AgeStrip
from desktop.shell.context import Changes, Context
from desktop.shell.dimming import DimVeil
from desktop.shell.gate import Gate
from desktop.shell.header import Header
from desktop.shell.machine import Machine, read_machine
from desktop.shell.page import Place
from desktop.shell.parts import StatusLine
from desktop.shell.places import Places
from desktop.shell.scanner import Scanner
from desktop.shell.tokens import CONTRAST, DARK
from desktop.shell.touch import Touch
from desktop.shell.watch import Watch
from desktop.ward.scanned import ScanPanel
from desktop.ward.search import SearchPanel
from localdb.chart import wording
from localdb.chart.struck import title_of
from localdb.chart.views import PatientView, SourceAge
from localdb.errors import WardlampError

PULSE = 15_000  # ms between two looks at the sources: a feed cuts within 15 s (DESIGN D1)


class MainWindow(QWidget):
    """`reentry_wanted(staff, secret)`, `shut_down`: the app answers. The rest it grants itself."""

    reentry_wanted = Signal(str, bytes)
    shut_down = Signal()
    locked = Signal()

    def __init__(self, context: Context, staff: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.context, self.look = context, context.look
        self.setWindowTitle("Wardlamp")
        self.sources: tuple[SourceAge, ...] = ()
        self.lamp = Lamp("out", "", "")
        self.acknowledged = False
        self.restoring: tuple[int, int] | None = None
        self._minute = ""
        self._build()
        self._grant()
        self._keys()
        self.curtain = Gate(self.look, staff, is_curtain=True, parent=self)
        self.curtain.hide()
        self.curtain.asked.connect(self.reentry_wanted)
        self.curtain.close_wanted.connect(self.close)
        self.dim = DimVeil(self.look, self)
        self.watch = Watch(float(context.house.site.get("lock_after_seconds") or 90), parent=self)
        self.watch.lock_due.connect(self.lock)
        self.watch.ticked.connect(self._on_tick)
        self.scanner = Scanner(self.inside.isVisible, parent=self)
        self.scanner.scanned.connect(self._on_scanned)
        self._hands = (self.watch, self.scanner, Touch(self))
        for hand in self._hands:
            QApplication.instance().installEventFilter(hand)
        self._pulse = QTimer(self)
        self._pulse.setInterval(PULSE)
        self._pulse.timeout.connect(self.pulse)

    # -- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.inside = QWidget(self)
        self.header = Header(self.look, training=self.context.training)
        self.places = Places(self.context)
        self.body = QStackedWidget()
        self.body.addWidget(self.places)
        self.status, self.strip = StatusLine(self.look), AgeStrip(self.look)
        column = QVBoxLayout(self.inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.header, self.body, self.status, self.strip):
            column.addWidget(part, 1 if part is self.body else 0)
        self.search = SearchPanel(self.context, self.header.find, self.inside)
        self.scans = ScanPanel(self.context, self.inside, self._below_banner, self._open_now)
        self._patient: Any = None
        self._entry: Any = None
        self.places.ward.shown.connect(self._on_ward_shown)
        self._show_person()

    def _grant(self) -> None:
        context = self.context
        context.open_patient.connect(self.show_patient)
        context.open_section.connect(self.show_section)
        context.record.connect(self.record)
        context.print_form.connect(self.print_form)
        context.print_images.connect(lambda person, images: self.print_form("T02", person, images))
        context.status.connect(self.status.show_notice)
        self.status.shown.connect(self.places.ward.board.give_way)
        context.go_ward.connect(self.go_ward)
        context.register.connect(partial(self.go, "register"))
        context.changed.connect(self._on_changed)
        self.scans.opened.connect(self.show_patient)
        self.scans.sheet_opened.connect(self.show_sheet)
        self.scans.searched.connect(self.find)
        self.header.lock_pressed.connect(self.lock)
        self.header.ages_pressed.connect(self.show_ages)
        self.header.acknowledge_pressed.connect(self.acknowledge)
        self.strip.pressed.connect(self.show_ages)
        self.places.restored.connect(self._on_restored)
        for bench in (context.reader, context.finder, context.writer):
            bench.fault.connect(self._on_fault)

    def _keys(self) -> None:
        table: dict[str, Callable[[], Any]] = {
            "F1": self.show_help,
            "F2": self.find,
            "F3": self.go_ward,
            "F4": self.show_ages,
            "F5": self.show_plans,
            "F6": self.show_waiting,
            "F7": self.next_patient,
            "Shift+F7": self.previous_patient,
            "F8": self._on_record_key,
            "F9": self._on_print_key,
            "F11": self.toggle_full_screen,
            "F12": self.lock,
            "Ctrl+D": partial(self.look.toggle, DARK),
            "Ctrl+H": partial(self.look.toggle, CONTRAST),
            "Ctrl+Shift+D": self.look.toggle_dim,
            "Ctrl+M": self._on_my_list,
            "Ctrl+N": partial(self.go, "register"),
            "Esc": self.back,
        }
        self._shortcuts = []
        for key, act in table.items():
            shortcut = QShortcut(
                QKeySequence(key), self.inside
            )  # hidden with the inside: no key works under the curtain
            shortcut.activated.connect(act)
            self._shortcuts.append(shortcut)

    # -- where one is -------------------------------------------------------------------------------------------

    @property
    def patient_page(self) -> Any:
        """The page of one patient, made when it is first wanted."""
        if self._patient is None:
            from desktop.patient.page import PatientPage

            self._patient = PatientPage(self.context)
            self.body.addWidget(self._patient)
        return self._patient

    @property
    def patient(self) -> str:
        """The person who is open now; "" on every screen of many patients."""
        front = self.body.currentWidget()
        return str(front.person) if front is not self.places else ""

    def start(self) -> None:
        """The first place after unlocking, and the clocks."""
        self._show_person()
        self._on_tick()
        self.go_ward()
        self.pulse()
        self._pulse.start()
        self.watch.start()

    def go_ward(self) -> None:
        self.go("ward")

    def go(self, place: str) -> Place:
        self._leave_entry()
        self._put_away()
        self.body.setCurrentWidget(self.places)
        if self._patient is not None:
            self._patient.close_patient()
        return self.places.go(place)

    def show_patient(self, person: str, section: int = 1, tab: str = "") -> None:
        """Open one patient; that they were opened, and by whom, goes into the journal (D5 audit)."""
        self._leave_entry()
        self._put_away()
        page = self.patient_page
        page.show_patient(person, section, tab)
        self.body.setCurrentWidget(page)
        page.setFocus()
        self.context.writer.ask(("view", person), lambda house: house.opened(person))

    def show_section(self, person: str, section: int, tab: str = "") -> None:
        """Go to a section (and its tab) of the patient who is open; another patient is opened at it."""
        if person and person == self.patient and self.body.currentWidget() is self._patient:
            self._patient.set_section(section, tab)
        elif person:
            self.show_patient(person, section, tab)

    def record(self, kind: str, person: str, corrects: Any) -> None:
        if not kind:
            self.go("record")
            self.places.place("record").show_for(person)  # type: ignore[attr-defined]
            return
        if kind == "registration":
            self.go("register")
            self.places.place("register").correct(person, str(corrects or ""))  # type: ignore[attr-defined]
            return
        if kind == "closure":  # has no form: how a request ended is said where its line stands
            self.show_section(person, 2, "flight")
            return
        from desktop.entry.page import EntryPage

        self._leave_entry()
        self._put_away()
        self._entry = EntryPage(self.context, kind, person, corrects)
        self.body.addWidget(self._entry)
        self.body.setCurrentWidget(self._entry)
        self._entry.setFocus()

    def _leave_entry(self) -> None:
        entry, self._entry = self._entry, None
        if entry is not None:
            if hasattr(entry, "keep"):
                entry.keep()
            self.body.removeWidget(entry)
            entry.hide()
            entry.deleteLater()

    def print_form(self, form: str, person: str, images: object = ()) -> None:
        self.go("print").show_for(form, person, images)  # type: ignore[attr-defined]

    def show_sheet(self, serial: str) -> None:
        self.go("print").show_sheet(serial)  # type: ignore[attr-defined]

    def back(self) -> None:
        """Esc: one step back; what was typed is kept."""
        if self.scans.isVisible():
            self.scans.leave()
        elif self.search.isVisible() or self.header.find.hasFocus():
            self.search.leave()
        elif self._entry is not None and self.body.currentWidget() is self._entry:
            self.show_patient(self._entry.person)
        elif self.body.currentWidget() is not self.places or not self.places.back():
            self.go_ward()

    # -- scanning -----------------------------------------------------------------------------------------------

    def _on_scanned(self, text: str) -> None:
        """A code was read: a question, and nothing else happens (CLINICAL §8)."""
        self.search.leave()
        self.scans.on_scan(text)

    def _put_away(self) -> None:
        """What lies over the screen goes when the screen changes."""
        self.search.leave()
        self.scans.forget()

    def _below_banner(self) -> int:
        """Where the room below the banner begins, in `inside`: a question never covers whose record is open."""
        frame = getattr(self.body.currentWidget(), "frame", None)
        under = frame.body if frame is not None else self.body
        return int(under.mapTo(self.inside, QPoint(0, 0)).y())

    def _open_now(self) -> PatientView | None:
        """The patient whose record is on screen."""
        frame = getattr(self.body.currentWidget(), "frame", None)
        return frame.chart.patient if frame is not None and frame.key.person == self.patient else None

    # -- keys ---------------------------------------------------------------------------------------------------

    def find(self) -> None:
        self.scans.forget()
        self.header.find.setFocus()
        self.header.find.selectAll()

    def show_help(self) -> None:
        self.go("help")

    def show_ages(self) -> None:
        self.go("sources")

    def show_plans(self) -> None:
        self.go("plans")

    def show_waiting(self) -> None:
        self.go("waiting")

    def next_patient(self) -> None:
        self._step(1)

    def previous_patient(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        other = self.places.ward.neighbour(self.patient, by) if self.patient else ""
        if other:
            self.places.ward.open(other)

    def _chosen_patient(self) -> str:
        """Whom a key is about: the open patient, else on the board the chosen bed."""
        if self.patient:
            return self.patient
        chosen = self.places.ward.chosen() if self.places.now == "ward" else None
        return chosen.patient if chosen else ""

    def _on_record_key(self) -> None:
        self.record("", self._chosen_patient(), None)

    def _on_print_key(self) -> None:
        self.print_form("", self.patient)

    def _on_my_list(self) -> None:
        person = self._chosen_patient()
        place = self.places.place("list")
        if not person and self.places.now == "list":
            row = place.list.chosen_row()  # type: ignore[attr-defined]
            person = row.patient if row is not None else ""
        if person:
            place.toggle(person)  # type: ignore[attr-defined]

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    # -- ages ---------------------------------------------------------------------------------------------------

    @property
    def zone(self) -> str:
        return str(self.context.house.site.get("zone") or wording.ZONE)

    def pulse(self) -> None:
        """Look at the sources anew; a newer copy is followed by the reader itself."""
        if not self.curtain.isVisible():
            self.context.reader.ask("pulse", _sources_of, self._on_sources, self._on_pulse_failed, lane="pulse")
        self.context.machine.ask("machine", read_machine, self._on_machine, lane="machine")

    def _on_sources(self, key: Hashable, found: tuple[int, tuple[SourceAge, ...]]) -> None:
        before, (generation, self.sources) = (getattr(self, "_generation", generation_unknown), self.sources), found
        self._generation = generation
        # What another laptop's journal or a command declared must reach the open screens too.
        if before[0] not in (generation_unknown, generation) or (
            before[0] != generation_unknown and _declared(before[1]) != _declared(self.sources)
        ):
            self.context.changed.emit(Changes(copy=True))
        self.show_ages_now()

    def _on_machine(self, key: Hashable, machine: Machine) -> None:
        self.header.show_machine(machine)

    def _on_pulse_failed(self, key: Hashable, error: WardlampError) -> None:
        self._on_fault(error)

    def show_ages_now(self) -> None:
        """Lamp and strip for this very moment."""
        now = self.context.now()
        # The header names a system as the ward does: LABORATORY DOWN, not LIMS DOWN.
        named = [replace(s, title=title_of(s, self.context.titles)) for s in self.sources]
        self.lamp = lamp(named, now, zone=self.zone, acknowledged=self.acknowledged, restoring=self.restoring)
        self.header.show_lamp(self.lamp)
        titles = self.context.house.site.get("source_titles")
        self.strip.show_cells(cells(self.sources, now, self.zone, titles))

    def _on_restored(self, confirmed: int, total: int) -> None:
        """How far restoration is stands in the header once the systems are back."""
        self.restoring = (confirmed, total)
        self.show_ages_now()

    def acknowledge(self) -> None:
        """Seen by this member of staff: once a session, by name."""
        self.acknowledged = True
        self.show_ages_now()
        self.context.say(f"Seen by {self.context.house.staff}: this copy is not safe to rely on alone.", "caution")

    def _on_tick(self) -> None:
        now = self.context.now()
        minute = wording.instant_text(now, self.zone)
        if minute != self._minute:
            self._minute = minute
            self.header.show_now(now, self.zone)
            self.show_ages_now()
            self.context.ages_changed.emit()
            if self.curtain.isVisible():
                self._tell_curtain()

    def _on_changed(self, changes: Changes) -> None:
        if changes.copy:
            self.pulse()

    def _on_ward_shown(self, ward: str, counts: str, spare: str, waiting: int) -> None:
        self.search.ward = ward

    def _on_fault(self, error: WardlampError) -> None:
        self.context.say(f"{error.code}. {error.message} {error.next_step}", "failed")

    def _show_person(self) -> None:
        role = getattr(self.context.house, "role", "")
        self.header.show_person(self.context.house.staff, role.capitalize() if role else "")

    # -- lock ---------------------------------------------------------------------------------------------------

    def lock(self, reason: str = "asked") -> None:
        """Hide everything, without a question and without loss: drafts are kept first (`locking`)."""
        if self.curtain.isVisible():
            return
        self.context.locking.emit()
        self._put_away()
        for other in QApplication.topLevelWidgets():
            if other is not self and other.isVisible() and other.window() is other:
                other.close()
        QApplication.clipboard().clear()
        self.inside.hide()
        self.curtain.card.show_staff(self.context.house.staff)
        self.curtain.card.error.hide()
        self.curtain.set_busy(False)
        self._tell_curtain()
        self.curtain.setGeometry(self.rect())
        self.curtain.show()
        self.curtain.raise_()
        self.dim.raise_()
        self.curtain.card.secret.setFocus()
        self.locked.emit()

    def _tell_curtain(self) -> None:
        now = self.context.now()
        ward = self.search.ward or str(self.context.house.site.get("ward") or "This")
        facts = [(f"{ward} copy", self.lamp.line or "age not known")]
        if self.lamp.box:
            facts.append((self.lamp.box.capitalize(), self.lamp.box_line))
        facts.append(("Time", wording.instant_text(now, self.zone)))
        words = f"{self.context.house.staff}\u2019s work is kept, also what is half written."
        self.curtain.tell(self.lamp, "Hidden, not closed", words, facts, (), wording.clock(now, self.zone))

    def come_back(self, house: Any) -> None:
        """The same or another member of staff is in: everything stands where it was."""
        before, self.context.house = self.context.house, house
        if before is not house:
            for bench in self.context.readers():
                bench.renew()
            self.context.writer.ask("close", lambda _: before.close())
        self.acknowledged = self.acknowledged and before.staff == house.staff
        self.curtain.hide()
        self.curtain.set_busy(False)
        self.inside.show()
        self.watch.touch()
        self._show_person()
        self._on_tick()
        front = self.body.currentWidget()
        (front if front is not None else self).setFocus()
        self.context.unlocked.emit()
        self.pulse()

    def refuse_entry(self, error: WardlampError) -> None:
        self.curtain.show_error(error)

    # -- Qt -----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.inside.setGeometry(self.rect())
        self.curtain.setGeometry(self.rect())
        self._fit_search()

    def _fit_search(self) -> None:
        top = self.header.height()
        self.search.setGeometry(0, top, self.width(), max(0, self.height() - top - self.strip.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self.look.theme.color("paper"))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what is typed, then end: every thread is joined by the app."""
        if not self.curtain.isVisible():
            self.context.locking.emit()
        self._leave_entry()
        self.watch.stop()
        self._pulse.stop()
        for hand in self._hands:
            QApplication.instance().removeEventFilter(hand)
        self.shut_down.emit()
        super().closeEvent(event)


generation_unknown = -1


def _declared(sources: tuple[SourceAge, ...]) -> tuple[tuple[str, str, object], ...]:
    return tuple((s.source, s.declared, s.declared_since) for s in sources)


def _sources_of(reading: Any) -> tuple[int, tuple[SourceAge, ...]]:
    """The generation that is read now and its sources; a reader that has no generations answers 0."""
    snapshot = getattr(reading, "snapshot", None)  # asking for it follows the pointer
    return (snapshot.number if snapshot is not None else 0), reading.sources()
