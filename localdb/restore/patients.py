"""The target's patient of an entry: by NHS number, else hospital number; not exactly one needs a person (DESIGN D8).

A number that finds someone with another family name *and* another date of birth finds a stranger (D2): a person
decides. A patient that the target itself has replaced by another is passed over.
"""

from __future__ import annotations

from typing import Any

import msgspec

from localdb.chart.views import Identity
from localdb.records.ids import is_temporary_system
from localdb.restore.reasons import reason
from localdb.restore.resources import Resource
from localdb.restore.search import Held, Unsearchable, search
from localdb.restore.target import Target

NHS = "https://fhir.nhs.uk/Id/nhs-number"


class Match(msgspec.Struct, frozen=True):
    """`subject` = `Patient/id`, or "" with the reason."""

    subject: str = ""
    reason: str = ""


class Patients:
    """Finds each patient once in a run."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._known: dict[tuple[str | None, ...], Match] = {}

    def find(self, identity: Identity | None) -> Match:
        """Raises what `Target.get` raises."""
        if identity is None:
            return Match(reason=reason("restore.no_identity"))
        if any(is_temporary_system(i.system) for i in identity.identifiers):
            # Whoever bears a temporary number is found by two people, never by a query (CLINICAL §7.3, hazard H20).
            return Match(reason=reason("restore.temporary"))
        key = (identity.nhs, identity.mrn, identity.patient)
        if key not in self._known:
            self._known[key] = self._find(identity)
        return self._known[key]

    def _find(self, identity: Identity) -> Match:
        numbers = _numbers(identity)
        if not numbers:
            return Match(reason=reason("restore.no_identity"))
        try:
            for system, value in numbers:
                found = [held for held in self._ask(system, value) if not _is_replaced(held.resource)]
                if len(found) > 1:
                    return Match(reason=reason("restore.patient_ambiguous", count=len(found)))
                if found:
                    return _checked(found[0], identity)
        except Unsearchable:
            return Match(reason=reason("restore.patient_unsearchable"))
        return Match(reason=reason("restore.patient_unknown"))

    def _ask(self, system: str, value: str) -> list[Held]:
        def is_ours(patient: Resource) -> bool:
            held = [i for i in patient.get("identifier") or () if isinstance(i, dict)]
            return any(i.get("value") == value and (not system or i.get("system") == system) for i in held)

        return search(self._target, "Patient", "identifier", [f"{system}|{value}" if system else value], is_ours)


def _numbers(identity: Identity) -> list[tuple[str, str]]:
    """(system, value) in the order in which they are tried: NHS number, then each hospital number."""
    numbers = [(NHS, identity.nhs)] if identity.nhs else []
    hospital = [(i.system, i.value) for i in identity.identifiers if i.type == "MR" and i.value]
    if identity.mrn and identity.mrn not in {value for _, value in hospital}:
        same = [(i.system, i.value) for i in identity.identifiers if i.value == identity.mrn]
        hospital += same or [("", identity.mrn)]
    hospital.sort(key=lambda n: n[1] != identity.mrn)
    return list(dict.fromkeys(numbers + hospital))


def _checked(held: Held, identity: Identity) -> Match:
    patient = held.resource
    there = patient.get("birthDate")
    born = identity.born.text[:10] if identity.born else ""
    families = {str(n.get("family", "")).casefold() for n in patient.get("name") or () if isinstance(n, dict)} - {""}
    ours = identity.name.family.casefold()
    other_birth = isinstance(there, str) and bool(born) and there[: len(born)] != born[: len(there)]
    other_name = bool(families) and bool(ours) and ours not in families
    if (other_birth and other_name) or _other_nhs(patient, identity):
        return Match(reason=reason("restore.patient_differs"))
    return Match(held.ref)


def _other_nhs(patient: Resource, identity: Identity) -> bool:
    """Found by hospital number, but its NHS number is another one: two people share a hospital number."""
    theirs = {i.get("value") for i in patient.get("identifier") or () if isinstance(i, dict) and i.get("system") == NHS}
    return bool(identity.nhs and theirs and identity.nhs not in theirs)


def _is_replaced(patient: Resource) -> bool:
    links: list[Any] = patient.get("link") or []
    return any(isinstance(link, dict) and link.get("type") == "replaced-by" for link in links)
