"""What a file is by its first bytes, and the words of those that are text: plain, HTML, XML, RTF. Pure and total.

Nothing in a file is ever run, fetched or drawn here: tags, scripts, styles and comments are taken away and the words
stay, each part on its own line. The text is what a screen shows of HTML and RTF ("HTML made safe"): there is no renderer
that a hostile letter could reach.
"""

from __future__ import annotations

import re
from html import unescape as unescape_html

from striprtf.striprtf import rtf_to_text

# Files whose pages a screen draws (`desktop.patient.held_pages`).
DRAWN = frozenset(("application/pdf", "image/png", "image/jpeg", "image/gif", "image/bmp", "image/tiff"))
_LARGEST_TEXT = 2 * 1024 * 1024
_LARGEST_RTF = 512 * 1024  # half a second of reading at most; a larger one is held as its file
_TAGS = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)[^<>]*>|<[!?][^<>]*>()")
_HIDDEN = re.compile(r"<!--|<(script|style)\b", re.IGNORECASE)
_SMALL = str.maketrans({c: c.lower() for c in "SCRIPTYLE"})  # length stays, as it would not under str.lower
_BLOCKS = frozenset("p div br tr li h1 h2 h3 h4 h5 h6 table title section paragraph".split())
_MAGIC = (
    (b"%PDF-", "application/pdf"), (b"{\\rtf", "text/rtf"), (b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"), (b"II*\x00", "image/tiff"), (b"MM\x00*", "image/tiff"), (b"PK\x03\x04", "application/zip"),
)  # fmt: skip


def sniff(data: bytes) -> str:
    """The media type that the first bytes show; "" where they show none."""
    return next((media for magic, media in _MAGIC if data.startswith(magic)), "")


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
