"""The observation chart as drawn: newest at the right, only what is in sight, lines, units, keys; the tabs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.patient.keyed import Stand
from desktop.patient.obs_chart import ChartTab
from desktop.patient.observations import Observations
from localdb.chart.observation_chart import Strip, observation_chart, strips
from localdb.chart.views import Chart, Listing
from tests.unit.desktop.patient.builders import chart, full_chart, obs_set, observation, patient_view
from tests.unit.desktop.patient.stage import NOW, stage_of

WHOLE = {"resp": "20", "spo2": "96", "oxygen": "2", "bp": "108/62", "pulse": "104", "temp": "38.4", "acvpu": "Alert"}


def many(count: int) -> Chart:
    """So many sets, one an hour, the newest first as a chart has them."""
    made = []
    for n in range(count):
        day, hour = divmod(count - n, 24)
        made += obs_set(f"20{10 + day // 336}-{1 + day // 28 % 12:02d}-{1 + day % 28:02d}T{hour:02d}:00", WHOLE)
    return chart(patient_view(), observations=tuple(made))


def section(qtbot, found: Chart, kind: type = Observations, width: int = 1206):  # type: ignore[no-untyped-def]
    stage = stage_of(found)
    stand = Stand()
    made = kind(stage.context, stand, stand.turn_to(found.patient.id), found)
    made.held = (stage, stand)
    qtbot.addWidget(made)
    made.resize(width, 588)
    made.show()
    return made


def test_the_newest_set_is_at_the_right_and_keys_and_buttons_turn_the_pages(qtbot) -> None:
    pane = section(qtbot, many(60))
    found = pane.shown
    assert isinstance(found, ChartTab)
    newest = found.pane.model.sets[-1]
    assert found.pane.shown[-1] is newest and not found.later.isEnabled()
    QTest.keyClick(found.scroller, Qt.Key.Key_Home)
    assert found.pane.shown[0] is found.pane.model.sets[0] and not found.earlier.isEnabled()
    QTest.keyClick(found.scroller, Qt.Key.Key_Right)
    assert found.pane.shown[0] is not found.pane.model.sets[0]
    found.newest.click()
    assert found.pane.shown[-1] is newest
    found.earlier.click()
    assert newest not in found.pane.shown


def test_turning_back_leaves_out_no_set(qtbot) -> None:
    made = section(qtbot, many(60))
    found = made.shown
    seen = set()
    for _ in range(60):
        seen |= {id(s) for s in found.pane.shown}
        if not found.earlier.isEnabled():
            break
        found.earlier.click()
    assert seen == {id(s) for s in found.pane.model.sets}


def test_of_two_thousand_sets_only_those_in_sight_are_laid_out(qtbot) -> None:
    made = section(qtbot, many(2000))
    found = made.shown
    assert len(found.pane.model.sets) == 2000
    assert len(found.pane.shown) == found.pane.fit < 20
    assert all(len(r.marks if isinstance(r, Strip) else r.cells) == found.pane.fit for r in found.pane.rows)


@pytest.mark.parametrize("width", [1206, 977, 807])
def test_the_chart_fits_the_window_and_its_controls_are_large_enough(qtbot, width: int) -> None:
    made = section(qtbot, many(30), width=width)
    made.grab()
    assert made.width() == width
    for button in (*made.buttons.values(), *made.shown.controls):
        assert button.isVisible() or width < 950
        assert button.isHidden() or button.height() >= 44 and button.width() >= 44 and button.accessibleName()
    xs = made.shown.pane._xs()
    assert xs == sorted(xs) and xs[-1] < made.shown.pane.width()


def test_the_controls_of_the_chart_stand_there_only_with_it(qtbot) -> None:
    made = section(qtbot, full_chart())
    controls = made.shown.controls
    assert all(c.isVisible() for c in controls)
    made.show_tab("fluids")
    assert not any(c.isVisible() for c in controls)
    made.show_tab("chart")
    assert all(c.isVisible() for c in controls)


def test_by_time_the_columns_stand_as_far_apart_as_their_times(qtbot) -> None:
    items = [o for w in ("2026-11-24T02:00", "2026-11-24T01:00", "2026-11-23T22:00") for o in obs_set(w, WHOLE)]
    made = section(qtbot, chart(patient_view(), observations=tuple(items)))
    pane = made.shown.pane
    pane.by_time = True
    first, second, third = pane._xs()
    assert second - first == pytest.approx(3 * (third - second))


def test_a_value_lies_in_its_band_and_the_bands_meet(qtbot) -> None:
    found = chart(patient_view(), observations=tuple(obs_set("2026-11-24T01:30", WHOLE)))
    model = observation_chart(found, NOW)
    for strip in (r for r in strips(model, model.sets) if isinstance(r, Strip)):
        for n, band in enumerate(strip.bands):
            for end in (band.low, band.high):
                if end is not None:
                    assert n / len(strip.bands) <= strip.place(end) <= (n + 1) / len(strip.bands)
        places = [strip.place(Decimal(v)) for v in range(300)]
        assert places == sorted(places)


def test_two_units_are_never_in_one_series() -> None:
    items = [*obs_set("2026-11-24T01:30", WHOLE),
             observation("Temperature", "101.3", "2026-11-24T00:30", "8310-5", unit="[degF]")]  # fmt: skip
    model = observation_chart(chart(patient_view(), observations=tuple(items)), NOW)
    temp = next(r for r in strips(model, model.sets) if r.key == "temp")
    assert isinstance(temp, Strip)
    assert [m.high if m else None for m in temp.marks] == [None, Decimal("38.4")]
    assert temp.marks[0] is not None and temp.marks[0].text == "101.3 [degF]"


def test_bands_in_another_unit_are_not_drawn() -> None:
    items = [observation("Temperature", "101.3", "2026-11-24T00:30", "8310-5", unit="[degF]")]
    model = observation_chart(chart(patient_view(), observations=tuple(items)), NOW)
    temp = next(r for r in strips(model, model.sets) if r.key == "temp")
    assert isinstance(temp, Strip) and temp.bands == () and temp.note == "no bands in [degF]"


def test_a_screen_reader_is_told_the_newest_set_first_with_its_unit(qtbot) -> None:
    made = section(qtbot, full_chart())
    said = made.shown.pane.accessibleDescription()
    assert said.index("24 November 2026 01:30") < said.index("23 November 2026 21:35")
    assert "Respirations 20 /min" in said and "NEWS2, as sent 5" in said


@pytest.mark.parametrize("state", ["not_recorded", "unavailable", "none_asserted"])
@pytest.mark.parametrize("tab", ["chart", "table", "fluids", "measures"])
def test_an_empty_list_says_why_on_each_tab(qtbot, tab: str, state: str) -> None:
    made = section(qtbot, chart(patient_view(), observations=Listing(state)))
    made.show_tab(tab)
    sheet = made.shown.empty if tab == "chart" else made.shown.sheet
    said = sheet.pane.spoken()
    word = {"not_recorded": "not proof", "unavailable": "Not known", "none_asserted": "None, as recorded"}[state]
    assert word in said
