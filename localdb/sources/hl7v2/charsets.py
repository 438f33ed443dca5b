"""Bytes of a message to text, by the source's setting, MSH-18 (table 0211) and what the bytes can be.

No message is lost to its characters: a name that nobody knows and bytes that do not fit fall back to UTF-8, then Windows
Western, then Latin-1, and the finding says what was sent and how it was read.
"""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE = re.compile(rb"[\x0b\s]*(?:(M\x00S\x00H\x00)|(\x00M\x00S\x00H)|([FB]\x00H\x00S\x00)|(\x00[FB]\x00H\x00S))")
# Table 0211 and how senders really write it -> codec. The comparison leaves out case, spaces, `-`, `_`, `/` and `.`.
_CODECS = {
    "ASCII": "ascii",
    "USASCII": "ascii",
    "ISOIR6": "ascii",
    "UNICODE": "utf-8",
    "UNICODEUTF8": "utf-8",
    "UTF8": "utf-8",
    "UNICODEUTF16": "utf-16",
    "UTF16": "utf-16",
    "UNICODEUTF32": "utf-32",
    "UTF32": "utf-32",
    "ISOIR14": "shift_jis",
    "ISOIR87": "iso2022_jp",
    "ISOIR159": "iso2022_jp_1",
    "JISX0202": "iso2022_jp",
    "JAS2020": "iso2022_jp",
    "SHIFTJIS": "shift_jis",
    "GB180302000": "gb18030",
    "GB18030": "gb18030",
    "GBK": "gbk",
    "GB2312": "gb2312",
    "KSX1001": "euc_kr",
    "EUCKR": "euc_kr",
    "BIG5": "big5",
    "WINDOWS1252": "cp1252",
    "CP1252": "cp1252",
    "WINDOWS1250": "cp1250",
    "CP1250": "cp1250",
    "WINDOWS1251": "cp1251",
    "CP1251": "cp1251",
    "LATIN1": "iso8859_1",
}
for _n in (*range(1, 12), 13, 14, 15, 16):
    for _prefix in ("8859", "ISO8859", "ISOIEC8859"):
        _CODECS[f"{_prefix}{_n}"] = f"iso8859_{_n}"
_DROPPED = re.compile(r"[\s\-_/.]")
_C1 = re.compile(rb"[\x80-\x9f]")
_WORDS = {"cp1252": "Windows-1252", "iso8859_1": "ISO 8859-1", "utf-8": "UTF-8"}


class Decoded(NamedTuple):
    """`text`, the codec that read it, and what a person should know about it ("": it is as it was said to be)."""

    text: str
    codec: str
    finding: str = ""


def unwrapped(data: bytes) -> tuple[bytes, str]:
    """A file without its byte-order mark, 16 and 32 bits made UTF-8; with the codec that its bytes prove ("": none)."""
    for mark, codec in _BOMS:
        if data.startswith(mark):
            bare = data[len(mark) :]
            return (bare, codec) if codec == "utf-8" else (bare.decode(codec, "replace").encode("utf-8"), "utf-8")
    wide = _WIDE.match(data) if b"\x00" in data[:64] else None
    if wide:
        codec = "utf-16-le" if wide[1] or wide[3] else "utf-16-be"
        start = wide.start(wide.lastindex or 0)
        return data[start:].decode(codec, "replace").encode("utf-8"), "utf-8"
    return data, ""


def codec_of(name: str) -> str | None:
    """The codec of a character set's name as senders write it; None where nobody knows it."""
    return _CODECS.get(_DROPPED.sub("", name).upper())


def declared(raw: bytes) -> str:
    """MSH-18 (its first repetition) of a message's bytes; "" where none was sent."""
    end = len(raw)
    for mark in (b"\r", b"\n"):
        found = raw.find(mark)
        end = found if 0 <= found < end else end
    line = raw[:end]
    parts = line.split(line[3:4], 18) if len(line) > 3 else []
    if len(parts) < 18:
        return ""
    repetition, component = parts[1][1:2], parts[1][:1]
    value = parts[17]
    for mark in (repetition, component):
        if mark:
            value = value.split(mark, 1)[0]
    return value.decode("latin-1").strip()


def decode(raw: bytes, setting: str = "", proven: str = "") -> Decoded:
    """The text of one message. `setting` is the source's own character set, `proven` what the file's mark proved."""
    if raw.isascii() and b"\x1b$" not in raw and b"\x1b(" not in raw:  # ISO 2022 says more with seven bits
        return Decoded(raw.decode("ascii"), "ascii")
    if proven:
        return _fitting(raw, proven, "a byte-order mark says UTF-8")
    said = setting or declared(raw)
    origin = "the source's setting" if setting else "MSH-18"
    if not said:
        return _fitting(raw, "", "MSH-18 names no character set")
    codec = codec_of(said)
    if codec is None:
        return _fitting(raw, "", f"{origin} names a character set that Wardlamp does not know")
    return _fitting(raw, codec, f"{origin} says {said}")


def _fitting(raw: bytes, codec: str, said: str) -> Decoded:
    """By the codec where the bytes fit, else by the first that does."""
    if codec == "iso8859_1" and _C1.search(raw):  # control characters there are quotes and dashes of Windows
        wanted, codec = codec, "cp1252"
    else:
        wanted = codec
    for one in dict.fromkeys((codec, "utf-8", "cp1252", "iso8859_1")):
        if one in ("", "utf-16", "utf-32"):  # single bytes have reached us: they are not what the name says
            continue
        try:
            text = raw.decode(one)
        except UnicodeDecodeError:
            continue
        if one == wanted:
            return Decoded(text, one)
        return Decoded(text, one, f"{said}; its characters were read as {_WORDS.get(one, one)}")
    raise AssertionError("Latin-1 reads every byte")
