"""From stored values to what is seen: modality, VOI and presentation transformation (PS3.3 C.7.6.16, C.11; PS3.4 N.2).

The order of the standard is kept: stored value -> modality value (rescale or table) -> VOI (window or table) -> grey.
Sampling to the viewport comes first, on values that may be averaged (never on palette indices), and once: a changed
window needs only `paint`, one look-up for each pixel of the viewport (STACK-desktop §4). All of it is numpy, which gives
up the interpreter's lock.

What is no picture (padding, C.7.5.1.1.2; not a number; outside the shutter, C.7.6.11) takes no part in averages and
percentiles and is shown as BACKGROUND, whatever is inverted.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from localdb.pixels.facts import Facts, Table, Window
from localdb.pixels.geometry import View, number
from localdb.pixels.planes import visible_mask
from localdb.pixels.sampling import Grid, nearest, smoothed

Array = NDArray[Any]
Grey = NDArray[np.uint8]

BACKGROUND = 0
LINEAR, LINEAR_EXACT, SIGMOID, TABLE = "LINEAR", "LINEAR_EXACT", "SIGMOID", "TABLE"
AUTO, FULL, ZERO_MAX = "AUTO", "FULL RANGE", "0-MAX"
# How a percentile is estimated in a large frame: every n-th pixel so that about this many are looked at.
_LOOKED_AT = 250_000


class Voi(msgspec.Struct, frozen=True):
    """How modality values become grey. A window of `center` and `width` in modality units (HU for CT) under `function`
    LINEAR, LINEAR_EXACT or SIGMOID, or TABLE: the VOI look-up table number `table` of the image. `label` says where it
    comes from: the sender's own name for it, AUTO, FULL RANGE, the name of a preset."""

    center: float = 0.0
    width: float = 1.0
    function: str = LINEAR
    label: str = ""
    table: int = -1

    def moved(self, center: float, width: float) -> Voi:
        """The window after a drag: by so much in modality units, at least 1 wide (a table or a sigmoid becomes LINEAR)."""
        least = 1.0 if self.function in (LINEAR, TABLE) else max(1e-9, min(1.0, self.width / 1000))
        function = LINEAR if self.function == TABLE else self.function
        return Voi(self.center + center, max(least, self.width + width), function, "")


class Value(msgspec.Struct, frozen=True):
    """The value under a point: `stored` as held, `shown` after the modality transformation with its unit, `unit` such as
    HU ("" where none was sent). `padding`: it is no picture. Colours are `R, G, B`."""

    stored: str
    shown: str
    unit: str = ""
    padding: bool = False


class Sample(msgspec.Struct, frozen=True):
    """A frame brought to the size of the viewport: `values` (h, w) or (h, w, 3), `hidden` (h, w) where no picture is, or
    None. Kept while only the window changes."""

    values: Array
    hidden: NDArray[np.bool_] | None = None


