"""Observations in sets, as the source sent them: one set a time, nothing added up (CLINICAL §2, DESIGN D7). No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from desktop.patient.words import unit_word
from localdb.records.moments import Moment
from localdb.records.vocabulary import Component, Observation, Record

# LOINC or SNOMED CT code -> (row, short label, label); the order is the order of the chart (CLINICAL §2.3).
VITALS: dict[str, tuple[str, str, str]] = {
    "9279-1": ("resp", "Resp", "Respirations"),
    "59408-5": ("spo2", "SpO2", "SpO2"),
    "2708-6": ("spo2", "SpO2", "SpO2"),
    "3151-8": ("oxygen", "Oxygen", "Air or oxygen"),
    "3150-0": ("oxygen", "Oxygen", "Air or oxygen"),
    "85354-9": ("bp", "BP", "Blood pressure"),
    "55284-4": ("bp", "BP", "Blood pressure"),
    "8867-4": ("pulse", "Pulse", "Pulse"),
    "67775-7": ("acvpu", "ACVPU", "Consciousness"),
    "80288-4": ("acvpu", "ACVPU", "Consciousness"),
    "1104441000000107": ("acvpu", "ACVPU", "Consciousness"),
    "8310-5": ("temp", "Temp", "Temperature"),
    "14743-9": ("glucose", "Glucose", "Glucose, capillary"),
    "72514-3": ("pain", "Pain", "Pain"),
}
ORDER = ("resp", "spo2", "oxygen", "bp", "pulse", "acvpu", "temp", "glucose", "pain")
LABELS = {row: label for row, _, label in VITALS.values()}
SHORT = {row: short for row, short, _ in VITALS.values()}
NEWS = "news2"
_NEWS_CODES = frozenset({"88330-6", "1104051000000101", "445551000124107"})
_SCALE = ("scale",)


class Reading(NamedTuple):
    """One observation as text: `value` with comparator, `unit` as the ward says it, `note` what must stand beside."""

    value: str
    unit: str
    note: str
    flag: str
    record: Observation


class ObsSet(NamedTuple):
    """All that was taken at one time. `news2` as sent, never reckoned; `rest` what is no vital sign of ours."""

    moment: Moment | None
    vitals: dict[str, Reading]
    news2: Reading | None
    rest: tuple[Observation, ...]


def row_of(observation: Observation) -> str:
    """The row of the chart that an observation belongs to; empty for others."""
    codes = {c.code for c in observation.codes}
    if codes & _NEWS_CODES or "news2" in observation.text.casefold().replace(" ", ""):
        return NEWS if not any(word in observation.text.casefold() for word in _SCALE) else ""
    return next((VITALS[c.code][0] for c in observation.codes if c.code in VITALS), "")


def reading(observation: Observation) -> Reading:
    """An observation in text. A withdrawn one has no value (H08)."""
    if observation.status == "entered-in-error":
        return Reading("withdrawn", "", "", "", observation)
    value = _value(observation)
    unit = unit_word(observation.unit or "")
    if observation.components and not value:
        value, unit = _joined(observation.components)
    if not value:
        value = f"not available: {observation.absent}" if observation.absent else "no value sent"
    marks = {"preliminary": "PRELIM", "amended": "CORRECTED", "corrected": "CORRECTED"}
    notes = [marks.get(observation.status, ""), *observation.comments]
    return Reading(value, unit, "; ".join(n for n in notes if n), observation.flag or "", observation)


def _value(held: Observation | Component) -> str:
    if held.value is not None:
        return f"{held.comparator or ''}{held.value}"
    return ", ".join(c.display or c.code for c in held.value_codes)


def _joined(components: Sequence[Component]) -> tuple[str, str]:
    """`108/62` of systolic and diastolic; other components by name."""
    by_code = {c.code: part for part in components for c in part.codes}
    high, low = by_code.get("8480-6"), by_code.get("8462-4")
    if high is not None and low is not None and len(components) == 2:
        return f"{_value(high) or 'not sent'}/{_value(low) or 'not sent'}", unit_word(high.unit or "")
    parts = [f"{p.text} {_value(p) or p.absent or 'not sent'} {unit_word(p.unit or '')}".strip() for p in components]
    return ", ".join(parts), ""


def obs_sets(items: Iterable[Record]) -> tuple[ObsSet, ...]:
    """The sets, newest first. Two readings of one row and time: both stand, the later one first."""
    by_time: dict[tuple[int, str], list[Observation]] = {}
    for item in items:
        if isinstance(item, Observation):
            moment = item.happened or item.said
            key = (moment.utc if moment and moment.utc is not None else -(2**62), moment.precision if moment else "")
            by_time.setdefault(key, []).append(item)
    return tuple(_set(by_time[key]) for key in sorted(by_time, reverse=True))


def _set(observations: list[Observation]) -> ObsSet:
    vitals: dict[str, Reading] = {}
    news: Reading | None = None
    rest: list[Observation] = []
    for o in observations:
        row = row_of(o)
        if row == NEWS and news is None:
            news = reading(o)
        elif row and row != NEWS:
            made = reading(o)
            if row in vitals:
                former = vitals[row]
                made = former._replace(note="; ".join(x for x in (former.note, f"also {made.value}") if x))
            vitals[row] = made
        else:
            rest.append(o)
    return ObsSet(observations[0].happened or observations[0].said, vitals, news, tuple(rest))


def latest_vital(sets: Sequence[ObsSet], row: str) -> tuple[Reading, ObsSet] | None:
    """The newest reading of a row, with the set that it belongs to."""
    return next(((s.vitals[row], s) for s in sets if row in s.vitals), None)
