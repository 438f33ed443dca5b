"""What a screen reader meets: the accessible tree of every screen, walked whole. Whatever can be used has a name, and
what is painted is said."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QWidget

from desktop.shell.window import MainWindow
from tests.flows.ergonomics.using import USED, nodes
from tests.unit.desktop.patient.builders import full_chart
from tests.unit.desktop.ward_house import TWINS, FakeHouse, FakeReading
from tests.unit.desktop.window_stage import settle, window_on

Role = QAccessible.Role


def tree(window: QWidget) -> list[QAccessibleInterface]:
    root = QAccessible.queryAccessibleInterface(window)
    assert root is not None
    return list(nodes(root))


def said(found: list[QAccessibleInterface]) -> str:
    texts = (QAccessible.Text.Name, QAccessible.Text.Description, QAccessible.Text.Value)
    return "\n".join(n.text(t) for n in found for t in texts if n.text(t))


def unnamed(found: list[QAccessibleInterface]) -> list[str]:
    return [
        f"{n.role()} {n.object()!r}" for n in found if n.role() in USED and not n.text(QAccessible.Text.Name).strip()
    ]


@pytest.mark.parametrize(
    "place", ["ward", "list", "everyone", "waiting", "record", "print", "plans", "restore", "help", "sources"]
)
def test_every_place_names_what_can_be_used(place: str) -> None:
    with window_on(FakeHouse()) as window:
        window.go(place)
        settle(window.context)
        found = tree(window)
        assert unnamed(found) == []
        words = said(found)
        assert "Copy to 03:10, 2min old" in words, "the lamp and the age must be told on every screen"
        if place == "ward":
            assert "MOHAMMED, Amina" in words, "the beds of the board must be told"
        if place == "waiting":
            assert "Blood cultures" in words
        if place == "plans":
            assert "Haematology, 01632 960115" in words


@pytest.fixture
def rich(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is opened has the whole made-up chart."""
    import msgspec

    monkeypatch.setattr(
        FakeReading, "chart", lambda self, patient: msgspec.structs.replace(full_chart(), patient=TWINS[0])
    )


# What must be heard in each section: one fact of its own.
HEARD = {
    1: ("Known allergies", "Potassium, 5.9", "apixaban"), 2: ("Results by time of collection", "Potassium"),
    3: ("apixaban", "2.5 mg"), 4: ("Pulse",), 5: ("Chest X-ray",), 6: ("Letters",), 7: ("In the copy", "Result"),
}  # fmt: skip


@pytest.mark.parametrize("section", range(1, 8))
def test_every_section_is_heard(section: int, rich: None) -> None:
    with window_on(FakeHouse()) as window:
        window.show_patient(TWINS[0].id)
        settle(window.context)
        window.patient_page.set_section(section)
        settle(window.context)
        found = tree(window)
        assert unnamed(found) == []
        words = said(found)
        assert "MOHAMMED, Amina (Mrs). Born" in words, "the banner is told on every section"
        for fact in HEARD[section]:
            assert fact in words, f"section {section} does not say {fact!r}"


def test_sabotage_a_section_that_only_paints_is_not_heard(rich: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from desktop.patient.sheet import Pane

    monkeypatch.setattr(Pane, "setAccessibleDescription", lambda self, text: None)
    with pytest.raises(AssertionError, match="does not say"), window_on(FakeHouse()) as window:
        window.show_patient(TWINS[0].id)
        settle(window.context)
        window.patient_page.set_section(3)
        settle(window.context)
        words = said(tree(window))
        for fact in HEARD[3]:
            assert fact in words, f"section 3 does not say {fact!r}"


@pytest.mark.parametrize("kind", ["observations", "phoned_result", "note", "request"])
def test_every_form_names_its_fields(kind: str, rich: None) -> None:
    def entry(window: MainWindow) -> None:
        window.record(kind, TWINS[0].id, None)
        settle(window.context)

    with window_on(FakeHouse()) as window:
        entry(window)
        found = tree(window)
        assert unnamed(found) == []
        assert sum(n.role() == Role.EditableText for n in found) >= 2, "search and at least one field"
        assert "MOHAMMED, Amina (Mrs). Born" in said(found)


def test_the_search_tells_whom_it_found() -> None:
    with window_on(FakeHouse()) as window:
        window.find()
        window.header.find.setText("moh")
        window.header.find.textEdited.emit("moh")
        settle(window.context)
        found = tree(window)
        assert unnamed(found) == []
        assert "same name on ward" in said(found)
