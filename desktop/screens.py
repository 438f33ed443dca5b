"""A picture of every main screen (`wardlamp demo --screens DIR`): the real window on a real vault, without a display."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget

from desktop.app import App, dress, make_application
from desktop.patient.tabs import Tabs
from desktop.shell.tokens import LIGHT, Look

SMALL = QSize(1093, 614)  # 1366×768 at 125 %
_SECTIONS = ("summary", "results", "medicines", "obs", "reports", "documents", "timeline")
_KINDS = ("observations", "phoned_result", "note", "request")
_WAIT = 120.0  # also on a machine that has much else to do


class Stuck(RuntimeError):
    """A screen did not come to rest: a fault of ours."""


def settle(app: App, done: Callable[[], bool] = lambda: True) -> None:
    """Let every bench finish and every event be handled; raises Stuck after two minutes."""
    end = time.monotonic() + _WAIT
    while True:
        QApplication.processEvents()
        context = app.context
        benches = [app.writer] if context is None else context.benches()
        if done() and not any(bench.is_busy for bench in benches):
            QApplication.processEvents()
            return
        if time.monotonic() > end:
            raise Stuck("A screen did not come to rest within two minutes.")
        time.sleep(0.002)


class Walk:
    """Goes through the window and keeps what it saw. `paths` in the order of the walk."""

    def __init__(self, app: App, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.paths: list[Path] = []
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, name: str, widget: QWidget | None = None) -> None:
        settle(self.app)
        shown = widget or self.app.window or self.app.gate
        assert shown is not None
        path = self.folder / f"{len(self.paths) + 1:02d}-{name}.png"
        shown.grab().save(str(path))
        self.paths.append(path)


def unlock(app: App, staff: str, secret: str) -> None:
    """Type the name and the secret and press Unlock, as a person does."""
    assert app.gate is not None
    card = app.gate.card
    card.staff.set_text(staff)
    card.secret.set_text(secret)
    card.go.click()
    settle(app, lambda: app.window is not None or app.gate is not None and app.gate.card.error.isVisible())


def walk(
    vault: Path,
    out: Path,
    *,
    staff: str,
    secret: str,
    clock: Callable[[], object],
    star: str = "",
    typed: str = "",
    walked: tuple[str, str, str] = ("", "", ""),
) -> list[Path]:
    """Pictures of every main screen of `vault` in `out`; `star` an identifier of the patient to open (else the first
    bed), `typed` what to type into the search, `walked` who has an image without a report, a stack
    with slices missing, an image of somebody else. The paths, in order."""
    application = make_application()
    app = App(vault, clock=clock, look=Look(LIGHT))  # type: ignore[arg-type]
    dress(application, app.look)
    app.show_gate()
    seen = Walk(app, out)
    seen.keep("unlock")
    unlock(app, staff, secret)
    window, context = app.window, app.context
    if window is None or context is None:
        raise Stuck("The demonstration did not unlock.")
    try:
        _ward_and_search(app, seen, typed)
        patient = _star(app, star)
        _patient(app, seen, patient)
        _images(app, seen, patient, tuple(_person(app, number) for number in walked))
        _places(app, seen, patient)
        _small(app, seen, patient)
        window.resize(1366, 768)
        window.lock()
        seen.keep("curtain")
    finally:
        window.close()
    return seen.paths


def _ward_and_search(app: App, seen: Walk, typed: str) -> None:
    window = app.window
    assert window is not None
    seen.keep("ward")
    if typed:
        window.find()
        window.header.find.setText(typed)
        window.header.find.textEdited.emit(typed)
        seen.keep("search")
        window.search.leave()


def _star(app: App, star: str) -> str:
    """The person's id for an identifier, else who lies in the first occupied bed."""
    window = app.window
    assert window is not None
    return _person(app, star) or next((r.patient for r in window.places.ward.rows if r.patient), "")


def _person(app: App, number: str) -> str:
    """The person's id for an identifier; "" for none."""
    context = app.context
    assert context is not None
    found: list[str] = []
    if number:
        context.reader.ask(number, lambda reading: reading.resolve(number), lambda key, person: found.append(person))
        settle(app)
    return found[0] if found else ""


def _images(app: App, seen: Walk, patient: str, walked: tuple[str, ...]) -> None:
    """The viewer in its states; the walk itself stands with the viewer."""
    from desktop.imaging.walking import walk_images

    assert app.window is not None
    walk_images(app.window, app.context, seen.keep, lambda done: settle(app, done), patient, *walked)


