"""H08, on screen: a corrected or withdrawn result that is still shown as if it stood.

Replayed: F→C (corrected), F→W (withdrawn, wrong patient), P→X (cannot be obtained). What is drawn is caught at the
painter, in the grid, the trend, the summary, the timeline and in the words for a screen reader.
"""

from __future__ import annotations

import pytest

from desktop.patient.keyed import Stand
from desktop.patient.results import Cumulative
from desktop.patient.summary import Summary
from desktop.patient.timeline import Timeline
from desktop.shell import paint
from localdb.chart import cells as cells_module
from localdb.records.vocabulary import Result
from tests.unit.desktop.patient.builders import chart, former, result
from tests.unit.desktop.patient.stage import stage_of

WHEN = "2026-11-24T01:10"
FINAL = result("Potassium", "6.81", WHEN, loinc="2823-3", range="3.5-5.3", flag="HH")
CORRECTED = result(
    "Potassium", "5.92", WHEN, loinc="2823-3", range="3.5-5.3", flag="H", status="corrected", said="2026-11-24T02:05",
    replaces=(former("6.81", "2026-11-24T01:40"),),
)  # fmt: skip
WITHDRAWN = result(
    "Potassium", "6.81", WHEN, loinc="2823-3", range="3.5-5.3", flag="HH", status="entered-in-error",
    said="2026-11-24T02:20", comments=("sample of another patient",), replaces=(former("6.81", "2026-11-24T01:40"),),
)  # fmt: skip
UNAVAILABLE = result(
    "Potassium", None, WHEN, loinc="2823-3", status="cancelled", absent="haemolysed",
    replaces=(former("6.81", "2026-11-24T01:40", status="preliminary"),),
)  # fmt: skip
EARLIER = result("Potassium", "5.4", "2026-11-23T18:05", loinc="2823-3", range="3.5-5.3", flag="H")


@pytest.fixture
def drawn(qtbot):
    """Draw a section for a result: the texts drawn plainly, those drawn struck, and the spoken words."""

    kept = []  # a widget that is only garbage may be taken away in the middle of an event

    def draw(record: Result, section=Cumulative) -> tuple[list[str], list[str], str]:
        plain: list[str] = []
        struck: list[str] = []
        real_text, real_struck = paint.draw_text, paint.draw_struck

        def on_text(painter, x, baseline, text, made, color, *, right=False):
            plain.append(text)
            return real_text(painter, x, baseline, text, made, color, right=right)

        def on_struck(painter, x, baseline, text, made, color):
            struck.append(text)
            before = len(plain)
            used = real_struck(painter, x, baseline, text, made, color)
            del plain[before:]
            return used

        found = chart(results=(record, EARLIER))
        stage = stage_of(found)
        stand = Stand()
        widget = section(stage.context, stand, stand.turn_to(found.patient.id), found)
        qtbot.addWidget(widget)
        kept.append(widget)
        widget.resize(1206, 588)
        widget.show()
        with pytest.MonkeyPatch.context() as watching:
            watching.setattr(paint, "draw_text", on_text)
            watching.setattr(paint, "draw_struck", on_struck)
            widget.grab()
        spoken = " ".join(
            f"{w.accessibleName()} {w.accessibleDescription()}" for w in [widget, *widget.findChildren(object)]
            if hasattr(w, "accessibleName")
        )  # fmt: skip
        pane = getattr(getattr(widget, "sheet", widget), "pane", None)
        return plain, struck, spoken + (pane.spoken() if pane is not None else "")

    return draw


SECTIONS = (Cumulative, Summary, Timeline)


def whole(texts: list[str]) -> str:
    """What was drawn, in one line: the grid draws a figure in two parts, before and after the point."""
    return " ".join(texts).replace(" .", ".")


def assert_gone(texts: list[str], spoken: str) -> None:
    assert "6.81" not in whole(texts)
    assert "6.81" not in spoken


@pytest.mark.parametrize("section", SECTIONS)
def test_the_final_value_is_seen_before_it_is_withdrawn(drawn, section) -> None:
    """Else the tests below would pass for any screen that shows nothing at all."""
    plain, _, _ = drawn(FINAL, section)
    assert "6.81" in whole(plain)


@pytest.mark.parametrize("section", SECTIONS)
def test_withdrawn_leaves_no_trace_of_the_value(drawn, section) -> None:
    plain, struck, spoken = drawn(WITHDRAWN, section)
    assert_gone(plain + struck, spoken)
    assert "withdrawn" in whole(plain).casefold()


@pytest.mark.parametrize("section", [Cumulative, Summary])
def test_withdrawn_says_when_and_why(drawn, section) -> None:
    plain, _, _ = drawn(WITHDRAWN, section)
    assert "02:20" in whole(plain)
    assert "sample of another" in whole(plain)


@pytest.mark.parametrize("section", [Cumulative, Summary])
def test_corrected_shows_the_new_value_and_strikes_the_old(drawn, section) -> None:
    plain, struck, spoken = drawn(CORRECTED, section)
    assert "5.92" in whole(plain)
    assert "6.81" not in whole(plain)
    assert "6.81" in struck
    assert "CORRECTED" in whole(plain)
    assert "02:05" in whole(plain)
    assert "was 6.81" in spoken


@pytest.mark.parametrize("section", [Cumulative, Summary])
def test_cannot_be_obtained_says_why_and_drops_the_preliminary(drawn, section) -> None:
    plain, struck, spoken = drawn(UNAVAILABLE, section)
    assert_gone(plain + struck, spoken)
    assert "not available" in whole(plain)
    assert "haemolysed" in whole(plain)


def test_the_older_value_stands_as_before_and_never_as_latest(drawn) -> None:
    plain, _, spoken = drawn(WITHDRAWN, Summary)
    assert "5.4" in plain
    assert "before: 5.4" in spoken


def test_sabotage_a_screen_that_ignores_the_status_is_caught(drawn, monkeypatch) -> None:
    monkeypatch.setattr(cells_module, "_GONE", frozenset())
    found = chart(results=(WITHDRAWN, EARLIER))
    assert cells_module.cells_of(found.lists["results"].items[0])[0].text == "6.81"
    plain, struck, spoken = drawn(WITHDRAWN)
    with pytest.raises(AssertionError):
        assert_gone(plain + struck, spoken)
