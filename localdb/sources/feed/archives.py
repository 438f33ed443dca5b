"""From a feed's settings to an archive that is asked: by DIMSE, by DICOMweb, or for its worklist."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset

from localdb.clock import Clock
from localdb.sources.dicom.listing import read_listing
from localdb.sources.dicomweb.archive import WebArchive
from localdb.sources.dimse.archive import DimseArchive
from localdb.sources.dimse.asking import Asking, Peer
from localdb.sources.dimse.exchange import Limits, Take
from localdb.sources.feed.asking import Archive, AskStation
from localdb.sources.feed.certificates import asking_context
from localdb.sources.feed.counts import FeedCounts
from localdb.sources.feed.imaging_settings import WEB, WORKLIST, peer_of
from localdb.sources.feed.settings import FeedSetting
from localdb.sources.feed.storing import Objects
from localdb.sources.feed.worklist import WorklistStation
from localdb.sources.feed.writer import Writer
from localdb.sources.units import FileReading
from localdb.vault.secrets import Secret

if TYPE_CHECKING:
    from localdb.sources.feed.service import Plan

TITLE = "WARDLAMP"


def tls_of(feed: FeedSetting, secret: Secret | None) -> ssl.SSLContext | None:
    """The context in which a feed asks; None in clear. Raises secret.invalid."""
    return asking_context(secret) if secret is not None else None


def peer(feed: FeedSetting, secret: Secret | None) -> Peer:
    """Whom a DIMSE feed asks. Raises secret.invalid."""
    host, port = peer_of(feed.peer) or ("", 0)
    return Peer(
        host=host, port=port, called=feed.called, title=feed.title or TITLE, context=tls_of(feed, secret)
    )  # fmt: skip


def archive_of(
    feed: FeedSetting,
    feeds: Sequence[FeedSetting],
    secrets: tuple[Secret | None, Secret | None],
    clock: Clock,
    take: Take,
    limits: Limits | None = None,
) -> Archive:
    """The archive of a dicom-query or dicomweb feed; `secrets` those of its `tls` and `login`. Raises secret.invalid."""
    tls, login = secrets
    if feed.kind == WEB:
        return WebArchive(
            feed.url, clock, take, context=tls_of(feed, tls), login=login.login if login else b"",
            token_file=feed.token_file, limits=limits,
        )  # fmt: skip
    into = next((f for f in feeds if f.name == feed.into), None)
    destination = (into.title or TITLE) if into is not None else ""
    return DimseArchive(peer(feed, tls), clock, take, destination, limits)


def asking_station(
    feed: FeedSetting, plan: Plan, writer: Writer, counts: FeedCounts
) -> AskStation | WorklistStation:  # fmt: skip
    """The station of a feed that asks. Raises secret.unknown, secret.invalid."""
    tls = plan.secret(feed.tls) if feed.tls else None
    login = plan.secret(feed.login) if feed.login else None
    profile = plan.profiles.get(feed.source)
    if feed.kind == WORKLIST:
        asking = Asking(peer(feed, tls), plan.clock)
        return WorklistStation(feed, asking, profile, writer, counts, plan.log, plan.clock)
    objects = Objects(feed, plan.profiles, writer, counts, plan.log)
    archive = archive_of(feed, plan.feeds, (tls, login), plan.clock, objects.take)

    def listed(found: Sequence[tuple[Dataset, Sequence[Dataset]]], at: datetime) -> FileReading:
        return read_listing(feed.name, found, feed.source, profile, at)

    return AskStation(feed, archive, writer, counts, plan.log, plan.clock, lambda: plan.whom(feed), listed)
