"""Points in time, kept to the letter and never shown more precisely than they were sent (DESIGN D3).

`text` is what the source sent; `utc` the earliest instant it can mean, in microseconds since 1970 (None where it cannot
be read); `precision` one of PRECISIONS; `offset` minutes east of UTC where one was sent; `zone` the IANA zone that was
assumed where none was; `doubts` what a reader must know (`assumed_zone`, `doubled_hour`, `skipped_hour`, `unreadable`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

PRECISIONS = ("year", "month", "day", "minute", "second", "fraction")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FHIR = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?\Z")


class Moment(msgspec.Struct, frozen=True, omit_defaults=True):
    """One point in time as a source sent it. See the module for the fields."""

    text: str
    utc: int | None = None
    precision: str = "day"
    offset: int | None = None
    zone: str | None = None
    doubts: tuple[str, ...] = ()

    @property
    def instant(self) -> datetime | None:
        """The earliest instant that it can mean, in UTC."""
        return None if self.utc is None else _EPOCH + timedelta(microseconds=self.utc)

    @property
    def local(self) -> datetime | None:
        """The instant on the clock of the source (sent offset, else assumed zone, else UTC)."""
        instant = self.instant
        if instant is None:
            return None
        if self.offset is not None:
            return instant.astimezone(timezone(timedelta(minutes=self.offset)))
        return instant.astimezone(ZoneInfo(self.zone)) if self.zone else instant

    @property
    def has_time(self) -> bool:
        return self.precision in ("minute", "second", "fraction")

    def as_json(self) -> dict[str, Any]:
        """The object of DESIGN §5: {text, utc (ISO 8601), precision, offset, zone, doubts}."""
        instant = self.instant
        return {
            "text": self.text,
            "utc": instant.isoformat().replace("+00:00", "Z") if instant else None,
            "precision": self.precision,
            "offset": self.offset,
            "zone": self.zone,
            "doubts": list(self.doubts),
        }


def micros(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def from_instant(instant: datetime) -> Moment:
    """The moment of an aware instant, to the second, with its offset."""
    offset = instant.utcoffset()
    if offset is None:
        raise ValueError("an instant needs an offset")
    whole = instant.replace(microsecond=0)
    return Moment(whole.isoformat(), micros(whole), "second", int(offset.total_seconds()) // 60)


def read_moment(text: str, zone: str = "Europe/London") -> Moment:
    """A FHIR date, dateTime or instant (R4 §2.24.0.1). Never fails: what cannot be read keeps its text and says so.

    Dates and times without an offset are read in `zone`; the hour that a clock change doubles is flagged and taken as
    the earlier one; one that it skips is flagged and taken by the offset before the change (CLINICAL §7.2).
    """
    found = _FHIR.match(text)
    if not found:
        return Moment(text, None, "day", doubts=("unreadable",))
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    precision = PRECISIONS[sum(x is not None for x in (month, day, minute, second, fraction))]
    try:
        naive = datetime(  # noqa: DTZ001 (the offset is added below, where one was sent)
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            min(int(second or 0), 59),  # a leap second is shown as sent and sorted as :59
            int((fraction or "0")[:6].ljust(6, "0")),
        )
        if offset:
            minutes = (
                0 if offset == "Z" else (int(offset[1:3]) * 60 + int(offset[4:])) * (-1 if offset[0] == "-" else 1)
            )
            return Moment(text, micros(naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))), precision, minutes)
        return in_zone(text, naive, precision, zone, is_timed=bool(hour))
    except (ValueError, OverflowError):
        return Moment(text, None, "day", doubts=("unreadable",))


def in_zone(text: str, naive: datetime, precision: str, zone: str, *, is_timed: bool) -> Moment:
    """The moment of a reading of the clock in `zone` that came without an offset; a time of day (`is_timed`) says that
    its zone was assumed and what a clock change makes of it. Raises ValueError, OverflowError at the ends of time."""
    first = naive.replace(tzinfo=ZoneInfo(zone), fold=0)
    doubts = ("assumed_zone", *change_doubts(first)) if is_timed else ()
    return Moment(text, micros(first.astimezone(UTC)), precision, None, zone, doubts)


def change_doubts(local: datetime) -> tuple[str, ...]:
    """What a clock change makes of a reading of the clock: in autumn it comes twice (`doubled_hour`), in spring no clock
    ever shows it (`skipped_hour`): its sender's was not changed."""
    before, after = (local.replace(fold=fold).utcoffset() for fold in (0, 1))
    if before is None or after is None or before == after:
        return ()
    return ("doubled_hour",) if before > after else ("skipped_hour",)
