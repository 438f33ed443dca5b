"""The question of a scan: what it says, where it lies, how it is answered, and that leaving it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.shell.tokens import TARGET
from desktop.shell.window import MainWindow
from desktop.ward.scanned import question_of
from localdb.chart.gs1 import gsrn_of
from localdb.chart.matching import SAME_WARD
from localdb.chart.scan_errors import refuse_scan
from localdb.chart.scanning import Band, SheetCode
from localdb.chart.views import PatientView
from localdb.identifying import Identified, Person
from localdb.journal.sheets import Sheet, SheetEvent
from localdb.records.moments import from_instant
from localdb.records.vocabulary import HumanName
from tests.unit.desktop.ward_house import NOW, OTHERS, TWINS, FakeHouse
from tests.unit.desktop.window_stage import settle, window_on

ZONE = "Europe/London"
A, B = TWINS


def words(*found: Any) -> str:
    question = question_of(*found, ZONE)
    return " ".join([question.title, *(w for _, w in question.lines)])


def one(view: PatientView, band: Band | None = None, *cautions: str) -> Identified:
    return Identified(scan=band or Band(nhs=view.nhs or ""), people=(Person(view=view),), cautions=cautions)


def test_the_question_says_who_is_open_who_died_and_what_is_thin() -> None:
    assert "Open now: MOHAMMED, Aminah (Mrs). That record closes" in words(one(A), B)
    assert "Open now" not in words(one(A), None)
    dead = msgspec.structs.replace(A, is_deceased=True, deceased=from_instant(NOW))
    assert "Died 24-Nov-2026 03:12." in words(one(dead), None)
    assert "only identity, allergies and alerts" in words(one(OTHERS[1]), None)
    assert "be mistaken" in words(Identified(scan=Band(nhs="1"), people=(Person(view=A, alike=SAME_WARD),)), None)


def test_whose_record_is_open_already_is_not_opened_again() -> None:
    question = question_of(one(A), A, ZONE)
    assert (question.opens, question.go) == ("", "Go on")
    assert "is open already" in " ".join(w for _, w in question.lines)


def test_several_are_a_list_and_one_without_a_number_is_too() -> None:
    both = Identified(scan=Band(family="MOHAMMED"), people=(Person(view=A), Person(view=B)))
    assert [p.view.id for p in question_of(both, None, ZONE).rows] == [A.id, B.id]
    alone = Identified(scan=Band(family="MOHAMMED", born="1960-09-09"), people=(Person(view=A),))
    assert question_of(alone, None, ZONE).opens == ""


def test_a_sheet_says_its_steps_and_offers_its_patient() -> None:
    sheet = Sheet(serial="WW07F0200001X", device="W07", number=1, form="F02", pages=2, copies=1, blank=False,
                  patient=A.id, state="printed")  # fmt: skip
    steps = (
        SheetEvent("issued", from_instant(NOW), "Adaeze Obi"),
        SheetEvent("printed", from_instant(NOW), "Adaeze Obi"),
    )
    found = Identified(scan=SheetCode(serial=sheet.serial, form="F02", key=A.id), people=(Person(view=A),), sheet=sheet,
                       steps=steps)  # fmt: skip
    question = question_of(found, None, ZONE)
    said = words(found, None)
    assert "Sheet WW07 F02 00001X" in said
    assert "Patient summary, 2 pages." in said
    assert "24-Nov-2026 03:12  printed, Adaeze Obi" in said
    assert question.opens == A.id
    nobody = Identified(scan=SheetCode(serial=sheet.serial, form="F01", key="ward:Ash Ward"), sheet=sheet)
    assert "A list of Ash Ward" in words(nobody, None)


@pytest.fixture(params=[(1366, 768), (1093, 614), (911, 512)], ids=lambda s: str(s[0]))
def window(request: pytest.FixtureRequest) -> Iterator[MainWindow]:
    with window_on(FakeHouse(), *request.param) as made:
        made.show_patient(B.id)
        settle(made.context)
        yield made


LONG = msgspec.structs.replace(
    A, name=HumanName(family="Featherstonehaugh-Cholmondeley-Wolfeschlegel", given=("Maximiliana-Alexandrina",))
)


def test_it_lies_below_the_banner_whole_and_large_enough(window: MainWindow) -> None:
    cautions = ("The family name on the band is another than in this copy.",) * 3
    window.scans.ask(question_of(one(LONG, None, *cautions), B, ZONE))
    settle(window.context)
    dialog = window.scans.dialog
    assert dialog is not None
    frame = window.patient_page.frame
    assert frame is not None
    place = QRect(dialog.mapTo(window, dialog.rect().topLeft()), dialog.size())
    assert place.top() >= frame.body.mapTo(window, frame.body.rect().topLeft()).y()
    assert window.rect().contains(place)
    assert place.height() <= 560
    assert place.width() <= 840
    for button in (dialog.cancel, dialog.go):
        assert dialog.rect().contains(QRect(button.mapTo(dialog, button.rect().topLeft()), button.size()))
        assert button.height() >= TARGET
        assert button.width() >= button.minimumSizeHint().width(), "its words do not fit"
    banner = dialog.banner
    assert banner is not None
    assert dialog.rect().contains(banner.geometry())
    assert not banner.geometry().intersects(dialog.go.geometry())
    assert banner.height() >= banner.fit(banner.width())


def test_tab_stays_in_the_question_and_esc_gives_the_place_back(window: MainWindow) -> None:
    window.activateWindow()
    window.find()
    before = window.focusWidget()
    window.scans.ask(question_of(one(A), B, ZONE))
    dialog = window.scans.dialog
    assert dialog is not None
    assert window.focusWidget() is dialog.go
    seen: list[QWidget | None] = []
    for _ in range(6):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        seen.append(window.focusWidget())
    assert all(w is not None and dialog.isAncestorOf(w) and w.accessibleName() for w in seen)
    assert {dialog.cancel, dialog.go} <= set(seen)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert not window.scans.isVisible()
    assert window.focusWidget() is before
    assert window.patient == B.id


def test_a_choice_is_confirmed_by_the_banner_too(window: MainWindow) -> None:
    both = Identified(scan=Band(family="MOHAMMED"), people=(Person(view=A), Person(view=OTHERS[0])))
    window.scans.ask(question_of(both, B, ZONE))
    first = window.scans.dialog
    assert first is not None
    assert first.list is not None
    QTest.keyClick(first.list, Qt.Key.Key_Down)
    QTest.keyClick(first.list, Qt.Key.Key_Return)
    settle(window.context)
    assert window.patient == B.id, "choosing alone opens nobody"
    second = window.scans.dialog
    assert second is not None
    assert second.question.opens == OTHERS[0].id
    QTest.keyClick(second.go, Qt.Key.Key_Return)
    settle(window.context)
    assert window.patient == OTHERS[0].id


def test_what_opens_nobody_says_why_and_leads_to_the_search(window: MainWindow) -> None:
    window.scans.refuse(refuse_scan("scan.two_people"))
    dialog = window.scans.dialog
    assert dialog is not None
    assert "two different people" in dialog.accessibleDescription()
    assert not dialog.cancel.isVisible()
    QTest.mouseClick(dialog.search, Qt.MouseButton.LeftButton)
    assert not window.scans.isVisible()
    assert window.header.find.hasFocus() or window.focusWidget() is window.header.find


def test_the_question_goes_with_the_screen_and_behind_the_curtain(window: MainWindow) -> None:
    for leave in (window.go_ward, window.lock):
        window.scans.ask(question_of(one(A), None, ZONE))
        leave()
        assert not window.scans.isVisible()
        assert window.scans.dialog is None


def test_a_number_is_never_broken_over_two_lines() -> None:
    band = Band(nhs=A.nhs or "", mrn="H 12", family="MOHAMMED", born="1960-09-09")
    read = next(w for _, w in question_of(one(A, band), None, ZONE).lines if w.startswith("Read"))
    assert "999\u00a0000\u00a00018" in read
    assert gsrn_of(A.nhs or "") not in read
