"""The International Patient Summary of a living chart: a FHIR R4 document after IPS 2.0.0 (hl7.fhir.uv.ips). Pure.

Rules:
- It is a copy and says so: title, status `preliminary` (nobody attested it), and in every section up to when the copy is
  complete.
- Four states, four words (CLINICAL §1.5): what a source asserted as none is that resource; what it did not record, and
  what is not in this copy, are an `emptyReason` with words, never "none known" (`nilknown` is used nowhere).
- Withdrawn, refuted and restricted records do not leave; of restricted ones the number is said. Nor does a blood group
  (H16), nor a decision on resuscitation: the section says what the record holds and that the original must be seen.
- Results: of each analyte the newest and the one before. Vital signs: the newest of each. Downtime entries stand in a
  section of their own as `preliminary`.
- Every `fullUrl` is a `urn:uuid` over our own ids: the same chart at the same time gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from localdb.chart import ips_records as made_of
from localdb.chart import wording
from localdb.chart.documents import MANY, kept_back
from localdb.chart.grid import latest
from localdb.chart.ips_elements import (
    PROFILE,
    Resource,
    coded,
    date_time,
    paragraphs,
    shown,
    table,
    unknown,
    urn,
    words,
)
from localdb.chart.staleness import complete_to
from localdb.chart.views import KNOWN, NONE_ASSERTED, NOT_RECORDED, Chart, Entry, Listing
from localdb.records.moments import from_instant
from localdb.records.vocabulary import Administration, Alert, Allergy, Medicine, Observation, Problem, Record, Report

LOINC = "http://loinc.org"
_EMPTY = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
_PAST = ("inactive", "remission", "resolved")
_OVER = ("stopped", "completed", "cancelled", "ended", "not-taken")
_RESUS = ("resus", "respect", "dnacpr", "dnar", "do not attempt", "adrt", "advance decision", "treatment escalation")
ABSENCE = "No decision in this copy is not evidence of absence. CHECK THE ORIGINAL."
NO_GROUP = "Blood groups are not part of this summary: a group from a copy is historical."
DOWNTIME = "Written on the ward during the downtime: preliminary, not yet in the source systems"


class Written(msgspec.Struct, frozen=True):
    """One downtime entry and the resources that it would be sent back as (DESIGN D8)."""

    entry: Entry
    resources: Sequence[Resource]


class _Document:
    """What is put together: entries of the bundle in order, each once."""

    def __init__(self, chart: Chart, now: datetime, zone: str) -> None:
        self.chart, self.now, self.zone = chart, now, zone
        self.subject: Resource = {"reference": urn("patient", chart.patient.id)}
        self.entries: list[Resource] = []
        self.sections: list[Resource] = []

    def add(self, url: str, resource: Resource) -> Resource:
        self.entries.append({"fullUrl": url, "resource": resource})
        return {"reference": url}

    def age(self, *kinds: str) -> str:
        """`Copy of LIMS complete to 24-Nov-2026 02:08, not live.`"""
        told = []
        for source in self.chart.sources:
            for kind in kinds:
                if kind in source.kinds or kind in source.received:
                    told.append(f"{source.title or source.source} {shown(complete_to(source, kind), self.zone)}")
        return f"Copy, not live; complete to: {'; '.join(dict.fromkeys(told)) or 'time not known'}."

    def section(self, code: str, display: str, title: str, text: Resource, entries: Sequence[Resource],
                empty: Resource | None = None) -> None:  # fmt: skip
        made: Resource = {"title": title, "code": coded(LOINC, code, display), "text": text}
        if entries:
            made["entry"] = list(entries)
        elif empty is not None:
            made["emptyReason"] = empty
        self.sections.append(made)


def international_summary(
    chart: Chart, now: datetime, *, zone: str = wording.ZONE, written: Sequence[Written] = ()
) -> Resource:
    """The document bundle; `now` aware; `written` the entries that stand, with their resources. Numbers are
    `msgspec.Raw`: encode it with msgspec."""
    made = _Document(chart, now, zone)
    _allergies(made)
    _medicines(made)
    _problems(made)
    _results(made)
    _vital_signs(made)
    _immunizations(made)
    _alerts(made)
    _plan(made)
    _downtime(made, written)
    mark = urn("document", chart.patient.id, str(chart.generation), now.isoformat())
    stamp = date_time(from_instant(now))
    device = {"reference": urn("device")}
    composition: Resource = {
        "resourceType": "Composition",
        "meta": {"profile": [PROFILE + "Composition-uv-ips"]},
        "text": paragraphs(_head(made)),
        "identifier": {"system": "urn:ietf:rfc:3986", "value": mark},
        "status": "preliminary",
        "type": coded(LOINC, "60591-5", "Patient summary Document"),
        "subject": made.subject,
        "date": stamp,
        "author": [device],
        "title": "International Patient Summary, from a copy: not live",
        "section": made.sections,
    }
    first = {"fullUrl": urn("composition", mark), "resource": composition}
    who = {"fullUrl": made.subject["reference"], "resource": made_of.patient(chart.patient)}
    writer = {"fullUrl": device["reference"], "resource": made_of.device()}
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [PROFILE + "Bundle-uv-ips"]},
        "identifier": {"system": "urn:ietf:rfc:3986", "value": mark},
        "type": "document",
        "timestamp": stamp,
        "entry": [first, who, writer, *made.entries],
    }


def _head(made: _Document) -> list[str]:
    view = made.chart.patient
    lines = [
        f"{wording.display_name(view.name)}, born {wording.date(view.born, made.zone, missing='not known')}.",
        f"Made by Wardlamp on {wording.instant_text(made.now, made.zone)} from a copy that is not live.",
        "Nobody attested it.",
    ]
    if view.scope == "registered":
        lines.append("This person was registered during downtime and stands in no copy.")
    if view.scope == "thin":
        lines.append("This copy holds only identity, allergies and alerts of this person.")
    every = (r for listing in made.chart.lists.values() for r in listing.items)
    return [*lines, kept_back(every, MANY, ""), NO_GROUP]


def _lacking(made: _Document, listing: Listing, what: str) -> Resource:
    """Why a required section has no entry. Never `nilknown`."""
    if listing.state == NOT_RECORDED:
        return coded(_EMPTY, "unavailable", text=f"{what} are not recorded by the source. That does not mean none.")
    if any(r.restricted for r in listing.items):
        return coded(_EMPTY, "withheld", text=f"{what} are kept back in the source as restricted.")
    if listing.state in (KNOWN, NONE_ASSERTED) or listing.items:
        return {"text": f"No entry under {what.lower()} is current in this copy. That does not mean none."}
    return coded(_EMPTY, "unavailable", text=f"{what} are not in this copy. That does not mean none.")


def _required(made: _Document, code: str, display: str, title: str, kinds: tuple[str, ...], listing: Listing,
              make: Callable[..., Resource], heads: Sequence[str], rows: Mapping[str, Sequence[str]],
              kept: Sequence[Record]) -> None:  # fmt: skip
    entries = [made.add(made_of.full_url(r), make(r)) for r in kept]
    empty = None if entries else _lacking(made, listing, title)
    lead = [made.age(*kinds), *([str(empty["text"])] if empty else []), *([listing.window] if listing.window else [])]
    text = table(lead, heads, [rows[r.id] for r in kept])
    made.section(code, display, title, text, entries, empty)


def _allergies(made: _Document) -> None:
    listing = made.chart.lists["allergies"]
    kept = [r for r in listing.items if isinstance(r, Allergy) and made_of.stands(r)]
    rows = {
        r.id: (r.text, " + ".join(r.reactions), r.severity, r.clinical or "status not sent",
               shown(r.said or r.happened, made.zone), r.author or r.source)
        for r in kept
    }  # fmt: skip
    _required(made, "48765-2", "Allergies and adverse reactions Document", "Allergies and intolerances", ("allergy",),
              listing, lambda r: made_of.allergy(r, made.subject),
              ("Agent", "Reaction", "Severity", "Status", "Last updated", "Said by"), rows, kept)  # fmt: skip


def _medicines(made: _Document) -> None:
    listing = made.chart.lists["medicines"]
    kept = [r for r in listing.items if isinstance(r, Medicine) and made_of.stands(r) and r.status not in _OVER]
    rows = {
        r.id: (r.text, r.dose, r.route, r.frequency or r.instructions, r.status or "status not sent",
               wording.date_time(r.last_given, made.zone, missing="no record"))
        for r in kept
    }  # fmt: skip
    _required(made, "10160-0", "History of Medication use Narrative", "Medicines", ("medicine", "administration"),
              listing, lambda r: made_of.medicine(r, made.subject, made.zone),
              ("Medicine", "Dose", "Route", "How often", "Status", "Last given"), rows, kept)  # fmt: skip


def _problems(made: _Document) -> None:
    listing = made.chart.lists["problems"]
    standing = [r for r in listing.items if isinstance(r, Problem) and made_of.stands(r)]
    heads = ("Problem", "Status", "Since")
    rows = {r.id: (r.text, r.clinical or "status not sent", shown(r.happened, made.zone)) for r in standing}
    current = [r for r in standing if r.clinical not in _PAST]
    _required(made, "11450-4", "Problem list - Reported", "Problems", ("problem",), listing,
              lambda r: made_of.problem(r, made.subject), heads, rows, current)  # fmt: skip
    past = [r for r in standing if r.clinical in _PAST]
    if past:
        entries = [made.add(made_of.full_url(r), made_of.problem(r, made.subject)) for r in past]
        text = table([made.age("problem")], heads, [rows[r.id] for r in past])
        made.section("11348-0", "History of Past illness note", "Past problems", text, entries)


def _value(record: Observation) -> str:
    said = f"{record.comparator or ''}{record.value}" if record.value is not None else ""
    said = said or ", ".join(c.display or c.code for c in record.value_codes)
    parts = ", ".join(
        f"{c.text} {c.comparator or ''}{c.value or c.absent or 'not sent'} {c.unit or ''}".strip()
        for c in record.components
    )
    return " ".join(x for x in (said, record.unit if said else "", parts) if x) or record.absent or "no value sent"


def _readings(made: _Document, kept: Sequence[Observation]) -> tuple[list[Resource], list[list[str]]]:
    entries = [made.add(made_of.full_url(r), made_of.observation(r, made.subject)) for r in kept]
    rows = []
    for r in kept:
        status = "UNVERIFIED" if r.status.casefold() == "r" else r.status or "status not sent"
        rows.append([r.text, _value(r), r.flag or "", r.range or "", shown(r.happened or r.received or r.said, made.zone),
                     status, "; ".join(r.comments)])  # fmt: skip
    return entries, rows


_READING = ("Test", "Value", "Flag", "Range", "Taken", "Status", "Comments")


def _results(made: _Document) -> None:
    """Of each analyte the newest and the one before, then the reports that have a text."""
    listing = made.chart.lists["results"]
    by_id = {r.id: r for r in listing.items if isinstance(r, Observation) and made_of.leaves(r)}
    ids = [c.record for found in latest(by_id.values()) for c in (found.cell, found.before) if c is not None]
    kept = [by_id[i] for i in dict.fromkeys(ids) if i in by_id]
    entries, rows = _readings(made, kept)
    reports = [
        r for r in made.chart.lists["reports"].items
        if isinstance(r, Report) and made_of.stands(r) and (r.conclusion or r.body or r.addenda)
    ]  # fmt: skip
    for r in reports:
        entries.append(made.add(made_of.full_url(r), made_of.report(r, made.subject)))
        said = "; ".join([*(f"ADDENDUM: {a}" for a in r.addenda), r.conclusion or r.body])
        rows.append([r.text, said, "", "", shown(r.happened or r.said, made.zone), r.status or "status not sent", ""])
    lead = [made.age("result", "report"), "Of each test the newest result and the one before."]
    if not entries:
        lead = [made.age("result", "report"), _absence(listing, "Results")]
    made.section("30954-2", "Relevant diagnostic tests/laboratory data note", "Results", table(lead, _READING, rows),
                 entries, _lacking(made, listing, "Results"))  # fmt: skip


def _absence(listing: Listing, what: str) -> str:
    if listing.state == KNOWN:
        return f"Nothing of {what.lower()} in this copy can be part of a summary."
    said = "are not recorded by the source" if listing.state == NOT_RECORDED else "are not in this copy"
    return f"{what} {said}. That does not mean none."


def _vital_signs(made: _Document) -> None:
    seen: dict[tuple[str, str], Observation] = {}
    for r in made.chart.lists["observations"].items:  # newest first
        if isinstance(r, Observation) and _is_vital(r) and made_of.leaves(r) and _has_value(r):
            seen.setdefault((r.codes[0].system, r.codes[0].code) if r.codes else ("", r.text), r)
    if seen:
        entries, rows = _readings(made, list(seen.values()))
        lead = [made.age("observation"), "The newest of each, with its time."]
        made.section("8716-3", "Vital signs note", "Vital signs", table(lead, _READING, rows), entries)


def _is_vital(record: Observation) -> bool:
    return "vital-signs" in record.category.split(", ")


def _has_value(record: Observation) -> bool:
    return bool(record.value is not None or record.value_codes or record.components)


def _immunizations(made: _Document) -> None:
    kept = [
        r for r in made.chart.lists["administrations"].items
        if isinstance(r, Administration) and made_of.stands(r) and made_of.of_type(r, "Immunization")
    ]  # fmt: skip
    if kept:
        entries = [made.add(made_of.full_url(r), made_of.immunization(r, made.subject)) for r in kept]
        rows = [[r.text, r.status or "status not sent", shown(r.happened, made.zone)] for r in kept]
        text = table([made.age("administration")], ("Vaccine", "Status", "Given"), rows)
        made.section("11369-6", "History of Immunization note", "Immunizations", text, entries)


def is_resuscitation(record: Record) -> bool:
    """Whether an alert or document points to a decision on resuscitation or treatment escalation."""
    said = f"{record.text} {getattr(record, 'title', '')}".casefold()
    return any(word in said for word in _RESUS)


def _alerts(made: _Document) -> None:
    standing = [
        r for r in made.chart.lists["alerts"].items
        if isinstance(r, Alert) and made_of.stands(r) and r.status in ("active", "")
    ]  # fmt: skip
    kept = [r for r in standing if not is_resuscitation(r)]
    if kept:
        entries = [made.add(made_of.full_url(r), made_of.flag(r, made.subject)) for r in kept]
        rows = [[r.text, shown(r.happened or r.said, made.zone)] for r in kept]
        text = table([made.age("alert"), "As recorded by the source."], ("Alert", "Since"), rows)
        made.section("104605-1", "Alert", "Alerts", text, entries)
    pointers = [
        r for name in ("alerts", "documents") for r in made.chart.lists[name].items
        if is_resuscitation(r) and made_of.stands(r) and r.status not in ("inactive", "superseded")
    ]  # fmt: skip
    held = [f"Record holds: {words(r.text)}, {shown(r.happened or r.said, made.zone)}." for r in pointers]
    made.section("42348-3", "Advance healthcare directives", "Resuscitation and advance decisions",
                 paragraphs([made.age("alert"), *held, ABSENCE]), (), _pointer_only())  # fmt: skip


def _pointer_only() -> Resource:
    return {"text": "The original is not part of this summary."}


def _plan(made: _Document) -> None:
    reason = words(made.chart.patient.reason)
    why = f"Reason for the stay, as sent: {reason}." if reason else "Reason for the stay: not in this copy."
    lines = [made.age("stay"), why, "Care plans are not kept in this copy."]
    made.section("18776-5", "Plan of care note", "Plan", paragraphs(lines), (), _pointer_only())


def _downtime(made: _Document, written: Iterable[Written]) -> None:
    """The ward's own entries, in a section of their own; an observation leaves as preliminary, whatever its kind."""
    entries, rows = [], []
    for one in written:
        for n, sent in enumerate(one.resources, 1):
            body = {k: v for k, v in sent.items() if k != "extension"}
            if body["resourceType"] == "Observation":
                body["status"] = "preliminary"
                if "effectiveDateTime" not in body:
                    body["_effectiveDateTime"] = unknown()
            elif body["resourceType"] == "DocumentReference":
                body["docStatus"] = "preliminary"
            elif body["resourceType"] == "ServiceRequest":
                body["status"] = "unknown"  # whether it was ever received is not known here
            body["subject"] = made.subject
            entries.append(made.add(urn("entry", one.entry.id, str(n)), body))
        kind = one.entry.kind.replace("_", " ")
        mark = "UNCONFIRMED, BY PHONE" if one.entry.kind == "phoned_result" else "preliminary"
        rows.append([kind, mark, shown(one.entry.happened, made.zone), one.entry.staff, one.entry.number])
    if entries:
        text = table([DOWNTIME + "."], ("Kind", "Mark", "Happened", "By", "Entry"), rows)
        section = {"title": "Downtime entries", "code": {"text": DOWNTIME}, "text": text, "entry": entries}
        made.sections.append(section)
