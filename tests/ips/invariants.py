"""The invariants of the definitions, each written out by hand: key -> whether a value satisfies it.

`NOT_CHECKED` names those that are left out, with the reason; a test proves that both together are all that the profiles
of a document name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def has(held: Json, name: str) -> bool:
    """Whether an element is there, a choice (`value`) in any type, or a primitive by its extension alone."""
    keys = {k.removeprefix("_") for k in held}
    return name in keys or any(k.startswith(name) and k[len(name) : len(name) + 1].isupper() for k in keys)


def _codes(held: Json, name: str) -> set[tuple[str, str]]:
    many = held.get(name) or []
    many = many if isinstance(many, list) else [many]
    return {(c.get("system", ""), c.get("code", "")) for one in many for c in one.get("coding", ())}


_AIT = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_CON = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def _contained_are_flat(r: Json) -> bool:
    return not any("contained" in c for c in r.get("contained", ()))


def _contained_have_no_version(r: Json) -> bool:
    return not any({"versionId", "lastUpdated"} & c.get("meta", {}).keys() for c in r.get("contained", ()))


def _parts_have_other_codes(r: Json) -> bool:
    own = _codes(r, "code")
    return not has(r, "value") or not any(_codes(c, "code") & own for c in r.get("component", ()))


def _full_urls_differ(b: Json) -> bool:
    urls = [
        (e["fullUrl"], e.get("resource", {}).get("meta", {}).get("versionId"))
        for e in b.get("entry", ())
        if "fullUrl" in e
    ]
    return len(urls) == len(set(urls))


def _types(b: Json) -> list[str]:
    return [e.get("resource", {}).get("resourceType", "") for e in b.get("entry", ())]


INVARIANTS: dict[str, Callable[[Any], bool]] = {
    "dom-2": _contained_are_flat,
    "dom-4": _contained_have_no_version,
    "dom-5": lambda r: not any("security" in c.get("meta", {}) for c in r.get("contained", ())),
    "ext-1": lambda r: has(r, "extension") != has(r, "value"),
    "obs-3": lambda r: any(has(r, n) for n in ("low", "high", "text")),
    "obs-6": lambda r: not (has(r, "dataAbsentReason") and has(r, "value")),
    "obs-7": _parts_have_other_codes,
    "ips-2": lambda r: any(has(r, n) for n in ("value", "hasMember", "component", "dataAbsentReason")),
    "ips-3": lambda r: not r.get("component") or any(has(c, "value") or has(c, "dataAbsentReason") for c in r["component"]),
    "hasMemberOrComponent": lambda r: not (has(r, "hasMember") and has(r, "component")),
    "vs-2": lambda r: any(has(r, n) for n in ("value", "hasMember", "component", "dataAbsentReason")),
    "vs-3": lambda r: has(r, "value") or has(r, "dataAbsentReason"),
    "vs-1": lambda v: not isinstance(v, str) or len(v) >= 8,
    "ips-1": lambda v: not isinstance(v, str) or len(v) >= 8,
    "pat-1": lambda r: any(has(r, n) for n in ("name", "telecom", "address", "organization")),
    "ips-pat-1": lambda r: any(has(r, n) for n in ("family", "given", "text")),
    "imm-1": lambda r: has(r, "documentType") or has(r, "reference"),
    "bdl-1": lambda b: "total" not in b or b.get("type") in ("searchset", "history"),
    "bdl-2": lambda b: b.get("type") == "searchset" or not any("search" in e for e in b.get("entry", ())),
    "bdl-3": lambda b: all(
        ("request" in e) == (b.get("type") in ("batch", "transaction", "history")) for e in b.get("entry", ())
    ),
    "bdl-4": lambda b: all(
        ("response" in e) == (b.get("type") in ("batch-response", "transaction-response", "history"))
        for e in b.get("entry", ())
    ),
    "bdl-5": lambda e: any(n in e for n in ("resource", "request", "response")),
    "bdl-7": lambda b: b.get("type") == "history" or _full_urls_differ(b),
    "bdl-8": lambda e: "/_history/" not in e.get("fullUrl", ""),
    "bdl-9": lambda b: b.get("type") != "document" or {"system", "value"} <= b.get("identifier", {}).keys(),
    "bdl-10": lambda b: b.get("type") != "document" or "timestamp" in b,
    "bdl-11": lambda b: b.get("type") != "document" or _types(b)[:1] == ["Composition"],
    "bdl-12": lambda b: b.get("type") != "message" or _types(b)[:1] == ["MessageHeader"],
    "bdl-ips-1": lambda b: "Composition" not in _types(b)[1:],
    "ait-1": lambda r: (_AIT, "entered-in-error") in _codes(r, "verificationStatus") or has(r, "clinicalStatus"),
    "ait-2": lambda r: (_AIT, "entered-in-error") not in _codes(r, "verificationStatus") or not has(r, "clinicalStatus"),
    "con-1": lambda r: has(r, "summary") or has(r, "assessment"),
    "con-2": lambda r: has(r, "code") or has(r, "detail"),
    "con-4": lambda r: not has(r, "abatement")
    or bool(_codes(r, "clinicalStatus") & {(_CLINICAL, c) for c in ("resolved", "remission", "inactive")}),
    "con-5": lambda r: (_CON, "entered-in-error") not in _codes(r, "verificationStatus") or not has(r, "clinicalStatus"),
    "cmp-1": lambda s: any(has(s, n) for n in ("text", "entry", "section")),
    "cmp-2": lambda s: not (has(s, "emptyReason") and has(s, "entry")),
    "ips-comp-1": lambda s: any("reference" in e for e in s.get("entry", ())) or has(s, "emptyReason"),
    "per-1": lambda p: not (p.get("start") and p.get("end")) or p["start"] <= p["end"] + "~",
    "qty-3": lambda q: "code" not in q or "system" in q,
    "ref-1": lambda r: True,
    "cpt-2": lambda c: "value" not in c or "system" in c,
    "att-1": lambda a: "data" not in a or "contentType" in a,
    "org-1": lambda o: has(o, "identifier") or has(o, "name"),
    "org-2": lambda o: o.get("use") != "home",
    "org-3": lambda o: o.get("use") != "home",
    "rng-2": lambda r: True,
    "tim-1": lambda t: "duration" not in t or "durationUnit" in t,
    "tim-2": lambda t: "period" not in t or "periodUnit" in t,
    "tim-4": lambda t: float(t.get("duration", 0)) >= 0,
    "tim-5": lambda t: float(t.get("period", 0)) >= 0,
    "tim-6": lambda t: "periodMax" not in t or "period" in t,
    "tim-7": lambda t: "durationMax" not in t or "duration" in t,
    "tim-8": lambda t: "countMax" not in t or "count" in t,
}  # fmt: skip
NOT_CHECKED = {
    "ele-1": "held by the walk itself: an element without content is refused",
    "dom-3": "needs every reference of the resource; a document of ours has nothing contained",
    "dom-6": "a warning: best practice",
    "con-3": "a warning: best practice",
    "txt-1": "held by the walk itself: the narrative is parsed",
    "txt-2": "held by the walk itself: the narrative is parsed",
    "sdf-0": "names of definitions, no content",
}
