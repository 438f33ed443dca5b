"""T02 Images: up to four images of one patient as they were shown, on one sheet (CLINICAL §4.2, issue 8 "Out").

The label stands across the page and is burnt into each image with the identity; a grey strip shows what the printer is
worth. What cannot be printed says why, in words.
"""

from __future__ import annotations

from desktop.forms import outline as o
from desktop.forms.blocks import Block
from desktop.forms.chart_text import as_of, empty_text, held_back
from desktop.forms.language import tr
from desktop.forms.layout import Area
from desktop.forms.model import FormModel
from desktop.forms.parts import Banner, Facts, Own, Part, form_of
from desktop.forms.pictures import RAMP, REVIEW_ONLY, grid, of_patient, ramp, said
from localdb.chart.views import KNOWN

MOST = 4
BY_HAND = "Nothing is shown on a blank: print this form for a patient."
NONE_HELD = "No image of this patient is held in this copy: the examinations stand in the patient summary."
_TAKEN = 46.0  # points: the banner and the head above the images


def parts(model: FormModel) -> list[Part]:
    chart = model.chart
    if chart is None:
        return [Facts(o.Section(title=tr("Images"), rows=(o.Text(text=tr(BY_HAND)),)))]
    pictures = of_patient(model)[:MOST]
    left = len(model.pictures or ()) - len(pictures)
    rows: list[o.Row] = [o.Text(text=t) for t in held_back(chart.images.items)]
    if left:
        rows.append(o.Text(text=tr("{count} more are not on this sheet.").format(count=left), strong=True))
    if not pictures:
        listing = chart.images
        missing = tr(NONE_HELD) if listing.state == KNOWN else empty_text(listing.state, "images", listing.window)
        rows.append(o.Text(text=missing, strong=True))
    head = Facts(o.Section(title=tr("Images"), as_of=as_of(model, "image"), rows=tuple(rows)))
    if not pictures:
        return [Banner(REVIEW_ONLY), head]

    def within(area: Area) -> list[Block]:
        strip = ramp(area.width)
        taken = _TAKEN + strip.height + 13 * len(rows)
        return [*grid(pictures, area.width, area.height - taken), strip]

    words = tuple(row for picture in pictures for row in said(picture))
    return [Banner(REVIEW_ONLY), head, Own(lambda wide: [], (*words, o.Text(text=tr(RAMP))), within)]


FORM = form_of(
    parts, code="T02", title="Images", allergies=False, two_sided=False, back_entry="line",
    use="To look at on the ward. The radiologist's report decides. Void when the live system is back.",
)  # fmt: skip
