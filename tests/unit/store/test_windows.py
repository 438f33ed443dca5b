"""Content windows and retention: ageing out is no deletion, the chart says so, and a wider window brings all of it back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from localdb.errors import InputRefused
from localdb.house import House
from localdb.records.ids import patient_id
from localdb.sources.feed.settings import check_site
from localdb.store.ageing import Retention, remove_originals
from tests.made import new_house, nhs_number, person, result, stay, ward, write

START = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, clock: Clock) -> Iterator[House]:
    made = new_house(tmp_path / "vault", clock)
    yield made
    made.close()


def ago(days: float) -> str:
    return (START - timedelta(days=days)).isoformat()


def values(house: House, n: int = 1) -> list[str | None]:
    return [r.value for r in house.reading().chart(nhs_number(n)).results.items]  # type: ignore[attr-defined]


def sodium(number: str, patient: str, value: str, days: float, **more: Any) -> dict[str, Any]:
    code = {"coding": [{"system": "http://loinc.org", "code": "2951-2"}], "text": "Sodium"}
    return result(number, patient, value, effectiveDateTime=ago(days), code=code, **more)


def several(path: Path) -> Path:
    """Two potassiums in the window, one before it; a sodium long ago that is the last one, and one before that."""
    return write(path, [
        person(1),
        result("k1", "p1", "4.1", effectiveDateTime=ago(1)), result("k2", "p1", "4.2", effectiveDateTime=ago(29)),
        result("k3", "p1", "4.3", effectiveDateTime=ago(31)),
        sodium("n1", "p1", "139.0", 400), sodium("n2", "p1", "138.0", 500),
    ])  # fmt: skip


def test_without_a_window_everything_stays(house: House, tmp_path: Path) -> None:
    house.fill([several(tmp_path / "a.json")], source="lims")
    chart = house.reading().chart(nhs_number(1))
    assert (len(chart.results.items), chart.results.window, chart.patient.aged) == (5, "", ())


def test_old_results_leave_the_copy_but_the_last_of_each_test_stays(house: House, tmp_path: Path) -> None:
    house.set_site({"windows": {"results_days": 30}})
    house.fill([several(tmp_path / "a.json")], source="lims")
    chart = house.reading().chart(nhs_number(1))
    assert values(house) == ["4.1", "4.2", "139.0"]
    assert chart.results.state == "known"
    assert chart.results.window == "Older than 30 days: not in this copy."
    assert chart.observations.window == ""


def test_ageing_out_is_no_deletion_and_a_wider_window_brings_it_back(house: House, tmp_path: Path) -> None:
    house.set_site({"windows": {"results_days": 30}})
    house.fill([several(tmp_path / "a.json")], source="lims")
    with house.intake() as intake:
        held = intake.connection.execute("select count(*) from record where kind='result'").fetchone()[0]
    assert held == 5
    house.set_site({"windows": {"results_days": 450}})
    house.cut()
    assert values(house) == ["4.1", "4.2", "4.3", "139.0"]
    house.set_site({"windows": {}})
    house.cut()
    assert len(values(house)) == 5
    assert house.reading().chart(nhs_number(1)).results.window == ""


def test_the_window_moves_with_the_day_though_nobody_changed(house: House, tmp_path: Path, clock: Clock) -> None:
    house.set_site({"windows": {"results_days": 30}})
    house.fill([several(tmp_path / "a.json"), write(tmp_path / "b.json", [person(2)])], source="lims")
    assert "4.2" in values(house)
    clock.at = START + timedelta(hours=2)  # the same day: nobody is looked at again
    assert house.cut().written == 0
    clock.at = START + timedelta(days=2)
    assert house.cut().written == 1, "only whom the window moved past"
    assert values(house) == ["4.1", "139.0"]
    assert house.cut().written == 0


def test_a_list_that_aged_out_wholly_is_not_one_that_was_not_recorded(house: House, tmp_path: Path) -> None:
    document = {
        "resourceType": "DocumentReference", "id": "d1", "status": "current", "subject": {"reference": "Patient/p1"},
        "date": ago(400), "description": "Clinic letter", "content": [{"attachment": {"contentType": "text/plain"}}],
    }  # fmt: skip
    given = {
        "resourceType": "MedicationAdministration", "id": "g1", "status": "completed",
        "medicationCodeableConcept": {"text": "Paracetamol 1 g"}, "subject": {"reference": "Patient/p1"},
        "effectiveDateTime": ago(5),
    }  # fmt: skip
    house.set_site({"windows": {"documents_days": 90, "administrations_hours": 72}})
    house.fill([write(tmp_path / "a.json", [person(1), person(2), document, given])], source="epr")
    chart = house.reading().chart(nhs_number(1))
    assert (chart.administrations.state, chart.administrations.items) == ("unavailable", ())
    assert chart.administrations.window == "Given more than 72 hours ago: not in this copy."
    assert chart.documents.state == "known", "the last letter of its kind stays"
    assert house.reading().chart(nhs_number(2)).administrations.state != "known"


def test_what_must_never_age_out(house: House, tmp_path: Path) -> None:
    about = {"subject": {"reference": "Patient/p1"}}
    code = {"coding": [{"system": "http://loinc.org", "code": "882-1"}], "text": "ABO and Rh group"}
    group = result("g", "p1", "1", effectiveDateTime=ago(900), code=code)
    later = result("g2", "p1", "2", effectiveDateTime=ago(800), code=code)
    resources = [
        person(1), group, later, result("k", "p1", "4.4", effectiveDateTime=ago(700), status="preliminary"),
        result("k2", "p1", "4.0", effectiveDateTime=ago(1)), result("k3", "p1", "4.6", effectiveDateTime=None),
        {"resourceType": "Condition", "id": "c", "code": {"text": "Asthma"}, "recordedDate": ago(4000), **about},
        {"resourceType": "ServiceRequest", "id": "s", "status": "active", "intent": "order",
         "code": {"text": "Urea"}, "authoredOn": ago(300), **about},
        {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order",
         "medicationCodeableConcept": {"text": "Bisoprolol"}, "authoredOn": ago(2000), **about},
        {"resourceType": "MedicationRequest", "id": "m2", "status": "stopped", "intent": "order",
         "medicationCodeableConcept": {"text": "Digoxin"}, "authoredOn": ago(2000), **about},
        {"resourceType": "AllergyIntolerance", "id": "a", "patient": {"reference": "Patient/p1"},
         "clinicalStatus": {"coding": [{"code": "active"}]}, "code": {"text": "Penicillin"}, "recordedDate": ago(3000)},
    ]  # fmt: skip
    house.set_site({"windows": {"results_days": 30, "stopped_medicines_days": 7, "discharged_days": 30}})
    house.fill([write(tmp_path / "a.json", resources)], source="epr")
    chart = house.reading().chart(nhs_number(1))
    assert sorted(values(house)) == ["1.0", "2.0", "4.0", "4.4", "4.6"]  # type: ignore[type-var]
    assert [m.text for m in chart.medicines.items] == ["Bisoprolol"]
    assert chart.medicines.window == "Stopped more than 7 days ago: not in this copy."
    assert [len(chart.lists[n].items) for n in ("problems", "requests", "allergies")] == [1, 1, 1]


def test_who_was_discharged_long_ago_stands_thin_and_whole_again_when_heard_of(
    house: House, tmp_path: Path, clock: Clock
) -> None:
    gone = stay("p1", 1, status="finished", period={"start": ago(60), "end": ago(45)})
    recent = stay("p2", 2, status="finished", period={"start": ago(20), "end": ago(10)})
    old = [result(f"k{n}", f"p{n}", "4.1", effectiveDateTime=ago(50)) for n in (1, 3)]
    resources = [*ward(), person(1), person(2), person(3), gone, recent, stay("p3", 3), *old]
    house.set_site({"windows": {"discharged_days": 30}})
    house.fill([write(tmp_path / "a.json", resources)], source="epr")
    one, two, three = (house.reading().chart(nhs_number(n)) for n in (1, 2, 3))
    assert [c.patient.scope for c in (one, two, three)] == ["thin", "whole", "whole"]
    assert one.results.state == "unavailable"
    assert one.results.window == "Discharged more than 30 days ago: not in this copy."
    clock.at = START + timedelta(days=21)
    house.cut()
    assert house.reading().chart(nhs_number(2)).patient.scope == "thin"
    assert house.reading().find(nhs_number(2)), "who is thin is still found"
    at = clock.at.isoformat()
    house.fill([write(tmp_path / "b.json", [result("k9", "p1", "5.0", effectiveDateTime=at)])], source="epr")
    assert (house.reading().chart(nhs_number(1)).patient.scope, values(house)) == ("whole", ["5.0", "4.1"])


def test_sabotage_a_window_without_its_words_reads_as_nothing_recorded(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check above can fail: where nobody says what aged out, the list would claim that nothing was recorded."""
    from localdb.chart.windows import within
    from localdb.store import cuts

    def silent(made: Any, *rest: Any) -> Any:
        import msgspec

        found = within(made, *rest)
        return msgspec.structs.replace(found, view=msgspec.structs.replace(found.view, aged=()))

    monkeypatch.setattr(cuts, "within", silent)
    with pytest.raises(AssertionError):
        test_a_list_that_aged_out_wholly_is_not_one_that_was_not_recorded(house, tmp_path)


