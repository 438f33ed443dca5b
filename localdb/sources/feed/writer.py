"""The one thread that writes the intake: jobs come from all feeds, are done in order and made durable in groups.

Rules: a job's answer is given after the commit that holds it (what a fill gives in is answered before, and its last
commit says whether all of it is durable); a group ends as soon as nobody else waits, so that one sender alone is
answered at once and many share one sync; when a group fails, each of its jobs is tried alone, so that one bad unit or
a full disk never takes another's work with it.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from localdb.clock import Clock
from localdb.errors import EnvironmentFault, HouseFault
from localdb.records.moments import Moment, micros
from localdb.sources.filling import DRIFT_MICROS
from localdb.sources.units import NOT_KEPT, READ, SET_ASIDE, FileReading
from localdb.store import clocks
from localdb.store.errors import StoreDamaged
from localdb.store.intake import Intake
from localdb.store.taking import SAME, Outcome

T = TypeVar("T")
WAITING_JOBS = 1024  # more than these, and whoever gives the next one waits
GROUP_JOBS, GROUP_UNITS = 512, 4000
LAZY_SECONDS = 0.25  # how long what nobody waits for may lie before it is durable
HEARTBEAT = timedelta(seconds=15)


class WriterStopped(HouseFault):
    """A job was given to a writer that has ended."""

    code = "feed.stopped"
    next_step = "Start the feed again; the sender repeats what was not acknowledged."


class _Job(Generic[T]):
    def __init__(self, work: Callable[[Intake], T], *, lazy: bool = False, units: int = 1) -> None:
        self.work, self.lazy, self.units = work, lazy, units
        self.future: Future[T] = Future()
        self.on_lost: Callable[[BaseException], None] = lambda _: None

    def run(self, intake: Intake) -> Callable[[], None]:
        """Does the work; what it answers with is told by the function returned."""
        done = self.work(intake)
        if self.lazy and not self.future.done():
            self.future.set_result(done)

        def tell() -> None:
            if not self.future.done():
                self.future.set_result(done)

        return tell

    def fail(self, error: BaseException) -> None:
        self.on_lost(error)
        if not self.future.done():
            self.future.set_exception(error)


class _Clocks:
    """What the readings of a group say of their sources, written once a group (D11)."""

    def __init__(self) -> None:
        self._cuts: dict[str, dict[str, Moment | None]] = {}
        self._received: dict[str, Counter[str]] = {}

    def note(self, reading: FileReading, now: datetime) -> None:
        """The kinds that a reading delivered; of messages the latest time counts, but one dated later than now says
        nothing of what is here."""
        received = self._received.setdefault(reading.source, Counter())
        for unit in reading.units:
            if unit.verdict == READ:
                received.update(r[0] for r in unit.records)
                received.update(f.kind for f in unit.facts)
        cuts, cut = self._cuts.setdefault(reading.source, {}), reading.cut
        if cut is not None and (cut.utc or 0) > micros(now) + DRIFT_MICROS:
            cut = None
        for kind in received:
            held = cuts.get(kind)
            if held is None or (cut is not None and (cut.utc or 0) > (held.utc or 0)):
                cuts[kind] = cut

    def write(self, intake: Intake) -> None:
        now = intake.now()
        for source, cuts in sorted(self._cuts.items()):
            for kind, cut in sorted(cuts.items()):
                clocks.advance(
                    intake.connection, source, [kind], cut, now, {kind: self._received[source][kind]}
                )  # fmt: skip
        self._cuts, self._received = {}, {}


class Writer:
    """Owns an open intake from `start` to `stop`. Any thread may give it work.

    `on_change` is told after each commit that changed what a ward sees, `on_beat` after one that changed only clocks,
    `on_end` when the thread has ended, for whatever reason.
    """

    def __init__(
        self,
        intake: Intake,
        clock: Clock,
        on_change: Callable[[], None] = lambda: None,
        on_beat: Callable[[], None] = lambda: None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._intake, self._clock, self._on_change, self._on_beat = intake, clock, on_change, on_beat
        self._on_end = on_end
        self._jobs: queue.Queue[_Job[object] | None] = queue.Queue(WAITING_JOBS)
        self._clocks = _Clocks()
        self._beats: dict[str, datetime] = {}
        self._beaten: dict[str, datetime] = {}
        self._drifts: dict[str, int] = {}
        self._behind: dict[str, int] = {}  # seconds, below 0: how far this clock is known to be behind a source's
        self._changed = self._is_over = False
        self._is_asked = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="writer")
        self.commits = 0
        self.fault: BaseException | None = None  # why the last commit failed; None while it goes well

    # -- for the feeds --------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def ended_by_stop(self) -> bool:
        """Whether it was asked to end; False where a damaged intake ended it."""
        return self._is_asked

    @property
    def waiting(self) -> int:
        """Jobs that have not begun."""
        return self._jobs.qsize()

    def give(self, reading: FileReading, *, lazy: bool = False, notes: bool = True) -> Future[list[Outcome]]:
        """Takes a reading; the outcomes come when they are durable (`lazy`: when they are known). Raises feed.stopped."""

        def work(intake: Intake) -> list[Outcome]:
            outcomes = intake.take(reading)
            if notes:
                self._clocks.note(reading, self._clock() - timedelta(seconds=self._behind.get(reading.source, 0)))
            if any(o.outcome not in (SAME, NOT_KEPT, SET_ASIDE) for o in outcomes):
                self._changed = True
            return outcomes

        return self.put(_Job(work, lazy=lazy, units=len(reading.units)))

    def take(self, reading: FileReading) -> list[Outcome]:
        """Takes a reading and waits until it is durable. Raises disk.*, vault.damaged, feed.stopped."""
        return self.give(reading).result()

    def call(self, work: Callable[[Intake], T], *, changes: bool = False) -> T:
        """Anything else that is done to the intake, durable when it returns; `changes` what a ward sees."""

        def whole(intake: Intake) -> T:
            done = work(intake)
            self._changed = self._changed or changes
            return done

        return self.put(_Job(whole)).result()

    def put(self, job: _Job[T]) -> Future[T]:
        """Waits while too much waits already. Raises feed.stopped."""
        while True:
            if self._is_over:
                raise WriterStopped("The feed is stopping.")
            try:
                self._jobs.put(job, timeout=0.2)  # type: ignore[arg-type]
                break
            except queue.Full:
                continue
        if self._ended.is_set():  # the thread may have gone while this was put in
            self._refuse_rest()
        return job.future

    def beat(self, source: str) -> None:
        """The source has shown that it lives; written with the next commit, at most every 15 seconds."""
        self._beats[source] = self._clock()

    def drift(self, source: str, seconds: int) -> None:
        """One live message came so long after it was sent; the shortest way of a while tells most (`store.clocks`)."""
        self._drifts[source] = min(seconds, self._drifts.get(source, seconds))

    def stop(self) -> None:
        """Does what it was given, commits and ends. The intake stays open for its owner to close."""
        self._is_asked = self._is_asked or self._thread.is_alive()
        self._is_over = True
        while self._thread.is_alive():
            try:
                self._jobs.put(None, timeout=0.2)
                self._thread.join()
            except queue.Full:
                continue

    # -- the thread ---------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=1.0)
            except queue.Empty:
                self._beat_alone()
                continue
            if job is None or not self._group(job):
                break
        if self._lives():
            self._beat_alone(timedelta(microseconds=1))  # what was heard last is known to the next start
        self._is_over = True
        self._ended.set()
        self._refuse_rest()
        self._on_end()

    def _refuse_rest(self) -> None:
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return
            if job is not None:
                job.fail(WriterStopped("The feed is stopping."))

    def _group(self, first: _Job[object]) -> bool:
        """Does one group of jobs. False where the writer is to end."""
        done: list[tuple[_Job[object], Callable[[], None]]] = []
        begun, units = time.monotonic(), 0
        job: _Job[object] | None = first
        goes_on = True
        while job is not None:
            try:
                done.append((job, job.run(self._intake)))
            except Exception as error:  # noqa: BLE001 it is told to whoever gave the job, and the others are done again
                self._intake.rollback()
                self._alone([*(j for j, _ in done), job], error)
                return self._lives()
            units += job.units
            job = None
            if len(done) < GROUP_JOBS and units < GROUP_UNITS:
                patience = LAZY_SECONDS - (time.monotonic() - begun) if all(j.lazy for j, _ in done) else 0.0
                try:
                    job = self._jobs.get(timeout=patience) if patience > 0 else self._jobs.get_nowait()
                    goes_on = job is not None
                except queue.Empty:
                    job = None
        try:
            self._commit()
        except Exception as error:  # noqa: BLE001 likewise
            self._intake.rollback()
            self._alone([j for j, _ in done], error)
        else:
            for _, tell in done:
                tell()
        return goes_on and self._lives()

    def _lives(self) -> bool:
        """A damaged intake is not written to any more: the service ends, and its next start sets the file aside."""
        return not isinstance(self.fault, StoreDamaged)

    def _alone(self, jobs: list[_Job[object]], error: BaseException) -> None:
        """Each job of a failed group in a transaction of its own; what the world refuses, it refuses to all."""
        self._clocks, self._beaten = _Clocks(), {}
        if len(jobs) == 1 or isinstance(error, EnvironmentFault):
            self.fault = error if isinstance(error, EnvironmentFault) else self.fault
            for job in jobs:
                job.fail(error)
            return
        for n, job in enumerate(jobs):
            try:
                tell = job.run(self._intake)
                self._commit()
            except Exception as again:  # noqa: BLE001 likewise
                self._intake.rollback()
                if isinstance(again, EnvironmentFault):
                    self._alone(jobs[n:], again)
                    return
                job.fail(again)
            else:
                tell()

    def _commit(self) -> None:
        self._write_beats()
        self._clocks.write(self._intake)
        self._intake.commit()
        self.commits += 1
        self.fault = None
        changed, self._changed = self._changed, False
        (self._on_change if changed else self._on_beat)()

    def _write_beats(self, least: timedelta = HEARTBEAT) -> bool:
        """The heartbeats that are `least` newer than the last written. True where there were any."""
        due = {
            source: at
            for source, at in list(self._beats.items())
            if source not in self._beaten or abs(at - self._beaten[source]) >= least  # a clock may be set back
        }
        for source, at in due.items():
            self._intake.begin()
            clocks.heartbeat(self._intake.connection, source, at)
            self._beaten[source] = at
        for source, seconds in [(s, self._drifts.pop(s)) for s in list(self._drifts) if s in due]:
            drift = clocks.note_drift(self._intake.connection, source, seconds, self._clock())
            self._behind[source] = min(0, drift or 0)
        return bool(due)

    def _beat_alone(self, least: timedelta = HEARTBEAT) -> None:
        """Heartbeats of sources that have nothing to say."""
        try:
            if self._write_beats(least):
                self._commit()
        except Exception as error:  # noqa: BLE001 a heartbeat that cannot be written is written later; the fault is seen
            self._intake.rollback()
            self._beaten = {}
            self.fault = error


class Through:
    """The intake as a fill sees it while a feed owns it: every call goes through the writer."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._lost: list[BaseException] = []

    def _lazy(self, work: Callable[[Intake], T], units: int = 1) -> T:
        job = _Job(work, lazy=True, units=units)
        job.on_lost = self._lost.append
        return self._writer.put(job).result()

    def take(self, reading: FileReading) -> list[Outcome]:
        return self._lazy(lambda intake: intake.take(reading), len(reading.units))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Any other method of the intake, likewise."""
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *given, **named: self._lazy(lambda intake: getattr(intake, name)(*given, **named))

    def commit(self) -> None:
        """Durable, all of it, when it returns. Raises what was in the way."""
        self._writer.call(lambda _: None, changes=True)
        if self._lost:
            raise self._lost[0]
