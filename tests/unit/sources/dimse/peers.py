"""pynetdicom as the other side: a sender that sends files byte for byte, and bytes that are no DICOM at all."""

from __future__ import annotations

import io
import socket
import struct
import threading
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from pydicom import dcmread
from pydicom.filereader import read_file_meta_info
from pynetdicom import AE, build_context
from pynetdicom.sop_class import CTImageStorage, Verification
from pynetdicom.transport import AssociationSocket

from localdb.clock import present
from localdb.sources.dimse.exchange import STORED, Stored
from localdb.sources.dimse.listener import StoreListener, listening

SEQUENTIAL = "1.2.840.10008.1.2.1"
USUAL = [build_context(Verification), build_context(CTImageStorage, SEQUENTIAL)]


class _Closing(AssociationSocket):
    """pynetdicom leaves a socket open where the other side has gone before."""

    def _shutdown_socket(self) -> None:
        held = self.socket
        super()._shutdown_socket()
        held.close()


class Sender(AE):
    """An application entity that asks for associations."""

    def __init__(self, title: str = "SENDER") -> None:
        super().__init__(title)
        self.acse_timeout = self.dimse_timeout = self.network_timeout = self.connection_timeout = 20

    def _create_socket(self, assoc, address, tls_args):
        made = _Closing(assoc, address=address)
        made.tls_args = tls_args
        return made


class Keeper:
    """Takes what comes. `answer` is what each is answered with; while `gate` is not set, nobody is answered."""

    def __init__(self, answer: Stored | BaseException | None = None) -> None:
        self.received, self.answer = [], answer or Stored(STORED)
        self.gate = threading.Event()
        self.gate.set()
        self.came = threading.Event()
        self.events: list[tuple[str, str]] = []
        self.happened = threading.Condition()

    def take(self, received):
        self.received.append(received)
        self.came.set()
        assert self.gate.wait(30)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def _note(self, what, code=""):
        with self.happened:
            self.events.append((what, code))
            self.happened.notify_all()

    def opened(self, peer):
        self._note("opened")

    def closed(self, peer, code):
        self._note("closed", code)

    def refused(self, peer, code):
        self._note("refused", code)

    def echoed(self, peer):
        self._note("echoed")

    def until(self, what, code=""):
        """Waits for that event."""
        with self.happened:
            assert self.happened.wait_for(lambda: (what, code) in self.events, 30), self.events


@contextmanager
def listener(keeper: Keeper, **more):
    """(port, listener) of one that gives to `keeper`."""
    made = StoreListener(
        **{"title": "WARDLAMP", "host": "127.0.0.1", "port": 0, "take": keeper.take, "clock": present, "watch": keeper,
           **more}
    )  # fmt: skip
    with listening(made) as port:
        yield port, made


@contextmanager
def associated(port: int, contexts: Sequence = (), *, called="WARDLAMP", calling="SENDER", tls=None):
    """An established association (or a refused one)."""
    made = Sender(calling).associate(
        "127.0.0.1", port, contexts=list(contexts) or USUAL, ae_title=called,
        tls_args=(tls, "localhost") if tls else None, max_pdu=0,
    )  # fmt: skip
    try:
        yield made
    finally:
        if made.is_established:
            made.release()


def meta_of(file: Path):
    """(SOP class, SOP instance, transfer syntax) of a DICOM file; None where it has not all three, or
    does not say where its data set begins."""
    meta = read_file_meta_info(file)
    if "FileMetaInformationGroupLength" not in meta:
        return None
    found = tuple(
        str(meta.get(k, "")) for k in ("MediaStorageSOPClassUID", "MediaStorageSOPInstanceUID", "TransferSyntaxUID")
    )
    return found if all(found) else None


def dataset_bytes(data: bytes) -> bytes:
    """A DICOM file's data set, without preamble and file meta information."""
    stream = io.BytesIO(data)
    dcmread(stream, stop_before_pixels=True, specific_tags=[])
    # PS3.10 §7.1: (0002,0000) tells how long the rest of the file meta information is.
    stream.seek(128 + 4 + 8)
    length = struct.unpack("<L", stream.read(4))[0]
    return data[128 + 4 + 12 + length :]


def command(context: int, elements: dict[int, bytes]) -> bytes:
    """A P-DATA-TF PDU with one whole command set (PS3.7 annex E, PS3.8 annex E); `elements` by element number."""
    body = b"".join(struct.pack("<HHL", 0, e, len(v)) + v for e, v in sorted(elements.items()))
    group = struct.pack("<HHLL", 0, 0, 4, len(body))
    return p_data(context, 0x03, group + body)


def p_data(context: int, header: int, data: bytes) -> bytes:
    pdv = struct.pack(">LBB", len(data) + 2, context, header) + data
    return struct.pack(">BBL", 0x04, 0, len(pdv)) + pdv


def store_request(context: int, sop_class: str, instance: str) -> bytes:
    """The command of a C-STORE whose data set is to follow."""

    def uid(text: str) -> bytes:
        raw = text.encode()
        return raw + b"\0" * (len(raw) % 2)

    return command(
        context,
        {0x0002: uid(sop_class), 0x0100: b"\x01\x00", 0x0110: b"\x01\x00", 0x0700: b"\x00\x00", 0x0800: b"\x01\x00",
         0x1000: uid(instance)},
    )  # fmt: skip


def raw(port: int, data: bytes, *, reads: bool = True) -> bytes:
    """Sends bytes over a new connection and reads until the other side closes it."""
    with socket.create_connection(("127.0.0.1", port), 30) as line:
        try:
            line.sendall(data)
            if not reads:
                return b""
            line.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := line.recv(4096):
                answer += piece
        except ConnectionError:
            return b""
        return answer
