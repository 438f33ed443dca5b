"""Fluid balance and weights over time, as the observation system sends them; totals are the system's own.

A line: `when|name|LOINC|value|unit|note`. What has no unit is text.
"""

from __future__ import annotations

from typing import Any

from fhir import HL7, LOINC, Resource, concept, moved, quantity, reference, resource, short, when

TABLE: dict[str, list[str]] = {
    "H2047718": [
        "2025-03-09 10:15|Weight|29463-7|74.2|kg|measured",
        "2026-08-12 10:40|Weight|29463-7|73.0|kg|measured",
        "23 18:20|Urinary catheter|||inserted 23-Nov 18:20|",
        "23 20:30|Fluid target|||at least 2 litres in 24 hours, review 06:00|",
        "23 18:00|Intravenous intake|8953-2|500|mL|sodium chloride 0.9 %",
        "23 18:30|Urine output|9187-6|80|mL|",
        "23 19:00|Oral intake|9000-1|150|mL|",
        "23 20:05|Intravenous intake|8953-2|100|mL|levofloxacin",
        "23 21:00|Urine output|9187-6|120|mL|",
        "23 21:40|Oral intake|9000-1|100|mL|",
        "24 00:00|Total intake to midnight|9113-2|850|mL|",
        "24 00:00|Total output to midnight|9257-7|200|mL|",
        "24 00:00|Fluid balance to midnight||650|mL|positive",
        "24 00:30|Urine output|9187-6|90|mL|",
        "24 01:10|Intravenous intake|8953-2|125|mL|",
        "24 01:30|Oral intake|9000-1|60|mL|",
        "24 02:00|Urine output|9187-6|35|mL|",
        "24 02:10|Intravenous intake|8953-2|125|mL|",
    ],
    "H0428873": [
        "2026-05-02 09:10|Weight|29463-7|58.4|kg|measured",
        "21 20:00|Weight|29463-7|54.9|kg|estimated",
        "23 22:00|Oral intake|9000-1|120|mL|",
        "23 23:15|Urine output|9187-6|210|mL|",
        "24 01:00|Drain output, left chest||40|mL|",
        "24 02:00|Oral intake|9000-1|80|mL|",
    ],
}


def observations(hospital: dict[str, Any]) -> list[Resource]:
    """One Observation a line."""
    out: list[Resource] = []
    for mrn, lines in TABLE.items():
        for n, line in enumerate(lines, 1):
            at, name, loinc, value, unit, note = line.split("|")
            numeric = value.replace(".", "").isdigit()
            body: Resource = {"valueQuantity": quantity(value, unit)} if numeric else {"valueString": value or unit}
            if note:
                body["note"] = [{"text": note}]
            vital = concept("Vital signs", (HL7 + "observation-category", "vital-signs", ""))
            out.append(
                resource(
                    "Observation",
                    f"{mrn}-fluid-{n}-{short(when(at))}",
                    moved(when(at), 2),
                    status="final",
                    category=[vital],
                    code=concept(name, (LOINC, loinc, name)),
                    subject=reference("Patient", mrn),
                    effectiveDateTime=when(at),
                    issued=moved(when(at), 2),
                    performer=[{"display": hospital["nurses"][n % len(hospital["nurses"])]}],
                    **body,
                )
            )
    return out
