"""What people declared and decided: systems down or back, views, slots, settings, decisions, notices (DESIGN D5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from localdb.errors import InputRefused
from localdb.journal.log import Log
from localdb.journal.projection import project, written_at
from localdb.records.moments import Moment, from_instant, read_moment


class DeclarationRefused(InputRefused):
    """A declaration that is neither down nor back, or lies in the future."""

    code = "source.declaration"
    next_step = "Say down or back, and since when (not later than now)."


class Declaration(msgspec.Struct, frozen=True):
    """A source is `down` or `back` since a moment, as declared by a person at another."""

    source: str
    state: str
    since: Moment
    staff: str
    written: Moment


def declare(log: Log, source: str, state: str, since: datetime) -> Declaration:
    """Enters that a source is down or back; durable when it returns. Raises source.declaration."""
    if state not in ("down", "back") or not source.strip():
        raise DeclarationRefused("A source is declared down or back.")
    if since.utcoffset() is None or since > log.clock():
        raise DeclarationRefused("The time since when must be known and not lie ahead.")
    with log.writing() as connection:
        body = {"source": source, "state": state, "since": from_instant(since).text}
        row = log.append("declaration", body, happened=from_instant(since))
        project(connection, row, log.keys.device_public_key)
    return Declaration(source, state, from_instant(since), row.staff, read_moment(row.written))


def declarations(log: Log) -> dict[str, Declaration]:
    """Source -> the last declaration about it."""
    with log.reading() as connection:
        found = connection.execute("SELECT source, state, since, staff, written FROM declared").fetchall()
    return {
        source: Declaration(source, state, read_moment(since), staff, read_moment(written))
        for source, state, since, staff, written in found
    }


def record(log: Log, kind: str, body: dict[str, Any]) -> int:
    """Enters one row of a kind without a projection; durable when it returns. Returns its sequence."""
    with log.writing():
        return log.append(kind, body).sequence


def settings(log: Log) -> dict[str, Any]:
    """The newest version of the site's settings; {} where none was taken in (DESIGN D13)."""
    rows = log.rows_of_kind("setting")
    if not rows:
        return {}
    return max(rows, key=lambda row: (written_at(row), row.device, row.sequence)).content
