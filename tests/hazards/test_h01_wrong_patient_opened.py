"""H01: the wrong patient is opened because two are alike (CLINICAL §7.4).

Controls: near-twins carry the words "Same name on ward" on board, search and banner; opening is by person id, never by
place in a list; an answer to an earlier question cannot be opened; the banner of whom was opened stands on screen. Each
check fails when its control is taken away.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.shell.window import MainWindow
from desktop.ward import search
from desktop.ward.hits import PersonRow
from tests.unit.desktop.patient.builders import chart
from tests.unit.desktop.ward_house import EVERYONE, OTHERS, TWINS, FakeHouse, FakeReading
from tests.unit.desktop.window_stage import settle, window_on


def typed(window: MainWindow, words: str) -> None:
    window.find()
    window.header.find.clear()
    QTest.keyClicks(window.header.find, words)
    settle(window.context)


def rows_of(window: MainWindow) -> list[PersonRow]:
    return [r for r in window.search.list.held.rows if r.can_open]


def twins_are_marked(window: MainWindow) -> None:
    """The check: both twins say that they are alike, in the search and on the board."""
    typed(window, "moh am")
    found = {r.patient: r for r in rows_of(window)}
    for twin in TWINS:
        assert "same name on ward" in found[twin.id].text
    window.search.leave()
    board = {r.patient: r for r in window.places.ward.rows if r.patient}
    for twin in TWINS:
        assert "same name on ward" in board[twin.id].text


def banner_says_so(window: MainWindow) -> None:
    """The check: once a twin is open, the banner goes on saying it; who lies alone has no chip."""
    for who in (*TWINS, OTHERS[1]):  # whose ward holds nobody else
        window.show_patient(who.id)
        settle(window.context)
        assert ("Same name on ward" in banner_texts(window)) is (who in TWINS)


def banner_texts(window: MainWindow) -> str:
    page = window.patient_page
    return " ".join(w.accessibleName() for w in page.findChildren(QWidget) if w.isVisible())


def opens_whom_was_chosen(window: MainWindow, seed: int, rounds: int) -> None:
    """The check: whatever row was chosen by arrows, that person's banner stands, with its own birth date."""
    dice = random.Random(seed)
    for _ in range(rounds):
        typed(window, "moh")
        rows = rows_of(window)
        for _ in range(dice.randrange(0, 4)):
            QTest.keyClick(window.header.find, dice.choice((Qt.Key.Key_Down, Qt.Key.Key_Up)))
        chosen = window.search.list.chosen_row()
        QTest.keyClick(window.header.find, Qt.Key.Key_Return)
        settle(window.context)
        assert chosen in rows
        assert window.patient == chosen.patient
        said = banner_texts(window)
        assert chosen.born.split(" (")[0] in said, "the banner is not of whom was chosen"
        others = [v for v in EVERYONE if v.id != chosen.patient]
        assert not any(v.born and v.nhs and v.nhs in said.replace(" ", "") for v in others)


def test_near_twins_are_marked_where_they_are_chosen() -> None:
    with window_on(FakeHouse()) as window:
        twins_are_marked(window)


def test_sabotage_without_the_similar_name_rule_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "similar_ids", lambda people: frozenset())
    with window_on(FakeHouse()) as window, pytest.raises(AssertionError):
        twins_are_marked(window)


def test_the_banner_of_a_near_twin_says_so() -> None:
    with window_on(FakeHouse()) as window:
        banner_says_so(window)


def test_sabotage_without_the_chip_in_the_banner_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeReading, "chart", lambda self, patient: chart(next(v for v in EVERYONE if v.id == patient)))
    with window_on(FakeHouse()) as window, pytest.raises(AssertionError):
        banner_says_so(window)


def test_opening_from_search_shows_the_banner_of_whom_was_chosen() -> None:
    with window_on(FakeHouse()) as window:
        opens_whom_was_chosen(window, seed=1, rounds=12)


def test_sabotage_opening_by_place_instead_of_person_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_place(self: Any, row: PersonRow) -> None:
        self.leave()
        self.opened.emit(TWINS[0].id)  # "the first one", whoever was chosen

    monkeypatch.setattr(search.SearchPanel, "_on_open", by_place)
    with window_on(FakeHouse()) as window, pytest.raises(AssertionError):
        opens_whom_was_chosen(window, seed=1, rounds=12)


def stale_answer_opens_nobody(window: MainWindow) -> None:
    """The check: a person types on, the older answer comes last, Enter is pressed at once."""
    typed(window, "moh")
    window.header.find.setText("patel h")
    window.search._asked = "patel h"
    window.search.on_found("moh", (TWINS[0],))
    QTest.keyClick(window.header.find, Qt.Key.Key_Return)
    settle(window.context)
    assert not window.patient, "somebody was opened who does not match what stands in the field"


def test_an_answer_to_an_earlier_question_opens_nobody() -> None:
    with window_on(FakeHouse()) as window:
        stale_answer_opens_nobody(window)


def test_sabotage_without_the_question_check_the_wrong_one_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search.SearchPanel, "_on_enter", lambda self: self.list.open_chosen())
    with window_on(FakeHouse()) as window, pytest.raises(AssertionError):
        stale_answer_opens_nobody(window)
