"""What was set aside, read beside the intake's owner: the list, its counts, the bytes of one unit (DESIGN D4).

Read-only, each question as of the moment when it is asked; it works while a feed runs. Bytes are patient data: they are
given to a screen or a command that asks for one unit, and never written anywhere.
"""

from __future__ import annotations

from pathlib import Path

import zstandard

from localdb.store.errors import StoreMissing, StoreNewer, translated
from localdb.store.intake_schema import STEPS
from localdb.store.migrations import schema_number
from localdb.store.opening import LAYER_PAGE, Connection, open_beside

NAMES = ("id", "source", "file", "index", "type", "code", "reason", "sha256", "first_seen", "last_seen", "times")
_SELECT = (
    "select id,source,file,position,type,code,reason,sha256,first_seen,last_seen,times from aside where settled is null"
)
AsideItem = dict[str, object]  # NAMES -> value


def items(connection: Connection, *, limit: int, newest_first: bool = False) -> list[AsideItem]:
    """At most `limit` of what has no place yet."""
    order = "last_seen desc, id desc" if newest_first else "id"
    rows = connection.execute(f"{_SELECT} order by {order} limit ?", (limit,)).fetchall()
    return [dict(zip(NAMES, r, strict=True)) for r in rows]


def bytes_of(connection: Connection, number: int) -> bytes | None:
    """The own bytes of one unit; None where nothing has that number."""
    row = connection.execute("select frame from aside where id=?", (number,)).fetchone()
    return zstandard.decompress(row[0]) if row and row[0] is not None else None


class AsideList:
    """The set-aside list of `intake.db`. Raises vault.missing (no sources are read here), vault.damaged, vault.newer."""

    def __init__(self, path: Path, key: bytes | bytearray) -> None:
        self._c = open_beside(path, key, page=LAYER_PAGE, cache_kib=2048)
        try:
            with translated():
                number = schema_number(self._c)
            if number > len(STEPS):
                raise StoreNewer("The intake was written by a newer Wardlamp.")
            if number < 1:
                raise StoreMissing("The intake was not opened by its owner yet.")
        except BaseException:
            self._c.close()
            raise

    def __enter__(self) -> AsideList:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def items(self, limit: int = 1000) -> list[AsideItem]:
        """At most `limit`, those seen last first: id, source, file, index, type, code, reason, sha256, first_seen,
        last_seen (texts of moments), times."""
        with translated():
            return items(self._c, limit=limit, newest_first=True)

    def total(self) -> int:
        with translated():
            return int(self._c.execute("select count(*) from aside where settled is null").fetchone()[0])

    def counts(self) -> dict[tuple[str, str], int]:
        """(source, code) -> how many have no place yet."""
        with translated():
            rows = self._c.execute(
                "select source, code, count(*) from aside where settled is null group by source, code"
            ).fetchall()
        return {(source, code): int(n) for source, code, n in rows}

    def waiting(self) -> dict[str, int]:
        """source -> units that wait for a patient who has not come yet."""
        with translated():
            return {s: int(n) for s, n in self._c.execute("select source, count(*) from waiting group by source")}

    def bytes_of(self, number: int) -> bytes | None:
        """The own bytes of one unit (patient data); None where nothing has that number."""
        with translated():
            return bytes_of(self._c, number)

    def close(self) -> None:
        self._c.close()
