"""MLLP with real senders and receivers of other makers, with and without TLS (STACK-counterparts 4).

python-hl7 in each run of the tests; node-hl7-server, node-hl7-client and hl7apy under --long.
"""

import asyncio
import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import hl7
import hl7.client
import hl7.mllp
import pytest

from localdb.clock import present
from localdb.sources.mllp.client import Client, NoAnswer, Patience
from localdb.sources.mllp.exchange import Answer
from localdb.sources.mllp.listener import Listener, listening
from tests.conftest import LONG, ROOT
from tests.flows.feeding.serving import free_port
from tests.servers.certificates import Authority

NODE = ROOT / "tests" / "servers" / "node"
long_only = pytest.mark.skipif(not LONG, reason="one maker in each run; the others under --long")
MESSAGE = (
    "MSH|^~\\&|PAS|HOSP|WL|WARD|20261126120000||{type}|{id}|P|2.5|||||GBR|UNICODE UTF-8\r"
    "EVN|A01|20261126120000\rPID|1||7^^^HOSP^MR||Müller^Zoë||19500101|F\rPV1|1|I|{note}\r"
)
ONCE = Patience(tries=1, answer=10)


def message(control="C1", note="W1", type_="ADT^A01^ADT_A01"):
    return MESSAGE.format(id=control, note=note, type=type_).encode()


class Kept:
    """Remembers what came, answers AR to what has `REJECTME` in it."""

    def __init__(self):
        self.data = []

    async def take(self, batch):
        self.data += [r.data for r in batch]
        return [
            Answer(code="AR", reason="hl7.no_patient", text="of nobody") if b"REJECTME" in r.data else Answer(code="AA")
            for r in batch
        ]


def ours(kept, context=None):
    return listening(
        Listener(feed="f", source="s", host="127.0.0.1", port=0, take=kept.take, clock=present, context=context)
    )


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 60))


@pytest.fixture(params=["clear", "tls"])
def authority(request, tmp_path):
    return Authority(tmp_path / "certificates") if request.param == "tls" else None


# -- their senders, our listener ------------------------------------------------------------------------------------


def test_python_hl7_sends_to_us(authority):
    async def story():
        kept = Kept()
        async with ours(kept, authority and authority.server(client_certificates=True)) as port:
            reader, writer = await hl7.mllp.open_hl7_connection(
                "127.0.0.1", port, encoding="utf-8", ssl=authority.client() if authority else None
            )
            said = []
            for control, note in (("C1", "W1"), ("C2", "REJECTME")):
                writer.writemessage(hl7.parse(message(control, note).decode()))
                await writer.drain()
                said.append(await reader.readmessage())
            writer.close()
            await writer.wait_closed()
        assert [(str(m.segment("MSA")[1]), str(m.segment("MSA")[2])) for m in said] == [("AA", "C1"), ("AR", "C2")]
        assert str(said[1].segment("ERR")[5]) == "hl7.no_patient"
        assert kept.data[0].decode().split("\r")[2].split("|")[5] == "Müller^Zoë"

    run(story())


def test_python_hl7s_plain_client_sends_to_us():
    """mllp_send's own client: it reads one answer from the socket."""

    async def story():
        kept = Kept()

        def send(port):
            with hl7.client.MLLPClient("127.0.0.1", port) as client:
                return client.send_message(message())

        async with ours(kept) as port:
            answer = await asyncio.to_thread(send, port)
        assert b"MSA|AA|C1" in answer and kept.data == [message()]

    run(story())


@long_only
def test_node_sends_to_us(authority, tmp_path):
    file = tmp_path / "message.hl7"
    file.write_bytes(message())

    async def story():
        kept = Kept()
        async with ours(kept, authority and authority.server(client_certificates=True)) as port:
            more = [str(authority.folder)] if authority else []
            peer = await asyncio.create_subprocess_exec(
                node(), "hl7.cjs", "send", str(port), str(file), *more, cwd=NODE, stdout=asyncio.subprocess.PIPE
            )
            said, _ = await peer.communicate()
        assert b"MSA|AA|C1" in said, said
        assert kept.data[0].decode().split("\r")[2].split("|")[5] == "Müller^Zoë"

    run(story())


# -- our client, their receivers ------------------------------------------------------------------------------------


def test_we_send_to_python_hl7(authority):
    got = []

    async def on(reader, writer):
        try:
            while True:
                one = await reader.readmessage()
                got.append(str(one.segment("PID")[5]))
                writer.writemessage(one.create_ack("AE" if "REJECTME" in str(one) else "AA"))
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()

    async def story():
        context = authority.server(client_certificates=True) if authority else None
        server = await hl7.mllp.start_hl7_server(on, host="127.0.0.1", port=0, encoding="utf-8", ssl=context)
        port = server.sockets[0].getsockname()[1]
        async with Client(
            "127.0.0.1", port, context=authority.client() if authority else None, patience=ONCE
        ) as client:
            codes = [(await client.send(message("C1"))).code, (await client.send(message("C2", "REJECTME"))).code]
            assert client.connected == 1
        server.close()
        await server.wait_closed()
        assert codes == ["AA", "AE"] and got == ["Müller^Zoë"] * 2

    run(story())


@long_only
def test_we_send_to_node(authority):
    port = free_port()
    more = [str(authority.folder)] if authority else []
    with peer([node(), "hl7.cjs", "recv", str(port), *more], NODE) as process:

        async def story():
            patience = Patience(tries=1, answer=2)
            context = authority.client() if authority else None
            async with Client("127.0.0.1", port, context=context, patience=patience) as client:
                assert (await client.send(message("C1"))).code == "AA"
                assert (await client.send(message("C2", "REJECTME"))).code == "AE"
                with pytest.raises(NoAnswer):  # it withholds the answer: only the timeout tells
                    await client.send(message("C3", "NOACK"))

        run(story())
        line = process.stdout.readline()
        assert line.startswith("RECV ") and "Müller" in json.loads(line[5:])


@long_only
def test_we_send_to_hl7apy():
    port = free_port()
    with peer([sys.executable, str(ROOT / "tests/servers/hl7apy_peer.py"), str(port)], ROOT):

        async def story():
            async with Client("127.0.0.1", port, patience=ONCE) as client:
                assert (await client.send(message("C1"))).code == "AA"
            async with Client("127.0.0.1", port, patience=ONCE) as client:
                assert (await client.send(message("C2", type_="ADT^A02^ADT_A02"))).code == "AR"

        run(story())


def node():
    binaries = sorted((NODE / "node_modules").glob("node-linux-*/bin/node"))
    assert binaries, "the npm packages of the test servers are not installed: run packaging/check.sh"
    return str(Path(binaries[0]))


@contextmanager
def peer(command, folder):
    """A receiver of another maker, while the block runs; it has said that it listens."""
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "listening\n"
            yield process
        finally:
            process.kill()
