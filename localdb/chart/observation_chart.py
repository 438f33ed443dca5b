"""The observation chart: which sets stand side by side, on which bands or axis, and what must be said of them. Pure.

In the manner of a paper chart (CLINICAL §2.3 b): a column a set, the newest at the right; straight lines between
neighbours; each row in one unit; the digits of the bands are printed, so that no colour is needed. Bands only where they
hold (early_warning.eligible), SpO2 scale 2 only where the source said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from localdb.chart import early_warning as ew
from localdb.chart.cells import number
from localdb.chart.observation_sets import (
    LABELS,
    ORDER,
    ObsSet,
    Reading,
    is_incomplete,
    merged,
    obs_sets,
    pressures,
    typed_sets,
)
from localdb.chart.views import Chart

LINES = ("resp", "spo2", "bp", "pulse", "temp")  # rows with a line; the others are rows of words
CHART_ORDER = ("resp", "spo2", "oxygen", "bp", "pulse", "acvpu", "temp", "glucose", "pain")


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """One reading in a column: `high` (and `low` of a pressure) where it is a number in the unit of the row; `text` the
    figure as sent; `is_limit` with a comparator; `has_note` something stands beside it in the table."""

    text: str
    high: Decimal | None = None
    low: Decimal | None = None
    low_text: str = ""
    is_limit: bool = False
    has_note: bool = False


class Strip(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the chart over the columns shown. `bands` lowest first, () where none hold; `unit` that of its marks."""

    key: str
    label: str
    unit: str = ""
    bands: tuple[ew.Band, ...] = ()
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(1)
    marks: tuple[Mark | None, ...] = ()
    note: str = ""

    def place(self, value: Decimal) -> float:
        """Where a value stands, 0 at the foot and 1 at the top: within its band straight between the band's ends."""
        if not self.bands:
            span = self.high - self.low
            return float((value - self.low) / span) if span else 0.5
        n = ew.band_at(self.bands, value)
        low, high = self._ends(n)
        share = float((value - low) / (high - low)) if high > low else 0.5
        return (n + min(max(share, 0.0), 1.0)) / len(self.bands)

    def _ends(self, n: int) -> tuple[Decimal, Decimal]:
        """The ends between which a band is drawn. The lowest and the highest have the room of what is shown, so that a
        diastolic pressure has its place below the systolic's bands."""
        band = self.bands[n]
        low = min(self.low, band.high or self.low) if n == 0 else self.bands[n - 1].high
        high = max(self.high, band.low or self.high) if n == len(self.bands) - 1 else band.high
        assert low is not None
        assert high is not None
        return low, high


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """A row of words: oxygen, consciousness, the score as sent, glucose, pain."""

    key: str
    label: str
    cells: tuple[Reading | None, ...] = ()
    points: str = ""


class ObservationChart(msgspec.Struct, frozen=True, kw_only=True):
    """The whole chart: `sets` oldest first; `why` what must be said above it (no bands, which scale, incomplete sets)."""

    sets: tuple[ObsSet, ...]
    has_bands: bool
    why: tuple[str, ...] = ()
    incomplete: int = 0


def observation_chart(chart: Chart, now: datetime) -> ObservationChart:
    """The sets of the copy and of the ward that hold a vital sign or a score, in the order of time, newest last."""
    every = merged(obs_sets(chart.lists["observations"].items), typed_sets(chart.entries))
    sets = tuple(reversed([s for s in every if s.vitals or s.news2 is not None]))
    newest = next(
        (s.moment.instant for s in reversed(sets) if s.moment is not None and s.moment.instant is not None), now
    )
    guard = ew.eligible(chart, newest)
    incomplete = sum(s.news2 is not None and is_incomplete(s.news2) for s in sets)
    why = [guard.why] if guard.why else [ew.SOURCE]
    if incomplete:
        why.append(
            "A score that was sent with parameters missing reads INCOMPLETE. The number that was sent stands in the table."
        )
    return ObservationChart(sets=sets, has_bands=guard.may, why=tuple(why), incomplete=incomplete)


