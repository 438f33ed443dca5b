"""What windows and retention must leave alone: problems and requests of the discharged, the last value, what waits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from localdb.house import House
from tests.made import nhs_number, person, result, stay, ward, write
from tests.unit.store.test_windows import START, Clock, ago, clock, frames, house, values  # noqa: F401 (fixtures)

ABOUT = {"subject": {"reference": "Patient/p1"}}


def request(status: str) -> dict[str, Any]:
    return {"resourceType": "ServiceRequest", "id": "s", "status": status, "intent": "order",
            "code": {"text": "Urea"}, "authoredOn": ago(300), **ABOUT}  # fmt: skip


def discharged(path: Path, status: str) -> Path:
    gone = stay("p1", 1, status="finished", period={"start": ago(400), "end": ago(200)})
    asthma = {"resourceType": "Condition", "id": "c", "code": {"text": "Asthma"}, "recordedDate": ago(4000), **ABOUT}
    return write(path, [*ward(), person(1), gone, asthma, request(status),
                        result("k", "p1", "4.1", effectiveDateTime=ago(300))])  # fmt: skip


def test_who_was_discharged_with_a_request_in_flight_stays_whole(house: House, tmp_path: Path) -> None:  # noqa: F811
    house.set_site({"windows": {"discharged_days": 30}})
    house.fill([discharged(tmp_path / "a.json", "active")], source="epr")
    assert house.reading().chart(nhs_number(1)).patient.scope == "whole"
    assert values(house) == ["4.1"]


def test_problems_and_requests_of_the_discharged_stay(house: House, tmp_path: Path) -> None:  # noqa: F811
    house.set_site({"windows": {"discharged_days": 30}})
    house.fill([discharged(tmp_path / "a.json", "completed")], source="epr")
    chart = house.reading().chart(nhs_number(1))
    assert chart.patient.scope == "thin"
    assert [len(chart.lists[n].items) for n in ("problems", "requests")] == [1, 1]


def test_a_withdrawn_result_is_not_the_last_value_of_its_test(house: House, tmp_path: Path) -> None:  # noqa: F811
    house.set_site({"windows": {"results_days": 30}})
    house.fill([write(tmp_path / "a.json", [
        person(1), result("k1", "p1", "9.9", effectiveDateTime=ago(40), status="entered-in-error"),
        result("k2", "p1", "4.2", effectiveDateTime=ago(50)), result("k3", "p1", "4.3", effectiveDateTime=ago(60)),
    ])], source="lims")  # fmt: skip
    assert "4.2" in values(house)
    assert "4.3" not in values(house)


def test_the_last_value_is_kept_per_unit(house: House, tmp_path: Path) -> None:  # noqa: F811
    house.set_site({"windows": {"results_days": 30}})
    other = result("k2", "p1", "160", effectiveDateTime=ago(50))
    other["valueQuantity"] = {"value": 160, "unit": "mg/L"}
    house.fill([write(tmp_path / "a.json", [person(1), result("k1", "p1", "4.1", effectiveDateTime=ago(1)), other])],
               source="lims")  # fmt: skip
    assert sorted(str(v) for v in values(house)) == ["160", "4.1"]


def test_what_is_set_aside_and_not_settled_keeps_its_bytes_however_old(
    house: House,  # noqa: F811
    tmp_path: Path,
    clock: Clock,  # noqa: F811
) -> None:
    (tmp_path / "bad.json").write_text("{nothing", encoding="utf-8")
    house.set_site({"retention": {"originals_days": 10}})
    house.fill([tmp_path / "bad.json", write(tmp_path / "a.json", [person(1)])], source="lims")
    for days in (100, 120):  # passes in which it is long older than originals are kept
        clock.at = START + timedelta(days=days)
        house.cut()
    with house.intake() as intake:
        (item,) = intake.aside_items()
        assert intake.aside_bytes(int(item["id"])) == b"{nothing"
    assert not any(frames(house))
