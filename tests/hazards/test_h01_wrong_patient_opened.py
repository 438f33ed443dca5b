"""H01: the wrong patient is opened because two are alike (CLINICAL §7.4).

Controls: near-twins carry the words "Same name on ward" on board, search and banner, and namesakes of two wards "Similar
name in hospital"; of whom only identity is held, no list opens without a question; opening is by person id, never by
place in a list; an answer to an earlier question cannot be opened; the banner of whom was opened stands on screen; a
scanned wristband asks with the banner of whom it names and says who is open. Each check fails when its control is taken
away.
"""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.shell.spoken import long_dates
from desktop.shell.window import MainWindow
from desktop.ward import scanned, search
from desktop.ward.hits import PersonRow
from localdb.chart import matching
from localdb.chart.gs1 import gsrn_of
from localdb.chart.views import PatientView
from tests.unit.desktop import ward_house
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
        if window.scans.isVisible():  # of whom only identity is held: the banner is agreed to first
            QTest.keyClick(window.scans.dialog.first, Qt.Key.Key_Return)
            settle(window.context)
        assert window.patient == chosen.patient
        said = banner_texts(window)
        assert long_dates(chosen.born.split(" (")[0]) in said, "the banner is not of whom was chosen"
        others = [v for v in EVERYONE if v.id != chosen.patient]
        assert not any(v.born and v.nhs and v.nhs in said.replace(" ", "") for v in others)


def test_near_twins_are_marked_where_they_are_chosen() -> None:
    with window_on(FakeHouse()) as window:
        twins_are_marked(window)


def test_sabotage_without_the_similar_name_rule_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "similar", lambda one, other: False)
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
        self._context.open_found.emit(TWINS[0], "")  # "the first one", whoever was chosen

    monkeypatch.setattr(search.SearchPanel, "_on_open", by_place)
    with window_on(FakeHouse()) as window, pytest.raises(AssertionError):
        opens_whom_was_chosen(window, seed=1, rounds=12)


def stale_answer_opens_nobody(window: MainWindow) -> None:
    """The check: a person types on, the older answer comes last, Enter is pressed at once."""
    typed(window, "moh")
    window.header.find.setText("patel h")
    window.search._asked = "patel h"
    window.search.on_found("moh", ((TWINS[0],), {}))
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


# -- scanning: A's wristband while B is open ------------------------------------------------------------------------


def band_of(view: PatientView) -> str:
    """The wristband of a patient as trusts print it (CLINICAL §1.4), separators lost."""
    assert view.nhs
    born = "9-Sep-1960" if view is TWINS[0] else "19-Sep-1959"
    return f"8018{gsrn_of(view.nhs)}91RJC,{view.mrn},50552303,93{view.name.family},{view.name.given[0]},{born},"


def scan(window: MainWindow, text: str, start: int) -> None:
    """The keys of a scanner, 4 ms apart by the keyboard's own clock, into whatever has the focus."""
    window.activateWindow()
    focus = QApplication.focusWidget()
    assert focus is not None
    for n, sign in enumerate(text + "\r"):
        key = Qt.Key.Key_Return if sign == "\r" else Qt.Key.Key_A
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, sign)
        event.setTimestamp(start + 4 * n)
        QApplication.sendEvent(QApplication.focusWidget() or focus, event)
    settle(window.context)


def a_scan_asks_first(window: MainWindow) -> None:
    """The check: A is scanned while B is open. B's record stays, alone; A stands in the question alone; only a person's
    Enter opens A."""
    a, b = TWINS
    window.show_patient(b.id)
    settle(window.context)
    scan(window, band_of(a), 10_000)
    assert window.patient == b.id, "a scan changed the patient by itself"
    said = banner_texts(window)
    assert "19 September 1959" in said
    assert (a.nhs or "-") not in said.replace(" ", ""), "the page of B shows A"
    dialog = window.scans.dialog
    assert dialog is not None
    assert dialog.isVisible()
    asked = " ".join(w.accessibleName() for w in dialog.findChildren(QWidget) if w.isVisible())
    asked += dialog.accessibleDescription() + dialog.accessibleName()
    assert "Open MOHAMMED, Amina (Mrs)?" in asked
    assert "9 September 1960" in asked
    assert (a.nhs or "-") in asked.replace(" ", "")
    assert (b.nhs or "-") not in asked.replace(" ", ""), "the question shows B's number"
    assert "Open now: MOHAMMED, Aminah (Mrs)" in asked, "who is open must be said plainly"
    assert "Same name on ward" in asked
    below = window.patient_page.frame
    assert below is not None
    corner = dialog.mapTo(window, dialog.rect().topLeft())
    assert corner.y() >= below.body.mapTo(window, below.body.rect().topLeft()).y(), "the banner of B is covered"
    QTest.keyClick(dialog.go, Qt.Key.Key_Return)
    settle(window.context)
    assert window.patient == a.id
    assert (b.nhs or "-") not in banner_texts(window).replace(" ", "")


