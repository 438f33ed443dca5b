"""One connection of the listener: reads frames, hands whole messages over, writes answers in their order."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING, Any

from localdb.sources.mllp.acks import answers
from localdb.sources.mllp.exchange import HALF, STRAY, TOO_LARGE, TRY_AGAIN, Answer, Received
from localdb.sources.mllp.framing import Deframer, Half, Piece, Stray, TooLarge, framed

if TYPE_CHECKING:
    from localdb.sources.mllp.listener import Listener

_CHUNK = 64 * 1024


class NoWatch:
    """Nobody looks."""

    def opened(self, peer: str) -> None: ...

    def heard(self, peer: str, size: int) -> None: ...

    def closed(self, peer: str, code: str) -> None: ...

    def refused(self, peer: str, code: str) -> None: ...


def name_of(address: Any) -> str:
    """`10.1.2.3:40001`, `[fe80::1]:40001`."""
    host, port = str(address[0]), int(address[1])
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Connection:
    """Lives from `over` to the end of `serve`."""

    def __init__(
        self, listener: Listener, peer: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._listener, self.peer, self._reader, self._writer = listener, peer, reader, writer
        limits = listener.limits
        self._deframer = Deframer(limits.frame, limits.stray)
        self._begun = 0.0  # loop time at which the present frame began
        self._unanswered = 0
        self._may_read = asyncio.Event()  # not too many unanswered
        self._may_read.set()
        self._out: asyncio.Queue[list[bytes] | None] = asyncio.Queue()
        self._reading: asyncio.Task[str] | None = None
        self._stopped = False
        self._code: str | None = None  # why it was cut off
        self.has_read = False

    @classmethod
    async def over(
        cls, sock: socket.socket, peer: str, listener: Listener, context: ssl.SSLContext | None
    ) -> Connection:
        """A connection over an accepted socket, after its handshake. Raises OSError, TimeoutError."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=_CHUNK)
        protocol = asyncio.StreamReaderProtocol(reader)
        handshake = listener.limits.handshake if context else None
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, listener.limits.answers)  # else the system holds megabytes
        transport, _ = await loop.connect_accepted_socket(
            lambda: protocol, sock, ssl=context, ssl_handshake_timeout=handshake
        )
        transport.set_write_buffer_limits(high=listener.limits.answers)
        return cls(listener, peer, reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    @property
    def held(self) -> int:
        """Bytes of the message that is not whole yet."""
        return self._deframer.held

    async def serve(self) -> None:
        """Until the peer or we end it. Raises nothing."""
        self._reading = asyncio.create_task(self._read())
        writing = asyncio.create_task(self._write())
        if self._stopped:
            self.read_no_more()
        try:
            code = await self._reading
        except asyncio.CancelledError:
            code = ""
        self.has_read = True
        self._listener.read_to_the_end()
        if not self._unanswered:
            self._out.put_nowait(None)
        written = await writing
        await self._close()
        self._listener.watch.closed(self.peer, self._code or written or code)

    def read_no_more(self) -> None:
        """What came whole is still answered."""
        self._stopped = True
        if self._reading is not None:
            self._reading.cancel()

    def cut(self, code: str) -> None:
        """At once."""
        self._code = code
        self._writer.transport.abort()
        self.read_no_more()
        self._out.put_nowait(None)

    # -- reading ----------------------------------------------------------------------------------------------------

    async def _read(self) -> str:
        """Until the stream ends; returns why, "" for an ordinary end."""
        loop, listener = asyncio.get_running_loop(), self._listener
        limits, deframer = listener.limits, self._deframer
        code = ""
        while True:
            await self._may_read.wait()
            await listener.room()
            patience = None
            if deframer.is_unsettled:
                patience = limits.settle
            elif deframer.is_inside:
                patience = min(limits.idle, self._begun + limits.slowest - loop.time())
            try:
                async with asyncio.timeout(patience):
                    data = await self._reader.read(_CHUNK)
            except TimeoutError:
                if deframer.is_unsettled:
                    self._hand_over(deframer.settle())
                    continue
                code = "mllp.idle"
                break
            except OSError:
                code = "mllp.broken"
                break
            if not data:
                break
            listener.watch.heard(self.peer, len(data))
            was_inside = deframer.is_inside
            pieces = deframer.feed(data)
            if deframer.is_inside and (pieces or not was_inside):
                self._begun = loop.time()
            self._hand_over(pieces)
            if deframer.skipped + deframer.held > limits.skipped:
                code = TOO_LARGE
                break
            if deframer.is_inside and listener.held_halves() > limits.buffered:
                code = "mllp.no_room"
                break
        if code == "mllp.no_room":  # it is repeated whole; keeping it would take the room that is missing
            return code
        self._hand_over(deframer.end())
        return code

    def _hand_over(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            fault = ""
            if isinstance(piece, Stray):
                fault = STRAY
            elif isinstance(piece, Half):
                fault = HALF
            elif isinstance(piece, TooLarge):
                fault = TOO_LARGE
            if not piece.data.strip():  # an empty frame: some senders show so that they live
                continue
            listener = self._listener
            received = Received(
                feed=listener.feed,
                source=listener.source,
                peer=self.peer,
                data=piece.data,
                at=listener.clock(),
                fault=fault,
            )
            self._unanswered += 1
            if self._unanswered >= listener.limits.unanswered:
                self._may_read.clear()
            listener.put(self, received)

    # -- answering --------------------------------------------------------------------------------------------------

    def answer(self, received: Received, answer: Answer) -> None:
        """Called once for each message handed over, in their order."""
        listener = self._listener
        if received.fault in (STRAY, HALF):
            frames: list[bytes] = []
        else:
            made = answers(received.data, answer, listener.clock(), listener.new_control_id())
            frames = [framed(a) for a in made]
            if not answer.code or (not made and answer.code == TRY_AGAIN):
                self._code = self._code or "mllp.cannot_take"  # nothing can be said: closing is what every sender sees
                self.read_no_more()
        self._out.put_nowait(frames)

    async def _write(self) -> str:
        """Until everything is answered and nothing more is read; returns why it ended, "" for an ordinary end."""
        limits = self._listener.limits
        code = ""
        while True:
            frames = await self._out.get()
            if frames is None:
                return code
            if not code:
                code = await self._out_of_here(frames)
            self._unanswered -= 1
            if self._unanswered < limits.unanswered:
                self._may_read.set()
            if self.has_read and not self._unanswered:
                return code

    async def _out_of_here(self, frames: list[bytes]) -> str:
        """Writes; why the line is gone, "" where it is not. What is handed over is committed all the same."""
        try:
            for frame in frames:
                self._writer.write(frame)
            async with asyncio.timeout(self._listener.limits.unread):
                await self._writer.drain()
            return ""
        except TimeoutError:
            code = "mllp.unread"
        except OSError:
            code = "mllp.broken"
        self._writer.transport.abort()
        self.read_no_more()
        return code

    async def _close(self) -> None:
        try:
            self._writer.close()
            async with asyncio.timeout(self._listener.limits.grace):
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()
