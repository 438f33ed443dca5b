"""DG1, PRB and PR1: diagnoses of a stay, the problem list (PPR), procedures."""

from __future__ import annotations

from localdb.records.vocabulary import Other, Problem, Reference
from localdb.sources.hl7v2.coded import coded
from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.message import Message, Segment
from localdb.sources.hl7v2.names import person_line
from localdb.sources.hl7v2.stays import visit_of

ERROR = "entered-in-error"
_DIAGNOSES = {"A": "Admitting diagnosis", "W": "Working diagnosis", "F": "Final diagnosis"}  # table 0052
# Life cycle (PRB-14) and what an `ended` life is called in FHIR; others stay as sent.
_OVER = {"RESOLVED": "resolved", "INACTIVE": "inactive", "REMISSION": "remission", "CLOSED": "resolved"}
_CONFIRMATIONS = {
    "C": "confirmed",
    "CONFIRMED": "confirmed",
    "D": "differential",
    "DIFFERENTIAL": "differential",
    "P": "provisional",
    "PROVISIONAL": "provisional",
    "R": "refuted",
    "U": "unconfirmed",
    "UNCONFIRMED": "unconfirmed",
}


def take_diagnoses(group: Message, at: MessageContext, told: Told, *, tie: int = 0) -> None:
    """DG1 of an ADT message: one problem each. Deleted ones (DG1-21 `D`) are marked as errors."""
    visit = visit_of(group, at)
    for dg1 in group.all("DG1"):
        codes, text = coded(dg1, 3)
        text = text or dg1.whole(4)
        if not text:
            continue
        kind, own = dg1.text(6).upper(), dg1.text(20)
        what = codes[0].code if codes and codes[0].code else text.casefold()
        deleted = dg1.text(21).upper() == "D"
        record = Problem(
            **at.common("Condition", own or f"{visit or at.patient}|{what}|{kind}"),
            happened=at.moment(dg1.text(5)),
            said=at.moment(dg1.text(19)) or at.said,
            status=ERROR if deleted else "",
            codes=codes,
            text=text,
            author=person_line(dg1, 16),
            references=(Reference("encounter", f"Encounter/{visit}"),) if visit else (),
            restricted=dg1.text(18).upper() in ("Y", "YES"),
            verification=ERROR if deleted else "",
            category=dg1.text(6, 2) or _DIAGNOSES.get(kind, dg1.text(6)),
        )
        told.facts.append(at.fact(record, tie=tie))


def take_problems(group: Message, at: MessageContext, told: Told, *, tie: int = 0) -> None:
    """PRB of PPR: PC1 adds, PC2 updates, PC3 deletes (PRB-1 says it for each problem)."""
    for prb in group.all("PRB"):
        codes, text = coded(prb, 3)
        if not text:
            continue
        own = prb.text(4) or f"{at.patient}|{codes[0].code if codes and codes[0].code else text.casefold()}"
        action = prb.text(1).upper()
        deleted = action in ("DE", "D") or (not action and group.trigger == "PC3")
        life, confirmed = prb.text(14).upper(), prb.text(13).upper()
        ended = at.moment(prb.text(9))
        clinical = _OVER.get(life, "resolved" if ended else "active" if life in ("", "ACTIVE", "A") else prb.text(14))
        verification = _CONFIRMATIONS.get(confirmed, prb.text(13, 2) or prb.text(13))
        onset = prb.text(17)
        record = Problem(
            **at.common("Condition", own),
            happened=at.moment(prb.text(16)),
            ended=ended,
            said=at.moment(prb.text(2)) or at.moment(prb.text(7)) or at.said,
            status=ERROR if deleted else clinical,
            codes=codes,
            text=text,
            comments=_notes(group, prb) + ((f"Onset: {onset}",) if onset else ()),
            restricted=bool(prb.text(25)) and prb.text(25).upper() not in ("N", "NO", "U"),
            clinical="" if deleted else clinical,
            verification=ERROR if deleted else verification,
            category=prb.text(10, 2) or prb.text(10) or "problem-list-item",
        )
        told.facts.append(at.fact(record, tie=tie))


def _notes(group: Message, prb: Segment) -> tuple[str, ...]:
    """NTE that follow the PRB at once."""
    notes, beside = [], False
    for segment in group.segments:
        if segment is prb:
            beside = True
        elif beside and segment.name == "NTE":
            notes.append("\n".join(segment.whole(3).split("~")) if segment.whole(3) else "")
        elif beside:
            break
    return tuple(n for n in notes if n)


def take_procedures(group: Message, at: MessageContext, told: Told, *, tie: int = 0) -> None:
    """PR1: kept as a procedure; its list comes later, as with FHIR's Procedure."""
    visit = visit_of(group, at)
    for pr1 in group.all("PR1"):
        codes, text = coded(pr1, 3)
        text = text or pr1.whole(4)
        if not text:
            continue
        what = codes[0].code if codes and codes[0].code else text.casefold()
        deleted = pr1.text(20).upper() == "D"
        record = Other(
            **at.common("Procedure", pr1.text(19) or f"{visit or at.patient}|{what}|{pr1.text(5)}"),
            happened=at.moment(pr1.text(5)),
            said=at.said,
            status=ERROR if deleted else "",
            codes=codes,
            text=text,
            type="Procedure",
        )
        told.facts.append(at.fact(record, tie=tie))
