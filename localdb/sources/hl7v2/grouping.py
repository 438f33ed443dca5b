"""The orders of a message: ORC, OBR, their comments, timing, results and specimens, as the standard's groups nest them.

ORU and ORM: ORC OBR NTE TQ1 {OBX NTE} {SPM OBX}. OUL R22 and R23: SPM {OBX} SAC before the OBR, and ORC after it. Senders
mix them: a segment belongs to the nearest thing before it that can have one.
"""

from __future__ import annotations

import msgspec

from localdb.sources.hl7v2.message import Message, Segment

# What an ORC may be about that is no OBR.
_DETAILS = frozenset({"ODS", "ODT", "RQD", "RXO", "RXE", "RXA", "RXD", "RXG", "BPO"})


class Seen(msgspec.Struct):
    """An OBX with the NTEs after it; `of_specimen` = it stood under the SPM."""

    obx: Segment
    notes: list[Segment] = []
    of_specimen: bool = False


class Order(msgspec.Struct):
    """One OBR (None: results without an order) with what belongs to it. `others` = RXO, RXE, TXA … in their order."""

    obr: Segment | None = None
    orc: Segment | None = None
    timing: Segment | None = None
    specimen: Segment | None = None
    notes: list[Segment] = []
    seen: list[Seen] = []
    others: list[Segment] = []

    def ei(self, obr_field: int, orc_field: int) -> str:
        """An order number as `EI-1^EI-2` (OBR first, then ORC): a number counts only beside who gave it."""
        for segment, field in ((self.obr, obr_field), (self.orc, orc_field)):
            found = entity(segment, field)
            if found:
                return found
        return ""

    @property
    def placer(self) -> str:
        return self.ei(2, 2)

    @property
    def filler(self) -> str:
        return self.ei(3, 3)


def entity(segment: Segment | None, field: int) -> str:
    """EI: the number, with its namespace (else its universal id) where one was sent."""
    if segment is None or not segment.text(field):
        return ""
    by = segment.text(field, 2) or segment.text(field, 3)
    return f"{segment.text(field)}^{by}" if by else segment.text(field)


def numbers_of(order: Order) -> tuple[str, ...]:
    """The order numbers as people read them: placer, filler, then the group's (OBR-2, OBR-3, ORC-4), without who gave
    them."""
    found = [s.text(f) for s, fields in ((order.obr, (2, 3)), (order.orc, (2, 3, 4))) if s is not None for f in fields]
    return tuple(dict.fromkeys(n for n in found if n))


def code_of(segment: Segment, field: int) -> str:
    """What tells one code from another within its source: code, else words, of the first triplet, else the second."""
    return next((t for t in (segment.text(field, n) for n in (1, 2, 4, 5)) if t), "")


def request_number(number: str, test: str, used: set[str]) -> str:
    """The name of a request: its number; with the test (and a count) where one number stands over several of a message.
    Adds it to `used`."""
    found, n = number, 1
    while found in used:
        found = f"{number}|{test}" if n == 1 else f"{number}|{test}#{n}"
        n += 1
    used.add(found)
    return found


def orders_of(message: Message) -> tuple[list[Order], list[Segment]]:
    """(orders in order, NTEs that stand before any of them)."""
    orders: list[Order] = []
    first_notes: list[Segment] = []
    current: Order | None = None
    orc: Segment | None = None
    orc_notes: list[Segment] = []
    timing: Segment | None = None
    specimen: Segment | None = None
    waiting: list[Seen] = []  # results of a specimen whose order comes after it
    before = _specimen_first(message)
    last = ""
    place: list[Segment] = first_notes
    for s in message.segments:
        name = s.name
        if name == "ORC":
            if current is not None and current.obr is not None and current.orc is None and last == "OBR" and before:
                current.orc = s
            else:
                if orc is not None:
                    orders.append(Order(orc=orc, notes=orc_notes, timing=timing))
                orc, current, orc_notes, timing = s, None, [], None
            place = current.notes if current is not None else orc_notes
        elif name == "OBR":
            current = Order(obr=s, orc=orc, notes=orc_notes, specimen=specimen, seen=waiting, timing=timing)
            orders.append(current)
            orc, orc_notes, waiting, timing = None, [], [], None
            place = current.notes
        elif name == "OBX":
            seen = Seen(s)
            if current is None:
                if before and specimen is not None and orc is None:
                    seen.of_specimen = True
                    waiting.append(seen)
                else:
                    current = Order(orc=orc, notes=orc_notes)
                    orders.append(current)
                    orc, orc_notes = None, []
                    current.seen.append(seen)
            else:
                seen.of_specimen = last == "SPM"
                current.seen.append(seen)
            place = seen.notes
        elif name == "NTE":
            place.append(s)
            continue
        elif name == "SPM":
            if before:
                specimen, current, waiting = s, None, []
            elif current is not None:
                current.specimen = current.specimen or s
                place = current.notes
        elif name == "TQ1":
            if current is not None:
                current.timing = current.timing or s
            else:
                timing = timing or s
        elif name in ("PID", "PV1"):
            place = first_notes
        elif current is not None:
            current.others.append(s)
        elif orc is not None and name in _DETAILS:
            current = Order(orc=orc, notes=orc_notes, timing=timing, others=[s])
            orders.append(current)
            orc, orc_notes, timing = None, [], None
            place = current.notes
        last = name
    if orc is not None or waiting:
        orders.append(Order(orc=orc, notes=orc_notes, timing=timing, specimen=specimen, seen=waiting))
    return orders, first_notes


def _specimen_first(message: Message) -> bool:
    for s in message.segments:
        if s.name in ("SPM", "OBR"):
            return s.name == "SPM"
    return False
