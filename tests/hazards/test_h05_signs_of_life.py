"""H05 by the ways on which a sign of life goes: feed, store, list, window, command and sheet (CLINICAL §7.1, §7.4).

Controls: a source's sign of life is kept apart from its messages; with a sign and no message it is quiet and its age
counts from the sign; without one for longer than the site expects it is silent, never fresh, and named by the lamp, the
strip, the sources page and every sheet; a queue that is being sent makes nothing fresher than its own messages. The same
check looks at screen and paper; sabotage takes each control away and sees it fail.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.cli.readiness import findings_of, readiness_line
from desktop.forms import catalogue
from desktop.lamp.state import cells, lamp
from desktop.sources.systems import systems
from localdb.chart import staleness
from localdb.chart.views import SourceAge
from localdb.house import House
from localdb.records.moments import from_instant
from localdb.store import clocks
from tests.made import new_house, person, result, write
from tests.unit.desktop.ward_house import NOW, FakeHouse
from tests.unit.desktop.window_stage import window_on
from tests.unit.forms import checks, paper

EXPECTED = 30
KINDS = ("result", "patient")


def lims(now: datetime, message: float, sign: float | None) -> SourceAge:
    """A laboratory whose last message came and whose last sign of life was so many minutes ago."""
    last = from_instant(now - timedelta(minutes=message))
    beat = None if sign is None else from_instant(now - timedelta(minutes=sign))
    return SourceAge(source="lims", title="Laboratory", kinds=dict.fromkeys(KINDS, last), cut=last, last_message=last,
                     heartbeat=beat, expected=EXPECTED)  # fmt: skip


def pas(now: datetime) -> SourceAge:
    """The hospital's own records, a minute old and alive."""
    at = from_instant(now - timedelta(minutes=1))
    kinds = dict.fromkeys(("patient", "stay", "allergy", "medicine"), at)
    return SourceAge(source="pas", kinds=kinds, cut=at, last_message=at, heartbeat=at, expected=EXPECTED)


LIVES = {"live": (2.0, 1.0), "quiet": (180.0, 1.0), "silent": (180.0, 180.0)}


def told(life: str, now: datetime) -> tuple[SourceAge, ...]:
    return (pas(now), lims(now, *LIVES[life]))


# -- the check ------------------------------------------------------------------------------------------------------


def on_screen(sources: tuple[SourceAge, ...], now: datetime) -> str:
    """Everything that lamp, strip and sources page say."""
    lit = lamp(sources, now)
    strip = "; ".join(c.text for c in cells(sources, now))
    page = next(s for s in systems(sources, now) if s.source == "lims")
    return " | ".join((lit.word, lit.line, strip, page.text, *page.missing))


def on_paper(sources: tuple[SourceAge, ...], now: datetime) -> str:
    model = paper.model("F02", paper.chart(), printed_at=now, sources=sources)
    return " ".join(checks.page_texts(catalogue.render("F02", model)))


Surface = Callable[[tuple[SourceAge, ...], datetime], str]


def confusions(surface: Surface, now: datetime) -> list[str]:
    """Where quiet, dead and live could be taken for each other."""
    said = {life: checks.squeezed(surface(told(life, now), now)).casefold() for life in LIVES}
    found = []
    for life, others in (("quiet", ("silent",)), ("silent", ("quiet",)), ("live", ("quiet", "silent"))):
        found += [f"{life} is called {o}" for o in others if o in said[life]]
        if life != "live" and life not in said[life]:
            found.append(f"{life} is not said")
    words = {"silent": "itmaybedown", "quiet": "butitwasheardfrom"}
    found += [
        f"no sentence for {life}" for life, text in words.items() if surface is on_paper and text not in said[life]
    ]
    return found


@pytest.mark.parametrize("surface", [on_screen, on_paper])
def test_quiet_dead_and_live_are_never_taken_for_each_other(surface: Surface) -> None:
    assert confusions(surface, NOW) == []


def test_a_silent_source_is_not_safe_and_named_and_a_quiet_one_is_safe() -> None:
    dead, quiet = lamp(told("silent", NOW), NOW), lamp(told("quiet", NOW), NOW)
    assert (dead.shape, dead.word, dead.line) == ("out", "NOT SAFE", "Laboratory silent since 00:12")
    assert dead.must_acknowledge
    assert (quiet.shape, quiet.word) == ("lit", "SAFE")


@pytest.mark.parametrize("sign", [0.0, 1.0, EXPECTED - 1, EXPECTED])
def test_no_message_with_a_sign_of_life_is_quiet(sign: float) -> None:
    found = lims(NOW, 180, sign)
    assert staleness.life_of(found, NOW) == "quiet"
    state = staleness.of_kind((found,), "result", NOW)[0]
    assert state.minutes == sign, "its age counts from the sign of life"


@pytest.mark.parametrize("sign", [EXPECTED + 1, 60, 600, 60 * 24 * 40])
def test_no_message_and_no_sign_of_life_is_silent_and_never_fresh(sign: float) -> None:
    found = lims(NOW, sign, sign)
    assert staleness.life_of(found, NOW) == "silent"
    for kind in KINDS:
        assert staleness.of_kind((found,), kind, NOW)[0].state == "not_safe"
    images = replace(found, kinds={"image": found.cut})  # a kind that turns only after hours
    assert staleness.of_kind((images,), "image", NOW)[0].word == "silent"


def test_a_source_of_which_no_sign_is_expected_claims_none() -> None:
    for expected, sign in ((0, 1.0), (EXPECTED, None)):
        found = replace(lims(NOW, 180, sign), expected=expected)
        assert staleness.life_of(found, NOW) == "unknown"
        assert staleness.life_sentence(found, NOW) == ""


