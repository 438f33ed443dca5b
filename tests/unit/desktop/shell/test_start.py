"""Starting: one instance, hardening, the unlock screen on a real vault, the page-making child, a private PDF."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.app import App, dress, main, make_application, status_sources
from desktop.printing.child import Choice, Job, run
from desktop.printing.keeping import write_private
from desktop.screens import settle, unlock
from desktop.shell.instance import SingleInstance
from desktop.shell.tokens import LIGHT, Look
from localdb.errors import EnvironmentFault, WardlampError
from localdb.house import make_house, open_house
from tests.conftest import Clock

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
SECRET = "lantern-oil-brass-wick"


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    make_house(tmp_path / "vault", "Adaeze Obi", SECRET.encode(), device="W07", kdf="floor", clock=Clock(NOW))
    return tmp_path / "vault"


@pytest.fixture
def app(vault: Path) -> Any:
    application = make_application()
    made = App(vault, clock=Clock(NOW), look=Look(LIGHT))
    dress(application, made.look)
    made.show_gate()
    yield made
    if made.window is not None:
        made.window.close()
    else:
        made.close()


def test_an_empty_vault_opens_and_says_that_nothing_was_read(app: App) -> None:
    assert app.gate is not None
    assert "nothing with a known time was read yet" in app.gate.accessibleDescription()
    unlock(app, "Adaeze Obi", SECRET)
    settle(app)
    assert app.window is not None
    assert app.window.lamp.word == "NOT SAFE"
    assert app.window.lamp.line == "nothing was read yet"


def test_a_wrong_secret_is_answered_in_place_and_leaves_the_field(app: App) -> None:
    gate = app.gate
    assert gate is not None
    unlock(app, "Adaeze Obi", "not this one here")
    assert app.window is None
    said = gate.card.error.accessibleName()
    assert said.startswith("vault.wrong_secret. ")
    assert len(said.split(". ")) >= 3, "code, what happened, what to do"
    assert gate.card.secret.text() == ""
    assert gate.card.secret.isEnabled()
    assert gate.card.secret.box.echoMode() == QLineEdit.EchoMode.Password


def test_unlocking_by_keys_alone(app: App) -> None:
    gate = app.gate
    assert gate is not None
    gate.card.staff.box.setFocus()
    gate.card.staff.box.clear()
    QTest.keyClicks(gate.card.staff.box, "Adaeze Obi")
    QTest.keyClick(gate.card.staff.box, Qt.Key.Key_Return)
    QTest.keyClicks(gate.card.secret.box, SECRET)
    QTest.keyClick(gate.card.secret.box, Qt.Key.Key_Return)
    settle(app, lambda: app.window is not None)
    assert app.window is not None


def test_the_action_card_can_be_read_before_unlocking(app: App) -> None:
    gate = app.gate
    assert gate is not None
    gate.card.help.click()
    from desktop.help.card import ActionCard

    card = gate.findChild(ActionCard)
    assert card is not None
    assert card.isVisible()
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert not card.isVisible()


def test_odd_status_is_left_out_and_never_stops_the_start() -> None:
    assert status_sources({}) == ()
    assert status_sources({"sources": [{"unknown": 1, "source": "pas"}]}) == ()
    assert status_sources({"sources": [{"source": "pas", "kinds": {"patient": "soon"}}]})[0].source == "pas"


def test_a_second_start_calls_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    first = SingleInstance(tmp_path)
    second = SingleInstance(tmp_path)
    try:
        assert first.is_first
        assert not second.is_first
        with qtbot.waitSignal(first.called, timeout=5000):
            assert second.knock()
        assert SingleInstance(tmp_path / "other").is_first
    finally:
        first.release()
    third = SingleInstance(tmp_path)
    assert third.is_first
    third.release()


def test_no_vault_is_said_in_words(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("WARDLAMP_VAULT", raising=False)
    assert main() == 1
    assert capsys.readouterr().err.startswith("vault.not_named: ")


def test_pages_come_from_a_child_and_refusals_come_back_by_code(vault: Path) -> None:
    house = open_house(vault, SECRET.encode(), clock=Clock(NOW))
    try:
        chosen = (Choice("F03", blank=1), Choice("F27", blank=3, copies=2))
        _, pdf = run(house, Job(str(vault), "show", NOW, chosen, 1))
        assert pdf.startswith(b"%PDF")
        made, _ = run(house, Job(str(vault), "count", NOW, chosen))
        assert made.counts == ((1, 1), (3, 3 * 2)), "sheets, and pages of all their copies"
        assert not house.journal.sheets(), "a preview issued a serial"
        issued, pdf = run(house, Job(str(vault), "issue", NOW, (Choice("F27", blank=2),)))
        assert [s.serial for s in house.journal.sheets()] == [serial for serial, *_ in issued.sheets]
        assert {s.state for s in house.journal.sheets()} == {"made"}
        with pytest.raises(WardlampError) as refused:
            run(house, Job(str(vault), "count", NOW, (Choice("F02", patient="9990000018"),)))
        assert refused.value.code == "patient.unknown"
    finally:
        house.close()


def test_a_pdf_is_for_its_owner_alone_and_never_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    write_private(path, b"%PDF-1")
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(EnvironmentFault) as refused:
        write_private(path, b"%PDF-2")
    assert refused.value.code == "print.not_saved"
    assert path.read_bytes() == b"%PDF-1"


def test_nothing_heavy_is_imported_before_the_unlock_screen_is_painted(vault: Path) -> None:
    """DESIGN §6: the stores, the way over HTTP, PDF and the window itself come while the secret is being typed."""
    program = (
        "import sys; from pathlib import Path; from desktop.app import App, dress, make_application\n"
        "a = make_application(); app = App(Path(sys.argv[1])); dress(a, app.look)\n"
        "app.show_gate().grab(); a.processEvents()\n"
        "print(*sorted(m for m in sys.modules if m.split('.')[0] in sys.argv[2:] or m in sys.argv[2:]))\n"
        "app.warm(); app.close(); assert 'localdb.house' in sys.modules and 'urllib3' not in sys.modules\n"
    )
    heavy = ("urllib3", "http", "reportlab", "pypdfium2", "sqlite_utils", "numpy", "PIL", "localdb.house",
             "localdb.reading", "desktop.shell.window")  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", program, str(vault), *heavy], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []
