"""ORU, OUL and the OBX of other messages: results, observations and their reports (CLINICAL §3.1).

One OBX is one result. Lines of one text (the same code and sub-id again) are one value; two values under one code and
sub-id stay two. A value that was withdrawn (D, W) or is not to be had (X, N) is not in its record at all; what it was
before comes from the fold of earlier messages. The site decides nothing here but its blood bank's and sections' codes.
"""

from __future__ import annotations

import msgspec

from localdb.records.moments import Moment
from localdb.records.vocabulary import Observation, Reference, Request, Result
from localdb.sources.hl7v2.blood_bank import blood_codes, requirement
from localdb.sources.hl7v2.coded import coded
from localdb.sources.hl7v2.comments import comments_of
from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.grouping import Order, Seen, code_of, entity, numbers_of, orders_of, request_number
from localdb.sources.hl7v2.message import Message, Segment
from localdb.sources.hl7v2.microbiology import with_susceptibilities
from localdb.sources.hl7v2.names import person_line
from localdb.sources.hl7v2.reports import is_narrative, report_of, take_files
from localdb.sources.hl7v2.sections import LABORATORY, section_of
from localdb.sources.hl7v2.statuses import WITHDRAWN, request_status, result_status
from localdb.sources.hl7v2.values import FILES, TEXTS, flag_of, kind_of, range_of, read_value, unit_of

# Messages whose OBR is a report of what was done; a referral brings what was found before it.
REPORTING = frozenset({"ORU", "OUL", "OPU", "REF"})
_NO_ORDERS = frozenset({"ADT", "PPR", "VXU"})  # nobody else takes the comments on an OBR of these
_NO_VALUE = frozenset({WITHDRAWN, "cancelled"})


class Made(msgspec.Struct):
    """A record of one OBX (or of the lines of one text) as it is put together."""

    record: Observation
    obx: Segment
    tie: int


def take_results(message: Message, at: MessageContext, told: Told) -> None:
    """Every OBX with its order and comments. Reports are made of OBRs in ORU and OUL; elsewhere an OBR is an order."""
    orders, first_notes = orders_of(message)
    is_report = message.code in REPORTING
    pv1 = message.first("PV1")
    visit = pv1.text(19) if pv1 is not None else ""
    bases: dict[str, int] = {}
    whole: list[tuple[Order, str, list[Made]]] = []
    sections: list[str] = []
    closed: set[str] = set()
    for order in orders:
        base = _base(order, message, at, bases)
        section = section_of(order, message.code, at.profile) if is_report else ""
        rows = [] if section == "imaging" or (is_report and is_narrative(order)) else order.seen
        made = _observations(rows, order, base, section, visit, message, at) if rows else []
        whole.append((order, base, made))
        sections.append(section)
    whole = with_susceptibilities(whole)
    for (order, base, made), section in zip(whole, sections, strict=True):
        if is_report and order.obr is not None:
            _report(order, base, section, made, first_notes, visit, at, told)
            _close_request(order, closed, at, told)
            first_notes = []
        elif order.seen:
            take_files(order, base, visit, at, told)
            if made and message.code in _NO_ORDERS and (own := comments_of(order.notes)):
                made[0].record = msgspec.structs.replace(made[0].record, comments=(*made[0].record.comments, *own))
    loose = comments_of(first_notes)
    for _, _, made in whole:
        for one in made:
            record = one.record
            if loose and not is_report:
                record, loose = msgspec.structs.replace(record, comments=(*record.comments, *loose)), ()
            told.facts.append(at.fact(record, tie=one.tie))
            if isinstance(record, Result) and (alert := requirement(one.obx, record, at)) is not None:
                told.facts.append(at.fact(alert, tie=one.tie))


def _base(order: Order, message: Message, at: MessageContext, seen: dict[str, int]) -> str:
    """What the order's results are named by: filler, else placer number, else patient, test and time; with the test."""
    obr = order.obr
    if obr is None:
        pv1 = message.first("PV1")
        visit = pv1.text(19) if pv1 is not None else ""
        number = order.filler or order.placer or f"{message.code}|{visit or at.patient}"
        found = number if order.orc is not None else f"{number}|{message.msh.text(7)}"
    else:
        number = order.filler or order.placer or f"{at.patient}|{obr.text(7) or obr.text(22)}"
        found = f"{number}|{code_of(obr, 4)}"
    seen[found] = seen.get(found, 0) + 1
    return found if seen[found] == 1 else f"{found}#{seen[found]}"


