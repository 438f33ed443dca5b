"""What a worklist books is the order that was told already, where one number says so; never lost, never twice (H09)."""

from __future__ import annotations

from typing import Any

from localdb.chart.bookings import BOOKED, with_bookings
from localdb.records.moments import read_moment
from localdb.records.vocabulary import Record, Report, Request

WHEN = read_moment("2026-11-28T09:30:00Z")


def order(number: str, *numbers: str, **more: Any) -> Request:
    return Request(id=f"R{number}", patient="P1", source="epr", source_id=number, status="active", intent="order",
                   text="CT head", numbers=numbers, **more)  # fmt: skip


def booking(*numbers: str, **more: Any) -> Request:
    given: dict[str, Any] = {"status": "active", "stage": "SC", "wanted": WHEN, "category": "CT", **more}
    return Request(
        id="RB", patient="P1", source="ris", source_id="B", intent=BOOKED, text="CT head", numbers=numbers, **given
    )


def test_a_booking_is_the_order_with_one_of_its_numbers() -> None:
    report = Report(id="RR", patient="P1", source="ris", source_id="r")
    found = with_bookings([report, booking("A78", "O9"), order("1", "O9 ", reason="Fall"), order("2", "O8")])
    assert [r.id for r in found] == ["RR", "R1", "R2"]
    one = found[1]
    assert isinstance(one, Request)
    assert (one.wanted, one.stage, one.reason, one.intent, one.category) == (WHEN, "SC", "Fall", "order", "CT")
    assert set(one.numbers) == {"O9 ", "A78", "O9"}


def test_a_booking_of_no_order_or_of_several_stands_for_itself() -> None:
    rows: list[Record] = [booking("A78"), order("1", "O9")]
    assert with_bookings(rows) == rows
    rows = [booking("A78"), order("1", "A78"), order("2", "A78")]
    assert with_bookings(rows) == rows
    rows = [booking(""), order("1", "")]
    assert with_bookings(rows) == rows, "no number is no number in common"


def test_a_cancelled_booking_ends_no_order() -> None:
    (one,) = with_bookings([booking("O9", status="revoked", stage="CA"), order("1", "O9", stage="SC")])
    assert isinstance(one, Request)
    assert (one.status, one.stage) == ("active", "SC")


def test_without_bookings_nothing_is_touched() -> None:
    rows: list[Record] = [order("1", "O9")]
    assert with_bookings(rows) == rows
