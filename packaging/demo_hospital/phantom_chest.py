"""A chest as a radiograph shows it: paths through soft tissue, air and bone, added up. An invented chest, nobody's."""

from __future__ import annotations

import math

import numpy as np
from phantom_parts import Field, Plane, Point, blurred, noise, round_path, smooth, stamped

PIXEL = 0.42
WIDE, HIGH, TOP = 340.0, 344.0, 44.0
SOFT, BONE = 0.0165, 0.05  # attenuation a millimetre
DEEPEST = 4095


class Chest:
    """What differs between two films: `heart` and `lungs` as shares, `opacity` (x, y, radius, strength) of consolidation,
    `fluid` mm at the patient's right base, `tube` a feeding tube, `seed` of vessels and noise."""

    def __init__(
        self, seed: str, *, heart: float = 1.0, lungs: float = 1.0, opacity: tuple[tuple[float, ...], ...] = (),
        fluid: float = 0.0, tube: bool = False, lean: float = 0.0, coarse: float = 1.0,
    ) -> None:  # fmt: skip
        self.heart, self.lungs, self.opacity, self.fluid = heart, lungs, opacity, fluid
        self.tube, self.lean, self.coarse = tube, lean, coarse
        self.seed, self.rng = seed, np.random.default_rng(0)


def radiograph(chest: Chest) -> np.ndarray:
    """12 bits, bone bright (MONOCHROME2)."""
    at = Plane(WIDE, HIGH, PIXEL, TOP)
    chest.rng = np.random.Generator(np.random.PCG64(int.from_bytes(chest.seed.encode()[:16], "big")))
    soft, air = _body(at), _air(at, chest)
    bone = _bones(at, chest)
    path = SOFT * (soft - 0.86 * air) + BONE * bone
    path = blurred(path, 1, 2)
    path = 0.93 * path + 0.07 * blurred(path, 40, 2)  # scatter
    grain = noise(chest.rng, path.shape, 1)
    path += grain * 0.018 * chest.coarse * np.exp(np.clip(path - 2.4, -2, 2.2) / 2.6)
    low, high = np.quantile(path[120:620, 130:680], (0.01, 0.985))
    values = np.clip((path - low) / (high - low), -0.12, 1.12) * 3000 + 420
    stamped(values, "R", 60, 50, 9, DEEPEST)
    return np.clip(np.rint(values), 0, DEEPEST).astype(np.uint16)


def _body(at: Plane) -> Field:
    ys = (0, 40, 62, 85, 110, 150, 220, 300, 360, 420)
    half = np.interp(at.y, ys, (58, 60, 92, 158, 182, 176, 165, 160, 160, 163))
    deep = np.interp(at.y, ys, (118, 118, 122, 132, 150, 178, 200, 206, 206, 205))
    half, deep = blurred(half, 25), blurred(deep, 25)
    return deep * np.sqrt(np.maximum(0, 1 - np.abs(at.x / half) ** 2.6))


def _air(at: Plane, chest: Chest) -> Field:
    """Path through air-filled lung, what stands in it taken away."""
    air = at.zeros()
    for side in (-1, 1):  # -1: the patient's right, at the left of the picture
        middle, low = side * 80.0, (286.0 if side < 0 else 298.0) + 26 * (chest.lungs - 1) * 4
        y0, b = 232.0, 152.0 * chest.lungs
        shape = at.dome(middle + chest.lean, y0, 70, b) + 0.35 * at.dome(middle + chest.lean, y0 + 20, 68, b * 0.9)
        u = (at.x - middle - chest.lean) / 70
        floor = low - 30 * (1 - u**2) + 34 * np.maximum(0, side * u) ** 2
        if side < 0 and chest.fluid:
            floor = np.minimum(floor, low + 12 - chest.fluid - 0.5 * chest.fluid * np.maximum(0, side * u) ** 2 * -1)
        air += 118 * shape * smooth((floor - at.y) / 5 + 0.5)
    air *= 1 - 0.22 * smooth(blurred(noise(chest.rng, air.shape), 14, 3) * 9 + 0.4)
    vessels = at.zeros()
    for side in (-1, 1):
        for _ in range(15):
            angle = chest.rng.integers(-1200, 1500) / 1000
            start = (side * (38 + chest.lean), 206 + chest.rng.integers(-14, 18))
            _branch(at, chest, vessels, start, angle if side > 0 else math.pi - angle, 3.6, 4)
    for side, y in ((-1, 204), (1, 198)):
        vessels += 17 * round_path(at.tube([(side * 30, y - 24), (side * 44, y), (side * 40, y + 34)], [8, 11, 6]))
    heart = 150 * at.dome(24 * chest.heart, 258, 66 * chest.heart, 52, 0.42)
    heart += 90 * at.dome(-22 * chest.heart, 250, 30, 50) + 70 * at.dome(0, 196, 31, 92)
    heart += 80 * at.dome(31, 158, 18, 19) + 60 * at.dome(-17, 150, 15, 70) + 60 * round_path(
        at.tube([(26, 168), (30, 300)], 13))  # fmt: skip
    air = np.maximum(0, air - 2.6 * vessels - heart)
    for x, y, radius, strength in chest.opacity:
        mottle = 0.75 + 0.5 * smooth(blurred(noise(chest.rng, air.shape), 6, 2) * 4 + 0.5)
        far = ((at.x - x) ** 2 + ((at.y - y) * 1.25) ** 2) / radius**2
        air *= 1 - np.clip(strength * np.exp(-1.4 * far) * mottle, 0, 0.92)
    windpipe = 17 * round_path(at.tube([(2, 20), (0, 120), (-3, 172)], 8.5))
    for side in (-1, 1):
        windpipe = np.maximum(windpipe, 12 * round_path(at.tube([(-3, 170), (side * 26, 200)], [7.5, 5.5])))
    stomach = 55 * at.dome(62, 322, 34, 15) * smooth((at.y - 312) / 4 + 0.5)
    return air + windpipe * 1.2 + stomach


