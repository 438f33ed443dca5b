"""F5: numbers at once, documents by typing, warnings before words, nothing shown that does not verify."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

import desktop.plans.page as page
from desktop.plans.page import PlansPlace
from desktop.plans.rows import ContactRow, KindRow, PaperRow, contact_row, paper_row
from desktop.shell.tokens import TARGET
from desktop.shell.type import width
from desktop.shell.window import MainWindow
from localdb.plans.directory import Contact
from localdb.plans.searching import Found
from tests.unit.desktop.ward_house import NOW, FakeHouse, FakeShelf
from tests.unit.desktop.window_stage import settle, window_on


@pytest.fixture
def shown(qapp: Any) -> Iterator[tuple[MainWindow, PlansPlace]]:
    with window_on(FakeHouse()) as window:
        window.activateWindow()
        QTest.keyClick(window, Qt.Key.Key_F5)
        settle(window.context)
        place = window.places.place("plans")
        assert isinstance(place, PlansPlace)
        yield window, place


def numbers(place: PlansPlace) -> list[str]:
    assert place.stack.currentWidget() is place.numbers
    return [r.text for r in place.numbers.held.rows if isinstance(r, ContactRow)]


def papers(place: PlansPlace) -> list[PaperRow]:
    return [r for r in place.list.held.rows if isinstance(r, PaperRow)]


def test_the_number_of_haematology_stands_there_after_one_key(shown: tuple[MainWindow, PlansPlace]) -> None:
    _, place = shown
    assert "Haematology, 01632 960115" in numbers(place)
    assert place.filter.hasFocus(), "what is typed next is searched"


def test_typing_finds_numbers_first_then_words_inside_documents(shown: tuple[MainWindow, PlansPlace]) -> None:
    window, place = shown
    QTest.keyClicks(place.filter, "haem")
    assert numbers(place) == ["Haematology, 01632 960115"]
    place.filter.setText("reference bench")
    assert [r.paper.title for r in papers(place)] == ["Laboratory down"]
    assert "Ring the reference bench first" in papers(place)[0].text
    assert "reference bench" in place.pane.toPlainText()
    place.filter.setText("zebra")
    assert "Nothing of this site has" in place.pane.toPlainText()
    assert not place.print.isEnabled()
    window.back()
    settle(window.context)
    assert place.filter.text() == ""
    assert "Haematology, 01632 960115" in numbers(place)


def test_a_review_that_is_due_stands_above_the_words(shown: tuple[MainWindow, PlansPlace]) -> None:
    _, place = shown
    place.list.opened.emit(next(r for r in papers(place) if r.paper.title == "Laboratory down"))
    assert place.warning.text() == "Review was due 31-Jan-2026"
    assert place.warning.isVisible()
    assert "version 1" in place.head.text()


def test_what_does_not_verify_is_named_and_not_shown(shown: tuple[MainWindow, PlansPlace]) -> None:
    _, place = shown
    forged = next(r for r in papers(place) if r.paper.title == "Forged card")
    assert "signature" in forged.text
    place.list.opened.emit(forged)
    assert place.pane.toPlainText() == ""
    assert "plan.damaged" in place.warning.text()
    assert not place.print.isEnabled()


def test_printing_says_what_came_out_or_why_not(
    shown: tuple[MainWindow, PlansPlace], monkeypatch: pytest.MonkeyPatch
) -> None:
    window, place = shown
    told: list[str] = []
    window.context.status.connect(lambda notice: told.append(notice.text))
    monkeypatch.setattr(page, "print_paper", lambda house, paper: f"{paper.title} printed on Ward A.")
    place.print.click()
    settle(window.context)
    assert told[-1] == "Telephone directory printed on Ward A."


def test_an_empty_shelf_says_how_documents_come(monkeypatch: pytest.MonkeyPatch, qapp: Any) -> None:
    house = FakeHouse()
    house.plans = FakeShelf()
    house.plans.held = ()
    with window_on(house) as window:
        place = window.places.go("plans")
        settle(window.context)
        assert isinstance(place, PlansPlace)
        assert "wardlamp plans import" in place.pane.toPlainText()
        assert not place.print.isEnabled()


def test_controls_are_large_enough(shown: tuple[MainWindow, PlansPlace]) -> None:
    _, place = shown
    assert place.filter.height() >= TARGET
    assert place.print.height() >= TARGET
    rows = [*place.list.held.rows, *place.numbers.held.rows]
    assert all(r.height >= TARGET for r in rows if not isinstance(r, KindRow))


@pytest.mark.parametrize("room", [300, 430, 900])
def test_no_name_or_number_is_cut(qapp: Any, room: int) -> None:
    long = Contact(
        "Consultant haematologist for thrombosis and haemostasis", "01632 960115 extension 20441", "all hours " * 8
    )
    row = contact_row(long, room)
    assert " ".join(row.name) == long.name
    assert " ".join(row.number) == long.number
    assert all(width(w, "value", 500) <= room * row.share for w in row.name)
    assert all(width(w, "family", 700) <= room * (1 - row.share) for w in row.number)
    paper = FakeShelf().held[0]
    made = paper_row(Found(paper, "words " * 40), NOW.date(), room)
    assert all(width(w, "label") <= room for w in made.below)
