"""How names, dates, times, ages and numbers read on every screen and sheet (CLINICAL §1.1, §1.2, LOOK §8).

Rules: the same words whatever the computer's language; nothing is shown more precisely than it was sent (DESIGN D3);
nothing is cut; what is unknown is said in words, never with a mark. Clock times are shown in the site's zone, passed
in, and say BST or GMT within 24 hours of a clock change (CLINICAL §7.2). Does no I/O and asks no clock.
"""

from __future__ import annotations

import calendar
import datetime as dt
import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from localdb.records.moments import Moment
from localdb.records.vocabulary import HumanName

ZONE = "Europe/London"
NOT_RECORDED = "Not recorded"
NOT_KNOWN = "Not Known"
NO_NAME = "Name not recorded"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NEAR_CHANGE = timedelta(hours=24)
# Direction marks and invisible characters of a sent text could make a name read as another one.
_HIDDEN = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad")
_GENDERS = {
    "male": "Male", "m": "Male", "1": "Male",
    "female": "Female", "f": "Female", "2": "Female",
    "other": "Other Specific", "o": "Other Specific", "a": "Other Specific",
    "unknown": NOT_KNOWN, "u": NOT_KNOWN, "0": NOT_KNOWN,
    "9": "Not Specified", "n": "Not Specified", "x": "Not Specified",
}  # fmt: skip


def clean(text: str) -> str:
    """`text` on one line, without control, direction and invisible characters; every visible character stays."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text if c not in _HIDDEN)
    return " ".join(kept.split())


def _local(moment: Moment, zone: str) -> datetime | None:
    """The moment on the site's clock; a moment without a time of day stays on the clock of its source."""
    instant = moment.instant
    if instant is None:
        return None
    return instant.astimezone(ZoneInfo(zone)) if moment.has_time else moment.local


def _day(day: dt.date, weekday: bool = False, year: bool = True) -> str:
    text = f"{day.day:02d}-{MONTHS[day.month - 1]}" + (f"-{day.year:04d}" if year else "")
    return f"{WEEKDAYS[day.weekday()]} {text}" if weekday else text


def long_day(day: dt.date) -> str:
    """`Tue 24-Nov-2026`."""
    return _day(day, weekday=True)


def local_day(instant: datetime, zone: str = ZONE) -> dt.date:
    """The day of an aware instant on the site's clock."""
    return instant.astimezone(ZoneInfo(zone)).date()


def date(
    moment: Moment | None,
    zone: str = ZONE,
    *,
    weekday: bool = False,
    estimated: bool = False,
    missing: str = NOT_RECORDED,
) -> str:
    """`14-Mar-1951`, `Mar-1951`, `1951`: as precise as it was sent. What cannot be read stands as sent."""
    if moment is None:
        return missing
    local = _local(moment, zone)
    if local is None:
        return clean(moment.text) or missing
    if moment.precision == "year":
        text = f"{local.year:04d}"
    elif moment.precision == "month":
        text = f"{MONTHS[local.month - 1]}-{local.year:04d}"
    else:
        text = _day(local.date(), weekday)
    return f"{text} (estimated)" if estimated else text


def clock(instant: datetime, zone: str = ZONE) -> str:
    """`03:12` of an aware instant, with the zone's letters within 24 h of a clock change."""
    place, instant = ZoneInfo(zone), instant.astimezone(UTC)
    local = instant.astimezone(place)
    before, after = ((instant + step).astimezone(place).utcoffset() for step in (-_NEAR_CHANGE, _NEAR_CHANGE))
    return local.strftime("%H:%M %Z") if before != after else local.strftime("%H:%M")


