"""Observation sets as the electronic observation system sends them, with the NEWS2 total that it added up itself.

The tables give the first and the last set, or every set; sets between two given ones run evenly from one to the other
with a little noise. NEWS2 is worked out here as the source would (CLINICAL 2.1): Wardlamp itself only ever shows it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from fhir import HL7, LOINC, SNOMED, Resource, concept, moved, quantity, reference, resource, short, when
from people import patient

ACVPU = {
    "A": ("Alert", "248234008", "Mentally alert"),
    "C": ("New confusion", "130987000", "Acute confusion"),
    "V": ("Responds to voice", "300202002", "Responds to voice"),
    "P": ("Responds to pain", "450847001", "Responds to pain"),
    "U": ("Unresponsive", "422768004", "Unresponsive"),
}
EARLY = "2026-11-23T04:00"
SCORE = ("1104051000000101", "Royal College of Physicians NEWS2 (National Early Warning Score 2) total score")


class Set(NamedTuple):
    """One observation set: instant, then what was measured. `oxygen` in L/min as text, "0" = air."""

    at: str
    resp: int
    spo2: int
    oxygen: str
    systolic: int
    diastolic: int
    pulse: int
    acvpu: str
    temp: float


def parse(line: str) -> Set:
    """`24 01:30|20 96 2 108/62 104 A 38.4`."""
    at, rest = line.split("|")
    resp, spo2, oxygen, pressure, pulse, acvpu, temp = rest.split()
    systolic, diastolic = pressure.split("/")
    return Set(when(at), int(resp), int(spo2), oxygen, int(systolic), int(diastolic), int(pulse), acvpu, float(temp))


def _band(value: float, *limits: tuple[float, int]) -> int:
    """The points of the first limit that the value does not exceed."""
    return next(points for limit, points in limits if value <= limit)


def news2(one: Set, scale: str) -> int:
    """The NEWS2 total of a set (CLINICAL 2.1)."""
    top = 999.0
    oxygen = one.oxygen != "0"
    points = _band(one.resp, (8, 3), (11, 1), (20, 0), (24, 2), (top, 3))
    if scale == "2":
        low = ((83, 3), (85, 2), (87, 1), (92, 0))
        high = ((94, 1), (96, 2), (top, 3)) if oxygen else ((top, 0),)
        points += _band(one.spo2, *low, *high)
    else:
        points += _band(one.spo2, (91, 3), (93, 2), (95, 1), (top, 0))
    points += 2 if oxygen else 0
    points += _band(one.systolic, (90, 3), (100, 2), (110, 1), (219, 0), (top, 3))
    points += _band(one.pulse, (40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (top, 3))
    points += 0 if one.acvpu == "A" else 3
    return points + _band(one.temp, (35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1), (top, 2))


def sets(person: dict[str, Any]) -> list[Set]:
    """Every set of a patient, oldest first; `obs_count` sets are spread between the last two of the table's own."""
    given = [parse(line) for line in person["obs"]]
    count = person.get("obs_count", 4 if len(given) == 2 else 0)
    if not count:
        return given
    *before, first, last = given
    span = (datetime.fromisoformat(last.at) - datetime.fromisoformat(first.at)).total_seconds() / 60
    between = [_between(person, first, last, span, n / (count + 1)) for n in range(1, count + 1)]
    return [*before, first, *between, last]


def _between(person: dict[str, Any], first: Set, last: Set, span: float, part: float) -> Set:
    rng = person["random"]

    def mixed(a: float, b: float, noise: float) -> int:
        return round(a + (b - a) * part + rng.uniform(-noise, noise))

    return Set(
        moved(first.at, round(span * part / 5) * 5 + rng.choice((-5, 0, 0, 5, 10))),
        mixed(first.resp, last.resp, 1),
        min(99, mixed(first.spo2, last.spo2, 1)),
        first.oxygen if part < 0.5 else last.oxygen,
        mixed(first.systolic, last.systolic, 5),
        mixed(first.diastolic, last.diastolic, 4),
        mixed(first.pulse, last.pulse, 4),
        first.acvpu if part < 0.5 else last.acvpu,
        mixed(first.temp * 10, last.temp * 10, 2) / 10,
    )


def _observation(person: dict[str, Any], one: Set, tag: str, code: Resource, **value: Any) -> Resource:
    nurse = person["nurse"]
    return resource(
        "Observation",
        f"{person['mrn']}-{tag}-{short(one.at)}",
        moved(one.at, 2),
        status="final",
        category=[concept("Vital signs", (HL7 + "observation-category", value.pop("category", "vital-signs"), ""))],
        code=code,
        subject=reference("Patient", person["mrn"]),
        effectiveDateTime=one.at,
        issued=moved(one.at, 2),
        performer=[{"display": nurse}],
        **value,
    )


