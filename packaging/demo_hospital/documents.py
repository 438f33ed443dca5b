"""Admission notes, clinic letters and discharge summaries as plain text in DocumentReferences."""

from __future__ import annotations

import base64
import textwrap
from typing import Any

from fhir import LOINC, Resource, concept, reference, resource, when
from people import patient

KINDS = {
    "admission": ("Admission note", "34117-2", "History and physical note"),
    "discharge": ("Discharge summary", "18842-5", "Discharge summary"),
    "clinic": ("Clinic letter", "51845-6", "Outpatient Consult note"),
}


def _document(person: dict[str, Any], n: int, kind: str, at: str, title: str, author: str, text: str) -> Resource:
    name, loinc, display = KINDS[kind]
    paragraphs = [textwrap.fill(" ".join(part.split()), 78) for part in text.strip().split("\n\n")]
    data = ("\n\n".join(paragraphs) + f"\n\n{author}\n").encode()
    attachment = {"contentType": "text/plain; charset=utf-8", "data": base64.b64encode(data).decode()}
    attachment |= {"title": title or name, "creation": when(at)}
    return resource(
        "DocumentReference",
        f"{person['mrn']}-doc-{n}",
        when(at),
        status="current",
        docStatus="final",
        type_=concept(name, (LOINC, loinc, display)),
        subject=reference("Patient", person["mrn"]),
        date=when(at),
        author=[{"display": author}],
        description=title or name,
        content=[{"attachment": attachment | {"size": len(data)}}],
    )


def notes(hospital: dict[str, Any], patients: list[dict[str, Any]]) -> list[Resource]:
    """The admission or latest ward note of everyone: why the patient is here, and the plan."""
    out: list[Resource] = []
    for person in patients:
        out.append(patient(person, when("23 20:00")))
        author = person.get("note_by", hospital["prescriber"][person["team"]])
        out.append(_document(person, 1, "admission", person["noted"], "", author, person["note"]))
    return out


def letters(hospital: dict[str, Any], patients: list[dict[str, Any]]) -> list[Resource]:
    """Older letters of those who have them, with their Patients (one feed line each)."""
    out: list[Resource] = []
    for person in patients:
        if not person.get("letter"):
            continue
        out.append(patient(person, when("23 20:00")))
        for n, letter in enumerate(person["letter"], 2):
            named = (letter["title"], letter["by"], letter["text"])
            out.append(_document(person, n, letter["kind"], letter["at"], *named))
    return out
