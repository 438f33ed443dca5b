"""Slices of a head and of a chest as a CT shows them, in HU (stored with an intercept of -1024). Invented, nobody's."""

from __future__ import annotations

import math

import numpy as np
from phantom_parts import Field, Plane, blurred, noise, smooth

SIDE = 256
AIR, LUNG, FAT, WATER, SOFT, BLOOD, CONTRAST, SPONGY, DENSE = -1000, -860, -95, 0, 48, 45, 210, 260, 900


def _rng(seed: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(int.from_bytes(seed.encode()[-16:], "big")))


def _stored(hu: Field) -> np.ndarray:
    return np.clip(np.rint(hu) + 1024, 0, 4095).astype(np.uint16)


def _over(hu: Field, share: Field, level: float | Field) -> Field:
    """`level` where `share` is 1, what was there where it is 0."""
    return hu * (1 - share) + level * share


def head(z: float, seed: str) -> np.ndarray:
    """One slice, `z` 0 at the skull base to 1 at the vertex; 230 mm across, seen from the feet (right at the left)."""
    at, rng = Plane(230, 230, 230 / SIDE), _rng(f"head {seed}")
    size = math.sqrt(max(0.03, 1 - (max(0.0, z - 0.32) / 0.72) ** 2)) * (0.9 + 0.1 * min(1, z / 0.3))
    a, b, y = 71 * size, 90 * size, 115.0
    hu = np.full((at.rows, at.columns), float(AIR))
    hu = _over(hu, at.disc(0, y, a + 11, b + 11), FAT * 0.5)
    hu = _over(hu, at.disc(0, y, a + 7.5, b + 7.5), DENSE)
    hu = _over(hu, at.disc(0, y, a + 4.6, b + 4.6), SPONGY * 1.9)
    hu = _over(hu, at.disc(0, y, a + 3, b + 3), DENSE * 1.05)
    hu = _over(hu, at.disc(0, y, a, b), 9.0)
    hu = _over(hu, at.disc(0, y, a - 2.4, b - 2.4, 2), _brain(at, a, b, y, z))
    if z > 0.3:
        hu = _ventricles(at, hu, z, size, y)
        hu = _over(hu, 0.65 * smooth(1 - np.abs(at.x) / 1.6) * smooth((np.abs(at.y - y) - b * 0.4) / 4) * (hu > -20) * (
            hu < 80), 62)  # fmt: skip
    else:
        hu = _base(at, hu, z, a, b, y)
    hu = blurred(hu, 1, 1) + noise(rng, hu.shape, 1) * (1.5 + 7 * at.disc(0, y, a + 11, b + 11))
    return _stored(hu)


def _brain(at: Plane, a: float, b: float, y: float, z: float) -> Field:
    """Grey ribbon folded along the edge, white within, deep grey beside the middle."""
    far = np.sqrt((at.x / (a - 2.4)) ** 2 + ((at.y - y) / (b - 2.4)) ** 2)
    angle = np.arctan2(at.y - y, at.x + 1e-6)
    fold = np.sin(angle * 17 + 5 * z) + 0.7 * np.sin(angle * 29 - 9 * z + 4 * far)
    grey = smooth((far - 0.83 + 0.055 * fold) * 11)
    furrow = smooth((far - 0.86) * 14) * smooth(fold - 1.05)
    tissue: Field = 27 + 11 * grey - 24 * furrow
    if 0.38 < z < 0.62:
        for side in (-1, 1):
            tissue = _over(tissue, at.disc(side * 23, y + 4, 9, 17, 3, side * 0.3), 37)
    return tissue


def _ventricles(at: Plane, hu: Field, z: float, size: float, y: float) -> Field:
    if z < 0.76:
        wide = 5.5 + 9 * math.sin(min(1, max(0, (z - 0.36) / 0.4)) * math.pi)
        for side in (-1, 1):
            hu = _over(hu, at.disc(side * (8 + wide * 0.5), y - 22 * size, wide * 0.55, 18, 1.5, side * 0.32), 6)
            hu = _over(hu, at.disc(side * (16 + wide), y + 28 * size, wide * 0.5, 17, 1.5, -side * 0.4), 6)
    if 0.4 < z < 0.52:
        hu = _over(hu, at.disc(0, y + 2, 2.2, 14, 1.5), 6)
        for side in (-1, 1):
            hu = _over(hu, at.disc(side * 19, y + 44, 2.4, 3, 1), 140)  # calcified plexus
    return hu


