"""What the ledger of paper says, without I/O: which prints are superseded, and the lines of the control sheet F29.

Rules (CLINICAL §6 F29, §7.1; DESIGN D9): a print made from an older copy than the present one is superseded, and so is one
whose form and patient (or ward) were printed again, where the newer print takes the place of the older; entered +
scanned + void = issued, a spoiled sheet counts as void, a lost one stays open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from localdb.chart.views import Identity
from localdb.journal.sheets import CLOSED, Sheet, SheetEvent, Story, missing_of, words
from localdb.records.moments import read_moment

# Forms of which only the newest print of one patient or ward is in use. Of the others (requests, notes, logs, charts to
# write on) several are in use beside each other, and a newer one says nothing of an older.
REPLACING = frozenset({"F01", "F02", "F10", "F11", "F13", "F14", "F25", "F29", "F30"})
_IN_USE = frozenset({"made", "printed", "reprinted", "handed_over"})


class Superseded(msgspec.Struct, frozen=True):
    """Why a print shall be taken out of use: `newer_copy` (the copy goes further than the print) or `newer_print` (`by` =
    its serial)."""

    reason: str
    by: str = ""

    @property
    def words(self) -> str:
        return f"replaced by {self.by}" if self.by else "printed from an older copy"


def superseded(held: Iterable[Sheet], cut: str = "") -> dict[str, Superseded]:
    """Serial -> why, of prints that are still in use. `cut` = the newest moment up to which any source of the copy in use
    is complete (ISO 8601; "" = not known: then no print is older)."""
    found: dict[str, Superseded] = {}
    newest: dict[tuple[str, str], Sheet] = {}
    now = read_moment(cut).utc if cut else None
    used = sorted((one for one in held if one.state in _IN_USE), key=lambda one: (one.issued, one.device, one.number))
    for one in used:
        about = one.patient or (f"ward:{one.ward}" if not one.blank else "")
        if one.form in REPLACING and about:
            if (before := newest.get((one.form, about))) is not None:
                found[before.serial] = Superseded("newer_print", one.serial)
            newest[one.form, about] = one
    for one in used:
        then = read_moment(one.cut).utc if one.cut and not one.blank else None
        if one.serial not in found and then is not None and now is not None and then < now:
            found[one.serial] = Superseded("newer_copy")
    return found


class ControlLine(msgspec.Struct, frozen=True, kw_only=True):
    """One row of F29. `identity` as it stood on the sheet (None: blank, or a ward's list); `state` in words; `counts_as`
    entered, scanned, void or "" (open); `entered`, `scanned` the steps by which it came back; `remark` of the last step;
    `holder` who has it."""

    serial: str
    device: str
    number: int
    form: str
    ward: str
    identity: Identity | None
    blank: bool
    pages: int
    copies: int
    reprints: int
    state: str
    counts_as: str
    entered: SheetEvent | None = None
    scanned: SheetEvent | None = None
    remark: str = ""
    holder: str = ""


class ControlRange(msgspec.Struct, frozen=True):
    """One laptop's sheets on this control sheet: from serial to serial, and how many."""

    device: str
    first: str
    last: str
    count: int


class ControlCount(msgspec.Struct, frozen=True, kw_only=True):
    """Totals of one form (`form` "" = of all). `spoiled` is a part of `void`; issued = entered + scanned + void + open."""

    form: str
    issued: int
    entered: int
    scanned: int
    void: int
    spoiled: int
    open: int


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """The control sheet. `ward` "" = all wards; `missing` = numbers (`device number`) that no laptop here accounts for,
    of the laptops that stand on it."""

    ward: str
    lines: tuple[ControlLine, ...]
    ranges: tuple[ControlRange, ...]
    forms: tuple[ControlCount, ...]
    total: ControlCount
    missing: tuple[str, ...]

    @property
    def is_balanced(self) -> bool:
        total = self.total
        return not self.missing and total.issued == total.entered + total.scanned + total.void


def control_lines(ledger: Sequence[Story], ward: str = "") -> Control:
    """The control sheet of one ward, or of all: every sheet that was issued for it, in the order of the serials.

    `ledger` = all sheets (`Journal.sheet_stories()`), also those of other wards: gaps show only in the whole of it.
    """
    shown = [one for one in ledger if not ward or one.sheet.ward == ward]
    lines = tuple(_line(one) for one in shown)
    devices = {line.device for line in lines}
    ranges = []
    for device in sorted(devices):
        mine = [line for line in lines if line.device == device]
        ranges.append(ControlRange(device, mine[0].serial, mine[-1].serial, len(mine)))
    missing = missing_of([one.sheet for one in ledger if one.sheet.device in devices])
    states = [(one.sheet.form, one.sheet.state) for one in shown]
    return Control(
        ward=ward,
        lines=lines,
        ranges=tuple(ranges),
        forms=tuple(_count(form, [s for f, s in states if f == form]) for form in sorted({f for f, _ in states})),
        total=_count("", [s for _, s in states]),
        missing=missing,
    )


def _count(form: str, states: Sequence[str]) -> ControlCount:
    closed = [CLOSED.get(state, "") for state in states]
    return ControlCount(
        form=form, issued=len(states), entered=closed.count("entered"), scanned=closed.count("scanned"),
        void=closed.count("void"), spoiled=states.count("spoiled"), open=closed.count(""),
    )  # fmt: skip


def _line(story: Story) -> ControlLine:
    one = story.sheet
    last = story.events[-1] if story.events else None
    return ControlLine(
        serial=one.serial, device=one.device, number=one.number, form=one.form, ward=one.ward, identity=story.identity,
        blank=one.blank, pages=one.pages, copies=one.copies, reprints=one.reprints, state=words(one.state),
        counts_as=CLOSED.get(one.state, ""), entered=_last(story, "entered"), scanned=_last(story, "scanned"),
        remark=last.remark if last else "", holder=one.holder,
    )  # fmt: skip


def _last(story: Story, state: str) -> SheetEvent | None:
    """The step by which it came back, unless the tick was undone since."""
    found = None
    for event in story.events:
        if event.state == state:
            found = event
        elif event.state not in ("entered", "scanned"):
            found = None
    return found
