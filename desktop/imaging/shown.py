"""One picture as it is shown: its window, how it is turned and how large, and from these the image for the screen.

Reduced to the viewport once, the look-up on that (STACK-desktop §4): a changed window costs one look-up for each pixel of
the screen. Large pictures are drawn by the nearest pixel at once and smoothly a moment later, from a bench.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from PySide6.QtGui import QImage

from desktop.imaging.loading import Picture
from localdb.chart.images import Slide
from localdb.pixels.annotations import Over
from localdb.pixels.display import AUTO, ZERO_MAX, Pipeline, Sample, Value, Voi
from localdb.pixels.geometry import Edges, Placed, Point, View, aspect_of, edges_of
from localdb.pixels.measure import angle, length, region_values
from localdb.pixels.planes import overlay_of
from localdb.pixels.presets import Preset
from localdb.pixels.sampling import Grid, touched

AT_ONCE = 700_000  # pixels of a frame up to which smooth sampling is quick enough for the window's thread
STORED = "stored"


class Choice(NamedTuple):
    """Which window was asked for: the n-th as stored, AUTO, or one of a person's own (`voi`)."""

    kind: str = STORED
    number: int = 0
    voi: Voi | None = None


class SampleKey(NamedTuple):
    """What a sample is of: the frame, the part and size of it, how it was made."""

    want: Any
    grid: Grid
    smooth: bool
    shutter: bool


