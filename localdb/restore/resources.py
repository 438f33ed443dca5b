"""An entry as FHIR R4 resources (DESIGN D7, D8): pure, and the same bytes each time.

    observations   → one Observation each (components for blood pressure), `final`, category vital-signs
    phoned_result  → Observation `preliminary`, category laboratory, effective when collected, a note names the caller
    note           → DocumentReference with the text, `current`
    request        → ServiceRequest `active`
    closure        → DocumentReference that says how the request ended, `current`: the order itself is left to the
                     department whose it is, which may know better by now
    evaluation     → DocumentReference that says that it is provisional, comparison → DocumentReference
    image_move     → DocumentReference in the record of whose the images are, `current`: the archive itself is left to
                     the department; the number that they came under is named, never the other patient's name

An entry that another one corrects goes out as `entered-in-error` (DocumentReference: `superseded`); the correction
points to it. Times and values are those of the ward, to the letter. Each resource carries the identifier
`{urn:wardlamp:entry, <entry id>#<n>}`, n from 1; Provenance has none in R4 and is recognised by its entity.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from localdb.chart import evaluations, moved
from localdb.chart.in_flight import OUTCOMES
from localdb.chart.views import Entry
from localdb.records.moments import Moment, read_moment
from localdb.restore.wire import number

SYSTEM = "urn:wardlamp:entry"
LOINC = "http://loinc.org"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_AGENT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_REPLACES = "http://hl7.org/fhir/StructureDefinition/observation-replaces"
_COMPARATORS = ("<", "<=", ">=", ">")
_PRIORITIES = ("routine", "urgent", "asap", "stat")
Resource = dict[str, Any]


class Draft(msgspec.Struct, frozen=True):
    """One resource to make: `mark` is the value of its identifier (Provenance: the entry's id)."""

    type: str
    mark: str
    body: Resource

    def is_in(self, resource: Resource) -> bool:
        """Whether a resource at the target is this one."""
        if self.type == "Provenance":
            return names_entry(resource, self.mark)
        return resource.get("resourceType") == self.type and self.mark in marks_of(resource)


class NotSendable(ValueError):
    """The entry's kind or content has no resource; the entry needs a person."""


def drafts(
    entry: Entry, subject: str, *, is_corrected: bool, replaces: Mapping[str, Sequence[str]]
) -> tuple[Draft, ...]:
    """The resources of an entry for the patient `subject` (`Patient/id` at the target).

    `replaces` maps a code or "" to the `Type/id` of the resources of the corrected entry (empty: it corrects none).
    Raises NotSendable.
    """
    make = _MAKERS.get(entry.kind)
    if make is None:
        raise NotSendable(entry.kind)
    try:
        bodies = make(entry)
    except (KeyError, TypeError, AttributeError, ValueError) as fault:
        raise NotSendable(entry.kind) from fault
    if not bodies:
        raise NotSendable(entry.kind)
    made = []
    for n, body in enumerate(bodies, 1):
        mark = f"{entry.id}#{n}"
        whole = {"resourceType": body.pop("resourceType"), "identifier": [{"system": SYSTEM, "value": mark}], **body}
        whole["subject"] = {"reference": subject}
        if is_corrected:
            whole["status"] = withdrawn_status(whole["resourceType"])
        _point(whole, replaces)
        made.append(Draft(whole["resourceType"], mark, whole))
    return tuple(made)


def withdrawn_status(type_: str) -> str:
    """The status of a resource whose entry was corrected (D8)."""
    return "superseded" if type_ == "DocumentReference" else "entered-in-error"


def code_of(resource: Resource) -> str:
    """What pairs a corrected Observation with its correction: the LOINC code, else the code's text."""
    code = resource.get("code")
    code = code if isinstance(code, dict) else {}
    codings = code.get("coding") or [{}]
    return str(codings[0].get("code") or code.get("text") or "")


def provenance(entry: Entry, targets: Sequence[str]) -> Resource:
    """Who wrote the entry, when, on which laptop (D8): targets are the entry's own resources."""
    entities: list[Resource] = [
        {"role": "source", "what": _entry_reference(entry.id, f"Downtime entry {entry.number}")}
    ]
    if entry.corrects:
        entities.append({"role": "revision", "what": _entry_reference(entry.corrects, "Corrected downtime entry")})
    body: Resource = {"resourceType": "Provenance", "target": [{"reference": t} for t in targets]}
    happened = date_time(_happened(entry))
    if happened:
        body["occurredDateTime"] = happened
    return body | {
        "recorded": date_time(entry.written),
        "activity": {"text": "Written on the ward during downtime; sent after the systems returned"},
        "agent": [
            {"type": _coded(_AGENT, "author", "Author"), "who": {"display": entry.staff}},
            {"type": _coded(_AGENT, "assembler", "Assembler"), "who": {"display": f"Wardlamp, laptop {entry.device}"}},
        ],
        "entity": entities,
    }


def names_entry(resource: Resource, entry_id: str) -> bool:
    """Whether a Provenance is the one of this entry (not merely of a correction of it)."""
    for entity in resource.get("entity") or ():
        named = (entity.get("what") or {}).get("identifier") or {}
        if (named.get("system"), named.get("value")) == (SYSTEM, entry_id) and entity.get("role") != "revision":
            return True
    return False


def marks_of(resource: Resource) -> set[str]:
    """The values of our identifiers that a resource carries."""
    held = resource.get("identifier") or ()
    held = [held] if isinstance(held, dict) else held
    return {str(i.get("value")) for i in held if isinstance(i, dict) and i.get("system") == SYSTEM}


def date_time(moment: Moment | None) -> str:
    """A FHIR dateTime that says what the moment says: a time always has seconds and an offset (R4 §2.24.0.1)."""
    if moment is None or moment.instant is None:
        return ""
    if not moment.has_time or (moment.offset is not None and moment.precision != "minute"):
        return moment.text
    local = moment.local
    return "" if local is None else local.isoformat(timespec="seconds")


def _observations(entry: Entry) -> list[Resource]:
    return [_vital(entry, item) for item in entry.body["items"]]


def _vital(entry: Entry, item: Mapping[str, Any]) -> Resource:
    body = _observation(entry, "final", "vital-signs", "Vital Signs", _happened(entry))
    body["code"] = _coded(LOINC, item["code"], item.get("text", ""))
    if "components" in item:
        body["component"] = [
            {"code": _coded(LOINC, c["code"], c.get("text", "")), **_value(c)} for c in item["components"]
        ]
        if not body["component"]:
            raise ValueError("components are empty")
        return body
    return body | _value(item)


def _phoned(entry: Entry) -> list[Resource]:
    said = entry.body
    collected = read_moment(said["collected"])
    body = _observation(entry, "preliminary", "laboratory", "Laboratory", collected)
    body["code"] = {"text": said["test"]}
    body |= _value(said)
    if said.get("flag"):
        body["interpretation"] = [{"text": said["flag"]}]
    body["note"] = [{"authorString": entry.staff, "time": date_time(entry.written), "text": _caller(said)}]
    if said.get("range"):
        body["referenceRange"] = [{"text": said["range"]}]
    return [body]


def _caller(said: Mapping[str, Any]) -> str:
    caller = said["caller"]
    who = ", ".join(x for x in (caller.get("name"), caller.get("role")) if x)
    text = f"Result given by telephone by {who}" + (f", ext. {caller['ext']}" if caller.get("ext") else "")
    text += "; read back and confirmed." if said.get("read_back") else "; not read back."
    told = said.get("told")
    return text + (f" Told: {told if isinstance(told, str) else _plain(told)}." if told else "")


def _plain(told: Any) -> str:
    return ", ".join(str(v) for v in told.values()) if isinstance(told, Mapping) else str(told)


def _note(entry: Entry) -> list[Resource]:
    return _document(entry, "Downtime note", str(entry.body["text"]))


def _closure(entry: Entry) -> list[Resource]:
    said = entry.body
    numbers = ", ".join(said.get("numbers") or ())
    lines = [
        f"How a request that was in flight ended, as the ward decided: {OUTCOMES[said['outcome']]}.",
        f"Request: {said['test']}" + (f" (order number {numbers})" if numbers else ""),
        *([f"Note: {said['note']}"] if said.get("note") else []),
        "The order itself was not changed by this document.",
    ]
    return _document(entry, "Downtime: end of a request", "\n".join(lines))


def _evaluation(entry: Entry) -> list[Resource]:
    said = entry.body
    number = f"Accession number {said['accession']}" if said.get("accession") else ""
    study = f"Study Instance UID {said['study']}" if said.get("study") else ""
    head = f"{evaluations.PROVISIONAL}. Seen on the ward during downtime; the formal report decides."
    lines = (head, f"Examination: {said['examination']}", number, study, *evaluations.said(entry))
    return _document(entry, "Downtime: provisional reading of an image", "\n".join(x for x in lines if x))


def _comparison(entry: Entry) -> list[Resource]:
    head, rest = evaluations.entry_words(entry)
    of = f"The reading is downtime entry {entry.body['evaluation']}."
    return _document(entry, "Downtime: reading and formal report", "\n".join(x for x in (f"{head}.", rest, of) if x))


def _image_move(entry: Entry) -> list[Resource]:
    said = entry.body
    head, rest = moved.entry_words(entry)
    lines = [
        f"{head}.", f"{rest}.", f"Study Instance UID {said['study']}",
        *([f"Series Instance UIDs {', '.join(said['series'])}"] if said.get("series") else []),
        "The archive itself was not changed by this document: it corrects the study there.",
    ]  # fmt: skip
    return _document(entry, "Downtime: images under another number", "\n".join(lines))


def _document(entry: Entry, title: str, words: str) -> list[Resource]:
    text = words.encode()
    content = {"contentType": "text/plain; charset=utf-8", "data": b64encode(text).decode(), "title": title}
    body: Resource = {
        "resourceType": "DocumentReference",
        "status": "current",
        "type": {"text": title},
        "date": date_time(entry.written),
        "author": [{"display": entry.staff}],
        "content": [{"attachment": content | {"creation": date_time(entry.written)}}],
    }
    happened = date_time(_happened(entry))
    return [body | {"context": {"period": {"start": happened}}}] if happened else [body]


def _request(entry: Entry) -> list[Resource]:
    said = entry.body
    priority = str(said.get("priority") or "").lower()
    body: Resource = {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "category": [{"text": said["kind"]}],
        "code": {"text": ", ".join(said["tests"])},
        "authoredOn": date_time(_happened(entry)) or date_time(entry.written),
        "requester": {"display": entry.staff},
    }
    if priority in _PRIORITIES:
        body["priority"] = priority
    if said.get("reason"):
        body["reasonCode"] = [{"text": said["reason"]}]
    notes = [f"Priority as written: {said['priority']}"] if priority and priority not in _PRIORITIES else []
    notes += [f"Telephone {said['phone']}"] if said.get("phone") else []
    return [body | {"note": [{"text": text} for text in notes]}] if notes else [body]


_MAKERS: dict[str, Callable[[Entry], list[Resource]]] = {
    "observations": _observations,
    "phoned_result": _phoned,
    "note": _note,
    "request": _request,
    "closure": _closure,
    "evaluation": _evaluation,
    "comparison": _comparison,
    "image_move": _image_move,
}


def _observation(entry: Entry, status: str, category: str, words: str, when: Moment | None) -> Resource:
    body: Resource = {
        "resourceType": "Observation",
        "status": status,
        "category": [_coded(_CATEGORY, category, words)],
        "issued": date_time(entry.written),
        "performer": [{"display": entry.staff}],
    }
    effective = date_time(when)
    return body | {"effectiveDateTime": effective} if effective else body


def _value(item: Mapping[str, Any]) -> Resource:
    """`valueQuantity` to the letter, or `valueString` where the text is no JSON number; a comparator is never lost."""
    text, unit, comparator = str(item["value"]), item.get("unit") or "", item.get("comparator") or ""
    value = number(text)
    if value is None or comparator not in ("", *_COMPARATORS):
        return {"valueString": f"{comparator}{text} {unit}".strip()}
    quantity: Resource = {"value": value}
    if comparator:
        quantity["comparator"] = comparator
    return {"valueQuantity": quantity | {"unit": unit} if unit else quantity}


def _point(body: Resource, replaces: Mapping[str, Sequence[str]]) -> None:
    """The correction's own pointer: relatesTo, replaces or the R4 extension observation-replaces."""
    firsts = replaces.get(code_of(body)) or replaces.get("") or ()
    if not firsts:
        return
    if body["resourceType"] == "DocumentReference":
        body["relatesTo"] = [{"code": "replaces", "target": {"reference": first}} for first in firsts]
    elif body["resourceType"] == "ServiceRequest":
        body["replaces"] = [{"reference": first} for first in firsts]
    else:
        body["extension"] = [{"url": _REPLACES, "valueReference": {"reference": first}} for first in firsts]


def _happened(entry: Entry) -> Moment | None:
    if entry.happened is not None:
        return entry.happened
    text = entry.body.get("happened")
    return read_moment(text) if isinstance(text, str) else None


def _coded(system: str, code: str, words: str) -> Resource:
    coding = {"system": system, "code": code}
    return {"coding": [coding | {"display": words}], "text": words} if words else {"coding": [coding]}


def _entry_reference(entry_id: str, words: str) -> Resource:
    return {"identifier": {"system": SYSTEM, "value": entry_id}, "display": words}
