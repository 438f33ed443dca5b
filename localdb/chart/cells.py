"""One result as it stands in a grid, a summary or on paper: what the source said, and nothing more (CLINICAL §3.1).

Rules: value, comparator, flag, range and comments are the source's own letters (L3, L5, L8); nothing is rounded,
converted or reckoned. A withdrawn value is not in its cell at all, so that no painter can show it (H08). The one
comparison made, between a flag and the range sent with it, only raises a caution (L3).
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import msgspec

from localdb.records.moments import Moment
from localdb.records.vocabulary import Coding, Component, Former, Observation, Record, Result

VALUE, WITHDRAWN, NOT_AVAILABLE, WAITING = "value", "withdrawn", "not_available", "waiting"
PRELIM, UNVERIFIED, CORRECTED, CHANGED = "PRELIM", "UNVERIFIED", "CORRECTED", "CHANGED"
# Statuses of FHIR and of HL7 tables 0085 and 0123, in small letters (CLINICAL §3.1).
_GONE = frozenset({"entered-in-error", "w", "d"})
_NOT_TO_BE_HAD = frozenset({"cancelled", "x", "n"})
_WAITING = frozenset({"registered", "i", "o"})
_PRELIMINARY = {"preliminary": PRELIM, "partial": PRELIM, "p": PRELIM, "s": PRELIM, "r": UNVERIFIED}
_CORRECTED = frozenset({"corrected", "amended", "appended", "c"})
_BETWEEN = re.compile(r"^\s*\(?\s*(-?\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(-?\d+(?:\.\d+)?)(?:\s.*)?\)?\s*$")
_ONE_SIDED = re.compile(r"^\s*(<=|>=|<|>|≤|≥)\s*(-?\d+(?:\.\d+)?)(?:\s.*)?$")
_POINT_OF_CARE = re.compile(r"\b(poct|poc|point[ -]of[ -]care|bedside|near[ -]patient)\b", re.IGNORECASE)


class Cell(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One result in one column.

    `text` is comparator and value as sent ("<5", "212", "No growth"), empty unless `state` is `value`; `mark` PRELIM /
    UNVERIFIED / CORRECTED / CHANGED or empty; `marked_at` when it was corrected or withdrawn; `struck` the former
    values, newest first; `reason` why there is none; `caution` when flag and range disagree.
    """

    record: str
    name: str
    panel: str = ""
    state: str = VALUE
    text: str = ""
    comparator: str = ""
    value: str = ""
    unit: str = ""
    range: str | None = None
    flag: str = ""
    mark: str = ""
    marked_at: Moment | None = None
    struck: tuple[Former, ...] = ()
    reason: str = ""
    caution: str = ""
    comments: tuple[str, ...] = ()
    collected: Moment | None = None
    received: Moment | None = None
    said: Moment | None = None
    status: str = ""
    method: str = ""
    specimen: str = ""
    laboratory: str = ""
    author: str = ""
    source: str = ""
    codes: tuple[Coding, ...] = ()
    point_of_care: bool = False

    @property
    def when(self) -> Moment | None:
        """The column time: collected, else received, else reported (L1)."""
        if self.collected is not None:
            return self.collected
        return self.received if self.received is not None else self.said


def cells_of(record: Result) -> tuple[Cell, ...]:
    """The cells of one result: its own value, and one for each component. A mere heading of others gives none."""
    parts = tuple(_cell(record, part) for part in record.components)
    has_own = bool(record.value is not None or record.value_codes or record.absent)
    is_heading = any(r.role == "member" for r in record.references) or bool(parts)
    if is_heading and not has_own and _state(record.status, True, "") == VALUE:
        return parts
    return (_cell(record), *parts)


def _state(status: str, has_value: bool, absent: str) -> str:
    found = status.casefold()
    if found in _GONE:
        return WITHDRAWN
    if found in _NOT_TO_BE_HAD or (absent and not has_value):
        return NOT_AVAILABLE
    if not has_value:
        return WAITING if found in _WAITING or found in _PRELIMINARY else NOT_AVAILABLE
    return VALUE


