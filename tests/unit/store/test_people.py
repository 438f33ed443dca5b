"""Who is one person (DESIGN D2): links are events, made and undone; names never join."""

from __future__ import annotations

from pathlib import Path

import pytest

from localdb.errors import WardlampError
from localdb.house import House
from localdb.records.ids import patient_id
from tests.made import NHS, nhs_number, person, result, write


def fill(house: House, path: Path, source: str, *resources: dict[str, object]) -> None:
    house.fill([write(path, list(resources))], source=source)


def test_exact_shared_nhs_number_joins_two_sources(house: House, tmp_path: Path) -> None:
    fill(house, tmp_path / "a.json", "pas", person(1))
    fill(house, tmp_path / "b.json", "lims", person(1, id="x9"), result("k", "x9", "4.1"))
    ids = sorted([patient_id("pas", "fhir", "p1"), patient_id("lims", "fhir", "x9")])
    for one in ids:
        chart = house.reading().chart(one)
        assert (chart.patient.id, list(chart.patient.ids)) == (ids[0], ids)
        assert len(chart.results.items) == 1
    assert len(house.reading().find(nhs_number(1))) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"birthDate": "1901-01-01"},
        {"name": [{"family": "Elsewhere", "given": ["Zoe"]}]},
        {"identifier": [{"system": NHS, "value": "1234567890"}]},
        {"identifier": [{"system": "urn:other", "value": nhs_number(1)}]},
        {"birthDate": "1950"},
    ],
    ids=["birth date", "name", "unsound number", "another system", "part of a date"],
)
def test_nothing_less_than_the_written_rule_joins(house: House, tmp_path: Path, other: dict[str, object]) -> None:
    fill(house, tmp_path / "a.json", "pas", person(1))
    fill(house, tmp_path / "b.json", "lims", person(1, id="x9", **other))
    assert len(house.reading().chart(patient_id("pas", "fhir", "p1")).patient.ids) == 1


def test_a_merge_keeps_the_survivor_and_its_undoing_parts_them_again(house: House, tmp_path: Path) -> None:
    old, new = person(2), person(3)
    fill(house, tmp_path / "a.json", "pas", old, new, result("k2", "p2", "4.1"), result("k3", "p3", "5.1"))
    merged = person(2, link=[{"other": {"reference": "Patient/p3"}, "type": "replaced-by"}])
    fill(house, tmp_path / "b.json", "pas", merged)
    survivor, gone = patient_id("pas", "fhir", "p3"), patient_id("pas", "fhir", "p2")
    chart = house.reading().chart(gone)
    assert chart.patient.id == survivor
    assert sorted(r.value for r in chart.results.items) == ["4.1", "5.1"]  # type: ignore[attr-defined]
    assert [v.id for v in house.reading().find(nhs_number(2))] == [survivor]
    with house.intake() as intake:
        intake.begin()
        changed = intake.links.undo(gone, survivor, by="Tess Tester", now=intake.now().text)
        intake.mark_changed(changed)
        intake.commit()
    house.cut()
    assert [r.value for r in house.reading().chart(gone).results.items] == ["4.1"]  # type: ignore[attr-defined]
    assert [r.value for r in house.reading().chart(survivor).results.items] == ["5.1"]  # type: ignore[attr-defined]
    fill(
        house, tmp_path / "c.json", "pas", dict(merged, gender="other")
    )  # the source says it again: undone stays undone
    assert house.reading().chart(gone).patient.id == gone


def test_a_number_of_two_people_is_ambiguous(house: House, tmp_path: Path) -> None:
    fill(house, tmp_path / "a.json", "pas", person(1), person(1, id="p9", birthDate="1990-01-02"))
    with pytest.raises(WardlampError) as refused:
        house.reading().chart(nhs_number(1))
    assert refused.value.code == "patient.ambiguous"
