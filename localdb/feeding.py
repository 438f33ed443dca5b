"""One vault while a feed may own its intake (DESIGN D12): running the feed, and handing it what commands want done.

Each act here is done by whoever owns the intake: this process where nobody else does, else the running feed, which is
asked through its control socket. Both ways give the same report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import msgspec

from localdb.errors import InputRefused
from localdb.records.moments import Moment
from localdb.sources.feed.control import FeedNotRunning, ask_feed
from localdb.sources.feed.settings import (
    FeedSetting,
    read_feeding,
    read_feeds,
    read_imaging,
    read_mappings,
    read_retention,
    read_windows,
)
from localdb.sources.filling import FillReport, Progress, fill, retry_aside
from localdb.store import ageing, clocks, image_room
from localdb.store.cuts import CutDone
from localdb.store.errors import StoreBusy
from localdb.store.intake import Intake
from localdb.store.snapshot import Snapshot
from localdb.store.tokens import glued
from localdb.vault.secrets import secret_of

if TYPE_CHECKING:
    from localdb.house import House
    from localdb.sources.feed.logs import FeedLog
    from localdb.sources.feed.service import FeedService


class NoFeeds(InputRefused):
    """The site has no feeds."""

    code = "feed.none"
    next_step = "Add one with `wardlamp feed add`, or take in a site.toml that has `[[feeds]]`."


class AskedFor(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a command wants done to the intake: `ask` fill / cut / retry / join / part, and what belongs to it."""

    ask: str
    paths: tuple[str, ...] = ()
    source: str | None = None
    as_of: Moment | None = None
    one: str = ""
    other: str = ""
    by: str = ""


class Filled(msgspec.Struct, kw_only=True):
    """What was done: a fill's or retry's report, a cut, or whether a join or parting changed anything."""

    report: FillReport | None = None
    cut: CutDone | None = None
    changed: bool = False


def do(house: House, asked: AskedFor, progress: Progress | None = None, processes: int = 1) -> Filled:
    """Does it here, or asks the running feed. Raises disk.*, file.missing, store.busy, and what the feed refused."""
    try:
        with house.intake() as intake:
            expect(intake, house)
            done = _done(house, intake, asked, progress, processes)
            intake.make_room()
            intake.commit()
            done.cut = house.cut_of(intake)
            intake.sweep_let_go(cut_step(house, intake))
            intake.commit()
    except StoreBusy as busy:
        whole = msgspec.structs.replace(asked, paths=tuple(str(Path(p).resolve()) for p in asked.paths))
        try:
            answer = ask_feed(house.vault, house.keys.control_key(), msgspec.to_builtins(whole), progress)
        except FeedNotRunning:
            raise busy from None  # another fill owns the intake
        return msgspec.convert(answer, Filled)
    if done.report is not None and done.cut is not None:
        done.report.generation = done.cut.generation
    house.tell_status()
    return done


def _done(
    house: House, intake: Intake, asked: AskedFor, progress: Progress | None, processes: int
) -> Filled:  # fmt: skip
    if asked.ask == "fill":
        paths = [Path(p) for p in asked.paths]
        return Filled(report=fill(
            intake, paths, source=asked.source, as_of=asked.as_of, profiles=house.profiles, processes=processes,
            progress=progress))  # fmt: skip
    if asked.ask == "retry":
        return Filled(report=retry_aside(intake, profiles=house.profiles))
    if asked.ask == "join":
        return Filled(changed=_linked(intake, lambda: intake.join(asked.one, asked.other, by=asked.by)))
    if asked.ask == "part":
        return Filled(changed=_linked(intake, lambda: intake.undo_link(asked.one, asked.other, by=asked.by)))
    return Filled()


def _linked(intake: Intake, act: Callable[[], Iterable[str]]) -> bool:
    intake.begin()
    changed = set(act())
    intake.mark_changed(changed)
    intake.commit()
    return bool(changed)


