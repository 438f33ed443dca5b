"""A validator of FHIR R4 documents, driven by the StructureDefinitions alone.

Checked: names, cardinalities, types and their forms, fixed and pattern values, slices by the discriminators that IPS uses
(url, code, type, profile, `$this`, `resource`, `resolve()`), required bindings whose codes the packages list, targets of
references within the document, narratives, and the invariants of `invariants.py`. Preferred and extensible bindings, and
codes of SNOMED CT and LOINC, are not.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

from tests.ips.definitions import CORE, Definitions, Node, find
from tests.ips.invariants import INVARIANTS

Json = dict[str, Any]
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\Z")
_DATE = r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)(-(0[1-9]|1[0-2])(-(0[1-9]|[1-2][0-9]|3[0-1])"
_TIME = r"T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_FORMS = {
    "string": r"[ \r\n\t\S]+", "markdown": r"[ \r\n\t\S]+", "uri": r"\S+", "url": r"\S+", "canonical": r"\S+",
    "oid": r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+",
    "uuid": r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "code": r"[^\s]+(\s[^\s]+)*", "id": r"[A-Za-z0-9\-.]{1,64}", "base64Binary": r"(\s*([0-9a-zA-Z+/=]){4}\s*)+",
    "date": _DATE + ")?)?", "dateTime": _DATE + f"({_TIME})?)?)?", "instant": _DATE[:-1] + "(0[1-9]|[1-2][0-9]|3[0-1])))" ,
    "time": r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?",
}  # fmt: skip
_FORMS["instant"] = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])" + _TIME
_MATCHERS = {name: re.compile(form + r"\Z", re.ASCII) for name, form in _FORMS.items()}
_XHTML = "{http://www.w3.org/1999/xhtml}"
_NAMED = re.compile(r"&(?!amp;|lt;|gt;|quot;|apos;|#)(\w+);")


class Validator:
    """Validates one document, or one resource alone (`bundle` None). `issues` are `path: what is wrong`."""

    def __init__(self, definitions: Definitions, bundle: Json | None = None) -> None:
        self._held = definitions
        self._by_url = {e.get("fullUrl"): e.get("resource") for e in (bundle or {}).get("entry", ())}
        for entry in (bundle or {}).get("entry", ()):
            r = entry.get("resource") or {}
            if "id" in r:
                self._by_url.setdefault(f"{r.get('resourceType')}/{r['id']}", r)
        self._conforms: dict[tuple[int, str], bool] = {}

    def issues(self, resource: Json, profile: str) -> list[str]:
        """What is wrong with a resource, by a profile's address."""
        root = self._held.node(profile)
        if root is None:
            return [f"no definition of {profile}"]
        if resource.get("resourceType") != self._held.resource_type(profile):
            return [f"{resource.get('resourceType')} is no {self._held.resource_type(profile)}"]
        return list(self._walk(root, resource, resource["resourceType"], root))

    def conforms(self, resource: Json, profile: str) -> bool:
        key = (id(resource), profile.split("|")[0])
        if key not in self._conforms:
            self._conforms[key] = True  # resources that point to each other: what is being looked at counts as good
            self._conforms[key] = not self.issues(resource, profile)
        return self._conforms[key]

    # -- one element

    def _walk(self, node: Node, value: Any, path: str, root: Node, type_: str = "") -> Iterator[str]:
        """A complex value against a node with children (its own, else its type's)."""
        if not isinstance(value, dict):
            yield f"{path}: an object was expected"
            return
        if not value:
            yield f"{path}: empty"
            return
        yield from self._invariants(node, value, path)
        children, owner = self._children(node, root, type_)
        if children is None:
            yield f"{path}: no definition of type {type_}"
            return
        known = {"resourceType"} if "resourceType" in value else set()
        for name, child in children.items():
            yield from self._child(name, child, value, path, owner, known)
        for key in value.keys() - known:
            yield f"{path}.{key}: not part of this type"

    def _children(self, node: Node, root: Node, type_: str) -> tuple[dict[str, Node] | None, Node]:
        if node.children:
            return node.children, root
        if reference := node.element.get("contentReference"):
            target = find(root, reference.split("#")[1])
            return (target.children if target else None), root
        base = self._held.node(CORE + (type_ or "Element"))
        return (base.children, base) if base else (None, root)

    def _child(self, name: str, node: Node, value: Json, path: str, root: Node, known: set[str]) -> Iterator[str]:
        keys = _keys(name, node, value)
        known.update(keys)
        known.update("_" + k for k in keys)
        if len(keys) > 1:
            yield f"{path}.{name}: more than one type"
        found: list[tuple[Any, Any, str]] = []
        for key in keys:
            found += _items(value.get(key), value.get("_" + key), key)
        where = f"{path}.{name}"
        least, most = int(node.element.get("min", 0)), str(node.element.get("max", "*"))
        if len(found) < least:
            yield f"{where}: {len(found)} where {least} are needed"
        if most != "*" and len(found) > int(most):
            yield f"{where}: {len(found)} where {most} are allowed"
        many = str(node.element.get("base", {}).get("max", most)) not in ("0", "1")
        for key in keys:
            if key in value and isinstance(value[key], list) != many:
                yield f"{path}.{key}: {'a list' if many else 'one value'} was expected"
        for n, (item, beside, key) in enumerate(found):
            yield from self._item(node, item, beside, key, name, f"{path}.{key}" + (f"[{n}]" if many else ""), root)
        if node.slices:
            yield from self._slices(node, name, found, where, root)

    def _item(self, node: Node, item: Any, beside: Any, key: str, name: str, path: str, root: Node) -> Iterator[str]:
        types = {str(t["code"]).rsplit(".", 1)[-1].replace("String", "string") if "fhirpath" in t["code"] else t["code"]: t
                 for t in node.types}  # fmt: skip
        if name.endswith("[x]"):
            suffix = key[len(name) - 3 :]
            wanted = next((t for t in types if t[:1].upper() + t[1:] == suffix), "")
            if not wanted:
                yield f"{path}: type {suffix} is not allowed"
                return
        else:
            wanted = next(iter(types), "")
        if beside is not None:
            yield from self._walk(Node({"path": "Element"}), beside, f"{path}(extension)", root, "Element")
        if item is None:
            return
        if fixed := node.fixed():
            kind, expected = fixed
            if not (_covers(item, expected) if kind == "pattern" else item == expected):
                yield f"{path}: not the {kind} value {expected}"
        yield from self._binding(node, item, path)
        if wanted in _PRIMITIVE:
            yield from _primitive(wanted, item, path)
            yield from self._invariants(node, item, path)
            return
        if wanted in ("Resource", "DomainResource") or (wanted and wanted == _type_of(item) and not node.children):
            yield from self._resource(item, path)
            return
        if _type_of(item) and self._held.node(CORE + _type_of(item)):  # a slice that expands the resource in place
            yield from self._resource(item, path)
            return
        yield from self._walk(node, item, path, root, wanted)
        if wanted == "Reference":
            yield from self._target(types["Reference"], item, path)
        elif types.get(wanted, {}).get("profile") and wanted != "Extension":
            for profile in types[wanted]["profile"]:
                inner = self._held.node(profile)
                if inner is not None and not node.children:
                    yield from self._walk(inner, item, path, inner, wanted)

    def _resource(self, item: Any, path: str) -> Iterator[str]:
        type_ = _type_of(item)
        if not type_:
            yield f"{path}: a resource was expected"
            return
        for told in self.issues(item, CORE + type_):
            yield f"{path}/{told}"
        for profile in item.get("meta", {}).get("profile", ()):
            if self._held.node(profile) is not None and profile.split("|")[0] != CORE + type_:
                for told in self.issues(item, profile):
                    yield f"{path}/{told} [{profile.rsplit('/', 1)[-1]}]"

    def _target(self, type_: Json, item: Json, path: str) -> Iterator[str]:
        target, url = type_.get("targetProfile"), item.get("reference")
        if not target or not isinstance(url, str) or url.startswith("#"):
            return
        found = self._by_url.get(url)
        if found is None:
            if url.startswith("urn:") and self._by_url:
                yield f"{path}: {url} is not in the document"
                return
            named = url.split("/")[-2] if "/" in url else ""
        else:
            named = str(found["resourceType"])
        allowed = {self._held.resource_type(p) for p in target}
        if named and named[:1].isupper() and not allowed & {named, "Resource"}:
            yield f"{path}: points to {named}, allowed are {', '.join(sorted(allowed))}"
        elif found is not None and not any(
            self._held.node(p) is None or self.conforms(found, p) for p in target if self._held.resource_type(p) == named
        ) and "Resource" not in allowed:  # fmt: skip
            yield f"{path}: what it points to does not conform to {', '.join(p.rsplit('/', 1)[-1] for p in target)}"

    def _binding(self, node: Node, item: Any, path: str) -> Iterator[str]:
        binding = node.element.get("binding", {})
        if binding.get("strength") != "required" or "valueSet" not in binding:
            return
        codes = self._held.codes(binding["valueSet"])
        if codes is None:
            return
        if isinstance(item, str):
            if item not in {c for _, c in codes}:
                yield f"{path}: {item} is not in {binding['valueSet']}"
            return
        if not isinstance(item, dict):
            return
        given = item.get("coding", [item] if "code" in item else [])
        if not any((c.get("system", ""), c.get("code", "")) in codes for c in given if isinstance(c, dict)):
            yield f"{path}: no code of {binding['valueSet']}"

    def _invariants(self, node: Node, value: Any, path: str) -> Iterator[str]:
        for constraint in node.element.get("constraint", ()):
            check = INVARIANTS.get(constraint["key"])
            if check is None or constraint["severity"] != "error":
                continue
            try:
                good = check(value)
            except (TypeError, AttributeError, KeyError, ValueError):
                good = False  # a form that the walk refuses as well
            if not good:
                yield f"{path}: {constraint['key']}: {constraint.get('human', '')}"

    # -- slices

    def _slices(self, node: Node, name: str, found: list[tuple[Any, Any, str]], path: str, root: Node) -> Iterator[str]:
        discriminators = node.element.get("slicing", {}).get("discriminator", ())
        taken = dict.fromkeys(node.slices, 0)
        for n, (item, beside, key) in enumerate(found):
            for slice_, held in node.slices.items():
                if all(self._fits(held, d, item, key, name) for d in discriminators):
                    taken[slice_] += 1
                    yield from self._item(held, item, beside, key, name, f"{path}[{n}]:{slice_}", root)
                    break
        for slice_, count in taken.items():
            element = node.slices[slice_].element
            least, most = int(element.get("min", 0)), str(element.get("max", "*"))
            if count < least:
                yield f"{path}:{slice_}: {count} where {least} are needed"
            if most != "*" and count > int(most):
                yield f"{path}:{slice_}: {count} where {most} are allowed"

    def _fits(self, held: Node, discriminator: Json, item: Any, key: str, name: str) -> bool:
        kind, path = discriminator["type"], discriminator["path"]
        if kind == "type" and path == "$this":
            suffix = key[len(name) - 3 :]
            return any(t["code"][:1].upper() + t["code"][1:] == suffix for t in held.types)
        if not isinstance(item, dict):
            return False
        if path == "url":
            profiles = [p for t in held.types for p in t.get("profile", ())]
            return item.get("url") in [p.split("|")[0] for p in profiles]
        if kind == "value":
            return _has_fixed(held, [] if path == "$this" else path.split("."), item)
        if path == "resource":
            inner, resource = held.children["resource"].types, item.get("resource")
            profiles = [p for t in inner for p in t.get("profile", [CORE + t["code"]])]
        else:
            resource = self._by_url.get(item.get("reference"))
            profiles = [p for t in held.types for p in t.get("targetProfile", ())]
        if not isinstance(resource, dict):
            return False
        mine = [p for p in profiles if self._held.resource_type(p) == resource.get("resourceType")]
        return bool(mine) if kind == "type" else any(self.conforms(resource, p) for p in mine)


