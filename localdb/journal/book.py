"""The journal as the rest of the program sees it: one object over an open log. Made by `opening`."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from localdb.chart.views import Entry, Identity
from localdb.journal import (
    audit,
    dealing,
    declarations,
    drafts,
    entries,
    exchange,
    moving,
    numbers,
    press,
    registering,
    sheets,
)
from localdb.journal.dealing import Dealt
from localdb.journal.declarations import Declaration
from localdb.journal.delivery import DeliveryLedger
from localdb.journal.drafts import Draft
from localdb.journal.entries import Receipt
from localdb.journal.exchange import Exchanged
from localdb.journal.log import Clock, Log
from localdb.journal.numbers import Burnt, NumberStatus, PackStatus
from localdb.journal.pack_file import Pack as NumberPack
from localdb.journal.press import Pack
from localdb.journal.registering import Registered
from localdb.journal.sheets import Balance, NewSheet, Sheet, SheetEvent, Story
from localdb.records.moments import read_moment
from localdb.vault.keys import Keys
from localdb.vault.staff import SlotChange


class Journal:
    """Everything that the ward did. One object may be shared by threads (they take turns); each process opens its own.

    Every method that writes is durable when it returns, and raises disk.full, disk.read_only or vault.damaged when it
    could not write.
    """

    def __init__(self, connection: Any, keys: Keys, clock: Clock, folder: Path) -> None:
        self.log = Log(connection, keys, clock, folder)
        self.ledger = DeliveryLedger(self.log, folder / "sending.lock")
        self._copy: Path | None = None

    def hold_copy(self, copy: Path) -> None:
        """The journal is a copy in a temporary folder, because its disk takes no writes: to be read only, and removed
        when it is closed."""
        self._copy, self.log.is_read_only = copy, True

    # --- entries --------------------------------------------------------------------------------------------------
    def append_entry(self, kind: str, identity: Identity, body: dict[str, Any], corrects: str | None = None) -> Receipt:
        """See `entries.append_entry`. Raises entry.*."""
        return entries.append_entry(self.log, kind, identity, body, corrects)

    def entries(self, ids: Collection[str] | None = None) -> tuple[Entry, ...]:
        """All entries, or those of any of these patient ids, oldest first."""
        return entries.entries(self.log, ids)

    def entry(self, id_or_number: str) -> Entry:
        """Raises entry.unknown."""
        return entries.entry(self.log, id_or_number)

    def entry_counts(self, ids: Collection[str]) -> dict[str, int]:
        """Patient id -> number of entries."""
        return entries.entry_counts(self.log, ids)

    def entries_of_kinds(self, kinds: Collection[str]) -> tuple[Entry, ...]:
        """All entries of these kinds, oldest first."""
        return entries.of_kinds(self.log, kinds)

    def number_of_kinds(self, kinds: Collection[str], *, at_once: bool = False) -> int | None:
        """How many entries of these kinds there are; an equal number is an equal answer of `entries_of_kinds`. `at_once`:
        None while the journal is being written."""
        return entries.number_of_kinds(self.log, kinds, at_once=at_once)

    # --- temporary numbers and those who bear them ----------------------------------------------------------------
    def deal_numbers(self, prefix: str, devices: Sequence[str], size: int, *, former_gone: bool = False
                     ) -> tuple[Dealt, ...]:  # fmt: skip
        """Packs for laptops; coordinators only. Raises numbers.*, vault.not_permitted."""
        return dealing.deal(self.log, prefix, devices, size, former_gone=former_gone)

    def take_numbers(self, file: Path, words: bytes | bytearray) -> PackStatus:
        """Takes the pack that is for this laptop. Raises numbers.*."""
        return numbers.take(self.log, file, words)

    def take_pack(self, pack: NumberPack) -> PackStatus:
        """Takes a pack that this laptop dealt to itself. Raises numbers.*."""
        return numbers.take_pack(self.log, pack)

    def burn_number(self) -> Burnt:
        """The next number, on disk before it is known. Raises numbers.none, numbers.exhausted, numbers.voided."""
        return numbers.burn(self.log)

    def spoil_number(self, number: str, reason: str) -> None:
        """A burnt number that nobody got. Raises numbers.not_yours."""
        numbers.spoil(self.log, number, reason)

    def number_status(self) -> NumberStatus:
        return numbers.status(self.log)

    def register(self, body: dict[str, Any], corrects: str | None = None) -> Registered:
        """Somebody new, or a correction. Raises numbers.*, entry.*."""
        return registering.register(self.log, body, corrects)

    def identify(self, body: dict[str, Any], number: str, corrects: str | None = None) -> Receipt:
        """Who somebody registered here is believed to be. Raises registration.unknown, entry.*."""
        return registering.identify(self.log, body, number, corrects)

    # --- images that came under a wrong number -----------------------------------------------------------------------
    def move_images(
        self, identity: Identity, body: dict[str, Any], second: str, corrects: str | None = None
    ) -> Receipt:
        """Images are of `identity`; `second` has proved who they are. Raises image.*, entry.*."""
        return moving.write_move(self.log, identity, body, second, corrects)

    def move_to_correct(self, corrects: str) -> dict[str, Any]:
        """What a correction of a move goes on from. Raises entry.unknown, entry.other_kind."""
        return moving.move_to_correct(self.log, corrects)

    # --- sheets ---------------------------------------------------------------------------------------------------
    def issue_sheet(
        self,
        form: str,
        pages: int,
        *,
        patient: str | None = None,
        identity: Identity | None = None,
        blank: bool = False,
        copies: int = 1,
    ) -> str:
        """The next serial, recorded before the page is made. Raises sheet.invalid."""
        return sheets.issue_sheet(self.log, form, pages, patient=patient, identity=identity, blank=blank, copies=copies)

    def issue_sheets(self, wanted: Sequence[NewSheet]) -> tuple[str, ...]:
        """The same for many in one transaction, in order."""
        return sheets.issue_sheets(self.log, wanted)

    def move_sheet(self, serial: str, state: str, remark: str = "", to: str = "") -> Sheet:
        """Raises sheet.unknown, sheet.invalid, sheet.state, sheet.no_receiver."""
        return sheets.move_sheet(self.log, serial, state, remark, to)

    def move_sheets(self, serials: Iterable[str], state: str, remark: str = "") -> None:
        """The same for many in one transaction: all of them, or none."""
        sheets.move_sheets(self.log, serials, state, remark)

    def sheet(self, serial: str) -> Sheet:
        """Raises sheet.unknown, sheet.invalid."""
        return sheets.sheet(self.log, serial)

    def sheet_events(self, serial: str) -> tuple[SheetEvent, ...]:
        """Raises sheet.unknown, sheet.invalid."""
        return sheets.sheet_events(self.log, serial)

    def sheets(self) -> tuple[Sheet, ...]:
        return sheets.sheets(self.log)

    def sheet_stories(self) -> tuple[Story, ...]:
        """Every sheet with its steps and the identity that stood on it: what `ledger.control_lines` takes."""
        return sheets.stories(self.log)

    def balance(self) -> Balance:
        return sheets.balance(self.log)

    def packs(self, *, only_open: bool = False) -> tuple[Pack, ...]:
        """The print queue of this laptop (`journal.press`), oldest pack first."""
        return press.packs(self.log, only_open=only_open)

    # --- drafts ---------------------------------------------------------------------------------------------------
    def save_draft(self, name: str, body: dict[str, Any]) -> None:
        drafts.save_draft(self.log, name, body)

    def draft(self, name: str) -> Draft | None:
        return drafts.draft(self.log, name)

    def drafts(self) -> tuple[Draft, ...]:
        return drafts.drafts(self.log)

    def drop_draft(self, name: str) -> None:
        drafts.drop_draft(self.log, name)

    # --- what people declare and decide ----------------------------------------------------------------------------
    def declare(self, source: str, state: str, since: datetime) -> Declaration:
        """Raises source.declaration."""
        return declarations.declare(self.log, source, state, since)

    def declarations(self) -> dict[str, Declaration]:
        """Source -> the last declaration about it."""
        return declarations.declarations(self.log)

    def record_view(self, patient: str, what: str = "chart") -> None:
        """Who looked at whom, and when. On a disk that takes no writes, reading goes on without this row."""
        if self.log.is_read_only:
            return
        declarations.record(self.log, "view", {"patient": patient, "what": what})

    def recent_views(self, staff: str, limit: int) -> tuple[str, ...]:
        """The persons whom `staff` opened, the last one first, each once; of all laptops whose journal is here."""
        rows = [r for r in self.log.rows_of_kind("view") if r.staff == staff]
        rows.sort(key=lambda r: (read_moment(r.written).utc or 0, r.device, r.sequence), reverse=True)
        return tuple(dict.fromkeys(str(r.content["patient"]) for r in rows))[:limit]

    def record_slot(self, change: SlotChange) -> None:
        """Who can open the vault has changed."""
        declarations.record(
            self.log,
            "slot",
            {
                "act": change.act,
                "staff": change.staff,
                "role": change.role,
                "kind": change.kind,
                "slot": change.slot,
                "revision": change.revision,
            },
        )

    def record_settings(self, settings: dict[str, Any]) -> None:
        """A new version of the site's settings, signed by being here (D13)."""
        declarations.record(self.log, "setting", settings)

    def settings(self) -> dict[str, Any]:
        """The newest version; {} where there is none."""
        return declarations.settings(self.log)

    def record_link(self, act: str, one: str, other: str) -> None:
        """Who said that two patient ids are one person (`join`) or are not (`part`)."""
        declarations.record(self.log, "decision", {"act": act, "patients": [one, other]})

    def record_notice(self, words: str) -> None:
        """Something that happened to the journal itself (set aside, restored); no patient data."""
        declarations.record(self.log, "notice", {"words": words})

    # --- other laptops ----------------------------------------------------------------------------------------------
    def exchange_out(self, file: Path, words: bytes | bytearray, kdf: str = "standard") -> Exchanged:
        """Raises vault.weak_secret, disk.full, disk.read_only."""
        return exchange.exchange_out(self.log, file, words, kdf)

    def exchange_in(self, file: Path, words: bytes | bytearray) -> Exchanged:
        """Raises exchange.*, vault.missing."""
        return exchange.exchange_in(self.log, file, words)

    # --- proof ----------------------------------------------------------------------------------------------------
    def verify(self) -> audit.Verification:
        """Checks every page, chain and signature."""
        return audit.verify(self.log)

    def close(self) -> None:
        self.log.connection.close()
        if self._copy is not None:
            shutil.rmtree(self._copy, ignore_errors=True)
