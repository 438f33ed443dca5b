"""A person's decision about an entry that the target refused or that only a person can settle (DESIGN §1.6).

already_there   it stands at the target by other means: closed
send_again      the cause is gone: back into the queue
enter_by_hand   somebody will type it: it stays open until someone says that it is there
"""

from __future__ import annotations

import msgspec

from localdb.restore.errors import DecisionRefused
from localdb.restore.ledger import Delivery, Ledger
from localdb.restore.reasons import reason
from localdb.restore.states import DECISIONS, after

_REASONS = {
    "already_there": "restore.person_there",
    "send_again": "restore.person_again",
    "enter_by_hand": "restore.person_hand",
}


def decide(ledger: Ledger, entry_id: str, decision: str, who: str) -> Delivery:
    """Records the decision, with who took it, in the ledger and the signed log.

    Raises DecisionRefused (`restore.decision`): unknown entry or decision, or an entry that waits for none.
    """
    if decision not in DECISIONS:
        raise DecisionRefused(f"a decision is one of {', '.join(DECISIONS)}")
    if entry_id not in {entry.id for entry in ledger.entries()}:
        raise DecisionRefused("there is no such entry on this laptop")
    old = ledger.deliveries().get(entry_id) or Delivery()
    if old.state not in ("refused", "needs_person"):
        raise DecisionRefused(f"the entry is {old.state}: it waits for no decision")
    outcome = msgspec.structs.replace(
        old, state=after(old.state, decision), reason=reason(_REASONS[decision]), decision=decision
    )
    ledger.record_decision(entry_id, decision, who, outcome)
    return outcome
