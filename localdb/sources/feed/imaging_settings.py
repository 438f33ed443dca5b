"""What a site says about its ways to images: a storage listener, archives that are asked, worklists (checks; pure).

The fields are those of `settings.FeedSetting`; which of them a kind has, and what they may be, is decided here.
"""

from __future__ import annotations

import re
from ipaddress import ip_network
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from localdb.sources.feed.settings import FeedSetting

LISTEN, QUERY, WEB, WORKLIST = "dicom-listen", "dicom-query", "dicomweb", "worklist"
DICOM_KINDS: Final = (LISTEN, QUERY, WEB, WORKLIST)
ASKING_KINDS: Final = (QUERY, WEB, WORKLIST)

_TITLE = re.compile(r"[ -\[\]-~]{1,16}\Z")  # PS3.5 table 6.2-1: AE, without the backslash
_HOST = re.compile(r"[A-Za-z0-9.:_-]{1,253}\Z")
_MODALITY = re.compile(r"[A-Z0-9]{2,16}\Z")

# Whose images an archive is asked for, and which of them.
_WHICH: Final = ("wards", "patients", "accessions", "numbers", "days", "modalities", "most")
_OF: Final = {
    LISTEN: {"listen", "tls", "client_certificates", "senders", "title", "callers"},
    QUERY: {"peer", "called", "title", "tls", "by", "into", *_WHICH},
    WEB: {"url", "tls", "login", "token_file", *_WHICH},
    WORKLIST: {"peer", "called", "title", "tls", "days", "modalities"},
}
# Those that no other kind of feed has, and that are empty where they were not said.
DICOM_FIELDS: Final = (
    "title", "callers", "peer", "called", "by", "into", "url", "login", "token_file", "wards", "patients", "accessions",
    "numbers", "days", "modalities",
)  # fmt: skip
_ALL: Final = frozenset({f for fields in _OF.values() for f in fields} | {"folder", "mapping", "systems"}) - {"most"}


def is_askable(number: str) -> bool:
    """Whether a number is matched whole: not empty, no wildcard, no list (PS3.4 C.2.2.2)."""
    return bool(number.strip()) and len(number) <= 64 and number.isprintable() and not set(number) & set("*?\\")


def peer_of(text: str) -> tuple[str, int] | None:
    """(host, port) of `pacs.hospital.example:11112`; None where it is none."""
    host, _, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not _HOST.match(bare) or not port.isdigit() or not 0 < int(port) < 65536:
        return None
    return bare, int(port)


def fault_of(feed: FeedSetting) -> tuple[str, str] | None:
    """(field, what is wrong with it) of the first wrong field of a DICOM feed; None where all is well."""
    for field in sorted(_ALL - _OF[feed.kind]):
        if getattr(feed, field):
            return field, f"a feed of the kind {feed.kind} has no such field"
    for title in (feed.title or "WARDLAMP", *feed.callers, *((feed.called,) if feed.called else ())):
        if not _TITLE.match(title) or not title.strip():
            return "title", "an AE title has 1 to 16 letters, digits and signs"
    if feed.every != 2.0 and not 5 <= feed.every <= 86_400:
        return "every", "it is 5 to 86400 seconds"
    if feed.days < 0 or feed.days > 36_500:
        return "days", "it is a number of days"
    for modality in feed.modalities:
        if not _MODALITY.match(modality):
            return "modalities", "each is a code such as CT, MR or DX"
    return {LISTEN: _listening, QUERY: _asking, WEB: _web, WORKLIST: _asking}[feed.kind](feed)


def _listening(feed: FeedSetting) -> tuple[str, str] | None:
    if not feed.listen:
        return "listen", "a listener needs an address and a port, such as 127.0.0.1:11112"
    if feed.client_certificates and not feed.tls:
        return "client_certificates", "they need tls"
    for sender in feed.senders:
        try:
            ip_network(sender, strict=False)
        except ValueError:
            return "senders", "each is an address or a network, such as 10.1.2.0/24"
    return None


def _asking(feed: FeedSetting) -> tuple[str, str] | None:
    if peer_of(feed.peer) is None:
        return "peer", "it is the archive's name or address and its port, such as pacs.hospital.example:11112"
    if not feed.called:
        return "called", "it is the archive's AE title"
    if feed.kind == QUERY and (feed.by == "move") != bool(feed.into):
        return "into", "C-MOVE needs the name of the dicom-listen feed that the archive sends to, C-GET has none"
    return _numbers(feed)


def _web(feed: FeedSetting) -> tuple[str, str] | None:
    parts = urlsplit(feed.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        return "url", "it is the root of a DICOMweb service, such as https://pacs.hospital.example/dicom-web"
    if (
        (feed.login or feed.token_file)
        and parts.scheme == "http"
        and parts.hostname not in ("127.0.0.1", "::1", "localhost")
    ):
        return "url", "a login or token goes over https only"
    if feed.login and feed.token_file:
        return "token_file", "there is a login already"
    return _numbers(feed)


def _numbers(feed: FeedSetting) -> tuple[str, str] | None:
    if not 1 <= feed.most <= 1_000_000:
        return "most", "it is how many instances one run may fetch"
    for field, numbers in (("patients", feed.patients), ("accessions", feed.accessions)):
        if not all(is_askable(number) for number in numbers):
            return field, "each is one whole number, without wildcards"
    return None
