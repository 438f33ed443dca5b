"""The listener over real sockets: an answer only after the commit, many senders, and hostile ones within the limits."""

import asyncio
import socket
import ssl
import tracemalloc

import pytest

from localdb.errors import EnvironmentFault
from localdb.sources.mllp.acks import read_acknowledgement
from localdb.sources.mllp.client import Client, NotConnected, Patience
from localdb.sources.mllp.exchange import HALF, STRAY, TOO_LARGE, Answer, Limits
from localdb.sources.mllp.framing import Deframer, framed
from localdb.sources.mllp.listener import CannotListen
from tests.servers.certificates import Authority
from tests.unit.sources.mllp.standing_in import Seen, Store, listener, message

AT_ONCE = Patience(tries=1, answer=20)


class Wire:
    """A sender that does as it is told, to the byte."""

    def __init__(self, reader, writer):
        self.reader, self.writer, self.deframer, self.got = reader, writer, Deframer(), []

    @classmethod
    async def to(cls, port, **more):
        return cls(*await asyncio.open_connection("127.0.0.1", port, **more))

    async def send(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self):
        async with asyncio.timeout(20):
            while not self.got:
                data = await self.reader.read(65536)
                assert data, "closed without an answer"
                self.got += [p.data for p in self.deframer.feed(data)]
        return read_acknowledgement(self.got.pop(0))

    async def is_closed(self):
        async with asyncio.timeout(20):
            try:
                while await self.reader.read(65536):
                    pass
            except ConnectionError:
                pass
        await self.close()
        return True

    async def close(self):
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except (OSError, ssl.SSLError):
            self.writer.transport.abort()


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 120))


def test_an_answer_leaves_only_after_the_commit():
    async def story():
        store = Store()
        store.open.clear()
        async with listener(store) as port:
            wire = await Wire.to(port)
            await wire.send(framed(message(1)))
            await asyncio.wait_for(store.begun.wait(), 20)
            early = asyncio.create_task(wire.answer())
            done, _ = await asyncio.wait([early], timeout=0.05)
            assert not done, "acknowledged before it was durable"
            store.open.set()
            said = await early
            assert (said.code, said.control_id) == ("AA", "C1")
            assert store.taken[0].data == message(1) and store.taken[0].source == "lims"
            await wire.close()

    run(story())


def test_what_arrives_during_a_commit_is_the_next_one():
    async def story():
        store = Store()
        store.open.clear()
        seen = Seen()
        async with listener(store, seen) as port:
            wire = await Wire.to(port)
            stream = b"".join(framed(message(n)) for n in range(50))
            await wire.send(framed(message(999)))
            await asyncio.wait_for(store.begun.wait(), 20)
            await wire.send(stream)
            async with asyncio.timeout(20):
                while seen.bytes < len(stream) + len(framed(message(999))):
                    await asyncio.sleep(0)
            store.open.set()
            answered = [(await wire.answer()).control_id for _ in range(51)]
            assert answered == ["C999", *(f"C{n}" for n in range(50))]
            assert [len(b) for b in store.batches] == [1, 50]
            await wire.close()

    run(story())


def test_twenty_senders_get_each_their_own_answers():
    async def story():
        store = Store()

        async def sender(port, who):
            async with Client("127.0.0.1", port, patience=AT_ONCE) as client:
                return [(await client.send(message(who * 1000 + n))).control_id for n in range(40)]

        async with listener(store) as port:
            answered = await asyncio.gather(*(sender(port, who) for who in range(20)))
        for who, own in enumerate(answered):
            assert own == [f"C{who * 1000 + n}" for n in range(40)]
        assert len({r.data for r in store.taken}) == len(store.taken) == 800

    run(story())


