"""The one reading interface (D12): what the window, the forms and the commands ask.

Any number of threads may hold one `Reading` each; none of its calls writes. Errors: `patient.unknown`,
`patient.ambiguous`, `ward.unknown`, `vault.*` (see `resources/codes/errors.toml`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Protocol

from msgspec.structs import replace

from localdb.chart.agenda import Agenda, agenda
from localdb.chart.census import IN_FLIGHT, census_row, in_bed_order
from localdb.chart.in_flight import InFlight, began, of_records
from localdb.chart.living import entries_of, living, with_declarations
from localdb.chart.matching import Alike
from localdb.chart.staleness import life_of
from localdb.chart.views import Census, Chart, Entry, PatientView, PendingRow, SourceAge
from localdb.chart.wording import ZONE
from localdb.errors import InputRefused
from localdb.newcomers import Newcomers
from localdb.records.moments import Moment, from_instant, read_moment
from localdb.records.vocabulary import Appointment, Instance, Record, Request
from localdb.store.generations import ClockEntry
from localdb.store.snapshot import Snapshot
from localdb.store.tokens import glued


class PatientUnknown(InputRefused):
    """Nobody in this copy has that id or identifier."""

    code = "patient.unknown"
    next_step = "Search with `wardlamp find`, by name, number or date of birth."


class PatientAmbiguous(InputRefused):
    """More than one person has that identifier."""

    code = "patient.ambiguous"
    next_step = "Use the id that `wardlamp find` shows (P and 13 characters)."


class WardUnknown(InputRefused):
    """No ward of that name in this copy."""

    code = "ward.unknown"
    next_step = "Run `wardlamp ward --list` for the wards of this copy."


class Reading(Protocol):
    """What reads the living chart. Implemented by `LivingReading`, given by `localdb.house.House.reading()`."""

    def find(self, text: str, limit: int = 50) -> tuple[PatientView, ...]:
        """People whose name parts, numbers, date of birth, ward or bed begin with the words of `text`."""
        ...

    def resolve(self, patient: str) -> str:
        """The person's id for an id or any identifier that is unique; else patient.unknown / patient.ambiguous."""
        ...

    def people(self, ids: Iterable[str]) -> tuple[PatientView, ...]:
        """Whoever of these ids is in this copy or registered here, in their order, each person once; a merged id leads to
        the survivor."""
        ...

    def similar(self, views: Iterable[PatientView]) -> dict[str, str]:
        """id -> SAME_WARD or IN_HOSPITAL of `localdb.chart.matching`, of those of these people who could be mistaken for
        somebody who lies in a ward of this copy (CLINICAL §1.3)."""
        ...

    def wards(self) -> tuple[str, ...]: ...

    def ward(self, name: str | None = None) -> Census:
        """The census of a ward (None: the site's ward, else the first one that somebody lies in)."""
        ...

    def chart(self, patient: str) -> Chart: ...

    def pending(self, ward: str | None = None) -> tuple[PendingRow, ...]: ...

    def flights(self, ward: str | None = None) -> tuple[InFlight, ...]:
        """What was in flight of each patient who has something, with how it ended, in bed order of the copy (H09)."""
        ...

    def instances(self, patient: str, study: str) -> tuple[Instance, ...]:
        """What is held of one study (Study Instance UID) of a patient, in no order; () where nothing is."""
        ...

    def sources(self) -> tuple[SourceAge, ...]: ...


class Written(Protocol):
    """What the journal answers to a reader."""

    def entries(self, ids: Iterable[str] | None = None) -> tuple[Entry, ...]: ...

    def entries_of_kinds(self, kinds: Collection[str]) -> tuple[Entry, ...]: ...

    def number_of_kinds(self, kinds: Collection[str], *, at_once: bool = False) -> int | None: ...

    def declared(self) -> Mapping[str, tuple[str, Moment, str]]: ...


