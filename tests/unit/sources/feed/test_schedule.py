"""When a cut is due: soon after a change, never crowding the machine, and for a heartbeat alone once a minute."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from localdb.sources.feed.cutting import BEAT_GAP, LEAST_GAP, MOST_GAP, SETTLE, CutSchedule

PROMISE = 15.0  # DESIGN D1: a feed cuts within 15 s of a change


def test_nothing_is_due_when_nothing_came() -> None:
    assert CutSchedule().due() is None


def test_a_change_is_due_after_it_settled_however_many_follow() -> None:
    it = CutSchedule()
    for at in (100.0, 100.4, 103.0):
        it.change(at)
    assert it.due() == 100.0 + SETTLE


def test_a_heartbeat_alone_makes_a_list_at_most_once_a_minute() -> None:
    it = CutSchedule()
    it.beat(10.0)
    assert it.due() == 10.0
    it.end(10.0, 11.0, it.begin(), is_done=True)
    it.beat(12.0)
    assert it.due() == 11.0 + BEAT_GAP
    it.change(13.0)
    assert it.due() == 13.0 + SETTLE


def test_what_a_failed_cut_had_to_do_still_waits_since_it_came() -> None:
    it = CutSchedule()
    it.change(1.0)
    it.end(2.0, 3.0, it.begin(), is_done=False)
    assert it.changed == 1.0
    assert it.due() is not None and it.due() > 3.0


@given(st.lists(st.floats(0.01, 20.0), min_size=1, max_size=60), st.floats(0.01, 6.0))
def test_every_change_is_cut_within_the_promise_while_a_cut_takes_seconds(gaps: list[float], took: float) -> None:
    it, now, seen_at, waits = CutSchedule(), 0.0, {}, []
    for gap in gaps:
        arrives = now + gap
        while (due := it.due()) is not None and due <= arrives:
            begins = max(due, now)
            seen = it.begin()
            waits += [begins + took - at for at in seen_at]
            seen_at = {}
            now = begins + took
            it.end(begins, now, seen, is_done=True)
        now = max(now, arrives)
        it.change(arrives)
        seen_at[arrives] = True
    assert all(w <= PROMISE for w in waits)


@given(st.floats(0.0, 500.0))
def test_a_long_cut_rests_the_machine_but_not_for_ever(took: float) -> None:
    it = CutSchedule()
    it.change(0.0)
    it.end(0.0, took, it.begin(), is_done=True)
    it.change(took)
    due = it.due()
    assert due is not None and LEAST_GAP - 1e-6 <= due - took <= MOST_GAP + 1e-6
