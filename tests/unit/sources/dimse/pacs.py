"""An archive with known contents, and an intake that asks it, for tests of asking."""

from __future__ import annotations

from contextlib import contextmanager
from copy import deepcopy
from functools import cache
from io import BytesIO
from pathlib import Path

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.uid import UID

from localdb.clock import present
from localdb.records.ids import patient_id
from localdb.sources.dicom.listing import read_listing
from localdb.sources.feed.archives import archive_of
from localdb.sources.feed.asking import AskStation
from localdb.sources.feed.counts import FeedCounts
from localdb.sources.feed.logs import FeedLog
from localdb.sources.feed.settings import read_feeds
from localdb.sources.feed.storing import Objects
from localdb.sources.feed.writer import Writer
from localdb.sources.profiles import Profiles
from localdb.sources.units import STUDY
from localdb.vault.secrets import Secret
from tests.servers.orthanc import PASSWORD, USER

ROOT_UID = "1.2.826.0.1.3680043.10.1423"
LOGIN = Secret(login=f"{USER}:{PASSWORD}".encode())


@cache
def _base():
    return dcmread(Path(get_testdata_file("CT_small.dcm")))


def ct(patient: str, study: int, series: int, number: int, *, side: int = 32, **more) -> bytes:
    """One slice of a CT of 2026 as a file, 5 mm below the one before; its UIDs follow from the numbers."""
    made = deepcopy(_base())
    made.PatientID, made.PatientName, made.PatientBirthDate = patient, f"Slices^{patient}", "19580214"
    made.StudyInstanceUID, made.SeriesInstanceUID = f"{ROOT_UID}.{study}", f"{ROOT_UID}.{study}.{series}"
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = UID(f"{ROOT_UID}.{study}.{series}.{number}")
    made.StudyDate = made.SeriesDate = made.ContentDate = "20261120"
    made.AccessionNumber, made.StudyDescription = f"A{study}", "CT chest"
    made.SeriesNumber, made.InstanceNumber = series, number
    made.ImagePositionPatient = [-158.1, -179.0, -75.7 - 5.0 * number]
    pixels = made.pixel_array[:side, :side] + number
    made.Rows = made.Columns = side
    made.PixelData = pixels.astype("<i2").tobytes()
    for keyword, value in more.items():
        setattr(made, keyword, value)
    stream = BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


class Asked:
    """An intake with its writer, and stations that ask for `patients` as the system `source`."""

    def __init__(self, writer, source="pacs") -> None:
        self.writer, self.source, self.log = writer, source, FeedLog()
        self.patients: list[str] = []
        self.took: dict[str, int] = {}

    def station(self, clock=present, secrets=(None, LOGIN), take=None, feeds=(), limits=None, **setting) -> AskStation:
        """A station of this feed; `take` in place of the intake's own."""
        usual = {"name": "pacs", "source": self.source, "days": 3650}
        (*_, feed) = read_feeds([*feeds, {**usual, **setting}])
        counts = FeedCounts(feed.name, feed.source, feed.kind, clock)
        objects = Objects(feed, Profiles(), self.writer, counts, self.log)
        archive = archive_of(feed, read_feeds(list(feeds)), secrets, clock, take or self.counting(objects.take), limits)
        profile = Profiles().get(feed.source)
        made = AskStation(
            feed, archive, self.writer, counts, self.log, clock, lambda: self.patients,
            lambda found, at: read_listing(feed.name, found, feed.source, profile, at),
        )  # fmt: skip
        made.counts = counts
        return made

    def counting(self, take):
        """`take`, with how often each instance came in `took`."""

        def counted(received):
            uid = received.uid or str(dcmread(BytesIO(received.data), stop_before_pixels=True).SOPInstanceUID)
            self.took[uid] = self.took.get(uid, 0) + 1
            return take(received)

        return counted

    def held(self) -> set[str]:
        """The SOP Instance UIDs that the intake has of the source."""
        rows = self.writer.call(
            lambda intake: intake.connection.execute(
                "select distinct source_id from unit where source=? and type<>?", (self.source, STUDY)
            ).fetchall()
        )
        return {r[0] for r in rows if r[0].startswith(ROOT_UID)}

    def study(self, house, patient: str, number: int):
        """(held, total) of a study in the chart, after a cut."""
        self.writer.call(house.cut_of)
        reading = house.reading()
        try:
            chart = reading.chart(patient_id(self.source, "", patient))
            return next((i.held, i.total) for i in chart.images.items if i.uid == f"{ROOT_UID}.{number}")
        finally:
            reading.close()

    def state(self) -> dict[str, str]:
        """kind -> state of the source's clocks."""
        return dict(
            self.writer.call(
                lambda intake: intake.connection.execute(
                    "select kind, state from clock where source=?", (self.source,)
                ).fetchall()
            )
        )

    def cut(self) -> dict[str, str | None]:
        """kind -> cut of the source's clocks."""
        return dict(
            self.writer.call(
                lambda intake: intake.connection.execute(
                    "select kind, cut from clock where source=?", (self.source,)
                ).fetchall()
            )
        )


@contextmanager
def writing(house):
    """The writer of the house's intake."""
    with house.intake() as intake:
        writer = Writer(intake, present)
        writer.start()
        try:
            yield writer
        finally:
            writer.stop()
