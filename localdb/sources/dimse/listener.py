"""The storage listener: modalities and archives send objects (C-STORE) and ask whether we live (C-ECHO).

Rules: an object is answered after the commit that holds it (`exchange`); what an association sent before it broke stays,
and nothing half is ever handed over; a peer that may not connect, by address, certificate or AE title, is refused before
anything of it is read; who is slow, silent or too large holds up nobody else and is cut off within `Limits`. A stop takes
no more, answers what is being committed, and closes.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from ipaddress import ip_address, ip_network
from time import monotonic
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]
from pynetdicom.transport import AddressInformation

from localdb.clock import Clock
from localdb.sources.dimse.exchange import (
    BROKEN,
    TRY_AGAIN,
    Limits,
    NoWatch,
    Stored,
    Take,
    Watch,
)
from localdb.sources.dimse.wire import Line, Room, bound, hand_over, preferred
from localdb.sources.mllp.connection import name_of
from localdb.sources.mllp.listener import CannotListen

_BACKLOG = 64
_REST = 0.1  # after the system refused to give a socket (too many files open)
TITLE_REFUSED, ADDRESS_REFUSED, TOO_MANY, TLS_FAILED = (
    "dimse.title_refused", "dimse.address_refused", "dimse.too_many", "dimse.tls_failed")  # fmt: skip


class _Accepted(Association):
    """One association that a peer asked for."""

    def __init__(self, listener: StoreListener, sock: socket.socket, address: Any) -> None:
        super().__init__(listener.entity, "acceptor")
        self._listener, self.peer = listener, name_of(address)
        self.name = f"dicom {self.peer}"
        bound(self, listener.limits)
        self.line = Line(self, listener.limits, listener.room, client_socket=sock)
        self.set_socket(self.line)
        self.acceptor.maximum_length = listener.limits.pdu
        self.acceptor.ae_title = listener.entity.ae_title
        self.acceptor.address_info = AddressInformation.from_tuple(sock.getsockname())
        self.acceptor.implementation_class_uid = listener.entity.implementation_class_uid
        self.acceptor.implementation_version_name = listener.entity.implementation_version_name
        self.acceptor.supported_contexts = deepcopy(listener.entity.supported_contexts)
        self.requestor.address_info = AddressInformation.from_tuple(address)
        self.bind(evt.EVT_C_STORE, self._store)
        self.bind(evt.EVT_C_ECHO, self._echo)
        self.bind(evt.EVT_PDU_SENT, self._sent)
        self.bind(evt.EVT_REQUESTED, self._prefer)
        self.bind(evt.EVT_REJECTED, self._rejected)
        self.code = ""
        self.is_storing = False

    def run_reactor(self) -> None:
        try:
            super().run_reactor()
        except Exception:  # noqa: BLE001 a request that is none: pynetdicom stumbles over it, and the peer is gone
            self.is_aborted = True
        finally:
            self.line.shut()
            self.dul.kill_dul()
            if self.line.socket is not None:
                self.line.socket.close()
            self.line.leave(is_over=True)
            ended = "" if self.is_released or self.is_rejected else BROKEN
            self._listener.gone(self, self.code or self.line.fault or ended)

    def _prefer(self, event: evt.Event) -> None:
        """The peer offers transfer syntaxes; pynetdicom takes the first."""
        asked = self.requestor.primitive
        if not isinstance(asked, A_ASSOCIATE):  # the peer has gone already
            return
        for context in asked.presentation_context_definition_list:
            context.transfer_syntax = preferred(context.transfer_syntax)

    def _rejected(self, event: evt.Event) -> None:
        self.code = TITLE_REFUSED

    def _echo(self, event: evt.Event) -> int:
        self.line.leave()
        self._listener.watch.echoed(self.peer)
        return 0x0000

    def _sent(self, event: evt.Event) -> None:
        """An answer has left: only then a stop may close the line."""
        if self.is_storing:
            self.is_storing = False
            self._listener.answered()

    def _store(self, event: evt.Event) -> Dataset:
        answer = Dataset()
        self.is_storing = True
        try:
            stored = self._listener.stored(self.peer, event)
        finally:
            self.line.leave()
        answer.Status = stored.status
        if stored.code:
            answer.ErrorComment = stored.code[:64]
        return answer


class StoreListener:
    """Listens at `host`:`port` under the AE title `title` from `start` to `stop`.

    `callers`: the calling AE titles that are let in (empty: all); `is_called_strictly`: only who calls `title` is.
    `context` makes it TLS; `senders` are the addresses and networks that may connect (empty: all).
    """

    def __init__(
        self,
        *,
        title: str,
        host: str,
        port: int,
        take: Take,
        clock: Clock,
        watch: Watch | None = None,
        context: ssl.SSLContext | None = None,
        senders: Sequence[str] = (),
        callers: Sequence[str] = (),
        is_called_strictly: bool = True,
        limits: Limits | None = None,
    ) -> None:
        self._host, self._port, self._take, self._clock, self._context = host, port, take, clock, context
        self.watch: Watch = watch or NoWatch()
        self.limits = limits or Limits()
        self._senders = [ip_network(s, strict=False) for s in senders]
        self.entity = AE(title)
        self.entity.require_called_aet = is_called_strictly
        self.entity.require_calling_aet = list(callers)
        self.entity.maximum_associations = 2 * self.limits.associations  # counted here, before anything is read
        self.entity.acse_timeout = self.limits.request
        self.entity.network_timeout = self.limits.idle
        self.entity.dimse_timeout = self.limits.idle
        self.entity.add_supported_context(Verification)
        self.room = Room(self.limits)
        self._socket: socket.socket | None = None
        self._accepting: threading.Thread | None = None
        self._opening: set[threading.Thread] = set()
        self._addresses: Counter[str] = Counter()
        self._open: set[_Accepted] = set()
        self._changed = threading.Condition()
        self._is_over = threading.Event()

    # -- life -------------------------------------------------------------------------------------------------------

    def start(self) -> int:
        """Listens; returns the port. Raises feed.cannot_listen."""
        made = socket.socket(socket.AF_INET6 if ":" in self._host else socket.AF_INET, socket.SOCK_STREAM)
        try:
            if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # on Windows SO_REUSEADDR would let another program listen too
                made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((self._host, self._port))
            made.listen(_BACKLOG)
        except OSError as error:
            made.close()
            raise CannotListen("The feed cannot listen on its address and port.") from error
        self._socket = made
        self._accepting = threading.Thread(target=self._accept, args=(made,), name="dicom accept", daemon=True)
        self._accepting.start()
        return int(made.getsockname()[1])

    def stop(self) -> None:
        """Takes no more, lets what is being committed be answered (at most `grace` seconds), and closes."""
        self._is_over.set()
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)  # wakes `accept`
            self._socket.close()
        if self._accepting is not None:
            self._accepting.join()
        for thread in list(self._opening):
            thread.join()
        end = monotonic() + self.limits.grace
        with self._changed:
            while any(a.is_storing for a in self._open) and self._changed.wait(end - monotonic()):
                continue
            left = list(self._open)
        for association in left:
            association.abort()
            association.line.shut()
        for association in left:
            association.join()

    @property
    def open_associations(self) -> int:
        with self._changed:
            return len(self._open)

    # -- who connects -----------------------------------------------------------------------------------------------

    def _accept(self, listening: socket.socket) -> None:
        while not self._is_over.is_set():
            try:
                sock, address = listening.accept()
            except OSError:  # closed, or no file is free, or the peer has gone already
                self._is_over.wait(_REST)
                continue
            code = self._unwanted(str(address[0]))
            if code:
                sock.close()
                self.watch.refused(name_of(address), code)
                continue
            with self._changed:
                self._addresses[str(address[0])] += 1
            thread = threading.Thread(target=self._let_in, args=(sock, address), name="dicom handshake", daemon=True)
            self._opening.add(thread)
            thread.start()

    def _unwanted(self, address: str) -> str:
        """Why it may not connect; "" where it may."""
        bare = ip_address(address.split("%", 1)[0])
        mapped = getattr(bare, "ipv4_mapped", None) or bare
        if self._senders and not any(mapped in n for n in self._senders if n.version == mapped.version):
            return ADDRESS_REFUSED
        with self._changed:
            if self._addresses.total() >= self.limits.associations:
                return TOO_MANY
            return TOO_MANY if self._addresses[address] >= self.limits.per_address else ""

    def _let_in(self, sock: socket.socket, address: Any) -> None:
        """The handshake, in a thread of its own, then the association in its own."""
        association = None
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if self._context is not None:
                sock.settimeout(self.limits.handshake)
                sock = self._context.wrap_socket(sock, server_side=True)
            association = _Accepted(self, sock, address)
        except (OSError, ValueError):  # ssl.SSLError is an OSError
            sock.close()
            self.watch.refused(name_of(address), TLS_FAILED if self._context else BROKEN)
        finally:
            self._opening.discard(threading.current_thread())
            if association is None:
                self._forget(str(address[0]))
        if association is None:
            return
        with self._changed:
            self._open.add(association)
        self.watch.opened(association.peer)
        association.start()

    def _forget(self, address: str) -> None:
        with self._changed:
            self._addresses[address] -= 1
            if self._addresses[address] <= 0:
                del self._addresses[address]

    def gone(self, association: _Accepted, code: str) -> None:
        """An association has ended."""
        with self._changed:
            self._open.discard(association)
            self._changed.notify_all()
        self._forget(association.peer.rpartition(":")[0].strip("[]"))
        if code == TITLE_REFUSED:
            self.watch.refused(association.peer, code)
        self.watch.closed(association.peer, "" if code == TITLE_REFUSED else code)

    # -- what they send ---------------------------------------------------------------------------------------------

    def stored(self, peer: str, event: evt.Event) -> Stored:
        """Hands one object over; never raises."""
        if self._is_over.is_set():
            return Stored(TRY_AGAIN, "feed.stopped")
        return hand_over(event, self._take, peer, self._clock, self.limits)

    def answered(self) -> None:
        """An object was: a stop may wait for that."""
        with self._changed:
            self._changed.notify_all()


@contextlib.contextmanager
def listening(listener: StoreListener) -> Iterator[int]:
    """A listener for the length of a `with`: gives its port."""
    try:
        yield listener.start()
    finally:
        listener.stop()
