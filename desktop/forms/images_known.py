"""The images that are printed with a summary, on sides of their own behind it (issue 8 "Out"): four a side, each labelled.

Which they are is decided where they are read (`desktop.printing.choosing`): key images, else one of each examination.
"""

from __future__ import annotations

from desktop.forms import blanks
from desktop.forms import outline as o
from desktop.forms.blocks import LABEL, Block, paragraph, section_head
from desktop.forms.chart_text import as_of
from desktop.forms.language import tr
from desktop.forms.layout import Area, Items
from desktop.forms.model import FormModel
from desktop.forms.pictures import RAMP, REVIEW_ONLY, grid, of_patient, ramp, said
from desktop.forms.type import glued

A_SIDE = 4
TITLE = "Key images"
NONE_HELD = "No image of this patient is held in this copy."
RULE = (
    "Key images as the department marked them, else one image of each examination, newest first. Not all that is held."
)


def annex(model: FormModel) -> tuple[o.Section, ...]:
    """What stands on the sides of images, in words; () where none were asked for."""
    if model.pictures is None:
        return ()
    pictures = of_patient(model)
    rows: tuple[o.Row, ...] = tuple(row for picture in pictures for row in said(picture))
    if not pictures:
        rows = (o.Text(text=tr(NONE_HELD), strong=True),)
        return (o.Section(title=tr(TITLE), as_of=as_of(model, "image"), rows=rows, side=1),)
    texts = (o.Text(text=tr(REVIEW_ONLY), strong=True), o.Text(text=tr(RULE)), *rows, o.Text(text=tr(RAMP)))
    return (o.Section(title=tr(TITLE), as_of=as_of(model, "image"), rows=texts),)


def annex_pages(model: FormModel, area: Area) -> list[Items]:
    """One side for each four images: label, head, rule, images, and the grey strip on the last."""
    pictures = of_patient(model)
    pages: list[Items] = []
    for first in range(0, len(pictures), A_SIDE):
        head = o.Section(title=tr(TITLE), as_of=as_of(model, "image"), rows=())
        blocks = [blanks.banner(area.width, REVIEW_ONLY), section_head(head, area.width, again=first > 0)]
        blocks += [Block(paragraph([(glued(tr(RULE)), LABEL)], area.width, 11))] if not first else []
        end = [ramp(area.width)] if first + A_SIDE >= len(pictures) else []
        room = area.height - sum(b.height for b in (*blocks, *end))
        blocks += [*grid(pictures[first : first + A_SIDE], area.width, room), *end]
        items: Items = []
        y = area.top
        for block in blocks:
            items.append((area.left, y, block))
            y += block.height
        pages.append(items)
    return pages
