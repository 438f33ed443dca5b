"""HL7 v2 in XML (HL7 v2.xml, ballot 2003) to the same text as the vertical bars make, so that one reader reads both.

A document that declares or needs entities is refused as a whole before anything of it is used: they could read files or
grow without bound (`hl7.xml_unsafe`). A DOCTYPE that only names a file is passed over: nothing is ever fetched.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from localdb.sources.hl7v2.message import STANDARD

_SEGMENT = re.compile(r"[A-Z][A-Z0-9]{2}\Z")
_PLACE = re.compile(r"[A-Za-z0-9_]+\.(\d{1,3})\Z")
_ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Z][A-Z0-9]{2}(?:_[A-Z][A-Z0-9]{2})?|[A-Za-z]+Message)[\s/>]")
_NAMESPACE = b"urn:hl7-org:v2xml"
_DEEPEST = 64
_FAMILIAR = re.compile(rb"<(?:[\w.-]+:)?MSH[\s/>]")
# What stands for the delimiters inside a value (chapter 2.7).
_ESCAPES = str.maketrans({"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"})


class NotMessage(Exception):
    """The document is no message that can be read; `code` and the words tell why, without its content."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
        self.code = code


def looks_like_markup(data: bytes) -> bool:
    """Whether a file is XML with a message's root and header (not FHIR, which has its own namespace)."""
    head = data[:8192].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith(b"<") or b"http://hl7.org/fhir" in head:
        return False
    return _NAMESPACE in head or (_ROOT.search(head) is not None and _FAMILIAR.search(head) is not None)


class _Node:
    __slots__ = ("children", "name", "text")

    def __init__(self, name: str) -> None:
        self.name = name
        self.children: list[_Node] = []
        self.text: list[str] = []

    @property
    def value(self) -> str:
        return "\\.br\\".join(line.strip() for line in "".join(self.text).strip().splitlines())


def text_of(data: bytes) -> str:
    """The message of an XML document as segments ended by CR. Raises NotMessage."""
    segments: list[str] = []
    for document in _parsed(data).children:  # a message, whatever its name: `ACK` is one, and no segment
        _gather(document, segments)
    if not segments or not segments[0].startswith("MSH|"):
        raise NotMessage("hl7.not_hl7", "the XML document has no MSH segment at its beginning")
    return "\r".join(segments) + "\r"


def _parsed(data: bytes) -> _Node:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    root = _Node("")
    stack = [root]

    def unsafe(*_: object) -> None:
        raise NotMessage("hl7.xml_unsafe", "the XML document declares entities or needs some")

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > _DEEPEST:
            raise NotMessage("hl7.xml_damaged", "the XML document is nested too deeply")
        local = name.rsplit(":", 1)[-1]
        if local == "escape":  # a formatting or highlighting command, as it stands between two escapes
            stack[-1].text.append("\\" + attributes.get("V", "") + "\\")
        node = _Node(local)
        stack[-1].children.append(node)
        stack.append(node)

    def end(_: str) -> None:
        stack.pop()

    def text(content: str) -> None:
        stack[-1].text.append(content.translate(_ESCAPES))

    parser.EntityDeclHandler = unsafe
    parser.SkippedEntityHandler = unsafe
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise NotMessage("hl7.xml_damaged", "the XML document is not well formed") from None
    except (UnicodeError, LookupError, ValueError):
        raise NotMessage("hl7.xml_damaged", "the XML document has characters that cannot be read") from None
    return root


def _gather(node: _Node, segments: list[str]) -> None:
    """Segments in document order; group elements are only a way to them."""
    for child in node.children:
        if _SEGMENT.match(child.name):
            segments.append(_segment(child))
        else:
            _gather(child, segments)


def _segment(node: _Node) -> str:
    fields: dict[int, list[str]] = {}
    for child in node.children:
        found = _PLACE.match(child.name)
        if found:
            fields.setdefault(int(found[1]), []).append(_parts(child, STANDARD.component, STANDARD.subcomponent))
    if node.name == "MSH":
        fields[1], fields[2] = [""], ["^~\\&"]
    last = max(fields, default=0)
    values = [STANDARD.repetition.join(fields.get(n, ())) for n in range(1, last + 1)]
    if node.name == "MSH":
        values = values[1:]
    return "|".join([node.name, *values])


def _parts(node: _Node, separator: str, inner: str) -> str:
    """A field's components, or a component's subcomponents; its own text where it has none."""
    places: dict[int, str] = {}
    for child in node.children:
        found = _PLACE.match(child.name)
        if found:
            value = _parts(child, inner, "") if inner else _deep(child)
            places[int(found[1])] = value
    if not places:
        return node.value
    return separator.join(places.get(n, "") for n in range(1, max(places) + 1))


def _deep(node: _Node) -> str:
    """The text of an element and of all below it: nothing is lost where a sender nests deeper than the standard."""
    return " ".join(x for x in (node.value, *(_deep(c) for c in node.children)) if x)
