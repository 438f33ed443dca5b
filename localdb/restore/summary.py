"""Where everything stands: the counts and the entries of `restore status` (DESIGN §5)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from localdb.restore.ledger import Delivery, Ledger
from localdb.restore.queue import in_order
from localdb.restore.reasons import reason


class EntryState(msgspec.Struct, frozen=True):
    """One entry: `reason` = `code: words` ("" none), `resources` = `Type/id` at the target."""

    id: str
    state: str
    reason: str = ""
    resources: tuple[str, ...] = ()


class Summary(msgspec.Struct, frozen=True):
    """The counts balance: kept + waiting + sent + confirmed + refused + needs_person = number of entries."""

    kept: int = 0
    waiting: int = 0
    sent: int = 0
    confirmed: int = 0
    refused: int = 0
    needs_person: int = 0
    entries: tuple[EntryState, ...] = ()

    @property
    def is_settled(self) -> bool:
        return self.confirmed == len(self.entries)

    def as_json(self) -> dict[str, Any]:
        """The object that `restore plan/send/status --json` prints."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def summary(states: tuple[EntryState, ...]) -> Summary:
    counts = Counter(state.state for state in states)
    return Summary(
        kept=counts["kept"],
        waiting=counts["waiting"],
        sent=counts["sent"],
        confirmed=counts["confirmed"],
        refused=counts["refused"],
        needs_person=counts["needs_person"],
        entries=states,
    )


def why(delivery: Delivery) -> str:
    """The reason to show: an attempt is recorded without one, and a kill may leave it so."""
    is_bare = not delivery.reason or delivery.reason.startswith("restore.queued")
    return reason("restore.no_answer") if delivery.state == "sent" and is_bare else delivery.reason


def status(ledger: Ledger) -> Summary:
    """Every entry of the ledger in the order in which it is sent; asks no server."""
    deliveries = ledger.deliveries()
    states = []
    for place in in_order(ledger.entries()):
        delivery = deliveries.get(place.entry.id) or Delivery()
        states.append(EntryState(place.entry.id, delivery.state, why(delivery), delivery.resources))
    return summary(tuple(states))
