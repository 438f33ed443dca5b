"""Precautions (PV2-41), ambulatory status (PV1-15), living will and advance directive (PD1-7, PD1-15, PV2-45) as alerts.

One alert for each visit and field: the newest message that says the field tells the whole of it, `""` ends it.
"""

from __future__ import annotations

from localdb.records.vocabulary import Alert, Coding
from localdb.sources.hl7v2.coded import coded
from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.message import Message, Segment
from localdb.sources.hl7v2.stays import visit_of

_AMBULATORY = {  # table 0009
    "A1": "Ambulates with assistive device",
    "A2": "Wheelchair or stretcher bound",
    "A3": "Comatose, non-responsive",
    "A4": "Disoriented",
    "A5": "Vision impaired",
    "A6": "Hearing impaired",
    "A7": "Speech impaired",
    "A8": "Non-English speaking",
    "B1": "Oxygen therapy",
    "B2": "Special equipment (tubes, IVs, catheters)",
    "B3": "Amputee",
    "B4": "Mastectomy",
    "B5": "Paraplegic",
    "B6": "Pregnant",
}
_NOTHING = frozenset({"A0", "A9"})  # no limitations, level unknown: nothing to be warned of
_WILLS = {  # table 0315
    "Y": "Living will exists",
    "F": "Living will on file",
    "I": "Living will: information was provided",
}


def take_alerts(group: Message, at: MessageContext, told: Told, *, tie: int = 0) -> None:
    """The alerts of an ADT message, each with the words that were sent."""
    visit = visit_of(group, at)
    for name, field, category, table in (
        ("PV1", 15, "Ambulatory status", _AMBULATORY),
        ("PV2", 41, "Precautions", {}),
        ("PV2", 45, "Advance directive", {}),
        ("PD1", 7, "Living will", _WILLS),
        ("PD1", 15, "Advance directive", {}),
    ):
        segment = group.first(name)
        if segment is None:
            continue
        found = _said(segment, field, table)
        if found is None:
            continue
        codes, texts = found
        owner = visit if visit and name != "PD1" else at.patient
        record = Alert(
            **at.common("Flag", f"{owner}|{name}-{field}"),
            said=at.said,
            status="active" if texts else "inactive",
            codes=codes,
            text=", ".join(texts) or category,
            category=category,
        )
        told.facts.append(at.fact(record, tie=tie))


def _said(segment: Segment, field: int, table: dict[str, str]) -> tuple[tuple[Coding, ...], list[str]] | None:
    """(codings, words) of a field; no words where it was deleted or says that there is nothing; None where it is
    silent."""
    if segment.is_null(field):
        return (), []
    codes: list[Coding] = []
    texts: list[str] = []
    count = len(segment.repetitions(field))
    for n in range(count):
        own, text = coded(segment, field, n)
        code = segment.text(field, 1, 1, n).upper()
        codes += own
        if (table is _AMBULATORY and code in _NOTHING) or (table is _WILLS and code in ("N", "U")):
            continue
        texts.append(table.get(code, text) if text.upper() == code else text)
    return (tuple(codes), list(dict.fromkeys(t for t in texts if t))) if count else None
