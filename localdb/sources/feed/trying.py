"""`feed test`: does a feed work, point by point. Nothing that it does is kept.

A listener is tried with a query (QRY^A19), which is answered and never kept: at the running feed's own port, else at one
that is opened for the trial. Folders are tried with an empty hidden file, which no feed takes.
"""

from __future__ import annotations

import os
import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from localdb.errors import WardlampError
from localdb.sources.feed.certificates import client_context, server_context
from localdb.sources.feed.control import ask_feed
from localdb.sources.feed.imaging_settings import ASKING_KINDS
from localdb.sources.feed.points import Point
from localdb.sources.feed.settings import FeedSetting
from localdb.vault.secrets import Secret, expires, secret_of

if TYPE_CHECKING:
    from localdb.house import House

SOON_DAYS = 30
SECONDS = 10.0
MESSAGE = (
    "MSH|^~\\&|WARDLAMP|FEEDTEST|||{at}||QRY^A19|WLTEST{at}|P|2.3\r"
    "QRD|{at}|R|I|WLTEST|||1^RD|NOBODY|DEM|ALL\r"
)  # fmt: skip


def try_feed(house: House, feed: FeedSetting) -> list[Point]:
    """Everything that can be tried of one feed."""
    points = [Point("settings", "read and checked")]
    for source in dict.fromkeys((feed.source, *feed.systems.values())):
        if source not in house.profiles.of:
            points.append(Point("source", f"[sources.{source}] is not set: defaults are used"))
    running = _running(house, feed)
    points.append(Point("service", f"runs, this feed is {running['state']}" if running else "does not run here now"))
    if feed.kind in ASKING_KINDS:
        from localdb.sources.feed.trying_images import try_archive

        return points + _own_certificate(house, feed) + try_archive(house, feed)
    return points + (_listener(house, feed, running) if feed.listen else _folder(feed))


def _running(house: House, feed: FeedSetting) -> dict[str, object] | None:
    try:
        found = ask_feed(house.vault, house.keys.control_key(), {"ask": "status"})
    except WardlampError:
        return None
    return next((f for f in found["feeds"] if f["name"] == feed.name), None)


def _folder(feed: FeedSetting) -> list[Point]:
    folder = Path(feed.folder)
    if not folder.is_dir():
        return [Point("folder", "is not there", ok=False)]
    trial = folder / f".wardlamp-trial-{os.getpid()}"
    try:
        trial.touch(exist_ok=False)
        trial.unlink()
    except OSError:
        return [Point("folder", "is there, but files cannot be taken out of it by this user", ok=False)]
    unreadable = sum(not os.access(p, os.R_OK) for p in folder.iterdir() if p.is_file())
    return [Point("folder", "is there, and files can be taken out of it"),
            Point("files", f"{unreadable} of its files cannot be read" if unreadable else "can be read",
                  ok=not unreadable)]  # fmt: skip


def _listener(house: House, feed: FeedSetting, running: dict[str, object] | None) -> list[Point]:
    points: list[Point] = []
    secret = None
    if feed.tls:
        try:
            secret = secret_of(house.vault, house.keys, feed.tls)
            server_context(secret, client_certificates=feed.client_certificates)
        except WardlampError as error:
            return [Point("certificate", error.message, ok=False)]
        points.append(_validity(secret, house.now()))
    elif not feed.address[0].startswith(("127.", "::1")):
        points.append(Point("certificate", "none: what comes is in clear on the network"))
    host, port = feed.address
    if running is not None:
        where = str(running["where"]).rpartition(":")[2]
        if not where.isdigit():
            return [*points, Point("port", f"the running feed does not listen ({running['fault']})", ok=False)]
        if feed.kind == "mllp":
            return points + _spoken(host, int(where), secret, feed)
        from localdb.sources.feed.trying_images import echo_listener

        return [*points, echo_listener(feed, host, int(where), secret, house.now)]
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            if os.name == "posix":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return [*points, Point("port", f"cannot be listened on ({error.strerror})", ok=False)]
    return [*points, Point("port", "is free; start the service to try a message")]


def _own_certificate(house: House, feed: FeedSetting) -> list[Point]:
    """The certificate that an archive is shown, where there is one."""
    try:
        secret = secret_of(house.vault, house.keys, feed.tls) if feed.tls else None
    except WardlampError as error:
        return [Point("certificate", error.message, ok=False)]
    if secret is None:
        here = feed.url.startswith("https:") or (feed.peer or feed.url).split("//")[-1].startswith(
            ("127.", "localhost")
        )
        return [] if here else [Point("certificate", "none: what comes is in clear on the network")]
    return [_validity(secret, house.now())] if secret.certificate else []


def _validity(secret: Secret, now: datetime) -> Point:
    until = expires(secret)
    days = (until - now).days if until else -1
    words = f"valid for {days} more days" if days >= 0 else "has expired"
    return Point("certificate", words + ("; renew it now" if 0 <= days < SOON_DAYS else ""), ok=days >= 0)


def _spoken(host: str, port: int, secret: Secret | None, feed: FeedSetting) -> list[Point]:
    """Sends the query to the running feed and reads its answer."""
    to = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    message = MESSAGE.format(at=datetime.now(UTC).strftime("%Y%m%d%H%M%S"))
    try:
        with socket.create_connection((to, port), SECONDS) as plain, _secured(plain, secret) as line:
            if secret is not None and isinstance(line, ssl.SSLSocket) and not _shows(line, secret):
                return [Point("certificate", "the running feed shows another: restart it", ok=False)]
            line.sendall(b"\x0b" + message.encode() + b"\x1c\r")
            answer = b""
            while b"\x1c" not in answer and (piece := line.recv(4096)):
                answer += piece
    except ssl.SSLError:
        why = "client certificates are required, and its own is not signed by the authorities: not tried further"
        return [Point("message", why if feed.client_certificates else "TLS failed", ok=feed.client_certificates)]
    except OSError as error:
        hint = "; is this machine among its senders?" if feed.senders else ""
        return [Point("message", f"no answer ({type(error).__name__}){hint}", ok=bool(feed.senders))]
    if not answer and (feed.senders or feed.client_certificates):
        return [Point("message", "this machine is not let in, as the settings say: not tried further")]
    ok = b"MSA|AA|" in answer
    return [Point("message", "a query was answered AA, and is not kept" if ok else "was not answered AA", ok=ok)]


def _secured(plain: socket.socket, secret: Secret | None) -> socket.socket:
    return plain if secret is None else client_context(secret).wrap_socket(plain)


def _shows(line: ssl.SSLSocket, secret: Secret) -> bool:
    """Whether the other side shows the certificate of this secret."""
    own = x509.load_pem_x509_certificates(secret.certificate)[0].public_bytes(Encoding.DER)
    return line.getpeercert(binary_form=True) == own
