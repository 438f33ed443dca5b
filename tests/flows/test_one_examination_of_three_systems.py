"""A story: one CT is ordered in the record system, booked in the worklist, done, sent by the archive, described by the
radiology system and reported twice: it is one examination all the way, one line that waits, then none (hazards H09, H17).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydicom import Dataset

from localdb.chart.in_flight import BOOKED, COME, PERFORMED, Line, in_flight
from localdb.chart.reports import FINAL, NOT_REPORTED, Examination, examinations
from localdb.house import House
from localdb.sources.dicom.listing import read_worklist
from tests.ct import STUDY, ct_slices
from tests.made import NOW, new_house, nhs_number, person, stay, ward, write
from tests.unit.sources.dicom.made import code, image, item, packed

NUMBER, ORDER = "A77", "O900"
SR = "1.2.840.10008.5.1.4.1.1.88.11"
KNOWN = person(1)
NAME = f"{KNOWN['name'][0]['family']}^{KNOWN['name'][0]['given'][0]}"
WHO = {"patient": "H0000001", "IssuerOfPatientID": "urn:hospital", "PatientName": NAME,
       "PatientBirthDate": KNOWN["birthDate"].replace("-", "")}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    order = {"resourceType": "ServiceRequest", "id": "s1", "status": "active", "intent": "order", "priority": "urgent",
             "subject": {"reference": "Patient/p1"}, "code": {"text": "CT chest"}, "category": [{"text": "Imaging"}],
             "identifier": [{"value": ORDER}], "authoredOn": "2026-11-22T20:00:00+00:00"}  # fmt: skip
    made.fill([write(tmp_path / "epr.json", [*ward(), KNOWN, stay("p1", 1), order])], source="epr", processes=1)
    yield made
    made.close()


def booked() -> Dataset:
    step = item(Modality="CT", ScheduledStationName="CT 2", ScheduledProcedureStepStartDate="20261123",
                ScheduledProcedureStepStartTime="0900", ScheduledProcedureStepID="S1")  # fmt: skip
    return item(
        PatientID=WHO["patient"], IssuerOfPatientID="urn:hospital", PatientName=NAME,
        PatientBirthDate=WHO["PatientBirthDate"], AccessionNumber=NUMBER, RequestedProcedureID="RP1",
        RequestedProcedureDescription="CT chest", PlacerOrderNumberImagingServiceRequest=ORDER,
        ScheduledProcedureStepSequence=[step],
    )  # fmt: skip


def structured(words: str) -> bytes:
    """A verified structured report of the archive, of the same study and without an accession number."""
    more: dict[str, Any] = {n: v for n, v in WHO.items() if n != "patient"}
    text = item(RelationshipType="CONTAINS", ValueType="TEXT", TextValue=words,
                ConceptNameCodeSequence=[code("121071", "DCM", "Finding")])  # fmt: skip
    ds = image(
        PatientID=WHO["patient"], StudyInstanceUID=STUDY, SeriesInstanceUID=f"{STUDY}.50", SOPInstanceUID=f"{STUDY}.50.1",
        SOPClassUID=SR, Modality="SR", AccessionNumber="", PixelData=None, Rows=None, Columns=None, SamplesPerPixel=None,
        PhotometricInterpretation=None, BitsAllocated=None, BitsStored=None, HighBit=None, PixelRepresentation=None,
        ValueType="CONTAINER", CompletionFlag="COMPLETE", VerificationFlag="VERIFIED", ContentDate="20261123",
        ContentTime="110000", ConceptNameCodeSequence=[code("18748-4", "LN", "Diagnostic imaging report")],
        ContentSequence=[text], **more,
    )  # fmt: skip
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = SR, ds.SOPInstanceUID
    return packed(ds)


def seen(house: House) -> tuple[tuple[Examination, ...], tuple[Line, ...]]:
    """(the examinations, the lines that wait) of the patient."""
    reading = house.reading()
    chart = reading.chart(nhs_number(1))
    reading.close()
    return examinations(chart), in_flight(chart, NOW + timedelta(hours=1)).open


def test_from_the_order_to_two_reports_it_is_one_examination(house: House, tmp_path: Path, data_dir: Path) -> None:
    ((ordered,), (line,)) = seen(house)
    assert ordered.request is not None
    # The worklist books it: the same order, with a time, and still one line.
    with house.intake() as intake:
        intake.take(read_worklist("wl", [booked()], "worklist", house.profiles.get("worklist"), NOW))
        intake.commit()
        house.cut_of(intake)
    ((planned,), (line,)) = seen(house)
    assert planned.request is not None
    assert planned.request.source == "epr"
    assert (planned.request.wanted and planned.request.wanted.text, line.state) == ("202611230900", BOOKED)
    # It is done, and the archive sends it: performed, not reported; the order waits for its report.
    given = {k: v for k, v in WHO.items() if k != "patient"}
    ct_slices(data_dir, tmp_path / "ct", range(1, 4), patient=WHO["patient"], AccessionNumber=NUMBER, **given)
    house.fill([tmp_path / "ct"], source="pacs", processes=1)
    ((done,), (line,)) = seen(house)
    assert done.study is not None
    assert done.request is not None
    assert (done.status, done.study.held, line.state, line.test) == (NOT_REPORTED, 3, PERFORMED, "CT chest")
    # The radiology system describes the study under an id of its own, and reports it.
    study = {"resourceType": "ImagingStudy", "id": "i1", "status": "available", "subject": {"reference": "Patient/p1"},
             "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{STUDY}"},
                            {"type": {"coding": [{"code": "ACSN"}]}, "value": f"{NUMBER} "}],
             "description": "CT chest with contrast", "started": "2026-11-23T09:00:00+00:00", "numberOfInstances": 5,
             "series": [{"uid": f"{STUDY}.1", "modality": {"code": "CT"}, "numberOfInstances": 5}]}  # fmt: skip
    report = {"resourceType": "DiagnosticReport", "id": "d1", "status": "final", "subject": {"reference": "Patient/p1"},
              "code": {"text": "CT chest"}, "category": [{"coding": [{"code": "RAD"}]}], "conclusion": "Clear.",
              "imagingStudy": [{"reference": "ImagingStudy/i1"}], "issued": "2026-11-23T10:00:00+00:00"}  # fmt: skip
    house.fill([write(tmp_path / "ris.json", [KNOWN, study, report])], source="ris", processes=1)
    ((formal,), waiting) = seen(house)
    assert formal.study is not None
    assert formal.report is not None
    assert (formal.study.source, formal.study.held, formal.study.total) == ("ris", 3, 5)
    assert (formal.status, formal.request is not None, formal.report.conclusion) == (FINAL, True, "Clear.")
    assert [x.state for x in waiting] == [COME], "the line stays until somebody has read it and closes it"
    # The archive has a structured report too: another report of the same examination, not another examination.
    (tmp_path / "sr").mkdir()
    (tmp_path / "sr" / "1.dcm").write_bytes(structured("No embolus."))
    house.fill([tmp_path / "sr"], source="pacs", processes=1)
    both, _ = seen(house)
    assert len(both) == 2
    assert {e.study.id for e in both if e.study is not None} == {formal.study.id}
    assert {e.report.source for e in both if e.report is not None} == {"ris", "pacs"}
    assert [e.status for e in both] == [FINAL, FINAL]
    counts = {(e.study.held, e.study.total) for e in both if e.study is not None}
    assert counts == {(4, 6)}, "the report is an object of the study too, beside the five that were counted"