@pytest.mark.parametrize(
    ("answer", "code", "reason"),
    [
        (Answer(code="AA"), "AA", ""),
        (Answer(code="AE", reason="disk.full", text="no room"), "AE", "disk.full"),
        (Answer(code="AR", reason="hl7.no_patient", text="of nobody"), "AR", "hl7.no_patient"),
    ],
)
def test_the_senders_word_with_its_reason(answer, code, reason):
    async def story():
        async with listener(Store(lambda _: answer)) as port:
            wire = await Wire.to(port)
            await wire.send(framed(message(1)))
            said = await wire.answer()
            assert (said.code, said.control_id, said.reason) == (code, "C1", reason)
            await wire.close()

    run(story())


def test_a_store_that_fails_is_answered_with_ae_and_goes_on():
    async def story():
        store = Store()

        def says(received):
            if b"|C1|" in received.data:
                raise OSError("no space")
            return Answer(code="AA")

        store.says = says
        async with listener(store) as port:
            wire = await Wire.to(port)
            await wire.send(framed(message(1)))
            assert (await wire.answer()).code == "AE"
            await wire.send(framed(message(2)))
            assert (await wire.answer()).code == "AA"
            await wire.close()

    run(story())


def test_an_answer_that_cannot_be_made_costs_its_connection_alone(monkeypatch):
    from localdb.sources.mllp import connection

    real = connection.answers

    def failing(data, *more):
        if b"|C1|" in data:
            raise RuntimeError("a fault of ours")
        return real(data, *more)

    monkeypatch.setattr(connection, "answers", failing)

    async def story():
        async with listener(Store()) as port:
            one, other = await Wire.to(port), await Wire.to(port)
            await one.send(framed(message(1)))
            assert await one.is_closed()
            await other.send(framed(message(2)))
            assert (await other.answer()).control_id == "C2"
            await other.close()

    run(story())


def test_nothing_to_say_closes_so_that_the_sender_tries_again():
    async def story():
        async with listener(Store(lambda _: Answer(code=""))) as port:
            wire = await Wire.to(port)
            await wire.send(framed(message(1)))
            assert await wire.is_closed()

    run(story())


def test_enhanced_mode_answers_what_was_asked_for():
    async def story():
        async with listener(Store()) as port:
            wire = await Wire.to(port)
            await wire.send(framed(message(1, extra=b"|||AL|AL")))
            assert [(await wire.answer()).code for _ in range(2)] == ["CA", "AA"]
            await wire.send(framed(message(2, extra=b"|||NE|NE")) + framed(message(3)))
            assert (await wire.answer()).control_id == "C3"
            await wire.close()

    run(story())


def test_bytes_between_frames_and_half_frames_are_given_to_be_set_aside():
    async def story():
        store, seen = Store(), Seen()
        async with listener(store, seen) as port:
            wire = await Wire.to(port)
            await wire.send(b"GET / HTTP/1.1\r\n" + framed(message(1)) + framed(b"") + b"\x0b" + message(2)[:40])
            assert (await wire.answer()).control_id == "C1"
            await wire.close()
            await seen.until("closed", "")
            await store.until(3)
        assert [(r.data, r.fault) for r in store.taken] == [
            (b"GET / HTTP/1.1\r\n", STRAY), (message(1), ""), (message(2)[:40], HALF),
        ]  # fmt: skip

    run(story())


def test_a_half_frame_that_falls_silent_is_cut_off_and_the_others_live():
    async def story():
        store, seen = Store(), Seen()
        async with listener(store, seen, Limits(idle=0.1)) as port:
            idle, other = await Wire.to(port), await Wire.to(port)
            await idle.send(b"\x0b" + message(1))
            assert await idle.is_closed()
            await seen.until("closed", "mllp.idle")
            await other.send(framed(message(2)))
            assert (await other.answer()).code == "AA"
            await other.close()
        assert [r.fault for r in store.taken] == [HALF, ""]

    run(story())


def test_a_slow_sender_is_waited_for_and_a_far_too_slow_one_is_not():
    async def story():
        store, seen = Store(), Seen()
        async with listener(store, seen, Limits(idle=5, slowest=0.5)) as port:
            wire = await Wire.to(port)
            for byte in framed(message(1)):
                await wire.send(bytes([byte]))
            assert (await wire.answer()).code == "AA"
            await wire.send(b"\x0bMSH|")
            sending = asyncio.create_task(drip(wire))
            await seen.until("closed", "mllp.idle")
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            await wire.close()

    async def drip(wire):
        while True:
            await wire.send(b"x")
            await asyncio.sleep(0.01)

    run(story())


