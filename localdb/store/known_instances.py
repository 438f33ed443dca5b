"""Which instances of an archive's list are here already, by their SOP Instance UIDs (owner of the intake only)."""

from __future__ import annotations

from collections.abc import Sequence

from localdb.records.ids import record_id
from localdb.store.image_room import to_ask_again
from localdb.store.opening import Connection

_PART = 500


def here(connection: Connection, source: str, uids: Sequence[str]) -> set[str]:
    """Those that `source` delivered: their facts are here, whatever became of their pixels; but for those whose pixels were
    let go under other rules than those that hold now."""
    of: dict[str, str] = {record_id(source, "instance", uid): uid for uid in uids}
    known = _found(connection, "select distinct id from fact where id in ({})", (), list(of))
    return {of[one] for one in known - to_ask_again(connection, sorted(known))}


def set_aside(connection: Connection, source: str, uids: Sequence[str]) -> set[str]:
    """Those that came from `source` and wait for a person: to fetch them again would change nothing."""
    return _found(
        connection,
        "select distinct source_id from aside where settled is null and source=? and source_id in ({})",
        (source,),
        list(uids),
    )


def _found(connection: Connection, question: str, first: tuple[str, ...], ids: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(ids), _PART):
        part = ids[start : start + _PART]
        found |= {r[0] for r in connection.execute(question.format(",".join("?" * len(part))), (*first, *part))}
    return found
