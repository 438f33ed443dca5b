"""Where a resource stands: its source, its bundle, what it contains, and how its references are resolved.

References (R4 §2.3): `Type/id`, absolute, versioned, `urn:uuid:`/`urn:oid:` and any fullUrl of the same bundle,
`#contained`, conditional (`Patient?identifier=…`) and logical (identifier only).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from localdb.records.ids import patient_id
from localdb.records.vocabulary import Reference
from localdb.sources.fhir.shapes import Json, Malformed, concept_text, name_text, obj, objects, string
from localdb.sources.fhir.types import KIND
from localdb.sources.units import Blob


class NotOfAPatient(Exception):
    """The resource is about a group, a place or a thing: `type` says which."""

    def __init__(self, type_: str) -> None:
        super().__init__(type_)
        self.type = type_


class Subject:
    """The patient of a resource: `id` (P + 13) and `key` `Patient/id`; or `wants` = `system|value` and neither."""

    __slots__ = ("id", "key", "wants")

    def __init__(self, id_: str, key: str, wants: str = "") -> None:
        self.id, self.key, self.wants = id_, key, wants


@lru_cache(maxsize=65536)
def _patient(source: str, value: str) -> str:
    return patient_id(source, "fhir", value)


def display_of(resource: Json) -> str:
    """What to show for a resource that another refers to: its name, else its code, else its type in words."""
    name = resource.get("name")
    if type(name) is str:
        return name
    for value in (name_text(name), concept_text(resource.get("code")), string(resource.get("description"))):
        if value:
            return value
    for device in objects(resource.get("deviceName")):
        if string(device.get("name")):
            return string(device["name"])
    role = concept_text(resource.get("type")) or concept_text(resource.get("specialty"))
    person = string(obj(resource.get("practitioner")).get("display"))
    return ", ".join(x for x in (person, role or concept_text(obj(resource.get("physicalType")))) if x)


class Scope:
    """What a resource is read in.

    `urls` maps each fullUrl of the bundle to `Type/id`; `held` maps `Type/id` to the resource where the bundle has it;
    `contained` the resources inside the one being read; `findings` what was left out of it, for a comment; `blobs` the
    attached files of what was read since the last unit, by SHA-256.
    """

    __slots__ = ("_numbers", "_shown", "blobs", "contained", "findings", "held", "source", "urls", "zone")

    def __init__(self, source: str, zone: str) -> None:
        self.source, self.zone = source, zone
        self.urls: dict[str, str] = {}
        self.held: dict[str, Json] = {}
        self.contained: list[Json] = []
        self.findings: list[str] = []
        self.blobs: dict[str, Blob] = {}
        self._numbers: dict[str, str] | None = None
        self._shown: dict[str, str] = {}

    def key(self, reference: Any) -> str:
        """`Type/id` of a reference; "" for contained, conditional, logical and empty ones; a urn as it stands where
        the bundle does not have it."""
        if type(reference) is not dict:
            return ""
        text = reference.get("reference")
        return self._key(text) if type(text) is str else ""

    def _key(self, text: str) -> str:
        found = self.urls.get(text)
        if found is not None:
            return found
        if not text or text[0] == "#" or "?" in text:
            return ""
        if text.startswith("urn:"):
            return text
        parts = text.split("/")
        if len(parts) > 2:
            if parts[-2] == "_history":
                found = self.urls.get("/".join(parts[:-2]))
                if found is not None:
                    return found
                parts = parts[:-2]
            parts = parts[-2:]
        return "/".join(parts) if len(parts) == 2 else text

    def find(self, reference: Any) -> Json:
        """The resource that a reference means, where it is contained or stands in the same bundle; else {}."""
        if type(reference) is not dict:
            return {}
        text = reference.get("reference")
        if type(text) is not str:
            return {}
        if text.startswith("#"):
            return next((c for c in self.contained if string(c.get("id")) == text[1:]), {})
        return self.held.get(self._key(text), {})

    def display(self, reference: Any) -> str:
        """The display that was sent, else the name of the resource where it is at hand, else its identifier."""
        if type(reference) is not dict:
            return ""
        text = reference.get("display")
        if type(text) is str and text:
            return text
        link = reference.get("reference")
        if type(link) is str:
            if link in self._shown:
                return self._shown[link]
            found = self.find(reference)
            if found:
                shown = display_of(found)
                if link[:1] != "#":  # what is contained belongs to one resource, the rest to the bundle
                    self._shown[link] = shown
                return shown
        return string(obj(reference.get("identifier")).get("value")) if "identifier" in reference else ""

    def refer(self, role: str, value: Any) -> list[Reference]:
        """References of one element (one or a list) in a role."""
        if value is None:
            return []
        out = []
        for one in value if type(value) is list else (value,):
            if type(one) is not dict:
                continue
            key, display = self.key(one), self.display(one)
            if key or display:
                out.append(Reference(role, key, display))
        return out

    def displays(self, value: Any) -> str:
        """The displays of one reference or a list of them, joined."""
        if value is None:
            return ""
        return ", ".join(x for x in map(self.display, value if type(value) is list else (value,)) if x)

    def patient(self, id_: str) -> Subject:
        """The patient with this id in this source."""
        return Subject(_patient(self.source, id_), "Patient/" + id_)

    def subject(self, value: Any) -> Subject:
        """The patient that `value` refers to.

        Raises NotOfAPatient for a group, place or thing, Malformed (`reference.missing` where there is nothing that
        could be followed, `reference.contained_patient`, `fhir.malformed` where it is no object or no text).
        """
        if value is None:
            raise Malformed("it names no patient", "reference.missing")
        if type(value) is not dict:
            raise Malformed("the reference to the patient is no object")
        text = value.get("reference")
        if text is None:
            return self._logical(value)
        if type(text) is not str:
            raise Malformed("the reference to the patient is no text")
        if text.startswith("#"):
            return self._contained(text[1:])
        if "?" in text:
            return self._conditional(text)
        key = self._key(text)
        if key.startswith("urn:"):
            key = (string(value.get("type")) or "Patient") + "/" + key.rsplit(":", 1)[-1]
        type_, _, id_ = key.rpartition("/")
        if type_ == "Patient" and id_:
            return self.patient(id_)
        if type_ in KIND:
            raise NotOfAPatient(type_)
        raise Malformed("the reference to the patient has no form that R4 knows", "reference.unreadable")

    def _logical(self, value: Json) -> Subject:
        type_ = string(value.get("type"))
        if type_ and type_ != "Patient" and type_ in KIND:
            raise NotOfAPatient(type_)
        number = obj(value.get("identifier"))
        if not string(number.get("value")):
            raise Malformed("it names its patient in words only, or not at all", "reference.missing")
        return self._known_by(string(number.get("system")) + "|" + string(number["value"]))

    def _conditional(self, text: str) -> Subject:
        parts = urlsplit(text)
        type_ = parts.path.rsplit("/", 1)[-1]
        if type_ != "Patient" and type_ in KIND:
            raise NotOfAPatient(type_)
        asked = parse_qs(parts.query)
        if "_id" in asked:
            return self.patient(asked["_id"][0])
        if "identifier" not in asked:
            raise Malformed("it looks for its patient by something other than an identifier", "reference.unreadable")
        number = asked["identifier"][0]
        return self._known_by(number if "|" in number else "|" + number)

    def _contained(self, id_: str) -> Subject:
        found = next((c for c in self.contained if string(c.get("id")) == id_), None)
        if found is None:
            raise Malformed("it refers to a contained patient that it does not contain", "reference.missing")
        if found.get("resourceType") != "Patient":
            raise NotOfAPatient(string(found.get("resourceType")))
        for number in objects(found.get("identifier")):
            if string(number.get("value")):
                return self._known_by(string(number.get("system")) + "|" + string(number["value"]))
        raise Malformed("its patient stands only inside it, without an identifier", "reference.contained_patient")

    def _known_by(self, number: str) -> Subject:
        if self._numbers is None:
            self._numbers = {
                string(n.get("system")) + "|" + string(n.get("value")): key
                for key, held in self.held.items()
                if held.get("resourceType") == "Patient"
                for n in objects(held.get("identifier"))
            }
        key = self._numbers.get(number)
        if key is not None:
            return self.patient(key.partition("/")[2])
        return Subject("", "", number)
