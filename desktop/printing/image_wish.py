"""Which image shall be printed or exported, and how it was shown: names and numbers only, no pixels (the process that makes
the page reads them itself). No Qt, no numpy: the window makes these."""

from __future__ import annotations

import msgspec

from localdb.pixels.geometry import View


class Mark(msgspec.Struct, frozen=True):
    """What was drawn on an image: `points` (x, y) in image pixels with the edges at whole numbers, joined by lines; `text`
    stands at the last."""

    points: tuple[tuple[float, float], ...]
    text: str = ""


class Shade(msgspec.Struct, frozen=True):
    """A window as it was chosen: `localdb.pixels.display.Voi` without what draws in numpy."""

    center: float
    width: float
    function: str = "LINEAR"
    label: str = ""
    table: int = -1


class ImageWish(msgspec.Struct, frozen=True):
    """One image: frame `frame` (from 0) of SOP instance `image` of `study` (UIDs). Without an image: number `number` (from
    1) of the series `series` (a UID or number; "": all series one after another), 0 = the one that is shown first. Without
    a study: chosen by rule, at most `most` (`picturing.chosen`).

    `shade` the window, None as stored (`is_auto`: AUTO); `view` how it was turned, zoomed and moved within a `viewport` of
    so many pixels, (0, 0) = all of it; `marks` what was drawn on it; `overlays`, `shutter` as they were switched.
    """

    study: str = ""
    image: str = ""
    frame: int = 0
    series: str = ""
    number: int = 0
    most: int = 4
    shade: Shade | None = None
    is_auto: bool = False
    view: View = View()
    viewport: tuple[int, int] = (0, 0)
    marks: tuple[Mark, ...] = ()
    overlays: bool = True
    shutter: bool = True