def _observations(
    rows: list[Seen], order: Order, base: str, section: str, visit: str, message: Message, at: MessageContext
) -> list[Made]:
    made: list[Made] = []
    places: dict[str, list[int]] = {}
    valued = {code_of(s.obx, 3) for s in rows if s.obx.repetitions(5)}
    for seen in rows:
        obx = seen.obx
        if kind_of(obx) in FILES or _says_nothing(seen, valued):
            continue
        key = f"{base}|{code_of(obx, 3)}|{obx.text(4)}"
        earlier = places.setdefault(key, [])
        source_id = key if not earlier else f"{key}#{len(earlier) + 1}"
        one = _one(seen, order, source_id, section, visit, message, at)
        if earlier and _goes_on(made[earlier[-1]], one):
            last = made[earlier[-1]]
            last.record = _joined(last.record, one.record)
            continue
        earlier.append(len(made))
        made.append(one)
    return made


def _says_nothing(seen: Seen, valued: set[str]) -> bool:
    """A heading: no value, no comment, no status that takes one away, above others of the same code; or wholly empty."""
    obx = seen.obx
    if obx.repetitions(5) or seen.notes or result_status(obx.text(11)).word in (*_NO_VALUE, "registered"):
        return False
    return code_of(obx, 3) in valued or not code_of(obx, 3)


def _goes_on(last: Made, one: Made) -> bool:
    """Whether this is the next line of the same text."""
    kinds = TEXTS | {"ST", ""}
    a, b = last.record, one.record
    is_text = kind_of(last.obx) in kinds and kind_of(one.obx) in kinds
    return is_text and a.status == b.status and a.unit == b.unit and not (a.comparator or b.comparator)


def _joined(a: Observation, b: Observation) -> Observation:
    value = "\n".join(v for v in (a.value, b.value) if v is not None) or None
    return msgspec.structs.replace(
        a, value=value, flag=a.flag or b.flag, range=a.range or b.range, comments=(*a.comments, *b.comments)
    )


def _one(
    seen: Seen, order: Order, source_id: str, section: str, visit: str, message: Message, at: MessageContext
) -> Made:
    obx, obr = seen.obx, order.obr
    status = result_status(obx.text(11))
    codes, text = coded(obx, 3)
    codes = blood_codes(obx, codes, at.profile)
    value = read_value(obx)
    comments = comments_of(seen.notes) + ((status.remark,) if status.remark else ())
    is_gone = status.word in _NO_VALUE
    absent = status.absent
    if is_gone and status.word != WITHDRAWN:
        # Some senders put the reason where the value would be ("Haemolysed"); a number there is no reason.
        said = value.text if value.text and not value.text.replace(".", "").isdigit() else ""
        absent = said or "; ".join(comments) or absent
    collected, received = _times(obx, order, at)
    make = Result if section == LABORATORY else Observation
    record = make(
        **at.common("Observation", source_id),
        happened=collected,
        said=_said(obx, obr, at),
        status=status.word,
        codes=codes,
        text=text or code_of(obx, 3),
        comments=comments,
        author=person_line(obx, 16),
        references=_references(obx, obr, order, visit),
        value=None if is_gone else value.text,
        comparator=None if is_gone else value.comparator,
        unit=unit_of(obx),
        range=range_of(obx),
        flag=None if is_gone else flag_of(obx),
        value_codes=() if is_gone else value.codes,
        absent=absent,
        method=", ".join(t for n in range(len(obx.repetitions(17))) if (t := coded(obx, 17, n)[1])),
        specimen=_specimen(order),
        body_site=coded(obx, 20)[1],
        category=section or _category(message),
        received=received,
    )
    return Made(record, obx, status.tie)


def _category(message: Message) -> str:
    return "vital-signs" if message.code == "ADT" else ""


