"""RDE, RDS, RAS, RGV, OMP and ORM with RXO: medicines as prescribed, and what was given (CLINICAL §5.2).

Amounts, units, routes and frequencies are the texts that were sent. Facts of a medicine are partial: a later event says
only what it changes. A dose that was given is a record of its own that names its order.
"""

from __future__ import annotations

import msgspec

from localdb.records.moments import Moment
from localdb.records.vocabulary import Administration, Medicine, Reference
from localdb.sources.hl7v2.coded import coded
from localdb.sources.hl7v2.comments import comments_of
from localdb.sources.hl7v2.context import MessageContext, Told
from localdb.sources.hl7v2.grouping import code_of, entity, request_number
from localdb.sources.hl7v2.message import Message, Segment
from localdb.sources.hl7v2.names import person_line
from localdb.sources.hl7v2.results import take_results
from localdb.sources.hl7v2.statuses import request_status
from localdb.sources.hl7v2.values import unit_of

UNKNOWN_AMOUNT = "999"  # RXA-6: the standard's own word for an amount that nobody recorded
NOT_NAMED = "not named in the message"
_STOPPED = frozenset({"DC", "OD", "DR"})
# Table 0335: patterns of one day. `nJ` (days of the week) and longer ones are left out: their clock times need a day.
_DAILY = frozenset({"QD", "Q1D", "BID", "TID", "QID", "5ID", "QAM", "QPM", "QHS", "QSHIFT", "AM", "PM", "HS",
                    "OD", "BD", "TDS", "QDS", "OM", "ON", "NOCTE"})  # the British words of the same  # fmt: skip
_DONE = {"CP": "completed", "PA": "completed", "RE": "not-done", "NA": "not-done"}  # table 0322


class Prescription(msgspec.Struct):
    """ORC and what follows it; `routes` and `timings` of the encoded order (RXE) come after those of the request."""

    orc: Segment | None = None
    asked: Segment | None = None  # RXO
    encoded: Segment | None = None  # RXE, else RXG
    routes: list[Segment] = []
    timings: list[Segment] = []
    parts: list[Segment] = []  # RXC
    given: list[tuple[Segment, list[Segment]]] = []  # RXA, with the RXR and NTE after it
    dispensed: list[Segment] = []  # RXD
    notes: list[Segment] = []

    @property
    def number(self) -> str:
        return entity(self.orc, 2) or entity(self.orc, 3) or (self.encoded.text(15) if self.encoded else "")


def prescriptions_of(message: Message) -> list[Prescription]:
    """The orders in order. A detail without an ORC begins one of its own."""
    found: list[Prescription] = []
    after = ""
    for s in message.segments:
        name = s.name
        if name == "ORC":
            found.append(Prescription(orc=s))
        elif name in ("RXO", "RXE", "RXA", "RXD", "RXG"):
            if not found or (name == "RXO" and found[-1].asked) or (name == "RXE" and found[-1].encoded):
                found.append(Prescription(orc=found[-1].orc if found else None))
            one = found[-1]
            if name == "RXO":
                one.asked = s
            elif name == "RXE" or (name == "RXG" and one.encoded is None):
                one.encoded = s
            elif name == "RXA":
                one.given.append((s, []))
            elif name == "RXD":
                one.dispensed.append(s)
        elif found:
            one = found[-1]
            if one.given and name in ("RXR", "NTE"):
                one.given[-1][1].append(s)
            elif name == "RXR" and after != "RXD":
                one.routes.append(s)
            elif name == "TQ1":
                one.timings.append(s)
            elif name == "RXC" and after != "RXD":
                one.parts.append(s)
            elif name == "NTE":
                one.notes.append(s)
            elif name in ("OBX", "OBR"):
                after = name
                continue
        if name in ("RXO", "RXE", "RXD", "RXA", "ORC", "RXG"):
            after = name
    for one in found:  # comments on an OBX are taken with it, in results
        one.notes = [n for n in one.notes if not _is_of_result(message, n)]
    return found


def _is_of_result(message: Message, note: Segment) -> bool:
    last = ""
    for s in message.segments:
        if s is note:
            return last == "OBX"
        if s.name != "NTE":
            last = s.name
    return False


