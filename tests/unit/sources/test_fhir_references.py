"""References of every form (R4 §2.3), ids of resources, and what becomes of a resource without a patient (D2, D4)."""

from __future__ import annotations

from typing import Any

import pytest

from localdb.records.ids import patient_id, record_id
from tests.unit.sources.fhir_help import bundle, observation, read, record, records, unit

UUID = "urn:uuid:3f6d7a52-3b0c-4f5e-8a1e-6e7e1f0a9b11"


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/p1",
        "Patient/p1/_history/4",
        "https://ehr.example.org/fhir/R4/Patient/p1",
        "https://ehr.example.org/fhir/R4/Patient/p1/_history/7",
        "urn:uuid:p1",
        "Patient?_id=p1",
    ],
)
def test_every_form_of_reference_leads_to_the_same_patient(reference: str) -> None:
    one = unit(observation(subject={"reference": reference})).records[0]
    assert (one[2], one[3]) == (patient_id("lab", "fhir", "p1"), "Patient/p1")


def test_a_full_url_leads_to_the_resource_in_the_same_bundle() -> None:
    person = {"resourceType": "Patient", "id": "real-id"}
    said = bundle(
        {"fullUrl": UUID, "resource": person},
        {"fullUrl": "urn:uuid:b", "resource": observation(subject={"reference": UUID})},
        type_="transaction",
    )
    assert {u.records[0][3] for u in read(said).units} == {"Patient/real-id"}


@pytest.mark.parametrize(
    ("subject", "wants"),
    [
        ({"identifier": {"system": "urn:nhs", "value": "999"}}, "urn:nhs|999"),
        ({"reference": "Patient?identifier=urn:nhs|999"}, "urn:nhs|999"),
        ({"reference": "http://x/fhir/Patient?identifier=urn:nhs%7C999"}, "urn:nhs|999"),
        ({"type": "Patient", "identifier": {"value": "999"}}, "|999"),
    ],
)
def test_a_patient_known_by_a_number_only_is_waited_for(subject: dict[str, Any], wants: str) -> None:
    found = unit(observation(subject=subject))
    assert (found.verdict, found.wants, found.records[0][2:4]) == ("read", (wants,), ("", ""))


def test_the_number_is_looked_up_in_the_same_bundle_first() -> None:
    person = {"resourceType": "Patient", "id": "p7", "identifier": [{"system": "urn:nhs", "value": "999"}]}
    said = bundle(person, observation(subject={"identifier": {"system": "urn:nhs", "value": "999"}}))
    assert [(u.records[0][3], u.wants) for u in read(said).units] == [("Patient/p7", ()), ("Patient/p7", ())]


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (None, "reference.missing"),
        ({"display": "Mrs Smith"}, "reference.missing"),
        ({}, "reference.missing"),
        ({"reference": "#nobody"}, "reference.missing"),
        ({"reference": "#inside"}, "reference.contained_patient"),
        ({"reference": "nonsense"}, "reference.unreadable"),
        ({"reference": "Patient?name=smith"}, "reference.unreadable"),
    ],
)
def test_a_resource_whose_patient_cannot_be_found_is_set_aside(subject: Any, code: str) -> None:
    said = {**observation(contained=[{"resourceType": "Patient", "id": "inside"}]), "subject": subject}
    if subject is None:
        del said["subject"]
    found = unit(said)
    assert (found.verdict, found.code, found.records) == ("set_aside", code, ())


def test_a_contained_patient_with_a_number_is_waited_for_by_it() -> None:
    inside = {"resourceType": "Patient", "id": "inside", "identifier": [{"system": "s", "value": "1"}]}
    assert unit(observation(contained=[inside], subject={"reference": "#inside"})).wants == ("s|1",)


@pytest.mark.parametrize("reference", ["Group/g1", "Device/d1", "Location/l1", "https://x/fhir/Group/g1"])
def test_what_is_about_a_group_or_a_thing_is_not_kept(reference: str) -> None:
    found = unit(observation(subject={"reference": reference}))
    assert found.verdict == "not_kept"
    assert "subject is a" in found.reason


@pytest.mark.parametrize(
    ("resource", "url", "expected"),
    [
        ({"id": "i1"}, UUID, "i1"),
        ({}, UUID, UUID.rsplit(":", 1)[-1]),
        ({}, "http://x/fhir/Patient/z9", "z9"),
        ({}, "http://x/fhir/Patient/z9/_history/2", "z9"),
        ({"identifier": [{"system": "s", "value": "v"}]}, "", "s|v"),
    ],
)
def test_what_a_resource_is_called(resource: dict[str, Any], url: str, expected: str) -> None:
    said = bundle({"fullUrl": url, "resource": {"resourceType": "Patient", **resource}})
    (found,) = read(said).units
    assert found.source_id == expected
    assert found.records[0][1] == patient_id("lab", "fhir", expected)


def test_what_has_no_name_is_called_by_its_meaning() -> None:
    nameless = {"resourceType": "Practitioner", "name": [{"family": "X"}]}
    first, second = unit(nameless), unit({"name": [{"family": "X"}], "resourceType": "Practitioner"})
    assert first.source_id == second.source_id
    assert first.source_id == "sha256:" + first.digest.hex()[:32]


def test_record_ids_stand_on_source_type_and_id() -> None:
    assert record(observation()).id == record_id("lab", "Observation", "o1")
    other = read(observation(), source="other").units[0].records[0]
    assert other[1] == record_id("other", "Observation", "o1") != record_id("lab", "Observation", "o1")


def test_displays_come_from_the_bundle_where_none_was_sent() -> None:
    doctor = {"resourceType": "Practitioner", "id": "d1", "name": [{"given": ["Ada"], "family": "Byron"}]}
    said = bundle(
        {"fullUrl": "urn:uuid:d", "resource": doctor},
        observation(performer=[{"reference": "urn:uuid:d"}, {"reference": "Practitioner/d1", "display": "as sent"}]),
    )
    found = next(r for r in records(said) if type(r).__name__ == "Observation")
    assert found.author == "Ada Byron, as sent"
    assert [r.key for r in found.references] == ["Practitioner/d1", "Practitioner/d1"]
