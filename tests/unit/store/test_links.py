"""Links as events: the latest word of a source counts whenever it comes, a person's decision outlasts it, all of it is
listed with who and when, and a merged number still finds the person (DESIGN D2)."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from localdb.errors import WardlampError
from localdb.house import House
from localdb.records.moments import read_moment
from localdb.records.vocabulary import HumanName, Identifier, Patient
from localdb.sources.units import LinkEvent, Unit
from localdb.store import identity
from tests.made import new_house, nhs_number
from tests.unit.store.telling import fact, key, patient, reading, result, unit

BY = "Tess Tester"


def deliver(house: House, *units: Unit) -> list[str]:
    found = []
    with house.intake() as intake:
        for one in units:
            found += [o.code or o.outcome for o in intake.take(reading(one))]
            intake.commit()
    house.cut()
    return found


def known(mrn: str, order: int = 1, family: str = "Okafor", **more: object) -> Unit:
    return unit(patient(mrn, order, family=family, **more), type_="ADT^A28")  # type: ignore[arg-type]


def merge(old: str, new: str, order: int) -> Unit:
    return _linked(old, new, order, "replaced-by", "ADT^A40")


def part(one: str, two: str, order: int) -> Unit:
    return _linked(one, two, order, "seealso", "ADT^A37", undo=True)


def said_at(order: int) -> str:
    return f"2026-11-23T08:0{order}:00Z"


def _linked(one: str, two: str, order: int, type_: str, trigger: str, *, undo: bool = False) -> Unit:
    return unit(
        patient(one, order - 10**17, family=""), patient(two, order - 10**17, family=""), type_=trigger,
        links=[LinkEvent(patient=key(one), other=key(two), type=type_, order=order, undo=undo, said=said_at(order))],
    )  # fmt: skip


def decide(house: House, what: str, one: str, two: str) -> None:
    with house.intake() as intake:
        getattr(intake, what)(key(one), key(two), by=BY)
        intake.commit()
    house.cut()


def person(house: House, mrn: str) -> str:
    return house.reading().chart(key(mrn)).patient.id


def test_a_merged_number_finds_the_person_under_the_survivor(tmp_path: Path) -> None:
    story = [known("1"), known("2", family="Elsewhere", born="2001-02-03"), merge("2", "1", 5)]
    for n, order in enumerate(permutations(range(3))):
        house = new_house(tmp_path / str(n))
        deliver(house, *(story[i] for i in order), unit(result("2", "k", "4.1", 3)))
        assert person(house, "2") == person(house, "1") == key("1")
        assert [v.id for v in house.reading().find("2")] == [key("1")]
        assert len(house.reading().chart(key("2")).results.items) == 1
        house.close()


def test_the_latest_word_counts_in_any_order_of_arrival(tmp_path: Path) -> None:
    events = [merge("2", "1", 5), part("1", "2", 6), merge("1", "2", 7)]
    for n, order in enumerate(permutations(range(3))):
        house = new_house(tmp_path / str(n))
        deliver(house, known("1"), known("2"), *(events[i] for i in order))
        assert person(house, "1") == person(house, "2") == key("2"), "the survivor of the last merge"
        house.close()
    house = new_house(tmp_path / "parted")
    deliver(house, known("1"), known("2"), events[1], events[0])
    assert person(house, "1") != person(house, "2"), "parted at 6, though the merge of 5 came after it"
    house.close()


def test_an_older_word_that_comes_late_is_older(house: House) -> None:
    assert deliver(house, known("1"), known("2"), part("1", "2", 6), merge("2", "1", 5)) == [
        "taken", "taken", "taken", "older",
    ]  # fmt: skip


def test_what_a_source_parted_no_shared_number_joins_again(tmp_path: Path) -> None:
    shared = [known(m, nhs=nhs_number(7)) for m in "12"]
    for n, units in enumerate(([*shared, part("1", "2", 5)], [part("1", "2", 5), *shared])):
        house = new_house(tmp_path / str(n))
        deliver(house, *units)
        assert person(house, "1") != person(house, "2")
        house.close()


def test_a_shared_number_joins_whoever_came_first_and_parts_when_it_is_corrected(tmp_path: Path) -> None:
    one, two = known("1", nhs=nhs_number(7)), known("2", nhs=nhs_number(7))
    put_right = known("1", 9, nhs=nhs_number(8))
    for n, units in enumerate(([one, two, put_right], [two, one, put_right], [put_right, two, one])):
        house = new_house(tmp_path / str(n))
        deliver(house, *units[:2])
        if n < 2:
            assert person(house, "1") == person(house, "2")
        deliver(house, *units[2:])
        assert person(house, "1") != person(house, "2")
        house.close()


def test_a_number_that_failed_to_trace_on_either_side_joins_nobody(house: House) -> None:
    """The rule is the same from both sides (identity, rule 2)."""
    untraced = Patient(
        id=key("2"), patient=key("2"), source="engine", source_id="2", names=(HumanName("Okafor", ("Adaeze",)),),
        identifiers=(Identifier(identity.NHS_SYSTEM, nhs_number(7), "NH", False, "05"),),
        born=read_moment("1958-02-14"),
    )  # fmt: skip
    deliver(house, unit(fact(untraced, 1, partial=True)), known("1", nhs=nhs_number(7)))
    assert person(house, "1") != person(house, "2")


# -- by hand ----------------------------------------------------------------------------------------------------------


def test_what_a_person_decided_outlasts_the_source(house: House) -> None:
    deliver(house, known("1"), known("2"), merge("2", "1", 5))
    decide(house, "undo_link", "1", "2")
    assert person(house, "1") != person(house, "2")
    deliver(house, merge("2", "1", 8), known("2", 9), known("1", 9))
    assert person(house, "1") != person(house, "2")
    decide(house, "join", "2", "1")
    deliver(house, part("1", "2", 9), known("2", 11), known("1", 11))
    assert person(house, "1") == person(house, "2")


def test_every_event_is_listed_with_who_and_when(house: House) -> None:
    deliver(house, known("1"), known("2"), merge("2", "1", 5))
    decide(house, "undo_link", "1", "2")
    with house.intake() as intake:
        notes = intake.links_of(key("2"))
        now = intake.now().text
    assert [(n.type, n.parted, n.by, n.stands) for n in notes] == [
        ("replaced-by", False, "source", False), ("seealso", True, BY, True),
    ]  # fmt: skip
    assert [n.said for n in notes] == [said_at(5), ""]
    assert {n.made for n in notes} == {now}


def test_two_who_are_joined_through_a_third_are_not_parted_by_a_word_that_changes_nothing(house: House) -> None:
    deliver(house, known("1"), known("2"), known("3"), merge("2", "1", 5), merge("3", "2", 6))
    with house.intake() as intake:
        for one, two, code in (
            ("1", "3", "link.through_others"), ("1", "1", "link.one_patient"), ("1", "99", "link.unknown_patient"),
        ):  # fmt: skip
            with pytest.raises(WardlampError) as refused:
                intake.undo_link(key(one), key(two), by=BY)
            assert refused.value.code == code
        intake.undo_link(key("3"), key("2"), by=BY)
        with pytest.raises(WardlampError) as refused:
            intake.undo_link(key("3"), key("2"), by=BY)
        assert refused.value.code == "link.not_joined"
        intake.commit()
    house.cut()
    assert person(house, "3") == key("3") and person(house, "2") == key("1")


# -- what the chart says ------------------------------------------------------------------------------------------


def test_the_chart_says_which_numbers_it_joins_and_who_joined_them(house: House) -> None:
    deliver(
        house, known("1", nhs=nhs_number(7)), known("2"), known("3", nhs=nhs_number(7)), merge("2", "1", 5), known("4")
    )
    decide(house, "join", "4", "1")
    joins = {j.identifiers[0].value: j for j in house.reading().chart(key("3")).patient.joins}
    assert house.reading().chart(key("3")).patient.joins[0].patient == person(house, "3")
    assert {m: (j.type, j.by) for m, j in joins.items()} == {
        "1": ("", ""), "2": ("replaced-by", "source"), "3": ("shared", "source"), "4": ("hand", BY),
    }  # fmt: skip
    said = joins["2"].said
    assert said is not None and said.text == said_at(5)
    assert all(joins[m].made is not None for m in "234")


def test_one_alone_joins_nothing(house: House) -> None:
    deliver(house, known("1"))
    assert house.reading().chart(key("1")).patient.joins == ()


def test_sabotage_links_in_the_order_of_arrival_part_and_join_wrongly(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    counted = iter(range(100))
    original = identity.Links._note

    def by_arrival(self: identity.Links, one: str, other: str, type_: str, order: int, *rest: object) -> None:
        original(self, one, other, type_, next(counted), *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(identity.Links, "_note", by_arrival)
    deliver(house, known("1"), known("2"), part("1", "2", 6), merge("2", "1", 5))
    assert person(house, "1") == person(house, "2"), "the control is what keeps them two"
