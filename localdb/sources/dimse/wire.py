"""pynetdicom kept within bounds: silent, nothing in clear files, no PDU and no object larger than the limits say.

pynetdicom logs identifiers, and reads a PDU of whatever length its header claims. Its logger gets no handler here, and
`Line` reads with a limit on the PDU, on the object that it belongs to, and on what all connections hold together.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections import Counter
from io import BytesIO
from time import monotonic
from typing import TYPE_CHECKING, Any, cast

from pydicom import config
from pynetdicom import _config, evt
from pynetdicom.association import Association
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dsutils import encode_file_meta
from pynetdicom.dul import DULServiceProvider
from pynetdicom.pdu_primitives import A_P_ABORT
from pynetdicom.transport import AddressInformation, AssociationSocket

from localdb.clock import Clock
from localdb.sources.dimse.exchange import (
    BROKEN,
    NEVER,
    NO_ROOM,
    SET_ASIDE,
    TOO_LARGE,
    TOO_SLOW,
    TRY_AGAIN,
    Limits,
    Received,
    Stored,
    Take,
)

if TYPE_CHECKING:
    from pydicom.dataset import FileMetaDataset
    from pynetdicom.dimse_primitives import C_STORE
    from pynetdicom.pdu_primitives import A_ASSOCIATE, P_DATA

_config.LOG_HANDLER_LEVEL = "none"
_config.STORE_RECV_CHUNKED_DATASET = False  # it would write each object into a clear temporary file
_config.UNRESTRICTED_STORAGE_SERVICE = True  # a storage class that pynetdicom does not know is one all the same
_config.LOG_REQUEST_IDENTIFIERS = _config.LOG_RESPONSE_IDENTIFIERS = False
config.settings.reading_validation_mode = config.IGNORE  # its warnings repeat the value that they warn of
for _name in ("pynetdicom", "pydicom"):
    _logger = logging.getLogger(_name)
    _logger.addHandler(logging.NullHandler())
    _logger.propagate = False

# What the reader decodes, in the order in which we wish it where a sender leaves the choice: as it lies there and whole.
TRANSFER_SYNTAXES = (
    "1.2.840.10008.1.2.1",  # explicit, little endian
    "1.2.840.10008.1.2.4.70",  # JPEG lossless, SV1
    "1.2.840.10008.1.2.4.90",  # JPEG 2000 lossless
    "1.2.840.10008.1.2.4.80",  # JPEG-LS lossless
    "1.2.840.10008.1.2.5",  # RLE
    "1.2.840.10008.1.2.4.201",  # HTJ2K lossless
    "1.2.840.10008.1.2.4.57",  # JPEG lossless
    "1.2.840.10008.1.2",  # implicit
    "1.2.840.10008.1.2.1.99",  # deflated
    "1.2.840.10008.1.2.2",  # big endian
    "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.4.203",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.8.1",  # deflated frames
    "1.2.840.10008.1.2.4.110",  # JPEG XL; what cannot be decoded is set aside by its reason, and so is not unknown
    "1.2.840.10008.1.2.4.111",
    "1.2.840.10008.1.2.4.112",
)


class LineEnded(OSError):
    """A limit ended the connection; pynetdicom takes it for a broken one. Its argument is the code."""


class Room:
    """What has come of unanswered objects, over all connections of one listener. Blocks who would exceed it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._held: Counter[Line] = Counter()
        self._begun: dict[Line, float] = {}
        self._changed = threading.Condition()

    def enter(self, line: Line, size: int) -> None:
        """`size` more bytes of the object that `line` sends. Waits for room. Raises LineEnded."""
        limits = self._limits
        with self._changed:
            self._check(line)
            begun = self._begun.setdefault(line, monotonic())
            end = monotonic() + limits.patience
            # Whoever is alone goes on: an object may be as large as the room.
            while (total := self._held.total()) + size > limits.buffered and total > self._held[line]:
                if not self._changed.wait(end - monotonic()):
                    raise LineEnded(NO_ROOM)
                self._check(line)
            if monotonic() - begun > limits.slowest:
                raise LineEnded(TOO_SLOW)
            self._held[line] += size

    @staticmethod
    def _check(line: Line) -> None:
        if line.is_over:
            raise LineEnded(BROKEN)

    def leave(self, line: Line, *, is_over: bool = False) -> None:
        """The object is answered, or its connection gone (`is_over`: nothing more may come in over it)."""
        with self._changed:
            line.is_over = line.is_over or is_over
            self._held.pop(line, None)
            self._begun.pop(line, None)
            self._changed.notify_all()

    @property
    def held(self) -> int:
        """Bytes."""
        with self._changed:
            return self._held.total()


