"""Today's clinics and theatre lists as the patient administration system sends them, with telephone numbers.

All of it invented: NHS numbers of the 999 range, telephone numbers of the ranges that are kept for drama.
"""

from __future__ import annotations

from typing import Any

from fhir import HOSPITAL_NUMBER, NHS_NUMBER, Resource, reference, resource, when
from index import check_digit

# family, given, title, gender, born, telephone
OUTPATIENTS = (
    ("Ashworth", "Leonard", "Mr", "male", "1948-02-11", "01632 960114"),
    ("Begum", "Shahida", "Mrs", "female", "1959-07-30", "07700 900215"),
    ("Castellano", "Rosa", "Ms", "female", "1976-11-02", "07700 900377"),
    ("Dhillon", "Harpreet", "Mr", "male", "1984-05-19", "07700 900408"),
    ("Eze", "Chinonso", "Miss", "female", "2001-09-23", "07700 900561"),
    ("Fairclough", "Winifred", "Mrs", "female", "1939-12-05", "01632 960650"),
    ("Gillespie", "Rory", "Mr", "male", "1967-03-14", "07700 900742"),
    ("Hussain", "Bilal", "Mr", "male", "1990-08-08", "07700 900833"),
    ("Ivanova", "Yelena", "Dr", "female", "1955-01-27", "01632 960926"),
    ("Jarvis", "Thomas", "Mr", "male", "1971-06-16", ""),
    ("Kowalska", "Danuta", "Mrs", "female", "1962-10-09", "07700 900119"),
    ("Lockwood", "Peter", "Mr", "male", "1944-04-01", "01632 960203"),
)
# outpatient, start, minutes, status, what, place, with whom
BOOKED = (
    (0, "24 09:00", 20, "booked", "Anticoagulation review", "Clinic 4, Outpatients", "Sr M. Lowe"),
    (1, "24 09:20", 20, "booked", "Anticoagulation review", "Clinic 4, Outpatients", "Sr M. Lowe"),
    (2, "24 09:40", 20, "cancelled", "Anticoagulation review", "Clinic 4, Outpatients", "Sr M. Lowe"),
    (3, "24 10:00", 30, "booked", "Diabetes, new patient", "Clinic 2, Outpatients", "Dr P. Farouk"),
    (4, "24 10:30", 30, "booked", "Diabetes, follow-up", "Clinic 2, Outpatients", "Dr P. Farouk"),
    (5, "24 14:00", 30, "booked", "Memory clinic", "Clinic 7, Outpatients", "Dr S. Rahman"),
    (6, "24 08:30", 60, "booked", "Inguinal hernia repair, left", "Day Surgery, Theatre 2", "Mr J. Osei"),
    (7, "24 09:45", 45, "booked", "Laparoscopic cholecystectomy", "Day Surgery, Theatre 2", "Mr J. Osei"),
    (8, "24 13:30", 90, "booked", "Total hip replacement, right", "Main Theatres, Theatre 5", "Miss A. Lindqvist"),
    (9, "24 15:30", 60, "pending", "Removal of metalwork, left ankle", "Main Theatres, Theatre 5", "Miss A. Lindqvist"),
    (10, "25 09:00", 20, "booked", "Anticoagulation review", "Clinic 4, Outpatients", "Sr M. Lowe"),
    (11, "25 08:30", 60, "booked", "Cataract, right", "Day Surgery, Theatre 1", "Mr D. Okafor"),
)  # fmt: skip


def _key(n: int) -> str:
    return f"H90{n:05d}"


def _person(n: int) -> Resource:
    family, given, title, gender, born, phone = OUTPATIENTS[n]
    stems = [f"99900{9100 + 7 * k}" for k in range(60)]
    nhs = [stem + check_digit(stem) for stem in stems if check_digit(stem)][n]
    body: dict[str, Any] = {
        "identifier": [{"use": "official", "system": NHS_NUMBER, "value": nhs},
                       {"use": "usual", "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203",
                                                             "code": "MR"}]}, "system": HOSPITAL_NUMBER, "value": _key(n)}],
        "name": [{"use": "official", "family": family, "given": [given], "prefix": [title]}],
        "gender": gender, "birthDate": born,
    }  # fmt: skip
    if phone:
        body["telecom"] = [{"system": "phone", "value": phone, "use": "home"}]
    return resource("Patient", _key(n), when("23 20:00"), **body)


def _place_key(place: str) -> str:
    return place.split(",")[0].lower().replace(" ", "-")


def _places() -> list[Resource]:
    named = dict.fromkeys(place for *_, place, _ in BOOKED)
    return [resource("Location", _place_key(p), when("23 20:00"), name=p.split(",")[0], mode="instance")
            for p in {_place_key(p): p for p in named}.values()]  # fmt: skip


def booked() -> list[Resource]:
    """The places, the people and their appointments."""
    made = [*_places(), *(_person(n) for n in range(len(OUTPATIENTS)))]
    for count, (n, start, minutes, status, what, place, who) in enumerate(BOOKED, 1):
        begins = when(start)
        made.append(
            resource(
                "Appointment", f"appointment-{count}", when("23 20:00"), status=status, description=what, start=begins,
                minutesDuration=minutes,
                participant=[
                    {"actor": reference("Patient", _key(n)), "status": "accepted"},
                    {"actor": reference("Location", _place_key(place), place), "status": "accepted"},
                    {"actor": {"display": who}, "status": "accepted"},
                ],
            )
        )  # fmt: skip
    return made
