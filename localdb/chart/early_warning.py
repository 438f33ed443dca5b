"""Reference bands of adult observations, who they hold for, and the sum of a set just typed (CLINICAL §2.1, §2.2).

The bands are those of NEWS2, the National Early Warning Score 2 of the Royal College of Physicians (2017), which is
acknowledged as their source wherever they are drawn. Rules:
- A total that a source sent is shown as sent; none is ever worked out from copied data (DESIGN D7, hazard H22).
- A total with a parameter missing is `INCOMPLETE (x of 7)`, never a plain number.
- No bands under 16 years, in pregnancy as recorded, or where age is not known; SpO2 scale 2 only where the source said so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from localdb.chart.views import Chart
from localdb.records.moments import Moment
from localdb.records.vocabulary import Observation, Problem, Record

SOURCE = (
    "Bands: NEWS2, Royal College of Physicians 2017, adults of 16 years and over, not in pregnancy. Reference only."
)
SEVEN = ("resp", "spo2", "oxygen", "bp", "pulse", "acvpu", "temp")
INCOMPLETE = "INCOMPLETE"
LEAST_AGE = 16
_PREGNANT = re.compile(r"pregnan|gravid|gestation", re.IGNORECASE)
_NOT_PREGNANT = re.compile(r"not pregnant|no pregnan|negative|pregnancy excluded|history of|previous|past pregnan",
                           re.IGNORECASE)  # fmt: skip
PREGNANCY_CODES = frozenset({"82810-3", "77386006", "11449-6"})  # LOINC pregnancy status, SNOMED CT pregnant
_ENDED = frozenset({"60001007", "LA26683-5", "LA4489-6"})  # not pregnant, unknown


class Band(NamedTuple):
    """Values up to `high` (None: no limit above) that none of the lower bands holds; `low` is its lower end in words."""

    low: Decimal | None
    high: Decimal | None
    points: int

    @property
    def words(self) -> str:
        """`21-24`, `25 or more`, `8 or less`."""
        if self.low is None:
            return f"{self.high} or less"
        if self.high is None:
            return f"{self.low} or more"
        return f"{self.low}-{self.high}"


def _bands(*rows: tuple[str, str, int]) -> tuple[Band, ...]:
    return tuple(Band(Decimal(a) if a else None, Decimal(b) if b else None, p) for a, b, p in rows)


# Lowest first. Text rows (oxygen, consciousness) have points by their words, below.
BANDS: dict[str, tuple[Band, ...]] = {
    "resp": _bands(("", "8", 3), ("9", "11", 1), ("12", "20", 0), ("21", "24", 2), ("25", "", 3)),
    "spo2": _bands(("", "91", 3), ("92", "93", 2), ("94", "95", 1), ("96", "", 0)),
    "spo2 scale 2, air": _bands(("", "83", 3), ("84", "85", 2), ("86", "87", 1), ("88", "", 0)),
    "spo2 scale 2, oxygen": _bands(
        ("", "83", 3), ("84", "85", 2), ("86", "87", 1), ("88", "92", 0), ("93", "94", 1), ("95", "96", 2), ("97", "", 3)
    ),
    "bp": _bands(("", "90", 3), ("91", "100", 2), ("101", "110", 1), ("111", "219", 0), ("220", "", 3)),
    "pulse": _bands(("", "40", 3), ("41", "50", 1), ("51", "90", 0), ("91", "110", 1), ("111", "130", 2), ("131", "", 3)),
    "temp": _bands(("", "35.0", 3), ("35.1", "36.0", 1), ("36.1", "38.0", 0), ("38.1", "39.0", 1), ("39.1", "", 2)),
}  # fmt: skip
AIR_POINTS, OXYGEN_POINTS, ALERT_POINTS, OTHER_POINTS = 0, 2, 0, 3
# The units in which a band may be read; a value in another one is told in figures and never placed in a band.
UNITS: dict[str, frozenset[str]] = {
    "resp": frozenset({"/min", "{breaths}/min", "breaths/min", "breaths / minute", "breaths/minute", "per minute", "bpm",
                       "{resp}/min", "br/min", "1/min"}),
    "pulse": frozenset({"/min", "{beats}/min", "beats/min", "beats / minute", "beats/minute", "per minute", "bpm",
                        "heart beats per minute", "{heart beats}/min", "1/min"}),
    "spo2": frozenset({"%", "percent", "% o2", "%{o2}"}),
    "bp": frozenset({"mmhg", "mm[hg]", "millimeter of mercury", "millimetre of mercury", "mm hg"}),
    "temp": frozenset({"cel", "°c", "c", "degc", "deg c", "degree celsius", "degrees celsius", "celsius"}),
}  # fmt: skip


def fits_unit(row: str, unit: str) -> bool:
    """Whether a value in `unit` may stand on the axis of `row`."""
    return unit.strip().casefold() in UNITS.get(row, frozenset())


def bands_of(row: str, *, scale: str = "1", on_oxygen: bool = False) -> tuple[Band, ...]:
    """The bands of a row, lowest first; () for rows in words. `scale` "1" or "2" of SpO2."""
    if row == "spo2" and scale == "2":
        return BANDS["spo2 scale 2, oxygen" if on_oxygen else "spo2 scale 2, air"]
    return BANDS.get(row, ())


def band_at(bands: tuple[Band, ...], value: Decimal) -> int:
    """The index of the band that holds `value`: the first, from below, whose upper end it does not exceed."""
    return next((n for n, b in enumerate(bands) if b.high is None or value <= b.high), len(bands) - 1)


class Guard(NamedTuple):
    """Whether bands may be drawn; where not, `why` in words."""

    may: bool
    why: str = ""


def eligible(chart: Chart, at: datetime) -> Guard:
    """The guard of H22: adults of a known age who are not pregnant as recorded. `at` an aware instant."""
    born = chart.patient.born
    if born is None or born.instant is None:
        return Guard(False, "No bands: the date of birth is not known, and they hold for adults only.")
    if not is_adult(born, at):
        return Guard(False, "No bands: under 16 years at the time. Use the chart for children of your ward.")
    if said := pregnancy(chart):
        return Guard(False, f'No bands: recorded as "{said}", and they do not hold in pregnancy.')
    return Guard(True)


def is_adult(born: Moment, at: datetime) -> bool:
    """Whether 16 years have passed. A birth date known to the month or the year counts from its end: the later birthday
    is the safe one here."""
    local = born.local
    if local is None:
        return False
    month = 12 if born.precision == "year" else local.month
    day = 31 if born.precision in ("year", "month") else local.day
    return (
        (at.year - local.year, at.month, at.day) >= (LEAST_AGE, month, day)
        if at.year - local.year == LEAST_AGE
        else (at.year - local.year > LEAST_AGE)
    )


def pregnancy(chart: Chart) -> str:
    """The record's own words for a present pregnancy; empty where it names none. Doubt counts as pregnant."""
    for name in ("problems", "alerts"):
        for item in chart.lists[name].items:
            if _stands(item) and (_has_code(item) or _names_it(item.text)):
                return item.text
    for item in chart.lists["observations"].items:  # newest first: the last word counts
        if isinstance(item, Observation) and _stands(item) and (_has_code(item) or _PREGNANT.search(item.text)):
            value = item.value or ", ".join(c.display or c.code for c in item.value_codes)
            ended = any(c.code in _ENDED for c in item.value_codes) or bool(_NOT_PREGNANT.search(value))
            if ended:
                return ""
            if re.search(r"pregnan|yes|positive", value, re.IGNORECASE) or any(
                c.code in PREGNANCY_CODES for c in item.value_codes
            ):
                return f"{item.text} {value}".strip()
            return ""
    return ""