def take_medicines(message: Message, at: MessageContext, told: Told) -> None:
    """Medicines and administrations of a pharmacy message."""
    pv1 = message.first("PV1")
    visit = pv1.text(19) if pv1 is not None else ""
    used: set[str] = set()
    for one in prescriptions_of(message):
        number = one.number or _made_up(one, at)
        # One order number over several drugs: each is a medicine.
        number = request_number(number, _drug_code(one), used)
        if (
            one.asked is not None
            or one.encoded is not None
            or (one.orc is not None and not one.given and _changes(one.orc))
        ):
            told.facts.append(at.fact(_medicine(one, number, visit, at), partial=True))
        for rxa, around in one.given:
            record = administration(rxa, around, "MedicationAdministration", number, at)
            told.facts.append(at.fact(msgspec.structs.replace(record, request=f"MedicationRequest/{number}")))
    if message.first("OBX") is not None and message.code != "ORM":
        take_results(message, at, told)


def _changes(orc: Segment) -> bool:
    """Whether an ORC alone says something of an order that was placed before."""
    is_new = orc.text(1).upper() in ("NW", "RE", "")
    return not is_new and bool(request_status(orc.text(1), orc.text(5))) and bool(entity(orc, 2) or entity(orc, 3))


def _drug_code(one: Prescription) -> str:
    if one.encoded is not None:
        return code_of(one.encoded, 4 if one.encoded.name == "RXG" else 2)
    return code_of(one.asked, 1) if one.asked is not None else ""


def _made_up(one: Prescription, at: MessageContext) -> str:
    written = one.orc.text(9) if one.orc is not None else ""
    drug = _drug_code(one) or (code_of(one.given[0][0], 5) if one.given else "")
    return f"{at.patient}|{drug}|{written}"


def _medicine(one: Prescription, number: str, visit: str, at: MessageContext) -> Medicine:
    orc, asked, encoded = one.orc, one.asked, one.encoded
    give = encoded is not None and encoded.name == "RXG"
    own = coded(encoded, 4 if give else 2) if encoded is not None else ((), "")
    wanted = coded(asked, 1) if asked is not None else ((), "")
    codes, text = own if own[1] else wanted
    comments = list(comments_of(one.notes))
    if own[1] and wanted[1] and own[1].casefold() != wanted[1].casefold():
        comments.append(f"Ordered as: {wanted[1]}")
    parts = [_part(p) for p in one.parts]
    if not text and parts:
        text = " + ".join(parts)
    elif parts:
        comments.append(f"Contains: {' + '.join(dict.fromkeys(parts))}")
    comments += [c for c in (_strength(one), *(_dispensed(d, at) for d in one.dispensed)) if c]
    timing = one.timings[-1] if one.timings else None
    frequency = _frequency(one, timing)
    start = (timing.text(7) if timing else "") or _tq(one, 4) or (orc.text(15) if orc else "")
    stop = (timing.text(8) if timing else "") or _tq(one, 5)
    status = request_status(orc.text(1) if orc else "NW", orc.text(5) if orc else "")
    if status == "revoked":
        stopped = orc is not None and (orc.text(1).upper() in _STOPPED or orc.text(5).upper() == "DC")
        status = "stopped" if stopped else "cancelled"
    priority = (timing.text(9) if timing else "") or _tq(one, 6)
    return Medicine(
        **at.common("MedicationRequest", number),
        happened=at.moment(start) or (at.moment(orc.text(9)) if orc else None),
        ended=at.moment(stop),
        said=(at.moment(orc.text(9)) if orc else None) or at.said,
        status=status,
        codes=codes,
        text=text,
        comments=tuple(comments),
        author=person_line(orc, 12) if orc else "",
        references=(Reference("encounter", f"Encounter/{visit}"),) if visit else (),
        intent="order",
        dose=_dose(one),
        route="; ".join(dict.fromkeys(t for t in (_route(r) for r in one.routes[-1:]) if t)),
        frequency=frequency,
        instructions=_instructions(one, timing),
        as_needed="PRN" in f"{priority} {frequency}".upper() or "as needed" in frequency.casefold(),
        reason=_reason(one),
        form=_form(one),
        times=_clock_times(timing),
        due=_due(one, timing, at),
        every="1 d" if timing is not None and _is_daily(timing) else "",
    )


