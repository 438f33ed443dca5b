"""`feed test` for the ways to images: is the listener there, and does an archive let us in, find and send. Nothing is kept.

An archive is asked for the studies of a PatientID that nobody has: one that answers all the same pays no heed to it, and
would be asked for one patient and answer with another.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from localdb.clock import Clock
from localdb.errors import WardlampError
from localdb.sources.dimse.archive import DimseArchive
from localdb.sources.dimse.asking import Asking, Peer
from localdb.sources.dimse.exchange import TRY_AGAIN, Received, Stored
from localdb.sources.feed.archives import TITLE, archive_of, peer
from localdb.sources.feed.certificates import client_context
from localdb.sources.feed.imaging_settings import QUERY, WORKLIST
from localdb.sources.feed.missing import since
from localdb.sources.feed.points import Point
from localdb.sources.feed.settings import FeedSetting, read_feeds
from localdb.sources.feed.worklist import MOST, days_of, question
from localdb.vault.secrets import Secret, secret_of

if TYPE_CHECKING:
    from localdb.house import House

NOBODY = "WARDLAMP-FEED-TEST"
SECONDS = 10.0


def _take_nothing(_: Received) -> Stored:
    return Stored(TRY_AGAIN)


def try_archive(house: House, feed: FeedSetting) -> list[Point]:
    """A feed that asks: certificate, connection, a question, and whether it may have images sent."""
    try:
        tls = secret_of(house.vault, house.keys, feed.tls) if feed.tls else None
        login = secret_of(house.vault, house.keys, feed.login) if feed.login else None
        feeds = read_feeds(house.site["feeds"])
        if feed.kind == WORKLIST:
            return _worklist(feed, tls, house.now)
        archive = archive_of(feed, feeds, (tls, login), house.now, _take_nothing)
        archive.check()
    except WardlampError as error:
        return [Point("archive", f"{error.message} {error.next_step}", ok=False)]
    from localdb.feeding import asked_about

    points = [Point("archive", "answers, and lets this machine in")]
    try:
        found = archive.studies([NOBODY], since(house.now(), feed.days))[0]
        points.append(
            Point("question", "it answers for a patient who does not exist: it pays no heed to PatientID", ok=False)
            if found
            else Point("question", "it found nothing of a patient who does not exist, as it should")
        )
        asked = len(asked_about(house, feed)) + len(feed.accessions)
        nobody = "nobody who lies in the feed's wards has such a number in the newest copy"
        points.append(Point("patients", f"{asked} asked for by number" if asked else nobody))
        if feed.kind == QUERY and isinstance(archive, DimseArchive):
            archive.offers()
            how = f"C-MOVE, to {archive.destination}" if archive.destination else "C-GET"
            points.append(Point("sending", f"it offers {how}"))
    except WardlampError as error:
        points.append(Point("question", f"{error.message} {error.next_step}", ok=False))
    if feed.into:
        into = next(f for f in feeds if f.name == feed.into)
        words = f"the archive must know the AE title {into.title or TITLE} at this machine's address and {into.listen}"
        points.append(Point("destination", words))
    return points


def _worklist(feed: FeedSetting, tls: Secret | None, clock: Clock) -> list[Point]:
    asking = Asking(peer(feed, tls), clock)
    found = asking.find(
        [question(days_of(clock(), feed.days), m) for m in feed.modalities or ("",)], MOST, is_worklist=True
    )
    booked = sum(len(f) for f in found)
    return [Point("worklist", f"answers: {booked} examinations are booked in the days that are asked for")]


def echo_listener(feed: FeedSetting, host: str, port: int, secret: Secret | None, clock: Clock) -> Point:
    """A C-ECHO to our own running listener."""
    context: ssl.SSLContext | None = client_context(secret) if secret is not None else None
    own = feed.title or TITLE
    caller = feed.callers[0] if feed.callers else "FEEDTEST"
    to = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        Asking(
            Peer(host=to, port=port, called=own, title=caller, context=context, answer=SECONDS), clock
        ).echo()  # fmt: skip
    except WardlampError as error:
        if feed.senders or feed.client_certificates:
            return Point("C-ECHO", "this machine is not let in, as the settings say: not tried further")
        return Point("C-ECHO", error.message, ok=False)
    return Point("C-ECHO", f"{own} answered")
