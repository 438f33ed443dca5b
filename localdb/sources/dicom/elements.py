"""Values of a data set as text, to the letter; what cannot be read is absent. Never raises on hostile values.

Numbers of text kinds (DS, IS) are the digits that were sent. Texts are decoded by (0008,0005), PS3.3 C.12.1.1.2.
"""

from __future__ import annotations

import math
import struct
from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.errors import BytesLengthException
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.uid import UID

_ASCII = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI"})
_LONGEST = 1_000_000  # characters of one value; a text longer than that is no text
# What pydicom's converters raise on values that are not what their kind says, also where a value cannot be decoded.
FAULTS = (
    ValueError, TypeError, KeyError, AttributeError, IndexError, NotImplementedError, OSError, EOFError, OverflowError,
    UnicodeError, ArithmeticError, LookupError, BytesLengthException, struct.error,
)  # fmt: skip


def tag_of(keyword: str) -> int:
    """The tag of a keyword of the data dictionary."""
    tag = tag_for_keyword(keyword)
    assert tag is not None, keyword
    return int(tag)


def _raw(ds: Dataset, tag: int) -> RawDataElement | DataElement | None:
    try:
        return ds.get_item(tag)
    except FAULTS:
        return None


def texts(ds: Dataset | None, tag: int | str) -> tuple[str, ...]:
    """All values of an element as text, empty ones kept as "" between others; () where there is none."""
    if ds is None:
        return ()
    tag = tag_of(tag) if isinstance(tag, str) else tag
    if tag not in ds:
        return ()
    raw = _raw(ds, tag)
    if raw is None:
        return ()
    if isinstance(raw, RawDataElement) and isinstance(raw.value, bytes | None):
        if not raw.value:
            return ()
        kind = raw.VR
        if kind in (None, "UN"):
            try:
                kind = dictionary_VR(tag)
            except KeyError:
                kind = "UN"
        if kind in _ASCII:
            found = raw.value[:_LONGEST].decode("latin-1").strip(" \0")
            return tuple(part.strip(" \0") for part in found.split("\\")) if found else ()
    try:
        value: Any = ds[tag].value
    except FAULTS:
        return ()
    return _as_texts(value)


def _as_texts(value: Any) -> tuple[str, ...]:
    if value is None or isinstance(value, Sequence):
        return ()
    if isinstance(value, MultiValue | list | tuple):
        return tuple(_as_text(v) for v in value)
    made = _as_text(value)
    return (made,) if made else ()


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    original = getattr(value, "original_string", None)
    if isinstance(original, str):
        return original.strip(" \0")
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    if isinstance(value, bytes):
        return value[:_LONGEST].decode("latin-1").strip(" \0")
    try:
        return str(value)[:_LONGEST].strip(" \0")
    except FAULTS:
        return ""


def text(ds: Dataset | None, tag: int | str) -> str:
    """The first value of an element as text; "" where there is none."""
    found = texts(ds, tag)
    return found[0] if found else ""


def joined(ds: Dataset | None, tag: int | str) -> str:
    """All values of an element in one line, as DICOM writes them."""
    return "\\".join(texts(ds, tag))


def long_text(ds: Dataset | None, tag: int | str) -> str:
    """A text of paragraphs (ST, LT, UT), its line ends made equal."""
    return joined(ds, tag).replace("\r\n", "\n").replace("\r", "\n").strip("\n ")


def whole(ds: Dataset | None, tag: int | str) -> int | None:
    """The first value as a whole number; None where there is none, or it is no number."""
    return whole_of(text(ds, tag))


def whole_of(found: str) -> int | None:
    """A text as a whole number (IS may have leading zeros and a sign; some write DS in its place: `3.0`)."""
    try:
        if len(found) > 32:
            return None
        return int(found) if found.lstrip("+-").isascii() and found.lstrip("+-").isdigit() else int(float(found))
    except (ValueError, OverflowError):
        return None


def items(ds: Dataset | None, tag: int | str) -> tuple[Dataset, ...]:
    """The items of a sequence; () where there are none or it cannot be read."""
    if ds is None:
        return ()
    tag = tag_of(tag) if isinstance(tag, str) else tag
    if tag not in ds:
        return ()
    try:
        value = ds[tag].value
        return tuple(value) if isinstance(value, Sequence) else ()
    except FAULTS:
        return ()


def first(ds: Dataset | None, tag: int | str) -> Dataset | None:
    """The first item of a sequence, or None."""
    found = items(ds, tag)
    return found[0] if found else None


def content(ds: Dataset | None, tag: int | str) -> bytes:
    """The bytes of an element of a binary kind; b"" where there are none."""
    if ds is None:
        return b""
    tag = tag_of(tag) if isinstance(tag, str) else tag
    raw = _raw(ds, tag) if tag in ds else None
    if raw is None:
        return b""
    value = raw.value
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else b""


def words_of(ds: Dataset, tag: int) -> bytes:
    """The bytes of an element of 16-bit words (OW, or US of many values) in little endian, however it was coded."""
    raw = _raw(ds, tag) if tag in ds else None
    if raw is None:
        return b""
    if isinstance(raw, RawDataElement):
        data = bytes(raw.value or b"")
        return data if raw.is_little_endian or len(data) % 2 else swapped(data)
    value = raw.value
    if isinstance(value, bytes):
        return value if getattr(ds, "original_encoding", (None, True))[1] is not False else swapped(value)
    try:
        numbers = [int(v) & 0xFFFF for v in (value if isinstance(value, MultiValue | list) else [value])]
    except FAULTS:
        return b""
    return b"".join(n.to_bytes(2, "little") for n in numbers)


def kind_of(ds: Dataset, tag: int) -> str:
    """The value representation that an element came with; "" where its coding does not tell."""
    raw = _raw(ds, tag) if tag in ds else None
    return str(raw.VR or "") if raw is not None else ""


def swapped(data: bytes) -> bytes:
    """16-bit words with their two bytes changed over."""
    made = bytearray(data)
    made[0::2], made[1::2] = data[1::2], data[0::2]
    return bytes(made)


def is_uid(value: str) -> bool:
    """Whether a value can tell one object from another: 1 to 64 signs without blanks. Digits and dots are the rule (PS3.5
    §9), but what is sent by some de-identifying programs has letters too."""
    return 0 < len(value) <= 64 and value.isascii() and value.isprintable() and " " not in value and "\\" not in value


def uid_name(value: str) -> str:
    """The standard's name of a UID; the UID where it has none."""
    return str(UID(value).name)
