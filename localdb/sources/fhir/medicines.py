"""MedicationRequest, MedicationStatement, MedicationAdministration and Immunization (CLINICAL §5)."""

from __future__ import annotations

from typing import Any

from localdb.records.vocabulary import Administration, Coding, Medicine, Record, Reference
from localdb.sources.fhir.amounts import bounds, quantity_text, timing_text, unit_of
from localdb.sources.fhir.scope import Scope
from localdb.sources.fhir.shapes import (
    Json,
    concept_text,
    happened,
    joined,
    moment,
    named,
    notes,
    obj,
    objects,
    period,
    string,
    strings,
    texts,
    when,
)


def _drug(s: Scope, r: Json) -> tuple[tuple[Coding, ...], str, list[Reference], str]:
    """Codes, name and form of medication[x]: its own concept, or the Medication that it refers to where that is at
    hand."""
    concept = r.get("medicationCodeableConcept")
    if concept is not None:
        codes, text = named(concept)
        return codes, text, [], ""
    reference = r.get("medicationReference")
    found = s.find(reference)
    codes, text = named(found.get("code")) if found else ((), "")
    if found and not text:
        text = joined((concept_text(i.get("itemCodeableConcept")) for i in objects(found.get("ingredient"))), " + ")
    form = concept_text(found.get("form")) if found and "form" in found else ""
    return codes, text or s.display(reference), s.refer("medication", reference), form


def _when_due(dosages: list[Json], zone: str) -> dict[str, Any]:
    """What Timing says of when, as sent (CLINICAL §5.2): event, timeOfDay, dayOfWeek, and the period where all dosages
    that name clock times agree on it."""
    timings = [obj(d.get("timing")) for d in dosages if "timing" in d]
    if not timings:
        return {}
    repeats = [obj(t.get("repeat")) for t in timings]
    timed = [r for r in repeats if "timeOfDay" in r] or repeats
    spans = {" ".join(x for x in (string(r.get("period")), string(r.get("periodUnit"))) if x) for r in timed}
    events = [e for t in timings for e in strings(t.get("event"))]
    return {
        "due": tuple(moment(e, zone) for e in events),
        "times": tuple(dict.fromkeys(c for r in repeats for c in strings(r.get("timeOfDay")))),
        "days": tuple(dict.fromkeys(d for r in repeats for d in strings(r.get("dayOfWeek")))),
        "every": spans.pop() if len(spans) == 1 else "",
    }


def dose_text(dosage: Json) -> str:
    """doseAndRate, or dose[x] itself: amounts and rates as sent."""
    parts: list[str] = []
    for one in (*objects(dosage.get("doseAndRate")), dosage):
        parts.append(quantity_text(one.get("doseQuantity") or one.get("doseSimpleQuantity") or one.get("dose")))
        parts.append(_range(one.get("doseRange")))
        rate = quantity_text(one.get("rateQuantity") or one.get("rateSimpleQuantity")) or _range(one.get("rateRange"))
        ratio = obj(one.get("rateRatio"))
        if ratio:
            over = [quantity_text(ratio.get(k)) for k in ("numerator", "denominator")]
            rate = " per ".join(x for x in over if x)
        parts.append(f"at {rate}" if rate else "")
    return joined(parts, " ")


def _range(value: Any) -> str:
    span = obj(value)
    unit = unit_of(obj(span.get("low"))) or unit_of(obj(span.get("high")))
    text = bounds(span, unit)
    return f"{text} {unit}" if text and unit else text


def _aligned(parts: list[str]) -> str:
    """One text for all dosages where they agree; else one for each in their order, so that a second dose is never read
    with the first one's frequency."""
    if len(set(parts)) < 2:
        return parts[0] if parts else ""
    return "; ".join(part or "not stated" for part in parts)


def _instructions(dosage: Json) -> str:
    extra = texts(dosage.get("additionalInstruction"))
    most = obj(dosage.get("maxDosePerPeriod"))
    limit = " per ".join(x for x in (quantity_text(most.get(k)) for k in ("numerator", "denominator")) if x)
    needed = concept_text(dosage.get("asNeededCodeableConcept"))
    return joined(
        (
            string(dosage.get("text")),
            string(dosage.get("patientInstruction")),
            extra,
            f"as needed for {needed}" if needed else "",
            f"at most {limit}" if limit else "",
        )
    )


