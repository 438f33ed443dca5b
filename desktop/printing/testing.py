"""The test of a printer: its page printed and recorded, its code scanned back and recorded (DESIGN D10). No Qt."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from desktop.printing import press
from desktop.printing.cups import print_pdf
from desktop.printing.testpage import draw_test, new_code, read_code
from desktop.printing.wire import Facts
from localdb.errors import InputRefused
from localdb.journal.printers import PrinterTest, record_printed, record_scanned


class Tested(msgspec.Struct, frozen=True):
    """A test page that came out: the printer, its code, the job there, and how the printer describes itself."""

    printer: str
    code: str
    job: int
    facts: Facts


def print_test(house: Any, printer: str = "", *, two_sided: bool = False) -> Tested:
    """Print the page on a printer ("" = the first that is ready) and wait until it is out. Raises print.*."""
    name = printer or press.first_ready()
    facts = press.wire_for(name).facts(name)
    code = new_code(house.device, secrets.choice)
    pdf = draw_test(facts, code, house.now(), house.staff, str(house.site["zone"]), duplex=two_sided)
    job = print_pdf(name, pdf, code, sides="two-sided-long-edge" if two_sided else "one-sided")
    record_printed(house.journal.log, name, code, job.number)
    return Tested(name, code, job.number, facts)


def scanned_back(house: Any, text: str) -> PrinterTest:
    """The test whose code a scanner read. Raises print.not_a_test, print.unknown_test."""
    code = read_code(text)
    if not code:
        raise InputRefused(
            "That is no code of a test page.", code="print.not_a_test",
            next_step="Scan it again: a scanner that misreads it cannot be trusted with sheets.",
        )  # fmt: skip
    test = record_scanned(house.journal.log, code)
    if test is None:
        raise InputRefused("No test page of a laptop whose journal is here bears that code.", code="print.unknown_test",
                           next_step="Print a test page from this laptop: `wardlamp printer test`.")  # fmt: skip
    return test
