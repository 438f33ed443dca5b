"""The page of one patient: sections, states in words, keys, names for screen readers, ages that move."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from desktop.imaging.reports import examinations, held_words, is_laboratory
from desktop.patient.banner import AllergyStrip, Banner
from desktop.patient.keyed import Stand
from desktop.patient.lines import ResultLine, times_alone
from desktop.patient.page import PatientPage
from desktop.patient.rail import LEAST
from desktop.patient.results import ALL, PERIODS, Cumulative
from desktop.patient.words import dose_gap, medicine_groups, section_age, state_words
from desktop.shell.context import Changes
from localdb.chart.grid import cumulative
from localdb.chart.views import Chart, Listing
from localdb.records.vocabulary import HumanName, ImagingStudy
from tests.flows.every_pane.walking import spying
from tests.unit.desktop.patient.builders import allergy, at, chart, full_chart, patient_view, phoned, result, source
from tests.unit.desktop.patient.stage import NOW, Stage, stage_of

SIZES = [(1366, 675), (1093, 521)]
STATES = ("known", "none_asserted", "not_recorded", "unavailable")


def open_page(qtbot, found: Chart, size: tuple[int, int] = (1366, 675)) -> tuple[Stage, PatientPage]:
    stage = stage_of(found)
    page = PatientPage(stage.context)
    qtbot.addWidget(page)
    stage.held.append(page)
    page.resize(*size)
    page.show()
    page.show_patient(found.patient.id)
    assert page.frame is not None
    return stage, page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("number", range(1, 8))
def test_every_section_opens_at_both_sizes_and_pushes_nothing_open(qtbot, number: int, size: tuple[int, int]) -> None:
    _, page = open_page(qtbot, full_chart(), size)
    page.set_section(number)
    page.grab()
    assert (page.width(), page.height()) == size


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("number", range(1, 8))
def test_controls_have_names_and_are_large_enough(qtbot, number: int, size: tuple[int, int]) -> None:
    _, page = open_page(qtbot, full_chart(), size)
    page.set_section(number)
    for widget in (*page.findChildren(QAbstractButton), *page.findChildren(QLineEdit)):
        if widget.isVisibleTo(page):
            assert widget.accessibleName(), type(widget).__name__
            low = 36 if widget is page.frame.strip.details else 44  # the strip is 36 px high (LOOK §4)
            low = LEAST if widget in page.frame.rail.items else low  # lower rather than out of sight, below
            assert widget.height() >= low, f"{widget.accessibleName()}: {widget.height()}"
            assert widget.width() >= 44, widget.accessibleName()


def test_the_rail_stands_whole_under_a_tall_banner(qtbot) -> None:
    """At 125 % with a training band, allergies in two lines and a correction: the way to Record stays in sight."""
    _, page = open_page(qtbot, full_chart(), (1093, 614 - 71 - 32))
    rail = page.frame.rail
    assert page.frame.corrected.isVisible()
    assert rail.minimumSizeHint().height() <= page.frame._rail_room.viewport().height()
    assert all(item.height() >= LEAST for item in rail.items)


def test_times_stand_for_the_frequency_only_where_they_say_all_of_it() -> None:
    assert times_alone("twice a day, 08:00, 20:00") == "08:00, 20:00"
    assert times_alone("three times a day, 02:45, 10:00, 18:00") == "02:45, 10:00, 18:00"
    for other in ("twice a day, 08:00", "if needed, at least 4hr apart", "alternate days, 08:00", "weekly, Mon 08:00"):
        assert times_alone(other) == ""


def test_alt_and_a_digit_opens_a_section(qtbot) -> None:
    _, page = open_page(qtbot, full_chart())
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    QTest.keyClick(page.frame.shown, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert page.section == 3


@pytest.mark.parametrize("state", [s for s in STATES if s != "known"])
@pytest.mark.parametrize("name", ["results", "medicines", "observations", "reports", "documents"])
def test_a_list_that_is_not_known_says_so_in_its_own_words(name: str, state: str) -> None:
    kind = {"results": "result", "medicines": "medicine", "observations": "observation", "reports": "report",
            "documents": "document"}[name]  # fmt: skip
    found = chart(**{name: Listing(state)})
    said = state_words(found.lists[name], name, found, NOW, kind)
    assert said is not None
    word = {"none_asserted": "None, as recorded", "not_recorded": "No ", "unavailable": "Not known"}[state]
    assert said.title.startswith(word)
    if state == "not_recorded":
        assert "not proof" in said.text
    if state == "unavailable":
        assert "not in this copy" in said.title


def test_the_three_words_for_nothing_differ() -> None:
    titles = set()
    for state in ("none_asserted", "not_recorded", "unavailable"):
        found = chart(results=Listing(state))
        said = state_words(found.lists["results"], "results", found, NOW, "result")
        assert said is not None
        titles.add(said.title)
    assert len(titles) == 3


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("number", range(1, 8))
def test_an_empty_chart_in_any_state_can_be_shown(qtbot, number: int, state: str) -> None:
    lists = {name: Listing(state) for name in full_chart().lists}
    _, page = open_page(qtbot, chart(**lists))
    page.set_section(number)
    page.grab()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "name",
    [
        HumanName(family="Featherstonehaugh-Cholmondeley-Satterthwaite", given=("Wilhelmina",), prefix=("Ms",)),
        HumanName(family="Ab" * 30, given=("Cd",)),
        HumanName(family="Wójcik-Nowakowska", given=("Katarzyna Małgorzata Aleksandra",), prefix=("Prof. Dr",)),
        HumanName(text="محمد بن سلمان"),
        HumanName(family="O", given=("I",)),
    ],
)
def test_a_name_of_any_length_is_whole_and_nothing_runs_into_it(qtbot, name: HumanName, size: tuple[int, int]) -> None:
    found = chart(patient_view(name=name, preferred="Mina"))
    stage = stage_of(found)
    stand = Stand()
    banner = Banner(stage.context.look, stand, stand.turn_to(found.patient.id), found, NOW)
    qtbot.addWidget(banner)
    banner.resize(size[0], 56)
    banner.show()
    banner.resize(size[0], banner.height())
    assert "".join(banner._name_lines()).replace(" ", "") == banner.name.replace(" ", "")
    names_end = banner._name_height()
    for x, baseline, _, _ in banner._placed():
        assert x >= banner._column() - 1 or baseline - 20 >= names_end - 26
        assert baseline <= banner.height()


def test_the_dead_have_another_ground_and_a_pattern(qtbot) -> None:
    view = patient_view(is_deceased=True, deceased=at("2026-11-24"), born=at("1956-02-02"))
    _, page = open_page(qtbot, chart(view))
    facts = [(label, value) for label, value, _ in page.frame.banner.second]
    assert ("Died", "24-Nov-2026") in facts
    assert ("Age at Death", "70y") in facts
    assert all("(" not in value for label, value, _ in page.frame.banner.first if label == "Born")
    image = page.frame.banner.grab().toImage()
    assert image.pixelColor(400, 5).name() == page._context.look.theme.color("sunken").name()
    assert len({image.pixelColor(x, 20).name() for x in range(6, 36)}) > 2


def test_an_allergy_is_never_counted_away(qtbot) -> None:
    from tests.unit.desktop.patient.builders import allergy

    found = chart(allergies=tuple(allergy(f"Agent number {n}", "rash and swelling", "2019-06-12") for n in range(14)))
    _, page = open_page(qtbot, found)
    strip = page.frame.strip
    assert isinstance(strip, AllergyStrip)
    assert sum(len(line) for line in strip.lines()) == 14
    assert strip.height() > 36


def test_a_change_of_this_patient_reloads_and_keeps_the_section(qtbot) -> None:
    stage, page = open_page(qtbot, full_chart())
    page.set_section(2)
    newer = chart(full_chart().patient, entries=(phoned(),), results=full_chart().lists["results"].items)
    stage.house.charts[newer.patient.id] = newer
    stage.context.changed.emit(Changes(frozenset({"P000000000000X"}), entries=True))
    assert page.frame.chart is not newer
    stage.context.changed.emit(Changes(frozenset({newer.patient.id}), entries=True))
    assert page.frame.chart is newer
    assert page.section == 2


def test_an_error_is_said_in_place_with_its_code(qtbot) -> None:
    _, page = open_page(qtbot, full_chart())
    page.show_patient("P0000000000009")
    assert page.frame is None
    assert "patient.unknown" in page._notice.accessibleName()


def test_ages_move_with_the_clock() -> None:
    found = full_chart()
    assert section_age(found, NOW, "observation").text == "02:38"
    moved = chart(sources=tuple(source("eobs", {"observation": "2026-11-24T02:38"}) for _ in range(1)))
    assert section_age(moved, NOW, "observation").text == "02:38 ageing"
    assert section_age(moved, NOW + timedelta(hours=2), "observation").text == "02:38 not safe"
    assert section_age(moved, NOW, "document").text == "never came"


def test_a_gap_between_last_dose_known_and_downtime_is_said() -> None:
    assert dose_gap(full_chart().sources, NOW) == "Between 02:38 and 02:47 a dose may have been given that is not here."
    assert dose_gap((), NOW) == "No record of doses given ever came."


def test_suspended_and_stopped_are_apart_and_none_is_lost() -> None:
    items = full_chart().lists["medicines"].items
    groups = medicine_groups(items)
    assert sum(len(g.items) for g in groups) == len(items)
    assert [g.key for g in groups] == ["regular", "needed", "suspended"]


def test_reports_name_their_images_only_where_the_source_does() -> None:
    found = examinations(full_chart())
    assert [(e.report is not None, e.study is not None) for e in found] == [(True, True), (True, False)]
    assert held_words(found[0].study) == "1 of 2 images held"
    assert not any(is_laboratory(e.report) for e in found if e.report)
    uncounted = ImagingStudy(id="R1", patient="P1", source="ris", source_id="1", total=None, held=3)
    assert held_words(uncounted) == "3 images held, of how many is not known"


def wide_chart(columns: int, rows: int) -> Chart:
    made = [
        result(f"Analyte {r}", f"{(r * 7 + c) % 90}.{c % 10}", f"2026-{c // 24 // 28 % 10 + 1:02d}-{c // 24 % 28 + 1:02d}T"
               f"{c % 24:02d}:00", flag="H" if (r + c) % 9 == 0 else None, range="3.5-5.3")
        for c in range(columns)
        for r in range(rows)
    ]  # fmt: skip
    return chart(results=tuple(made))


def test_of_a_thousand_columns_only_those_in_view_are_drawn(qtbot) -> None:
    found = wide_chart(1000, 12)
    stage = stage_of(found)
    stand = Stand()
    section = Cumulative(stage.context, stand, stand.turn_to(found.patient.id), found)
    qtbot.addWidget(section)
    section.resize(1206, 588)
    section.show()
    while section.period != ALL:
        section._on_period()
    assert len(section.grid.columns) == 1000
    chance = random.Random(1)
    for _ in range(20):
        section.view.horizontalScrollBar().setValue(chance.randrange(990))
        section.view.grab()
        assert 0 < section.view.painted_cells <= 12 * 8
    QTest.keyClick(section.view, Qt.Key.Key_Home)
    assert section.view.horizontalScrollBar().value() == 0
    QTest.keyClick(section.view, Qt.Key.Key_End)
    assert section.view.horizontalScrollBar().value() == section.view.horizontalScrollBar().maximum()


def test_a_column_is_shown_whole_or_not_at_all(qtbot) -> None:
    """A figure that is cut at the left edge reads as another figure: 136 as 36."""
    found = wide_chart(40, 3)
    stage = stage_of(found)
    stand = Stand()
    section = Cumulative(stage.context, stand, stand.turn_to(found.patient.id), found)
    qtbot.addWidget(section)
    section.show()
    section.period = ALL
    section._show()
    for width in (900, 1000, 1093, 1206, 1333):
        section.resize(width, 500)
        view = section.view
        first, last, offset = view._columns_in_view(view.viewport().rect().toRectF())
        assert offset + first * 108 == view.fixed
        assert offset + (last + 1) * 108 <= view.viewport().width()


def test_the_chosen_result_is_told_to_a_screen_reader(qtbot) -> None:
    found = full_chart()
    _, page = open_page(qtbot, found)
    page.set_section(2)
    section = page.frame.shown.shown
    assert isinstance(section, Cumulative)
    section._on_jump("pota")
    told = section.view.accessibleDescription()
    assert "Potassium" in told
    assert "CORRECTED 02:05" in told
    assert "was 6.8" in told
    assert section.trend.accessibleName().startswith("Potassium, mmol/L: last 5.9")


def test_restricted_alerts_are_discreet_and_in_the_details(qtbot) -> None:
    from tests.unit.desktop.patient.builders import _alert

    found = chart(alerts=(_alert("Safeguarding concern", "safeguarding", restricted=True), _alert("Falls", "safety")))
    _, page = open_page(qtbot, found)
    shown = page.frame.shown.pane.spoken()
    assert "Safeguarding" not in shown
    assert "Restricted, see Details: 1" in shown
    assert any("Safeguarding" in text for _, text, _ in page.frame.details.facts)
    page.set_section(7)
    spoken = page.frame.shown.view.spoken()
    assert "Restricted record" in spoken and "Safeguarding" not in spoken


def test_a_newer_copy_does_not_change_what_the_grid_holds_of_others() -> None:
    assert cumulative(full_chart().lists["results"].items).total == 41


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_every_theme_draws_every_section(qtbot, theme: str) -> None:
    from desktop.shell.tokens import THEMES

    stage, page = open_page(qtbot, full_chart())
    stage.context.look.use(THEMES[theme])
    for number in range(1, 8):
        page.set_section(number)
        page.grab()


def test_a_hundred_patients_leave_no_widget_behind(qtbot) -> None:
    stage, page = open_page(qtbot, full_chart())
    other = chart(patient_view(1, "Birch"))
    stage.house.charts[other.patient.id] = other

    def alive() -> int:
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return len(page.findChildren(QWidget))

    page.show_patient(full_chart().patient.id, 2)
    before = alive()
    for n in range(100):
        page.show_patient((other if n % 2 == 0 else full_chart()).patient.id, n % 7 + 1)
        alive()
    page.show_patient(full_chart().patient.id, 2)
    assert alive() == before
    page.close_patient()
    assert alive() == 0


@pytest.mark.parametrize("width", [1366, 1093, 911, 700])
def test_an_allergy_longer_than_a_line_goes_on_below_and_loses_no_word(qtbot, width: int) -> None:
    reaction = "generalised urticaria, angioedema of the lips, wheeze and hypotension needing adrenaline twice, 2011"
    long = allergy("Trimethoprim with sulfamethoxazole", reaction, "2020-05-08", "severe")
    found = chart(allergies=(allergy("Latex", "rash", "2019-06-12"), long, allergy("Codeine", "nausea", "2022-02-03")))
    _, page = open_page(qtbot, found, (width, 675))
    strip = page.frame.strip
    room = strip.width() - strip._title_width() - 60
    told = " ".join(part for line in strip.lines() for item in line for part in item if part)
    for word in ("Latex", "Codeine", *long.text.split(), *reaction.split(), "08-May-2020"):
        assert word.strip(",") in told
    with spying() as spy:
        strip.grab()
    assert spy.cut == []
    assert room > 0


@pytest.mark.parametrize(("status", "mark"), [("R", "unverified"), ("P", "prelim"), ("S", "prelim")])
def test_a_result_that_is_not_verified_says_so_in_summary_and_grid_with_what_was_said_beside_it(
    qtbot, status: str, mark: str
) -> None:
    """OBX-11 R, P, S (CLINICAL §3.1): in every cell, and the comment beside the value (L6)."""
    sent = result("Potassium", "6.1", "2026-11-24T01:10", loinc="2823-3", status=status, comments=("haemolysed",))
    _, page = open_page(qtbot, chart(results=(sent,)))
    line = next(b for p in page.frame.shown.pane.placed for b in p.blocks if isinstance(b, ResultLine))
    assert mark in line._name()
    assert ("haemolysed", "") in line._below()
    assert mark.upper() in line.words.upper()
    page.set_section(2)
    grid = page.frame.shown.shown.view
    (cell,) = [c for r in grid.grid.rows for c in r.every]
    assert cell.mark == mark.upper()
    assert mark.upper() in grid.accessibleDescription().upper()


def test_typing_leaves_the_rows_that_have_it_and_never_looks_complete(qtbot) -> None:
    found = full_chart()
    _, page = open_page(qtbot, found)
    page.set_section(2, "tests")
    section = page.frame.shown.shown
    every = len(section.grid.rows)
    section._on_jump("pota")
    assert [r.name for r in section.grid.rows] == ["Potassium"]
    assert f"1 of {every} tests shown" in section._foot.text()
    section._on_jump("no such test")
    assert len(section.grid.rows) == every
    assert "No test has that name" in section._foot.text()
    section._on_jump("")
    assert len(section.grid.rows) == every
    assert "tests shown" not in section._foot.text()


def test_the_look_back_goes_round_and_says_what_it_leaves_out(qtbot) -> None:
    old = result("Sodium", "140", "2025-01-01T08:00", loinc="2951-2")
    new = result("Sodium", "131", "2026-11-24T01:10", loinc="2951-2")
    mid = result("Sodium", "135", "2026-11-10T01:10", loinc="2951-2")
    _, page = open_page(qtbot, chart(results=(old, mid, new)))
    page.set_section(2, "tests")
    section = page.frame.shown.shown
    seen = {}
    for _ in PERIODS:
        seen[PERIODS[section.period][0]] = (section.grid.shown, len(section.grid.columns))
        section._period.click()
    assert seen["All in this copy"][1] == 3
    assert seen["Last 30 days"][1] == 2
    assert seen["Last 7 days"][1] == seen["Last 24 hours"][1] == 1
    assert section.grid.rows[0].before, "the last one before the window stays in sight (L7)"
