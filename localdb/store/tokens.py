"""What a search finds: the words of a patient, and the query of what was typed (STACK-database §7). Pure.

Rules: marks, case and punctuation never matter; a number matches with or without spaces; a date of birth matches in any
usual form, half-typed too; a known ward name, with or without a bed, is one word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from localdb.chart.views import PatientView

# Letters that Unicode does not take apart into a base and a mark.
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "ı": "i"})
_MONTHS = {m: n for n, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_DAY_FIRST = re.compile(r"(?<![\w])(\d{1,2})[-/. ](\d{1,2}|[a-z]{3,9})[-/. ](\d{4})(?![\w])")
_YEAR_FIRST = re.compile(r"(?<![\w])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\w])")
_HALF_DAY_FIRST = re.compile(r"(?<![\w])(\d{1,2})[/.](\d{1,2})(?:[/.](\d{1,3}))?\Z")
_HALF_YEAR_FIRST = re.compile(r"(?<![\w])((?:1[89]|20)\d\d)-(\d{1,2})?\Z")


def plain(text: str) -> str:
    """Case and marks taken away; letters of other scripts stay."""
    if text.isascii():
        return text.lower()  # most names: nothing to take apart
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    return _WORD.findall(plain(text))


def glued(text: str) -> str:
    return "".join(words(text))


def patient_words(view: PatientView) -> str:
    """The search document of one person: words parted by spaces."""
    found: dict[str, None] = {}
    for name in view.names:
        for part in (name.family, *name.given, name.text):
            pieces = words(part)
            found.update(dict.fromkeys(pieces))
            if len(pieces) > 1:
                found[glued(part)] = None  # O'Brien is found as obrien and as brien
    for identifier in view.identifiers:
        pieces = words(identifier.value)
        found.update(dict.fromkeys(pieces))
        found[glued(identifier.value)] = None
    if view.born and view.born.precision == "day" and view.born.utc is not None:
        year, month, day = view.born.text[:4], view.born.text[5:7], view.born.text[8:10]
        found[year + month + day] = None
        found[day + month + year] = None
    elif view.born:
        found[view.born.text[:4]] = None
    if view.ward:
        found[glued(view.ward)] = None
        if view.bed:
            found[glued(view.ward) + glued(view.bed)] = None
            found[glued(view.bed)] = None
    return " ".join(w for w in found if w)


def _date(year: str, month: str, day: str) -> str | None:
    number = int(month) if month.isdigit() else _MONTHS.get(month[:3], 0)
    if not 1 <= number <= 12 or not 1 <= int(day) <= 31:
        return None
    return f"{year}{number:02d}{int(day):02d}"


def query(text: str, wards: Collection[str] = ()) -> str:
    """The FTS5 expression for what was typed; "" where nothing can be asked. `wards` are the known ward names."""
    return _expression(beginnings(text, wards))


def beginnings(text: str, wards: Collection[str] = ()) -> list[str]:
    """With what the words of a person must begin, each with one of them, for what was typed."""
    rest = plain(text).strip()
    prefixes: list[str] = []
    for ward in sorted(wards, key=len, reverse=True):
        name = plain(ward)
        if name and rest.startswith(name):
            bed = glued(rest[len(name) :].replace("bed", " "))
            prefixes.append(glued(name) + bed)
            rest = ""
            break

    def day_first(found: re.Match[str]) -> str:
        date = _date(found[3], found[2], found[1])
        if date:
            prefixes.append(date)
        return " " if date else found[0]

    def year_first(found: re.Match[str]) -> str:
        date = _date(found[1], found[2], found[3])
        if date:
            prefixes.append(date)
        return " " if date else found[0]

    rest = _DAY_FIRST.sub(day_first, _YEAR_FIRST.sub(year_first, rest))
    half = _HALF_DAY_FIRST.search(rest)
    if half and half[3] is not None or half and len(half[2]) == 2:
        prefixes.append(f"{int(half[1]):02d}{half[2] if half[3] is None else half[2].zfill(2)}{half[3] or ''}")
        rest = rest[: half.start()]
    else:
        half = _HALF_YEAR_FIRST.search(rest)
        if half:
            prefixes.append(half[1] + (half[2] or ""))
            rest = rest[: half.start()]
    return [p for p in prefixes + _numbers_glued(rest) if p]


def _numbers_glued(rest: str) -> list[str]:
    """Words of the rest; a run of digit groups (999 000 0018) is one number."""
    pieces = words(rest)
    out: list[str] = []
    run = ""
    for piece in pieces:
        if piece.isdigit():
            run += piece
            continue
        if run:
            out.append(run)
            run = ""
        out.append(piece)
    return out + ([run] if run else [])


def _expression(prefixes: list[str]) -> str:
    return " ".join(f'"{p}"*' for p in prefixes)
