"""Patients, beds, stays, alerts, allergies, problems and appointments: what the patient administration system sends."""

from __future__ import annotations

from typing import Any

from fhir import (
    HL7,
    HOSPITAL_NUMBER,
    LOCAL,
    NHS_NUMBER,
    SNOMED,
    TEMPORARY_NUMBER,
    Resource,
    concept,
    reference,
    resource,
    when,
)

UK_CORE = "https://fhir.hl7.org.uk/"
VERIFIED = {
    "01": "Number present and verified",
    "02": "Number present but not traced",
    "03": "Trace required",
    "04": "Trace attempted - No match or multiple matches found",
    "07": "Number not present and trace not required",
}
FLAG_CATEGORY = {
    "RESUS": "advance-directive",
    "INFECTION": "clinical",
    "CONTACT": "safety",
    "DROPLET": "safety",
    "DIABETES": "clinical",
    "ANTICOAGULANT": "drug",
    "OXYGEN": "clinical",
    "SAFEGUARDING": "safety",
}
NO_KNOWN = ("716186003", "No known allergy")


def _identifiers(person: dict[str, Any]) -> list[Resource]:
    out: list[Resource] = []
    status = person.get("status", "01")
    url = UK_CORE + "StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
    system = UK_CORE + "CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
    coding = [{"system": system, "code": status, "display": VERIFIED[status]}]
    extension = [{"url": url, "valueCodeableConcept": {"coding": coding}}]
    if "nhs" in person:
        out.append({"extension": extension, "use": "official", "system": NHS_NUMBER, "value": person["nhs"]})
    kind = {"coding": [{"system": HL7 + "v2-0203", "code": "MR", "display": "Medical record number"}]}
    out.append({"use": "usual", "type": kind, "system": HOSPITAL_NUMBER, "value": person["mrn"]})
    if "temporary" in person:
        out.append({"use": "temp", "system": TEMPORARY_NUMBER, "value": person["temporary"]})
    return out


def _names(person: dict[str, Any]) -> list[Resource]:
    official: Resource = {"use": "official"}
    for field in ("family", "given", "prefix", "suffix"):
        value = person.get(field)
        if value:
            official[field] = value if isinstance(value, str) and field == "family" else _list(value)
    out = [official]
    if "native" in person:
        text = person["native"]
        out.append({"use": "usual", **({"text": text} if isinstance(text, str) else dict(text))})
    if "nick" in person:
        out.append({"use": "nickname", "given": [person["nick"]]})
    if "maiden" in person:
        out.append({"use": "maiden", "family": person["maiden"]})
    return out


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def patient(person: dict[str, Any], updated: str, full: bool = False) -> Resource:
    """The Patient; other sources than the PAS send identity only (`full` False): number, names, born, gender."""
    body: Resource = {"identifier": _identifiers(person), "name": _names(person), "gender": person["gender"]}
    body["birthDate"] = person["born"]
    if person.get("estimated"):
        url = LOCAL + "StructureDefinition/estimated-birth-date"
        body["_birthDate"] = {"extension": [{"url": url, "valueBoolean": True}]}
    if "died" in person and full:
        body["deceasedDateTime"] = when(person["died"])
    if full:
        body |= _contact(person)
    return resource("Patient", person["mrn"], updated, **body)


def _contact(person: dict[str, Any]) -> Resource:
    body: Resource = {}
    if "phone" in person:
        body["telecom"] = [{"system": "phone", "value": person["phone"], "use": "home"}]
    if "address" in person:
        *lines, town, code = person["address"].split(", ")
        body["address"] = [{"use": "home", "line": lines, "city": town, "postalCode": code}]
    if "language" in person:
        name, code = person["language"].split("|")
        tongue = {"coding": [{"system": "urn:ietf:bcp:47", "code": code, "display": name}], "text": name}
        body["communication"] = [{"language": tongue, "preferred": True}]
    if "nok" in person:
        name, relation, phone = person["nok"].split("|")
        contact = {"relationship": [{"text": relation}], "name": {"text": name}}
        body["contact"] = [contact | {"telecom": [{"system": "phone", "value": phone}]}]
    if "gp" in person:
        body["generalPractitioner"] = [{"display": person["gp"]}]
    return body


