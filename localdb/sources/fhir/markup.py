"""Text out of markup and narratives: tags taken away, nothing ever executed or fetched."""

from __future__ import annotations

import html
import re

from localdb.sources.fhir.shapes import Json, obj, string

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