def _has_fixed(node: Node, path: list[str], item: Any) -> bool:
    """Whether what stands at `path` below `item` covers the fixed or pattern value there; in a list, any of it."""
    if isinstance(item, list):
        return any(_has_fixed(node, path, one) for one in item)
    if path:
        inner = node.children.get(path[0])
        return inner is not None and isinstance(item, dict) and _has_fixed(inner, path[1:], item.get(path[0]))
    fixed = node.fixed()
    return fixed is not None and _covers(item, fixed[1])


def _type_of(item: Any) -> str:
    return str(item.get("resourceType", "")) if isinstance(item, dict) else ""


def _keys(name: str, node: Node, value: Json) -> list[str]:
    """The keys of `value` that hold the element `name` (a choice: any type's)."""
    names = [k.removeprefix("_") for k in value]
    if not name.endswith("[x]"):
        return [name] if name in names else []
    bare = name[:-3]
    return sorted({k for k in names if k.startswith(bare) and k[len(bare) : len(bare) + 1].isupper()})


def _items(value: Any, beside: Any, key: str) -> list[tuple[Any, Any, str]]:
    if isinstance(value, list) or isinstance(beside, list):
        values = value if isinstance(value, list) else [None] * len(beside or ())
        others = beside if isinstance(beside, list) else [None] * len(values)
        return [(v, b, key) for v, b in zip(values, [*others, *[None] * len(values)], strict=False)]
    return [] if value is None and beside is None else [(value, beside, key)]


