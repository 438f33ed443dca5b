"""The printer's test page: rulers, corner marks, both kinds of barcode to scan back, and what the printer says of itself.

Its code, `WT` + laptop + six characters + check (ISO 7064 MOD 37-2, as a serial has), is recorded when it is printed and
again when it was scanned: then the whole way from this laptop to a scanner works (DESIGN D10, CLINICAL §8). Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from desktop.forms.frame import A4, LEFT, RIGHT
from desktop.forms.sheet import MM, Sheet
from desktop.forms.type import Style, wrap
from desktop.printing.wire import Facts
from localdb.chart import wording
from localdb.records.ids import ALPHABET, check_character

TITLE = "Printer test"
_LENGTH = 12


def new_code(device: str, choose: Callable[[str], str]) -> str:
    """A code for one test; `choose` picks a character (`secrets.choice`)."""
    body = f"WT{device}" + "".join(choose(ALPHABET) for _ in range(6))
    return body + check_character(body)


def read_code(text: str) -> str:
    """The code in what a scanner typed, "" where it is none or was misread."""
    bare = text.strip().upper().replace(" ", "")
    sound = len(bare) == _LENGTH and bare.startswith("WT") and bare.isascii()
    try:
        return bare if sound and check_character(bare[:-1]) == bare[-1] else ""
    except KeyError:
        return ""


def draw_test(
    facts: Facts, code: str, at: datetime, staff: str, zone: str = wording.ZONE, *, duplex: bool = False
) -> bytes:  # fmt: skip
    """The PDF, one A4 page, or two for a printer that shall show both sides."""
    sheet = Sheet(A4, code)
    for page in range(1, 3 if duplex else 2):
        if page > 1:
            sheet.next_page(A4)
        _page(sheet, facts, code, at, staff, zone, page, 2 if duplex else 1)
    return sheet.done()


def _page(
    sheet: Sheet, facts: Facts, code: str, at: datetime, staff: str, zone: str, page: int, pages: int
) -> None:  # fmt: skip
    wide, high = A4
    _corners(sheet)
    sheet.hatch(LEFT, 10 * MM, wide - LEFT - RIGHT, 3 * MM)
    sheet.text(LEFT, 24 * MM, TITLE, Style("bold", 20))
    sheet.text(wide - RIGHT, 24 * MM, f"{page} of {pages}", Style("semibold", 11), align="right")
    y = 32 * MM
    facts_of = [
        ("Printer", wording.clean(facts.name)),
        ("Made by", wording.clean(facts.make) or "not told"),
        ("State", facts.words),
        ("Printed", f"{wording.instant_text(at, zone)} by {wording.clean(staff)}"),
        ("Sides", ", ".join(s.replace("-", " ") for s in facts.sides) or "not told"),
        ("Trays", ", ".join(facts.trays) or "not told"),
        ("Paper", ", ".join(map(paper_words, (facts.media_ready or facts.media)[:6])) or "not told"),
        ("Speed", f"{facts.ppm} pages a minute" if facts.ppm else "not told"),
        ("Resolution", ", ".join(facts.resolutions[:3]) or "not told"),
    ]
    for label, value in facts_of:
        sheet.text(LEFT, y, label, Style("regular", 9))
        for n, line in enumerate(wrap([(value, Style("semibold", 10))], wide - LEFT - RIGHT - 26 * MM)[:2]):
            sheet.text(LEFT + 26 * MM, y + n * 4.6 * MM, line.spans)
            y += 4.6 * MM * (n > 0)
        y += 5.6 * MM
    y += 4 * MM
    sheet.text(LEFT, y, "1  Measure: each ruler must be as long as it says.", Style("semibold", 11))
    _ruler(sheet, LEFT, y + 8 * MM, 100)
    _ruler(sheet, LEFT, y + 22 * MM, 50)
    _ruler(sheet, wide - RIGHT - 30 * MM, y + 4 * MM, 100, down=True)
    _ruler(sheet, wide - RIGHT - 12 * MM, y + 4 * MM, 50, down=True)
    y += 42 * MM
    sheet.text(LEFT, y, "2  Look: all four corner marks must be there, whole.", Style("semibold", 11))
    y += 9 * MM
    sheet.text(LEFT, y, "3  Scan both codes; each must read:", Style("semibold", 11))
    sheet.text(LEFT, y + 7 * MM, code, Style("ident", 14))
    sheet.code128(LEFT + 4 * MM, y + 13 * MM, code)
    sheet.datamatrix(LEFT + 4 * MM, y + 30 * MM, code)
    sheet.text(LEFT + 24 * MM, y + 38 * MM, "Then the laptop records that this printer works:", Style("regular", 10))
    sheet.text(LEFT + 24 * MM, y + 43 * MM, f"wardlamp printer scanned {code}", Style("semibold", 10))
    y += 58 * MM
    sheet.text(LEFT, y, "4  Read: the lines and letters below must be clear on a photocopy too.", Style("semibold", 11))
    for n, weight in enumerate((0.25, 0.5, 0.75, 1.0)):
        sheet.line(LEFT, y + (5 + 3.6 * n) * MM, LEFT + 80 * MM, y + (5 + 3.6 * n) * MM, weight)
        sheet.text(LEFT + 83 * MM, y + (6 + 3.6 * n) * MM, f"{weight:g} pt", Style("regular", 8))
    sheet.hatch(LEFT + 105 * MM, y + 4 * MM, 25 * MM, 10 * MM)
    for n, size in enumerate((8, 10, 12)):
        sheet.text(
            LEFT, y + (24 + 6 * n) * MM, f"{size} pt  0 O 1 l I 5 S 8 B  0.5 mg  50 micrograms", Style("regular", size)
        )
    foot = "A test page holds no patient data and is no sheet of the ledger: throw it away."
    sheet.text(LEFT, high - 8 * MM, foot, Style("regular", 8))


def paper_words(name: str) -> str:
    """`A4 210x297mm` of `iso_a4_210x297mm`."""
    parts = name.split("_")
    return f"{parts[1].upper()} {parts[2]}" if len(parts) == 3 else name


def _corners(sheet: Sheet, inset: float = 6 * MM, arm: float = 6 * MM) -> None:
    wide, high = A4
    for x, dx in ((inset, 1), (wide - inset, -1)):
        for y, dy in ((inset, 1), (high - inset, -1)):
            sheet.line(x, y, x + dx * arm, y, 0.75)
            sheet.line(x, y, x, y + dy * arm, 0.75)


def _ruler(sheet: Sheet, x: float, y: float, length: int, *, down: bool = False) -> None:
    """A ruler of so many mm, a stroke each millimetre, a long one each tenth."""
    if down:
        sheet.line(x, y, x, y + length * MM, 0.75)
    else:
        sheet.line(x, y, x + length * MM, y, 0.75)
    for mm in range(length + 1):
        arm = (3.2 if mm % 10 == 0 else 2.2 if mm % 5 == 0 else 1.2) * MM
        if down:
            sheet.line(x, y + mm * MM, x - arm, y + mm * MM, 0.5)
        else:
            sheet.line(x + mm * MM, y, x + mm * MM, y - arm, 0.5)
    words = f"{length} mm"
    if down:
        sheet.text(x - 1 * MM, y + length * MM + 5 * MM, words, Style("semibold", 9), align="centre")
    else:
        sheet.text(x, y + 4.5 * MM, words, Style("semibold", 9))
