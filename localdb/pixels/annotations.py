"""What presentation states draw over one picture, as lines and texts in image coordinates (PS3.3 C.10.5). Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from localdb.pixels.geometry import Point
from localdb.records.presentations import Drawing, Presentation, Target
from localdb.records.vocabulary import Instance

_ROUND = 48  # corners of a circle
_CROSS = 4.0  # pixels from the middle of a point to its ends
_MOST_LINES = 600


class Over(msgspec.Struct, frozen=True):
    """What lies over a picture: `lines` of points, `texts` with their place, `unplaced` texts without one; `words` what a
    person is told of it, "" where nothing is about this picture."""

    lines: tuple[tuple[Point, ...], ...] = ()
    texts: tuple[tuple[Point, str], ...] = ()
    unplaced: tuple[str, ...] = ()
    words: str = ""


def over(instances: Iterable[Instance], uid: str, frame: int = 0) -> Over:
    """What the presentation states among some instances draw over frame `frame` (from 0) of the image `uid`."""
    lines: list[tuple[Point, ...]] = []
    texts: list[tuple[Point, str]] = []
    unplaced: list[str] = []
    said: list[str] = []
    for one in instances:
        shown = one.presentation
        if shown is None or not _is_about(one, uid):
            continue
        drawn = [d for d in shown.drawings if _names(d.images, uid, frame)]
        written = [w for w in shown.wordings if _names(w.images, uid, frame)]
        lines += [line for d in drawn for line in outline(d)]
        for wording in written:
            at = _points(wording.at)
            texts += [(at[0], wording.text)] if at else []
            unplaced += [] if at else [wording.text]
        words = _words(one, shown, bool(drawn or written))
        said += [words] if words else []
    return Over(tuple(lines[:_MOST_LINES]), tuple(texts), tuple(unplaced), "; ".join(dict.fromkeys(said)))


def outline(drawing: Drawing) -> list[tuple[Point, ...]]:
    """The lines of a graphic; none where its points make none."""
    points = _points(drawing.points)
    if drawing.kind == "POINT" and points:
        (x, y) = points[0]
        return [((x - _CROSS, y), (x + _CROSS, y)), ((x, y - _CROSS), (x, y + _CROSS))]
    if drawing.kind in ("POLYLINE", "INTERPOLATED") and len(points) >= 2:
        return [tuple(points)]
    if drawing.kind == "CIRCLE" and len(points) == 2:
        radius = math.dist(*points)
        return [_round(points[0], (radius, 0.0), (0.0, radius))]
    if drawing.kind == "ELLIPSE" and len(points) == 4:
        (a, b), (c, d) = points[:2], points[2:]
        middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        return [_round(middle, ((b[0] - a[0]) / 2, (b[1] - a[1]) / 2), ((d[0] - c[0]) / 2, (d[1] - c[1]) / 2))]
    return []


def _round(middle: Point, long: Point, short: Point) -> tuple[Point, ...]:
    turns = [2 * math.pi * n / _ROUND for n in range(_ROUND + 1)]
    return tuple(
        (
            middle[0] + long[0] * math.cos(t) + short[0] * math.sin(t),
            middle[1] + long[1] * math.cos(t) + short[1] * math.sin(t),
        )
        for t in turns
    )


def _points(texts: tuple[str, ...]) -> list[Point]:
    try:
        numbers = [float(t) for t in texts]
    except ValueError:
        return []
    if len(numbers) % 2 or not all(map(math.isfinite, numbers)):
        return []
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _is_about(one: Instance, uid: str) -> bool:
    return not one.pointed or uid in one.pointed


def _names(images: tuple[Target, ...], uid: str, frame: int) -> bool:
    return not images or any(t.uid == uid and (not t.frames or frame + 1 in t.frames) for t in images)


def _words(one: Instance, shown: Presentation, is_drawn: bool) -> str:
    """`Annotations of Dr Abara: Arrows. Not applied: its window`."""
    named = f"Annotations of {shown.author}" if shown.author else "Annotations"
    titled = f"{named}: {one.title}" if one.title else named
    beyond = f"Not applied: its {', '.join(shown.left_out)}" if shown.left_out else ""
    if is_drawn:
        return f"{titled}. {beyond}" if beyond else titled
    return f"{titled} not shown here. {beyond}" if beyond else ""
