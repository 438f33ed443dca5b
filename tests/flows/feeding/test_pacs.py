"""Archives that are asked: Orthanc by C-MOVE, C-GET and DICOMweb, DCMTK's dcmqrscp as a second one; only what is missing.

The stories run against the real programs; the house reads and counts what came.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset

from localdb.clock import present
from localdb.errors import WardlampError
from localdb.house import House
from localdb.records.ids import patient_id
from localdb.sources.dimse.asking import Asking, AskingFailed
from localdb.sources.dimse.exchange import STORED, TRY_AGAIN, Limits, Stored
from localdb.sources.dimse.listener import StoreListener, listening
from localdb.sources.feed.archives import peer
from localdb.sources.feed.counts import FeedCounts
from localdb.sources.feed.logs import FeedLog
from localdb.sources.feed.settings import read_feeds
from localdb.sources.feed.storing import Objects
from localdb.sources.feed.worklist import WorklistStation
from localdb.sources.feed.writer import Writer
from localdb.sources.profiles import Profiles
from localdb.store import known_instances
from localdb.vault.secrets import Secret
from tests.made import new_house
from tests.servers import dcmtk
from tests.servers.certificates import Authority
from tests.servers.orthanc import Orthanc, free_port
from tests.unit.sources.dimse.pacs import LOGIN, ROOT_UID, Asked, ct, writing

PATIENT, OTHER = "H0012345", "H0054321"
SLICES = {1: 12, 2: 3}  # series -> slices of study 1
BIG = f"{ROOT_UID}.1.0.7"
WHOLE = {f"{ROOT_UID}.1.{s}.{n}" for s, count in SLICES.items() for n in range(1, count + 1)}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def pacs(tmp_path_factory: pytest.TempPathFactory, certificates: Authority):
    """Orthanc with one CT of a patient of the ward and one of somebody else; it sends to WARDLAMP at `port`."""
    made = Orthanc(
        tmp_path_factory.mktemp("pacs") / "orthanc", modalities={"WARDLAMP": free_port()}, tls=certificates.folder
    )
    made.start()
    for series, count in SLICES.items():
        for number in range(1, count + 1):
            made.put(ct(PATIENT, 1, series, number))
    made.put(ct(OTHER, 2, 1, 1))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = new_house(tmp_path_factory.mktemp("vault") / "vault", present)
    yield made
    made.close()


@pytest.fixture(scope="module")
def writer(house: House) -> Iterator[Writer]:
    with writing(house) as made:
        yield made


@pytest.fixture
def asked(writer: Writer, request: pytest.FixtureRequest) -> Asked:
    """Each test is a source of its own."""
    made = Asked(writer, f"pacs{abs(hash(request.node.nodeid)) % 10**9}")
    made.patients = [PATIENT]
    return made


def way(kind: str, pacs: Orthanc) -> dict[str, object]:
    if kind == "web":
        return {"kind": "dicomweb", "url": pacs.web, "login": "pacs"}
    return {"kind": "dicom-query", "peer": f"127.0.0.1:{pacs.dicom}", "called": pacs.title, "by": kind}


def receiver(asked, port: int):
    """Our own listener, which C-MOVE goes to, and its setting."""
    setting = {"name": "in", "source": asked.source, "kind": "dicom-listen", "listen": f"127.0.0.1:{port}"}
    (feed,) = read_feeds([setting])
    objects = Objects(
        feed, Profiles(), asked.writer, FeedCounts("in", asked.source, "dicom-listen", present), FeedLog()
    )
    listener = StoreListener(
        title="WARDLAMP", host="127.0.0.1", port=port, take=asked.counting(objects.take), clock=present
    )  # fmt: skip
    return listener, setting


def booked(number: str, n: int, day: str) -> Dataset:
    """A CT of the head in a worklist."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID = "1.2.276.0.7230010.3.1.0.1"
    made.file_meta.MediaStorageSOPInstanceUID, made.file_meta.TransferSyntaxUID = f"1.2.{n}", "1.2.840.10008.1.2.1"
    made.SpecificCharacterSet = "ISO_IR 192"
    made.PatientID, made.PatientName, made.PatientBirthDate, made.PatientSex = (
        f"H{number}",
        "Müller^Zoë",
        "19580214",
        "F",
    )
    made.AccessionNumber, made.StudyInstanceUID, made.RequestedProcedureID = f"ACC{n}", f"1.2.3.{n}", f"RP{n}"
    made.RequestedProcedureDescription, made.RequestingPhysician = "CT head", "Singh^Priya"
    step = Dataset()
    step.Modality, step.ScheduledStationAETitle, step.ScheduledProcedureStepID = "CT", "CT1", f"SPS{n}"
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = day, "093000"
    step.ScheduledProcedureStepDescription, step.ScheduledPerformingPhysicianName = "CT head", "Who^Ever"
    made.ScheduledProcedureStepSequence = [step]
    return made


