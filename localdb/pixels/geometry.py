"""Where things are in an image: orientation letters, the view on the screen, the shape of its pixels. Pure; no numpy.

Image coordinates have pixel edges at whole numbers: row i and column j cover x in [j, j + 1), y in [i, i + 1).
Patient coordinates are those of DICOM (PS3.3 C.7.6.2.1.1): x grows to the left hand, y to the back, z to the head, mm.
"""

from __future__ import annotations

import math

import msgspec

from localdb.pixels.facts import Facts

Vector = tuple[float, float, float]
Point = tuple[float, float]

NOT_STATED = "orientation not stated"
CONTRADICTORY = "orientation stated twice, contradictory"
FLIPPED = "FLIPPED"
OPPOSITE = {"A": "P", "P": "A", "R": "L", "L": "R", "H": "F", "F": "H"}
# A direction gets a second letter when it leans by at least ten degrees from its main axis (C.7.6.1.1.1 orders the letters
# by size and sets no threshold): a gantry tilted for comfort stays "A", an oblique plane is named as one.
LEAN = math.sin(math.radians(10))
# Cosines as sent are rounded: they may be off by so much in length and squareness before they are no orientation.
_ROUNDED = 0.02
# A pixel longer than this is a mistake in the header, not a pixel.
_MOST_ASPECT = 20.0


class Edges(msgspec.Struct, frozen=True):
    """The letters at the edges of a picture, each "" where not known; `note` says so in words, else ""."""

    top: str = ""
    right: str = ""
    bottom: str = ""
    left: str = ""
    note: str = ""


class View(msgspec.Struct, frozen=True):
    """How an image is looked at, without its size: mirrored left-right first (`flip`), then turned by `rotation` degrees
    clockwise (0, 90, 180, 270). `zoom` is screen pixels for one image pixel, 0 fits the image into the viewport; `pan` the
    image point at the middle of the viewport, None its centre. Never remembered between studies (CLINICAL §4.2)."""

    rotation: int = 0
    flip: bool = False
    invert: bool = False
    zoom: float = 0.0
    pan: Point | None = None

    def turned(self, degrees: int) -> View:
        """Turned by 90, 180, 270 or -90 degrees clockwise as seen."""
        return msgspec.structs.replace(self, rotation=(self.rotation + degrees) % 360)

    def mirrored(self) -> View:
        """Left and right changed as seen, whatever the rotation."""
        return msgspec.structs.replace(self, rotation=-self.rotation % 360, flip=not self.flip)

    def upended(self) -> View:
        """Top and bottom changed as seen."""
        return self.mirrored().turned(180)

    @property
    def words(self) -> str:
        """What is done to the image, to stand on it until it is undone: "FLIPPED, turned 90°, inverted"."""
        said = [FLIPPED] if self.flip else []
        if self.rotation:
            said.append(f"turned {self.rotation}°")
        if self.invert:
            said.append("inverted")
        return ", ".join(said)

    def edges(self, edges: Edges) -> Edges:
        """The letters of an image where they stand in this view of it."""
        round_ = [edges.top, edges.right, edges.bottom, edges.left]
        if self.flip:
            round_[1], round_[3] = round_[3], round_[1]
        steps = self.rotation // 90 % 4
        round_ = round_[-steps:] + round_[:-steps] if steps else round_
        top, right, bottom, left = round_
        return Edges(top, right, bottom, left, edges.note)


