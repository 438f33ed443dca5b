"""The press: a ward's pack into the queue and out of it, serials in bulk, and memory (issue 7 Measure, DESIGN §6)."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop.forms import catalogue
from desktop.printing import press
from desktop.printing.cups import COMPLETED, IppWire
from desktop.printing.issuing import Wanted, model_of
from desktop.printing.wire import Ticket
from localdb.house import House
from localdb.journal import press as queue
from localdb.journal.sheets import NewSheet
from tests.bench.limits import within
from tests.conftest import ROOT
from tests.made import new_house
from tests.servers import cups as servers
from tests.servers.cups import PrintService
from tests.unit.forms import paper

SHEETS, PAGES = 20, 40  # twenty summaries of two pages


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    yield made
    made.close()


def wants() -> list[Wanted]:
    chart = paper.filled("F02").chart
    return [Wanted("F02", chart=chart) for _ in range(SHEETS)]


def seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


@pytest.mark.bench
def test_a_pack_of_forty_pages_is_queued(house: House) -> None:
    pack = wants()
    models = [model_of(house, w, f"W07AF0200{n:03d}0") for n, w in enumerate(pack)]
    for model in models:
        catalogue.render_pack([("F02", model)])  # fonts are read once a process

    def draw() -> None:
        for model in models:
            catalogue.render_pack([("F02", model)])

    drawn = min(seconds(draw) for _ in range(3))
    queued = min(seconds(lambda: press.enqueue(house, pack, "Nowhere")) for _ in range(3))
    pages = sum(i.pages for i in press.packs(house)[-1].items)
    assert pages == PAGES
    ratio = queued / drawn
    print(f"a pack of {pages} pages queued: {queued:.2f} s, {ratio:.2f} x drawing it")
    assert within("pack of 40 pages queued", ratio), ratio


@pytest.mark.bench
def test_forty_sheets_are_printed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    servers.require()
    with servers.print_service() as service:
        service.queue("Ward", "file:///dev/null")
        monkeypatch.setenv("CUPS_SERVER", service.server)
        page = catalogue.render("F27", paper.model("F27"))
        ours = seconds_of_press(house, page)
        bare = seconds(lambda: bare_client(service, page))
    durable = seconds(lambda: [house.save_draft("bench", {"n": n}) for n in range(4 * 40)])
    ratio = ours / (bare + durable)
    print(f"40 sheets printed: {ours:.2f} s, {ratio:.2f} x the bare jobs and their four durable steps")
    assert within("40 sheets printed", ratio), ratio


def seconds_of_press(house: House, page: bytes) -> float:
    serials = house.journal.issue_sheets([NewSheet(form="F27", pages=1, blank=True)] * 40)
    house.journal.move_sheets(serials, "made")
    log = house.journal.log
    pack = queue.begin_issued(log, [house.journal.sheet(s) for s in serials], "Ward", "one-sided", "")
    queue.fill(log, pack, [(s, [page]) for s in serials])
    took = seconds(lambda: press.run(house))
    assert press.packs(house)[-1].count("completed") == 40
    return took


def bare_client(service: PrintService, page: bytes) -> None:
    """The same jobs one after the other, nothing written down."""
    wire = IppWire()
    for n in range(40):
        facts = wire.facts("Ward")
        number = wire.begin("Ward", f"B{n}", facts, Ticket())
        wire.send("Ward", number, page)
        while (job := wire.job("Ward", number)) is None or job.state != COMPLETED:
            time.sleep(0.01)


@pytest.mark.bench
def test_serials_in_bulk(house: House) -> None:
    new = NewSheet(form="F18", pages=1, blank=True)
    house.journal.issue_sheets([new])

    def one_by_one() -> None:
        for _ in range(400):
            house.journal.issue_sheet("F18", 1, blank=True)

    single = seconds(one_by_one)
    bulk = min(seconds(lambda: house.journal.issue_sheets([new] * 400)) for _ in range(3))
    print(f"400 serials: one by one {single:.2f} s, at once {bulk:.2f} s, {bulk / single:.2f} x")
    assert within("400 serials at once", bulk / single), bulk / single


@pytest.mark.bench
def test_memory_does_not_grow_with_the_pack(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        made = subprocess.run(
            [sys.executable, "-m", "tests.bench.test_press", str(tmp_path / str(count)), str(count)], cwd=ROOT,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return int(made.stdout)

    few, many = peak(40), peak(400)
    print(f"memory: {few // 1024} MiB after 40 sheets, {many // 1024} MiB after 400, {many / few:.2f} x")
    assert within("memory of 400 sheets queued", many / few), many / few


if __name__ == "__main__":
    opened = new_house(Path(sys.argv[1]))
    press.enqueue(opened, [Wanted("F18")] * int(sys.argv[2]), "Nowhere")
    opened.close()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
