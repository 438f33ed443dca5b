"""DocumentReference and Composition: the words where they are words, else what is held."""

from __future__ import annotations

from localdb.records.vocabulary import Document, Record, Reference
from localdb.sources.fhir.attachments import Attached
from localdb.sources.fhir.markup import narrative
from localdb.sources.fhir.scope import Scope
from localdb.sources.fhir.shapes import (
    CONFIDENTIAL,
    Json,
    codings,
    concept_text,
    joined,
    named,
    obj,
    objects,
    period,
    string,
    texts,
    when,
)

_DEEPEST = 8


def document(s: Scope, r: Json, base: Json) -> Record:
    codes, text = named(r.get("type"))
    attached = Attached(s, [a for c in objects(r.get("content")) if (a := obj(c.get("attachment")))])
    context = obj(r.get("context"))
    start, end = period(context.get("period"), s.zone)
    said = when(r.get("date") or r.get("created"), s.zone)
    remarks = list(attached.remarks)
    state = string(r.get("docStatus"))
    if state and state != "final":
        remarks.insert(0, f"Document status: {state}")
    title = attached.title or string(r.get("description"))
    return Document(
        happened=start or said,
        ended=end,
        said=said,
        status=string(r.get("status")),
        codes=codes,
        text=text or title or joined(map(concept_text, objects(r.get("category"))), ", "),
        comments=tuple(remarks),
        author=s.displays(r.get("author")),
        references=tuple(s.refer("encounter", context.get("encounter")) + _related(s, r)),
        media_type=attached.media_type,
        title=title,
        body=attached.body,
        size=attached.size,
        blob=attached.blob,
        files=attached.files,
        category=texts(r.get("category")),
        specialty=concept_text(context.get("practiceSetting")),
        **_secret(r, base),
    )


def _related(s: Scope, r: Json) -> list[Reference]:
    """Earlier documents that this one replaces, adds to or signs (R4 DocumentReference.relatesTo)."""
    out: list[Reference] = []
    for one in objects(r.get("relatesTo")):
        code = string(one.get("code"))
        if code in ("replaces", "appends"):
            # A composition points with targetReference, a document with target.
            out += s.refer(code, one.get("target") or one.get("targetReference"))
    return out


def _secret(r: Json, base: Json) -> Json:
    """A document carries its confidentiality in `securityLabel` (a composition in `confidentiality`) beside `meta`."""
    codes = {c.code for label in objects(r.get("securityLabel")) for c in codings(label)}
    codes.add(string(r.get("confidentiality")))
    return base | {"restricted": True} if codes & CONFIDENTIAL else base


def composition(s: Scope, r: Json, base: Json) -> Record:
    codes, text = named(r.get("type"))
    title = string(r.get("title"))
    body = "\n\n".join(_sections(objects(r.get("section")), 0)) or narrative(r)
    said = when(r.get("date"), s.zone)
    return Document(
        happened=said,
        said=said,
        status=string(r.get("status")),
        codes=codes,
        text=text or title,
        author=s.displays(r.get("author")),
        references=tuple(s.refer("encounter", r.get("encounter")) + _related(s, r)),
        media_type="text/plain",
        title=title,
        body=body,
        category=texts(r.get("category")),
        **_secret(r, base),
    )


def _sections(sections: list[Json], depth: int) -> list[str]:
    out = []
    for one in sections:
        words = narrative(one) or concept_text(one.get("emptyReason"))
        title = string(one.get("title")) or concept_text(one.get("code"))
        text = "\n".join(x for x in (title, words) if x)
        if text:
            out.append(text)
        if depth < _DEEPEST:
            out += _sections(objects(one.get("section")), depth + 1)
    return out
