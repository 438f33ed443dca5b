"""The elements of which an International Patient Summary is made: concepts, times, quantities, words. Pure.

Rules: what a source sent leaves as it was sent, a number to the letter (`Raw`, DESIGN D3); what is not known is said with
FHIR's data-absent-reason and never guessed; text in a narrative is escaped, so that no source can write markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from uuid import UUID, uuid5

import msgspec

from localdb.chart import wording
from localdb.records.moments import Moment
from localdb.records.vocabulary import Coding, Component, Observation

Resource = dict[str, Any]
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
ABSENT_CODES = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
PROFILE = "http://hl7.org/fhir/uv/ips/StructureDefinition/"
_SPACE = UUID("6f9c5b2e-8a0e-5d3a-9a36-5b8f3f7a1c55")  # the name space of our documents' urn:uuid
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?\Z", re.ASCII)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z")
_CODE = re.compile(r"[^\s]+( [^\s]+)*\Z")
_COMPARATORS = ("<", "<=", ">=", ">")
# What XML 1.0 cannot hold, and what would make the words read as others do.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


def urn(*parts: str) -> str:
    """A `urn:uuid` that is the same for the same parts, on every laptop."""
    return f"urn:uuid:{uuid5(_SPACE, chr(31).join(parts))}"


def words(text: str) -> str:
    """`text` without the characters that FHIR's string and XML forbid; "" where nothing is left."""
    return _NOT_TEXT.sub(" ", text).strip()


def unknown(reason: str = "unknown") -> Resource:
    """In place of an element whose value was not sent."""
    return {"extension": [{"url": ABSENT, "valueCode": reason}]}


def concept(codes: Iterable[Coding], text: str, missing: str = "Not named by the source") -> Resource:
    """A CodeableConcept with every coding as sent and the words to show."""
    coding = []
    for code in codes:
        made: Resource = {}
        if _URI.match(code.system):
            made["system"] = code.system
        if _CODE.match(code.code):
            made["code"] = code.code
        if display := words(code.display):
            made["display"] = display
        if "code" in made or "display" in made:
            coding.append(made)
    said = words(text) or next((c["display"] for c in coding if "display" in c), "") or missing
    return {"coding": coding, "text": said} if coding else {"text": said}


def coded(system: str, code: str, display: str = "", text: str = "") -> Resource:
    """A CodeableConcept of one standard code."""
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": text} if text else {})


def date_time(moment: Moment | None) -> str:
    """A FHIR dateTime no more precise than what was sent ("" where it cannot be read). FHIR wants seconds and an offset
    with every time: seconds that were not sent stand as 00, the offset as sent, else of the zone that was assumed."""
    local = moment.local if moment is not None else None
    if moment is None or local is None:
        return ""
    if moment.precision == "year":
        return f"{local.year:04d}"
    if moment.precision == "month":
        return f"{local.year:04d}-{local.month:02d}"
    if not moment.has_time:
        return f"{local.year:04d}-{local.month:02d}-{local.day:02d}"
    text = local.isoformat(timespec="milliseconds" if moment.precision == "fraction" else "seconds")
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def timed(name: str, moment: Moment | None) -> Resource:
    """The element `name` with the time, or with FHIR's word that it is not known."""
    text = date_time(moment)
    return {name: text} if text else {f"_{name}": unknown()}


def values(held: Observation | Component) -> Resource:
    """The value as sent: a quantity where it is a number, else the words; never both, never a guess."""
    value = held.value
    if value is not None and words(value):
        unit, comparator = words(held.unit or ""), held.comparator or ""
        if _NUMBER.match(value.strip()) and comparator in ("", *_COMPARATORS):
            quantity: Resource = {"value": msgspec.Raw(value.strip().encode())}
            quantity |= {"comparator": comparator} if comparator else {}
            return {"valueQuantity": quantity | ({"unit": unit} if unit else {})}
        return {"valueString": words(f"{comparator}{value} {unit}")}
    if held.value_codes:
        return {"valueCodeableConcept": concept(held.value_codes, held.value_codes[0].display)}
    if held.absent:
        return {"dataAbsentReason": {"text": words(held.absent) or "not sent"}}
    return {}


def notes(texts: Iterable[str]) -> Resource:
    """`note`, one for each comment as sent; nothing where there is none."""
    said = [{"text": kept} for text in texts if (kept := words(text))]
    return {"note": said} if said else {}


def paragraphs(lines: Sequence[str]) -> Resource:
    """A generated narrative: one paragraph a line."""
    inner = "".join(f"<p>{escape(words(line))}</p>" for line in lines if words(line))
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{inner or "<p>Empty.</p>"}</div>'}


def table(lead: Sequence[str], heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Resource:
    """A generated narrative: sentences, then a table. Each row has as many cells as there are heads."""
    said = "".join(f"<p>{escape(words(line))}</p>" for line in lead if words(line))
    head = "".join(f"<th>{escape(h)}</th>" for h in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(words(c))}</td>" for c in row) + "</tr>" for row in rows)
    made = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if rows else ""
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{said}{made}</div>'}


def shown(moment: Moment | None, zone: str) -> str:
    """The time in a narrative."""
    return wording.date_time(moment, zone, missing="time not recorded")
