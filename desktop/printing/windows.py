"""The Windows spooler as a wire of the press. UNRUN HERE: nobody has run this on Windows yet; its pure parts are tested.

A page goes as a grey bitmap in the printer's own resolution through GDI, at actual size: PDF cannot be handed to a Windows
driver. Rules as everywhere: the document's name is the serial and nothing else; the spool file is Windows' own, in clear
(a named residual risk, DESIGN D10); a job is kept in the queue after it printed (JOB_CONTROL_RETAIN), for one that is gone
says nothing; it is released once it has been read as printed.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from collections.abc import Callable
from ctypes import wintypes
from typing import Any

import msgspec
import pypdfium2

from desktop.printing.cups import CANCELLED, COMPLETED, HELD, PENDING, PROCESSING, STOPPED
from desktop.printing.errors import NoPrintService, PrinterStopped, PrinterUnknown, PrintRefused
from desktop.printing.ipp import CREATE_JOB, SEND_DOCUMENT
from desktop.printing.wire import A4_NAME, Facts, JobState, Ticket, media_name

# PRINTER_STATUS_* -> the keyword of IPP that says the same
_PRINTER_STATUS = {
    0x1: "paused",
    0x2: "other-error",
    0x8: "media-jam-error",
    0x10: "media-empty-error",
    0x20: "media-needed-error",
    0x40: "media-needed-error",
    0x80: "offline-error",
    0x800: "output-area-full-error",
    0x1000: "shutdown-error",
    0x20000: "toner-low-warning",
    0x40000: "toner-empty-error",
    0x100000: "other-error",
    0x200000: "interpreter-resource-unavailable",
    0x400000: "door-open-error",
    0x1000000: "offline-error",
}
_PRINTING = 0x400
# JOB_STATUS_*
_PAUSED, _ERROR, _DELETING, _SPOOLING, _JOB_PRINTING, _OFFLINE, _PAPEROUT = 0x1, 0x2, 0x4, 0x8, 0x10, 0x20, 0x40
_PRINTED, _DELETED, _BLOCKED, _INTERVENTION, _COMPLETE = 0x80, 0x100, 0x200, 0x400, 0x1000
_JOB_REASONS = {_PAPEROUT: "media-empty", _OFFLINE: "offline", _BLOCKED: "other", _INTERVENTION: "other"}
_CONTROL_DELETE, _CONTROL_RETAIN, _CONTROL_RELEASE = 5, 8, 9
_DUPLEX = {"one-sided": 1, "two-sided-long-edge": 2, "two-sided-short-edge": 3}
_PORTRAIT, _LANDSCAPE, _PAPER_A4 = 1, 2, 9
# DM_ORIENTATION, DM_PAPERSIZE, DM_SCALE, DM_DEFAULTSOURCE, DM_COLOR, DM_DUPLEX
_DM_ORIENTATION, _DM_PAPERSIZE, _DM_SCALE, _DM_SOURCE, _DM_COLOR, _DM_DUPLEX = 0x1, 0x2, 0x10, 0x200, 0x800, 0x1000
_MOST_DPI = 600


class DevMode(ctypes.Structure):
    """The public part of DEVMODEW for printers; a driver's private bytes follow it."""

    _fields_ = (
        ("device_name", ctypes.c_uint16 * 32),
        ("spec_version", ctypes.c_uint16),
        ("driver_version", ctypes.c_uint16),
        ("size", ctypes.c_uint16),
        ("driver_extra", ctypes.c_uint16),
        ("fields", ctypes.c_uint32),
        ("orientation", ctypes.c_int16),
        ("paper_size", ctypes.c_int16),
        ("paper_length", ctypes.c_int16),
        ("paper_width", ctypes.c_int16),
        ("scale", ctypes.c_int16),
        ("copies", ctypes.c_int16),
        ("default_source", ctypes.c_int16),
        ("print_quality", ctypes.c_int16),
        ("color", ctypes.c_int16),
        ("duplex", ctypes.c_int16),
    )


# --- pure -------------------------------------------------------------------------------------------------------------
def reasons_of(status: int) -> tuple[str, ...]:
    """The keywords that a printer's status bits stand for."""
    return tuple(dict.fromkeys(word for bit, word in _PRINTER_STATUS.items() if status & bit))