@pytest.mark.parametrize(
    ("site", "field"),
    [
        ({"windows": {"results_days": -1}}, "windows.results_days"),
        ({"windows": {"result_days": 30}}, "windows.result_days"),
        ({"retention": {"originals_days": "long"}}, "retention.originals_days"),
    ],
)
def test_a_window_that_cannot_be_is_refused_by_name(site: dict[str, Any], field: str) -> None:
    with pytest.raises(InputRefused) as refused:
        check_site(site)
    assert refused.value.code == "settings.wrong_value"
    assert field in refused.value.message


def frames(house: House) -> list[bool]:
    with house.intake() as intake:
        return [r[0] is not None for r in intake.connection.execute("select frame from original order by id")]


def test_originals_go_after_their_days_and_records_stay(house: House, tmp_path: Path, clock: Clock) -> None:
    house.set_site({"retention": {"originals_days": 10}})
    house.fill([write(tmp_path / "a.json", [person(1), result("k1", "p1", "4.1")])], source="lims")
    clock.at = START + timedelta(days=1)
    house.fill([write(tmp_path / "b.json", [result("k2", "p1", "4.2")])], source="lims")
    clock.at = START + timedelta(days=10, hours=23)
    house.fill([write(tmp_path / "c.json", [result("k3", "p1", "4.3")])], source="lims")
    assert frames(house)[-1], "what came today stays"
    assert frames(house)[1], "a day younger than the limit"
    clock.at = START + timedelta(days=12)
    house.cut()
    clock.at = START + timedelta(days=40)
    house.fill([write(tmp_path / "d.json", [result("k4", "p1", "4.4")])], source="lims")
    assert frames(house) == [False, False, False, True]
    assert len(values(house)) == 4
    held = patient_id("lims", "fhir", "p1")
    with house.intake() as intake:
        shas = [r[0] for r in intake.connection.execute("select sha256 from original")]
        count = intake.connection.execute("select count(*) from record where patient=?", (held,)).fetchone()[0]
    assert all(shas)
    assert count == 5


