"""Thresholds, words and gaps of CLINICAL §7.1."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from localdb.chart import staleness as s
from localdb.chart.views import SourceAge
from localdb.records.moments import from_instant, read_moment
from localdb.records.vocabulary import LISTS

CUT = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize("kind", sorted(set(LISTS.values()) | {"patient"}))
def test_each_kind_turns_at_its_two_thresholds(kind: str) -> None:
    amber, red = s.THRESHOLDS[kind]
    wanted = [(0, "fresh"), (amber - 1, "fresh"), (amber, "ageing"), (red - 1, "ageing"), (red, "not_safe")]
    found = [(m, s.staleness(from_instant(CUT), CUT + timedelta(minutes=m), kind).state) for m, _ in wanted]
    assert found == wanted


def test_words_age_and_gap() -> None:
    made = s.staleness(from_instant(CUT), CUT + timedelta(minutes=37), "result", source="LIMS")
    assert (made.word, made.age, made.as_of, made.minutes) == ("ageing", "37min", "24-Nov-2026 02:10", 37)
    assert made.gap == "Between 02:10 and 02:47 something may have been recorded that is not here."


def test_a_declared_downtime_freezes_the_state_and_not_the_age() -> None:
    down = CUT + timedelta(minutes=5)
    made = s.staleness(from_instant(CUT), CUT + timedelta(hours=9), "result", down)
    assert (made.state, made.age) == ("fresh", "9hr")
    assert made.gap == "Between 02:10 and 02:15 something may have been recorded that is not here."
    assert s.staleness(from_instant(CUT), CUT + timedelta(hours=9), "result", from_instant(CUT)).gap == ""


def test_never_and_clock() -> None:
    assert s.staleness(None, CUT, "result").state == "never"
    assert s.staleness(read_moment("nonsense"), CUT, "result").state == "never"
    wrong = s.staleness(from_instant(CUT), CUT - timedelta(minutes=3), "result")
    assert (wrong.state, wrong.age) == ("clock_unreliable", "clock unreliable")
    assert s.staleness(from_instant(CUT), CUT - timedelta(minutes=1), "result").age == "0min"
    other = s.staleness(from_instant(CUT), CUT + timedelta(hours=1), "result", newest=CUT + timedelta(hours=2))
    assert other.state == "clock_unreliable"


def test_a_date_counts_from_its_first_minute() -> None:
    made = s.staleness(read_moment("2026-11-24"), CUT, "document")
    assert (made.age, made.as_of) == ("2hr 10min", "24-Nov-2026")


def test_a_heartbeat_carries_a_complete_source_forward_and_a_message_does_not() -> None:
    now = CUT + timedelta(minutes=50)
    beat = from_instant(CUT + timedelta(minutes=45))
    quiet = SourceAge(source="LIMS", kinds={"result": from_instant(CUT)}, cut=from_instant(CUT), heartbeat=beat)
    dead = SourceAge(source="LIMS", kinds={"result": from_instant(CUT)}, cut=from_instant(CUT), last_message=beat)
    partial = SourceAge(source="LIMS", kinds={"result": from_instant(CUT)}, heartbeat=beat, state="partial")
    assert [s.of_kind((x,), "result", now)[0].state for x in (quiet, dead, partial)] == ["fresh", "ageing", "ageing"]


def test_the_worst_source_and_kind_come_first() -> None:
    now = CUT + timedelta(hours=3)
    old, new = from_instant(CUT), from_instant(now)
    lims = SourceAge(source="LIMS", kinds={"result": old, "report": new}, cut=old)
    poct = SourceAge(source="POCT", kinds={"result": new, "observation": None}, cut=new)
    assert [(x.source, x.state) for x in s.of_kind((poct, lims), "result", now)] == [
        ("LIMS", "not_safe"),
        ("POCT", "fresh"),
    ]
    assert s.of_source(lims, now).state == "not_safe"
    assert s.of_source(poct, now).state == "never"
    assert s.of_source(SourceAge(source="RIS", state="never"), now).state == "never"
    assert s.of_kind((lims,), "image", now) == ()


def test_a_declared_source_is_weighed_by_its_own_declaration() -> None:
    now = CUT + timedelta(hours=5)
    down = SourceAge(source="EPR", kinds={"stay": from_instant(CUT)}, declared="down", declared_since=from_instant(CUT))
    back = SourceAge(source="EPR", kinds={"stay": from_instant(CUT)}, declared="back", declared_since=from_instant(CUT))
    assert [s.of_kind((x,), "stay", now)[0].state for x in (down, back)] == ["fresh", "not_safe"]
