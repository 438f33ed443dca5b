"""A real conversation (association, C-ECHO, C-STORE, release) with its bytes changed at random: the listener goes on.

Whatever comes: the next sender is served, nothing that was not whole is handed over, no memory stays held, no thread is
left, and nothing is printed.
"""

from __future__ import annotations

import random
import socket
import struct
import threading

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pynetdicom import evt

from localdb.sources.dimse.exchange import Limits
from tests.conftest import LONG
from tests.servers import dcmtk
from tests.unit.sources.dimse.peers import USUAL, Keeper, Sender, listener

TIMES = 1500 if LONG else 25
SEED = 19
LIMITS = Limits(request=0.4, stall=0.4, idle=0.8, object=60_000, buffered=200_000, patience=0.4)


@pytest.fixture(scope="module")
def conversation() -> list[bytes]:
    """What a sender writes, PDU by PDU."""
    written: list[bytes] = []
    with listener(Keeper()) as (port, _):
        made = Sender().associate(
            "127.0.0.1", port, contexts=USUAL, ae_title="WARDLAMP", max_pdu=16_384,
            evt_handlers=[(evt.EVT_DATA_SENT, lambda event: written.append(event.data))],
        )  # fmt: skip
        made.send_c_echo()
        made.send_c_store(dcmread(get_testdata_file("CT_small.dcm")))
        made.release()
    assert len(written) >= 5
    return written


def changed(pdus: list[bytes], rng: random.Random) -> bytes:
    """The conversation with one or a few things wrong with it."""
    pdus = list(pdus)
    for _ in range(rng.randint(1, 3)):
        n = rng.randrange(len(pdus))
        kind = rng.randrange(7)
        if kind == 0:
            del pdus[n]
        elif kind == 1:
            pdus.insert(n, pdus[rng.randrange(len(pdus))])
        elif kind == 2:
            pdus[n] = pdus[n][: rng.randrange(len(pdus[n]) + 1)]
        elif kind == 3:
            data = bytearray(pdus[n])
            for _ in range(rng.randint(1, 8)):
                if data:
                    data[rng.randrange(min(len(data), 200))] = rng.randrange(256)
            pdus[n] = bytes(data)
        elif kind == 4 and len(pdus[n]) >= 6:  # a length that lies
            pdus[n] = pdus[n][:2] + struct.pack(">L", rng.choice([0, 1, 5, 2**16, 2**31, 2**32 - 1])) + pdus[n][6:]
        elif kind == 5:
            rng.shuffle(pdus)
        else:
            pdus[n] = rng.randbytes(rng.randrange(200))
        if not pdus:
            pdus = [b"\x04"]
    return b"".join(pdus)


def test_whatever_comes_the_next_sender_is_served(conversation: list[bytes], capfd: pytest.CaptureFixture[str]) -> None:
    keeper, rng = Keeper(), random.Random(SEED)
    whole = len(conversation[0])
    assert whole > 100
    with listener(keeper, limits=LIMITS) as (port, held):
        for n in range(TIMES):
            with socket.create_connection(("127.0.0.1", port), 10) as line:
                line.settimeout(5)
                try:
                    line.sendall(changed(conversation, rng))
                    if n % 2:
                        line.shutdown(socket.SHUT_WR)
                        while line.recv(65536):
                            continue
                except (ConnectionError, TimeoutError, OSError):
                    continue  # it was ended: that is what should become of it
        with keeper.happened:
            done = keeper.happened.wait_for(lambda: held.open_associations == 0, 30)
        assert done, "associations are left"
        assert dcmtk.echoscu(port) == 0
        assert held.room.held == 0
    for received in keeper.received:
        assert received.fault in ("", "dimse.too_large")
        assert received.data[128:132] == b"DICM"
    left = [t.name for t in threading.enumerate() if t.name.startswith("dicom") or "Association" in type(t).__name__]
    assert left == []
    assert capfd.readouterr().err == ""