def _form(one: Prescription) -> str:
    """RXE-6, RXG-8 or RXO-5: the dosage form as sent."""
    for segment, field in (
        (one.encoded, 8 if one.encoded is not None and one.encoded.name == "RXG" else 6),
        (one.asked, 5),
    ):
        if segment is not None and (text := coded(segment, field)[1]):
            return text
    return ""


def _clock_times(timing: Segment | None) -> tuple[str, ...]:
    """TQ1-4, `HHMM[SS]`, as `HH:MM`: the explicit times of the order; anything else stands as sent."""
    if timing is None:
        return ()
    sent = [timing.text(4, 1, 1, n) for n in range(len(timing.repetitions(4)))]
    return tuple(dict.fromkeys(f"{t[:2]}:{t[2:4]}" if t[:4].isdigit() and len(t) in (4, 6) else t for t in sent if t))


def _due(one: Prescription, timing: Segment | None, at: MessageContext) -> tuple[Moment, ...]:
    """When a dose is to be given: TQ1-7, else RXG-3.4, of a message that asks for one dose (RGV: RXG)."""
    if one.encoded is None or one.encoded.name != "RXG":
        return ()
    wanted = at.moment((timing.text(7) if timing is not None else "") or one.encoded.text(3, 4))
    return (wanted,) if wanted is not None and wanted.has_time else ()


def _is_daily(timing: Segment) -> bool:
    """Whether TQ1-3 names a pattern of table 0335 that repeats each day, so that its clock times hold for any day."""
    codes = {timing.text(3, 1, 1, n).upper() for n in range(len(timing.repetitions(3)))}
    return bool(codes) and codes <= _DAILY


def _tq(one: Prescription, component: int) -> str:
    """A component of the older timing field: RXE-1, else ORC-7."""
    encoded, orc = one.encoded, one.orc
    found = encoded.text(1, component) if encoded is not None and encoded.name == "RXE" else ""
    return found or (orc.text(7, component) if orc is not None else "")


def _frequency(one: Prescription, timing: Segment | None) -> str:
    """TQ1-3 with its clock times (TQ1-4), else the interval of ORC-7 or RXE-1, as sent."""
    if timing is not None:
        named = [_pattern(timing, n) for n in range(len(timing.repetitions(3)))]
        clock = [timing.text(4, 1, 1, n) for n in range(len(timing.repetitions(4)))]
        at_times = f"at {', '.join(clock)}" if clock else ""
        found = " ".join(t for t in ("; ".join(t for t in named if t), at_times) if t)
        if found:
            return found
    for segment, field in ((one.encoded, 1), (one.orc, 7)):
        if segment is None or (field == 1 and segment.name != "RXE"):
            continue
        found = " ".join(t for t in (segment.text(field, 2), segment.text(field, 2, 2)) if t)
        if found:
            return found
    return ""


def _pattern(timing: Segment, n: int) -> str:
    """RPT: the pattern's words, and its period (`every 8 h`) where one was sent."""
    period, unit = timing.text(3, 5, 1, n), timing.text(3, 6, 1, n)
    every = f"every {period} {unit}".strip() if period else ""
    named = timing.text(3, 1, 2, n) or timing.text(3, 1, 1, n) or timing.text(3, 11, 1, n) or timing.text(3, 2, 1, n)
    return " ".join(t for t in (named, every) if t)


def _dose(one: Prescription) -> str:
    """`2.5 mg`, `1-2 tablet`, with a rate where one was sent: the amounts as sent."""
    encoded, asked = one.encoded, one.asked
    if encoded is not None:
        low, high, unit = (5, 6, 7) if encoded.name == "RXG" else (3, 4, 5)
        text = _amount(encoded, low, high, unit)
        if encoded.name == "RXE" and encoded.text(23):
            text = f"{text} at {encoded.text(23)} {unit_of(encoded, 24) or ''}".strip()
        if text:
            return text
    if asked is not None and (text := _amount(asked, 2, 3, 4)):
        return text
    for segment, field in ((one.timings[-1] if one.timings else None, 2), (encoded, 1), (one.orc, 7)):
        if segment is not None and segment.name in ("TQ1", "RXE", "ORC") and segment.text(field, 1):
            words = (segment.text(field, 2, 2) or segment.text(field, 2, 1)) if segment.name == "TQ1" else ""
            return f"{segment.text(field, 1)} {words or segment.text(field, 1, 2)}".strip()
    return ""


