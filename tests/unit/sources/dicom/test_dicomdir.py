"""DICOMDIRs: what a disc holds, in whatever state its directory is (PS3.3 Annex F)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pydicom
import pytest

from localdb.records.vocabulary import ImagingStudy, Patient
from localdb.sources.dicom import dicomdir, inside
from localdb.sources.dicom.part10 import read_part10
from localdb.sources.files import read_all
from localdb.sources.profiles import SourceProfile
from localdb.sources.units import READ, SET_ASIDE, FileReading
from localdb.sources.walking import beside_of, plain_path, walk
from tests.unit.sources.dicom.made import records

PROFILE = SourceProfile()
DISC = "dicom/pydicom/test_files/dicomdirtests"
# Studies and images of each patient of the disc, by hand from pydicom's own FileSet
COUNTS = {"77654033": (2, 7), "98890234": (4, 24)}


@pytest.fixture(scope="module", autouse=True)
def _prepared() -> None:
    inside.prepare()


def read(content: bytes, beside: frozenset[str] | None = None) -> FileReading:
    return inside.read("DICOMDIR", content, "disc", PROFILE, beside)


def counts(reading: FileReading) -> dict[str, tuple[int, int]]:
    made = records(reading)
    numbers = {p.id: p.source_id for p in made if isinstance(p, Patient)}
    found: dict[str, tuple[int, int]] = {}
    for study in made:
        if isinstance(study, ImagingStudy):
            studies, images = found.get(numbers[study.patient], (0, 0))
            found[numbers[study.patient]] = (studies + 1, images + (study.total or 0))
            assert study.total == sum(s.total or 0 for s in study.series)
    return found


@pytest.mark.parametrize("name", ["DICOMDIR", "DICOMDIR-bigEnd", "DICOMDIR-implicit"])
def test_a_directory_counts_what_it_lists(data_dir: Path, name: str) -> None:
    reading = read((data_dir / DISC / name).read_bytes())
    assert counts(reading) == COUNTS
    (unit,) = reading.units
    assert (unit.verdict, unit.type, unit.reason) == (READ, "DICOMDIR", "lists 31 files")


@pytest.mark.parametrize("name", ["DICOMDIR-nooffset", "DICOMDIR-reordered"])
def test_a_directory_without_order_is_read_all_the_same(data_dir: Path, name: str) -> None:
    reading = read((data_dir / "dicom/hostile/pydicom" / name).read_bytes())
    assert counts(reading) == COUNTS


def test_a_directory_without_its_patients_files_nothing(data_dir: Path) -> None:
    reading = read((data_dir / "dicom/hostile/pydicom/DICOMDIR-nopatient").read_bytes())
    listed = counts(reading)
    assert sum(images for _, images in listed.values()) < 31
    assert "without a patient or study" in reading.units[0].reason


def test_an_empty_directory_lists_nothing(data_dir: Path) -> None:
    reading = read((data_dir / "dicom/hostile/pydicom/DICOMDIR-empty.dcm").read_bytes())
    assert (reading.units[0].verdict, reading.units[0].reason, reading.units[0].facts) == (READ, "lists 0 files", ())


def test_what_is_not_in_the_folder_is_a_finding(data_dir: Path, tmp_path: Path) -> None:
    disc = tmp_path / "cd"
    shutil.copytree(data_dir / DISC, disc, ignore=shutil.ignore_patterns("TINY_ALPHA", "*-*", "README*"))
    assert [u.verdict for u in read((disc / "DICOMDIR").read_bytes(), beside_of(disc)).units] == [READ]
    for lost in ("77654033/CR1/6154", "98892003/MR1/4919"):
        (disc / lost).unlink()
    unit, finding = read((disc / "DICOMDIR").read_bytes(), beside_of(disc)).units
    assert unit.verdict == READ
    assert (finding.verdict, finding.code) == (SET_ASIDE, "dicom.dir_incomplete")
    assert finding.reason == "it lists 31 files, 29 of them are here"


def test_a_disc_is_read_as_one_source_with_what_lies_on_it(data_dir: Path, tmp_path: Path) -> None:
    disc = tmp_path / "cd"
    shutil.copytree(data_dir / DISC, disc, ignore=shutil.ignore_patterns("TINY_ALPHA", "*-*", "README*", "98*"))
    found = list(read_all([disc]))
    assert {r.source for r in found} == {"files"}
    verdicts = [u.verdict for r in found for u in r.units]
    assert verdicts.count(READ) == 1 + 7 and verdicts.count(SET_ASIDE) == 1  # the 24 of the other patient
    assert len({f.patient for r in found for u in r.units for f in u.facts}) == 2


def test_only_a_directory_is_told_what_lies_beside_it(data_dir: Path) -> None:
    parts = {p.file: p.beside for p in walk([data_dir / DISC], "s")}
    assert parts["77654033/CR1/6154"] is None
    beside = parts["DICOMDIR"]
    assert beside is not None and "77654033/CR1/6154" in beside


def test_paths_of_discs_are_compared_as_discs_write_them() -> None:
    assert plain_path("a/b/im0001.;1") == plain_path("A\\B\\IM0001") == "A/B/IM0001"
    assert plain_path("A/B.C/IM.DCM;12") == "A/B.C/IM.DCM"


@pytest.mark.parametrize("target", [0x00041400, 0x00041420])
def test_records_that_lead_to_themselves_end(data_dir: Path, target: int) -> None:
    ds = pydicom.dcmread(data_dir / DISC / "DICOMDIR")
    first = ds[0x00041200].value
    for record in ds.DirectoryRecordSequence:
        record[target].value = first
    content = bytearray((data_dir / DISC / "DICOMDIR").read_bytes())
    part = read_part10(bytes(content))
    for record in part.dataset.DirectoryRecordSequence:
        record[target].value = first
    assert len(dicomdir.listed(part.dataset)) == 31


def test_records_out_of_use_are_not_listed(data_dir: Path) -> None:
    part = read_part10((data_dir / DISC / "DICOMDIR").read_bytes())
    for record in part.dataset.DirectoryRecordSequence:
        for tag in (0x00041400, 0x00041420):
            record[tag].value = 0
        record[0x00041410].value = 0
    part.dataset[0x00041200].value = 0
    assert dicomdir.listed(part.dataset) == ()