def _patient(app: App, seen: Walk, patient: str) -> None:
    window = app.window
    assert window is not None
    if not patient:
        return
    window.show_patient(patient)
    settle(app)
    for number, name in enumerate(_SECTIONS, start=1):
        window.patient_page.set_section(number)
        seen.keep(name)
        section = window.patient_page.frame.shown
        for code in list(section.buttons)[1:] if isinstance(section, Tabs) else ():
            if code != "find":  # with words typed, below
                window.patient_page.set_section(number, code)
                settle(app)
                seen.keep(f"{name}-{code}")
    _written(app, seen)
    window.record("", patient, None)
    seen.keep("record")
    for kind in _KINDS:
        window.record(kind, patient, None)
        seen.keep(f"enter-{kind.replace('_', '-')}")


def _written(app: App, seen: Walk) -> None:
    """Words found in the whole record, and two reports side by side."""
    window = app.window
    assert window is not None
    page: Any = window.patient_page
    page.set_section(6, "find")
    page.frame.shown.shown.field.set_text("apixaban")
    seen.keep("find-in-record")
    page.set_section(5)
    imaging = page.frame.shown
    if imaging.compare is not None:
        imaging.shelf.list.choose(next((n for n, e in enumerate(imaging.shown) if e.report is not None), 0))
        imaging.compare.click()
        seen.keep("reports-side-by-side")
        imaging.compare.click()


def _places(app: App, seen: Walk, patient: str) -> None:
    window = app.window
    assert window is not None
    window.print_form("", "")
    settle(app)
    settle(app)
    seen.keep("print")
    _paper(app, seen, patient)
    for place in ("waiting", "plans", "everyone", "restore", "help", "sources"):
        window.go(place)
        seen.keep(place)
        if place == "everyone":
            everyone: Any = window.places.place(place)
            for part in ("clinics", "theatre", "recent"):
                everyone.show_part(part)
                settle(app)
                seen.keep(f"everyone-{part}")
            everyone.show_part("wards")
    _sources(app, seen)
    _register(app, seen)


def _register(app: App, seen: Walk) -> None:
    """Somebody who is in no copy: the fields, the question with the number, the record."""
    window = app.window
    assert window is not None
    window.go("register")
    place: Any = window.places.place("register")
    place.typed.sex.choose("Male")
    place.typed.fields["age"].set_text("40")
    place.typed.fields["bed"].set_text("Trolley 2")
    seen.keep("register")
    place.forward()
    seen.keep("register-question")
    place.forward()
    settle(app, lambda: bool(window.patient))
    seen.keep("registered")


def _paper(app: App, seen: Walk, patient: str) -> None:
    """The queue, and a ledger with something in it."""
    from desktop.printing.issuing import issue, wanted

    window, context = app.window, app.context
    assert window is not None
    assert context is not None
    house: Any = context.house
    wants = [w for f in ("F02", "F11") for w in wanted(house, f, patient=patient, ward=None, blank=0, copies=1)]
    wants += wanted(house, "F27", patient=None, ward=None, blank=4, copies=1)
    made = issue(house, wants).sheets
    house.sheet_state(made[1].serial, "handed_over", to="Ward clerk Jo Bell")
    house.sheet_state(made[2].serial, "scanned")
    place: Any = window.places.place("print")
    place.go_to("queue")
    seen.keep("queue")
    place.go_to("sheets")
    settle(app)
    seen.keep("sheets")
    place.go_to("paper")
    settle(app)


def _sources(app: App, seen: Walk) -> None:
    """The room that images take, the question that declares a system, and what was set aside."""
    window = app.window
    assert window is not None
    place: Any = window.places.place("sources")
    sends = [any(line.kind == "image" for line in system.kinds) for system in place.systems]
    imaging = sends.index(True) if True in sends else 0
    place.list.setCurrentIndex(place.list.held.index(imaging))
    settle(app)
    seen.keep("sources-images")
    place.declare("down")
    seen.keep("declare")
    place.back()
    place.show_part("aside")
    seen.keep("set-aside")
    place.show_part("systems")


def _small(app: App, seen: Walk, patient: str) -> None:
    window = app.window
    assert window is not None
    window.resize(SMALL)
    window.go_ward()
    seen.keep("ward-125")
    window.go("sources")
    seen.keep("sources-125")
    if patient:
        window.show_patient(patient)
        seen.keep("summary-125")
    window.go_ward()