@pytest.mark.parametrize("kind", ["get", "move", "web"])
def test_what_is_missing_is_fetched_once_and_nobody_elses(asked, pacs: Orthanc, kind: str) -> None:
    listener, setting = receiver(asked, pacs.modalities["WARDLAMP"])
    with listening(listener):
        more = {"feeds": [setting], "into": "in"} if kind == "move" else {}
        station = asked.station(**way(kind, pacs), **more)
        station.once()
        assert asked.held() == WHOLE, "all of the patient, and nothing of the other one"
        assert set(asked.took.values()) == {1}
        assert station.left == 0
        assert asked.state()["instance"] == "complete"
        station.once()
        assert asked.station(**way(kind, pacs), **more).once() is None, "after a restart, which remembers nothing"
        assert set(asked.took.values()) == {1}, "nothing is fetched twice"


def test_a_run_fetches_so_many_and_the_next_one_the_rest(house, asked, pacs: Orthanc) -> None:
    station = asked.station(**way("get", pacs), most=5)
    station.once()
    assert (len(asked.held()), station.left) == (5, 10)
    assert asked.state()["image"] == asked.state()["instance"] == "partial", "what is not all here says so"
    assert asked.study(house, PATIENT, 1) == (5, 15)
    before = asked.cut()["instance"]
    station.once()
    station.once()
    assert asked.held() == WHOLE
    assert asked.state()["image"] == asked.state()["instance"] == "complete"
    assert asked.cut()["instance"] > before, "the clock advances when a run finds all of it here"
    assert set(asked.took.values()) == {1}


def test_a_new_image_of_a_study_comes_alone(asked, pacs: Orthanc) -> None:
    station = asked.station(**way("web", pacs))
    station.once()
    late = ct(PATIENT, 1, 2, 99)
    stored = pacs.put(late)
    try:
        station.once()
        assert asked.held() - WHOLE == {f"{ROOT_UID}.1.2.99"}
        assert set(asked.took.values()) == {1}
    finally:
        pacs.ask(f"/instances/{stored['ID']}", method="DELETE")


def test_the_pacs_dies_in_the_middle_and_the_rest_comes_when_it_is_back(tmp_path: Path, house, asked) -> None:
    """Story: kill -9 of the archive in the middle of a C-MOVE. What came is held and durable, the source says that it is
    partial, nothing half is anywhere; back again, only the rest is fetched."""
    port = free_port()
    pacs = Orthanc(tmp_path / "dying", modalities={"WARDLAMP": port}).start()
    try:
        for number in range(1, 31):
            pacs.put(ct(PATIENT, 3, 1, number))
        whole = {f"{ROOT_UID}.3.1.{n}" for n in range(1, 31)}
        listener, setting = receiver(asked, port)
        came, taking = [], listener._take

        def dying(received):
            answer = taking(received)
            came.append(received)
            if len(came) == 10:
                pacs.kill()
            return answer

        listener._take = dying
        with listening(listener):
            station = asked.station(**way("move", pacs), feeds=[setting], into="in")
            with pytest.raises(WardlampError) as broken:
                station.once()
            assert broken.value.code == "dicom.no_answer"
            held = asked.held()
            assert len(held) == len(came) and 10 <= len(held) < 30, "what was answered is here, and no more"
            assert held < whole
            assert asked.state()["image"] == asked.state()["instance"] == "partial", (
                "nothing is half held without saying so"
            )
            assert listener.room.held == 0
            assert asked.study(house, PATIENT, 3) == (len(held), 30), "the chart says how many of how many are here"

            with pytest.raises(WardlampError):
                station.once()
            assert asked.held() == held, "while it is down, nothing changes"

            listener._take = taking
            pacs.start()
            station.once()
            assert asked.held() == whole
            assert asked.state()["image"] == asked.state()["instance"] == "complete"
            assert asked.study(house, PATIENT, 3) == (30, 30)
            assert all(times == 1 for uid, times in asked.took.items() if uid in held), "only the rest was fetched"
    finally:
        pacs.stop()


