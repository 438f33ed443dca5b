"""What becomes of each unit (DESIGN D4) and how versions are ordered."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from localdb.house import House
from tests.made import new_house, nhs_number, person, result, stay, ward, write


def outcomes(house: House, path: Path, resources: list[dict[str, object]]) -> dict[str, int]:
    report = house.fill([write(path, resources)], source="lims")
    assert report.read == sum((report.taken, report.same, report.older, report.not_kept, report.waiting)) + len(
        report.set_aside
    )
    return {
        k: v
        for k, v in {**{k: getattr(report, k) for k in ("taken", "same", "older", "not_kept", "waiting")},
                     "set_aside": len(report.set_aside)}.items()
        if v
    }  # fmt: skip


def test_white_space_and_order_of_keys_change_nothing(house: House, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    assert outcomes(house, file, [person(1), result("k", "p1", "4.1")]) == {"taken": 2}
    turned = dict(reversed(list(result("k", "p1", "4.1").items())))
    assert outcomes(house, file, [person(1), turned]) == {"same": 2}


def test_trailing_zero_is_another_value(house: House, tmp_path: Path) -> None:
    file = write(tmp_path / "a.json", [person(1), result("k", "p1", "4.5")])
    house.fill([file], source="lims")
    file.write_text(file.read_text().replace("4.5", "4.50"))
    report = house.fill([file], source="lims")
    assert (report.taken, report.same) == (1, 1)
    item = house.reading().chart("p1" and nhs_number(1)).results.items[0]
    assert item.value == "4.50"  # type: ignore[attr-defined]
    assert [f.value for f in item.replaces] == ["4.5"]  # type: ignore[attr-defined]


def test_lower_version_that_comes_late_is_older_and_never_wins(house: House, tmp_path: Path) -> None:
    new = result("k", "p1", "5.9", status="corrected", meta={"versionId": "2"})
    old = result("k", "p1", "6.8", meta={"versionId": "1"})
    assert outcomes(house, tmp_path / "a.json", [person(1), new]) == {"taken": 2}
    assert outcomes(house, tmp_path / "b.json", [old]) == {"older": 1}
    item = house.reading().chart(nhs_number(1)).results.items[0]
    assert (item.value, item.status) == ("5.9", "corrected")  # type: ignore[attr-defined]
    assert [f.value for f in item.replaces] == ["6.8"]  # type: ignore[attr-defined]


def test_last_updated_orders_where_versions_are_opaque(house: House, tmp_path: Path) -> None:
    late = result("k", "p1", "5.9", meta={"versionId": "x9", "lastUpdated": "2026-11-24T02:05:00Z"})
    early = result("k", "p1", "6.8", meta={"versionId": "a1", "lastUpdated": "2026-11-24T01:05:00Z"})
    assert outcomes(house, tmp_path / "a.json", [person(1), late]) == {"taken": 2}
    assert outcomes(house, tmp_path / "b.json", [early]) == {"older": 1}


def test_unit_whose_patient_is_not_here_waits_and_is_found_later(house: House, tmp_path: Path) -> None:
    assert outcomes(house, tmp_path / "a.json", [result("k", "p7", "4.1")]) == {"waiting": 1}
    report = house.fill([write(tmp_path / "b.json", [person(7)])], source="lims")
    assert (report.taken, report.found) == (1, 1)
    assert len(house.reading().chart(nhs_number(7)).results.items) == 1


def test_order_inside_one_fill_does_not_matter(house: House, tmp_path: Path) -> None:
    write(tmp_path / "f" / "a.json", [result("k", "p1", "4.1")])
    write(tmp_path / "f" / "b.json", [person(1)])
    report = house.fill([tmp_path / "f"], source="lims")
    assert (report.read, report.taken, report.waiting) == (2, 2, 0)


def test_three_people_under_one_key_are_told_apart(house: House, tmp_path: Path) -> None:
    other = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Elsewhere", "given": ["Zoe"]}],
             "birthDate": "2001-02-03"}  # fmt: skip
    assert outcomes(house, tmp_path / "a.json", [person(1), result("k", "p1", "4.1")]) == {"taken": 2}
    got = house.fill([write(tmp_path / "b.json", [other, result("z", "p1", "9.9")])], source="lims")
    assert [a.code for a in got.set_aside] == ["identity.conflict", "identity.conflict"]
    assert [r.value for r in house.reading().chart(nhs_number(1)).results.items] == ["4.1"]  # type: ignore[attr-defined]


def test_broken_file_is_kept_with_its_bytes(house: House, tmp_path: Path) -> None:
    broken = tmp_path / "cut.json"
    broken.write_text('{"resourceType": "Patient", "id": "cut')
    report = house.fill([broken], source="lims")
    assert (report.read, [a.code for a in report.set_aside]) == (1, ["fhir.not_json"])
    with house.intake() as intake:
        (item,) = intake.aside_items()
        assert intake.aside_bytes(int(str(item["id"]))) == broken.read_bytes()


def test_the_originals_bytes_are_kept_beside_the_record(house: House, tmp_path: Path) -> None:
    import zstandard

    file = write(tmp_path / "a.json", [person(1), result("k", "p1", "4.1")])
    house.fill([file], source="lims")
    with house.intake() as intake:
        rows = intake.connection.execute(
            "select u.start, u.length, o.frame from unit u join original o on o.id=u.original where u.type='Observation'"
        ).fetchall()
    start, length, frame = rows[0]
    kept = zstandard.decompress(frame)[start : start + length]
    assert kept in file.read_bytes()
    assert b'"Potassium"' in kept


def test_a_ward_that_is_renamed_moves_everyone_in_its_beds(house: House, tmp_path: Path) -> None:
    house.fill([write(tmp_path / "a.json", [*ward(), person(1), stay("p1", 2)])], source="pas")
    assert [r.patient.id for r in house.reading().ward("Ash Ward").rows if r.patient]
    renamed = [r for r in ward("Beech Ward") if r["id"] == "ward"]
    house.fill([write(tmp_path / "b.json", renamed)], source="pas")
    view = house.reading().find(nhs_number(1))[0]
    assert (view.ward, view.bed) == ("Beech Ward", "A2")
    assert house.reading().wards() == ("Beech Ward",)


def test_a_message_dated_later_than_now_says_nothing_of_what_is_here(tmp_path: Path) -> None:
    """Its facts are taken; its time is no cut. And a cut in HL7's form is told to laptops in the form that they read."""
    house = new_house(tmp_path / "vault")
    text = "MSH|^~\\&|A|B|C|D|{0}||ADT^A01|{0}|P|2.5\rPID|1||H1^^^N^MR||Okafor^Ada||19500101|F\r"
    try:
        for stamp, cut in (
            ("20261123100000", "2026-11-23T10:00:00+00:00"),
            ("20290101000000", "2026-11-23T10:00:00+00:00"),
        ):
            (tmp_path / "m.hl7").write_text(text.format(stamp))
            assert house.fill([tmp_path / "m.hl7"], source="pas").taken == 1
            (age,) = house.reading().sources()
            assert age.cut is not None and age.cut.instant == datetime.fromisoformat(cut)
    finally:
        house.close()
