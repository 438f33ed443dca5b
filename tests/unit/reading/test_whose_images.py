"""Whose a study is that comes as DICOM: by issuer and Patient ID under the written rules, never by name (DESIGN D2)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from localdb.records.vocabulary import ImagingStudy
from tests.made import person, stay, ward
from tests.unit.reading.test_moved_images import laid, opened, who
from tests.unit.sources.dicom.made import ROOT, image, packed

KNOWN = person(1)
NAME = f"{KNOWN['name'][0]['family']}^{KNOWN['name'][0]['given'][0]}"
BORN = KNOWN["birthDate"].replace("-", "")
# what is sent, and whether it is the study of the patient of that hospital number (H0000001 of urn:hospital)
SENT: tuple[tuple[str, dict[str, Any], bool], ...] = (
    ("same issuer and number", {}, True),
    ("another first name, same family", {"PatientName": f"{KNOWN['name'][0]['family']}^Someone"}, True),
    ("another issuer", {"IssuerOfPatientID": "urn:other-hospital"}, False),
    ("no issuer", {"IssuerOfPatientID": ""}, False),
    ("leading zeros more", {"PatientID": "0H0000001"}, False),
    ("leading zeros fewer", {"PatientID": "H1"}, False),
    ("another birth date", {"PatientBirthDate": "19000101"}, False),
    ("no birth date", {"PatientBirthDate": ""}, False),
    ("same name and birth date under another number", {"PatientID": "H0000009"}, False),
)


def test_only_issuer_and_number_join_and_names_never_do(tmp_path: Path) -> None:
    house = opened(laid(tmp_path / "ground", [*ward(), KNOWN, stay("p1", 1)]), tmp_path)
    expected = set()
    for n, (_, more, joins) in enumerate(SENT):
        folder = tmp_path / "in" / f"pacs{n}"  # each from an archive of its own, so that none meets another's patient
        folder.mkdir(parents=True)
        uid = f"{ROOT}7.{n}"
        usual = {"PatientID": "H0000001", "IssuerOfPatientID": "urn:hospital", "PatientName": NAME,
                 "PatientBirthDate": BORN}  # fmt: skip
        made = image(**{**usual, **more, "StudyInstanceUID": uid, "SOPInstanceUID": f"{uid}.1"})
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
        (folder / "1.dcm").write_bytes(packed(made))
        expected |= {uid} if joins else set()
    house.fill([tmp_path / "in"], processes=1)
    reading = house.reading()
    found = {r.uid for r in reading.chart(who(house, 1)).images.items if isinstance(r, ImagingStudy)}
    assert found == expected
    # what joined nobody is there, under the patient whom its own words name
    assert {uid for n in range(len(SENT)) for uid in (f"{ROOT}7.{n}",) if reading.holders(uid)} == {
        f"{ROOT}7.{n}" for n in range(len(SENT))
    }
    reading.close()
    house.close()
