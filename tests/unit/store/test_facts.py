"""Messages into the intake and out again as a chart: facts in any order, one outcome each, nothing half landed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from localdb.house import House
from localdb.records.vocabulary import Administration, Allergy, Result
from localdb.sources.units import Unit
from localdb.store import facts as facts_module
from localdb.store.intake import Intake
from tests.made import new_house, nhs_number
from tests.unit.store.telling import (
    fact,
    key,
    patient,
    reading,
    report,
    request,
    result,
    stay,
    unit,
)

LOW = 10**17  # how far below its own time another message than ADT tells who a patient is


def deliver(house: House, *units: Unit, source: str = "engine", answered: bool = False) -> list[str]:
    """Each message alone, committed alone; then a cut. The outcomes, a reason's code in place of set_aside."""
    found = []
    with house.intake() as intake:
        for one in units:
            found += take(intake, one, source=source, answered=answered)
    house.cut()
    return found


def take(intake: Intake, *units: Unit, source: str = "engine", answered: bool = False) -> list[str]:
    import msgspec

    read = msgspec.structs.replace(reading(*units, source=source), is_answered=answered)
    outcomes = intake.take(read)
    intake.commit()
    return [o.code or o.outcome for o in outcomes]


def results_of(house: House, mrn: str) -> list[tuple[str | None, str, list[str | None]]]:
    items = house.reading().chart(key(mrn)).results.items
    return sorted((r.value, r.status, [f.value for f in r.replaces]) for r in items if isinstance(r, Result))


def adt(order: int, mrn: str = "1", visit: str = "V1", **more: Any) -> Unit:
    return unit(
        patient(mrn, order, nhs=nhs_number(1) if mrn == "1" else ""), stay(mrn, visit, order, **more), type_="ADT^A08"
    )


def lab(order: int, value: str, status: str = "final", tie: int = 2, mrn: str = "1", number: str = "k") -> Unit:
    return unit(patient(mrn, order - LOW), result(mrn, number, value, order, status=status, tie=tie))


def test_a_preliminary_a_final_and_a_corrected_result_in_any_order(tmp_path: Path) -> None:
    told = [lab(11, "5.9", "preliminary", 0), lab(12, "5.7"), lab(13, "4.4", "corrected", 3)]
    for n, order in enumerate(([0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1])):
        house = new_house(tmp_path / str(n))
        outcomes = deliver(house, *(told[i] for i in order))
        assert results_of(house, "1") == [("4.4", "corrected", ["5.9", "5.7"])]
        expected, latest = [], -1
        for i in order:
            expected.append("taken" if i > latest else "older")
            latest = max(latest, i)
        assert outcomes == expected
        house.close()


def test_the_same_message_again_is_the_same_and_changes_nothing(house: House) -> None:
    assert deliver(house, adt(1, ward="ASH"), lab(2, "5.9"), adt(1, ward="ASH"), lab(2, "5.9")) == [
        "taken", "taken", "same", "same",
    ]  # fmt: skip
    before = house.generations.newest()
    with house.intake() as intake:
        assert not intake.has_changed_since(before.sequence if before else 0)


def test_a_message_with_nothing_but_what_is_older_is_older(house: House) -> None:
    assert deliver(house, adt(20, ward="BIRCH", bed="1", status="in-progress")) == ["taken"]
    assert deliver(house, adt(10, ward="ASH", bed="3", status="in-progress")) == ["older"]
    view = house.reading().chart(key("1")).patient
    assert (view.ward, view.bed) == ("BIRCH", "1")


def test_an_older_message_that_still_adds_something_is_taken(house: House) -> None:
    deliver(house, adt(20, ward="BIRCH"))
    assert deliver(house, adt(10, ward="ASH", reason="Fall at home")) == ["taken"]
    (item,) = house.reading().chart(key("1")).stays.items
    assert (item.ward, item.reason) == ("BIRCH", "Fall at home")  # type: ignore[attr-defined]


def test_whole_records_of_other_kinds_are_replaced_by_the_newest(house: House) -> None:
    def allergy(order: int, text: str) -> Unit:
        record = Allergy(id="RALLERGY000000", patient=key("1"), source="engine", source_id="a", text=text)
        return unit(patient("1", order), fact(record, order), type_="ADT^A60")

    assert deliver(house, allergy(2, "Penicillin, anaphylaxis"), allergy(1, "Penicillin")) == ["taken", "older"]
    assert [a.text for a in house.reading().chart(key("1")).allergies.items] == ["Penicillin, anaphylaxis"]


