"""The pictures of one study: series and their order, key images first, what is held, what is missing, in words. Pure.

Rules (CLINICAL §4.1-§4.3, hazards H18, H19): nothing that is missing may look as if it were not there: what is known and
not held has its place in the stack with the reason, what a source counts and nobody sent is counted at the end, and a jump
between slices is said where it is. Presets are typical figures and are called so; a site may give its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from localdb.records.vocabulary import ImagingStudy, Instance, Pixels, Series

KEY_OBJECT = "1.2.840.10008.5.1.4.1.1.88.59"
PRESENTATION = "1.2.840.10008.5.1.4.1.1.11."
KEY_SERIES = "key"  # the place of a list of key images, where the UID of a series stands
REVIEW_ONLY = "REVIEW ONLY. NOT FOR PRIMARY DIAGNOSIS"
ANNOTATED = "Annotations exist, not shown"
MOST_SLIDES = 20_000  # of one series: a header that counts more frames is shown up to here, and that is said


class Slide(msgspec.Struct, frozen=True):
    """One picture: frame `frame` (from 0) of `instance`. `gap`: how many slices are missing just before it, by the
    distance between slices or by the numbers; `is_key`: a key object selection points to it."""

    instance: Instance
    frame: int = 0
    gap: int = 0
    is_key: bool = False

    @property
    def run(self) -> Pixels | None:
        """The run of frames in which this one is held; None where it is not."""
        return next((p for p in self.instance.pixels if p.first <= self.frame < p.first + p.count), None)

    @property
    def is_held(self) -> bool:
        return self.run is not None

    @property
    def why(self) -> str:
        """The code of the reason why it is not held; image.not_held where none was given."""
        return "" if self.is_held else self.instance.unheld or "image.not_held"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One series as it is looked through. `held` and `total` count instances as the study's record does (None: no source
    said how many there are); `slides` are the pictures in reading order; `cut_off`: there are more than are shown."""

    uid: str
    number: int | None = None
    text: str = ""
    modality: str = ""
    laterality: str = ""
    body_site: str = ""
    held: int = 0
    total: int | None = None
    slides: tuple[Slide, ...] = ()
    cut_off: bool = False

    @property
    def title(self) -> str:
        """`Series 2, PA erect`."""
        if self.uid == KEY_SERIES:
            return "Key images"
        number = f"Series {self.number}" if self.number is not None else "Series without a number"
        return f"{number}, {self.text}" if self.text else number

    @property
    def unlisted(self) -> int:
        """How many instances a source counts of which nothing is known here."""
        known = len({s.instance.uid for s in self.slides})
        return max((self.total or 0) - max(known, self.held), 0) if self.uid != KEY_SERIES else 0

    @property
    def gaps(self) -> int:
        """How many places in the series miss slices."""
        return sum(1 for s in self.slides if s.gap)


class Preset(msgspec.Struct, frozen=True):
    """A window by name: `width` and `level` in the units of the picture (HU for CT)."""

    name: str
    width: float
    level: float


# CLINICAL §4.3, CT: typical, vendors vary.
TYPICAL = (
    Preset("Brain", 80, 40), Preset("Stroke", 40, 40), Preset("Subdural", 200, 75), Preset("Temporal bone", 2800, 600),
    Preset("Lung", 1500, -600), Preset("Mediastinum", 350, 50), Preset("Abdomen", 400, 50), Preset("Liver", 150, 30),
    Preset("Bone", 1800, 400), Preset("Spine", 250, 50), Preset("CT angiogram", 700, 100), Preset("Neck", 350, 50),
)  # fmt: skip


def presets_of(site: dict[str, Any], modality: str) -> tuple[tuple[Preset, ...], str]:
    """(presets, whose they are) for a modality: the site's own (`[imaging] presets = [{name, width, level}]`) in place of
    the typical ones. None for anything but CT: other pictures have no fixed numbers."""
    if modality != "CT":
        return (), ""
    own = (site.get("imaging") or {}).get("presets") or ()
    made = tuple(p for p in (_preset(one) for one in own) if p is not None)
    return (made, "of this site") if made else (TYPICAL, "typical")


def _preset(given: Any) -> Preset | None:
    try:
        made = msgspec.convert(given, Preset, strict=False)
    except msgspec.ValidationError:
        return None
    return made if made.name and made.width >= 1 else None


def is_annotation(instance: Instance) -> bool:
    return instance.sop_class.startswith(PRESENTATION)


