"""ED and RP: files inside a result (base64, hex, plain) and pointers to files held elsewhere (chapter 2A.26, 2A.62).

The bytes go into `blobs/`, sealed; a text is read out of RTF, HTML and plain text (`sources.filetext`). What cannot be
decoded is kept as it was sent and says so.
"""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256

import msgspec

from localdb.sources.filetext import sniff, text_of
from localdb.sources.hl7v2.message import Segment, unescape
from localdb.sources.units import Blob

BAD_BASE64 = "The embedded file could not be decoded; its bytes are kept as they were sent."
_SPACES = re.compile(r"\s+")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+\Z")
_SUBTYPES = {
    "PDF": "application/pdf", "RTF": "text/rtf", "HTML": "text/html", "HTM": "text/html", "XML": "text/xml",
    "TXT": "text/plain", "TEXT": "text/plain", "PLAIN": "text/plain", "JPEG": "image/jpeg", "JPG": "image/jpeg",
    "PNG": "image/png", "GIF": "image/gif", "TIFF": "image/tiff", "TIF": "image/tiff", "DICOM": "application/dicom",
    "DOC": "application/msword", "BASIC": "audio/basic", "X-HL7-CDA-LEVEL-ONE": "text/xml",
    "DOCX": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
_EXTENSIONS = re.compile(r"\.([A-Za-z]{3,4})(?:[?#].*)?\Z")


class Embedded(msgspec.Struct, frozen=True):
    """One file: `blob` None for a pointer; `body` its text where it has one; `remark` what was wrong with it."""

    media_type: str
    body: str = ""
    blob: Blob | None = None
    remark: str = ""


def embedded_of(obx: Segment, repetition: str) -> Embedded | None:
    """The file of one repetition of OBX-5 of type ED or RP; None where it holds nothing."""
    if obx.text(2).upper() == "RP":
        return _pointer(obx, repetition)
    part = obx.part
    type_, subtype, encoding = part(repetition, 2), part(repetition, 3), part(repetition, 4)
    raw = _data(obx, repetition)
    if not raw.strip():
        return None
    data, remark = decoded(raw, encoding)
    media = media_type(type_, subtype, data)
    text = text_of(media, data) if not remark else ""
    return Embedded(media, text, Blob(sha256=sha256(data).hexdigest(), media_type=media, data=data), remark)


def _data(obx: Segment, repetition: str) -> str:
    """ED-5. Senders leave out components: the longest one is the data where ED-5 is empty."""
    parts = obx.components(repetition)
    if len(parts) >= 5 and parts[4].strip():
        return obx.delimiters.component.join(parts[4:]).rstrip(obx.delimiters.component)
    longest = max(parts, key=len)
    return longest if len(parts) > 1 and len(longest) > 40 else ("" if len(parts) > 1 else longest)


def decoded(text: str, encoding: str) -> tuple[bytes, str]:
    """(bytes, remark) of ED-5 under ED-4 (Base64, Hex, A; table 0299). Total."""
    bare = unescape(text) if "\\" in text else text
    name = encoding.strip().upper()
    tight = _SPACES.sub("", bare.replace("\\.br\\", "").replace("\\", "")).strip("\"'")
    if name in ("HEX", "H") or (name.startswith("HEX")):
        return (bytes.fromhex(tight), "") if _HEX.match(tight) else (text.encode("utf-8", "replace"), BAD_BASE64)
    if name.startswith("B") or name in ("UUENCODE", "UU"):
        data = _from_base64(tight)
        return (data, "") if data is not None else (text.encode("utf-8", "replace"), BAD_BASE64)
    if len(tight) >= 64:  # no encoding said, or "A" over what is base64 after all
        data = _from_base64(tight)
        if data is not None and sniff(data):
            return data, ""
    return unescape(text).encode("utf-8", "replace"), ""


def _from_base64(tight: str) -> bytes | None:
    if not tight or not _BASE64.match(tight):
        return None
    stem = tight.rstrip("=")
    if len(stem) % 4 == 1:
        return None
    try:
        return base64.b64decode(stem + "=" * (-len(stem) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def media_type(type_: str, subtype: str, data: bytes) -> str:
    """The media type: what the bytes are, else what the sender said (`AP^PDF`, `text^rtf`, `application/pdf`)."""
    if sniffed := sniff(data):
        return sniffed
    for said in (subtype, type_):
        bare = said.strip()
        if "/" in bare:
            return bare.lower()
        known = _SUBTYPES.get(bare.upper().lstrip("."))
        if known:
            return known
    return "text/plain" if type_.upper() in ("TX", "TEXT", "FT") else "application/octet-stream"


def _pointer(obx: Segment, repetition: str) -> Embedded | None:
    """RP: where the file is (RP-1) and who holds it (RP-2)."""
    where, holder = unescape(obx.components(repetition)[0], obx.delimiters).strip(), obx.part(repetition, 2)
    if not where and not holder:
        return None
    named = _EXTENSIONS.search(where)
    media = media_type(obx.part(repetition, 3), obx.part(repetition, 4), b"")
    if media == "application/octet-stream" and named:
        media = _SUBTYPES.get(named[1].upper(), media)
    by = f" ({holder})" if holder and where else holder
    kind = " ".join(t for t in (obx.part(repetition, 3), obx.part(repetition, 4)) if t)
    return Embedded(media, f"held elsewhere: {where}{by}{f', {kind}' if kind else ''}")
