"""Historical blood groups as the blood bank sends them: history only, never for the issue of blood (CLINICAL 3.3)."""

from __future__ import annotations

from typing import Any

from fhir import HL7, LOINC, Resource, concept, reference, resource, when
from people import patient

TESTS = (
    ("883-9", "ABO group", lambda group: group.split()[0]),
    ("10331-7", "RhD", lambda group: "positive" if "pos" in group else "negative"),
    ("890-4", "Antibody screen", lambda group: group.partition(";")[2].strip() or "negative"),
)


def groups(patients: list[dict[str, Any]]) -> list[Resource]:
    """`blood = "O pos; anti-K found 2019|2026-11-22 10:10|2"`: group and antibodies, sample, number of samples."""
    out: list[Resource] = []
    for person in patients:
        if "blood" not in person:
            continue
        group, at, samples = person["blood"].split("|")
        out.append(patient(person, when("23 20:00")))
        note = f"HISTORICAL, rests on {samples} sample{'' if samples == '1' else 's'}. Not for issue of blood."
        for loinc, text, value in TESTS:
            out.append(
                resource(
                    "Observation",
                    f"{person['mrn']}-bank-{loinc}",
                    when("23 22:10"),
                    status="final",
                    category=[concept("Laboratory", (HL7 + "observation-category", "laboratory", "Laboratory"))],
                    code=concept(text, (LOINC, loinc, text)),
                    subject=reference("Patient", person["mrn"]),
                    effectiveDateTime=when(at),
                    performer=[{"display": "Blood Transfusion Laboratory"}],
                    valueString=value(group.partition(";")[0] if loinc != "890-4" else group),
                    note=[{"text": note}],
                )
            )
    return out
