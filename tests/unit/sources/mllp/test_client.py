"""The client repeats until it knows what became of a message, and says when it does not."""

import asyncio

import pytest

from localdb.sources.mllp.acks import answers
from localdb.sources.mllp.client import Client, NoAnswer, NotAnAnswer, NotConnected, Patience
from localdb.sources.mllp.exchange import Answer
from localdb.sources.mllp.framing import Deframer, framed
from tests.unit.sources.mllp.standing_in import message

QUICK = Patience(connect=5, answer=0.3, tries=3, rest=0.001, longest=0.002)


class Receiver:
    """Does for the n-th message what the n-th act says; remembers what came over which connection."""

    def __init__(self, *acts):
        self.acts, self.got, self.connections = list(acts), [], 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader, writer):
        self.connections += 1
        deframer = Deframer()
        try:
            while data := await reader.read(65536):
                for piece in deframer.feed(data):
                    self.got.append(piece.data)
                    if await self.acts[len(self.got) - 1](writer, piece.data) is False:
                        return
        except ConnectionError:
            return
        finally:
            writer.close()


def saying(code, of=None, split=1):
    from localdb.clock import present

    async def act(writer, data):
        for one in answers(of or data, Answer(code=code), present(), "W"):
            frame = framed(one)
            for n in range(0, len(frame), max(1, len(frame) // split)):
                writer.write(frame[n : n + max(1, len(frame) // split)])
                await writer.drain()

    return act


async def silent(writer, data):
    return None


async def closing(writer, data):
    return False


async def chattering(writer, data):
    writer.write(framed(b"HTTP/1.1 200 OK"))
    await writer.drain()


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


def after(*acts, sends=1):
    """What the client says of each message, what the receiver got, over how many connections."""

    async def story():
        receiver = Receiver(*acts)
        async with receiver as port, Client("127.0.0.1", port, patience=QUICK) as client:
            said = [await client.send(message(n)) for n in range(sends)]
        return said, receiver

    return run(story())


def test_one_connection_serves_many_messages_and_answers_in_pieces():
    said, receiver = after(saying("AA", split=5), saying("AR"), sends=2)
    assert [s.code for s in said] == ["AA", "AR"] and receiver.connections == 1


def test_silence_and_a_broken_line_are_repeated_byte_for_byte_over_a_new_connection():
    said, receiver = after(silent, closing, saying("AA"))
    assert said[0].code == "AA"
    assert receiver.got == [message(0)] * 3 and receiver.connections == 3


def test_ae_is_repeated_and_ar_is_not():
    said, receiver = after(saying("AE"), saying("AA"))
    assert said[0].code == "AA" and len(receiver.got) == 2
    said, receiver = after(saying("AR"))
    assert said[0].code == "AR" and len(receiver.got) == 1
    said, receiver = after(saying("AE"), saying("AE"), saying("AE"))
    assert said[0].code == "AE" and len(receiver.got) == 3


def test_the_late_answer_to_another_message_is_passed_over():
    async def both(writer, data):
        await saying("AA", of=message(99))(writer, data)
        await saying("AR")(writer, data)

    said, _ = after(both)
    assert (said[0].code, said[0].control_id) == ("AR", "C0")


def test_what_is_not_known_raises():
    with pytest.raises(NoAnswer):
        after(silent, silent, silent)
    with pytest.raises(NotAnAnswer):
        after(chattering, chattering, chattering)

    async def nobody():
        async with Receiver() as port:
            pass
        async with Client("127.0.0.1", port, patience=QUICK) as client:
            await client.send(message(1))

    with pytest.raises(NotConnected):
        run(nobody())
