"""The key card: every key of the window on one A4 page, for the wall and the trolley (CLINICAL §8). No Qt.

It carries no serial, alone of all our paper: it holds nobody's data and nothing is written on it, so nothing has to come
back (DESIGN D9, D10 are about sheets of patients). The keys are those of `content.KEYS`, which a test compares with the
window's.
"""

from __future__ import annotations

from desktop.forms.frame import A4, LEFT, RIGHT, TOP
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Style
from desktop.help.content import KEYS
from desktop.printing.cups import print_pdf, printers
from desktop.printing.errors import NoPrintService

_TITLE, _HEAD = Style("semibold", 20), Style("regular", 11)
_KEY, _WORDS = Style("semibold", 13), Style("regular", 12)
_ROW = 10.5 * MM
_KEY_WIDE = 52 * MM
JOB = "Wardlamp key card"


def key_card() -> bytes:
    """The PDF, one page; equal bytes for equal keys."""
    sheet = Sheet(A4, JOB)
    wide, high = A4
    sheet.hatch(0, 0, wide, 4 * MM)
    y = TOP + 12 * MM
    sheet.text(LEFT, y, "Wardlamp: the keys", _TITLE)
    y += 7 * MM
    sheet.text(
        LEFT, y, "For when the systems are down. Bare letters do nothing, so that a scanner triggers nothing.", _HEAD
    )
    y += 5 * MM
    for key, words in KEYS:
        y += _ROW
        sheet.box(LEFT, y - 6.5 * MM, _KEY_WIDE - 4 * MM, 8.5 * MM, 0.75)
        sheet.text(LEFT + 2.5 * MM, y, key, _KEY)
        sheet.text(LEFT + _KEY_WIDE, y, words, _WORDS)
    sheet.line(LEFT, high - TOP - 8 * MM, wide - RIGHT, high - TOP - 8 * MM)
    sheet.text(LEFT, high - TOP - 3 * MM, "No patient data. May hang on a wall. Times are on the 24-hour clock.", _HEAD)
    return sheet.done()


def print_card(pdf: bytes, printer: str = "") -> str:
    """Print it; the printer's name. Raises print.*."""
    name = printer or next((p.name for p in printers() if p.ready), "")
    if not name:
        raise NoPrintService("No printer that is ready was found.")
    print_pdf(name, pdf, JOB)
    return name
