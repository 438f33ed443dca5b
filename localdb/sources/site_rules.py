"""What mappings of tables and rules for printed reports have in common: strict plain values, time formats, a zone.

A fault names its place; `refuse` makes the error of the file that is read (table.mapping, printed.rule).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from localdb.errors import InputRefused
from localdb.sources.tables.times import NAMED, FormatWrong, pattern_of

T = TypeVar("T", bound=msgspec.Struct)
Refuse = Callable[[str], InputRefused]


def read_toml(text: str, what: str, refuse: Refuse) -> dict[str, Any]:
    """The values of a TOML text. Raises what `refuse` makes."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refuse(f"The {what} is not TOML: {error}.") from None


def converted(given: Any, model: type[T], what: str, refuse: Refuse) -> T:
    """Plain values as `model`: nothing unknown, nothing of another type. Raises what `refuse` makes."""
    try:
        return msgspec.convert(given, model)
    except msgspec.ValidationError as error:
        raise refuse(f"The {what} cannot be used: {error}.") from None


def check_times(formats: tuple[str, ...], zone: str, place: str, refuse: Refuse, *, own: Iterable[str] = ()) -> None:
    """`formats` (names or patterns; `own` patterns alone) and `zone` ("": none) can be used. `place` stands before the
    words `formats` and `zone` in the message. Raises what `refuse` makes."""
    if zone:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise refuse(f"`{place}zone` {zone!r} is no IANA zone.") from None
    if not formats:
        raise refuse(f"`{place}formats` is empty.")
    for format_ in (*(f for f in formats if f not in NAMED), *own):
        try:
            pattern_of(format_)
        except FormatWrong as error:
            raise refuse(f"The time format {format_!r} cannot be used: {error}.") from None
