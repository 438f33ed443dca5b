"""Printers over IPP: those of the system's print service, and any `ipp://` address straight (DESIGN D10, STACK-desktop §7).

Rules: the bytes of a page go over the line, never through a clear file of ours; a job's title is the serial and nothing
else; accepted is not printed: a sheet counts only when the job's state is "completed". The service is `CUPS_SERVER`
(host:port or a socket's path), else its usual socket, else port 631 of this machine.
"""

from __future__ import annotations

import http.client
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from urllib.parse import quote, unquote, urlsplit

import msgspec

from desktop.printing import ipp
from desktop.printing.errors import (
    LineLost,
    NoPrintService,
    PrinterStopped,
    PrinterUnknown,
    PrintFailed,
    PrintRefused,
    PrintUnsure,
)
from desktop.printing.wire import A4, Facts, JobState, Ticket, options

USUAL_SOCKET = "/run/cups/cups.sock"
PENDING, HELD, PROCESSING, STOPPED, CANCELLED, ABORTED, COMPLETED = 3, 4, 5, 6, 7, 8, 9
_STATES = {3: "idle", 4: "printing", 5: "stopped"}
_TIMEOUT = 10.0
_SENDING = 300.0  # a printer takes a page as fast as it prints
_USER = "wardlamp"
_PDF = "application/pdf"
_JOB_FACTS = ("job-id", "job-name", "job-state", "job-state-reasons", "number-of-documents")


class Printer(msgspec.Struct, frozen=True):
    """A printer of the print service. `ready` = takes jobs and is not stopped; `note` why not, or what it warns of, in
    words; `facts` everything that it says of itself (None: nothing was asked)."""

    name: str
    uri: str
    ready: bool = True
    note: str = ""
    is_default: bool = False
    facts: Facts | None = None


class Job(msgspec.Struct, frozen=True):
    """A job that completed: its number at the printer."""

    printer: str
    number: int
    serial: str


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over the socket of the print service."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _service(timeout: float) -> http.client.HTTPConnection:
    named = os.environ.get("CUPS_SERVER", "")
    if named.startswith("/"):
        return _SocketConnection(named, timeout)
    if not named and hasattr(socket, "AF_UNIX") and os.path.exists(USUAL_SOCKET):
        return _SocketConnection(USUAL_SOCKET, timeout)
    host, _, port = named.split("/")[0].partition(":")
    return http.client.HTTPConnection(host or "localhost", int(port) if port.isdigit() else 631, timeout=timeout)


def _send(uri: str, body: bytes, path: str = "", timeout: float = _TIMEOUT) -> ipp.Answer:
    """One request and its answer. Raises print.no_service (nothing was sent), print.lost, print.refused."""
    try:
        parts = urlsplit(uri)
        host, port = parts.hostname or "", parts.port or 631
    except ValueError:
        raise PrinterUnknown("That is no address of a printer.") from None
    straight = bool(host) and not path
    connection = http.client.HTTPConnection(host, port, timeout=timeout) if straight else _service(timeout)
    try:
        try:
            connection.connect()
        except (OSError, UnicodeError) as fault:
            raise NoPrintService("The print service does not answer.") from fault
        try:
            connection.request("POST", path or parts.path or "/", body, {"Content-Type": "application/ipp"})
            reply = connection.getresponse()
            raw = reply.read()
        except (OSError, http.client.HTTPException) as fault:
            raise LineLost("The line to the printer broke.") from fault
    finally:
        connection.close()
    if reply.status != 200:
        raise PrintRefused(f"The print service refused the request (HTTP {reply.status}).")
    try:
        return ipp.answer(raw)
    except ValueError as fault:
        raise PrintRefused("The print service gave an answer that is no IPP.") from fault


def _address(printer: str) -> tuple[str, str]:
    """(the printer's URI, the path at the service; "" where it is reached straight)."""
    if printer.startswith("ipp://"):
        return printer, ""
    uri = _queue_uri(printer)
    return uri, urlsplit(uri).path


def _queue_uri(name: str) -> str:
    return f"ipp://localhost/printers/{quote(name, safe='')}"


def _of(uri: str) -> list[ipp.Attribute]:
    return [("uri", "printer-uri", uri), ("name", "requesting-user-name", _USER)]


def _of_job(uri: str, number: int) -> list[ipp.Attribute]:
    return [("uri", "printer-uri", uri), ("integer", "job-id", number), ("name", "requesting-user-name", _USER)]


def _texts(group: dict[str, list[ipp.Value]], name: str) -> tuple[str, ...]:
    return tuple(str(v) for v in group.get(name, ()))


