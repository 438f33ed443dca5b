"""The printer is chosen by keys, its state stands in words, and the choice is remembered on this laptop."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.printing import chooser
from desktop.printing.chooser import PrinterChooser, in_use
from desktop.printing.cups import Printer
from tests.unit.desktop.patient.stage import Stage

ASH = Printer("Ash-Ward", "ipp://localhost/printers/Ash-Ward", is_default=True)
CEDAR = Printer("Cedar-Ward", "ipp://localhost/printers/Cedar-Ward")
DRY = Printer("Sluice", "ipp://localhost/printers/Sluice", ready=False, note="out of paper")


@pytest.fixture
def stage() -> Any:
    made = Stage({})
    made.context.machine.close()
    made.context.machine = made.writer  # type: ignore[assignment]
    return made


def shown(stage: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch, *found: Printer) -> PrinterChooser:
    monkeypatch.setattr(chooser, "printers", lambda: found)
    made = PrinterChooser(stage.context)
    qtbot.addWidget(made)
    made.show()
    made.look()
    return made


def test_a_printer_is_chosen_by_keys_and_remembered(stage: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = shown(stage, qtbot, monkeypatch, ASH, CEDAR, DRY)
    assert (first.name, first.ready) == ("Ash-Ward", True)
    assert first.words.text() == "Printer: Ash-Ward, ready, the usual one."
    assert [r.text for r in first.list.held.rows] == [
        "Ash-Ward, ready, the usual one, in use", "Cedar-Ward, ready", "Sluice, out of paper",
    ]  # fmt: skip
    first.list.setFocus()
    QTest.keyClick(first.list, Qt.Key.Key_Down)
    QTest.keyClick(first.list, Qt.Key.Key_Return)
    assert first.name == "Cedar-Ward"
    again = shown(stage, qtbot, monkeypatch, ASH, CEDAR, DRY)
    assert again.name == "Cedar-Ward", "the choice was forgotten"


def test_a_stopped_printer_can_be_seen_and_prints_nothing(
    stage: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = shown(stage, qtbot, monkeypatch, ASH, DRY)
    QTest.keyClick(made.list, Qt.Key.Key_Down)
    QTest.keyClick(made.list, Qt.Key.Key_Return)
    assert made.words.text() == "Printer: Sluice, out of paper."
    assert not made.ready


def test_a_remembered_printer_that_is_gone_is_named(stage: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.house.drafts["printer"] = {"name": "Theatre"}
    made = shown(stage, qtbot, monkeypatch, ASH)
    assert made.name == "Ash-Ward"
    assert "Theatre, chosen before, is not there." in made.words.text()
    assert not made.list.isVisible(), "one printer needs no list"


def test_without_a_printer_the_words_lead_to_a_pdf(stage: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = shown(stage, qtbot, monkeypatch)
    assert (made.name, made.ready) == ("", False)
    assert made.words.text() == "No printer is set up here. Keep a file instead."


def test_which_printer_is_in_use() -> None:
    assert in_use((), "") == ""
    assert in_use((DRY, CEDAR), "") == "Cedar-Ward", "the first one that is ready"
    assert in_use((DRY, CEDAR), "Sluice") == "Sluice", "a person chose it: never changed behind their back"
