"""From a side of the viewer to the wish for a printed image: the same picture, window, turn, part and measures. No pixels:
the process that makes the page reads them again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from desktop.printing.image_wish import ImageWish, Mark, Shade

if TYPE_CHECKING:
    from desktop.imaging.marks import Mark as Measured
    from desktop.imaging.sides import Side

_ROUND = 48  # points of a printed ellipse


def wish_of(side: Side) -> ImageWish | None:
    """The image that is shown on a side, as it is shown; None where none is."""
    shown, slide, placed = side.view.shown, side.view.shown.slide, side.view.placed()
    if shown.picture is None or slide is None or placed is None:
        return None
    voi = shown.voi
    is_whole = not shown.view.zoom and shown.view.pan is None
    return ImageWish(
        study=slide.instance.study, image=slide.instance.uid, frame=slide.frame,
        shade=None if shown.is_colour else Shade(voi.center, voi.width, voi.function, voi.label, voi.table),
        view=shown.view, viewport=(0, 0) if is_whole else (placed.width, placed.height),
        marks=tuple(_mark(m) for m in side.view.marks.done), overlays=shown.overlays, shutter=shown.shutter,
    )  # fmt: skip


def _mark(measured: Measured) -> Mark:
    text = ", ".join(measured.texts)
    if measured.kind != "area" or len(measured.points) != 2:
        return Mark(measured.points, text)
    (x0, y0), (x1, y1) = measured.points
    turns = [2 * math.pi * n / _ROUND for n in range(_ROUND + 1)]
    ring = tuple(
        ((x0 + x1) / 2 + math.cos(t) * (x1 - x0) / 2, (y0 + y1) / 2 + math.sin(t) * (y1 - y0) / 2) for t in turns
    )
    return Mark(ring, text)