def _number(group: dict[str, list[ipp.Value]], name: str) -> int | None:
    found = group.get(name, [None])[0]
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def facts_of(group: dict[str, list[ipp.Value]], name: str, *, is_default: bool = False) -> Facts:
    """What the attributes of a printer say; pure. Unknown or odd attributes are left out, never believed."""
    state = _number(group, "printer-state") or 3
    message = (_texts(group, "printer-state-message") or ("",))[0]
    return Facts(
        name=name,
        uri=(_texts(group, "printer-uri-supported") or ("",))[0],
        make=(_texts(group, "printer-make-and-model") or ("",))[0],
        state=_STATES.get(state, "stopped"),
        accepting=bool(group.get("printer-is-accepting-jobs", [True])[0]),
        reasons=tuple(r for r in _texts(group, "printer-state-reasons") if r != "none"),
        message=message,
        sides=_texts(group, "sides-supported"),
        media=_texts(group, "media-supported"),
        media_ready=_texts(group, "media-ready"),
        media_members=_texts(group, "media-col-supported"),
        trays=_texts(group, "media-source-supported"),
        colour_modes=_texts(group, "print-color-mode-supported"),
        scaling=_texts(group, "print-scaling-supported"),
        colour=group.get("color-supported", [False])[0] is True,
        ppm=_number(group, "pages-per-minute") or None,
        resolutions=_texts(group, "printer-resolution-supported"),
        formats=_texts(group, "document-format-supported"),
        operations=tuple(v for v in group.get("operations-supported", ()) if isinstance(v, int)),
        options=_texts(group, "job-creation-attributes-supported"),
        jobs=_number(group, "queued-job-count"),
        is_default=is_default,
    )


def printers() -> tuple[Printer, ...]:
    """The printers of the service, the default one first; () where there is no service or no printer."""
    if sys.platform == "win32":
        from desktop.printing.windows import SpoolerWire

        return tuple(printer_of(facts) for facts in SpoolerWire().installed())
    wanted: list[ipp.Attribute] = [("name", "requesting-user-name", _USER)]
    try:
        found = _send("", ipp.request(ipp.CUPS_PRINTERS, 1, wanted), "/")
        default = _send("", ipp.request(ipp.CUPS_DEFAULT, 2, wanted), "/")
    except (NoPrintService, LineLost, PrintRefused):
        return ()
    first = str(default.groups[0].get("printer-name", [""])[0]) if default.done and default.groups else ""
    made = [printer_of(facts_of(g, name, is_default=name == first))
            for g in found.groups if "printer-name" in g for name in (str(g["printer-name"][0]),)]  # fmt: skip
    return tuple(sorted(made, key=lambda p: (not p.is_default, p.name)))


def printer_of(facts: Facts) -> Printer:
    """A printer by its facts: `note` is empty while it is ready without a warning."""
    words = facts.words
    uri = facts.name if facts.name.startswith("ipp://") else _queue_uri(facts.name)
    note = "" if words in ("ready", "printing") else words
    return Printer(facts.name, uri, facts.ready, note, facts.is_default, facts)


