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


def alive(name: str, age: float, kinds: tuple[str, ...], sign: float, **rest: object):  # type: ignore[no-untyped-def]
    """A source whose last message is `age` and whose last sign of life `sign` minutes old; 30 are expected."""
    made = source(name, minutes(age), kinds)
    beat = from_instant(NOW - minutes(sign))
    return replace(made, last_message=made.cut, heartbeat=beat, expected=30, **rest)


def test_several_down_are_counted_and_the_rest_is_live() -> None:
    down = {"declared": "down", "declared_since": FIVE_TO}
    sources = (source("pas", minutes(1)), source("lims", minutes(64), ("result",), **down),
               source("ris", minutes(30), ("report",), **down))  # fmt: skip
    shown = lamp(sources, NOW)
    assert (shown.shape, shown.word, shown.line) == ("split", "2 SYSTEMS DOWN", "rest is live, these to 02:08")
    assert (shown.box, shown.box_line) == ("2 SYSTEMS DOWN", "since 02:47")


def test_one_of_several_is_back_while_another_is_still_down() -> None:
    lims = source("lims", minutes(64), ("result",), declared="down", declared_since=FIVE_TO)
    back = source("pas", minutes(1), declared="back", declared_since=FIVE_TO)
    shown = lamp((back, lims), NOW)
    assert (shown.shape, shown.word) == ("split", "LIMS DOWN")


def test_one_system_is_back_while_the_others_lived_all_along() -> None:
    lims = source("lims", minutes(1), ("result",), title="Laboratory", declared="back", declared_since=FIVE_TO)
    shown = lamp((source("pas", minutes(1)), lims), NOW, restoring=(3, 9))
    assert (shown.shape, shown.word, shown.line) == ("day", "LABORATORY BACK", "since 02:47: use live, not the copy")
    assert (shown.box, shown.box_line) == ("RESTORING", "3 of 9")


def test_back_ends_after_a_shift_when_what_came_has_passed_it_and_nothing_waits() -> None:
    yesterday = from_instant(NOW - timedelta(hours=20))
    back = source("pas", minutes(2), declared="back", declared_since=yesterday)
    assert lamp((back,), NOW).word == "SAFE"
    assert lamp((back,), NOW, restoring=(9, 9)).word == "SAFE"
    assert lamp((back,), NOW, restoring=(3, 9)).word == "LIVE IS BACK"
    old = source("pas", timedelta(hours=21), declared="back", declared_since=yesterday)
    assert lamp((old,), NOW).word == "LIVE IS BACK", "nothing has come since: it only was declared"
    just = source("pas", minutes(2), declared="back", declared_since=from_instant(NOW - timedelta(hours=11)))
    assert lamp((just,), NOW).word == "LIVE IS BACK"


def test_a_silent_source_without_a_core_part_is_named_and_asks_nobody() -> None:
    pacs = alive("pacs", 100, ("image",), 100)
    shown = lamp((alive("pas", 1, ("patient", "stay"), 1), pacs), NOW)
    assert (shown.shape, shown.word, shown.line) == ("low", "AGEING", "pacs silent since 01:32")
    assert not shown.must_acknowledge


def test_quiet_and_silent_have_cells_of_their_own() -> None:
    sources = (alive("pas", 1, ("patient", "stay"), 1), alive("ris", 90, ("report",), 1),
               alive("lims", 90, ("result",), 90))  # fmt: skip
    assert [(c.names, c.word) for c in cells(sources, NOW)] == [
        ("Labs", "silent"), ("Patients, beds", ""), ("Reports", "quiet"),
    ]  # fmt: skip


def test_a_clock_that_is_off_has_a_cell_behind_the_ages() -> None:
    off = replace(alive("pas", 1, ("patient", "stay"), 1), drift=-400)
    assert [c.text for c in cells((off,), NOW)] == ["All 2 parts 03:11", "Clock of pas 6min ahead of ours"]
    assert cells((off,), NOW, titles={"pas": "Wards"})[-1].names == "Clock of Wards"
