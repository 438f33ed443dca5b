"""PDF bytes to the system's print service, straight over IPP: no clear file of ours (DESIGN D10, STACK-desktop §7).

Rules: a job's title is the serial and nothing else; accepted is not printed: a sheet counts only when the job's state
is "completed". A printer is asked first whether it takes jobs and PDF. The service is `CUPS_SERVER` (host:port or a
socket's path), else its usual socket, else port 631 of this machine. A name such as `ipp://host:631/ipp/print` goes
straight to a printer without a service.
"""

from __future__ import annotations

import http.client
import os
import socket
import time
from collections.abc import Callable
from urllib.parse import quote, urlsplit

import msgspec

from desktop.printing import ipp
from desktop.printing.errors import (
    NoPrintService,
    PrinterStopped,
    PrinterUnknown,
    PrintFailed,
    PrintRefused,
    PrintUnsure,
)

USUAL_SOCKET = "/run/cups/cups.sock"
PENDING, HELD, PROCESSING, STOPPED, CANCELLED, ABORTED, COMPLETED = 3, 4, 5, 6, 7, 8, 9
_PRINTER_STOPPED = 5
_TIMEOUT = 10.0
_USER = "wardlamp"
_PDF = "application/pdf"


class Printer(msgspec.Struct, frozen=True):
    """A printer of the print service. `ready` = takes jobs and is not stopped; `note` why not, as the service says."""

    name: str
    uri: str
    ready: bool = True
    note: str = ""
    is_default: bool = False


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


def _service() -> http.client.HTTPConnection:
    named = os.environ.get("CUPS_SERVER", "")
    if named.startswith("/"):
        return _SocketConnection(named, _TIMEOUT)
    if not named and hasattr(socket, "AF_UNIX") and os.path.exists(USUAL_SOCKET):
        return _SocketConnection(USUAL_SOCKET, _TIMEOUT)
    host, _, port = named.split("/")[0].partition(":")
    return http.client.HTTPConnection(host or "localhost", int(port) if port.isdigit() else 631, timeout=_TIMEOUT)


def _send(uri: str, body: bytes, path: str = "") -> ipp.Answer:
    """One request and its answer. Raises print.no_service, print.refused."""
    parts = urlsplit(uri)
    straight = bool(parts.hostname) and not path
    connection = (
        http.client.HTTPConnection(parts.hostname or "", parts.port or 631, timeout=_TIMEOUT)
        if straight
        else _service()
    )
    try:
        connection.request("POST", path or parts.path or "/", body, {"Content-Type": "application/ipp"})
        reply = connection.getresponse()
        raw = reply.read()
    except (OSError, http.client.HTTPException) as fault:
        raise NoPrintService("The print service does not answer.") from fault
    finally:
        connection.close()
    if reply.status != 200:
        raise PrintRefused(f"The print service refused the request (HTTP {reply.status}).")
    try:
        return ipp.answer(raw)
    except ValueError as fault:
        raise PrintRefused("The print service gave an answer that is no IPP.") from fault


def printers() -> tuple[Printer, ...]:
    """The printers of the service, the default one first; () where there is no service or no printer."""
    wanted: list[tuple[str, str, ipp.Value]] = [("name", "requesting-user-name", _USER)]
    try:
        found = _send("", ipp.request(ipp.CUPS_PRINTERS, 1, wanted), "/")
        default = _send("", ipp.request(ipp.CUPS_DEFAULT, 2, wanted), "/")
    except (NoPrintService, PrintRefused):
        return ()
    first = str(default.groups[0].get("printer-name", [""])[0]) if default.done and default.groups else ""
    made = [_printer(g, first) for g in found.groups if "printer-name" in g]
    return tuple(sorted(made, key=lambda p: (not p.is_default, p.name)))


def _printer(group: dict[str, list[ipp.Value]], default: str) -> Printer:
    name = str(group["printer-name"][0])
    accepting = bool(group.get("printer-is-accepting-jobs", [True])[0])
    stopped = group.get("printer-state", [3])[0] == _PRINTER_STOPPED
    note = str(group.get("printer-state-message", [""])[0])
    ready = accepting and not stopped
    return Printer(name, _queue_uri(name), ready, "" if ready else note or "stopped", name == default)