def rows_of(study: ImagingStudy, instances: Iterable[Instance]) -> tuple[Row, ...]:
    """The series with pictures, key images first, then by series number. Counts are those of the study's record, where it
    knows the series; series of which no picture is known here stand at the end, empty, with their count."""
    by_series: dict[str, list[Instance]] = {}
    pointed: set[str] = set()
    for one in instances:
        if one.sop_class == KEY_OBJECT:
            pointed.update(one.pointed)
        if one.is_image:
            by_series.setdefault(one.series, []).append(one)
    named = {s.uid: s for s in study.series}
    made = [_row(named.get(uid), uid, found, pointed) for uid, found in by_series.items()]
    made += [_empty(s) for s in study.series if s.uid not in by_series and (s.total or 0) > s.held]
    made.sort(key=lambda r: (not r.slides, r.number is None, r.number or 0, r.uid))
    keys = tuple(msgspec.structs.replace(s, gap=0) for row in made for s in row.slides if s.is_key)
    key_row = Row(uid=KEY_SERIES, modality=keys[0].instance.modality, slides=keys) if keys else None
    return (key_row, *made) if key_row is not None else tuple(made)


def _row(series: Series | None, uid: str, found: list[Instance], pointed: set[str]) -> Row:
    slides: list[Slide] = []
    cut_off = False
    for one, gap in ordered(found):
        room = MOST_SLIDES - len(slides)
        cut_off = cut_off or one.frames > room
        is_key = one.uid in pointed
        slides += [Slide(one, n, gap if n == 0 else 0, is_key) for n in range(min(one.frames, room))]
    first = found[0]
    held = sum(1 for i in found if i.is_held)
    return Row(
        uid=uid, number=(series.number if series else None) or first.series_number,
        text=(series.text if series else "") or first.series_text, modality=first.modality,
        laterality=next((i.laterality for i in found if i.laterality), ""),
        body_site=first.body_site, held=max(held, series.held if series else 0), total=series.total if series else None,
        slides=tuple(slides), cut_off=cut_off,
    )  # fmt: skip


def _empty(series: Series) -> Row:
    return Row(
        uid=series.uid, number=series.number, text=series.text, modality=series.modality, laterality=series.laterality,
        body_site=series.body_site, held=series.held, total=series.total,
    )  # fmt: skip


def ordered(found: Sequence[Instance]) -> list[tuple[Instance, int]]:
    """The instances in reading order, each with how many are missing just before it: by instance number here."""
    by_number = sorted(found, key=lambda i: (i.number is None, i.number or 0, i.uid))
    made: list[tuple[Instance, int]] = []
    for n, one in enumerate(by_number):
        before = by_number[n - 1].number if n else None
        gap = one.number - before - 1 if one.number is not None and before is not None and one.number > before else 0
        made.append((one, gap if gap < 1000 else 0))
    return made


def count_words(held: int, total: int | None) -> str:
    """`42 of 412 held`; how many there are is said as not known where no source said it (H19)."""
    return f"{held} of {total} held" if total is not None else f"{held} held, of how many is not known"


def missing_words(row: Row, index: int | None = None) -> tuple[str, ...]:
    """What must be said of a series that is not whole (and of one place in it), the worst first; () where it is whole."""
    said: list[str] = []
    if index is not None and 0 <= index < len(row.slides) and row.slides[index].gap:
        said.append(gap_words(row.slides[index].gap))
    known_unheld = sum(1 for s in row.slides if not s.is_held)
    if row.unlisted:
        said.append(f"{row.unlisted} of {row.total} never came to this copy")
    if known_unheld:
        said.append(f"{known_unheld} known, not held")
    if row.gaps:
        said.append("Slices are missing in 1 place" if row.gaps == 1 else f"Slices are missing in {row.gaps} places")
    if row.cut_off:
        said.append(f"Only the first {MOST_SLIDES} frames are shown")
    return tuple(said)


def gap_words(count: int) -> str:
    return "1 slice is missing before this one" if count == 1 else f"{count} slices are missing before this one"


def annotation_words(instances: Iterable[Instance], uid: str) -> str:
    """What is said of annotations: those that point to this picture, those that point to nothing known; "" for none."""
    for one in instances:
        if is_annotation(one) and (not one.pointed or uid in one.pointed):
            return f"{ANNOTATED}: {one.title}" if one.title else ANNOTATED
    return ""


def first_index(row: Row) -> int:
    """Which picture is shown first: the middle of a stack of slices that is held, else the first that is held."""
    held = [n for n, s in enumerate(row.slides) if s.is_held]
    if not held:
        return 0
    return held[len(held) // 2] if row.modality in ("CT", "MR", "PT", "NM") and len(held) > 4 else held[0]


def first_row(rows: Sequence[Row]) -> int:
    """Which series is shown first: key images, else the first with a picture that is held."""
    return next((n for n, r in enumerate(rows) if any(s.is_held for s in r.slides)), 0)
