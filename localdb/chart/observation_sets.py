"""Observations in sets, as the source sent them: one set a time, nothing added up (CLINICAL §2, DESIGN D7). Pure.

A total is a source's word and stands as sent; where a parameter is missing beside it, it reads INCOMPLETE (H22). Sets
that the ward typed are made of the entry, marked with it, and never carry a total.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from localdb.chart.early_warning import INCOMPLETE, SEVEN, incomplete
from localdb.chart.views import Entry
from localdb.records.moments import Moment
from localdb.records.vocabulary import Coding, Component, Observation, Record

# LOINC or SNOMED CT code -> (row, short label, label); the order is the order of the chart (CLINICAL §2.3).
VITALS: dict[str, tuple[str, str, str]] = {
    "9279-1": ("resp", "Resp", "Respirations"),
    "86290005": ("resp", "Resp", "Respirations"),
    "59408-5": ("spo2", "SpO2", "SpO2"),
    "2708-6": ("spo2", "SpO2", "SpO2"),
    "103228002": ("spo2", "SpO2", "SpO2"),
    "3151-8": ("oxygen", "Oxygen", "Air or oxygen"),
    "3150-0": ("oxygen", "Oxygen", "Air or oxygen"),
    "722742002": ("oxygen", "Oxygen", "Air or oxygen"),
    "371825009": ("oxygen", "Oxygen", "Air or oxygen"),
    "85354-9": ("bp", "BP", "Blood pressure"),
    "55284-4": ("bp", "BP", "Blood pressure"),
    "75367002": ("bp", "BP", "Blood pressure"),
    "8867-4": ("pulse", "Pulse", "Pulse"),
    "78564009": ("pulse", "Pulse", "Pulse"),
    "67775-7": ("acvpu", "ACVPU", "Consciousness"),
    "80288-4": ("acvpu", "ACVPU", "Consciousness"),
    "1104441000000107": ("acvpu", "ACVPU", "Consciousness"),
    "8310-5": ("temp", "Temp", "Temperature"),
    "276885007": ("temp", "Temp", "Temperature"),
    "14743-9": ("glucose", "Glucose", "Glucose, capillary"),
    "72514-3": ("pain", "Pain", "Pain"),
}
ORDER = ("resp", "spo2", "oxygen", "bp", "pulse", "acvpu", "temp", "glucose", "pain")
LABELS = {row: label for row, _, label in VITALS.values()}
SHORT = {row: short for row, short, _ in VITALS.values()}
NEWS = "news2"
_NEWS_CODES = frozenset({"88330-6", "1104051000000101", "445551000124107"})
_SCALE = ("scale",)
# SNOMED CT (UK) codes of the points of one parameter, as components of a total: the parameter was scored by the source.
_PART_CODES = {
    "1104301000000104": "resp", "1104351000000103": "pulse", "1104311000000102": "spo2", "1104321000000108": "spo2",
    "1104331000000105": "oxygen", "1104371000000107": "temp", "1104341000000101": "bp", "1104361000000100": "acvpu",
}  # fmt: skip
_SCALE_CODES = {"1104311000000102": "1", "1104321000000108": "2"}
# The names by which a source without LOINC or SNOMED CT calls them, whole and nothing else.
_NAMES = {
    "resp": re.compile(r"respirations?|resp(?:iration|iratory)?(?: rate)?"),
    "spo2": re.compile(r"spo2|o2 sats?|oxygen saturations?|sats"),
    "oxygen": re.compile(r"(?:air or )?oxygen|oxygen (?:therapy|flow(?: rate)?|device)|inspired oxygen|fio2"),
    "bp": re.compile(r"blood pressure|bp"),
    "pulse": re.compile(r"pulse(?: rate)?|heart rate"),
    "acvpu": re.compile(r"acvpu|avpu|(?:level of )?consciousness|conscious level"),
    "temp": re.compile(r"(?:body )?temp(?:erature)?"),
}
_NAMES_SCALE = re.compile(r"scale\s*([12])(?!\d)", re.IGNORECASE)
SYSTOLIC, DIASTOLIC = frozenset({"8480-6", "72313002"}), frozenset({"8462-4", "1091811000000102"})
UNIT_WORDS = {"Cel": "°C", "mm[Hg]": "mmHg", "/min": "/min", "{score}": "", "1": "", "{ScoreOf}": "", "ScoreOf": ""}


def unit_word(unit: str) -> str:
    """A unit as the ward says it, where UCUM writes it otherwise; all others as sent."""
    return UNIT_WORDS.get(unit, unit)


class Reading(NamedTuple):
    """One observation as text: `value` with comparator, `unit` as the ward says it, `note` what must stand beside."""

    value: str
    unit: str
    note: str
    flag: str
    record: Observation

    @property
    def is_value(self) -> bool:
        """Whether something was measured: not withdrawn, not absent."""
        held = self.record
        return held.status not in ("entered-in-error", "cancelled") and bool(
            held.value is not None or held.value_codes or any(c.value is not None for c in held.components)
            or (not held.absent and self.value)
        )  # fmt: skip


class ObsSet(NamedTuple):
    """All that was taken at one time. `news2` as sent, never reckoned, INCOMPLETE where a parameter is missing; `rest`
    what is no vital sign of ours; `scale` of SpO2 as the source said ("": it did not); `entry` where the ward typed it."""

    moment: Moment | None
    vitals: dict[str, Reading]
    news2: Reading | None
    rest: tuple[Observation, ...]
    scale: str = ""
    entry: Entry | None = None

    @property
    def is_on_oxygen(self) -> bool | None:
        """Whether the set was taken on oxygen, as sent; None where nothing was said."""
        found = self.vitals.get("oxygen")
        if found is None or not found.is_value:
            return None
        said = f"{found.value} {' '.join(c.display for c in found.record.value_codes)}".casefold()
        no_flow = found.value in ("0", "0.0") or (found.unit in ("%", "") and found.value in ("21", "0.21"))
        return not ("air" in said.split() or no_flow)


def row_of(observation: Observation) -> str:
    """The row of the chart that an observation belongs to; empty for others."""
    return _row(tuple(c.code for c in observation.codes), observation.text)


@lru_cache(maxsize=1024)
def _row(codes: tuple[str, ...], text: str) -> str:
    folded = text.casefold()
    if not _NEWS_CODES.isdisjoint(codes) or "news2" in folded.replace(" ", ""):
        return NEWS if not any(word in folded for word in _SCALE) else ""
    known = next((VITALS[c][0] for c in codes if c in VITALS), "")
    return known or next((row for row, pattern in _NAMES.items() if pattern.fullmatch(folded.strip())), "")


def reading(observation: Observation) -> Reading:
    """An observation in text. A withdrawn one has no value (H08)."""
    if observation.status == "entered-in-error":
        return Reading("withdrawn", "", "", "", observation)
    value = _value(observation)
    unit = unit_word(observation.unit or "")
    if observation.components and not value:
        value, unit = _joined(observation.components)
    if not value and not observation.absent and row_of(observation) == "oxygen":
        value = observation.text  # "Breathing room air" is a finding: its name is what it says
    if not value:
        value = f"not available: {observation.absent}" if observation.absent else "no value sent"
    marks = {"preliminary": "PRELIM", "amended": "CORRECTED", "corrected": "CORRECTED"}
    notes = [marks.get(observation.status, ""), *observation.comments]
    return Reading(value, unit, "; ".join(n for n in notes if n), observation.flag or "", observation)


def _value(held: Observation | Component) -> str:
    if held.value is not None:
        return f"{held.comparator or ''}{held.value}"
    return ", ".join(c.display or c.code for c in held.value_codes)


def pressures(observation: Observation) -> tuple[Component | None, Component | None]:
    """Systolic and diastolic of a blood pressure."""
    by_code = {c.code: part for part in observation.components for c in part.codes}
    high = next((by_code[c] for c in by_code if c in SYSTOLIC), None)
    low = next((by_code[c] for c in by_code if c in DIASTOLIC), None)
    return high, low


def _joined(components: Sequence[Component]) -> tuple[str, str]:
    """`108/62` of systolic and diastolic; other components by name."""
    by_code = {c.code: part for part in components for c in part.codes}
    high = next((by_code[c] for c in by_code if c in SYSTOLIC), None)
    low = next((by_code[c] for c in by_code if c in DIASTOLIC), None)
    if high is not None and low is not None and len(components) == 2:
        return f"{_value(high) or 'not sent'}/{_value(low) or 'not sent'}", unit_word(high.unit or "")
    parts = [f"{p.text} {_value(p) or p.absent or 'not sent'} {unit_word(p.unit or '')}".strip() for p in components]
    return ", ".join(parts), ""


def obs_sets(items: Iterable[Record]) -> tuple[ObsSet, ...]:
    """The sets, newest first. Two readings of one row and time: both stand, the later one first."""
    by_time: dict[tuple[int, str], list[Observation]] = {}
    for item in items:
        if isinstance(item, Observation):
            by_time.setdefault(_time_key(item.happened or item.said), []).append(item)
    return tuple(_set(by_time[key]) for key in sorted(by_time, reverse=True))


def _time_key(moment: Moment | None) -> tuple[int, str]:
    return (moment.utc if moment and moment.utc is not None else -(2**62), moment.precision if moment else "")


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
    if news is not None:
        news = _whole_or_not(news, vitals)
    scale = _scale_of(news, vitals, rest)
    return ObsSet(observations[0].happened or observations[0].said, vitals, news, tuple(rest), scale)


def parameters_of(news: Reading, vitals: Mapping[str, Reading]) -> frozenset[str]:
    """Which of the seven stand behind a total: measured in the set, or scored by the source as a part of the total."""
    measured = {row for row in SEVEN if row in vitals and vitals[row].is_value}
    if "bp" in measured:
        high = pressures(vitals["bp"].record)[0]
        measured -= set() if high is not None and high.value is not None else {"bp"}  # the systolic is what is scored
    scored = {
        _PART_CODES[c.code] for part in news.record.components for c in part.codes
        if c.code in _PART_CODES and part.value is not None
    }  # fmt: skip
    return frozenset(measured | scored)


def _whole_or_not(news: Reading, vitals: Mapping[str, Reading]) -> Reading:
    """The total as sent, or INCOMPLETE with the number that was sent beside it (CLINICAL §2.2, H22)."""
    done = parameters_of(news, vitals)
    if not news.is_value or len(done) == len(SEVEN):
        return news
    missing = [LABELS[row] for row in SEVEN if row not in done]
    note = f"sent as {news.value}; missing: {', '.join(missing)}"
    return news._replace(value=incomplete(len(done)), note="; ".join(x for x in (note, news.note) if x))


def is_incomplete(news: Reading) -> bool:
    """Whether a total reads INCOMPLETE."""
    return news.value.startswith(INCOMPLETE)


def _scale_of(news: Reading | None, vitals: Mapping[str, Reading], rest: Sequence[Observation]) -> str:
    """The SpO2 scale in the source's own words or codes; "" where it said nothing, or two things."""
    said: set[str] = set()
    for found in (news, vitals.get("spo2")):
        if found is None:
            continue
        for text in (found.record.text, *found.record.comments):
            said.update(_NAMES_SCALE.findall(text))
        said.update(
            _SCALE_CODES[c.code] for part in found.record.components for c in part.codes if c.code in _SCALE_CODES
        )
    for o in rest:
        text = " ".join(x for x in (o.text, o.value or "", *(c.display for c in o.value_codes)) if x)
        if "scale" in text.casefold() and "spo2" in text.casefold().replace(" ", ""):
            said.update(_NAMES_SCALE.findall(text))
    return said.pop() if len(said) == 1 else ""


