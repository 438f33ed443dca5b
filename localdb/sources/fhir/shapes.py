"""Reading FHIR's data types out of decoded JSON, liberally: what is sloppy is left out and noted, never raised.

The functions take what the decoder gave (numbers are already texts, see `reading`) and return plain texts, codings and
moments. Only `Malformed` is raised, by the few that read what a resource stands on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from localdb.records.moments import Moment, read_moment
from localdb.records.vocabulary import Coding

Json = dict[str, Any]
CONFIDENTIAL = frozenset("RV")  # v3 Confidentiality: restricted, very restricted
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


class Malformed(Exception):
    """The essential structure of a resource is wrong; `code` and the words tell which part, without its content."""

    def __init__(self, words: str, code: str = "fhir.malformed") -> None:
        super().__init__(words)
        self.code = code


class _Noticed(threading.local):
    """What was met since it was last asked, per thread: `sloppy` = something of the wrong shape was left out; `nought`
    = a whole number 0, which the fast decoder also makes of `-0`."""

    sloppy = False
    nought = False


_noticed = _Noticed()


def noticed() -> bool:
    """Whether anything was left out since the last call."""
    if not _noticed.sloppy:
        return False
    _noticed.sloppy = False
    return True


def met_nought() -> None:
    """A value 0 was read, which may have been sent as `-0`."""
    _noticed.nought = True


def nought_met() -> bool:
    """Whether a value 0 was read since the last call."""
    if not _noticed.nought:
        return False
    _noticed.nought = False
    return True


@lru_cache(maxsize=16384)
def moment(text: str, zone: str) -> Moment:
    return read_moment(text, zone)


def string(value: Any) -> str:
    """A primitive as text; anything that is not one is empty."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if type(value) in (dict, list):
        _noticed.sloppy = True
        return ""
    if type(value) is bool:
        return "true" if value else "false"
    return str(value)


def strings(value: Any) -> tuple[str, ...]:
    """A list of primitives, empty ones left out; one alone is taken as a list of one."""
    if type(value) is list:
        return tuple(text for text in map(string, value) if text)
    one = string(value)
    return (one,) if one else ()


def objects(value: Any) -> list[Json]:
    """A list of objects; one alone is taken as a list of one, what is no object is left out."""
    if type(value) is list:
        for item in value:
            if type(item) is not dict:
                _noticed.sloppy = True
                return [item for item in value if type(item) is dict]
        return value
    if type(value) is dict:
        return [value]
    if value is not None:
        _noticed.sloppy = True
    return []


def obj(value: Any) -> Json:
    """An object, or an empty one; of a list (sloppy) the first."""
    if type(value) is dict:
        return value
    if value is None:
        return {}
    if type(value) is list and len(value) == 1 and type(value[0]) is dict:
        return value[0]
    _noticed.sloppy = True
    return {}


@lru_cache(maxsize=8192)
def _coding(system: str, code: str, display: str) -> Coding:
    return Coding(system, code, display)


def codings(concept: Any) -> tuple[Coding, ...]:
    """All codings of a CodeableConcept, or a Coding sent in its place."""
    if type(concept) is not dict:
        if type(concept) is str:
            return ()
        concept = obj(concept)
    found = concept.get("coding")
    if found is None:
        found = [concept] if "code" in concept or "display" in concept else ()
    elif type(found) is not list:
        found = objects(found)
    out = []
    for c in found:
        if type(c) is dict:
            system, code, display = c.get("system"), c.get("code"), c.get("display")
            out.append(_coding(string(system), string(code), string(display)))
    return tuple(out)


def concept_text(concept: Any) -> str:
    """Sent text, else the first display, else the first code."""
    if type(concept) is str:
        return concept
    if type(concept) is not dict:
        concept = obj(concept)
    text = concept.get("text")
    if type(text) is str and text:
        return text
    found = codings(concept)
    for coding in found:
        if coding.display:
            return coding.display
    for coding in found:
        if coding.code:
            return coding.code
    return ""


def named(concept: Any) -> tuple[tuple[Coding, ...], str]:
    """(codings, text to show) of a CodeableConcept."""
    found = codings(concept)
    if type(concept) is dict:
        text = concept.get("text")
        if type(text) is str and text:
            return found, text
    for coding in found:
        if coding.display:
            return found, coding.display
    for coding in found:
        if coding.code:
            return found, coding.code
    return found, concept if type(concept) is str else ""


def first_code(concept: Any) -> str:
    """The first coding's code, else the text."""
    for coding in codings(concept):
        if coding.code:
            return coding.code
    return concept_text(concept)


def texts(concepts: Any) -> str:
    """The texts of a list of CodeableConcepts, joined."""
    if type(concepts) is not list:
        return concept_text(concepts)
    return ", ".join(text for text in map(concept_text, concepts) if text)


def first_codes(concepts: Any) -> str:
    """The first code of each of a list of CodeableConcepts, joined."""
    if type(concepts) is not list:
        return first_code(concepts)
    if len(concepts) == 1:
        return first_code(concepts[0])
    return ", ".join(text for text in map(first_code, concepts) if text)


def period(value: Any, zone: str) -> tuple[Moment | None, Moment | None]:
    """Start and end of a Period."""
    if type(value) is not dict:
        value = obj(value)
    return when(value.get("start"), zone), when(value.get("end"), zone)


def happened(resource: Json, stem: str, zone: str) -> tuple[Moment | None, Moment | None]:
    """Start and end of a choice such as effective[x]: DateTime, Period, Instant or Timing."""
    one = resource.get(stem + "DateTime")
    if type(one) is str:
        return moment(one, zone), None
    span = resource.get(stem + "Period")
    if span is not None:
        return period(span, zone)
    one = resource.get(stem + "Instant") or resource.get(stem + "Date")
    if type(one) is str:
        return moment(one, zone), None
    timing = obj(resource.get(stem + "Timing"))
    if timing:
        events = strings(timing.get("event"))
        if events:
            return moment(events[0], zone), None
        return period(obj(timing.get("repeat")).get("boundsPeriod"), zone)
    return None, None


def when(value: Any, zone: str) -> Moment | None:
    if type(value) is str and value:
        return moment(value, zone)
    if value is not None:
        _noticed.sloppy = True
    return None


def notes(resource: Json, key: str = "note") -> tuple[str, ...]:
    """The texts of Annotations, as sent."""
    if key not in resource:
        return ()
    value = resource[key]
    if type(value) is str:
        return (value,) if value else ()
    return tuple(text for text in (string(n.get("text")) for n in objects(value)) if text)


def extension(element: Any, url: str) -> Json:
    """The first extension with this url (or ending with it, where it is a bare name); empty where there is none."""
    for ext in objects(obj(element).get("extension")):
        own = string(ext.get("url"))
        if own == url or ("/" not in url and own.rsplit("/", 1)[-1] == url):
            return ext
    return {}


def absent_reason(element: Any) -> str:
    """The code of a data-absent-reason extension on a primitive or a data type."""
    return string(extension(element, _ABSENT).get("valueCode"))


def name_text(value: Any) -> str:
    """A HumanName of a person who is not the patient, in one line."""
    if type(value) is str:
        return value
    name = obj(value[0] if type(value) is list and value else value)
    if string(name.get("text")):
        return string(name["text"])
    parts = (*strings(name.get("prefix")), *strings(name.get("given")), string(name.get("family")))
    return " ".join(p for p in (*parts, *strings(name.get("suffix"))) if p)


def joined(parts: Iterable[str], by: str = "; ") -> str:
    """Texts joined, empty ones and repetitions left out."""
    return by.join(dict.fromkeys(p for p in parts if p))
