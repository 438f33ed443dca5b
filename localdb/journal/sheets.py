"""The ledger of paper (DESIGN D9, D10; CLINICAL F29): every sheet has a serial, comes back, and is accounted for.

Rules: the serial is in the log before the page is made; its sequence is gap-free for each device and never given twice,
also when a sheet is spoiled; a sheet counts as printed only when the print service says that the job completed; a
reprint keeps the serial and has a number, which is in the log before it is sent; at the end entered + scanned + void =
issued, and what is open is named. What is pure about the ledger (superseded, control sheet) stands in `ledger`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from localdb.chart.views import Identity
from localdb.journal.errors import refuse_sheet
from localdb.journal.log import Log, Row
from localdb.journal.projection import project
from localdb.records.ids import serial_is_sound, serial_number
from localdb.records.moments import Moment, read_moment

_BACK = frozenset({"returned", "entered", "scanned", "void"})
_OUT = frozenset({"printed", "reprinted", "handed_over", "spoiled", "lost"}) | _BACK
# state -> what may follow. `spoiled` counts as void; a wrong tick is undone by `returned`. `reprinted` = a reprint was
# numbered and is on its way; once it is out the sheet is `printed` again.
FOLLOWS: dict[str, frozenset[str]] = {
    "issued": frozenset({"made", "spoiled", "void"}),
    "made": frozenset({"made"}) | _OUT,
    "printed": frozenset({"made"}) | _OUT,
    "reprinted": _OUT,
    "handed_over": _OUT,
    "returned": frozenset({"handed_over", "entered", "scanned", "void", "spoiled", "lost"}),
    "lost": frozenset({"reprinted"}) | _BACK,
    "entered": frozenset({"scanned", "returned"}),
    "scanned": frozenset({"entered", "returned"}),
    "void": frozenset({"returned"}),
    "spoiled": frozenset({"returned"}),
}
# closed state -> what it counts as on the control sheet
CLOSED = {"entered": "entered", "scanned": "scanned", "void": "void", "spoiled": "void"}


class NewSheet(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet that is to be issued. `generation` and `cut` (ISO 8601, or "") = the copy that it is made from, so that a
    print which a newer copy has overtaken can be told; `ward` whose paper it is."""

    form: str
    pages: int
    patient: str | None = None
    identity: Identity | None = None
    blank: bool = False
    copies: int = 1
    ward: str = ""
    generation: int = 0
    cut: str = ""


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One sheet as the ledger knows it. `number` its sequence on its device, `patient` the id or None; `reprints` how
    many reprints were numbered, `holder` whom it was handed over to and has not come back from; `issued` when
    (microseconds since 1970); the rest as in `NewSheet`."""

    serial: str
    device: str
    number: int
    form: str
    pages: int
    copies: int
    blank: bool
    patient: str | None
    state: str
    ward: str = ""
    generation: int = 0
    cut: str = ""
    reprints: int = 0
    holder: str = ""
    issued: int = 0


class SheetEvent(msgspec.Struct, frozen=True):
    """One step of a sheet: state, when, by whom, remark; `to` whom it was handed over; `reprint` its number and the
    `pages` that were printed again (empty = all)."""

    state: str
    written: Moment
    staff: str
    remark: str = ""
    to: str = ""
    reprint: int = 0
    pages: tuple[int, ...] = ()


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet with everything that happened to it, oldest first, and the identity that stood on it."""

    sheet: Sheet
    identity: Identity | None
    events: tuple[SheetEvent, ...]


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


_FIELDS = tuple(Sheet.__struct_fields__)


def _sheet(values: tuple[Any, ...]) -> Sheet:
    facts = dict(zip(_FIELDS, values, strict=True))
    return Sheet(**{**facts, "blank": bool(facts["blank"])})


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
    wanted = NewSheet(form=form, pages=pages, patient=patient, identity=identity, blank=blank, copies=copies)
    return issue_sheets(log, [wanted])[0]


def issue_sheets(log: Log, wanted: Sequence[NewSheet]) -> tuple[str, ...]:
    """The next serials of this device, all on disk before it returns, or none. Raises as `issue_sheet`."""
    check_wanted(wanted)
    with log.writing() as connection:
        return issue_within(log, connection, wanted)


def check_wanted(wanted: Iterable[NewSheet]) -> None:
    """Raises sheet.invalid."""
    for one in wanted:
        form = one.form
        is_code = len(form) == 3 and form.isascii() and form.isalnum() and form == form.upper()
        if not is_code or one.pages < 1 or one.copies < 1:
            raise refuse_sheet("sheet.invalid", "A sheet needs a form of three characters, a page and a copy.")