def _branch(at: Plane, chest: Chest, into: Field, start: Point, angle: float, half: float, left: int) -> None:
    """A vessel and what comes off it."""
    bend = chest.rng.integers(-260, 261) / 1000
    length = 18 + half * 9 + chest.rng.integers(0, 12)
    points = [start]
    for n in range(1, 5):
        turned = angle + bend * n / 4
        points.append((points[-1][0] + math.cos(turned) * length / 4, points[-1][1] + math.sin(turned) * length / 4))
    at.vessel(into, points, [half - 0.09 * half * n for n in range(5)])
    if left:
        for side in (-1, 1):
            off = chest.rng.integers(180, 620) / 1000 * side
            _branch(at, chest, into, points[-1], angle + bend + off, half * 0.66, left - 1)


def _bones(at: Plane, chest: Chest) -> Field:
    bone = at.zeros()
    spine = np.sqrt(np.maximum(0, 1 - ((at.x - chest.lean * 0.5) / 19) ** 2))
    discs = 0.62 + 0.38 * smooth(np.abs(((at.y + 6) % 25) - 12.5) / 2.2 - 0.6)
    bone += 15 * spine * discs + 6 * at.dome(chest.lean, 0, 4, 900) * (((at.y + 3) % 25) < 9)
    for side in (-1, 1):
        for n in range(10):
            bone += _rib(at, chest, side, n)
        collar: list[Point] = [(side * 14, 104), (side * 46, 96), (side * 92, 93), (side * 142, 78)]
        bone += _hollow(at.tube(collar, [7.5, 6, 5.5, 7]), 9, 5)
        blade: list[Point] = [(side * 150, 96), (side * 158, 140), (side * 148, 196), (side * 128, 232)]
        bone += _hollow(at.tube(blade, [15, 13, 10, 4]), 3.5, 2.6)
        bone += _hollow(at.tube([(side * 160, 70), (side * 176, 92), (side * 184, 160)], [16, 20, 13]), 15, 5)
    bone += 5 * at.dome(0, 175, 17, 95)
    if chest.tube:
        way: list[Point] = [(1, 0), (2, 90), (4, 170), (7, 240), (12, 290), (30, 318), (58, 332), (84, 330)]
        bone += 15 * (at.tube(way, 1.5) > 0.15)
    return bone


def _hollow(deep: Field, inside: float, wall: float) -> Field:
    """Bone with a dense rim."""
    return inside * round_path(deep) + wall * np.exp(-(((deep - 0.16) / 0.11) ** 2)) * (deep > 0)


def _rib(at: Plane, chest: Chest, side: int, n: int) -> Field:
    """Out and a little down behind, in and further down in front."""
    wide = (70, 94, 112, 124, 133, 139, 143, 145, 144, 140)[n] * chest.lungs**0.5
    top = 88 + 20.5 * n
    back: list[Point] = []
    for step in range(15):
        u = step / 14
        x = 17 + (wide - 17) * math.sin(u * math.pi / 2)
        back.append((side * x + chest.lean * 0.6, top - 13 * math.sin(u * math.pi * 0.8) + (10 + 2.4 * n) * u**3))
    front: list[Point] = []
    for step in range(10):
        v = step / 9
        x = wide - (wide - 44 - 5 * n) * v**1.35
        front.append((side * x + chest.lean * 0.6, back[-1][1] + 62 * v**0.9))
    made = _hollow(at.tube(back, 5.3), 3.9, 2.6)
    if n < 8:
        made = np.maximum(made, _hollow(at.tube(front, [4.2 + 1.6 * k / 9 for k in range(10)]), 2.3, 1.5))
    return made
