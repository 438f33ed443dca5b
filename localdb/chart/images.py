"""The pictures of one study: series and their order, key images first, what is held, what is missing, in words. Pure.

Rules (CLINICAL §4.1-§4.3, hazards H18, H19): nothing that is missing may look as if it were not there: what is known and
not held has its place in the stack with the reason, what a source counts and nobody sent is counted at the end, and a jump
between slices is said where it is. Presets are typical figures and are called so; a site may give its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from localdb.chart.held_images import REJECTED, is_rejection
from localdb.chart.reports import Examination
from localdb.chart.views import Chart
from localdb.pixels.facts import Facts
from localdb.pixels.presets import TYPICAL, Preset
from localdb.pixels.sides import side_warning
from localdb.pixels.stack import Gap, Link, Stack, linked, numbers_missing, stack
from localdb.records.vocabulary import ImagingStudy, Instance, Pixels, Series

KEY_OBJECT = "1.2.840.10008.5.1.4.1.1.88.59"
PRESENTATION = "1.2.840.10008.5.1.4.1.1.11."
KEY_SERIES = "key"  # the place of a list of key images, where the UID of a series stands
REVIEW_ONLY = "REVIEW ONLY. NOT FOR PRIMARY DIAGNOSIS"
ANNOTATED = "Annotations exist, not shown"
MOST_FRAMES = 20_000  # of one instance: what counts more frames is shown up to here, and that is said


class Slide(msgspec.Struct, frozen=True):
    """One picture: frame `frame` (from 0) of `instance`. `gap`: slices are missing just before it, by the distance between
    them or by their numbers; `is_key`: a key object selection points to it."""

    instance: Instance
    frame: int = 0
    gap: Gap | None = None
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
    """One series as it is looked through; a series of several planes or times is several rows (`part` of `parts`).

    `held` and `total` count instances of the whole series as the study's record does (None: no source said how many there
    are); `slides` are the pictures in the order of their `stack`; `cut_off`: there are more than are shown; `unlisted`: how
    many instances a source counts of which nothing is known here; `gaps`: places with missing slices; `unheld`: pictures
    that are known and not held; `absent`: missing by their numbers, where no source counted."""

    uid: str
    part: int = 1
    parts: int = 1
    number: int | None = None
    text: str = ""
    modality: str = ""
    laterality: str = ""
    body_site: str = ""
    held: int = 0
    total: int | None = None
    unlisted: int = 0
    slides: tuple[Slide, ...] = ()
    stack: Stack = Stack(())
    cut_off: bool = False
    gaps: int = 0
    unheld: int = 0
    absent: int = 0

    @property
    def key(self) -> tuple[str, int]:
        return self.uid, self.part

    @property
    def title(self) -> str:
        """`Series 2, PA erect`."""
        if self.uid == KEY_SERIES:
            return "Key images"
        number = f"Series {self.number}" if self.number is not None else "Series without a number"
        part = f", part {self.part} of {self.parts}" if self.parts > 1 else ""
        return f"{number}{part}, {self.text}" if self.text else number + part

    @property
    def note(self) -> str:
        """What a person must know of the order of the pictures."""
        return self.stack.note

    def location(self, index: int) -> str:
        """Where a picture lies: `H 105.0 mm`; "" where no place was sent."""
        return self.stack.location(index) if index < len(self.stack.planes) else ""


def presets_of(site: dict[str, Any], modality: str) -> tuple[tuple[Preset, ...], str]:
    """(presets, whose they are) for a modality: the site's own (`[imaging] presets = [{name, width, level}]`) in place of
    the typical ones. None for anything but CT: other pictures have no fixed numbers."""
    if modality != "CT":
        return (), ""
    made = msgspec.convert((site.get("imaging") or {}).get("presets") or (), tuple[Preset, ...])
    return (made, "of this site") if made else (TYPICAL, "typical")


def prior_is_left(site: dict[str, Any]) -> bool:
    """On which side the prior stands (`[imaging] prior = "left"`, else right; CLINICAL §4.2: a site setting)."""
    return (site.get("imaging") or {}).get("prior") == "left"


def is_annotation(instance: Instance) -> bool:
    return instance.sop_class.startswith(PRESENTATION)


def rows_of(
    study: ImagingStudy, instances: Iterable[Instance], facts: dict[str, Facts] | None = None
) -> tuple[Row, ...]:
    """The series with pictures, key images first, then by series number. Counts are those of the study's record, where it
    knows the series; series of which no picture is known here stand at the end, empty, with their count. `facts` of
    instances with several frames, once they are known: the frames' own places order them."""
    by_series: dict[str, list[Instance]] = {}
    pointed: set[str] = set()
    for one in instances:
        if one.sop_class == KEY_OBJECT and not is_rejection(one):
            pointed.update(one.pointed)
        if one.is_image and one.unheld != REJECTED:  # shown nowhere; the study's record counts them
            by_series.setdefault(one.series, []).append(one)
    named = {s.uid: s for s in study.series}
    made = [row for uid, found in by_series.items() for row in _rows(named.get(uid), uid, found, pointed, facts)]
    made += [_empty(s) for s in study.series if s.uid not in by_series and (s.total or 0) > s.held]
    made.sort(key=lambda r: (not r.slides, r.number is None, r.number or 0, r.uid, r.part))
    keys = tuple(replace(s, gap=None) for row in made for s in row.slides if s.is_key)
    key_row = Row(uid=KEY_SERIES, modality=keys[0].instance.modality, slides=keys) if keys else None
    return (key_row, *made) if key_row is not None else tuple(made)