def test_nothing_is_removed_by_default_nor_before_its_time(house: House, tmp_path: Path, clock: Clock) -> None:
    house.fill([write(tmp_path / "a.json", [person(1)])], source="lims")
    clock.at = START + timedelta(days=4000)
    house.cut()
    assert frames(house) == [True]
    with house.intake() as intake:
        intake.begin()
        intake.connection.execute("delete from original_mark")
        removed = remove_originals(intake.connection, Retention(originals_days=1), clock.at)
        assert (removed.originals, removed.size) == (0, 0), "its age is not known before the first pass"
        later = clock.at + timedelta(days=3)
        removed = remove_originals(intake.connection, Retention(originals_days=1), later)
        assert removed.originals == 1
        assert removed.size > 0
        assert remove_originals(intake.connection, Retention(originals_days=1), later).originals == 0


def test_what_was_set_aside_keeps_its_bytes_until_it_is_settled(house: House, tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "bad.json").write_text("{nothing", encoding="utf-8")
    house.set_site({"retention": {"originals_days": 10}})
    report = house.fill([tmp_path / "bad.json"], source="lims")
    assert len(report.set_aside) == 1
    clock.at = START + timedelta(days=100)
    with house.intake() as intake:
        number = int(intake.aside_items()[0]["id"])
        assert intake.aside_bytes(number) == b"{nothing"
        intake.begin()
        intake.settle_aside(number)
        intake.commit()
    clock.at = START + timedelta(days=105)
    house.cut()
    with house.intake() as intake:
        assert intake.aside_bytes(number) == b"{nothing"
    clock.at = START + timedelta(days=120)
    house.cut()
    with house.intake() as intake:
        assert intake.aside_bytes(number) is None
