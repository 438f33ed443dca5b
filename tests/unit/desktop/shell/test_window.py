"""The window: places, search, lock and return, names for screen readers, targets, threads."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QListView, QTextBrowser, QWidget

from desktop.shell.tokens import TARGET
from desktop.shell.window import MainWindow
from localdb.errors import InputRefused
from tests.unit.desktop.ward_house import TWINS, FakeHouse
from tests.unit.desktop.window_stage import settle, window_on

PLACES = ("ward", "list", "everyone", "waiting", "record", "restore", "help", "sources")


@pytest.fixture
def house() -> FakeHouse:
    return FakeHouse()


def visible(window: MainWindow, kind: type[QWidget]) -> list[QWidget]:
    return [w for w in window.findChildren(kind) if w.isVisible()]


def test_everything_that_can_be_used_has_a_name(house: FakeHouse) -> None:
    with window_on(house) as window:
        house.journal = _NoEntries()  # type: ignore[attr-defined]
        for place in PLACES:
            window.go(place)
            settle(window.context)
            for kind in (QAbstractButton, QLineEdit, QListView, QTextBrowser):
                for widget in visible(window, kind):
                    found = QAccessible.queryAccessibleInterface(widget)
                    assert found.text(QAccessible.Text.Name), (place, widget)


def test_targets_are_large_enough_and_words_fit(house: FakeHouse) -> None:
    for width, height in ((1366, 768), (1093, 614)):
        with window_on(house, width, height) as window:
            house.journal = _NoEntries()  # type: ignore[attr-defined]
            for place in PLACES:
                window.go(place)
                settle(window.context)
                for button in visible(window, QAbstractButton):
                    if button.focusPolicy() == Qt.FocusPolicy.NoFocus:
                        continue
                    assert button.height() >= TARGET, (place, button.accessibleName())
                    assert button.width() >= TARGET, (place, button.accessibleName())
                    room = button.minimumSizeHint().width()
                    assert button.width() >= room or not button.text(), (place, button.accessibleName())


def test_keys_lead_to_places(house: FakeHouse) -> None:
    with window_on(house) as window:
        window.activateWindow()
        keys = (
            (Qt.Key.Key_F5, "plans"),
            (Qt.Key.Key_F6, "waiting"),
            (Qt.Key.Key_F1, "help"),
            (Qt.Key.Key_F4, "sources"),
            (Qt.Key.Key_F3, "ward"),
        )
        for key, place in keys:
            QTest.keyClick(window, key)
            settle(window.context)
            assert window.places.now == place
        QTest.keyClick(window, Qt.Key.Key_F2)
        assert window.header.find.hasFocus()


def test_bare_letters_on_the_board_do_nothing(house: FakeHouse) -> None:
    with window_on(house) as window:
        view = window.places.ward.board.view
        view.setFocus()
        before = view.currentIndex().row()
        QTest.keyClicks(view, "9990000018ab")
        assert view.currentIndex().row() == before
        assert not window.patient


def test_enter_on_a_bed_opens_the_patient_and_the_journal_hears_it(house: FakeHouse) -> None:
    with window_on(house) as window:
        view = window.places.ward.board.view
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_Return)
        settle(window.context)
        assert window.patient == TWINS[0].id
        assert house.seen == [TWINS[0].id]
        QTest.keyClick(window, Qt.Key.Key_F7)
        settle(window.context)
        assert window.patient == TWINS[1].id
        window.go_ward()
        assert not window.patient


def test_an_answer_to_an_earlier_question_is_refused(house: FakeHouse) -> None:
    with window_on(house) as window:
        window.find()
        QTest.keyClicks(window.header.find, "moh")
        settle(window.context)
        hits = window.search.hits
        assert {h.id for h in hits} >= {TWINS[0].id, TWINS[1].id}
        window.header.find.setText("pat")
        window.search._asked = "pat"
        window.search.on_found("moh", ())
        assert window.search.hits == hits, "an answer to `moh` was shown under `pat`"
        QTest.keyClick(window.header.find, Qt.Key.Key_Return)
        settle(window.context)
        assert not window.patient, "Enter opened a hit of an earlier question"


def test_lock_hides_the_inside_and_the_same_place_comes_back(house: FakeHouse) -> None:
    with window_on(house) as window:
        kept: list[bool] = []
        window.context.locking.connect(lambda: kept.append(True))
        window.show_patient(TWINS[0].id)
        settle(window.context)
        QApplication.clipboard().setText("999 000 0018")
        QTest.keyClick(window, Qt.Key.Key_F12)
        assert kept
        assert window.curtain.isVisible()
        assert not window.inside.isVisible()
        assert not QApplication.clipboard().text()
        reachable = [w for w in window.findChildren(QWidget) if w.isVisible() and not window.curtain.isAncestorOf(w)]
        assert reachable == []
        assert window.curtain.card.secret.box.hasFocus()
        QTest.keyClick(window, Qt.Key.Key_F3)
        QTest.keyClick(window, Qt.Key.Key_F2)
        other = FakeHouse("Mair Pryce")
        window.come_back(other)
        settle(window.context)
        assert window.inside.isVisible()
        assert window.patient == TWINS[0].id, "the place was lost"
        assert window.context.house.staff == "Mair Pryce"
        assert house.is_closed


def test_a_wrong_secret_on_the_curtain_is_said_in_place(house: FakeHouse) -> None:
    with window_on(house) as window:
        asked: list[tuple[str, bytes]] = []
        window.reentry_wanted.connect(lambda staff, secret: asked.append((staff, bytes(secret))))
        window.lock()
        window.curtain.card.secret.set_text("wrong")
        QTest.keyClick(window.curtain.card.secret.box, Qt.Key.Key_Return)
        assert asked == [("Adaeze Obi", b"wrong")]
        assert not window.curtain.card.secret.text(), "the secret stayed in the field"
        refused = InputRefused(
            "The secret does not open this vault.", code="vault.wrong_secret", next_step="Type again."
        )
        window.refuse_entry(refused)
        said = window.curtain.card.error.accessibleName()
        assert said == "vault.wrong_secret. The secret does not open this vault. Type again."
        assert window.curtain.card.error.isVisible()


def test_my_list_is_kept_by_name(house: FakeHouse) -> None:
    with window_on(house) as window:
        window.places.place("list").toggle(TWINS[1].id)  # type: ignore[attr-defined]
        settle(window.context)
        assert house.drafts == {"list:Adaeze Obi": {"patients": [TWINS[1].id]}}


def test_closing_joins_every_thread(house: FakeHouse) -> None:
    before = {t.name for t in threading.enumerate()}
    with window_on(house) as window:
        assert any(t.name.startswith("wardlamp-") for t in threading.enumerate())
        window.go("waiting")
    after = {t.name for t in threading.enumerate() if t.name.startswith("wardlamp-")}
    assert after <= before
    assert house.is_closed


class _NoEntries:
    """A journal without entries, for the restoration screen."""

    class ledger:
        @staticmethod
        def entries() -> tuple[()]:
            return ()

        @staticmethod
        def deliveries() -> dict[str, object]:
            return {}
