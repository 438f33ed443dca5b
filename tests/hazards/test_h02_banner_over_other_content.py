"""H02: the banner of one patient over the record of another.

The page is switched at random between patients and sections while answers come late and in any order. After each step
everything that can be seen must be of the patient that the page stands on. The sabotage takes the key away; the same
check must then fail.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget

from desktop.patient.banner import Banner
from desktop.patient.gridview import GridView
from desktop.patient.keyed import KeyedWidget, PatientKey, Stand, WrongPatient
from desktop.patient.page import PatientPage
from desktop.patient.trendview import TrendView
from localdb.chart.views import Chart
from tests.unit.desktop.patient.builders import chart, full_results, patient_view
from tests.unit.desktop.patient.stage import Stage, stage_of

FAMILIES = ("Alder", "Birch", "Cedar", "Drake", "Elder", "Fenn")


def made(number: int) -> Chart:
    view = patient_view(number, FAMILIES[number], "Ida", reason=f"reason of {FAMILIES[number]}")
    return chart(view, results=full_results()[: 4 + number])


CHARTS = {f"P000000000000{n + 1}": made(n) for n in range(len(FAMILIES))}


def keyed(page: QWidget) -> list[KeyedWidget | GridView]:
    return [*page.findChildren(KeyedWidget), *page.findChildren(GridView)]


PLACES = (
    (1, ""), *((2, t) for t in ("tests", "trends", "microbiology", "bank", "flight")),
    *((3, t) for t in ("all", "critical", "given")), *((4, t) for t in ("chart", "table", "fluids", "measures")),
    (5, ""), (6, "letters"), (6, "find"), (7, ""),
)  # fmt: skip


def mismatches(page: PatientPage) -> list[str]:
    """What is visible and not of the patient that the page stands on; and a banner that says another name."""
    wrong: list[str] = []
    for other in page.findChildren(QWidget):  # whatever holds a record, drawn by itself or by its children
        held = getattr(other, "_chart", None)
        if isinstance(held, Chart) and other.isVisible() and page.person and held.patient.id != page.person:
            wrong.append(f"{type(other).__name__} holds another record")
    for widget in keyed(page):
        if widget.isVisible() and widget.may_show() and not _is_of(widget, page.person):
            wrong.append(type(widget).__name__)
        if isinstance(widget, Banner) and widget.isVisible() and page.person:
            family = FAMILIES[int(page.person[-1]) - 1].upper()
            if family not in widget.name:
                wrong.append(f"banner says {widget.name}")
    return wrong


def _is_of(widget: KeyedWidget | GridView, person: str) -> bool:
    shown = widget.chart if isinstance(widget, KeyedWidget) else widget._chart
    return shown.patient.id == person


def switch_about(stage: Stage, page: PatientPage, seed: int, steps: int) -> list[str]:
    """Random openings, sections, reloads and late answers; all mismatches on the way."""
    chance = random.Random(seed)
    found: list[str] = []
    for _ in range(steps):
        act = chance.random()
        if act < 0.4:
            page.show_patient(chance.choice(list(CHARTS)))
        elif act < 0.5:
            page.reload()
        elif act < 0.53:
            page.close_patient()
        elif act < 0.6 and page.frame is not None:
            page.set_section(*chance.choice(PLACES))
        else:
            stage.reader.deliver()
        found += mismatches(page)
    return found


@pytest.fixture
def staged(qtbot) -> tuple[Stage, PatientPage]:
    stage = stage_of(*CHARTS.values(), late=True, seed=7)
    page = PatientPage(stage.context)
    qtbot.addWidget(page)
    page.resize(1366, 675)
    page.show()
    return stage, page


def test_rapid_switching_never_shows_another_patients_record(staged, times: Callable[[int, int], int]) -> None:
    stage, page = staged
    assert switch_about(stage, page, 1, times(1000, 10_000)) == []
    assert page.refused > 0, "no late answer was ever refused: the test did not try what it claims"


def test_the_last_patient_asked_for_is_the_one_shown_in_the_end(staged) -> None:
    stage, page = staged
    switch_about(stage, page, 2, 100)
    page.show_patient("P0000000000003")
    while stage.reader.deliver():
        pass
    assert page.frame is not None
    assert "CEDAR" in page.frame.banner.name
    assert {w._chart.patient.id for w in keyed(page.frame)} == {"P0000000000003"}


def test_real_threads_that_answer_late_find_themselves_refused(qtbot) -> None:
    from desktop.shell.context import Context
    from desktop.shell.tokens import Look
    from tests.unit.desktop.patient.stage import FakeHouse

    context = Context(FakeHouse(dict(CHARTS)), Look())
    page = PatientPage(context)
    qtbot.addWidget(page)
    page.show()
    chance = random.Random(3)
    for _ in range(60):
        page.show_patient(chance.choice(list(CHARTS)))
        qtbot.wait(chance.choice((0, 0, 1, 3)))
        assert mismatches(page) == []
    page.show_patient("P0000000000002")
    qtbot.waitUntil(lambda: page.frame is not None)
    assert "BIRCH" in page.frame.banner.name
    context.close()


def test_sabotage_without_the_key_check_the_same_walk_shows_a_mismatch(staged, monkeypatch) -> None:
    stage, page = staged
    monkeypatch.setattr(PatientPage, "_accepts", lambda self, key, found: isinstance(found, Chart))
    monkeypatch.setattr(Stand, "admits", lambda self, key: True)
    assert switch_about(stage, page, 1, 150) != []


def test_a_widget_cannot_be_made_for_another_patients_record(qtbot) -> None:
    stage = stage_of(*CHARTS.values())
    stand = Stand()
    key = stand.turn_to("P0000000000001")
    other = CHARTS["P0000000000002"]
    for make in (
        lambda: Banner(stage.context.look, stand, key, other, stage.context.now()),
        lambda: GridView(stage.context, stand, key, other),
        lambda: TrendView(stage.context, stand, key, other),
    ):
        with pytest.raises(WrongPatient):
            make()


def test_a_key_cannot_be_changed() -> None:
    key = PatientKey("P0000000000001", 1)
    with pytest.raises(AttributeError):
        key.person = "P0000000000002"  # type: ignore[misc]


def test_a_left_over_widget_hides_and_draws_nothing_of_the_patient(qtbot) -> None:
    stage = stage_of(*CHARTS.values())
    stand = Stand()
    key = stand.turn_to("P0000000000001")
    banner = Banner(stage.context.look, stand, key, CHARTS["P0000000000001"], stage.context.now())
    qtbot.addWidget(banner)
    banner.resize(1366, 56)
    banner.show()
    stand.turn_to("P0000000000002")
    assert not banner.isVisible()
    image = banner.grab().toImage()
    colours = {image.pixelColor(x, y).name() for x in range(0, 1366, 3) for y in range(0, 56, 3)}
    assert colours == {stage.context.look.theme.color("sunken").name()}
