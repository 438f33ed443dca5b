"""Everyone: wards with what is outstanding, clinics and theatre with telephone numbers, whom one opened last."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.cli import main
from desktop.shell.window import MainWindow
from desktop.ward.booked import NO_PHONE, BookedRow
from desktop.ward.everyone import EveryonePlace, WardRow
from desktop.ward.hits import PersonRow
from localdb.chart.matching import IN_HOSPITAL
from localdb.house import House
from localdb.records.moments import read_moment
from tests.conftest import ROOT
from tests.made import SECRET, new_house, nhs_number, person, result, stay, ward, write
from tests.unit.desktop import ward_house
from tests.unit.desktop.ward_house import EVERYONE, TWINS, FakeHouse
from tests.unit.desktop.window_stage import settle, window_on

DEMO = ROOT / "resources" / "demo" / "pas"


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = new_house(tmp_path / "vault")
    cut = read_moment("2026-11-24T02:40:00+00:00")
    base = [*ward(), person(1), person(2), stay("p1", 1), stay("p2", 2), result("k", "p1", "4.4")]
    asked = {"resourceType": "ServiceRequest", "id": "r1", "status": "active", "intent": "order",
             "code": {"text": "CT head"}, "subject": {"reference": "Patient/p1"}}  # fmt: skip
    made.fill([write(tmp_path / "a.json", [*base, asked])], source="pas", as_of=cut)
    made.fill([DEMO / "4-appointments.json"], source="bookings", as_of=cut)
    return made


@pytest.fixture
def window(house: House) -> Iterator[MainWindow]:
    with window_on(house) as made:  # type: ignore[arg-type]
        yield made


def show(window: MainWindow, part: str) -> EveryonePlace:
    window.go("everyone")
    place: Any = window.places.place("everyone")
    place.show_part(part)
    settle(window.context)
    settle(window.context)
    return place


def sent() -> list[dict[str, Any]]:
    bundle = json.loads((DEMO / "4-appointments.json").read_text("utf-8"))
    return [e["resource"] for e in bundle["entry"]]


def test_each_ward_says_what_is_outstanding(window: MainWindow) -> None:
    (row,) = show(window, "wards").list.held.rows
    assert isinstance(row, WardRow)
    assert (row.ward, row.waiting) == ("Ash Ward", 1)
    assert "1 waiting" in row.text


def test_the_lists_of_the_day_are_the_source_s_with_every_telephone_number(window: MainWindow) -> None:
    people = {r["id"]: r for r in sent() if r["resourceType"] == "Patient"}
    today = [r for r in sent() if r["resourceType"] == "Appointment" and r["start"].startswith("2026-11-24")]
    shown = [
        r for part in ("clinics", "theatre") for r in show(window, part).list.held.rows if isinstance(r, BookedRow)
    ]
    assert len(shown) == len(today) > 5
    for one in today:
        who = people[one["participant"][0]["actor"]["reference"].split("/")[1]]
        (row,) = [r for r in shown if r.family == who["name"][0]["family"].upper()]
        numbers = [t["value"] for t in who.get("telecom", ())]
        assert row.ring == (" or ".join(numbers) or NO_PHONE)
        assert row.time == one["start"][11:16]
        assert one["description"] in row.what
        assert row.is_off == (one["status"] == "cancelled")


def test_another_day_is_two_presses_and_an_empty_one_is_no_proof(window: MainWindow) -> None:
    place = show(window, "clinics")
    place.later.click()
    settle(window.context)
    (row,) = [r for r in place.list.held.rows if isinstance(r, BookedRow)]
    assert row.family == "KOWALSKA"
    place.later.click()
    settle(window.context)
    assert "not proof" in place.note.text()


def test_no_source_of_appointments_is_another_thing_than_no_appointments(tmp_path: Path) -> None:
    house = new_house(tmp_path / "other")
    house.fill([write(tmp_path / "b.json", [*ward(), person(1), stay("p1", 1)])], source="pas")
    with window_on(house) as window:  # type: ignore[arg-type]
        place = show(window, "clinics")
        assert "No source of appointments" in place.words.text()


def test_whom_one_opened_last_stands_first_and_once(window: MainWindow) -> None:
    ids = [r.patient for r in window.places.ward.rows if r.patient]
    for who in (ids[0], ids[1], ids[0]):
        window.show_patient(who)
        settle(window.context)
    rows = show(window, "recent").list.held.rows
    assert [r.patient for r in rows] == [ids[0], ids[1]]
    assert all(isinstance(r, PersonRow) for r in rows)


def test_enter_on_a_booking_opens_the_patient(window: MainWindow) -> None:
    place = show(window, "theatre")
    place.list.setFocus()
    row = place.list.chosen_row()
    QTest.keyClick(place.list, Qt.Key.Key_Return)
    settle(window.context)
    assert window.patient == row.patient


def test_the_command_says_the_same(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    house.close()
    (tmp_path / "secret").write_bytes(SECRET)
    common = ["--json", "--vault", str(house.vault), "--secret-file", str(tmp_path / "secret")]
    assert main(["agenda", "--day", "2026-11-24", *common]) == 0
    said = json.loads(capsys.readouterr().out)
    today = [r for r in sent() if r["resourceType"] == "Appointment" and r["start"].startswith("2026-11-24")]
    assert {a["appointment"]["source_id"] for a in said["appointments"]} == {r["id"] for r in today}
    assert said["complete_to"]["bookings"]["utc"] == "2026-11-24T02:40:00Z"
    assert main(["agenda", "--day", "tomorrow", *common]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "agenda.day"


def test_the_appointments_are_found_by_an_index_and_not_by_reading_a_million_rows(house: House) -> None:
    reading = house.reading()
    (layer, *_) = reading.snapshot.whole
    plan = layer.connection.execute(
        "explain query plan select id, body from record where kind='appointment' order by id"
    ).fetchall()
    assert any("record_appointment" in str(row) for row in plan), plan
    reading.close()
    house.close()


def test_my_list_is_left_by_a_press_as_by_the_key(window: MainWindow) -> None:
    place: Any = window.places.place("list")
    (first, second) = [r.patient for r in window.places.ward.rows if r.patient][:2]
    for who in (first, second):
        place.toggle(who)
        settle(window.context)
    window.go("list")
    settle(window.context)
    assert set(place.ids) == {first, second}
    chosen = place.list.chosen_row().patient
    place.off.click()
    settle(window.context)
    assert set(place.ids) == {first, second} - {chosen}
    place.off.click()
    settle(window.context)
    assert place.ids == ()
    assert not place.off.isVisible()


def test_my_list_counts_whom_this_copy_does_not_hold_and_lets_go_of_a_merged_one(monkeypatch: Any) -> None:
    """The list keeps ids: of before a merge, and of people whom a newer copy has no more."""
    merged = msgspec.structs.replace(TWINS[0], ids=(TWINS[0].id, "P0000000000OLD"))
    monkeypatch.setattr(ward_house, "EVERYONE", (merged, *EVERYONE[1:]))
    fake = FakeHouse()
    fake.drafts["list:Adaeze Obi"] = {"patients": ["P0000000000OLD", "P000000000GONE"]}
    with window_on(fake) as window:
        place: Any = window.go("list") or window.places.place("list")
        settle(window.context)
        assert [r.patient for r in place.list.held.rows] == [merged.id]
        assert "1 patient." in place.words.text()
        assert "Not in this copy: 1." in place.words.text()
        assert not place.failed.isVisible()
        place.off.click()
        settle(window.context)
        assert place.ids == ("P000000000GONE",)
        assert "Not in this copy: 1." in place.words.text()
        place.toggle(merged.id)
        settle(window.context)
        assert place.ids == ("P000000000GONE", merged.id)


def test_people_are_found_by_any_id_each_once_and_in_the_order_asked(tmp_path: Path) -> None:
    made = new_house(tmp_path / "vault")
    made.fill([write(tmp_path / "a.json", [person(1), person(22), person(333)])], source="pas")
    reading = made.reading()
    ids = [reading.resolve(nhs_number(n)) for n in (333, 1, 22)]
    assert [v.id for v in reading.people([*ids, "P000000000GONE", ids[0]])] == ids
    gone = person(22, active=False, link=[{"other": {"reference": "Patient/p1"}, "type": "replaced-by"}])
    made.fill([write(tmp_path / "b.json", [gone])], source="pas")
    found = reading.people([ids[2], ids[1]])
    assert [v.id for v in found] == [ids[1]]
    assert set(ids[1:]) <= set(found[0].ids)
    reading.close()
    made.close()


def test_who_is_booked_and_like_somebody_who_lies_here_is_marked(house: House) -> None:
    """Appointments of a copy carry the mark that the chart of the same person carries."""
    reading = house.reading()
    rows = reading.agenda(date(2026, 11, 24)).rows
    assert rows
    assert {r.patient.id: r.alike for r in rows} == {r.patient.id: reading.chart(r.patient.id).alike for r in rows}
    reading.close()
    double = {**person(9), "name": person(1)["name"]}  # named like somebody in bed A1
    booking = {"resourceType": "Appointment", "id": "a9", "status": "booked", "start": "2026-11-24T09:00:00+00:00",
               "end": "2026-11-24T09:20:00+00:00", "description": "Review",
               "participant": [{"actor": {"reference": "Patient/p9"}, "status": "accepted"}]}  # fmt: skip
    house.fill([write(house.vault.parent / "c.json", [double, booking])], source="pas")
    with window_on(house) as window:  # type: ignore[arg-type]
        shown = [r for r in show(window, "clinics").list.held.rows if isinstance(r, BookedRow)]
        (row,) = [r for r in shown if r.view.nhs == nhs_number(9)]
        assert IN_HOSPITAL.lower() in row.text
        assert IN_HOSPITAL in [words for words, *_ in row.chips]


def test_somebody_who_died_is_marked_on_the_list_before_anybody_rings() -> None:
    from desktop.ward.booked import booked_row
    from localdb.chart.agenda import agenda
    from tests.made import NOW
    from tests.unit.chart.test_agenda import booked
    from tests.unit.desktop.patient.builders import patient_view

    one = booked(1, "2026-11-24T09:00:00+00:00")
    for is_deceased in (True, False):
        (row,) = agenda([(patient_view(0, is_deceased=is_deceased), one)], date(2026, 11, 24)).rows
        shown = booked_row(row, NOW, "Europe/London")
        assert ("Died" in shown.text) is is_deceased
