"""The press: sheets to paper, through a queue that loses nothing. This is what window and commands call. No Qt.

    enqueue(house, wants, printer)      serials, pages, queue: durable when it returns; nothing is printed yet
    run(house, told)                    prints what is queued until nothing is left that can go on by itself
    runner.start(house, told)           the same in a process of its own, which a locked screen does not stop
    packs(house)                        the queue as it is now: packs of items (`localdb.journal.press`)
    resume(house, pack)                 what was halted or failed goes on; what may have come out becomes a reprint
    cancel(house, pack, serial)         takes out what has not come out
    answer_unsure(house, serial, came_out)   a person says whether a sheet came out that nobody knows about
    reprint(house, serial, pages, reason)    a numbered reprint of a sheet or of some of its pages
    estimate(house, pages, printer)     minutes
    superseded_prints(house)            prints that shall be taken out of use, and why

All of them may be called from any thread or process; `run` is held by one at a time (`press.busy`), and whoever runs takes
up what others put in. Texts are for people: `Item.reason`, `Pack.halted`, `Progress.words`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from desktop.forms.catalogue import form, render_pack
from desktop.printing.cups import IppWire, printers
from desktop.printing.errors import NoPrintService, PressBusy, PressWaits
from desktop.printing.held import MAKING, RUNNING, held
from desktop.printing.issuing import SheetMade, Wanted, copy_cut, made_of, new_sheets
from desktop.printing.lanes import Lane
from desktop.printing.preview import split
from desktop.printing.reprinting import stamped_reprint
from desktop.printing.wire import Facts, Wire
from localdb.errors import WardlampError
from localdb.house import House
from localdb.journal import press as queue
from localdb.journal.ledger import Superseded, superseded
from localdb.journal.press import Item, Pack

USUAL_PPM = 20
_CHUNK = 12  # sheets whose pages are made at once: little memory, and the first come out while the last are made
_STEP = (0.05, 1.0)
_MAKING_WAIT = 600.0


class Queued(msgspec.Struct, frozen=True):
    """What `enqueue` put in: the pack's number, its sheets in order, and the serials that print as plain text."""

    pack: int
    sheets: tuple[SheetMade, ...]
    plain: tuple[str, ...] = ()


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a pack is. `done` of `total` places need nothing more; `pages_left` are to come, in about `minutes`;
    `waits` = sheets about which a person must say something (`Pack.waits_for_person`); `words` what is wrong with the
    printer, "" when nothing is; `halted` why the pack stands; `last` the serial that changed last."""

    pack: int
    printer: str
    done: int
    total: int
    pages_left: int
    minutes: int
    waits: int = 0
    words: str = ""
    halted: str = ""
    last: str = ""

    @property
    def text(self) -> str:
        """One line: `12 of 28 sheets printed on Ward, about 3 min. No paper.`"""
        parts = [f"{self.done} of {self.total} sheets done on {self.printer}"]
        if self.pages_left:
            parts[0] += f", about {self.minutes} min"
        if self.waits:
            parts.append(f"{self.waits} wait{'s' if self.waits == 1 else ''} for you")
        return ". ".join([*parts, *[t[0].upper() + t[1:] for t in (self.halted, self.words) if t]]) + "."


Told = Callable[[Progress], None]


def wire_for(printer: str) -> Wire:
    """The way to a printer: IPP, or on Windows its spooler, unless an address was given."""
    import sys

    if sys.platform == "win32" and not printer.startswith("ipp://"):
        from desktop.printing.windows import SpoolerWire

        return SpoolerWire()
    return IppWire()


# -- into the queue ----------------------------------------------------------------------------------------------------
def enqueue(
    house: House, wants: Sequence[Wanted], printer: str, *, sides: str = "one-sided", tray: str = "",
    copies: int | None = None, told: Callable[[int, int], None] = lambda made, of: None,
) -> Queued:  # fmt: skip
    """Issues the sheets, makes their pages, and puts each copy of each into the queue, in order.

    The serials and places are on disk before a page is made; if the laptop stops in between, `run` spoils what has no
    page. `copies` overrides those of each want; `told` hears (made, of). Raises vault.not_permitted, sheet.invalid,
    form.unknown, disk.*, press.busy (another pack is being made and does not end).
    """
    house.may_print()
    log = house.journal.log
    if copies is not None:
        wants = [msgspec.structs.replace(want, copies=copies) for want in wants]
    with held(house.vault / MAKING, wait=_MAKING_WAIT):
        queue.sweep(log)
        sheets, models = new_sheets(house, wants)
        pack, serials = queue.begin(log, sheets, printer, sides, tray)
        plain: list[str] = []
        try:
            for first in range(0, len(serials), _CHUNK):
                made = []
                for n in range(first, min(first + _CHUNK, len(serials))):
                    model = msgspec.structs.replace(models[n], serial=serials[n])
                    rendered = render_pack([(sheets[n].form, model)])
                    made.append((serials[n], _copies(rendered.pdf, rendered.pages[0], sheets[n].copies)))
                    plain += [serials[n]] if rendered.plain else []
                queue.fill(log, pack, made)
                told(min(first + _CHUNK, len(serials)), len(serials))
        except BaseException:
            queue.spoil(log, pack)
            raise
    return Queued(pack, made_of(serials, sheets), tuple(plain))


def enqueue_made(
    house: House, serials: Iterable[str], pdfs: Sequence[bytes], printer: str, *, sides: str = "one-sided", tray: str = ""
) -> int:  # fmt: skip
    """The same for sheets whose pages were made elsewhere: one PDF a sheet, with all its copies. Returns the pack."""
    log = house.journal.log
    issued = [house.journal.sheet(serial) for serial in serials]
    with held(house.vault / MAKING, wait=_MAKING_WAIT):
        pack = queue.begin_issued(log, issued, printer, sides, tray)
        parts = [(s.serial, _copies(pdf, s.pages, s.copies)) for s, pdf in zip(issued, pdfs, strict=True)]
        queue.fill(log, pack, parts)
    return pack


def _copies(pdf: bytes, pages: int, copies: int) -> Sequence[bytes]:
    return [pdf] if copies == 1 else split(pdf, [pages] * copies)


# -- out of the queue --------------------------------------------------------------------------------------------------
def packs(house: House, *, only_open: bool = False) -> tuple[Pack, ...]:
    """The queue of this laptop, oldest pack first."""
    return house.journal.packs(only_open=only_open)


def run(
    house: House, told: Told = lambda progress: None, *, wires: Callable[[str], Wire] = wire_for,
    stop: Callable[[], bool] = lambda: False, pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic, patience: float | None = None,
) -> None:  # fmt: skip
    """Prints until nothing is left that can go on by itself; what waits for a person stays (`Pack.waits_for_person`).

    First it takes up what an earlier life left: pages never made are spoiled, what was at a printer is asked about there.
    A printer that is off, jammed or without paper is waited for, `patience` seconds without any progress (None = for
    ever): then press.waits with the printer's words. `stop` is asked between sheets. Raises press.busy, press.waits,
    disk.*, vault.locked.
    """
    log = house.journal.log
    with held(house.vault / RUNNING):
        _spoil_orphans(house)
        queue.sweep(log)
        teller = _Teller(house, told)
        lanes: dict[str, Lane] = {}
        step, moved = _STEP[0], clock()
        while not stop():
            opened = [p for p in queue.packs(log, only_open=True) if _goes_on(p)]
            if not opened:
                break
            changed = False
            for name in dict.fromkeys(p.printer for p in opened):
                lane = lanes.setdefault(name, Lane(house, name, wires(name), clock=clock, pause=pause))
                changed |= lane.turn()
            teller.tell(opened, {name: lane.words for name, lane in lanes.items()})
            if changed:
                step, moved = _STEP[0], clock()
            elif patience is not None and clock() - moved > patience:
                words = ", ".join(lane.words for lane in lanes.values() if lane.words)
                raise PressWaits(f"The printer gives nothing: {words or 'it does not say why'}.")
            pause(step)
            step = min(_STEP[1], step * 1.4)
        teller.tell(queue.packs(log), {name: lane.words for name, lane in lanes.items()})


def _goes_on(pack: Pack) -> bool:
    """Whether the press has something to do for it: pages to come, or the printer to ask."""
    return pack.count("sending", "sent") > 0 or (not pack.halted and pack.count("queued", "making") > 0)


def _spoil_orphans(house: House) -> None:
    """Pages that a process was making when it was killed: their serials are burnt."""
    try:
        with held(house.vault / MAKING):
            queue.spoil(house.journal.log, remark="the laptop stopped before the page was made")
    except PressBusy:
        return  # somebody is making pages now


class _Teller:
    """Tells what changed, and nothing else."""

    def __init__(self, house: House, told: Told) -> None:
        self._house, self._told = house, told
        self._before: dict[int, Progress] = {}
        self._states: dict[tuple[int, int], str] = {}

    def tell(self, opened: Iterable[Pack], words: dict[str, str]) -> None:
        for before in opened:
            now = queue.pack(self._house.journal.log, before.id)
            last = ""
            for one in now.items:
                if self._states.get((one.pack, one.place)) != one.state:
                    self._states[one.pack, one.place] = one.state
                    last = one.serial
            made = progress_of(self._house, now, words.get(now.printer, ""), last)
            kept = self._before.get(now.id)
            if kept is None or msgspec.structs.replace(kept, last="") != msgspec.structs.replace(made, last=""):
                if kept is None and now.is_finished:
                    continue
                self._before[now.id] = made
                self._told(made)


def progress_of(house: House, pack: Pack, words: str = "", last: str = "") -> Progress:
    """How far a pack is, as of now."""
    return Progress(
        pack=pack.id, printer=pack.printer, done=pack.done, total=len(pack.items), pages_left=pack.pages_left,
        minutes=estimate(house, pack.pages_left, pack.printer), waits=len(pack.waits_for_person), words=words,
        halted=pack.halted, last=last,
    )  # fmt: skip


# -- what a person decides ---------------------------------------------------------------------------------------------
def resume(house: House, pack: int | None = None) -> tuple[Item, ...]:
    """What was halted goes on, and what failed is tried again (of one pack, or of all). What the printer had taken may
    have come out in part, so it goes as a numbered reprint. Returns what was put back; `run` prints it."""
    log = house.journal.log
    again: list[Item] = []
    for one in packs(house, only_open=True):
        if pack is not None and one.id != pack:
            continue
        if one.halted:
            queue.halt(log, one.id, "")
        failed = [item for item in one.items if item.state == "failed"]
        again += [queue.move(log, item, "queued") for item in failed if not item.job]
        for serial in dict.fromkeys(item.serial for item in failed if item.job):
            again += reprint(house, serial, reason="the first print failed")
    return tuple(again)


def cancel(house: House, pack: int | None = None, serial: str = "", *, wires: Callable[[str], Wire] = wire_for) -> int:
    """Takes a pack, a sheet, or everything out of the queue; how many places went. A sheet of which no copy ever came
    out is void. What is at the printer is asked to be dropped there, and ends as the printer says.

    Raises sheet.invalid, press.unknown_pack.
    """
    log = house.journal.log
    bare = house.journal.sheet(serial).serial if serial else ""
    if pack is not None:
        queue.pack(log, pack)
    count = 0
    for one in packs(house, only_open=True):
        if pack is not None and one.id != pack:
            continue
        mine = [item for item in one.items if not bare or item.serial == bare]
        count += len(queue.cancel(log, mine))
        for item in mine:
            if item.state in queue.AT_PRINTER and item.job > 0:
                try:
                    wires(one.printer).cancel(one.printer, item.job)
                    count += 1
                except WardlampError:
                    continue  # it goes on printing, and is told as printed
    return count


def answer_unsure(house: House, serial: str, came_out: bool) -> tuple[Item, ...]:
    """A person looked: the sheet `came_out` whole (it is printed), or it goes again as a numbered reprint.

    Raises press.nothing_unsure, press.no_pages, sheet.*.
    """
    if came_out:
        return queue.came_out(house.journal.log, house.journal.sheet(serial).serial)
    waiting = [one for one in queue.items_of(house.journal.log, serial) if one.state in ("unsure", "failed")]
    if not waiting:
        return queue.came_out(house.journal.log, serial)  # says that nothing is unsure
    return reprint(house, serial, reason="it did not come out")


def reprint(
    house: House, serial: str, pages: Sequence[int] = (), reason: str = "", *, printer: str = ""
) -> tuple[Item, ...]:  # fmt: skip
    """A numbered reprint of a sheet, or of those `pages` of it (from 1): the same pages to the letter, each marked with the
    number. Copies that are unsure or failed are printed again, else one. `printer` "" = where it was printed before.
    Returns what was queued; `run` prints it.

    Raises sheet.unknown, sheet.invalid, sheet.state, press.no_pages (24 hours have passed: print a new sheet),
    press.no_page, press.still_printing.
    """
    house.may_print()
    log = house.journal.log
    with held(house.vault / MAKING, wait=_MAKING_WAIT):
        bare = house.journal.sheet(serial).serial
        items, pdfs = queue.order_reprint(log, bare, pages, reason, printer=printer)
        first = items[0]
        try:
            size = form(first.form).size
        except WardlampError:
            size = "A4"
        try:
            zone, at = str(house.site["zone"]), house.now()
            made = [stamped_reprint(pdf, first.which, first.reprint, at, house.staff, size, zone) for pdf in pdfs]
        except BaseException:
            queue.spoil(log, first.pack)
            raise
        queue.fill_reprint(log, items, made)
    return queue.pack(log, first.pack).items


# -- how long, and what is out of date ---------------------------------------------------------------------------------
def estimate(house: House, pages: int, printer: str = "", facts: Facts | None = None) -> int:
    """Minutes for so many pages, rounded up: as fast as the printer says that it is, else as it was of late, else 20
    pages a minute. One page a minute is what the print service says of a printer that tells nothing."""
    if pages <= 0:
        return 0
    told = facts.ppm if facts is not None and facts.ppm and facts.ppm > 1 else None
    return math.ceil(pages / (told or queue.speed(house.journal.log, printer) or USUAL_PPM))


def superseded_prints(house: House) -> dict[str, Superseded]:
    """Serial -> why, of prints in use that shall be taken out of use."""
    return superseded(house.journal.sheets(), copy_cut(house.ages()))


def first_ready() -> str:
    """The printer that is used where none was named. Raises print.no_service."""
    name = next((p.name for p in printers() if p.ready), "")
    if not name:
        raise NoPrintService("No printer that is ready was found.")
    return name
