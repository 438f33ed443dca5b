"""A site's own patterns for what its wristbands hold (`[scanning]` of site.toml), run so that none can hang. Pure.

A pattern is written as Python's `re`, must fit the whole code, and finds named groups: `nhs`, `mrn`, `family`, `given`,
`born`. **Nothing is given back**: each repeat takes all that it can and keeps it, each group once it fits is done (they
are compiled as possessive repeats and atomic groups), so that the time to run one grows with the length of the code
alone. A pattern whose own example it does not fit is refused when the settings are taken, not at the bedside.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

import msgspec

from localdb.chart.gs1 import read_date
from localdb.errors import InputRefused
from localdb.records.ids import nhs_number_is_sound

GROUPS = frozenset({"nhs", "mrn", "family", "given", "born"})
LONGEST = 300  # characters of a pattern
_QUANTIFIER = re.compile(r"[*+?]|\{\d*,?\d*\}")
_GROUP = re.compile(r"\((\?P<([A-Za-z_]\w*)>|\?:)?")


class PatternRefused(InputRefused):
    """A pattern for wristbands that cannot be used; the message names it and the reason."""

    code = "scan.pattern"
    next_step = "Correct that pattern in site.toml; the help on scanning has an example."


class ScanPattern(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pattern: its `name` for people, the `pattern`, an invented `example` that it must fit, and in which order the
    numbers of a date of birth stand."""

    name: str
    pattern: str
    example: str
    born: Literal["dmy", "mdy", "ymd"] = "dmy"


class Scanning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[scanning]`: what stands for a group separator on this site's scanners, and its own patterns in the order in which
    they are tried."""

    separators: tuple[str, ...] = ()
    patterns: tuple[ScanPattern, ...] = ()


def read_scanning(given: Mapping[str, Any]) -> Scanning:
    """Checked settings. Raises scan.pattern."""
    try:
        made = msgspec.convert(given, Scanning)
    except msgspec.ValidationError as error:
        raise PatternRefused(f"[scanning] cannot be used: {error}.") from None
    if any(not 1 <= len(s) <= 8 or s.isalnum() for s in made.separators):
        raise PatternRefused("[scanning] separators: each is 1 to 8 characters, not letters and digits alone.")
    for one in made.patterns:
        if not found_by(one, one.example):
            raise PatternRefused(f"The pattern {one.name!r} does not fit its own example, or finds no number in it.")
    return made


def found_by(pattern: ScanPattern, text: str) -> dict[str, str] | None:
    """The groups that were found, `born` as ISO 8601; None where the pattern does not fit. A number that stands for an
    NHS number and is none makes it not fit. Raises scan.pattern."""
    match = _compiled(pattern.name, pattern.pattern).fullmatch(text)
    if match is None:
        return None
    found = {name: (value or "").strip() for name, value in match.groupdict().items()}
    if found.get("nhs"):
        found["nhs"] = re.sub(r"[\s-]", "", found["nhs"])
        if not nhs_number_is_sound(found["nhs"]):
            return None
    if "born" in found:
        found["born"] = read_date(found["born"], pattern.born)
    return found if found.get("nhs") or found.get("mrn") else None


@lru_cache(maxsize=64)
def _compiled(name: str, pattern: str) -> re.Pattern[str]:
    if len(pattern) > LONGEST:
        raise PatternRefused(f"The pattern {name!r} is longer than {LONGEST} characters.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what a later Python would read otherwise is refused now
            made = re.compile(without_return(name, pattern))
    except (re.error, RecursionError, OverflowError, FutureWarning, DeprecationWarning) as error:
        raise PatternRefused(f"The pattern {name!r} is no pattern: {error}.") from None
    groups = set(made.groupindex)
    if unknown := sorted(groups - GROUPS):
        raise PatternRefused(f"The pattern {name!r} has a group {unknown[0]!r}; it can be {', '.join(sorted(GROUPS))}.")
    if not groups & {"nhs", "mrn"}:
        raise PatternRefused(f"The pattern {name!r} has no group `nhs` or `mrn`: it could name nobody.")
    return made


def without_return(name: str, pattern: str) -> str:
    """The pattern with possessive repeats and atomic groups. Raises scan.pattern for what has no such form: references
    back, looking ahead or behind, lazy repeats, flags."""
    made: list[str] = []
    closing: list[str] = []
    at = 0
    while at < len(pattern):
        c = pattern[at]
        if c == "\\":
            if pattern[at + 1 : at + 2].isdigit():
                raise PatternRefused(f"The pattern {name!r} refers back to a group, which cannot be run safely.")
            made.append(pattern[at : at + 2])
            at += 2
        elif c == "[":
            end = _end_of_set(pattern, at)
            made.append(pattern[at:end])
            at = end
        elif c == "(":
            opened = _GROUP.match(pattern, at)
            assert opened is not None
            if opened[1] is None and pattern[at + 1 : at + 2] == "?":
                raise PatternRefused(f"The pattern {name!r} looks ahead or sets a flag, which cannot be run safely.")
            named = bool(opened[2])
            made.append("(?>" + (opened[0] if named else ""))
            closing.append("))" if named else ")")
            at = opened.end()
        elif c == ")":
            made.append(closing.pop() if closing else ")")
            at += 1
        elif (repeat := _QUANTIFIER.match(pattern, at)) and made:
            at = repeat.end()
            if pattern[at : at + 1] == "?":
                raise PatternRefused(f"The pattern {name!r} has a repeat that takes as little as it can; none may.")
            made.append(repeat[0] + "+")
            at += pattern[at : at + 1] == "+"
        else:
            made.append(c)
            at += 1
    return "".join(made)


def _end_of_set(pattern: str, at: int) -> int:
    """The place after a character set that begins at `at`."""
    n = at + 1
    n += pattern[n : n + 1] == "^"
    n += pattern[n : n + 1] == "]"
    while n < len(pattern) and pattern[n] != "]":
        n += 2 if pattern[n] == "\\" else 1
    return n + 1
