"""Which icons an alert earns on the board (resources/codes/alert_marks.toml). Pure; judges nothing clinical.

Restricted alerts (safeguarding) never stand on a list (CLINICAL §1.5); "infection: none recorded" earns no mark.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from localdb.chart.views import KNOWN, NONE_ASSERTED, NOT_RECORDED, UNAVAILABLE
from localdb.records.vocabulary import Record

_DENIED = ("no ", "not ", "none ", "against ", "without ")


@dataclass(frozen=True, slots=True)
class Mark:
    """An icon (`name`, a word of icons.ICONS), what it means in words, and the word of its chip (isolation only)."""

    name: str
    means: str
    chip: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    mark: Mark
    codes: frozenset[str]
    words: tuple[str, ...]


ALLERGY_MARKS = {
    KNOWN: Mark("known allergy", "known allergy"),
    NONE_ASSERTED: Mark("none known", "none known"),
    NOT_RECORDED: Mark("not recorded", "not recorded"),
    UNAVAILABLE: Mark("unavailable", "unavailable"),
}
ALLERGY_WORDS = {
    KNOWN: "known allergies",
    NONE_ASSERTED: "no known allergies",
    NOT_RECORDED: "allergies not recorded",
    UNAVAILABLE: "allergies unavailable",
}
ALLERGY_TOKENS = {KNOWN: "hi", NONE_ASSERTED: "ink2", NOT_RECORDED: "warn", UNAVAILABLE: "warn"}


@cache
def rules() -> tuple[_Rule, ...]:
    table = tomllib.loads(files("resources").joinpath("codes", "alert_marks.toml").read_text(encoding="utf-8"))
    return tuple(
        _Rule(Mark(row["name"], row["means"], row.get("chip", "")), frozenset(row["codes"]), tuple(row["words"]))
        for row in table["mark"]
    )


def _holds(rule: _Rule, alert: Record) -> bool:
    text = alert.text.casefold()
    if any(code.code.upper() in rule.codes for code in alert.codes):
        return "none recorded" not in text
    for word in rule.words:
        at = text.find(word)
        if at >= 0 and not any(text[max(0, at - 12) : at].endswith(denied) for denied in _DENIED):
            return True
    return False


def marks_of(alerts: Iterable[Record]) -> tuple[Mark, ...]:
    """The marks of a patient's active, unrestricted alerts, in the table's order, each once; one isolation chip."""
    shown = [a for a in alerts if not a.restricted and a.status in ("", "active")]
    found: list[Mark] = []
    for rule in rules():
        taken = any(m.name == rule.mark.name for m in found)
        if not taken and any(_holds(rule, alert) for alert in shown):
            found.append(rule.mark)
    return tuple(found)
