"""The GS1 DataMatrix of a wristband (CLINICAL §1.4: DCB1077, formerly ISB 1077; GS1 General Specifications). Pure.

Elements: 8018 = GSRN of the patient, 18 digits = company prefix 5050898 + NHS number + mod 10 check digit; 91 = ODS code,
hospital number, location number; 92 = baby n, of m, mother's family and given name; 93 = family name, given name, date
and (of a newborn) time of birth. Fields are parted by commas, trailing ones may be empty. 8017 is a badge of staff; 94 is
not valid on a band and 95 to 97 are reserved, so a code with one of them is no wristband.

Scanners drop the group separator (ASCII 29), or send something in its place: without one the elements are found again by
their lengths and by what each may hold. Where two readings name different patients, none is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from localdb.chart.scan_errors import refuse_scan
from localdb.records.ids import nhs_number_is_sound

GS = "\x1d"
PREFIX = "5050898"  # the company prefix of the NHS's recipient numbers
SUBSTITUTES = ("{GS}", "<GS>", "\\x1d", "^]")  # what scanners write for the separator, longest forms first
RECIPIENT, PROVIDER, INSTANCE = "8018", "8017", "8019"
_IDS = (RECIPIENT, PROVIDER, INSTANCE, *(str(n) for n in range(91, 100)))
_NOT_ON_BANDS = frozenset({"94", "95", "96", "97"})
_SYMBOLOGY = re.compile(r"\](?:d2|c1|q3)", re.IGNORECASE)  # DataMatrix, GS1-128, QR with FNC1 first
_BRACKETED = re.compile(rf"\(({'|'.join(_IDS)})\)")  # as people write it out by hand
_NAME = re.compile(r"[^\W\d_][^\d,\x1d]*\Z")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_COMMAS = {"91": (2, 3), "92": (3, 4), "93": (2, 3, 4)}  # of an element that is there to its last field
_READINGS = 64  # more ways to part one code than any band has

Element = tuple[str, str]


class Gs1(msgspec.Struct, frozen=True, kw_only=True):
    """What the elements say; "" where one is not there. `is_checked` false: the GSRN came without its check digit.
    `born` ISO 8601 (`1950-03-01`); `baby` of `babies` from 92."""

    nhs: str = ""
    is_checked: bool = True
    ods: str = ""
    mrn: str = ""
    family: str = ""
    given: str = ""
    born: str = ""
    born_time: str = ""
    baby: str = ""
    babies: str = ""
    mother: str = ""


def check_digit(digits: str) -> str:
    """The GS1 mod 10 check digit of a number without it (weights 3 and 1 from the right)."""
    total = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(digits)))
    return str(-total % 10)


def gsrn_of(nhs: str) -> str:
    """The 18 digits that stand for an NHS number on a wristband."""
    stem = PREFIX + nhs
    return stem + check_digit(stem)


def read_date(text: str, order: str = "dmy") -> str:
    """ISO 8601 of a date of birth as bands have it: `1-Mar-1950`, `01/03/1950`, `1950-03-01`, `19500301`; "" for any
    other. `order` dmy, mdy or ymd says how three numbers are meant; a year first is always a year."""
    bare = text.strip()
    found = re.fullmatch(r"(\d{1,2})[- /.]?([A-Za-z]{3})[A-Za-z]*[- /.]?(\d{4})", bare)
    if found and found[2].lower() in _MONTHS:
        return _iso(found[3], str(_MONTHS.index(found[2].lower()) + 1), found[1])
    found = re.fullmatch(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})", bare)
    if found and found[1][:2] in ("18", "19", "20"):
        return _iso(*found.groups())
    found = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", bare) or re.fullmatch(r"(\d\d)(\d\d)(\d{4})", bare)
    if found:
        return _iso(found[3], found[1], found[2]) if order == "mdy" else _iso(found[3], found[2], found[1])
    return ""


def _iso(year: str, month: str, day: str) -> str:
    lengths = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    y, m, d = int(year), int(month), int(day)
    if not 1 <= m <= 12 or not 1 <= d <= lengths[m - 1]:
        return ""
    if m == 2 and d == 29 and (y % 4 or (y % 100 == 0 and y % 400)):
        return ""
    return f"{y:04d}-{m:02d}-{d:02d}"


def read_gs1(text: str, separators: Sequence[str] = ()) -> Gs1 | None:
    """The elements of a scan; None where it is no GS1 code. Raises scan.check_digit, scan.staff_badge,
    scan.not_a_band, scan.damaged, scan.unclear."""
    prefixed = bool(_SYMBOLOGY.match(text))
    bare = _SYMBOLOGY.sub("", text, count=1) if prefixed else text
    for substitute in (*SUBSTITUTES, *(s for s in separators if s)):
        bare = bare.replace(substitute, GS)
    bare = _BRACKETED.sub(lambda found: GS + found[1], bare).strip(GS + " ")
    if bare.isdigit() and len(bare) == 18 and bare.startswith(PREFIX):
        bare = RECIPIENT + bare
    if not _looks_like_one(bare) and not prefixed:
        return None
    readings = list(islice(_readings(bare, 0, frozenset()), _READINGS))
    if not readings:
        raise _why_not(bare)
    return _chosen(readings)


def _looks_like_one(bare: str) -> bool:
    """A number alone is no GS1 code, also where it begins as an element does: 999 000 0018."""
    if bare.startswith((RECIPIENT, PROVIDER)):
        return len(bare) >= 20 and bare[4:11].isdigit()
    return bare.startswith(("91", "92", "93")) and ("," in bare or GS in bare)


def _why_not(bare: str) -> Exception:
    if bare.startswith(PROVIDER) and bare[4:21].isdigit():
        return refuse_scan("scan.staff_badge")
    digits = bare[4:22]
    if bare.startswith(RECIPIENT) and len(digits) == 18 and digits.isdigit() and check_digit(digits[:17]) != digits[17]:
        return refuse_scan("scan.check_digit")
    return refuse_scan("scan.damaged")


def _readings(text: str, at: int, used: frozenset[str]) -> Iterator[tuple[Element, ...]]:
    """Every way to part the text into elements, each element once, each with content that it may have."""
    while at < len(text) and text[at] == GS:
        at += 1
    if at == len(text):
        if used:
            yield ()
        return
    for name in _IDS:
        if name in used or not text.startswith(name, at):
            continue
        for end in _ends(text, at + len(name), name, used | {name}):
            content = text[at + len(name) : end]
            if not _may_hold(name, content):
                continue
            for rest in _readings(text, end, used | {name}):
                yield ((name, content), *rest)


def _ends(text: str, start: int, name: str, used: frozenset[str]) -> Iterator[int]:
    if name in (RECIPIENT, PROVIDER):
        yield from (start + 18, start + 17)
        return
    parted = text.find(GS, start)
    if parted >= 0:
        yield parted
        return
    yield from (
        n for n in range(start + 1, len(text)) if any(i not in used and text.startswith(i, n) for i in _IDS)
    )  # fmt: skip
    yield len(text)


def _may_hold(name: str, content: str) -> bool:
    if name in (RECIPIENT, PROVIDER):
        if not content.isascii() or not content.isdigit():
            return False
        return len(content) == 17 or len(content) == 18 and check_digit(content[:17]) == content[17]
    if name == INSTANCE:
        return content.isdigit() and len(content) <= 10
    fields = _fields(content)
    if name == "91":
        shapes = (r"[A-Za-z0-9]{3,6}", r"[A-Za-z0-9/_-]{0,20}", r"(\d{6,13})?")
        return 1 <= len(fields) <= 3 and all(re.fullmatch(s, f) for s, f in zip(shapes, fields, strict=False))
    if name == "92":
        counted = 2 <= len(fields) <= 4 and all(f.isascii() and f.isdigit() and len(f) <= 2 for f in fields[:2])
        return counted and all(_NAME.match(f) for f in fields[2:])
    if name == "93":
        # A name that the character set of the code cannot write whole is left empty (gs1_band): then the date stands.
        nameless = len(fields) >= 3 and not fields[0] and (not fields[1] or bool(_NAME.match(fields[1])))
        names = bool(fields) and len(fields) <= 4 and (nameless or bool(_NAME.match(fields[0])))
        return names and (len(fields) < 3 or not fields[2] or bool(read_date(fields[2])))
    return True


def _fields(content: str) -> list[str]:
    """The comma-parted fields without the empty ones at the end."""
    fields = [f.strip() for f in content.split(",")]
    while fields and not fields[-1]:
        fields.pop()
    return fields


def _weight(reading: tuple[Element, ...]) -> int:
    """How like a band a reading is: whole elements count for it, local and rare ones against it."""
    total = 0
    for name, content in reading:
        if name in (RECIPIENT, PROVIDER):
            total += 4 if len(content) == 18 else 1
        elif name in _COMMAS:
            total += 1 + (content.count(",") in _COMMAS[name])
        else:
            total -= 1
    return total


def _chosen(readings: list[tuple[Element, ...]]) -> Gs1:
    best = max(map(_weight, readings))
    made: list[Gs1] = []
    for reading in readings:
        if _weight(reading) == best:
            found = _facts(dict(reading))
            if found not in made:
                made.append(found)
    if len({(one.nhs, one.mrn, one.family, one.born) for one in made}) > 1:
        raise refuse_scan("scan.unclear")
    return made[0]


def _facts(elements: dict[str, str]) -> Gs1:
    if PROVIDER in elements:
        raise refuse_scan("scan.staff_badge")
    if _NOT_ON_BANDS & elements.keys():
        raise refuse_scan("scan.not_a_band")
    number = elements.get(RECIPIENT, "")
    nhs = number[len(PREFIX) : 17] if number.startswith(PREFIX) else ""
    if nhs and not nhs_number_is_sound(nhs):
        raise refuse_scan("scan.nhs_unsound")
    here = [*_fields(elements.get("91", "")), "", ""]
    baby = [*_fields(elements.get("92", "")), "", "", "", ""]
    who = [*_fields(elements.get("93", "")), "", "", "", ""]
    return Gs1(
        nhs=nhs, is_checked=len(number) != 17, ods=here[0], mrn=here[1], family=who[0], given=who[1],
        born=read_date(who[2]), born_time=who[3], baby=baby[0], babies=baby[1],
        mother=", ".join(x for x in baby[2:4] if x),
    )  # fmt: skip
