"""What a scanned code says: a wristband, a Wardlamp sheet or a bare number (CLINICAL §1.4, §8). Pure: opens nothing.

Tried in this order: our own sheet (`WL1|form|serial|key`, or its serial), the GS1 code of a wristband, the site's own
patterns, a bare number. A scanner set to another keyboard, or a caps lock, changes signs: what cannot be read as it came is
read again with the known changes undone, strict forms only. Nobody is identified here: `localdb/identifying.py` asks
who it is, and a person confirms the banner.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec

from localdb.chart.gs1 import PREFIX, RECIPIENT, Gs1, read_gs1
from localdb.chart.scan_errors import ScanRefused, refuse_scan
from localdb.chart.scan_patterns import Scanning, found_by
from localdb.records.ids import nhs_number_is_sound, serial_is_sound

SHORTEST, LONGEST = 6, 400  # characters of a scan
SHEET = "WL1"
GS1, NUMBER, BARE = "GS1 code of a wristband", "NHS number alone", "hospital number alone"

# Signs that change when a scanner that is set to a US keyboard types into a laptop set to a UK one; and the way back.
_US_ON_UK = str.maketrans({"@": '"', '"': "@", "£": "#", "#": "\\", "~": "|", "¬": "~"})
_UK_ON_US = str.maketrans({'"': "@", "@": '"', "#": "£", "\\": "#", "|": "~", "~": "¬", ">": "|", "<": "\\"})


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """What a wristband says; "" where it does not. `read_as` how it was read, in words; `is_checked` false: its code
    lacked the check digit; `repaired` what a keyboard had changed, in words; `is_number` neither name nor birth date."""

    nhs: str = ""
    mrn: str = ""
    family: str = ""
    given: str = ""
    born: str = ""
    born_time: str = ""
    baby: str = ""
    babies: str = ""
    mother: str = ""
    read_as: str = GS1
    is_checked: bool = True
    repaired: str = ""

    @property
    def is_number(self) -> bool:
        return not (self.family or self.born)


class SheetCode(msgspec.Struct, frozen=True, kw_only=True):
    """What the code of a sheet says: `key` the patient's id, `ward:NAME`, "" (a blank, or the serial alone)."""

    serial: str
    form: str = ""
    key: str = ""
    repaired: str = ""


Scan = Band | SheetCode


def read_scan(text: str, site: Scanning | None = None) -> Scan:
    """What a code says. Raises scan.* (see scan_errors); the error never holds what was read."""
    site = site or Scanning()
    bare = text.strip(" \t\r\n\x00\x02\x03")
    if len(bare) > LONGEST:
        raise refuse_scan("scan.too_long")
    refused: ScanRefused | None = None
    for changed, repaired in _as_meant(bare):
        for read in (_sheet, _band, _by_pattern):
            try:
                found = read(changed, site)
            except ScanRefused as why:
                refused = refused or why
                continue
            if found is not None:
                return msgspec.structs.replace(found, repaired=repaired)
    if refused is not None:
        raise refused
    return _number(bare)


def _as_meant(text: str) -> Iterator[tuple[str, str]]:
    """The text as it came, then with each known fault of a keyboard undone."""
    faults: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("", lambda t: t),
        ("caps lock", str.swapcase),
        ("keyboard set to UK", lambda t: t.translate(_US_ON_UK)),
        ("keyboard set to US", lambda t: t.translate(_UK_ON_US)),
        ("keyboard set to UK, caps lock", lambda t: t.translate(_US_ON_UK).swapcase()),
        ("keyboard set to US, caps lock", lambda t: t.translate(_UK_ON_US).swapcase()),
    )
    seen = set()
    for words, mend in faults:
        mended = mend(text)
        if mended not in seen:
            seen.add(mended)
            yield mended, words


def _sheet(text: str, site: Scanning) -> SheetCode | None:
    parts = text.split("|", 3)
    if parts[0] == SHEET and len(parts) > 1:
        if len(parts) != 4 or not serial_is_sound(parts[2]) or parts[2][4:7] != parts[1]:
            raise refuse_scan("scan.serial")
        return SheetCode(serial=parts[2], form=parts[1], key=parts[3])
    serial = text.replace(" ", "").replace("-", "")
    if re.fullmatch(r"W[0-9A-HJKMNP-TV-Z]{11}[0-9A-Z*]", serial):
        if not serial_is_sound(serial):
            raise refuse_scan("scan.serial")
        return SheetCode(serial=serial, form=serial[4:7])
    return None


def _band(text: str, site: Scanning) -> Band | None:
    found = read_gs1(text, site.separators)
    if found is None:
        return None
    if not (found.nhs or found.mrn or (found.family and found.born)):
        raise refuse_scan("scan.damaged")
    return _from_gs1(found)


def _from_gs1(found: Gs1) -> Band:
    return Band(
        nhs=found.nhs, mrn=found.mrn, family=found.family, given=found.given, born=found.born, born_time=found.born_time,
        baby=found.baby, babies=found.babies, mother=found.mother, is_checked=found.is_checked,
    )  # fmt: skip


def _by_pattern(text: str, site: Scanning) -> Band | None:
    for pattern in site.patterns:
        found = found_by(pattern, text)
        if found is not None:
            nhs, mrn, family, given, born = (found.get(g, "") for g in ("nhs", "mrn", "family", "given", "born"))
            return Band(nhs=nhs, mrn=mrn, family=family, given=given, born=born, read_as=f"pattern {pattern.name}")
    return None


def _number(text: str) -> Band:
    """A number alone: an NHS, CHI or H&C number by its check digit, else a hospital number."""
    digits = re.sub(r"[ .-]", "", text)
    if len(digits) == 10 and nhs_number_is_sound(digits):
        return Band(nhs=digits, read_as=NUMBER)
    if re.fullmatch(r"\d{3}[ .-]\d{3}[ .-]\d{4}", text):
        raise refuse_scan("scan.nhs_unsound")  # written as an NHS number is, so meant as one
    if re.fullmatch(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9/_.-]{2,23}", text) and not text.startswith(
        (RECIPIENT + PREFIX, SHEET)
    ):
        return Band(mrn=text, read_as=BARE)
    raise refuse_scan("scan.not_known")


def number_label(nhs: str) -> str:
    """What a ten-digit number is called by its range (CLINICAL §1.2): Scotland's and Northern Ireland's have the same check
    digit, so none is called NHS No. for all."""
    if nhs[:2].isdigit() and 32 <= int(nhs[:2]) <= 39:
        return "H&C No."
    day, month = nhs[:2], nhs[2:4]
    if "01" <= day <= "31" and "01" <= month <= "12":
        return "CHI No."
    return "NHS No."
