"""Tabs of a section: made when first shown, stepped by the section's own key, named by a wish, of one patient."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget

from desktop.patient import frame as frames
from desktop.patient.page import PatientPage
from desktop.patient.tabs import Tab, Tabs
from tests.unit.desktop.patient.builders import full_chart
from tests.unit.desktop.patient.stage import Stage, stage_of

MADE: list[str] = []


class Named(QLabel):
    """A tab that says when it is made and when the minute changed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.retimed = 0
        MADE.append(code)

    def retime(self) -> None:
        self.retimed += 1


def section(context, stand, key, chart) -> QWidget:
    tabs = [Tab(code, code.capitalize(), lambda *a, code=code: Named(code)) for code in ("grid", "micro", "bank")]
    return Tabs(context, stand, key, chart, tabs, "Results")


@pytest.fixture
def page(qtbot, monkeypatch) -> tuple[Stage, PatientPage]:
    MADE.clear()
    made = list(frames.section_makers())
    made[1] = section
    monkeypatch.setattr(frames, "section_makers", lambda: tuple(made))
    stage = stage_of(full_chart())
    page = PatientPage(stage.context)
    qtbot.addWidget(page)
    stage.held.append(page)
    page.resize(1366, 675)
    page.show()
    page.show_patient(full_chart().patient.id)
    return stage, page


def test_the_key_of_the_section_opens_it_and_then_steps_through_its_tabs(page) -> None:
    _, page = page
    seen = []
    for _ in range(4):
        QTest.keyClick(page, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
        seen.append(page.frame.tab)
    assert seen == ["grid", "micro", "bank", "grid"]
    assert MADE == ["grid", "micro", "bank"], "a tab is made once, when it is first shown"


def test_a_section_opened_at_another_tab_does_not_make_its_first(page) -> None:
    _, page = page
    page.set_section(2, "bank")
    assert (page.frame.tab, MADE) == ("bank", ["bank"])
    page.set_section(1)
    page.set_section(2)
    assert (page.frame.tab, MADE) == ("bank", ["bank"]), "the place stays"


def test_sabotage_a_section_that_shows_its_first_tab_by_itself_is_caught(page, monkeypatch) -> None:
    _, page = page
    made = Tabs.__init__

    def eager(self, *of) -> None:
        made(self, *of)
        self.show_first()

    monkeypatch.setattr(Tabs, "__init__", eager)
    page.set_section(2, "bank")
    assert MADE != ["bank"]


@pytest.mark.parametrize("number", [2, 3, 4, 6])
def test_each_section_stands_the_same_whichever_tab_it_was_opened_at(qtbot, number) -> None:
    """What stands beside the tabs belongs to the first of them, which may be made last."""

    def beside(page: PatientPage) -> list[tuple[str, bool]]:
        shown = page.frame.shown
        parts = [shown.bar.itemAt(n).widget() for n in range(shown.bar.count())]
        return [(w.accessibleName(), w.isVisible()) for w in parts if w is not None]

    seen = {}
    for tab in ["", *_codes(qtbot, number)]:
        page = _opened(qtbot)
        page.set_section(number, tab)
        first = next(iter(page.frame.shown.buttons))
        page.set_section(number, first)
        seen[tab] = beside(page)
    assert all(found == seen[""] for found in seen.values()), seen


def _opened(qtbot) -> PatientPage:
    stage = stage_of(full_chart())
    page = PatientPage(stage.context)
    qtbot.addWidget(page)
    stage.held.append(page)
    page.stage = stage
    page.resize(1366, 675)
    page.show()
    page.show_patient(full_chart().patient.id)
    return page


def _codes(qtbot, number: int) -> list[str]:
    page = _opened(qtbot)
    page.set_section(number)
    return list(page.frame.shown.buttons)


def test_a_wish_names_section_and_tab_and_a_reload_keeps_both(page) -> None:
    _, page = page
    page.set_section(2, "bank")
    assert (page.frame.section, page.frame.tab) == (2, "bank")
    page.reload()
    assert (page.frame.section, page.frame.tab) == (2, "bank")
    page.show_patient(page.person, 2, "micro")
    assert page.frame.tab == "micro"


def test_a_tab_that_does_not_exist_leaves_the_one_in_front(page) -> None:
    _, page = page
    page.set_section(2, "micro")
    page.set_section(2, "no such tab")
    assert page.frame.tab == "micro"
    page.set_section(1)
    assert page.frame.tab == ""


def test_the_buttons_say_which_tab_is_in_front_and_the_minute_reaches_each_that_was_made(page) -> None:
    _, page = page
    page.set_section(2, "micro")
    tabs = page.frame.shown
    assert {code: b.kind for code, b in tabs.buttons.items()} == {"grid": "normal", "micro": "chosen", "bank": "normal"}
    tabs.buttons["bank"].click()
    assert page.frame.tab == "bank"
    page.frame.retime()
    assert [w.retimed for w in tabs.findChildren(Named)] == [1] * len(MADE) == [1, 1]
