"""The one reading interface (D12): what the window, the forms and the commands ask.

Any number of threads may hold one `Reading` each; none of its calls writes. Errors: `patient.unknown`,
`patient.ambiguous`, `ward.unknown`, `vault.*` (see `resources/codes/errors.toml`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from msgspec.structs import replace

from localdb.chart.agenda import Agenda, agenda
from localdb.chart.awaiting import Awaiting, RequestSheet, awaiting
from localdb.chart.census import IN_FLIGHT, census_row, in_bed_order
from localdb.chart.in_flight import InFlight, began, of_records
from localdb.chart.living import entries_of, living, with_declarations
from localdb.chart.matching import Alike
from localdb.chart.registered import came_under, with_what_came
from localdb.chart.staleness import life_of
from localdb.chart.views import Census, Chart, Entry, MovedImages, PatientView, PendingRow, SourceAge
from localdb.chart.wording import ZONE
from localdb.errors import InputRefused
from localdb.image_moves import MovedStudies
from localdb.newcomers import Newcomers
from localdb.records.moments import Moment, from_instant, read_moment
from localdb.records.vocabulary import Appointment, Instance, Record, Request
from localdb.store.generations import ClockEntry
from localdb.store.snapshot import Snapshot
from localdb.store.tokens import glued

# Kinds of entry by which somebody may have a line of what waits, wherever they lie.
_WAITING = frozenset({"closure", "request", "evaluation", "image_move"})


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

    def awaiting(self, ward: str | None = None) -> tuple[Awaiting, ...]:
        """Imaging that awaits its formal report, of each patient who has any."""
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

    def request_sheets(self) -> tuple[RequestSheet, ...]: ...


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
        self._images = MovedStudies(snapshot, written, self._known, self._copied)
        self._came: tuple[tuple[int, int], dict[str, tuple[PatientView, ...]]] = (-1, -1), {}
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
        """What is held of one study (Study Instance UID) of a patient, in no order; () where nothing is. Images that two
        people moved are the new patient's alone (`chart.moved`)."""
        self._snapshot.refresh()
        view = self.view(self.resolve(patient))
        return () if view is None else self._images.instances(view, study)

    def holders(self, study: str) -> tuple[frozenset[str], ...]:
        """The ids of each person under whom this copy has a study (Study Instance UID): several where sources disagree."""
        self._snapshot.refresh()
        return self._images.holders((study,)).get(study, ())

    def _came_under(self, new: PatientView) -> tuple[PatientView, ...]:
        """Whom the copy has under the temporary number of somebody registered here, and under no other number."""
        snapshot = self._snapshot
        if self._came[0] != (now := (snapshot.number, self._new.version)):
            self._came = now, {}
        if new.id not in self._came[1]:
            asked = [i.value for i in new.identifiers if i.value]
            found = {v.id: v for n in asked for v in snapshot.guarded(lambda n=n: snapshot.find(n, 50))}  # type: ignore[misc]
            self._came[1][new.id] = tuple(v for v in found.values() if came_under(new, v))
        return self._came[1][new.id]

    def _registered(self, view: PatientView | None) -> PatientView | None:
        """The one registered here of whom a patient of the copy is what came under their number."""
        found = None if view is None else self._new.registered(view)
        return None if found is None else with_what_came(found, self._came_under(found))

    def _apart(self, views: Sequence[PatientView]) -> list[PatientView]:
        """Patients of the copy without those who are somebody registered here, who stands beside them anyway."""
        return self._new.apart(views)

    def _read(self, person: str) -> tuple[PatientView, list[Record], tuple[MovedImages, ...]] | None:
        """Somebody with their records and the moves of images in force; None where nobody has that id."""
        snapshot = self._snapshot
        view = self._new.view(person) or self._registered(snapshot.guarded(lambda: snapshot.view(person)))
        if view is not None:
            held = self._came_under(self._new.view(view.id) or view)
            view = with_what_came(self._new.view(view.id) or view, held)
            records = [r for one in held for r in self._copied(one.id)]
        else:
            read = snapshot.guarded(lambda: snapshot.read(person))
            if read is None:
                return None
            view, records = self._new.noted(read[0]), read[1]
        return (view, *self._images.moved(view, records))

    def _copied(self, person: str) -> list[Record]:
        snapshot = self._snapshot
        read = snapshot.guarded(lambda: snapshot.read(person))
        return read[1] if read is not None else []

    def blob(self, digest: str) -> bytes | None:
        """The embedded file of `Report.blob` or `Document.blob`; None where this copy does not hold it. Raises
        vault.damaged."""
        return self._snapshot.blob(digest)

    def interrupt(self) -> None:
        """Stops a search that another thread runs here."""
        self._snapshot.interrupt()

    def find(self, text: str, limit: int = 50) -> tuple[PatientView, ...]:
        snapshot = self.snapshot
        found = self._apart(snapshot.guarded(lambda: snapshot.find(text, limit)))
        return tuple(self._new.merged(found, text, snapshot.ward_names, limit))

    def view(self, person: str) -> PatientView | None:
        """Identity alone of a person's id, of the copy or registered here; None where nobody has it."""
        self._snapshot.refresh()
        return self._known(person)

    def _known(self, person: str) -> PatientView | None:
        """The same of the generation that is open."""
        new = self._new.view(person)
        if new is not None:
            return with_what_came(new, self._came_under(new))
        snapshot = self._snapshot
        held = snapshot.guarded(lambda: snapshot.view(person))
        return self._registered(held) or held

    def resolve(self, patient: str) -> str:
        snapshot = self.snapshot
        view = self.view(patient.strip())
        if view is not None:
            return view.id
        wanted = glued(patient)
        found = {
            v.id
            for v in self._apart(snapshot.guarded(lambda: snapshot.find(patient, 200)) if wanted else ())
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
        new = [with_what_came(v, self._came_under(v)) for v in self._new.in_ward(ward)]
        return [*self._apart(snapshot.guarded(lambda: snapshot.in_ward(ward))), *new]

    def ward(self, name: str | None = None) -> Census:
        ward = self._ward_name(name)
        snapshot, sources = self._snapshot, self.sources()
        if not ward:
            return Census(ward="", rows=(), sources=sources, generation=snapshot.number)
        views = self._in_ward(ward)
        written = self._written.entries(i for v in views for i in v.ids)
        rows, since, now = [], began(sources), self._clock()
        for view in views:
            read = self._read(view.id)
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
        snapshot, read = self._snapshot, self._read(person)
        if read is None:
            raise PatientUnknown("Nobody in this copy has that id or number.")
        view, records, told = read
        return living(
            view, records, self._written.entries(view.ids), self.sources(), from_instant(self._clock()),
            generation=snapshot.number, held_since=read_moment(snapshot.generation.made) if snapshot.pinned else None,
            alike=self.similar([view]).get(view.id, ""), moved=told,
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
        now = self._clock()
        views, written = self._with_waiting(ward)
        since, made = began(self.sources()), []
        for view in views:
            read, own = self._read(view.id), entries_of({view.id, *view.ids}, written)
            made.append(of_records(view, read[1] if read else (), own, now, since=since))
        return tuple(f for f in made if f.lines or f.older)

    def awaiting(self, ward: str | None = None) -> tuple[Awaiting, ...]:
        """Imaging that awaits its formal report, of each patient who has any (`chart.awaiting`)."""
        views, written = self._with_waiting(ward)
        sources, sheets, now = self.sources(), self._written.request_sheets(), self._clock()
        made = []
        for view in views:
            read = self._read(view.id)
            if read is not None:
                whole, records, told = read
                chart = living(whole, records, written, sources, from_instant(now), moved=told)
                made.append(awaiting(chart, sheets, now))
        return tuple(a for a in made if a.has_any)

    def request_sheets(self) -> tuple[RequestSheet, ...]:
        """The requests for imaging that were printed here."""
        return self._written.request_sheets()

    def _with_waiting(self, ward: str | None) -> tuple[tuple[PatientView, ...], tuple[Entry, ...]]:
        """Of whom something may wait, each once, with what was written about them: everybody of a ward; else of this copy
        whoever has something in flight, lies in a ward, was registered here, or of whom it was written."""
        snapshot = self.snapshot
        if ward is not None:
            views = {v.id: v for v in self._in_ward(self._ward_name(ward))}
            return tuple(views.values()), self._written.entries(i for v in views.values() for i in v.ids)
        written = self._written.entries()
        named = {e.identity.patient for e in written if e.kind in _WAITING and e.identity is not None}
        held = (*snapshot.guarded(snapshot.with_pending), *snapshot.guarded(snapshot.inpatients))
        views = {v.id: v for v in self._apart(held)}
        found = (*(self.view(v.id) for v in self._new.everyone()), *(self.view(p) for p in sorted(named)))
        views |= {v.id: v for v in found if v is not None}
        return tuple(views.values()), written

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
