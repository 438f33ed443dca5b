"""The images of the demonstration: made again they are equal, and they are of its invented people (issue 8)."""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.encaps import generate_frames

from tests.conftest import LONG
from tests.unit.demo.reading import DEMO, HOSPITAL, NHS, ROOT, Beds, Sent, number, of

PACS = DEMO / "pacs"
# Which of the beds has which examination, as packaging/demo_hospital tells it; UIDs of the radiology system's studies.
OF_BEDS = {"chest-2026-11": "A1", "chest-2025-03": "A1", "ct-chest-2026-02": "A1", "ct-chest-2026-08": "A1",
           "ct-head": "A6", "leg-veins": "A4", "foot": "B6", "chest-tube": "C5"}  # fmt: skip


def paths() -> list[Path]:
    return sorted(PACS.rglob("*.dcm"))


def pixels(data: pydicom.Dataset) -> list[Any]:
    frames = generate_frames(data.PixelData, number_of_frames=int(data.get("NumberOfFrames", 1)))
    return [imagecodecs.jpeg8_decode(f) if data.SamplesPerPixel == 3 else imagecodecs.jpegls_decode(f) for f in frames]


@pytest.fixture(scope="module")
def maker() -> Any:
    """The module that makes them, and the tables of the hospital."""
    folder = str(ROOT / "packaging" / "demo_hospital")
    before = set(sys.modules)
    sys.path.insert(0, folder)
    try:
        import images
        import make

        yield images, make.tables()[1]
    finally:
        sys.path.remove(folder)
        for name in set(sys.modules) - before:  # they are scripts: nothing else shall find `index` or `files`
            if str(getattr(sys.modules[name], "__file__", "")).startswith(folder):
                del sys.modules[name]


def test_made_again_they_have_the_same_facts_and_pixels(maker: Any) -> None:
    """All under --long; a slice and a film of each run otherwise, for the phantoms are slow to draw."""
    images, patients = maker
    plan = images.plan(patients)
    assert sorted(plan) == [str(p.relative_to(PACS)) for p in paths()]
    chosen = (
        sorted(plan)
        if LONG
        else random.Random(8).sample([n for n in sorted(plan) if "ct-" in n], 3) + ["foot/IM0001.dcm"]
    )
    for name in chosen:
        import io

        held, made = pydicom.dcmread(PACS / name), pydicom.dcmread(io.BytesIO(plan[name]()))
        assert made.file_meta == held.file_meta
        if "PixelData" in held:
            for one, other in zip(pixels(held), pixels(made), strict=True):
                assert np.abs(one.astype(int) - other.astype(int)).max() <= (3 if held.SamplesPerPixel == 3 else 0), (
                    name
                )
            del held.PixelData, made.PixelData
        assert held == made, name


def test_each_is_of_whom_the_hospital_says(beds: Beds) -> None:
    for path in paths():
        data = pydicom.dcmread(path, stop_before_pixels=True)
        if path.parent.name == "chest-unknown":
            assert data.PatientName == "TANGO^Sierra"
            continue
        person = beds[OF_BEDS[path.parent.name]]
        assert data.PatientID == number(person, HOSPITAL)
        assert data.IssuerOfPatientID == HOSPITAL
        assert data.OtherPatientIDsSequence[0].PatientID == number(person, NHS)
        assert data.PatientBirthDate == person["birthDate"].replace("-", "")
        assert str(data.PatientName).split("^")[0] == person["name"][0]["family"]


def test_they_join_the_studies_and_reports_of_the_radiology_system(sent: Sent) -> None:
    studies = {i["value"].removeprefix("urn:oid:"): s for s in of(sent["ris"], "ImagingStudy") for i in s["identifier"]
               if i.get("system") == "urn:dicom:uid"}  # fmt: skip
    accessions = {i["value"] for r in of(sent["ris"], "DiagnosticReport") for i in r.get("identifier", ())}
    joined, unreported = set(), set()
    for path in paths():
        data = pydicom.dcmread(path, stop_before_pixels=True)
        if data.StudyInstanceUID in studies:
            joined.add(path.parent.name)
        if data.AccessionNumber not in accessions:
            unreported.add(path.parent.name)
    assert joined == {"chest-2026-11", "ct-head", "foot"}
    assert unreported == {"chest-tube", "chest-unknown"}
    head = studies[pydicom.dcmread(PACS / "ct-head" / "IM0001.dcm").StudyInstanceUID]
    assert int(head["numberOfInstances"]) == 30
    assert len(list((PACS / "ct-head").iterdir())) == 24


def test_uids_and_texts_are_sound() -> None:
    """pydicom warns of a value that its VR does not allow; warnings are errors here."""
    seen = set()
    for path in paths():
        data = pydicom.dcmread(path)
        for element in data.iterall():
            _ = element.value
        assert pydicom.uid.UID(data.SOPInstanceUID).is_valid and pydicom.uid.UID(data.StudyInstanceUID).is_valid
        assert data.SOPInstanceUID not in seen
        seen.add(data.SOPInstanceUID)
        assert str(data.get("BurnedInAnnotation", "NO")) == "NO"