def time(moment: Moment | None, zone: str = ZONE) -> str:
    """`03:12`; empty where no time was sent. The hour that a clock change doubles says that it may be either; one that it
    skips stands as it was sent, with the letters of the time before the change."""
    if moment is None or not moment.has_time or moment.instant is None:
        return ""
    text = clock(moment.instant, zone)
    if "skipped_hour" in moment.doubts:
        before = (moment.instant - _NEAR_CHANGE).astimezone(ZoneInfo(moment.zone or zone))
        return f"{(moment.instant + (before.utcoffset() or timedelta(0))).strftime('%H:%M')} {before:%Z}"
    if "doubled_hour" not in moment.doubts:
        return text
    local = moment.instant.astimezone(ZoneInfo(zone))
    names = [local.replace(tzinfo=ZoneInfo(zone), fold=fold).strftime("%Z") for fold in (0, 1)]
    return f"{local:%H:%M} {names[0]} or {names[1]}"


def date_time(
    moment: Moment | None, zone: str = ZONE, *, weekday: bool = False, year: bool = True, missing: str = NOT_RECORDED
) -> str:
    """`24-Nov-2026 03:12`; the date alone where no time was sent. `year=False` only under a heading that dates it."""
    if moment is None:
        return missing
    local = _local(moment, zone)
    if local is None or moment.precision in ("year", "month"):
        return date(moment, zone, missing=missing)
    return f"{_day(local.date(), weekday, year)} {time(moment, zone)}".rstrip()


def instant_text(instant: datetime, zone: str = ZONE, *, year: bool = True) -> str:
    """`24-Nov-2026 03:12` of an aware instant (printed at, now)."""
    return f"{_day(instant.astimezone(ZoneInfo(zone)).date(), year=year)} {clock(instant, zone)}"


def duration(span: timedelta) -> str:
    """`40sec`, `47min`, `1hr 2min`, `2d 3hr`, `5w 1d`: the two largest whole units, zero units left out."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return f"{seconds}sec" if seconds else "0min"
    steps = (("w", 604800), ("d", 86400), ("hr", 3600), ("min", 60))
    sizes = steps if seconds >= 28 * 86400 else steps[1:]
    first = next(n for n, (_, size) in enumerate(sizes) if seconds >= size)
    parts, rest = [], seconds
    for name, size in sizes[first : first + 2]:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{name}")
    return " ".join(parts)


def interval(start: datetime, end: datetime, zone: str = ZONE) -> str:
    """`Between 02:10 and 02:47`, with the dates where they differ."""
    days = {instant.astimezone(ZoneInfo(zone)).date() for instant in (start, end)}
    one, two = (clock(i, zone) if len(days) == 1 else instant_text(i, zone) for i in (start, end))
    return f"Between {one} and {two}"


def age(born: Moment | None, at: datetime | Moment, zone: str = ZONE) -> str:
    """The age at `at` in the units of CLINICAL §1.1 (CUI PAB table 7/8): `90min`, `26hrs`, `27d`, `4w 1d`, `12m 8d`,
    `4y 1m`, `47y`. A birth date known to the month or year gives the whole years that it allows (`74-75y`). Empty
    where the date of birth or `at` is unknown, or birth lies after it.
    """
    now = at.instant if isinstance(at, Moment) else at
    if born is None or born.instant is None or now is None or now < born.instant:
        return ""
    if born.precision in ("year", "month") or (isinstance(at, Moment) and at.precision in ("year", "month")):
        return _rough_age(born, at, zone)
    start, end = _local(born, zone), now.astimezone(ZoneInfo(zone))
    assert start is not None
    if born.has_time and not (isinstance(at, Moment) and not at.has_time):
        minutes = (now - born.instant) // timedelta(minutes=1)
        if minutes < 120:
            return f"{minutes}min"
        if minutes < 48 * 60:
            return f"{minutes // 60}hrs"
        return _calendar_age(start.replace(tzinfo=None), end.replace(tzinfo=None))
    last = _local(at, zone) if isinstance(at, Moment) else end
    assert last is not None
    midnight = datetime.min.time()
    return _calendar_age(datetime.combine(start.date(), midnight), datetime.combine(last.date(), midnight))


def _calendar_age(born: datetime, at: datetime) -> str:
    """The age of two readings of one clock, from days upward."""
    days = (at - born).days
    if days < 28:
        return f"{max(days, 0)}d"
    months = (at.year - born.year) * 12 + at.month - born.month
    while _add_months(born, months) > at:
        months -= 1
    years = months // 12
    if years < 1:
        weeks, rest = divmod(days, 7)
        return f"{weeks}w {rest}d" if rest else f"{weeks}w"
    if years < 2:
        rest = (at - _add_months(born, months)).days
        return f"{months}m {rest}d" if rest else f"{months}m"
    if years < 18:
        return f"{years}y {months % 12}m" if months % 12 else f"{years}y"
    return f"{years}y"


def _add_months(start: datetime, months: int) -> datetime:
    """`start` plus whole months; a day that the month lacks becomes the first of the next one."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    try:
        return start.replace(year=year, month=month + 1)
    except ValueError:
        return (start.replace(year=year, month=month + 1, day=28) + timedelta(days=4)).replace(day=1)


