"""Patient, and the people, places and things that others refer to (DESIGN §4, D2; CLINICAL §1)."""

from __future__ import annotations

from typing import Any

from localdb.records.moments import Moment
from localdb.records.vocabulary import Contact, HumanName, Identifier, Link, Patient, Record, Referred
from localdb.sources.fhir.scope import Scope, display_of
from localdb.sources.fhir.shapes import (
    Json,
    codings,
    concept_text,
    extension,
    first_code,
    joined,
    name_text,
    named,
    notes,
    obj,
    objects,
    string,
    strings,
    when,
)

# UK Core Extension-UKCore-NHSNumberVerificationStatus; only 01 says "present and verified" (CLINICAL §1.2).
_VERIFICATION = "Extension-UKCore-NHSNumberVerificationStatus"
_VERIFICATION_STU3 = "Extension-CareConnect-GPC-NHSNumberVerificationStatus-1"
VERIFIED = "01"


def patient(s: Scope, r: Json, base: Json) -> Record:
    names = tuple(map(_name, objects(r.get("name"))))
    died, is_deceased = _deceased(r, s.zone)
    first = r.get("active")
    return Patient(
        status="" if first is None else "active" if first is True else "inactive",
        said=when(obj(r.get("meta")).get("lastUpdated"), s.zone),
        text=name_text(objects(r.get("name"))[0]) if names else "",
        names=names,
        identifiers=tuple(_identifier(i) for i in objects(r.get("identifier"))),
        gender=string(r.get("gender")),
        born=when(r.get("birthDate"), s.zone),
        born_estimated=_estimated(r),
        deceased=died,
        is_deceased=is_deceased,
        address=_address(r.get("address")),
        phones=_phones(r.get("telecom")),
        languages=tuple(_language(c) for c in objects(r.get("communication"))),
        practitioner=s.displays(r.get("generalPractitioner")),
        contacts=tuple(_contact(c) for c in objects(r.get("contact"))),
        links=tuple(
            Link(key, string(link.get("type")))
            for link in objects(r.get("link"))
            if (key := s.key(link.get("other"))).startswith("Patient/")
        ),
        **base,
    )


def _name(n: Json) -> HumanName:
    return HumanName(
        family=string(n.get("family")),
        given=strings(n.get("given")),
        prefix=strings(n.get("prefix")),
        suffix=strings(n.get("suffix")),
        use=string(n.get("use")),
        text=string(n.get("text")),
    )


def _identifier(i: Json) -> Identifier:
    status = ""
    if "extension" in i:
        found = extension(i, _VERIFICATION) or extension(i, _VERIFICATION_STU3)
        status = first_code(found.get("valueCodeableConcept")) if found else ""
    kind = next((c.code for c in codings(i.get("type")) if c.code), "")
    return Identifier(
        system=string(i.get("system")),
        value=string(i.get("value")),
        type=kind or concept_text(i.get("type")),
        verified=status == VERIFIED if status else None,
        status=status,
        use=string(i.get("use")),
    )


def _deceased(r: Json, zone: str) -> tuple[Moment | None, bool]:
    died = r.get("deceasedDateTime")
    if type(died) is str and died:
        return when(died, zone), True
    return None, r.get("deceasedBoolean") in (True, "true")


def _estimated(r: Json) -> bool:
    """Only where an extension on the birth date says so."""
    for ext in (*objects(obj(r.get("_birthDate")).get("extension")), *objects(r.get("extension"))):
        url = string(ext.get("url")).lower()
        if "estimat" in url and "birth" in url and ext.get("valueBoolean") in (True, "true"):
            return True
    return False


def _address(value: Any) -> str:
    """The first address that is not old, in one line."""
    found = objects(value)
    home = [a for a in found if string(a.get("use")) == "home"] or [a for a in found if string(a.get("use")) != "old"]
    if not home:
        return ""
    one = home[0]
    parts = [*strings(one.get("line")), *(string(one.get(k)) for k in ("city", "district", "state", "postalCode"))]
    return joined((*parts, string(one.get("country"))), ", ") or string(one.get("text"))


def _phones(value: Any) -> tuple[str, ...]:
    """Telephone numbers in the order sent; old ones and other kinds are left out, for they are rung in a downtime: also an
    address of electronic mail whose kind was not sent."""
    return tuple(
        number
        for t in objects(value)
        if (number := string(t.get("value"))) and t.get("use") != "old" and t.get("system") in (None, "phone", "sms")
        and "@" not in number
    )  # fmt: skip


def _language(c: Json) -> str:
    text = concept_text(c.get("language"))
    return f"{text} (preferred)" if c.get("preferred") is True and text else text


def _contact(c: Json) -> Contact:
    relationship = joined(map(concept_text, objects(c.get("relationship"))), ", ")
    return Contact(name_text(c.get("name")), relationship, _phones(c.get("telecom")))


def referred(s: Scope, r: Json, base: Json) -> Record:
    """Practitioner, Organization, Location, Medication, Device, Specimen …: what to show, and where a place stands."""
    type_ = string(r.get("resourceType"))
    codes, _ = named(r.get("code") if type_ != "Specimen" else r.get("type"))
    place = part_of = operational = ""
    if type_ == "Location":
        place = first_code(r.get("physicalType"))
        part_of = s.key(r.get("partOf"))
        operational = first_code(r.get("operationalStatus"))
    elif type_ == "Organization":
        part_of = s.key(r.get("partOf"))
    status = r.get("status", r.get("active"))
    return Referred(
        happened=when(obj(r.get("collection")).get("collectedDateTime"), s.zone) if type_ == "Specimen" else None,
        said=when(r.get("receivedTime"), s.zone) if type_ == "Specimen" else None,
        status=concept_text(status) if type(status) is dict else string(status),
        codes=codes,
        text=_shown(s, type_, r),
        comments=notes(r),
        references=tuple(s.refer("performer", r.get("practitioner"))) if type_ == "PractitionerRole" else (),
        type=type_,
        place=place,
        part_of=part_of,
        operational=operational,
        **base,
    )


def _shown(s: Scope, type_: str, r: Json) -> str:
    if type_ == "PractitionerRole":
        roles = joined(map(concept_text, objects(r.get("code"))), ", ")
        return joined((s.display(r.get("practitioner")), roles), ", ") or s.display(r.get("organization"))
    if type_ == "Specimen":
        return joined((concept_text(r.get("type")), concept_text(obj(r.get("collection")).get("bodySite"))), ", ")
    return display_of(r)
