"""The press against a real print service: each copy once, in order, and the ledger says what came out (DESIGN D10, H25)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.printing import press
from desktop.printing.issuing import Wanted
from localdb.house import House
from tests.made import new_house
from tests.servers import cups as servers
from tests.servers.cups import PrintService


@pytest.fixture(scope="module")
def running() -> Iterator[PrintService]:
    servers.require()
    with servers.print_service() as made:
        made.queue("Ward", "file:///dev/null")
        made.queue("Stuck", "file:///dev/null")
        made.run("cupsdisable", "Stuck")
        yield made


@pytest.fixture
def house(running: PrintService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("CUPS_SERVER", running.server)
    made = new_house(tmp_path / "vault")
    yield made
    made.close()


def states(house: House, serials: list[str]) -> list[str]:
    return [house.journal.sheet(s).state for s in serials]


def test_each_sheet_is_printed_once_its_own_job_is_done(house: House, running: PrintService) -> None:
    queued = press.enqueue(house, [Wanted("F27"), Wanted("F18", copies=2), Wanted("F27")], "Ward")
    serials = [s.serial for s in queued.sheets]
    assert states(house, serials) == ["made"] * 3
    heard: list[press.Progress] = []
    press.run(house, heard.append)
    assert states(house, serials) == ["printed"] * 3
    (pack,) = press.packs(house)
    assert [(i.serial, i.copy, i.state) for i in pack.items] == [
        (serials[0], 1, "completed"), (serials[1], 1, "completed"), (serials[1], 2, "completed"),
        (serials[2], 1, "completed"),
    ]  # fmt: skip
    jobs = [i.job for i in pack.items]
    assert jobs == sorted(jobs)
    assert (heard[-1].done, heard[-1].total, heard[-1].pages_left) == (4, 4, 0)
    events = house.journal.sheet_events(serials[1])
    assert events[-1].remark == f"job {jobs[1]}, job {jobs[2]}"
