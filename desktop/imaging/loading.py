"""Pictures come from the encrypted copy on a bench of their own, never in the window's thread (DESIGN §3, D12).

A `Loader` serves one viewer of one patient. What is wanted now goes first, then what is likely next, then thumbnails; one
piece of work is on the bench at a time, so that a newer wish never stands behind old ones. What was decoded is kept within
a bound of bytes, the least used goes first, and all of it goes at a lock. An answer is taken only while the page stands on
the key with which it was asked for (hazard H02).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, Signal

from desktop.patient.keyed import PatientKey, Stand
from desktop.shell.context import Context
from localdb.chart.images import Slide
from localdb.errors import InputRefused, WardlampError

if TYPE_CHECKING:  # numpy and the decoders come with the first picture, not with the first screen
    from localdb.pixels.container import Array
    from localdb.pixels.facts import Facts

MOST_DECODED = 160 * 2**20  # bytes of decoded frames
MOST_FILES = 48 * 2**20  # bytes of pixel files as they lie in the copy
MOST_THUMBS = 600
THUMB = 96  # px: a thumbnail is decoded at the smallest size that is not smaller than this


class ImageNotHeld(InputRefused):
    """The record of an image is here, its pixels are not."""

    code = "image.not_held"
    next_step = "See the report, or look at the image on a screen of the department; telephone them for its content."


class Want(NamedTuple):
    """One frame as it is asked for: for whom, of which study and instance, in which file; `small`: as a thumbnail."""

    key: PatientKey
    study: str
    uid: str
    frame: int
    blob: str
    rows: int
    columns: int
    small: bool = False


class Picture(NamedTuple):
    """A decoded frame with what decides how it is shown."""

    want: Want
    values: Array
    facts: Facts


def want_of(key: PatientKey, slide: Slide, *, small: bool = False) -> Want | None:
    """What to ask for to see a slide; None where it is not held."""
    run, one = slide.run, slide.instance
    if run is None:
        return None
    return Want(key, one.study, one.uid, slide.frame, run.blob, one.rows, one.columns, small)


class Decoded:
    """Frames within a bound of bytes; the least used goes first."""

    def __init__(self, most: int) -> None:
        self._most, self.used = most, 0
        self._held: OrderedDict[Want, Picture] = OrderedDict()

    def get(self, want: Want) -> Picture | None:
        found = self._held.get(want)
        if found is not None:
            self._held.move_to_end(want)
        return found

    def __contains__(self, want: Want) -> bool:
        return want in self._held

    def __len__(self) -> int:
        return len(self._held)

    def put(self, picture: Picture) -> None:
        """Keep it, and let the least used go; one that is larger than the bound is kept alone."""
        self.drop(picture.want)
        self._held[picture.want] = picture
        self.used += picture.values.nbytes
        while self.used > self._most and len(self._held) > 1:
            _, gone = self._held.popitem(last=False)
            self.used -= gone.values.nbytes

    def drop(self, want: Want) -> None:
        gone = self._held.pop(want, None)
        if gone is not None:
            self.used -= gone.values.nbytes

    def clear(self) -> None:
        self._held.clear()
        self.used = 0


class Files:
    """Pixel files as bytes, used in the bench's thread alone."""

    def __init__(self, most: int = MOST_FILES) -> None:
        self._most, self._used = most, 0
        self._held: OrderedDict[str, Any] = OrderedDict()

    def open(self, reading: Any, blob: str) -> Any:
        """The pixel file of that name. Raises image.not_held, image.damaged, vault.damaged."""
        from localdb.pixels.container import PixelFile

        found = self._held.get(blob)
        if found is not None:
            self._held.move_to_end(blob)
            return found[0]
        data = reading.blob(blob)
        if data is None:
            raise ImageNotHeld("This copy knows of the image, but does not hold its pixels.")
        made = PixelFile(data)
        self._held[blob] = (made, len(data))
        self._used += len(data)
        while self._used > self._most and len(self._held) > 1:
            _, (_, size) = self._held.popitem(last=False)
            self._used -= size
        return made


def decoded(files: Files, reading: Any, want: Want) -> Picture:
    """The frame, decoded; on the bench. A thumbnail comes as eight-bit grey or colour in its first window, decoded at a
    fraction of its size where its coding can give that, else thinned."""
    file = files.open(reading, want.blob)
    if not want.small:
        return Picture(want, file.frame(want.frame), file.facts)
    return Picture(want, _thumbnail(file, want), file.facts)