def _measured(person: dict[str, Any], one: Set) -> list[Resource]:
    def simple(tag: str, loinc: str, text: str, value: str, unit: str, ucum: str) -> Resource:
        code = concept(text, (LOINC, loinc, text))
        return _observation(person, one, tag, code, valueQuantity=quantity(value, unit, ucum))

    scale = person.get("scale", "1")
    spo2 = simple("spo2", "59408-5", "SpO2", f"{one.spo2}", "%", "%")
    spo2["note"] = [{"text": f"SpO2 scale {scale}" + (", target 88-92 %" if scale == "2" else "")}]
    parts = (("8480-6", "Systolic", one.systolic), ("8462-4", "Diastolic", one.diastolic))
    component = [
        {"code": concept(text, (LOINC, loinc, text)), "valueQuantity": quantity(f"{value}", "mmHg", "mm[Hg]")}
        for loinc, text, value in parts
    ]
    pressure = concept("Blood pressure", (LOINC, "85354-9", "Blood pressure panel"))
    word, snomed, display = ACVPU[one.acvpu]
    mind = concept("ACVPU", (SNOMED, "1104441000000107", "ACVPU scale score"))
    return [
        simple("resp", "9279-1", "Respirations", f"{one.resp}", "/min", "/min"),
        spo2,
        _oxygen(person, one),
        _observation(person, one, "bp", pressure, component=component),
        simple("pulse", "8867-4", "Pulse", f"{one.pulse}", "/min", "/min"),
        simple("temp", "8310-5", "Temperature", f"{one.temp:.1f}", "°C", "Cel"),
        _observation(person, one, "acvpu", mind, category="survey",
                     valueCodeableConcept=concept(word, (SNOMED, snomed, display))),
    ]  # fmt: skip


def _oxygen(person: dict[str, Any], one: Set) -> Resource:
    code = concept("Oxygen", (LOINC, "3151-8", "Inhaled oxygen flow rate"))
    if one.oxygen == "0":
        air = concept("Air", (SNOMED, "722742002", "Breathing room air"))
        return _observation(person, one, "oxygen", code, valueCodeableConcept=air)
    note = [{"text": person.get("device", "nasal cannulae")}]
    return _observation(person, one, "oxygen", code, valueQuantity=quantity(one.oxygen, "L/min", "L/min"), note=note)


def _score(person: dict[str, Any], one: Set, parts: list[Resource]) -> Resource:
    scale = person.get("scale", "1")
    total = news2(one, scale)
    due = moved(one.at, 60 if total >= 5 else 240 if total else 720)
    due = person.get("next_obs", due)
    due = when(due) if "T" not in due else due
    text = f"SpO2 scale {scale}, next due {due[8:10]}-Nov {due[11:16]}"
    code = concept("NEWS2", (SNOMED, *SCORE))
    member = [reference("Observation", part["id"]) for part in parts]
    body = {"valueQuantity": quantity(f"{total}", "", "{score}"), "note": [{"text": text}], "hasMember": member}
    return _observation(person, one, "news2", code, category="survey", **body)


def _resources(person: dict[str, Any], chosen: list[Set]) -> list[Resource]:
    out: list[Resource] = []
    for one in chosen:
        person["nurse"] = person["random"].choice(person["nurses"])
        parts = _measured(person, one)
        out += [*parts, _score(person, one, parts)]
    return out


def _extras(person: dict[str, Any]) -> list[Resource]:
    """`when|text|LOINC|value|unit`: weight, height, pain, bedside glucose and others outside the set."""
    out = []
    for n, line in enumerate(person.get("extra", []), 1):
        at, text, loinc, value, unit = line.split("|")
        one = Set(when(at), 0, 0, "0", 0, 0, 0, "A", 0.0)
        person["nurse"] = person["random"].choice(person["nurses"])
        numeric = value.replace(".", "").isdigit()
        body = {"valueQuantity": quantity(value, unit)} if numeric else {"valueString": value}
        out.append(_observation(person, one, f"extra{n}", concept(text, (LOINC, loinc, text)), **body))
    return out


def _split(hospital: dict[str, Any], person: dict[str, Any]) -> tuple[list[Set], list[Set]]:
    """The sets before and after the early hours of 23-Nov; checked against the score that the table names."""
    if "sets" not in person:
        person["nurses"] = hospital["nurses"]
        person["sets"] = sets(person)
        total = news2(person["sets"][-1], person.get("scale", "1"))
        if total != person["news2"]:
            raise ValueError(f"bed {person['bed']}: the last set gives NEWS2 {total}, the table says {person['news2']}")
    done = person["sets"]
    return [one for one in done if one.at < EARLY], [one for one in done if one.at >= EARLY]


def history(hospital: dict[str, Any], patients: list[dict[str, Any]]) -> list[Resource]:
    """The older sets of everyone, with their Patients."""
    out: list[Resource] = []
    for person in patients:
        older = _split(hospital, person)[0]
        if older:
            out += [patient(person, when("23 23:10")), *_resources(person, older)]
    return out


def ward(hospital: dict[str, Any], patients: list[dict[str, Any]]) -> list[Resource]:
    """The sets of the last day, with their Patients."""
    out: list[Resource] = []
    for person in patients:
        newer = _split(hospital, person)[1]
        out += [patient(person, when("23 23:10")), *_resources(person, newer), *_extras(person)]
    return out