def test_a_scan_of_a_while_b_is_open_asks_and_mixes_nothing() -> None:
    with window_on(FakeHouse()) as window:
        a_scan_asks_first(window)


def test_sabotage_a_scan_that_opens_by_itself_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_at_once(self: Any, question: scanned.Question) -> None:
        self.opened.emit(question.opens)

    monkeypatch.setattr(scanned.ScanPanel, "ask", open_at_once)
    with window_on(FakeHouse()) as window, pytest.raises(AssertionError, match="by itself"):
        a_scan_asks_first(window)


def test_sabotage_a_question_that_hides_who_is_open_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MainWindow, "_open_now", lambda self: None)
    with window_on(FakeHouse()) as window, pytest.raises(AssertionError, match="said plainly"):
        a_scan_asks_first(window)


def stale_scan_asks_nothing(window: MainWindow) -> None:
    """The check: two bands in quick succession; only the second is asked about, whenever the first one's answer comes."""
    answers: list[Any] = []
    real = window.context.reader.ask
    window.context.reader.ask = lambda key, job, then, failed, **more: answers.append((key, job, then))  # type: ignore
    try:
        window.scans.on_scan(band_of(TWINS[0]))
        window.scans.on_scan(band_of(TWINS[1]))
    finally:
        window.context.reader.ask = real  # type: ignore[method-assign]
    reading = window.context.house.reading()
    for key, job, then in reversed(answers):
        then(key, job(reading))
    dialog = window.scans.dialog
    assert dialog is not None
    assert dialog.question.opens == TWINS[1].id, "the older scan's answer took the place of the newer"


def test_the_answer_to_an_earlier_scan_asks_nothing() -> None:
    with window_on(FakeHouse()) as window:
        stale_scan_asks_nothing(window)


def test_sabotage_without_the_scan_number_the_older_scan_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    def whichever(self: Any, key: Any, found: Any) -> None:
        self.ask(scanned.question_of(found, None, "Europe/London"))

    monkeypatch.setattr(scanned.ScanPanel, "_on_found", whichever)
    with window_on(FakeHouse()) as window, pytest.raises(AssertionError, match="older scan"):
        stale_scan_asks_nothing(window)


def thin_is_asked_about(window: MainWindow) -> list[str]:
    """The check: somebody of whom only identity is held is not open before the question was answered."""
    typed(window, "moh")
    found, thin = [], [v for v in window.search.hits if v.scope == "thin"]
    assert thin, "nobody to ask about"
    for view in thin:
        typed(window, "moh")
        row = next(r for r in rows_of(window) if r.patient == view.id)
        before = window.patient
        window.search.list.opened.emit(row)
        settle(window.context)
        if window.patient != before:
            found.append("opened at once")
        said = " ".join(w.accessibleName() for w in window.scans.findChildren(QWidget))
        if window.scans.isVisible() and (row.family.strip(", ") not in said or "identity" not in window_words(window)):
            found.append("the question does not say whom, or why")
        window.back()
    return found


KEPT = (OTHERS[1], TWINS[0])  # of the first only identity is held


def kept_lists(window: MainWindow) -> dict[str, Any]:
    """Whoever is on my list and among those opened last, shown: the name of the place, and its list."""
    window.context.house.seen[:] = [v.id for v in KEPT]
    for view in KEPT:
        window.places.place("list").toggle(view.id)  # type: ignore[attr-defined]
        settle(window.context)
    everyone: Any = window.places.place("everyone")
    return {
        "my list": (lambda: window.go("list"), window.places.place("list")),
        "recent": (lambda: (window.go("everyone"), everyone.show_part("recent")), everyone),
        "another ward's board": (lambda: (window.go("ward"), window.places.ward.show_ward("Cedar Ward")), None),
    }


