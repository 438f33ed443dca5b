"""A page that shows how far a printer is off on a stock: corners of every label, and two rulers to read (CLINICAL §8).

Printed on plain paper it is held against a sheet of the stock in front of a light; printed on the stock itself (rolls), the
edge of the label is read off the ruler. There is no patient on it and it has no serial.
"""

from __future__ import annotations

from desktop.forms.language import tr
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Style, width
from localdb.labels import BandStock, Box, Stock

REACH = 5  # millimetres to each side of where the edge should be
_ARM = 2.5 * MM
_TICK = Style("regular", 8)


def boxes_of(stock: Stock | BandStock) -> tuple[Box, ...]:
    """What shall hit its place on the page: every label, or strip and receipt. Millimetres."""
    if isinstance(stock, Stock):
        return tuple((*stock.corner(n), *stock.label) for n in range(stock.each))
    return stock.strip, stock.receipt


def calibration_page(name: str, stock: Stock | BandStock, offset: tuple[int, int] = (0, 0), printer: str = "") -> bytes:
    """The page as PDF, with `offset` (tenths of a millimetre) as it stands now."""
    size = (stock.page[0] * MM, stock.page[1] * MM)
    sheet = Sheet(size, f"Calibration {name}")
    sheet.first_page(size)
    right, down = (n / 10 * MM for n in offset)
    boxes = boxes_of(stock)
    for x, y, wide, high in boxes:
        _corners(sheet, x * MM + right, y * MM + down, wide * MM, high * MM)
    x, y, wide, high = (n * MM for n in boxes[0])
    _across(sheet, x + right, y + down + high / 2)
    _down(sheet, x + right + wide / 2, y + down)
    _words(sheet, name, offset, printer, (x + right, y + down, wide, high))
    return sheet.done()


def _corners(sheet: Sheet, x: float, y: float, wide: float, high: float) -> None:
    for cx, cy in ((x, y), (x + wide, y), (x, y + high), (x + wide, y + high)):
        sheet.line(cx - _ARM, cy, cx + _ARM, cy, 0.3)
        sheet.line(cx, cy - _ARM, cx, cy + _ARM, 0.3)


def _across(sheet: Sheet, x: float, y: float) -> None:
    """Half millimetres from `REACH` left of the edge to `REACH` right of it; the long mark is where the edge should be."""
    for half in range(-2 * REACH, 2 * REACH + 1):
        at = x + half / 2 * MM
        long = 5.0 if half == 0 else 3.2 if half % 2 == 0 else 2.0
        sheet.line(at, y - long, at, y, 0.3)
        if half in (-8, 0, 8):
            sheet.text(at, y + 8.5, f"{half // 2}", _TICK, align="centre")


def _down(sheet: Sheet, x: float, y: float) -> None:
    for half in range(-2 * REACH, 2 * REACH + 1):
        at = y + half / 2 * MM
        long = 5.0 if half == 0 else 3.2 if half % 2 == 0 else 2.0
        sheet.line(x - long, at, x, at, 0.3)
        if half in (-8, 0, 8):
            sheet.text(x + 2, at + 2.8, f"{half // 2}", _TICK)


def _words(sheet: Sheet, name: str, offset: tuple[int, int], printer: str, box: Box) -> None:
    """What to do with it: below the first label of a sheet, in the label of a roll as far as there is room."""
    x, y, wide, high = box
    is_sheet = y + 3 * high < sheet.height
    lines = [
        tr("Stock {name}: offset now {right} right, {down} down, in tenths of a millimetre.").format(
            name=name, right=offset[0], down=offset[1]
        ),
        *([tr("Printer {name}").format(name=printer)] if printer else []),
        tr("Hold this page over a sheet of the stock, before a light; on a roll look at the label itself."),
        tr("Read on both rulers where the edge of the first label is, in millimetres from 0; times ten is the offset:"),
        "wardlamp labels calibrate --stock … --printer … --right N --down N",
    ]
    left = x + 6 if is_sheet else x + 12 * MM
    at, end = (y + high + 24, y + 2 * high) if is_sheet else (y + high / 2 + 22, y + high - 2)
    room = (sheet.width - left - 10 * MM) if is_sheet else wide - 14 * MM
    for text in lines:
        if at < end and width(text, _TICK) <= room:
            sheet.text(left, at, text, _TICK)
            at += 11