def _rough_age(born: Moment, at: datetime | Moment, zone: str) -> str:
    """Whole years between two moments of which one is known to the month or year only."""
    first, last = _span(born, zone), _span(at, zone)
    if first is None or last is None:
        return ""
    low, high = (max(0, _whole_years(a, b)) for a, b in ((first[1], last[0]), (first[0], last[1])))
    if high == 0:
        return "under 1y"
    return f"{high}y" if low == high else f"{low}-{high}y"


def _span(at: datetime | Moment, zone: str) -> tuple[dt.date, dt.date] | None:
    """The first and last day that a moment can mean."""
    if isinstance(at, datetime):
        day = at.astimezone(ZoneInfo(zone)).date()
        return day, day
    local = _local(at, zone)
    if local is None:
        return None
    day = local.date()
    if at.precision == "year":
        return day, day.replace(month=12, day=31)
    if at.precision == "month":
        return day, day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day, day


def _whole_years(born: dt.date, at: dt.date) -> int:
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))


def born_text(born: Moment | None, at: datetime, zone: str = ZONE, *, estimated: bool = False) -> str:
    """The banner's value after `Born`: `14-Mar-1951 (75y)`; `Not Known` where none was sent."""
    text, years = date(born, zone, estimated=estimated, missing=NOT_KNOWN), age(born, at, zone)
    return f"{text} ({years})" if years else text


def nhs_number(text: str | None) -> str:
    """3-3-4 with single spaces; what is not ten digits stands as sent (CLINICAL §1.2)."""
    if not text:
        return NOT_KNOWN
    bare = text.replace(" ", "").replace("-", "")
    return f"{bare[:3]} {bare[3:6]} {bare[6:]}" if len(bare) == 10 and bare.isdigit() else clean(text)


def _titled(part: str) -> str:
    """A given name or title in title case where it came in capitals or small letters only; mixed case stays as sent,
    as do initials of up to two letters."""
    if len(part) <= 2 or not (part.isupper() or part.islower()):
        return part
    made, start = [], True
    for c in part:
        made.append(c.title() if start else c.lower())
        start = c in " -'\u2019."
    return "".join(made)


def display_name(name: HumanName) -> str:
    """`OKONKWO, Ifeoma (Mrs)` (CUI NID): family in full Unicode capitals; parts that were not sent are not invented; a
    name of one part stands alone; a name sent only as text stands as sent. Never cut."""
    family = clean(name.family).upper()
    given = " ".join(_titled(p) for p in map(clean, (*name.given, *name.suffix)) if p)
    title = " ".join(_titled(p) for p in map(clean, name.prefix) if p)
    if not family and not given:
        return clean(name.text) or NO_NAME
    text = f"{family}, {given}" if family and given else family or given
    return f"{text} ({title})" if title else text


def gender(text: str) -> str:
    """The CUI words for a gender as sent; a code is never shown (CGS). Unknown codes read `Not Known`."""
    bare = clean(text)
    return _GENDERS.get(bare.casefold()) or (bare.capitalize() if len(bare) > 3 else NOT_KNOWN)
