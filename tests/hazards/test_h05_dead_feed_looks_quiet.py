"""H05 A dead feed looks like a quiet one: the same silence of messages, with and without a sign of life, on lamp, strip and
paper. Sabotage: the sign of life is not heeded.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from desktop.forms import catalogue
from desktop.lamp.state import cells, lamp
from localdb.chart import staleness
from localdb.chart.views import SourceAge
from localdb.records.moments import from_instant
from tests.unit.forms import checks, paper

NOW = paper.NOW
EXPECTED = 30  # minutes within which the site expects to hear of a source


def sources(beat: int, last: int = 120) -> tuple[SourceAge, ...]:
    """The hospital's sources, all fresh but the laboratory: its last message `last`, its last sign of life `beat` minutes
    ago."""
    made = []
    for held in paper.sources():
        if "result" not in held.kinds:
            fresh = from_instant(NOW - timedelta(minutes=1))
            made.append(msgspec.structs.replace(
                held, kinds=dict.fromkeys(held.kinds, fresh), cut=fresh, heartbeat=fresh, last_message=fresh,
                declared="", declared_since=None))  # fmt: skip
            continue
        cut = from_instant(NOW - timedelta(minutes=last))
        made.append(msgspec.structs.replace(
            held, title="Laboratory", kinds=dict.fromkeys(held.kinds, cut), cut=cut, last_message=cut,
            heartbeat=from_instant(NOW - timedelta(minutes=beat)), expected=EXPECTED, declared="", declared_since=None,
            state="complete"))  # fmt: skip
    return tuple(made)


def printed(found: tuple[SourceAge, ...]) -> str:
    model = paper.model("F02", paper.chart(), printed_at=NOW, sources=found)
    return checks.squeezed(" ".join(checks.page_texts(catalogue.render("F02", model))))


def faults() -> list[str]:
    """Where a dead feed and a quiet one do not differ, or either says what it is not."""
    quiet, dead = sources(beat=1), sources(beat=120)
    found = []
    if lamp(quiet, NOW).shape != "lit":
        found.append("a quiet feed puts the lamp out")
    lost = lamp(dead, NOW)
    if lost.shape != "out" or "Laboratory silent since" not in lost.line:
        found.append("a dead feed leaves the lamp lit or unnamed")
    if [c.word for c in cells(quiet, NOW) if "labs" in c.names.casefold()] != ["quiet"]:
        found.append("the strip does not say quiet")
    if [c.word for c in cells(dead, NOW) if "labs" in c.names.casefold()] != ["silent"]:
        found.append("the strip does not say silent")
    if checks.squeezed("Laboratory: silent since") not in printed(dead):
        found.append("the sheet does not say silent")
    text = printed(quiet)
    if checks.squeezed("Laboratory: no message since") not in text or checks.squeezed("silent since") in text:
        found.append("the sheet does not say quiet")
    return found


def test_a_dead_feed_and_a_quiet_one_differ_on_lamp_strip_and_paper() -> None:
    assert faults() == []


@pytest.mark.parametrize("minutes", [0, 1, EXPECTED, EXPECTED + 1, 6 * 60])
def test_silence_begins_when_no_sign_of_life_came_for_longer_than_expected(minutes: int) -> None:
    (laboratory,) = [s for s in sources(beat=minutes, last=6 * 60) if s.title == "Laboratory"]
    assert staleness.life_of(laboratory, NOW) == ("silent" if minutes > EXPECTED else "quiet")
    states = {f.state for f in staleness.of_kind([laboratory], "result", NOW)}
    assert states == ({staleness.NOT_SAFE} if minutes > EXPECTED else states), "a silent source is never fresh"


def test_sabotage_without_the_sign_of_life_both_look_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop.lamp import state

    for module in (staleness, state):
        monkeypatch.setattr(module, "life_of", lambda source, now: staleness.UNKNOWN)
    assert len(faults()) >= 4
