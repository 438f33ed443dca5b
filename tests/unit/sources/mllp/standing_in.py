"""A store that is none: keeps what it is given, answers as it is told, can be held back."""

import asyncio

from localdb.clock import present
from localdb.sources.mllp.exchange import Answer, Limits
from localdb.sources.mllp.listener import Listener, listening


class Store:
    """`take` waits until `open`; `says` decides each answer; `batches` has what it took, `seen` is set by each."""

    def __init__(self, says=lambda received: Answer(code="AA")):
        self.says, self.batches = says, []
        self.open = asyncio.Event()
        self.open.set()
        self.begun = asyncio.Event()
        self._more = asyncio.Condition()

    async def take(self, batch):
        self.begun.set()
        await self.open.wait()
        self.batches.append(list(batch))
        async with self._more:
            self._more.notify_all()
        return [self.says(r) for r in batch]

    @property
    def taken(self):
        return [r for b in self.batches for r in b]

    async def until(self, count):
        """Waits until so many pieces were taken."""
        async with self._more:
            await asyncio.wait_for(self._more.wait_for(lambda: len(self.taken) >= count), 20)


class Seen:
    """Remembers what the listener tells of its connections."""

    def __init__(self):
        self.events, self.bytes = [], 0
        self._news = asyncio.Event()

    def _note(self, *event):
        self.events.append(event)
        self._news.set()

    def opened(self, peer):
        self._note("opened", "")

    def heard(self, peer, size):
        self.bytes += size

    def closed(self, peer, code):
        self._note("closed", code)

    def refused(self, peer, code):
        self._note("refused", code)

    async def until(self, *event, count=1):
        async with asyncio.timeout(20):
            while self.events.count(event) < count:
                self._news.clear()
                await self._news.wait()


def listener(store, seen=None, limits=None, **more):
    """A context that gives the port."""
    return listening(
        Listener(
            feed="engine", source="lims", host="127.0.0.1", port=0, take=store.take, clock=present, watch=seen,
            limits=limits or Limits(), **more,
        )
    )  # fmt: skip


def message(n, body=b"", type_=b"ADT^A01", extra=b""):
    return (
        b"MSH|^~\\&|PAS|HOSP|WL|WARD|20261126120000||%s|C%d|P|2.5.1%s\rPID|1||%d^^^HOSP^MR\r%s" % (type_, n, extra, n, body)
    )  # fmt: skip
