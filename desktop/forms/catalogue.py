"""The forms by their codes, and the one way to make a page of them (DESIGN D10).

`render` is a pure function: the same models give the same bytes. A form whose design fails prints as plain text: the
failure is reported beside the bytes, by its kind only.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Sequence

import msgspec

from desktop import forms
from desktop.forms import layout, plain
from desktop.forms.allergies import strip_texts
from desktop.forms.frame import A4, footer_texts, head_lines
from desktop.forms.identity import identity_lines
from desktop.forms.language import speaking, tr
from desktop.forms.model import Form, FormModel
from desktop.forms.sheet import Placed, Sheet
from localdb.errors import HouseFault, InputRefused
from localdb.labels import LabelRefused


def _found() -> dict[str, Form]:
    """Each module `fNN_name` of this package states its form as FORM; the catalogue is in order of their codes."""
    names = sorted(m.name for m in pkgutil.iter_modules(forms.__path__) if re.fullmatch(r"[a-z][0-9]{2}_\w+", m.name))
    made: list[Form] = [importlib.import_module(f"{forms.__name__}.{name}").FORM for name in names]
    return {form.code: form for form in made}


FORMS: dict[str, Form] = _found()


class LabelFailed(HouseFault):
    """Labels or a wristband that could not be drawn: there is no plain print of those (see `Form.is_framed`)."""

    code = "label.failed"
    next_step = "Write the labels by hand, from the wristband, and tell the coordinator."


class Rendered(msgspec.Struct, frozen=True):
    """PDF bytes; `pages` of each model, `plain` the numbers of models whose design failed, `faults` the kinds of those
    failures (no patient data), `placed` where each text stands."""

    pdf: bytes
    pages: tuple[int, ...]
    plain: tuple[int, ...] = ()
    faults: tuple[str, ...] = ()
    placed: tuple[Placed, ...] = ()


def form(code: str) -> Form:
    """Raises `form.unknown`."""
    try:
        return FORMS[code.upper()]
    except KeyError:
        raise InputRefused(
            "There is no form of that code.", code="form.unknown", next_step="See the list: `wardlamp print --list`."
        ) from None


def render(code: str, model: FormModel) -> bytes:
    """The PDF of one sheet with all its copies."""
    return render_pack([(code, model)]).pdf


def render_pack(jobs: Sequence[tuple[str, FormModel]]) -> Rendered:
    """One PDF of many sheets, each from its own model: nothing is carried from one to the next (H03).

    A design that fails halfway has left strokes behind, so the pack starts again with that sheet as plain text.
    """
    faults: dict[int, str] = {}
    while True:
        sheet = Sheet(A4, jobs[0][1].serial if len(jobs) == 1 else f"{len(jobs)} sheets")
        counts: list[int] = []
        for n, (code, model) in enumerate(jobs):
            made = form(code)
            with speaking(model.site.language):
                if n in faults:
                    counts.append(plain.draw_plain(sheet, made, model, first=n == 0))
                    continue
                try:
                    counts.append(_draw(sheet, made.design(made, model), model, first=n == 0))
                except LabelRefused:
                    raise
                except Exception as fault:  # noqa: BLE001 - whatever is wrong with a design, the ward gets its page
                    if not made.is_framed:
                        raise LabelFailed("The labels could not be made.") from None
                    faults[n] = type(fault).__name__
                    break
        else:
            placed = tuple(sheet.placed)
            return Rendered(sheet.done(), tuple(counts), tuple(faults), tuple(faults.values()), placed)


def _draw(sheet: Sheet, design: layout.Design, model: FormModel, *, first: bool) -> int:
    """Every copy onto `sheet`; returns the pages of one."""
    each = design.copies_each
    for copy in range(model.copy, model.copy + model.copies * each, each):
        for n, panels in enumerate(design.pages):
            if not first:
                sheet.next_page(design.size)
            elif sheet.page == 1:
                sheet.first_page(design.size)
            first = False
            for k, panel in enumerate(panels):
                panel.frame.draw(sheet, n + 1, len(design.pages), copy + k)
                for x, y, block in panel.items:
                    block.draw(sheet, x, y)
            if design.cut is not None:
                sheet.dashed(0, design.cut, sheet.width)
    return len(design.pages)


def pages_needed(code: str, model: FormModel) -> int:
    """How many pages one copy of the sheet will have: asked before its serial is recorded."""
    made = form(code)
    with speaking(model.site.language):
        try:
            return len(made.design(made, model).pages)
        except Exception:
            if not made.is_framed:
                raise
            return len(plain.pages_of(made, model))


def text_model(code: str, model: FormModel) -> tuple[str, ...]:
    """Every string that must be found on the sheet, whichever way it is made."""
    made = form(code)
    with speaking(model.site.language):
        if not made.is_framed:
            return tuple(t for t in (model.serial, *made.outline(model).texts) if t)
        one, use = head_lines(made, model)
        strip = strip_texts(model) if made.allergies else ()
        identity = identity_lines(model) if not model.blank else ()
        head = (model.site.hospital, tr(made.title), one, use, model.serial)
        facts = (*head, *identity, *strip, *made.outline(model).texts, *footer_texts(made, model))
    return tuple(t for t in facts if t)
