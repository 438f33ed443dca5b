"""The press against a real print service: each copy once, in order, and the ledger says what came out (DESIGN D10, H25)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from desktop.printing import press
from desktop.printing.issuing import Wanted
from desktop.printing.wire import Facts
from localdb.house import House
from localdb.journal import press as queue
from localdb.journal.errors import PressRefused
from tests.conftest import Clock
from tests.made import NOW, clear_bytes, new_house, nhs_number, person, stay, ward, write
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


def test_what_is_queued_lies_nowhere_in_clear_and_is_wiped_after_a_day(tmp_path: Path) -> None:
    clock = Clock(NOW)
    house = new_house(tmp_path / "vault", clock)
    try:
        house.fill([write(tmp_path / "in" / "a.json", [*ward(), person(1), stay("p1", 1)])], source="pas")
        chart = house.reading().chart(nhs_number(1))
        queued = press.enqueue(house, [Wanted("F02", chart=chart)], "Ward")
        serial = queued.sheets[0].serial
        name = chart.patient.name.family
        assert clear_bytes(tmp_path / "vault", ["%PDF", name, name.upper(), "FlateDecode", serial]) == []
        (item,) = queue.items_of(house.journal.log, serial)
        assert queue.pdf_of(house.journal.log, item).startswith(b"%PDF")
        queue.move(house.journal.log, item, "sending")
        queue.move(house.journal.log, item, "completed", job=4)
        clock.move(queue.KEPT - timedelta(minutes=1))
        assert queue.sweep(house.journal.log) == 0
        assert press.reprint(house, serial, [1])[0].reprint == 1
        clock.move(timedelta(minutes=2))
        assert queue.sweep(house.journal.log) > 10_000
        with pytest.raises(PressRefused) as caught:
            queue.pdf_of(house.journal.log, item)
        assert caught.value.code == "press.no_pages"
        clock.move(queue.REMEMBERED)
        queue.sweep(house.journal.log)
        assert serial not in {i.serial for p in press.packs(house) for i in p.items if not i.reprint}
        assert house.journal.sheet(serial).reprints == 1, "the ledger forgets nothing"
        assert house.journal.verify().ok
    finally:
        house.close()


def test_minutes_come_from_the_printer_else_from_what_it_gave_else_twenty_a_minute(tmp_path: Path) -> None:
    clock = Clock(NOW)
    house = new_house(tmp_path / "vault", clock)
    try:
        assert press.estimate(house, 0, "Ward") == 0
        assert press.estimate(house, 41, "Ward") == 3
        assert press.estimate(house, 41, "Ward", Facts(name="Ward", ppm=41)) == 1
        assert press.estimate(house, 41, "Ward", Facts(name="Ward", ppm=1)) == 3, "one a minute says nothing"
        queued = press.enqueue(house, [Wanted("F27")] * 8, "Ward")
        for item in queue.pack(house.journal.log, queued.pack).items:
            queue.move(house.journal.log, item, "sending")
            clock.move(timedelta(seconds=15))
            queue.move(house.journal.log, item, "completed", job=4)
        assert press.estimate(house, 41, "Ward") == 11  # a page in 15 seconds
        assert press.estimate(house, 41, "Other") == 3
    finally:
        house.close()
