"""Those registered here during downtime, beside the copy: a few hundred at most, held in memory and searched like it.

Read anew from the journal when it has more registrations or identifications than before, and not at each keystroke.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from localdb.chart.registered import KINDS, believed_to_be, came_under, registered_people
from localdb.chart.views import Entry, PatientView
from localdb.records.ids import is_temporary_system
from localdb.store.tokens import beginnings, glued, patient_words


class Told(Protocol):
    """What the journal answers about them."""

    def entries_of_kinds(self, kinds: Collection[str]) -> tuple[Entry, ...]: ...

    def number_of_kinds(self, kinds: Collection[str], *, at_once: bool = False) -> int | None: ...


def name_order(view: PatientView) -> tuple[str, str, str, str]:
    """The order of the copy's rows: family, given, born, id."""
    name = view.name
    return name.family, " ".join(name.given), view.born.text if view.born else "", view.id


def _digits(view: PatientView) -> list[str]:
    """The seven digits and the check character, as they are read out and typed apart from the prefix."""
    return [glued(i.value[-8:]) for i in view.identifiers if is_temporary_system(i.system)]


class Newcomers:
    """See the module. One for each reader."""

    def __init__(self, told: Told, *, letters: bool = True) -> None:
        self._told, self._letters = told, letters
        self._count = -1
        self._entries: tuple[Entry, ...] = ()
        self._people: dict[str, PatientView] = {}
        self._words: dict[str, str] = {}  # each word of theirs after a space
        self._wards: tuple[str, ...] = ()
        self._bearers: dict[str, list[PatientView]] = {}  # number -> who was registered under it

    def _read(self, *, at_once: bool = False) -> dict[str, PatientView]:
        """`at_once`: a keystroke does not wait for a commit; what came since is read at the next question."""
        count = self._told.number_of_kinds(KINDS, at_once=at_once and self._count >= 0)
        if count is None:
            return self._people
        if count != self._count:
            self._entries = self._told.entries_of_kinds(KINDS) if count else ()
            self._people = {v.id: v for v in registered_people(self._entries, letters=self._letters)}
            self._words = {v.id: " ".join(("", patient_words(v), *_digits(v))) for v in self._people.values()}
            self._bearers = {}
            for one in self._people.values():
                for number in {glued(i.value) for i in one.identifiers if i.value}:
                    self._bearers.setdefault(number, []).append(one)
            self._wards = tuple(dict.fromkeys(v.ward for v in self._people.values() if v.ward))
            self._count = count
        return self._people

    @property
    def version(self) -> int:
        """Grows with each registration and identification that was read."""
        return self._count

    def everyone(self) -> tuple[PatientView, ...]:
        return tuple(self._read().values())

    def view(self, person: str) -> PatientView | None:
        return self._read().get(person)

    def registered(self, held: PatientView) -> PatientView | None:
        """Of whom a patient of the copy is what other systems filed under their temporary number (`came_under`)."""
        return self._bearer(held) if self._read() else None

    def apart(self, views: Sequence[PatientView]) -> list[PatientView]:
        """Patients of the copy without those who are somebody registered here. A keystroke does not wait for a commit."""
        return [v for v in views if self._bearer(v) is None] if self._read(at_once=True) else list(views)

    def _bearer(self, held: PatientView) -> PatientView | None:
        numbers = dict.fromkeys(glued(i.value) for i in held.identifiers if i.value)
        named = (one for n in numbers for one in self._bearers.get(n, ()))
        return next((one for one in named if came_under(one, held)), None)

    def with_number(self, number: str) -> frozenset[str]:
        """The ids of those who bear exactly this number, however it is grouped."""
        wanted = glued(number)
        people = self._read().values()
        return frozenset(v.id for v in people if any(glued(i.value) == wanted for i in v.identifiers)) if wanted else (
            frozenset())  # fmt: skip

    def find(self, text: str, wards: Collection[str]) -> list[PatientView]:
        """Those whose words begin with those of `text`."""
        people = self._read(at_once=True)
        asked = [f" {begun}" for begun in beginnings(text, (*wards, *self._wards))] if people else []
        return [people[one] for one, said in self._words.items() if all(a in said for a in asked)] if asked else []

    def merged(self, found: Sequence[PatientView], text: str, wards: Collection[str], limit: int) -> list[PatientView]:
        """The hits of the copy with those of the newcomers among them, in name order."""
        new = self.find(text, wards)
        if not new:
            return list(found)
        # The copy's own order stands: each newcomer goes before the first that comes after them.
        order, waiting = sorted(((name_order(view), view) for view in new), key=lambda pair: pair[0]), 0
        held = list[PatientView]()
        for view in found[:limit]:
            after = name_order(view)
            while waiting < len(order) and order[waiting][0] < after:
                held.append(order[waiting][1])
                waiting += 1
            held.append(view)
        return [*held, *(view for _, view in order[waiting:limit])][:limit]

    def wards(self) -> tuple[str, ...]:
        self._read()
        return self._wards

    def in_ward(self, ward: str) -> list[PatientView]:
        return [v for v in self._read().values() if v.ward and glued(v.ward) == glued(ward)]

    def noted(self, view: PatientView) -> PatientView:
        """A person of the copy, with who is believed to be them."""
        self._read()
        return believed_to_be(view, self._entries, self._people.values()) if self._people else view
