"""What restoration needs of the journal, and nothing more (DESIGN §3 "intent and delivery are two objects").

The journal implements `Ledger` over its encrypted store; the tests bring ledgers of their own. Rules that every
implementation keeps:

- `record_attempt` is on disk (synced) before it returns: a request leaves only after it, so that a kill at any moment
  leaves `sent`, which is ambiguous and never failed (DESIGN D8);
- `record_outcome` is on disk before it returns; several entries are one transaction, all or nothing;
- an entry without a record is `kept`; records are only ever replaced, never deleted;
- `record_decision` also enters the signed log (D5), with who decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from localdb.chart.views import Entry


class Delivery(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far one entry has come.

    `state` one of `states.STATES`; `reason` = code + ": " + words ("" where there is nothing to say), no patient data;
    `resources` = `Type/id` at the target; `attempts` = how often it was put under way; `target` = base
    URL of the last one; `decision` = what a person decided last ("" none).
    """

    state: str = "kept"
    reason: str = ""
    resources: tuple[str, ...] = ()
    attempts: int = 0
    target: str = ""
    decision: str = ""


class Ledger(Protocol):
    """The journal as restoration sees it."""

    def entries(self) -> tuple[Entry, ...]:
        """All entries of all devices here, in the order in which they were written."""
        ...

    def deliveries(self) -> Mapping[str, Delivery]:
        """Entry id -> its record; an entry that is missing is `kept`."""
        ...

    def record_attempt(self, entry_ids: Sequence[str], target: str) -> None:
        """Sets `sent`, `target`, and adds one to `attempts`; `resources` stay. Durable before it returns."""
        ...

    def record_outcome(self, outcomes: Mapping[str, Delivery]) -> None:
        """Sets `state`, `reason` and `resources` of each; `attempts`, `target`, `decision` stay as recorded."""
        ...

    def record_decision(self, entry_id: str, decision: str, who: str, outcome: Delivery) -> None:
        """Sets `decision` and, in the same transaction, `outcome`; keeps both with `who` in the signed log."""
        ...

    def sending(self) -> AbstractContextManager[None]:
        """Held while one `send` runs; raises `restore.busy` (EnvironmentFault) if another process holds it."""
        ...
