"""Imaging reports, studies and booked examinations as the radiology system sends them."""

from __future__ import annotations

import base64
from typing import Any

from fhir import HL7, LOCAL, SNOMED, Resource, concept, reference, resource, when
from people import patient
from requests_in_flight import requests

ADDENDUM = LOCAL + "StructureDefinition/report-addendum"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
MODALITIES = {
    "DX": "Digital Radiography",
    "CT": "Computed Tomography",
    "US": "Ultrasound",
    "MR": "Magnetic Resonance",
    "XA": "X-Ray Angiography",
}


def _with_images(patients: list[dict[str, Any]]) -> list[tuple[dict[str, Any], int, dict[str, Any]]]:
    return [
        (person, n, report)
        for person in patients
        for n, report in enumerate(person.get("imaging", []), 1)
        if report.get("series")
    ]


def _identifier(report: dict[str, Any]) -> list[Resource]:
    kind = {"coding": [{"system": HL7 + "v2-0203", "code": "ACSN", "display": "Accession ID"}]}
    return [{"type": kind, "value": report["accession"]}] if "accession" in report else []


def studies(patients: list[dict[str, Any]]) -> list[Resource]:
    """`series = ["PA erect|1", "Lateral|1"]`: one ImagingStudy for each examination with images."""
    out: list[Resource] = []
    seen: set[str] = set()
    for person, n, report in _with_images(patients):
        if person["mrn"] not in seen:
            seen.add(person["mrn"])
            out.append(patient(person, when("23 20:00")))
        uid = f"1.2.826.0.1.3680043.10.999.{int(person['mrn'][1:])}.{n}"
        modality = {"system": DCM, "code": report["modality"], "display": MODALITIES[report["modality"]]}
        series = []
        for number, line in enumerate(report["series"], 1):
            text, count = line.split("|")
            one = {"uid": f"{uid}.{number}", "number": number, "modality": modality, "description": text}
            series.append(one | {"numberOfInstances": int(count)})
        identifier = [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}, *_identifier(report)]
        total = sum(one["numberOfInstances"] for one in series)
        body: Resource = {"identifier": identifier, "status": "available", "modality": [modality]}
        body |= {"subject": reference("Patient", person["mrn"]), "started": when(report["at"])}
        body |= {"numberOfSeries": len(series), "numberOfInstances": total, "description": report["exam"]}
        out.append(resource("ImagingStudy", f"{person['mrn']}-study-{n}", when(report["at"]), **body, series=series))
    return out


def _report(person: dict[str, Any], n: int, report: dict[str, Any]) -> Resource:
    said = when(report["addended"] if "addended" in report else report.get("said", report["at"]))
    body: Resource = {"identifier": _identifier(report), "status": report.get("status", "final")}
    body["category"] = [concept("Radiology", (HL7 + "v2-0074", "RAD", "Radiology"))]
    body["code"] = concept(report["exam"], (SNOMED, report.get("snomed", ""), report["exam"]))
    body |= {"subject": reference("Patient", person["mrn"]), "effectiveDateTime": when(report["at"]), "issued": said}
    body["resultsInterpreter"] = [{"display": report["by"]}]
    if report.get("series"):
        body["imagingStudy"] = [reference("ImagingStudy", f"{person['mrn']}-study-{n}")]
    text = report.get("text", "").strip()
    if "addendum" in report:
        at = when(report["addended"])
        head = f"ADDENDUM {at[8:10]}-Nov-2026 {at[11:16]}, {report['addendum_by']}\n{report['addendum'].strip()}"
        body["extension"] = [{"url": ADDENDUM, "valueString": head}]
        body["conclusion"] = f"Addendum: {report['short_addendum']} First report: {report['conclusion']}"
    elif "conclusion" in report:
        body["conclusion"] = report["conclusion"]
    if text:
        data = base64.b64encode(text.encode()).decode()
        body["presentedForm"] = [{"contentType": "text/plain; charset=utf-8", "data": data, "title": report["exam"]}]
    version = "2" if "addendum" in report else "1"
    return resource("DiagnosticReport", f"{person['mrn']}-imaging-{n}", said, version=version, **body)


def reports(hospital: dict[str, Any], patients: list[dict[str, Any]]) -> list[Resource]:
    """Reports, and examinations booked or waiting; with their Patients. The studies stand in a file before this one."""
    out: list[Resource] = []
    for person in patients:
        mine = [_report(person, n, one) for n, one in enumerate(person.get("imaging", []), 1)]
        mine += requests(hospital, person, "ris")
        if mine:
            out += [patient(person, when("23 20:00")), *mine]
    return out


def first_reports(patients: list[dict[str, Any]]) -> list[Resource]:
    """What was first sent of reports that have an addendum now, with their Patients."""
    out: list[Resource] = []
    for person in patients:
        for n, report in enumerate(person.get("imaging", []), 1):
            if "addendum" in report:
                first = {k: v for k, v in report.items() if not k.startswith("adden") and k != "status"}
                out += [patient(person, when("23 20:00")), _report(person, n, first)]
    return out
