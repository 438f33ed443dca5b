"""Numbers, quantities, ranges and timings in words as sent: nothing is rounded, converted or worked out."""

from __future__ import annotations

from typing import Any

from localdb.sources.fhir.shapes import Json, Malformed, concept_text, joined, met_nought, obj, string, strings

_PERIODS = {"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}


def number(value: Any) -> str | None:
    """A number's own text. Raises Malformed where it is neither a number nor a text."""
    if value is None:
        return None
    if type(value) is str:
        return value
    if type(value) is int:
        if not value:
            met_nought()
        return str(value)
    raise Malformed("a quantity's value is no number")


def unit_of(quantity: Json) -> str | None:
    return string(quantity.get("unit")) or string(quantity.get("code")) or None


def quantity_text(value: Any) -> str:
    """A Quantity in words as sent: comparator, value, unit."""
    quantity = obj(value)
    amount = number(quantity.get("value"))
    if amount is None:
        return unit_of(quantity) or ""
    unit = unit_of(quantity)
    return (
        f"{string(quantity.get('comparator'))}{amount} {unit}"
        if unit
        else f"{string(quantity.get('comparator'))}{amount}"
    )


def low_high(low: str | None, high: str | None) -> str:
    """`low-high`, `<high` or `>low`; a low below nought is parted from the high by a word."""
    if low and high:
        return f"{low} to {high}" if high.startswith("-") or low.startswith("-") else f"{low}-{high}"
    return f">{low}" if low else f"<{high}" if high else ""


def bounds(value: Json, unit: str | None) -> str:
    """Low and high of a Range or a referenceRange; the unit stands there only where it is another than `unit`."""
    low, high = obj(value.get("low")), obj(value.get("high"))
    text = low_high(number(low.get("value")), number(high.get("value")))
    own = unit_of(low) or unit_of(high)
    return f"{text} {own}" if text and own and own != unit else text


def timing_text(value: Any) -> str:
    """How often, as sent: the code's text, else the repeat in words (`3 times in 1 day`)."""
    timing = obj(value)
    text = concept_text(timing.get("code"))
    if text:
        return text
    repeat = obj(timing.get("repeat"))
    parts: list[str] = []
    times, span, unit = (string(repeat.get(k)) for k in ("frequency", "period", "periodUnit"))
    most, longest = string(repeat.get("frequencyMax")), string(repeat.get("periodMax"))
    if times or span:
        times = times or "1"
        count = f"{times} to {most} times" if most else f"{times} time" + ("" if times == "1" else "s")
        word = _PERIODS.get(unit, unit)
        length = f"{span} to {longest}" if longest else span
        parts.append(
            f"{count} in {length} {word}{'' if length == '1' or word == unit else 's'}".rstrip() if span else count
        )
    parts += [" ".join(x) for x in (strings(repeat.get(k)) for k in ("when", "timeOfDay", "dayOfWeek")) if x]
    length = quantity_text(repeat.get("boundsDuration"))
    parts += [f"for {length}"] if length else []
    return joined(parts, ", ")
