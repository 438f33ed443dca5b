"""Structured reports and encapsulated documents become reports that join their study (CLINICAL §4.1)."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pydicom
import pytest

from localdb.chart.reports import one_examination
from localdb.records.vocabulary import ImagingStudy, Instance, Report
from localdb.sources.dicom import inside
from localdb.sources.dicom.structured import NOT_WHOLE
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import FileReading
from tests.unit.sources.dicom.made import code, image, instance_in, item, packed, records

SR, KEY, PDF = "1.2.840.10008.5.1.4.1.1.88.33", "1.2.840.10008.5.1.4.1.1.88.59", "1.2.840.10008.5.1.4.1.1.104.1"
PROFILE = SourceProfile()


@pytest.fixture(scope="module", autouse=True)
def _prepared() -> None:
    inside.prepare()


def read(class_: str, **elements: object) -> FileReading:
    plain = dict.fromkeys(
        ("PixelData", "Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated", "BitsStored",
         "HighBit", "PixelRepresentation"))  # fmt: skip
    ds = image(**plain, SOPClassUID=class_, **{"Modality": "SR", **elements})
    ds.file_meta.MediaStorageSOPClassUID = class_
    return inside.read("a", packed(ds), "pacs", PROFILE)


def report(class_: str = SR, **elements: object) -> Report:
    return next(r for r in records(read(class_, **elements)) if isinstance(r, Report))


def line(kind: str, name: str, **value: object) -> object:
    return item(RelationshipType="CONTAINS", ValueType=kind, ConceptNameCodeSequence=[code("1", "99X", name)], **value)


CONTENT = [
    line("CONTAINER", "Findings", ContentSequence=[
        line("TEXT", "Finding", TextValue="Fracture of the\r\nleft radius."),
        line("NUM", "Length", MeasuredValueSequence=[
            item(NumericValue="12.50", MeasurementUnitsCodeSequence=[code("mm", "UCUM", "millimeter")])]),
        line("CODE", "Side", ConceptCodeSequence=[code("7771000", "SCT", "Left")]),
        line("IMAGE", "Source", ReferencedSOPSequence=[item(ReferencedSOPInstanceUID="1.2.3")]),
    ]),
    item(RelationshipType="CONTAINS", ValueType="TEXT", ConceptNameCodeSequence=[code("121073", "DCM", "Impression")],
         TextValue="Distal radius fracture."),
]  # fmt: skip


def test_a_content_tree_is_indented_text_with_values_and_units_as_sent() -> None:
    found = report(
        ContentSequence=CONTENT, ConceptNameCodeSequence=[code("18748-4", "LN", "Diagnostic imaging report")]
    )
    assert found.text == "Diagnostic imaging report"
    assert found.codes[0].system == "http://loinc.org"
    assert found.body.split("\n") == [
        "Findings", "  Finding: Fracture of the", "    left radius.", "  Length: 12.50 mm", "  Side: Left",
        "  Source: [1 image referred to]",
    ]  # fmt: skip
    assert found.conclusion == "Impression: Distal radius fracture."


def test_a_report_joins_its_study() -> None:
    reading = read(SR, ContentSequence=CONTENT)
    found = {type(r): r for r in records(reading)}
    made, study = found[Report], found[ImagingStudy]
    assert isinstance(made, Report) and isinstance(study, ImagingStudy)
    assert one_examination(made, study)
    assert (made.accession, study.accession, study.modality, made.category) == ("ACC1", "ACC1", "", "RAD")
    assert isinstance(found[Instance], Instance) and found[Instance].frames == 0 and found[Instance].is_held


@pytest.mark.parametrize(
    ("elements", "status"),
    [
        ({"CompletionFlag": "COMPLETE", "VerificationFlag": "VERIFIED"}, "final"),
        ({"CompletionFlag": "COMPLETE", "VerificationFlag": "UNVERIFIED"}, "preliminary"),
        ({"CompletionFlag": "PARTIAL", "VerificationFlag": "VERIFIED"}, "partial"),
        ({"VerificationFlag": "VERIFIED", "PreliminaryFlag": "PRELIMINARY"}, "preliminary"),
        ({"VerificationFlag": "UNVERIFIED", "PreliminaryFlag": "FINAL"}, "final"),
        ({}, "preliminary"),  # what does not say that it is verified is not
    ],
)
def test_the_status_is_what_its_flags_say(elements: dict[str, object], status: str) -> None:
    assert report(ContentSequence=CONTENT, **elements).status == status


def test_a_verified_report_has_its_verifier_and_time() -> None:
    observer = item(VerifyingObserverName="Reader^Rita^^Dr", VerificationDateTime="20261120113000")
    found = report(ContentSequence=CONTENT, VerificationFlag="VERIFIED", VerifyingObserverSequence=[observer])
    assert found.author == "Dr Rita Reader"
    assert found.said is not None and found.said.text == "20261120113000"


def test_an_encapsulated_pdf_is_a_report_with_its_file() -> None:
    pdf = b"%PDF-1.4\nabc"  # an odd length: DICOM pads it, the length that was sent takes the pad away
    reading = read(
        PDF, Modality="DOC", EncapsulatedDocument=pdf + b"\n", EncapsulatedDocumentLength=len(pdf),
        MIMETypeOfEncapsulatedDocument="application/pdf", DocumentTitle="CT head report",
    )  # fmt: skip
    made = next(r for r in records(reading) if isinstance(r, Report))
    (blob,) = reading.units[0].blobs
    assert (blob.data, blob.sha256, made.blob) == (pdf, sha256(pdf).hexdigest(), sha256(pdf).hexdigest())
    assert (made.media_type, made.text) == ("application/pdf", "CT head report")


def test_key_images_point_and_say_what_they_are() -> None:
    content = [
        line("IMAGE", "", ReferencedSOPSequence=[item(ReferencedSOPInstanceUID=f"1.2.{n}")]) for n in (5, 3, 5)
    ]  # fmt: skip
    reading = read(
        KEY, Modality="KO", ConceptNameCodeSequence=[code("113000", "DCM", "Of Interest")], ContentSequence=content
    )
    found = instance_in(reading)
    assert (found.pointed, found.title, found.codes[0].code) == (("1.2.5", "1.2.3"), "Of Interest", "113000")
    assert not any(isinstance(r, Report) for r in records(reading))


def test_a_dose_report_is_no_report_of_an_examination() -> None:
    reading = read("1.2.840.10008.5.1.4.1.1.88.67", ContentSequence=CONTENT)
    assert not any(isinstance(r, Report) for r in records(reading))


def test_a_presentation_state_points_to_its_images() -> None:
    images = [item(ReferencedSOPInstanceUID="1.2.9"), item(ReferencedSOPInstanceUID="1.2.8")]
    reading = read(
        "1.2.840.10008.5.1.4.1.1.11.1", Modality="PR", ContentLabel="FRACTURE", ContentDescription="arrow",
        ReferencedSeriesSequence=[item(ReferencedImageSequence=images)],
    )  # fmt: skip
    assert (instance_in(reading).pointed, instance_in(reading).title) == (("1.2.9", "1.2.8"), "arrow")


def test_a_tree_that_is_too_deep_says_that_it_goes_on() -> None:
    deep = line("TEXT", "End", TextValue="never seen")
    for _ in range(60):
        deep = line("CONTAINER", "Level", ContentSequence=[deep])
    found = report(ContentSequence=[deep])
    assert found.body.endswith(NOT_WHOLE) and "never seen" not in found.body


def test_reports_of_the_data_are_read(data_dir: Path) -> None:
    path = data_dir / "dicom/dcmqi/sr-example/sr.dcm"
    found = next(r for r in records(inside.read("a", path.read_bytes(), "s", PROFILE)) if isinstance(r, Report))
    every = list(_items(pydicom.dcmread(path)))
    values = [str(i.MeasuredValueSequence[0].NumericValue) for i in every if i.ValueType == "NUM"]
    assert len(values) > 20
    lines = found.body.split("\n")
    for value in values:
        assert any(f": {value} " in one or one.endswith(f": {value}") for one in lines), value
    library = [i for i in every if i.ValueType == "IMAGE" and "ConceptNameCodeSequence" not in i]
    assert f"[{len(library)} images referred to]" in found.body
    assert "    Volume: 33.5824 ml" in found.body


def _items(ds: pydicom.Dataset) -> Iterator[pydicom.Dataset]:
    for one in ds.get("ContentSequence", ()):
        yield one
        yield from _items(one)
