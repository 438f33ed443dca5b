"""The MLLP listener: many connections, one commit at a time, an answer only after it.

Rules: what arrives while a commit runs is the next commit (so one sender alone waits for one sync, and many share one);
answers of a connection leave in the order of its messages; whoever does not read its answers, sends without end or falls
silent in the middle holds up nobody else and is cut off within `Limits`; a peer that may not connect is closed before
anything of it is read. A stop takes no more, answers what is committed, and closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import ssl
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_address, ip_network

from localdb.clock import Clock
from localdb.errors import EnvironmentFault
from localdb.sources.mllp.acks import try_again
from localdb.sources.mllp.connection import Connection, NoWatch, name_of
from localdb.sources.mllp.exchange import Answer, Limits, Received, Take, Watch

_BACKLOG = 128
_REST = 0.1  # after the system refused to give a socket (too many files open)


class CannotListen(EnvironmentFault):
    """Address and port cannot be listened on."""

    code = "feed.cannot_listen"
    next_step = (
        "Look who else uses that port, and whether this machine has that address; the feed tries again by itself."
    )


class Listener:
    """Listens at `host`:`port` for one feed from `start` to `stop`, both called in the same event loop.

    `context` makes it TLS (client certificates are asked by `context.verify_mode`); `senders` are the addresses and
    networks that may connect (empty: all).
    """

    def __init__(
        self,
        *,
        feed: str,
        source: str,
        host: str,
        port: int,
        take: Take,
        clock: Clock,
        watch: Watch | None = None,
        context: ssl.SSLContext | None = None,
        senders: Sequence[str] = (),
        limits: Limits | None = None,
    ) -> None:
        self.feed, self.source, self._host, self._port = feed, source, host, port
        self._take, self.clock, self._context = take, clock, context
        self.watch: Watch = watch or NoWatch()
        self.limits = limits or Limits()
        self._senders = [ip_network(s, strict=False) for s in senders]
        self._socket: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._committing: asyncio.Task[None] | None = None
        self._serving: dict[Connection, asyncio.Task[None]] = {}
        self._opening: set[asyncio.Task[None]] = set()
        self._addresses: Counter[str] = Counter()
        self._queue: deque[tuple[Connection, Received]] = deque()
        self._queued_bytes = 0
        self._news = asyncio.Event()  # something is in the queue
        self._room = asyncio.Event()  # the queue is not full
        self._room.set()
        self._stopping = False
        # Our control ids (MSH-10): no two of this machine are equal, after a restart neither.
        self._prefix, self._number = "W" + secrets.token_hex(5).upper(), 0

    # -- life -------------------------------------------------------------------------------------------------------

    async def start(self) -> int:
        """Listens; returns the port. Raises feed.cannot_listen."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        made = socket.socket(family, socket.SOCK_STREAM)
        try:
            if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # on Windows SO_REUSEADDR would let another program listen too
                made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((self._host, self._port))
            made.listen(_BACKLOG)
            made.setblocking(False)
        except OSError as error:
            made.close()
            raise CannotListen("The feed cannot listen on its address and port.") from error
        self._socket = made
        self._accepting = asyncio.create_task(self._accept(made))
        self._committing = asyncio.create_task(self._commit())
        return int(made.getsockname()[1])

    async def stop(self) -> None:
        """Takes no more, answers what came whole before, closes. At most `grace` seconds for the answers to leave."""
        self._stopping = True
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.gather(self._accepting, *self._opening, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()
        for connection in list(self._serving):
            connection.read_no_more()
        self._news.set()
        if self._committing is not None:
            await self._committing
        if self._serving:
            _, late = await asyncio.wait(list(self._serving.values()), timeout=self.limits.grace)
            for connection in [c for c, t in self._serving.items() if t in late]:
                connection.cut("mllp.unread")
            if late:
                await asyncio.wait(late)

    @property
    def open_connections(self) -> int:
        return len(self._serving)

    # -- who connects -----------------------------------------------------------------------------------------------

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, address = await loop.sock_accept(listening)
            except OSError:  # the peer has gone already, or no file is free: the others go on
                await asyncio.sleep(_REST)
                continue
            peer = name_of(address)
            code = self._unwanted(str(address[0]))
            if code:
                sock.close()
                self.watch.refused(peer, code)
                continue
            self._addresses[str(address[0])] += 1
            opening = asyncio.create_task(self._open(sock, peer, str(address[0])))
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)

    def _unwanted(self, address: str) -> str:
        """Why it may not connect; "" where it may."""
        bare = ip_address(address.split("%", 1)[0])
        mapped = getattr(bare, "ipv4_mapped", None) or bare
        if self._senders and not any(mapped in n for n in self._senders if n.version == mapped.version):
            return "mllp.address_refused"
        if sum(self._addresses.values()) >= self.limits.connections:
            return "mllp.too_many"
        return "mllp.too_many" if self._addresses[address] >= self.limits.per_address else ""

    async def _open(self, sock: socket.socket, peer: str, address: str) -> None:
        connection: Connection | None = None
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            connection = await Connection.over(sock, peer, self, self._context)
        except (TimeoutError, OSError):  # ssl.SSLError is an OSError
            sock.close()
            self.watch.refused(peer, "mllp.tls_failed" if self._context else "mllp.broken")
        finally:
            if connection is None:
                self._gone(address)
        if connection is None:
            return
        if self._stopping:
            connection.cut("")
        self.watch.opened(peer)
        task = asyncio.create_task(connection.serve())
        self._serving[connection] = task

        def done(_: asyncio.Task[None]) -> None:
            del self._serving[connection]
            self._gone(address)

        task.add_done_callback(done)

    def _gone(self, address: str) -> None:
        self._addresses[address] -= 1
        if self._addresses[address] <= 0:
            del self._addresses[address]

    # -- what they send ---------------------------------------------------------------------------------------------

    async def room(self) -> None:
        """Waits while too much waits for its commit: connections stop reading, and their senders feel it."""
        await self._room.wait()

    def put(self, connection: Connection, received: Received) -> None:
        """Into the next commit."""
        self._queue.append((connection, received))
        self._queued_bytes += len(received.data)
        self._news.set()
        self._mind_room()

    def held_halves(self) -> int:
        """Bytes of unfinished messages of all connections."""
        return sum(c.held for c in self._serving)

    def new_control_id(self) -> str:
        self._number += 1
        return f"{self._prefix}{self._number}"

    def _mind_room(self) -> None:
        limits = self.limits
        if len(self._queue) >= limits.queued_messages or self._queued_bytes >= limits.queued_bytes:
            self._room.clear()
        else:
            self._room.set()

    async def _commit(self) -> None:
        while True:
            if not self._queue:
                if self._stopping and all(c.has_read for c in self._serving):
                    return
                self._news.clear()
                await self._news.wait()
                continue
            batch: list[tuple[Connection, Received]] = []
            size = 0
            while self._queue and len(batch) < self.limits.batch_messages and size < self.limits.batch_bytes:
                batch.append(self._queue.popleft())
                size += len(batch[-1][1].data)
            answers = await self._answers([r for _, r in batch])
            self._queued_bytes -= size
            self._mind_room()
            for (connection, received), answer in zip(batch, answers, strict=True):
                try:
                    connection.answer(received, answer)
                except Exception:  # noqa: BLE001 an answer that cannot be made costs its connection, not all of them
                    connection.cut("mllp.cannot_take")

    async def _answers(self, batch: list[Received]) -> Sequence[Answer]:
        try:
            answers = await self._take(batch)
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 whatever it was, nothing is acknowledged; who stores it logs why
            return [try_again()] * len(batch)
        if len(answers) != len(batch):  # a fault of ours: no answer could be told from another's
            return [try_again()] * len(batch)
        return answers

    def read_to_the_end(self) -> None:
        """A connection reads no more: a stop may be waiting for that."""
        self._news.set()


@contextlib.asynccontextmanager
async def listening(listener: Listener) -> AsyncIterator[int]:
    """A listener for the length of a `with`: gives its port."""
    try:
        yield await listener.start()
    finally:
        await listener.stop()