def strips(found: ObservationChart, shown: Sequence[ObsSet]) -> tuple[Strip | Words, ...]:
    """The rows over `shown`: those of the seven always (an empty row says that nothing was taken), others where taken."""
    rows: list[Strip | Words] = []
    for key in CHART_ORDER:
        taken = any(key in s.vitals for s in shown)
        if key in LINES:
            rows.append(_strip(key, found.has_bands, shown))
        elif key in ew.SEVEN or taken:
            cells = tuple(s.vitals.get(key) for s in shown)
            rows.append(Words(key=key, label=LABELS[key], cells=cells, points=_points(key) if found.has_bands else ""))
    if any(s.news2 is not None for s in shown):
        rows.append(Words(key="news2", label="NEWS2, as sent", cells=tuple(s.news2 for s in shown)))
    return tuple(rows)


def _points(key: str) -> str:
    return {"oxygen": "Air 0, oxygen 2", "acvpu": "Alert 0, all others 3"}.get(key, "")


def _strip(key: str, has_bands: bool, shown: Sequence[ObsSet]) -> Strip:
    unit = next((u for s in reversed(shown) if key in s.vitals and (u := s.vitals[key].unit)), "")
    bands, note = _bands(key, has_bands, unit, shown)
    marks = tuple(_mark(s.vitals.get(key), key, unit, is_banded=bool(bands)) for s in shown)
    numbers = [n for m in marks if m is not None for n in (m.high, m.low) if n is not None]
    low, high = min(numbers, default=Decimal(0)), max(numbers, default=Decimal(1))
    if bands:
        low = min(low, *_FLOOR[key][:1])
        high = max(high, *_FLOOR[key][1:])
    elif low == high:
        low, high = low - 1, high + 1
    return Strip(key=key, label=LABELS[key], unit=unit, bands=bands, low=low, high=high, marks=marks, note=note)


# The foot of the lowest and the top of the highest band, where no value goes beyond them.
_FLOOR = {
    "resp": (Decimal(4), Decimal(36)),
    "spo2": (Decimal(75), Decimal(100)),
    "bp": (Decimal(30), Decimal(250)),
    "pulse": (Decimal(25), Decimal(170)),
    "temp": (Decimal(34), Decimal(41)),
}


def _bands(key: str, has_bands: bool, unit: str, shown: Sequence[ObsSet]) -> tuple[tuple[ew.Band, ...], str]:
    """The bands of a row, and what must be said where there are none or of which kind they are."""
    if not has_bands:
        return (), ""
    if unit and not ew.fits_unit(key, unit):
        return (), f"no bands in {unit}"
    if key != "spo2":
        return ew.bands_of(key), ""
    scales = {s.scale for s in shown if "spo2" in s.vitals and s.scale}
    if len(scales) > 1:
        return (), "no bands: sets of both scales"
    if "2" not in scales:
        return ew.bands_of("spo2"), "scale 1, as sent" if scales else "scale 1: none was sent"
    oxygen = {s.is_on_oxygen for s in shown if "spo2" in s.vitals}
    if oxygen == {False}:
        return ew.bands_of("spo2", scale="2"), "scale 2, as sent, on air"
    note = "scale 2, as sent, on oxygen" if oxygen == {True} else "scale 2, as sent; on air 93 or more is 0"
    return ew.bands_of("spo2", scale="2", on_oxygen=True), note


def _mark(found: Reading | None, key: str, unit: str, *, is_banded: bool) -> Mark | None:
    if found is None:
        return None
    # The scale stands in the words of the row: a star is for what is said nowhere else.
    note = any(part and not part.casefold().startswith("spo2 scale") for part in found.note.split("; "))
    if not found.is_value:
        return Mark(text=found.value, has_note=note)
    if found.unit != unit:
        return Mark(text=f"{found.value} {found.unit}".strip(), has_note=note)  # never two units in one row
    if key == "bp":
        high, low = pressures(found.record)
        if high is None or number(high.value) is None:
            return Mark(text=found.value, has_note=note)
        return Mark(text=f"{high.comparator or ''}{high.value}", high=number(high.value),
                    low=number(low.value) if low is not None else None,
                    low_text=f"{low.comparator or ''}{low.value}" if low is not None and low.value else "",
                    is_limit=bool(high.comparator), has_note=note)  # fmt: skip
    return Mark(
        text=found.value, high=number(found.record.value), is_limit=bool(found.record.comparator), has_note=note
    )


__all__ = ["ORDER", "Mark", "ObservationChart", "Strip", "Words", "observation_chart", "strips"]
