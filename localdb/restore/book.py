"""The delivery records during one run: every step goes through the table of `states.py` and then to the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from localdb.restore.ledger import Delivery, Ledger
from localdb.restore.reasons import reason
from localdb.restore.states import after


class Step(msgspec.Struct, frozen=True):
    """One event of one entry, with what is to be recorded."""

    event: str
    reason: str
    resources: tuple[str, ...] | None = None


class Book:
    """Reads the ledger once, then keeps step with what it writes there."""

    def __init__(self, ledger: Ledger, target: str) -> None:
        self._ledger = ledger
        self._target = target
        self._under_way: set[str] = set()
        self._records = {i: _restarted(d) for i, d in ledger.deliveries().items()}

    def of(self, entry_id: str) -> Delivery:
        return self._records.get(entry_id) or Delivery()

    def queue(self, entry_ids: Iterable[str]) -> None:
        """Everything that nobody has looked at yet goes into the queue, in one transaction."""
        steps = {i: Step("queued", reason("restore.queued")) for i in entry_ids if self.of(i).state == "kept"}
        self.note(steps)

    def left(self, entry_ids: Sequence[str]) -> None:
        """A request about these entries is about to leave: `sent` is on disk before it does.

        An entry that this run has put under way already stands as `sent` there: its later requests need no new record.
        """
        fresh = [i for i in entry_ids if i not in self._under_way]
        if not fresh:
            return
        for entry_id in fresh:
            self._set(entry_id, Step("left", reason("restore.no_answer")), attempts=1)
        self._ledger.record_attempt(fresh, self._target)
        self._under_way.update(fresh)

    def note(self, steps: Mapping[str, Step]) -> None:
        if steps:
            self._under_way.difference_update(steps)
            self._ledger.record_outcome({i: self._set(i, step) for i, step in steps.items()})

    def _set(self, entry_id: str, step: Step, attempts: int = 0) -> Delivery:
        old = self.of(entry_id)
        new = msgspec.structs.replace(
            old,
            state=after(old.state, step.event),
            reason=step.reason,
            resources=old.resources if step.resources is None else step.resources,
            attempts=old.attempts + attempts,
        )
        self._records[entry_id] = new
        return new


def _restarted(delivery: Delivery) -> Delivery:
    return msgspec.structs.replace(delivery, state=after(delivery.state, "restarted"))
