"""A ward's pack on a real printer that dies half-way, with a laptop that dies half-way (issue 7, Done when).

Each sheet comes out exactly once, or again as a numbered reprint; no serial is lost; in the end the ledger balances. A
person looks at the printer's tray where nobody else can know.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop.printing import press, runner
from desktop.printing.errors import PressWaits
from desktop.printing.issuing import Wanted
from desktop.printing.press import Progress
from localdb.house import House, open_house
from localdb.journal.ledger import control_lines
from localdb.journal.sheets import CLOSED
from tests.conftest import LONG, ROOT
from tests.flows.pressing import FORMS
from tests.made import NOW, SECRET, new_house, person, result, stay, ward, write
from tests.servers import cups as servers
from tests.servers.cups import PrintService
from tests.unit.forms.checks import page_texts

BEDS = 4
PLACES = 1 + 2 * BEDS + 2 * 2  # F01; F02 and F18 each bed; two blanks in two copies
KILLS = 12 if LONG else 3
SEEDS = range(12 if LONG else 1)


@pytest.fixture(scope="module")
def running() -> Iterator[PrintService]:
    servers.require()
    with servers.print_service() as made:
        made.queue("Ward", made.printer, "everywhere")
        made.wait_for_driver("Ward")
        yield made


@pytest.fixture
def service(running: PrintService, monkeypatch: pytest.MonkeyPatch) -> Iterator[PrintService]:
    monkeypatch.setenv("CUPS_SERVER", running.server)
    for sheet in running.out:
        sheet.unlink()
    running.pace(0.05)
    yield running
    if (running.folder / "jam").exists():
        running.jam(on=False)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("ward")
    house = new_house(place / "vault")
    house.set_site({"ward": "Ash Ward", "hospital": "Northmoor University Hospital"})
    people = [r for n in range(1, BEDS + 1) for r in (person(n), stay(f"p{n}", n), result(f"r{n}", f"p{n}", "4.1"))]
    house.fill([write(place / "ward.json", [*ward(beds=BEDS), *people])], source="pas")
    house.close()
    return place / "vault"


@pytest.fixture
def vault(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "vault"))


def opened(vault: Path) -> House:
    return open_house(vault, SECRET, clock=lambda: NOW)


def laptop(vault: Path, *acts: str) -> subprocess.Popen[str]:
    """The child, once its vault is open."""
    secret = vault.parent / "secret"
    secret.write_bytes(SECRET + b"\n")
    secret.chmod(0o600)
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.flows.pressing", str(vault), *acts], cwd=ROOT, stdout=subprocess.PIPE,
        env={**os.environ, "WARDLAMP_SECRET_FILE": str(secret)}, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "open\n"
    return child


def killed_after(child: subprocess.Popen[str], seconds: float) -> bool:
    """Whether it was still running when the power went."""
    with child:
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
        assert child.wait() in (0, -signal.SIGKILL)
        return child.returncode != 0


def title(sheet: Path) -> str:
    return sheet.stem.split("-")[1]


def first_prints(service: PrintService) -> Counter[str]:
    return Counter(title(p) for p in service.out if "REPRINT" not in page_texts(p.read_bytes())[0])


def look_in_the_tray(house: House, service: PrintService) -> None:
    """A person answers what nobody else can know, by what lies in the tray."""
    for pack in press.packs(house, only_open=True):
        for serial in dict.fromkeys(i.serial for i in pack.waits_for_person):
            waiting = [i for i in pack.waits_for_person if i.serial == serial]
            known = sum(i.state == "completed" for i in pack.items if i.serial == serial)
            out = first_prints(service)[serial]
            if waiting[0].reprint:
                out = sum(title(p) == serial for p in service.out) - out
            press.answer_unsure(house, serial, came_out=out >= known + len(waiting))


def finished(house: House, service: PrintService) -> None:
    """Runs and answers until nothing is left."""
    for _ in range(10):
        press.run(house, patience=150)
        if not press.packs(house, only_open=True):
            return
        look_in_the_tray(house, service)
        press.resume(house)
    raise AssertionError([i for p in press.packs(house, only_open=True) for i in p.items if i.is_open])


def check(house: House, service: PrintService) -> Counter[str]:
    """Once each, or again under a number; the ledger knows all of it, and balances. Returns the sheets by state."""
    # The print service adds an empty side where a sheet of two sides has an odd page.
    out = [(title(p), [t for t in page_texts(p.read_bytes()) if t.strip()]) for p in service.out]
    assert all(pages for _, pages in out), "an empty sheet came out"
    first = Counter(serial for serial, pages in out if "REPRINT" not in pages[0])
    again = Counter(
        (serial, int(pages[0].split("REPRINT ")[1].split()[0])) for serial, pages in out if "REPRINT" in pages[0]
    )
    sheets = {s.serial: s for s in house.journal.sheets()}
    assert {serial for serial, _ in out} <= set(sheets)
    for (serial, number), count in again.items():
        assert count <= sheets[serial].copies, "a reprint came out twice under one number"
        assert number <= sheets[serial].reprints
    for serial, pages in out:  # each page says whose it is
        assert all(serial in text for text in pages), (serial, [len(t) for t in pages], pages[0][:80])
    for sheet in sheets.values():
        came = first[sheet.serial]
        assert came <= sheet.copies, f"{sheet.serial} came out {came} times without a number"
        if sheet.state == "printed":
            assert came + sum(s == sheet.serial for s, _ in again) >= 1, "printed, and it never came out"
            if not sheet.reprints:
                assert came == sheet.copies
        else:
            assert sheet.state == "spoiled", sheet
            assert not came, "a spoiled sheet came out"
        house.journal.move_sheet(sheet.serial, "entered" if sheet.state == "printed" else "returned")
        if sheet.state == "spoiled":
            house.journal.move_sheet(sheet.serial, "void")
    assert [s.number for s in house.journal.sheets()] == list(range(1, len(sheets) + 1))
    control = control_lines(house.journal.sheet_stories())
    assert control.is_balanced, control.total
    assert house.journal.verify().ok
    return Counter(s.state for s in sheets.values())


def ended(house: House) -> bool:
    return all(s.state in CLOSED for s in house.journal.sheets())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("way", ["straight", "queue"])
def test_a_laptop_that_dies_again_and_again_prints_each_sheet_once(
    seed: int, way: str, vault: Path, service: PrintService, record_property: Callable[[str, object], None]
) -> None:
    dice = random.Random(f"{way}{seed}")
    printer = service.printer if way == "straight" else "Ward"
    acts, kills = [f"enqueue={printer}", "run"], 0
    for _ in range(KILLS):
        kills += killed_after(laptop(vault, *acts), dice.uniform(0.0, 1.6))
        house = opened(vault)
        acts = acts if not house.journal.sheets() else ["run"]
        house.close()
    record_property("kills", kills)
    if acts != ["run"]:  # it never got as far as the first serial
        assert not killed_after(laptop(vault, acts[0]), 120)
    house = opened(vault)
    try:
        finished(house, service)
        states = check(house, service)
        assert states["printed"] + states["spoiled"] == 1 + 2 * BEDS + 2
    finally:
        house.close()


def test_a_printer_that_dies_half_way_loses_nothing(vault: Path, service: PrintService) -> None:
    killed_after(laptop(vault, f"enqueue={service.printer}"), 60)
    house = opened(vault)
    seen: list[Progress] = []

    def told(progress: Progress) -> None:
        seen.append(progress)
        if progress.done in (3, 9) and len([p for p in seen if p.done == progress.done]) == 1:
            service.engine.end(hard=True)
            threading.Timer(0.7, service.engine.start).start()

    try:
        press.run(house, told, patience=150)
        assert any(p.words for p in seen), "nobody was told that the printer was gone"
        finished(house, service)
        assert check(house, service)["printed"] == 1 + 2 * BEDS + 2
    finally:
        house.close()


def test_a_print_service_that_restarts_half_way_loses_nothing(vault: Path, service: PrintService) -> None:
    killed_after(laptop(vault, "enqueue=Ward"), 60)
    house = opened(vault)
    seen: list[int] = []

    def told(progress: Progress) -> None:
        if progress.done == 4 and 4 not in seen:
            service.spooler.end()
            service.spooler.start()
        seen.append(progress.done)

    try:
        press.run(house, told, patience=150)
        finished(house, service)
        assert check(house, service)["printed"] == 1 + 2 * BEDS + 2
    finally:
        house.close()


def test_a_jam_is_said_in_words_and_the_pack_goes_on(vault: Path, service: PrintService) -> None:
    house = opened(vault)
    service.jam(on=True)
    seen: list[str] = []

    def told(progress: Progress) -> None:
        seen.append(progress.words)
        if progress.words == "paper jam":
            service.jam(on=False)

    try:
        press.enqueue(house, [Wanted("F27"), Wanted("F18")], service.printer)
        press.run(house, told, patience=150)
        assert "paper jam" in seen
        assert seen[-1] == ""
        assert len(service.out) == 2
    finally:
        house.close()


def test_a_printer_that_is_off_is_waited_for_and_said(vault: Path, service: PrintService) -> None:
    house = opened(vault)
    service.engine.end()
    try:
        queued = press.enqueue(house, [Wanted("F27")], service.printer)
        with pytest.raises(PressWaits, match="does not answer"):
            press.run(house, patience=0.5)
        assert press.packs(house)[0].items[0].state == "queued"
        service.engine.start()
        press.run(house)
        assert house.journal.sheet(queued.sheets[0].serial).state == "printed"
    finally:
        house.close()


def test_the_press_goes_on_behind_a_locked_screen_and_ends_with_the_window(vault: Path, service: PrintService) -> None:
    house = opened(vault)
    serials = [s.serial for s in press.enqueue(house, [Wanted("F27")] * 6, service.printer).sheets]
    service.pace(0.2)
    first, over = threading.Event(), threading.Event()
    running = runner.start(house, lambda p: first.set() if p.done else None, lambda fault: over.set())
    assert first.wait(30)
    house.close()  # the screen is locked, and whoever was in is gone
    assert over.wait(30)
    house = opened(vault)
    try:
        assert [house.journal.sheet(s).state for s in serials] == ["printed"] * 6
        # and now the window dies in the middle: the press sends nothing more, and leaves no process with keys
        again = press.enqueue(house, [Wanted("F27")] * 20, service.printer)
        first.clear()
        running = runner.start(house, lambda p: first.set() if p.done > 1 else None)
        assert first.wait(30)
        running.stop()
        assert running.wait(10)
        left = next(p for p in press.packs(house) if p.id == again.pack)
        assert 0 < left.done < 20
        finished(house, service)
        assert Counter(title(p) for p in service.out) == Counter([*serials, *(s.serial for s in again.sheets)])
    finally:
        house.close()


def test_forms_of_the_pack_are_what_this_file_counts() -> None:
    assert FORMS == ("F01", "F02", "F18")