def _times(obx: Segment, order: Order, at: MessageContext) -> tuple[Moment | None, Moment | None]:
    """(collected, received): OBX-14, OBR-7, SPM-17; OBR-14, SPM-18."""
    collected, received = _specimen_times(order, at)
    return at.moment(obx.text(14)) or collected, received


def _specimen_times(order: Order, at: MessageContext) -> tuple[Moment | None, Moment | None]:
    """(collected, received) of an order's specimen: OBR-7, SPM-17; OBR-14, SPM-18."""
    obr, spm = order.obr, order.specimen
    collected = (at.moment(obr.text(7)) if obr else None) or (at.moment(spm.text(17)) if spm else None)
    return collected, (at.moment(obr.text(14)) if obr else None) or (at.moment(spm.text(18)) if spm else None)


def _said(obx: Segment, obr: Segment | None, at: MessageContext) -> Moment | None:
    """OBR-22 (results reported or status changed), else OBX-19 (analysed), else the message's time."""
    return (at.moment(obr.text(22)) if obr else None) or at.moment(obx.text(19)) or at.said


def _specimen(order: Order) -> str:
    """SPM-4, its site (SPM-8); of older versions OBR-15."""
    spm, obr = order.specimen, order.obr
    if spm is not None:
        parts = [coded(spm, 4)[1], coded(spm, 8)[1]]
    elif obr is not None:
        parts = [obr.text(15, 1, 2) or obr.text(15, 1, 1), obr.text(15, 4, 2) or obr.text(15, 4, 1), obr.text(15, 3)]
    else:
        parts = []
    return ", ".join(dict.fromkeys(p for p in parts if p))


def _references(obx: Segment, obr: Segment | None, order: Order, visit: str) -> tuple[Reference, ...]:
    out = [Reference("encounter", f"Encounter/{visit}")] if visit else []
    name = obx.text(23) or coded(obx, 15)[1] or obx.text(23, 10)
    if name:
        out.append(Reference("performer", f"Organization/{name}", name))
    device = entity(obx, 18)
    if device:
        out.append(Reference("device", f"Device/{device}", obx.text(18)))
    if obr is not None and (order.placer or order.filler):
        out.append(Reference("based_on", f"ServiceRequest/{order.placer or order.filler}"))
    return tuple(out)


def _report(
    order: Order,
    base: str,
    section: str,
    made: list[Made],
    notes: list[Segment],
    visit: str,
    at: MessageContext,
    told: Told,
) -> None:
    """The report of an OBR, its files, and what it says of its request."""
    files = take_files(order, base, visit, at, told)
    words = tuple(m.record.status for m in made) or tuple(result_status(s.obx.text(11)).word for s in order.seen)
    record, tie = report_of(order, base, section, words, notes, visit, at, files)
    results = tuple(f"Observation/{m.record.source_id}" for m in made)
    told.facts.append(at.fact(msgspec.structs.replace(record, results=results), tie=tie))
    if len(made) == 1 and (own := comments_of(order.notes)):
        one = made[0]
        one.record = msgspec.structs.replace(one.record, comments=(*one.record.comments, *own))


def _close_request(order: Order, used: set[str], at: MessageContext, told: Told) -> None:
    """A result's word on the request behind it, so that one in flight closes."""
    obr, orc = order.obr, order.orc
    number = order.placer or order.filler
    if obr is None or not number:
        return
    control = orc.text(1) if orc else ""
    status = request_status("", "", obr.text(25)) or request_status(
        control if control != "NW" else "", orc.text(5) if orc else ""
    )
    if not status:
        return
    codes, text = coded(obr, 4)
    number = request_number(number, code_of(obr, 4), used)
    # `said` is when it was ordered: the order's to say, not the answer's.
    collected, received = _specimen_times(order, at)
    record = Request(
        **at.common("ServiceRequest", number), status=status, codes=codes, text=text, numbers=numbers_of(order),
        collected=collected, received=received, stage=obr.text(25) or (orc.text(5) if orc else ""),
    )  # fmt: skip
    told.facts.append(at.fact(record, partial=True))
