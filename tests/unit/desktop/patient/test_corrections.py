"""A correction stands under the banner until it is acknowledged, on every section (CLINICAL §3.1)."""

from __future__ import annotations

from datetime import timedelta

from desktop.patient.corrections import corrections
from desktop.patient.page import PatientPage
from localdb.chart.views import Chart
from tests.unit.desktop.patient.builders import chart, former, result
from tests.unit.desktop.patient.stage import NOW, Stage, stage_of

CORRECTED = result("Potassium", "5.9", "2026-11-24T01:10", status="corrected", said="2026-11-24T02:05", flag="H",
                   replaces=(former("6.8", "2026-11-24T01:40"),))  # fmt: skip
WITHDRAWN = result("Sodium", "111", "2026-11-24T01:10", status="entered-in-error", said="2026-11-24T02:20",
                   comments=("sample of another patient",))  # fmt: skip
PLAIN = result("Urea", "7.1", "2026-11-24T01:10")


def opened(qtbot, found: Chart, stage: Stage | None = None) -> tuple[Stage, PatientPage]:
    stage = stage or stage_of(found)
    page = PatientPage(stage.context)
    qtbot.addWidget(page)
    stage.held.append(page)
    page.resize(1366, 675)
    page.show()
    page.show_patient(found.patient.id)
    assert page.frame is not None
    return stage, page


def test_it_stands_on_every_section_and_says_what_was_and_is(qtbot) -> None:
    _, page = opened(qtbot, chart(results=(CORRECTED, WITHDRAWN, PLAIN)))
    strip = page.frame.corrected
    for number in range(1, 8):
        page.set_section(number)
        assert strip.isVisible()
    said = strip.accessibleName()
    assert "Potassium 5.9 mmol/L H, CORRECTED 02:05" in said
    assert "Sodium withdrawn 02:20: sample of another patient" in said
    assert "111" not in said
    page.grab()


def test_seen_puts_it_away_for_this_person_only(qtbot) -> None:
    found = chart(results=(CORRECTED,))
    stage, page = opened(qtbot, found)
    page.frame.corrected.button.click()
    assert not page.frame.corrected.isVisible()
    _, again = opened(qtbot, found, stage)
    assert not again.frame.corrected.isVisible()
    stage.house.staff = "Mair Pryce"
    _, other = opened(qtbot, found, stage)
    assert other.frame.corrected.isVisible()


def test_a_later_correction_of_the_same_result_is_news_again(qtbot) -> None:
    stage, page = opened(qtbot, chart(results=(CORRECTED,)))
    page.frame.corrected.button.click()
    import msgspec

    from tests.unit.desktop.patient.builders import at

    later = msgspec.structs.replace(CORRECTED, value="5.7", said=at("2026-11-24T02:50"))
    stage.house.charts = {k: chart(results=(later,)) for k in stage.house.charts}
    page.reload()
    assert page.frame.corrected.isVisible()


def test_nothing_corrected_shows_nothing(qtbot) -> None:
    _, page = opened(qtbot, chart(results=(PLAIN,)))
    assert not page.frame.corrected.isVisible()
    assert corrections(chart(results=(CORRECTED,)), NOW + timedelta(days=8)) == ()
