"""Whom an image is of: its number with its issuer, names in every writing, dates (DESIGN D2, D3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from localdb.records.ids import patient_id
from localdb.records.vocabulary import HumanName, Identifier, ImagingStudy, Patient
from localdb.sources.dicom import inside
from localdb.sources.dicom.faults import DicomRefused
from localdb.sources.hl7v2.patients import BELOW_ADT, NHS_SYSTEM
from localdb.sources.profiles import SourceProfile
from tests.unit.sources.dicom.made import image, instance_in, item, packed, patient_in, records

PROFILE = SourceProfile()


@pytest.fixture(scope="module", autouse=True)
def _prepared() -> None:
    inside.prepare()


def person(profile: SourceProfile = PROFILE, **elements: object) -> Patient:
    return patient_in(inside.read("a", packed(image(**elements)), "pacs", profile))


def test_a_patient_is_source_issuer_and_number() -> None:
    sent = person(IssuerOfPatientID="RXX")
    assert sent.id == patient_id("pacs", "RXX", "H123")
    assert sent.identifiers == (Identifier("RXX", "H123", "MR"),)
    assert (sent.gender, sent.born.text, sent.born.precision) == ("female", "1957-08-24", "day")  # type: ignore[union-attr]
    assert sent.names == (HumanName("TEST", ("Ann", "Mary"), ("Dr",), (), "official"),)
    assert person().id == patient_id("pacs", "", "H123")


def test_the_site_may_say_whose_numbers_a_source_has() -> None:
    own = SourceProfile(issuer="RXX")
    assert person(own).id == patient_id("pacs", "RXX", "H123")
    assert person(own, IssuerOfPatientID="OTHER").id == patient_id("pacs", "OTHER", "H123")


def test_an_nhs_number_is_known_by_its_issuer_alone() -> None:
    sent = person(
        OtherPatientIDsSequence=[
            item(PatientID="943 476 5919", IssuerOfPatientID="NHS"),
            item(PatientID="9434765919"),
            item(
                PatientID="77",
                IssuerOfPatientIDQualifiersSequence=[item(UniversalEntityID="1.2.3", UniversalEntityIDType="ISO")],
            ),
        ]
    )
    assert sent.identifiers == (
        Identifier("", "H123", "MR"),
        Identifier(NHS_SYSTEM, "9434765919", "NH"),
        Identifier("", "9434765919", "PI"),
        Identifier("urn:oid:1.2.3", "77", "PI"),
    )


def test_an_other_number_never_takes_the_issuer_of_the_site() -> None:
    sent = person(SourceProfile(issuer="RXX"), OtherPatientIDsSequence=[item(PatientID="5")])
    assert Identifier("", "5", "PI") in sent.identifiers


@pytest.mark.parametrize("number", ["", "  ", None])
def test_no_number_is_nobody(number: str | None) -> None:
    with pytest.raises(DicomRefused) as refused:
        person(PatientID=number)
    assert refused.value.code == "dicom.no_patient"
    assert refused.value.type == "CT Image Storage" and refused.value.uid.endswith("4.1")


def test_a_name_in_three_writings_is_three_names(data_dir: Path) -> None:
    # PS3.5 Annex H.3.1: Yamada^Tarou=山田^太郎=やまだ^たろう in ISO 2022 IR 87
    content = (data_dir / "dicom/pydicom/charset_files/chrH31.dcm").read_bytes()
    sent = patient_in(inside.read("a", content, "s", PROFILE))
    assert [(n.family, n.given) for n in sent.names] == [
        ("Yamada", ("Tarou",)), ("山田", ("太郎",)), ("やまだ", ("たろう",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "family"),
    [
        ("chrArab", "قباني"), ("chrFren", "Buc"), ("chrGerm", "Äneas"), ("chrGreek", "Διονυσιος"),
        ("chrRuss", "Люкceмбypг"), ("chrX1", "Wang"), ("chrX2", "Wang"), ("chrHbrw", "שרון"), ("chrI2", "Hong"),
    ],
)  # fmt: skip
def test_names_in_every_character_set(data_dir: Path, file: str, family: str) -> None:
    content = (data_dir / f"dicom/pydicom/charset_files/{file}.dcm").read_bytes()
    assert patient_in(inside.read("a", content, "s", PROFILE)).names[0].family == family


def test_what_an_image_says_of_a_person_lies_far_below_adt() -> None:
    unit = inside.read("a", packed(image()), "s", PROFILE).units[0]
    patient, study, instance = unit.facts
    assert (patient.kind, study.kind, instance.kind) == ("patient", "image", "instance")
    assert patient.order == instance.order - BELOW_ADT and patient.partial and study.partial and not instance.partial


ASSUMED = ("assumed_zone",)


@pytest.mark.parametrize(
    ("offset", "hour", "doubts"), [("+0530", 4, ()), ("-0500", 15, ()), (None, 10, ASSUMED), ("rubbish", 10, ASSUMED)]
)
def test_times_are_in_the_offset_sent_else_in_the_sources_zone(
    offset: str | None, hour: int, doubts: tuple[str, ...]
) -> None:
    sent = image(AcquisitionDate="20261120", AcquisitionTime="101500", TimezoneOffsetFromUTC=offset or "+0000")
    if offset is None:
        del sent.TimezoneOffsetFromUTC
    reading = inside.read("a", packed(sent), "s", PROFILE)
    happened = instance_in(reading).happened
    study = next(r for r in records(reading) if isinstance(r, ImagingStudy))
    assert happened is not None and happened.instant is not None and study.happened is not None
    assert (happened.instant.hour, happened.doubts, happened.precision) == (hour, doubts, "second")
    assert study.happened.doubts == doubts


@pytest.mark.parametrize(("sent", "text"), [("1953.04.21", "1953-04-21"), ("1953", "1953"), ("195304", "1953-04")])
def test_birth_dates_of_old_forms(sent: str, text: str) -> None:
    found = person(PatientBirthDate=sent).born
    assert found is not None and found.text == text


def test_an_offset_in_a_date_time_is_its_own() -> None:
    sent = image(AcquisitionDateTime="20260701101500.25+0200", TimezoneOffsetFromUTC="-0500")
    found = instance_in(inside.read("a", packed(sent), "s", PROFILE)).happened
    assert found is not None and found.instant is not None
    assert (found.instant.hour, found.instant.microsecond, found.offset) == (8, 250000, 120)


@pytest.mark.parametrize("coding", ["utf-8", "latin-1"])
def test_a_name_without_a_character_set_is_not_garbled(coding: str) -> None:
    content = packed(image(PatientName="MUXXLLER^Jorg", StudyDescription="CT"))
    reading = inside.read(
        "a", content.replace(b"MUXXLLER", "MÜLLER".ljust(8 if coding == "latin-1" else 7).encode(coding)), "s", PROFILE
    )
    assert patient_in(reading).names[0].family == "MÜLLER"
