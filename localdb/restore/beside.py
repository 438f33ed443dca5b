"""What the target holds that resembles an entry, so that a person decides with all the facts side by side (DESIGN §1.6).

Reads only. Of the target's newest resources of the entry's type and patient, those that are ours, and those that say
the same thing (code or name, CLINICAL §7.3) within twelve hours of it. A short answer is no proof of none: it is one
page, and the words on the screen say so.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from localdb.chart.views import Entry
from localdb.records.moments import Moment, read_moment
from localdb.restore.patients import Patients
from localdb.restore.resources import Resource, marks_of
from localdb.restore.search import same_reference
from localdb.restore.target import Failing, Target

TYPES = {
    "observations": "Observation",
    "phoned_result": "Observation",
    "note": "DocumentReference",
    "request": "ServiceRequest",
    "closure": "DocumentReference",
    "evaluation": "DocumentReference",
    "comparison": "DocumentReference",
    "image_move": "DocumentReference",
}
_COUNT, _MOST = 100, 6
_NEAR = 12 * 3600 * 1_000_000  # microseconds


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One resource as it stands at the target, as sent: `name` of what it is about, `said` = value with unit or text;
    `is_ours` = it carries this entry's identifier."""

    ref: str
    name: str = ""
    said: str = ""
    flag: str = ""
    happened: Moment | None = None
    status: str = ""
    by: str = ""
    is_ours: bool = False


class Beside(msgspec.Struct, frozen=True):
    """`subject` = `Patient/id` there, or "" with the `reason` (`code: words`); `held` ours first, then by nearness."""

    subject: str = ""
    reason: str = ""
    held: tuple[Standing, ...] = ()


def beside(entry: Entry, target: Target) -> Beside:
    """What the target holds beside `entry`. Raises Unreachable, NotAllowed, NotFhir; a failing search is a reason."""
    type_ = TYPES.get(entry.kind)
    if type_ is None:
        return Beside(reason="restore.body: this kind of entry has no resource there")
    try:
        match = Patients(target).find(entry.identity)
        if not match.subject:
            return Beside(reason=match.reason)
        where = f"{type_}?subject={quote(match.subject, safe='/')}&_sort=-date&_count={_COUNT}"
        answer = target.get(where)
    except Failing as failing:
        return Beside(reason=f"restore.failing: the target fails (status {failing.status})")
    if not answer.is_success or not isinstance(answer.body, dict):
        return Beside(match.subject, reason=f"restore.refused: the target does not answer (status {answer.status})")
    found = [r.get("resource") for r in answer.body.get("entry") or () if isinstance(r, dict)]
    resources = [r for r in found if isinstance(r, dict) and _is_of(r, type_, match.subject)]
    return Beside(match.subject, held=resembling(entry, resources))


def resembling(entry: Entry, resources: Sequence[Resource]) -> tuple[Standing, ...]:
    """Those of `resources` that are the entry's own or say the same thing at about its time; pure."""
    wanted, at = _wanted(entry), _when(entry)
    made: list[tuple[bool, int, Standing]] = []
    for resource in resources:
        standing = _standing(resource, entry)
        then = standing.happened.utc if standing.happened is not None else None
        away = abs(then - at) if then is not None and at is not None else _NEAR
        alike = bool(_names(resource) & wanted) if wanted else True
        if standing.is_ours or (alike and away < _NEAR):
            made.append((not standing.is_ours, away, standing))
    return tuple(s for *_, s in sorted(made, key=lambda m: m[:2])[:_MOST])


def _is_of(resource: Resource, type_: str, subject: str) -> bool:
    if resource.get("resourceType") != type_:
        return False
    named = resource.get("subject")
    return isinstance(named, dict) and same_reference(named.get("reference"), subject)


def _wanted(entry: Entry) -> set[str]:
    """Names and codes of what the entry is about, casefolded; empty where any will do (a note)."""
    body = entry.body
    if entry.kind == "phoned_result":
        return {str(body.get("test", "")).casefold()}
    if entry.kind == "observations":
        return {str(i.get("code", "")).casefold() for i in body.get("items", ())}
    if entry.kind == "request":
        return {str(t).casefold() for t in body.get("tests", ())}
    return set()


def _when(entry: Entry) -> int | None:
    collected = entry.body.get("collected")
    moment = read_moment(collected) if isinstance(collected, str) else entry.happened or entry.written
    return moment.utc


def _codes(resource: Resource) -> list[dict[str, Any]]:
    concepts = [resource.get(k) for k in ("code", "type")]
    return [c for c in concepts if isinstance(c, dict)]


def _names(resource: Resource) -> set[str]:
    found: set[str] = set()
    for concept in _codes(resource):
        found.add(str(concept.get("text", "")).casefold())
        for coding in concept.get("coding") or ():
            if isinstance(coding, dict):
                found |= {str(coding.get(k, "")).casefold() for k in ("code", "display")}
    return found - {""}


def _standing(resource: Resource, entry: Entry) -> Standing:
    happened = next((resource[k] for k in _TIMES if isinstance(resource.get(k), str)), None)
    name = ""
    for concept in _codes(resource):
        codings = [c for c in concept.get("coding") or () if isinstance(c, dict)]
        name = name or str(concept.get("text") or next((c["display"] for c in codings if c.get("display")), ""))
    actors = resource.get("performer") or resource.get("author") or resource.get("requester") or ()
    first = actors if isinstance(actors, dict) else next((a for a in actors if isinstance(a, dict)), {})
    flags = [c for i in resource.get("interpretation") or () if isinstance(i, dict) for c in i.get("coding") or ()]
    return Standing(
        ref=f"{resource.get('resourceType')}/{resource.get('id')}",
        name=name,
        said=_said(resource),
        flag=str(flags[0].get("code", "")) if flags and isinstance(flags[0], dict) else "",
        happened=read_moment(happened) if happened else None,
        status=str(resource.get("docStatus") or resource.get("status") or ""),
        by=str(first.get("display") or ""),
        is_ours=any(m.partition("#")[0] == entry.id for m in marks_of(resource)),
    )


_TIMES = ("effectiveDateTime", "occurrenceDateTime", "authoredOn", "date", "issued")


def _said(resource: Resource) -> str:
    """A value as sent: the number to the letter, with its unit; the parts of a pressure; the text of a document."""
    if isinstance(resource.get("component"), list) and resource["component"]:
        return "/".join(_value(c) for c in resource["component"] if isinstance(c, dict))
    if content := resource.get("content"):
        attached = content[0].get("attachment") if isinstance(content[0], dict) else None
        return _text(attached if isinstance(attached, dict) else {})
    return _value(resource)


def _value(holder: Resource) -> str:
    quantity = holder.get("valueQuantity")
    if isinstance(quantity, dict):
        number = quantity.get("value", "")
        figure = bytes(number).decode() if isinstance(number, msgspec.Raw) else str(number)
        return f"{quantity.get('comparator', '')}{figure} {quantity.get('unit', '')}".strip()
    concept = holder.get("valueCodeableConcept")
    if isinstance(concept, dict):
        return str(concept.get("text") or "")
    return str(holder.get("valueString") or "")


def _text(attachment: dict[str, Any]) -> str:
    data = attachment.get("data")
    if not isinstance(data, str) or not str(attachment.get("contentType", "")).startswith("text/"):
        return str(attachment.get("title") or "")
    try:
        return b64decode(data, validate=True).decode("utf-8")
    except ValueError:
        return str(attachment.get("title") or "")