def _cell(record: Result, part: Component | None = None) -> Cell:
    held: Result | Component = part or record
    shown = held.value if held.value is not None else ", ".join(c.display or c.code for c in held.value_codes)
    state = _state(record.status, bool(shown), held.absent)
    formers = () if part or state == WITHDRAWN else _replaced(record)
    mark = _mark(record, formers) if state == VALUE else ""
    comparator = (held.comparator or "") if state == VALUE else ""
    value = shown if state == VALUE else ""
    name = record.text or "name not sent"
    return Cell(
        record=record.id,
        name=f"{name}: {part.text}" if part else name,
        panel=record.panel,
        state=state,
        text=comparator + value,
        comparator=comparator,
        value=value,
        unit=held.unit or "",
        range=held.range,
        flag=(held.flag or "") if state == VALUE else "",
        mark=mark,
        marked_at=record.said if mark in (CORRECTED, CHANGED) or state == WITHDRAWN else None,
        struck=formers if mark in (CORRECTED, CHANGED) else (),
        reason=_reason(record, held, state),
        caution=_caution(comparator, value, held.flag or "", held.range) if state == VALUE else "",
        comments=record.comments,
        collected=record.happened,
        received=record.received,
        said=record.said,
        status=record.status,
        method=record.method,
        specimen=record.specimen,
        laboratory=_laboratory(record),
        author=record.author,
        source=record.source,
        codes=part.codes if part else record.codes,
        point_of_care=_is_point_of_care(record),
    )


def _replaced(record: Result) -> tuple[Former, ...]:
    """The former values that were released as final and differ from what stands now."""
    now = (record.value, record.comparator or "", record.unit or "")
    return tuple(
        f
        for f in record.replaces
        if f.value is not None
        and f.status.casefold() not in _PRELIMINARY
        and f.status.casefold() not in _GONE
        and (f.value, f.comparator or "", f.unit or "") != now
    )


def preliminary_mark(record: Record) -> str:
    """PRELIM or UNVERIFIED of what is not final, else "": the one predicate of screen and paper (CLINICAL §3.1).

    OBX-11 `R` comes as FHIR's `preliminary` with the reader's remark (`sources/hl7v2/statuses.py`), for FHIR has no word
    of its own for it.
    """
    mark = _PRELIMINARY.get(record.status.casefold(), "")
    return UNVERIFIED if mark and any(c.startswith(UNVERIFIED) for c in record.comments) else mark


def _mark(record: Result, formers: tuple[Former, ...]) -> str:
    if mark := preliminary_mark(record):
        return mark
    if record.status.casefold() in _CORRECTED:
        return CORRECTED
    return CHANGED if formers else ""


def _reason(record: Result, held: Result | Component, state: str) -> str:
    """Why there is no value: as sent, else that no reason was sent."""
    if state in (VALUE, WAITING):
        return ""
    said = held.absent or "; ".join(record.comments)
    if not said and state == NOT_AVAILABLE and record.status.casefold() not in _NOT_TO_BE_HAD:
        return "no value sent"
    return said or "no reason sent"


def _laboratory(record: Observation) -> str:
    """The organisation that performed it, as sent: another laboratory is another row (L4)."""
    for r in record.references:
        if r.role == "performer" and r.key.startswith("Organization/"):
            return r.display or r.key
    return ""


def _is_point_of_care(record: Result) -> bool:
    said = (record.panel, record.method, record.category, record.text, _laboratory(record))
    return any(_names_point_of_care(text) for text in said if text)


@lru_cache(maxsize=4096)
def _names_point_of_care(text: str) -> bool:
    return _POINT_OF_CARE.search(text) is not None


def number(text: str | None) -> Decimal | None:
    """The number that a plain value text is, for placing and comparing only; None for anything else."""
    try:
        found = Decimal((text or "").strip().replace("\u2212", "-"))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


@lru_cache(maxsize=4096)
def limits(text: str | None) -> tuple[Decimal | None, Decimal | None] | None:
    """Lower and upper end of a range text such as `3.5-5.3`, `<5` or `>60`; None where it is not plainly one."""
    if not text:
        return None
    if found := _BETWEEN.match(text):
        low, high = Decimal(found[1]), Decimal(found[2])
        return (low, high) if low <= high else None
    if found := _ONE_SIDED.match(text):
        end = Decimal(found[2])
        return (None, end) if found[1] in ("<", "<=", "≤") else (end, None)
    return None


def _caution(comparator: str, value: str, flag: str, sent: str | None) -> str:
    """L3: the flag that was sent contradicts the range that was sent. Both are shown; this only says so."""
    found, ends = number(value), limits(sent)
    if comparator or found is None or ends is None:
        return ""
    low, high = ends
    above, below = high is not None and found > high, low is not None and found < low
    letters = flag.upper()
    wrong = (
        (letters in ("H", "HH") and (below or (not above and high is not None and found < high)))
        or (letters in ("L", "LL") and (above or (not below and low is not None and found > low)))
        or (letters == "N" and (above or below))
    )
    return "flag and range disagree, both as sent" if wrong else ""