def test_certificates_on_both_sides(asked, pacs: Orthanc, certificates: Authority) -> None:
    files = {n: (certificates.folder / f"{n}.pem").read_bytes() for n in ("client", "ca")}
    key = (certificates.folder / "client.key").read_bytes()
    ours = Secret(certificate=files["client"], key=key, authorities=files["ca"])
    setting = {"kind": "dicomweb", "url": f"https://localhost:{pacs.https}/dicom-web", "login": "pacs", "tls": "pacs"}
    asked.station(secrets=(ours, LOGIN), **setting).once()
    assert asked.held() == WHOLE
    without = Secret(authorities=files["ca"])
    with pytest.raises(WardlampError) as refused:
        asked.station(secrets=(without, LOGIN), **setting).once()
    assert refused.value.code in ("dicomweb.no_answer", "dicomweb.failed"), "nginx wants our certificate"
    stranger = Secret(certificate=files["client"], key=key)  # whose authorities are those of the machine
    with pytest.raises(WardlampError) as refused:
        asked.station(secrets=(stranger, LOGIN), **setting).once()
    assert refused.value.code == "dicomweb.no_answer", "an unknown authority signed the archive's"


def test_dimse_over_tls_with_both_certificates(tmp_path: Path, asked, certificates: Authority) -> None:
    pacs = Orthanc(tmp_path / "tls", tls=certificates.folder, dimse_tls=True).start()
    try:
        pacs.put(ct(PATIENT, 1, 1, 1))
        folder = certificates.folder
        ours = Secret(
            certificate=(folder / "client.pem").read_bytes(), key=(folder / "client.key").read_bytes(),
            authorities=(folder / "ca.pem").read_bytes(),
        )  # fmt: skip
        setting = {"kind": "dicom-query", "peer": f"localhost:{pacs.dicom}", "called": pacs.title, "by": "get"}
        asked.station(secrets=(ours, None), tls="pacs", **setting).once()
        assert asked.held() == {f"{ROOT_UID}.1.1.1"}
        with pytest.raises(WardlampError) as refused:
            asked.station(secrets=(None, None), **setting).once()
        assert refused.value.code == "dicom.no_answer", "it speaks TLS alone"
    finally:
        pacs.stop()


def test_who_is_not_let_in_is_told_why(asked, pacs: Orthanc) -> None:
    def refused(secrets=(None, LOGIN), **changed) -> str:
        with pytest.raises(WardlampError) as error:
            asked.station(secrets=secrets, **changed).once()
        return error.value.code

    assert refused((None, Secret(login=b"ward:wrong")), **way("web", pacs)) == "dicomweb.unauthorised"
    assert refused(**{**way("web", pacs), "url": f"http://127.0.0.1:{pacs.http}/elsewhere"}) == "dicomweb.failed"
    assert refused(**{**way("web", pacs), "url": f"http://127.0.0.1:{free_port()}/dicom-web"}) == "dicomweb.no_answer"
    assert refused(**{**way("get", pacs), "called": "OTHERPACS"}) == "dicom.refused_association"
    assert refused(**{**way("get", pacs), "title": "STRANGER"}) == "dicom.refused_association"
    assert refused(**{**way("get", pacs), "peer": f"127.0.0.1:{free_port()}"}) == "dicom.no_answer"
    assert asked.held() == set()


def test_dcmtk_is_asked_like_any_other(tmp_path: Path, asked) -> None:
    port = free_port()
    archive = dcmtk.Archive(tmp_path / "dcmqrscp", {"WARDLAMP": port}).start()
    try:
        files = []
        for number in range(1, 4):
            files.append(tmp_path / f"{number}.dcm")
            files[-1].write_bytes(ct(PATIENT, 4, 1, number))
        status, said = dcmtk.storescu(archive.port, files, called=archive.title, calling="WARDLAMP")
        assert status == 0, said
        listener, setting = receiver(asked, port)
        with listening(listener):
            here = {"kind": "dicom-query", "peer": f"127.0.0.1:{archive.port}", "called": archive.title}
            asked.station(**here, by="move", feeds=[setting], into="in", most=2).once()
            assert len(asked.held()) == 2, "by a list of UIDs at the level of images"
            asked.station(**here, by="get").once()
        assert asked.held() == {f"{ROOT_UID}.4.1.{n}" for n in (1, 2, 3)}
        assert set(asked.took.values()) == {1}
    finally:
        archive.stop()


@pytest.mark.parametrize("kind", ["get", "web"])
def test_one_examination_by_its_accession_number(asked, pacs: Orthanc, kind: str) -> None:
    asked.patients = []
    asked.station(accessions=["A2"], **way(kind, pacs)).once()
    assert asked.held() == {f"{ROOT_UID}.2.1.1"}


def test_one_that_cannot_be_sent_or_held_keeps_no_other_back(asked, pacs: Orthanc) -> None:
    """A slice larger than one may be is set aside once, and not fetched again and again; the others come."""
    stored = pacs.put(ct(PATIENT, 1, 0, 7, side=128))  # series 0 is asked for first
    try:
        for kind in ("get", "web"):
            station = asked.station(**way(kind, pacs), limits=Limits(object=20_000, beginning=2000))
            station.once()
            assert asked.held() >= WHOLE, kind
            aside = asked.writer.call(lambda i: known_instances.set_aside(i.connection, asked.source, [BIG]))
            assert aside == {BIG}
            times = dict(asked.took)
            station.once()
            assert asked.took == times, "nothing is fetched again"
    finally:
        pacs.ask(f"/instances/{stored['ID']}", method="DELETE")


