"""Numbered forward-only schema steps, each in one transaction with its number (DESIGN D1 Schema).

A store whose number is above ours was written by a newer program: it is refused and never altered. `user_version` holds
the number, inside the encrypted file.
"""

from __future__ import annotations

from collections.abc import Sequence

from localdb.store.errors import StoreNewer, translated
from localdb.store.opening import Connection


def schema_number(connection: Connection) -> int:
    return int(connection.execute("pragma user_version").fetchone()[0])


def migrate(connection: Connection, steps: Sequence[str]) -> int:
    """Applies the steps that are missing (step n takes the store from n-1 to n). Returns the number reached.

    Raises vault.newer where the store is ahead of `steps`.
    """
    with translated():
        held = schema_number(connection)
        if held > len(steps):
            raise StoreNewer("The store was written by a newer Wardlamp.")
        for number in range(held + 1, len(steps) + 1):
            connection.execute("begin immediate")
            try:
                if schema_number(connection) < number:  # another process may have come first
                    for statement in _statements(steps[number - 1]):
                        connection.execute(statement)
                    connection.execute(f"pragma user_version={number}")
                connection.execute("commit")
            except BaseException:
                connection.execute("rollback")
                raise
        return len(steps)


def _statements(script: str) -> list[str]:
    """The statements of a script; our schema holds no semicolon inside a statement."""
    return [s for s in (part.strip() for part in script.split(";")) if s]
