"""Glasgow Coma Scale and pupils of the last 24 hours as columns (F17; CLINICAL §2.4): components as sent.

A total is the source's and is printed only where its three components were sent as numbers: with one that could not be
tested there is none, and no pseudo-total is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from desktop.forms.chart_text import shown, when
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.time_columns import LOOK_BACK, Notes, Shape, Top, top_of
from localdb.chart import wording
from localdb.chart.views import Chart
from localdb.records.moments import Moment
from localdb.records.vocabulary import Component, Observation

MOST = 24
# LOINC and SNOMED CT of the components and the total; a name says the same where no code was sent.
_CODES = {
    "9267-6": "E", "281395000": "E", "9270-0": "V", "281397008": "V", "9268-4": "M", "281396004": "M",
    "9269-2": "total", "248241002": "total",
}  # fmt: skip
_NAMES = {
    "E": re.compile(r"(?:gcs|glasgow).*\b(?:eyes?|eye opening)\b|^eye opening$", re.IGNORECASE),
    "V": re.compile(r"(?:gcs|glasgow).*\bverbal\b|^(?:best )?verbal response$", re.IGNORECASE),
    "M": re.compile(r"(?:gcs|glasgow).*\bmotor\b|^(?:best )?motor response$", re.IGNORECASE),
    "total": re.compile(r"^(?:gcs|glasgow coma (?:scale|score))(?:[ ,]*(?:total|sum|score))*$", re.IGNORECASE),
}
_PUPIL = re.compile(r"\bpupils?\b", re.IGNORECASE)
_SIDE = re.compile(r"\b(right|left)\b", re.IGNORECASE)
_REACTS = re.compile(r"react|response|light", re.IGNORECASE)
HIGHEST = {"E": 4, "V": 5, "M": 6}
UNTESTED = "NT"


class NeuroSet(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken at one time: `said` row -> (value as sent, the whole in words). Rows: E V M total, and `right size`,
    `right reaction`, `left size`, `left reaction`; `more` what has no row."""

    moment: Moment | None
    said: dict[str, tuple[str, str]]
    more: tuple[str, ...] = ()


def _row(codes: Iterable[str], text: str) -> str:
    known = next((_CODES[c] for c in codes if c in _CODES), "")
    if known:
        return known
    name = next((row for row, pattern in _NAMES.items() if pattern.search(text.strip())), "")
    if name:
        return name
    side = _SIDE.search(text)
    if not _PUPIL.search(text):
        return ""
    return f"{side[1].lower()} {'reaction' if _REACTS.search(text) else 'size'}" if side else "pupils"


def _value(held: Observation | Component) -> str:
    if held.value is not None:
        return f"{held.comparator or ''}{held.value}"
    return ", ".join(c.display or c.code for c in held.value_codes) or held.absent or ""


def neuro_sets(model: FormModel, chart: Chart) -> tuple[tuple[NeuroSet, ...], int]:
    """The sets of the last 24 hours, oldest first, at most MOST; and how many more there are."""
    since = model.printed_at - LOOK_BACK
    by_time: dict[int, tuple[Moment | None, dict[str, tuple[str, str]], list[str]]] = {}
    for held in shown(chart.observations.items):
        if not isinstance(held, Observation):
            continue
        moment = held.happened or held.said
        if moment is None or moment.instant is None or moment.instant < since:
            continue
        every: tuple[Observation | Component, ...] = (held, *held.components)
        for part in every:
            row = _row((c.code for c in part.codes), part.text)
            value = _value(part)
            if not row or not value:
                continue
            whole = wording.clean(f"{part.text} {value} {part.unit or ''}".strip())
            if held.comments:
                whole = wording.clean(f"{whole}; {'; '.join(held.comments)}")
            _, said, more = by_time.setdefault(moment.utc or 0, (moment, {}, []))
            if row in said or row == "pupils":
                more.append(whole)
            else:
                said[row] = (value, whole)
    made = [NeuroSet(moment=m, said=s, more=tuple(x)) for _, (m, s, x) in sorted(by_time.items())]
    return tuple(made[-MOST:]), max(0, len(made) - MOST)


class NeuroColumns:
    """Tops and cells of the chart; what has no cell is in `notes`."""

    def __init__(self, model: FormModel, sets: tuple[NeuroSet, ...], shape: Shape, wide: float) -> None:
        self.model, self.sets, self.notes = model, sets, Notes()
        self.room = shape.room(wide)
        self.tops: tuple[Top, ...] = tuple(top_of(model, s.moment, self.notes) for s in sets)

    def component(self, key: str) -> dict[str, tuple[str, ...]]:
        """Row (`4` … `1`, `NT`) -> its cells."""
        rows = [str(n) for n in range(HIGHEST[key], 0, -1)] + [UNTESTED]
        table = {row: [""] * len(self.sets) for row in rows}
        for n, s in enumerate(self.sets):
            found = s.said.get(key)
            if found is None:
                continue
            value, whole = found
            row = grade(key, value)
            table[row or UNTESTED][n] = row or self.notes.mark(f"{self._time(s)} {whole}")
        return {row: tuple(cells) for row, cells in table.items()}

    def totals(self) -> tuple[str, ...]:
        def total(s: NeuroSet) -> str:
            found = s.said.get("total")
            if found is None:
                return ""
            grades = [grade(k, s.said[k][0]) for k in HIGHEST if k in s.said]
            if len(grades) == len(HIGHEST) and all(g.isdigit() for g in grades) and found[0].isdigit():
                return self.notes.fitted(found[0], self.room, f"{self._time(s)} {found[1]}")
            why = tr("not all three components were sent as numbers: no total")
            return self.notes.mark(f"{self._time(s)} {tr('sent as')} {found[1]}; {why}")

        return tuple(total(s) for s in self.sets)

    def words(self, key: str) -> tuple[str, ...]:
        def word(s: NeuroSet) -> str:
            found = s.said.get(key)
            return self.notes.fitted(found[0], self.room, f"{self._time(s)} {found[1]}") if found is not None else ""

        return tuple(word(s) for s in self.sets)

    def others(self) -> tuple[str, ...]:
        return tuple(self.notes.mark(f"{self._time(s)} {', '.join(s.more)}") if s.more else "" for s in self.sets)

    def sources(self) -> tuple[str, ...]:
        return tuple(self.notes.fitted(tr("copy"), self.room, tr("copy")) for _ in self.sets)

    def _time(self, s: NeuroSet) -> str:
        return when(self.model, s.moment, missing=tr("time not recorded"))


def grade(key: str, value: str) -> str:
    """The row of a component: a whole number within its range, or NT; empty for anything else."""
    bare = value.strip()
    whole = bare.removesuffix(".0")
    if whole in {str(n) for n in range(1, HIGHEST[key] + 1)}:
        return whole
    return UNTESTED if bare.upper() in ("NT", "NOT TESTABLE", "C", "T") else ""
