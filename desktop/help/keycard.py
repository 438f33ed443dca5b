"""The key card: every key of the window on one A4 sheet, those of an image on its back, for wall and trolley (CLINICAL §8).
No Qt.

It carries no serial, alone of all our paper: it holds nobody's data and nothing is written on it, so nothing has to come
back (DESIGN D9, D10 are about sheets of patients). The keys are those of `content.KEYS`, which a test compares with the
window's.
"""

from __future__ import annotations

from desktop.forms.frame import A4, LEFT, RIGHT, TOP
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Style
from desktop.help.content import IMAGE_KEYS, KEYS
from desktop.printing.cups import print_pdf, printers
from desktop.printing.errors import NoPrintService

_TITLE, _HEAD = Style("semibold", 20), Style("regular", 11)
_KEY, _WORDS = Style("semibold", 13), Style("regular", 12)
_ROW = 10.5 * MM
_KEY_WIDE = 52 * MM
JOB = "Wardlamp key card"


def key_card() -> bytes:
    """The PDF, two pages: the keys of the window, and those of an image; equal bytes for equal keys."""
    sheet = Sheet(A4, JOB)
    head = "For when the systems are down. Bare letters act only in an image, so that a scanner triggers nothing."
    _side(sheet, "Wardlamp: the keys", head, KEYS)
    sheet.next_page(A4)
    _side(sheet, "Wardlamp: the keys in an image", "They act while the image has the focus. Images are for review only.",
          IMAGE_KEYS)  # fmt: skip
    return sheet.done()


def _side(sheet: Sheet, title: str, head: str, keys: tuple[tuple[str, str], ...]) -> None:
    wide, high = A4
    sheet.hatch(0, 0, wide, 4 * MM)
    y = TOP + 12 * MM
    sheet.text(LEFT, y, title, _TITLE)
    y += 7 * MM
    sheet.text(LEFT, y, head, _HEAD)
    y += 5 * MM
    row = min(_ROW, (high - y - 24 * MM) / len(keys))
    for key, words in keys:
        y += row
        sheet.box(LEFT, y - 6.2 * MM, _KEY_WIDE - 4 * MM, 8.2 * MM, 0.75)
        sheet.text(LEFT + 2.5 * MM, y, key, _KEY)
        sheet.text(LEFT + _KEY_WIDE, y, words, _WORDS)
    sheet.line(LEFT, high - TOP - 8 * MM, wide - RIGHT, high - TOP - 8 * MM)
    sheet.text(LEFT, high - TOP - 3 * MM, "No patient data. May hang on a wall. Times are on the 24-hour clock.", _HEAD)


def print_card(pdf: bytes, printer: str = "") -> str:
    """Print it; the printer's name. Raises print.*."""
    name = printer or next((p.name for p in printers() if p.ready), "")
    if not name:
        raise NoPrintService("No printer that is ready was found.")
    print_pdf(name, pdf, JOB)
    return name
