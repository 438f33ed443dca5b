"""What stands in the corners of a picture, in words (CLINICAL §4.2). No Qt.

Left: window, size, which image, where. Right: what must be known before anything is concluded from it: down-sampled, lossy,
no spacing, orientation, missing slices, annotations that are not shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from desktop.imaging.shown import Shown
from localdb.chart.images import KEY_SERIES, Row, Slide, annotation_words, missing_words, side_words
from localdb.chart.reports import Examination
from localdb.pixels.display import in_digits
from localdb.pixels.geometry import Placed, pair
from localdb.records.vocabulary import Instance


class Note(NamedTuple):
    """One line: `label` small before it, `warns` where it must be seen."""

    text: str
    label: str = ""
    warns: bool = False


def left_notes(shown: Shown, placed: Placed, row: Row, index: int, *, is_small: bool = False) -> list[Note]:
    """Window, size, which image, where; on a small picture without the labels."""
    made: list[Note] = []
    if is_small:
        voi = shown.voi
        if not shown.is_colour and voi.function != "TABLE":
            made.append(Note(f"W {number_text(voi.width)} L {number_text(voi.center)}"))
        made += [Note(f"{index + 1} of {len(row.slides)}"), Note(placed.words.replace(" of full resolution", ""))]
        return made + ([Note(row.location(index))] if row.location(index) else [])
    if not shown.is_colour:
        voi = shown.voi
        made.append(Note(voi.label if voi.label != "as sent" else "stored", "Window"))
        if voi.function != "TABLE":
            made += [Note(number_text(voi.width), "W"), Note(number_text(voi.center), "L")]
    made.append(Note(placed.words.replace(" of full resolution", " of full"), "Size"))
    made.append(Note(f"{index + 1} of {len(row.slides)}", "Image"))
    if row.uid == KEY_SERIES and row.slides[index].instance.series_number is not None:
        made.append(Note(str(row.slides[index].instance.series_number), "Series"))
    place = row.location(index)
    if place:
        made.append(Note(place, "Slice"))
    return made


def number_text(value: float) -> str:
    return in_digits(round(value, 3 if abs(value) < 10 else 1 if abs(value) < 1000 else 0))


def right_notes(
    shown: Shown, placed: Placed, row: Row, index: int, instances: Iterable[Instance], examination: Examination
) -> list[Note]:
    picture, slide = shown.picture, shown.slide
    assert picture is not None
    assert slide is not None
    facts, made = picture.facts, list[Note]()
    side = side_words(examination, slide, row, (facts.laterality,))
    made += [Note(side, warns=True)] if side else []
    made += [Note(word, warns=True) for word in shown.view.words.split(", ") if word]
    made += [Note(text, warns=True) for text in missing_words(row, index)]
    if placed.is_reduced:
        made.append(Note("Down-sampled"))
    lossy = facts.lossy or slide.instance.lossy
    if lossy:
        made.append(Note(lossy_words(lossy)))
    if shown.edges.note:
        made.append(Note(shown.edges.note[:1].upper() + shown.edges.note[1:], warns=True))
    if pair(facts.of_frame(slide.frame).spacing) is None:
        at_detector = pair(facts.imager_spacing) is not None
        made.append(Note("Spacing at detector only" if at_detector else "No pixel spacing: no lengths in mm"))
    if row.note:
        made.append(Note(row.note[:1].upper() + row.note[1:], warns=True))
    if facts.presented.upper() == "FOR PROCESSING":
        made.append(Note("Raw: for processing", warns=True))
    if facts.overlays and not shown.overlays:
        made.append(Note("Overlays hidden"))
    if facts.shutters:
        made.append(Note("Shutter on" if shown.shutter else "Shutter off"))
    made += _annotations(shown, slide, list(instances))
    if slide.is_key and row.uid != KEY_SERIES:
        made.append(Note("Key image"))
    return made


def _annotations(shown: Shown, slide: Slide, instances: list[Instance]) -> list[Note]:
    """What is drawn over the picture, and that there is more which is not."""
    over = shown.over
    drawn = [] if not over.words else [over.words if shown.overlays else f"Hidden: {over.words}"]
    drawn += [f"Annotation: {text}" for text in over.unplaced if shown.overlays]
    other = annotation_words([i for i in instances if i.presentation is None], slide.instance.uid)
    return [Note(text, warns=True) for text in (*drawn, other) if text]


def lossy_words(sent: str) -> str:
    """`Lossy 10:1`; "Lossy, ratio not sent" where only that was said."""
    try:
        return f"Lossy {float(sent):.3g}:1"
    except ValueError:
        return "Lossy, ratio not sent" if sent.casefold() == "lossy" else f"Lossy {sent}"