class Placed(msgspec.Struct, frozen=True):
    """An image of `columns` × `rows` in a `view` within a viewport of `width` × `height` screen pixels (physical ones, so
    that 1:1 is true). `aspect` is the height of a pixel by its width: pixels that are not square are drawn as long as
    they are, the shorter side at the scale of `zoom`."""

    rows: int
    columns: int
    width: int
    height: int
    view: View = View()
    aspect: float = 1.0

    @property
    def zoom(self) -> float:
        """Screen pixels for an image pixel (its shorter side), with "fit" worked out."""
        if self.view.zoom > 0:
            return self.view.zoom
        wide, high = self.columns * self._unit[0], self.rows * self._unit[1]
        if self.view.rotation % 180:
            wide, high = high, wide
        return max(1e-6, min(self.width / wide, self.height / high))

    @property
    def _unit(self) -> Point:
        """Width and height of a pixel at zoom 1."""
        return (1.0, self.aspect) if self.aspect >= 1 else (1 / self.aspect, 1.0)

    @property
    def _middle(self) -> Point:
        return self.view.pan or (self.columns / 2, self.rows / 2)

    def to_screen(self, x: float, y: float) -> Point:
        """Where an image point stands in the viewport."""
        dx, dy = (x - self._middle[0]) * self._unit[0], (y - self._middle[1]) * self._unit[1]
        if self.view.flip:
            dx = -dx
        dx, dy = _turn(dx, dy, self.view.rotation)
        return self.width / 2 + dx * self.zoom, self.height / 2 + dy * self.zoom

    def to_image(self, x: float, y: float) -> Point:
        """Which image point stands at a place of the viewport; it may lie outside the image."""
        dx, dy = _turn((x - self.width / 2) / self.zoom, (y - self.height / 2) / self.zoom, -self.view.rotation)
        if self.view.flip:
            dx = -dx
        return self._middle[0] + dx / self._unit[0], self._middle[1] + dy / self._unit[1]

    def pixel_at(self, x: float, y: float) -> tuple[int, int] | None:
        """(row, column) under a place of the viewport; None beside the image."""
        px, py = self.to_image(x, y)
        row, column = math.floor(py), math.floor(px)
        return (row, column) if 0 <= row < self.rows and 0 <= column < self.columns else None

    def region(self) -> tuple[float, float, float, float] | None:
        """The part of the image that is seen, in whole pixels: left, top, right, bottom; None where none is."""
        corners = [self.to_image(x, y) for x in (0, self.width) for y in (0, self.height)]
        xs, ys = [c[0] for c in corners], [c[1] for c in corners]
        left, top = max(0, math.floor(min(xs) + 1e-9)), max(0, math.floor(min(ys) + 1e-9))
        right, bottom = min(self.columns, math.ceil(max(xs) - 1e-9)), min(self.rows, math.ceil(max(ys) - 1e-9))
        return (left, top, right, bottom) if right > left and bottom > top else None

    def target(self) -> tuple[int, int, int, int] | None:
        """Where `region` stands in the viewport: left, top, width, height in screen pixels (it may stand out)."""
        region = self.region()
        if region is None:
            return None
        x0, y0 = self.to_screen(region[0], region[1])
        x1, y1 = self.to_screen(region[2], region[3])
        left, top = round(min(x0, x1)), round(min(y0, y1))
        return left, top, max(1, round(max(x0, x1)) - left), max(1, round(max(y0, y1)) - top)

    def sampling(self) -> tuple[float, float, float, float, int, int] | None:
        """What to ask of `sampling.Grid`: the region, and its width and height before it is turned."""
        region, target = self.region(), self.target()
        if region is None or target is None:
            return None
        wide, high = target[2:]
        return (*region, high, wide) if self.view.rotation % 180 else (*region, wide, high)

    def zoomed(self, factor: float, x: float, y: float, least: float = 0.02, most: float = 40.0) -> View:
        """The view with the image made `factor` larger around a place of the viewport, which stays where it is."""
        at = self.to_image(x, y)
        zoom = min(most, max(least, self.zoom * factor))
        share = self.zoom / zoom
        middle = (at[0] + (self._middle[0] - at[0]) * share, at[1] + (self._middle[1] - at[1]) * share)
        return msgspec.structs.replace(self.view, zoom=zoom, pan=self._held(middle))

    def panned(self, dx: float, dy: float) -> View:
        """The view with the image moved by so many screen pixels; its middle stays on the image."""
        at = self.to_image(self.width / 2 - dx, self.height / 2 - dy)
        return msgspec.structs.replace(self.view, zoom=self.zoom, pan=self._held(at))

    def _held(self, at: Point) -> Point:
        return min(float(self.columns), max(0.0, at[0])), min(float(self.rows), max(0.0, at[1]))

    @property
    def is_reduced(self) -> bool:
        """Whether the screen shows fewer pixels than there are: it must say so."""
        return self.zoom < 1 - 1e-9

    @property
    def words(self) -> str:
        """ "1:1" or "43 % of full resolution", a tenth of a per cent below ten."""
        if abs(self.zoom - 1) < 1e-9:
            return "1:1"
        share = self.zoom * 100
        return f"{share:.1f} % of full resolution" if share < 10 else f"{_not_whole(share)} % of full resolution"


def _not_whole(share: float) -> int:
    """A per cent that is not quite 100 never reads 100."""
    near = round(share)
    return near if near != 100 else (99 if share < 100 else 101)


