"""The sources' clocks in the intake, and what of them reaches the laptops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from localdb.house import House
from localdb.reading import source_ages
from localdb.records.moments import from_instant
from localdb.store import clocks
from localdb.store.clocks import Sample, drift_of, with_sample
from localdb.store.generations import ClockEntry, Generation
from tests.made import NOW, person, result, write


def test_a_sign_of_life_before_any_record_is_told(house: House) -> None:
    with house.intake() as intake:
        intake.heartbeat("lims", NOW)
        intake.commit()
    house.cut()
    (age,) = house.reading().sources()
    assert (age.source, age.kinds, age.state) == ("lims", {}, "never")
    assert age.heartbeat is not None and age.heartbeat.instant == NOW


def test_each_source_and_kind_has_its_own_clock_and_count(house: House) -> None:
    early, late = (from_instant(NOW - timedelta(minutes=m)) for m in (60, 5))
    with house.intake() as intake:
        intake.advance_clock("lims", ["result"], late, {"result": 3, "patient": 1})
        intake.advance_clock("lims", ["result", "report"], early, {"result": 2})
        intake.advance_clock("pas", ["stay"], late)
        intake.commit()
        held = {(e.source, e.kind): e for e in intake.clocks()}
    assert held["lims", "result"].cut == late.text, "an earlier cut takes nothing back"
    assert held["lims", "report"].cut == early.text
    assert [held["lims", k].received for k in ("result", "patient", "report")] == [5, 1, 0]
    assert ("pas", "stay") in held


def test_what_the_site_expects_goes_with_the_list(house: House, tmp_path: Path) -> None:
    house.set_site({"sources": {"lims": {"title": "Laboratory", "quiet_after": 45}}, "source_titles": {"pas": "Wards"}})
    resources = [person(1), result("k", "p1", "4.1")]
    house.fill([write(tmp_path / "a.json", resources)], source="lims", as_of=from_instant(NOW))
    house.fill([write(tmp_path / "a.json", resources)], source="pas", as_of=from_instant(NOW))
    ages = {a.source: a for a in house.reading().sources()}
    assert (ages["lims"].title, ages["pas"].title) == ("Laboratory", "Wards")
    assert ages["lims"].expected == 0, "of what was filled from files no sign of life is expected"
    with house.intake() as intake:
        intake.heartbeat("lims", NOW)
        intake.commit()
    house.cut()
    assert {a.source: a.expected for a in house.reading().sources()} == {"lims": 45, "pas": 0}


def test_coverage_and_state_are_told_by_kind(house: House) -> None:
    with house.intake() as intake:
        intake.advance_clock("pas", ["stay", "alert"], from_instant(NOW))
        clocks.cover(intake.connection, "pas", "since 01-Jan-2024")
        clocks.set_state(intake.connection, "pas", "failed", ["alert"])
        intake.commit()
    house.cut()
    (age,) = house.reading().sources()
    assert (age.coverage, age.state) == ("since 01-Jan-2024", "partial")


def test_an_earlier_list_without_these_fields_still_reads() -> None:
    old = (
        b'{"number":3,"made":"2026-11-24T03:12:00+00:00","epoch":"e","sequence":9,'
        b'"clocks":[{"source":"lims","kind":"result"}]}'
    )
    held = msgspec.json.decode(old, type=Generation)
    assert held.clocks == (ClockEntry("lims", "result"),)
    (age,) = source_ages(held.clocks)
    assert (age.expected, age.drift, age.title, age.received) == (0, None, "", {"result": 0})


AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
STEPS = st.lists(st.tuples(st.integers(-200, 3000), st.integers(-(10**6), 10**6)), max_size=60)


@given(STEPS)
def test_samples_never_grow_and_never_lie_ahead(steps: list[tuple[int, int]]) -> None:
    held: tuple[Sample, ...] = ()
    for after, seconds in steps:
        at = AT + timedelta(seconds=after)
        held = with_sample(held, at, seconds)
        minute = int(at.timestamp()) // 60
        assert len(held) <= clocks.DRIFT_WINDOW
        assert all(minute - clocks.DRIFT_WINDOW < s.minute <= minute for s in held)
        assert [s.minute for s in held] == sorted({s.minute for s in held})
        assert any(s.minute == minute and s.seconds <= seconds for s in held)


@given(st.integers(-80_000, 80_000), st.lists(st.integers(0, 25), min_size=5, max_size=30))
def test_a_constant_difference_is_found_however_late_some_messages_are(off: int, delays: list[int]) -> None:
    held: tuple[Sample, ...] = ()
    for n, delay in enumerate(delays):
        held = with_sample(held, AT + timedelta(minutes=n), off + delay)
    found = drift_of(held)
    assert found is not None
    assert off <= found <= off + 25


@pytest.mark.parametrize("pace", [2, 10, 600])
def test_a_queue_that_drains_is_never_a_clock(pace: int) -> None:
    """Messages hours old, sent `pace` times as fast as they were made; the source's clock is right."""
    held: tuple[Sample, ...] = ()
    made, at = AT - timedelta(hours=8), AT
    while made < at:
        held = with_sample(held, at, int((at - made).total_seconds()))
        assert (drift_of(held) or 0) <= clocks.LARGE
        at += timedelta(seconds=30)
        made += timedelta(seconds=30) * pace
