"""Observation: results of the laboratory and other observations, values to the letter (DESIGN §4; CLINICAL §3.1)."""

from __future__ import annotations

from typing import Any

from localdb.records.vocabulary import Component, Observation, Record, Reference, Result
from localdb.sources.fhir.amounts import bounds, number, quantity_text, timing_text, unit_of
from localdb.sources.fhir.scope import Scope
from localdb.sources.fhir.shapes import (
    Json,
    Malformed,
    absent_reason,
    codings,
    concept_text,
    first_codes,
    happened,
    joined,
    named,
    notes,
    obj,
    objects,
    period,
    string,
    texts,
    when,
)

LABORATORY = "laboratory"
NOT_SHOWN = "waveform, not shown"


def observation(s: Scope, r: Json, base: Json) -> Record:
    """A Result where a category is `laboratory`, else an Observation."""
    categories = r.get("category")
    laboratory, words = False, ""
    if categories is not None:
        found = [c for one in objects(categories) for c in codings(one)]
        laboratory = any(c.code == LABORATORY for c in found)
        words = joined((c.code for c in found), ", ") or texts(categories)
    code = r.get("code")
    if code is not None and type(code) is not dict:
        raise Malformed("the code is no object")
    codes, text = named(code)
    start, end = happened(r, "effective", s.zone)
    fields = values(r, s.zone)
    if "component" in r:
        fields["components"] = tuple(_component(c, s.zone) for c in objects(r["component"]))
    if "bodySite" in r:
        fields["body_site"] = concept_text(r["bodySite"])
    if "method" in r:
        fields["method"] = concept_text(r["method"])
    if "specimen" in r:
        fields["specimen"] = s.display(r["specimen"]) or concept_text(s.find(r["specimen"]).get("type"))
        fields["received"] = when(s.find(r["specimen"]).get("receivedTime"), s.zone)
    make = Result if laboratory else Observation
    return make(
        happened=start,
        ended=end,
        said=when(r.get("issued"), s.zone),
        status=string(r.get("status")),
        codes=codes,
        text=text,
        comments=notes(r) if "note" in r else (),
        author=s.displays(r.get("performer")),
        references=_references(s, r),
        category=words,
        **fields,
        **base,
    )


def _references(s: Scope, r: Json) -> tuple[Reference, ...]:
    out: list[Reference] = []
    for key, role in _ROLES:
        if key in r:
            out += s.refer(role, r[key])
    return tuple(out)


_ROLES = (
    ("encounter", "encounter"),
    ("performer", "performer"),
    ("specimen", "specimen"),
    ("device", "device"),
    ("basedOn", "based_on"),
    ("hasMember", "member"),
)


def _component(c: Json, zone: str) -> Component:
    codes, text = named(c.get("code"))
    return Component(codes=codes, text=text, **values(c, zone))


def values(r: Json, zone: str) -> Json:
    """value[x], dataAbsentReason, referenceRange and interpretation of an Observation or a component.

    Raises Malformed where value[x] is not of its type.
    """
    fields: Json = {}
    quantity = r.get("valueQuantity")
    if quantity is not None:
        _quantity(fields, quantity)
    else:
        for key in r:
            if key.startswith("value") and key != "valueSet":
                _other_value(fields, key, r[key], zone)
                break
        else:
            for key in r:
                if key.startswith("_value"):
                    fields["absent"] = absent_reason(r[key])
    if "dataAbsentReason" in r:
        fields["absent"] = concept_text(r["dataAbsentReason"])
    if "referenceRange" in r:
        fields["range"] = _ranges(r["referenceRange"], fields.get("unit")) or None
    if "interpretation" in r:
        fields["flag"] = first_codes(r["interpretation"]) or None
    return fields


def _quantity(fields: Json, quantity: Any) -> None:
    if type(quantity) is not dict:
        raise Malformed("the value is no quantity")
    fields["value"] = number(quantity.get("value"))
    fields["unit"] = unit_of(quantity)
    comparator = quantity.get("comparator")
    if comparator is not None:
        if type(comparator) is not str:
            raise Malformed("the comparator is no text")
        fields["comparator"] = comparator
    if fields["value"] is None:
        fields["absent"] = absent_reason(quantity) or absent_reason(quantity.get("_value"))


def _other_value(fields: Json, key: str, value: Any, zone: str) -> None:
    kind = key[5:]
    if kind in _PRIMITIVE:
        if type(value) in (dict, list) or value is None:
            raise Malformed("the value is not of its type")
        fields["value"] = string(value)
        return
    if type(value) is not dict:
        raise Malformed("the value is not of its type")
    if kind == "CodeableConcept":
        fields["value_codes"], text = named(value)
        fields["value"] = text or None
        if not text:
            fields["absent"] = absent_reason(value)
    elif kind == "Range":
        unit = unit_of(obj(value.get("low"))) or unit_of(obj(value.get("high")))
        fields["value"], fields["unit"] = bounds(value, unit) or None, unit
    elif kind == "Ratio":
        parts = [quantity_text(value.get(k)) for k in ("numerator", "denominator")]
        fields["value"] = ":".join(parts) if all(parts) else None
    elif kind == "SampledData":
        fields["value"] = NOT_SHOWN
    elif kind == "Period":
        start, end = period(value, zone)
        fields["value"] = f"{start.text if start else ''} to {end.text if end else ''}".strip() or None
    elif kind == "Attachment":
        fields["value"] = string(value.get("title")) or string(value.get("contentType")) or "attachment, not shown"
    elif kind == "Timing":
        fields["value"] = timing_text(value) or None
    else:
        fields["value"] = f"{kind}, not shown"


_PRIMITIVE = frozenset(
    {"String", "Boolean", "Integer", "Decimal", "Time", "DateTime", "Date", "Instant", "Code", "Uri"}
)


def _ranges(value: Any, unit: str | None) -> str:
    ranges = objects(value)
    out = []
    for one in ranges:
        text = string(one.get("text")) or bounds(one, unit)
        if not text and "age" in one:
            continue
        if len(ranges) > 1:
            label = joined((concept_text(one.get("type")), *map(concept_text, objects(one.get("appliesTo")))), ", ")
            text = f"{label}: {text}" if label and text else text
        if text:
            out.append(text)
    return "; ".join(out)
