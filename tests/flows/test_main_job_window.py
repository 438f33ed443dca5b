"""A ward's night in the real window, on a real vault filled from the demonstration's files (issue 4, main job).

Nurse Obi unlocks, sees the ward, finds the patient, opens the chart, records the four kinds, is locked out and comes
back, prints a summary to a PDF; Mair Pryce comes back in her place and restores everything to the hospital's server; an
independent client counts what the server holds.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from desktop.app import App, dress, make_application
from desktop.screens import settle, unlock
from desktop.shell.tokens import LIGHT, Look
from localdb.house import make_house, open_house
from localdb.records.moments import read_moment
from localdb.vault.staff import add_staff
from tests.conftest import ROOT, Clock
from tests.flows.restoration.counting import Client
from tests.servers.fhir_simulator import simulator

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
DOWN = datetime(2026, 11, 24, 2, 47, tzinfo=UTC)
OBI, PRYCE = "lantern-oil-brass-wick", "second-person-secret"
STAR = "9990000018"


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's ward without its index of 50,000: filled by `fill` like any other input."""
    folder = tmp_path_factory.mktemp("night") / "vault"
    clock = Clock(NOW)
    make_house(folder, "Adaeze Obi", OBI.encode(), device="W07", kdf="floor", clock=clock)
    house = open_house(folder, OBI.encode(), clock=clock)
    house.set_site({"hospital": "Northmoor University Hospital", "ward": "Ash Ward"})
    add_staff(folder, house.keys, "Mair Pryce", PRYCE.encode(), "coordinator", "floor")
    for source in ("pas", "eobs", "lims", "epma"):
        files = [p for p in sorted((ROOT / "resources" / "demo" / source).iterdir()) if not p.name.startswith("index")]
        house.fill(files, source=source, as_of=read_moment("2026-11-24T02:40:00+00:00"), processes=1)
        house.declare(source, "down", DOWN)
    house.close()
    return folder


@pytest.fixture
def app(vault: Path) -> Iterator[App]:
    application = make_application()
    made = App(vault, clock=Clock(NOW), look=Look(LIGHT), size=QSize(1366, 768))
    dress(application, made.look)
    made.show_gate()
    yield made
    if made.window is not None:
        made.window.close()
    else:
        made.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("wardlamp-")], "a thread was left"


def words(widget: QWidget) -> str:
    """What a screen reader hears of everything that is visible."""
    shown = [w for w in widget.findChildren(QWidget) if w.isVisible()]
    painted = [w.spoken() for w in shown if hasattr(w, "spoken")]
    return " ".join([*(f"{w.accessibleName()} {w.accessibleDescription()}" for w in shown), *painted])


def type_into(field: QWidget, text: str) -> None:
    field.setFocus()
    QTest.keyClicks(field, text)


def test_a_night_on_the_ward(app: App, vault: Path, tmp_path: Path) -> None:
    _unlock_is_refused_and_then_taken(app)
    window = app.window
    assert window is not None
    context = app.context
    assert context is not None

    rows = window.places.ward.rows
    assert len(rows) == 28
    assert window.header.lamp.accessibleName().startswith("COPY, not live")

    window.find()
    QTest.keyClicks(window.header.find, "okonkwo ifeoma")
    settle(app)
    QTest.keyClick(window.header.find, Qt.Key.Key_Return)
    settle(app)
    patient = window.patient
    assert "OKONKWO, Ifeoma (Mrs)" in words(window.patient_page)

    for write in (_observations, _phoned, _note, _request):
        write(app, patient)
    said = words(window.patient_page)
    assert "6.4" in said
    assert "UNCONFIRMED, BY PHONE" in said
    assert "Adaeze Obi" in said, "what the ward wrote carries its author"

    _lock_keeps_what_is_half_written(app, patient)
    _print_to_a_file(app, patient, tmp_path / "summary.pdf")
    _restore(app, patient, tmp_path)


def _unlock_is_refused_and_then_taken(app: App) -> None:
    assert app.gate is not None
    assert "24-Nov-2026 02:40" in app.gate.accessibleDescription(), "the age must stand there before unlocking"
    assert "OKONKWO" not in app.gate.accessibleDescription()
    unlock(app, "Adaeze Obi", "not the secret at all")
    assert app.window is None
    assert "vault.wrong_secret" in app.gate.card.error.accessibleName()
    unlock(app, "Adaeze Obi", OBI)
    settle(app)


