"""How far each entry has come on its way back: restoration's ledger over the encrypted journal (DESIGN D8).

Implements `localdb.restore.ledger.Ledger`, which states the rules. Attempts and outcomes are local; what a person
decides is also in the signed log.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from localdb.chart.views import Entry
from localdb.journal.entries import entries
from localdb.journal.errors import SendingBusy
from localdb.journal.log import Log
from localdb.restore.ledger import Delivery
from localdb.store.errors import translated

_ATTEMPT = """INSERT INTO delivery VALUES (?, 'sent', '', x'5B5D', 1, ?, '')
    ON CONFLICT(entry) DO UPDATE SET state = 'sent', attempts = attempts + 1, target = excluded.target"""
_OUTCOME = """INSERT INTO delivery VALUES (?, ?, ?, ?, 0, '', '') ON CONFLICT(entry) DO UPDATE
    SET state = excluded.state, reason = excluded.reason, resources = excluded.resources"""
_SELECT = "SELECT entry, state, reason, resources, attempts, target, decision FROM delivery"


class DeliveryLedger:
    """The journal as restoration sees it. `lock` is the file whose lock `sending` holds."""

    def __init__(self, log: Log, lock: Path) -> None:
        self._log, self._lock = log, lock

    def entries(self) -> tuple[Entry, ...]:
        """All entries of all devices here, in the order in which they were written."""
        return entries(self._log)

    def deliveries(self) -> Mapping[str, Delivery]:
        """Entry id -> its record; an entry that is missing is `kept`."""
        with self._log.reading() as connection:
            return {
                entry: Delivery(state, reason, _resources(resources), attempts, target, decision)
                for entry, state, reason, resources, attempts, target, decision in connection.execute(_SELECT)
            }

    def record_attempt(self, entry_ids: Sequence[str], target: str) -> None:
        """Sets `sent` and counts the attempt; on disk before it returns, so that a kill leaves it ambiguous."""
        with self._log.writing() as connection:
            connection.executemany(_ATTEMPT, [(entry, target) for entry in entry_ids])

    def record_outcome(self, outcomes: Mapping[str, Delivery]) -> None:
        """Sets state, reason and resources of each, all or none; on disk before it returns."""
        with self._log.writing() as connection:
            _write(connection, outcomes)

    def record_decision(self, entry_id: str, decision: str, who: str, outcome: Delivery) -> None:
        """What a person decided about an entry: here and in the signed log, in one transaction."""
        with self._log.writing() as connection:
            _write(connection, {entry_id: outcome})
            connection.execute("UPDATE delivery SET decision = ? WHERE entry = ?", (decision, entry_id))
            said = {"state": outcome.state, "reason": outcome.reason, "resources": list(outcome.resources)}
            self._log.append("decision", {"entry": entry_id, "decision": decision, "who": who, "outcome": said})

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Held while one `send` runs. Raises restore.busy where another process holds it."""
        with translated():
            handle = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(handle)
            yield
        finally:
            os.close(handle)  # closing frees the lock, also when the process is killed


def _resources(data: bytes) -> tuple[str, ...]:
    return msgspec.json.decode(data, type=tuple[str, ...])


def _write(connection: Any, outcomes: Mapping[str, Delivery]) -> None:
    rows = [(e, d.state, d.reason, msgspec.json.encode(d.resources)) for e, d in outcomes.items()]
    connection.executemany(_OUTCOME, rows)


def _take(handle: int) -> None:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise SendingBusy("Entries are being sent by another process.") from None
