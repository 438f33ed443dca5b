"""Patients, allergies, problems, alerts and what others refer to (CLINICAL §1)."""

from __future__ import annotations

from typing import Any

import pytest

from localdb.records.ids import patient_id
from tests.unit.sources.fhir_help import PATIENT, record, unit

NHS = "https://fhir.nhs.uk/Id/nhs-number"
VERIFICATION = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"


def patient(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p1", **more}


def nhs_number(code: str | None) -> dict[str, Any]:
    number: dict[str, Any] = {"system": NHS, "value": "9990000018"}
    if code:
        number["extension"] = [{"url": VERIFICATION, "valueCodeableConcept": {"coding": [{"code": code}]}}]
    return number


def allergy(**more: Any) -> dict[str, Any]:
    return {"resourceType": "AllergyIntolerance", "id": "a1", "patient": PATIENT, **more}


def test_a_patient_is_known_by_source_and_id() -> None:
    found = record(patient())
    assert found.id == found.patient == patient_id("lab", "fhir", "p1")
    assert unit(patient()).records[0][3] == "Patient/p1"


@pytest.mark.parametrize(("code", "verified"), [("01", True), ("02", False), ("04", False), (None, None)])
def test_only_code_01_says_that_an_nhs_number_is_verified(code: str | None, verified: bool | None) -> None:
    number = record(patient(identifier=[nhs_number(code)])).identifiers[0]
    assert (number.verified, number.status) == (verified, code or "")


def test_a_patient_to_the_letter() -> None:
    found = record(
        patient(
            active=True,
            name=[
                {"use": "official", "family": "O'Neill-Smith", "given": ["Ifeoma", "Ann"], "prefix": ["Mrs"]},
                {"use": "nickname", "text": "Iffy"},
            ],
            identifier=[{"type": {"coding": [{"code": "MR"}]}, "system": "urn:mrn", "value": "00123"}],
            gender="female",
            birthDate="1950-03",
            deceasedDateTime="2026-01-01",
            address=[
                {"use": "old", "line": ["9 Gone St"]},
                {"use": "home", "line": ["1 High St"], "postalCode": "LS1"},
            ],
            telecom=[
                {"system": "phone", "value": "0113"},
                {"system": "fax", "value": "1"},
                {"use": "old", "value": "2"},
                {"system": "email", "value": "ifeoma@example.org"},
                {"value": "ifeoma@example.org"},
            ],
            communication=[{"language": {"text": "Polish"}, "preferred": True}],
            generalPractitioner=[{"display": "Dr A"}],
            contact=[{"name": {"text": "B"}, "relationship": [{"text": "wife"}], "telecom": [{"value": "07"}]}],
            link=[{"other": {"reference": "Patient/p2"}, "type": "replaced-by"}],
        )
    )
    assert (found.names[0].family, found.names[0].given, found.names[1].text) == (
        "O'Neill-Smith",
        ("Ifeoma", "Ann"),
        "Iffy",
    )
    assert (found.identifiers[0].type, found.identifiers[0].value) == ("MR", "00123")
    assert (found.born.text, found.born.precision, found.born_estimated) == ("1950-03", "month", False)
    assert (found.is_deceased, found.deceased.text) == (True, "2026-01-01")
    assert (found.address, found.phones, found.languages) == ("1 High St, LS1", ("0113",), ("Polish (preferred)",))
    assert (found.practitioner, found.contacts[0].relationship, found.contacts[0].phones) == ("Dr A", "wife", ("07",))
    assert (found.links[0].other, found.links[0].type) == ("Patient/p2", "replaced-by")


def test_dead_without_a_date_and_alive_are_told_apart() -> None:
    assert record(patient(deceasedBoolean=True)).is_deceased
    assert not record(patient(deceasedBoolean=False)).is_deceased
    assert not record(patient()).is_deceased


def test_an_estimated_birth_date_only_where_an_extension_says_so() -> None:
    url = "http://example.org/birthdate-estimated"
    said = patient(birthDate="1980-01-01", _birthDate={"extension": [{"url": url, "valueBoolean": True}]})
    assert record(said).born_estimated
    assert not record(patient(birthDate="1980-01-01")).born_estimated


@pytest.mark.parametrize("code", ["716186003", "409137002", "429625007", "428607008", "428197003", "716220001"])
def test_no_known_allergy_is_an_assertion(code: str) -> None:
    said = allergy(code={"coding": [{"system": "http://snomed.info/sct", "code": code}]})
    assert record(said).asserts_none
    refuted = {**said, "verificationStatus": {"coding": [{"code": "refuted"}]}}
    assert not record(refuted).asserts_none


def test_no_information_is_neither_an_allergy_nor_none() -> None:
    system = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
    unknown = record(allergy(code={"coding": [{"system": system, "code": "no-allergy-info"}]}))
    assert (type(unknown).__name__, unknown.type) == ("Other", "AllergyIntolerance")
    none = record(allergy(code={"coding": [{"system": system, "code": "no-known-allergies"}]}))
    assert (type(none).__name__, none.asserts_none) == ("Allergy", True)


def test_an_allergy_has_agent_reactions_and_the_worst_severity() -> None:
    found = record(
        allergy(
            clinicalStatus={"coding": [{"code": "active"}]},
            verificationStatus={"coding": [{"code": "confirmed"}]},
            type="allergy",
            criticality="high",
            code={"text": "Penicillin", "coding": [{"code": "764146007"}]},
            recordedDate="2019-12-10",
            reaction=[
                {"manifestation": [{"text": "Rash"}, {"text": "Itch"}], "severity": "mild"},
                {"manifestation": [{"text": "Anaphylaxis"}], "severity": "severe"},
            ],
        )
    )
    assert (found.text, found.clinical, found.verification, found.status) == (
        "Penicillin",
        "active",
        "confirmed",
        "active",
    )
    assert (found.reactions, found.severity, found.criticality) == (("Rash + Itch", "Anaphylaxis"), "severe", "high")
    assert found.said.text == "2019-12-10"
    assert not found.asserts_none


def test_an_allergy_entered_in_error_says_so_in_its_status() -> None:
    assert record(allergy(verificationStatus={"coding": [{"code": "entered-in-error"}]})).status == "entered-in-error"


def test_a_problem_has_its_onset_its_end_and_its_statuses() -> None:
    found = record(
        {
            "resourceType": "Condition",
            "id": "c1",
            "subject": PATIENT,
            "code": {"text": "Pneumonia"},
            "category": [{"coding": [{"code": "encounter-diagnosis"}]}],
            "clinicalStatus": {"coding": [{"code": "resolved"}]},
            "onsetDateTime": "2020",
            "abatementDateTime": "2021-02-03",
            "onsetString": "in childhood",
        }
    )
    assert (found.text, found.clinical, found.category) == ("Pneumonia", "resolved", "encounter-diagnosis")
    assert (found.happened.text, found.ended.text, found.comments) == ("2020", "2021-02-03", ("Onset: in childhood",))


def test_an_alert_and_its_confidentiality() -> None:
    found = record(
        {
            "resourceType": "Flag",
            "id": "f1",
            "status": "active",
            "subject": PATIENT,
            "code": {"text": "Do not disclose address"},
            "category": [{"text": "Safeguarding"}],
            "meta": {"security": [{"code": "V"}]},
        }
    )
    assert (found.text, found.category, found.restricted) == ("Do not disclose address", "Safeguarding", True)


def test_a_place_knows_what_it_is_and_what_it_is_part_of() -> None:
    found = record(
        {
            "resourceType": "Location",
            "id": "b14",
            "name": "Bed 14",
            "status": "active",
            "physicalType": {"coding": [{"code": "bd"}]},
            "partOf": {"reference": "Location/w7"},
            "operationalStatus": {"code": "U"},
        }
    )
    assert (found.type, found.text, found.place, found.part_of, found.operational, found.patient) == (
        "Location",
        "Bed 14",
        "bd",
        "Location/w7",
        "U",
        "",
    )


@pytest.mark.parametrize(
    ("resource", "shown"),
    [
        ({"resourceType": "Practitioner", "name": [{"prefix": ["Dr"], "given": ["A"], "family": "B"}]}, "Dr A B"),
        ({"resourceType": "Organization", "name": "Lab"}, "Lab"),
        ({"resourceType": "Medication", "code": {"text": "Aspirin 75 mg"}}, "Aspirin 75 mg"),
        ({"resourceType": "Device", "deviceName": [{"name": "Pump 4"}]}, "Pump 4"),
        ({"resourceType": "Specimen", "type": {"text": "Serum"}}, "Serum"),
        (
            {"resourceType": "PractitionerRole", "practitioner": {"display": "Dr C"}, "code": [{"text": "SHO"}]},
            "Dr C, SHO",
        ),
    ],
)
def test_what_others_refer_to_has_something_to_show(resource: dict[str, Any], shown: str) -> None:
    found = record({"id": "x", **resource})
    assert (type(found).__name__, found.text) == ("Referred", shown)