def _write(app: App, patient: str, kind: str, fill: Callable[[Any], None]) -> None:
    window = app.window
    assert window is not None
    window.context.record.emit(kind, patient, None)
    settle(app)
    form = window.body.currentWidget().form  # type: ignore[attr-defined]
    fill(form)
    QTest.keyClick(form, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    if not form._is_saving and not form._is_done:
        form.save_button.click()
    settle(app)
    assert window.patient == patient
    assert window.body.currentWidget() is window.patient_page, f"{kind} was not saved: {form.told.text()}"
    assert window.status.notice is not None
    assert "W07-" in window.status.notice.text, "the number must be told once it is on disk"


def _observations(app: App, patient: str) -> None:
    def fill(form: Any) -> None:
        for field, text in (("resp", "22"), ("spo2", "95"), ("pulse", "104"), ("temp", "38.1")):
            type_into(form.fields[field], text)
        type_into(form.fields["systolic"], "108/")  # the slash leads to the second box
        type_into(form.fields["diastolic"], "62")

    _write(app, patient, "observations", fill)


def _phoned(app: App, patient: str) -> None:
    def fill(form: Any) -> None:
        texts = {"test": "Potassium", "value": "6.4", "unit": "mmol/L", "collected": "02:30", "caller": "K. Lim",
                 "role": "BMS", "ext": "4410"}  # fmt: skip
        form.restore({**form.state(), **texts})
        form.save()
        assert form.told.isVisible(), "a result by phone without read-back must be refused"
        form.tick.click()

    _write(app, patient, "phoned_result", fill)


def _note(app: App, patient: str) -> None:
    def fill(form: Any) -> None:
        form.restore({**form.state(), "text": "Seen at 03:00, comfortable."})

    _write(app, patient, "note", fill)


def _request(app: App, patient: str) -> None:
    def fill(form: Any) -> None:
        form.restore({**form.state(), "tests": "U&E", "reason": "AKI", "phone": "4410"})

    _write(app, patient, "request", fill)


def _lock_keeps_what_is_half_written(app: App, patient: str) -> None:
    window = app.window
    assert window is not None
    window.context.record.emit("note", patient, None)
    settle(app)
    form = window.body.currentWidget().form  # type: ignore[attr-defined]
    form.restore({**form.state(), "text": "half a sentence"})
    form.touched()
    window.lock("idle")
    settle(app)
    assert not window.inside.isVisible()
    window.curtain.card.staff.set_text("Mair Pryce")
    window.curtain.card.secret.set_text(PRYCE)
    window.curtain.card.go.click()
    settle(app, lambda: not window.curtain.isVisible())
    assert app.context is not None
    assert app.context.house.staff == "Mair Pryce"
    assert window.body.currentWidget().form.state()["text"] == "half a sentence"  # type: ignore[attr-defined]
    window.back()
    settle(app)


def _print_to_a_file(app: App, patient: str, path: Path) -> None:
    window = app.window
    assert window is not None
    window.print_form("F02", patient)
    settle(app)
    place: Any = window.places.place("print")
    settle(app, place.paper.keep.isEnabled)
    place.paper.keep.click()
    place.keeping.buttons["plain"].click()
    place.keeping.file.set_text(str(path))
    place.keeping.write.click()
    settle(app, path.exists)
    assert path.read_bytes().startswith(b"%PDF")
    assert path.stat().st_mode & 0o077 == 0
    assert window.status.notice is not None
    assert "WW07F02" in window.status.notice.text
    assert app.context is not None
    sheets = app.context.house.journal.sheets()  # type: ignore[attr-defined]
    assert [(s.form, s.state) for s in sheets] == [("F02", "made")]


def _restore(app: App, patient: str, out: Path) -> None:
    window = app.window
    assert window is not None
    with simulator() as hospital:
        hospital.admit(
            {
                "resourceType": "Patient",
                "id": "live-1",
                "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": STAR}],
                "name": [{"family": "Okonkwo", "given": ["Ifeoma"]}],
                "birthDate": "1951-03-14",
            }
        )
        window.go("restore")
        settle(app)
        place: Any = window.places.place("restore")
        assert len(place.list.held.rows) == 4
        place.url.set_text(hospital.base)
        place.compare.click()
        settle(app)
        assert hospital.writes == 0, "compare changed something"
        place.send.click()
        settle(app)
        assert {r.state for r in place.list.held.rows} == {"confirmed"}, [r.text for r in place.list.held.rows]
        place.folder.set_text(str(out / "proof"))
        place.proof.click()
        settle(app)
        client = Client(hospital.base)
        held = {kind: len(client.search(kind)) for kind in ("Observation", "DocumentReference", "ServiceRequest")}
    assert held == {"Observation": 5 + 1, "DocumentReference": 1, "ServiceRequest": 1}
    said = json.loads((out / "proof" / "certificate.json").read_text())
    assert said["confirmed"] == 4
    assert (out / "proof" / "certificate.pdf").read_bytes().startswith(b"%PDF")