def test_a_missing_cr_is_answered_all_the_same():
    async def story():
        async with listener(Store(), limits=Limits(settle=0.01)) as port:
            wire = await Wire.to(port)
            await wire.send(b"\x0b" + message(1) + b"\x1c")
            assert (await wire.answer()).control_id == "C1"
            await wire.close()

    run(story())


def test_fifty_mebibytes_pass_and_a_larger_one_is_refused_but_noted():
    async def story():
        store = Store()
        large = message(1, b"OBX|1|ED|" + b"QUJD" * (50 * 1024 * 256))
        async with listener(store, limits=Limits(frame=52 * 1024 * 1024)) as port:
            wire = await Wire.to(port)
            await wire.send(framed(large))
            assert (await wire.answer()).code == "AA"
            assert store.taken[0].data == large
            store.says = lambda r: Answer(code="AR", reason=r.fault)
            await wire.send(framed(message(2, b"x" * (53 * 1024 * 1024))))
            said = await wire.answer()
            assert (said.code, said.control_id, said.reason) == ("AR", "C2", TOO_LARGE)
            assert store.taken[1].fault == TOO_LARGE and len(store.taken[1].data) <= 64 * 1024
            await wire.close()

    run(story())


def test_a_flood_is_not_read_faster_than_it_is_committed():
    """Eighty MiB in messages of 64 KiB while the store is held back: memory stays within limits, then all are answered."""

    async def story():
        store = Store(lambda r: Answer(code="AA"))
        store.open.clear()
        limits = Limits(queued_bytes=4 << 20, queued_messages=50, batch_bytes=1 << 20, unanswered=20)
        body = b"x" * 65536
        async with listener(store, limits=limits) as port:
            wires = [await Wire.to(port) for _ in range(4)]
            tracemalloc.start()

            async def flood(who, wire):
                for n in range(300):
                    await wire.send(framed(message(who * 1000 + n, body)))

            floods = [asyncio.create_task(flood(w, wire)) for w, wire in enumerate(wires)]
            _, still = await asyncio.wait(floods, timeout=0.5)
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert len(still) == 4, "everything was swallowed before anything was committed"
            assert most < 40 << 20
            store.open.set()
            for wire in wires:
                for _ in range(300):
                    assert (await wire.answer()).code == "AA"
            await asyncio.gather(*floods)
            for wire in wires:
                await wire.close()
        assert len({r.data for r in store.taken}) == 1200

    run(story())


def test_who_never_reads_answers_is_cut_off_and_holds_up_nobody():
    async def story():
        store, seen = Store(), Seen()
        limits = Limits(answers=4096, unread=0.3, unanswered=100000)
        async with listener(store, seen, limits) as port:
            deaf = socket.socket()
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.setblocking(False)
            await asyncio.get_running_loop().sock_connect(deaf, ("127.0.0.1", port))
            loop = asyncio.get_running_loop()
            stream = b"".join(framed(message(n)) for n in range(2000))

            async def pour():
                while True:
                    await loop.sock_sendall(deaf, stream)

            pouring = asyncio.create_task(pour())
            other = await Wire.to(port)
            await other.send(framed(message(7)))
            assert (await other.answer()).control_id == "C7"
            await seen.until("closed", "mllp.unread")
            pouring.cancel()
            await asyncio.gather(pouring, return_exceptions=True)
            deaf.close()
            await other.send(framed(message(8)))
            assert (await other.answer()).control_id == "C8"
            await other.close()

    run(story())


def test_half_frames_of_all_together_have_a_limit():
    async def story():
        seen = Seen()
        async with listener(Store(), seen, Limits(buffered=1 << 20)) as port:
            wires = [await Wire.to(port) for _ in range(4)]
            for wire in wires:
                try:
                    await wire.send(b"\x0bMSH|" + b"x" * 400_000)
                except ConnectionError:
                    break
            await seen.until("closed", "mllp.no_room")
            for wire in wires:
                await wire.close()

    run(story())


