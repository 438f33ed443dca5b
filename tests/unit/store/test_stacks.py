"""The two stacks, the sealed list, and what a reader sees of many cuts (DESIGN D1)."""

from __future__ import annotations

import random
from pathlib import Path

from localdb.house import House
from localdb.records.ids import patient_id
from localdb.store.generations import kept_numbers
from tests.made import NOW, nhs_number, person, result, write


def test_many_cuts_read_like_one(house: House, tmp_path: Path) -> None:
    """A seeded story of changes: after each cut every patient reads as the newest words about them say."""
    rng = random.Random(20261124)
    people = list(range(1, 121))
    house.fill([write(tmp_path / "0.json", [person(n) for n in people])], source="lims")
    said: dict[int, str] = {}
    for step in range(14):
        chosen = rng.sample(people, rng.choice([1, 3, 15, 40]))
        for n in chosen:
            said[n] = f"{rng.randrange(20, 90) / 10}"
        house.fill(
            [write(tmp_path / f"{step}.json", [result(f"k{n}", f"p{n}", said[n]) for n in chosen])], source="lims"
        )
    reading = house.reading()
    for n in people:
        chart = reading.chart(patient_id("lims", "fhir", f"p{n}"))
        got = [r.value for r in chart.results.items]  # type: ignore[attr-defined]
        assert got == ([said[n]] if n in said else [])
        assert chart.patient.scope == ("whole" if n in said else "thin")
        assert [v.id for v in reading.find(nhs_number(n))] == [chart.patient.id]
    everyone = {v.id for family in "abcdefghijklmno" for v in reading.find(family, 500)}
    assert len(everyone) == len(people)
    with house.intake():
        used, _ = house.generations.pointer()
    assert len(house.generations.read(used).layers()) <= 10


def test_find_answers_in_name_order_across_layers(house: House, tmp_path: Path) -> None:
    house.fill([write(tmp_path / "a.json", [person(n) for n in range(1, 60)])], source="lims")
    for n in (5, 6, 7):
        house.fill([write(tmp_path / "b.json", [result(f"k{n}", f"p{n}", "4.1")])], source="lims")
    found = house.reading().find("b", 100)
    keys = [(v.name.family.casefold(), v.name.given[0].casefold()) for v in found if v.name.family.startswith("B")]
    assert keys == sorted(keys)


def test_patient_who_leaves_whole_is_read_from_thin(house: House, tmp_path: Path) -> None:
    house.fill([write(tmp_path / "a.json", [person(1), result("k", "p1", "4.1"), person(2)])], source="lims")
    assert house.reading().chart(nhs_number(1)).patient.scope == "whole"
    with house.intake() as intake:  # what a content window will do later
        intake.begin()
        intake.connection.execute("delete from record where kind='result'")
        intake.mark_changed({patient_id("lims", "fhir", "p1")})
        intake.commit()
    house.cut()
    chart = house.reading().chart(nhs_number(1))
    assert (chart.patient.scope, chart.results.state) == ("thin", "unavailable")
    assert len(house.reading().find(nhs_number(1))) == 1


def test_held_generation_stays_while_cuts_go_on(house: House, tmp_path: Path) -> None:
    house.fill([write(tmp_path / "a.json", [person(1), result("k", "p1", "4.1")])], source="lims")
    house.generations.point(1, pinned=True)
    house.fill([write(tmp_path / "b.json", [result("k", "p1", "4.4")])], source="lims")
    chart = house.reading().chart(nhs_number(1))
    assert (chart.generation, chart.results.items[0].value) == (1, "4.1")  # type: ignore[attr-defined]
    assert chart.held_since is not None
    house.generations.point(house.generations.newest().number, pinned=False)  # type: ignore[union-attr]
    assert house.reading().chart(nhs_number(1)).results.items[0].value == "4.4"  # type: ignore[attr-defined]


def test_a_clock_alone_makes_a_list_and_no_layer(house: House, tmp_path: Path) -> None:
    house.fill([write(tmp_path / "a.json", [person(1)])], source="lims")
    before = {p.name for p in (house.vault / "layers").iterdir()}
    house.fill([tmp_path / "a.json"], source="lims")
    assert {p.name for p in (house.vault / "layers").iterdir()} == before
    assert house.generations.numbers() == [1, 2]


def test_which_lists_are_kept() -> None:
    from datetime import timedelta

    made = {n: (NOW - timedelta(minutes=10 * (400 - n))).isoformat() for n in range(1, 401)}
    keep = kept_numbers(made, NOW)
    assert set(range(393, 401)) <= keep  # the newest eight
    hours = {n for n in keep if NOW - timedelta(hours=24) < NOW - timedelta(minutes=10 * (400 - n))}
    assert 24 <= len(hours) <= 24 + 9
    assert len(keep) <= 8 + 25 + 8
