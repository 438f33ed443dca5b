"""The form as plain text, for when its design fails: a plain page is better than none (issue 4, D10).

Same outline, same identity, serial and page n of m on every page, in a fixed-pitch font. It uses nothing of the
designed pages: no blocks, no frame, no shaping beyond what a character needs, no barcode that could fail again.
"""

from __future__ import annotations

import textwrap

from desktop.forms.allergies import strip_texts
from desktop.forms.frame import footer_texts, head_lines
from desktop.forms.identity import identity_lines
from desktop.forms.model import Form, FormModel
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Style, width

A4 = (210 * MM, 297 * MM)
_LEFT, _TOP, _LOW, _LEADING = 22 * MM, 16 * MM, 285 * MM, 12.0
_STYLE = Style("mono", 9.5)
NOTICE = "Plain print: the usual layout of this form failed. Same facts, same serial."


def plain_lines(form: Form, model: FormModel) -> list[str]:
    """The body: every fact of the outline, a line each."""
    outline = form.outline(model)
    out: list[str] = []
    if form.allergies:
        title, *statements = strip_texts(model)
        out += [f"* {title}", *(f"  {t}" for t in statements), ""]
    for box in outline.boxes:
        out += [*(t for t in box if t), ""]
    if outline.phoned:
        out += [*outline.phoned, ""]
    for section in outline.sections:
        out.append(f"* {section.title}   {section.as_of}".rstrip())
        out += [f"  {line}" for row in section.rows for line in row.lines]
        out.append("")
    return [*out, outline.foot] if outline.foot else out


def _fitted(line: str) -> list[str]:
    """A line in pieces that fit the page; wide scripts are measured, not counted."""
    columns = int((210 * MM - _LEFT - 10 * MM) / width("0", _STYLE))
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    pieces = textwrap.wrap(line, columns, subsequent_indent=indent, break_on_hyphens=False) or [""]
    if all(width(p, _STYLE) <= 210 * MM - _LEFT - 10 * MM for p in pieces):
        return pieces
    return textwrap.wrap(line, columns // 2, subsequent_indent=indent, break_on_hyphens=False)


def pages_of(form: Form, model: FormModel) -> list[list[str]]:
    """The body lines of each page."""
    body = [piece for line in plain_lines(form, model) for piece in _fitted(line)]
    each = int((_LOW - _TOP) / _LEADING) - len(_head(form, model, 1, 1, 1)) - len(_foot(form, model)) - 3
    each = max(each, 10)
    return [body[n : n + each] for n in range(0, len(body), each)] or [[]]


def _head(form: Form, model: FormModel, page: int, pages: int, copy: int) -> list[str]:
    one, use = head_lines(form, model)
    texts = [
        f"{model.site.hospital}   {form.title}", one, use,
        f"{model.serial}   page {page} of {pages}   copy {copy}",
        *identity_lines(model), NOTICE,
    ]  # fmt: skip
    return [piece for text in texts for piece in _fitted(text)]


def _foot(form: Form, model: FormModel) -> list[str]:
    return [piece for text in footer_texts(form, model) for piece in _fitted(text)]


def draw_plain(sheet: Sheet, form: Form, model: FormModel, *, first: bool) -> int:
    """Every page of every copy onto `sheet`; `first` = nothing stands on it yet. Returns the pages of one copy."""
    bodies = pages_of(form, model)
    for copy in range(model.copy, model.copy + model.copies):
        for n, body in enumerate(bodies):
            if first:
                sheet.first_page(A4)
            else:
                sheet.next_page(A4)
            first = False
            head, foot = _head(form, model, n + 1, len(bodies), copy), _foot(form, model)
            y = _TOP
            for line in (*head, "", *body, "", *foot):
                sheet.text(_LEFT, y, line, _STYLE)
                y += _LEADING
            sheet.line(_LEFT, _TOP + len(head) * _LEADING - 6, 200 * MM, _TOP + len(head) * _LEADING - 6)
    return len(bodies)
