"""The ledger of paper (DESIGN D9, D10; CLINICAL F29): every sheet has a serial, comes back, and is accounted for.

Rules: the serial is in the log before the page is made; its sequence is gap-free for each device and never given twice,
also when a sheet is spoiled; a sheet counts as printed only when the print service says that the job completed; at the
end entered + scanned + void = issued, and what is open is named.
"""

from __future__ import annotations

from typing import Any

import msgspec

from localdb.chart.views import Identity
from localdb.journal.errors import refuse_sheet
from localdb.journal.log import Log, Row
from localdb.journal.projection import project
from localdb.records.ids import serial_is_sound, serial_number
from localdb.records.moments import Moment, read_moment

_BACK = frozenset({"returned", "entered", "scanned", "void"})
# state -> what may follow. `spoiled` counts as void; a wrong tick is undone by `returned`.
FOLLOWS: dict[str, frozenset[str]] = {
    "issued": frozenset({"made", "spoiled", "void"}),
    "made": frozenset({"made", "printed", "spoiled", "lost"}) | _BACK,
    "printed": frozenset({"made", "printed", "spoiled", "lost"}) | _BACK,
    "returned": frozenset({"entered", "scanned", "void", "spoiled", "lost"}),
    "lost": _BACK,
    "entered": frozenset({"scanned", "returned"}),
    "scanned": frozenset({"entered", "returned"}),
    "void": frozenset({"returned"}),
    "spoiled": frozenset({"returned"}),
}
_CLOSED = {"entered": "entered", "scanned": "scanned", "void": "void", "spoiled": "void"}


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One sheet as the ledger knows it. `number` its sequence on its device, `patient` the id or None."""

    serial: str
    device: str
    number: int
    form: str
    pages: int
    copies: int
    blank: bool
    patient: str | None
    state: str


class SheetEvent(msgspec.Struct, frozen=True):
    """One step of a sheet: state, when, by whom, remark."""

    state: str
    written: Moment
    staff: str
    remark: str = ""


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """issued = entered + scanned + void + open. `missing` = numbers that no laptop here accounts for."""

    issued: int
    entered: int
    scanned: int
    void: int
    open: tuple[Sheet, ...]
    missing: tuple[str, ...]

    @property
    def is_balanced(self) -> bool:
        return not self.open and not self.missing and self.issued == self.entered + self.scanned + self.void


def _sheet(values: tuple[Any, ...]) -> Sheet:
    serial, device, number, form, pages, copies, blank, patient, state = values
    return Sheet(
        serial=serial,
        device=device,
        number=number,
        form=form,
        pages=pages,
        copies=copies,
        blank=bool(blank),
        patient=patient,
        state=state,
    )


def issue_sheet(
    log: Log,
    form: str,
    pages: int,
    *,
    patient: str | None = None,
    identity: Identity | None = None,
    blank: bool = False,
    copies: int = 1,
) -> str:
    """The next serial of this device, on disk before it returns. Raises sheet.invalid, disk.full, disk.read_only."""
    if len(form) != 3 or not (form.isascii() and form.isalnum() and form == form.upper()) or pages < 1 or copies < 1:
        raise refuse_sheet("sheet.invalid", "A sheet needs a form of three characters, a page and a copy.")
    with log.writing() as connection:
        device = log.keys.device
        last = connection.execute("SELECT coalesce(max(number), 0) FROM sheet WHERE device = ?", (device,)).fetchone()
        number = int(last[0]) + 1
        serial = serial_number(device, form, number)
        body: dict[str, Any] = {
            "event": "issued",
            "serial": serial,
            "form": form,
            "number": number,
            "pages": pages,
            "copies": copies,
            "blank": blank,
            "patient": patient or (identity.patient if identity else None),
            "identity": None if identity is None else msgspec.to_builtins(identity),
        }
        project(connection, log.append("sheet", body), log.keys.device_public_key)
    return serial


def move_sheet(log: Log, serial: str, state: str, remark: str = "") -> Sheet:
    """The next state of a sheet. Raises sheet.unknown, sheet.state, disk.full, disk.read_only."""
    with log.writing() as connection:
        held = sheet(log, serial)
        if state not in FOLLOWS[held.state]:
            raise refuse_sheet("sheet.state", f"A sheet that is {held.state} cannot become {state}.")
        row = log.append("sheet", {"event": state, "serial": held.serial, "remark": remark})
        project(connection, row, log.keys.device_public_key)
    return msgspec.structs.replace(held, state=state)


_SHEET = """SELECT serial, device, number, form, pages, copies, blank, patient, state FROM sheet WHERE serial = ?"""
_SHEETS = """SELECT serial, device, number, form, pages, copies, blank, patient, state FROM sheet
    ORDER BY device, number"""


def sheet(log: Log, serial: str) -> Sheet:
    """One sheet; grouping spaces and lower case are read too. Raises sheet.unknown, sheet.invalid (bad check)."""
    bare = serial.replace(" ", "").replace("-", "").upper()
    if not serial_is_sound(bare):
        raise refuse_sheet("sheet.invalid", "That is not a serial: a character was misread.")
    with log.reading() as connection:
        values = connection.execute(_SHEET, (bare,)).fetchone()
    if values is None:
        raise refuse_sheet("sheet.unknown", "No laptop here issued that serial.")
    return _sheet(values)


def sheets(log: Log) -> tuple[Sheet, ...]:
    """All sheets, device by device in the order in which they were issued."""
    with log.reading() as connection:
        return tuple(_sheet(values) for values in connection.execute(_SHEETS))


def sheet_events(log: Log, serial: str) -> tuple[SheetEvent, ...]:
    """Every step of one sheet, oldest first. Raises sheet.unknown, sheet.invalid."""
    held = sheet(log, serial)
    steps = [(row, row.content) for row in log.rows_of_kind("sheet")]
    mine = [(row, body) for row, body in steps if body["serial"] == held.serial]
    return tuple(_event(row, body) for row, body in sorted(mine, key=lambda step: _order(step[0], step[1])))


def _order(row: Row, body: dict[str, Any]) -> tuple[bool, int, str, int]:
    return body["event"] != "issued", read_moment(row.written).utc or 0, row.device, row.sequence


def _event(row: Row, body: dict[str, Any]) -> SheetEvent:
    return SheetEvent(body["event"], read_moment(row.written), row.staff, body.get("remark", ""))


def balance(log: Log) -> Balance:
    """Whether entered + scanned + void = issued, and what is open."""
    held = sheets(log)
    counts = dict.fromkeys(("entered", "scanned", "void"), 0)
    for one in held:
        if one.state in _CLOSED:
            counts[_CLOSED[one.state]] += 1
    numbers: dict[str, set[int]] = {}
    for one in held:
        numbers.setdefault(one.device, set()).add(one.number)
    missing = [
        f"{device} {n}" for device, there in sorted(numbers.items()) for n in range(1, max(there)) if n not in there
    ]
    return Balance(
        issued=len(held),
        entered=counts["entered"],
        scanned=counts["scanned"],
        void=counts["void"],
        open=tuple(one for one in held if one.state not in _CLOSED),
        missing=tuple(missing),
    )
