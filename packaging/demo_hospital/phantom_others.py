"""A foot as a radiograph shows it, and the vessels of a leg as colour Doppler does, frame by frame. Invented, nobody's."""

from __future__ import annotations

import math

import numpy as np
from phantom_parts import Field, Plane, Point, blurred, noise, round_path, smooth, stamped

FRAMES, FRAME_MS = 16, 62


def _rng(seed: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(int.from_bytes(seed.encode()[-16:], "big")))


def _bone(at: Plane, points: list[Point], half: list[float]) -> Field:
    deep = at.tube(points, half)
    wall = np.exp(-(((deep - 0.2) / 0.14) ** 2)) * (deep > 0)
    return 0.62 * round_path(deep) + 0.5 * wall


def foot(seed: str) -> np.ndarray:
    """The right foot from above, 10 bits (MONOCHROME1: bone is low), the great toe at the right of the picture."""
    at = Plane(150, 250, 0.28)
    rng = _rng(f"foot {seed}")
    flesh = at.tube([(0, 240), (-2, 190), (-4, 130), (-6, 92)], [30, 33, 39, 43])
    bone = at.zeros()
    toes: tuple[tuple[float, float, float, float, int], ...] = (
        (26, 84, 18, 7.6, 2), (10, 76, 20, 5.0, 3), (-5, 82, 20, 4.6, 3), (-19, 92, 18, 4.4, 3), (-32, 106, 15, 4.2, 3),
    )  # fmt: skip
    for n, (x, y, tip, half, parts) in enumerate(toes):
        root = (6 - 7.5 * n + 7, 152 - 2.5 * n + (7 if n == 4 else 0))
        middle = ((x + root[0]) / 2 - 1, (y + root[1]) / 2)
        bone += _bone(at, [root, middle, (x, y)], [half * 1.15, half * 0.72, half * 1.12])
        lean = (x - root[0]) / (root[1] - y) * 0.5
        top, length = y - half * 1.3, (62.0 - 5 * n) / (parts + 0.4)
        for part in range(parts):
            long = length * (1.25, 0.85, 0.8)[part]
            tip_x = x + lean * (y - top + long)
            bone += _bone(at, [(x + lean * (y - top), top), (tip_x, top - long + 3)],
                          [half * (0.98 - 0.16 * part), half * (0.8 - 0.14 * part)])  # fmt: skip
            top -= long + 1.5
        flesh = np.maximum(
            flesh, at.tube([(x, y + 12), (x + lean * (y - top), top + tip * 0.35)], [half * 2.1, half * 1.75])
        )
    for x, y, a, b, turn in (
        (10, 166, 9, 10, 0.2), (-3, 165, 7, 9, 0.0), (-14, 166, 8, 10, -0.2), (-26, 176, 12, 13, -0.2),
        (4, 184, 17, 9, 0.15), (2, 206, 17, 17, 0.0), (-16, 218, 17, 28, 0.1),
    ):  # fmt: skip
        dome = at.dome(x, y, a, b, turn)
        bone += 0.62 * dome + 0.4 * np.exp(-(((dome - 0.42) / 0.2) ** 2)) * (dome > 0)
    for x, y in ((21, 88), (31, 88)):
        bone += 0.5 * at.dome(x, y, 3.6, 4.4)
    gas = at.zeros()
    for _ in range(26):
        gas = np.maximum(gas, at.disc(33 + rng.integers(-8, 8), 70 + rng.integers(-24, 22), 1.6, 1.2, 1))
    texture = 1 + 0.16 * noise(rng, bone.shape, 2)
    path = blurred(1.25 * round_path(flesh) * (1 - 0.35 * gas) + 1.1 * bone * texture, 1, 2)
    path += noise(rng, path.shape, 1) * 0.03
    values = np.clip(60 + path * 290, 0, 1000)
    stamped(values, "R", 40, 470, 7, 1010)
    return np.clip(1023 - np.rint(values), 0, 1023).astype(np.uint16)


