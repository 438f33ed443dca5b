"""A printer in memory that does everything that real ones do wrong, at moments that a test chooses.

It may be off before a request comes, or lose the line after it did what was asked; it takes so many jobs at once; it
forgets everything when it is switched off, and counts from 1 again. What came out lies in `out`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from desktop.printing.cups import ABORTED, CANCELLED, COMPLETED, PENDING
from desktop.printing.errors import LineLost, NoPrintService, PrinterStopped, PrintRefused
from desktop.printing.ipp import CREATE_JOB, SEND_DOCUMENT
from desktop.printing.wire import Facts, JobState, Ticket


class Killed(BaseException):
    """The power of the laptop went."""


@dataclass
class _Job:
    number: int
    title: str
    pdf: bytes | None = None
    state: int = PENDING


@dataclass
class Tray:
    """`fate(operation)` says what shall go wrong: "" nothing, `off`, `lost` (done, and the answer is lost), `killed`,
    `killed_after`. `two_steps`: whether it knows Create-Job; `room`: how many jobs at once."""

    fate: Callable[[str], str] = lambda operation: ""
    room: int = 3
    two_steps: bool = True
    jobs: dict[int, _Job] = field(default_factory=dict)
    out: list[tuple[str, bytes]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    time: float = 0.0
    last: int = 0

    # -- what the printer does by itself ------------------------------------------------------------------------
    def clock(self) -> float:
        return self.time

    def pause(self, seconds: float) -> None:
        """Time goes by: the first job that has its page comes out."""
        self.time += seconds
        for job in self.jobs.values():
            if job.state == PENDING and job.pdf is not None:
                self.out.append((job.title, job.pdf))
                job.state = COMPLETED
                return

    def switch_off(self, *, finishing: bool) -> None:
        """All jobs are forgotten; the one on its way may still come out."""
        if finishing:
            self.pause(0)
        self.jobs.clear()
        self.last = 0

    def end(self, number: int, state: int = ABORTED) -> None:
        self.jobs[number].state = state

    # -- the wire -----------------------------------------------------------------------------------------------
    def _do(self, operation: str, act: Callable[[], Any]) -> Any:
        self.asked.append(operation)
        fate = self.fate(operation)
        if fate == "off":
            raise NoPrintService("The print service does not answer.")
        if fate == "killed":
            raise Killed
        made = act()
        if fate == "lost":
            raise LineLost("The line to the printer broke.")
        if fate == "killed_after":
            raise Killed
        return made

    def facts(self, printer: str) -> Facts:
        known = (CREATE_JOB, SEND_DOCUMENT) if self.two_steps else ()
        return Facts(name=printer, operations=known, media=("iso_a4_210x297mm",))

    def _new(self, title: str, pdf: bytes | None) -> int:
        if sum(j.state == PENDING for j in self.jobs.values()) >= self.room:
            raise PrinterStopped("The printer did not take the sheet (0x0507).")
        self.last += 1
        self.jobs[self.last] = _Job(self.last, title, pdf)
        return self.last

    def begin(self, printer: str, serial: str, facts: Facts, ticket: Ticket) -> int:
        return int(self._do("begin", lambda: self._new(serial, None)))

    def print_whole(self, printer: str, serial: str, facts: Facts, ticket: Ticket, pdf: bytes) -> int:
        return int(self._do("print_whole", lambda: self._new(serial, pdf)))

    def send(self, printer: str, number: int, pdf: bytes) -> None:
        def take() -> None:
            job = self.jobs.get(number)
            if job is None or job.state != PENDING or job.pdf is not None:
                raise PrintRefused("The printer did not take the sheet (0x0404).")
            job.pdf = pdf

        self._do("send", take)

    def job(self, printer: str, number: int) -> JobState | None:
        return self._do("job", lambda: self._state(self.jobs.get(number)))  # type: ignore[no-any-return]

    def find(self, printer: str, serial: str) -> tuple[JobState, ...]:
        found = lambda: tuple(s for j in self.jobs.values() if j.title == serial and (s := self._state(j)))  # noqa: E731
        return self._do("find", found)  # type: ignore[no-any-return]

    def cancel(self, printer: str, number: int) -> None:
        def drop() -> None:
            if (job := self.jobs.get(number)) is not None and job.state == PENDING:
                job.state = CANCELLED

        self._do("cancel", drop)

    def _state(self, job: _Job | None) -> JobState | None:
        if job is None:
            return None
        return JobState(number=job.number, title=job.title, state=job.state, documents=int(job.pdf is not None))