def _base(at: Plane, hu: Field, z: float, a: float, b: float, y: float) -> Field:
    """Orbits, sinuses, petrous bone, the hind brain."""
    for side in (-1, 1):
        hu = _over(hu, at.disc(side * 40, y + 14, 27, 6.5, 2, -side * 0.62), DENSE * 0.85)
        hu = _over(hu, at.disc(side * 52, y + 27, 10, 12, 2), -640)
        hu = _over(hu, at.disc(side * 31, y - 70, 19, 17, 2), FAT)
        hu = _over(hu, at.disc(side * 32, y - 75, 12, 12, 1.5), 15)
        hu = _over(hu, at.disc(side * 27, y - 55, 3, 14, 1, -side * 0.3), SOFT)
    hu = _over(hu, at.disc(0, y - 72, 11, 20, 2), -820)
    hu = _over(hu, 0.8 * smooth(1 - np.abs(np.abs(at.x) - 11) / 1.5) * at.disc(0, y - 72, 14, 22), 320)
    hu = _over(hu, at.disc(0, y - 34, 14, 9, 2), DENSE * (0.5 if z > 0.15 else 0.9))
    return _over(hu, at.disc(0, y + 42, 4, 5, 1.5), 8)


def chest(n: int, count: int, seed: str, nodule: tuple[float, float, int, float] = (0, 0, -1, 0)) -> np.ndarray:
    """Slice `n` of `count` from the apex down, 360 mm across; `nodule` x, y, slice, diameter."""
    at, z = Plane(360, 360, 360 / SIDE), (n + 0.5) / count
    y, a, b = 180.0, 158 - 14 * max(0, 0.3 - z) / 0.3, 108 - 16 * max(0, 0.3 - z) / 0.3
    hu = np.full((at.rows, at.columns), float(AIR))
    body = at.disc(0, y, a + 9, b + 9, 1.5)
    hu = _over(hu, body, FAT)
    muscle = at.disc(0, y, a - 3, b - 2, 4)
    hu = _over(hu, muscle, SOFT + 4)
    hu = _over(hu, at.disc(0, y, a - 20, b - 18, 3), FAT * 0.7)
    opening = math.sin(min(1, 0.16 + z * 1.15) * math.pi / 2)
    lungs = at.zeros()
    for side in (-1, 1):
        low = smooth(np.full((1, 1), (0.98 if side > 0 else 0.9) - z) / 0.12)
        lungs = np.maximum(
            lungs, at.disc(side * (66 + 8 * opening), y - 2, 30 + 36 * opening, 44 + 42 * opening, 2.5) * low
        )
        if z > 0.74:  # domes of the diaphragm
            dome = max(0.0, (z - 0.74) / 0.26) * 62
            lungs *= 1 - at.disc(side * 68, y - 14, dome, dome * 1.15, 5)
            hu = _over(hu, at.disc(side * 68, y - 14, dome, dome * 1.15, 3), 108 if side < 0 else 70)
    lungs *= 1 - _middle(at, z, y)
    hu = _over(hu, lungs, _lung(at, n, y))
    hu = _over(hu, _middle(at, z, y) * at.disc(0, y, a - 22, b - 20, 2) * 0.9, 25.0)
    hu = _vessels(at, hu, z, y)
    hu = _skeleton(at, hu, z, y, a, b)
    x0, y0, at_slice, wide = nodule
    if abs(n - at_slice) < 1:
        hu = _over(hu, at.disc(x0, y0, wide / 2, wide / 2, 1.2), 38)
    hu = _over(hu, smooth((at.y - (y + b + 22)) / 2) * smooth((y + b + 30 - at.y) / 2) * (np.abs(at.x) < 170), -420)
    return _stored(blurred(hu, 1, 1) + noise(_rng(f"chest {seed} {n}"), hu.shape, 1) * (2 + 13 * body))


def _middle(at: Plane, z: float, y: float) -> Field:
    """What lies between the lungs: mediastinum and heart."""
    made = at.disc(0, y - 4, 27, 62, 4)
    if z > 0.42:
        grown = math.sin(min(1, (z - 0.42) / 0.42) * math.pi * 0.82)
        made = np.maximum(made, at.disc(20, y - 26, 30 + 38 * grown, 24 + 27 * grown, 3, 0.45))
    return made