def _turn(x: float, y: float, degrees: int) -> Point:
    """Clockwise as seen, y downwards."""
    return {0: (x, y), 90: (-y, x), 180: (-x, -y), 270: (y, -x)}[degrees % 360]


def number(text: str) -> float | None:
    """A decimal string as sent; None where it is none (never infinite)."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def vector(texts: tuple[str, ...]) -> Vector | None:
    """Three numbers as sent; None where they are not."""
    try:
        x, y, z = (float(t) for t in texts)
    except ValueError:
        return None
    return (x, y, z) if all(map(math.isfinite, (x, y, z))) else None


def axes(orientation: tuple[str, ...]) -> tuple[Vector, Vector] | None:
    """Directions of a row (to the right edge) and of a column (to the bottom) of (0020,0037), each of length one; None
    where it is no orientation: not six numbers, no length, not at right angles."""
    row, column = vector(orientation[:3]), vector(orientation[3:])
    if row is None or column is None:
        return None
    if any(abs(math.hypot(*v) - 1) > _ROUNDED for v in (row, column)) or abs(dot(row, column)) > _ROUNDED:
        return None
    return _unit(row), _unit(column)


def normal(orientation: tuple[str, ...]) -> Vector | None:
    """The direction at right angles to an image, of length one; None where the orientation is none."""
    found = axes(orientation)
    if found is None:
        return None
    (a, b, c), (d, e, f) = found
    return _unit((b * f - c * e, c * d - a * f, a * e - b * d))


def dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _unit(v: Vector) -> Vector:
    length = math.hypot(*v)
    return v[0] / length, v[1] / length, v[2] / length


def letters(direction: Vector) -> str:
    """Whereto a direction points in the patient: the letter of its largest part, and of the second where that leans by
    ten degrees or more (PS3.3 C.7.6.1.1.1; LEAN)."""
    named = sorted(
        ((abs(part), pair[part < 0]) for part, pair in zip(direction, ("LR", "PA", "HF"), strict=True)),
        key=lambda one: -one[0],
    )
    return named[0][1] + (named[1][1] if named[1][0] >= LEAN else "")


def opposite(said: str) -> str:
    """The other way; "" for letters that are not those of a person (a dog's CD, LE …)."""
    return "".join(OPPOSITE[c] for c in said) if said and all(c in OPPOSITE for c in said) else ""


def edges_of(facts: Facts, n: int = 0) -> Edges:
    """The letters at the edges of frame `n`: computed from (0020,0037), else as stated in (0020,0020), else none and said.
    Where both are sent and say opposite things, none are shown."""
    found, stated = axes(facts.of_frame(n).orientation), _stated(facts.patient_orientation)
    if found is None and stated is None:
        return Edges(note=NOT_STATED)
    if found is None:
        right, bottom = stated or ("", "")
        return Edges(opposite(bottom), right, bottom, opposite(right))
    right, bottom = letters(found[0]), letters(found[1])
    if stated and any(OPPOSITE.get(s[:1]) == c[:1] for s, c in zip(stated, (right, bottom), strict=True)):
        return Edges(note=CONTRADICTORY)
    return Edges(opposite(bottom), right, bottom, opposite(right))


def _stated(texts: tuple[str, ...]) -> tuple[str, str] | None:
    """(0020,0020) as two groups of letters; None unless both are there and name different axes."""
    if len(texts) != 2:
        return None
    row, column = texts[0].strip().upper(), texts[1].strip().upper()
    if not row.isalpha() or not column.isalpha() or row[0] == column[0] or OPPOSITE.get(row[0]) == column[0]:
        return None
    return row, column


def pair(texts: tuple[str, ...]) -> Point | None:
    """Two lengths as sent, both above zero; None where they are not."""
    try:
        first, second = (float(t) for t in texts)
    except ValueError:
        return None
    return (first, second) if 0 < first < math.inf and 0 < second < math.inf else None


def aspect_of(facts: Facts, n: int = 0) -> float:
    """The height of a pixel by its width: of (0028,0030), else (0018,1164), else (0028,0034), else 1; 1 too where that
    would be no pixel."""
    for texts in (facts.of_frame(n).spacing, facts.imager_spacing, facts.aspect):
        found = pair(texts)
        if found is not None:
            made = found[0] / found[1]
            return made if 1 / _MOST_ASPECT <= made <= _MOST_ASPECT else 1.0
    return 1.0