class Pipeline:
    """The transformations of frame `n` (from 0) of an image. Cheap to make; safe to share between threads."""

    def __init__(self, facts: Facts, n: int = 0) -> None:
        self.facts, frame = facts, facts.of_frame(n)
        self.slope, self.intercept = number(frame.slope) or 1.0, number(frame.intercept) or 0.0
        self.is_colour = facts.samples >= 3 or facts.photometric == "PALETTE COLOR"
        # MONOCHROME1 and the shape INVERSE say the same thing of an image (C.8.11.3.1.2): inverted once, never twice.
        self.inverted = not self.is_colour and (facts.photometric == "MONOCHROME1" or facts.inverse)
        self.unit = _unit(facts, frame.rescale, bool(frame.slope or frame.intercept))
        self._modality = None if facts.modality_table is None else entries(facts.modality_table)
        self._voi = tuple(entries(t) for t in facts.voi_tables)
        self._palette = _palette(facts.palette) if facts.photometric == "PALETTE COLOR" and facts.palette else None
        self._padding: tuple[int, ...] = (min(facts.padding), max(facts.padding)) if facts.padding else ()
        self._sent = frame.windows

    # what may be chosen

    def sent(self) -> tuple[Voi, ...]:
        """What the sender stored, in its order: VOI tables first (as C.11.2 lets them win), then the usable windows."""
        if self.is_colour:
            return ()
        tables = tuple(
            Voi(*_span(t), TABLE, t.text or f"VOI table {k + 1}", k) for k, t in enumerate(self.facts.voi_tables)
        )
        return tables + tuple(v for v in map(as_voi, self._sent) if v is not None)

    def initial(self, frame: Array) -> Voi:
        """What is shown first (CLINICAL §4.3): as sent, else 0 to the maximum for NM, else AUTO."""
        sent = self.sent()
        if sent or self.is_colour:
            return sent[0] if sent else Voi()
        return self.zero_to_max(frame) if self.facts.modality == "NM" else self.auto(frame)

    def auto(self, frame: Array) -> Voi:
        """From the 1st to the 99th percentile of the picture without padding; all of it where both are the same."""
        values = self._looked_at(frame)
        low, high = (float(v) for v in np.percentile(values, (1, 99))) if values.size else (0.0, 1.0)
        if low == high and values.size:
            whole = self._picture(frame)
            low, high = float(whole.min()), float(whole.max())
        return between(low, high, AUTO)

    def zero_to_max(self, frame: Array) -> Voi:
        values = self._picture(frame)
        return between(0.0, float(values.max()) if values.size else 1.0, ZERO_MAX)

    def full(self, frame: Array) -> Voi:
        """From the least to the greatest value of the picture."""
        values = self._picture(frame)
        return between(float(values.min()), float(values.max()), FULL) if values.size else between(0.0, 1.0, FULL)

    # what is painted

    def sample(self, frame: Array, grid: Grid, *, smooth: bool = True, shutter: bool = True) -> Sample:
        """The part of a frame (rows, columns[, samples]) that `grid` asks for, at its size: averaged over the area where
        it gets smaller, between neighbours where it gets larger; `smooth=False` takes the nearest (while dragging)."""
        if smooth and not grid.is_plain():
            return Sample(*smoothed(self._colours(frame), grid, self.hidden(frame, shutter=shutter)))
        part = nearest(frame, grid)
        hidden = self._is_padding(part)
        if hidden is not None and hidden.all() and self.hidden(frame, shutter=False) is None:
            hidden = None
        if shutter and self.facts.shutters:
            closed = nearest(self._closed, grid)
            hidden = closed if hidden is None else hidden | closed
        return Sample(self._colours(part), hidden)

    def paint(self, sample: Sample, voi: Voi, *, invert: bool = False) -> Grey:
        """Eight-bit grey (h, w) or colour (h, w, 3), contiguous."""
        values = sample.values
        if self.is_colour:
            made = _eight_bits(values, self.facts.bits if self._palette is None else 8)
            if invert:
                made = np.subtract(255, made, dtype=np.uint8)
        elif (table := self.table(values.dtype, voi, invert=invert)) is not None:
            made = np.take(
                table, values.view(f"u{values.dtype.itemsize}"), mode="clip"
            )  # half the time of table[values]
        else:
            made = self._grey(self.modality_values(values), voi, invert)
        if sample.hidden is not None:
            made = np.array(made)
            made[sample.hidden] = BACKGROUND
        return np.ascontiguousarray(made)

    def render(
        self, frame: Array, voi: Voi, grid: Grid | None = None, *, invert: bool = False, smooth: bool = True,
        shutter: bool = True,
    ) -> Grey:  # fmt: skip
        """`sample` and `paint` in one; without a grid the whole frame at its own size."""
        place = grid or Grid.whole(self.facts.rows, self.facts.columns)
        return self.paint(self.sample(frame, place, smooth=smooth, shutter=shutter), voi, invert=invert)

    def table(self, dtype: np.dtype[Any], voi: Voi, *, invert: bool = False) -> Grey | None:
        """The grey of every stored value of a type of 8 or 16 bits, indexed by its bits as an unsigned number; None for
        wider types and fractions, which have no table."""
        if dtype.kind not in "iu" or dtype.itemsize > 2:
            return None
        stored = np.arange(1 << 8 * dtype.itemsize, dtype=f"u{dtype.itemsize}").view(f"{dtype.kind}{dtype.itemsize}")
        return self._grey(self.modality_values(stored), voi, invert)

    # values

    def modality_values(self, stored: Array) -> Array:
        """After the modality table, else the rescale, as fractions of 64 bits (C.11.1)."""
        if self._modality is not None:
            assert self.facts.modality_table is not None
            return _looked_up(self._modality, stored, self.facts.modality_table.first).astype(np.float64)
        values = _fine(stored)
        with np.errstate(over="ignore", invalid="ignore"):
            if self.slope != 1.0:
                values *= self.slope
            if self.intercept:
                values += self.intercept
        return values

    def value_at(self, frame: Array, row: int, column: int) -> Value | None:
        """What stands there, as sent; None outside the image."""
        if not (0 <= row < frame.shape[0] and 0 <= column < frame.shape[1]):
            return None
        found = frame[row, column]
        if found.ndim:
            text = ", ".join(in_digits(float(v)) for v in found)
            return Value(text, text)
        if self._palette is not None:
            colour = _looked_up(self._palette, np.asarray(found), self.facts.palette[0].first)
            return Value(in_digits(float(found)), ", ".join(str(int(v)) for v in colour))
        padding = self._is_padding(np.asarray(found))
        shown = in_digits(float(self.modality_values(np.asarray(found))))
        return Value(in_digits(float(found)), shown, self.unit, bool(padding is not None and padding))

    def hidden(self, frame: Array, *, shutter: bool = True) -> NDArray[np.bool_] | None:
        """Where no picture is (rows, columns), or None: padding, not a number, outside the shutter. A frame of nothing but
        padding has its padding shown: there is nothing that it could be padding of."""
        found = self._is_padding(frame)
        if found is not None and (not found.any() or found.all()):
            found = None
        if shutter and self.facts.shutters:
            found = self._closed if found is None else found | self._closed
        return found

    @cached_property
    def _closed(self) -> NDArray[np.bool_]:
        return ~visible_mask(self.facts)

    def _is_padding(self, values: Array) -> NDArray[np.bool_] | None:
        if self.is_colour:
            return None
        if values.dtype.kind == "f":
            return np.asarray(~np.isfinite(values))
        if not self._padding:
            return None
        low, high = self._padding
        return np.asarray(values == low if low == high else (values >= low) & (values <= high))

    def _colours(self, stored: Array) -> Array:
        """What may be averaged: the colours of a palette, not its indices; else the stored values. (A modality table rises
        or falls steadily: what it maps may be averaged before.)"""
        if self._palette is None:
            return stored
        return _looked_up(self._palette, stored, self.facts.palette[0].first)

    def _picture(self, frame: Array) -> Array:
        hidden = self.hidden(frame)
        return _finite(self.modality_values(frame if hidden is None or hidden.all() else frame[~hidden]))

    def _looked_at(self, frame: Array) -> Array:
        step = max(1, math.isqrt(frame.size // _LOOKED_AT))
        if step == 1:
            return self._picture(frame)
        part, hidden = frame[::step, ::step], self.hidden(frame)
        if hidden is not None and not hidden.all():
            part = part[~hidden[::step, ::step]]
        return _finite(self.modality_values(part)) if part.size else self._picture(frame)

    def _grey(self, values: Array, voi: Voi, invert: bool) -> Grey:
        if voi.function == TABLE and 0 <= voi.table < len(self._voi):
            table = self.facts.voi_tables[voi.table]
            made = _looked_up(self._voi[voi.table], values, table.first) * (255.0 / ((1 << table.bits) - 1))
        else:
            made = np.nan_to_num(windowed(values, voi), copy=False)
        grey: Grey = np.rint(np.clip(made, 0, 255)).astype(np.uint8)
        return np.subtract(255, grey, dtype=np.uint8) if invert != self.inverted else grey


def turned(picture: Array, view: View) -> Array:
    """A picture mirrored and turned as a view has it, contiguous."""
    made = picture[:, ::-1] if view.flip else picture
    return np.ascontiguousarray(np.rot90(made, -(view.rotation // 90) % 4))


def windowed(values: Array, voi: Voi) -> Array:
    """Values under a window, 0 to 255 as fractions (PS3.3 C.11.2.1.2.1 and C.11.2.1.3).

    LINEAR has the half and the one of the standard: 0 up to c - 0.5 - (w - 1) / 2, 255 above c - 0.5 + (w - 1) / 2; a
    width of 1 is a threshold.
    """
    c, w = voi.center, voi.width
    if voi.function == SIGMOID:
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(255.0 / (1.0 + np.exp(-4.0 * (values - c) / w)))
    if voi.function == LINEAR:
        c, w = c - 0.5, w - 1.0
    if w <= 0:
        return np.where(values > c, 255.0, 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.clip(((values - c) / w + 0.5) * 255.0, 0.0, 255.0))


def as_voi(window: Window) -> Voi | None:
    """A window as sent, or None where it is no window: not numbers, or no width. A LINEAR one narrower than 1, which the
    standard does not allow (C.11.2.1.2.1), is meant exactly."""
    center, width = number(window.center), number(window.width)
    if center is None or width is None or width <= 0:
        return None
    function = window.function if window.function in (LINEAR_EXACT, SIGMOID) else LINEAR
    return Voi(center, width, LINEAR_EXACT if function == LINEAR and width < 1 else function, window.text or "as sent")


def between(low: float, high: float, label: str) -> Voi:
    """The window that shows `low` black and `high` white (LINEAR_EXACT); of one value alone, black."""
    if not high > low:
        return Voi(low + 0.5, 1.0, LINEAR_EXACT, label)
    return Voi((low + high) / 2, high - low, LINEAR_EXACT, label)


def entries(table: Table) -> Array:
    """The entries of a look-up table, at least one."""
    found = np.frombuffer(table.data[: len(table.data) // 2 * 2], "<u2")
    return found if found.size else np.zeros(1, "<u2")


def _finite(values: Array) -> Array:
    return values[np.isfinite(values)]


def _fine(values: Array) -> Array:
    """A copy as fractions of 64 bits; a "signalling" not-a-number is one like the others."""
    with np.errstate(invalid="ignore"):
        return values.astype(np.float64)


def _looked_up(table: Array, values: Array, first: int) -> Array:
    """The entries for some values: below `first` the first, beyond the last the last; fractions to the nearest."""
    at = np.rint(np.nan_to_num(_fine(values))) if values.dtype.kind == "f" else values.astype(np.int64)
    return np.asarray(table[np.clip(at - first, 0, len(table) - 1).astype(np.intp)])


def in_digits(value: float) -> str:
    """A pixel value in words: whole where it is, else six digits, as the arithmetic of copied numbers gives no more."""
    if not math.isfinite(value):
        return "not a number"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.6g}"


def _span(table: Table) -> tuple[float, float]:
    """Centre and width of what a VOI table spreads, as the start of a drag."""
    count = max(2, len(table.data) // 2)
    return table.first + count / 2, float(count)


def _unit(facts: Facts, rescale: str, is_rescaled: bool) -> str:
    """The rescale type as sent; a CT that rescales and sends none is in HU by the standard (C.8.2.1, 0028,1054)."""
    if facts.modality_table is not None or facts.samples > 1 or facts.photometric == "PALETTE COLOR":
        return ""
    if rescale:
        return "" if rescale == "US" else rescale  # US is "unspecified"
    return "HU" if facts.modality == "CT" and is_rescaled else ""


def _palette(tables: tuple[Table, ...]) -> Grey | None:
    """The colours (n, 3) of a palette in eight bits. Some senders say 16 bits of entries that have 8."""
    if len(tables) < 3:
        return None
    made = [entries(t) for t in tables[:3]]
    count = max(len(m) for m in made)
    filled = np.stack([np.concatenate((m, np.repeat(m[-1:], count - len(m)))) for m in made], axis=1)
    is_wide = tables[0].bits > 8 and filled.max() > 255
    return np.asarray(filled >> 8 if is_wide else np.minimum(filled, 255)).astype(np.uint8)


def _eight_bits(values: Array, bits: int) -> Grey:
    if values.dtype == np.uint8:
        return values
    most = (1 << max(1, bits)) - 1
    held = np.nan_to_num(_fine(values), posinf=most, neginf=0)
    return np.asarray(np.rint(np.clip(held, 0, most) * (255 / most)), np.uint8)
