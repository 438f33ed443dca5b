"""The sources page in the real window: states, declaring by keys alone, the set-aside list and its messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.shell.window import MainWindow
from desktop.sources.page import SourcesPlace
from localdb.store.errors import StoreBusy
from localdb.store.image_counts import Room
from tests.unit.desktop.shell.test_accessible import said, tree, unnamed
from tests.unit.desktop.ward_house import NOW, FakeHouse, source
from tests.unit.desktop.window_stage import settle, window_on

PATIENT_LINE = b"PID|1||H0000002||PATEL^HARSHAD||19450501|M"


@pytest.fixture
def house() -> FakeHouse:
    made = FakeHouse()
    made.site["source_titles"] = {"lims": "Laboratory", "pas": "Patients and beds"}
    made.sources = (
        source("pas", timedelta(minutes=2), ("patient", "stay", "allergy")),
        source("lims", timedelta(minutes=64), ("patient", "result", "report")),
    )
    made.set_aside = [
        {"id": 7, "source": "lims", "file": "in/1.hl7", "index": 2, "type": "ORU^R01", "code": "identity.conflict",
         "reason": "Another name and another birth date.", "sha256": "ab" * 32, "times": 3,
         "first_seen": "2026-11-24T01:10:00+00:00", "last_seen": "2026-11-24T03:01:00+00:00"},
        {"id": 6, "source": "pas", "file": "mllp", "index": 0, "type": "", "code": "nobody.knows", "reason": "",
         "sha256": "cd" * 32, "times": 1, "first_seen": "", "last_seen": ""},
    ]  # fmt: skip
    made.messages = {7: b"MSH|^~\\&|LAB\r" + PATIENT_LINE + b"\r"}
    return made


@pytest.fixture
def window(house: FakeHouse) -> Iterator[MainWindow]:
    with window_on(house) as made:
        made.show_ages()
        settle(made.context)
        yield made


def place(window: MainWindow) -> SourcesPlace:
    found = window.places.place("sources")
    assert isinstance(found, SourcesPlace)
    return found


def press(window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(window.focusWidget() or window, key, modifier)
    settle(window.context)


def test_each_system_stands_by_its_title_with_its_state_in_words(window: MainWindow) -> None:
    words = said(tree(window))
    assert "Laboratory, not safe, complete to 02:08, 1hr 4min ago" in words
    assert "Results, complete to 02:08, 1hr 4min old, not safe" in words
    assert unnamed(tree(window)) == []


def test_the_room_for_images_stands_by_the_system_that_sends_them(window: MainWindow, house: FakeHouse) -> None:
    house.sources = (*house.sources, source("pacs", timedelta(minutes=90), ("patient", "image")))
    house.room = Room(
        studies=9, instances=99, images=90, held=60, used=19 * 10**8, budget=2 * 10**9,
        unheld={"image.let_go": 28, "image.damaged": 2},
    )  # fmt: skip
    here = place(window)
    here.enter()
    settle(window.context)
    for n, system in enumerate(here.systems):
        here.list.setCurrentIndex(here.list.held.index(n))
        words = here.pane.spoken()
        assert ("60 of 90 images that came are held, of 9 studies" in words) == (system.source == "pacs"), system.source
        if system.source == "pacs":
            assert "1.9 GB of 2.0 GB used; kept: all; nearly used up: the oldest will be let go" in words
            assert "28 let go to stay within the budget, 2 damaged" in words
    house.room = None
    here.enter()
    settle(window.context)
    assert "that came are held" not in said(tree(window)), "a laptop that only pulls keeps no count"


def test_declared_by_keys_alone_from_then_on_lamp_strip_and_page_say_it(window: MainWindow, house: FakeHouse) -> None:
    here = place(window)
    here.down.setFocus()
    press(window, Qt.Key.Key_Return)
    dialog = here.veil.dialog
    assert dialog is not None
    assert dialog.chosen == ("lims",), "the chosen system is ticked"
    assert dialog.height() <= 560
    for _ in range(12):
        press(window, Qt.Key.Key_Tab)
        assert dialog.isAncestorOf(window.focusWidget()), "Tab stays in the question"
    press(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert house.said == [("lims", "down", NOW)]
    assert here.veil.dialog is None
    assert window.lamp.shape == "split"
    assert window.lamp.box_line == "since 03:12"
    words = said(tree(window))
    assert "Laboratory is down since 03:12: no result or report after 02:08 is here." in words
    assert window.status.notice is not None
    assert "by Adaeze Obi" in window.status.notice.text


def test_all_at_once_since_an_earlier_time(window: MainWindow, house: FakeHouse) -> None:
    here = place(window)
    here.declare("down")
    dialog = here.veil.dialog
    assert dialog is not None
    dialog.all.click()
    dialog.since.set_text("23-Nov 23:50")
    dialog.decide()
    settle(window.context)
    assert {(s, since) for s, _, since in house.said} == {
        (s, NOW.replace(day=23, hour=23, minute=50)) for s in ("pas", "lims")
    }
    assert window.lamp.box == "DOWNTIME"
    here.declare("back")
    again = here.veil.dialog
    assert again is not None
    again.all.click()
    again.decide()
    settle(window.context)
    assert window.lamp.word == "LIVE IS BACK"


@pytest.mark.parametrize("typed", ["23:59", "03:13", "soon", "", "32-Nov 10:00"])
def test_a_time_to_come_or_none_is_refused_and_nothing_is_written(
    window: MainWindow, house: FakeHouse, typed: str
) -> None:
    here = place(window)
    here.declare("down")
    dialog = here.veil.dialog
    assert dialog is not None
    dialog.since.set_text(typed)
    dialog.decide()
    settle(window.context)
    assert house.said == []
    assert here.veil.dialog is dialog
    assert dialog.told.text().startswith("Not declared.")


def test_escape_leaves_the_question_first_then_the_place(window: MainWindow, house: FakeHouse) -> None:
    here = place(window)
    here.declare("down")
    window.back()
    assert here.veil.dialog is None
    assert window.places.now == "sources"
    window.back()
    assert window.places.now == "ward"
    assert house.said == []


def test_what_was_set_aside_says_why_and_what_to_do(window: MainWindow) -> None:
    here = place(window)
    assert here._tabs["aside"].words == "Set aside: 2"
    here.show_part("aside")
    settle(window.context)
    words = said(tree(window))
    assert "3 times" in words
    assert "Ask the source's owner" in words, "the next step of the table"
    assert "PATEL" not in words, "a message holds patient data: only when asked for"
    here.aside.list.step(1)
    assert "nobody.knows" in here.aside.pane.spoken(), "a code that the table lacks stands for itself"


def test_the_message_is_shown_when_asked_and_gone_with_the_next_choice_and_the_lock(window: MainWindow) -> None:
    here = place(window)
    here.show_part("aside")
    here.aside.show_it.click()
    settle(window.context)
    assert PATIENT_LINE.decode() in here.aside.pane.spoken()
    here.aside.list.step(1)
    assert "PATEL" not in here.aside.pane.spoken()
    here.aside.list.step(-1)
    here.aside.show_it.click()
    settle(window.context)
    assert "PATEL" in here.aside.pane.spoken()
    window.lock()
    assert "PATEL" not in here.aside.pane.spoken()


def test_reading_again_tells_what_came_of_it_and_a_running_feed_refuses_with_words(
    window: MainWindow, house: FakeHouse
) -> None:
    here = place(window)
    here.show_part("aside")
    house.retried = StoreBusy("Another fill or feed owns the intake.")
    here.aside.retry.click()
    settle(window.context)
    assert "store.busy" in here.aside.failed.accessibleName()
    house.retried = SimpleNamespace(read=2, taken=1, set_aside=[object()])
    house.set_aside = house.set_aside[:1] if house.set_aside else []
    here.aside.retry.click()
    settle(window.context)
    assert window.status.notice is not None
    assert window.status.notice.text == "2 read again: 1 taken, 1 still set aside."
    assert here._tabs["aside"].words == "Set aside: 1"


def test_a_laptop_without_an_intake_says_who_keeps_the_list(house: FakeHouse) -> None:
    house.set_aside = None
    with window_on(house) as window:
        window.show_ages()
        settle(window.context)
        here = place(window)
        here.show_part("aside")
        assert "This laptop reads no sources" in here.aside.pane.spoken()
        assert not here.aside.retry.isVisible()


@pytest.mark.parametrize("size", [(1366, 768), (1093, 614)])
def test_nothing_is_wider_than_its_place_even_with_long_titles(house: FakeHouse, size: tuple[int, int]) -> None:
    house.site["source_titles"] = {"lims": "Laboratory medicine of Northmoor University Hospital, all of its sites"}
    house.declare("lims", "down", NOW)
    with window_on(house, *size) as window:
        window.show_ages()
        settle(window.context)
        here = place(window)
        for button in (*here.offers, here.down, here.back_button):
            assert button.width() >= button.minimumSizeHint().width(), button.words
            right = button.mapTo(window, button.rect().topRight()).x()
            assert right < window.width()
        here.declare("down")
        settle(window.context)
        dialog = here.veil.dialog
        assert dialog is not None
        assert here.rect().contains(dialog.geometry().translated(here.veil.pos()))
