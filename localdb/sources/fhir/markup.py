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
    """The words of HTML or XHTML, one line for each block, tags, comments and scripts left out. In linear time.

    A comment or script that is never closed hides nothing: words of a report may not vanish behind a slip.
    """
    markup = markup[:LARGEST_TEXT]
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    pieces = _TOKEN.split(_without_comments(markup))
    closed = {_name(piece): n for n, piece in enumerate(pieces) if piece.startswith("</")}
    out: list[str] = []
    hidden = ""
    for n, piece in enumerate(pieces):
        name = _name(piece)
        if not name:
            if not hidden:
                out.append("" if piece.startswith(("<!", "<?")) else _SPACES.sub(" ", piece))
        elif hidden:
            hidden = "" if name == hidden and piece[1] == "/" else hidden
        elif name in _HIDDEN:
            opens = piece[1] != "/" and not piece.endswith("/>") and closed.get(name, -1) > n
            hidden = name if opens else ""
        elif name in _BLOCKS:
            out.append("\n")
        elif name in ("td", "th") and piece[1] == "/":
            out.append(" | ")
    lines = (line.strip().removesuffix("|").strip() for line in html.unescape("".join(out)).split("\n"))
    return "\n".join(line for line in lines if line)


def _name(piece: str) -> str:
    """The name of a tag in small letters; "" for text and for what only looks like a tag."""
    found = _NAME.match(piece) if piece.startswith("<") and piece.endswith(">") else None
    return found[1].lower() if found else ""


def _without_comments(markup: str) -> str:
    out, at = [], 0
    while (start := markup.find("<!--", at)) >= 0:
        end = markup.find("-->", start)
        if end < 0:
            break
        out.append(markup[at:start])
        at = end + 3
    return "".join(out) + markup[at:]


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
