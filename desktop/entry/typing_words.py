"""What was typed, read and said back: times, numbers, comparators, digit by digit. No Qt; nothing is corrected silently.

A time without a day is today's; a time that has not come yet is refused with words, never moved to another day.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from localdb.chart import wording
from localdb.records.moments import Moment

TOLERANCE = timedelta(minutes=5)  # as the journal's check
_CLOCK = re.compile(r"(\d{1,2})[:.]?(\d{2})\Z")
_DAY = re.compile(r"(\d{1,2})[- /]([A-Za-z]{3}|\d{1,2})(?:[- /](\d{4}|\d{2}))?\Z")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z")
COMPARATORS = ("<=", ">=", "<", ">")


class NotRead(ValueError):
    """What was typed cannot be read; the text says why and what to type."""


def read_when(text: str, now: datetime, zone: str = wording.ZONE, *, date_is_enough: bool = False) -> str:
    """The ISO text with offset of `03:10`, `0310`, `23-Nov 23:50`, `23-Nov-2026 23:50` or `2026-11-23 23:50`.

    Raises NotRead with words for the person who typed.
    """
    place = ZoneInfo(zone)
    local = now.astimezone(place)
    parts = text.replace("T", " ").split()
    if not parts:
        raise NotRead("Type the time, such as 03:10.")
    day = local.date() if len(parts) == 1 and _CLOCK.match(parts[0]) else _read_day(parts[0], local.date())
    clock = parts[-1] if _CLOCK.match(parts[-1]) and (len(parts) > 1 or day == local.date()) else ""
    if not clock or not _CLOCK.match(clock):
        if date_is_enough and len(parts) == 1:
            if day > local.date():
                raise NotRead(f"{text} lies in the future.")
            return day.isoformat()
        raise NotRead("Type the time after the day, such as 23-Nov 23:50.")
    hour, minute = (int(g) for g in _CLOCK.match(clock).groups())  # type: ignore[union-attr]
    if hour > 23 or minute > 59:
        raise NotRead(f"{clock} is no time of a 24-hour clock.")
    found = datetime(day.year, day.month, day.day, hour, minute, tzinfo=place)
    if found > now + TOLERANCE:
        if len(parts) == 1:
            before = local.date() - timedelta(days=1)
            raise NotRead(
                f"{hour:02d}:{minute:02d} today has not come yet. Yesterday: type {before.day:02d}-"
                f"{wording.MONTHS[before.month - 1]} {hour:02d}:{minute:02d}."
            )
        raise NotRead(f"{text} lies in the future.")
    return found.isoformat()


def _read_day(text: str, today: date) -> date:
    if iso := _ISO.match(text):
        return _date(int(iso[1]), int(iso[2]), int(iso[3]), text)
    found = _DAY.match(text)
    if not found:
        raise NotRead(f"“{text}” is no day. Type it as 23-Nov or 23-Nov-2026.")
    number, named, year = found.groups()
    if named.isdigit():
        month = int(named)
    else:
        names = [m.casefold() for m in wording.MONTHS]
        if named.casefold() not in names:
            raise NotRead(f"“{named}” is no month. Type it as Nov.")
        month = names.index(named.casefold()) + 1
    whole = int(year) if year and len(year) == 4 else 2000 + int(year) if year else today.year
    day = _date(whole, month, int(number), text)
    # At New Year a day of December typed without its year is the last one, not the one to come.
    return day.replace(year=whole - 1) if not year and day > today + timedelta(days=31) else day


def _date(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise NotRead(f"“{text}” is no day of the calendar.") from None


def typed_time(now: datetime, zone: str = wording.ZONE) -> str:
    """`03:12`: the present, as it would be typed."""
    return now.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def typed_moment(moment: Moment | None, now: datetime, zone: str = wording.ZONE) -> str:
    """A moment as it would be typed, to correct an entry: `03:10`, or `23-Nov-2026 23:50` on another day."""
    if moment is None or moment.instant is None:
        return ""
    local, today = moment.instant.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    if not moment.has_time:
        return wording.date(moment, zone)
    return local.strftime("%H:%M") if local.date() == today.date() else (
        f"{local.day:02d}-{wording.MONTHS[local.month - 1]}-{local.year} {local:%H:%M}"
    )  # fmt: skip


def number(text: str) -> Decimal | None:
    """The number typed, or None."""
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def split_comparator(text: str) -> tuple[str, str]:
    """`<5` → (`<`, `5`): the comparator apart, the rest to the letter."""
    bare = text.strip()
    for sign in COMPARATORS:
        if bare.startswith(sign):
            return sign, bare[len(sign) :].strip()
    return "", bare


DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SIGNS = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}
UNITS = {
    "mmol/l": "millimoles per litre",
    "umol/l": "micromoles per litre",
    "µmol/l": "micromoles per litre",
    "nmol/l": "nanomoles per litre",
    "pmol/l": "picomoles per litre",
    "g/l": "grams per litre",
    "g/dl": "grams per decilitre",
    "mg/l": "milligrams per litre",
    "mg/dl": "milligrams per decilitre",
    "ug/l": "micrograms per litre",
    "ng/l": "nanograms per litre",
    "ng/ml": "nanograms per millilitre",
    "10*9/l": "times ten to the nine per litre",
    "10^9/l": "times ten to the nine per litre",
    "u/l": "units per litre",
    "kpa": "kilopascals",
    "%": "per cent",
    "s": "seconds",
    "mm/h": "millimetres per hour",
}


def spoken_value(text: str) -> str:
    """Digit by digit, the decimal spoken "point": `6.0` → `six point zero` (CLINICAL §3.2)."""
    sign, bare = split_comparator(text)
    words = [SIGNS[sign]] if sign else []
    if number(bare) is None:
        return " ".join([*words, bare])
    for c in bare:
        words.append({".": "point", "-": "minus", "+": "plus"}.get(c) or DIGITS[int(c)] if c in ".-+0123456789" else c)
    return " ".join(words)


def read_back(test: str, value: str, unit: str) -> str:
    """What the nurse says to the caller: `Potassium, six point zero, millimoles per litre.`"""
    parts = [
        test.strip(),
        spoken_value(value) if value.strip() else "",
        UNITS.get(unit.strip().casefold(), unit.strip()),
    ]
    said = ", ".join(p for p in parts if p)
    return f"{said}." if said else ""
