"""H12 Comparator lost, through the stores: "<5" is "<5" from FHIR by fill, cut and replacing to the chart's JSON."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop.cli import answer
from localdb.house import House
from localdb.sources.fhir import observations
from tests.conftest import LONG
from tests.made import new_house, person, result

COMPARATORS = (None, "<", "<=", ">=", ">")
# Values as texts: what matters is that no digit and no sign is touched on the way.
VALUES = st.from_regex(r"\A(0|[1-9][0-9]{0,5})(\.[0-9]{1,6})?\Z")
UNITS = st.sampled_from((None, "mmol/L", "µg/L", "10*9/L", "[IU]/L", "%"))
QUANTITIES = st.tuples(st.sampled_from(COMPARATORS), VALUES, UNITS)
TEXTS = st.sampled_from(("<5", "> 1000", "<0.01", "1:>640", "less than 5"))
_NUMBERS = itertools.count(1)


def quantity(said: tuple[str | None, str, str | None]) -> dict[str, Any]:
    comparator, value, unit = said
    # A number in JSON stands as its digits: a mark that is taken out again when the file is written.
    made: dict[str, Any] = {"value": f"@@{value}@@"}
    return {**made, **({"comparator": comparator} if comparator else {}), **({"unit": unit} if unit else {})}


def written(path: Path, resources: list[dict[str, Any]]) -> Path:
    text = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]})
    path.write_text(text.replace('"@@', "").replace('@@"', ""), encoding="utf-8")
    return path


def sent(said: tuple[str | None, str, str | None]) -> tuple[str | None, str | None, str | None]:
    return (said[0], said[1], said[2])


def shown(item: dict[str, Any]) -> tuple[Any, Any, Any]:
    return (item.get("comparator"), item.get("value"), item.get("unit"))


def lost(
    house: House,
    tmp_path: Path,
    first: list[tuple[str | None, str, str | None]],
    then: tuple[str | None, str, str | None],
    text: str,
) -> list[str]:
    """What came out otherwise than it went in; the one check of this hazard."""
    turn = next(_NUMBERS)
    who = f"p{turn}"
    single = [result(f"{who}-{n}", who, "0", valueQuantity=quantity(q)) for n, q in enumerate(first)]
    together = result(f"{who}-parts", who, "0", component=[
        {"code": {"text": f"part {n}"}, "valueQuantity": quantity(q)} for n, q in enumerate(first)])  # fmt: skip
    worded = result(f"{who}-text", who, "0", valueString=text)
    del together["valueQuantity"], worded["valueQuantity"]
    house.fill([written(tmp_path / "a.json", [person(turn), *single, together, worded])], source="lims")
    newer = result(f"{who}-0", who, "0", valueQuantity=quantity(then), status="corrected", meta={"versionId": "9"})
    house.fill([written(tmp_path / "b.json", [newer])], source="lims")
    chart = json.loads(json.dumps(answer.chart(house.reading().chart(f"H{turn:07d}"))))
    by_id = {item["source_id"]: item for item in chart["results"]["items"]}
    found = []
    for n, said in enumerate([then, *first[1:]]):
        if shown(by_id[f"{who}-{n}"]) != sent(said):
            found.append(f"result: {sent(said)} came as {shown(by_id[f'{who}-{n}'])}")
    for part, said in zip(by_id[f"{who}-parts"]["components"], first, strict=True):
        if shown(part) != sent(said):
            found.append(f"component: {sent(said)} came as {shown(part)}")
    (former,) = by_id[f"{who}-0"]["replaces"] if then != first[0] else (None,)
    if former is not None and shown(former) != sent(first[0]):
        found.append(f"replaced: {sent(first[0])} came as {shown(former)}")
    if by_id[f"{who}-text"]["value"] != text:
        found.append(f"text: {text!r} came as {by_id[f'{who}-text']['value']!r}")
    return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = new_house(tmp_path_factory.mktemp("h12") / "vault")
    yield made
    made.close()


@settings(
    max_examples=120 if LONG else 12, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(first=st.lists(QUANTITIES, min_size=1, max_size=12), then=QUANTITIES, text=TEXTS)
def test_a_comparator_goes_in_and_comes_out(
    house: House, tmp_path: Path, first: list[Any], then: Any, text: str
) -> None:
    if then == first[0]:
        then = ("<" if then[0] != "<" else ">", *then[1:])
    assert lost(house, tmp_path, first, then, text) == []


@pytest.mark.parametrize("comparator", COMPARATORS[1:])
def test_sabotage_a_reader_that_drops_it_is_caught(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, comparator: str
) -> None:
    real = observations.values
    monkeypatch.setattr(
        observations, "values",
        lambda *a, **k: {f: v for f, v in real(*a, **k).items() if f != "comparator"},
    )  # fmt: skip
    assert lost(house, tmp_path, [(comparator, "5", "mg/L")], (comparator, "6", "mg/L"), "<5") != []


@pytest.mark.parametrize("comparator", COMPARATORS[1:])
def test_sabotage_a_former_value_without_it_is_caught(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, comparator: str
) -> None:
    from localdb.chart import assembly

    real = assembly._former
    monkeypatch.setattr(assembly, "_former", lambda record: msgspec.structs.replace(real(record), comparator=None))
    assert lost(house, tmp_path, [(comparator, "5", "mg/L")], (None, "6", "mg/L"), "<5") != []
