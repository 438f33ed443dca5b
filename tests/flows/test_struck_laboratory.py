"""The struck laboratory (issue 5): its source goes dead while the hospital's own records live on. Declared, screens,
sheets and the request form say so at once; what is late comes from its queue, and nothing is there twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from desktop.app import App, dress, make_application
from desktop.forms import catalogue
from desktop.printing.issuing import model_of, wanted
from desktop.screens import settle, unlock
from desktop.shell.tokens import LIGHT, Look
from localdb.house import make_house, open_house
from localdb.records.moments import read_moment
from tests.conftest import Clock

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
SECRET = "lantern-oil-brass-wick"
NHS = "9990000018"
PID = f"PID|1||H204^^^NUH^MR~{NHS}^^^NHS^NH||OKONKWO^IFEOMA||19510314|F"
SAID = "Laboratory is down since 03:12: no result after 02:05"


def adt(number: int, at: str) -> str:
    return (
        f"MSH|^~\\&|PAS|NUH|||{at}||ADT^A01|P{number}|P|2.5\rEVN|A01|{at}\r{PID}\r"
        "PV1|1|I|Ash Ward^^A1||||||||||||||||V1|||||||||||||||||||||||||20261123162000\r"
    )


def result(number: int, at: str, value: str, order: str) -> str:
    return (
        f"MSH|^~\\&|LAB|NUH|||{at}||ORU^R01|L{number}|P|2.5\r{PID}\r"
        f"OBR|1|{order}|{order}|UE^Urea and electrolytes|||{at}|||||||||||||||{at}|||F\r"
        f"OBX|1|NM|2823-3^Potassium^LN||{value}|mmol/L|3.5-5.3||||F|||{at}\r"
    )


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    folder, clock = tmp_path / "vault", Clock(NOW)
    make_house(folder, "Adaeze Obi", SECRET.encode(), device="W07", kdf="floor", clock=clock)
    house = open_house(folder, SECRET.encode(), clock=clock)
    house.set_site({"ward": "Ash Ward", "source_titles": {"lims": "Laboratory", "pas": "Patients and beds"}})
    for source, text in (("pas", adt(1, "20261124031000")), ("lims", result(1, "20261124020500", "5.4", "A1"))):
        file = tmp_path / f"{source}.hl7"
        file.write_text(text, encoding="utf-8", newline="")
        house.fill([file], source=source, as_of=read_moment("2026-11-24T03:10:00+00:00") if source == "pas" else None)
    house.close()
    return folder


@pytest.fixture
def app(vault: Path) -> Iterator[App]:
    made = App(vault, clock=Clock(NOW), look=Look(LIGHT), size=QSize(1366, 768))
    dress(make_application(), made.look)
    made.show_gate()
    unlock(made, "Adaeze Obi", SECRET)
    settle(made)
    yield made
    if made.window is not None:
        made.window.close()


def words(widget: QWidget) -> str:
    shown = [w for w in widget.findChildren(QWidget) if w.isVisible()]
    texts = [str(w.text()) for w in shown if hasattr(w, "text") and callable(w.text)]
    return " ".join([*(f"{w.accessibleName()} {w.accessibleDescription()}" for w in shown), *texts])


def potassium(app: App) -> list[str]:
    """Every potassium of the chart, as an independent reading of the same vault finds it."""
    house = open_house(app.vault, SECRET.encode(), clock=Clock(NOW))
    try:
        reading = house.reading()
        items = reading.chart(NHS).results.items
        reading.close()
        return sorted(str(r.value) for r in items if r.text == "Potassium")  # type: ignore[attr-defined]
    finally:
        house.close()


def test_struck_said_everywhere_and_its_queue_replayed(app: App, tmp_path: Path) -> None:
    window, context = app.window, app.context
    assert window is not None
    assert context is not None
    person: list[str] = []
    context.reader.ask("who", lambda reading: reading.resolve(NHS), lambda key, found: person.append(found))
    settle(app)
    window.show_patient(person[0])
    window.patient_page.set_section(2)
    settle(app)
    assert SAID not in words(window.patient_page)

    window.show_ages()
    settle(app)
    place = window.places.place("sources")
    place.declare("down")  # type: ignore[attr-defined]
    dialog = place.veil.dialog  # type: ignore[attr-defined]
    for box in dialog.boxes:
        box.setChecked(box.source == "lims")
    dialog.decide()
    settle(app)
    assert (window.lamp.shape, window.lamp.word) == ("split", "LABORATORY DOWN")
    assert window.header.state.accessibleName() == "LABORATORY DOWN since 03:12"
    assert "Laboratory is down since 03:12" in words(place)

    window.show_patient(person[0])
    settle(app)
    assert SAID in words(window.patient_page), "the summary"
    window.patient_page.set_section(2)
    settle(app)
    assert SAID in words(window.patient_page), "the results"
    window.show_waiting()
    settle(app)
    assert "Laboratory is down since 03:12" in words(window.places)
    window.record("request", person[0], None)
    settle(app)
    assert "Ask only for tests that change what is done next" in words(window)

    house = open_house(app.vault, SECRET.encode(), clock=Clock(NOW))
    for code in ("F02", "F03"):
        model = model_of(house, wanted(house, code, patient=NHS, ward=None, blank=0, copies=1)[0])
        said = " ".join(p.text for p in catalogue.render_pack([(code, model)]).placed)
        assert "LABORATORY DOWN" in said, code
    house.declare("lims", "back", NOW)
    queue = tmp_path / "queue.hl7"
    late = result(2, "20261124030500", "6.0", "A2")
    queue.write_text(result(1, "20261124020500", "5.4", "A1") + late + late, encoding="utf-8", newline="")
    for _ in range(2):
        house.fill([queue], source="lims")
    house.close()
    assert potassium(app) == ["5.4", "6.0"], "each result once, however often its queue is replayed"
    window.pulse()
    settle(app)
    window.show_patient(person[0])
    settle(app)
    assert SAID not in words(window.patient_page)
