"""The states of a delivery as a table; a restart is one of the events (STYLE §3.12, DESIGN D8).

    kept          nobody has asked for it to be sent
    waiting       queued, or held back by an entry that it depends on; nothing of it is under way
    sent          a request left and no answer settled it: ambiguous, looked up before anything goes again
    confirmed     read back at the target, or a person said that it is there
    refused       the target answered that it does not take it
    needs_person  only a person can go on

A pair that is missing from the table is a fault of ours.
"""

from __future__ import annotations

from localdb.restore.errors import StateBroken

STATES = ("kept", "waiting", "sent", "confirmed", "refused", "needs_person")
#: States at which `send` goes on by itself; the others are closed or wait for a person.
ONGOING = frozenset({"kept", "waiting", "sent"})

_TABLE: dict[str, dict[str, str]] = {
    "kept": {
        "queued": "waiting",
        "restarted": "kept",
    },
    "waiting": {
        "queued": "waiting",
        "held_back": "waiting",  # the entry that it corrects is not confirmed
        "left": "sent",
        "found": "confirmed",  # another laptop has sent it
        "turned_down": "refused",
        "unclear": "needs_person",
        "restarted": "waiting",
    },
    "sent": {
        "queued": "sent",  # in doubt it stays until the target has been asked
        "held_back": "sent",
        "left": "sent",
        "found": "confirmed",
        "not_taken": "waiting",  # the target said so, or no byte left
        "no_answer": "sent",
        "turned_down": "refused",
        "unclear": "needs_person",
        "restarted": "sent",
    },
    "confirmed": {"restarted": "confirmed"},
    "refused": {
        "already_there": "confirmed",
        "send_again": "waiting",
        "enter_by_hand": "needs_person",
        "restarted": "refused",
    },
    "needs_person": {
        "already_there": "confirmed",
        "send_again": "waiting",
        "enter_by_hand": "needs_person",
        "restarted": "needs_person",
    },
}
DECISIONS = ("already_there", "send_again", "enter_by_hand")


def after(state: str, event: str) -> str:
    """The state after an event; StateBroken (`restore.state`) for a step that does not exist."""
    try:
        return _TABLE[state][event]
    except KeyError:
        raise StateBroken(f"a delivery cannot take the step {event} from {state}") from None
