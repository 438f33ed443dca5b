"""Questions about what was typed: far from before, or outside what is usual. They ask; they never refuse (no Qt).

The bounds are those of a slip of the finger, not of illness: no advice follows from them and no score is made.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from desktop.entry.typing_words import number


class Bound(NamedTuple):
    """Lowest and highest usual typing, and how far from the value before is far."""

    low: Decimal
    high: Decimal
    far: Decimal


BOUNDS = {
    "resp": Bound(Decimal(4), Decimal(60), Decimal(15)),
    "spo2": Bound(Decimal(50), Decimal(100), Decimal(12)),
    "oxygen": Bound(Decimal("0.1"), Decimal(15), Decimal(100)),
    "systolic": Bound(Decimal(50), Decimal(250), Decimal(60)),
    "diastolic": Bound(Decimal(20), Decimal(150), Decimal(50)),
    "pulse": Bound(Decimal(25), Decimal(220), Decimal(60)),
    "temp": Bound(Decimal(30), Decimal(43), Decimal("2.5")),
    "glucose": Bound(Decimal(1), Decimal(40), Decimal(15)),
}
AGAIN = {
    "resp": "Count it again, or keep it.",
    "pulse": "Count it again, or keep it.",
}


class Question(NamedTuple):
    """`field`, the value it is about, a heading and what may be done."""

    field: str
    value: str
    head: str
    text: str


def question(field: str, label: str, typed: str, before: str = "", before_at: str = "") -> Question | None:
    """A question about one value; None where nothing strikes."""
    text = AGAIN.get(field, "Measure it again, or keep it.")
    if not typed.strip():
        return None
    value = number(typed)
    if value is None:
        return Question(field, typed, f"{label} “{typed}” is not a number", "Type it again, or keep it as words.")
    bound = BOUNDS.get(field)
    if bound is None:
        return None
    if field == "spo2" and value > 100:
        return Question(field, typed, f"{label} {typed} is more than 100 %", text)
    former = number(before)
    if former is not None and abs(value - former) >= bound.far:
        return Question(field, typed, f"{label} {typed} is far from {before} at {before_at}", text)
    if not bound.low <= value <= bound.high:
        return Question(field, typed, f"{label} {typed} is seldom seen", text)
    return None


def pressure_question(systolic: str, diastolic: str) -> Question | None:
    """Both numbers of a blood pressure together."""
    high, low = number(systolic), number(diastolic)
    if high is not None and low is not None and low >= high:
        shown = f"{systolic}/{diastolic}"
        return Question(
            "bp", shown, f"Blood pressure {shown}: the second is not below the first", "Type it again, or keep it."
        )
    return None