def issue_within(log: Log, connection: Any, wanted: Sequence[NewSheet]) -> tuple[str, ...]:
    """The same inside a transaction that the caller has begun; the sequence has no gap."""
    device, public = log.keys.device, log.keys.device_public_key
    last = connection.execute("SELECT coalesce(max(number), 0) FROM sheet WHERE device = ?", (device,)).fetchone()
    serials = []
    for number, one in enumerate(wanted, int(last[0]) + 1):
        serial = serial_number(device, one.form, number)
        body: dict[str, Any] = {
            "event": "issued",
            "serial": serial,
            "form": one.form,
            "number": number,
            "pages": one.pages,
            "copies": one.copies,
            "blank": one.blank,
            "patient": one.patient or (one.identity.patient if one.identity else None),
            "identity": None if one.identity is None else msgspec.to_builtins(one.identity),
            "ward": one.ward,
            "generation": one.generation,
            "cut": one.cut,
        }
        project(connection, log.append("sheet", body), public)
        serials.append(serial)
    return tuple(serials)


def move_sheet(log: Log, serial: str, state: str, remark: str = "", to: str = "") -> Sheet:
    """The next state of a sheet. `handed_over` needs `to`. Raises sheet.unknown, sheet.invalid, sheet.state,
    sheet.no_receiver, disk.full, disk.read_only."""
    with log.writing() as connection:
        return move_within(log, connection, serial, state, remark, to)


def move_sheets(log: Log, serials: Iterable[str], state: str, remark: str = "") -> None:
    """The same for many in one transaction: all of them, or none."""
    with log.writing() as connection:
        for serial in serials:
            move_within(log, connection, serial, state, remark)


def move_within(
    log: Log, connection: Any, serial: str, state: str, remark: str = "", to: str = "", pages: Sequence[int] = ()
) -> Sheet:
    """One step inside a transaction that the caller has begun. `reprinted` takes the next number of a reprint."""
    held = sheet(log, serial)
    if state not in FOLLOWS[held.state]:
        raise refuse_sheet("sheet.state", f"A sheet that is {words(held.state)} cannot become {words(state)}.")
    body: dict[str, Any] = {"event": state, "serial": held.serial, "remark": remark}
    if state == "handed_over":
        if not to.strip():
            raise refuse_sheet("sheet.no_receiver", "Say to whom the sheet was handed over.")
        body["to"] = to.strip()
    elif state == "reprinted":
        body |= {"reprint": held.reprints + 1, "pages": list(pages)}
    project(connection, log.append("sheet", body), log.keys.device_public_key)
    return sheet(log, held.serial)


def words(state: str) -> str:
    """A state as the ward reads it: `handed over`."""
    return state.replace("_", " ")


_COLUMNS = """SELECT serial, device, number, form, pages, copies, blank, patient, state, ward, generation, cut,
    reprints, holder, issued FROM sheet """
_SHEET = _COLUMNS + "WHERE serial = ?"
_SHEETS = _COLUMNS + "ORDER BY device, number"


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


def stories(log: Log) -> tuple[Story, ...]:
    """The whole ledger at once, device by device in the order in which the sheets were issued."""
    found: dict[str, list[tuple[Row, dict[str, Any]]]] = {}
    for row in log.rows_of_kind("sheet"):
        body = row.content
        found.setdefault(body["serial"], []).append((row, body))
    made = []
    for one in sheets(log):
        steps = sorted(found.get(one.serial, ()), key=lambda step: _order(step[0], step[1]))
        shown = next((body["identity"] for _, body in steps if body["event"] == "issued"), None)
        identity = None if shown is None else msgspec.convert(shown, Identity)
        made.append(Story(sheet=one, identity=identity, events=tuple(_event(row, body) for row, body in steps)))
    return tuple(made)


def _order(row: Row, body: dict[str, Any]) -> tuple[bool, int, str, int]:
    return body["event"] != "issued", read_moment(row.written).utc or 0, row.device, row.sequence


def _event(row: Row, body: dict[str, Any]) -> SheetEvent:
    return SheetEvent(
        body["event"], read_moment(row.written), row.staff, body.get("remark", ""), body.get("to", ""),
        body.get("reprint", 0), tuple(body["pages"]) if body["event"] == "reprinted" else (),
    )  # fmt: skip


def balance(log: Log) -> Balance:
    """Whether entered + scanned + void = issued, and what is open."""
    return balance_of(sheets(log))


def balance_of(held: Sequence[Sheet]) -> Balance:
    """The same of sheets; pure. `missing` needs all sheets of a device, not those of one ward."""
    counts = dict.fromkeys(("entered", "scanned", "void"), 0)
    for one in held:
        if one.state in CLOSED:
            counts[CLOSED[one.state]] += 1
    return Balance(
        issued=len(held),
        entered=counts["entered"],
        scanned=counts["scanned"],
        void=counts["void"],
        open=tuple(one for one in held if one.state not in CLOSED),
        missing=missing_of(held),
    )


def missing_of(held: Sequence[Sheet]) -> tuple[str, ...]:
    """Numbers below the last one of a device that no sheet here has: `device number`."""
    numbers: dict[str, set[int]] = {}
    for one in held:
        numbers.setdefault(one.device, set()).add(one.number)
    return tuple(
        f"{device} {n}" for device, there in sorted(numbers.items()) for n in range(1, max(there)) if n not in there
    )
