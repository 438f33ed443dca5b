"""Beside the intake's owner: a cut as of one moment, the set-aside list, both while the owner goes on writing; and an
intake of the release before opens with all it held."""

from __future__ import annotations

from pathlib import Path

import pytest

from localdb.errors import WardlampError
from localdb.house import House
from localdb.sources.filling import retry_aside
from localdb.sources.units import SET_ASIDE, Unit
from localdb.store.aside import AsideList
from localdb.store.cuts import Cutter
from localdb.store.intake import Intake
from localdb.store.intake_schema import STEPS
from localdb.store.migrations import migrate, schema_number
from localdb.store.opening import LAYER_PAGE, open_durable
from localdb.store.viewing import IntakeView
from tests.made import NOW, person, result, write
from tests.unit.store.telling import key, patient, reading, unit
from tests.unit.store.telling import result as told_result

KEY = bytes(range(32))


def path_and_key(house: House) -> tuple[Path, bytearray]:
    return house.vault / "intake.db", house.keys.intake_key()


def lab(order: int, value: str) -> Unit:
    return unit(patient("1", order - 10**17), told_result("1", "k", value, order))


def value_in(house: House) -> list[str | None]:
    return [r.value for r in house.reading().chart(key("1")).results.items]  # type: ignore[attr-defined]


def test_a_cut_sees_one_moment_while_the_owner_writes_on(house: House) -> None:
    with house.intake() as intake:
        intake.take(reading(lab(1, "5.9")))
        intake.commit()
        view = IntakeView(*path_and_key(house))
        assert view.sequence == intake.sequence
        intake.take(reading(lab(2, "4.4")))
        intake.commit()  # the writer does not wait for the reader
        try:
            done = Cutter(house.vault, house.keys, view, lambda: NOW).cut()
        finally:
            view.close()
        assert value_in(house) == ["5.9"]
        newest = house.generations.newest()
        assert newest is not None and newest.number == done.generation
        assert intake.has_changed_since(newest.sequence), "so the next cut takes what came meanwhile"
        view = IntakeView(*path_and_key(house))
        Cutter(house.vault, house.keys, view, lambda: NOW).cut()
        view.close()
        assert value_in(house) == ["4.4"]
        assert not intake.has_changed_since(intake.sequence)


def test_a_view_writes_nothing(house: House) -> None:
    with house.intake() as intake:
        intake.take(reading(lab(1, "5.9")))
        intake.commit()
    view = IntakeView(*path_and_key(house))
    with pytest.raises(Exception, match="readonly"):
        view.connection.execute("delete from fact")
    view.close()


def test_no_intake_is_said_so(tmp_path: Path) -> None:
    for opening in (IntakeView, AsideList):
        with pytest.raises(WardlampError) as refused:
            opening(tmp_path / "intake.db", KEY)
        assert refused.value.code == "vault.missing"


def refused_unit(n: int, code: str = "hl7.no_patient") -> Unit:
    return Unit(
        index=n, type="ADT^A08", source_id=f"c{n}", verdict=SET_ASIDE, code=code, reason="no number", digest=bytes([n])
    )


def test_the_list_is_read_while_the_owner_holds_a_transaction(house: House) -> None:
    with house.intake() as intake:
        intake.take(reading(refused_unit(1), refused_unit(2), refused_unit(3, "hl7.not_hl7")))
        intake.commit()
        intake.take(reading(refused_unit(4)))  # not committed
        with AsideList(*path_and_key(house)) as held:
            assert held.total() == 3
            assert held.counts() == {("engine", "hl7.no_patient"): 2, ("engine", "hl7.not_hl7"): 1}
            items = held.items(2)
            assert [i["id"] for i in items] == [3, 2]
            assert held.bytes_of(3) == bytes([3]).hex().encode() and held.bytes_of(99) is None
            intake.commit()
            assert held.total() == 4, "each question is as of its own moment"