def test_a_result_closes_its_request_whichever_comes_first(tmp_path: Path) -> None:
    order = unit(patient("1", 5 - LOW), request("1", "P1", 5, status="active"), type_="ORM^O01")
    answer = unit(patient("1", 9 - LOW), request("1", "P1", 9, status="completed"), result("1", "k", "4.1", 9))
    for n, units in enumerate(([order, answer], [answer, order])):
        house = new_house(tmp_path / str(n))
        deliver(house, *units)
        (item,) = house.reading().chart(key("1")).requests.items
        assert (item.status, item.text) == ("completed", "Urea and electrolytes")
        house.close()


def test_a_result_belongs_to_the_panel_that_names_it(house: House) -> None:
    deliver(house, unit(patient("1", 5 - LOW), result("1", "k", "4.1", 5), report("1", "r", 5, ["k"])))
    (item,) = house.reading().chart(key("1")).results.items
    assert item.panel == "Urea and electrolytes"  # type: ignore[attr-defined]


# -- who -------------------------------------------------------------------------------------------------------------


def test_another_person_under_a_known_number_is_set_aside_and_what_is_told_of_them_too(house: House) -> None:
    deliver(house, adt(1))
    other = patient("1", 9 - LOW, family="Elsewhere", given="Zoe", born="2001-02-03")
    assert deliver(house, unit(other, result("1", "z", "9.9", 9))) == ["identity.conflict"]
    assert results_of(house, "1") == []
    with house.intake() as intake:
        (item,) = intake.aside_items()
        assert item["code"] == "identity.conflict" and intake.aside_bytes(int(str(item["id"])))


def test_another_number_in_common_makes_it_a_change_of_name_and_date(house: House) -> None:
    deliver(house, adt(1))
    same = patient("1", 9, family="Elsewhere", given="Zoe", born="2001-02-03", nhs=nhs_number(1))
    assert deliver(house, unit(same, type_="ADT^A08")) == ["taken"]
    assert house.reading().chart(key("1")).patient.name.family == "Elsewhere"


def test_a_laboratory_that_knows_little_changes_nothing_that_adt_said(house: House) -> None:
    deliver(house, adt(1), unit(patient("1", 9 - LOW, given="A"), result("1", "k", "4.1", 9)))
    assert house.reading().chart(key("1")).patient.name.given == ("Adaeze",)


def test_a_result_under_one_number_for_two_people_takes_nothing_from_the_first(house: House) -> None:
    """A laboratory posts to the wrong patient, withdraws there, and posts to the right one under the same number."""
    deliver(
        house, adt(1), adt(1, mrn="2", visit="V2"), lab(5, "6.8"), lab(6, "6.8", "entered-in-error", 4),
        lab(7, "6.8", mrn="2"),
    )  # fmt: skip
    assert results_of(house, "1") == [("6.8", "entered-in-error", ["6.8"])]
    assert results_of(house, "2") == [("6.8", "final", [])]


# -- control ids ---------------------------------------------------------------------------------------------------


def test_a_control_id_again_with_other_content_is_set_aside_with_its_bytes(house: House) -> None:
    first = unit(patient("1", 5 - LOW), result("1", "k", "4.1", 5), control="LIMS|N|77|5|ORU^R01")
    other = unit(patient("1", 5 - LOW), result("1", "k", "9.9", 5), control="LIMS|N|77|5|ORU^R01")
    assert deliver(house, first, other, first, answered=True) == ["taken", "hl7.control_id_reused", "same"]
    assert results_of(house, "1") == [("4.1", "final", [])]
    with house.intake() as intake:
        (item,) = intake.aside_items()
        assert intake.aside_bytes(int(str(item["id"]))) == other.digest.hex().encode()


def test_a_control_id_again_while_the_first_still_waits_is_set_aside_too(house: House) -> None:
    first = unit(result("7", "k", "4.1", 5), control="LIMS|N|77|5|ORU^R01")
    other = unit(result("7", "k", "9.9", 5), control="LIMS|N|77|5|ORU^R01")
    assert deliver(house, first, other, answered=True) == ["waiting", "hl7.control_id_reused"]
    assert deliver(house, adt(9, mrn="7", visit="V7"), answered=True) == ["taken"]
    assert results_of(house, "7") == [("4.1", "final", [])]


# -- waiting --------------------------------------------------------------------------------------------------------


def test_what_waits_finds_its_patient_by_itself_with_the_commit_that_brings_them(house: House) -> None:
    dose = Administration(
        id="RDOSE000000000", patient="", source="files", source_id="d", status="completed", text="Paracetamol"
    )
    row = unit(fact(dose, 5), wants=("NORTH|1",), type_="administration row")
    assert deliver(house, row, source="files") == ["waiting"]
    assert deliver(house, adt(3, mrn="2", visit="V2")) == ["taken"], "somebody else came"
    assert deliver(house, adt(4)) == ["taken"]
    assert [a.text for a in house.reading().chart(key("1")).administrations.items] == ["Paracetamol"]
    with house.intake() as intake:
        assert [o.outcome for o in intake.retry_waiting()] == []
        assert intake.connection.execute("select count(*) from waiting").fetchone()[0] == 0