def _covers(item: Any, pattern: Any) -> bool:
    """Whether `item` has at least what `pattern` says."""
    if isinstance(pattern, dict):
        return isinstance(item, dict) and all(_covers(item.get(k), v) for k, v in pattern.items())
    if isinstance(pattern, list):
        return isinstance(item, list) and all(any(_covers(i, p) for i in item) for p in pattern)
    return bool(item == pattern)


_PRIMITIVE = frozenset(_FORMS) | {"boolean", "integer", "decimal", "positiveInt", "unsignedInt", "xhtml"}


def _primitive(type_: str, item: Any, path: str) -> Iterator[str]:
    if type_ == "boolean":
        good = isinstance(item, bool)
    elif type_ == "decimal":
        good = not isinstance(item, bool | str) and bool(_NUMBER.match(str(item)))
    elif type_ in ("integer", "positiveInt", "unsignedInt"):
        least = {"integer": -(2**31), "positiveInt": 1, "unsignedInt": 0}[type_]
        good = isinstance(item, int) and not isinstance(item, bool) and least <= item < 2**31
    elif type_ == "xhtml":
        good = isinstance(item, str) and _is_narrative(item)
    else:
        good = isinstance(item, str) and bool(_MATCHERS[type_].match(item))
    if not good:
        yield f"{path}: no {type_}"


def _is_narrative(text: str) -> bool:
    """One `div` of XHTML with something in it, and nothing that runs (txt-1, txt-2)."""
    try:
        root = ET.fromstring(_NAMED.sub("\u00a0", text))
    except ET.ParseError:
        return False
    if root.tag != _XHTML + "div" or not ("".join(root.itertext()).strip() or root.find(f".//{_XHTML}img") is not None):
        return False
    names = {e.tag.removeprefix(_XHTML) for e in root.iter()}
    return not names & {"script", "form", "input", "iframe", "object", "link", "style", "base"}
