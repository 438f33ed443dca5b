"""From a wish for an image to the picture on a sheet or in a file: read, shown as it was, labelled (CLINICAL §4.2).

Everything that must be known before anything is concluded from a picture is in its words and burnt into it: review only,
whose it is, of when, which of how many, window, turned or flipped, what was lost or is missing. No Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from desktop.forms.language import tr
from desktop.forms.model import Picture
from desktop.forms.type import tied
from desktop.printing.burning import NARROW, WIDE, Drawn, Label, Pixels, burnt
from desktop.printing.choosing import Candidate, chosen, eligible, opened
from desktop.printing.image_wish import ImageWish
from localdb.chart import staleness, wording
from localdb.chart.images import KEY_SERIES, Row, Slide, annotation_words, missing_words, moved_words, side_words
from localdb.chart.reports import NOT_REPORTED, PRELIMINARY, held_words
from localdb.chart.views import Chart
from localdb.errors import InputRefused
from localdb.pixels.annotations import Over, over
from localdb.pixels.container import PixelFile
from localdb.pixels.display import TABLE, Pipeline, Voi, in_digits, turned
from localdb.pixels.facts import Facts
from localdb.pixels.geometry import Edges, Placed, View, aspect_of, edges_of, pair
from localdb.pixels.planes import overlay_of
from localdb.pixels.sampling import Grid, touched
from localdb.records.vocabulary import Instance

# Pixels across or down at most: about 250 dots an inch on a whole A4, 200 on a quarter of it; what an export may have.
SHEET, ANNEX, FILE = 1700, 900, 4096


class ImageNotHeld(InputRefused):
    """The record of an image is here, its pixels are not."""

    code = "image.not_held"
    next_step = "See the report, or look at the image on a screen of the department; telephone them for its content."


class Held(Protocol):
    """What is asked of the copy."""

    def instances(self, patient: str, study: str) -> tuple[Instance, ...]: ...
    def blob(self, digest: str) -> bytes | None: ...


class Shown(NamedTuple):
    """An image made ready: 8 bits (rows, columns[, 3]), where it stood, its letters, its window."""

    pixels: Pixels
    placed: Placed
    edges: Edges
    voi: Voi
    facts: Facts
    is_colour: bool
    over: Over = Over()


def pictures_of(
    reading: Held, chart: Chart, wishes: Sequence[ImageWish], now: datetime, zone: str = wording.ZONE, most: int = SHEET,
    role: str = "clinician",
) -> tuple[Picture, ...]:  # fmt: skip
    """The pictures that are asked for, in that order; `most` pixels across or down, fewer where several share a sheet.

    Raises image.no_such where the study or image is none of this patient's, image.not_held where its pixels are not in
    this copy, image.damaged.
    """
    found = [one for wish in wishes for one in _found(reading, chart, wish, role)]
    side = min(most, SHEET if len(found) == 1 else ANNEX) if most <= SHEET else most
    return tuple(_picture(reading, chart, wish, one, now, zone, side) for wish, one in found)


def _found(reading: Held, chart: Chart, wish: ImageWish, role: str) -> list[tuple[ImageWish, Candidate]]:
    if not wish.study:
        return [(wish, one) for one in chosen(reading, chart, wish.most, role)]
    return [(wish, named(reading, chart, wish, role))]


def named(reading: Held, chart: Chart, wish: ImageWish, role: str = "clinician") -> Candidate:
    """The image that a wish names. Raises image.no_such."""
    one = next((e for e in eligible(chart, role) if e.study is not None and e.study.uid == wish.study), None)
    if one is None:
        raise InputRefused("No examination of that number with images is known of this patient.", code="image.no_such",
                           next_step="See `wardlamp chart PATIENT --json`, images.")  # fmt: skip
    study = opened(reading, chart, one)
    for row, index in study.places():
        slide = row.slides[index]
        if wish.image and (slide.instance.uid, slide.frame) == (wish.image, wish.frame):
            return Candidate(study, row, index)
    if wish.image:
        raise _no_such()
    rows = [r for r in study.rows if r.slides and _is_series(r, wish.series)]
    if not wish.number:
        first = study.first(rows)
        if first is None:
            raise ImageNotHeld("This copy knows of the examination, but holds none of its images.")
        return first
    every = [(row, n) for row in rows if row.uid != KEY_SERIES or wish.series for n in range(len(row.slides))]
    if not 1 <= wish.number <= len(every):
        told = study.examination.study.total if study.examination.study is not None else None
        if not wish.series and 1 <= wish.number <= (told or 0):
            raise ImageNotHeld("This copy knows how many images there are; that one never came.")
        raise _no_such()
    return Candidate(study, *every[wish.number - 1])


def _no_such() -> InputRefused:
    return InputRefused("The examination has no such image.", code="image.no_such",
                        next_step="Count the images from 1, series by series.")  # fmt: skip


def _is_series(row: Row, series: str) -> bool:
    return not series or series in (row.uid, str(row.number))


def _picture(
    reading: Held, chart: Chart, wish: ImageWish, one: Candidate, now: datetime, zone: str, side: int
) -> Picture:  # fmt: skip
    slide = one.row.slides[one.index]
    shown = _shown(reading, slide, wish, side)._replace(over=over(one.study.instances, slide.instance.uid, slide.frame))
    notes = _notes(shown, one, wish, chart)
    flags = [w.upper() for w in wish.view.words.split(", ") if w]
    place = _place(one)
    copy = _copy_words(chart, now, zone)
    moment = wording.date_time(one.study.examination.moment, zone, missing=tr("time not recorded"))
    title = wording.clean(f"{one.study.examination.name}, {moment}")
    window, is_wide = wording.clean(_window(shown)), side > ANNEX
    about = [title, wording.clean(place), *([tied(window), copy] if is_wide else [])]
    label = Label(
        identity=identity(chart, zone), about=" · ".join(t for t in about if t),
        letters=(shown.edges.top, shown.edges.right, shown.edges.bottom, shown.edges.left),
        flags=tuple(flags), marks=_marks(wish, shown),
        notes=wording.clean(" · ".join(n for n in notes if n.upper() not in flags)) if is_wide else "",
    )  # fmt: skip
    accession = one.study.examination.accession
    more = [window, tied(tr("Accession {number}").format(number=wording.clean(accession))) if accession else ""]
    words = (f"{wording.clean(place)} · {held_words(one.study.examination.study)}", " · ".join(t for t in more if t))
    raster = burnt(shown.pixels, label, WIDE if is_wide else NARROW)
    return Picture(
        patient=chart.patient.id, study=one.study.uid, raster=raster, title=title,
        words=tuple(w for w in words if w), notes=(wording.clean(" · ".join(notes)),) if notes else (),
    )  # fmt: skip


def identity(chart: Chart, zone: str = wording.ZONE) -> str:
    """Name, born, number: the three that stand on every picture."""
    view = chart.patient
    number = tr("NHS No. {number}").format(number=wording.nhs_number(view.nhs)) if view.nhs else (
        tr("Hosp. No. {number}").format(number=view.mrn) if view.mrn else tr("no number known"))  # fmt: skip
    born = wording.date(view.born, zone, estimated=view.born_estimated, missing=tr(wording.NOT_KNOWN))
    name = wording.clean(wording.display_name(view.name))
    return f"{name}   {tied(tr('Born') + ' ' + born)}   {tied(wording.clean(number))}"


def _copy_words(chart: Chart, now: datetime, zone: str) -> str:
    states = staleness.of_kind(chart.sources, "instance", now, zone=zone) or staleness.of_kind(
        chart.sources, "image", now, zone=zone)  # fmt: skip
    known = [s.as_of for s in states if s.as_of]
    return tr("copy complete to {when}").format(when=known[0]) if known else tr("age of the copy not known")


def _place(one: Candidate) -> str:
    """`Series 1, PA erect, image 1 of 2`, with the frame of an image of several."""
    slide, row = one.row.slides[one.index], one.row
    uids = list(dict.fromkeys(s.instance.uid for s in row.slides))
    count = max(len(uids), row.total or 0)
    words = tr("{series}, image {number} of {count}").format(
        series=row.title, number=uids.index(slide.instance.uid) + 1, count=count
    )
    if slide.instance.frames > 1:
        words += ", " + tr("frame {number} of {count}").format(number=slide.frame + 1, count=slide.instance.frames)
    return words


def _shown(reading: Held, slide: Slide, wish: ImageWish, side: int) -> Shown:
    run = slide.run
    data = reading.blob(run.blob) if run is not None else None
    if data is None:
        raise ImageNotHeld("This copy knows of the image, but does not hold its pixels.")
    file = PixelFile(data)
    values, facts = file.frame(slide.frame), file.facts
    pipeline = Pipeline(facts, slide.frame)
    placed = _placed(facts, slide.frame, values.shape[:2], wish, side)
    asked = placed.sampling()
    if asked is None:
        raise InputRefused("Nothing of the image was in view.", code="image.no_such", next_step="Press 0, then print.")
    grid = Grid(*asked)
    voi = _voi(pipeline, values, wish)
    made = pipeline.render(values, voi, grid, invert=wish.view.invert, shutter=wish.shutter)
    mask = overlay_of(facts, slide.frame) if wish.overlays and facts.overlays else None
    if mask is not None:
        made = np.array(made)
        made[touched(mask, grid)] = 255
    return Shown(_in_place(made, placed), placed, wish.view.edges(edges_of(facts, slide.frame)), voi, facts,
                 pipeline.is_colour)  # fmt: skip


def _voi(pipeline: Pipeline, values: NDArray[Any], wish: ImageWish) -> Voi:
    if wish.shade is not None:
        shade = wish.shade
        return Voi(shade.center, shade.width, shade.function, shade.label, shade.table)
    return pipeline.auto(values) if wish.is_auto else pipeline.initial(values)


def _placed(facts: Facts, frame: int, shape: tuple[int, ...], wish: ImageWish, side: int) -> Placed:
    """The viewport of the screen brought to the size of the page, with the same part of the image in it; without one, all
    of the image, never enlarged."""
    aspect = aspect_of(facts, frame)
    rows, columns = shape
    wide, high = wish.viewport
    if wide > 0 and high > 0:
        share = side / max(wide, high)
        zoom = Placed(rows, columns, wide, high, wish.view, aspect).zoom * share
        view = _with_zoom(wish, zoom)
        # The edge of the screen around an image that is shown whole is not printed.
        made = Placed(rows, columns, round(wide * share), round(high * share), view, aspect)
        target = made.target()
        if target is None:
            return made
        across, down = (min(made.width, target[2]), min(made.height, target[3]))
        return Placed(rows, columns, across, down, view, aspect) if view.pan is None else made
    across, down = columns * (1.0 if aspect >= 1 else 1 / aspect), rows * (aspect if aspect >= 1 else 1.0)
    if wish.view.rotation % 180:
        across, down = down, across
    zoom = min(1.0, side / max(across, down))
    return Placed(
        rows, columns, max(1, round(across * zoom)), max(1, round(down * zoom)), _with_zoom(wish, zoom), aspect
    )


def _with_zoom(wish: ImageWish, zoom: float) -> View:
    return replace(wish.view, zoom=zoom)


def _in_place(made: Pixels, placed: Placed) -> Pixels:
    """Turned as the view has it, then put where it stands in the viewport, on black."""
    view, target = placed.view, placed.target()
    assert target is not None
    made = turned(made, view)
    left, top = target[:2]
    if (left, top) == (0, 0) and made.shape[:2] == (placed.height, placed.width):
        return np.ascontiguousarray(made)
    page = np.zeros((placed.height, placed.width, *made.shape[2:]), np.uint8)
    y0, x0 = max(0, top), max(0, left)
    y1, x1 = min(placed.height, top + made.shape[0]), min(placed.width, left + made.shape[1])
    page[y0:y1, x0:x1] = made[y0 - top : y1 - top, x0 - left : x1 - left]
    return page


def _window(shown: Shown) -> str:
    """`Window stored, W 400 L 40`; none for colour."""
    if shown.is_colour:
        return ""
    voi = shown.voi
    label = tr("stored") if voi.label == "as sent" else voi.label or tr("set by hand")
    figures = "" if voi.function == TABLE else f", W {_figure(voi.width)} L {_figure(voi.center)}"
    return tr("Window {name}").format(name=label) + figures


def _figure(value: float) -> str:
    return in_digits(round(value, 3 if abs(value) < 10 else 1 if abs(value) < 1000 else 0))


def _notes(shown: Shown, one: Candidate, wish: ImageWish, chart: Chart) -> list[str]:
    """What to beware of, the worst first."""
    slide, facts, made = one.row.slides[one.index], shown.facts, list[str]()
    made += [w[:1].upper() + w[1:] for w in shown.placed.view.words.split(", ") if w]
    made += missing_words(one.row, one.index)
    if one.study.examination.report is None or one.study.examination.status == NOT_REPORTED:
        made.append(tr("NOT REPORTED in this copy"))
    elif one.study.examination.status == PRELIMINARY:
        made.append(tr("Report PRELIMINARY"))
    moved = moved_words(chart, one.study.examination.study) if one.study.examination.study is not None else ""
    made += [moved[:1].upper() + moved[1:]] if moved else []
    if shown.edges.note:
        made.append(shown.edges.note[:1].upper() + shown.edges.note[1:])
    side = side_words(one.study.examination, slide, one.row, (facts.laterality,))
    made += [side] if side else []
    drawn = shown.over
    made += [drawn.words if wish.overlays else tr("Hidden: {what}").format(what=drawn.words)] if drawn.words else []
    made += [tr("Annotation: {text}").format(text=text) for text in drawn.unplaced if wish.overlays]
    other = annotation_words([i for i in one.study.instances if i.presentation is None], slide.instance.uid)
    made += [other] if other else []
    if facts.presented.upper() == "FOR PROCESSING":
        made.append(tr("Raw: for processing"))
    if shown.is_colour:
        made.append(tr("In colour: printed in grey, different colours may look alike"))
    lossy = facts.lossy or slide.instance.lossy
    made += [lossy_words(lossy)] if lossy else []
    if shown.placed.is_reduced:
        made.append(tr("Down-sampled: {share}").format(share=shown.placed.words))
    if pair(facts.of_frame(slide.frame).spacing) is None:
        is_at_detector = pair(facts.imager_spacing) is not None
        made.append(
            tr("Spacing at detector only, magnified") if is_at_detector else tr("No pixel spacing: no lengths in mm")
        )
    return made


def lossy_words(sent: str) -> str:
    """`Lossy 10:1`; `Lossy, ratio not sent` where only that was said."""
    try:
        return tr("Lossy {ratio}:1").format(ratio=f"{float(sent):.3g}")
    except ValueError:
        return tr("Lossy, ratio not sent")


def _marks(wish: ImageWish, shown: Shown) -> tuple[Drawn, ...]:
    """What was measured, and what presentation states draw, as shares of the picture."""

    def share(point: tuple[float, float]) -> tuple[float, float]:
        x, y = shown.placed.to_screen(*point)
        return x / shown.placed.width, y / shown.placed.height

    made = [Drawn(tuple(map(share, m.points)), m.text) for m in wish.marks]
    if wish.overlays:
        made += [Drawn(tuple(map(share, line)), has_ends=False) for line in shown.over.lines]
        made += [Drawn((share(at),), wording.clean(text), has_ends=False) for at, text in shown.over.texts]
    return tuple(made)