def places(hospital: dict[str, Any]) -> list[Resource]:
    """The organisation, its staff, the wards, and the beds of Ash Ward and Cedar Ward."""
    at = when("23 06:00")
    trust = hospital["hospital"]
    key = [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": trust["ods"]}]
    out = [resource("Organization", "northmoor", at, identifier=key, active=True, name=trust["name"])]
    for name, text in hospital["staff"].items():
        title, given, family = text.split("|")[:3]
        human = {"use": "official", "family": family, "given": [given]} | ({"prefix": [title]} if title else {})
        role = [{"code": {"text": text.split("|")[3]}}]
        out.append(resource("Practitioner", name, at, active=True, name=[human], qualification=role))
    out.append(_place("northmoor-site", trust["name"], "si", "", at))
    for ward, text in (("ash", "Ash Ward"), ("cedar", "Cedar Ward"), ("ed", "Emergency Department")):
        out.append(_place(ward, text, "wa", "northmoor-site", at))
    for bay in "ABCDS":
        out.append(_place(f"ash-{bay.lower()}", "Side rooms" if bay == "S" else f"Bay {bay}", "ro", "ash", at))
        for n in range(1, 5 if bay == "S" else 7):
            bed = f"{bay}{n}"
            out.append(_place(f"ash-{bed.lower()}", bed, "bd", f"ash-{bay.lower()}", at, "O"))
    for n, state in enumerate("UUKOUC", start=1):
        out.append(_place(f"cedar-{n}", f"{n}", "bd", "cedar", at, state))
    return out


def _place(key: str, name: str, kind: str, above: str, at: str, state: str = "") -> Resource:
    words = {"si": "Site", "wa": "Ward", "ro": "Room", "bd": "Bed"}
    kinds = {"coding": [{"system": HL7 + "location-physical-type", "code": kind, "display": words[kind]}]}
    beds = {"O": "Occupied", "U": "Unoccupied", "K": "Contaminated", "C": "Closed"}
    body: Resource = {"status": "suspended" if state in ("K", "C") and state else "active", "name": name}
    if state:
        body["operationalStatus"] = {"system": HL7 + "v2-0116", "code": state, "display": beds[state]}
    if state == "K":
        body["description"] = "closed: awaiting clean"
    body["physicalType"] = kinds
    if above:
        body["partOf"] = reference("Location", above)
    return resource("Location", key, at, managingOrganization=reference("Organization", "northmoor"), **body)


def ward(hospital: dict[str, Any], patients: list[dict[str, Any]]) -> list[Resource]:
    """Everything that the patient administration system holds of these patients."""
    out: list[Resource] = []
    for person in patients:
        out.append(patient(person, when("24 02:40") if "died" in person else when("23 23:10"), full=True))
        out.append(stay(hospital, person))
        out += [_allergy(person, n, line) for n, line in enumerate(person.get("allergies", []), 1)]
        out += [_flag(person, n, line) for n, line in enumerate(person.get("alerts", []), 1)]
        out += [_problem(hospital, person, n, line) for n, line in enumerate(person.get("problems", []), 1)]
        out += [_appointment(person, n, line) for n, line in enumerate(person.get("appointments", []), 1)]
    return out


def stay(hospital: dict[str, Any], person: dict[str, Any]) -> Resource:
    """The Encounter that puts the patient into the bed, with the reason and the consultant."""
    title, given, family = hospital["staff"][person["team"]].split("|")[:3]
    who = {"individual": reference("Practitioner", person["team"], f"{title} {given[0]}. {family}")}
    attending = [{"coding": [{"system": HL7 + "v3-ParticipationType", "code": "ATND", "display": "attender"}]}]
    begun = {"start": when(person["admitted"])}
    beds = []
    if "moved_from" in person:
        place, text, until = person["moved_from"].split("|")
        former = {"location": reference("Location", place, text), "status": "completed"}
        beds.append(former | {"period": begun | {"end": when(until)}})
        begun = {"start": when(until)}
    bed = reference("Location", f"ash-{person['bed'].lower()}", f"{person['bed']}, Ash Ward")
    beds.append({"location": bed, "status": "active", "period": begun})
    return resource(
        "Encounter",
        f"{person['mrn']}-stay",
        when("23 21:10"),
        status="in-progress",
        class_={"system": HL7 + "v3-ActCode", "code": "IMP", "display": "inpatient encounter"},
        subject=reference("Patient", person["mrn"]),
        participant=[{"type": attending} | who],
        period={"start": when(person["admitted"])},
        reasonCode=[{"text": person["reason"]}],
        location=beds,
        serviceProvider=reference("Organization", "northmoor"),
    )


def _allergy(person: dict[str, Any], n: int, line: str) -> Resource:
    """`none|who|when`, or `agent|SNOMED|reaction|severity|date|type`; a seventh part says refuted or resolved."""
    parts = line.split("|")
    none = parts[0] == "none"
    said = when(parts[2] if none else parts[4])
    state = parts[6] if len(parts) > 6 else ""
    clinical = "inactive" if state == "refuted" else state or "active"
    body: Resource = {}
    if state != "refuted":
        body["clinicalStatus"] = _coded("allergyintolerance-clinical", clinical)
    body["verificationStatus"] = _coded("allergyintolerance-verification", state if state == "refuted" else "confirmed")
    if none:
        body["code"] = concept("No known allergies", (SNOMED, *NO_KNOWN))
        body["recorder"] = {"display": parts[1]}
    else:
        body["type"] = parts[5]
        if parts[3] == "severe":
            body["criticality"] = "high"
        body["code"] = concept(parts[0], (SNOMED, parts[1], f"Allergy to {parts[0].lower()}"))
        reaction: Resource = {"manifestation": [{"text": text} for text in parts[2].split("+")]}
        body["reaction"] = [reaction | ({"severity": parts[3]} if parts[3] else {})]
    body |= {"patient": reference("Patient", person["mrn"]), "recordedDate": said}
    return resource("AllergyIntolerance", f"{person['mrn']}-allergy-{n}", said if "T" in said else said + "T12:00:00Z",
                    **body)  # fmt: skip


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": HL7 + system, "code": code}]}


def _flag(person: dict[str, Any], n: int, line: str) -> Resource:
    """`KIND|text|since`; SAFEGUARDING is marked restricted, so that it stands on no list, label or display."""
    kind, text, since = line.split("|")
    return resource(
        "Flag",
        f"{person['mrn']}-alert-{n}",
        when("23 22:00"),
        restricted=kind == "SAFEGUARDING",
        status="active",
        category=[_coded("flag-category", FLAG_CATEGORY.get(kind, "safety"))],
        code=concept(text, (LOCAL + "codes/alert", kind, text)),
        subject=reference("Patient", person["mrn"]),
        period={"start": when(since)},
        author=reference("Organization", "northmoor"),
    )


def _problem(hospital: dict[str, Any], person: dict[str, Any], n: int, line: str) -> Resource:
    """`text|year`, with the SNOMED CT code from the hospital's own list; `!` = why the patient is here."""
    text, year = line.split("|")
    here = text.startswith("!")
    text = text.lstrip("!")
    kind = "encounter-diagnosis" if here else "problem-list-item"
    return resource(
        "Condition",
        f"{person['mrn']}-problem-{n}",
        when("23 16:40"),
        clinicalStatus=_coded("condition-clinical", "active"),
        verificationStatus=_coded("condition-ver-status", "provisional" if text.endswith("?") else "confirmed"),
        category=[_coded("condition-category", kind)],
        code=concept(text, (SNOMED, hospital["snomed"].get(text, ""), text)),
        subject=reference("Patient", person["mrn"]),
        encounter=reference("Encounter", f"{person['mrn']}-stay") if here else None,
        onsetDateTime=when(year),
        recordedDate=when(year) if "-" in year else None,
    )


def _appointment(person: dict[str, Any], n: int, line: str) -> Resource:
    start, what, place = line.split("|")
    parts = [
        {"actor": reference("Patient", person["mrn"]), "status": "accepted"},
        {"actor": {"display": place}, "status": "accepted"},
    ]
    key = f"{person['mrn']}-appointment-{n}"
    body = {"status": "booked", "serviceType": [{"text": what}], "start": when(start)}
    return resource("Appointment", key, when("20 09:00"), **body, description=what, participant=parts)


def elsewhere(hospital: dict[str, Any]) -> list[Resource]:
    """A few people outside Ash Ward: in the Emergency Department, on Cedar Ward, discharged."""
    out: list[Resource] = []
    for person in hospital["elsewhere"]:
        out.append(patient(person, when("23 20:00"), full=True))
        out += [_allergy(person, n, line) for n, line in enumerate(person.get("allergies", []), 1)]
        if "place" in person:
            out.append(_other_stay(person))
    return out


def _other_stay(person: dict[str, Any]) -> Resource:
    gone = "left" in person
    place = {"location": reference("Location", person["place"]), "status": "completed" if gone else "active"}
    code = ("EMER", "emergency") if person["place"] == "ed" else ("IMP", "inpatient encounter")
    return resource(
        "Encounter",
        f"{person['mrn']}-stay",
        when(person.get("left", "23 21:10")),
        status="finished" if gone else "in-progress",
        class_={"system": HL7 + "v3-ActCode", "code": code[0], "display": code[1]},
        subject=reference("Patient", person["mrn"]),
        period={"start": when(person["admitted"])} | ({"end": when(person["left"])} if gone else {}),
        reasonCode=[{"text": person["reason"]}],
        location=[place],
    )
