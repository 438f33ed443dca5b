"""Somebody whom nobody knows comes at night: registered by keys alone, found, recorded for, printed for, and known later
(CLINICAL §1.3, §7.3; LOOK §7). The real window on a real vault; keys go to whatever has the focus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.app import App, dress, make_application
from desktop.screens import settle, unlock
from desktop.shell.tokens import LIGHT, Look
from localdb.house import House, open_house
from localdb.journal.pack_file import seal_packs
from tests.conftest import Clock
from tests.made import NOW, SECRET, new_house, nhs_number, person, stay, ward, write

Key, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier
WORDS = b"pack words 22"


def supply(house: House, folder: Path, size: int) -> None:
    """A pack for this very laptop, dealt by itself."""
    (dealt,) = house.deal_numbers("RPH", [house.device], size)
    (data,) = seal_packs([dealt.pack], WORDS, house.keys, "floor")
    (folder / "pack").write_bytes(data)
    house.take_numbers(folder / "pack", WORDS)


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    house = new_house(tmp_path / "vault")
    house.set_site({"hospital": "Northmoor", "ward": "Ash Ward"})
    people = [person(1, name=[{"use": "official", "family": "Okonkwo", "given": ["Ifeoma"]}])]
    house.fill([write(tmp_path / "pas.json", [*ward(), *people, stay("p1", 1)])], source="pas", processes=1)
    supply(house, tmp_path, 2)
    house.close()
    return tmp_path / "vault"


@pytest.fixture
def start(vault: Path) -> Iterator[Callable[[], App]]:
    """Opens the window; may be asked again after the first one ended."""
    made: list[App] = []

    def begin() -> App:
        application = make_application()
        app = App(vault, clock=Clock(NOW), look=Look(LIGHT), size=QSize(1366, 768))
        dress(application, app.look)
        app.show_gate()
        made.append(app)
        unlock(app, "Tess Tester", SECRET.decode())
        assert app.window is not None
        app.window.show()
        settle(app)
        return app

    yield begin
    for app in made:
        if app.window is not None:
            app.window.close()


class Hands:
    def __init__(self, app: App) -> None:
        self.app = app

    def press(self, *keys: Any) -> None:
        for one in keys:
            key, held = one if isinstance(one, tuple) else (one, Qt.KeyboardModifier.NoModifier)
            QTest.keyClick(QApplication.focusWidget() or self.app.window, key, held)
            settle(self.app)
            if self.app.window is not None:
                self.app.window.activateWindow()  # without a window manager, a page that was made anew loses it
                settle(self.app)

    def type(self, text: str) -> None:
        QTest.keyClicks(QApplication.focusWidget(), text)
        settle(self.app)


NEW, GO = (Key.Key_N, CTRL), (Key.Key_Return, CTRL)


def place_of(app: App) -> Any:
    assert app.window is not None
    return app.window.places.place("register")


def journal_of(vault: Path, ask: Callable[[House], Any]) -> Any:
    house = open_house(vault, SECRET, clock=lambda: NOW)
    try:
        return ask(house)
    finally:
        house.close()


def burnt(vault: Path) -> int:
    return int(journal_of(vault, lambda house: house.number_status().burnt))


def fill_in(hands: Hands, age: str = "40", bed: str = "A3") -> None:
    """Ctrl+N, Male, an age, and over the ward to the bed."""
    hands.press(NEW, Key.Key_Space)
    hands.type(age)
    hands.press(Key.Key_Return, Key.Key_Return, Key.Key_Return)
    hands.type(bed)


def test_by_keys_alone_from_nobody_to_a_record(start: Callable[[], App], vault: Path) -> None:
    app = start()
    hands = Hands(app)
    fill_in(hands)
    assert burnt(vault) == 0
    hands.press(GO)
    assert burnt(vault) == 1, "the number is on disk before anybody sees it"
    question = place_of(app).confirm
    assert question.isVisible()
    number = question.number.text().removeprefix("Number ")
    assert "01-Jan-1986 (estimated) (40y)" in question.accessibleName() or "1986" in question.accessibleName()
    hands.press(GO)
    assert app.window is not None
    entry = journal_of(vault, lambda house: house.journal.entries()[0])
    assert entry.body["number"] == number
    assert entry.body["sex"] == "male"
    assert entry.body["estimated_year"] == 1986
    assert entry.body["location"] == {"ward": "Ash Ward", "bed": "A3"}
    assert app.window.patient == entry.identity.patient, "the record is open"
    chart = app.window.patient_page.frame.chart
    assert chart.patient.scope == "registered"
    assert {listing.state for listing in chart.lists.values()} == {"unavailable"}
    assert app.window.status.notice is not None
    assert number in app.window.status.notice.text


def test_the_new_patient_is_found_lies_in_the_bed_and_is_written_for(start: Callable[[], App], vault: Path) -> None:
    app = start()
    hands = Hands(app)
    fill_in(hands)
    hands.press(GO, GO)
    window = app.window
    assert window is not None
    patient, view = window.patient, window.patient_page.frame.chart.patient
    hands.press(Key.Key_F3)
    assert [r.bed for r in window.places.ward.rows if r.patient == patient] == ["A3"]
    for typed in (view.name.family, f"{view.mrn[:3]} {view.mrn[3:]}", view.mrn[3:10], view.mrn.lower()):
        hands.press(Key.Key_F2)
        hands.type(typed)
        assert patient in [v.id for v in window.search.hits], typed
        hands.press(Key.Key_Escape)
    hands.press(Key.Key_F2)
    hands.type(view.mrn)
    hands.press(Key.Key_Return)
    assert window.patient == patient
    hands.press(Key.Key_F8, Key.Key_Tab, Key.Key_Tab, Key.Key_Return)  # the third of what can be recorded: a note
    hands.type("Found on the steps. GCS 14.")
    hands.press(GO)
    entries = journal_of(vault, lambda house: house.journal.entries())
    assert [e.kind for e in entries] == ["registration", "note"]
    assert entries[1].identity.mrn == view.mrn


def test_back_keeps_the_number_and_discard_spoils_it(start: Callable[[], App], vault: Path) -> None:
    app = start()
    hands = Hands(app)
    fill_in(hands)
    hands.press(GO)
    first = place_of(app).confirm.number.text()
    hands.press(Key.Key_Escape)
    assert not place_of(app).confirm.isVisible()
    hands.press(GO)
    assert place_of(app).confirm.number.text() == first
    assert burnt(vault) == 1
    hands.press(Key.Key_Escape)
    place_of(app).discard.click()
    settle(app)
    found = journal_of(vault, lambda house: house.number_status())
    assert (found.burnt, found.used, found.spoiled, found.left) == (1, 0, 1, 1)
    fill_in(hands)
    hands.press(GO)
    assert place_of(app).confirm.number.text() != first


def test_lock_and_crash_lose_nothing_and_burn_nothing_again(start: Callable[[], App], vault: Path) -> None:
    app = start()
    hands = Hands(app)
    fill_in(hands, bed="A4")
    hands.press(GO)
    number = place_of(app).confirm.number.text()
    assert app.window is not None
    app.window.lock()
    settle(app)
    assert not place_of(app).isVisible()
    app.window.close()  # nothing was answered; a crash leaves the same draft
    app.window = None
    again = start()
    hands = Hands(again)
    hands.press(NEW)
    assert place_of(again).typed.fields["bed"].text() == "A4"
    hands.press(GO)
    assert place_of(again).confirm.number.text() == number
    assert burnt(vault) == 1
    hands.press(GO)
    assert [e.kind for e in journal_of(vault, lambda house: house.journal.entries())] == ["registration"]


def test_what_cannot_be_read_is_said_and_burns_nothing(start: Callable[[], App], vault: Path) -> None:
    app = start()
    hands = Hands(app)
    hands.press(NEW, GO)
    told = place_of(app).typed.told
    assert "sex" in told.text()
    fields = place_of(app).typed.fields
    place_of(app).typed.sex.choose("Not known")
    for name, text, words in (
        ("age", "old", "age as it looks"), ("age", "130", "130 years"), ("born", "31-Feb-1990", "no day"),
        ("family", "Unknown", "Leave the real name out"), ("family", "Okonkwo", "who gave the real name"),
        ("given", "Ann", "family name"), ("phone", "0770", "next of kin"),
    ):  # fmt: skip
        fields["age"].set_text("" if name in ("age", "born") else "40")
        fields[name].set_text(text)
        hands.press(GO)
        assert told.isVisible()
        assert words in told.text(), (name, text)
        fields[name].set_text("")
    assert burnt(vault) == 0


def test_without_numbers_the_paper_pack_is_asked_for(start: Callable[[], App], vault: Path) -> None:
    app = start()
    hands = Hands(app)
    for bed in ("A2", "A3"):
        fill_in(hands, bed=bed)
        hands.press(GO, GO)
    hands.press(NEW)
    typed = place_of(app).typed
    assert typed.paper.isVisible()
    assert "paper pack" in typed.paper_words.text()
    place_of(app).typed.sex.choose("Female")
    typed.fields["age"].set_text("3 months")
    hands.press(GO)
    assert "paper pack" in typed.told.text()
    for name, text in (("paper_number", "rxx 4830172 k"), ("paper_family", "Tango"), ("paper_given", "Delta")):
        typed.fields[name].set_text(text)
    hands.press(GO)
    assert "misread" in typed.told.text()
    from localdb.numbers.temporary import temporary_number

    typed.fields["paper_number"].set_text(temporary_number("RXX", 4830172))
    hands.press(GO, GO)
    entries = journal_of(vault, lambda house: house.journal.entries())
    assert entries[-1].body["number"] == temporary_number("RXX", 4830172)
    assert entries[-1].identity.name.family == "Tango"


def test_a_move_is_a_correction_and_an_identity_joins_nothing(start: Callable[[], App], vault: Path) -> None:
    app = start()
    hands = Hands(app)
    fill_in(hands)
    hands.press(GO, GO)
    window = app.window
    assert window is not None
    patient = window.patient
    registration = journal_of(vault, lambda house: house.journal.entries()[0])
    window.record("registration", patient, registration.id)
    settle(app)
    typed = place_of(app).typed
    assert typed.fields["bed"].text() == "A3"
    assert not typed.fields["family"].box.isEnabled()
    typed.fields["bed"].set_text("A4")
    hands.press(GO, GO)
    assert window.patient == patient
    assert window.patient_page.frame.chart.patient.bed == "A4"
    assert burnt(vault) == 1
    window.record("identification", patient, None)
    settle(app)
    form: Any = window._entry.form
    own = nhs_number(1)
    for name, text in (("nhs", own), ("second", "Sam Clerk"), ("evidence", "Her sister came")):
        form.fields[name].set_text(text)
    form.setFocus()
    hands.press(GO)
    notes = window.patient_page.frame.chart.patient.notes
    assert any(note.startswith("Now believed to be NHS No.") for note in notes)
    both = journal_of(vault, lambda house: (house.reading().chart(own).patient, house.reading().chart(patient).patient))
    assert {v.id for v in both} == {both[0].id, patient}
    assert both[0].id != patient
    assert any("believed to be this patient" in note for note in both[0].notes)


def test_a_correction_that_is_left_does_not_become_a_new_patient(start: Callable[[], App], vault: Path) -> None:
    app = start()
    hands = Hands(app)
    fill_in(hands)
    hands.press(GO, GO)
    window = app.window
    assert window is not None
    entry = journal_of(vault, lambda house: house.journal.entries()[0])
    window.record("registration", window.patient, entry.id)
    settle(app)
    place_of(app).typed.fields["bed"].box.setText("B9")
    place_of(app).touched()
    hands.press(Key.Key_F3, NEW)
    fields = place_of(app).typed.fields
    assert fields["bed"].text() == ""
    assert fields["age"].text() == ""
    assert fields["family"].box.isEnabled()
    window.record("registration", entry.identity.patient, entry.id)
    settle(app)
    assert place_of(app).typed.fields["bed"].text() == "B9", "its draft is back"