def no_list_opens_identity_alone(window: MainWindow) -> list[str]:
    """The check: from every list of people but the search, somebody thin is asked about; whose record is held opens."""
    wrong = []
    for name, (show, place) in kept_lists(window).items():
        for view in KEPT:
            show()
            settle(window.context)
            settle(window.context)
            if place is not None:
                (row,) = [r for r in place.list.held.rows if r.patient == view.id]
                place.list.opened.emit(row)
            elif view.scope == "thin":
                window.places.ward.board.view.opened.emit(view.id)
            else:
                continue
            settle(window.context)
            asked, opened = window.scans.isVisible(), window.patient == view.id
            if (asked, opened) != ((True, False) if view.scope == "thin" else (False, True)):
                wrong.append(f"{name}: {view.scope}, asked {asked}, opened {opened}")
            elif asked:
                QTest.keyClick(window.scans.dialog.first, Qt.Key.Key_Return)
                settle(window.context)
                assert window.patient == view.id, "the answer does not open"
            window.go_ward()
    return wrong


def test_from_my_list_and_recent_and_another_board_too_identity_alone_is_asked_about() -> None:
    with window_on(FakeHouse()) as window:
        assert no_list_opens_identity_alone(window) == []


def test_sabotage_lists_that_open_whomever_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanned.ScanPanel, "open_found", lambda self, view, alike: self.opened.emit(view.id))
    with window_on(FakeHouse()) as window:
        found = no_list_opens_identity_alone(window)
    assert {w.split(":")[0] for w in found} == {"my list", "recent", "another ward's board"}


def test_the_step_to_the_next_bed_asks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """F7 on another ward's board, whose people are thin."""
    second = msgspec.structs.replace(OTHERS[0], ward="Cedar Ward", scope="thin")
    monkeypatch.setattr(ward_house, "EVERYONE", (*TWINS, OTHERS[1], second))
    with window_on(FakeHouse()) as window:
        window.places.ward.show_ward("Cedar Ward")
        settle(window.context)
        window.show_patient(OTHERS[1].id)
        settle(window.context)
        window.next_patient()
        settle(window.context)
        assert window.patient == OTHERS[1].id
        assert window.scans.isVisible()


# Two of one name in two wards; their hospital numbers are like nobody else's.
ASH = msgspec.structs.replace(OTHERS[0], mrn="H5550002")
CEDAR = msgspec.structs.replace(
    OTHERS[1], id="P0000000000009", ids=("P0000000000009",), name=ASH.name, nhs="9990000077", mrn="H7777777"
)


def namesakes_of_two_wards_are_marked(window: MainWindow) -> list[str]:
    """The check: two of one name in two wards say so wherever either is chosen or open, and not "on ward"."""
    wrong = []
    typed(window, "pat har")
    found = {r.patient: r.text for r in rows_of(window)}
    window.search.leave()
    places = {"search": found}
    for ward in ("Ash Ward", "Cedar Ward"):
        window.places.ward.show_ward(ward)
        settle(window.context)
        places[f"board of {ward}"] = {r.patient: r.text for r in window.places.ward.rows if r.patient}
    for view in (ASH, CEDAR):
        window.show_patient(view.id)
        settle(window.context)
        places[f"banner of {view.ward}"] = {view.id: banner_texts(window).lower()}
    for name, texts in places.items():
        held = [texts[v.id] for v in (ASH, CEDAR) if v.id in texts]
        if not held or any("similar name in hospital" not in t or "same name on ward" in t for t in held):
            wrong.append(name)
    return wrong


@pytest.fixture
def namesakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ward_house, "EVERYONE", (*TWINS, ASH, OTHERS[1], CEDAR))


def test_namesakes_of_two_wards_are_marked_everywhere(namesakes: None) -> None:
    with window_on(FakeHouse()) as window:
        assert namesakes_of_two_wards_are_marked(window) == []


def test_sabotage_a_rule_that_ends_at_the_ward_is_caught(namesakes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    of = matching.Alike.of
    monkeypatch.setattr(
        matching.Alike, "of", lambda self, view: tuple(o for o in of(self, view) if o.ward == view.ward)
    )
    with window_on(FakeHouse()) as window:
        assert len(namesakes_of_two_wards_are_marked(window)) == 5  # search, two boards, two banners


def window_words(window: MainWindow) -> str:
    shown = window.scans.findChildren(QWidget)
    return " ".join([*(w.accessibleName() for w in shown), *(str(w.text()) for w in shown if hasattr(w, "text"))])


def test_somebody_of_whom_only_identity_is_held_is_asked_about_first() -> None:
    with window_on(FakeHouse()) as window:
        assert thin_is_asked_about(window) == []


def test_sabotage_opening_them_at_once_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    with window_on(FakeHouse()) as window:
        monkeypatch.setattr(window.scans, "ask", lambda question: window.show_patient(question.opens))
        assert "opened at once" in thin_is_asked_about(window)
