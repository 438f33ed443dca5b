"""The intake read beside its owner: what a cut needs, as of one moment, while the owner goes on writing (DESIGN D1, D12).

One read transaction of the write-ahead log from opening to closing, so that everything read belongs to one step of the
sequence. It writes nothing and takes no lock that the owner waits for.
"""

from __future__ import annotations

from pathlib import Path

from localdb.store.clocks import entries
from localdb.store.errors import StoreMissing, StoreNewer, translated
from localdb.store.generations import ClockEntry
from localdb.store.intake_schema import STEPS
from localdb.store.migrations import schema_number
from localdb.store.opening import LAYER_PAGE, Connection, open_beside


class IntakeView:
    """One moment of `intake.db`, read-only. Raises vault.missing, vault.damaged, vault.newer."""

    def __init__(self, path: Path, key: bytes | bytearray) -> None:
        self.connection: Connection = open_beside(path, key, page=LAYER_PAGE)
        try:
            with translated():
                self.connection.execute("begin")
                held = dict(self.connection.execute("select k, v from meta where k in ('epoch', 'seq')").fetchall())
                number = schema_number(self.connection)
            if number > len(STEPS):
                raise StoreNewer("The intake was written by a newer Wardlamp.")
            if number < len(STEPS) or "epoch" not in held:
                raise StoreMissing("The intake was not opened by its owner yet.")
        except BaseException:
            self.connection.close()
            raise
        self.epoch, self.sequence = str(held["epoch"]), int(held.get("seq") or 0)

    def clocks(self) -> tuple[ClockEntry, ...]:
        """As `Intake.clocks`."""
        return entries(self.connection)

    def close(self) -> None:
        self.connection.close()
