"""An age or a year as it is estimated, and a date of birth as it is typed (CLINICAL §1.3). No Qt."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from desktop.entry.typing_words import NotRead
from localdb.chart import wording
from localdb.journal.registrations import OLDEST

_AGE = re.compile(r"(\d{1,4})\s*(y|yr|yrs|years?|m|mo|months?|w|wk|weeks?|d|days?)?\Z", re.IGNORECASE)
_BORN = re.compile(r"(\d{1,2})[-/. ]([A-Za-z]{3,9}|\d{1,2})[-/. ](\d{4})\Z")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z")
_DAYS = {"m": 30.44, "w": 7.0, "d": 1.0}


def estimated_year(text: str, now: datetime, zone: str = wording.ZONE) -> int:
    """The year of birth of `40`, `40y`, `3 months`, `2 w` or `1986`. Raises NotRead with words for who typed."""
    today = now.astimezone(ZoneInfo(zone)).date()
    found = _AGE.match(text.strip())
    if not found:
        raise NotRead("Type the age as it looks, such as 40 or 3 months, or a year such as 1986.")
    count, unit = int(found[1]), (found[2] or "")[:1].casefold()
    if not unit and len(found[1]) == 4:
        if not today.year - OLDEST <= count <= today.year:
            raise NotRead(f"{count} is no year in which somebody alive was born.")
        return count
    if unit in _DAYS:
        return (today - timedelta(days=round(count * _DAYS[unit]))).year
    if count > OLDEST:
        raise NotRead(f"Nobody is {count} years old.")
    return today.year - count


def born_day(text: str, now: datetime, zone: str = wording.ZONE) -> str:
    """The ISO date of `14-Mar-1951`, `14/03/1951` or `1951-03-14`. Raises NotRead."""
    today = now.astimezone(ZoneInfo(zone)).date()
    bare = text.strip()
    iso, found = _ISO.match(bare), _BORN.match(bare)
    if iso:
        year, month, day = map(int, iso.groups())
    elif found:
        day, year, named = int(found[1]), int(found[3]), found[2]
        month = int(named) if named.isdigit() else _month(named)
    else:
        raise NotRead("Type the date of birth as 14-Mar-1951, or leave it out and estimate the age.")
    try:
        born = date(year, month, day)
    except ValueError:
        raise NotRead(f"“{bare}” is no day of the calendar.") from None
    if born > today:
        raise NotRead(f"{bare} lies in the future.")
    if born.year < today.year - OLDEST:
        raise NotRead(f"{bare} is more than {OLDEST} years ago.")
    return born.isoformat()


def _month(named: str) -> int:
    names = [m.casefold() for m in wording.MONTHS]
    if named[:3].casefold() not in names:
        raise NotRead(f"“{named}” is no month. Type it as Mar.")
    return names.index(named[:3].casefold()) + 1
