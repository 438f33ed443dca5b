"""Which printers were tested from which laptop: a test page that came out, and its code that was scanned back (DESIGN D10).

Signed rows of the log (kind `printer`), so that a coordinator sees them of every laptop after an exchange.
"""

from __future__ import annotations

import msgspec

from localdb.journal.declarations import record
from localdb.journal.log import Log
from localdb.records.moments import Moment, read_moment


class PrinterTest(msgspec.Struct, frozen=True):
    """The last test of a printer from one laptop: when its page came out, and when its code was scanned (None: not yet)."""

    device: str
    printer: str
    code: str
    printed: Moment
    scanned: Moment | None = None


def record_printed(log: Log, printer: str, code: str, job: int) -> None:
    """A test page came out; durable when it returns."""
    record(log, "printer", {"event": "printed", "printer": printer, "code": code, "job": job})


def record_scanned(log: Log, code: str) -> PrinterTest | None:
    """The code of a test page was scanned; None where no page bears it (nothing is written then)."""
    test = next((t for t in tests(log) if t.code == code), None)
    if test is None:
        return None
    record(log, "printer", {"event": "scanned", "printer": test.printer, "code": code})
    return next(t for t in tests(log) if t.code == code)


def tests(log: Log) -> tuple[PrinterTest, ...]:
    """Every test, oldest first."""
    found: dict[str, PrinterTest] = {}
    rows = sorted(log.rows_of_kind("printer"), key=lambda r: (read_moment(r.written).utc or 0, r.device, r.sequence))
    for row in rows:
        body, when = row.content, read_moment(row.written)
        if body["event"] == "printed":
            found[body["code"]] = PrinterTest(row.device, body["printer"], body["code"], when)
        elif (held := found.get(body["code"])) is not None and held.scanned is None:
            found[body["code"]] = msgspec.structs.replace(held, scanned=when)
    return tuple(found.values())


def last_tests(log: Log, device: str) -> dict[str, PrinterTest]:
    """Printer -> its last test from this laptop."""
    return {t.printer: t for t in tests(log) if t.device == device}
