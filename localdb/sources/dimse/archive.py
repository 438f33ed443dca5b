"""An archive that is asked by DIMSE, as `feed.asking` sees it: studies, series, instances, and sending what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from pydicom.dataset import Dataset

from localdb.clock import Clock
from localdb.errors import EnvironmentFault
from localdb.sources.dimse.asking import Asking, AskingFailed, Moved, NoAnswer, Peer
from localdb.sources.dimse.exchange import Limits, Take

MOST_STUDIES, MOST_SERIES, MOST_INSTANCES = 2000, 5000, 50_000  # answers that can be meant, to one question
LIST = 64  # UIDs in one C-MOVE or C-GET: some archives take no long lists

STUDY_KEYS = (
    "SpecificCharacterSet PatientID IssuerOfPatientID PatientName PatientBirthDate PatientSex StudyInstanceUID StudyDate"
    " StudyTime AccessionNumber IssuerOfAccessionNumberSequence StudyID StudyDescription ModalitiesInStudy"
    " ReferringPhysicianName NumberOfStudyRelatedSeries NumberOfStudyRelatedInstances InstanceAvailability"
).split()
SERIES_KEYS = (
    "SpecificCharacterSet StudyInstanceUID SeriesInstanceUID Modality SeriesNumber SeriesDescription BodyPartExamined"
    " SeriesDate SeriesTime NumberOfSeriesRelatedInstances InstanceAvailability"
).split()
INSTANCE_KEYS = "StudyInstanceUID SeriesInstanceUID SOPInstanceUID SOPClassUID InstanceNumber".split()


def question(level: str, keys: Iterable[str], **matched: object) -> Dataset:
    """A C-FIND identifier: what is matched, and what is wanted back (with its character set, or names would be misread)."""
    made = Dataset()
    made.QueryRetrieveLevel = level
    for key in keys:
        if key.endswith("Sequence"):
            setattr(made, key, [])
        else:
            setattr(made, key, None)
    for key, value in matched.items():
        setattr(made, key, value)
    if not all(str(v).isascii() for v in matched.values()):
        made.SpecificCharacterSet = "ISO_IR 192"
    return made


def recent(answers: Sequence[Dataset], since: date) -> list[Dataset]:
    """Those since that day, and those without one: a range that is matched by the archive leaves the undated out (PS3.4
    C.2.2.2.5)."""
    made = []
    for answer in answers:
        day = re.sub(r"\D", "", str(answer.get("StudyDate") or ""))  # the old form has dots
        if len(day) != 8 or day >= f"{since:%Y%m%d}":
            made.append(answer)
    return made


class NotDurable(EnvironmentFault):
    """Something that came could not be kept: it is asked for again."""

    code = "feed.not_durable"
    next_step = "Look at this machine's disk and log (`wardlamp doctor`): the images are asked for again by themselves."


class DimseArchive:
    """`destination` is our listener's AE title where studies are moved to it, "" where they are got (C-GET)."""

    def __init__(
        self, peer: Peer, clock: Clock, take: Take, destination: str = "", limits: Limits | None = None
    ) -> None:
        self._asking = Asking(peer, clock, take, limits)
        self.destination = destination

    def stop(self) -> None:
        """From any thread."""
        self._asking.stop()

    def check(self) -> None:
        """Does it live? Raises dicom.*."""
        self._asking.echo()

    def offers(self) -> None:
        """Does it offer to send? Raises dicom.refused_class."""
        self._asking.offers("move" if self.destination else "get")

    def studies(self, numbers: Sequence[str], since: date, by: str = "PatientID") -> list[list[Dataset]]:
        """The studies since that day of each PatientID (or AccessionNumber, as `by` says). Raises dicom.*."""
        asked = [question("STUDY", STUDY_KEYS, **{by: number}) for number in numbers]
        return [recent(found, since) for found in self._asking.find(asked, MOST_STUDIES)]

    def series(self, study: str) -> list[Dataset]:
        """The series of a study. Raises dicom.*."""
        return self._asking.find([question("SERIES", SERIES_KEYS, StudyInstanceUID=study)], MOST_SERIES)[0]

    def instances(self, study: str, series: Sequence[str]) -> list[list[Dataset]]:
        """The instances of each of these series. Raises dicom.*."""
        asked = [question("IMAGE", INSTANCE_KEYS, StudyInstanceUID=study, SeriesInstanceUID=one) for one in series]
        return self._asking.find(asked, MOST_INSTANCES)

    def fetch(self, study: str, series: str, uids: Sequence[str], classes: Sequence[str], *, is_all: bool) -> None:
        """Has these instances of a series sent (`is_all`: they are the whole series). Returns when the archive says that it
        is done with them, however many came. Raises dicom.no_answer where it fell silent in the middle, dicom.refused_*,
        dicom.failed where it sent nothing at all, and the code of what was in the way here."""
        if is_all:
            asked = [_retrieve("SERIES", StudyInstanceUID=study, SeriesInstanceUID=series)]
        else:
            asked = [
                _retrieve(
                    "IMAGE", StudyInstanceUID=study, SeriesInstanceUID=series,
                    SOPInstanceUID=list(uids[start : start + LIST]),
                )
                for start in range(0, len(uids), LIST)
            ]  # fmt: skip
        self._asking.not_durable = ""
        moved = self._retrieved(asked, classes)
        if self._asking.not_durable:
            raise NotDurable("What the archive sent could not be made durable here.", code=self._asking.not_durable)
        if any(m.status is None for m in moved):
            raise NoAnswer("The archive fell silent while it was sending.")
        if moved and all(m.status not in (0x0000, 0xB000) and not m.done for m in moved):
            raise AskingFailed(f"The archive sent nothing and answered with status {moved[0].status or 0:04X}H.")

    def _retrieved(self, asked: Sequence[Dataset], classes: Sequence[str]) -> list[Moved]:
        if self.destination:
            return self._asking.move(asked, self.destination)
        return self._asking.get(asked, classes)


def _retrieve(level: str, **keys: object) -> Dataset:
    made = Dataset()
    made.QueryRetrieveLevel = level
    for key, value in keys.items():
        setattr(made, key, value)
    return made
