"""H04 on paper: a stale copy never reads as current. The clock is moved; each page says source, time, state and gap.

Sabotage: the state is left out of the words.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from desktop.forms import catalogue, chart_text
from localdb.chart import staleness, wording
from localdb.chart.views import SourceAge
from localdb.records.moments import from_instant
from tests.unit.forms import checks, paper

CUT = paper.NOW - timedelta(hours=6)
SHOWN = {"result": "LIMS", "medicine": "EPMA", "observation": "eObs", "report": "RIS", "problem": "EPR", "stay": "PAS"}


def sources(declared: str = "") -> tuple[SourceAge, ...]:
    at = from_instant(CUT)
    since = from_instant(CUT + timedelta(minutes=5))
    return tuple(
        SourceAge(source=s.source, kinds=dict.fromkeys(s.kinds, at), cut=at, declared=declared, declared_since=since)
        for s in paper.sources()
    )


def words_of(minutes: int, declared: str = "") -> tuple[str, str]:
    """Text of a summary printed so many minutes after the cut, and the gap as words."""
    now = CUT + timedelta(minutes=minutes)
    model = paper.model("F02", paper.chart(), printed_at=now, sources=sources(declared))
    return checks.squeezed(" ".join(checks.page_texts(catalogue.render("F02", model)))), wording.interval(CUT, now)


def faults(minutes: int) -> list[str]:
    text, gap = words_of(minutes)
    cut = wording.instant_text(CUT, year=False)
    found = []
    for kind, source in SHOWN.items():
        amber, red = staleness.THRESHOLDS[kind]
        state = ",NOTSAFE" if minutes >= red else ",AGEING" if minutes >= amber else ""
        if checks.squeezed(f"{source}, as of {cut}") + state not in text:
            found.append(f"{kind} at {minutes}")
    if minutes and checks.squeezed(f"{gap} something may have been recorded") not in text:
        found.append(f"gap at {minutes}")
    return found


TIMES = sorted({0, *(m + d for pair in staleness.THRESHOLDS.values() for m in pair if m <= 240 for d in (-1, 0))})


@pytest.mark.parametrize("minutes", TIMES)
def test_each_threshold_has_its_words(minutes: int) -> None:
    assert faults(minutes) == []


def test_the_footer_says_until_when_a_print_may_be_used_and_how_far_each_source_goes() -> None:
    text, _ = words_of(75)
    assert "Useuntil" in text
    assert checks.squeezed(f"to {wording.instant_text(CUT)} (not safe)") in text
    assert "notthelive record".replace(" ", "") in text


def test_in_a_declared_downtime_the_state_stands_and_the_gap_ends_with_the_declaration() -> None:
    text, _ = words_of(200, declared="down")
    assert "NOTSAFE" not in text
    until = wording.clock(CUT + timedelta(minutes=5))
    assert checks.squeezed(f"Between {wording.clock(CUT)} and {until} something may have been recorded") in text
    assert "DOWNTIME" in text


def test_a_clock_before_the_copy_and_a_source_that_never_came_say_so() -> None:
    model = paper.model("F02", paper.chart(), printed_at=CUT - timedelta(hours=1), sources=sources())
    assert "CLOCKUNRELIABLE" in checks.squeezed(" ".join(checks.page_texts(catalogue.render("F02", model))))
    never = tuple(msgspec.structs.replace(s, kinds=dict.fromkeys(s.kinds), cut=None) for s in sources())
    model = paper.model("F02", paper.chart(), sources=never)
    assert "LIMSNEVERCAME" in checks.squeezed(" ".join(checks.page_texts(catalogue.render("F02", model))))


def test_the_check_catches_words_without_their_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart_text.staleness, "of_kind", _fresh(staleness.of_kind))
    assert faults(75)


def _fresh(honest):  # type: ignore[no-untyped-def]
    def of_kind(*args, **more):  # type: ignore[no-untyped-def]
        return tuple(msgspec.structs.replace(s, state="fresh") for s in honest(*args, **more))

    return of_kind
