"""Weight, height and their like as series: one name and one unit a series, every value with its date, as sent. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from localdb.chart.cells import number
from localdb.records.moments import Moment
from localdb.records.vocabulary import Observation, Record

# LOINC -> what it is called here; the order is that of the tab. A name says the same where no code was sent.
MEASURES: tuple[tuple[str, frozenset[str], tuple[str, ...]], ...] = (
    ("Weight", frozenset({"29463-7", "3141-9", "8341-0", "27113001"}), ("weight", "body weight")),
    ("Birth weight", frozenset({"8339-4"}), ("birth weight",)),
    ("Height", frozenset({"8302-2", "3137-7", "8306-3", "50373000"}), ("height", "body height", "length")),
    ("Body mass index", frozenset({"39156-5", "60621009"}), ("bmi", "body mass index")),
    ("Body surface area", frozenset({"3140-1", "8277-6"}), ("body surface area", "bsa")),
    ("Head circumference", frozenset({"9843-4", "8287-5"}), ("head circumference",)),
    ("Waist", frozenset({"8280-0", "56086-2"}), ("waist circumference",)),
    ("Mid-upper arm", frozenset({"56072-2"}), ("mid-upper arm circumference",)),
)


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """One value as sent, with its time, how it was measured and by whom."""

    text: str
    at: Moment | None
    how: str = ""
    by: str = ""
    number: Decimal | None = None


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """One measure in one unit, newest first."""

    name: str
    unit: str
    values: tuple[Value, ...]

    @property
    def drawn(self) -> tuple[Value, ...]:
        """What can stand in a trend, oldest first: plain numbers with a known time, no limits."""
        kept = [v for v in self.values if v.number is not None and v.at is not None and v.at.utc is not None]
        return tuple(reversed(kept))


def measures(items: Iterable[Record]) -> tuple[Series, ...]:
    """Every measure, in the order of MEASURES; another unit is another series (CUI GTAB: one unit a series)."""
    found: dict[tuple[int, str], list[Value]] = {}
    for o in items:
        if not isinstance(o, Observation) or o.status in ("entered-in-error", "cancelled"):
            continue
        place = _place(o)
        if place is None or o.value is None:
            continue
        how = ", ".join(x for x in (o.method, *o.comments) if x)
        made = Value(
            text=f"{o.comparator or ''}{o.value} {o.unit or 'no unit sent'}", at=o.happened or o.said, how=how,
            by=o.author, number=None if o.comparator else number(o.value),
        )  # fmt: skip
        found.setdefault((place, o.unit or ""), []).append(made)
    return tuple(
        Series(name=MEASURES[place][0], unit=unit, values=tuple(values))
        for (place, unit), values in sorted(found.items())
    )


def _place(o: Observation) -> int | None:
    codes = {c.code for c in o.codes}
    for n, (_, known, names) in enumerate(MEASURES):
        if codes & known or (not codes and o.text.casefold() in names):
            return n
    return None
