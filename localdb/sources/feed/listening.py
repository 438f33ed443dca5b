"""An MLLP listener at work for one feed: what it hears becomes readings, and each answer follows its commit.

The listener has a loop of its own in the feed's thread; reading and waiting for the writer happen in one thread beside
it, so that connections are served meanwhile. Messages of one batch are given one by one: each succeeds or fails alone,
and the writer makes them durable together.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from localdb.clock import Clock
from localdb.errors import WardlampError
from localdb.sources.feed.certificates import server_context
from localdb.sources.feed.counts import RUNNING, FeedCounts
from localdb.sources.feed.logs import FeedLog
from localdb.sources.feed.reading import read_message
from localdb.sources.feed.settings import FeedSetting
from localdb.sources.feed.writer import Writer
from localdb.sources.fhir import refused
from localdb.sources.mllp.acks import header_of
from localdb.sources.mllp.exchange import Answer, Received
from localdb.sources.mllp.listener import Listener
from localdb.sources.profiles import Profiles
from localdb.sources.units import SET_ASIDE, FileReading
from localdb.store.taking import Outcome
from localdb.vault.secrets import Secret

BEAT_SECONDS = 15.0


class MllpStation:
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
    ) -> None:
        self.feed, self._profiles, self._writer, self._counts = feed, profiles, writer, counts
        self._profile = profiles.get(feed.source)
        self._log, self._secret, self._clock = log, secret, clock

    def run(self, stop: threading.Event) -> None:
        """Listens until it is stopped. Raises mllp.cannot_listen, secret.invalid."""
        with ThreadPoolExecutor(1, thread_name_prefix=f"read {self.feed.name}") as self._reader:
            asyncio.run(self._listen(stop))

    async def _listen(self, stop: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._unhandled)
        host, port = self.feed.address
        context = None
        if self._secret is not None:
            context = server_context(self._secret, client_certificates=self.feed.client_certificates)
        listener = Listener(
            feed=self.feed.name, source=self.feed.source, host=host, port=port, take=self._take, clock=self._clock,
            watch=self, context=context, senders=self.feed.senders,
        )  # fmt: skip
        bound = await listener.start()
        self._counts.where = f"{host}:{bound}"
        self._counts.state = RUNNING
        self._log.say("listening", feed=self.feed.name, listen=str(bound))
        try:
            while not await loop.run_in_executor(None, stop.wait, BEAT_SECONDS):
                if self._counts.connections and self._profile.is_sign("connection"):
                    self._writer.beat(self.feed.source)
        finally:
            await listener.stop()
            self._counts.connections = 0

    def _unhandled(self, _: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """asyncio would print the error's words and the bytes it stumbled over."""
        error = context.get("exception")
        self._log.say("connection_failed", feed=self.feed.name, error=type(error).__name__)

    # -- messages -----------------------------------------------------------------------------------------------

    async def _take(self, batch: Sequence[Received]) -> Sequence[Answer]:
        return await asyncio.get_running_loop().run_in_executor(self._reader, self._durable, batch)

    def _durable(self, batch: Sequence[Received]) -> list[Answer]:
        """Reads a batch, gives it to the writer and waits for the commits."""
        readings = [self._reading(received) for received in batch]
        given: list[Future[list[Outcome]] | WardlampError] = []
        for reading in readings:
            try:
                given.append(self._writer.give(reading))
            except WardlampError as error:
                given.append(error)
        return [
            self._answer(received, reading, held)
            for received, reading, held in zip(batch, readings, given, strict=True)
        ]

    def _reading(self, received: Received) -> FileReading:
        if received.fault:
            words = "bytes that are no whole message"
            return refused(self.feed.name, received.data, self.feed.source, received.fault, words)
        source = self._source(received.data)
        return read_message(self.feed.name, received.data, source, self._profiles.get(source))

    def _source(self, data: bytes) -> str:
        """Whose message it is: an engine sends those of several systems over one port."""
        header = header_of(data) if self.feed.systems else None
        return self.feed.source_of(header.part(3), header.part(4)) if header is not None else self.feed.source

    def _answer(self, received: Received, reading: FileReading, held: Future[list[Outcome]] | WardlampError) -> Answer:
        try:
            if isinstance(held, WardlampError):
                raise held
            outcomes = held.result()
        except Exception as error:  # noqa: BLE001 whatever it was, the message is not durable: its sender keeps it
            self._counts.refuse(error)
            self._log.failed("not_taken", error, feed=self.feed.name)
            code = error.code if isinstance(error, WardlampError) else "feed.no_answer"
            return Answer(code="AE", reason=code, text="It is not durable here: send it again.")
        self._counts.note(outcomes)
        self._counts.went_well()
        aside = next((o for o in outcomes if o.outcome == SET_ASIDE), None)
        if any(u.verdict != SET_ASIDE for u in reading.units):
            self._lives(received, reading)
        if aside is not None:
            return Answer(code="AR", reason=aside.code, text=aside.reason)
        return Answer(code="AA")

    def _lives(self, received: Received, reading: FileReading) -> None:
        """A message of the source: a sign of life, and a measure of its clock."""
        self._writer.beat(reading.source)
        sent = reading.cut
        if sent is None or sent.instant is None or sent.precision not in ("second", "fraction"):
            return
        if not {"doubled_hour", "skipped_hour"} & set(sent.doubts):
            self._writer.drift(reading.source, (received.at - sent.instant) // timedelta(seconds=1))

    # -- connections --------------------------------------------------------------------------------------------

    def opened(self, peer: str) -> None:
        self._counts.connections += 1
        if self._profile.is_sign("connection"):
            self._writer.beat(self.feed.source)

    def heard(self, peer: str, size: int) -> None:
        if self._profile.is_sign("connection"):
            self._writer.beat(self.feed.source)

    def closed(self, peer: str, code: str) -> None:
        self._counts.connections -= 1
        if code:
            self._log.say("connection_ended", feed=self.feed.name, peer=peer, code=code)

    def refused(self, peer: str, code: str) -> None:
        self._log.say("connection_refused", feed=self.feed.name, peer=peer, code=code)
