"""One printer's lane of the press: sends what is next, asks what became of what was sent, waits when it must.

Rules (DESIGN D10, D12): a job's number is on disk before a byte of its page leaves; a sheet is printed when its job has
completed, never before; a job that the printer does not know any more, or that bears another title (a printer that was
off counts from 1 again), is `unsure` and left to a person; one that was never given its page goes back into the queue.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec

from desktop.printing.cups import ABORTED, CANCELLED, COMPLETED, HELD
from desktop.printing.errors import (
    LineLost,
    NoPrintService,
    PaperNotThere,
    PrinterStopped,
    PrinterUnknown,
    PrintRefused,
)
from desktop.printing.preview import page_sizes
from desktop.printing.wire import Facts, JobState, Ticket, Wire
from localdb.errors import WardlampError
from localdb.journal import press
from localdb.journal.errors import PressRefused
from localdb.journal.press import Item

AHEAD = 3  # jobs at the printer at once: it need not stop between sheets, and little is unsure when it dies
ORIGINALS = "S"  # codes of the site's own originals begin with it (localdb.plans.original_spec)
_FAILURES = 2  # so many in a row, and the rest of the pack waits for a person
_BACK_OFF = (0.5, 8.0)
_LOST_AFTER = 3.0  # seconds for which a job that had its page says that it has none
_ONE_STEP = -1  # the job's number of a sheet that is being sent in one step: not known yet
_NO_PAGE = "job-data-insufficient"


class Lane:
    """What the press does about one printer. `turn` does what can be done now and never waits for the printer."""

    def __init__(
        self, house: Any, printer: str, wire: Wire, *, clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._log, self.printer, self._wire = house.journal.log, printer, wire
        self._clock, self._pause = clock, pause
        self.words = ""  # what is wrong with the printer, in words
        self._next = 0.0
        self._back_off = _BACK_OFF[0]
        self._ahead = AHEAD
        self._failures, self._held = 0, False
        self._mine: set[tuple[int, int]] = set()  # sent in this life
        self._without_page: dict[tuple[int, int], float] = {}

    def turn(self) -> bool:
        """Whether anything changed."""
        if self._clock() < self._next:
            return False
        changed = False
        try:
            changed = self._check()
            changed |= self._send_next()
        except PrinterStopped as fault:
            there = len(press.at_printer(self._log, self.printer))
            if not there:
                self._wait(fault.message)
            else:  # it takes no more at once than it has
                self._ahead = there
        except (NoPrintService, LineLost, PrinterUnknown, PrintRefused) as fault:
            self._wait(fault.message)
        if changed:
            self._back_off = _BACK_OFF[0]
        return changed

    def _wait(self, words: str) -> None:
        self.words = words
        self._next = self._clock() + self._back_off
        self._back_off = min(_BACK_OFF[1], self._back_off * 2)

    # -- what became of it --------------------------------------------------------------------------------------

    def _check(self) -> bool:
        changed = self._held = False
        for item in press.at_printer(self._log, self.printer):
            if item.state == "sending" and not self._recover(item):
                continue
            changed |= self._ask(item) if item.state == "sent" else True
        return changed

    def _ask(self, item: Item) -> bool:
        found = self._wire.job(self.printer, item.job)
        if found is None or not self._is_its(item, found):
            self._move(item, "unsure", reason="the printer does not know the job any more")
            return True
        if found.state == COMPLETED:
            self._move(item, "completed")
            self._failures = 0
            return True
        if found.state in (CANCELLED, ABORTED):
            self._fail(item, _ended_words(found))
            return True
        self._held = found.state == HELD and _NO_PAGE not in found.reasons
        return self._lost(item, found)

    def _lost(self, item: Item, found: JobState) -> bool:
        """A print service that was restarted while a job printed may keep the job and have lost its page: it would stand
        for ever (seen with CUPS 2.4). It is dropped, and a person looks whether the sheet came out."""
        key = (item.pack, item.place)
        if not _is_empty(found):
            self._without_page.pop(key, None)
            return False
        if self._clock() - self._without_page.setdefault(key, self._clock()) < _LOST_AFTER:
            return False
        _quietly(lambda: self._wire.cancel(self.printer, item.job))
        self._move(item, "unsure", reason="the print service has lost the page")
        return True

    def _is_its(self, item: Item, found: JobState) -> bool:
        """Whether the job of that number is this sheet's. A printer that hides titles is believed only about jobs that
        this very process sent."""
        if found.title:
            return found.title == item.serial
        return (item.pack, item.place) in self._mine

    def _recover(self, item: Item) -> bool:
        """A sheet that was being sent when somebody stopped: by the line, or by killing us. Returns whether it moved."""
        if item.job == _ONE_STEP:
            # A job that another copy had is not this one's, ended or not; where numbers began anew, a person looks.
            mine = press.items_of(self._log, item.serial)
            known = {one.job for one in mine if (one.pack, one.place) != (item.pack, item.place)}
            found = [j for j in self._wire.find(self.printer, item.serial) if j.number not in known]
            if len(found) == 1:
                self._move(item, "sent", job=found[0].number)
            else:
                self._move(item, "unsure", job=0, reason="nobody knows whether the printer got it")
            return True
        if not item.job:  # no number, so no page can have left; an empty job of ours may lie at the printer
            known = self._known(item)
            for job in self._wire.find(self.printer, item.serial):
                if job.number not in known and job.state < CANCELLED and _is_empty(job):
                    self._wire.cancel(self.printer, job.number)
            self._move(item, "queued")
            return True
        found_job = self._wire.job(self.printer, item.job)
        if found_job is None or found_job.title != item.serial:
            self._move(item, "unsure", reason="the printer does not know the job any more")
            return True
        if found_job.state < CANCELLED and _is_empty(found_job):
            self._pause(0.5)  # what was on the line may still arrive
            found_job = self._wire.job(self.printer, item.job)
            if found_job is not None and found_job.state < CANCELLED and _is_empty(found_job):
                self._wire.cancel(self.printer, item.job)
                self._move(item, "queued", job=0)
                return True
        self._move(item, "sent")
        return True

    def _known(self, item: Item) -> set[int]:
        """The jobs of other copies of the same sheet that are at the printer now. Older numbers say nothing: a printer
        that was off counts from 1 again."""
        others = press.at_printer(self._log, self.printer)
        return {one.job for one in others if one.serial == item.serial and one.place != item.place}

    def _fail(self, item: Item, words: str) -> None:
        self._move(item, "failed", reason=words)
        self._failures += 1
        if self._failures >= _FAILURES:
            press.halt(self._log, item.pack, f"{self._failures} sheets in a row failed: {words}")
            self._failures = 0

    def _move(self, item: Item, state: str, *, job: int | None = None, reason: str = "") -> Item | None:
        """None where somebody else was quicker."""
        try:
            return press.move(self._log, item, state, job=job, reason=reason)
        except PressRefused:
            return None

    # -- sending ------------------------------------------------------------------------------------------------

    def _send_next(self) -> bool:
        there = len(press.at_printer(self._log, self.printer))
        if not there and not press.next_items(self._log, self.printer, 1):
            return False
        facts = self._wire.facts(self.printer)
        self.words = "" if facts.words in ("ready", "printing") else facts.words
        if self._held and not self.words:
            self.words = "the print service holds the job back"
        if not facts.accepting:
            raise PrinterStopped(facts.words)
        sent = False
        for _ in range(self._ahead - there):
            for item in press.next_items(self._log, self.printer, 1):  # none where the pack was halted meanwhile
                sent |= self._send(item, facts)
        return sent

    def _send(self, item: Item, facts: Facts) -> bool:
        taken = self._move(item, "sending")
        if taken is None:
            return False
        head = press.pack(self._log, item.pack)
        try:
            pdf = press.pdf_of(self._log, item)
            ticket = ticket_for(pdf, head.sides, head.tray)
            if item.form.startswith(ORIGINALS):
                ticket = msgspec.structs.replace(ticket, colour=True)
            if facts.two_steps:
                self._two_steps(taken, facts, ticket, pdf)
            else:
                self._one_step(taken, facts, ticket, pdf)
        except (NoPrintService, PrinterStopped) as fault:
            self._move(taken, "queued", job=0, reason=fault.message)
            raise
        except LineLost:
            raise  # what became of it is asked when the printer answers again
        except (PrintRefused, PaperNotThere, PrinterUnknown, PressRefused) as fault:
            self._fail(taken, fault.message)
            return True
        self._mine.add((item.pack, item.place))
        return True

    def _two_steps(self, item: Item, facts: Facts, ticket: Ticket, pdf: bytes) -> None:
        number = self._wire.begin(self.printer, item.serial, facts, ticket)
        noted = press.note(self._log, item, job=number)
        try:
            self._wire.send(self.printer, number, pdf)
        except (NoPrintService, PrinterStopped, PrintRefused):
            # The page was not taken: the empty job goes, and with it its number.
            _quietly(lambda: self._wire.cancel(self.printer, number))
            press.note(self._log, noted, job=0)
            raise
        self._move(noted, "sent")

    def _one_step(self, item: Item, facts: Facts, ticket: Ticket, pdf: bytes) -> None:
        noted = press.note(self._log, item, job=_ONE_STEP)
        number = self._wire.print_whole(self.printer, item.serial, facts, ticket, pdf)
        self._move(noted, "sent", job=number)


def ticket_for(pdf: bytes, sides: str, tray: str) -> Ticket:
    """How a sheet shall come out: on paper of its own size; a page that lies across turns over at its short edge. One page
    has one side: a print service would add an empty one to it, and might print that first."""
    sizes = page_sizes(pdf)
    wide, high = sizes[0]
    if len(sizes) == 1:
        sides = "one-sided"
    elif wide > high and sides == "two-sided-long-edge":
        sides = "two-sided-short-edge"
    return Ticket(sides=sides, tray=tray, size=(wide, high))


def _is_empty(job: JobState) -> bool:
    """Whether the printer says that it never got a page for this job. It must not have ended: then pages are gone."""
    return job.documents == 0 or (job.documents is None and _NO_PAGE in job.reasons)


def _ended_words(job: JobState) -> str:
    if job.state == CANCELLED:
        return "cancelled at the printer"
    told = [r.replace("-", " ") for r in job.reasons if r != "none"]
    return "stopped by the printer" + (f": {', '.join(told)}" if told else "")


def _quietly(call: Callable[[], None]) -> None:
    """A courtesy to the printer that may fail: nothing of ours depends on it."""
    try:
        call()
    except WardlampError:
        return
