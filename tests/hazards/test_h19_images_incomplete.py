"""H19: an incomplete set of images is thought complete. Slices are taken out of a CT of real files: the study says "n of m
held" wherever it is named, its series says where slices are missing, and nothing becomes whole because of what is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree

import pytest

from desktop.cli import answer as as_json
from localdb.chart import held_images, reports
from localdb.house import House, open_house
from localdb.pixels import stack
from localdb.records.vocabulary import ImagingStudy, Series
from localdb.sources.dicom.listing import read_listing
from localdb.sources.dicom.rules import Imaging
from localdb.store import image_room
from tests.ct import GAP_MM, STUDY, answer, ct_slices
from tests.derived import derived_once
from tests.made import SECRET, new_house
from tests.unit.sources.dicom.made import code, image, item, packed

__all__ = ["derived_once"]
ALL = tuple(range(1, 13))
GONE = (4, 5, 9)  # two side by side, one alone
KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"
AT = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, data_dir: Path) -> Path:
    """A vault in which the archive said that there are twelve slices, and nine came."""
    folder = tmp_path_factory.mktemp("h19")
    slices = ct_slices(data_dir, folder / "in", [n for n in ALL if n not in GONE])
    house = new_house(folder / "vault")
    report = house.fill([folder / "in"], source="pacs")
    assert report.set_aside == []
    with house.intake() as intake:
        intake.take(read_listing("pacs", [answer(slices[0], len(ALL))], "pacs", house.profiles.get("pacs"), AT))
        intake.commit()
        house.cut_of(intake)
    house.close()
    return folder / "vault"


@pytest.fixture
def house(filled: Path, tmp_path: Path) -> Iterator[House]:
    copytree(filled, tmp_path / "vault")
    made = open_house(tmp_path / "vault", SECRET)
    yield made
    made.close()


def study(house: House) -> ImagingStudy:
    reading = house.reading()
    (found,) = reading.chart("7000000017").images.items
    assert isinstance(found, ImagingStudy)
    return found


def recut(house: House) -> None:
    """The whole copy anew, as the present program counts."""
    with house.intake() as intake:
        intake.begin()
        intake.mark_changed(r[0] for r in intake.connection.execute("select id from patient").fetchall())
        intake.commit()
        house.cut_of(intake)


def gaps(house: House) -> list[tuple[int, int]]:
    """(slice number before the gap, how many are missing), of each gap of the series."""
    reading = house.reading()
    person = reading.resolve("7000000017")
    held = reading.instances(person, STUDY)
    numbers = {i.uid: i.number or 0 for i in held}
    (found,) = stack.stack(held)
    return sorted((min(numbers[found.planes[g.after].uid], numbers[found.planes[g.after + 1].uid]), g.missing)
                  for g in found.gaps)  # fmt: skip


def check_counts(house: House) -> None:
    found = study(house)
    assert (found.held, found.total) == (len(ALL) - len(GONE), len(ALL))
    assert reports.held_words(found) == "9 of 12 images held"
    assert [(s.held, s.total) for s in found.series] == [(9, 12)]
    assert found.unheld == (("image.not_received", 3),)
    said = as_json.item(found)
    assert (said["held"], said["total"]) == (9, 12)
    assert [(s["held"], s["total"]) for one in said["studies"] for s in one["series"]] == [(9, 12)]


def check_gaps(house: House) -> None:
    """Slices 4 and 5 lie between 3 and 6, slice 9 between 8 and 10."""
    assert gaps(house) == [(3, 2), (8, 1)]


def test_missing_slices_are_counted_wherever_the_study_is_named(house: House) -> None:
    check_counts(house)


def test_missing_slices_are_said_where_they_lie(house: House) -> None:
    check_gaps(house)


def test_a_whole_set_is_said_to_be_whole(house: House, data_dir: Path, tmp_path: Path) -> None:
    ct_slices(data_dir, tmp_path / "rest", GONE)
    house.fill([tmp_path / "rest"], source="pacs")
    found = study(house)
    assert (found.held, found.total, found.unheld) == (12, 12, ())
    assert gaps(house) == []


def test_where_nobody_said_how_many_there_are_no_total_is_made_up(house: House, data_dir: Path, tmp_path: Path) -> None:
    ct_slices(data_dir, tmp_path / "other", (1, 2), study=f"{STUDY}.8", patient="7000000025")
    house.fill([tmp_path / "other"], source="pacs")
    (found,) = house.reading().chart("7000000025").images.items
    assert isinstance(found, ImagingStudy)
    assert (found.held, found.total) == (2, None)
    assert reports.held_words(found) == "2 images held, of how many is not known"


def test_what_is_let_go_is_no_longer_held(house: House) -> None:
    with house.intake() as intake:
        image_room.keep_rules(intake.connection, Imaging(budget_gb=1e-9), AT)
        intake.make_room()
        intake.commit()
        house.cut_of(intake)
    found = study(house)
    assert (found.held, found.total) == (0, 12)
    assert dict(found.unheld) == {"image.let_go": 9, "image.not_received": 3}


def test_what_the_department_took_back_is_neither_shown_nor_counted(house: House, tmp_path: Path) -> None:
    """A rejection note (PS3.16 CID 7011: 113037, for the patient's safety) over two slices, as a file."""
    gone = [f"{STUDY}.1.{n}" for n in (2, 3)]
    named = item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID=gone[0])
    again = item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID=gone[1])
    content = [
        item(RelationshipType="CONTAINS", ValueType="IMAGE", ReferencedSOPSequence=[one]) for one in (named, again)
    ]
    pixels = "PixelData Rows Columns SamplesPerPixel PhotometricInterpretation BitsAllocated BitsStored HighBit"
    nothing = dict.fromkeys([*pixels.split(), "PixelRepresentation"])
    note = image(
        **nothing, SOPClassUID=KEY_OBJECTS, SOPInstanceUID=f"{STUDY}.70.1", SeriesInstanceUID=f"{STUDY}.70",
        StudyInstanceUID=STUDY, PatientID="7000000017", IssuerOfPatientID="NORTH", PatientName="Testperson^Anna",
        PatientBirthDate="19500102", Modality="KO", ValueType="CONTAINER", ContentSequence=content,
        ConceptNameCodeSequence=[code("113037", "DCM", "Rejected for Patient Safety Reasons")],
    )  # fmt: skip
    note.file_meta.MediaStorageSOPClassUID, note.file_meta.MediaStorageSOPInstanceUID = KEY_OBJECTS, note.SOPInstanceUID
    (tmp_path / "note").mkdir()
    (tmp_path / "note" / "1.dcm").write_bytes(packed(note))
    assert house.fill([tmp_path / "note"], source="pacs").set_aside == []
    found = study(house)
    # Seven slices and the note itself, which nobody announced beside the twelve.
    assert (found.rejected, found.held, found.total) == (2, 8, 13)
    assert found.notes == (
        "2 images were taken back by the department: not shown. The total may still count what was taken back.",
    )
    reading = house.reading()
    shown = {i.uid: i for i in reading.instances(reading.resolve("7000000017"), STUDY)}
    assert all(shown[uid].pixels == () and shown[uid].unheld == "image.rejected" for uid in gone)


# -- the control taken away ---------------------------------------------------------------------------------------------


def _as_many_as_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_images, "_total", lambda totals, made, known, unnamed: known)


def _every_instance_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_images, "_once", lambda instances: [*instances, *instances])


def _as_the_source_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def series(words: held_images._Words, standing: list[object]) -> Series:
        return Series(uid=words.series.uid, held=max(words.totals, default=0), total=max(words.totals, default=0))

    monkeypatch.setattr(held_images, "_series", series)


@pytest.mark.parametrize("sabotage", [_as_many_as_came, _every_instance_twice, _as_the_source_counts])
def test_sabotage_a_count_that_is_not_of_what_is_here_is_seen(
    house: House, monkeypatch: pytest.MonkeyPatch, sabotage: Callable[[pytest.MonkeyPatch], None]
) -> None:
    check_counts(house)
    sabotage(monkeypatch)
    recut(house)
    with pytest.raises(AssertionError):
        check_counts(house)


def test_sabotage_a_stack_that_takes_no_notice_of_steps_is_seen(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    check_gaps(house)
    monkeypatch.setattr(stack, "JUMP", 1000 * GAP_MM)
    with pytest.raises(AssertionError):
        check_gaps(house)
