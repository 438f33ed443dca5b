"""Images of an examination on paper: the frozen picture that a sheet gets, and how it stands on the page (CLINICAL §4.2).

A `Picture` is made elsewhere (`desktop.printing.picturing`): its pixels are as they were shown, and the label with the
identity is burnt into them. A sheet refuses a picture of anybody but its own patient (hazards H01, H02).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from desktop.forms import outline as o
from desktop.forms.blocks import LABEL, NOTE, STRONG, Block, Strip, gap, paragraph
from desktop.forms.language import tr
from desktop.forms.model import FormModel, Picture, Raster
from desktop.forms.sheet import Sheet
from desktop.forms.type import glued
from localdb.errors import HouseFault

__all__ = ["Picture", "Raster"]
REVIEW_ONLY = "REVIEW ONLY. NOT FOR PRIMARY DIAGNOSIS"
RAMP = (
    "Grey strip: each step differs from the next, and there is a small square in the black and in the white end. "
    "Where that cannot be seen, this printer is not fit for images."
)
STEPS = 11
GUTTER, RAMP_HIGH = 12.0, 24.0
_LEAST = 60.0  # points: an image on a page is never lower than this
_LINE = 11.0


class OtherPatient(HouseFault):
    """A picture that is not of the patient whose sheet it shall stand on."""

    code = "image.other_patient"
    next_step = "Print it again from the record that is open; tell the maker of Wardlamp."


def of_patient(model: FormModel) -> tuple[Picture, ...]:
    """The pictures of the sheet. Raises image.other_patient for one of anybody else."""
    if not model.pictures:
        return ()
    mine = {model.chart.patient.id, *model.chart.patient.ids} if model.chart is not None else set[str]()
    if any(p.patient not in mine for p in model.pictures):
        raise OtherPatient("A picture does not belong to the patient of this sheet.")
    return model.pictures


def said(picture: Picture) -> tuple[o.Row, ...]:
    """The same in words: what it is, where in its series, how it is shown, what to beware of."""
    return (
        o.Text(text=picture.title, strong=True),
        *(o.Text(text=t) for t in picture.words),
        *(o.Text(text=t, strong=True) for t in picture.notes),
    )


def text_strips(picture: Picture, wide: float) -> tuple[Strip, ...]:
    """Title, words and warnings in lines of `wide` points."""
    strips = paragraph([(glued(picture.title), STRONG)], wide)
    for text in picture.words:
        strips += paragraph([(glued(text), LABEL)], wide, _LINE)
    for text in picture.notes:
        strips += paragraph([(glued(text), NOTE)], wide, _LINE)
    return strips


def grid(pictures: Sequence[Picture], wide: float, high: float) -> list[Block]:
    """The pictures in one block a row, each as large as `wide` × `high` points allow for all; text below each."""
    across = columns_of(pictures)
    rows = [pictures[n : n + across] for n in range(0, len(pictures), across)]
    each = (wide - GUTTER * (across - 1)) / across
    texts = [[text_strips(p, each) for p in row] for row in rows]
    lows = [max(sum(s.height for s in strips) for strips in row) for row in texts]
    room = max(_LEAST, (high - sum(lows) - 13 * len(rows)) / len(rows))
    return [
        _row(row, strips, each, min(room, max(_shown(p, each, room)[1] for p in row)), low)
        for row, strips, low in zip(rows, texts, lows, strict=True)
    ]


def columns_of(pictures: Sequence[Picture]) -> int:
    """One across the page, or two where there are more than two, or two that are not wider than high."""
    if len(pictures) > 2:
        return 2
    return 2 if len(pictures) == 2 and all(p.raster.width <= p.raster.height * 1.25 for p in pictures) else 1


def _shown(picture: Picture, wide: float, high: float) -> tuple[float, float]:
    """The size in points of a picture within a place, its sides in their own relation."""
    scale = min(wide / picture.raster.width, high / picture.raster.height)
    return picture.raster.width * scale, picture.raster.height * scale


def _row(row: Sequence[Picture], texts: Sequence[tuple[Strip, ...]], each: float, high: float, low: float) -> Block:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        for n, (picture, strips) in enumerate(zip(row, texts, strict=True)):
            left = x + n * (each + GUTTER)
            across, down = _shown(picture, each, high)
            sheet.picture(left + (each - across) / 2, y + (high - down) / 2, across, down, picture.raster)
            sheet.box(left + (each - across) / 2, y + (high - down) / 2, across, down, 0.5)
            at = y + high + 4
            for strip in strips:
                strip.draw(sheet, left, at)
                at += strip.height

    return Block((gap(3), Strip(high + 4 + low + 6, draw)))


def ramp(wide: float) -> Block:
    """The grey strip with its caption: eleven steps, 5 % in the black end and 95 % in the white one."""
    caption = paragraph([(tr(RAMP), LABEL)], wide, _LINE)
    strip = Strip(RAMP_HIGH + 11, _ramp_drawn(wide))
    return Block((gap(2), strip, *caption))


def _ramp_drawn(wide: float) -> Callable[[Sheet, float, float], None]:
    def draw(sheet: Sheet, x: float, y: float) -> None:
        sheet.picture(x, y, wide, RAMP_HIGH, ramp_raster())
        sheet.box(x, y, wide, RAMP_HIGH, 0.5)
        step = wide / STEPS
        for n in range(STEPS):
            sheet.text(x + step * (n + 0.5), y + RAMP_HIGH + 9, f"{n * 10} %", LABEL, align="centre")

    return draw


def ramp_raster() -> Raster:
    """40 dots a step, 32 rows; the inner squares 5 % and 95 % of white."""
    side, high = 40, 32
    rows = []
    for y in range(high):
        inner = 9 <= y < 23
        row = bytearray()
        for n in range(STEPS):
            grey = round(255 * n / (STEPS - 1))
            mark = {0: round(255 * 0.05), STEPS - 1: round(255 * 0.95)}.get(n, grey)
            row += bytes(mark if inner and 13 <= x < 27 else grey for x in range(side))
        rows.append(bytes(row))
    return Raster(side * STEPS, high, 1, b"".join(rows))
