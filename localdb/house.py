"""One opened vault: the keys, the journal, and ways to read, write, fill and cut. Window and commands stand on it.

Rules: an entry or a serial is on disk before its number is returned; a laptop without an intake (one that only pulls)
reads all the same; nothing here shows anything.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from localdb import feeding
from localdb.chart.awaiting import FORM, RequestSheet
from localdb.chart.living import identity_of, with_declarations
from localdb.chart.staleness import life_of
from localdb.chart.views import Entry, Identity, SourceAge
from localdb.clock import Clock as Clock
from localdb.clock import present as present
from localdb.journal.book import Journal
from localdb.journal.dealing import Dealt
from localdb.journal.declarations import Declaration
from localdb.journal.entries import Receipt
from localdb.journal.errors import refuse_entry, refuse_number
from localdb.journal.numbers import Burnt, NumberStatus, PackStatus
from localdb.journal.opening import create_journal, open_journal
from localdb.journal.registering import IDENTIFICATION, REGISTRATION, Registered, number_of_patient
from localdb.journal.sheets import NewSheet, Sheet
from localdb.moving import corrected_body, move_body
from localdb.plans.originals import Originals
from localdb.plans.shelf import Shelf
from localdb.reading import LivingReading, PatientUnknown, source_ages
from localdb.records.moments import Moment
from localdb.sources.feed.settings import read_profiles
from localdb.sources.filling import FillReport, Progress
from localdb.sources.profiles import Profiles
from localdb.store.aside import AsideItem, AsideList
from localdb.store.blobs import BlobStore
from localdb.store.cuts import CutDone, Cutter
from localdb.store.errors import DiskReadOnly, StoreDamaged, StoreMissing
from localdb.store.generations import Generations
from localdb.store.image_counts import Room, room_of
from localdb.store.intake import Intake
from localdb.store.ownership import intake_owner
from localdb.store.snapshot import Snapshot
from localdb.vault.creation import Created, create_vault
from localdb.vault.errors import NotPermitted
from localdb.vault.keys import Keys
from localdb.vault.slots import FEED
from localdb.vault.status import write_status
from localdb.vault.unlocking import keys_from_pipe, prove, unlock

INTAKE_FILE = "intake.db"
# What a site may set (DESIGN D13); `training` marks a practice vault on every screen and sheet.
SITE_DEFAULTS: dict[str, Any] = {
    "hospital": "",
    "ward": "",
    "incident": "",
    "zone": "Europe/London",
    "training": False,
    "temporary_letters": True,  # False: laboratory and imaging take no letters, so seven digits stand as hospital number
    "lock_after_seconds": 90,
    "omissions": [],  # codes for a dose that is not given, in their order; empty: those of CLINICAL §5.2
    "scores": False,  # whether a set of observations just typed is added up, with its parts shown (DESIGN D7)
    "language": "",  # of the fixed words on paper: a file of resources/i18n (`cy`); empty: British English
    "source_titles": {},  # source -> what the ward calls it, for the age strip
    "sources": {},  # source -> how it is read and what is expected of it (SourceProfile)
    "feeds": [],  # the ways in of the feeding machine (FeedSetting)
    "feeding": {},  # the service itself (Feeding)
    "mappings": {},  # name -> what the columns of a table mean
    "windows": {},  # how far back the copy goes; empty: everything
    "imaging": {},  # which pixels of images are kept, within which room; empty: all, within 20 GB (Imaging)
    "scanning": {},  # what this site's wristbands and scanners say (Scanning)
    "ods": "",  # the organisation's ODS code, for the code of a wristband
    "labels": {},  # the usual stocks of labels and wristbands, and the site's own (Stocks)
    "kits": {},  # what is printed together, beside or instead of the kits that ship
    "label_offsets": {},  # printer -> stock -> tenths of a millimetre to the right and down
    "retention": {},  # how long the intake keeps the sources' own bytes; empty: for ever
}


def make_house(
    vault: Path, staff: str, secret: bytes | bytearray, *, device: str | None = None, kdf: str = "standard",
    recovery: bool = False, clock: Clock = present,
) -> Created:  # fmt: skip
    """A new vault with its stores. Raises vault.exists, vault.weak_secret …, disk.full, disk.read_only."""

    def furnish(folder: Path, keys: Keys) -> None:
        create_journal(folder, keys, clock)
        Intake(folder / INTAKE_FILE, keys.intake_key(), clock, create=True).close()
        for name in ("layers", "generations", "blobs"):
            (folder / name).mkdir(mode=0o700, exist_ok=True)

    return create_vault(vault, staff, secret, device, kdf, recovery, furnish)


def open_house(vault: Path, secret: bytes | bytearray, *, staff: str | None = None, clock: Clock = present) -> House:
    """Opens a vault. Raises vault.missing, vault.wrong_secret, vault.damaged, vault.newer, vault.staff_needed."""
    keys = unlock(vault, secret, staff)
    try:
        return House(vault, keys, open_journal(vault, keys, clock), clock)
    except BaseException:
        keys.wipe()
        raise


def house_from_pipe(vault: Path, data: bytes, clock: Clock = present) -> House:
    """The same house in a child process, from the keys that its parent wrote into a pipe."""
    keys = keys_from_pipe(data, vault)
    return House(vault, keys, open_journal(vault, keys, clock), clock)


class House:
    """See the module. One object may serve several threads; `reading()` gives one reader to each."""

    def __init__(self, vault: Path, keys: Keys, journal: Journal, clock: Clock) -> None:
        self.vault, self.keys, self.journal, self._clock = vault, keys, journal, clock
        self._site: dict[str, Any] | None = None

    @property
    def staff(self) -> str:
        return self.keys.staff

    @property
    def role(self) -> str:
        return self.keys.role

    @property
    def device(self) -> str:
        return self.keys.device

    @property
    def site(self) -> dict[str, Any]:
        """The site's settings over the defaults."""
        if self._site is None:
            self._site = {**SITE_DEFAULTS, **self.journal.settings()}
        return self._site

    def set_site(self, settings: Mapping[str, Any]) -> None:
        """Takes checked settings in, as a new signed version."""
        self._permit("change settings")
        self.journal.record_settings({**self.journal.settings(), **settings})
        self._site = None

    @property
    def profiles(self) -> Profiles:
        """How each source is read. Raises settings.wrong_value."""
        return read_profiles(self.site["sources"], str(self.site["zone"]), self.site["imaging"])

    def _permit(self, act: str) -> None:
        """A feeding machine's secret fills and cuts; it opens no chart and decides nothing. Raises vault.not_permitted."""
        if self.role == FEED:
            raise NotPermitted(f"The feeding machine's own secret may not {act}.",
                               next_step="Give the secret of a member of staff.")  # fmt: skip

    def now(self) -> datetime:
        return self._clock()

    def close(self) -> None:
        self.journal.close()
        self.keys.wipe()

    # -- reading ------------------------------------------------------------------------------------------------

    def reading(self) -> LivingReading:
        """A reader for one thread. Raises vault.damaged where no generation opens."""
        self._permit("open charts")
        return LivingReading(
            Snapshot(self.vault, self.keys), _Written(self.journal), self._clock, str(self.site["ward"]),
            letters=bool(self.site["temporary_letters"]),
        )  # fmt: skip

    def opened(self, patient: str) -> None:
        """Enters that this person's chart was opened, by whom (D5 audit). A disk that takes no writes hides no chart."""
        with suppress(DiskReadOnly):
            self.journal.record_view(patient)

    def recent(self, limit: int = 30) -> tuple[str, ...]:
        """The persons whom this member of staff opened last, the newest first."""
        return self.journal.recent_views(self.staff, limit)

    @property
    def generations(self) -> Generations:
        return Generations(self.vault, self.keys)

    # -- writing ------------------------------------------------------------------------------------------------

    def enter(self, kind: str, patient: str, body: dict[str, Any], corrects: str | None = None) -> Receipt:
        """One entry about a patient; durable when it returns. Raises entry.*, patient.*, disk.*."""
        self._permit("write entries")
        reader = self.reading()
        try:
            view = reader.view(reader.resolve(patient))
        finally:
            reader.close()
        if view is None:
            raise PatientUnknown("Nobody in this copy has that id or number.")
        if kind in (REGISTRATION, IDENTIFICATION):
            number = number_of_patient(self.journal.log, view.id)
            if number is None:
                raise refuse_entry("registration.unknown", "That patient was not registered here during downtime.")
            if kind == IDENTIFICATION:
                return self.journal.identify(body, number, corrects)
            if corrects is None:
                raise refuse_number("numbers.used", "That person is registered already.")
            done = self.journal.register({**body, "number": body.get("number", number)}, corrects)
            return Receipt(done.entry, done.number, done.written)
        return self.journal.append_entry(kind, identity_of(view), body, corrects)

    def move_images(
        self, patient: str, body: dict[str, Any], second: str, secret: bytes | bytearray, corrects: str | None = None
    ) -> Receipt:  # fmt: skip
        """Images that stand under another patient are `patient`'s, as this staff member and `second` say, who proves to
        be there by their own secret; or a correction of that. As slow as unlocking: never on the window's thread.

        Raises image.*, patient.*, entry.*, vault.staff_unknown, vault.wrong_secret, disk.*.
        """
        self._permit("move images")
        reader = self.reading()
        try:
            if corrects is None:
                identity, whole = move_body(reader, patient, body)
            else:
                former = self.journal.move_to_correct(corrects)
                identity, whole = corrected_body(reader, patient, former, body)
        finally:
            reader.close()
        proved = prove(self.vault, second, secret)
        return self.journal.move_images(identity, whole, proved.name, corrects)

    def register(self, body: dict[str, Any]) -> Registered:
        """Registers somebody who is in no copy; number and name are dealt where the body gives none. Raises numbers.*,
        entry.*, disk.*."""
        self._permit("register patients")
        return self.journal.register(body)

    def burn_number(self) -> Burnt:
        """The next temporary number, on disk before it is shown. Raises numbers.*, disk.*."""
        self._permit("register patients")
        return self.journal.burn_number()

    def number_status(self) -> NumberStatus:
        """What is left of this laptop's temporary numbers."""
        return self.journal.number_status()

    def spoil_number(self, number: str, reason: str) -> None:
        """A burnt number that nobody got."""
        self.journal.spoil_number(number, reason)

    def deal_numbers(self, prefix: str, devices: Sequence[str], size: int, *, former_gone: bool = False
                     ) -> tuple[Dealt, ...]:  # fmt: skip
        """Packs of temporary numbers for laptops; coordinators only. Raises numbers.*, vault.not_permitted."""
        return self.journal.deal_numbers(prefix, devices, size, former_gone=former_gone)

    def take_numbers(self, file: Path, words: bytes | bytearray) -> PackStatus:
        """Takes the pack of numbers that is for this laptop. Raises numbers.*, disk.*."""
        self._permit("take numbers")
        return self.journal.take_numbers(file, words)

    def issue_sheet(
        self, form: str, pages: int, patient: str | None = None, identity: Identity | None = None, *,
        blank: bool = False, copies: int = 1,
    ) -> str:  # fmt: skip
        """The serial of a new sheet, in the journal before the page is made (D9)."""
        self._permit("print")
        return self.journal.issue_sheet(form, pages, patient=patient, identity=identity, blank=blank, copies=copies)

    def issue_sheets(self, wanted: Sequence[NewSheet]) -> tuple[str, ...]:
        """The serials of many sheets in one transaction, in order."""
        self.may_print()
        return self.journal.issue_sheets(wanted)

    def may_print(self) -> None:
        """Raises vault.not_permitted."""
        self._permit("print")

    def sheet_state(self, serial: str, state: str, remark: str = "", to: str = "") -> Sheet:
        return self.journal.move_sheet(serial, state, remark, to)

    def draft(self, key: str) -> dict[str, Any] | None:
        held = self.journal.draft(key)
        return held.body if held else None

    def save_draft(self, key: str, body: dict[str, Any]) -> None:
        self.journal.save_draft(key, body)

    def drop_draft(self, key: str) -> None:
        self.journal.drop_draft(key)

    def declare(self, source: str, state: str, since: datetime) -> Declaration:
        """A system is `down` or `back`. Raises source.declaration."""
        self._permit("declare")
        said = self.journal.declare(source, state, since)
        self.tell_status()
        return said

    @property
    def plans(self) -> Shelf:
        """The site's own documents. Reading is for everybody, importing for coordinators."""
        return Shelf(self.journal.log)

    @property
    def originals(self) -> Originals:
        """The site's own originals, to be overlaid. Reading is for everybody, adding for coordinators."""
        return Originals(self.journal.log)

    # -- the intake ---------------------------------------------------------------------------------------------

    @contextmanager
    def intake(self) -> Iterator[Intake]:
        """The intake, owned while the block runs. Raises store.busy; one that is damaged is set aside, not deleted."""
        with intake_owner(self.vault):
            intake = self._open_intake()
            try:
                yield intake
            finally:
                intake.close()

    def _open_intake(self) -> Intake:
        path = self.vault / INTAKE_FILE
        blobs = BlobStore(self.vault / "blobs", self.keys.blobs_key())
        try:
            return Intake(path, self.keys.intake_key(), self._clock, blobs=blobs)
        except StoreMissing:
            return Intake(path, self.keys.intake_key(), self._clock, create=True, blobs=blobs)
        except StoreDamaged:
            stamp = self._clock().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
            try:
                for suffix in ("", "-wal", "-shm"):
                    held = path.with_name(path.name + suffix)
                    if held.exists():
                        held.rename(path.with_name(f"{path.name}.aside-{stamp}{suffix}"))
            except OSError:
                raise DiskReadOnly("The damaged intake cannot be set aside.") from None
            self.journal.record_notice("The intake did not verify and was set aside; its copies are read on.")
            return Intake(path, self.keys.intake_key(), self._clock, create=True, blobs=blobs)

    def fill(
        self, paths: Iterable[Path], *, source: str | None = None, as_of: Moment | None = None,
        progress: Progress | None = None, processes: int | None = None,
    ) -> FillReport:  # fmt: skip
        """Reads files into the intake, then cuts; a running feed does it for us. Raises disk.*, file.missing."""
        count = processes if processes is not None else max(1, os.cpu_count() or 1)
        asked = feeding.AskedFor(ask="fill", paths=tuple(map(str, paths)), source=source, as_of=as_of)
        return feeding.do(self, asked, progress, count).report or FillReport()

    def retry_aside(self) -> FillReport:
        """Reads again what was set aside, then cuts."""
        return feeding.do(self, feeding.AskedFor(ask="retry")).report or FillReport()

    def aside(self, limit: int = 1000) -> tuple[list[AsideItem], int] | None:
        """(at most `limit` of what was set aside, those seen last first; how many there are); also while a feed runs. None
        on a laptop that reads no sources. Raises vault.damaged, vault.newer."""
        try:
            with self._aside_list() as held:
                return held.items(limit), held.total()
        except StoreMissing:
            return None

    def aside_counts(self) -> tuple[dict[tuple[str, str], int], dict[str, int]]:
        """((source, code) -> units set aside, source -> units that wait for their patient); empty without an intake."""
        try:
            with self._aside_list() as held:
                return held.counts(), held.waiting()
        except StoreMissing:
            return {}, {}

    def aside_bytes(self, number: int) -> bytes | None:
        """The own bytes of one unit that was set aside (patient data); None where nothing has that number."""
        self._permit("read what was set aside")
        try:
            with self._aside_list() as held:
                return held.bytes_of(number)
        except StoreMissing:
            return None

    def image_room(self) -> Room | None:
        """What is held of images and the room that they take, also while a feed runs; None on a laptop that reads no
        sources. Raises vault.damaged, vault.newer."""
        try:
            return room_of(self.vault / INTAKE_FILE, self.keys.intake_key())
        except StoreMissing:
            return None

    def _aside_list(self) -> AsideList:
        return AsideList(self.vault / INTAKE_FILE, self.keys.intake_key())

    def cut(self) -> CutDone:
        """The next generation."""
        done = feeding.do(self, feeding.AskedFor(ask="cut")).cut
        assert done is not None
        return done

    def cut_of(self, intake: Intake) -> CutDone:
        """The next generation of an intake that this process owns."""
        return Cutter(self.vault, self.keys, intake, self._clock).cut()

    def join(self, one: str, other: str) -> bool:
        """Two patient ids are one person, as this staff member says; False where they were already."""
        return self._link("join", one, other)

    def part(self, one: str, other: str) -> bool:
        """Two patient ids are not one person, as this staff member says; no source's word joins them again."""
        return self._link("part", one, other)

    def _link(self, act: str, one: str, other: str) -> bool:
        self._permit("decide who is one person")
        changed = feeding.do(self, feeding.AskedFor(ask=act, one=one, other=other, by=self.staff)).changed
        self.journal.record_link(act, one, other)
        return changed

    def ages(self) -> tuple[SourceAge, ...]:
        """How fresh each source of the copy in use is, with its sign of life; no chart is opened for it."""
        used, _ = self.generations.pointer()
        clocks = self.generations.read(used).clocks if used else ()
        found = with_declarations(source_ages(clocks), _Written(self.journal).declared())
        now = self.now()
        return tuple(replace(age, life=life_of(age, now)) for age in found)

    def tell_status(self) -> None:
        """Writes what the unlock screen may show: ages and the ward's name, nothing of a patient."""
        used, pinned = self.generations.pointer()
        held = self.generations.read(used) if used else None
        declared = self.journal.declarations()
        sources = []
        for age in source_ages(held.clocks if held else ()):
            said = declared.get(age.source)
            sources.append({
                "source": age.source, "cut": age.cut.text if age.cut else None, "state": age.state,
                "kinds": {k: m.text if m else None for k, m in age.kinds.items()},
                "heartbeat": age.heartbeat.text if age.heartbeat else None,
                "last_message": age.last_message.text if age.last_message else None, "expected": age.expected,
                "declared": said.state if said else "", "declared_since": said.since.text if said else None,
            })  # fmt: skip
        write_status(self.vault, {
            "hospital": self.site["hospital"], "ward": self.site["ward"], "incident": self.site["incident"],
            "generation": used, "made": held.made if held else None,
            "held_since": held.made if held and pinned else None, "sources": sources,
        })  # fmt: skip

    # -- child processes ----------------------------------------------------------------------------------------

    def keys_for_child(self) -> bytes:
        """What a child process needs to open this house: to be written into a pipe, nowhere else."""
        return self.keys.to_pipe()


class _Written:
    """The journal as a reader asks it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def entries(self, ids: Iterable[str] | None = None) -> tuple[Entry, ...]:
        return self._journal.entries(None if ids is None else set(ids))

    def entries_of_kinds(self, kinds: Collection[str]) -> tuple[Entry, ...]:
        return self._journal.entries_of_kinds(kinds)

    def number_of_kinds(self, kinds: Collection[str], *, at_once: bool = False) -> int | None:
        return self._journal.number_of_kinds(kinds, at_once=at_once)

    def request_sheets(self) -> tuple[RequestSheet, ...]:
        held = self._journal.sheets()
        return tuple(RequestSheet(s.serial, s.patient, s.issued) for s in held if s.form == FORM and s.patient)

    def declared(self) -> Mapping[str, tuple[str, Moment, str]]:
        return {s: (d.state, d.since, d.staff) for s, d in self._journal.declarations().items()}