class LivingReading:
    """Reads one snapshot and one journal; follows the pointer at each question. `letters`: whether a temporary number is
    shown whole (`chart.registered`)."""

    def __init__(
        self, snapshot: Snapshot, written: Written, clock: Callable[[], datetime], site_ward: str = "",
        closing: Callable[[], None] = lambda: None, *, letters: bool = True,
    ) -> None:  # fmt: skip
        self._new = Newcomers(written, letters=letters)
        self._snapshot, self._written, self._clock, self._site_ward = snapshot, written, clock, site_ward
        self._closing = closing
        self._inpatients: tuple[int, tuple[PatientView, ...]] = (-1, ())
        self._alike, self._alike_of = Alike(), (-1, -1)  # of which generation and registration

    def close(self) -> None:
        self._snapshot.close()
        self._closing()

    @property
    def snapshot(self) -> Snapshot:
        self._snapshot.refresh()
        return self._snapshot

    def instances(self, patient: str, study: str) -> tuple[Instance, ...]:
        """What is held of one study (Study Instance UID) of a patient, in no order; () where nothing is."""
        found = self.snapshot.instances(patient)
        return tuple(i for i in found if isinstance(i, Instance) and i.study == study)

    def blob(self, digest: str) -> bytes | None:
        """The embedded file of `Report.blob` or `Document.blob`; None where this copy does not hold it. Raises
        vault.damaged."""
        return self._snapshot.blob(digest)

    def interrupt(self) -> None:
        """Stops a search that another thread runs here."""
        self._snapshot.interrupt()

    def find(self, text: str, limit: int = 50) -> tuple[PatientView, ...]:
        snapshot = self.snapshot
        found = snapshot.guarded(lambda: snapshot.find(text, limit))
        return tuple(self._new.merged(found, text, snapshot.ward_names, limit))

    def view(self, person: str) -> PatientView | None:
        """Identity alone of a person's id, of the copy or registered here; None where nobody has it."""
        snapshot = self.snapshot
        return self._new.view(person) or snapshot.guarded(lambda: snapshot.view(person))

    def resolve(self, patient: str) -> str:
        snapshot = self.snapshot
        view = self.view(patient.strip())
        if view is not None:
            return view.id
        wanted = glued(patient)
        found = {
            v.id
            for v in (snapshot.guarded(lambda: snapshot.find(patient, 200)) if wanted else ())
            if any(glued(i.value) == wanted for i in v.identifiers)
        } | self._new.with_number(patient)
        if not found:
            raise PatientUnknown("Nobody in this copy has that id or number.")
        if len(found) > 1:
            raise PatientAmbiguous(f"{len(found)} people in this copy have that number.")
        return found.pop()

    def wards(self) -> tuple[str, ...]:
        snapshot = self.snapshot
        held = {glued(n): n for n in snapshot.guarded(snapshot.wards)}
        new = {glued(n): n for n in self._new.wards()}
        return tuple(sorted((new | held).values())) if new.keys() - held.keys() else tuple(held.values())

    def _ward_name(self, name: str | None) -> str:
        names = self.wards()
        wanted = name or self._site_ward
        if not wanted:
            return next((n for n in names if self._in_ward(n)), names[0] if names else "")
        found = next((n for n in names if glued(n) == glued(wanted)), None)
        if found is None and name:
            raise WardUnknown("This copy has no ward of that name.")
        return found or (names[0] if names else "")

    def _in_ward(self, ward: str) -> list[PatientView]:
        """Everybody on a ward, those registered here among them."""
        snapshot = self._snapshot
        return [*snapshot.guarded(lambda: snapshot.in_ward(ward)), *self._new.in_ward(ward)]

    def ward(self, name: str | None = None) -> Census:
        ward = self._ward_name(name)
        snapshot, sources = self._snapshot, self.sources()
        if not ward:
            return Census(ward="", rows=(), sources=sources, generation=snapshot.number)
        views = self._in_ward(ward)
        written = self._written.entries(i for v in views for i in v.ids)
        rows, since, now = [], began(sources), self._clock()
        for view in views:
            read = snapshot.guarded(lambda v=view: snapshot.read(v.id))  # type: ignore[misc]
            records, own = read[1] if read else (), entries_of(set(view.ids), written)
            row = census_row(view, records, sources, len(own))
            # The same lines as on the waiting page: what the ward closed waits no longer.
            rows.append(replace(row, waiting=len(of_records(view, records, own, now, since=since).open)))
        beds = [(bed, state) for key, _, bed, state in snapshot.beds if key == glued(ward)]
        marked = in_bed_order(rows, beds, self.similar(views))
        return Census(ward=ward, rows=marked, sources=sources, generation=snapshot.number)

    def _hospital(self) -> Alike:
        """Everybody who lies in a ward, those registered here too, to tell similar names by; it follows generations
        and registrations."""
        snapshot, new = self._snapshot, self._new.everyone()
        if self._inpatients[0] != snapshot.number:
            self._inpatients = snapshot.number, tuple(snapshot.guarded(snapshot.inpatients))
        if self._alike_of != (now := (snapshot.number, self._new.version)):
            self._alike.renew((*self._inpatients[1], *(v for v in new if v.ward)))
            self._alike_of = now
        return self._alike

    def people(self, ids: Iterable[str]) -> tuple[PatientView, ...]:
        found = (self.view(i) for i in ids)
        return tuple({v.id: v for v in found if v is not None}.values())

    def similar(self, views: Iterable[PatientView]) -> dict[str, str]:
        return self._hospital().marks(views)

    def chart(self, patient: str) -> Chart:
        person = self.resolve(patient)
        snapshot, new = self._snapshot, self._new.view(person)
        read = (new, list[Record]()) if new is not None else snapshot.guarded(lambda: snapshot.read(person))
        if read is None:
            raise PatientUnknown("Nobody in this copy has that id or number.")
        view, records = self._new.noted(read[0]) if new is None else read[0], read[1]
        return living(
            view, records, self._written.entries(view.ids), self.sources(), from_instant(self._clock()),
            generation=snapshot.number, held_since=read_moment(snapshot.generation.made) if snapshot.pinned else None,
            alike=self.similar([view]).get(view.id, ""),
        )  # fmt: skip

    def pending(self, ward: str | None = None) -> tuple[PendingRow, ...]:
        snapshot = self.snapshot
        if ward is None:
            views = snapshot.guarded(snapshot.with_pending)
        else:
            name = self._ward_name(ward)
            views = snapshot.guarded(lambda: snapshot.in_ward(name))
        rows = []
        for view in views:
            read = snapshot.guarded(lambda v=view: snapshot.read(v.id))  # type: ignore[misc]
            for record in read[1] if read else ():
                if isinstance(record, Request) and record.status in IN_FLIGHT:
                    rows.append(PendingRow(patient=view, request=record))
        return tuple(rows)

    def flights(self, ward: str | None = None) -> tuple[InFlight, ...]:
        snapshot, now = self.snapshot, self._clock()
        if ward is None:
            written = self._written.entries()
            closed = {e.identity.patient for e in written if e.kind == "closure" and e.identity is not None}
            views = {v.id: v for v in snapshot.guarded(snapshot.with_pending)}
            found = [snapshot.guarded(lambda p=p: snapshot.view(p)) for p in sorted(closed)]  # type: ignore[misc]
            views |= {v.id: v for v in found if v is not None}
        else:
            name = self._ward_name(ward)
            views = {v.id: v for v in snapshot.guarded(lambda: snapshot.in_ward(name))}
            written = self._written.entries(i for v in views.values() for i in v.ids)
        since, made = began(self.sources()), []
        for view in views.values():
            read = snapshot.guarded(lambda v=view: snapshot.read(v.id))  # type: ignore[misc]
            own = entries_of({view.id, *view.ids}, written)
            made.append(of_records(view, read[1] if read else (), own, now, since=since))
        return tuple(f for f in made if f.lines or f.older)

    def agenda(self, day: date, zone: str = ZONE) -> Agenda:
        """The appointments of a day of everybody in this copy, by place and time."""
        snapshot = self.snapshot
        held = snapshot.guarded(snapshot.appointments)
        made = agenda([(view, one) for view, one in held if isinstance(one, Appointment)], day, zone)
        return made.marked(self.similar({r.patient.id: r.patient for r in made.rows}.values()))

    def sources(self) -> tuple[SourceAge, ...]:
        now = self._clock()
        ages = with_declarations(source_ages(self._snapshot.clocks), self._written.declared())
        return tuple(replace(age, life=life_of(age, now)) for age in ages)


