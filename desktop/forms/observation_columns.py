"""The observations of the last 24 hours as columns of a paper chart: the copy's and those that the ward typed (F15).

Each value stands as it was sent, in the row of the band that holds it where bands hold (H22: localdb.chart.early_warning);
nothing is added up: a total is the source's, with its time, and one with a parameter missing reads INCOMPLETE in the
notes. What cannot stand in a column (another unit, a limit, a comment) is a letter, and its note says the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from desktop.forms.chart_text import shown, when
from desktop.forms.language import tr
from desktop.forms.model import FormModel
from desktop.forms.time_columns import LOOK_BACK, VALUE, Notes, Shape, Top, top_of
from desktop.forms.type import width
from localdb.chart import early_warning as ew
from localdb.chart import wording
from localdb.chart.cells import number
from localdb.chart.observation_sets import (
    LABELS,
    ObsSet,
    Reading,
    is_incomplete,
    merged,
    obs_sets,
    pressures,
    typed_sets,
)
from localdb.chart.views import Chart

MOST = 24  # sets of the last 24 hours that are printed: one an hour
SHAPE = Shape(most=44)
# A consciousness that was sent in words, as the letter that the row is written in.
_LEVELS = {
    "a": "A", "alert": "A", "c": "C", "confusion": "C", "new confusion": "C", "v": "V", "voice": "V",
    "responds to voice": "V", "p": "P", "pain": "P", "responds to pain": "P", "u": "U", "unresponsive": "U",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recent:
    """`sets` of the last 24 hours, oldest first, `left_out` how many more there are, `before` the newest older set."""

    sets: tuple[ObsSet, ...] = ()
    left_out: int = 0
    before: ObsSet | None = None

    @property
    def written(self) -> tuple[ObsSet, ...]:
        """Those that the ward typed."""
        return tuple(s for s in self.sets if s.entry is not None)


def recent(model: FormModel, chart: Chart, has: Callable[[ObsSet], bool]) -> Recent:
    """The sets for which `has` holds."""
    every = merged(obs_sets(shown(chart.observations.items)), typed_sets(chart.entries))
    found = [s for s in every if has(s)]
    since = model.printed_at - LOOK_BACK
    new = [s for s in found if s.moment is not None and s.moment.instant is not None and s.moment.instant >= since]
    old = [s for s in found if s not in new]
    return Recent(tuple(reversed(new[:MOST])), len(new) - len(new[:MOST]), old[0] if old else None)


def has_vitals(found: ObsSet) -> bool:
    return bool(found.vitals.keys() & set(ew.SEVEN)) or found.news2 is not None


class Columns:
    """The columns of one chart: tops, and a cell for each row; what does not fit goes into `notes`."""

    def __init__(self, model: FormModel, found: Recent, wide: float) -> None:
        self.model, self.found, self.wide = model, found, wide
        self.notes = Notes()
        self.tops: tuple[Top, ...] = tuple(top_of(model, s.moment, self.notes) for s in found.sets)

    def cells(self, make: Callable[[ObsSet], str]) -> tuple[str, ...]:
        return tuple(make(s) for s in self.found.sets)

    def words(self, key: str) -> tuple[str, ...]:
        """A row without bands: value and, where the row does not say it, its unit."""
        return self.cells(lambda s: self._plain(s, key))

    def banded(self, key: str, bands: tuple[ew.Band, ...], wanted: Callable[[ObsSet], bool] = lambda s: True,
               ) -> tuple[tuple[str, ...], ...]:  # fmt: skip
        """Cells of each band, highest first; what no band can hold stands as a letter in the row of 0 points."""
        table = [["" for _ in self.found.sets] for _ in bands]
        zero = next(n for n, b in enumerate(bands) if b.points == 0)
        for n, s in enumerate(self.found.sets):
            reading = s.vitals.get(key)
            if reading is None or not wanted(s):
                continue
            at, text = self._placed(s, key, reading, bands)
            table[zero if at is None else at][n] = text
        return tuple(tuple(row) for row in reversed(table))

    def diastolic(self) -> tuple[str, ...]:
        return self.cells(lambda s: self._pressure(s, 1))

    def systolic(self) -> tuple[str, ...]:
        """For a chart without bands; what is no pair of pressures is a letter here."""
        return self.cells(lambda s: self._pressure(s, 0))

    def _pressure(self, s: ObsSet, which: int) -> str:
        reading = s.vitals.get("bp")
        if reading is None:
            return ""
        part = pressures(reading.record)[which] if reading.is_value else None
        if part is None or not part.value or self._note(reading):
            return self.notes.mark(self._whole(s, "bp")) if which == 0 else ""
        text = f"{part.comparator or ''}{part.value}"
        return self.notes.fitted(text, SHAPE.room(self.wide), self._whole(s, "bp"))

    def oxygen(self, *, is_oxygen: bool) -> tuple[str, ...]:
        """Air, or what was given: the figure over its unit."""

        def given(s: ObsSet) -> str:
            reading = s.vitals.get("oxygen")
            if reading is None or (s.is_on_oxygen is not False) != is_oxygen:
                return ""
            if not is_oxygen:
                return self.notes.fitted(reading.value, SHAPE.room(self.wide, 0), self._whole(s, "oxygen"))
            note = self._note(reading)
            figure = f"{reading.value}{'%' if reading.unit == '%' else ''}"
            is_short = number(reading.value) is not None and width(figure, VALUE) <= SHAPE.room(self.wide, 2)
            if is_short and note:  # the figure, and below it the letter of how it was given
                how = wording.clean(f"{tr(LABELS['oxygen'])}: {reading.unit}; {note}")
                return f"{figure}\n{self.notes.mark(how)}"
            if is_short and len(reading.unit) <= 5:
                return f"{figure}\n{reading.unit.replace('%', '')}".rstrip()
            return self.notes.mark(self._whole(s, "oxygen"))

        return self.cells(given)

    def level(self, *, is_alert: bool) -> tuple[str, ...]:
        def letter(s: ObsSet) -> str:
            reading = s.vitals.get("acvpu")
            if reading is None:
                return ""
            known = _LEVELS.get(reading.value.casefold().strip(), "") if not self._note(reading) else ""
            if (known == "A") != is_alert:
                return ""
            return known or self.notes.mark(self._whole(s, "acvpu"))

        return self.cells(letter)

    def totals(self) -> tuple[str, ...]:
        """The score as sent. One that lacks a parameter is no plain number (H22)."""

        def total(s: ObsSet) -> str:
            news = s.news2
            if news is None:
                return ""
            whole = f"{self._time(s)} {tr('NEWS2 as sent')}: {self._said(news)}"
            if is_incomplete(news) or not news.is_value:
                return self.notes.mark(whole)
            shown = self.notes.fitted(news.value, SHAPE.room(self.wide), whole)
            return f"{shown}\n{self.notes.mark(whole)}" if self._note(news) and shown == news.value else shown

        return self.cells(total)

    def sources(self) -> tuple[str, ...]:
        """Where a column is from: the copy, or the ward itself, with the author and number in the notes."""

        def source(s: ObsSet) -> str:
            if s.entry is None:
                return self.notes.fitted(tr("copy"), SHAPE.room(self.wide), tr("copy"))
            e = s.entry
            words = tr("{when} written here by {staff}, no. {number}")
            return self.notes.mark(words.format(when=when(self.model, s.moment), staff=e.staff, number=e.number))

        return self.cells(source)

    def _placed(
        self, s: ObsSet, key: str, reading: Reading, bands: tuple[ew.Band, ...]
    ) -> tuple[int | None, str]:  # fmt: skip
        record = reading.record
        held, unit, limit = record.value, reading.unit, record.comparator
        if key == "bp":
            high = pressures(record)[0]
            held, limit = (high.value, high.comparator) if high is not None else (None, None)
        value = number(held) if held is not None and reading.is_value and not limit else None
        if value is None or (unit and not ew.fits_unit(key, unit)) or self._note(reading):
            return None, self.notes.mark(self._whole(s, key))
        at = ew.band_at(bands, value)
        text = self.notes.fitted(str(held), SHAPE.room(self.wide, bands[at].points), self._whole(s, key))
        return at, text

    def _plain(self, s: ObsSet, key: str) -> str:
        reading = s.vitals.get(key)
        if reading is None:
            return ""
        usual = not reading.unit or key not in ew.UNITS or ew.fits_unit(key, reading.unit)
        if not usual or self._note(reading):
            return self.notes.mark(self._whole(s, key))
        text = f"{reading.value} {reading.flag}".rstrip()
        return self.notes.fitted(text, SHAPE.room(self.wide), self._whole(s, key))

    @staticmethod
    def _note(reading: Reading) -> str:
        """What must stand beside a value; the scale of SpO2 has its own place on the chart."""
        parts = [p for p in reading.note.split("; ") if p and not p.casefold().startswith("spo2 scale")]
        return "; ".join(parts)

    def _whole(self, s: ObsSet, key: str) -> str:
        return f"{self._time(s)} {tr(LABELS[key])}: {self._said(s.vitals[key])}"

    def _said(self, reading: Reading) -> str:
        text = (
            " ".join(t for t in (reading.value, reading.unit, reading.flag) if t) if reading.is_value else reading.value
        )
        note = self._note(reading)
        return wording.clean(f"{text}; {note}" if note else text)

    def _time(self, s: ObsSet) -> str:
        return when(self.model, s.moment, missing=tr("time not recorded"))


def set_text(model: FormModel, s: ObsSet) -> str:
    """A whole set in one sentence: of one that is older than the columns."""
    parts = [
        wording.clean(f"{tr(LABELS[key])} {r.value} {r.unit}".strip() + (f" ({r.note})" if r.note else ""))
        for key, r in s.vitals.items()
    ]
    if s.news2 is not None:
        parts.insert(
            0, wording.clean(f"{tr('NEWS2 as sent')} {s.news2.value}" + (f" ({s.news2.note})" if s.news2.note else ""))
        )
    return f"{when(model, s.moment)}: {', '.join(parts)}"
