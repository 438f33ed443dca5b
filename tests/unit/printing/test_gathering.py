"""What lists, logs and registrations are filled from, out of a real vault (F25, F28, F29, F31, T01)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop.forms.catalogue import render_pack
from desktop.printing.issuing import Wanted, issue, model_of, wanted
from localdb.errors import InputRefused
from localdb.house import House
from localdb.plans.papers import CSV
from tests.made import new_house, person, result, stay, ward, write
from tests.unit.forms import checks

CONTACTS = "Name,Number,Hours\nIT service desk,4400,always\nBlood bank,4455,nights by bleep 0123\n"
REGISTRATION = {
    "happened": "2026-11-24T03:05:00+00:00", "sex": "male", "estimated_year": 1980, "number": "RPH4830172W",
    "temporary_name": {"family": "FOXTROT", "given": "Whisky"}, "location": {"ward": "Ash Ward", "bed": "A3"},
    "evidence": "told by the ambulance crew",
}  # fmt: skip


def booked(n: int, patient: str, place: str, at: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Appointment", "id": f"a{n}", "status": "booked", "description": "Follow-up", "start": at,
        "participant": [{"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"},
                        {"actor": {"reference": f"Location/{place}"}, "status": "accepted"}],
        **more,
    }  # fmt: skip


def letter(n: int, patient: str, title: str, at: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference", "id": f"d{n}", "status": "current", "description": title, "date": at,
        "subject": {"reference": f"Patient/{patient}"}, "type": {"text": "Clinic letter"},
        "content": [{"attachment": {"contentType": "text/plain", "data": "SGVsbG8=", "title": title}}], **more,
    }  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = new_house(tmp_path / "vault")
    secret = {"meta": {"security": [{
        "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}}  # fmt: skip
    places = [{"resourceType": "Location", "id": f"c{n}", "name": f"Clinic {n}"} for n in (4, 7)]
    made.fill([write(tmp_path / "a.json", [
        *ward(), *places, person(1), person(2), stay("p1", 1),
        booked(1, "p1", "c4", "2026-11-24T10:15:00+00:00"), booked(2, "p2", "c4", "2026-11-24T09:00:00+00:00"),
        booked(3, "p2", "c7", "2026-11-24T11:00:00+00:00"), booked(4, "p1", "c4", "2026-11-25T09:00:00+00:00"),
        letter(1, "p1", "Letter of May", "2026-05-02T09:00:00+00:00"),
        letter(2, "p1", "Confidential letter", "2026-11-01T09:00:00+00:00", **secret),
        *(result(f"r{n}", "p1", f"4.{n}", effectiveDateTime=f"2026-11-2{n}T06:00:00+00:00") for n in (1, 2, 3)),
    ])], source="pas")  # fmt: skip
    yield made
    made.close()


def one(house: House, code: str, **asked: Any) -> Wanted:
    (want,) = wanted(house, code, **{"patient": None, "ward": None, "blank": 0, "copies": 1, **asked})
    return want


def text(house: House, want: Wanted) -> str:
    made = render_pack([(want.form, model_of(house, want, "WT01F2500001X"))])
    assert made.faults == ()
    return " ".join(" ".join(checks.page_texts(made.pdf)).split())


def test_a_clinic_s_list_is_today_s_of_that_place_in_the_order_of_time(house: House) -> None:
    want = one(house, "F25", ward="clinic 4")
    assert want.agenda is not None
    assert [r.appointment.source_id for r in want.agenda.rows] == ["a2", "a1"]
    said = text(house, want)
    assert said.index("09:00") < said.index("10:15")
    assert "Letter of May" in said
    assert "Confidential letter" not in said


def test_without_a_name_every_clinic_of_the_day_has_its_sheet(house: House) -> None:
    wants = wanted(house, "F25", patient=None, ward=None, blank=0, copies=1)
    assert [w.agenda.rows[0].place for w in wants if w.agenda is not None] == ["Clinic 4", "Clinic 7"]
    made = issue(house, wants)
    assert len({s.serial for s in made.sheets}) == 2


def test_a_clinic_that_has_nobody_today_is_refused(house: House) -> None:
    with pytest.raises(InputRefused) as caught:
        wanted(house, "F25", patient=None, ward="Clinic 99", blank=0, copies=1)
    assert caught.value.code == "clinic.unknown"


def test_the_incident_log_has_the_site_s_numbers_and_what_was_declared(house: House) -> None:
    house.plans.bring_in("Telephones", "directory", CSV, CONTACTS.encode())
    house.declare("pas", "down", house.now())
    said = text(house, one(house, "F31"))
    assert "IT service desk" in said
    assert "nights by bleep 0123" in said
    assert "DOWN since" in said
    assert house.staff in said


def test_the_control_sheet_has_the_sheets_that_were_issued_for_the_ward(house: House) -> None:
    made = issue(house, [*wanted(house, "F02", patient=None, ward="Ash Ward", blank=0, copies=1),
                         *wanted(house, "F18", patient=None, ward=None, blank=2, copies=1)])  # fmt: skip
    house.sheet_state(made.sheets[0].serial, "entered")
    want = one(house, "F29", ward="Ash Ward")
    assert want.ledger is not None
    assert {line.serial: line.counts_as for line in want.ledger.lines}[made.sheets[0].serial] == "entered"
    assert made.sheets[0].serial in text(house, want)


def test_a_registered_person_s_sheet_carries_the_number_that_was_given(house: House) -> None:
    done = house.register(REGISTRATION)
    want = one(house, "F28", patient=done.patient)
    model = model_of(house, want, "WT01F2800001X")
    made = render_pack([("F28", model)])
    assert ("Code128", done.temporary_number) in checks.barcodes(made.pdf, 0)
    said = text(house, want)
    assert "told by the ambulance crew" in said
    assert "Registered here during downtime, not in any copy." in said
    assert "Copy complete" not in said


def test_every_form_of_a_registered_person_prints(house: House) -> None:
    done = house.register(REGISTRATION)
    for code in ("F02", "F03", "F18", "F22", "F27", "F28", "F32", "T01"):
        said = text(house, one(house, code, patient=done.patient))
        assert "FOXTROT, Whisky" in said, code
        assert "NOT IN THIS COPY" in said or code in ("F03", "F18", "F27", "F28"), code


def test_named_trends_reach_the_page(house: House) -> None:
    import msgspec

    want = msgspec.structs.replace(one(house, "T01", patient="H0000001"), tests=("Potassium",))
    assert "Potassium, mmol/L" in text(house, want)
    other = msgspec.structs.replace(want, tests=("Sodium",))
    assert "Nothing to draw of what was asked for: Sodium." in text(house, other)
