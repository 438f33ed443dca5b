"""The patient and the serial on the site's own original, and nothing else (CLINICAL §2.3 a, §6 end).

What stands on the original is not touched: each page gets one layer above it, drawn only within the two places that the
site gave. What does not fit there is refused, never cut (H13): then the stock is used with a printed label. Pure.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import pikepdf

from desktop.forms import codes
from desktop.forms.frame import NOT_ISSUED, TRAINING
from desktop.forms.identity import identity_lines
from desktop.forms.language import speaking, tr
from desktop.forms.model import FormModel
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Line, Style, tied, width, wrap
from localdb.errors import InputRefused
from localdb.plans.original_spec import OriginalSpec, Place

_SIZES = ((13, 10.5), (12, 10), (11, 9.5), (10, 9), (9.5, 8.5), (9, 8))  # of the name and of the rest: never below 8
_MODULES = (0.6 * MM, 0.55 * MM, 0.5 * MM)  # of the symbol; below 0.5 mm no scanner is sure of it (CLINICAL §8)
_PAD = 3.0


class NoRoom(InputRefused):
    """What must stand on an original does not fit into its place."""

    code = "original.no_room"
    next_step = "Use the pre-printed stock with a printed label (F07), or give the original a larger place."


def overlaid(original: bytes, spec: OriginalSpec, model: FormModel) -> bytes:
    """The PDF of all copies: every page of the original with its layer. The model's key and serial stand in the symbol;
    on a blank the patient's place is left for a label. Raises original.no_room."""
    made = pikepdf.new()
    with speaking(model.site.language):
        for copy in range(model.copy, model.copy + model.copies):
            # Opened anew for each copy: pages that are appended twice would be one page with two layers.
            with pikepdf.open(io.BytesIO(original)) as source:
                for n, page in enumerate(source.pages):
                    made.pages.append(page)
                    held = made.pages[-1]
                    box = [float(side) for side in held.mediabox]
                    layer = _layer(spec, model, n, len(source.pages), copy, (box[2] - box[0], box[3] - box[1]))
                    with pikepdf.open(io.BytesIO(layer)) as over:
                        held.add_overlay(over.pages[0], pikepdf.Rectangle(*box))
    made.docinfo["/Title"] = model.serial or NOT_ISSUED
    out = io.BytesIO()
    made.save(out, deterministic_id=True)
    return out.getvalue()


def _layer(spec: OriginalSpec, model: FormModel, page: int, pages: int, copy: int, size: tuple[float, float]) -> bytes:
    sheet = Sheet(size, "")
    places = spec.pages[page]
    if not model.blank:
        _draw_patient(sheet, places.patient, model)
    _draw_serial(
        sheet, places.serial, spec, model, tr("page {page} of {pages}").format(page=page + 1, pages=pages), copy
    )
    return sheet.done()


def _fitted(texts: Sequence[str], room: float, high: float) -> list[tuple[float, Line]]:
    """Each line with its distance from the top, at the largest size that fits. Raises original.no_room."""
    for name, rest in _SIZES:
        at, out = 0.0, []
        is_whole = True
        for n, text in enumerate(texts):
            style = Style("bold" if n == 0 else "semibold", name if n == 0 else rest)
            words = text if n == 0 else tied(text)
            is_whole &= all(width(word, style) <= room for word in text.split())
            for line in wrap([(words, style)], room):
                at += style.size * 1.18
                out.append((at - style.size * 0.2, line))
        if at <= high and is_whole:
            return out
    raise NoRoom("The patient's name and numbers do not fit into the place that the original has for them.")


def _draw_patient(sheet: Sheet, place: Place, model: FormModel) -> None:
    left, top = place.left * MM + _PAD, place.top * MM + _PAD / 2
    for at, line in _fitted(identity_lines(model), place.width * MM - 2 * _PAD, place.height * MM - _PAD):
        sheet.text(left, top + at, line.spans)


def _draw_serial(sheet: Sheet, place: Place, spec: OriginalSpec, model: FormModel, page: str, copy: int) -> None:
    """The symbol, the serial, which page and copy it is; whether it is a training print."""
    left, top, wide, high = place.left * MM, place.top * MM, place.width * MM, place.height * MM
    code = codes.page_code(spec.code, model.serial, model.key)
    modules = codes.datamatrix(code)[0]
    # Two modules of quiet all around belong to the symbol.
    module = next((m for m in _MODULES if (modules + 4) * m <= high), None)
    serial = model.serial or tr(NOT_ISSUED)
    lines = [(serial, Style("ident", 12)), (f"{page}  {tr('copy {number}').format(number=copy)}", Style("semibold", 9))]
    if model.site.training:
        lines.append((tr(TRAINING), Style("bold", 8)))
    side = (modules + 4) * module if module is not None else 0.0
    room = wide - side - 4
    if module is None or max(width(t, s) for t, s in lines) > room or 16 + 12 * (len(lines) - 1) > high:
        raise NoRoom("The serial does not fit into the place that the original has for it.")
    if model.serial:
        sheet.datamatrix(left + 2 * module, top + 2 * module, code, module)
    for n, (text, style) in enumerate(lines):
        sheet.text(left + side + 4, top + 13 + n * 12, text, style)
