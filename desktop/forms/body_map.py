"""A body map, front and back, as lines: where a wound, a bruise or a line is (CLINICAL §6, F20). An own drawing.

One half of the outline is written down as points from the top of the head to the inside of the leg, in units of a
hundredth of the height, and mirrored; the points are joined by smooth curves.
"""

from __future__ import annotations

from collections.abc import Sequence

from desktop.forms.blocks import Block, Strip
from desktop.forms.language import tr
from desktop.forms.sheet import Sheet
from desktop.forms.type import Style

Step = tuple[str, tuple[float, ...]]
Point = tuple[float, float]
# x from the middle line to the side, y down: head, neck, shoulder, arm, hand, inside of the arm, side, leg, foot.
_HEAD: tuple[Point, ...] = ((0, 0), (3.4, 0.9), (4.7, 4.2), (4.5, 7.4), (3.4, 10.4), (2.4, 11.8))
_ARM: tuple[Point, ...] = (
    (2.4, 11.8), (2.5, 14.2), (5.2, 15.8), (9.0, 17.0), (11.0, 19.4), (11.9, 24), (12.6, 31), (14.0, 37), (15.2, 43),
    (16.2, 47.6), (17.6, 50.4), (18.0, 53.6), (16.9, 56.2), (15.4, 56.6), (14.4, 53.6), (13.7, 48.4), (12.2, 43),
    (10.8, 37.6), (9.6, 31), (8.6, 25.4),
)  # fmt: skip
_SIDE: tuple[Point, ...] = (
    (8.6, 25.4), (8.1, 31), (7.5, 36.4), (8.0, 41), (9.0, 46), (9.4, 51), (9.0, 58), (8.0, 65), (6.9, 71.4), (7.1, 77),
    (6.9, 82), (5.5, 89), (4.9, 93.6), (5.6, 96.4), (7.6, 98.6), (6.8, 99.8), (3.4, 99.6), (2.2, 98), (2.2, 93.6),
    (2.1, 88), (1.9, 81), (1.6, 74), (1.5, 68), (1.0, 60), (0, 52.6),
)  # fmt: skip
# What tells the back from the front, and where joints and breast are; from the middle line out, each mirrored.
_FRONT: tuple[tuple[Point, ...], ...] = (
    ((1.4, 5.2), (2.4, 5.0)), ((0, 6.2), (0.7, 8.0), (0, 8.2)), ((0, 9.6), (1.5, 9.4)),
    ((0.6, 17.4), (3.4, 17.2), (7.0, 16.9)),
    ((2.0, 25.6), (4.6, 26.6), (7.0, 25.2)), ((0, 39.6), (0.4, 40.2)), ((1.2, 51.4), (5.0, 49), (8.6, 45.6)),
    ((3.0, 70.6), (4.6, 71.8), (6.0, 70.6)),
)  # fmt: skip
_BACK: tuple[tuple[Point, ...], ...] = (
    ((0, 15), (0, 44)), ((3.4, 20.5), (2.4, 26), (5.6, 28)), ((0, 46), (0, 54)), ((0.6, 54), (4.4, 55.4), (8.2, 53.2)),
    ((2.4, 71), (4.4, 71.6), (6.2, 71)), ((3.0, 96.6), (3.8, 97.2), (4.8, 96.6)),
)  # fmt: skip
_LABEL, _SIDE_NAME = Style("semibold", 10), Style("regular", 9)


def smooth(points: Sequence[Point], *, mirrored: bool = False) -> tuple[Step, ...]:
    """A curve through the points (Catmull-Rom as cubic Béziers); `mirrored` at the middle line."""
    p = [(-x, y) if mirrored else (x, y) for x, y in points]
    steps: list[Step] = [("m", p[0])]
    for n in range(len(p) - 1):
        before, here, there, after = p[max(n - 1, 0)], p[n], p[n + 1], p[min(n + 2, len(p) - 1)]
        one = (here[0] + (there[0] - before[0]) / 6, here[1] + (there[1] - before[1]) / 6)
        two = (there[0] - (after[0] - here[0]) / 6, there[1] - (after[1] - here[1]) / 6)
        steps.append(("c", (*one, *two, *there)))
    return tuple(steps)


def _figure(sheet: Sheet, x: float, y: float, high: float, more: Sequence[tuple[Point, ...]]) -> None:
    """A figure whose middle line stands at `x`, `high` points tall."""
    for mirrored in (False, True):
        for points in (_HEAD, _ARM, _SIDE):
            sheet.strokes(smooth(points, mirrored=mirrored), x, y, high / 100, 0.9)
        for points in more:
            sheet.strokes(smooth(points, mirrored=mirrored), x, y, high / 100, 0.5)


def body_map(wide: float, high: float) -> Block:
    """Front and back side by side across `wide` points, with the patient's right and left named on each."""
    tall = high - 18

    def draw(sheet: Sheet, x: float, y: float) -> None:
        for n, (name, more) in enumerate(((tr("Front"), _FRONT), (tr("Back"), _BACK))):
            middle = x + wide * (0.25 + 0.5 * n)
            sheet.text(middle, y + 10, name, _LABEL, align="centre")
            _figure(sheet, middle, y + 15, tall, more)
            # Seen from before, the patient's right is at the reader's left.
            first, second = (tr("right"), tr("left")) if n == 0 else (tr("left"), tr("right"))
            sheet.text(middle - tall * 0.09, y + 15 + tall * 0.04, first, _SIDE_NAME, align="right")
            sheet.text(middle + tall * 0.09, y + 15 + tall * 0.04, second, _SIDE_NAME)

    return Block((Strip(high, draw),))
