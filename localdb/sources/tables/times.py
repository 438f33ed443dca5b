"""Times as a table writes them. The mapping says the order of day and month: it is never guessed.

A format is `iso`, `hl7`, or text with %Y %m %d %b %H %I %p %M %S (as strptime has them; no %y: two digits of a year are a
guess). What it leaves out is not known: `%d/%m/%Y` is a day. Formats become patterns of fixed width, without backtracking.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec.structs import replace

from localdb.records.moments import Moment, read_moment
from localdb.sources.hl7v2.times import read_dtm

_PARTS = {
    "Y": r"(?P<Y>\d{4})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "b": r"(?P<b>[A-Za-z]{3})[A-Za-z]{0,6}",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "p": r"(?P<p>[AaPp])\.?[Mm]\.?",
    "M": r"(?P<M>\d{2})",
    "S": r"(?P<S>\d{2})",
}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
NAMED = frozenset({"iso", "hl7"})


class FormatWrong(ValueError):
    """A format of times that cannot be used; the text says why."""


@lru_cache(maxsize=256)
def pattern_of(format_: str) -> re.Pattern[str]:
    """The pattern of a format. Raises FormatWrong."""
    out, seen, n = [], set(), 0
    while n < len(format_):
        sign = format_[n]
        if sign != "%":
            out.append(re.escape(sign))
            n += 1
            continue
        part = format_[n + 1 : n + 2]
        if part == "y":
            raise FormatWrong("%y has two digits of a year, and the century would be a guess")
        if part not in _PARTS or part in seen:
            raise FormatWrong(f"%{part} is not known here, or stands twice")
        seen.add(part)
        out.append(_PARTS[part])
        n += 2
    if "Y" not in seen or ("d" in seen and not seen & {"m", "b"}) or {"m", "b"} <= seen:
        raise FormatWrong("it needs a year, and a month before a day")
    if seen & {"H", "I"} and ("d" not in seen or "M" not in seen) or "M" in seen and not seen & {"H", "I"}:
        raise FormatWrong("a time of day needs the day, the hour and the minute")
    if ("I" in seen) != ("p" in seen) or {"H", "I"} <= seen:
        raise FormatWrong("%I and %p belong together, and exclude %H")
    return re.compile("".join(out), re.ASCII)


def read_time(text: str, formats: tuple[str, ...], zone: str) -> Moment | None:
    """The moment of a cell by the first format that fits it, with the text as sent; None where none does."""
    text = text.strip()
    for format_ in formats:
        found = _by_name(text, format_, zone) if format_ in NAMED else _by_pattern(text, format_, zone)
        if found is not None and found.utc is not None:
            return found
    return None


def _by_name(text: str, format_: str, zone: str) -> Moment | None:
    if format_ == "hl7":
        return read_dtm(text, zone)
    return replace(read_moment(text.replace(" ", "T", 1), zone), text=text)


def _by_pattern(text: str, format_: str, zone: str) -> Moment | None:
    found = pattern_of(format_).fullmatch(text)
    iso = _iso(found) if found else None
    return replace(read_moment(iso, zone), text=text) if iso else None


def find_time(text: str, format_: str, zone: str) -> Moment | None:
    """The first time of that format inside a text (a file's name); its text is what was found."""
    found = pattern_of(format_).search(text)
    iso = _iso(found) if found else None
    return replace(read_moment(iso, zone), text=found[0]) if found and iso else None


def _iso(found: re.Match[str]) -> str | None:
    part = found.groupdict()
    out = part["Y"]
    month = part.get("m")
    if part.get("b"):
        name = part["b"].lower()
        month = str(_MONTHS.index(name) + 1) if name in _MONTHS else None
        if month is None:
            return None
    if month is None:
        return out
    out += f"-{int(month):02}"
    if part.get("d") is None:
        return out
    out += f"-{int(part['d']):02}"
    hour = part.get("H") or part.get("I")
    if hour is None:
        return out
    number = int(hour)
    if part.get("p"):
        if not 1 <= number <= 12:
            return None
        number = number % 12 + (12 if part["p"].lower() == "p" else 0)
    out += f"T{number:02}:{part['M']}"
    return f"{out}:{part['S']}" if part.get("S") else out
