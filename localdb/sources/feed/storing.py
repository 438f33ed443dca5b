"""A storage listener at work for one feed (C-STORE, C-ECHO), and how one DICOM object comes into the intake.

What comes is read in the association's own thread and given to the one writer; the answer follows the commit. A C-ECHO,
as an open line, is a sign of life only where the site says so: a gateway can live while what is behind it is dead.
"""

from __future__ import annotations

import threading
from collections import Counter

from localdb.clock import Clock
from localdb.errors import WardlampError
from localdb.sources.dicom.child import Refusal
from localdb.sources.dicom.reading import refused as refused_object
from localdb.sources.dimse.exchange import SET_ASIDE as ANSWER_SET_ASIDE
from localdb.sources.dimse.exchange import STORED, TRY_AGAIN, Limits, Received, Stored
from localdb.sources.feed.certificates import server_context
from localdb.sources.feed.counts import RUNNING, FeedCounts
from localdb.sources.feed.logs import FeedLog
from localdb.sources.feed.settings import FeedSetting
from localdb.sources.feed.writer import Writer
from localdb.sources.fhir import refused
from localdb.sources.kinds import read_any
from localdb.sources.profiles import Profiles
from localdb.sources.units import SET_ASIDE, FileReading
from localdb.vault.secrets import Secret

BEAT_SECONDS = 15.0


class Objects:
    """The way of DICOM objects into the intake, for whichever feed brings them. May be used by many threads."""

    def __init__(
        self, feed: FeedSetting, profiles: Profiles, writer: Writer, counts: FeedCounts, log: FeedLog
    ) -> None:  # fmt: skip
        self.feed, self._profiles, self._writer, self._counts, self._log = feed, profiles, writer, counts, log
        self._lock = threading.Lock()
        self.outcomes: Counter[str] = Counter()  # since it was last emptied by who asked for them

    def take(self, received: Received) -> Stored:
        """Reads one object, makes it durable and says so (`dimse.exchange`). Never raises."""
        reading = self._reading(received)
        try:
            outcomes = self._writer.take(reading)
        except Exception as error:  # noqa: BLE001 whatever it was, it is not durable: its sender keeps it
            self._counts.refuse(error)
            self._log.failed("not_taken", error, feed=self.feed.name)
            return Stored(TRY_AGAIN, error.code if isinstance(error, WardlampError) else "feed.no_answer")
        self._counts.note(outcomes)
        self._counts.went_well()
        with self._lock:
            self.outcomes.update(o.outcome for o in outcomes)
        if any(u.verdict != SET_ASIDE for u in reading.units):
            self._writer.beat(self.feed.source)
        aside = next((o for o in outcomes if o.outcome == SET_ASIDE), None)
        return Stored(ANSWER_SET_ASIDE, aside.code) if aside is not None else Stored(STORED)

    def _reading(self, received: Received) -> FileReading:
        name, source = self.feed.name, self.feed.source
        if received.fault:
            why = Refusal(code=received.fault, reason="an object larger than one may be", uid=received.uid)
            return refused_object(name, received.data, source, why)
        try:
            return read_any(name, received.data, source, self._profiles)
        except Exception as error:  # noqa: BLE001 a reader never raises; should one, the object is set aside whole
            words = f"its reader failed ({type(error).__name__})"
            return refused(name, received.data, source, "file.reader_died", words)


class StoreStation:
    """One listener at work. Also the listener's `Watch`."""

    def __init__(
        self,
        feed: FeedSetting,
        profiles: Profiles,
        writer: Writer,
        counts: FeedCounts,
        log: FeedLog,
        secret: Secret | None,
        clock: Clock,
        limits: Limits | None = None,
    ) -> None:
        self.feed, self._writer, self._counts, self._log = feed, writer, counts, log
        self._profile = profiles.get(feed.source)
        self._secret, self._clock, self._limits = secret, clock, limits
        self._objects = Objects(feed, profiles, writer, counts, log)
        self._lock = threading.Lock()

    def run(self, stop: threading.Event) -> None:
        """Listens until it is stopped. Raises feed.cannot_listen, secret.invalid."""
        from localdb.sources.dimse.listener import StoreListener

        host, port = self.feed.address
        context = None
        if self._secret is not None:
            context = server_context(self._secret, client_certificates=self.feed.client_certificates)
        listener = StoreListener(
            title=self.feed.title or "WARDLAMP", host=host, port=port, take=self._objects.take, clock=self._clock,
            watch=self, context=context, senders=self.feed.senders, callers=self.feed.callers, limits=self._limits,
        )  # fmt: skip
        bound = listener.start()
        self._counts.where = f"{host}:{bound}"
        self._counts.state = RUNNING
        self._log.say("listening", feed=self.feed.name, listen=str(bound))
        try:
            while not stop.wait(BEAT_SECONDS):
                if self._counts.connections and self._profile.is_sign("connection"):
                    self._writer.beat(self.feed.source)
        finally:
            listener.stop()
            self._counts.connections = 0

    # -- associations -------------------------------------------------------------------------------------------------

    def opened(self, peer: str) -> None:
        with self._lock:
            self._counts.connections += 1

    def echoed(self, peer: str) -> None:
        if self._profile.is_sign("connection"):
            self._writer.beat(self.feed.source)

    def closed(self, peer: str, code: str) -> None:
        with self._lock:
            self._counts.connections -= 1
        if code:
            self._log.say("connection_ended", feed=self.feed.name, peer=peer, code=code)

    def refused(self, peer: str, code: str) -> None:
        self._log.say("connection_refused", feed=self.feed.name, peer=peer, code=code)
