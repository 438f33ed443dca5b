"""Medicines that must be read with care, and the level of one: gentamicin once, methotrexate once a week."""

from __future__ import annotations

from typing import Any

import medicines
from fhir import HL7, LOINC, Resource, concept, number, quantity, reference, resource, when

FIRST = 41  # numbers of these orders: behind those of the tables
ORDERS: dict[str, list[str]] = {
    "H2047718": [
        "gentamicin|infusion|360 mg|intravenous|stat|sepsis, before kidney function was known|23 17:05"
        "|tag Level before any further dose; given 23 17:20",
    ],
    "H3217708": [
        "methotrexate|tablet|10 mg|oral|weekly|psoriatic arthritis|2021-02-08|given 23 08:10",
        "folic acid|tablet|5 mg|oral|once a week, Thursdays|with methotrexate|2021-02-08|given 19 08:05",
    ],
}
LEVELS = ["H2047718|Gentamicin|35668-3|24 01:10|24 01:58|1.6|mg/L|1|H|before any further dose; dose given 23-Nov 17:20"]


def orders(hospital: dict[str, Any], patients: list[dict[str, Any]]) -> list[Resource]:
    """The orders and what was given of them."""
    out: list[Resource] = []
    by_mrn = {person["mrn"]: person for person in patients}
    for mrn, lines in ORDERS.items():
        for n, text in enumerate(lines, FIRST):
            line = medicines.Line(by_mrn[mrn], n, text)
            out.append(medicines.request(line))
            for at, why in medicines.moments(line):
                out.append(medicines.administration(line, at, why, hospital["nurses"][n % len(hospital["nurses"])]))
    return out


def levels() -> list[Resource]:
    """Drug levels as the laboratory reports them, outside a panel."""
    out: list[Resource] = []
    for n, line in enumerate(LEVELS, 1):
        mrn, name, loinc, at, said, value, unit, high, flag, note = line.split("|")
        out.append(
            resource(
                "Observation",
                f"{mrn}-level-{n}",
                when(said),
                status="final",
                category=[concept("Laboratory", (HL7 + "observation-category", "laboratory", "Laboratory"))],
                code=concept(name, (LOINC, loinc, name)),
                subject=reference("Patient", mrn),
                effectiveDateTime=when(at),
                issued=when(said),
                performer=[{"display": "Biochemistry"}],
                valueQuantity=quantity(value, unit),
                interpretation=[concept(flag, (HL7 + "v3-ObservationInterpretation", flag, ""))],
                referenceRange=[{"high": {"value": number(high), "unit": unit}}],
                note=[{"text": note}],
            )
        )
    return out
