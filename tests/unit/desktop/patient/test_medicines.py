"""The medicines as drawn: filters that count, names in one line, what the source forbids, long records, the given doses."""

from __future__ import annotations

from typing import Any

import pytest

from desktop.patient.given import FIRST, GivenDoses
from desktop.patient.keyed import Stand
from desktop.patient.medicines import LAST_STOPPED, Medicines
from desktop.shell.type import width as wide
from localdb.chart.views import Chart, Listing
from localdb.records.vocabulary import Administration, Medicine
from tests.unit.desktop.patient.builders import _base, at, chart, full_chart, medicine, patient_view
from tests.unit.desktop.patient.stage import stage_of

HELD: list[Any] = []


def section(qtbot, found: Chart, width: int = 1206, tab: str = "all") -> Medicines:
    stage = stage_of(found)
    stand = Stand()
    made = Medicines(stage.context, stand, stand.turn_to(found.patient.id), found)
    HELD.append((stage, stand))
    qtbot.addWidget(made)
    made.resize(width, 588)
    made.show()
    made.show_tab(tab)
    return made


def said(made: Medicines) -> str:
    words: str = made.shown.sheet.pane.spoken()
    return words


def order(n: int, **rest: Any) -> Medicine:
    return medicine(f"drug {n:03d}", "1 mg", "oral", "once", None, **rest)


def given(n: int, status: str = "completed", **rest: Any) -> Administration:
    return Administration(
        **_base("administration", str(n), "P0000000000001"), text=f"drug {n:04d}", status=status, dose="1 mg",
        happened=at(f"2026-11-{23 - n // 1000:02d}T{n // 60 % 24:02d}:{n % 60:02d}"), **rest,
    )  # fmt: skip


def test_every_filter_says_how_many_of_how_many_it_shows(qtbot) -> None:
    made = section(qtbot, full_chart())
    total = len(full_chart().medicines.items)
    assert f"{total} of {total} medicines shown" in said(made)
    for code, button in made.filters.items():
        if code == "all":
            continue
        button.click()
        count = int(button.words.split()[-1])
        assert f"{count} of {total} medicines shown" in said(made)
        assert made.chosen == code
    made.filters["all"].click()
    assert f"{total} of {total} medicines shown" in said(made)


def test_the_counts_of_the_filters_make_up_the_whole(qtbot) -> None:
    made = section(qtbot, full_chart())
    counts = [int(b.words.split()[-1]) for code, b in made.filters.items() if code != "all"]
    assert sum(counts) == len(full_chart().medicines.items)


def test_a_filter_that_goes_out_of_sight_is_let_go(qtbot) -> None:
    made = section(qtbot, full_chart())
    made.choose("suspended")
    made.resize(600, 400)
    assert made.chosen == "all"


def test_a_small_window_is_not_pushed_open(qtbot) -> None:
    for tab in ("all", "critical", "given"):
        made = section(qtbot, full_chart(), 787, tab)
        made.grab()
        assert made.width() == 787


@pytest.mark.parametrize("room", [1206, 977, 787])
def test_a_name_is_not_parted_while_the_pane_is_wide_enough(qtbot, room: int) -> None:
    name = "sodium alginate with calcium carbonate and sodium bicarbonate oral suspension SUGARFREE"
    made = section(qtbot, chart(patient_view(), medicines=(medicine(name, "10 mL", "oral", "at night", None),)), room)
    pane = made.shown.sheet.pane
    assert wide(name, "body", 700) < pane.width() - 16, "the test's own name must fit the pane"
    assert any(block.words == name for p in pane.placed for block in p.blocks), "in a line of its own"


def test_what_the_source_says_of_an_order_stands_there(qtbot) -> None:
    forbidden = medicine("warfarin", "3 mg", "oral", "once a day", None,
                         comments=("DO NOT GIVE: the source asks that this is not given.",))  # fmt: skip
    assert "DO NOT GIVE" in said(section(qtbot, chart(patient_view(), medicines=(forbidden,))))


def test_of_what_was_stopped_long_ago_the_rest_comes_on_request(qtbot) -> None:
    stopped = tuple(order(n, status="stopped") for n in range(LAST_STOPPED + 15))
    made = section(qtbot, chart(patient_view(), medicines=(order(900), order(901, as_needed=True), *stopped)))
    total = LAST_STOPPED + 17
    assert f"{LAST_STOPPED} of {LAST_STOPPED + 15}, press Stopped for all" in str(
        [getattr(b, "_count", "") for p in made.shown.sheet.pane.placed for b in p.blocks]
    )
    assert f"{LAST_STOPPED + 2} of {total} medicines shown" in said(made)
    made.choose("stopped")
    assert f"{LAST_STOPPED + 15} of {total} medicines shown" in said(made)


def test_doses_stand_by_day_and_all_of_them_on_request(qtbot) -> None:
    doses = tuple(given(n) for n in range(FIRST + 40))
    made = section(qtbot, chart(patient_view(), administrations=doses), tab="given")
    tab = made.shown
    assert isinstance(tab, GivenDoses)
    assert f"{FIRST} of {FIRST + 40} doses shown" in said(made)
    tab.every.click()
    assert f"{FIRST + 40} of {FIRST + 40} doses shown" in said(made)
    assert not tab.every.isVisible()


def test_a_withdrawn_dose_shows_no_amount(qtbot) -> None:
    gone = given(1, "entered-in-error", author="J. Mensah")
    words = said(section(qtbot, chart(patient_view(), administrations=(gone,)), tab="given"))
    assert "WITHDRAWN by the source" in words and "1 mg" not in words


def test_only_what_was_refused_or_left_out(qtbot) -> None:
    doses = (given(1), given(2, "not-done", reason="nil by mouth"), given(3))
    made = section(qtbot, chart(patient_view(), administrations=doses), tab="given")
    made.shown.missed.click()
    words = said(made)
    assert "NIL BY MOUTH" in words and "1 of 3 doses shown" in words and "drug 0001" not in words


@pytest.mark.parametrize("state", ["not_recorded", "unavailable", "none_asserted"])
@pytest.mark.parametrize("tab", ["all", "critical", "given"])
def test_an_empty_list_says_why_on_each_tab(qtbot, tab: str, state: str) -> None:
    found = chart(patient_view(), medicines=Listing(state), administrations=Listing(state))
    words = said(section(qtbot, found, tab=tab))
    word = {"not_recorded": "not proof", "unavailable": "Not known", "none_asserted": "None, as recorded"}[state]
    assert word in words


def test_a_pane_of_the_former_patient_draws_nothing(qtbot) -> None:
    for tab in ("all", "critical", "given"):
        made = section(qtbot, full_chart(), tab=tab)
        pane = made.shown.sheet.pane
        assert pane.may_show()
        HELD[-1][1].turn_to("P0000000000002")
        assert not pane.may_show() and pane.isHidden()
