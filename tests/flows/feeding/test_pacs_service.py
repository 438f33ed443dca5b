"""A site sets its ways to images up by command, tries them, and runs them: whoever lies in the ward has their images here.

One real service process with a listener, an archive that is asked, DICOMweb and a worklist; Orthanc and DCMTK beside it.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydicom.dataset import Dataset, FileMetaDataset

from desktop.cli import main
from localdb.clock import present
from localdb.house import open_house
from localdb.vault.staff import add_feed
from tests.derived import derived_once
from tests.flows.feeding.serving import Service, free_port
from tests.made import SECRET, person, stay, ward, write
from tests.servers import dcmtk
from tests.servers.orthanc import PASSWORD, USER, Orthanc
from tests.unit.sources.dimse.pacs import ct

__all__ = ["derived_once"]
WHO = person(1)
NUMBER, BORN = "H0000001", WHO["birthDate"].replace("-", "")
NAME = f"{WHO['name'][0]['family']}^{WHO['name'][0]['given'][0]}"
Run = Callable[..., dict[str, Any]]


def booked() -> Dataset:
    """Tomorrow's CT of the head, in Orthanc's worklist."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.MediaStorageSOPClassUID, made.file_meta.MediaStorageSOPInstanceUID = (
        "1.2.276.0.7230010.3.1.0.1",
        "1.2.3",
    )
    made.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    made.SpecificCharacterSet = "ISO_IR 192"
    made.PatientID, made.PatientName, made.PatientBirthDate = NUMBER, NAME, BORN
    made.AccessionNumber, made.StudyInstanceUID, made.RequestedProcedureID = "ACC77", "1.2.3.4", "RP77"
    made.RequestedProcedureDescription = "CT head"
    step = Dataset()
    step.Modality, step.ScheduledStationAETitle, step.ScheduledProcedureStepID = "CT", "CT1", "SPS77"
    step.ScheduledProcedureStepStartDate, step.ScheduledProcedureStepStartTime = f"{present():%Y%m%d}", "093000"
    step.ScheduledProcedureStepDescription = "CT head"
    made.ScheduledProcedureStepSequence = [step]
    return made


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A vault in whose ward one patient lies."""
    folder = tmp_path_factory.mktemp("service")
    made = Service(folder)
    main(["fill", str(write(folder / "fhir" / "ward.json", [*ward(), WHO, stay("p1", 1)])), "--source", "pas",
          "--vault", str(made.vault), "--secret-file", str(folder / "secret")])  # fmt: skip
    house = open_house(made.vault, SECRET)
    made.health = free_port()
    house.set_site({"feeding": {"health": f"127.0.0.1:{made.health}"}})
    house.set_site({"feeds": [], "sources": {"pacs": {"issuer": "urn:hospital"}, "ris": {"issuer": "urn:hospital"}}})
    house.close()
    return made


@pytest.fixture(scope="module")
def pacs(tmp_path_factory: pytest.TempPathFactory, service: Service) -> Iterator[Orthanc]:
    made = Orthanc(tmp_path_factory.mktemp("pacs") / "orthanc", modalities={"WARDLAMP": service.port}).start()
    for number in range(1, 7):
        made.put(ct(NUMBER, 1, 1, number, PatientName=NAME, PatientBirthDate=BORN))
    made.put(ct("H0000002", 2, 1, 1))  # whoever lies nowhere here
    booked().save_as(made.worklists / "one.wl", enforce_file_format=True)
    yield made
    made.stop()


@pytest.fixture
def run(service: Service, capsys: pytest.CaptureFixture[str]) -> Run:
    def act(*words: str, status: int = 0) -> dict[str, Any]:
        secret = service.vault.parent / "secret"
        assert main([*words, "--json", "--vault", str(service.vault), "--secret-file", str(secret)]) == status
        said: dict[str, Any] = json.loads(capsys.readouterr().out)
        return said

    return act


def until(fact: Callable[[], object], what: str, limit: float = 40.0) -> None:
    waiting, end = threading.Event(), time.monotonic() + limit
    while not fact():
        assert time.monotonic() < end, what
        waiting.wait(0.1)


def found(points: dict[str, Any]) -> dict[str, tuple[str, bool]]:
    return {p["what"]: (p["found"], p["ok"]) for p in points["points"]}


class Chart:
    """The patient's chart as the newest copy has it, over one opened house: opening takes a key derivation."""

    def __init__(self, service: Service) -> None:
        self.house = open_house(service.vault, SECRET)

    def images(self) -> list[tuple[str, int, int | None]]:
        return [(i.text, i.held, i.total) for i in self._chart().images.items]

    def is_booked(self) -> bool:
        chart = self._chart()
        return any(r.text == "CT head" for r in chart.requests.items) and bool(chart.appointments.items)

    def _chart(self) -> Any:
        reading = self.house.reading()
        try:
            return reading.chart(NUMBER)
        finally:
            reading.close()


