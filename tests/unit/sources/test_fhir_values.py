"""Values to the letter (DESIGN §4): every value[x], ranges, flags, absence; results apart from observations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.sources.fhir_help import PATIENT, observation, read, record, unit

LAB = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}]


def quantity(text: str) -> str:
    return (
        '{"resourceType":"Observation","id":"o1","status":"final","subject":{"reference":"Patient/p1"},'
        f'"valueQuantity":{{"value":{text},"unit":"mmol/L"}}}}'
    )


@pytest.mark.parametrize("text", ["1.50", "0.10", "1e3", "1E-7", "7", "-3.0", "0", "-0", "0.0", "66.899999999999991"])
def test_a_number_keeps_its_own_text(text: str) -> None:
    assert record(quantity(text)).value == text


def test_one_and_a_half_is_not_the_same_meaning_as_one_point_five_nought() -> None:
    assert unit(quantity("1.50")).digest != unit(quantity("1.5")).digest


def test_order_of_keys_and_white_space_do_not_change_the_meaning() -> None:
    first = b'{"resourceType":"Patient","id":"p1","gender":"male"}'
    second = b'{ "gender" : "male",\n "id":"p1", "resourceType": "Patient" }'
    assert unit(first).digest == unit(second).digest


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"valueString": "Positive"}, ("Positive", None)),
        ({"valueBoolean": True}, ("true", None)),
        ({"valueInteger": 3}, ("3", None)),
        ({"valueTime": "08:15:00"}, ("08:15:00", None)),
        ({"valueDateTime": "2016-12"}, ("2016-12", None)),
        ({"valueQuantity": {"value": 5, "code": "mg/dL"}}, ("5", "mg/dL")),
        ({"valueRange": {"low": {"value": 1, "unit": "g"}, "high": {"value": 2, "unit": "g"}}}, ("1-2", "g")),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, ("1:128", None)),
        ({"valueSampledData": {"data": "1 2 3"}}, ("waveform, not shown", None)),
        ({"valuePeriod": {"start": "2020-01-01", "end": "2020-01-02"}}, ("2020-01-01 to 2020-01-02", None)),
        ({"valueAttachment": {"title": "ECG strip"}}, ("ECG strip", None)),
        ({"valueCodeableConcept": {"text": "A", "coding": [{"code": "112144000"}]}}, ("A", None)),
        ({"valueCodeableConcept": {"coding": [{"code": "260385009", "display": "Negative"}]}}, ("Negative", None)),
    ],
)
def test_every_kind_of_value_has_a_text(value: dict[str, Any], expected: tuple[str, str | None]) -> None:
    found = record(observation(**value))
    assert (found.value, found.unit) == expected


def test_a_comparator_stands_beside_the_value() -> None:
    found = record(observation(valueQuantity={"value": 5, "comparator": "<", "unit": "ng/L"}))
    assert (found.comparator, found.value, found.unit) == ("<", "5", "ng/L")


def test_absence_has_its_reason_and_no_value() -> None:
    found = record(observation(dataAbsentReason={"coding": [{"code": "not-performed", "display": "Not Performed"}]}))
    assert (found.value, found.absent) == (None, "Not Performed")
    url = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    suppressed = record(observation(_valueString={"extension": [{"url": url, "valueCode": "masked"}]}))
    assert (suppressed.value, suppressed.absent) == (None, "masked")


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([{"text": "up to 5 in adults", "high": {"value": 5}}], "up to 5 in adults"),
        ([{"low": {"value": 135}, "high": {"value": 145}}], "135-145"),
        ([{"low": {"value": 135, "unit": "mmol/L"}, "high": {"value": 145, "unit": "mmol/L"}}], "135-145"),
        ([{"low": {"value": 1, "unit": "g/L"}, "high": {"value": 2, "unit": "g/L"}}], "1-2 g/L"),
        ([{"high": {"value": 5}}], "<5"),
        ([{"low": {"value": 60}}], ">60"),
        ([{"low": {"value": -2}, "high": {"value": 2}}], "-2 to 2"),
        ([{"type": {"text": "normal"}, "high": {"value": 5}}, {"text": "x"}], "normal: <5; x"),
    ],
)
def test_ranges_are_the_text_that_was_sent(ranges: list[dict[str, Any]], expected: str) -> None:
    found = record(observation(valueQuantity={"value": 140, "unit": "mmol/L"}, referenceRange=ranges))
    assert found.range == expected


def test_the_flag_is_the_code_as_sent() -> None:
    found = record(observation(interpretation=[{"coding": [{"code": "HH", "display": "Critical high"}]}]))
    assert found.flag == "HH"
    assert record(observation(interpretation=[{"text": "borderline"}])).flag == "borderline"


def test_only_the_laboratory_category_makes_a_result() -> None:
    assert type(record(observation(category=LAB))).__name__ == "Result"
    vital = [{"coding": [{"code": "vital-signs"}]}]
    assert type(record(observation(category=vital))).__name__ == "Observation"
    assert type(record(observation())).__name__ == "Observation"


def test_components_keep_their_own_values_and_flags() -> None:
    parts = [
        {"code": {"coding": [{"code": "8480-6"}]}, "valueQuantity": {"value": 98, "unit": "mmHg"}},
        {"code": {"text": "Diastolic"}, "dataAbsentReason": {"text": "cuff slipped"}},
    ]
    first, second = record(observation(component=parts)).components
    assert (first.value, first.unit, first.codes[0].code) == ("98", "mmHg", "8480-6")
    assert (second.value, second.absent, second.text) == (None, "cuff slipped", "Diastolic")


def test_comments_method_site_specimen_times_and_members() -> None:
    found = record(
        observation(
            note=[{"text": "Haemolysed"}],
            method={"text": "Enzymatic"},
            bodySite={"text": "Left arm"},
            specimen={"reference": "Specimen/s1", "display": "Serum"},
            effectivePeriod={"start": "2026-01-02T03:04:05Z", "end": "2026-01-02T04:00:00Z"},
            issued="2026-01-02T05:00:00Z",
            hasMember=[{"reference": "Observation/o2"}],
            performer=[{"display": "Lab A"}],
        )
    )
    assert (found.comments, found.method, found.body_site, found.specimen) == (
        ("Haemolysed",),
        "Enzymatic",
        "Left arm",
        "Serum",
    )
    assert [m.text for m in (found.happened, found.ended, found.said)] == [
        "2026-01-02T03:04:05Z",
        "2026-01-02T04:00:00Z",
        "2026-01-02T05:00:00Z",
    ]
    assert found.author == "Lab A"
    assert ("member", "Observation/o2") in {(r.role, r.key) for r in found.references}


@pytest.mark.parametrize(
    "wrong",
    [
        {"valueQuantity": "7"},
        {"valueQuantity": {"value": [7]}},
        {"valueQuantity": {"value": True}},
        {"valueQuantity": {"value": 7, "comparator": {"<": 1}}},
        {"valueString": {"text": "x"}},
        {"valueCodeableConcept": "x"},
        {"status": ["final"]},
        {"code": "718-7"},
        {"subject": "Patient/p1"},
        {"subject": {"reference": 7}},
    ],
)
def test_what_a_resource_stands_on_may_not_be_wrong(wrong: dict[str, Any]) -> None:
    found = unit(observation(**wrong))
    assert (found.verdict, found.code) == ("set_aside", "fhir.malformed")


def test_what_is_sloppy_is_left_out_and_said() -> None:
    found = record(observation(valueQuantity={"value": 7}, issued={"x": 1}, note=["free"], bodySite=[1, 2]))
    assert found.value == "7"
    assert found.comments == ("Part of it has a form that could not be read: see the original.",)


def test_a_modifier_is_never_ignored_in_silence() -> None:
    found = record(observation(modifierExtension=[{"url": "http://x", "valueBoolean": True}], valueString="Positive"))
    assert found.comments == ("Carries a modifier that Wardlamp does not know: see the original.",)


def test_an_error_keeps_its_status() -> None:
    assert record(observation(status="entered-in-error", valueString="x")).status == "entered-in-error"


def test_times_without_an_offset_are_read_in_the_zone_and_say_so() -> None:
    happened = record(observation(effectiveDateTime="2026-07-01T08:00:00")).happened
    assert (happened.zone, happened.doubts, happened.local.hour, happened.instant.hour) == (
        "Europe/London",
        ("assumed_zone",),
        8,
        7,
    )


def test_confidential_ones_are_marked() -> None:
    label = {"meta": {"security": [{"system": "v3-Confidentiality", "code": "R"}], "versionId": "3"}}
    found = read(observation(**label)).units[0]
    assert (found.version, found.number) == ("3", 3)
    assert record(observation(**label)).restricted
    assert not record({**observation(), "subject": PATIENT}).restricted