def _lung(at: Plane, n: int, y: float) -> Field:
    """Air, denser towards the back, with vessels cut across; they run on from slice to slice."""
    tissue = LUNG + 55 * smooth((at.y - y + 70) / 190) + at.zeros()
    rng = _rng("vessels of the lung")
    for _ in range(150):
        side = 1 if rng.integers(2) else -1
        angle = rng.integers(-1900, 1900) / 1000
        steps = rng.integers(6, 26)
        begins, speed = rng.integers(-6, 24), rng.integers(2, 7)
        far = 14 + (n - begins) * speed
        if not 0 <= n - begins < steps:
            continue
        x = side * (34 + far * abs(math.cos(angle)) * 0.9)
        down = y + 4 + far * math.sin(angle) * 0.9
        half = max(0.9, 4.4 - far * 0.035)
        tissue = _over(tissue, at.disc(x, down, half * 1.35, half, 1.3, angle), 38)
    return tissue


def _vessels(at: Plane, hu: Field, z: float, y: float) -> Field:
    """Windpipe, aorta, the great vessels with contrast, the heart's chambers."""
    if z < 0.4:
        hu = _over(hu, at.disc(0, y - 2, 9, 8.5, 1.5), AIR)
    else:
        for side in (-1, 1):
            apart = min(46.0, 10 + (z - 0.4) * 150)
            if apart < 26:
                hu = _over(hu, at.disc(side * apart, y + 2 + 12 * (z - 0.4), 6.5, 6, 1.5), AIR + 20)
    if z > 0.24:
        hu = _over(hu, at.disc(24, y + 42, 12, 12, 1.5), CONTRAST)
    if 0.2 < z < 0.31:
        hu = _over(hu, at.disc(12, y + 8, 13, 42, 2, -0.35), CONTRAST)
    elif 0.31 <= z < 0.6:
        hu = _over(hu, at.disc(-9, y - 30, 16, 16, 1.5), CONTRAST)
        hu = _over(hu, at.disc(-28, y - 18, 9, 8, 1.5), CONTRAST * 1.35)
    elif z <= 0.2:
        for x, up, half in ((-14, 16, 5), (-2, 12, 4), (13, 6, 4.5), (-24, 26, 7), (18, 30, 6)):
            hu = _over(hu, at.disc(x, y - up, half, half, 1.5), CONTRAST * 0.9)
    if 0.4 < z < 0.54:
        hu = _over(hu, at.disc(18, y - 14, 30, 11, 2, -0.5), CONTRAST * 1.2)
        hu = _over(hu, at.disc(-24, y + 2, 24, 8, 2, 0.2), CONTRAST * 1.2)
    if 0.54 < z < 0.9:
        g = math.sin((z - 0.54) / 0.36 * math.pi)
        hu = _over(hu, at.disc(38, y - 24, 14 + 12 * g, 10 + 8 * g, 2, 0.5), CONTRAST * 0.95)
        hu = _over(hu, at.disc(-6, y - 40, 14 + 14 * g, 9 + 7 * g, 2, 0.3), CONTRAST * 0.8)
        hu = _over(hu, at.disc(6, y + 4, 20 * g + 4, 12 * g + 3, 2), CONTRAST * 0.85)
    return hu


def _skeleton(at: Plane, hu: Field, z: float, y: float, a: float, b: float) -> Field:
    hu = _over(hu, at.disc(0, y + 68, 17, 14, 1.5), DENSE * 0.55)
    hu = _over(hu, at.disc(0, y + 68, 14.5, 11.5, 1.5), SPONGY * 0.75)
    hu = _over(hu, at.disc(0, y + 92, 3, 15, 1.5), DENSE * 0.6)
    for side in (-1, 1):
        hu = _over(hu, at.disc(side * 22, y + 84, 15, 3.5, 1.5, side * 0.35), DENSE * 0.55)
    hu = _over(hu, at.disc(0, y + 84, 8, 7, 1.5), 20)
    hu = _over(hu, at.disc(0, y - b + 14, 17, 5, 1.5), DENSE * 0.45)
    for k in range(9):  # ribs, each further forward as the slices go down
        around = (0.42 + 0.5 * k + 2.1 * z) % 0.62 + 0.52 * (k % 6)
        for side in (-1, 1):
            x, down = side * (a - 13) * math.sin(around), y + (b - 12) * math.cos(around)
            turn = math.atan2(-(b - 12) * math.sin(around), side * (a - 13) * math.cos(around))
            hu = _over(hu, at.disc(x, down, 13, 4.4, 1.4, turn), DENSE * 0.75)
            hu = _over(hu, at.disc(x, down, 10.5, 2.4, 1.2, turn), SPONGY * 0.8)
    if z < 0.34:
        for side in (-1, 1):
            hu = _over(hu, at.disc(side * 112, y + 52, 38, 4, 1.5, -side * 0.75), DENSE * 0.7)
    return hu
