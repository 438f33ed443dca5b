"""A ward goes to paper by the window: ticked, queued, printed on a real print service, followed in the queue and in the
ledger; a sheet is printed again under a number; what a closed window left is offered at the next unlock.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PySide6.QtCore import QSize

from desktop.app import App, dress, make_application
from desktop.screens import settle, unlock
from desktop.shell.tokens import LIGHT, Look
from localdb.house import make_house, open_house
from localdb.journal.printers import tests as printer_tests
from localdb.journal.sheets import balance_of
from tests.conftest import Clock
from tests.made import NOW, nhs_number, person, stay, ward, write
from tests.servers import cups

SECRET, STAFF, BEDS = "a passphrase of the ward", "Adaeze Obi", 3


@pytest.fixture(scope="module")
def service() -> Iterator[cups.PrintService]:
    cups.require()
    with cups.print_service() as made:
        made.queue("Ward", "file:///dev/null")
        yield made


@pytest.fixture
def vault(tmp_path: Path, service: cups.PrintService, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CUPS_SERVER", service.server)
    folder, clock = tmp_path / "vault", Clock(NOW)
    make_house(folder, STAFF, SECRET.encode(), device="W07", kdf="floor", clock=clock)
    house = open_house(folder, SECRET.encode(), clock=clock)
    house.set_site({"hospital": "Northmoor", "ward": "Ash Ward"})
    people = [x for n in range(1, BEDS + 1) for x in (person(n), stay(f"p{n}", n))]
    house.fill([write(tmp_path / "in" / "ward.json", [*ward(beds=BEDS), *people])], source="pas", processes=1)
    house.close()
    return folder


BEFORE: set[threading.Thread] = set()  # of other tests in this process


def opened(vault: Path) -> App:
    application = make_application()
    BEFORE.update(threading.enumerate())
    made = App(vault, clock=Clock(NOW), look=Look(LIGHT), size=QSize(1366, 768))
    dress(application, made.look)
    made.show_gate()
    unlock(made, STAFF, SECRET)
    settle(made)
    return made


def shut(app: App) -> None:
    assert app.window is not None
    app.window.close()
    left = [t.name for t in threading.enumerate() if t not in BEFORE and t.name.startswith("wardlamp-")]
    assert not left, "a thread was left"


def place_of(app: App) -> Any:
    assert app.window is not None
    return app.window.places.place("print")


def sheets(app: App) -> tuple[Any, ...]:
    return app.context.house.journal.sheets()  # type: ignore[union-attr,attr-defined,no-any-return]


def test_a_ward_goes_to_paper_and_every_sheet_is_followed(vault: Path) -> None:
    app = opened(vault)
    try:
        assert app.window is not None
        app.window.print_form("", "")
        place = place_of(app)
        settle(app, lambda: place.paper.printer.ready and place.paper.go.isEnabled())
        place.paper.kit_buttons["charts"].click()
        settle(app, place.paper.go.isEnabled)
        ticked = {(r.line.code, r.line.whom): (r.amount, r.sheets) for r in place.paper.rows if r.isChecked()}
        assert ticked["F01", "ward"] == (1, 1)
        assert ticked["F02", "patient"] == (1, BEDS)
        expected = sum(count for _, count in ticked.values())

        place.paper.go.click()
        settle(app, lambda: len(sheets(app)) == expected and all(s.state == "printed" for s in sheets(app)))
        named = [s for s in sheets(app) if s.form == "F02"]
        assert [s.patient is not None for s in named] == [True] * BEDS

        place.go_to("queue")
        settle(app)
        assert place.queue.words.text() == "Nothing is waiting for a printer."
        _one_sheet_again_and_back(app, place, named[0].serial)
    finally:
        shut(app)


def _one_sheet_again_and_back(app: App, place: Any, serial: str) -> None:
    assert app.window is not None
    app.window.show_sheet(serial)
    settle(app, lambda: place.sheets.title.text() != "")
    assert place.view == "sheets"
    assert place.sheets.title.text().replace(" ", "") == serial
    place.sheets.page.set_text("7")
    place.sheets.again.click()
    assert "Pages are figures" in app.window.status.notice.text
    place.sheets.page.set_text("1")
    place.sheets.again.click()
    held = app.context.house.journal  # type: ignore[union-attr,attr-defined]
    settle(app, lambda: held.sheet(serial).reprints == 1 and held.sheet(serial).state == "printed")
    for button, state in (("handed_over", "handed_over"), ("returned", "returned"), ("entered", "entered")):
        settle(app, place.sheets.moves[button].isEnabled)
        place.sheets.remark.set_text("Jo Bell, ward clerk")
        place.sheets.moves[button].click()
        settle(app, lambda state=state: held.sheet(serial).state == state)
        settle(app)
    assert any(e.to == "Jo Bell, ward clerk" for e in held.sheet_events(serial))
    found = balance_of(sheets(app))
    assert place.sheets.balance.text().startswith(f"{found.issued} issued = 1 typed in + 0 scanned in + 0 void")
    place.sheets.typed.setText(nhs_number(1)[-4:])
    assert {r.story.identity.nhs for r in place.sheets.list.held.rows} == {nhs_number(1)}


def test_what_a_closed_window_left_is_offered_and_can_be_taken_out(vault: Path, service: cups.PrintService) -> None:
    service.queue("Stopped", "file:///dev/null")
    service.run("cupsdisable", "Stopped")
    app = opened(vault)
    try:
        assert app.window is not None
        app.window.print_form("F27", "")
        place = place_of(app)
        settle(app, lambda: bool(place.paper.rows))
        place.paper.printer.found = tuple(p for p in place.paper.printer.found if p.name == "Stopped")
        place.paper.printer.name = "Stopped"
        row = place.paper.rows[0]
        assert (row.line.code, row.line.whom) == ("F27", "blank")
        row.set_chosen(True, 2)
        place.paper.wanted.emit(place.paper.job("enqueue"))
        settle(app, lambda: len(sheets(app)) == 2 and place.buttons["queue"].words != "At the printer")
    finally:
        shut(app)
    assert [s.state for s in sheets_of(vault)] == ["made", "made"]

    app = opened(vault)
    try:
        assert app.window is not None
        settle(app, lambda: app.window.status.notice is not None)  # type: ignore[union-attr]
        notice = app.window.status.notice
        assert notice is not None
        assert notice.text == "2 sheets of an earlier pack did not come out yet."
        assert notice.act is not None
        notice.act()
        place = place_of(app)
        settle(app, lambda: bool(place.queue.list.held.rows))
        place.queue.all_out.click()
        assert [s.state for s in sheets(app)] == ["made", "made"], "asked once more before anything is void"
        place.queue.all_out.click()
        # What lay at the printer is dropped there first, and then waits for a person: part of it might have come out.
        settle(app, lambda: "2 for you" in place.buttons["queue"].words)
        settle(app, place.queue.came.isEnabled)
        place.queue.all_out.click()
        place.queue.all_out.click()
        settle(app, lambda: [s.state for s in sheets(app)] == ["void", "void"])
    finally:
        shut(app)


def sheets_of(vault: Path) -> tuple[Any, ...]:
    house = open_house(vault, SECRET.encode(), clock=Clock(NOW))
    try:
        return house.journal.sheets()
    finally:
        house.close()


def test_a_printer_is_tested_from_the_window_and_its_code_scanned_back(vault: Path, service: cups.PrintService) -> None:
    app = opened(vault)
    try:
        assert app.window is not None
        app.window.print_form("", "")
        place = place_of(app)
        settle(app, lambda: place.paper.printer.ready and place.paper.test.isEnabled())
        place.paper.test.click()
        settle(app, lambda: "test page is out" in app.window.status.notice.text if app.window.status.notice else False)  # type: ignore[union-attr]
        journal: Any = app.context.house.journal  # type: ignore[union-attr]
        (test,) = printer_tests(journal.log)
        assert not test.scanned
        app.window.scans.on_scan(test.code)
        settle(app)
        assert "scanned back" in app.window.status.notice.text  # type: ignore[union-attr]
        assert printer_tests(journal.log)[0].scanned
        wrong = test.code[:-2] + ("0" if test.code[-2] != "0" else "1") + test.code[-1]
        app.window.scans.on_scan(wrong)
        settle(app)
        assert app.window.scans.dialog is not None
        assert "print.not_a_test" in app.window.scans.dialog.accessibleDescription()
    finally:
        shut(app)


def test_a_kept_file_is_sealed_and_weak_words_burn_no_serial(vault: Path, tmp_path: Path) -> None:
    app = opened(vault)
    try:
        assert app.window is not None
        app.window.print_form("F27", "")
        place = place_of(app)
        settle(app, place.paper.keep.isEnabled)
        for words, file, written in (
            ("aaaaaaaaaaaaaaaaaaaa", "weak.pdf", False),
            ("lamp river candle seventy", "x.pdf", True),
        ):
            place.paper.keep.click()
            place.keeping.file.set_text(str(tmp_path / file))
            place.keeping.phrase.set_text(words)
            place.keeping.again.set_text(words)
            place.keeping.write.click()
            settle(app)
            assert (tmp_path / file).exists() is written
            assert bool(sheets(app)) is written
        data = (tmp_path / "x.pdf").read_bytes()
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(data))
        with pikepdf.open(io.BytesIO(data), password="lamp river candle seventy") as opened_file:
            assert len(opened_file.pages) == sum(s.pages for s in sheets(app))
    finally:
        shut(app)
