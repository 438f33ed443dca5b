"""Whatever is given, the reader answers with units and never raises; numbers come back as they were sent."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from localdb.records.vocabulary import RECORD_DECODER
from localdb.sources.fhir import read_bytes
from localdb.sources.fhir.types import KIND, NOT_KEPT
from tests.unit.sources.fhir_help import read, record

TYPES = sorted(t for t, kind in KIND.items() if kind != NOT_KEPT)
VERDICTS = {"read", "not_kept", "set_aside"}
KEYS = st.sampled_from(
    """resourceType id meta versionId lastUpdated security subject patient reference identifier value system code coding
    text display status category valueQuantity valueString valueCodeableConcept valueRange valueRatio unit comparator
    referenceRange low high interpretation component note effectiveDateTime effectivePeriod start end issued contained
    name family given birthDate link other type entry resource fullUrl request method url participant actor location
    period class dosageInstruction dosage timing repeat doseAndRate doseQuantity route presentedForm contentType data
    content attachment section div series numberOfInstances modality result hasMember specimen performer extension
    modifierExtension telecom contact communication language address line reaction manifestation severity""".split()
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["Patient/p1", "#x", "urn:uuid:x", "Patient?identifier=a|b", "2026-01-01", "document", *TYPES])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=25
)
RESOURCES = st.builds(
    lambda type_, body: {"resourceType": type_, "id": "x", "subject": {"reference": "Patient/p1"}, **body},
    st.sampled_from(TYPES),
    st.dictionaries(KEYS.filter(lambda k: k != "resourceType"), VALUES, max_size=8),
)


def sound(reading: Any) -> None:
    assert reading.units
    for unit in reading.units:
        assert unit.verdict in VERDICTS
        assert unit.code != "fhir.reader_fault", unit.reason
        assert (unit.verdict == "set_aside") == bool(unit.code)
        for one in unit.records:
            assert RECORD_DECODER.decode(one[4]).id == one[1]


@given(st.binary(max_size=200), st.sampled_from(["a.json", "a.ndjson", "a.xml", "a.bin"]))
def test_any_bytes(data: bytes, file: str) -> None:
    sound(read_bytes(file, data, "s", "Europe/London"))


@given(VALUES)
def test_any_json(value: Any) -> None:
    sound(read_bytes("a.json", json.dumps(value).encode(), "s", "Europe/London"))


@given(RESOURCES)
def test_any_resource(resource: dict[str, Any]) -> None:
    sound(read_bytes("a.json", json.dumps(resource).encode(), "s", "Europe/London"))


@given(st.lists(RESOURCES, max_size=3), VALUES, VALUES)
def test_any_bundle(resources: list[Any], type_: Any, timestamp: Any) -> None:
    entries = [{"resource": r, "fullUrl": f"urn:uuid:{n}"} for n, r in enumerate(resources)]
    said = {"resourceType": "Bundle", "type": type_, "timestamp": timestamp, "entry": entries}
    sound(read_bytes("a.json", json.dumps(said).encode(), "s", "Europe/London"))


NUMBER = st.from_regex(r"\A-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,3})?\Z")


@given(NUMBER)
def test_the_text_of_any_number_comes_back(text: str) -> None:
    said = (
        '{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/p"},"valueQuantity":{"value": NUMBER},'
        '"component":[{"valueQuantity":{"value":NUMBER}}],"referenceRange":[{"high":{"value":NUMBER}}]}'
    ).replace("NUMBER", text)
    found = record(said)
    assert (found.value, found.components[0].value, found.range) == (text, text, f"<{text}")


def test_a_real_file_cut_or_changed_anywhere_is_still_answered(corpus: Path) -> None:
    draw = random.Random(4)
    for path in sorted(corpus.glob("uk*/*.json"))[::7]:
        data = path.read_bytes()
        for _ in range(12):
            at = draw.randrange(len(data))
            sound(read_bytes(path.name, data[:at], "s", "Europe/London"))
            sound(
                read_bytes(path.name, data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :], "s", "Europe/London")
            )


def test_reading_twice_gives_the_same() -> None:
    said = {"resourceType": "Patient", "id": "1", "name": [{"family": "A"}]}
    assert read(said) == read(said)