def _rows(
    series: Series | None, uid: str, found: list[Instance], pointed: set[str], facts: dict[str, Facts] | None
) -> list[Row]:
    by_uid = {i.uid: i for i in found}
    first = found[0]
    held = max(sum(1 for i in found if i.is_held), series.held if series else 0)
    total = series.total if series else None
    unlisted = max((total or 0) - max(len(by_uid), held), 0)
    whole = Row(
        uid=uid, text=(series.text if series else "") or first.series_text,
        number=series.number if series and series.number is not None else first.series_number,
        modality=first.modality, laterality=next((i.laterality for i in found if i.laterality), ""),
        body_site=first.body_site, held=held, total=total, cut_off=any(i.frames > MOST_FRAMES for i in found),
    )  # fmt: skip
    stacks = stack((_bounded(i) for i in found), facts)
    return [
        _row(whole, one, by_uid, pointed, part=n, parts=len(stacks), unlisted=unlisted if n == len(stacks) else 0)
        for n, one in enumerate(stacks, start=1)
    ]


def _row(whole: Row, one: Stack, by_uid: dict[str, Instance], pointed: set[str], **of: int) -> Row:
    slides = tuple(Slide(by_uid[p.uid], p.frame, one.gap_before(m), p.uid in pointed) for m, p in enumerate(one.planes))
    return replace(
        whole, slides=slides, stack=one, gaps=len(one.gaps), unheld=sum(not s.is_held for s in slides),
        absent=numbers_missing(one.planes) if whole.total is None else 0, **of,
    )  # fmt: skip


def _bounded(one: Instance) -> Instance:
    return replace(one, frames=MOST_FRAMES) if one.frames > MOST_FRAMES else one


def _empty(series: Series) -> Row:
    return Row(
        uid=series.uid, number=series.number, text=series.text, modality=series.modality, laterality=series.laterality,
        body_site=series.body_site, held=series.held, total=series.total, unlisted=(series.total or 0) - series.held,
    )  # fmt: skip


def together(here: Row, index: int, there: Row) -> Link | None:
    """The picture of another side that goes with one of this side; None where the planes cross, or there is no stack."""
    if index >= len(here.stack.planes) or not there.stack.planes:
        return None
    return linked(here.stack, index, there.stack)