def _thumbnail(file: Any, want: Want) -> Array:
    from msgspec.structs import replace
    from numpy import ascontiguousarray

    from localdb.pixels.display import Pipeline

    least, skip = min(want.rows, want.columns) or 1, 0
    while skip < 5 and least >> (skip + 1) >= THUMB:
        skip += 1
    values = file.frame(want.frame, skip)
    step = max(1, min(values.shape[0], values.shape[1]) // THUMB)
    values = ascontiguousarray(values[::step, ::step])
    high, wide = values.shape[:2]
    pipeline = Pipeline(replace(file.facts, rows=high, columns=wide, shutters=(), overlays=()), want.frame)
    return pipeline.render(values, pipeline.initial(values))


class Loader(QObject):
    """`arrived` tells of a picture that is here now, `failed` of one that cannot be shown, with the error."""

    arrived = Signal(object)  # Want
    failed = Signal(object, object)  # Want, WardlampError

    def __init__(self, context: Context, stand: Stand, key: PatientKey, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._stand, self._key = context, stand, key
        self._files = Files()
        self.decoded, self.small = Decoded(MOST_DECODED), OrderedDict[Want, Picture]()
        self.errors: dict[Want, WardlampError] = {}
        self.refused = 0  # answers that were not for this patient, and were turned away
        self._now: list[Want] = []
        self._ahead: list[Want] = []
        self._thumbs: list[Want] = []
        self._running: Want | None = None
        self._turn = 0
        context.locking.connect(self.forget)

    @property
    def is_idle(self) -> bool:
        return self._running is None

    def wish(self, now: Iterable[Slide], ahead: Iterable[Slide] = (), thumbs: Iterable[Slide] = ()) -> None:
        """What shall be here: `now` first, then `ahead` in that order, then thumbnails. Replaces the former wish."""
        self._now = self._missing(now)
        self._ahead = self._missing(ahead)
        self.wish_thumbs(thumbs)

    def wish_thumbs(self, thumbs: Iterable[Slide]) -> None:
        self._thumbs = self._missing(thumbs, small=True)
        self._go_on()

    def _missing(self, slides: Iterable[Slide], *, small: bool = False) -> list[Want]:
        held: Any = self.small if small else self.decoded
        wants = (want_of(self._key, s, small=small) for s in slides)
        return [w for w in wants if w is not None and w not in held and w not in self.errors and w != self._running]

    def picture(self, slide: Slide) -> Picture | None:
        """The picture, if it is here; None while it is on its way or where it is not held."""
        want = want_of(self._key, slide)
        return self.decoded.get(want) if want is not None else None

    def thumb(self, slide: Slide) -> Picture | None:
        want = want_of(self._key, slide, small=True)
        return self.small.get(want) if want is not None else None

    def error(self, slide: Slide) -> WardlampError | None:
        want = want_of(self._key, slide)
        return self.errors.get(want) if want is not None else None

    def forget(self) -> None:
        """Let go of everything that was read and decoded (the curtain falls; another study is opened)."""
        self._turn += 1
        self._files = Files()
        self.decoded.clear()
        self.small.clear()
        self.errors.clear()
        self._now, self._ahead, self._thumbs, self._running = [], [], [], None

    def take_over(self, other: Loader) -> None:
        """What the loader of the same patient's former frame has decoded; nothing of another patient's."""
        if other is not self and other._key == self._key:
            self.decoded, self.small = other.decoded, other.small

    def admits(self, key: PatientKey) -> bool:
        """Whether an answer that was asked for with this key may be taken now (H02)."""
        return key == self._key and self._stand.admits(key)

    def _next(self) -> Want | None:
        for wishes in (self._now, self._ahead, self._thumbs):
            if wishes:
                return wishes.pop(0)
        return None

    def _go_on(self) -> None:
        if self._running is not None or not self._stand.admits(self._key):
            return
        want = self._next()
        if want is None:
            return
        self._running = want
        job = _job(self._files, want)
        self._context.reading_bench("images").ask((self._turn, want), job, self._on_picture, self._on_failed)

    def _on_picture(self, key: Hashable, picture: Picture) -> None:
        if not self._is_mine(key, picture.want):
            return
        self._running = None
        if picture.want.small:
            self.small[picture.want] = picture
            while len(self.small) > MOST_THUMBS:
                self.small.popitem(last=False)
        else:
            self.decoded.put(picture)
        self.arrived.emit(picture.want)
        self._go_on()

    def _on_failed(self, key: Hashable, error: WardlampError) -> None:
        want = key[1] if isinstance(key, tuple) else None
        if isinstance(want, Want) and self._is_mine(key, want):
            self._running = None
            self.errors[want] = error
            self.failed.emit(want, error)
            self._go_on()

    def _is_mine(self, key: Hashable, want: Want) -> bool:
        asked = key if isinstance(key, tuple) else (-1, None)
        if asked == (self._turn, want) and self.admits(want.key):
            return True
        self.refused += 1
        if asked[0] == self._turn:  # the page went on to another patient: nothing of this one is held any longer
            self.forget()
        return False


def _job(files: Files, want: Want) -> Callable[[Any], Picture]:
    return lambda reading: decoded(files, reading, want)
