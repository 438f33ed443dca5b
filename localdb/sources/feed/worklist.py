"""A modality worklist that is asked, at work for one feed: which examinations are booked (PS3.4 annex K)."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from pydicom.dataset import Dataset

from localdb.clock import Clock
from localdb.records.moments import from_instant
from localdb.sources.dicom.listing import read_worklist
from localdb.sources.dimse.asking import Asking
from localdb.sources.feed.counts import RUNNING, FeedCounts
from localdb.sources.feed.logs import FeedLog
from localdb.sources.feed.settings import FeedSetting
from localdb.sources.feed.writer import Writer
from localdb.sources.profiles import SourceProfile
from localdb.store import clocks
from localdb.store.intake import Intake

AHEAD = 7  # days, where the settings say nothing
MOST = 5000  # booked examinations that one answer may hold

# Asked for by name, the character set comes too: DCMTK's worklist leaves out what was not, and names would be misread.
_WANTED = (
    "SpecificCharacterSet PatientName PatientID IssuerOfPatientID PatientBirthDate PatientSex AccessionNumber"
    " IssuerOfAccessionNumberSequence RequestedProcedureID RequestedProcedureDescription RequestedProcedureCodeSequence"
    " RequestedProcedurePriority ReasonForTheRequestedProcedure StudyInstanceUID RequestingPhysician"
    " ReferringPhysicianName RequestingService AdmissionID CurrentPatientLocation PlacerOrderNumberImagingServiceRequest"
    " FillerOrderNumberImagingServiceRequest"
).split()
_STEP = (
    "Modality ScheduledStationAETitle ScheduledStationName ScheduledProcedureStepStartDate"
    " ScheduledProcedureStepStartTime ScheduledProcedureStepDescription ScheduledProtocolCodeSequence"
    " ScheduledProcedureStepID ScheduledProcedureStepLocation ScheduledProcedureStepStatus"
    " ScheduledPerformingPhysicianName"
).split()


def _empty(keys: list[str]) -> Dataset:
    made = Dataset()
    for key in keys:
        setattr(made, key, [] if key.endswith("Sequence") else None)
    return made


def days_of(now: datetime, ahead: int) -> str:
    """From yesterday on (what was booked and not done yet) so many days ahead."""
    return f"{now - timedelta(days=1):%Y%m%d}-{now + timedelta(days=ahead or AHEAD):%Y%m%d}"


def question(days: str, modality: str = "") -> Dataset:
    """What is booked in these days (`YYYYMMDD-YYYYMMDD`), of one modality or all ("")."""
    made, step = _empty(_WANTED), _empty(_STEP)
    step.ScheduledProcedureStepStartDate = days
    step.Modality = modality or None
    made.ScheduledProcedureStepSequence = [step]
    return made


class WorklistStation:
    """Asks a worklist again and again; what is booked becomes requests and appointments."""

    def __init__(
        self,
        feed: FeedSetting,
        asking: Asking,
        profile: SourceProfile,
        writer: Writer,
        counts: FeedCounts,
        log: FeedLog,
        clock: Clock,
    ) -> None:
        self.feed, self._asking, self._profile, self._writer = feed, asking, profile, writer
        self._counts, self._log, self._clock = counts, log, clock

    def run(self, stop: threading.Event) -> None:
        """Asks until it is stopped. Raises dicom.*, where the worklist cannot be asked."""
        self._counts.where = self.feed.peer
        while not stop.is_set():
            self.once()
            self._counts.state = RUNNING
            stop.wait(self.feed.pause)

    def once(self) -> None:
        """One look. Raises dicom.*, disk.*, feed.stopped."""
        now = self._clock()
        days = days_of(now, self.feed.days)
        asked = [question(days, m) for m in self.feed.modalities or ("",)]
        answers = [a for found in self._asking.find(asked, MOST, is_worklist=True) for a in found]
        self._writer.beat(self.feed.source)
        outcomes = self._writer.take(read_worklist(self.feed.name, answers, self.feed.source, self._profile, now))
        self._counts.note(outcomes)
        self._counts.went_well()
        source, moment = self.feed.source, from_instant(now)

        def mark(intake: Intake) -> None:
            intake.begin()
            clocks.advance(intake.connection, source, clocks.delivered(intake.connection, source), moment, intake.now())

        self._writer.call(mark)
