"""Letters and other documents: what is held of each, which still stands, in which group; and who may see what. Pure.

The one rule of restricted records (CLINICAL §1.5) stands here: `showing`. Lists of many patients, census prints, labels
and displays never have them; on the open record of one patient a clinical role sees a discreet code in the list and the
record itself once it is opened; everybody else sees that something is kept back, and nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from localdb.chart.views import Chart
from localdb.records.moments import Moment
from localdb.records.vocabulary import Attachment, Document, Record, Report

CLINICAL_ROLES = frozenset({"coordinator", "clinician"})
ONE, MANY = "one", "many"  # the open record of one patient; whatever shows several people or hangs where anybody reads
WHOLE, CODE, HIDDEN = "whole", "code", "hidden"
RESTRICTED = "Restricted record"  # the discreet code: what it is about is said only once it is opened
CURRENT, SUPERSEDED, WITHDRAWN, PRELIMINARY = "current", "superseded", "withdrawn", "preliminary"
NO_TYPE = "Type not sent"


def showing(record: Record, place: str, role: str) -> str:
    """WHOLE, CODE (name it by RESTRICTED until it is opened) or HIDDEN: what `place` may show of a record to `role`."""
    if not record.restricted:
        return WHOLE
    if place != ONE or role not in CLINICAL_ROLES:
        return HIDDEN
    return CODE


def kept_back(records: Iterable[Record], place: str, role: str) -> str:
    """What is said of records that are not shown at all; "" where all are."""
    count = sum(showing(r, place, role) == HIDDEN for r in records)
    if not count:
        return ""
    return f"{count} restricted {'record is' if count == 1 else 'records are'} not shown here."


class Item(msgspec.Struct, frozen=True):
    """One document in its place.

    `state` CURRENT, SUPERSEDED (the source or a later document says so), WITHDRAWN or PRELIMINARY; `later` the title of
    the document that took its place ("": not known) and `later_at` its time; `addenda` the documents that add to it,
    newest first; `is_addendum` = it adds to another one, which may not be in this copy.
    """

    document: Document
    state: str = CURRENT
    later: str = ""
    later_at: Moment | None = None
    addenda: tuple[Document, ...] = ()
    is_addendum: bool = False


class Group(msgspec.Struct, frozen=True):
    """Documents of one type as sent, newest first."""

    title: str
    items: tuple[Item, ...]


def title_of(document: Document) -> str:
    """The title as sent, else the type."""
    return document.title or document.text or "Document without a title"


def type_of(document: Document) -> str:
    """The type as sent; the category where no type came."""
    return document.text or document.category or NO_TYPE


def attachments(record: Document | Report) -> tuple[Attachment, ...]:
    """Every file that came with a record, the first one first."""
    title, size = (record.title, record.size) if isinstance(record, Document) else (record.text, None)
    first = (Attachment(record.blob, record.media_type, title, size),) if record.blob else ()
    return (*first, *record.files)


def items(chart: Chart, role: str) -> tuple[Item, ...]:
    """The documents that `role` may open, newest first."""
    found = [d for d in chart.lists["documents"].items if isinstance(d, Document) and showing(d, ONE, role) != HIDDEN]
    keys = {(d.source, f"DocumentReference/{d.source_id}"): d for d in found}
    keys |= {(d.source, f"Composition/{d.source_id}"): d for d in found}
    later: dict[str, Document] = {}
    addenda: dict[str, list[Document]] = {}
    adding: set[str] = set()
    for document in found:
        for ref in document.references:
            target = keys.get((document.source, ref.key))
            if ref.role == "replaces" and target is not None and document.status != "entered-in-error":
                later[target.id] = document
            elif ref.role == "appends" or (ref.role == "based_on" and ref.key.startswith("DocumentReference/")):
                adding.add(document.id)
                if target is not None and document.status != "entered-in-error":
                    addenda.setdefault(target.id, []).append(document)
    made = [_item(d, later.get(d.id), addenda.get(d.id, ()), d.id in adding) for d in found]
    return tuple(sorted(made, key=lambda i: _utc(i.document), reverse=True))


def _item(document: Document, later: Document | None, addenda: Sequence[Document], is_addendum: bool) -> Item:
    state = {"entered-in-error": WITHDRAWN, "superseded": SUPERSEDED, "preliminary": PRELIMINARY}.get(
        document.status, CURRENT
    )
    # R4 has these in docStatus, beside a status that says current.
    said = {"Document status: preliminary": PRELIMINARY, "Document status: entered-in-error": WITHDRAWN}
    state = next((said[c] for c in document.comments if c in said and state == CURRENT), state)
    if later is not None and state != WITHDRAWN:
        state = SUPERSEDED
    named = title_of(later) if later is not None and not later.restricted else ""
    at = later.happened or later.said if later is not None else None
    return Item(document, state, named, at, tuple(sorted(addenda, key=_utc, reverse=True)), is_addendum)


def _utc(document: Document) -> int:
    """When it was written (LOINC type axis apart): the event's time, else when it was filed."""
    moment = document.happened or document.said
    return moment.utc if moment is not None and moment.utc is not None else -(2**62)


def groups(found: Sequence[Item]) -> tuple[Group, ...]:
    """By type as sent, the group with the newest document first; restricted ones stand under their code alone."""
    by_type: dict[str, list[Item]] = {}
    names: dict[str, str] = {}
    for item in found:
        name = RESTRICTED if item.document.restricted else type_of(item.document)
        names.setdefault(name.casefold(), name)
        by_type.setdefault(name.casefold(), []).append(item)
    return tuple(Group(names[key], tuple(of_type)) for key, of_type in by_type.items())


def matching(found: Sequence[Item], text: str) -> tuple[Item, ...]:
    """Those in whose title, type, author, specialty, category, state or source every word of `text` begins a word."""
    wanted = text.casefold().split()
    return tuple(i for i in found if all(any(w.startswith(x) for w in _words(i)) for x in wanted))


def _words(item: Item) -> list[str]:
    d = item.document
    if d.restricted:
        return [*RESTRICTED.casefold().split(), d.source.casefold()]
    said = " ".join((d.title, d.text, d.author, d.specialty, d.category, item.state, d.source)).casefold()
    return "".join(c if c.isalnum() else " " for c in said).split()
