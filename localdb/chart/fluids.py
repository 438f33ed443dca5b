"""Fluid balance as it was sent: what went in and out by the clock hour, totals only where the source made them. Pure.

Rules (CLINICAL §2.4): a day has 24 rows, 23 or 25 when the clocks change; two amounts of an hour both stand; nothing is
added up; a total or a balance is a source's own and stands apart with its time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from localdb.chart import wording
from localdb.records.moments import from_instant
from localdb.records.vocabulary import Observation, Record

IN, OUT, TOTAL, NOTE = "in", "out", "total", "note"
# LOINC: fluid intake and output measured, and the totals of a period.
_CODES = {
    "9000-1": IN, "8999-5": IN, "8953-2": IN, "9187-6": OUT, "9188-4": TOTAL, "9192-6": TOTAL, "9108-2": TOTAL,
    "9113-2": TOTAL, "9257-7": TOTAL, "9262-7": TOTAL,
}  # fmt: skip
_VOLUME = frozenset({"ml", "l", "millilitre", "milliliter", "litre", "liter", "millilitres", "litres", "mls", "cc"})
_TOTALS = re.compile(r"(?<!\w)(?:total|balance|cumulative|24\s?-?h(?:r|our)?s?)(?!\w)", re.IGNORECASE)
_INS = re.compile(r"(?<!\w)(?:intake|input|in|oral|drinks?|enteral|feed|infus\w*|iv|intravenous|transfus\w*)(?!\w)",
                  re.IGNORECASE)  # fmt: skip
_OUTS = re.compile(
    r"(?<!\w)(?:output|out|urine|drain\w*|vomit\w*|emesis|aspirate|stoma|ileostomy|stool|bowel|blood loss)(?!\w)",
    re.IGNORECASE,
)
_NOTES = re.compile(r"fluid restriction|fluid target|fluid balance|catheter|urine alarm", re.IGNORECASE)


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """One amount: `name` as sent, `text` value and unit as sent, `at` its instant."""

    kind: str
    name: str
    text: str
    at: datetime
    when: str
    note: str = ""


class Hour(msgspec.Struct, frozen=True, kw_only=True):
    """One clock hour: `title` (`01:00 BST` on a day of change), and amounts by column."""

    title: str
    cells: tuple[tuple[str, ...], ...]


class FluidDay(msgspec.Struct, frozen=True, kw_only=True):
    """One day of the clock: `columns` (kind, name), hours newest first, totals and notes as sent."""

    day: date
    title: str
    columns: tuple[tuple[str, str], ...]
    hours: tuple[Hour, ...]
    amounts: tuple[Amount, ...]
    totals: tuple[Amount, ...]


class Fluids(msgspec.Struct, frozen=True, kw_only=True):
    """Days newest first; `notes` what was recorded of the fluids without a volume (restriction, catheter)."""

    days: tuple[FluidDay, ...] = ()
    notes: tuple[Amount, ...] = ()
    untimed: int = 0


def kind_of(o: Observation) -> str:
    """in / out / total / note of an observation; "" where it is none of the fluids'."""
    known = next((_CODES[c.code] for c in o.codes if c.code in _CODES), "")
    if known:
        return known
    is_volume = (o.unit or "").strip().casefold() in _VOLUME and o.value is not None
    if (
        is_volume
        and _TOTALS.search(o.text)
        and (_INS.search(o.text) or _OUTS.search(o.text) or "fluid" in o.text.casefold())
    ):
        return TOTAL
    if is_volume and _OUTS.search(o.text):
        return OUT
    if is_volume and _INS.search(o.text):
        return IN
    return NOTE if _NOTES.search(o.text) else ""


def fluids(items: Iterable[Record], now: datetime, zone: str = wording.ZONE) -> Fluids:
    """Every fluid observation by day and clock hour of the site; `now` ends the newest day."""
    place = ZoneInfo(zone)
    by_day: dict[date, list[Amount]] = {}
    notes: list[Amount] = []
    untimed = 0
    for o in items:
        if not isinstance(o, Observation) or o.status == "entered-in-error" or not (kind := kind_of(o)):
            continue
        moment = o.happened or o.said
        instant = moment.instant if moment is not None else None
        if moment is None or instant is None:
            untimed += 1
            continue
        value = o.value if o.value is not None else ", ".join(c.display or c.code for c in o.value_codes)
        text = f"{o.comparator or ''}{value} {o.unit or ''}".strip() if value else o.absent or "no value sent"
        span = f"{wording.date_time(moment, zone)} to {wording.date_time(o.ended, zone)}" if o.ended is not None else ""
        made = Amount(kind=kind, name=o.text, text=text, at=instant, note="; ".join(o.comments),
                      when=span or wording.date_time(moment, zone))  # fmt: skip
        if kind == NOTE:
            notes.append(made)
        else:
            by_day.setdefault(instant.astimezone(place).date(), []).append(made)
    days = tuple(_day(day, by_day[day], now, zone) for day in sorted(by_day, reverse=True))
    return Fluids(days=days, notes=tuple(sorted(notes, key=lambda n: n.at, reverse=True)), untimed=untimed)


def _day(day: date, amounts: list[Amount], now: datetime, zone: str) -> FluidDay:
    ordered = sorted(amounts, key=lambda a: a.at)
    plain = [a for a in ordered if a.kind != TOTAL]
    columns = tuple(sorted({(a.kind, a.name) for a in plain}))
    hours = []
    for start in reversed(hours_of(day, zone)):
        if start > now:
            continue
        end = start + timedelta(hours=1)
        mine = [a for a in plain if start <= a.at < end]
        cells = tuple(tuple(_cell(a, zone) for a in mine if (a.kind, a.name) == column) for column in columns)
        hours.append(Hour(title=wording.clock(start, zone), cells=cells))
    morning = from_instant(hours_of(day, zone)[0].astimezone(ZoneInfo(zone)))
    totals = tuple(a for a in ordered if a.kind == TOTAL)
    return FluidDay(
        day=day,
        title=wording.date(morning, zone, weekday=True),
        columns=columns,
        hours=tuple(hours),
        amounts=tuple(plain),
        totals=totals,
    )


def _cell(amount: Amount, zone: str) -> str:
    """`150 mL`, with its minutes where it was not on the hour."""
    on_the_hour = amount.at.astimezone(ZoneInfo(zone)).minute == 0
    return amount.text if on_the_hour else f"{wording.clock(amount.at, zone)[:5]} {amount.text}"


def hours_of(day: date, zone: str) -> tuple[datetime, ...]:
    """The instants at which the clock hours of a day begin: 24, 23 in March and 25 in October (H21)."""
    place = ZoneInfo(zone)
    start = datetime(day.year, day.month, day.day, tzinfo=place).astimezone(UTC)
    following = day + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=place).astimezone(UTC)
    return tuple(start + timedelta(hours=n) for n in range(int((end - start) / timedelta(hours=1))))
