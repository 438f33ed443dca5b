"""Lengths, angles and the values of a region, with all that must be said beside them (CLINICAL §4.2, hazard H18). A result
is a text with its unit and its caveats; millimetres only where the image gives a valid spacing, else pixels.

Points are image coordinates (x, y) with pixel edges at whole numbers, as in `geometry`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from localdb.pixels.display import Array, Pipeline, in_digits
from localdb.pixels.facts import Facts, Region
from localdb.pixels.geometry import Point, aspect_of, number, pair

MM, PX = "mm", "px"
APPROXIMATE = "Approximate, not for planning"
NO_SPACING = "the image gives no spacing: pixels, not millimetres"
AT_DETECTOR = "at detector, magnified: the body part is smaller than this"
CALIBRATED = "calibrated by the sender"
NOT_SAID = "a projection, calibration not stated: may be magnified"
CHANGED = "calibrated by the sender, how is not stated"
NOT_SQUARE = "pixels are not square; counted in their shorter side"
NO_PLACE = "not within one part of the ultrasound picture that has a scale: pixels, not millimetres"
AS_SENT = "ultrasound without its own scale: spacing as sent"
SHORT = "a short arm: the angle is rough"
# Modalities whose image is a shadow on a detector: what lies away from it is magnified (PS3.3 10.7.1.3).
PROJECTION = frozenset(("CR", "DX", "IO", "MG", "PX", "RF", "RG", "RTIMAGE", "XA"))
_SHORT_ARM = 20.0  # pixels: one of them is three degrees
_CM = 3
_IN_A_PLANE = 1


class Scale(msgspec.Struct, frozen=True):
    """The height (`row`) and width (`column`) of a pixel in `unit` (mm or px), and what must be said of it."""

    row: float
    column: float
    unit: str
    caveats: tuple[str, ...] = ()

    def between(self, a: Point, b: Point) -> float:
        return math.hypot((b[0] - a[0]) * self.column, (b[1] - a[1]) * self.row)


class Measured(msgspec.Struct, frozen=True):
    """A result: `text` ("23.4 mm"), `caveats` in the order of their weight, ending with APPROXIMATE; `scale` says how large
    a pixel is ("1 pixel = 0.70 mm")."""

    text: str
    caveats: tuple[str, ...] = ()
    scale: str = ""

    @property
    def words(self) -> str:
        return ". ".join((self.text, *self.caveats)) + "."


def scale_of(facts: Facts, n: int = 0, points: Sequence[Point] = ()) -> Scale:
    """The scale that holds between some points of frame `n`.

    (0028,0030) gives millimetres. In a projection X-ray they are at the detector unless the sender says how it calibrated
    (0028,0A02) or sends another detector spacing (0018,1164) beside it; that one alone is at the detector. A magnification
    that was sent (0018,1114) is said, never applied. In ultrasound the part of the picture counts (C.8.5.5).
    """
    spacing, imager = pair(facts.of_frame(n).spacing), pair(facts.imager_spacing)
    if facts.regions:
        return _of_region(facts, n, points)
    if facts.modality in PROJECTION or "LOCALIZER" in facts.image_type:
        magnified = _magnified(facts)
        if spacing is None:
            return _pixels(facts, n) if imager is None else Scale(*imager, MM, (AT_DETECTOR, *magnified))
        said = facts.calibration.strip().upper()
        if said.startswith(("GEOMETRY", "FIDUCIAL")):
            return Scale(*spacing, MM, (f"{CALIBRATED} ({said.split()[0].lower()})",))
        if imager is None:
            return Scale(*spacing, MM, (NOT_SAID, *magnified))
        if all(math.isclose(a, b, rel_tol=1e-4) for a, b in zip(spacing, imager, strict=True)):
            return Scale(*spacing, MM, (AT_DETECTOR, *magnified))
        return Scale(*spacing, MM, (CHANGED,))
    if spacing is None:
        return _pixels(facts, n)
    return Scale(*spacing, MM, (AS_SENT,) if facts.modality in ("US", "IVUS") else ())


def length(facts: Facts, a: Point, b: Point, n: int = 0, zoom: float = 1.0) -> Measured:
    """The distance of two points; `zoom` is screen pixels for an image pixel: pointing is no finer than the screen."""
    scale = scale_of(facts, n, (a, b))
    return Measured(_digits(scale.between(a, b), scale, zoom), (*scale.caveats, APPROXIMATE), _pixel(scale))


def angle(facts: Facts, first: Point, corner: Point, last: Point, n: int = 0) -> Measured:
    """The angle at a corner, 0 to 180 degrees; of the shapes that pixels have, where that is known."""
    return _angle(facts, (corner, first), (corner, last), n)


def angle_between(facts: Facts, one: tuple[Point, Point], other: tuple[Point, Point], n: int = 0) -> Measured:
    """The angle between two lines, wherever they cross, 0 to 90 degrees (as a Cobb angle is drawn)."""
    return _angle(facts, one, other, n, lines=True)


def region_values(
    pipeline: Pipeline, frame: Array, a: Point, b: Point, *, n: int = 0, is_ellipse: bool = True
) -> Measured:  # fmt: skip
    """Mean, standard deviation (of all its pixels), least, greatest and area of the ellipse or rectangle between two
    corners: in modality values as sent (HU in CT). Pixels count whose centre lies inside; padding does not."""
    if pipeline.is_colour:
        return Measured("A colour picture has no values to measure")
    inside = _inside(frame.shape[:2], a, b, is_ellipse=is_ellipse)
    hidden = pipeline.hidden(frame)
    left_out = 0 if hidden is None else int((inside & hidden).sum())
    counted = inside if hidden is None else inside & ~hidden
    values = pipeline.modality_values(frame[counted])
    values = values[np.isfinite(values)]
    if not values.size:
        return Measured("No pixel of the picture in this region")
    scale = scale_of(pipeline.facts, n, (a, b))
    unit = f" {pipeline.unit}" if pipeline.unit else ""
    with np.errstate(over="ignore", invalid="ignore"):
        mean, spread = float(values.mean()), float(values.std())
    said = (
        f"mean {_tenth(mean)}{unit}, SD {_tenth(spread)}, "
        f"min {in_digits(float(values.min()))}, max {in_digits(float(values.max()))}{unit}; "
        f"{_area(int(inside.sum()), scale)}"
    )
    noted = () if unit else ("values as sent, no unit",)
    padded = (f"{left_out} pixels without a picture left out",) if left_out else ()
    return Measured(said, (*noted, *padded, *scale.caveats, APPROXIMATE), _pixel(scale))


def _of_region(facts: Facts, n: int, points: Sequence[Point]) -> Scale:
    for one in facts.regions:
        if points and all(_holds(one, p) for p in points):
            wide, high = number(one.delta_x), number(one.delta_y)
            if one.spatial == _IN_A_PLANE and one.unit_x == one.unit_y == _CM and wide and high:
                return Scale(abs(high) * 10, abs(wide) * 10, MM)
            break
    return Scale(*_sides(facts, n), PX, (NO_PLACE,))


def _holds(region: Region, point: Point) -> bool:
    return region.left <= point[0] <= region.right + 1 and region.top <= point[1] <= region.bottom + 1


def _pixels(facts: Facts, n: int) -> Scale:
    sides = _sides(facts, n)
    return Scale(*sides, PX, (NO_SPACING,) if sides == (1.0, 1.0) else (NO_SPACING, NOT_SQUARE))


def _sides(facts: Facts, n: int) -> Point:
    """Height and width of a pixel, the shorter one 1."""
    aspect = aspect_of(facts, n)
    return (aspect, 1.0) if aspect >= 1 else (1.0, 1 / aspect)


def _magnified(facts: Facts) -> tuple[str, ...]:
    found = number(facts.magnification)
    return (f"magnification sent as {facts.magnification.strip()}, not applied",) if found and found != 1 else ()


def _angle(
    facts: Facts, one: tuple[Point, Point], other: tuple[Point, Point], n: int, *, lines: bool = False
) -> Measured:
    scale = scale_of(facts, n, (*one, *other))
    (ax, ay), (bx, by) = (
        ((end[0] - start[0]) * scale.column, (end[1] - start[1]) * scale.row) for start, end in (one, other)
    )
    if not (math.hypot(ax, ay) and math.hypot(bx, by)):
        return Measured("No angle: a line has no length")
    found = math.degrees(math.atan2(abs(ax * by - ay * bx), ax * bx + ay * by))
    if lines and found > 90:
        found = 180 - found
    shortest = min(math.dist(*one), math.dist(*other))
    rough = (SHORT,) if shortest < _SHORT_ARM else ()
    # An angle needs no millimetres, only the shape of a pixel.
    shape = tuple(c for c in scale.caveats if c in (NO_PLACE, NOT_SQUARE))
    square = ("pixels taken as square: their shape is not stated",) if scale.unit == PX and not shape else ()
    return Measured(f"{found:.0f}°", (*rough, *shape, *square, APPROXIMATE))


def _inside(shape: Sequence[int], a: Point, b: Point, *, is_ellipse: bool) -> NDArray[np.bool_]:
    left, right, top, bottom = min(a[0], b[0]), max(a[0], b[0]), min(a[1], b[1]), max(a[1], b[1])
    y, x = np.ogrid[0.5 : shape[0] + 0.5 - 1e-9, 0.5 : shape[1] + 0.5 - 1e-9]
    if not is_ellipse:
        return np.asarray((x >= left) & (x <= right) & (y >= top) & (y <= bottom))
    wide, high = max((right - left) / 2, 1e-9), max((bottom - top) / 2, 1e-9)
    return np.asarray(((x - (left + right) / 2) / wide) ** 2 + ((y - (top + bottom) / 2) / high) ** 2 <= 1)


def _digits(value: float, scale: Scale, zoom: float) -> str:
    """No finer than a tenth of what can be pointed at, and never finer than a tenth of a millimetre."""
    if scale.unit == PX:
        return f"{value:.0f} px"
    step = max(scale.row, scale.column) / min(1.0, max(zoom, 1e-3))
    return f"{value:.1f} mm" if step <= 1 else f"{value:.0f} mm"


def _area(count: int, scale: Scale) -> str:
    if scale.unit == PX:
        return f"{count} pixels"
    return f"{count * scale.row * scale.column:.0f} mm², {count} pixels"


def _pixel(scale: Scale) -> str:
    if scale.unit == PX:
        return ""
    row, column = f"{scale.row:.3g}", f"{scale.column:.3g}"
    return f"1 pixel = {row} mm" if row == column else f"1 pixel = {row} mm high, {column} mm wide"


def _tenth(value: float) -> str:
    return f"{value:.1f}" if abs(value) >= 1 or value == 0 else f"{value:.3g}"
