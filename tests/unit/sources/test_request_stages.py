"""How far a request has come, as FHIR and HL7 v2 say it (CLINICAL §3.3; HL7 tables 0123 and 0038)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from localdb.chart.in_flight import LABORATORY, NOT_RECEIVED, UNSTATED, Line
from localdb.house import House
from tests.made import new_house, nhs_number, person, write


def lines(house: House) -> list[Line]:
    reader = house.reading()
    try:
        return [line for one in reader.flights() for line in one.lines]
    finally:
        reader.close()


def test_fhir_gives_numbers_and_the_times_of_the_specimen(tmp_path: Path) -> None:
    specimen: dict[str, Any] = {
        "resourceType": "Specimen", "id": "s1", "subject": {"reference": "Patient/p1"},
        "collection": {"collectedDateTime": "2026-11-23T18:05:00+00:00"}, "receivedTime": "2026-11-23T19:00:00+00:00",
    }  # fmt: skip
    order = {
        "resourceType": "ServiceRequest", "id": "q1", "status": "active", "intent": "order", "priority": "stat",
        "subject": {"reference": "Patient/p1"}, "code": {"text": "U&E"}, "authoredOn": "2026-11-23T17:55:00+00:00",
        "identifier": [{"system": "urn:o", "value": "L77"}, {"system": "urn:o", "value": "OLD", "use": "old"}],
        "requisition": {"system": "urn:r", "value": "REQ9"}, "specimen": [{"reference": "Specimen/s1"}],
        "occurrenceDateTime": "2026-11-24T06:00:00+00:00",
    }  # fmt: skip
    house = new_house(tmp_path / "vault")
    house.fill([write(tmp_path / "a.json", [person(1), specimen, order])], source="lims")
    (line,) = lines(house)
    assert line.numbers == ("L77", "REQ9")
    assert (line.collected and line.collected.text, line.received and line.received.text) == (
        "2026-11-23T18:05:00+00:00",
        "2026-11-23T19:00:00+00:00",
    )
    assert line.asked is not None
    assert line.asked.text == "2026-11-23T17:55:00+00:00"
    assert line.wanted is not None
    assert line.wanted.text == "2026-11-24T06:00:00+00:00"
    assert line.state == LABORATORY
    house.close()


PID = f"PID|1||H0000001^^^NUH^MR~{nhs_number(1)}^^^NHS^NH||OKONKWO^IFEOMA||19510314|F"


def order_message(control: str, obr7: str = "", obr14: str = "", obr25: str = "", n: int = 1) -> str:
    obr = ["OBR", "1", f"P{n}", f"F{n}", "UE^U and E^L", "", "", obr7, "", "", "", "", "", "", obr14]
    obr += [""] * (25 - len(obr)) + [obr25]
    return (
        f"MSH|^~\\&|LIMS|NUH|||2026112318{n:02d}00||ORM^O01|M{n}|P|2.5\r{PID}\r"
        f"ORC|{control}|P{n}|F{n}||IP||||20261123175500\r{'|'.join(obr)}\r"
    )


def test_an_order_message_tells_number_time_and_stage(tmp_path: Path) -> None:
    house = new_house(tmp_path / "vault")
    file = tmp_path / "a.hl7"
    file.write_text(order_message("NW", obr25="O"))
    house.fill([file], source="lims")
    (line,) = lines(house)
    assert line.numbers == ("P1", "F1")
    assert line.state == NOT_RECEIVED
    assert line.asked is not None
    assert line.asked.instant is not None
    assert line.asked.instant.hour == 17
    house.close()


def test_the_time_wanted_in_an_order_is_no_proof_of_collection(tmp_path: Path) -> None:
    """OBR-7 of a new order may be when it is wanted; only with a received specimen (OBR-14) was it taken."""
    house = new_house(tmp_path / "vault")
    message = order_message("NW", obr7="20261124060000").replace("||IP|", "|||")
    file = tmp_path / "a.hl7"
    file.write_text(message)
    house.fill([file], source="lims")
    (line,) = lines(house)
    assert (line.collected, line.state) == (None, UNSTATED)
    file.write_text(order_message("NW", obr7="20261123180500", obr14="20261123190000", n=2).replace("||IP|", "|||"))
    house.fill([file], source="lims")
    taken = next(line for line in lines(house) if "P2" in line.numbers)
    assert taken.collected is not None
    assert taken.received is not None
    assert taken.state == LABORATORY
    house.close()
