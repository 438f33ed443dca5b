"""Drafts: what was being typed, kept on this laptop only, encrypted with the journal (DESIGN D5).

A draft is no entry: it has no number, is never sent, and goes when it is dropped.
"""

from __future__ import annotations

from typing import Any

import msgspec

from localdb.journal.log import Log, canonical
from localdb.records.moments import Moment, read_moment


class Draft(msgspec.Struct, frozen=True):
    """`name` as the window chose it, when and by whom it was saved, the body as given."""

    name: str
    saved: Moment
    staff: str
    body: dict[str, Any]


def save_draft(log: Log, name: str, body: dict[str, Any]) -> None:
    """Keeps (or replaces) a draft; durable when it returns. Raises disk.full, disk.read_only."""
    with log.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO draft VALUES (?, ?, ?, ?)", (name, log.now().text, log.keys.staff, canonical(body))
        )


def draft(log: Log, name: str) -> Draft | None:
    with log.reading() as connection:
        found = connection.execute("SELECT name, saved, staff, body FROM draft WHERE name = ?", (name,)).fetchone()
    return None if found is None else _draft(found)


def drafts(log: Log) -> tuple[Draft, ...]:
    """All drafts, the newest first."""
    with log.reading() as connection:
        found = connection.execute("SELECT name, saved, staff, body FROM draft").fetchall()
    return tuple(sorted(map(_draft, found), key=lambda d: (-(d.saved.utc or 0), d.name)))


def drop_draft(log: Log, name: str) -> None:
    """Forgets a draft; nothing happens where there is none."""
    with log.writing() as connection:
        connection.execute("DELETE FROM draft WHERE name = ?", (name,))


def _draft(values: tuple[Any, ...]) -> Draft:
    name, saved, staff, body = values
    return Draft(name, read_moment(saved), staff, msgspec.json.decode(body))
