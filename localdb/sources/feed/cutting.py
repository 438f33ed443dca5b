"""Cuts beside the running feed: in a child process with its own read-only view of the intake (DESIGN D1, D12).

A change is in a list within 15 seconds: a cut begins `SETTLE` after the first change that the last one did not see,
and not sooner after the last one than half of what that took. A heartbeat alone makes a list at most once a minute. A
child that dies is replaced; a cut that fails is tried again, and health says since when a change waits.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic

import msgspec

from localdb.clock import Clock, present
from localdb.errors import EnvironmentFault, WardlampError
from localdb.sources.feed.logs import FeedLog
from localdb.store.cuts import CutDone

_CONTEXT = multiprocessing.get_context("spawn")
# Seconds. A change that comes just after a cut began waits for its rest, the gap and a cut: with gaps of half a cut
# that stays below 15 as long as a cut takes 6.
SETTLE, LEAST_GAP, MOST_GAP = 1.0, 2.0, 4.0
BEAT_GAP = 60.0
AGAIN = 5.0  # after a cut that failed
LONGEST = 900.0  # a cut that takes longer is given up, with its process


class CutFailed(EnvironmentFault):
    """The process that cuts ended without an answer."""

    code = "feed.cut_failed"
    next_step = "Nothing is lost: the cut is tried again. If it goes on, look at the disk and at memory."


class _Answer(msgspec.Struct, frozen=True):
    done: CutDone | None = None
    code: str = ""
    message: str = ""
    next_step: str = ""


def _serve(pipe: Connection, vault: str, keys: bytes) -> None:
    """The child: cuts when it is asked, ends with its parent, and tells errors by code only."""
    from localdb.sources.readers import end_with_parent
    from localdb.vault.unlocking import keys_from_pipe

    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C goes to the service, which still wants its last cut
    if hasattr(os, "nice"):
        os.nice(5)  # acknowledgements come first
    folder = Path(vault)
    opened = keys_from_pipe(keys, folder)
    del keys
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.recv_bytes()
            pipe.send_bytes(msgspec.msgpack.encode(_answer(folder, opened)))


def _answer(vault: Path, keys: object) -> _Answer:
    try:
        return _Answer(done=_cut(vault, keys))
    except WardlampError as error:
        return _Answer(code=error.code, message=error.message, next_step=error.next_step)
    except Exception as error:  # noqa: BLE001 its words may hold a value: only its type leaves this process
        return _Answer(code="feed.cut_failed", message=f"A cut failed ({type(error).__name__}).")


def _cut(vault: Path, keys: object) -> CutDone:
    from localdb.store.cuts import Cutter
    from localdb.store.viewing import IntakeView
    from localdb.vault.keys import Keys

    assert isinstance(keys, Keys)
    view = IntakeView(vault / "intake.db", keys.intake_key())
    try:
        return Cutter(vault, keys, view, present).cut()
    finally:
        view.close()


class CutProcess:
    """One child that cuts. For one thread."""

    def __init__(self, vault: Path, keys: Callable[[], bytes]) -> None:
        self._vault, self._keys = vault, keys
        self._pipe: Connection | None = None
        self._process: multiprocessing.process.BaseProcess | None = None

    def cut(self) -> CutDone:
        """The next generation. Raises disk.full, vault.damaged, feed.cut_failed …"""
        if self._pipe is None:
            self._pipe, far = _CONTEXT.Pipe()
            self._process = _CONTEXT.Process(
                target=_serve, args=(far, os.fspath(self._vault), self._keys()), name="cuts", daemon=True
            )
            self._process.start()  # the keys go through the pipe that `spawn` gives its child
            far.close()
        try:
            self._pipe.send_bytes(b"cut")
            if not self._pipe.poll(LONGEST):
                raise EOFError
            answer = msgspec.msgpack.decode(self._pipe.recv_bytes(), type=_Answer)
        except (EOFError, OSError):
            self.close()
            raise CutFailed("The process that cuts ended without an answer.") from None
        if answer.done is None:
            raise EnvironmentFault(answer.message, code=answer.code, next_step=answer.next_step)
        return answer.done

    def close(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.join(timeout=1)
            if self._process.is_alive():
                self._process.kill()
            self._process.join()
        self._pipe = self._process = None


class CutSchedule:
    """When the next cut is due; pure but for the instants that it is given (seconds of one monotonic clock)."""

    def __init__(self) -> None:
        self.changed: float | None = None  # the first change that no cut has seen
        self.beaten: float | None = None  # the first heartbeat likewise
        self._ended, self._took, self._failed = float("-inf"), 0.0, False

    def change(self, at: float) -> None:
        self.changed = at if self.changed is None else self.changed

    def beat(self, at: float) -> None:
        self.beaten = at if self.beaten is None else self.beaten

    def due(self) -> float | None:
        """When the next cut is due; None where there is nothing to cut."""
        gap = AGAIN if self._failed else min(MOST_GAP, max(LEAST_GAP, self._took / 2))
        if self.changed is not None:
            return max(self.changed + SETTLE, self._ended + gap)
        return max(self.beaten, self._ended + BEAT_GAP) if self.beaten is not None else None

    def begin(self) -> tuple[float | None, float | None]:
        """What the cut that begins now will have seen."""
        seen = self.changed, self.beaten
        self.changed = self.beaten = None
        return seen

    def end(self, began: float, at: float, seen: tuple[float | None, float | None], *, is_done: bool) -> None:
        self._ended, self._took, self._failed = at, at - began, not is_done
        if not is_done:  # what was not cut waits since it came
            self.changed, self.beaten = seen[0] or self.changed, seen[1] or self.beaten


class Cuts:
    """The thread that has lists made. `cut` makes one, `told` is called after each (status for the unlock screen)."""

    def __init__(
        self, cut: Callable[[], CutDone], log: FeedLog, clock: Clock, told: Callable[[], None] = lambda: None
    ) -> None:
        self._make, self._log, self._clock, self._told = cut, log, clock, told
        self._schedule = CutSchedule()
        self._wake = threading.Condition()
        self._asked: list[threading.Event] = []
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name="cuts")
        self.last: CutDone | None = None
        self.last_at: datetime | None = None
        self.fault: WardlampError | None = None

    def start(self) -> None:
        self._thread.start()

    def change(self) -> None:
        with self._wake:
            self._schedule.change(monotonic())
            self._wake.notify()

    def beat(self) -> None:
        with self._wake:
            self._schedule.beat(monotonic())
            self._wake.notify()

    def uncut_seconds(self) -> float:
        """How long the oldest change has waited for a list; 0 where none waits."""
        changed = self._schedule.changed
        return monotonic() - changed if changed is not None else 0.0

    def now(self) -> CutDone:
        """A cut that begins after this call. Raises what was in its way."""
        asked = threading.Event()
        with self._wake:
            if self._is_over or not self._thread.is_alive():
                raise CutFailed("The feed is stopping.")
            self._asked.append(asked)
            self._wake.notify()
        asked.wait()
        if self.fault is not None or self.last is None:
            raise self.fault or CutFailed("The feed is stopping.")
        return self.last

    def stop(self) -> None:
        """Ends after a last cut, where something waits for one."""
        with self._wake:
            self._is_over = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._is_over and not self._asked:
                    due = self._schedule.due()
                    rest = None if due is None else due - monotonic()
                    if rest is not None and rest <= 0:
                        break
                    self._wake.wait(rest)
                is_last = self._is_over
                asked, self._asked = self._asked, []
                if is_last and not asked and self._schedule.changed is None:
                    return
                seen = self._schedule.begin()
            self._once(seen)
            for event in asked:
                event.set()
            if is_last:
                return

    def _once(self, seen: tuple[float | None, float | None]) -> None:
        began = monotonic()
        try:
            self.last, self.fault = self._make(), None
            self.last_at = self._clock()
            self._log.say("cut", generation=self.last.generation, written=self.last.written,
                          seconds=round(monotonic() - began, 3))  # fmt: skip
            self._told()
        except WardlampError as error:
            self.fault = error
            self._log.failed("cut_failed", error)
        except Exception as error:  # noqa: BLE001 a thread of the service goes on, and tells the type only
            self.fault = CutFailed("A cut failed.")
            self._log.failed("cut_failed", error)
        with self._wake:
            self._schedule.end(began, monotonic(), seen, is_done=self.fault is None)
