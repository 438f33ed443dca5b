"""What the phantoms are put together from: ellipses, tubes, soft edges, noise that is the same each time. Millimetres.

Nothing here comes from a picture of anybody: every shape is a formula, every random choice is seeded by what it is for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]
Point = tuple[float, float]


class Plane:
    """A plane of `wide` × `high` mm at `pixel` mm: `x` from the middle to the right, `y` down from `top`."""

    def __init__(self, wide: float, high: float, pixel: float, top: float = 0.0) -> None:
        self.pixel, self.top = pixel, top
        self.columns, self.rows = round(wide / pixel), round(high / pixel)
        self.left = -wide / 2
        self.x: Field = (np.arange(self.columns) + 0.5)[None, :] * pixel - wide / 2
        self.y: Field = (np.arange(self.rows) + 0.5)[:, None] * pixel + top

    def zeros(self) -> Field:
        return np.zeros((self.rows, self.columns))

    def dome(self, x: float, y: float, a: float, b: float, turn: float = 0.0) -> Field:
        """1 in the middle of an ellipse, falling to 0 at its edge as the path through an ellipsoid does."""
        c, s = math.cos(turn), math.sin(turn)
        u, v = (self.x - x) * c + (self.y - y) * s, -(self.x - x) * s + (self.y - y) * c
        made: Field = np.sqrt(np.maximum(0.0, 1 - (u / a) ** 2 - (v / b) ** 2))
        return made

    def disc(self, x: float, y: float, a: float, b: float, edge: float = 1.0, turn: float = 0.0) -> Field:
        """1 inside an ellipse, 0 outside, soft over `edge` mm."""
        c, s = math.cos(turn), math.sin(turn)
        u, v = (self.x - x) * c + (self.y - y) * s, -(self.x - x) * s + (self.y - y) * c
        inside = (1 - np.sqrt((u / a) ** 2 + (v / b) ** 2)) * min(a, b)
        return smooth(inside / edge + 0.5)

    def tube(self, points: Sequence[Point], half: float | Sequence[float]) -> Field:
        """How deep each place lies in a bent tube: 1 on its axis, 0 from `half` mm (at each point) outward."""
        made = self.zeros()
        for rows, columns, deep, _ in self._segments(points, half):
            np.maximum(made[rows, columns], deep, out=made[rows, columns])
        return made

    def vessel(self, into: Field, points: Sequence[Point], half: Sequence[float]) -> None:
        """Raises `into` to the path in mm through a bent tube."""
        for rows, columns, deep, wide in self._segments(points, half):
            np.maximum(into[rows, columns], 2 * wide * round_path(deep), out=into[rows, columns])

    def _segments(
        self, points: Sequence[Point], half: float | Sequence[float]
    ) -> Iterator[tuple[slice, slice, Field, float]]:
        halves = [half] * len(points) if isinstance(half, int | float) else list(half)
        for (p, w0), (q, w1) in pairwise(zip(points, halves, strict=True)):
            most = max(w0, w1) + self.pixel
            c0 = max(0, int((min(p[0], q[0]) - most - self.left) / self.pixel))
            c1 = min(self.columns, int((max(p[0], q[0]) + most - self.left) / self.pixel) + 2)
            r0 = max(0, int((min(p[1], q[1]) - most - self.top) / self.pixel))
            r1 = min(self.rows, int((max(p[1], q[1]) + most - self.top) / self.pixel) + 2)
            if c0 >= c1 or r0 >= r1:
                continue
            x, y = self.x[:, c0:c1], self.y[r0:r1]
            dx, dy = q[0] - p[0], q[1] - p[1]
            t = np.clip(((x - p[0]) * dx + (y - p[1]) * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
            far = np.sqrt((x - p[0] - t * dx) ** 2 + (y - p[1] - t * dy) ** 2)
            yield slice(r0, r1), slice(c0, c1), np.maximum(0, 1 - far / (w0 + (w1 - w0) * t)), (w0 + w1) / 2


def smooth(t: Field) -> Field:
    """0 below 0, 1 above 1, without a corner between."""
    c = np.clip(t, 0, 1)
    made: Field = c * c * (3 - 2 * c)
    return made


def round_path(deep: Field) -> Field:
    """From the depth in a tube to the path through it, 0 … 1."""
    made: Field = np.sqrt(np.maximum(0, 1 - (1 - deep) ** 2)) * (deep > 0)
    return made


def blurred(field: Field, reach: int, times: int = 2) -> Field:
    """The mean over 2·reach + 1 places each way, again and again: near a Gaussian."""
    for _ in range(times if reach else 0):
        for axis in (0, 1):
            padded = np.pad(field, [(reach + 1, reach) if n == axis else (0, 0) for n in (0, 1)], mode="edge")
            total = np.cumsum(padded, axis=axis)
            span = 2 * reach + 1
            field = (total[span:] - total[:-span]) / span if axis == 0 else (total[:, span:] - total[:, :-span]) / span
    return field


def noise(rng: np.random.Generator, shape: tuple[int, ...], reach: int = 0) -> Field:
    """Zero in the mean, one in spread before it is blurred; made of whole random numbers, so that it is always the same."""
    made: Field = (rng.integers(0, 1 << 16, (4, *shape), dtype=np.int64).sum(axis=0) - 2 * ((1 << 16) - 1)) / 37837.2
    return blurred(made, reach) if reach else made


def letter(text: str) -> NDArray[np.bool_]:
    """A lead letter, 7 × 5."""
    rows = {
        "R": "11110 10001 10001 11110 10100 10010 10001", "L": "10000 10000 10000 10000 10000 10000 11111",
    }[text]  # fmt: skip
    return np.array([[c == "1" for c in row] for row in rows.split()])


def stamped(values: Field, text: str, row: int, column: int, size: int, level: float) -> None:
    """A side marker of lead in the picture."""
    mask = letter(text).repeat(size, axis=0).repeat(size, axis=1)
    part = values[row : row + mask.shape[0], column : column + mask.shape[1]]
    part[mask] = level
