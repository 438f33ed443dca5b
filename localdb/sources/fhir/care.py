"""Encounter, ServiceRequest, Appointment and what gets its list later (DESIGN §4, FHIR map)."""

from __future__ import annotations

from typing import Any

from localdb.records.vocabulary import Appointment, Move, Other, Record, Request, Stay
from localdb.sources.fhir.scope import Scope
from localdb.sources.fhir.shapes import (
    Json,
    codings,
    concept_text,
    first_code,
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

# Who answers for the stay, best first: attender, primary performer, consultant (v3 ParticipationType).
_ANSWERABLE = ("ATND", "PPRF", "CON")


def stay(s: Scope, r: Json, base: Json) -> Record:
    codes, text = named((objects(r.get("type")) or [{}])[0])
    class_ = r.get("class")
    start, end = period(r.get("period"), s.zone)
    reason = texts(r["reasonCode"]) if "reasonCode" in r else ""
    if not reason and "reasonReference" in r:
        reason = s.displays(r["reasonReference"])
    place: Json = {}
    moves: tuple[Move, ...] = ()
    places = objects(r["location"]) if "location" in r else []
    if places:
        place = _place(places)
        moves = tuple(m for p in places if (m := _move(s, p)).start is not None or m.end is not None)
    participants = objects(r.get("participant"))
    return Stay(
        happened=start,
        ended=end,
        status=string(r.get("status")),
        codes=codes,
        text=text or concept_text(r.get("serviceType")) or concept_text(class_),
        comments=notes(r) if "note" in r else (),
        author=s.display(r.get("serviceProvider")),
        references=tuple(
            s.refer("location", place.get("location"))
            + [x for p in places if p is not place and moves for x in s.refer("location", p.get("location"))]
            + [x for p in participants for x in s.refer("performer", p.get("individual"))]
        ),
        class_=first_code(class_),
        reason=reason,
        location=s.key(place.get("location")),
        consultant=_consultant(s, participants),
        moves=moves,
        **base,
    )


def _move(s: Scope, place: Json) -> Move:
    start, end = period(place.get("period"), s.zone)
    return Move(s.key(place.get("location")), s.display(place.get("location")), start, end)


def _place(places: list[Json]) -> Json:
    """The active location; where none is marked, one that is not said to be over."""
    for place in places:
        if place.get("status") == "active":
            return place
    open_ = [p for p in places if p.get("status") is None and "end" not in obj(p.get("period"))]
    return open_[-1] if open_ else {}


def _consultant(s: Scope, participants: list[Json]) -> str:
    found: dict[str, str] = {}
    for one in participants:
        display = s.display(one.get("individual"))
        if display:
            for concept in objects(one.get("type")):
                for coding in codings(concept):
                    found.setdefault(coding.code, display)
                if "consultant" in concept_text(concept).lower():
                    found.setdefault("CON", display)
    return next((found[code] for code in _ANSWERABLE if code in found), "")


def request(s: Scope, r: Json, base: Json) -> Record:
    """`happened` = when it was asked for (authoredOn); when it is wanted stands in a comment."""
    codes, text = named(r.get("code"))
    wanted, until = happened(r, "occurrence", s.zone)
    wish = " to ".join(m.text for m in (wanted, until) if m)
    details = texts(r.get("orderDetail"))
    specimens = [s.find(x) for x in objects(r.get("specimen"))]
    forbidden = ("DO NOT PERFORM: the source asks that this is not done.",) if r.get("doNotPerform") is True else ()
    references = [
        *s.refer("encounter", r.get("encounter")),
        *s.refer("specimen", r.get("specimen")),
        *s.refer("performer", r.get("performer")),
        *s.refer("based_on", r.get("basedOn")),
    ]
    return Request(
        happened=when(r.get("authoredOn"), s.zone),
        said=when(obj(r.get("meta")).get("lastUpdated"), s.zone),
        status=string(r.get("status")),
        codes=codes,
        text=text or details,
        comments=forbidden
        + notes(r)
        + ((details,) if details and text else ())
        + ((f"Wanted: {wish}",) if wish else ())
        + ((string(r["patientInstruction"]),) if string(r.get("patientInstruction")) else ()),
        author=s.display(r.get("requester")),
        references=tuple(references),
        intent=string(r.get("intent")),
        priority=string(r.get("priority")),
        category=texts(r.get("category")),
        reason=joined((texts(r.get("reasonCode")), s.displays(r.get("reasonReference")))),
        numbers=_numbers(r),
        collected=next(
            (m for x in specimens if (m := happened(obj(x.get("collection")), "collected", s.zone)[0])), None
        ),
        received=next((m for x in specimens if (m := when(x.get("receivedTime"), s.zone))), None),
        asked=when(r.get("authoredOn"), s.zone),
        wanted=wanted,
        **base,
    )


def _numbers(r: Json) -> tuple[str, ...]:
    """Order numbers as people read them: what the identifiers say, then the number of the whole requisition."""
    held = [*objects(r.get("identifier")), obj(r.get("requisition"))]
    return tuple(dict.fromkeys(v for i in held if i.get("use") != "old" and (v := string(i.get("value")))))


def appointment(s: Scope, r: Json, base: Json) -> Record:
    places, people = [], []
    for one in objects(r.get("participant")):
        actor = one.get("actor")
        key = s.key(actor)
        shown = s.display(actor) or concept_text((objects(one.get("type")) or [{}])[0])
        if key.startswith("Location/"):
            places.append(shown)
        elif shown and not key.startswith("Patient/"):
            people.append(shown)
    codes, text = named((objects(r.get("serviceType")) or objects(r.get("appointmentType")) or [{}])[0])
    reason = joined((texts(r.get("reasonCode")), s.displays(r.get("reasonReference"))))
    return Appointment(
        happened=when(r.get("start"), s.zone),
        ended=when(r.get("end"), s.zone),
        said=when(r.get("created"), s.zone),
        status=string(r.get("status")),
        codes=codes,
        text=string(r.get("description")) or text or reason or texts(r.get("specialty")),
        comments=tuple(
            x
            for x in (string(r.get("comment")), string(r.get("patientInstruction")), reason and f"Reason: {reason}")
            if x
        ),
        references=tuple(s.refer("based_on", r.get("basedOn"))),
        place=joined(places, ", "),
        participants=tuple(people),
        **base,
    )


_TEXTS = ("code", "vaccineCode", "type", "description", "title", "relationship", "category", "intent")


def other(s: Scope, r: Json, base: Json) -> Record:
    """What names a patient and has no list yet: its name, times and status."""
    codes, text = named(r.get("code") if type(r.get("code")) is dict else r.get("medicationCodeableConcept"))
    if not text:
        text = next((t for t in (_words(r.get(k)) for k in _TEXTS) if t), "")
    start, end = None, None
    for stem in ("performed", "effective", "occurrence"):
        start, end = happened(r, stem, s.zone)
        if start or end:
            break
    if not start and "period" in r:
        start, end = period(r["period"], s.zone)
    if not start:
        dates = (r.get(k) for k in ("startDate", "date", "created", "authoredOn", "whenHandedOver", "sent", "recorded"))
        start = when(next((d for d in dates if type(d) is str), None), s.zone)
    status = r.get("status") or r.get("lifecycleStatus")
    return Other(
        happened=start,
        ended=end,
        status=string(status) if type(status) is not dict else concept_text(status),
        codes=codes,
        text=text,
        comments=notes(r) if "note" in r else (),
        references=tuple(s.refer("encounter", r["encounter"])) if "encounter" in r else (),
        type=string(r.get("resourceType")),
        **base,
    )


def _words(value: Any) -> str:
    if type(value) is list:
        return ", ".join(x for x in map(_words, value) if x)
    return concept_text(value) if type(value) in (dict, str) else ""
