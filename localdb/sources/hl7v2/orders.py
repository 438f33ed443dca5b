"""ORM, OMG, OML, OMI, OMD and REF: requests in flight (CLINICAL §3.3). Every order is one request.

Facts are partial: an order's later event says only what it changes. Results inside an order (questions asked at order
entry) are observations.
"""

from __future__ import annotations

from localdb.records.vocabulary import Reference, Request
from localdb.sources.hl7v2.coded import coded
from localdb.sources.hl7v2.comments import comments_of
from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.grouping import Order, code_of, entity, numbers_of, orders_of, request_number
from localdb.sources.hl7v2.message import Message, Segment
from localdb.sources.hl7v2.names import person_line
from localdb.sources.hl7v2.results import take_results
from localdb.sources.hl7v2.sections import section_of
from localdb.sources.hl7v2.statuses import request_status

_PRIORITIES = {"S": "stat", "A": "asap", "R": "routine", "T": "urgent", "P": "preop", "C": "callback"}  # table 0485
_DRUGS = frozenset({"RXO", "RXE", "RXA", "RXD", "RXG"})
_REFERRALS = {"A": "active", "P": "active", "R": "revoked", "E": "revoked"}  # table 0283
_DIET = {"D": "Diet", "S": "Supplement", "P": "Preference"}  # table 0159


def take_orders(message: Message, at: MessageContext, told: Told) -> None:
    """The requests of an order message; the referral of a REF."""
    if message.code == "REF":
        _referral(message, at, told)
    else:
        orders, notes = orders_of(message)
        pv1 = message.first("PV1")
        visit = pv1.text(19) if pv1 is not None else ""
        used: set[str] = set()
        about = comments_of(notes)
        for order in orders:
            if _DRUGS & {s.name for s in order.others} or (order.obr is None and order.orc is None):
                continue
            record = _request(order, used, visit, message, at, about)
            told.facts.append(at.fact(record, partial=True))
            about = ()
    if message.first("OBX") is not None:
        take_results(message, at, told)


def _request(
    order: Order, used: set[str], visit: str, message: Message, at: MessageContext, about: tuple[str, ...]
) -> Request:
    obr, orc, tq1, spm = order.obr, order.orc, order.timing, order.specimen
    diet = next((s for s in order.others if s.name in ("ODS", "ODT")), None)
    if obr is not None:
        codes, text = coded(obr, 4)
        test = code_of(obr, 4)
    elif diet is not None:
        codes, text = coded(diet, 3)
        kind = _DIET.get(diet.text(1).upper(), "")
        text = ": ".join(t for t in (kind, text or diet.text(4)) if t)
        test = f"{diet.name}{code_of(diet, 3)}"
    else:
        codes, text, test = (), "Order", ""
    number = order.placer or order.filler or f"{at.patient}|{test}|{_when(order)}"
    number = request_number(number, test, used)
    comments = comments_of(order.notes) + about
    if orc is not None and coded(orc, 16)[1]:
        comments += (f"Order: {coded(orc, 16)[1]}",)
    collected = obr.text(7) if obr else ""
    received = (at.moment(obr.text(14)) if obr else None) or (at.moment(spm.text(18)) if spm else None)
    start = (tq1.text(7) if tq1 else "") or (orc.text(7, 4) if orc else "") or (obr.text(6) if obr else "")
    return Request(
        **at.common("ServiceRequest", number),
        happened=at.moment(start) or at.moment(collected),
        said=(at.moment(orc.text(9)) if orc else None) or at.said,
        status=request_status(
            orc.text(1) if orc else "NW", orc.text(5) if orc else "", obr.text(25) if obr is not None else ""
        ),
        codes=codes,
        text=text or test,
        comments=comments,
        author=(person_line(orc, 12) if orc else "") or (person_line(obr, 16) if obr else ""),
        references=(Reference("encounter", f"Encounter/{visit}"),) if visit else (),
        intent="order",
        priority=_priority(order),
        category=(obr.text(24) if obr else "") or section_of(order, message.code, at.profile),
        reason="; ".join(dict.fromkeys(t for t in _reasons(order) if t)),
        numbers=numbers_of(order),
        # OBR-7 of an order that no specimen has come for may be when it is wanted: it proves no collection.
        collected=(at.moment(spm.text(17)) if spm else None) or (at.moment(collected) if received else None),
        received=received,
        stage=(obr.text(25) if obr else "") or (orc.text(5) if orc else ""),
        asked=(at.moment(orc.text(9)) or (at.said if orc.text(1).upper() == "NW" else None)) if orc else at.said,
        wanted=at.moment(start),
    )


def _when(order: Order) -> str:
    orc, obr = order.orc, order.obr
    return (obr.text(7) or obr.text(6) if obr else "") or (orc.text(9) if orc else "")


def _priority(order: Order) -> str:
    """TQ1-9, else the sixth component of OBR-27 or ORC-7 (TQ), else OBR-5; table 0485 in FHIR's words, others as sent."""
    tq1, obr, orc = order.timing, order.obr, order.orc
    sent = (
        (tq1.text(9) if tq1 else "")
        or (obr.text(27, 6) if obr else "")
        or (orc.text(7, 6) if orc else "")
        or (obr.text(5) if obr else "")
    )
    return _PRIORITIES.get(sent.upper(), sent)


def _reasons(order: Order) -> list[str]:
    obr = order.obr
    if obr is None:
        return []
    return [*(coded(obr, 31, n)[1] for n in range(len(obr.repetitions(31)))), obr.whole(13)]


def _referral(message: Message, at: MessageContext, told: Told) -> None:
    rf1 = message.first("RF1")
    if rf1 is None:
        return
    codes, text = coded(rf1, 3)
    number = entity(rf1, 6) or entity(rf1, 11) or f"{at.patient}|{rf1.text(7)}"
    status = _REFERRALS.get(rf1.text(1).upper(), "active")
    providers = [p for p in message.all("PRD") if p.text(1).upper() in ("RT", "RP")]
    record = Request(
        **at.common("ServiceRequest", f"RF1|{number}"),
        happened=at.moment(rf1.text(7)),
        ended=at.moment(rf1.text(8)),
        said=at.said,
        status="revoked" if message.trigger == "I14" else status,
        codes=codes,
        text=f"Referral: {text}" if text else "Referral",
        comments=tuple(f"{p.text(1, 2) or p.text(1)}: {_provider(p)}" for p in providers if _provider(p)),
        intent="order",
        priority=_PRIORITIES.get(rf1.text(2).upper(), rf1.text(2)),
        category="referral",
        reason=coded(rf1, 10)[1],
    )
    told.facts.append(at.fact(record, partial=True))


def _provider(prd: Segment) -> str:
    return " ".join(t for t in (prd.text(2, 5), prd.text(2, 2), prd.text(2, 1)) if t)
