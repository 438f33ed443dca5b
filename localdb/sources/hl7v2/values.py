"""OBX-5 by OBX-2: the value to the letter, its comparator apart (CLINICAL L2, L5). Pure and total.

Nothing is rounded or converted. Comparator and value together are the text that was sent. A field type that nobody
knows, or none, is read as text.
"""

from __future__ import annotations

import re

import msgspec

from localdb.records.vocabulary import Coding
from localdb.sources.hl7v2.coded import coded
from localdb.sources.hl7v2.message import NULL, Segment, unescape

TEXTS = frozenset({"TX", "FT"})
CODED = frozenset({"CE", "CWE", "CNE", "CF", "IS", "ID", "CD"})
FILES = frozenset({"ED", "RP"})
_PLAIN = TEXTS | {"ST", "NM", "", "SI"}
_COMPARED = re.compile(r"(<=|>=|<|>|≤|≥)\s*([+-]?\d[\d.,]*(?:[eE][+-]?\d+)?)\Z")
_SN_COMPARATORS = frozenset({"<", ">", "<=", ">="})


class Value(msgspec.Struct, frozen=True):
    """`text` None = no value was sent."""

    text: str | None = None
    comparator: str | None = None
    codes: tuple[Coding, ...] = ()


def kind_of(obx: Segment) -> str:
    """OBX-2 in capitals."""
    return obx.text(2).upper()


def read_value(obx: Segment) -> Value:
    """The value of an OBX of any type but ED and RP; repetitions are lines of a text, else parted by `; `."""
    kind, found = kind_of(obx), obx.repetitions(5)
    if not found:
        return Value()
    if kind == "SN":
        parts = [structured([obx.part(r, n) for n in (1, 2, 3, 4)]) for r in found]
        return parts[0] if len(parts) == 1 else Value("; ".join(f"{p.comparator or ''}{p.text or ''}" for p in parts))
    if kind in CODED:
        return _coded(obx, len(found))
    if kind in TEXTS or kind == "ST":
        text = "\n".join(_as_text(r, obx) for r in found).strip("\n")
        return _compared(text) if kind == "ST" else Value(text or None)
    if kind in _PLAIN:
        text = "; ".join(_as_text(r, obx).strip() for r in found)
        return _compared(text)
    return Value("; ".join(_joined(r, obx) for r in found) or None)


def structured(parts: list[str]) -> Value:
    """SN: comparator ^ number ^ separator or suffix ^ number: `>^100`, `^0^-^1`, `^1^:^128`, `^2^+`. `=` says nothing."""
    comparator, first, separator, second = (*parts, "", "", "", "")[:4]
    rest = f"{first}{separator}{second}"
    if comparator in _SN_COMPARATORS and rest:
        return Value(rest, comparator)
    if comparator == "=" and rest:
        comparator = ""
    return Value(f"{comparator}{rest}" or None)


def _compared(text: str) -> Value:
    found = _COMPARED.match(text)
    return Value(found[2], found[1]) if found else Value(text or None)


def _coded(obx: Segment, count: int) -> Value:
    codes: list[Coding] = []
    texts = []
    for n in range(count):
        own, text = coded(obx, 5, n)
        codes += own
        texts.append(text or _joined(obx.repetitions(5)[n], obx))
    return Value("; ".join(t for t in texts if t) or None, None, tuple(codes))


def _as_text(repetition: str, obx: Segment) -> str:
    """ST, TX, FT as one text: senders do not escape `^` and `&` in it."""
    return "" if repetition.strip() == NULL else unescape(repetition, obx.delimiters).rstrip()


def _joined(repetition: str, obx: Segment) -> str:
    """Any other type: what its components say, in their order."""
    d, out = obx.delimiters, []
    for component in obx.components(repetition):
        for sub in component.split(d.subcomponent) if d.subcomponent else [component]:
            bare = sub.strip()
            if bare and bare != NULL:
                out.append(unescape(bare, d))
    return " ".join(out)


def unit_of(segment: Segment, field: int = 6) -> str | None:
    """The unit as sent. `10^9/L` without escapes is the unit, not a code with words (as `10*9/L` would be)."""
    code, words = segment.text(field, 1), segment.text(field, 2)
    if code == "10" and re.match(r"-?\d+\s*/", words):
        return f"10^{words}"
    if code.isdigit() and words:  # a code of SNOMED CT or of the sender: its words are the unit
        return words
    return next((t for t in (code, words, segment.text(field, 4), segment.text(field, 5)) if t), None)


def range_of(obx: Segment) -> str | None:
    """OBX-7 as sent."""
    return "; ".join(t for t in (unescape(r, obx.delimiters).strip() for r in obx.repetitions(7)) if t) or None


def flag_of(obx: Segment) -> str | None:
    """OBX-8 as sent: the letters of each repetition."""
    count = len(obx.repetitions(8))
    letters = (obx.text(8, 1, 1, n) or obx.text(8, 2, 1, n) for n in range(count))
    return ", ".join(dict.fromkeys(t for t in letters if t)) or None