class Shown:
    """The state of one side. Nothing of it outlives its series (CLINICAL §4.2: never remembered between studies)."""

    def __init__(self) -> None:
        self.reset()
        self.picture: Picture | None = None
        self.slide: Slide | None = None
        self.pipeline: Pipeline | None = None
        self.edges, self.over = Edges(), Over()  # the letters; what presentation states draw over the picture
        self.voi = Voi()
        self._sample: tuple[SampleKey, Sample] | None = None
        self._image: tuple[Any, QImage, Any] | None = None
        self._overlay: tuple[Any, QImage | None, Any] | None = None

    def reset(self) -> None:
        """As it came: stored window, upright, fitted, with all that lies over it."""
        self.view, self.choice = View(), Choice()
        self.shutter = self.overlays = self.words = True
        self._revoi()

    def _revoi(self) -> None:
        if getattr(self, "pipeline", None) is not None:
            self.choose(self.choice)

    @property
    def transformed(self) -> bool:
        return self.view.flip or bool(self.view.rotation)

    def show(self, slide: Slide | None, picture: Picture | None) -> None:
        """Another frame; the window that a person chose and the view stay. A picture of another instance is refused."""
        if picture is not None and (
            slide is None
            or (picture.want.uid, picture.want.frame, picture.want.study)
            != (slide.instance.uid, slide.frame, slide.instance.study)
        ):
            picture = None
        was = self.picture.want.uid if self.picture is not None else ""
        self.slide, self.picture, self.over = slide, picture, Over()
        self._sample = self._image = self._overlay = None
        if picture is None:
            self.pipeline = None
            return
        self.pipeline = Pipeline(picture.facts, picture.want.frame)
        self.edges = edges_of(picture.facts, picture.want.frame)
        # A film has one reckoned window: one for each frame would flicker, and hide what grows brighter.
        is_reckoned = self.voi.label in (AUTO, ZERO_MAX) and (self.choice.kind == AUTO or not self.stored)
        if was != picture.want.uid or not is_reckoned:
            self.choose(self.choice)

    def like(self, other: Shown) -> None:
        """Window, view and layers of another state: of the same picture in a newer copy."""
        self.view, self.shutter, self.overlays, self.words = other.view, other.shutter, other.overlays, other.words
        self.choose(other.choice)

    def forget(self) -> None:
        self.show(self.slide, None)

    # -- the window

    @property
    def stored(self) -> tuple[Voi, ...]:
        return self.pipeline.sent() if self.pipeline is not None else ()

    def choose(self, choice: Choice) -> None:
        """Take a window; a stored one that this frame does not have is AUTO, and is called so."""
        self.choice, pipeline, picture = choice, self.pipeline, self.picture
        if pipeline is None or picture is None:
            return
        if choice.kind == AUTO:
            self.voi = pipeline.auto(picture.values)
        elif choice.voi is not None:
            self.voi = choice.voi
        else:
            sent = pipeline.sent()
            self.voi = sent[min(choice.number, len(sent) - 1)] if sent else pipeline.initial(picture.values)

    def next_stored(self) -> None:
        """The next window that the image brings, round and round."""
        count = max(1, len(self.stored))
        number = (self.choice.number + 1) % count if self.choice.kind == STORED and self.choice.voi is None else 0
        self.choose(Choice(STORED, number))

    def preset(self, preset: Preset) -> None:
        self.choose(Choice("preset", 0, Voi(preset.level, preset.width, label=preset.name)))

    def set_window(self, width: float, level: float) -> None:
        self.choose(
            Choice("own", 0, Voi(level, max(width, 1e-6), "LINEAR" if width >= 1 else "LINEAR_EXACT", "set by hand"))
        )

    def move_window(self, width: float, level: float) -> None:
        """By so many hundredths of the present width (as a drag and the keys do it)."""
        unit = max(abs(self.voi.width), 1.0) / 100
        moved = self.voi.moved(level * unit, width * unit)
        self.choose(Choice("own", 0, Voi(moved.center, moved.width, moved.function, "set by hand")))

    @property
    def is_colour(self) -> bool:
        return self.pipeline is not None and self.pipeline.is_colour

    # -- where it stands

    def placed(self, wide: int, high: int) -> Placed | None:
        """The picture within a viewport of so many physical pixels."""
        picture = self.picture
        if picture is None:
            return None
        aspect = aspect_of(picture.facts, picture.want.frame)
        rows, columns = picture.values.shape[:2]
        return Placed(rows, columns, max(wide, 1), max(high, 1), self.view, aspect)

    # -- the image

    def wanted(self, placed: Placed, *, smooth: bool) -> SampleKey | None:
        """The key of the sample that this place needs; smooth only where that is quick, unless asked for."""
        asked = placed.sampling()
        if asked is None or self.picture is None:
            return None
        return SampleKey(self.picture.want, Grid(*asked), smooth, self.shutter)

    def is_quick(self) -> bool:
        return self.picture is not None and self.picture.values.shape[0] * self.picture.values.shape[1] <= AT_ONCE

    def has(self, key: SampleKey) -> bool:
        return self._sample is not None and self._sample[0] == key

    def take(self, key: SampleKey, sample: Sample) -> bool:
        """A sample from a bench; False where it is no longer of what is shown."""
        if self.picture is None or key.want != self.picture.want or key.shutter is not self.shutter:
            return False
        self._sample = (key, sample)
        return True

    def sampling_job(self, key: SampleKey) -> Any:
        """The work that makes a sample, for a bench."""
        pipeline, picture = self.pipeline, self.picture
        assert pipeline is not None
        assert picture is not None
        return lambda _: pipeline.sample(picture.values, key.grid, smooth=key.smooth, shutter=key.shutter)

    def image(self, placed: Placed) -> QImage | None:
        """The picture for `placed.target()`, turned; from the best sample that is here, else by the nearest pixel."""
        smooth = self.wanted(placed, smooth=True)
        if smooth is None or self.pipeline is None or self.picture is None:
            return None
        quick = smooth if self.is_quick() else smooth._replace(smooth=False)
        if not (self.has(smooth) or self.has(quick)):
            made = self.pipeline.sample(self.picture.values, quick.grid, smooth=quick.smooth, shutter=quick.shutter)
            self._sample = (quick, made)
        assert self._sample is not None
        key = (self._sample[0], self.voi, self.view)
        if self._image is None or self._image[0] != key:
            grey = self.turned(self.pipeline.paint(self._sample[1], self.voi, invert=self.view.invert))
            self._image = (key, image_of(grey), grey)
        return self._image[1]

    def is_smooth(self, placed: Placed) -> bool:
        key = self.wanted(placed, smooth=True)
        return key is None or self.has(key)

    def overlay(self, placed: Placed) -> QImage | None:
        """What lies over the picture, white where it is set; None where there is nothing, or it is switched off."""
        asked = placed.sampling()
        if not self.overlays or asked is None or self.picture is None or not self.picture.facts.overlays:
            return None
        key = (asked, self.view)
        if self._overlay is None or self._overlay[0] != key:
            mask = overlay_of(self.picture.facts, self.picture.want.frame)
            if mask is None or not mask.any():
                self._overlay = (key, None, None)
            else:
                found = self.turned(touched(mask, Grid(*asked)))
                cells = np.zeros((*found.shape, 4), np.uint8)
                cells[found] = (59, 228, 240, 255)  # blue, green, red, alpha
                cells = np.ascontiguousarray(cells)
                made = QImage(cells.data, cells.shape[1], cells.shape[0], cells.strides[0], QImage.Format.Format_ARGB32)
                self._overlay = (key, made, cells)
        return self._overlay[1]

    def turned(self, cells: Any) -> Any:
        """Mirrored first, then turned clockwise, as the view says."""
        if self.view.flip:
            cells = cells[:, ::-1]
        if self.view.rotation:
            cells = np.rot90(cells, -(self.view.rotation // 90))
        return np.ascontiguousarray(cells)

    def value_at(self, pixel: tuple[int, int] | None) -> Value | None:
        if pixel is None or self.pipeline is None or self.picture is None:
            return None
        return self.pipeline.value_at(self.picture.values, *pixel)

    def measured(self, kind: str, points: tuple[Point, ...], zoom: float) -> tuple[str, ...]:
        """A measure in words: the result, then what must be said of it (CLINICAL §4.2)."""
        picture, pipeline = self.picture, self.pipeline
        if picture is None or pipeline is None:
            return ()
        facts, n = picture.facts, picture.want.frame
        if kind == "length":
            found = length(facts, points[0], points[1], n, zoom)
        elif kind == "angle":
            found = angle(facts, points[0], points[1], points[2], n)
        else:
            found = region_values(pipeline, picture.values, points[0], points[1], n=n)
        return (found.text, *found.caveats)


def image_of(cells: Any) -> QImage:
    """A QImage over these bytes: whoever keeps it keeps them too."""
    kind = QImage.Format.Format_Grayscale8 if cells.ndim == 2 else QImage.Format.Format_RGB888
    return QImage(cells.data, cells.shape[1], cells.shape[0], cells.strides[0], kind)
