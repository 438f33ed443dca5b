"""Entries as FHIR resources: to the letter, the same bytes each time (DESIGN D7, D8)."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import msgspec
import pytest

from localdb.records.moments import Moment, read_moment
from localdb.restore.resources import Draft, NotSendable, date_time, drafts, names_entry, provenance
from localdb.restore.wire import decode, encode, number
from tests.flows.restoration.ward import Ward
from tests.unit.journal.conftest import COMPARISON, EVALUATION, MOVE


def made(entry: Any, **more: Any) -> list[Draft]:
    return list(drafts(entry, "Patient/p1", **{"is_corrected": False, "replaces": {}, **more}))


def test_observations_become_one_each_with_pressure_as_components() -> None:
    entry = Ward().observations()
    pulse, oxygen, pressure = made(entry)
    assert [d.mark for d in (pulse, oxygen, pressure)] == [f"{entry.id}#{n}" for n in (1, 2, 3)]
    assert pulse.body["status"] == "final"
    assert pulse.body["category"][0]["coding"][0]["code"] == "vital-signs"
    assert pulse.body["code"]["coding"] == [{"system": "http://loinc.org", "code": "8867-4"}]
    assert pulse.body["effectiveDateTime"] == "2026-11-24T02:25:00+00:00"
    assert pulse.body["issued"] == entry.written.text
    assert b'"valueQuantity":{"value":7.10,"unit":"kPa"}' in encode(oxygen.body)
    assert "valueQuantity" not in pressure.body
    assert [c["code"]["coding"][0]["code"] for c in pressure.body["component"]] == ["8480-6", "8462-4"]


def test_the_bytes_are_the_same_each_time() -> None:
    entry = Ward().observations()
    assert [encode(d.body) for d in made(entry)] == [encode(d.body) for d in made(entry)]


@pytest.mark.parametrize("text", ["0", "7.10", "-3", "100", "0.010", "1e3", "12345678901234567890.10"])
def test_a_number_keeps_its_letters(text: str) -> None:
    assert encode({"value": number(text)}) == f'{{"value":{text}}}'.encode()


@pytest.mark.parametrize("text", ["07", ".5", "5.", "+3", "1,000", "trace", "", "٣", "1 2", "NaN", "0x1", "1\n"])
def test_what_is_no_json_number_goes_as_text(text: str) -> None:
    assert number(text) is None


def test_a_value_in_words_and_a_comparator_are_not_lost() -> None:
    ward = Ward()
    words = made(ward.phoned(value="haemolysed"))[0].body
    assert words["valueString"] == "haemolysed mmol/L"
    entry = ward.phoned()
    below = msgspec.structs.replace(entry, body={**entry.body, "comparator": "<", "range": "3.5-5.3", "flag": "HH"})
    body = made(below)[0].body
    assert body["valueQuantity"]["comparator"] == "<"
    assert body["referenceRange"] == [{"text": "3.5-5.3"}]
    assert body["interpretation"] == [{"text": "HH"}]


def test_a_phoned_result_is_preliminary_as_of_its_collection_and_names_the_caller() -> None:
    entry = Ward().phoned()
    called = msgspec.structs.replace(entry, happened=read_moment("2026-11-24T02:28:00+00:00"))
    body = made(called)[0].body
    assert (body["status"], body["effectiveDateTime"]) == ("preliminary", "2026-11-24T01:50:00+00:00")
    assert body["note"][0]["text"] == (
        "Result given by telephone by J Okafor, BMS, ext. 4410; read back and confirmed."
    )
    assert provenance(called, ["Observation/o1"])["occurredDateTime"] == "2026-11-24T02:28:00+00:00"


def test_a_note_keeps_every_character() -> None:
    entry = Ward().note("Größe 1,8 m\nالسلام عليكم\t< & >")
    body = made(entry)[0].body
    assert b64decode(body["content"][0]["attachment"]["data"]).decode() == entry.body["text"]
    assert body["context"]["period"]["start"] == "2026-11-24T02:20:00+00:00"


def test_a_request_is_one_order_with_all_tests() -> None:
    body = made(Ward().request())[0].body
    assert (body["status"], body["intent"], body["priority"]) == ("active", "order", "urgent")
    assert body["code"] == {"text": "FBC, U&E"}
    assert body["reasonCode"] == [{"text": "Drowsy, potassium phoned"}]
    assert body["note"] == [{"text": "Telephone 2217"}]


def test_what_was_corrected_is_withdrawn_and_the_correction_points_to_it() -> None:
    ward = Ward()
    note, vitals, request, phoned = ward.note(), ward.observations(), ward.request(), ward.phoned()
    assert made(note, is_corrected=True)[0].body["status"] == "superseded"
    assert {d.body["status"] for d in made(vitals, is_corrected=True)} == {"entered-in-error"}
    points = made(note, replaces={"": ["DocumentReference/d1"]})[0].body["relatesTo"]
    assert points == [{"code": "replaces", "target": {"reference": "DocumentReference/d1"}}]
    assert made(request, replaces={"": ["ServiceRequest/s1"]})[0].body["replaces"] == [
        {"reference": "ServiceRequest/s1"}
    ]
    pulse, oxygen, _ = made(vitals, replaces={"8867-4": ["Observation/o1"]})
    assert pulse.body["extension"][0]["valueReference"] == {"reference": "Observation/o1"}
    assert "extension" not in oxygen.body
    assert made(phoned, replaces={"": ["Observation/o9"]})[0].body["extension"]


def test_provenance_names_the_entry_and_what_it_corrects() -> None:
    ward = Ward()
    first = ward.note()
    second = ward.note("Corrected", corrects=first)
    body = provenance(second, ["DocumentReference/d2"])
    assert [(e["role"], e["what"]["identifier"]["value"]) for e in body["entity"]] == [
        ("source", second.id),
        ("revision", first.id),
    ]
    assert body["target"] == [{"reference": "DocumentReference/d2"}]
    assert body["recorded"] == second.written.text
    assert body["agent"][0]["who"] == {"display": "Tess Tester"}
    assert names_entry(body, second.id)
    assert not names_entry(body, first.id)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("2026-11-24T02:25:00+00:00", "2026-11-24T02:25:00+00:00"),
        ("2026-07-24T02:25:07.123Z", "2026-07-24T02:25:07.123Z"),
        ("2026-07-24T02:25+01:00", "2026-07-24T02:25:00+01:00"),
        ("2026-07-24T02:25:00", "2026-07-24T02:25:00+01:00"),
        ("2026-07-24", "2026-07-24"),
        ("2026-07", "2026-07"),
        ("yesterday", ""),
    ],
)
def test_a_time_goes_as_a_fhir_datetime(text: str, sent: str) -> None:
    assert date_time(read_moment(text)) == sent


def test_no_time_is_no_time() -> None:
    assert date_time(None) == ""
    assert date_time(Moment("?", None)) == ""


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("transfusion", {}),
        ("note", {}),
        ("observations", {"items": []}),
        ("observations", {"items": [{"code": "1-1"}]}),
        ("observations", {"items": [{"code": "1-1", "components": []}]}),
        ("request", {"kind": "laboratory", "tests": None}),
    ],
)
def test_what_has_no_resource_is_said(kind: str, body: dict[str, Any]) -> None:
    entry = Ward().write(kind, body)
    with pytest.raises(NotSendable):
        made(entry)


def test_a_resource_read_from_a_server_goes_back_to_the_letter() -> None:
    data = b'{"value":7.10,"other":[1.0,2,1e2],"text":"x"}'
    assert encode(decode(data)) == data


def test_what_was_written_about_images_goes_home_as_documents() -> None:
    """A reading says that it is provisional; a move names the number that the images came under, and never the name of
    the other patient (it goes into another one's record)."""
    move = {**MOVE, "shown": {**MOVE["shown"], "name": {"family": "Foxtrot", "given": ["Whisky"]}}}
    for kind, body, said, unsaid in (
        ("evaluation", EVALUATION,
         ("PROVISIONAL, not a formal report", "No bleed seen.", "A77", "Formal report awaited"), ()),
        ("comparison", COMPARISON, ("DIFFERS from the ward's provisional reading", "A small subdural on the left."), ()),
        ("image_move", move, ("from number RPH4830172W", "Tess Outsider and Sam Second", EVALUATION["study"]),
         ("Foxtrot", "Whisky")),
    ):  # fmt: skip
        (draft,) = made(Ward().write(kind, body))
        assert draft.type == "DocumentReference"
        assert draft.body["status"] == "current"
        text = b64decode(draft.body["content"][0]["attachment"]["data"]).decode()
        assert all(words in text for words in said), text
        assert not any(words.casefold() in text.casefold() for words in unsaid)
        (gone,) = made(Ward().write(kind, body), is_corrected=True)
        assert gone.body["status"] == "superseded"
