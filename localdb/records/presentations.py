"""What a presentation state draws over images (PS3.3 C.10.5), as far as it is kept; the rest is named in words."""

from __future__ import annotations

import msgspec


class Target(msgspec.Struct, frozen=True, omit_defaults=True):
    """An image that something is drawn over: its SOP Instance UID, and the frames (from 1) where not all."""

    uid: str
    frames: tuple[int, ...] = ()


class Drawing(msgspec.Struct, frozen=True, omit_defaults=True):
    """A graphic: `kind` POINT, POLYLINE, INTERPOLATED, CIRCLE (its middle, a point on it) or ELLIPSE (ends of the long
    axis, of the short one); `points` x, y, x, y … in image pixels, 0 at the edge of the first one, as sent. `images`
    () is all that the presentation state is about."""

    kind: str
    points: tuple[str, ...]
    images: tuple[Target, ...] = ()


class Wording(msgspec.Struct, frozen=True, omit_defaults=True):
    """A text over an image: `at` x, y in image pixels, () where it has no place in the picture."""

    text: str
    at: tuple[str, ...] = ()
    images: tuple[Target, ...] = ()


class Presentation(msgspec.Struct, frozen=True, omit_defaults=True):
    """`author` who made it, as sent. `left_out`: what it says beyond that, which nobody applies here, in words (its window,
    its rotation …)."""

    drawings: tuple[Drawing, ...] = ()
    wordings: tuple[Wording, ...] = ()
    author: str = ""
    left_out: tuple[str, ...] = ()
