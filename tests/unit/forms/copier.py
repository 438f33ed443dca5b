"""The fixed ways in which a printed page is seen: scanned, askew, in poor light, and as the copy of a copy of a copy.

Nothing here may be tuned to make a page pass: the pipeline is the measure (issue 7). A generation of copying is: a sheet
that lies a little askew and comes out a little larger or smaller, lenses that blur by 0.06 mm, toner that drives grey to
black or white, uneven by a tenth across the page, and dust: specks of 0.1 to 0.5 mm, black and white, 60 an A4, and one
thin streak along the drum. Copies are made at 300 dots an inch and seen at the resolution asked for.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from desktop.printing import preview

COPY_DPI = 300
GENERATIONS = 5
_A4_PIXELS = 2480 * 3508
FORMATS = [zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.Code128]


def page(pdf: bytes, number: int, dpi: int) -> Image.Image:
    """A page as a printer of that resolution puts it down, in grey."""
    made = preview.page_image(pdf, number, dpi)
    return Image.frombytes("RGBA", (made.width, made.height), made.rgba).convert("L")


def skewed(image: Image.Image, degrees: float = 3) -> Image.Image:
    """Laid askew on the glass."""
    return image.rotate(degrees, resample=Image.Resampling.BILINEAR, expand=True, fillcolor=255)


def noisy(image: Image.Image, seed: int) -> Image.Image:
    """Sensor noise (standard deviation 24 of 255), paper that is not white, and one pixel in a hundred wrong."""
    chosen = np.random.default_rng(seed)
    grey = np.asarray(image, dtype=np.float32) * 0.86 + 12
    grey += chosen.normal(0, 24, grey.shape).astype(np.float32)
    wrong = chosen.random(grey.shape, dtype=np.float32)
    grey[wrong < 0.005] = 0
    grey[wrong > 0.995] = 255
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def copied(image: Image.Image, seed: int, generations: int = GENERATIONS) -> Image.Image:
    """The copy of a copy: `image` at COPY_DPI."""
    chosen = random.Random(seed)
    for _ in range(generations):
        image = _one_copy(image, chosen)
    return image


def _one_copy(image: Image.Image, chosen: random.Random) -> Image.Image:
    wide, high = image.size
    scale, angle = 1 + chosen.uniform(-0.004, 0.004), math.radians(chosen.uniform(-0.5, 0.5))
    right, down = chosen.uniform(-6, 6), chosen.uniform(-6, 6)
    cos, sin = math.cos(angle) / scale, math.sin(angle) / scale
    x, y = wide / 2, high / 2
    turned = image.transform(
        (wide, high), Image.Transform.AFFINE,
        (cos, sin, x - cos * (x + right) - sin * (y + down), -sin, cos, y + sin * (x + right) - cos * (y + down)),
        resample=Image.Resampling.BILINEAR, fillcolor=255,
    )  # fmt: skip
    seen = turned.filter(ImageFilter.GaussianBlur(0.06 / 25.4 * COPY_DPI))
    middle = chosen.uniform(112, 150)  # darker or lighter than the one before
    toner = [round(255 / (1 + np.exp(-(v - middle) / 18))) for v in range(256)]
    across = np.linspace(chosen.uniform(-13, 13), chosen.uniform(-13, 13), wide, dtype=np.float32)
    uneven = np.clip(np.asarray(seen, dtype=np.int16) + across.astype(np.int16), 0, 255).astype(np.uint8)
    out = Image.fromarray(np.asarray(toner, dtype=np.uint8)[uneven])
    pen = ImageDraw.Draw(out)
    for n in range(round(60 * wide * high / _A4_PIXELS)):
        x, y = chosen.uniform(0, wide), chosen.uniform(0, high)
        size = chosen.uniform(0.1, 0.5) / 25.4 * COPY_DPI / 2
        pen.ellipse((x - size, y - size, x + size, y + size), fill=0 if n % 3 else 255)
    streak = chosen.uniform(0, wide)
    pen.line((streak, 0, streak + chosen.uniform(-3, 3), high), fill=chosen.choice((90, 200)), width=1)
    return out


def seen_at(image: Image.Image, dpi: int) -> Image.Image:
    """A page of COPY_DPI through a scanner of `dpi`."""
    if dpi == COPY_DPI:
        return image
    size = (round(image.width * dpi / COPY_DPI), round(image.height * dpi / COPY_DPI))
    return image.resize(size, Image.Resampling.BOX)


def codes_on(image: Image.Image) -> set[str]:
    """What every code on a picture says: seen as it came, and where nothing reads so, with single wrong pixels smoothed
    away (a median of 3 × 3), as the readers in scanners do."""
    found = {b.text for b in zxingcpp.read_barcodes(image, formats=FORMATS)}
    if not found:
        found = {b.text for b in zxingcpp.read_barcodes(image.filter(ImageFilter.MedianFilter(3)), formats=FORMATS)}
    return found


Way = Callable[[bytes, int, int, int], Image.Image]
WAYS: dict[str, Way] = {
    "clean": lambda pdf, number, dpi, seed: page(pdf, number, dpi),
    "skew 3°": lambda pdf, number, dpi, seed: skewed(page(pdf, number, dpi)),
    "noise": lambda pdf, number, dpi, seed: noisy(page(pdf, number, dpi), seed),
    "copy 5": lambda pdf, number, dpi, seed: seen_at(copied(page(pdf, number, COPY_DPI), seed), dpi),
}