def _stands(item: Record) -> bool:
    if item.status in ("entered-in-error", "inactive", "resolved", "cancelled"):
        return False
    return not isinstance(item, Problem) or (
        item.clinical in ("active", "recurrence", "relapse", "")
        and item.verification not in ("refuted", "entered-in-error")
    )


def _has_code(item: Record) -> bool:
    return any(c.code in PREGNANCY_CODES for c in item.codes)


def _names_it(text: str) -> bool:
    return bool(_PREGNANT.search(text)) and not _NOT_PREGNANT.search(text)


class Total(NamedTuple):
    """The sum of a set that was just typed: `parts` row -> points, and the words: a number, or INCOMPLETE."""

    parts: dict[str, int]
    words: str
    total: int | None = None


def incomplete(done: int) -> str:
    """`INCOMPLETE (5 of 7)`."""
    return f"{INCOMPLETE} ({done} of {len(SEVEN)})"


def add_up(typed: Mapping[str, str], scale: str = "1") -> Total:
    """The points of a set that a person just typed, and their sum where all seven are there (DESIGN D7).

    `typed`: resp, spo2, pulse, temp and bp (systolic) as numbers in the units of the form; oxygen `air` or `oxygen`;
    acvpu one of A C V P U. Anything empty or not a number is missing: then no sum is made.
    """
    on_oxygen = typed.get("oxygen", "").casefold() == "oxygen"
    parts: dict[str, int] = {}
    for row in ("resp", "spo2", "bp", "pulse", "temp"):
        value = _number(typed.get(row, ""))
        bands = bands_of(row, scale=scale, on_oxygen=on_oxygen)
        if value is not None and not (row == "spo2" and scale == "2" and not typed.get("oxygen")):
            parts[row] = bands[band_at(bands, value)].points
    if typed.get("oxygen", "").casefold() in ("air", "oxygen"):
        parts["oxygen"] = OXYGEN_POINTS if on_oxygen else AIR_POINTS
    level = typed.get("acvpu", "").strip().upper()
    if level in ("A", "C", "V", "P", "U"):
        parts["acvpu"] = ALERT_POINTS if level == "A" else OTHER_POINTS
    if len(parts) < len(SEVEN):
        return Total(parts, incomplete(len(parts)))
    total = sum(parts.values())
    return Total(parts, str(total), total)


def _number(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"\d+(?:\.\d+)?", text.strip()) else None
