"""Opens the window on a vault: hardening, palette before the first show, unlock screen, main window, and the end.

Order (DESIGN §6: unlock screen within 1.5 s): nothing of reports, PDF or printing is imported before the first paint.
The key is derived in the writer's thread, where the house is opened and closed too; the window's thread never waits.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Hashable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, QSize, QTimer, Signal
from PySide6.QtWidgets import QApplication

from desktop.display import need_display
from desktop.hardening import harden
from desktop.lamp.state import Lamp, lamp, short_time
from desktop.shell.context import Borrowed, Context
from desktop.shell.gate import Gate
from desktop.shell.instance import SingleInstance
from desktop.shell.threads import Bench
from desktop.shell.tokens import Look, palette, style_sheet, theme_at
from desktop.shell.type import load_fonts
from localdb.chart import wording
from localdb.chart.staleness import newest_cut
from localdb.chart.views import SourceAge
from localdb.clock import present
from localdb.errors import InputRefused, WardlampError
from localdb.records.moments import read_moment
from localdb.vault.status import read_status
from localdb.vault.unlocking import staff_names

if TYPE_CHECKING:
    from desktop.shell.window import MainWindow
    from localdb.house import House

SIZE = QSize(1366, 768)
_AFTER_FIRST_PAINT = ("localdb.house", "desktop.shell.window", "desktop.patient.page", "desktop.patient.frame")
Opener = Callable[..., Any]  # -> House


def open_late(vault: Path, secret: bytearray, **more: Any) -> House:
    """`localdb.house.open_house`; the stores are imported by the thread that opens them, not before the first paint."""
    from localdb.house import open_house

    return open_house(vault, secret, **more)


class VaultNotNamed(InputRefused):
    """Nobody said where the vault is."""

    code = "vault.not_named"
    next_step = "Give --vault DIR or set WARDLAMP_VAULT."


def make_application(argv: list[str] | None = None) -> QApplication:
    """The application with Fusion, our fonts, and no drop of white before the first show."""
    application = QApplication.instance() or QApplication(argv or ["wardlamp"])
    assert isinstance(application, QApplication)
    application.setStyle("Fusion")
    application.setApplicationName("Wardlamp")
    sys.setswitchinterval(0.0005)  # a busy Python thread beside the window must not hold up a read (STACK-desktop §3)
    load_fonts()
    return application


def dress(application: QApplication, look: Look) -> None:
    """Palette and the few rules of QSS for the theme in use, now and whenever it changes."""

    def put_on() -> None:
        application.setPalette(palette(look.theme))
        application.setStyleSheet(style_sheet(look.theme))

    look.changed.connect(put_on)
    put_on()


def status_sources(status: dict[str, Any]) -> tuple[SourceAge, ...]:
    """The ages of `status.json` as the lamp reads them; what is odd in it is left out, never believed."""
    made = []
    for source in status.get("sources", ()):
        facts = {**source, "kinds": {k: _moment(v) for k, v in (source.get("kinds") or {}).items()}}
        for name in ("cut", "heartbeat", "last_message", "declared_since"):
            facts[name] = _moment(source.get(name))
        try:
            made.append(SourceAge(**facts))
        except (TypeError, msgspec.MsgspecError):
            continue
    return tuple(made)


def _moment(text: Any) -> Any:
    return read_moment(text) if isinstance(text, str) and text else None


class App(QObject):
    """From the unlock screen to the end. `opened` once the main window stands; `ended` when all threads are joined."""

    opened = Signal()
    ended = Signal()

    def __init__(
        self,
        vault: Path,
        *,
        clock: Callable[[], datetime] = present,
        opener: Opener = open_late,
        look: Look | None = None,
        size: QSize = SIZE,
    ) -> None:
        super().__init__()
        self.vault, self.clock, self._opener, self._size = vault, clock, opener, size
        self.look = look or Look(theme_at(clock().time()))
        self.house: House | None = None
        self.context: Context | None = None
        self.window: MainWindow | None = None
        self.writer = Bench("writer", lambda: Borrowed(self._present_house), self)
        self.staff = staff_names(vault)
        self.gate: Gate | None = None

    def _present_house(self) -> Any:
        return self.context.house if self.context is not None else self.house

    def warm(self) -> None:
        """Import what unlocking needs while the secret is being typed, beside the window's thread."""
        self.writer.ask("warm", lambda house: [import_module(name) for name in _AFTER_FIRST_PAINT])

    # -- unlock -------------------------------------------------------------------------------------------------

    def show_gate(self) -> Gate:
        """The unlock screen: the age of the copy is told before anybody unlocks."""
        gate = Gate(self.look, self.staff)
        gate.resize(self._size)
        gate.setWindowTitle("Wardlamp")
        gate.asked.connect(self._on_asked)
        gate.card_wanted.connect(self._on_card)
        self.gate = gate
        self.tell_gate()
        gate.show()
        gate.card.first.setFocus()
        return gate

    def tell_gate(self) -> None:
        """What `status.json` says, for this very moment."""
        status, now = read_status(self.vault), self.clock()
        sources = status_sources(status)
        lit = lamp(sources, now) if sources else Lamp("out", "NOT SAFE", "")
        ward = status.get("ward") or "a ward\u2019s copy"
        facts = gate_facts(sources, now)
        words = "The ward\u2019s own copy of its patients, for when the systems are down. It is not the live record."
        shown = Lamp(lit.shape, lit.word, f"This laptop holds {ward}", lit.box, lit.box_line)
        foot = [f"{status.get('hospital') or ''}".strip(), "24-hour clock"]
        clock = wording.clock(now)
        assert self.gate is not None
        self.gate.tell(shown, "Wardlamp", words, facts, [x for x in foot if x], clock)

    def ask_in(self, staff: str, secret: bytes) -> None:
        """Unlock as if typed."""
        self._on_asked(staff, secret)

    def _on_asked(self, staff: str, secret: bytes) -> None:
        self.writer.ask("unlock", self._unlocking(staff, secret), self._on_unlocked, self._on_refused)

    def _unlocking(self, staff: str, secret: bytes) -> Callable[[Any], House]:
        held = bytearray(secret)

        def open_it(_: Any) -> House:
            try:
                return self._opener(self.vault, held, staff=staff or None, clock=self.clock)
            finally:
                held[:] = bytes(len(held))

        return open_it

    def _on_refused(self, key: Hashable, error: WardlampError) -> None:
        if self.gate is not None:
            self.gate.show_error(error)

    def _on_unlocked(self, key: Hashable, house: House) -> None:
        self.house = house
        from desktop.shell.window import MainWindow

        self._record("Unlocked in the window.")
        self.context = Context(house, self.look, writer=self.writer)
        self.window = MainWindow(self.context, self.staff)
        self.window.reentry_wanted.connect(self._on_reentry)
        self.window.shut_down.connect(self.close)
        self.window.resize(self.gate.size() if self.gate is not None else self._size)
        self.window.start()
        self.window.show()
        if self.gate is not None:
            self.gate.hide()
            self.gate.deleteLater()
            self.gate = None
        self.opened.emit()

    # -- lock ---------------------------------------------------------------------------------------------------

    def _on_reentry(self, staff: str, secret: bytes) -> None:
        self.writer.ask("reentry", self._unlocking(staff, secret), self._on_back, self._on_not_back)

    def _on_back(self, key: Hashable, house: House) -> None:
        if self.window is not None:
            self.house = house
            self.window.come_back(house)
            self._record("Unlocked in the window, after a lock.")

    def _record(self, words: str) -> None:
        """Who came in, and when, into the signed log (D5)."""
        self.writer.ask("unlocked", lambda house: house.journal.record_notice(words))

    def _on_not_back(self, key: Hashable, error: WardlampError) -> None:
        if self.window is not None:
            self.window.refuse_entry(error)

    def _on_card(self) -> None:
        from desktop.help.card import show_card

        assert self.gate is not None
        show_card(self.look, self.gate)

    # -- the end ------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Let the writer finish what was asked, close the house in its thread, join every thread."""
        if self.context is not None:
            self.context.close()
        else:
            self.writer.close()
        self.ended.emit()