def job_of(number: int, title: str, status: int, pages_printed: int) -> JobState:
    """A job by its status bits. Deleted before it printed is cancelled; printed and kept is completed. While it is still
    spooling and no page is out, it has no document yet."""
    if status & (_PRINTED | _COMPLETE) and not status & _ERROR:
        state = COMPLETED
    elif status & (_DELETED | _DELETING):
        state = CANCELLED
    elif status & _ERROR and not status & (_JOB_PRINTING | _SPOOLING):
        state = STOPPED
    elif status & _PAUSED:
        state = HELD
    else:
        state = PROCESSING if status & _JOB_PRINTING else PENDING
    reasons = tuple(dict.fromkeys(word for bit, word in _JOB_REASONS.items() if status & bit))
    return JobState(
        number=number, title=title, state=state, reasons=reasons,
        documents=0 if status & _SPOOLING and not pages_printed else 1,
    )  # fmt: skip


def wish(mode: DevMode, ticket: Ticket, sides: tuple[str, ...], bins: dict[str, int]) -> None:
    """Writes into a driver's own settings what a sheet needs, and nothing that the driver does not know."""
    wide, high = ticket.size
    mode.orientation = _LANDSCAPE if wide > high else _PORTRAIT
    mode.paper_size, mode.scale, mode.color = _PAPER_A4, 100, 1
    mode.fields |= _DM_ORIENTATION | _DM_PAPERSIZE | _DM_SCALE | _DM_COLOR
    if ticket.sides in sides:
        mode.duplex = _DUPLEX[ticket.sides]
        mode.fields |= _DM_DUPLEX
    if ticket.tray in bins:
        mode.default_source = bins[ticket.tray]
        mode.fields |= _DM_SOURCE


def grey_dib(width: int, height: int, rows: bytes, stride: int) -> tuple[bytes, bytes]:
    """(BITMAPINFO with 256 greys, bits) of a picture of 8-bit grey rows from the top; rows of a DIB are padded to four
    bytes, and a negative height says that they come from the top."""
    line = (width + 3) // 4 * 4
    head = struct.pack("<IiiHHIIiiII", 40, width, -height, 1, 8, 0, line * height, 0, 0, 256, 0)
    palette = b"".join(struct.pack("<BBBB", n, n, n, 0) for n in range(256))
    if stride == line:
        return head + palette, rows[: line * height]
    pad = bytes(line - width)
    return head + palette, b"".join(rows[y * stride : y * stride + width] + pad for y in range(height))


def place(size: tuple[float, float], dpi: tuple[int, int], offset: tuple[int, int]) -> tuple[int, int, int, int]:
    """(x, y, width, height) in the device's dots of a page of `size` points at actual size: the driver counts from where it
    can print, so the paper's own corner lies before that."""
    across, down = dpi
    return -offset[0], -offset[1], round(size[0] / 72 * across), round(size[1] / 72 * down)