def typed_sets(entries: Iterable[Entry]) -> tuple[ObsSet, ...]:
    """What the ward typed, newest first, each marked with its entry; a corrected entry gives way to its correction."""
    made = [
        (_time_key(e.happened), _set([_typed(e, n, item) for n, item in enumerate(e.body.get("items", ()))])._replace(
            moment=e.happened, entry=e, news2=None))
        for e in entries
        if e.kind == "observations" and not e.corrected_by and e.body.get("items")
    ]  # fmt: skip
    return tuple(one for _, one in sorted(made, key=lambda pair: pair[0], reverse=True))


def _typed(entry: Entry, n: int, item: Mapping[str, Any]) -> Observation:
    """One item of an entry in the shape of a record, so that one painter serves both."""
    code = str(item.get("code") or "")
    parts = tuple(
        Component(codes=(Coding("http://loinc.org", str(c.get("code") or "")),), value=str(c.get("value") or "") or None,
                  unit=str(c.get("unit") or "") or None)
        for c in item.get("components") or ()
    )  # fmt: skip
    value = item.get("value")
    return Observation(
        id=f"{entry.id}#{n}", patient=entry.identity.patient if entry.identity else "", source="", source_id=entry.id,
        happened=entry.happened, status="final", codes=(Coding("http://loinc.org", code),),
        text=VITALS[code][2] if code in VITALS else code, value=str(value) if value not in (None, "") else None,
        unit=str(item.get("unit") or "") or None, components=parts, author=entry.staff,
    )  # fmt: skip


def merged(copied: Sequence[ObsSet], typed: Sequence[ObsSet]) -> tuple[ObsSet, ...]:
    """Both in the order of time, newest first; a set of the ward stays its own."""
    return tuple(sorted((*typed, *copied), key=lambda s: _time_key(s.moment)[0], reverse=True))


def latest_vital(sets: Sequence[ObsSet], row: str) -> tuple[Reading, ObsSet] | None:
    """The newest reading of a row, with the set that it belongs to."""
    return next(((s.vitals[row], s) for s in sets if row in s.vitals), None)
