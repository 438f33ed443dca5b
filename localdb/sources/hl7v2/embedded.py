"""ED and RP: files inside a result (base64, hex, plain) and pointers to files held elsewhere (chapter 2A.26, 2A.62).

The bytes go into `blobs/`, sealed; a text is read out of RTF, HTML and plain text. What cannot be decoded is kept as it
was sent and says so.
"""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256
from html import unescape as unescape_html

import msgspec
from striprtf.striprtf import rtf_to_text

from localdb.sources.hl7v2.message import Segment, unescape
from localdb.sources.units import Blob

BAD_BASE64 = "The embedded file could not be decoded; its bytes are kept as they were sent."
_LARGEST_TEXT = 2 * 1024 * 1024
_LARGEST_RTF = 512 * 1024  # half a second of reading at most; a larger one is held as its file
_SPACES = re.compile(r"\s+")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")
_TAGS = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)[^<>]*>|<[!?][^<>]*>()")
_HIDDEN = re.compile(r"<!--|<(script|style)\b", re.IGNORECASE)
_SMALL = str.maketrans({c: c.lower() for c in "SCRIPTYLE"})  # length stays, as it would not under str.lower
_BLOCKS = frozenset("p div br tr li h1 h2 h3 h4 h5 h6 table title section paragraph".split())
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+\Z")
_SUBTYPES = {
    "PDF": "application/pdf", "RTF": "text/rtf", "HTML": "text/html", "HTM": "text/html", "XML": "text/xml",
    "TXT": "text/plain", "TEXT": "text/plain", "PLAIN": "text/plain", "JPEG": "image/jpeg", "JPG": "image/jpeg",
    "PNG": "image/png", "GIF": "image/gif", "TIFF": "image/tiff", "TIF": "image/tiff", "DICOM": "application/dicom",
    "DOC": "application/msword", "BASIC": "audio/basic", "X-HL7-CDA-LEVEL-ONE": "text/xml",
    "DOCX": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
_MAGIC = (
    (b"%PDF-", "application/pdf"), (b"{\\rtf", "text/rtf"), (b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"), (b"II*\x00", "image/tiff"), (b"MM\x00*", "image/tiff"), (b"PK\x03\x04", "application/zip"),
)  # fmt: skip
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
        if data is not None and any(data.startswith(magic) for magic, _ in _MAGIC):
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
    for magic, media in _MAGIC:
        if data.startswith(magic):
            return media
    for said in (subtype, type_):
        bare = said.strip()
        if "/" in bare:
            return bare.lower()
        known = _SUBTYPES.get(bare.upper().lstrip("."))
        if known:
            return known
    return "text/plain" if type_.upper() in ("TX", "TEXT", "FT") else "application/octet-stream"


def text_of(media: str, data: bytes) -> str:
    """The words of a text file; "" of any other."""
    if not media.startswith("text/") or len(data) > _LARGEST_TEXT:
        return ""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    if media == "text/rtf":
        return _of_rtf(text) if len(data) <= _LARGEST_RTF else ""
    if media in ("text/html", "text/xml"):
        return _of_html(text)
    return text.strip()


def _of_rtf(text: str) -> str:
    try:
        return str(rtf_to_text(text, errors="ignore")).strip()  # type: ignore[no-untyped-call]
    except (ValueError, KeyError, IndexError, LookupError, OverflowError, UnicodeError, RecursionError):
        return ""  # damaged RTF: the file itself is kept


def _of_html(text: str) -> str:
    """The words between the tags. One pass each: the standard library's parser takes minutes over hostile bytes."""
    text = _TAGS.sub(_break, _without(text))
    lines = (" ".join(line.split()) for line in unescape_html(text).splitlines())
    return "\n".join(line for line in lines if line)


def _without(text: str) -> str:
    """`text` without comments, scripts and styles."""
    out, at = [], 0
    small = text.translate(_SMALL)
    for found in _HIDDEN.finditer(text):
        if found.start() < at:
            continue
        end = small.find("-->" if found[0] == "<!--" else f"</{found[1].lower()}", found.end())
        out.append(text[at : found.start()])
        at = end if end >= 0 else len(text)
        if end < 0:
            break
    return "".join((*out, text[at:])).replace("-->", "")


def _break(tag: re.Match[str]) -> str:
    return "\n" if (tag[1] or "").lower() in _BLOCKS else " "


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
