"""Text out of attachments and narratives: decoded, tags taken away, nothing ever executed or fetched."""

from __future__ import annotations

import binascii
import html
import re
from base64 import b64decode
from typing import Any

from localdb.sources.fhir.shapes import Json, obj, objects, string

LARGEST_TEXT = 4 * 1024 * 1024
_TOKEN = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"</?\s*(?:\w+:)?([A-Za-z][A-Za-z0-9]*)")
_BLOCK_NAMES = """p div tr li h1 h2 h3 h4 h5 h6 table ul ol dl dt dd thead tbody caption pre br hr blockquote section"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_HIDDEN = frozenset(("script", "style", "head", "title"))
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0]+")


def plain(markup: str) -> str:
    """The words of HTML or XHTML, one line for each block, tags, comments and scripts left out. In linear time."""
    markup = markup[:LARGEST_TEXT]
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    out: list[str] = []
    hidden, comment = "", False
    for piece in _TOKEN.split(markup):
        if comment or piece.startswith("<!--") or "<!--" in piece:
            if not comment and not piece.startswith("<!--") and not hidden:
                out.append(_SPACES.sub(" ", piece.partition("<!--")[0]))
            comment = not piece.rstrip().endswith("-->") and "-->" not in piece
            continue
        if not (piece.startswith("<") and piece.endswith(">")):
            if not hidden:
                out.append(_SPACES.sub(" ", piece))
            continue
        found = _NAME.match(piece)
        name = found[1].lower() if found else ""
        if hidden:
            hidden = "" if name == hidden and piece[1] == "/" else hidden
        elif name in _HIDDEN:
            hidden = "" if piece[1] == "/" or piece.endswith("/>") else name
        elif name in _BLOCKS:
            out.append("\n")
        elif name in ("td", "th") and piece[1] == "/":
            out.append(" | ")
        elif not name and piece[1:2] not in ("!", "?", "/"):
            out.append(piece)
    lines = (line.strip().removesuffix("|").strip() for line in html.unescape("".join(out)).split("\n"))
    return "\n".join(line for line in lines if line)


def narrative(resource: Json) -> str:
    """The words of a resource's or section's own narrative."""
    text = obj(resource.get("text"))
    return plain(string(text.get("div"))) if string(text.get("status")) != "empty" else ""


class Attached:
    """What the attachments of a resource hold: `body` = their text, `media_type`, `size` (bytes), `title`, and
    `remarks` on what is not shown."""

    __slots__ = ("body", "media_type", "remarks", "size", "title")

    def __init__(self, attachments: Any) -> None:
        self.body = self.media_type = self.title = ""
        self.size: int | None = None
        self.remarks: list[str] = []
        bodies = []
        for one in objects(attachments):
            kind = string(one.get("contentType"))
            self.media_type = self.media_type or kind
            self.title = self.title or string(one.get("title"))
            text = self._text(one, kind)
            if text:
                bodies.append(text)
        self.body = "\n\n".join(bodies)

    def _text(self, one: Json, kind: str) -> str:
        size = one.get("size")
        if self.size is None and type(size) is int and 0 <= size < 2**53:
            self.size = size
        data = one.get("data")
        if type(data) is not str:
            if one:
                self.remarks.append(f"Not in this copy: {kind or 'a document'} kept elsewhere.")
            return ""
        try:
            raw = b64decode("".join(data.split()), validate=True)
        except (binascii.Error, ValueError):
            self.remarks.append("The attached document is damaged: its text coding cannot be read.")
            return ""
        if self.size is None:
            self.size = len(raw)
        return self._decoded(raw, kind)

    def _decoded(self, raw: bytes, kind: str) -> str:
        main = kind.split(";")[0].strip().lower()
        if main not in ("", "text/plain", "text/html", "application/xhtml+xml", "text/markdown", "text/rtf"):
            self.remarks.append(f"Attached and not shown here: {main}.")
            return ""
        if len(raw) > LARGEST_TEXT or main == "text/rtf" or not main:
            self.remarks.append(f"Attached and not shown here: {main or 'of unknown kind'}.")
            return ""
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            charset = "cp1252" if "charset" not in kind.lower() or "8859-1" in kind or "1252" in kind else ""
            text = raw.decode(charset, "replace") if charset else ""
            if not charset:
                self.remarks.append("The attached text has a character set that Wardlamp does not read.")
        return plain(text) if main in ("text/html", "application/xhtml+xml") else text
