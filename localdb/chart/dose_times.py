"""When an order is given, for the grid of a drug chart: only what the source named (CLINICAL §5.2, §5.4). Pure.

Clock times come from the structured order, else from its own words where they end with a list of clock times
("three times a day, 08:00, 14:00, 22:00"); weekdays likewise. A box is `not due` (hatched on paper) only where those
words leave no doubt; whatever they leave open stays empty, to be written in by hand.

What a box of the grid says of one time on one day, `state`:
- `copy`: it lies before the end of the copy: what was given then stands as the last dose;
- `unknown`: it passed between the end of the copy and now (H14);
- `not_due`: the source's words exclude it, or the order had not begun or was over;
- `open`: to be written in.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import msgspec

from localdb.chart import wording
from localdb.records.moments import Moment
from localdb.records.vocabulary import Medicine

COPY, UNKNOWN, NOT_DUE, OPEN = "copy", "unknown", "not_due", "open"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMBERS = {"once": 1, "twice": 2, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
            "eight": 8}  # fmt: skip
_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d"
_TIMES_AT_END = re.compile(
    rf"^(?P<words>.*?)(?:^|[,;]\s*|\bat\s+)(?P<times>{_CLOCK}(?:\s*(?:,|and|&)\s*{_CLOCK})*)\s*$", re.I
)
_A_DAY = re.compile(
    r"^(?P<n>once|twice|\w+ times?)(?: (?:a|each|every|per) day| daily| in 1(?:\.0)? days?| in 24 ?h(?:ours)?)\b", re.I
)
_EVERY_HOURS = re.compile(r"^(?:every|1 time in) (?P<n>\d+)(?: \(\w+\))? ?h(?:ours?|rs?)?\b", re.I)
_EVERY_DAY = re.compile(
    r"^(?:daily|each day|every day|at night|at bedtime|in the morning|every morning|every night)\b", re.I
)
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?"
_ON_DAYS = re.compile(
    rf"^(?:(?:once|twice|\w+ times?) (?:a|each|every|per) week[,:]?\s*)?(?:on |every |each )?"
    rf"(?P<days>{_WEEKDAY}(?:\s*(?:,|and|&)\s*{_WEEKDAY})*)$",
    re.I,
)


class Timetable(msgspec.Struct, frozen=True):
    """`times` as `08:00`; `days` the weekdays named (0 = Monday), None where none were; `is_settled`: the source's
    words name every time of a day, so that no other is due; `extra` further clock times of instants that it named."""

    times: tuple[str, ...] = ()
    days: frozenset[int] | None = None
    is_settled: bool = False
    extra: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[str, ...]:
        """Every clock time, in the order of the day."""
        return tuple(sorted({*self.times, *self.extra}))


def timetable(item: Medicine, zone: str = wording.ZONE) -> Timetable:
    """What the order says of its times."""
    words, named = _split(item.frequency or item.instructions)
    times = tuple(dict.fromkeys(t[:5] for t in map(_padded, item.times) if t)) or named
    days = _weekdays(item.days) or _days_in(words)
    settled = bool(times) and (
        (bool(item.times) and item.every in ("1 d", "1.0 d", "24 h"))
        or times_a_day(words) == len(times)
        or days is not None
    )
    if item.every and item.every not in ("1 d", "1.0 d", "24 h") and days is None and item.times:
        settled = False
    place = ZoneInfo(zone)
    due = {m.instant.astimezone(place).strftime("%H:%M") for m in item.due if m.instant is not None and m.has_time}
    return Timetable(times, days, settled, tuple(sorted(due - set(times))))


def _padded(text: str) -> str:
    found = re.fullmatch(r"(\d{1,2}):(\d\d)(?::\d\d)?", text.strip())
    return f"{int(found[1]):02d}:{found[2]}" if found and int(found[1]) < 24 and int(found[2]) < 60 else ""


def _split(text: str) -> tuple[str, tuple[str, ...]]:
    """The words before a list of clock times at the end, and the times."""
    found = _TIMES_AT_END.match(" ".join(text.split()))
    if found is None:
        return text.strip(), ()
    times = tuple(dict.fromkeys(_padded(t) for t in re.findall(_CLOCK, found["times"])))
    return found["words"].strip(" ,;"), times


def times_a_day(words: str) -> int:
    """How many times a day the words say; 0 where they leave it open or say several things."""
    if ";" in words:
        return 0
    if found := _A_DAY.match(words):
        n = found["n"].casefold().split()[0]
        return _NUMBERS.get(n) or (int(n) if n.isdigit() else 0)
    if found := _EVERY_HOURS.match(words):
        hours = int(found["n"])
        return 24 // hours if hours and 24 % hours == 0 else 0
    return 1 if _EVERY_DAY.match(words) else 0


def _weekdays(days: tuple[str, ...]) -> frozenset[int] | None:
    found = frozenset(_DAYS.index(d.casefold()[:3]) for d in days if d.casefold()[:3] in _DAYS)
    return found if found and len(found) == len({d.casefold()[:3] for d in days}) else None


def _days_in(words: str) -> frozenset[int] | None:
    """The weekdays that the words name, where they say nothing else."""
    found = _ON_DAYS.match(words)
    if found is None:
        return None
    named = [d.casefold()[:3] for d in re.findall(_WEEKDAY, found["days"], re.I)]
    return frozenset(_DAYS.index(d) for d in named)


def slots(day: date, time: str, zone: str) -> tuple[datetime, ...]:
    """The instants at which a clock shows `time` on a day: two in an hour that a change doubles."""
    hour, minute = map(int, time.split(":"))
    place = ZoneInfo(zone)
    made = {datetime(day.year, day.month, day.day, hour, minute, fold=f, tzinfo=place).astimezone(UTC) for f in (0, 1)}
    return tuple(sorted(made))


def state(
    item: Medicine, table: Timetable, day: date, time: str, cut: datetime | None, now: datetime, zone: str
) -> str:
    """What the box of `time` on `day` says; `cut` = up to when the doses of its source are complete (None: not known)."""
    at = slots(day, time, zone)
    if _is_outside(item, day, at, zone):
        return NOT_DUE
    named = {m.instant for m in item.due if m.instant is not None}
    if not named & set(at):
        if table.days is not None and day.weekday() not in table.days:
            return NOT_DUE
        if time not in table.times and table.is_settled:
            return NOT_DUE
    if at[-1] > now:
        return OPEN
    return COPY if cut is not None and at[-1] <= cut else UNKNOWN


def _is_outside(item: Medicine, day: date, at: tuple[datetime, ...], zone: str) -> bool:
    """Whether it lies before the order began or after it ended."""
    return _before(day, at[-1], item.happened, zone) or _after(day, at[0], item.ended, zone)


def _before(day: date, at: datetime, moment: Moment | None, zone: str) -> bool:
    if moment is None or moment.instant is None or moment.precision in ("year", "month"):
        return False
    if moment.has_time:
        return at < moment.instant
    local = moment.local
    return local is not None and day < local.date()


def _after(day: date, at: datetime, moment: Moment | None, zone: str) -> bool:
    if moment is None or moment.instant is None or moment.precision in ("year", "month"):
        return False
    if moment.has_time:
        return at > moment.instant
    local = moment.local
    return local is not None and day > local.date()
