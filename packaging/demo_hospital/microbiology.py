"""Cultures, PCR and other text results of the laboratory, interim and final, with susceptibilities."""

from __future__ import annotations

from typing import Any

from fhir import HL7, LOINC, Resource, concept, reference, resource, when


def cultures(person: dict[str, Any]) -> list[Resource]:
    """`test|LOINC|collected|status|reported at|text|organism: drug S, drug R`: text results with susceptibilities."""
    out = []
    for n, line in enumerate(person.get("micro", []), 1):
        test, loinc, at, status, said, text, drugs = (line.split("|") + [""])[:7]
        laboratory = concept("Laboratory", (HL7 + "observation-category", "laboratory", "Laboratory"))
        body: Resource = {"status": status, "category": [laboratory]}
        body["code"] = concept(test, (LOINC, loinc, test))
        body |= {"subject": reference("Patient", person["mrn"]), "effectiveDateTime": when(at), "issued": when(said)}
        body |= {"performer": [{"display": "Microbiology"}], "valueString": text}
        if status == "preliminary":
            body["note"] = [{"text": "INTERIM"}]
        body["component"] = [
            {
                "code": {"text": drug.rpartition(" ")[0].strip()},
                "valueString": drug.rpartition(" ")[2],
                "interpretation": [concept(drug[-1], (HL7 + "v3-ObservationInterpretation", drug[-1], ""))],
            }
            for drug in filter(None, drugs.split(","))
        ]
        key = f"{person['mrn']}-micro-{n}"
        out.append(resource("Observation", key, when(said), **body))
        report = {"status": status, "category": [concept("Microbiology", (HL7 + "v2-0074", "MB", "Microbiology"))]}
        report |= {name: body[name] for name in ("code", "subject", "effectiveDateTime", "issued", "performer")}
        report |= {"result": [reference("Observation", key)], "conclusion": text}
        out.append(resource("DiagnosticReport", f"{key}-report", when(said), **report))
    return out
