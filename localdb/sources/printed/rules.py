"""A rule for printed reports: which named groups in a file's name or text say whose it is and what it is (TOML).

Groups: `nhs`, `mrn`, `visit`, `family`, `given`, `born`, `title`, `kind`, `date`, `time`, `author`, `number` (of the
document). A group that several patterns find must say the same each time, and each match of a patient's number in the
text must be the same number: a report in which two patients stand is filed to nobody.

The patterns are the site's own: a bad one can take for ever, so a report is read in a child with a limit of SECONDS.
"""

from __future__ import annotations

import re
import warnings
from typing import Any, Literal

import msgspec

from localdb.errors import InputRefused
from localdb.sources.site_rules import check_times, converted, read_toml

SECONDS = 30.0
GROUPS = frozenset("nhs mrn visit family given born title kind date time author number".split())
CHECKS = frozenset({"family", "born"})
_LONGEST = 500


class RuleRefused(InputRefused):
    """A rule for printed reports that cannot be used; the message names the place and the reason."""

    code = "printed.rule"
    next_step = "Correct the rule at that place; the help has an example."


class Pattern(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One pattern (Python's `re`, `^` and `$` at line ends) `on` the file's name or its text; `optional`: the report is
    taken without it too."""

    on: Literal["name", "text"]
    pattern: str
    optional: bool = False


class WhoseRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the patient is found: by `nhs` first, else `mrn`. With `assigner` the `mrn` is the number of this very source,
    as its other feeds name it; else the one patient is sought who has it in the identifier `system` ("": any).
    `check`: of `family` and `born`, what the report must say as our record of that patient does."""

    system: str = ""
    assigner: str | None = None
    check: tuple[Literal["family", "born"], ...] = ()


class PrintRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule. `kinds` translates what the group `kind` found; `title`, `author` stand where no group finds them; `key`
    groups whose values together name the document, so that a later print replaces it (empty: the group `number`, else
    each file is a document of its own); `formats` of `date`, `time` (joined by a blank) and `born`; `zone` of them."""

    patterns: tuple[Pattern, ...]
    patient: WhoseRules = WhoseRules()
    kinds: dict[str, str] = {}
    title: str = ""
    author: str = ""
    key: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("%d/%m/%Y %H:%M", "%d/%m/%Y", "iso")
    zone: str = ""


def read_rule(text: str) -> PrintRule:
    """A checked rule. Raises printed.rule."""
    return rule_from(read_toml(text, "rule", RuleRefused))


def rule_from(given: Any) -> PrintRule:
    """A checked rule of plain values, as site.toml has them. Raises printed.rule."""
    rule = converted(given, PrintRule, "rule", RuleRefused)
    groups: set[str] = set()
    for n, one in enumerate(rule.patterns, 1):
        groups |= _groups(one, n)
    if not groups & {"nhs", "mrn"}:
        raise RuleRefused("No pattern has a group `nhs` or `mrn`: no report could be filed to a patient.")
    for name in (*rule.key, *rule.patient.check):
        if name not in groups:
            raise RuleRefused(f"No pattern has the group {name!r} that `key` or `check` names.")
    if "time" in groups and "date" not in groups:
        raise RuleRefused("A group `time` needs a group `date`.")
    check_times(rule.formats, rule.zone, "", RuleRefused)
    return rule


def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.MULTILINE)


def _groups(one: Pattern, n: int) -> set[str]:
    if len(one.pattern) > _LONGEST:
        raise RuleRefused(f"Pattern {n} is longer than {_LONGEST} characters.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what a later Python would read otherwise is refused now
            found = compiled(one.pattern)
    except (re.error, RecursionError, OverflowError, FutureWarning, DeprecationWarning) as error:
        raise RuleRefused(f"Pattern {n} is no pattern: {error}.") from None
    names = set(found.groupindex)
    if not names:
        raise RuleRefused(f"Pattern {n} has no named group.")
    unknown = sorted(names - GROUPS)
    if unknown:
        raise RuleRefused(f"Pattern {n} has a group {unknown[0]!r}; it can be {', '.join(sorted(GROUPS))}.")
    return names
