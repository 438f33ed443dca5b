"""Issued sheets to a real print service: each is `printed` only once its own job has completed (DESIGN D10, H25)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.printing.errors import PrinterStopped
from desktop.printing.issuing import Wanted, issue
from desktop.printing.queueing import print_sheets
from localdb.house import House
from tests.made import new_house
from tests.servers import cups as servers
from tests.servers.cups import PrintService


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrintService]:
    servers.require()
    with servers.print_service(tmp_path_factory.mktemp("cups") / "service") as made:
        made.queue("Ward", "file:///dev/null")
        made.queue("Closed", "file:///dev/null")
        made.run("cupsreject", "Closed")
        yield made


@pytest.fixture
def house(running: PrintService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("CUPS_SERVER", running.server)
    made = new_house(tmp_path / "vault")
    yield made
    made.close()


def states(house: House, serials: list[str]) -> list[str]:
    return [house.journal.sheet(s).state for s in serials]


def test_each_sheet_is_marked_when_its_job_is_done(house: House, running: PrintService) -> None:
    issued = issue(house, [Wanted("F27"), Wanted("F18", copies=2), Wanted("F27")])
    serials, heard = [s.serial for s in issued.sheets], []
    jobs = print_sheets(house, issued, "Ward", told=lambda done, of: heard.append((done, of)))
    assert [j.serial for j in jobs] == serials
    assert heard == [(1, 3), (2, 3), (3, 3)]
    assert states(house, serials) == ["printed"] * 3
    log = running.run("lpstat", "-W", "completed", "-o", "Ward")
    assert len([line for line in log.splitlines() if line.startswith("Ward-")]) >= 3


def test_a_printer_that_fails_leaves_the_rest_to_be_printed_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop.printing import queueing

    issued = issue(house, [Wanted("F27")] * 3)
    serials, real = [s.serial for s in issued.sheets], queueing.print_pdf
    monkeypatch.setattr(
        queueing,
        "print_pdf",
        lambda printer, pdf, serial: real("Closed" if serial == serials[1] else printer, pdf, serial),
    )
    with pytest.raises(PrinterStopped):
        print_sheets(house, issued, "Ward")
    assert states(house, serials) == ["printed", "made", "made"]
