"""The object that every screen gets: who works here, on what, and how to ask for more.

A screen never opens a store, starts a thread or knows another screen: it asks the benches, listens to `changed`, and
wishes (`open_patient`, `open_found`, `record`, `print_form`, `status`). The window grants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Signal

from desktop.shell.machine import printer_words
from desktop.shell.threads import Bench
from desktop.shell.tokens import Look
from localdb.chart.struck import titles_of_site
from localdb.chart.wording import ZONE

if TYPE_CHECKING:  # the stores come with unlocking, not with the first screen
    from localdb.reading import Reading


class House(Protocol):
    """What the window needs of `localdb.house.House`."""

    @property
    def staff(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def site(self) -> dict[str, Any]: ...
    def now(self) -> datetime: ...
    def reading(self) -> Reading: ...
    def enter(self, kind: str, patient: str, body: dict[str, Any], corrects: str | None = None) -> Any: ...
    def draft(self, key: str) -> dict[str, Any] | None: ...
    def save_draft(self, key: str, body: dict[str, Any]) -> None: ...
    def drop_draft(self, key: str) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Changes:
    """What a write or a newer copy changed; each screen decides whether to reload (STYLE §3.9)."""

    patients: frozenset[str] = field(default_factory=frozenset)
    entries: bool = False
    copy: bool = False  # a newer generation, or the ages of the sources
    sheets: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """One line for the status line above the age strip: stays until answered (LOOK §6).

    `mark` is done / printing / caution / failed; `action` the word of a text button, `act` what it does.
    """

    text: str
    mark: str = "done"
    action: str = ""
    act: Callable[[], None] | None = None


class Context(QObject):
    """What screens stand on. Signals are wishes and news; benches answer with the key that they were asked with.

    reader: Bench whose tool is a `Reading`; finder: the same, for search alone; writer: Bench whose tool is the `House`
    (drafts, entries, sheets); machine: printers, jobs and battery, which may be slow. `look.theme` is the theme in use.
    """

    changed = Signal(object)  # Changes
    open_patient = Signal(str)  # person id
    open_found = Signal(
        object, str
    )  # PatientView chosen from a list, `alike`: asked about first where it is thin (H01)
    open_section = Signal(str, int, str)  # person id, section 1 to 7, code of its tab ("" = as it stands)
    record = Signal(str, str, object)  # kind ("" = ask), person id, entry id that is corrected or None
    print_form = Signal(str, str)  # form code ("" = ask), person id ("" = the ward)
    print_images = Signal(str, object)  # person id, tuple of ImageWish: as they are shown now
    status = Signal(object)  # Notice
    go_ward = Signal()
    register = Signal()  # a patient who is in no copy
    locking = Signal()  # emitted before the curtain falls: keep what is typed, now
    closing = Signal()  # the window closes: what works beside it shall end
    unlocked = Signal()  # the same or another staff member is back
    ages_changed = Signal()  # a minute went by, or the sources changed: words of age are stale

    def __init__(self, house: House, look: Look, *, writer: Bench | None = None, parent: QObject | None = None) -> None:
        """`writer`: the bench in whose thread `house` was opened (its tool stands for the house)."""
        super().__init__(parent)
        self.house = house
        self.look = look
        self._extra: dict[str, Bench] = {}
        self._readers: list[str] = []
        self.training = bool(house.site.get("training"))
        self.reader = Bench("reader", self._reading, self)
        self.finder = Bench("finder", self._reading, self)
        self.machine = Bench("machine", lambda: printer_words, self)
        self.writer = writer or Bench("writer", lambda: Borrowed(lambda: self.house), self)

    def _reading(self) -> Reading:
        return self.house.reading()  # of whoever is in when it is asked for

    @property
    def theme(self) -> Any:
        return self.look.theme

    def now(self) -> datetime:
        """The present moment, aware; asked, never kept (DESIGN D11)."""
        return self.house.now()

    @property
    def zone(self) -> str:
        """The site's time zone, an IANA name."""
        return str(self.house.site.get("zone") or ZONE)

    @property
    def titles(self) -> dict[str, str]:
        """What the ward calls each system."""
        return titles_of_site(self.house.site)

    def say(self, text: str, mark: str = "done", *, action: str = "", act: Callable[[], None] | None = None) -> None:
        """Put a line into the status line."""
        self.status.emit(Notice(text, mark, action, act))

    def extra(self, name: str) -> Bench:
        """One more bench with the house as its tool, for work that may last (restoration, print packs)."""
        if name not in self._extra:
            self._extra[name] = Bench(name, lambda: Lent(lambda: self.house), self)
        return self._extra[name]

    def reading_bench(self, name: str) -> Bench:
        """One more bench with a `Reading` of its own: what takes long (pixels) does not stand before a chart."""
        if name not in self._extra:
            self._extra[name] = Bench(name, self._reading, self)
            self._readers.append(name)
        return self._extra[name]

    def readers(self) -> tuple[Bench, ...]:
        """Every bench whose tool is a `Reading` of whoever is in: renewed when somebody else unlocks."""
        return (self.reader, self.finder, *(self._extra[n] for n in self._readers))

    def close(self) -> None:
        """End the benches and wait for them; the house is closed by the writer's thread that opened it."""
        self.closing.emit()
        self.writer.ask("end", lambda house: None)  # so that its thread, which closes the house, was begun
        for bench in self.benches():
            bench.close()

    def benches(self) -> tuple[Bench, ...]:
        """Every thread beside the window; the writer last, for it closes the house."""
        return (*self._extra.values(), self.finder, self.reader, self.machine, self.writer)


class Lent:
    """The house as a bench's tool: always the one of the staff member who is in now. The bench does not close it."""

    def __init__(self, house: Callable[[], House]) -> None:
        self._house = house

    def __getattr__(self, name: str) -> Any:
        if name == "close":
            raise AttributeError(name)
        return getattr(self._house(), name)


class Borrowed(Lent):
    """The same for the writer's bench, which closes the house when it ends."""

    def close(self) -> None:
        house = self._house()
        if house is not None:
            house.close()
