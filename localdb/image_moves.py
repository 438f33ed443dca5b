"""Images that two people moved, as one reader reads them: which moves stand, and the records that they concern.

The moves are read anew from the journal when it has more of them than before: a few, held in memory. Who holds a study in
this copy is read once for a generation, and only where something was moved.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Protocol

from msgspec.structs import replace

from localdb.chart.moved import (
    IMAGE_MOVE,
    SHOWN,
    Move,
    Origin,
    Surroundings,
    concerning,
    is_of,
    joined,
    moved,
    standing,
    state_of,
)
from localdb.chart.views import Entry, MovedImages, PatientView
from localdb.newcomers import Told
from localdb.records.vocabulary import Instance, Record
from localdb.store.snapshot import Snapshot

KINDS = (IMAGE_MOVE,)


class Written(Told, Protocol):
    """What the journal answers about them."""

    def entries(self, ids: Iterable[str] | None = None) -> tuple[Entry, ...]: ...


class MovedStudies:
    """One for each reader. `view` of any id of a person, those registered here too; `records` of one id as copied."""

    def __init__(
        self, snapshot: Snapshot, written: Written, view: Callable[[str], PatientView | None],
        records: Callable[[str], list[Record]],
    ) -> None:  # fmt: skip
        self._snapshot, self._written, self._view, self._records = snapshot, written, view, records
        self._count, self._standing = -1, tuple[Move, ...]()
        self._held: tuple[tuple[int, frozenset[str]], dict[str, tuple[frozenset[str], ...]]] = (-1, frozenset()), {}

    def standing(self) -> tuple[Move, ...]:
        """The moves that stand, oldest first."""
        count = self._written.number_of_kinds(KINDS) or 0
        if count != self._count:
            self._standing = standing(self._written.entries_of_kinds(KINDS)) if count else ()
            self._count = count
        return self._standing

    def moved(self, view: PatientView, records: list[Record]) -> tuple[list[Record], tuple[MovedImages, ...]]:
        """The records of a person with the moves in force, and what is to be said of each."""
        moves = self.standing()
        mine = concerning({view.id, *view.ids}, moves)
        return moved(view, records, self._around(view, mine, moves)) if mine else (records, ())

    def instances(self, view: PatientView, study: str) -> tuple[Instance, ...]:
        """What is held of one study of a person: without what was moved away, with what was moved here."""
        ids = {view.id, *view.ids}
        found, moves = self.copied(ids, study), self.standing()
        about = [m for m in concerning(ids, moves) if m.study == study]
        if not about:
            return found
        held, came = self.holders(m.study for m in moves), list[Instance]()
        for move in about:
            is_from, is_to = bool(ids & move.origin), bool(ids & move.target)
            if is_from and not is_to:
                found = tuple(i for i in found if not is_of(i, move))
            elif is_to and not is_from and state_of(move, moves, held) in SHOWN:
                came += [i for i in self.copied(self._ids_of(move.origin), study) if is_of(i, move)]
        return tuple(i if i.patient in ids else replace(i, patient=view.id) for i in joined(found, came))

    def copied(self, ids: Iterable[str], study: str) -> tuple[Instance, ...]:
        """The instances of a study as the copy has them, under any of these ids."""
        held = (i for one in sorted(set(ids)) for i in self._of_one(one))
        return tuple({i.id: i for i in held if isinstance(i, Instance) and i.study == study}.values())

    def _of_one(self, person: str) -> Sequence[Record]:
        return self._snapshot.guarded(lambda: self._snapshot.instances(person))

    def holders(self, studies: Iterable[str]) -> dict[str, tuple[frozenset[str], ...]]:
        """Study -> the ids of each person under whom the copy has it; kept for a generation."""
        wanted = frozenset(studies)
        if self._held[0] != (now := (self._snapshot.number, wanted)):
            found = self._snapshot.guarded(lambda: self._snapshot.holders(wanted))
            whole = {uid: tuple(frozenset(self._ids_of(ids)) for ids in people) for uid, people in found.items()}
            self._held = now, whole
        return self._held[1]

    def _ids_of(self, ids: Collection[str]) -> set[str]:
        """These ids, and those of whoever they are by now."""
        every = set(ids)
        for one in tuple(every):
            view = self._view(one)
            every |= {view.id, *view.ids} if view is not None else set()
        return every

    def _around(self, view: PatientView, mine: Sequence[Move], moves: tuple[Move, ...]) -> Surroundings:
        """What the moves from and to a person need to know of others."""
        ids, origins = {view.id, *view.ids}, dict[str, Origin]()
        for move in mine:
            if ids & move.origin or not ids & move.target:
                continue
            theirs = self._ids_of(move.origin)
            own = {r.id: r for one in sorted(theirs) for r in self._records(one)}
            origins[move.entry.id] = Origin(
                records=tuple(own.values()), instances=self.copied(theirs, move.study),
                entries=self._written.entries(theirs),
            )  # fmt: skip
        return Surroundings(
            moves=moves, origins=origins, holders=self.holders(m.study for m in moves),
            own={m.study: self.copied(ids, m.study) for m in mine},
        )  # fmt: skip