class Line(AssociationSocket):
    """A connection that is read within the limits. `fault` says which one ended it."""

    def __init__(
        self,
        assoc: Association,
        limits: Limits,
        room: Room,
        *,
        client_socket: socket.socket | None = None,
        address: AddressInformation | None = None,
    ) -> None:
        super().__init__(assoc, client_socket=client_socket, address=address)
        self._limits, self._room = limits, room
        self.fault = ""
        self.is_over = False
        # A command and its data set are two writes: without this each waits for the other side's delayed acknowledgement.
        cast("socket.socket", self.socket).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def recv(self, nr_bytes: int) -> bytearray:
        """Reads exactly so many bytes, fewer where the peer is gone. Raises OSError."""
        try:
            return self._read(nr_bytes)
        except LineEnded as error:
            self.fault = str(error.args[0])
            self.shut()
            raise
        except TimeoutError:
            self.fault = TOO_SLOW
            raise

    def _read(self, size: int) -> bytearray:
        held = cast("socket.socket", self.socket)
        if size > self._limits.largest_pdu:
            raise LineEnded(TOO_LARGE)
        held.settimeout(self._limits.stall)
        if size > 6:  # not the header of a PDU alone
            self._room.enter(self, size)
        made = bytearray(size)
        view, got = memoryview(made), 0
        while got < size:
            n = held.recv_into(view[got:])
            if not n:
                self.fault = self.fault or (BROKEN if got else "")
                break
            got += n
        view.release()
        return made if got == size else made[:got]

    def leave(self, *, is_over: bool = False) -> None:
        """The object that came last is answered; `is_over`: the connection is at its end."""
        self._room.leave(self, is_over=is_over)

    def _shutdown_socket(self) -> None:
        """pynetdicom leaves the socket open where the peer has gone before."""
        self.shut()
        if self.socket is not None:
            self.socket.close()

    def shut(self) -> None:
        """Ends the connection from any thread; who reads it is woken."""
        held = self.socket
        if held is None:
            return
        try:
            held.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it is closed already


class QuietUpperLayer(DULServiceProvider):
    """A state that PS3.8 has no transition for would end pynetdicom's thread with a traceback: here it ends the
    connection."""

    def run_reactor(self) -> None:
        try:
            super().run_reactor()
        except Exception:  # noqa: BLE001 the peer's bytes brought it there; its words may hold them
            self.assoc.is_aborted, self.assoc.is_established = True, False
            self.assoc._kill = self._kill_thread = True
            self.assoc.dimse.msg_queue.put((None, None))  # whoever waits for an answer
            if isinstance(self.socket, Line):
                self.socket.shut()

    def _read_pdu_data(self) -> None:
        super()._read_pdu_data()
        if self.state_machine.current_state == "Sta2" and self._recv_pdu.empty():
            # Gone before it asked for anything: pynetdicom would wait for its request until the time for that is over.
            self.to_user_queue.put(A_P_ABORT())


def bound(assoc: Association, limits: Limits) -> None:
    """Gives an association its bounded parts, before it has a socket."""
    dul = assoc.dul = QuietUpperLayer(assoc)
    dul.artim_timer.timeout = assoc.acse_timeout
    assoc.network_timeout = assoc.ae.network_timeout  # tells the new one's timer
    assoc.dimse = BoundedMessages(assoc, limits)


class _Beginning(BytesIO):
    """The first bytes of an object that is too large; the rest is dropped as it comes."""

    def write(self, data: Any) -> int:
        return len(data)


class BoundedMessages(DIMSEServiceProvider):
    """Puts objects together, each within `Limits.object`."""

    def __init__(self, assoc: Association, limits: Limits) -> None:
        super().__init__(assoc)
        self._limits = limits

    def receive_primitive(self, primitive: P_DATA) -> None:
        try:
            super().receive_primitive(primitive)
        except Exception:  # noqa: BLE001 a command that is none would end the thread with a traceback; PS3.8: abort
            self.dul.event_queue.put("Evt19")
            return
        message = self.message
        if message is None or message.data_set is None or isinstance(message.data_set, _Beginning):
            return
        if message.encoded_command_set.tell() > self._limits.beginning:
            self.dul.event_queue.put("Evt19")
        elif message.data_set.tell() > self._limits.object:
            message.data_set = _Beginning(message.data_set.getvalue()[: self._limits.beginning])


def part_10(meta: FileMetaDataset, data: bytes) -> bytes:
    """A data set as it came by network, as a file: its bytes are not touched (PS3.10 §7.1)."""
    return b"".join((b"\0" * 128, b"DICM", encode_file_meta(meta), data))


def hand_over(event: evt.Event, take: Take, peer: str, clock: Clock, limits: Limits) -> Stored:
    """Gives one object that came (C-STORE) to whoever stores, and says how it is to be answered. Never raises."""
    request = cast("C_STORE", event.request)
    try:
        held = request.DataSet
        data = held.getvalue() if held is not None else b""
        is_too_large = isinstance(held, _Beginning) or len(data) > limits.object
        data = data[: limits.beginning] if is_too_large else data
        request.DataSet = held = None  # one copy is enough
        made = part_10(event.file_meta, data)
        del data
        fault, uid = TOO_LARGE if is_too_large else "", str(request.AffectedSOPInstanceUID or "")
        stored = take(Received(data=made, peer=peer, at=clock(), fault=fault, uid=uid))
    except Exception:  # noqa: BLE001 whatever it was, it is not durable: its sender keeps it; who stores it logs why
        return Stored(TRY_AGAIN, "feed.no_answer")
    return Stored(NEVER, TOO_LARGE) if is_too_large and stored.status == SET_ASIDE else stored


def preferred(offered: list[Any]) -> list[Any]:
    """The transfer syntaxes that a sender offers, what we decode first, else as offered."""
    place = {syntax: n for n, syntax in enumerate(TRANSFER_SYNTAXES)}
    return sorted(offered, key=lambda t: place.get(str(t), len(place)))


_REASONS = {
    (1, 1): "no reason given",
    (1, 2): "it does not know this application",
    (1, 3): "it does not know our AE title",
    (1, 7): "it is not called by that AE title",
    (3, 1): "it is too busy",
    (3, 2): "it has too many associations",
}


def why_refused(answer: A_ASSOCIATE) -> str:
    """The reason of an A-ASSOCIATE-RJ in words (PS3.8 table 9-21)."""
    return _REASONS.get((answer.result_source or 0, answer.diagnostic or 0), "for a reason of its own")