# --- through the system (unrun here) ----------------------------------------------------------------------------------
class SpoolerWire:
    """See `desktop.printing.wire`. A job that was begun holds its device until it is sent, in this process."""

    def __init__(self) -> None:
        if sys.platform != "win32":
            raise NoPrintService("This laptop has no Windows spooler.")
        self._spool: Any = ctypes.WinDLL("winspool.drv", use_last_error=True)
        self._gdi: Any = ctypes.WinDLL("gdi32", use_last_error=True)
        self._begun: dict[int, Any] = {}

    def _opened(self, printer: str, call: Callable[[Any], Any]) -> Any:
        handle = wintypes.HANDLE()
        if not self._spool.OpenPrinterW(printer, ctypes.byref(handle), None):
            raise PrinterUnknown("There is no printer of that name.")
        try:
            return call(handle)
        finally:
            self._spool.ClosePrinter(handle)

    def _filled(self, ask: Callable[[Any, int, Any], Any]) -> Any:
        """The bytes that a call of the spooler gives when it is asked twice: for their size, then for them."""
        needed = wintypes.DWORD()
        ask(None, 0, ctypes.byref(needed))
        if not needed.value:
            return None
        buffer = ctypes.create_string_buffer(needed.value)
        return buffer if ask(buffer, needed.value, ctypes.byref(needed)) else None

    def facts(self, printer: str) -> Facts:
        def ask(handle: Any) -> int:
            buffer = self._filled(lambda b, n, need: self._spool.GetPrinterW(handle, 6, b, n, need))
            return struct.unpack_from("<I", buffer)[0] if buffer else 0

        status = int(self._opened(printer, ask))
        sides = tuple(_DUPLEX) if self._can(printer, 7) == 1 else ("one-sided",)
        colour = self._can(printer, 32) == 1
        ppm = self._can(printer, 31)
        return Facts(
            name=printer, state="printing" if status & _PRINTING else "stopped" if status & 0x1 else "idle",
            reasons=reasons_of(status), sides=sides, media=(A4_NAME,), trays=tuple(self._bins(printer)), colour=colour,
            ppm=ppm if ppm > 0 else None, operations=(CREATE_JOB, SEND_DOCUMENT),
        )  # fmt: skip

    def installed(self) -> tuple[Facts, ...]:
        """Every printer of this laptop, the default one first."""
        count = wintypes.DWORD()
        buffer = self._filled(
            lambda b, n, need: self._spool.EnumPrintersW(0x2 | 0x4, None, 4, b, n, need, ctypes.byref(count))
        )
        names = [str(one.name) for one in (_PrinterInfo * count.value).from_buffer(buffer)] if buffer else []
        size = wintypes.DWORD(256)
        usual = ctypes.create_unicode_buffer(256)
        default = usual.value if self._spool.GetDefaultPrinterW(usual, ctypes.byref(size)) else ""
        found = [msgspec.structs.replace(self.facts(name), is_default=name == default) for name in names]
        return tuple(sorted(found, key=lambda f: (not f.is_default, f.name)))

    def _can(self, printer: str, what: int) -> int:
        return int(self._spool.DeviceCapabilitiesW(printer, None, what, None, None))

    def _bins(self, printer: str) -> dict[str, int]:
        count = max(0, self._can(printer, 12))
        names, numbers = ctypes.create_unicode_buffer(24 * count + 1), (ctypes.c_uint16 * (count + 1))()
        if count:
            self._spool.DeviceCapabilitiesW(printer, None, 12, names, None)
            self._spool.DeviceCapabilitiesW(printer, None, 6, numbers, None)
        told = [str(names[24 * n : 24 * n + 24]).split("\0")[0] for n in range(count)]
        return {name: int(numbers[n]) for n, name in enumerate(told) if name}

    def begin(self, printer: str, serial: str, facts: Facts, ticket: Ticket) -> int:
        media_name(facts, ticket.size)  # raises where the page is not A4
        mode = self._mode(printer, ticket, facts)
        device = self._gdi.CreateDCW("WINSPOOL", printer, None, mode)
        if not device:
            raise PrintRefused("The printer's driver gives no device.")
        name = ctypes.create_unicode_buffer(serial)
        info = (ctypes.c_size_t * 5)(ctypes.sizeof(ctypes.c_size_t) * 5, ctypes.addressof(name), 0, 0, 0)
        number = int(self._gdi.StartDocW(device, ctypes.byref(info)))
        if number <= 0:
            self._gdi.DeleteDC(device)
            raise PrinterStopped("The spooler did not take the sheet.")
        self._control(printer, number, _CONTROL_RETAIN)
        self._begun[number] = device
        return number

    def _mode(self, printer: str, ticket: Ticket, facts: Facts) -> Any:
        def ask(handle: Any) -> Any:
            size = int(self._spool.DocumentPropertiesW(None, handle, printer, None, None, 0))
            buffer = ctypes.create_string_buffer(max(size, ctypes.sizeof(DevMode)))
            self._spool.DocumentPropertiesW(None, handle, printer, buffer, None, 2)
            wish(DevMode.from_buffer(buffer), ticket, facts.sides, self._bins(printer))
            self._spool.DocumentPropertiesW(None, handle, printer, buffer, buffer, 8 | 2)
            return buffer

        return self._opened(printer, ask)

    def send(self, printer: str, number: int, pdf: bytes) -> None:
        device = self._begun.pop(number, None)
        if device is None:
            raise PrintRefused("That job was not begun by this process.")
        try:
            document = pypdfium2.PdfDocument(pdf)
            for page in document:
                self._page(device, page)
            if self._gdi.EndDoc(device) <= 0:
                raise PrintRefused("The spooler did not take the sheet.")
        except BaseException:
            self._gdi.AbortDoc(device)
            raise
        finally:
            self._gdi.DeleteDC(device)

    def _page(self, device: Any, page: Any) -> None:
        dpi = (self._gdi.GetDeviceCaps(device, 88), self._gdi.GetDeviceCaps(device, 90))
        offset = (self._gdi.GetDeviceCaps(device, 112), self._gdi.GetDeviceCaps(device, 113))
        picture = page.render(scale=min(_MOST_DPI, max(dpi)) / 72, grayscale=True)
        info, bits = grey_dib(picture.width, picture.height, bytes(picture.buffer), picture.stride)
        x, y, wide, high = place(page.get_size(), dpi, offset)
        if self._gdi.StartPage(device) <= 0:
            raise PrintRefused("The spooler did not take the page.")
        drawn = self._gdi.StretchDIBits(
            device, x, y, wide, high, 0, 0, picture.width, picture.height, bits, info, 0, 0x00CC0020
        )
        if drawn <= 0 or self._gdi.EndPage(device) <= 0:
            raise PrintRefused("The spooler did not take the page.")

    def print_whole(self, printer: str, serial: str, facts: Facts, ticket: Ticket, pdf: bytes) -> int:
        number = self.begin(printer, serial, facts, ticket)
        self.send(printer, number, pdf)
        return number

    def job(self, printer: str, number: int) -> JobState | None:
        def ask(handle: Any) -> JobState | None:
            buffer = self._filled(lambda b, n, need: self._spool.GetJobW(handle, number, 1, b, n, need))
            return self._read(buffer, 0) if buffer else None

        found: JobState | None = self._opened(printer, ask)
        if found is not None and found.state == COMPLETED:
            self._control(printer, number, _CONTROL_RELEASE)
        return found

    def find(self, printer: str, serial: str) -> tuple[JobState, ...]:
        def ask(handle: Any) -> tuple[JobState, ...]:
            count = wintypes.DWORD()
            buffer = self._filled(
                lambda b, n, need: self._spool.EnumJobsW(handle, 0, 999, 1, b, n, need, ctypes.byref(count))
            )
            found = [self._read(buffer, n) for n in range(count.value)] if buffer else []
            return tuple(one for one in found if one.title == serial)

        told: tuple[JobState, ...] = self._opened(printer, ask)
        return told

    def cancel(self, printer: str, number: int) -> None:
        self._control(printer, number, _CONTROL_DELETE)

    def _control(self, printer: str, number: int, command: int) -> None:
        self._opened(printer, lambda handle: self._spool.SetJobW(handle, number, 0, None, command))

    def _read(self, buffer: Any, index: int) -> JobState:
        job = (_JobInfo * (index + 1)).from_buffer(buffer)[index]
        return job_of(int(job.number), job.document or "", int(job.status), int(job.pages_printed))


class _PrinterInfo(ctypes.Structure):
    """PRINTER_INFO_4W."""

    _fields_ = (("name", wintypes.LPWSTR), ("server", wintypes.LPWSTR), ("attributes", wintypes.DWORD))


class _JobInfo(ctypes.Structure):
    """JOB_INFO_1W."""

    _fields_ = (
        ("number", wintypes.DWORD),
        ("printer", wintypes.LPWSTR),
        ("machine", wintypes.LPWSTR),
        ("user", wintypes.LPWSTR),
        ("document", wintypes.LPWSTR),
        ("data_type", wintypes.LPWSTR),
        ("status_words", wintypes.LPWSTR),
        ("status", wintypes.DWORD),
        ("priority", wintypes.DWORD),
        ("position", wintypes.DWORD),
        ("total_pages", wintypes.DWORD),
        ("pages_printed", wintypes.DWORD),
        ("submitted", ctypes.c_uint16 * 8),
    )