def priors(of: Examination, found: Sequence[Examination]) -> tuple[Examination, ...]:
    """The other examinations of which pictures are held, the likeliest prior first: earlier ones before later; of those the
    same name, then the same modality and part of the body, then the rest; newest first."""
    others = [
        e for e in found if e is not of and e.study is not None and e.study.held and not e.held.restricted
        and (of.study is None or e.study.uid != of.study.uid)
    ]  # fmt: skip
    return tuple(sorted(others, key=lambda e: (
        e.utc > of.utc, e.held.text.casefold() != of.held.text.casefold(), e.modality != of.modality,
        not _parts(e) & _parts(of), -e.utc)))  # fmt: skip


def _parts(found: Examination) -> set[str]:
    return {s.body_site.casefold() for s in found.study.series if s.body_site} if found.study is not None else set()


def is_of(study: ImagingStudy, chart: Chart) -> bool:
    """Whether a study may stand under this patient's name (H01): it is one of theirs, by the ids of the person."""
    return study.patient in (chart.patient.id, *chart.patient.ids)


def count_words(held: int, total: int | None) -> str:
    """`42 of 412 held`; how many there are is said as not known where no source said it (H19)."""
    return f"{held} of {total} held" if total is not None else f"{held} held, of how many is not known"


def missing_words(row: Row, index: int | None = None) -> tuple[str, ...]:
    """What must be said of a series that is not whole (and of one place in it), the worst first; () where it is whole."""
    said: list[str] = []
    gap = row.slides[index].gap if index is not None and 0 <= index < len(row.slides) else None
    if gap is not None:
        said.append(gap_words(gap))
    if row.unlisted:
        said.append(f"{row.unlisted} of {row.total} never came")
    elif row.absent:
        said.append(f"By their numbers {row.absent} may be missing")
    if row.unheld:
        said.append(f"{row.unheld} known, not held")
    if row.gaps > (gap is not None):
        said.append(
            "Slices may be missing in 1 place" if row.gaps == 1 else f"Slices may be missing in {row.gaps} places"
        )
    if row.cut_off:
        said.append(f"Only the first {MOST_FRAMES} frames are shown")
    return tuple(said)


def gap_words(gap: Gap) -> str:
    """`3 slices may be missing before this one (20.0 mm)`."""
    count = "1 slice" if gap.missing == 1 else f"{gap.missing} slices"
    by = f"{gap.mm:.1f} mm" if gap.mm is not None else "the numbers jump"
    return f"{count} may be missing before this one ({by})"


def side_words(examination: Examination, slide: Slide, row: Row, more: Iterable[str] = ()) -> str:
    """What is wrong with the side that a picture says and the one that the examination is called by; "" where nothing is
    (CLINICAL §4.2, H18). `more`: sides that the picture's own header says."""
    records = [r for r in (examination.report, examination.study, examination.request) if r is not None]
    report = (examination.report.laterality,) if examination.report is not None else ()
    own = slide.instance.laterality or row.laterality  # a series may hold both hands, each picture with its own side
    said = (own, *report, *more)
    return side_warning(said, (*(r.text for r in records), row.text))


def moved_words(chart: Chart, study: ImagingStudy) -> str:
    """That images stand here because two people moved them; "" where they came so."""
    found = any(m.study == study.uid and m.is_shown for m in chart.moved)
    return "moved here by two people, see the report" if found else ""


def counterpart(rows: Sequence[Row], of: Row) -> int:
    """The series of another study that is most like this one: the same description, else the same number, else the first
    with a picture."""
    with_pictures = [
        n for n, row in enumerate(rows) if row.uid != KEY_SERIES and any(s.is_held for s in row.slides)
    ]  # fmt: skip
    text = of.text.casefold()
    alike = [n for n in with_pictures if text and rows[n].text.casefold() == text]
    alike += [n for n in with_pictures if rows[n].number == of.number]
    return alike[0] if alike else first_row(rows)


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