def run_feed(house: House, log: FeedLog, started: Callable[[FeedService], None] = lambda _: None) -> None:
    """Runs every feed of the site until it is stopped; `started` gets the service, for signals.

    Raises feed.none, settings.wrong_value, store.busy, secret.unknown, and the fault that ended the service.
    """
    from localdb.sources.feed.cutting import CutProcess
    from localdb.sources.feed.service import FeedService, Plan
    from localdb.sources.feed.writer import WriterStopped

    feeds = feeds_of(house)
    if not feeds:
        raise NoFeeds("No feed is set up.")
    cutter = CutProcess(house.vault, house.keys_for_child)
    running: list[FeedService] = []

    def told() -> None:
        """After each cut: what was let go before it leaves the disk."""
        house.tell_status()
        with suppress(WriterStopped):  # the last cut comes after the writer's end
            for service in running:
                service.writer.call(lambda intake: intake.sweep_let_go(cut_step(house, intake)))

    plan = Plan(
        vault=house.vault, feeds=feeds, profiles=house.profiles, mappings=read_mappings(house.site["mappings"], feeds),
        feeding=read_feeding(house.site["feeding"]),
        clock=house.now, log=log, control_key=house.keys.control_key(),
        secret=lambda name: secret_of(house.vault, house.keys, name), cut=cutter.cut, tell_status=told,
        answer=lambda service, asked, tell: _asked(house, service, asked, tell), daily=lambda intake: daily(intake, house),
        whom=lambda feed: asked_about(house, feed),
    )  # fmt: skip
    with house.intake() as intake:
        expect(intake, house)
        try:
            service = FeedService(plan, intake)
            running.append(service)
            started(service)
            service.run()
        finally:
            cutter.close()


def expect(intake: Intake, house: House) -> None:
    """Notes what the site expects of its sources and how far back its copies go, for the cuts; and once a day removes
    the sources' own bytes that are older than the site keeps them."""
    titles = house.site["source_titles"]
    of = house.profiles.of
    intake.begin()
    clocks.keep_expected(intake.connection, {
        name: clocks.Expected(of[name].title if name in of and of[name].title else str(titles.get(name, "")),
                              of[name].quiet_after if name in of else 0)
        for name in sorted({*of, *titles})
    })  # fmt: skip
    ageing.keep_windows(intake.connection, read_windows(house.site["windows"]))
    image_room.keep_rules(intake.connection, read_imaging(house.site["imaging"]), house.now())
    daily(intake, house)
    intake.commit()
    intake.images.cut_sequence = cut_step(house, intake)


def cut_step(house: House, intake: Intake) -> int:
    """The step of the intake's sequence that the newest list of layers has; 0 where none of this intake was made."""
    newest = house.generations.newest()
    return newest.sequence if newest is not None and newest.epoch == intake.epoch else 0


def daily(intake: Intake, house: House) -> ageing.Removed:
    """What is due once a day, in the present transaction or a new one; does nothing where it was done today."""
    intake.begin()
    intake.make_room()
    return ageing.remove_originals(intake.connection, read_retention(house.site["retention"]), house.now())


def feeds_of(house: House) -> tuple[FeedSetting, ...]:
    """The feeds that are to run. Raises settings.wrong_value."""
    return tuple(f for f in read_feeds(house.site["feeds"]) if not f.off)


def asked_about(house: House, feed: FeedSetting) -> tuple[str, ...]:
    """The PatientIDs for which an archive is asked: those of who lies in the feed's wards by the newest copy, and those
    that the settings name. Raises vault.*."""
    from localdb.sources.feed.missing import patient_ids

    snapshot = Snapshot(house.vault, house.keys)
    try:
        views = snapshot.guarded(snapshot.inpatients)
    finally:
        snapshot.close()
    wards = {glued(w) for w in feed.wards}
    asked = [n for v in views if not wards or glued(v.ward) in wards for n in patient_ids(v, feed.numbers)]
    return tuple(dict.fromkeys((*feed.patients, *asked)))


def _asked(house: House, service: FeedService, asked: dict[str, Any], tell: Progress) -> dict[str, Any]:
    """What a command asked the running feed: done through its writer, then cut."""
    from localdb.sources.feed.writer import Through

    wanted = msgspec.convert(asked, AskedFor)
    if wanted.ask in ("fill", "retry"):
        # Reading goes on in this thread; each file takes its turn at the writer, between the messages of the feeds.
        done = _done(house, cast("Intake", Through(service.writer)), wanted, tell, 1)
    else:
        done = service.writer.call(lambda intake: _done(house, intake, wanted, None, 0), changes=True)
    done.cut = service.cuts.now()
    if done.report is not None:
        done.report.generation = done.cut.generation
    answer: dict[str, Any] = msgspec.to_builtins(done)
    return answer
