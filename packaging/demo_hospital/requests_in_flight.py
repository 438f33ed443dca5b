"""Requests in flight: ordered and not collected, not received, in the laboratory, booked."""

from __future__ import annotations

from typing import Any

from fhir import SNOMED, Resource, concept, reference, resource, when

CATEGORY = {"lims": ("108252007", "Laboratory procedure"), "ris": ("363679005", "Imaging")}


def requests(hospital: dict[str, Any], person: dict[str, Any], source: str) -> list[Resource]:
    """`what|state|asked at|priority|source|reason`: the state in words is the request's first note.

    `booked 24 09:30` also sends the time of the booking. FHIR has no status for these states: all are `active`.
    """
    out = []
    for n, line in enumerate(person.get("waiting", []), 1):
        what, state, at, priority, where, reason = (line.split("|") + [""])[:6]
        if where != source:
            continue
        code, display = CATEGORY[where]
        body: Resource = {"status": "active", "intent": "order", "priority": priority}
        body["category"] = [concept(display, (SNOMED, code, display))]
        body |= {"code": {"text": what}, "subject": reference("Patient", person["mrn"])}
        if state.startswith("booked"):
            body["occurrenceDateTime"] = when(state.removeprefix("booked "))
            state = f"booked {state[-5:]}"
        body["authoredOn"] = when(at)
        body["requester"] = {"display": hospital["prescriber"][person["team"]]}
        if reason:
            body["reasonCode"] = [{"text": reason}]
        order = f"{source[0].upper()}{person['mrn'][1:]}{n}"
        body["identifier"] = [{"system": f"urn:northmoor:{source}:order", "value": order}]
        out.append(resource("ServiceRequest", f"{person['mrn']}-request-{n}", when(at), **body, note=[{"text": state}]))
    return out
