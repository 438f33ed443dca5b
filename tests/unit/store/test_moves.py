"""A visit that moves to another patient takes along all that names it, whatever comes first (HL7 v2 A45, A44)."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from localdb.house import House
from localdb.sources.units import MoveEvent, Unit
from localdb.store.facts import Facts
from tests.made import new_house
from tests.unit.store.telling import key, patient, reading, result, stay, unit


def deliver(house: House, *units: Unit) -> list[str]:
    found = []
    with house.intake() as intake:
        for one in units:
            found += [o.code or o.outcome for o in intake.take(reading(one))]
            intake.commit()
    house.cut()
    return found


def holdings(house: House, mrn: str) -> tuple[list[str], list[str | None]]:
    """Wards of the stays and values of the results that stand with a patient."""
    chart = house.reading().chart(key(mrn))
    assert all(r.patient == key(mrn) for name in ("stays", "results") for r in chart.lists[name].items)
    return (
        [s.ward for s in chart.stays.items],  # type: ignore[attr-defined]
        sorted(r.value for r in chart.results.items),  # type: ignore[attr-defined, type-var]
    )


def admitted(mrn: str, order: int, visit: str = "V1", family: str = "Okafor") -> Unit:
    return unit(
        patient(mrn, order, family=family), stay(mrn, visit, order, ward="ASH", status="in-progress"), type_="ADT^A01"
    )


def posted(mrn: str, order: int, value: str, number: str = "k", visit: str = "V1") -> Unit:
    return unit(patient(mrn, order - 10**17), result(mrn, number, value, order, visit=visit))


def moved(to: str, order: int, former: str = "", visit: str = "V1") -> Unit:
    whose = key(former) if former else ""
    event = MoveEvent(encounter=f"Encounter/{visit}", patient=key(to), order=order, former=whose)
    return unit(patient(to, order), type_="ADT^A45", moves=[event])


@pytest.mark.parametrize("former", ["1", ""], ids=["from whom is said", "from whom is not said"])
def test_all_that_names_the_visit_follows_it_and_what_comes_later_too(tmp_path: Path, former: str) -> None:
    story = [admitted("1", 1), posted("1", 2, "5.9"), moved("2", 3, former), posted("1", 4, "4.1", "late")]
    for n, order in enumerate([(0, 1, 2, 3), (3, 2, 1, 0), (2, 3, 0, 1), (1, 2, 0, 3)]):
        house = new_house(tmp_path / str(n))
        deliver(house, admitted("1", 0, "V0"), *(story[i] for i in order))
        assert holdings(house, "1") == (["ASH"], []), "only the visit that did not move"
        assert holdings(house, "2") == (["ASH"], ["4.1", "5.9"])
        house.close()


def test_a_move_back_brings_all_of_it_back(tmp_path: Path) -> None:
    story = [
        admitted("1", 1),
        posted("1", 2, "5.9"),
        moved("2", 3, "1"),
        moved("1", 5, "2"),
        posted("2", 4, "4.1", "b"),
    ]
    for n, order in enumerate(list(permutations(range(5)))[::23]):
        house = new_house(tmp_path / str(n))
        deliver(house, *(story[i] for i in order))
        assert holdings(house, "1") == (["ASH"], ["4.1", "5.9"])
        house.close()


def test_a_third_patient_under_the_same_visit_number_is_not_drawn_in(house: House) -> None:
    deliver(
        house, admitted("1", 1), moved("2", 3, "1"), admitted("3", 9, family="Elsewhere"), posted("3", 10, "9.9", "z")
    )
    assert holdings(house, "3") == (["ASH"], ["9.9"])
    assert holdings(house, "2") == (["ASH"], [])


def test_a_move_to_somebody_who_is_not_here_waits(house: House) -> None:
    deliver(house, admitted("1", 1))
    lone = unit(type_="ADT^A45", moves=[MoveEvent(encounter="Encounter/V1", patient=key("2"), order=3)])
    assert deliver(house, lone) == ["waiting"]
    assert holdings(house, "1") == (["ASH"], [])
    assert deliver(house, admitted("2", 0, "V9")) == ["taken"]
    assert holdings(house, "1") == ([], [])
    assert len(holdings(house, "2")[0]) == 2


def test_a_record_that_two_visits_named_keeps_what_another_move_brought(house: House) -> None:
    """One result number told of two patients, each under a visit that moved to the same third."""
    deliver(
        house, admitted("1", 1, "V1"), admitted("2", 1, "V2"), posted("1", 2, "5.1", visit="V1"),
        posted("2", 3, "5.2", visit="V2"), moved("3", 4, "2", "V2"), moved("3", 5, "1", "V1"),
    )  # fmt: skip
    chart = house.reading().chart(key("3"))
    (item,) = chart.results.items
    assert (item.value, [f.value for f in item.replaces]) == ("5.2", ["5.1"])  # type: ignore[attr-defined]
    assert holdings(house, "1")[1] == holdings(house, "2")[1] == []


def test_sabotage_without_the_moves_the_result_stays_with_the_wrong_patient(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(Facts, "moves", lambda self, encounters: {})
    deliver(house, admitted("1", 1), posted("1", 2, "5.9"), moved("2", 3, "1"))
    assert holdings(house, "1") == (["ASH"], ["5.9"])
