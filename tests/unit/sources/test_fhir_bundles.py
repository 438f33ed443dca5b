"""Bundles of every type, ndjson and everything that is no bundle: what is a unit and what becomes of it (D4, D11)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from localdb.sources.fhir.types import KIND, NOT_KEPT, PATIENT_OPTIONAL, SUBJECT
from tests.unit.sources.fhir_help import bundle, observation, own_bytes, read, unit

PERSON = {"resourceType": "Patient", "id": "p1"}
CLAIM = {"resourceType": "Claim", "id": "c1"}


@pytest.mark.parametrize("type_", ["collection", "transaction", "batch", "searchset", "history", "made-up", None])
def test_every_entry_of_an_ordinary_bundle_is_a_unit(type_: str | None) -> None:
    said = bundle(PERSON, observation(), CLAIM, timestamp="2026-11-20T02:10:00Z")
    said["type"] = type_
    reading = read(said)
    assert [(u.index, u.type, u.verdict) for u in reading.units] == [
        (0, "Patient", "read"),
        (1, "Observation", "read"),
        (2, "Claim", "not_kept"),
    ]
    assert reading.cut is not None
    assert (reading.cut.text, reading.cut_rule) == ("2026-11-20T02:10:00Z", "snapshot")


@pytest.mark.parametrize("type_", ["document", "message"])
def test_a_document_or_message_is_one_unit(type_: str) -> None:
    said = bundle(PERSON, observation(), CLAIM, type_=type_, id="b1", timestamp="2026-11-20T02:10:00Z")
    reading = read(said)
    (found,) = reading.units
    assert (found.type, found.source_id, found.verdict) == ("Bundle", "b1", "read")
    assert [r[0] for r in found.records] == ["patient", "observation"]
    assert found.updated == 1795140600000000
    assert reading.cut_rule == ("message" if type_ == "message" else "snapshot")
    assert json.loads(own_bytes(reading, found)) == said
    named = read({**said, "identifier": {"value": "m-7"}}).units[0]
    assert named.source_id == "m-7"


def test_a_message_with_one_bad_resource_is_set_aside_whole() -> None:
    reading = read(bundle(PERSON, observation(valueQuantity=7), type_="message", id="b1"))
    (found,) = reading.units
    assert (found.verdict, found.code, found.records) == ("set_aside", "fhir.malformed", ())
    assert found.reason == "Observation in it: the value is no quantity"


def test_bundles_in_bundles_are_opened() -> None:
    inner = bundle(observation(), PERSON)
    reading = read(bundle(PERSON, inner, bundle(PERSON, type_="message", id="m")))
    assert [u.type for u in reading.units] == ["Patient", "Observation", "Patient", "Bundle"]
    assert [u.index for u in reading.units] == [0, 1, 2, 3]


def test_entries_that_ask_answer_delete_or_patch_each_have_an_outcome() -> None:
    patch = {"resource": {"resourceType": "Parameters", "id": "x"}, "request": {"method": "PATCH", "url": "Patient/1"}}
    reading = read(
        bundle(
            {"request": {"method": "GET", "url": "Patient?name=x"}},
            {"request": {"method": "DELETE", "url": "Patient/p9"}},
            patch,
            type_="batch",
        )
    )
    assert [(u.verdict, u.code, u.type, u.source_id) for u in reading.units] == [
        ("not_kept", "", "", ""),
        ("set_aside", "fhir.deletion_later", "Patient", "p9"),
        ("set_aside", "fhir.patch_later", "Parameters", "x"),
    ]


def test_the_bytes_of_each_unit_are_its_own() -> None:
    first, second = '{"resourceType": "Patient",  "id": "p1"}', '{"id":"p2","resourceType":"Patient"}'
    reading = read(
        f'{{"resourceType":"Bundle","type":"batch","entry":[{{"resource":{first}}},{{"resource":{second}}}]}}'
    )
    assert [own_bytes(reading, u).decode() for u in reading.units] == [first, second]


def test_ndjson_counts_lines_and_one_bad_line_harms_no_other() -> None:
    lines = [json.dumps(PERSON), "", '{"resourceType":', json.dumps(observation())]
    reading = read("\n".join(lines), file="x.ndjson")
    assert [(u.index, u.verdict, u.code) for u in reading.units] == [
        (0, "read", ""),
        (2, "set_aside", "fhir.not_json"),
        (3, "read", ""),
    ]
    assert own_bytes(reading, reading.units[1]) == b'{"resourceType":'


def test_lines_in_a_json_file_and_a_list_of_resources_are_taken_too() -> None:
    assert len(read(json.dumps(PERSON) + "\n" + json.dumps(observation())).units) == 2
    assert [u.type for u in read([PERSON, observation()]).units] == ["Patient", "Observation"]


def test_the_log_and_the_manifest_of_a_bulk_export_are_no_records() -> None:
    log = '{"exportId":"e","eventId":"kickoff"}\n{"exportId":"e","eventId":"export_complete"}\n'
    manifest = {"transactionTime": "2026-01-01T00:00:00Z", "request": "x", "output": [], "error": []}
    for reading in (read(log, file="log.ndjson"), read(manifest, file="manifest.json")):
        assert [(u.type, u.verdict) for u in reading.units] == [("", "not_kept")]


@pytest.mark.parametrize(
    ("data", "file", "code"),
    [
        (b"", "a.json", "file.empty"),
        (b" \n ", "a.ndjson", "file.empty"),
        (b"{", "a.json", "fhir.not_json"),
        (b"// x\n{}", "a.json", "fhir.not_json"),
        (b"{}", "a.json", "fhir.no_resource_type"),
        (b"[]", "a.json", "fhir.no_resource_type"),
        (b"7", "a.json", "fhir.no_resource_type"),
        (b'{"resourceType": 7}', "a.json", "fhir.malformed"),
        (b'{"resourceType": "Money"}', "a.json", "fhir.unknown_type"),
        (b'{"resourceType": "Bundle", "entry": 7}', "a.json", "fhir.malformed"),
        (b"%PDF-1.7", "a.pdf", "file.unknown_kind"),
        (b"MSH|^~\\&|", "a.hl7", "file.unknown_kind"),
        (b"<html></html>", "a.xml", "file.unknown_kind"),
        (b'<Patient xmlns="http://hl7.org/fhir"><id value="1"/></Patient>', "a.xml", "fhir.xml_later"),
        (b'{"resourceType":"Patient","id":"\xff"}', "a.json", "fhir.bad_text"),
        (b'{"resourceType":"Patient","id":"1","x":' + b"[" * 5000 + b"]" * 5000 + b"}", "a.json", "fhir.too_deep"),
        (b'{"resourceType":"Patient","id":"1","x":' + b"9" * 5000 + b"}", "a.json", "fhir.malformed"),
        (b'{"resourceType":"Patient","id":"1","id":"2"}', "a.json", "fhir.duplicate_key"),
        (b'{"resourceType":"Patient","id":"1","name":[{"family":"a","family":"b"}]}', "a.json", "fhir.duplicate_key"),
        (b'{"resourceType":"Bundle","entry":[],"entry":[{}]}', "a.json", "fhir.duplicate_key"),
        (b'{"resourceType":"Bundle","entry":[{"resource":{},"resource":{}}]}', "a.json", "fhir.duplicate_key"),
    ],
)
def test_what_cannot_be_read_is_set_aside_whole_with_its_bytes(data: bytes, file: str, code: str) -> None:
    reading = read(data, file=file)
    (found,) = reading.units
    assert (found.verdict, found.code) == ("set_aside", code)
    assert own_bytes(reading, found) == data


@pytest.mark.parametrize("text", ["\\u0000", "\\ud83d\\ude00", "a\\u202eb"])
def test_odd_characters_do_no_harm(text: str) -> None:
    found = unit('{"resourceType":"Patient","id":"1","name":[{"family":"' + text + '"}]}')
    assert found.verdict == "read"


def test_half_a_character_is_set_aside() -> None:
    assert unit('{"resourceType":"Patient","id":"1","name":[{"family":"\\ud800"}]}').verdict == "set_aside"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_at_the_beginning_tells_the_character_set(encoding: str) -> None:
    reading = read('{"resourceType":"Patient","id":"é1"}'.encode(encoding))
    assert [(u.verdict, u.source_id) for u in reading.units] == [("read", "é1")]


def test_an_empty_bundle_still_has_an_outcome() -> None:
    assert [(u.type, u.verdict) for u in read(bundle()).units] == [("", "not_kept")]
    assert [u.type for u in read(bundle(bundle(), PERSON)).units] == ["", "Patient"]


def test_a_colon_in_a_text_is_no_second_key() -> None:
    found = unit('{"resourceType":"Patient","id":"1","name":[{"text":"a: b \\u003a c"}]}')
    assert found.verdict == "read"


def test_versions() -> None:
    def with_meta(**meta: Any) -> tuple[str | None, int | None, int | None]:
        found = unit({**PERSON, "meta": meta})
        return found.version, found.number, found.updated

    assert with_meta(versionId="12", lastUpdated="2026-01-01T00:00:00Z") == ("12", 12, 1767225600000000)
    assert with_meta(versionId="abc") == ("abc", None, None)
    assert with_meta(versionId="-1") == ("-1", None, None)
    assert with_meta() == (None, None, None)


def test_every_type_of_r4_has_its_place() -> None:
    assert len(KIND) == 146  # the 148 of R4 without the abstract Resource and DomainResource
    assert set(SUBJECT) <= set(KIND)
    assert set(KIND) >= PATIENT_OPTIONAL


def test_the_types_are_those_that_the_specification_lists(data_dir: Path) -> None:
    said = json.loads((data_dir / "fhir/ms-fhir-server/R4-compartmentdefinition-device.json").read_text("utf-8-sig"))
    assert {r["code"] for r in said["resource"]} | {"Parameters"} == set(KIND)


@pytest.mark.parametrize("type_", sorted(t for t, kind in KIND.items() if kind != "bundle"))
def test_every_type_is_read_or_not_kept_but_never_a_fault(type_: str) -> None:
    bare = {"resourceType": type_, "id": "x", "participant": [{"actor": {"reference": "Patient/p1"}}]}
    for key in ("subject", "patient", "individual", "deliverTo", "for", "actor"):
        bare[key] = {"reference": "Patient/p1"}
    found = unit(bare)
    assert found.verdict == ("not_kept" if KIND[type_] == NOT_KEPT else "read"), found.reason
