"""The validator before its use: every published example passes, and each thing that is broken in one is found."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import LONG
from tests.ips.conftest import BUNDLE
from tests.ips.definitions import CORE, IPS, Definitions, Node, definitions
from tests.ips.invariants import INVARIANTS, NOT_CHECKED
from tests.ips.validator import Validator

Json = dict[str, Any]


def issues(held: Definitions, bundle: Json) -> list[str]:
    return Validator(held, bundle).issues(bundle, BUNDLE)


def test_every_published_example_passes(held: Definitions, examples: dict[str, Json]) -> None:
    bundles = {n: r for n, r in examples.items() if r["resourceType"] == "Bundle"}
    assert len(bundles) == 5
    assert len(examples) == 44
    for name, resource in examples.items():
        if name in bundles:
            assert issues(held, resource) == [], name
        else:
            told = Validator(held).issues(resource, CORE + resource["resourceType"])
            for profile in resource.get("meta", {}).get("profile", ()):
                if held.node(profile) is not None:
                    told += Validator(held).issues(resource, profile)
            assert told == [], name


def _composition(b: Json) -> Json:
    return b["entry"][0]["resource"]


def _of(b: Json, type_: str) -> Json:
    return next(e["resource"] for e in b["entry"] if e["resource"]["resourceType"] == type_)


def _section(b: Json, code: str) -> Json:
    return next(s for s in _composition(b)["section"] if s["code"]["coding"][0]["code"] == code)


def _set(target: Callable[[Json], Json], key: str, value: Any) -> Callable[[Json], None]:
    return lambda b: target(b).__setitem__(key, value)


def _drop(target: Callable[[Json], Json], key: str) -> Callable[[Json], None]:
    return lambda b: target(b).pop(key)


def _allergies(b: Json) -> Json:
    return _section(b, "48765-2")


def _empty_section(b: Json) -> None:
    _allergies(b).pop("entry")


def _both(b: Json) -> None:
    _allergies(b)["emptyReason"] = {"text": "none"}


def _to_a_stranger(b: Json) -> None:
    _allergies(b)["entry"][0]["reference"] = "urn:uuid:00000000-0000-4000-8000-000000000000"


def _to_another_kind(b: Json) -> None:
    """Allergies that point to the medicines."""
    _allergies(b)["entry"][0]["reference"] = _section(b, "10160-0")["entry"][0]["reference"]


BROKEN: dict[str, Callable[[Json], None]] = {
    "no identifier": lambda b: b.pop("identifier"),
    "no timestamp": lambda b: b.pop("timestamp"),
    "a collection": lambda b: b.update(type="collection"),
    "composition not first": lambda b: b["entry"].reverse(),
    "two compositions": lambda b: b["entry"].append(copy.deepcopy(b["entry"][0]) | {"fullUrl": "urn:x:y"}),
    "two entries of one address": lambda b: b["entry"].append(copy.deepcopy(b["entry"][-1])),
    "no address": lambda b: b["entry"][1].pop("fullUrl"),
    "no allergies": lambda b: _composition(b)["section"].remove(_allergies(b)),
    "no problems": lambda b: _composition(b)["section"].remove(_section(b, "11450-4")),
    "no medicines": lambda b: _composition(b)["section"].remove(_section(b, "10160-0")),
    "a section with neither entry nor reason": _empty_section,
    "a section with both": _both,
    "a section to nowhere": _to_a_stranger,
    "a section to another kind": _to_another_kind,
    "another document": _set(_composition, "type", {"coding": [{"system": "http://loinc.org", "code": "34133-9"}]}),
    "no subject": _drop(_composition, "subject"),
    "no author": _drop(_composition, "author"),
    "no title": _drop(_allergies, "title"),
    "an unknown status": _set(_composition, "status", "nearly"),
    "a word of our own": _set(_composition, "wardlamp", "x"),
    "a date that is none": _set(_composition, "date", "26/11/2026"),
    "a list where one is wanted": _set(_composition, "title", ["x"]),
    "no list where one is wanted": lambda b: _composition(b).update(author=_composition(b)["author"][0]),
    "a narrative that runs": lambda b: _composition(b)["section"][0]["text"].update(
        div='<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>'
    ),
    "a narrative that is no XHTML": lambda b: _composition(b)["section"][0]["text"].update(div="<div>a<br></div>"),
    "no birth date": lambda b: _of(b, "Patient").pop("birthDate"),
    "no name": lambda b: _of(b, "Patient").pop("name"),
    "a gender of our own": lambda b: _of(b, "Patient").update(gender="F"),
    "an allergy without status": lambda b: _of(b, "AllergyIntolerance").pop("clinicalStatus"),
    "an allergy to nobody": lambda b: _of(b, "AllergyIntolerance").pop("patient"),
    "a status of another system": lambda b: _of(b, "AllergyIntolerance").update(
        clinicalStatus={"coding": [{"system": "urn:x", "code": "active"}]}
    ),
    "a number as text": lambda b: _of(b, "Observation").update(valueQuantity={"value": "5.9"}),
    "two values": lambda b: _of(b, "Observation").update(valueString="x", valueInteger=1),
    "a value and its absence": lambda b: _of(b, "Observation").update(valueString="x", dataAbsentReason={"text": "y"}),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_broken_is_found(held: Definitions, examples: dict[str, Json], what: str) -> None:
    bundle = copy.deepcopy(examples["Bundle-bundle-ips-all-sections"])
    BROKEN[what](bundle)
    assert issues(held, bundle), what


@pytest.mark.parametrize("type_", ["AllergyIntolerance", "Condition"])
def test_the_profile_asks_for_more_than_its_type(held: Definitions, examples: dict[str, Json], type_: str) -> None:
    """R4 lets an allergy or problem have no code, and the slices of the document are open; the profile does not."""
    bundle = copy.deepcopy(examples["Bundle-bundle-ips-all-sections"])
    one = _of(bundle, type_)
    profile = f"http://hl7.org/fhir/uv/ips/StructureDefinition/{type_}-uv-ips"
    assert Validator(held, bundle).issues(one, profile) == []
    del one["code"]
    assert Validator(held, bundle).issues(one, profile)
    one["meta"] = {"profile": [profile]}  # who claims the profile is held to it
    assert issues(held, bundle)


def _required(node: Node, value: Any) -> list[tuple[Json, str]]:
    """(holder, key) of each element of a resource that its definition requires."""
    found = []
    for name, child in node.children.items():
        for key in [k for k in value if k == name or (name.endswith("[x]") and k.startswith(name[:-3]))]:
            if int(child.element.get("min", 0)) > 0:
                found.append((value, key))
            for item in value[key] if isinstance(value[key], list) else [value[key]]:
                if isinstance(item, dict):
                    base = definitions().node(CORE + child.types[0]["code"]) if child.types else None
                    deeper = child if child.children else base
                    found += _required(deeper, item) if deeper is not None and "resourceType" not in item else []
    return found


@settings(max_examples=150 if LONG else 8, deadline=None)
@given(data=st.data())
def test_without_any_one_required_element_it_fails(
    held: Definitions, examples: dict[str, Json], data: st.DataObject
) -> None:
    bundle = copy.deepcopy(examples["Bundle-bundle-ips-all-sections"])
    places = [
        place
        for entry in bundle["entry"]
        for node in [held.node(CORE + entry["resource"]["resourceType"])]
        if node is not None
        for place in _required(node, entry["resource"])
    ]
    assert len(places) > 100
    holder, key = data.draw(st.sampled_from(places), label="taken away")
    del holder[key]
    assert issues(held, bundle)


@settings(max_examples=150 if LONG else 8, deadline=None)
@given(data=st.data())
def test_an_element_of_no_definition_fails_wherever_it_stands(
    held: Definitions, examples: dict[str, Json], data: st.DataObject
) -> None:
    bundle = copy.deepcopy(examples["Bundle-bundle-ips-all-sections"])
    places: list[Json] = []

    def gather(value: Any) -> None:
        if isinstance(value, dict):
            places.append(value)
            for inner in value.values():
                gather(inner)
        elif isinstance(value, list):
            for inner in value:
                gather(inner)

    gather(bundle)
    data.draw(st.sampled_from(places), label="holder")["wardlampOwn"] = "x"
    assert issues(held, bundle)


def test_each_invariant_of_the_profiles_is_written_out_or_named_as_left_out(held: Definitions) -> None:
    named: set[str] = set()

    def gather(node: Node) -> None:
        named.update(c["key"] for c in node.element.get("constraint", ()) if c["severity"] == "error")
        for child in (*node.children.values(), *node.slices.values()):
            gather(child)

    for path in IPS.glob("StructureDefinition-*-uv-ips.json"):
        root = held.node(
            f"http://hl7.org/fhir/uv/ips/StructureDefinition/{path.stem.removeprefix('StructureDefinition-')}"
        )
        assert root is not None, path.stem
        gather(root)
    assert named
    assert named - INVARIANTS.keys() - NOT_CHECKED.keys() == set()
