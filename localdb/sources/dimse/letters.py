"""The character set of an answer that does not say it.

Without (0008,0005) only ASCII is allowed (PS3.3 C.12.1.1.2), but real servers leave it out (DCMTK's worklist, by default)
and send the letters of their files. What is no ASCII and all valid UTF-8 is hardly anything else; anything else stays as
pydicom reads it.
"""

from __future__ import annotations

from io import BytesIO

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pynetdicom.dsutils import decode, encode

_TEXTS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_SAID = b"\x08\x00\x05\x00\x0a\x00\x00\x00ISO_IR 192"  # (0008,0005), implicit and little endian
_DEEPEST = 8


def lettered(found: Dataset) -> Dataset:
    """`found` with its character set where it was not said and can be told; else `found` itself. Never raises."""
    try:
        return _lettered(found)
    except Exception:  # noqa: BLE001 pydicom raises whatever it stumbles over in what an archive sent
        return found


def _lettered(found: Dataset) -> Dataset:
    if "SpecificCharacterSet" in found and found.SpecificCharacterSet:
        return found
    texts = b"\0".join(_texts(found, 0))
    if texts.isascii():
        return found
    try:
        texts.decode("utf-8")
    except UnicodeDecodeError:
        return found
    if "SpecificCharacterSet" in found:
        del found.SpecificCharacterSet
    encoded = encode(found, True, True)  # before it is said: pydicom would write the letters anew
    return decode(BytesIO(_SAID + encoded), True, True) if encoded is not None else found


def _texts(ds: Dataset, depth: int) -> list[bytes]:
    """The bytes of every text in it, as they came."""
    made: list[bytes] = []
    for tag, element in list(ds.items()):
        try:
            kind = element.VR or dictionary_VR(tag)
        except KeyError:
            continue
        if kind == "SQ" and depth < _DEEPEST:
            for item in ds[tag].value:
                made += _texts(item, depth + 1)
        elif kind in _TEXTS and isinstance(element, RawDataElement) and isinstance(element.value, bytes):
            made.append(element.value)
    return made
