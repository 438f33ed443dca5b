"""HL7 v2 times (TS, DTM, DT; chapter 2A) to moments, kept to the letter (DESIGN D3, CLINICAL §7.2).

`YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZZZ]`. Up to v2.2 the degree of precision could follow in a component of its own
(`19880705^D`): it never makes a time more precise than its digits are.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from localdb.records.moments import PRECISIONS, Moment, in_zone, micros

_DTM = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d*))?)?)?)?)?)?\s*(Z|[+-]\d\d:?\d\d)?\Z", re.ASCII
)
_DEGREES = {"Y": 1, "L": 2, "D": 3, "H": 4, "M": 5, "S": 6}
_FARTHEST = 14 * 60  # minutes: no zone is farther from UTC


@lru_cache(maxsize=16384)
def read_dtm(text: str, zone: str) -> Moment | None:
    """The moment of one HL7 time; None for "" and `""`. Never fails: what cannot be read keeps its text and says so.

    Without an offset it is read in `zone`; the hour that a clock change doubles is flagged and taken as the earlier
    one, the hour that one skips is flagged and read by the offset before it. An hour without minutes (`2026112602`) is
    that hour, shown to the minute as the standard reads it. Midnight stays as it was sent, 24:00 is the next day's
    midnight. Trailing zeros in place of month and day (`19500000`) are a year or a month, as senders without a full
    date write it.
    """
    text = text.strip()
    if not text or text == '""':
        return None
    stem, _, degree = text.partition("^")
    found = _DTM.match(stem.strip())
    if not found:
        return Moment(text, None, "day", doubts=("unreadable",))
    *parts, offset = found.groups()
    if not parts[6]:
        parts[6] = None
    sent = sum(part is not None for part in parts)
    if parts[1] == "00" and not int(parts[2] or 0) and not int(parts[3] or 0):
        sent = 1
    elif parts[2] == "00" and not int(parts[3] or 0):
        sent = 2
    sent = min(sent, _DEGREES.get(degree.strip().upper(), 7))
    year, month, day, hour, minute, second, fraction = (part if n < sent else None for n, part in enumerate(parts))
    # No precision between day and minute is known to the chart; an hour alone is read as its first minute.
    precision = PRECISIONS[max(0, sent - 1 if sent < 4 else sent - 2 if sent > 4 else 3)]
    try:
        next_day = hour == "24" and not int(minute or 0) and not int(second or 0) and not int(fraction or 0)
        naive = (
            datetime(  # noqa: DTZ001 (the offset is added below, where one was sent)
                int(year or 0),
                int(month or 1),
                int(day or 1),
                0 if next_day else int(hour or 0),
                int(minute or 0),
                min(int(second or 0), 59) if int(second or 0) <= 60 else int(second or 0),  # a leap second sorts as :59
                int((fraction or "0")[:6].ljust(6, "0")),
            )
            + timedelta(days=1 if next_day else 0)
        )
        if offset and hour:
            minutes = _minutes(offset)
            return Moment(text, micros(naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))), precision, minutes)
        return in_zone(text, naive, precision, zone, is_timed=bool(hour))
    except (ValueError, OverflowError):
        return Moment(text, None, "day", doubts=("unreadable",))


def _minutes(offset: str) -> int:
    """Minutes east of UTC. Raises ValueError where no place on earth has that offset."""
    if offset == "Z":
        return 0
    digits = offset[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if int(digits[2:]) > 59 or minutes > _FARTHEST:
        raise ValueError("an offset that no place has")
    return -minutes if offset[0] == "-" else minutes