def test_a_declared_source_is_told_by_its_declaration_and_not_by_its_silence() -> None:
    found = replace(lims(NOW, 180, 180), declared="down", declared_since=from_instant(NOW - timedelta(minutes=170)))
    assert staleness.life_sentence(found, NOW) == ""
    shown = lamp((pas(NOW), found), NOW)
    assert (shown.shape, shown.word) == ("split", "LABORATORY DOWN")
    assert shown.line.startswith("rest is live")


def test_the_rest_is_called_live_only_where_it_is() -> None:
    down = replace(lims(NOW, 180, 180), declared="down", declared_since=from_instant(NOW - timedelta(hours=2)))
    dead = replace(pas(NOW), heartbeat=from_instant(NOW - timedelta(hours=1)))
    assert lamp((dead, down), NOW).line.startswith("pas silent since 02:12")


def test_a_source_that_comes_back_and_sends_its_queue_is_not_fresh_before_its_messages_are() -> None:
    """Its line lives and messages come, three hours old each: complete to what they say."""
    behind = replace(lims(NOW, 180, 0), last_message=from_instant(NOW))
    assert staleness.is_catching_up(behind)
    assert staleness.of_kind((behind,), "result", NOW)[0].state == "not_safe"
    drained = replace(behind, last_message=from_instant(NOW - timedelta(minutes=2)))
    assert staleness.of_kind((drained,), "result", NOW)[0].state == "fresh"


# -- the real window, the real store --------------------------------------------------------------------------------


def test_the_window_changes_its_words_with_the_minute_and_no_new_list() -> None:
    """The feeding machine died: no list comes any more, and the window says so by its own clock."""
    house = FakeHouse()
    house.sources = told("quiet", NOW)
    with window_on(house) as window:
        assert window.lamp.word == "SAFE"
        assert "quiet" in window.strip.accessibleName()
        house.at = NOW + timedelta(minutes=EXPECTED + 1)
        window._on_tick()
        assert window.lamp.word == "NOT SAFE"
        assert "silent since" in window.lamp.line
        assert "silent" in window.strip.accessibleName()
        assert "quiet" not in window.strip.accessibleName()


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


def night(tmp_path: Path, *, lives: bool) -> tuple[House, Clock]:
    """A laboratory's last message at 01:00; until 04:00 it sends nothing, with or without a sign of life."""
    clock = Clock()
    house = new_house(tmp_path / ("quiet" if lives else "dead"), clock)
    house.set_site({"sources": {"lims": {"title": "Laboratory", "heartbeat": "connection", "quiet_after": EXPECTED}}})
    house.fill([write(tmp_path / "a.json", [person(1), result("k", "p1", "4.1")])], source="lims",
               as_of=from_instant(clock.at))  # fmt: skip
    for _ in range(12):
        with house.intake() as intake:
            if lives or clock.at.hour == 1 and clock.at.minute == 0:
                intake.heartbeat("lims", clock.at)
                intake.commit()
        clock.at += timedelta(minutes=15)
    house.cut()
    return house, clock


@pytest.mark.parametrize("lives", [True, False])
def test_a_night_without_messages_through_the_store(tmp_path: Path, lives: bool) -> None:
    house, clock = night(tmp_path, lives=lives)
    (age,) = house.reading().sources()
    assert (age.title, age.life) == ("Laboratory", "quiet" if lives else "silent")
    state = staleness.of_source(age, clock.at)
    assert state.word == ("ageing" if lives else "silent")  # its last sign is 15 minutes old
    codes = {f["code"]: f["level"] for f in findings_of(house)}
    assert ("source.quiet" in codes) is lives
    assert (codes.get("source.silent") == "fault") is not lives
    line = readiness_line(house, findings_of(house))
    assert line.startswith("Ready" if lives else "NOT READY, 1 fault; 1 system, lims silent")
    house.close()


def test_the_feeds_sign_of_life_is_what_the_site_says_it_is() -> None:
    """An engine's line that lives proves nothing of the laboratory behind it, unless the site says that it does."""
    from localdb.sources.profiles import SourceProfile

    signs = {mode: [s for s in ("message", "file", "connection") if SourceProfile(heartbeat=mode).is_sign(s)]  # type: ignore[arg-type]
             for mode in ("message", "file", "connection")}  # fmt: skip
    assert signs == {
        "message": ["message"],
        "file": ["message", "file"],
        "connection": ["message", "file", "connection"],
    }
    assert SourceProfile().heartbeat == "message"


# -- sabotage -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("surface", [on_screen, on_paper])
def test_sabotage_a_silence_that_nobody_notices_is_caught(surface: Surface, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staleness, "life", lambda *_: "live")
    assert confusions(surface, NOW)


@pytest.mark.parametrize("surface", [on_screen, on_paper])
def test_sabotage_a_message_taken_for_the_only_sign_is_caught(
    surface: Surface, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mistake of the peers: quiet and dead are one, since only messages are looked at."""
    honest = staleness.life
    monkeypatch.setattr(staleness, "life", lambda now, last, beat, expected: honest(now, last, last, expected))
    assert confusions(surface, NOW)


def test_sabotage_a_heartbeat_that_the_store_invents_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = clocks.entries
    monkeypatch.setattr(
        clocks, "entries", lambda c: tuple(replace(e, heartbeat="2026-11-24T03:59:00Z") for e in honest(c))
    )
    with pytest.raises(AssertionError):
        test_a_night_without_messages_through_the_store(tmp_path, lives=False)


def test_sabotage_a_queue_taken_for_the_present_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staleness, "is_catching_up", lambda _: False)
    with pytest.raises(AssertionError):
        test_a_source_that_comes_back_and_sends_its_queue_is_not_fresh_before_its_messages_are()
