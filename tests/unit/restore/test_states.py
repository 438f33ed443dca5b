"""The table of delivery states (DESIGN D8, STYLE §3.12)."""

from __future__ import annotations

import pytest

from localdb.restore.errors import StateBroken
from localdb.restore.ledger import Delivery
from localdb.restore.reasons import WORDS, reason
from localdb.restore.states import DECISIONS, ONGOING, STATES, after


def test_a_restart_changes_no_state_and_sent_stays_ambiguous() -> None:
    assert {state: after(state, "restarted") for state in STATES} == {state: state for state in STATES}
    assert after("sent", "queued") == "sent"


def test_every_step_leads_to_a_known_state() -> None:
    events = ("queued", "held_back", "left", "found", "not_taken", "no_answer", "turned_down", "unclear", *DECISIONS)
    reached = set()
    for state in STATES:
        for event in events:
            try:
                reached.add(after(state, event))
            except StateBroken as broken:
                assert broken.code == "restore.state"
    assert reached == set(STATES) - {"kept"}


@pytest.mark.parametrize("event", ["left", "turned_down", "send_again", "queued", "unclear"])
def test_confirmed_is_final(event: str) -> None:
    with pytest.raises(StateBroken):
        after("confirmed", event)


@pytest.mark.parametrize("state", ["refused", "needs_person"])
def test_only_a_person_moves_what_waits_for_one(state: str) -> None:
    assert state not in ONGOING
    assert after(state, "send_again") == "waiting"
    assert after(state, "already_there") == "confirmed"
    assert after(state, "enter_by_hand") == "needs_person"
    with pytest.raises(StateBroken):
        after(state, "left")


def test_nothing_is_refused_before_it_left() -> None:
    with pytest.raises(StateBroken):
        after("kept", "turned_down")


def test_a_reason_has_a_code_and_words() -> None:
    assert reason("restore.partly", held=2, count=3, status=422) == (
        "restore.partly: the target took 2 of 3 parts and not the rest (status 422)"
    )
    assert all(code.startswith("restore.") and words for code, words in WORDS.items())
    assert Delivery().state == "kept"