def _moment(text: str | None) -> Moment | None:
    return read_moment(text) if text else None


def source_ages(clocks: Iterable[ClockEntry]) -> list[SourceAge]:
    """One age per source; its cut is the oldest known of its kinds, so that it never looks fresher than it is (D11). A
    source that gave a sign of life and no record yet has no kinds. `life` is left to who knows the time."""
    by_source: dict[str, list[ClockEntry]] = {}
    for clock in clocks:
        by_source.setdefault(clock.source, []).append(clock)
    ages = []
    for source, entries in by_source.items():
        kinds = {e.kind: _moment(e.cut) for e in entries if e.kind}
        states = {e.state for e in entries}
        ages.append(
            SourceAge(
                source=source, kinds=kinds, cut=min(_known(kinds.values()), key=_utc, default=None),
                heartbeat=max(_known(_moment(e.heartbeat) for e in entries), key=_utc, default=None),
                last_message=max(_known(_moment(e.last_message) for e in entries), key=_utc, default=None),
                coverage=next((e.coverage for e in entries if e.coverage), ""),
                state=states.pop() if len(states) == 1 else "partial",
                title=next((e.title for e in entries if e.title), ""),
                expected=max(e.expected for e in entries),
                drift=next((e.drift for e in entries if e.drift is not None), None),
                received={e.kind: e.received for e in entries if e.kind},
            )
        )  # fmt: skip
    return ages


def _known(moments: Iterable[Moment | None]) -> list[Moment]:
    return [m for m in moments if m is not None and m.utc is not None]


def _utc(moment: Moment) -> int:
    return moment.utc or 0
