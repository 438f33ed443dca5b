"""Booked examinations of a worklist beside the orders that they were made from: one request each. Pure, run at the cut.

A modality worklist tells a scheduled step of an order that a radiology system may have told too, under another id. Where
exactly one other request of the person has one of its numbers (accession, placer or filler number), the booking is that
request: it fills in when it is wanted and how far it has come, and says nothing else. Else it stands for itself, so that
nothing that was asked for is lost, nor counted twice (hazard H09).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from localdb.records.vocabulary import Record, Request

BOOKED = "instance-order"  # the intent of a request that a worklist told


def with_bookings(rows: Iterable[Record]) -> list[Record]:
    """All records of one person, each booking once; the order is kept."""
    every = list(rows)
    bookings = [r for r in every if isinstance(r, Request) and r.intent == BOOKED]
    if not bookings:
        return every
    orders = [r for r in every if isinstance(r, Request) and r.intent != BOOKED]
    filled: dict[str, Request] = {}
    gone: set[str] = set()
    for booking in bookings:
        order = _order_of(booking, orders)
        if order is not None:
            filled[order.id] = _with_booking(filled.get(order.id, order), booking)
            gone.add(booking.id)
    return [filled.get(r.id, r) if isinstance(r, Request) else r for r in every if r.id not in gone]


def _order_of(booking: Request, orders: Sequence[Request]) -> Request | None:
    numbers = {n.strip() for n in booking.numbers if n.strip()}
    found = [o for o in orders if numbers & {n.strip() for n in o.numbers}]
    return found[0] if len(found) == 1 else None


def _with_booking(order: Request, booking: Request) -> Request:
    return replace(
        order,
        wanted=booking.wanted or order.wanted,
        stage=booking.stage if booking.status == "active" or not order.stage else order.stage,
        reason=order.reason or booking.reason,
        author=order.author or booking.author,
        category=order.category or booking.category,
        numbers=tuple(dict.fromkeys((*order.numbers, *booking.numbers))),
    )