def doppler(seed: str) -> np.ndarray:
    """FRAMES colour pictures (n, 300, 400, 3): a vein that is full of flow beside an artery that beats."""
    at, rng = Plane(40, 30, 0.1), _rng(f"doppler {seed}")
    grains = [np.abs(noise(rng, (at.rows, at.columns), 1)) for _ in range(3)]
    return np.stack([_frame(at, grains, n) for n in range(FRAMES)])


def _frame(at: Plane, grains: list[Field], n: int) -> np.ndarray:
    beat = math.exp(-(((n % 8) - 1.6) ** 2) / 2.4)
    turn = 2 * math.pi * n / FRAMES
    speckle = (grains[0] * (1.2 + math.cos(turn)) + grains[1] * (1.2 + math.sin(turn)) + grains[2] * 1.4) * 1.5
    depth = at.y
    wave = 0.5 * np.sin(at.x * 0.35) + 0.3 * np.sin(at.x * 0.9 + 1)
    level = 0.2 + 0.3 * smooth((depth - 4.5 + wave) / 0.5) - 0.18 * smooth((depth - 9.5 + wave) / 0.8)
    for y, strong in ((4.6, 0.5), (9.4, 0.35), (12.1, 0.25), (25, 0.3)):
        level = level + strong * np.exp(-(((depth - y + wave) / 0.25) ** 2))
    vessels = ((-4.2, 17.4, 4.3 + 0.25 * beat, 3.9 + 0.25 * beat), (6.0, 15.6, 3.1 + 0.35 * beat, 3.1 + 0.35 * beat))
    for x, y, a, b in vessels:
        level = level * (1 - 0.94 * at.disc(x, y, a, b, 0.5))
        level = level + 0.45 * np.exp(-(((np.sqrt(((at.x - x) / a) ** 2 + ((at.y - y) / b) ** 2) - 1.08) / 0.08) ** 2))
        level = level * (1 + 0.5 * at.disc(x, y + 8, a * 0.8, 6, 2))
    grey = np.clip(level * speckle * 255 * np.exp(-depth / 55), 0, 255)
    grey = blurred(grey, 1, 1) * (np.abs(at.x) < 18.4)
    colour = np.repeat(grey[:, :, None], 3, axis=2)
    box = (np.abs(at.x - 0.6) < 11.6) & (np.abs(at.y - 16.4) < 6.2)
    swirl = 0.75 + 0.25 * np.sin(at.x * 2.1 + turn * 2) * np.cos(at.y * 1.7 - turn)
    for (x, y, a, b), speed, hue in (
        (vessels[0], 0.55 + 0.12 * math.sin(turn), (20, 60, 235)), (vessels[1], 0.3 + 0.75 * beat, (240, 70, 15)),
    ):  # fmt: skip
        flow = np.clip(at.dome(x, y, a * 0.94, b * 0.94) * speed * swirl * 1.3, 0, 1) * box
        share = smooth(flow / 0.22)[:, :, None]
        colour = colour * (1 - share) + np.clip(np.array(hue) * (0.35 + flow[:, :, None]), 0, 255) * share
    edge = (np.abs(np.maximum(np.abs(at.x - 0.6) / 11.6, np.abs(at.y - 16.4) / 6.2) - 1) < 0.008)[:, :, None]
    colour = np.where(edge, 200.0, colour)
    bar = (at.x > 18.9) & (at.x < 19.5) & (depth > 3) & (depth < 13)
    up = ((13 - depth) / 10) * np.ones_like(at.x)
    red, blue = np.clip(up * 2 - 1, 0, 1) * 240, np.clip(1 - up * 2, 0, 1) * 240
    colour = np.where(bar[:, :, None], np.stack([red, red * 0.2 + blue * 0.2, blue], axis=2), colour)
    return np.clip(np.rint(colour), 0, 255).astype(np.uint8)