def test_a_disk_that_is_full_is_told_and_the_images_come_later(asked, pacs: Orthanc) -> None:
    for kind in ("get", "web"):
        station = asked.station(take=lambda _: Stored(TRY_AGAIN, "disk.full"), **way(kind, pacs))
        with pytest.raises(WardlampError) as full:
            station.once()
        assert full.value.code == "disk.full"
        assert asked.held() == set()
    asked.station(**way("get", pacs)).once()
    assert asked.held() == WHOLE


@pytest.mark.parametrize("kind", ["dcmtk", "orthanc"])
def test_booked_examinations_come_from_a_worklist(
    tmp_path: Path, house: House, asked, pacs: Orthanc, kind: str
) -> None:
    server = dcmtk.Worklist(tmp_path / "worklist")
    today, past = f"{present():%Y%m%d}", "20200101"
    for number, day in ((1, today), (2, past)):
        server.put(str(number), booked(asked.source[-9:], number, day))
        booked(asked.source[-9:], number, day).save_as(pacs.worklists / f"{number}.wl", enforce_file_format=True)
    server.start()
    try:
        port, called = (server.port, server.title) if kind == "dcmtk" else (pacs.dicom, pacs.title)
        setting = {
            "name": "mwl",
            "source": asked.source,
            "kind": "worklist",
            "peer": f"127.0.0.1:{port}",
            "called": called,
        }
        (feed,) = read_feeds([setting])
        counts = FeedCounts("mwl", asked.source, "worklist", present)
        asking = Asking(peer(feed, None), present)
        station = WorklistStation(feed, asking, Profiles().get("ris"), asked.writer, counts, FeedLog(), present)
        station.once()
        station.once()
    finally:
        server.stop()
    assert counts.report()["read"] == 2, "one examination, each time"
    assert counts.report()["same"] == 1
    asked.writer.call(house.cut_of)
    reading = house.reading()
    try:
        chart = reading.chart(patient_id(asked.source, "", f"H{asked.source[-9:]}"))
    finally:
        reading.close()
    assert chart.patient.name.family == "Müller", "its letters, also where the server does not say which"
    assert [(r.text, r.status, "ACC1" in r.numbers) for r in chart.requests.items] == [("CT head", "active", True)]
    (appointment,) = chart.appointments.items
    assert (appointment.happened.text[:12], appointment.status) == (f"{present():%Y%m%d}0930", "booked")


def test_an_unknown_destination_is_a_failure_that_is_told(asked, pacs: Orthanc) -> None:
    setting = {
        "name": "in",
        "source": asked.source,
        "kind": "dicom-listen",
        "listen": "127.0.0.1:0",
        "title": "NOWHERE",
    }
    station = asked.station(**way("move", pacs), feeds=[setting], into="in")
    with pytest.raises(WardlampError) as refused:
        station.once()
    assert refused.value.code in ("dicom.failed", "dicom.no_answer")
    assert asked.held() == set()


def test_a_stop_ends_what_is_under_way(asked, pacs: Orthanc) -> None:
    stop = threading.Event()
    taken = []

    def slow(received):
        taken.append(received)
        stop.set()
        return Stored(STORED)

    station = asked.station(take=slow, **way("get", pacs))
    try:
        station.run(stop)
    except WardlampError as error:
        assert error.code == "dicom.no_answer"
    assert len(taken) < len(WHOLE) + 1


class _Failing:
    """An archive that fails over one number, in a batch and alone."""

    def __init__(self, archive, number: str) -> None:
        self._archive, self._number = archive, number

    def __getattr__(self, name: str):
        return getattr(self._archive, name)

    def studies(self, numbers, since, by="PatientID"):
        if self._number in numbers:
            raise AskingFailed("The archive answered with status C001H.")
        return self._archive.studies(numbers, since, by)


def test_a_number_over_which_an_archive_fails_keeps_no_other_back(asked, pacs: Orthanc) -> None:
    asked.patients = ["H99", PATIENT]
    station = asked.station(**way("web", pacs))
    station._archive = _Failing(station._archive, "H99")
    station.once()
    assert asked.held() == WHOLE
    assert asked.state()["instance"] == "partial", "not everybody could be asked for"
    asked.patients = ["H99"]
    with pytest.raises(WardlampError) as nothing:
        station.once()
    assert nothing.value.code == "dicom.failed", "where nothing goes, the feed says so"
