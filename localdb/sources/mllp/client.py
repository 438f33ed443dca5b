"""An MLLP client: sends a message, waits for its acknowledgement, and repeats it until it knows what became of it.

Rules: one message at a time on a connection; what was sent and not answered is sent again, byte-equal, over a new
connection (a receiver knows it by its control id); an answer to another message is passed over, because a receiver may
answer late; AE is repeated after a rest, AR never. What is not known after all tries raises, and is then not known: the
message may be there.
"""

from __future__ import annotations

import asyncio
import ssl
from types import TracebackType

import msgspec

from localdb.errors import EnvironmentFault
from localdb.sources.mllp.acks import Acknowledged, header_of, read_acknowledgement
from localdb.sources.mllp.framing import Deframer, Whole, framed

_CHUNK = 64 * 1024
_LARGEST_ANSWER = 1024 * 1024


class NotConnected(EnvironmentFault):
    """Nobody listens there, or no secure connection came about."""

    code = "mllp.not_connected"
    next_step = "Check address, port and the network; then try again."


class NoAnswer(EnvironmentFault):
    """It was sent and not answered: it may have arrived."""

    code = "mllp.no_answer"
    next_step = "Check address and port, and whether the receiver is running; then try again."


class NotAnAnswer(EnvironmentFault):
    """Something else than an acknowledgement came back."""

    code = "mllp.not_an_answer"
    next_step = "Check that an HL7 v2 receiver listens on that port."


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds: `connect` and `answer` to wait for, `tries` in all, the first `rest` between them, doubled to `longest`."""

    connect: float = 10.0
    answer: float = 30.0
    tries: int = 5
    rest: float = 0.5
    longest: float = 30.0


class Client:
    """A connection to one receiver, opened when the first message is sent and again when it broke."""

    def __init__(
        self, host: str, port: int, *, context: ssl.SSLContext | None = None, patience: Patience | None = None
    ) -> None:
        self._host, self._port, self._context = host, port, context
        self._patience = patience or Patience()
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._deframer = Deframer(_LARGEST_ANSWER)
        self._waiting: list[bytes] = []  # answers that came together with an earlier one
        self.connected = 0  # how often it connected

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the connection."""
        if self._line is None:
            return
        _, writer = self._line
        self._line = None
        writer.close()
        try:
            async with asyncio.timeout(self._patience.connect):
                await writer.wait_closed()
        except (OSError, TimeoutError):
            writer.transport.abort()

    async def send(self, message: bytes) -> Acknowledged:
        """The receiver's word about `message` (unframed). An AE or CE that it stays with after all tries is returned.

        Raises mllp.not_connected, mllp.no_answer, mllp.not_an_answer.
        """
        patience, rest = self._patience, self._patience.rest
        for left in reversed(range(patience.tries)):
            try:
                said = await self._once(message)
                if said.code[1:] != "E" or not left:
                    return said
            except EnvironmentFault:
                await self.close()
                if not left:
                    raise
            await asyncio.sleep(rest)
            rest = min(2 * rest, patience.longest)
        raise NoAnswer("The message was never sent: no try is allowed.")

    async def _once(self, message: bytes) -> Acknowledged:
        header = header_of(message)
        wanted = header.control_id if header else ""
        wants_both = header is not None and header.part(15).upper() in ("AL", "SU") and header.part(16).upper() == "AL"
        reader, writer = await self._connected()
        try:
            async with asyncio.timeout(self._patience.answer):
                writer.write(framed(message))
                await writer.drain()
                while True:
                    said = read_acknowledgement(await self._answer(reader))
                    if said is None:
                        raise NotAnAnswer("What came back is no acknowledgement.")
                    if said.control_id != wanted:  # the late answer to an earlier message
                        continue
                    if said.code == "CA" and wants_both:
                        continue
                    return said
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            raise NoAnswer("The receiver did not answer.") from None

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._line is None:
            self._deframer, self._waiting = Deframer(_LARGEST_ANSWER), []
            try:
                async with asyncio.timeout(self._patience.connect):
                    self._line = await asyncio.open_connection(self._host, self._port, ssl=self._context)
            except (OSError, TimeoutError):
                raise NotConnected("The receiver cannot be reached.") from None
            self.connected += 1
        return self._line

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        """The next frame."""
        while not self._waiting:
            if self._deframer.is_unsettled:
                try:
                    async with asyncio.timeout(0.2):
                        data = await reader.read(_CHUNK)
                except TimeoutError:
                    self._waiting += [p.data for p in self._deframer.settle()]
                    continue
            else:
                data = await reader.read(_CHUNK)
            if not data:
                raise NoAnswer("The receiver closed the connection without an answer.")
            self._waiting += [p.data for p in self._deframer.feed(data) if isinstance(p, Whole)]
            if self._deframer.held > _LARGEST_ANSWER:
                raise NotAnAnswer("What came back is no acknowledgement.")
        return self._waiting.pop(0)
