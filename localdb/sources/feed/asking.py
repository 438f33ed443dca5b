"""An archive that is asked, at work for one feed: what has it of whom, what of that is not here, and fetching just that.

A run: does it live; which studies has each patient of the wards (told to the intake at once, so that "n of m held" is true
before anything comes); then, the newest first, what is not here. Whatever breaks off leaves what came, the source's state
`partial`, and the rest to the next run; nothing is kept of a run but what the intake holds. The clocks of the source
advance to the beginning of a run that found everything here (D11).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Protocol

from pydicom.dataset import Dataset

from localdb.clock import Clock
from localdb.errors import WardlampError
from localdb.records.moments import from_instant
from localdb.sources.feed.counts import FAILED, RUNNING, FeedCounts
from localdb.sources.feed.logs import FeedLog
from localdb.sources.feed.missing import (
    Memory,
    StudySaid,
    counted,
    digest_of,
    is_uid,
    newest_first,
    number_of,
    since,
    studies_of,
    text_of,
    within,
)
from localdb.sources.feed.settings import FeedSetting
from localdb.sources.feed.writer import Writer
from localdb.sources.units import FileReading
from localdb.store import clocks, known_instances
from localdb.store.intake import Intake

FIRST_REST, LONGEST_REST = 2.0, 60.0  # seconds before an archive that could not be asked is asked again
KINDS = ("image", "instance")
FAILURES = ("dicom.failed", "dicomweb.failed", "dicom.too_many_answers")  # of one request: others may go well
PATIENTS = 20  # asked for over one association
# Objects that say something about images and are small: fetched first, so that a key image is known before its stack.
_FIRST = ("KO", "PR", "SR", "DOC")
Listed = Callable[[Sequence[tuple[Dataset, Sequence[Dataset]]], datetime], FileReading]


class Archive(Protocol):
    """What is asked, by whatever protocol. Each call may raise dicom.* or dicomweb.*."""

    def stop(self) -> None: ...

    def check(self) -> None: ...

    def studies(self, numbers: Sequence[str], since: date, by: str = "PatientID") -> list[list[Dataset]]: ...

    def series(self, study: str) -> list[Dataset]: ...

    def instances(self, study: str, series: Sequence[str]) -> list[list[Dataset]]: ...

    def fetch(
        self, study: str, series: str, uids: Sequence[str], classes: Sequence[str], *, is_all: bool
    ) -> None: ...  # fmt: skip


class AskStation:
    """One archive at work. `whom` gives the PatientIDs; `listed` makes a reading of what the archive says of studies."""

    def __init__(
        self,
        feed: FeedSetting,
        archive: Archive,
        writer: Writer,
        counts: FeedCounts,
        log: FeedLog,
        clock: Clock,
        whom: Callable[[], Sequence[str]],
        listed: Listed,
    ) -> None:
        self.feed, self._archive, self._writer, self._counts, self._log = feed, archive, writer, counts, log
        self._clock, self._whom, self._listed = clock, whom, listed
        self._memory = Memory()
        self._told: dict[str, bytes] = {}  # study -> what was last told of it
        self._stop = threading.Event()
        self._is_answering = False
        self._failures: list[WardlampError] = []  # what the archive said in this run that it could not send
        self.left = 0  # instances that the last run knew of and did not bring here

    def run(self, stop: threading.Event) -> None:
        """Asks until it is stopped. An archive that cannot be asked is asked again after a while that grows."""
        self._counts.where, rest = self.feed.peer or self.feed.url, FIRST_REST
        with self._stopped_by(stop):
            while not stop.is_set():
                try:
                    self.once()
                    self._counts.state, rest = RUNNING, FIRST_REST
                    stop.wait(self.feed.pause)
                except WardlampError as error:
                    if stop.is_set():
                        return
                    self._counts.state, self._counts.fault = FAILED, error.code
                    self._log.failed("feed_failed", error, feed=self.feed.name, again=rest)
                    stop.wait(min(rest, self.feed.pause))
                    rest = min(2 * rest, LONGEST_REST)

    @contextmanager
    def _stopped_by(self, stop: threading.Event) -> Iterator[None]:
        """A stop ends what is under way."""
        self._stop = stop
        over = threading.Event()

        def watch() -> None:
            while not over.is_set():
                if stop.wait(1.0):
                    self._archive.stop()
                    return

        thread = threading.Thread(target=watch, name=f"stop {self.feed.name}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def once(self) -> None:
        """One run. Raises dicom.*, dicomweb.*, disk.*, feed.stopped."""
        began = self._clock()
        self._archive.check()
        self._writer.beat(self.feed.source)
        room, self.left = self.feed.most, 0
        self._failures.clear()
        self._is_answering = False
        studies, is_whole = self._studies(began)
        for study in newest_first(studies):
            if self._stop.is_set():
                return
            if self._memory.is_whole(study):
                continue
            try:
                came, left = self._study(study, room, began)
            except WardlampError as error:
                self._state("partial")
                self._log.failed("fetch_broke_off", error, feed=self.feed.name)
                raise
            room -= came
            self.left += left
            is_whole = is_whole and not left
        self._counts.left = self.left
        self._end(began, is_whole=is_whole)
        if self._failures and room == self.feed.most and not self._is_answering:
            raise self._failures[0]  # it answers nothing, or sends nothing at all
        self._counts.went_well()

    def _end(self, began: datetime, *, is_whole: bool) -> None:
        moment, source = from_instant(began), self.feed.source
        state = "complete" if is_whole else "partial"
        wards = ", ".join(self.feed.wards) or "all wards"
        coverage = f"studies since {since(began, self.feed.days):%d-%b-%Y} of who lies in {wards}"

        def mark(intake: Intake) -> None:
            intake.begin()
            held = clocks.delivered(intake.connection, source)
            kinds = [k for k in (KINDS if is_whole else KINDS[:1]) if k in held]
            clocks.advance(intake.connection, source, kinds, moment, intake.now())
            clocks.set_state(intake.connection, source, state, KINDS)
            clocks.cover(intake.connection, source, coverage)

        self._writer.call(mark)
        if self.left:
            self._log.say("images_missing", feed=self.feed.name, count=self.left)

    def _state(self, state: str) -> None:
        def mark(intake: Intake) -> None:
            intake.begin()
            clocks.set_state(intake.connection, self.feed.source, state, KINDS)

        self._writer.call(mark)

    # -- what has it --------------------------------------------------------------------------------------------------

    def _studies(self, began: datetime) -> tuple[list[StudySaid], bool]:
        """The studies of everybody who is asked for; whether everybody could be."""
        first = since(began, self.feed.days)
        found: list[StudySaid] = []
        is_whole = True
        for by, asked in (("PatientID", self._whom()), ("AccessionNumber", self.feed.accessions)):
            numbers = list(dict.fromkeys(asked))
            for start in range(0, len(numbers), PATIENTS):
                if self._stop.is_set():
                    return found, False
                part = numbers[start : start + PATIENTS]
                for number, answers in zip(part, self._answers(part, first, by), strict=True):
                    is_whole = is_whole and answers is not None
                    studies, strangers = studies_of(answers or (), number, self.feed.modalities, by)
                    found += studies
                    if strangers:
                        self._log.say("answers_of_others", feed=self.feed.name, count=strangers)
        return found, is_whole

    def _answers(self, numbers: Sequence[str], first: date, by: str) -> list[list[Dataset] | None]:
        """What the archive has of each of these; None for one over which it fails: that keeps no other back."""
        try:
            answers: list[list[Dataset] | None] = list(self._archive.studies(numbers, first, by))
            self._is_answering = True
            return answers
        except WardlampError as error:
            if error.code not in FAILURES:
                raise
            if len(numbers) == 1:
                self._log.failed("question_failed", error, feed=self.feed.name)
                self._failures.append(error)
                return [None]
        return [one for number in numbers for one in self._answers([number], first, by)]

    def _tell(self, study: StudySaid, series: Sequence[Dataset], at: datetime) -> None:
        """Tells the intake what the archive says of a study, where it says something new."""
        said = digest_of((study.answer, *series))
        if said is not None and self._told.get(study.uid) == said:
            return
        outcomes = self._writer.take(self._listed([(study.answer, series)], at))
        self._counts.note(outcomes)
        if said is not None:
            self._told[study.uid] = said

    # -- sending what is missing --------------------------------------------------------------------------------------

    def _study(self, study: StudySaid, room: int, began: datetime) -> tuple[int, int]:
        """(instances that came, instances that are still missing) of one study."""
        series = [s for s in self._archive.series(study.uid) if is_uid(text_of(s, "SeriesInstanceUID"))]
        self._tell(study, series, began)
        series.sort(key=lambda s: (text_of(s, "Modality") not in _FIRST, number_of(s, "SeriesNumber") or 0))
        uids = [text_of(s, "SeriesInstanceUID") for s in series]
        listed: dict[str, dict[str, str]] = {}
        for uid, answers in zip(uids, self._archive.instances(study.uid, uids), strict=True):
            listed[uid] = {
                one: text_of(a, "SOPClassUID") for a in answers if is_uid(one := text_of(a, "SOPInstanceUID"))
            }
        every = [u for instances in listed.values() for u in instances]
        came = 0
        for uid, instances in listed.items():
            came += self._series(study.uid, uid, instances, room - came)
            if self._stop.is_set():
                break
        here, aside = self._held(every)
        held, total = counted({s: list(i) for s, i in listed.items()}, here | aside)
        if held == total and total >= (study.total or 0):
            self._memory.is_whole_now(study)
        return came, max(total, study.total or 0) - held

    def _series(self, study: str, series: str, instances: dict[str, str], room: int) -> int:
        """Fetches what is missing of one series; how many came."""
        now = self._clock()
        here, aside = self._held(list(instances))
        missing = [u for u in instances if u not in here and u not in aside]
        wanted = within(self._memory.due(missing, now), room)
        if not wanted:
            return 0
        classes = sorted({instances[u] for u in wanted if instances[u]})
        try:
            self._archive.fetch(study, series, wanted, classes, is_all=len(wanted) == len(instances))
        except WardlampError as error:
            if error.code not in FAILURES:
                raise
            self._is_answering = False
            self._failures.append(error)  # one that cannot be sent keeps no other back
        finally:
            here, aside = self._held(list(wanted))
            self._memory.came(here | aside)
        self._memory.failed([u for u in wanted if u not in here and u not in aside], now)
        return len(here | aside)

    def _held(self, uids: Sequence[str]) -> tuple[set[str], set[str]]:
        """(those that are here, those that were set aside)."""
        source = self.feed.source
        return self._writer.call(
            lambda intake: (
                known_instances.here(intake.connection, source, uids),
                known_instances.set_aside(intake.connection, source, uids),
            )
        )
