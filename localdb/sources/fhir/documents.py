"""DocumentReference and Composition: the words where they are words, else what is held."""

from __future__ import annotations

from localdb.records.vocabulary import Document, Record
from localdb.sources.fhir.markup import Attached, narrative
from localdb.sources.fhir.scope import Scope
from localdb.sources.fhir.shapes import Json, concept_text, joined, named, obj, objects, period, string, when

_DEEPEST = 8


def document(s: Scope, r: Json, base: Json) -> Record:
    codes, text = named(r.get("type"))
    attached = Attached([a for c in objects(r.get("content")) if (a := obj(c.get("attachment")))])
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
        references=tuple(s.refer("encounter", context.get("encounter"))),
        media_type=attached.media_type,
        title=title,
        body=attached.body,
        size=attached.size,
        **base,
    )


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
        references=tuple(s.refer("encounter", r.get("encounter"))),
        media_type="text/plain",
        title=title,
        body=body,
        **base,
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