def test_what_a_commit_found_is_told_to_the_next_who_asks(house: House) -> None:
    deliver(house, unit(result("7", "k", "4.1", 5)))
    with house.intake() as intake:
        take(intake, adt(9, mrn="7", visit="V7"))
        assert [o.outcome for o in intake.retry_waiting()] == ["taken"]
        assert intake.retry_waiting() == []


# -- whole or not at all --------------------------------------------------------------------------------------------


def test_a_fault_in_the_midst_of_a_unit_leaves_nothing_of_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(house, adt(1))
    tables = ("fact", "record", "unit", "original", "former", "patient", "identifier", "link_event", "move")

    def counts(intake: Intake) -> list[int]:
        return [intake.connection.execute(f"select count(*) from {t}").fetchone()[0] for t in tables]

    class Broken(RuntimeError):
        pass

    def breaks(*_: object) -> None:
        raise Broken

    with house.intake() as intake:
        before, sequence = counts(intake), intake.sequence
        with monkeypatch.context() as patched:
            patched.setattr(Intake, "note_unit", breaks)
            with pytest.raises(Broken):
                intake.take(reading(unit(patient("2", 5), stay("2", "V2", 5), result("2", "k", "4.1", 5))))
        assert (counts(intake), intake.sequence) == (before, sequence)
        assert take(intake, lab(6, "4.2")) == ["taken"]


# -- many orders ----------------------------------------------------------------------------------------------------


def story() -> list[Unit]:
    """A stay with moves between beds, a result in four versions, one that is withdrawn, a request and its answer."""
    return [
        adt(1, ward="ASH", bed="3", status="in-progress"),
        unit(patient("1", 2 - LOW), request("1", "P1", 2, status="active"), type_="ORM^O01"),
        lab(3, "5.9", "preliminary", 0),
        adt(4, ward="BIRCH", bed="1"),
        lab(5, "5.7"),
        lab(6, "5.7"),
        lab(7, "4.4", "corrected", 3),
        unit(patient("1", 8 - LOW), result("1", "h", "61", 8), request("1", "P1", 8, status="completed")),
        unit(patient("1", 9 - LOW), result("1", "h", "61", 9, status="entered-in-error", tie=4)),
        unit(patient("1", 10), stay("1", "V1", 10, status="finished"), type_="ADT^A03"),
        unit(patient("1", 11), stay("1", "V1", 11, status="in-progress", cleared=("ended",)), type_="ADT^A13"),
    ]  # fmt: skip


def chart_of(house: House, mrn: str = "1") -> tuple[object, ...]:
    chart = house.reading().chart(key(mrn))
    return chart.patient, {name: listing.items for name, listing in chart.lists.items()}


@pytest.fixture(scope="module")
def in_order(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    """The chart when everything arrives once and in order."""
    house, units = new_house(tmp_path_factory.mktemp("told") / "vault"), story()
    try:
        assert deliver(house, *units) == ["taken"] * len(units)
        chart = chart_of(house)
        assert (chart[0].ward, chart[0].bed) == ("BIRCH", "1")  # type: ignore[attr-defined]
        assert results_of(house, "1") == [
            ("4.4", "corrected", ["5.9", "5.7"]), ("61", "entered-in-error", ["61"]),
        ]  # fmt: skip
        return chart
    finally:
        house.close()


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_arrival_gives_the_same_chart(house: House, in_order: tuple[object, ...], seed: int) -> None:
    assert_same(house, in_order, seed)


def assert_same(house: House, in_order: tuple[object, ...], seed: int) -> None:
    units = story()
    arrival: Sequence[Unit] = random.Random(seed).sample(units, len(units))
    deliver(house, *arrival, *arrival[:3])
    assert chart_of(house) == in_order


def test_sabotage_facts_in_the_order_of_arrival_give_another_chart(
    house: House, in_order: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """The order of the messages' own times is what makes the charts equal: without it they are not."""
    original = facts_module.Telling

    def by_arrival(body: bytes, order: int, tie: int, arrival: int, *rest: Any) -> Any:
        return original(body, arrival, 0, arrival, *rest)

    monkeypatch.setattr(facts_module, "Telling", by_arrival)
    with pytest.raises(AssertionError):
        assert_same(house, in_order, 0)