def _queue_uri(name: str) -> str:
    return f"ipp://localhost/printers/{quote(name, safe='')}"


def print_pdf(
    printer: str,
    pdf: bytes,
    serial: str,
    *,
    sides: str = "one-sided",
    wait: float = 120.0,
    told: Callable[[str], None] = lambda state: None,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Job:
    """Print one sheet and wait until the printer says that it is out.

    `printer` = a name of `printers()` or an `ipp://` address; `sides` as IPP names it (left out where the printer does
    not offer it); `told` hears "sent" and "waiting"; `wait` seconds at most. Raises print.no_service,
    print.unknown_printer, print.stopped, print.refused, print.failed, print.unsure.
    """
    straight = printer.startswith("ipp://")
    uri = printer if straight else _queue_uri(printer)
    path = "" if straight else urlsplit(uri).path
    offered = _ask_printer(uri, path)
    number = _submit(uri, path, pdf, serial, [sides] if sides in offered else [])
    told("sent")
    end = clock() + wait
    step = 0.05
    while True:
        state, reasons = _job_state(uri, path, number)
        if state == COMPLETED:
            return Job(printer, number, serial)
        if state in (CANCELLED, ABORTED):
            raise PrintFailed(f"The print job ended without a print ({reasons or state}).")
        if clock() >= end:
            raise PrintUnsure("The printer has not said that the sheet came out.")
        told("waiting")
        pause(step)
        step = min(1.0, step * 1.5)


def _ask_printer(uri: str, path: str) -> list[str]:
    """Whether it takes PDF now; returns the sides that it offers."""
    body = ipp.request(ipp.GET_PRINTER, 1, [("uri", "printer-uri", uri), ("name", "requesting-user-name", _USER)])
    reply = _send(uri, body, path)
    if not reply.done or not reply.groups:
        raise PrinterUnknown("There is no printer of that name.")
    group = reply.groups[0]
    if not group.get("printer-is-accepting-jobs", [True])[0]:
        raise PrinterStopped("The printer takes no jobs.")
    formats = group.get("document-format-supported", [_PDF])
    if _PDF not in formats and "application/octet-stream" not in formats:
        raise PrintRefused("The printer cannot print PDF.")
    return [str(s) for s in group.get("sides-supported", [])]


def _submit(uri: str, path: str, pdf: bytes, serial: str, sides: list[str]) -> int:
    attributes: list[tuple[str, str, ipp.Value]] = [
        ("uri", "printer-uri", uri),
        ("name", "requesting-user-name", _USER),
        ("name", "job-name", serial),
        ("mime", "document-format", _PDF),
    ]
    job: list[tuple[str, str, ipp.Value]] = [("keyword", "sides", side) for side in sides]
    reply = _send(uri, ipp.request(ipp.PRINT_JOB, 2, attributes, job) + pdf, path)
    if not reply.done:
        busy = reply.status in (ipp.BUSY, ipp.DEVICE_ERROR)
        raise (PrinterStopped if busy else PrintRefused)(f"The printer did not take the sheet (0x{reply.status:04x}).")
    found = next((g["job-id"][0] for g in reply.groups if "job-id" in g), None)
    if not isinstance(found, int):
        raise PrintRefused("The printer gave the job no number.")
    return found


def _job_state(uri: str, path: str, number: int) -> tuple[int, str]:
    """The state of a job and what the printer says of it; a job that is forgotten reads as pending."""
    attributes: list[tuple[str, str, ipp.Value]] = [
        ("uri", "printer-uri", uri),
        ("integer", "job-id", number),
        ("name", "requesting-user-name", _USER),
    ]
    reply = _send(uri, ipp.request(ipp.GET_JOB, 3, attributes), path)
    group = next((g for g in reply.groups if "job-state" in g), {})
    state = group.get("job-state", [PENDING])[0]
    reasons = ", ".join(str(r) for r in group.get("job-state-reasons", []))
    return (state if isinstance(state, int) else PENDING), reasons