def test_what_waits_is_counted(house: House) -> None:
    with house.intake() as intake:
        intake.take(reading(unit(told_result("7", "k", "4.1", 5))))
        intake.commit()
        with AsideList(*path_and_key(house)) as held:
            assert held.waiting() == {"engine": 1}


def test_seen_again_after_it_was_settled_it_is_back_on_the_list(house: House) -> None:
    with house.intake() as intake:
        for _ in range(2):
            intake.take(reading(refused_unit(1)))
            intake.commit()
            (item,) = intake.aside_items()
            intake.settle_aside(int(str(item["id"])))
            assert intake.aside_items() == []
        intake.take(reading(refused_unit(1)))
        intake.commit()
        (item,) = intake.aside_items()
        assert item["times"] == 3


def test_a_retry_that_fails_again_leaves_one_row_in_its_own_place(house: House, tmp_path: Path) -> None:
    other = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Elsewhere", "given": ["Zoe"]}],
             "birthDate": "2001-02-03"}  # fmt: skip
    house.fill([write(tmp_path / "a.json", [person(1)])], source="lims")
    house.fill([write(tmp_path / "b.json", [person(2), result("k", "p2", "4.1"), other])], source="lims")
    with house.intake() as intake:
        before = [(i["id"], i["index"], i["code"]) for i in intake.aside_items()]
        report = retry_aside(intake)
        assert [a.code for a in report.set_aside] == ["identity.conflict"]
        assert [(i["id"], i["index"], i["code"]) for i in intake.aside_items()] == before
        assert before[0][1] == 2


# -- the release before ------------------------------------------------------------------------------------------------


def first_release(path: Path) -> None:
    """An intake as the release before this one left it: schema 1, two people whom somebody joined, two whom somebody
    parted, and a link that a source made."""
    connection = open_durable(path, KEY, create=True, page=LAYER_PAGE)
    migrate(connection, STEPS[:1])
    for one, family in (("PA", "able"), ("PB", "able"), ("PC", "able"), ("PD", "able"), ("PE", "able")):
        connection.execute("insert into patient values(?,'pas',?,1,?,'1950-01-01',?,'x')", (one, one, one, family))
    rows = [
        ("PA", "PB", "seealso", "t1", "Tess", None, None),
        ("PC", "PD", "replaced-by", "t2", "source", "t3", "Tess"),
        ("PD", "PE", "replaced-by", "t4", "source", None, None),
    ]
    connection.executemany(
        "insert into link(patient, other, type, made, made_by, undone, undone_by) values(?,?,?,?,?,?,?)", rows
    )
    connection.execute("insert into meta values('epoch','e1')")
    connection.execute("insert into meta values('seq',7)")
    connection.close()


def test_an_intake_of_the_first_release_migrates_with_what_people_decided(tmp_path: Path) -> None:
    first_release(tmp_path / "intake.db")
    intake = Intake(tmp_path / "intake.db", KEY, lambda: NOW)
    try:
        assert schema_number(intake.connection) == len(STEPS)
        assert (intake.epoch, intake.sequence) == ("e1", 7)
        joined, parted = intake.links.state("PA", "PB"), intake.links.state("PC", "PD")
        assert joined is not None and (joined.parted, joined.by) == (False, "Tess")
        assert parted is not None and (parted.parted, parted.by, parted.made) == (True, "Tess", "t3")
        assert intake.links.state("PD", "PE") is None
        assert intake.links.group("PA") == {"PA", "PB"} and intake.links.group("PD") == {"PD", "PE"}
        assert [o.outcome for o in intake.take(reading(lab(1, "5.9")))] == ["taken"]
        intake.commit()
    finally:
        intake.close()


def test_an_intake_of_the_first_release_is_not_read_beside_before_its_owner_opened_it(tmp_path: Path) -> None:
    first_release(tmp_path / "intake.db")
    with pytest.raises(WardlampError) as refused:
        IntakeView(tmp_path / "intake.db", KEY)
    assert refused.value.code == "vault.missing"
    with AsideList(tmp_path / "intake.db", KEY) as held:
        assert held.total() == 0
