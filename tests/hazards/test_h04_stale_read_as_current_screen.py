"""H04, on screen: a stale copy is read as current (CLINICAL §7.1, §7.4). The paper part stands in a file of its own.

Controls: header and age strip are worded anew for every minute from each source's own cut; at each threshold the word
changes; no clock makes an old copy look fresh. The check walks the clock over every threshold in the real window and
fails when the ages are kept instead of asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from desktop.shell.window import MainWindow
from localdb.chart.staleness import THRESHOLDS
from localdb.records.moments import from_instant
from tests.unit.desktop.ward_house import NOW, FakeHouse, source
from tests.unit.desktop.window_stage import settle, window_on

WORDS = {0: "", 1: "ageing", 2: "not safe"}


def thresholds() -> Iterator[tuple[str, int, int]]:
    """(kind, minutes, what is right) just before and at each limit, for kinds of each group."""
    for kind in ("observation", "result", "medicine", "allergy", "report", "image", "document"):
        amber, red = THRESHOLDS[kind]
        for minutes, right in ((amber - 1, 0), (amber, 1), (red - 1, 1), (red, 2), (red * 3, 2)):
            yield kind, minutes, right


def strip_words(window: MainWindow) -> str:
    return window.strip.accessibleName()


def ages_are_worded(window: MainWindow, house: FakeHouse, kind: str) -> None:
    """The check: at every threshold of `kind` the strip says the right word, at once with the minute."""
    house.at = NOW
    house.sources = (source("one", timedelta(0), ("patient", kind)),)
    window.pulse()
    settle(window.context)
    for named, minutes, right in thresholds():
        if named != kind:
            continue
        house.at = NOW + timedelta(minutes=minutes)
        window._on_tick()
        said = strip_words(window)
        part = next((p for p in said.split("; ") if kind_name(kind) in p.lower()), said)  # one cell: "All 2 parts"
        for word in ("ageing", "not safe"):
            assert (word in part) is (word == WORDS[right]), (kind, minutes, said)


def kind_name(kind: str) -> str:
    from desktop.lamp.state import PARTS

    return PARTS[kind]


KINDS = sorted({kind for kind, _, _ in thresholds()})


@pytest.mark.parametrize("kind", KINDS)
def test_the_word_changes_at_each_threshold(kind: str) -> None:
    house = FakeHouse()
    with window_on(house) as window:
        ages_are_worded(window, house, kind)


def test_sabotage_a_clock_that_is_kept_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    house = FakeHouse()
    with window_on(house) as window:
        kept = house.now()
        monkeypatch.setattr(window.context, "now", lambda: kept)
        with pytest.raises(AssertionError):
            ages_are_worded(window, house, "result")


def test_header_says_copy_and_age_in_declared_downtime() -> None:
    house = FakeHouse()
    since = from_instant(NOW - timedelta(minutes=25))
    house.sources = (source("one", timedelta(minutes=32), declared="down", declared_since=since),)
    with window_on(house) as window:
        said = window.header.lamp.accessibleName()
        assert said.startswith("COPY, not live, to 02:40, 32min old")
        assert window.header.state.accessibleName() == "DOWNTIME since 02:47"
        house.at = NOW + timedelta(hours=30)
        window._on_tick()
        assert "to 24-Nov 02:40, 1d 6hr old" in window.header.lamp.accessibleName(), "the age stopped counting"


def test_not_safe_asks_once_by_name_and_never_blocks() -> None:
    house = FakeHouse()
    house.sources = (source("one", timedelta(hours=2)),)
    with window_on(house) as window:
        assert window.lamp.must_acknowledge
        assert window.places.ward.rows, "viewing was blocked"
        window.header.state.click()
        assert not window.lamp.must_acknowledge
        assert window.lamp.word == "NOT SAFE"
        assert "Adaeze Obi" in window.status.accessibleName()


def test_a_clock_before_the_copy_never_looks_fresh() -> None:
    house = FakeHouse()
    house.sources = (source("one", timedelta(hours=-3)),)
    with window_on(house) as window:
        assert "clock unreliable" in strip_words(window)
        assert window.lamp.word == "NOT SAFE"


def test_a_part_that_never_came_has_no_time() -> None:
    house = FakeHouse()
    kinds = {"patient": house.sources[0].cut, "result": None}
    house.sources = (replace(house.sources[0], kinds=kinds),)
    with window_on(house) as window:
        assert "Labs never came" in strip_words(window)
