"""A reprint is the first print's own bytes with its number above each page (CLINICAL §7.1): nothing is made anew, so no row
can have moved to another page. Pure."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import pikepdf

from desktop.forms.frame import LEFT, RIGHT
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Style, width
from localdb.chart import wording

_BASELINE = 7.5 * MM  # above the frame, inside what a laser printer can reach
_SIZE = 9
_LEAST = 100 * MM


def reprint_line(number: int, page: int, at: datetime, staff: str, zone: str = wording.ZONE) -> str:
    """What stands above each page of a reprint."""
    when = wording.instant_text(at, zone)
    return f"REPRINT {number} (page {page}) {when} by {wording.clean(staff)}. Take the first print out of use."


def stamped_reprint(
    pdf: bytes, which: Sequence[int], number: int, at: datetime, staff: str, size: str, zone: str = wording.ZONE
) -> bytes:  # fmt: skip
    """The pages `which` (from 1; empty = all) of a sheet, each with its line; twice on a sheet that is cut in two.

    A label of a roll has no room for the line: its number is in the ledger alone.
    """
    with pikepdf.open(io.BytesIO(pdf)) as whole:
        pages = list(which) or list(range(1, len(whole.pages) + 1))
        made = pikepdf.new()
        for n in pages:
            made.pages.append(whole.pages[n - 1])
        lines = [reprint_line(number, n, at, staff, zone) for n in pages]
        for page, line in zip(made.pages, lines, strict=True):
            box = page.mediabox
            wide, high = float(box[2] - box[0]), float(box[3] - box[1])
            if min(wide, high) < _LEAST:
                continue
            with pikepdf.open(io.BytesIO(_line_page((wide, high), line, halves=size == "2 A5 on A4"))) as over:
                page.add_overlay(over.pages[0], pikepdf.Rectangle(*(float(side) for side in box)))
        out = io.BytesIO()
        made.save(out, deterministic_id=True)
        return out.getvalue()


def _line_page(size: tuple[float, float], line: str, *, halves: bool) -> bytes:
    sheet = Sheet(size, "")
    room = size[0] - LEFT - RIGHT
    points = min(_SIZE, _SIZE * room / max(1.0, width(line, Style("bold", _SIZE))))
    for top in (0.0, size[1] / 2) if halves else (0.0,):
        sheet.text(LEFT, top + _BASELINE, line, Style("bold", points))
    return sheet.done()
