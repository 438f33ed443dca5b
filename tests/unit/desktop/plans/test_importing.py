"""A coordinator imports and withdraws in the window; nobody else sees the forms, and the journal refuses for itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from desktop.plans.importing import ImportForm, WithdrawForm
from desktop.plans.page import PlansPlace
from desktop.plans.rows import PaperRow
from desktop.shell.tokens import TARGET
from desktop.shell.window import MainWindow
from localdb.house import House
from tests.made import NOW, new_house
from tests.unit.desktop.ward_house import FakeHouse
from tests.unit.desktop.window_stage import settle, window_on


class Coordinator(FakeHouse):
    """A made-up ward whose documents lie in a real vault."""

    def __init__(self, real: House) -> None:
        super().__init__()
        self.real = real

    role = "coordinator"

    @property
    def plans(self) -> Any:
        return self.real.plans


@pytest.fixture
def real(tmp_path: Path) -> Iterator[House]:
    house = new_house(tmp_path / "vault", lambda: NOW)
    yield house
    house.close()


@pytest.fixture
def shown(qapp: Any, real: House) -> Iterator[tuple[MainWindow, PlansPlace]]:
    with window_on(Coordinator(real)) as window:
        place = window.places.go("plans")
        settle(window.context)
        assert isinstance(place, PlansPlace)
        yield window, place


def choose(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))


def test_a_document_is_imported_shown_and_withdrawn(
    shown: tuple[MainWindow, PlansPlace], real: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, place = shown
    file = tmp_path / "lost-network.md"
    file.write_text("# Lost network\n\nUse the runner.\n")
    choose(monkeypatch, file)
    place.bring.click()
    form = place._form
    assert isinstance(form, ImportForm)
    form.choose.click()
    assert form.title.text() == "Lost network"
    form.kinds["action_card"].click()
    form.review.set_text("2027-05-31")
    form.go.click()
    settle(window.context)
    (paper,) = real.plans.shown()
    assert (paper.title, paper.kind, paper.review, paper.version) == ("Lost network", "action_card", "2027-05-31", 1)
    assert "Use the runner." in place.pane.toPlainText()
    place.withdraw.click()
    form = place._form
    assert isinstance(form, WithdrawForm)
    form.go.click()
    settle(window.context)
    assert "plan.no_reason" in form.refused.text()
    assert real.plans.shown()
    form.reason.set_text("the runner has left")
    form.go.click()
    settle(window.context)
    assert real.plans.shown() == ()
    assert not [r for r in place.list.held.rows if isinstance(r, PaperRow)]


def test_what_is_refused_is_said_and_what_was_typed_stays(
    shown: tuple[MainWindow, PlansPlace], real: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, place = shown
    file = tmp_path / "page.md"
    file.write_text("<script>alert(1)</script>")
    choose(monkeypatch, file)
    place.bring.click()
    form = place._form
    assert isinstance(form, ImportForm)
    form.choose.click()
    form.kinds["protocol"].click()
    form.go.click()
    settle(window.context)
    assert "plan.not_plain" in form.refused.text()
    assert form.title.text() == "Page"
    assert real.plans.papers() == ()
    window.back()
    assert place._form is None


def test_others_see_no_forms_and_every_control_is_large_enough(qapp: Any, shown: tuple[MainWindow, PlansPlace]) -> None:
    _, place = shown
    place.bring.click()
    form = place._form
    assert isinstance(form, ImportForm)
    for button in (place.bring, place.withdraw, form.choose, form.go, form.away, *form.kinds.values()):
        assert button.height() >= TARGET
        assert button.accessibleName()
    with window_on(FakeHouse()) as other:
        QTest.keyClick(other, Qt.Key.Key_F5)
        settle(other.context)
        plain = other.places.place("plans")
        assert isinstance(plain, PlansPlace)
        assert not plain.bring.isVisible()
        assert not plain.withdraw.isVisible()
