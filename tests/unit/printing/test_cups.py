"""Printing against a real print service and a real IPP printer: accepted is not printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.forms import catalogue
from desktop.printing import cups, ipp
from desktop.printing.errors import (
    NoPrintService,
    PrinterStopped,
    PrinterUnknown,
    PrintFailed,
    PrintRefused,
    PrintUnsure,
)
from tests.servers import cups as servers
from tests.servers.cups import PrintService
from tests.unit.forms import paper


@pytest.fixture(scope="module")
def running() -> Iterator[PrintService]:
    servers.require()
    with servers.print_service() as made:
        made.queue("Ward", "file:///dev/null")
        made.queue("Stuck", "file:///dev/null")
        made.queue("Closed", "file:///dev/null")
        made.run("cupsdisable", "Stuck")
        made.run("cupsreject", "Closed")
        made.run("lpadmin", "-d", "Ward")
        yield made


@pytest.fixture
def service(running: PrintService, monkeypatch: pytest.MonkeyPatch) -> PrintService:
    monkeypatch.setenv("CUPS_SERVER", running.server)
    return running


@pytest.fixture(scope="module")
def page() -> tuple[str, bytes]:
    model = paper.filled("F02")
    return model.serial, catalogue.render("F02", model)


class Time:
    """A clock that runs only while something waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def test_the_list_says_which_printer_is_ready_and_which_comes_first(service: PrintService) -> None:
    found = cups.printers()
    assert [(p.name, p.ready) for p in found] == [("Ward", True), ("Closed", False), ("Stuck", False)]
    assert found[0].is_default


def test_a_completed_job_counts_and_its_title_is_the_serial_alone(
    service: PrintService, page: tuple[str, bytes]
) -> None:
    serial, pdf = page
    told: list[str] = []
    job = cups.print_pdf("Ward", pdf, serial, told=told.append)
    assert told[0] == "sent"
    assert (job.printer, job.serial) == ("Ward", serial)
    log = (service.folder / "log/page").read_text() + service.run("lpstat", "-W", "completed", "-l", "-o", "Ward")
    assert "OKONKWO" not in log
    assert "Okonkwo" not in (service.folder / "log/error").read_text()


def test_a_printer_gets_our_bytes_and_keeps_them_under_the_serial(
    service: PrintService, page: tuple[str, bytes]
) -> None:
    serial, pdf = page
    job = cups.print_pdf(service.printer, pdf, serial, sides="two-sided-long-edge")
    kept = [p for p in service.kept.iterdir() if p.suffix == ".pdf"]
    assert job.number > 0
    assert any(p.read_bytes() == pdf and serial.lower() in p.name.lower() for p in kept), [p.name for p in kept]


def test_accepted_is_not_printed(service: PrintService, page: tuple[str, bytes]) -> None:
    serial, pdf = page
    clock = Time()
    with pytest.raises(PrintUnsure) as caught:
        cups.print_pdf("Stuck", pdf, serial, wait=30, pause=clock.pause, clock=clock)
    assert caught.value.code == "print.unsure"
    assert "Stuck-" in service.run("lpstat", "-o", "Stuck")


def test_a_job_that_is_cancelled_did_not_print(service: PrintService, page: tuple[str, bytes]) -> None:
    serial, pdf = page
    waited = iter([lambda: service.run("cancel", "-a", "Stuck")])
    with pytest.raises(PrintFailed):
        cups.print_pdf("Stuck", pdf, serial, pause=lambda _: next(waited, lambda: None)())


def test_a_closed_printer_and_an_unknown_one_are_two_errors(service: PrintService, page: tuple[str, bytes]) -> None:
    serial, pdf = page
    with pytest.raises(PrinterStopped):
        cups.print_pdf("Closed", pdf, serial)
    with pytest.raises(PrinterUnknown):
        cups.print_pdf("Nowhere", pdf, serial)


def test_no_service_is_said_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CUPS_SERVER", str(tmp_path / "no.sock"))
    assert cups.printers() == ()
    with pytest.raises(NoPrintService) as caught:
        cups.print_pdf("Ward", b"%PDF-", "W07AF02000015")
    assert caught.value.next_step


def test_requests_and_answers_of_ipp() -> None:
    made = ipp.request(ipp.PRINT_JOB, 7, [("name", "job-name", "W07AF02000015")], [("keyword", "sides", "one-sided")])
    assert made[:8] == b"\x02\x00\x00\x02\x00\x00\x00\x07"
    assert b"W07AF02000015" in made
    assert made[-1:] == b"\x03"
    head = b"\x02\x00\x00\x00\x00\x00\x00\x01\x01\x02"
    raw = head + b"\x21\x00\x06job-id\x00\x04\x00\x00\x00\x2a\x21\x00\x00\x00\x04\x00\x00\x00\x05\x03"
    answer = ipp.answer(raw)
    assert answer.done
    assert answer.groups == ({"job-id": [42, 5]},)


@pytest.mark.parametrize(
    "raw", [b"", b"\x02\x00\x00\x00\x00\x00\x00\x01\x02\x21\x00\xffx", b"\x02\x00\x00\x00\x00\x00\x00\x01\x21aaaa"]
)
def test_what_is_no_ipp_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        ipp.answer(raw)


def test_a_busy_answer_reads_as_stopped_and_others_as_refused() -> None:
    for status, error in ((ipp.BUSY, PrinterStopped), (0x040B, PrintRefused)):
        with pytest.raises(error):
            cups._job_number(ipp.Answer(status, ()))