class IppWire:
    """The wire of `desktop.printing.wire` over IPP. `printer` = a name of `printers()` or an `ipp://` address."""

    def facts(self, printer: str) -> Facts:
        uri, path = _address(printer)
        reply = _send(uri, ipp.request(ipp.GET_PRINTER, 1, _of(uri)), path)
        if not reply.done or not reply.groups:
            raise PrinterUnknown("There is no printer of that name.")
        return facts_of(reply.groups[0], printer)

    def begin(self, printer: str, serial: str, facts: Facts, ticket: Ticket) -> int:
        """A job without a page yet; its number."""
        uri, path = _address(printer)
        asked = [*_of(uri), ("name", "job-name", serial)]
        reply = _send(uri, ipp.request(ipp.CREATE_JOB, 2, asked, _wished(facts, ticket)), path)
        return _job_number(reply)

    def send(self, printer: str, number: int, pdf: bytes) -> None:
        """The page of a job that was begun."""
        uri, path = _address(printer)
        asked = [*_of_job(uri, number), ("mime", "document-format", _PDF), ("boolean", "last-document", True)]
        _must_be_taken(_send(uri, ipp.request(ipp.SEND_DOCUMENT, 3, asked) + pdf, path, _SENDING))

    def print_whole(self, printer: str, serial: str, facts: Facts, ticket: Ticket, pdf: bytes) -> int:
        """Job and page in one step, for a printer that knows no other."""
        uri, path = _address(printer)
        asked = [*_of(uri), ("name", "job-name", serial), ("mime", "document-format", _PDF)]
        body = ipp.request(ipp.PRINT_JOB, 2, asked, _wished(facts, ticket)) + pdf
        return _job_number(_send(uri, body, path, _SENDING))

    def job(self, printer: str, number: int) -> JobState | None:
        """How far a job is; None where the printer does not know it."""
        uri, path = _address(printer)
        reply = _send(uri, ipp.request(ipp.GET_JOB, 4, [*_of_job(uri, number), *_asked_for()]), path)
        if reply.status in (ipp.NOT_FOUND, ipp.GONE):
            return None
        _must_be_taken(reply)
        group = next((g for g in reply.groups if "job-state" in g), None)
        return None if group is None else _state_of(group, number)

    def find(self, printer: str, serial: str) -> tuple[JobState, ...]:
        """Every job of that title that the printer still knows, ended ones too."""
        uri, path = _address(printer)
        found: dict[int, JobState] = {}
        for which in ("not-completed", "completed"):
            asked = [*_of(uri), ("keyword", "which-jobs", which), *_asked_for()]
            reply = _send(uri, ipp.request(ipp.GET_JOBS, 5, asked), path)
            if not reply.done:
                continue
            for group in reply.groups:
                state = _state_of(group, _number(group, "job-id") or 0)
                if state.number and state.title == serial:
                    found[state.number] = state
        return tuple(found.values())

    def cancel(self, printer: str, number: int) -> None:
        """Asks for a job's end; one that has ended stays as it is."""
        uri, path = _address(printer)
        _send(uri, ipp.request(ipp.CANCEL_JOB, 6, _of_job(uri, number)), path)


def _asked_for() -> list[ipp.Attribute]:
    return [("keyword", "requested-attributes", _JOB_FACTS)]


def _state_of(group: dict[str, list[ipp.Value]], number: int) -> JobState:
    return JobState(
        number=number,
        title=(_texts(group, "job-name") or ("",))[0],
        state=_number(group, "job-state") or PENDING,
        reasons=tuple(r for r in _texts(group, "job-state-reasons") if r != "none"),
        documents=_number(group, "number-of-documents"),
    )


def _wished(facts: Facts, ticket: Ticket) -> Sequence[ipp.Attribute]:
    if not facts.takes_pdf:
        raise PrintRefused("The printer cannot print PDF.")
    return options(facts, ticket)


def _must_be_taken(reply: ipp.Answer) -> None:
    """Raises print.stopped where it may be taken in a moment, else print.refused."""
    if not reply.done:
        kind = PrinterStopped if reply.status in ipp.PASSING else PrintRefused
        raise kind(f"The printer did not take the sheet (0x{reply.status:04x}).")


def _job_number(reply: ipp.Answer) -> int:
    _must_be_taken(reply)
    found = next((n for g in reply.groups if (n := _number(g, "job-id")) is not None), None)
    if not found:
        raise PrintRefused("The printer gave the job no number.")
    return found


def print_pdf(
    printer: str,
    pdf: bytes,
    serial: str,
    *,
    sides: str = "one-sided",
    size: tuple[float, float] = A4,
    wait: float = 120.0,
    told: Callable[[str], None] = lambda state: None,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Job:
    """Print a page that is no sheet of the ledger (a card, a document of the site) and wait until it is out; `size` of its
    pages in points.

    Sheets go through the queue (`press`). `told` hears "sent" and "waiting"; `wait` seconds at most. Raises
    print.no_service, print.unknown_printer, print.stopped, print.refused, print.no_paper, print.failed, print.unsure.
    """
    wire = IppWire()
    facts = wire.facts(printer)
    if not facts.accepting:
        raise PrinterStopped("The printer takes no jobs.")
    number = wire.print_whole(printer, serial, facts, Ticket(sides=sides, size=size), pdf)
    told("sent")
    end = clock() + wait
    step = 0.05
    while True:
        found = wire.job(printer, number)
        if found is not None and found.state == COMPLETED:
            return Job(printer, number, serial)
        if found is not None and found.state in (CANCELLED, ABORTED):
            raise PrintFailed(f"The print job ended without a print ({', '.join(found.reasons) or found.state}).")
        if clock() >= end:
            raise PrintUnsure("The printer has not said that the sheet came out.")
        told("waiting")
        pause(step)
        step = min(1.0, step * 1.5)


def name_of(address: str) -> str:
    """What to call a printer that is reached straight: its host."""
    if not address.startswith("ipp://"):
        return address
    parts = urlsplit(address)
    return unquote(parts.hostname or address)