def _amount(segment: Segment, low: int, high: int, unit: int) -> str:
    amounts = [segment.text(low), segment.text(high)]
    text = "-".join(dict.fromkeys(a for a in amounts if a))
    return f"{text} {unit_of(segment, unit) or ''}".strip() if text else ""


def _route(rxr: Segment) -> str:
    route, site = coded(rxr, 1)[1], coded(rxr, 2)[1]
    return f"{route}, {site}" if route and site else route or site


def _part(rxc: Segment) -> str:
    return " ".join(t for t in (coded(rxc, 2)[1], rxc.text(3), unit_of(rxc, 4) or "") if t)


def _strength(one: Prescription) -> str:
    for segment, amount in ((one.encoded, 25), (one.asked, 18)):
        if segment is not None and segment.name in ("RXE", "RXO") and segment.text(amount):
            return f"Strength: {segment.text(amount)} {unit_of(segment, amount + 1) or ''}".strip()
    return ""


def _dispensed(rxd: Segment, at: MessageContext) -> str:
    amount = f"{rxd.text(4)} {unit_of(rxd, 5) or ''}".strip()
    notes = "; ".join(rxd.text(9, 1, 1, n) for n in range(len(rxd.repetitions(9))))
    day = at.moment(rxd.text(3))
    when = f"on {day.local:%d-%b-%Y}" if day is not None and day.local is not None else ""
    return " ".join(t for t in ("Dispensed:", coded(rxd, 2)[1], amount, when, f"({notes})" if notes else "") if t)


def _instructions(one: Prescription, timing: Segment | None) -> str:
    texts: list[str] = []
    for segment, fields in ((one.encoded, (7, 21)), (one.asked, (7, 6))):
        if segment is None or segment.name == "RXG":
            continue
        for field in fields:
            texts += [coded(segment, field, n)[1] for n in range(len(segment.repetitions(field)))]
    if timing is not None:
        texts += [timing.whole(10), timing.whole(11)]
    texts.append(_tq(one, 8))
    return "; ".join(dict.fromkeys(t for t in texts if t))


def _reason(one: Prescription) -> str:
    for segment, field in ((one.encoded, 27), (one.asked, 20), (one.orc, 16)):
        if segment is not None and segment.name != "RXG" and (text := coded(segment, field)[1]):
            return text
    return ""


def administration(
    rxa: Segment, around: list[Segment], type_: str, number: str, at: MessageContext, source_id: str = ""
) -> Administration:
    """What RXA says was given or not given. `source_id` of its own, else the order's number with its counter and time."""
    codes, text = coded(rxa, 5)
    done, reason = rxa.text(20).upper(), coded(rxa, 18)[1]
    status = _DONE.get(done) or ("not-done" if reason and not done else "completed" if not done else done.lower())
    if rxa.text(21).upper() == "D":
        status = "entered-in-error"
    amount = rxa.text(6)
    comments = [*comments_of(s for s in around if s.name == "NTE")]
    comments += [coded(rxa, 9, n)[1] for n in range(len(rxa.repetitions(9)))]
    if done == "PA":
        comments.append("Partly given")
    if status == "completed" and reason:
        comments.append(f"Refusal as sent: {reason}")
    if indication := coded(rxa, 19)[1]:
        comments.append(f"Indication as sent: {indication}")
    lots = [rxa.text(15, 1, 1, n) for n in range(len(rxa.repetitions(15)))]
    comments += [f"Lot: {', '.join(lots)}" if lots else "", f"Maker: {coded(rxa, 17)[1]}" if coded(rxa, 17)[1] else ""]
    return Administration(
        **at.common(type_, source_id or f"{number}|{rxa.text(1) or rxa.text(2)}|{rxa.text(3)}"),
        happened=at.moment(rxa.text(3)),
        ended=at.moment(rxa.text(4)) if rxa.text(4) != rxa.text(3) else None,
        said=at.moment(rxa.text(22)) or at.said,
        status=status,
        codes=codes,
        text=text or NOT_NAMED,
        comments=tuple(c for c in comments if c),
        author=person_line(rxa, 10),
        dose=f"{amount} {unit_of(rxa, 7) or ''}".strip() if amount and amount != UNKNOWN_AMOUNT else "",
        route="; ".join(_route(s) for s in around if s.name == "RXR"),
        reason=reason if status == "not-done" else "",
    )
