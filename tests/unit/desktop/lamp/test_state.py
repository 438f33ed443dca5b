"""The lamp's six states and the cells of the age strip (look/12)."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from desktop.lamp.state import cells, lamp, short_time
from localdb.chart.staleness import AGEING, FRESH, NEVER, NOT_SAFE
from localdb.records.moments import from_instant
from tests.unit.desktop.ward_house import NOW, source

FIVE_TO = from_instant(NOW - timedelta(minutes=25))


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def test_safe_ageing_not_safe_by_the_worst_core_part() -> None:
    letters = source("docs", timedelta(days=3), ("document",))
    states = [lamp((source("pas", minutes(m)), letters), NOW) for m in (2, 15, 60)]
    assert [(s.shape, s.word) for s in states] == [("lit", "SAFE"), ("low", "AGEING"), ("out", "NOT SAFE")]
    assert states[0].line == "Copy to 03:10, 2min old"
    assert states[2].must_acknowledge
    assert not lamp((source("pas", minutes(60)),), NOW, acknowledged=True).must_acknowledge


def test_declared_downtime_counts_the_age_from_the_cut_and_names_since_when() -> None:
    down = source("pas", minutes(32), declared="down", declared_since=FIVE_TO)
    shown = lamp((down,), NOW)
    assert (shown.shape, shown.word, shown.line) == ("low", "COPY, not live", "to 02:40, 32min old")
    assert (shown.box, shown.box_line, shown.filled) == ("DOWNTIME", "since 02:47", True)


def test_one_system_down_splits_the_lamp() -> None:
    labs = source("lims", minutes(64), ("result",), declared="down", declared_since=FIVE_TO)
    shown = lamp((source("pas", minutes(1)), labs), NOW)
    assert (shown.shape, shown.word) == ("split", "LIMS DOWN")
    assert shown.line == "rest is live, lims to 02:08"
    assert not shown.filled


def test_back_is_day_and_nothing_read_is_out() -> None:
    back = source("pas", minutes(32), declared="back", declared_since=FIVE_TO)
    assert lamp((back,), NOW, restoring=(41, 126)).box_line == "41 of 126"
    assert lamp((back,), NOW).word == "LIVE IS BACK"
    assert lamp((), NOW).word == "NOT SAFE"


def test_equal_ages_share_a_cell_and_the_worst_stands_first() -> None:
    bank = source("bank", timedelta(hours=5), ("result",))
    never = replace(source("appointments", minutes(0), ("appointment",)), kinds={"appointment": None}, cut=None)
    made = cells((source("pas", minutes(2)), bank, never), NOW)
    assert [c.state for c in made] == [NOT_SAFE, NEVER, FRESH]
    assert made[0].text == "Labs (bank) 23-Nov 22:12".replace("23-Nov 22:12", short_time(bank.cut, NOW)) + " not safe"
    assert made[1].text == "Appointments never came"
    assert not made[1].time
    whole = cells((source("pas", minutes(2)),), NOW)
    assert [c.text for c in whole] == ["All 9 parts 03:10"]


def test_who_is_here_counts_from_the_freshest_source_only() -> None:
    docs = source("docs", timedelta(hours=3), ("document", "patient"))
    made = cells((source("pas", minutes(2)), docs), NOW)
    assert {c.state for c in made} == {FRESH}


def test_in_declared_downtime_the_colour_shows_the_gap_at_the_cut() -> None:
    down = source("pas", timedelta(hours=2), declared="down", declared_since=from_instant(NOW - timedelta(minutes=100)))
    assert {c.state for c in cells((down,), NOW)} == {AGEING, FRESH}
