"""Making, opening and setting aside `journal.db`.

Rules: a journal is made once, with its vault; one that is missing later is `vault.missing` and never quietly made anew,
because its numbers would be given twice. A journal that cannot be read is set aside under another name, never deleted;
one that has lost its end (`witness`) stays in use, and `audit verify` names the loss ever after; so does one that was
copied to another machine while it held temporary numbers. In each case the laptop goes on under a **new device code and
key**, so that no number or serial repeats.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from localdb.durable import sync_folder
from localdb.journal.book import Journal
from localdb.journal.log import Clock, Device
from localdb.journal.numbers import newest_machine
from localdb.journal.schema import STEPS
from localdb.journal.witness import read_witness
from localdb.store.errors import StoreDamaged, translated
from localdb.store.migrations import migrate, schema_number
from localdb.store.opening import Connection, open_durable
from localdb.vault.keys import Keys
from localdb.vault.machine import machine_id
from localdb.vault.slots import wipe
from localdb.vault.staff import renew_device

JOURNAL_FILE = "journal.db"


def _connect(path: Path, keys: Keys, *, create: bool) -> Connection:
    file = path / JOURNAL_FILE
    if not create and file.is_file() and file.stat().st_size == 0:
        raise StoreDamaged("The journal is empty.")  # cut to nothing; SQLite would quietly make a new one
    key = keys.journal_key()
    try:
        connection = open_durable(file, key, create=create)
    finally:
        wipe(key)
    try:
        with translated():
            connection.execute("pragma secure_delete=ON")
        if not create and schema_number(connection) == 0:
            raise StoreDamaged("The journal is empty.")
        migrate(connection, STEPS)
    except BaseException:
        connection.close()
        raise
    return connection


def create_journal(path: Path, keys: Keys, clock: Clock, notice: str = "") -> None:
    """A new, empty journal of this device (give it to `create_vault` as part of `furnish`).

    Its first row says that it began. Raises vault.damaged where there is one already, disk.full, disk.read_only.
    """
    if (path / JOURNAL_FILE).exists():
        raise StoreDamaged("There is a journal already.")
    journal = Journal(_connect(path, keys, create=True), keys, clock, path)
    try:
        with translated():
            (path / JOURNAL_FILE).chmod(0o600)
        _begin(journal, *([("notice", {"words": notice})] if notice else []))
    finally:
        journal.close()
    with translated():
        sync_folder(path)


def open_journal(path: Path, keys: Keys, clock: Clock) -> Journal:
    """The journal of an unlocked vault. Each process opens its own; threads may share it.

    On a disk that takes no writes it can be read, and every write raises disk.read_only. Raises vault.missing,
    vault.damaged, vault.newer, disk.full.
    """
    file = path / JOURNAL_FILE
    if file.exists() and not (os.access(path, os.W_OK) and os.access(file, os.W_OK)):
        return _open_copy(path, keys, clock)
    journal = Journal(_connect(path, keys, create=False), keys, clock, path)
    try:
        known = {device.code: device for device in journal.log.devices()}
        own = known.get(keys.device)
        if own is None and known:
            _begin(journal)  # a crash came between the new device and its first row
        elif own is None:
            raise StoreDamaged("The journal knows no device.")
        elif own.public != keys.device_public_key:
            raise StoreDamaged("The journal is not this device's.")
        else:
            _go_on_after_loss(path, journal, own)
            _go_on_after_copy(path, journal)
    except BaseException:
        journal.close()
        raise
    return journal


def _open_copy(path: Path, keys: Keys, clock: Clock) -> Journal:
    """The journal on a read-only disk: its log must be replayed to be read, so this happens to a copy, as encrypted."""
    with translated():
        copy = Path(tempfile.mkdtemp(prefix="wardlamp-"))
        try:
            for tail in ("", "-wal"):
                held = path / (JOURNAL_FILE + tail)
                if held.exists():
                    shutil.copyfile(held, copy / held.name)
            journal = Journal(_connect(copy, keys, create=False), keys, clock, path)
        except BaseException:
            shutil.rmtree(copy, ignore_errors=True)
            raise
    journal.hold_copy(copy)
    return journal


def _begin(journal: Journal, *first: tuple[str, dict[str, Any]]) -> None:
    """The first rows of this device's chain, all at once."""
    log, keys = journal.log, journal.log.keys
    with log.writing():
        log.add_device(keys.device, keys.device_public_key, keys.vault_id)
        log.append("begin", {"device": keys.device, "public": keys.device_public_key.hex()})
        for kind, body in first:
            log.append(kind, body)


def _go_on_after_loss(path: Path, journal: Journal, own: Device) -> None:
    """Where the witness has seen more of our chain than is here: a new device, so that no lost number repeats."""
    seen = read_witness(path, journal.log.keys)
    if seen is None or seen.device != own.code or seen.sequence <= own.sequence:
        return
    renew_device(path, journal.log.keys)
    _begin(journal, ("loss", {"device": own.code, "held": own.sequence, "seen": seen.sequence}))


def _go_on_after_copy(path: Path, journal: Journal) -> None:
    """Where this device holds temporary numbers (or deals them) and the vault has come to another machine since: a new
    device, so that the copy gives no number and no serial that the first one gives too. A laptop without packs (a feeding
    machine in a container, whose machine changes) is left alone."""
    log, keys = journal.log, journal.log.keys
    former = newest_machine(log, keys.device)
    here = keys.machine_mark(machine_id())
    if not former or not here or former == here:
        return
    code = keys.device
    held = next(device.sequence for device in log.devices() if device.code == code)
    renew_device(path, keys)
    _begin(journal, ("clone", {"device": code, "held": held}))


def set_aside_damaged(path: Path, keys: Keys, clock: Clock) -> Path:
    """Renames an unreadable (or missing) journal with the time, starts a fresh one under a new device code, and says so
    in its first rows. Returns where the old one is. `keys` signs as the new device afterwards.

    Only ever called when a person asked for it. Raises disk.full, disk.read_only.
    """
    former, stamp = keys.device, clock().strftime("%Y%m%dT%H%M%S")
    aside = path / f"journal-{former}-{stamp}.db"
    with translated():
        for tail in ("", "-wal", "-shm"):
            held = path / (JOURNAL_FILE + tail)
            if held.exists():
                os.replace(held, path / (aside.name + tail))
        sync_folder(path)
    device = renew_device(path, keys)
    create_journal(path, keys, clock, f"The journal of device {former} was set aside as unreadable; this is {device}.")
    return aside