def gate_facts(sources: tuple[SourceAge, ...], now: datetime) -> list[tuple[str, str]]:
    """Complete to, age, oldest part: what a nurse must know before unlocking (look/01)."""
    from desktop.lamp.state import cells

    newest = newest_cut(sources)
    if newest is None:
        return [("Complete to", "not known: nothing with a known time was read yet")]
    zone = wording.ZONE
    facts = [("Complete to", wording.instant_text(newest, zone))]
    facts.append(("Age now", wording.duration(now - newest) if now >= newest else "clock unreliable"))
    strip = cells(sources, now)
    if strip:
        oldest = max(strip, key=lambda c: max((p.found.minutes or 0) for p in c.parts))
        facts.append(("Oldest part", f"{oldest.names}, {oldest.time or 'time not known'}"))
    down = [s for s in sources if s.declared == "down" and s.declared_since is not None]
    if down:
        first = min(down, key=lambda s: s.declared_since.utc or 0 if s.declared_since else 0)
        facts.append(("Downtime", f"declared, since {short_time(first.declared_since, now)}"))
    return facts


def main(vault: Path | None = None, *, clock: Callable[[], datetime] = present, look: Look | None = None) -> int:
    """Open the window on `vault` (else WARDLAMP_VAULT); the exit status. Errors are said in words on standard error."""
    named = vault or (Path(os.environ["WARDLAMP_VAULT"]) if os.environ.get("WARDLAMP_VAULT") else None)
    try:
        if named is None:
            raise VaultNotNamed("No vault was named.")
        need_display()
        return open_window(named, clock=clock, look=look)
    except WardlampError as error:
        sys.stderr.write(f"{error.code}: {error.message} {error.next_step}\n")
        return 1


def open_window(
    vault: Path,
    *,
    clock: Callable[[], datetime] = present,
    look: Look | None = None,
    staff: str = "",
    secret: bytes = b"",
) -> int:
    """The window on a vault until it is closed; with `secret` (the demonstration) it unlocks itself first."""
    harden()
    application = make_application()
    instance = SingleInstance(vault)
    if not instance.is_first:
        instance.knock()
        return 0
    app = App(vault, clock=clock, look=look)
    dress(application, app.look)
    app.show_gate()
    QTimer.singleShot(0, app.warm)

    def come_forward() -> None:
        shown = app.window or app.gate
        if shown is not None:
            shown.raise_()
            shown.activateWindow()

    instance.called.connect(come_forward)
    if secret:
        app.ask_in(staff, secret)
    status = application.exec()
    app.close()
    instance.release()
    return int(status)
