"""The feeding machine at work: feeds, one writer, cuts beside it, health and control, from start to a graceful stop.

Rules: whoever runs this owns the intake; a feed that breaks is started again after a while and stops no other; a stop
takes no more, finishes what was taken, answers it, and makes a last cut; a damaged intake ends the service, so that its
next start sets the file aside.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from localdb.clock import Clock
from localdb.errors import WardlampError
from localdb.records.moments import micros
from localdb.sources.feed.control import ControlServer
from localdb.sources.feed.counts import FAILED, RUNNING, STARTING, STOPPED, FeedCounts
from localdb.sources.feed.cutting import Cuts
from localdb.sources.feed.folders import FolderStation
from localdb.sources.feed.health import HealthServer
from localdb.sources.feed.imaging_settings import ASKING_KINDS
from localdb.sources.feed.logs import FeedLog
from localdb.sources.feed.reading import Asked, read_asked
from localdb.sources.feed.settings import Feeding, FeedSetting
from localdb.sources.feed.writer import Writer
from localdb.sources.files import Part
from localdb.sources.profiles import Profiles
from localdb.sources.readers import Readers
from localdb.store.ageing import Removed
from localdb.store.cuts import CutDone
from localdb.store.intake import Intake
from localdb.vault.secrets import Secret

if TYPE_CHECKING:
    from localdb.sources.printed.rules import PrintRule
    from localdb.sources.tables.mapping import TableMapping

FIRST_REST, LONGEST_REST = 1.0, 60.0  # seconds before a feed that broke is started again
UNCUT_SECONDS = 60.0  # a change that waits longer for a list is no healthy state
LEAST_DISK = 256 * 1024 * 1024
NEWS_SECONDS = 60.0
READ_SECONDS = 300.0  # a part whose reader takes longer is set aside (a site's own pattern may never end)


class Station(Protocol):
    """One feed at work: runs until `stop` is set; what it raises stops only itself."""

    def run(self, stop: threading.Event) -> None: ...


class Plan:
    """What the service needs of the house: settings, and how secrets, cuts and commands are done."""

    def __init__(
        self,
        *,
        vault: Path,
        feeds: Sequence[FeedSetting],
        profiles: Profiles,
        mappings: Mapping[str, TableMapping | PrintRule],
        feeding: Feeding,
        clock: Clock,
        log: FeedLog,
        control_key: bytes,
        secret: Callable[[str], Secret],
        cut: Callable[[], CutDone],
        tell_status: Callable[[], None],
        answer: Callable[[FeedService, dict[str, Any], Callable[[str, int], None]], dict[str, Any]],
        daily: Callable[[Intake], Removed] = lambda _: Removed(),
        whom: Callable[[FeedSetting], Sequence[str]] = lambda _: (),
    ) -> None:
        self.vault, self.feeds, self.profiles, self.feeding = vault, feeds, profiles, feeding
        self.mappings = mappings
        self.clock, self.log, self.control_key, self.secret = clock, log, control_key, secret
        self.cut, self.tell_status, self.answer = cut, tell_status, answer
        self.daily, self.whom = daily, whom


class FeedService:
    """Runs a plan over an open intake. `run` blocks until `stop`, which any thread or signal handler may call."""

    def __init__(self, plan: Plan, intake: Intake) -> None:
        self.plan, self.log, self._clock = plan, plan.log, plan.clock
        self.began: datetime = plan.clock()
        self._day = self.began.date()
        self._stop = threading.Event()
        self.cuts = Cuts(plan.cut, plan.log, plan.clock, plan.tell_status)
        self.writer = Writer(intake, plan.clock, self.cuts.change, self.cuts.beat, self._stop.set)
        self.counts = {f.name: FeedCounts(f.name, f.source, f.kind, plan.clock) for f in plan.feeds}
        self._readers: Readers[Asked] = Readers(len(plan.feeds) + 1, read_asked, READ_SECONDS)
        self._threads: list[threading.Thread] = []
        self._health: HealthServer | None = None
        self._control = ControlServer(plan.vault, plan.control_key, self._answer, plan.log)

    # -- life ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Returns after `stop`. Raises the fault that ended the service, where it was one."""
        self.writer.start()
        self.cuts.start()
        self.cuts.change()  # whether the newest list has all that the intake holds is not known yet
        self._start_health()
        self._control.start()
        for feed in self.plan.feeds:
            thread = threading.Thread(target=self._keep, args=(feed,), name=f"feed {feed.name}")
            self._threads.append(thread)
            thread.start()
        self.log.say("started", count=len(self.plan.feeds), health=self._health.port if self._health else 0)
        try:
            while not self._stop.wait(NEWS_SECONDS):
                self._tell_news()
                self._once_a_day()
        finally:
            self._end()
        if self.writer.fault is not None and not self.writer.ended_by_stop:
            raise self.writer.fault

    def stop(self) -> None:
        """Asks for a graceful stop; `run` returns when it is done."""
        self._stop.set()

    def _end(self) -> None:
        self.log.say("stopping")
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._control.stop()
        self.writer.stop()
        self.cuts.stop()
        self._readers.close()
        if self._health is not None:
            self._health.stop()
        self._tell_news()
        self.log.say("stopped")

    def _start_health(self) -> None:
        address = self.plan.feeding.health_address
        if address is None:
            return
        try:
            self._health = HealthServer(address, self.report, self.log)
            self._health.start()
        except OSError as error:
            self.log.failed("health_failed", error)

    def _keep(self, feed: FeedSetting) -> None:
        """One feed, started again after it broke, with growing rests."""
        counts, rest = self.counts[feed.name], FIRST_REST
        while not self._stop.is_set():
            counts.state = STARTING
            began = self._clock()
            try:
                self._station(feed, counts).run(self._stop)
                break
            except Exception as error:  # noqa: BLE001 one feed never stops another; its type is logged
                counts.state, counts.fault = FAILED, error.code if isinstance(error, WardlampError) else "feed.failed"
                counts.restarts += 1
                self.log.failed("feed_failed", error, feed=feed.name, again=rest)
            if (self._clock() - began).total_seconds() > LONGEST_REST:
                rest = FIRST_REST
            self._stop.wait(rest)
            rest = min(2 * rest, LONGEST_REST)
        counts.state = STOPPED

    def _station(self, feed: FeedSetting, counts: FeedCounts) -> Station:
        profile = self.plan.profiles.get(feed.source)
        if feed.kind == "mllp":
            from localdb.sources.feed.listening import MllpStation

            secret = self.plan.secret(feed.tls) if feed.tls else None
            return MllpStation(feed, self.plan.profiles, self.writer, counts, self.log, secret, self._clock)

        if feed.kind == "dicom-listen":
            from localdb.sources.feed.storing import StoreStation

            secret = self.plan.secret(feed.tls) if feed.tls else None
            return StoreStation(feed, self.plan.profiles, self.writer, counts, self.log, secret, self._clock)

        if feed.kind in ASKING_KINDS:
            from localdb.sources.feed.archives import asking_station

            return asking_station(feed, self.plan, self.writer, counts)

        def ask(parts: list[Part]) -> bytes | None:
            mapping = self.plan.mappings.get(feed.mapping)
            return self._readers.ask(Asked(feed, parts, self.plan.profiles, mapping, micros(self._clock())))

        return FolderStation(feed, profile, self.writer, counts, self.log, ask)

    def _once_a_day(self) -> None:
        """Retention, and a cut in which the windows move on although no message came."""
        today = self._clock().date()
        if today == self._day:
            return
        try:
            removed = self.writer.call(self.plan.daily)
        except WardlampError as error:
            self.log.failed("daily_failed", error)
            return
        self._day = today
        self.cuts.change()
        if removed.originals or removed.settled:
            self.log.say("originals_removed", count=removed.originals + removed.settled)

    def _tell_news(self) -> None:
        for counts in self.counts.values():
            news = counts.news()
            if news:
                self.log.say("counts", feed=counts.name, source=counts.source, **news)

    # -- what others ask ------------------------------------------------------------------------------------------

    def report(self) -> dict[str, Any]:
        """How everything is; no patient data. `ok` is what health answers with."""
        feeds = [c.report() for c in self.counts.values()]
        last, uncut = self.cuts.last, self.cuts.uncut_seconds()
        free = shutil.disk_usage(self.plan.vault).free
        wrong = [
            f"feed {f['name']}: {f['fault'] or f['state']}" for f in feeds if f["state"] not in (RUNNING, STARTING)
        ]
        fault = self.writer.fault
        if not self.writer.is_alive:
            wrong.append("the writer has ended")
        elif fault is not None:
            wrong.append(fault.code if isinstance(fault, WardlampError) else type(fault).__name__)
        if self.cuts.fault is not None:
            wrong.append(self.cuts.fault.code)
        elif uncut > UNCUT_SECONDS:
            wrong.append("a change waits too long for a cut")
        if free < LEAST_DISK:
            wrong.append("disk.full")
        return {
            "ok": not wrong, "wrong": wrong, "since": self.began.isoformat(timespec="seconds"),
            "now": self._clock().isoformat(timespec="seconds"), "feeds": feeds, "queue": self.writer.waiting,
            "commits": self.writer.commits, "disk_free": free, "health": self._health.port if self._health else 0,
            "generation": last.generation if last else 0, "uncut_seconds": round(uncut, 1),
            "cut": self.cuts.last_at.isoformat(timespec="seconds") if self.cuts.last_at else None,
        }  # fmt: skip

    def _answer(self, asked: dict[str, Any], tell: Callable[[str, int], None]) -> dict[str, Any]:
        if asked.get("ask") == "status":
            return self.report()
        if asked.get("ask") == "stop":
            self.stop()
            return {"stopping": True}
        return self.plan.answer(self, asked, tell)