def medicine(s: Scope, r: Json, base: Json) -> Record:
    """`happened` = start of validity where one is sent, else when it was written; `said` = when it was written."""
    codes, text, references, form = _drug(s, r)
    dosages = objects(r.get("dosageInstruction") if "dosageInstruction" in r else r.get("dosage"))
    written = when(r.get("authoredOn") or r.get("dateAsserted"), s.zone)
    start, end = happened(r, "effective", s.zone)
    if start is None and dosages:
        start, end = period(obj(obj(dosages[0].get("timing")).get("repeat")).get("boundsPeriod"), s.zone)
    reasons = joined((texts(r.get("reasonCode")), s.displays(r.get("reasonReference")), texts(r.get("statusReason"))))
    references += s.refer("encounter", r.get("encounter") or r.get("context"))
    references += s.refer("based_on", r.get("basedOn"))
    return Medicine(
        happened=start or written,
        ended=end,
        said=written,
        status=string(r.get("status")),
        codes=codes,
        text=text,
        comments=_denied(r) + notes(r),
        author=s.display(r.get("requester")) or s.display(r.get("informationSource")),
        references=tuple(references),
        intent=string(r.get("intent")),
        dose=_aligned([dose_text(d) for d in dosages]),
        route=_aligned([concept_text(d.get("route")) for d in dosages]),
        frequency=_aligned([timing_text(d.get("timing")) for d in dosages]),
        instructions=_aligned([_instructions(d) for d in dosages]),
        as_needed=any(d.get("asNeededBoolean") is True or "asNeededCodeableConcept" in d for d in dosages),
        reason=reasons,
        form=form,
        **_when_due(dosages, s.zone),
        **base,
    )


def _denied(r: Json) -> tuple[str, ...]:
    """A prohibition reads like an order unless it says what it is (R4 MedicationRequest.doNotPerform, a modifier)."""
    return ("DO NOT GIVE: the source asks that this is not given.",) if r.get("doNotPerform") is True else ()


def administration(s: Scope, r: Json, base: Json) -> Record:
    dosage = obj(r.get("dosage"))
    codes, text, references, _ = _drug(s, r)
    start, end = happened(r, "effective", s.zone)
    references += s.refer("encounter", r.get("context") or r.get("encounter"))
    performers = [p.get("actor") for p in objects(r.get("performer"))]
    return Administration(
        happened=start,
        ended=end,
        said=when(obj(r.get("meta")).get("lastUpdated"), s.zone),
        status=string(r.get("status")),
        codes=codes,
        text=text,
        comments=notes(r) + ((string(dosage["text"]),) if string(dosage.get("text")) else ()),
        author=s.displays(performers),
        references=tuple(references),
        dose=dose_text(dosage),
        route=concept_text(dosage.get("route")),
        reason=texts(r.get("statusReason")),
        request=s.key(r.get("request")),
        **base,
    )


def immunization(s: Scope, r: Json, base: Json) -> Record:
    codes, text = named(r.get("vaccineCode"))
    given = r.get("occurrenceDateTime")
    performers = [p.get("actor") for p in objects(r.get("performer"))] if "performer" in r else None
    return Administration(
        happened=moment(given, s.zone) if type(given) is str else when(r.get("occurrenceString"), s.zone),
        said=when(r.get("recorded"), s.zone),
        status=string(r.get("status")),
        codes=codes,
        text=text,
        comments=notes(r) if "note" in r else (),
        author=s.displays(performers),
        references=tuple(s.refer("encounter", r.get("encounter")) + s.refer("location", r.get("location"))),
        dose=quantity_text(r["doseQuantity"]) if "doseQuantity" in r else "",
        route=concept_text(r["route"]) if "route" in r else "",
        reason=concept_text(r["statusReason"]) if "statusReason" in r else "",
        **base,
    )