def test_only_named_senders_and_only_so_many():
    async def story():
        seen = Seen()
        async with listener(Store(), seen, senders=("10.0.0.0/8",)) as port:
            wire = await Wire.to(port)
            assert await wire.is_closed()
            await seen.until("refused", "mllp.address_refused")
        async with listener(Store(), seen, Limits(per_address=2), senders=("127.0.0.1", "::1")) as port:
            first, second, third = [await Wire.to(port) for _ in range(3)]
            assert await third.is_closed()
            await seen.until("refused", "mllp.too_many")
            await first.close()
            await seen.until("closed", "")
            fourth = await Wire.to(port)
            await fourth.send(framed(message(4)))
            assert (await fourth.answer()).code == "AA"
            for wire in (second, fourth):
                await wire.close()

    run(story())


def test_tls_with_client_certificates(tmp_path):
    own, strange = Authority(tmp_path / "own"), Authority(tmp_path / "strange", "somebody else")

    async def story():
        store, seen = Store(), Seen()
        context = own.server(client_certificates=True)
        async with listener(store, seen, Limits(handshake=0.5), context=context) as port:
            async with Client("127.0.0.1", port, context=own.client(), patience=AT_ONCE) as client:
                assert (await client.send(message(1))).code == "AA"
            await seen.until("closed", "")
            plain = await Wire.to(port)
            await plain.send(framed(message(2)))
            assert await plain.is_closed()
            await seen.until("refused", "mllp.tls_failed")
            silent = await Wire.to(port)
            assert await silent.is_closed()
            await seen.until("refused", "mllp.tls_failed", count=2)
            for wrong in (own.client(shows=False), mixed(own, strange)):
                with pytest.raises(EnvironmentFault) as refused:  # by TLS 1.3 the client sees it when it reads
                    async with Client("127.0.0.1", port, context=wrong, patience=AT_ONCE) as client:
                        await client.send(message(3))
                assert refused.value.code in ("mllp.not_connected", "mllp.no_answer")
            await seen.until("refused", "mllp.tls_failed", count=4)
            with pytest.raises(NotConnected):  # the client does not speak to a server that it does not know
                async with Client("127.0.0.1", port, context=strange.client(), patience=AT_ONCE) as client:
                    await client.send(message(4))
            async with Client("127.0.0.1", port, context=own.client(), patience=AT_ONCE) as client:
                assert (await client.send(message(5))).code == "AA"
        assert [r.data for r in store.taken] == [message(1), message(5)]

    def mixed(knows, signed):
        context = ssl.create_default_context(cafile=str(knows.file))
        context.load_cert_chain(signed.folder / "client.pem", signed.folder / "client.key")
        return context

    run(story())


def test_a_stop_answers_what_came_and_takes_no_more():
    async def story():
        store = Store()
        store.open.clear()
        held = listener(store)
        port = await held.__aenter__()
        wire = await Wire.to(port)
        await wire.send(framed(message(1)) + b"\x0b" + message(2)[:20])
        await asyncio.wait_for(store.begun.wait(), 20)
        ending = asyncio.create_task(held.__aexit__(None, None, None))
        await asyncio.sleep(0)
        with pytest.raises(OSError):
            async with asyncio.timeout(20):
                while True:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.transport.abort()
                    await asyncio.sleep(0)
        store.open.set()
        assert (await wire.answer()).control_id == "C1"
        assert await wire.is_closed()
        await ending
        # The half message is not set aside: its sender has no answer and sends it again after the restart.
        assert [r.data for r in store.taken] == [message(1)]

    run(story())


def test_a_port_in_use_is_said():
    async def story():
        async with listener(Store()) as port:
            from localdb.clock import present
            from localdb.sources.mllp.listener import Listener

            second = Listener(feed="b", source="b", host="127.0.0.1", port=port, take=Store().take, clock=present)
            with pytest.raises(CannotListen):
                await second.start()

    run(story())
