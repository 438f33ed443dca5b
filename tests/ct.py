"""A CT of real DICOM files, made with pydicom from one slice of the data: each slice has its place, number and UID."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread

STUDY = "1.2.826.0.1.3680043.8.498.77.1"
GAP_MM = 5.0


def ct_slices(
    data: Path, folder: Path, numbers: Iterable[int], *, study: str = STUDY, series: int = 1, patient: str = "7000000017",
    **more: Any,
) -> list[Path]:  # fmt: skip
    """Writes slices `numbers` of a series into `folder`: slice n lies n × GAP_MM towards the head. `data`: the data."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for n in numbers:
        ds = dcmread(data / "dicom/pydicom/test_files/CT_small.dcm")
        given = {
            "StudyInstanceUID": study, "SeriesInstanceUID": f"{study}.{series}", "SOPInstanceUID": f"{study}.{series}.{n}",
            "SeriesNumber": series, "InstanceNumber": n, "SeriesDescription": "Chest 5 mm", "PatientID": patient,
            "IssuerOfPatientID": "NORTH", "PatientName": "Testperson^Anna", "PatientBirthDate": "19500102",
            "StudyDescription": "CT chest", "AccessionNumber": "A77", "StudyDate": "20261123", "StudyTime": "090000",
            "AcquisitionDate": "20261123", "AcquisitionTime": f"0901{n % 60:02d}", "SeriesDate": "20261123",
            "InstanceCreationDate": "20261123", "InstanceCreationTime": f"0902{n % 60:02d}",
            "ImagePositionPatient": [0.0, 0.0, n * GAP_MM], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "FrameOfReferenceUID": f"{study}.99", "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"], **more,
        }  # fmt: skip
        for name, value in given.items():
            setattr(ds, name, value)
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        path = folder / f"IM{series:02d}{n:04d}"
        ds.save_as(path, enforce_file_format=True)
        made.append(path)
    return made


def answer(path: Path, total: int) -> tuple[Dataset, list[Dataset]]:
    """What an archive answers about the study of a file that has one series of `total` slices (PS3.4 C.6)."""
    of = dcmread(path, stop_before_pixels=True)
    names = (
        "PatientID IssuerOfPatientID PatientName PatientBirthDate StudyInstanceUID StudyDate StudyTime"
        " StudyDescription AccessionNumber"
    )
    study, series = Dataset(), Dataset()
    for name in names.split():
        setattr(study, name, getattr(of, name))
    study.NumberOfStudyRelatedInstances = total
    for name in "SeriesInstanceUID SeriesNumber SeriesDescription Modality".split():
        setattr(series, name, getattr(of, name))
    series.NumberOfSeriesRelatedInstances = total
    return study, [series]