def wrong(port: int) -> str:
    """What the service says is not well."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
            said = json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            said = json.load(error)
    return "; ".join(said["wrong"])


def test_ways_to_images_are_set_up_tried_and_run(service: Service, pacs: Orthanc, run: Run) -> None:
    login = service.vault.parent / "login"
    login.write_text(f"{USER}:{PASSWORD}\n")
    run("feed", "secret", "set", "pacs-login", "--login", str(login))
    (note,) = run("feed", "secret", "list")["secrets"]
    assert (note["name"], note["has_login"], note["has_key"]) == ("pacs-login", True, False)
    here = ["--source", "pacs", "--days", "3650"]
    asked = ["--peer", f"127.0.0.1:{pacs.dicom}", "--called", pacs.title]
    run("feed", "add", "store", "--source", "pacs", "--kind", "dicom-listen", "--listen", f"127.0.0.1:{service.port}")
    run("feed", "add", "ask", *here, "--kind", "dicom-query", *asked, "--by", "move", "--into", "store", "--every", "5")
    run("feed", "add", "web", *here, "--kind", "dicomweb", "--url", pacs.web, "--login", "pacs-login")
    run("feed", "add", "booked", "--source", "ris", "--kind", "worklist", *asked)
    assert [f["kind"] for f in run("feed", "list")["feeds"]] == ["dicom-listen", "dicom-query", "dicomweb", "worklist"]

    assert found(run("feed", "test", "store"))["port"] == ("is free; start the service to try a message", True)
    tried = found(run("feed", "test", "ask"))
    assert tried["archive"] == ("answers, and lets this machine in", True)
    assert tried["question"] == ("it found nothing of a patient who does not exist, as it should", True)
    assert tried["patients"] == ("1 asked for by number", True)
    assert tried["sending"] == ("it offers C-MOVE, to WARDLAMP", True)
    assert f"127.0.0.1:{service.port}" in tried["destination"][0]
    assert found(run("feed", "test", "web"))["archive"][1]
    assert found(run("feed", "test", "booked"))["worklist"][0].startswith("answers: 1 examination")

    house = open_house(service.vault, SECRET)
    own, _ = add_feed(service.vault, house.keys)  # the machine's own secret, which opens no chart
    house.close()
    service._secret = service.vault.parent / "machine"
    service._secret.write_bytes(bytes(own) + b"\n")
    service._secret.chmod(0o600)
    service.start()
    chart = Chart(service)
    try:
        until(lambda: chart.images() == [("CT chest", 6, 6)], "the ward's images did not come")
        until(chart.is_booked, "the booked examination did not come")
        assert found(run("feed", "test", "store"))["C-ECHO"] == ("WARDLAMP answered", True)
        file = service.vault.parent / "late.dcm"
        file.write_bytes(ct(NUMBER, 3, 1, 1, StudyDescription="CT abdomen", PatientName=NAME, PatientBirthDate=BORN))
        assert dcmtk.storescu(service.port, [file])[0] == 0
        until(lambda: ("CT abdomen", 1, None) in chart.images(), "what a modality sends is soon in the chart")
        damaged = file.with_name("damaged.dcm")
        damaged.write_bytes(ct("", 4, 1, 1))  # of nobody
        status, said = dcmtk.storescu(service.port, [damaged])
        assert "Warning" in said, said
        assert status == 0, "it is durable and set aside: its sender goes on"

        pacs.kill()
        until(lambda: "feed ask: dicom.no_answer" in wrong(service.health), "an archive that died is not well")
        assert found(run("feed", "test", "ask", status=1))["archive"][1] is False
        assert ("CT chest", 6, 6) in chart.images(), "what is here stays"
        pacs.start()
        until(lambda: "feed ask" not in wrong(service.health), "it did not go on by itself")
    finally:
        service.stop()
        chart.house.close()
    log = "\n".join(json.dumps(line) for line in service.log)
    assert log.count('"event"') > 5
    secret = [NUMBER, "H0000002", "CT chest", "ACC77", PASSWORD, *NAME.split("^"), "1.2.826.0.1.3680043"]
    assert [word for word in secret if word.casefold() in log.casefold()] == []


def test_a_feed_that_cannot_be_is_refused_with_its_field(run: Run) -> None:
    def refused(*words: str) -> str:
        message: str = run("feed", "add", "x", "--source", "s", *words, status=1)["error"]["message"]
        return message

    assert "feeds.x.peer" in refused("--kind", "dicom-query", "--peer", "nowhere")
    assert "feeds.x.called" in refused("--kind", "worklist", "--peer", "pacs:104")
    assert "feeds.x.into" in refused("--kind", "dicom-query", "--peer", "pacs:104", "--called", "P", "--by", "move")
    assert "feeds.x.url" in refused("--kind", "dicomweb", "--url", "ftp://pacs/dicom-web")
    assert "feeds.x.url" in refused("--kind", "dicomweb", "--url", "http://pacs/dicom-web", "--login", "l")
    assert "feeds.x.listen" in refused("--kind", "dicom-listen")
