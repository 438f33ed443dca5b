"""MDM T01-T11: letters and other documents, their edits, addenda, replacements and withdrawals (HL7 v2.8 chapter 9)."""

from __future__ import annotations

import msgspec

from localdb.records.vocabulary import Document, Reference
from localdb.sources.hl7v2.coded import coded
from localdb.sources.hl7v2.comments import comment_text, comments_of
from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.embedded import Embedded, embedded_of
from localdb.sources.hl7v2.grouping import Order, Seen, entity, orders_of
from localdb.sources.hl7v2.message import Message, Segment
from localdb.sources.hl7v2.names import person_line
from localdb.sources.hl7v2.statuses import WITHDRAWN, result_status
from localdb.sources.hl7v2.values import FILES, kind_of, range_of, read_value, unit_of

_TYPES = {  # table 0270
    "AR": "Autopsy report", "CD": "Cardiodiagnostics", "CN": "Consultation", "DI": "Diagnostic imaging",
    "DS": "Discharge summary", "ED": "Emergency department report", "HP": "History and physical examination",
    "OP": "Operative report", "PC": "Psychiatric consultation", "PH": "Psychiatric history and physical examination",
    "PN": "Procedure note", "PR": "Progress note", "SP": "Surgical pathology", "TS": "Transfer summary",
}  # fmt: skip
_UNFINISHED = {  # table 0271
    "DI": "dictated", "DO": "documented", "IN": "incomplete", "IP": "in progress", "PA": "pre-authenticated",
}  # fmt: skip
_WITHDRAWN = frozenset({"CA"})  # table 0273: cancelled (deleted)
_RESTRICTED = frozenset({"R", "V", "RE", "VR", "US", "UC"})  # table 0272
_REPLACES, _ADDS, _CANCELS = frozenset({"T09", "T10"}), frozenset({"T05", "T06"}), frozenset({"T11"})


def take_documents(message: Message, at: MessageContext, told: Told) -> None:
    """The document of an MDM. Without content (T01, T03 …) a fact is partial: what is held of it stays."""
    txa = message.first("TXA")
    if txa is None:
        return
    orders, notes = orders_of(message)
    parent, trigger = entity(txa, 13), message.trigger
    number = entity(txa, 12) or txa.text(16) or entity(txa, 15) or entity(txa, 14)
    number = number or f"{at.patient}|{txa.text(2)}|{txa.text(4) or txa.text(6)}"
    if number == parent and trigger in _REPLACES | _ADDS:
        number = f"{number}|{message.msh.text(7)}"
    rows = [s for o in orders for s in o.seen]
    files = [(s, e) for s in rows if kind_of(s.obx) in FILES for e in _files(s)]
    body = _body([s for s in rows if kind_of(s.obx) not in FILES])
    main = files[0][1] if files else None
    if main is not None and main.body:
        body = "\n\n".join(t for t in (body, main.body) if t)
    status, remark = _status(txa, trigger)
    record = _document(message, txa, number, orders, status, at)
    comments = comments_of(notes) + tuple(c for o in orders for c in comments_of(o.notes)) + remark
    if parent and trigger in _ADDS:
        comments = ("Addendum to an earlier document", *comments)
    gone = status == WITHDRAWN
    record = _with(record, "" if gone else body, None if gone else main, comments)
    has_content = bool(body or files)
    told.facts.append(at.fact(record, tie=4 if gone else 2, partial=not has_content))
    if gone:
        return
    for n, (_, found) in enumerate(files):
        if found.blob is not None and all(b.sha256 != found.blob.sha256 for b in told.blobs):
            told.blobs.append(found.blob)
        if n:
            more = _document(message, txa, f"{number}#{n + 1}", orders, status, at)
            told.facts.append(at.fact(_with(more, found.body, found, comments), tie=2))
    if parent and trigger in _REPLACES and parent != number:
        former = Document(**at.common("DocumentReference", parent), status="superseded")
        told.facts.append(at.fact(former, tie=3, partial=True))


def _files(seen: Seen) -> list[Embedded]:
    if result_status(seen.obx.text(11)).word == WITHDRAWN:
        return []
    return [e for r in seen.obx.repetitions(5) if (e := embedded_of(seen.obx, r)) is not None]


def _status(txa: Segment, trigger: str) -> tuple[str, tuple[str, ...]]:
    """(FHIR's word, what it does not say): TXA-17 completion, TXA-19 availability."""
    completion, availability = txa.text(17).upper(), txa.text(19).upper()
    if trigger in _CANCELS or availability in _WITHDRAWN:
        return WITHDRAWN, ()
    if availability == "OB":
        return "superseded", ()
    if completion in _UNFINISHED:
        return "preliminary", (f"PRELIMINARY: {_UNFINISHED[completion]}, not authenticated",)
    return "current", ()


def _document(
    message: Message, txa: Segment, number: str, orders: list[Order], status: str, at: MessageContext
) -> Document:
    codes, named = coded(txa, 2)
    type_ = _TYPES.get(txa.text(2).upper(), named)
    obr = next((o.obr for o in orders if o.obr is not None), None)
    ordered = coded(obr, 4)[1] if obr is not None else ""
    first = next((coded(s.obx, 3)[1] for o in orders for s in o.seen), "")
    pv1, parent = message.first("PV1"), entity(txa, 13)
    references = [Reference("encounter", f"Encounter/{pv1.text(19)}")] if pv1 is not None and pv1.text(19) else []
    if parent:
        references.append(Reference("based_on", f"DocumentReference/{parent}"))
    return Document(
        **at.common("DocumentReference", number),
        happened=at.moment(txa.text(4)) or at.moment(txa.text(6)),
        said=at.moment(txa.text(8)) or at.moment(txa.text(7)) or at.moment(txa.text(6)) or at.said,
        status=status,
        codes=codes,
        text=type_ or ordered or first,
        author=person_line(txa, 9) or person_line(txa, 5) or person_line(txa, 22),
        references=tuple(references),
        restricted=txa.text(18).upper() in _RESTRICTED,
        title=txa.text(25) or ordered or type_ or first,
    )


def _with(record: Document, body: str, found: Embedded | None, comments: tuple[str, ...]) -> Document:
    remark = (found.remark,) if found is not None and found.remark else ()
    blob = found.blob if found is not None else None
    return msgspec.structs.replace(
        record,
        body=body,
        media_type=found.media_type if found is not None else "text/plain" if body else "",
        blob=blob.sha256 if blob is not None else "",
        size=len(blob.data) if blob is not None else None,
        comments=(*comments, *remark),
    )


def _body(rows: list[Seen]) -> str:
    """The text as sent, each part under its name where there are several; values with unit and range."""
    parts: list[tuple[str, list[str]]] = []
    for seen in rows:
        obx, name = seen.obx, coded(seen.obx, 3)[1]
        if result_status(obx.text(11)).word == WITHDRAWN:
            continue
        value = read_value(obx)
        text = f"{value.comparator or ''}{value.text or ''}"
        if unit := unit_of(obx):
            text = f"{text} {unit}"
        if (sent := range_of(obx)) and text:
            text = f"{text} ({sent})"
        note = comment_text(seen.notes)
        lines = [text, *([f"Comment: {note}"] if note else [])]
        if parts and parts[-1][0] == name:
            parts[-1][1].extend(lines)
        else:
            parts.append((name, lines))
    several = len(parts) > 1
    blocks = ["\n".join([name, *lines] if several and name else lines).strip("\n") for name, lines in parts]
    return "\n\n".join(b for b in blocks if b)
