"""Several trends on one time axis: aligned to the pixel, each with its own unit and scale; what was phoned stays apart."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from desktop.patient.keyed import Stand
from desktop.patient.trends import MOST, Trends, TrendStack
from desktop.patient.trendview import TrendView
from localdb.chart.grid import cumulative
from localdb.chart.trend import PHONED, aligned, trend
from localdb.chart.views import Chart
from localdb.records.moments import micros
from tests.unit.desktop.patient.builders import chart, full_chart, phoned, result
from tests.unit.desktop.patient.stage import NOW, Stage, stage_of


def days(name: str, unit: str, *values: tuple[int, str], **more: Any) -> list[Any]:
    """Results so many days before now."""
    return [result(name, v, (NOW - timedelta(days=d)).strftime("%Y-%m-%dT%H:%M"), unit=unit, **more) for d, v in values]


def made(qtbot: Any, found: Chart) -> tuple[Stage, Trends]:
    stage, stand = stage_of(found), Stand()
    tab = Trends(stage.context, stand, stand.turn_to(found.patient.id), found)
    qtbot.addWidget(tab)
    stage.held.append(tab)
    tab.resize(1200, 560)
    tab.show()
    return stage, tab


def test_all_plots_share_one_time_axis_and_none_a_scale_of_values(qtbot: Any) -> None:
    found = chart(results=(*days("Sodium", "mmol/L", (6, "140"), (1, "131")),
                                 *days("Creatinine", "umol/L", (4, "90"), (0, "168"))))  # fmt: skip
    trends = [t for r in cumulative(found.lists["results"].items).rows if (t := trend(r)) is not None]
    first, last, marks = aligned(trends)
    assert first == micros(NOW - timedelta(days=6))
    assert last == micros(NOW)
    assert all(first <= utc <= last for utc, _ in marks)
    assert len({(t.low, t.high) for t in trends}) == 2


def test_two_units_of_one_test_are_two_plots(qtbot: Any) -> None:
    _, tab = made(qtbot, chart(results=(*days("Haemoglobin", "g/L", (3, "104"), (1, "99")),
                                              *days("Haemoglobin", "g/dL", (2, "10.4"), (0, "9.9")))))  # fmt: skip
    assert {(t.name, t.unit) for t in tab.stack.shown} == {("Haemoglobin", "g/L"), ("Haemoglobin", "g/dL")}
    assert all(len(t.points) == 2 for t in tab.stack.shown)


def test_a_press_adds_a_plot_and_a_fifth_takes_the_place_of_the_first(qtbot: Any) -> None:
    names = [f"Analyte {n}" for n in range(6)]
    results = [r for n in names for r in days(n, "mmol/L", (5, "1"), (3, "2"), (1, "3"))]
    _, tab = made(qtbot, chart(results=tuple(results)))
    tab.chosen = []
    for n in range(5):
        tab.buttons[n].click()
    assert [t.name for t in tab.stack.shown] == names[1:5]
    assert len(tab.stack.shown) == MOST
    tab.buttons[4].click()
    assert [t.name for t in tab.stack.shown] == names[1:4]
    assert [b.kind for b in tab.buttons] == ["normal", *["chosen"] * 3, "normal", "normal"]


def test_a_result_by_phone_is_a_mark_of_its_own_and_not_joined(qtbot: Any) -> None:
    found = chart(results=tuple(days("Potassium", "mmol/L", (3, "5.1"), (1, "5.4"))), entries=(phoned(),))
    _, tab = made(qtbot, found)
    (shown,) = tab.stack.shown
    assert [p.shape for p in shown.points].count(PHONED) == 1
    assert all(PHONED not in (a.shape, b.shape) for a, b in shown.segments)


def test_the_window_leaves_out_what_is_older_and_keeps_what_was_chosen(qtbot: Any) -> None:
    results = [*days("Sodium", "mmol/L", (200, "140"), (2, "133"), (1, "132"), (0, "131")),
               *days("Urea", "mmol/L", (300, "6"), (250, "7"))]  # fmt: skip
    _, tab = made(qtbot, chart(results=tuple(results)))
    assert tab._window == 0, "three figures in a week: the week is shown first"
    assert min(p.utc for p in tab.stack.shown[0].points) >= micros(NOW - timedelta(days=7))
    tab.chosen = [0]
    tab._windows[-1].click()
    assert [t.name for t in tab.stack.shown] == ["Sodium"]
    assert min(p.utc for p in tab.stack.shown[0].points) == micros(NOW - timedelta(days=200))


@pytest.mark.parametrize("size", [(1200, 560), (930, 430), (800, 330)])
def test_long_figures_and_names_stay_inside(qtbot: Any, size: tuple[int, int]) -> None:
    """`16.843007916703616` as a simulator sends it: nothing is rounded, and nothing is drawn past the edge."""
    from tests.flows.every_pane.walking import spying

    name = "Gamma-glutamyltransferase activity concentration in serum or plasma, kinetic"
    results = [*days(name, "mmol/L", (3, "16.843007916703616"), (1, "15.89600244683185")),
               *days("Sodium", "mmol/L", (2, "229.00"), (0, "131"))]  # fmt: skip
    found = chart(results=tuple(results))
    stage, tab = made(qtbot, found)
    view, stand = TrendView(stage.context, tab.stack._stand, tab.stack.key, found), tab.stack._stand
    qtbot.addWidget(view)
    with spying() as spy:
        tab.resize(*size)
        tab.grab()
        for row in cumulative(found.lists["results"].items).rows:
            view.show_result(row, ())
            view.resize(196, 400)
            view.grab()
    assert spy.cut == []
    assert stand.key == view.key


def test_the_tab_of_a_full_chart_paints_in_every_theme(qtbot: Any) -> None:
    stage, tab = made(qtbot, full_chart())
    from desktop.shell.tokens import CONTRAST, DARK, LIGHT

    for theme in (LIGHT, DARK, CONTRAST):
        stage.context.look.use(theme)
        assert not tab.grab().isNull()
    assert isinstance(tab.stack, TrendStack)
    assert "Potassium" in " ".join(b.accessibleName() for b in tab.buttons)
