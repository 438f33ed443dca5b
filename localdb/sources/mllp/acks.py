"""Acknowledgements of HL7 v2 (chapter 2.9, MSA and ERR in chapter 2.15), made and read. Pure.

Original mode: one MSA with AA, AE or AR. Enhanced mode, as soon as the sender fills MSH-15 or MSH-16: CA, CE or CR by
MSH-15 and then AA, AE or AR by MSH-16, each only when its field says so (AL always, NE never, ER for a failure, SU for a
success; table 0155). As our word is given after the commit, both are true at the same time.

Sender's delimiters, version, processing id, character set and control id are repeated as they came, byte by byte. What
is added is ASCII and never holds anything of the message: a reason code and the words of our table.
"""

from __future__ import annotations

import re
from datetime import datetime
from xml.sax.saxutils import escape

import msgspec

from localdb.sources.hl7v2.charsets import unwrapped
from localdb.sources.hl7v2.markup import NotMessage, looks_like_markup, text_of
from localdb.sources.mllp.exchange import ACCEPTED, TRY_AGAIN, Answer

_LOOKED_AT = 64 * 1024  # a header is in the first bytes, behind at most the headers of a batch
_MSH = re.compile(rb"(?:\A|[\r\n])[ \t]*(MSH[^\w\s][^\r\n]*)")
_XML_MSH = re.compile(rb"<(?P<prefix>[\w.-]+:)?MSH[\s>].*?</(?P=prefix)?MSH\s*>|<MSH[\s>].*?</MSH\s*>", re.DOTALL)
_ACK_ROOT = re.compile(rb"<(/?)(?:[\w.-]+:)?ACK(?=[\s>])")
_VERSION = re.compile(r"2\.(\d)")
# HL7 table 0357: what kind of failure a reason is.
CONDITIONS = {
    101: "Required field missing",
    200: "Unsupported message type",
    204: "Unknown key identifier",
    205: "Duplicate key identifier",
    207: "Application internal error",
    100: "Segment sequence error",
}
_CONDITION_OF = {
    "hl7.not_hl7": 100,
    "hl7.no_type": 101,
    "hl7.no_patient": 101,
    "hl7.merge_unclear": 101,
    "hl7.move_unclear": 101,
    "hl7.unknown_type": 200,
    "hl7.person_deletion": 200,
    "hl7.control_id_reused": 205,
    "identity.conflict": 204,
}
_OURS = "WARDLAMP"


class Header(msgspec.Struct, frozen=True):
    """MSH as it came: `fields[n]` is MSH-n, bytes as latin-1 characters (or decoded, where it was UTF-16 or XML).

    `wrap` is how an answer has to look: "" bars, "xml", or a codec of UTF-16.
    """

    fields: tuple[str, ...]
    wrap: str = ""

    def field(self, n: int) -> str:
        return self.fields[n] if n < len(self.fields) else ""

    @property
    def component(self) -> str:
        return self.field(2)[:1] or "^"

    def part(self, n: int, component: int = 1) -> str:
        """A component of the first repetition, as sent and stripped; `""` counts as empty."""
        parts = self.field(n).split(self.component)
        found = parts[component - 1].strip() if component <= len(parts) else ""
        return "" if found == '""' else found

    @property
    def control_id(self) -> str:
        return self.field(10)

    @property
    def version(self) -> tuple[int, int]:
        """(2, 3) of "2.3.1"; (2, 5) where none is said."""
        found = _VERSION.match(self.part(12))
        return (2, int(found[1])) if found else (2, 5)


class Acknowledged(msgspec.Struct, frozen=True):
    """An acknowledgement that was received: MSA-1, MSA-2, MSA-3, and the code of its ERR segment ("" none)."""

    code: str
    control_id: str
    text: str = ""
    reason: str = ""

    @property
    def is_commit(self) -> bool:
        """CA, CE, CR: the sender's message is (or is not) in safe storage; the application's word comes apart."""
        return self.code[:1] == "C"


def header_of(data: bytes) -> Header | None:
    """The first MSH of a message or a batch; None where none is found."""
    head = data[:_LOOKED_AT]
    if looks_like_markup(head):
        found = _XML_MSH.search(head)
        try:
            fields = _split(text_of(b"<message>" + found[0] + b"</message>").split("\r", 1)[0]) if found else None
        except NotMessage:
            return None
        return Header(fields, "xml") if fields else None
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or head[:6] in (b"M\0S\0H\0", b"\0M\0S\0H"):
        wrap = "utf-16-be" if head[:1] in (b"\xfe", b"\0") else "utf-16-le"
        line = head.decode(wrap, "replace").lstrip("\ufeff").split("\r", 1)[0].split("\n", 1)[0]
        return Header(_split(line), wrap) if line.startswith("MSH") and len(line) > 8 else None
    match = _MSH.search(unwrapped(head)[0])
    return Header(_split(match[1].decode("latin-1"))) if match else None


def _split(line: str) -> tuple[str, ...]:
    separator = line[3]
    name, *rest = line.split(separator)
    return (name, separator, *rest)


def answers(data: bytes, answer: Answer, at: datetime, control_id: str) -> list[bytes]:
    """The acknowledgements, unframed, that the sender of `data` wants of `answer`: none, one or two.

    `control_id` is a new one of ours (MSH-10), `at` the present (MSH-7). Nothing for an answer without a code.
    """
    if not answer.code:
        return []
    header = header_of(data)
    if header is None:
        header = Header(("MSH", "|", "^~\\&", *[""] * 8, "P", "2.5"))
    accept, application = header.part(15).upper(), header.part(16).upper()
    codes = []
    if accept or application:  # enhanced mode; a field left empty then means never
        if _is_wanted(accept, answer):
            codes.append("C" + answer.code[1])
        if _is_wanted(application, answer):
            codes.append(answer.code)
    else:
        codes.append(answer.code)
    return [
        _acknowledgement(header, code, answer, at, control_id if n == 0 else control_id + "A")
        for n, code in enumerate(codes)
    ]


def _is_wanted(condition: str, answer: Answer) -> bool:
    if condition in ("", "NE"):
        return False
    if condition == "ER":
        return answer.code != ACCEPTED
    if condition == "SU":
        return answer.code == ACCEPTED
    return True  # AL; a word outside the table is read as asking for one


def _acknowledgement(header: Header, code: str, answer: Answer, at: datetime, control_id: str) -> bytes:
    separator, component = header.field(1), header.component
    words = "" if answer.code == ACCEPTED else _plain(f"{answer.reason}: {answer.text}".strip(": "), header)
    trigger = header.part(9, 2)
    version = header.version
    type_ = ["ACK"]
    if trigger and version >= (2, 3):
        type_ += [trigger] if version == (2, 3) else [trigger, "ACK"]
    stamp = at.strftime("%Y%m%d%H%M%S%z") if version >= (2, 3) else at.strftime("%Y%m%d%H%M%S")
    msh = ["MSH", header.field(2), header.field(5) or _OURS, header.field(6), header.field(3), header.field(4), stamp, "",
           component.join(type_), control_id, header.field(11) or "P", header.field(12) or "2.5"]  # fmt: skip
    if header.field(18):
        msh += ["", "", "", "", "", header.field(18)]
    segments = [msh, ["MSA", code, header.control_id, words]]
    if answer.code != ACCEPTED:
        segments.append(_error(header, answer, words))
    if header.wrap == "xml":
        return _as_xml(segments, header)
    text = "".join(separator.join(s).rstrip(separator) + "\r" for s in segments)
    return text.encode(header.wrap or "latin-1", "replace")


def _error(header: Header, answer: Answer, words: str) -> list[str]:
    condition = answer.condition or _CONDITION_OF.get(answer.reason, 207)
    meaning = CONDITIONS.get(condition, CONDITIONS[207])
    if header.version < (2, 5):  # ERR-1 alone, its fourth component the code (chapter 2.15.5 of v2.3-2.4)
        inner = header.field(2)[3:4] or "&"
        return ["ERR", header.component * 3 + inner.join((str(condition), meaning, "HL70357"))]
    coded = header.component.join((str(condition), meaning, "HL70357"))
    return ["ERR", "", "", coded, "E", answer.reason, "", "", words]


def _plain(words: str, header: Header) -> str:
    """Words of ours, without what would be a delimiter, ASCII, at most 80 characters (MSA-3)."""
    delimiters = header.field(1) + header.field(2)
    kept = "".join(" " if c in delimiters or not c.isprintable() else c for c in words)
    return kept.encode("ascii", "replace").decode()[:80].rstrip()


# The type of each field that has components, for the names of its elements in XML (v2.xml).
_TYPES: dict[str, dict[int, str]] = {"MSH": {3: "HD", 4: "HD", 5: "HD", 6: "HD", 7: "TS", 9: "MSG", 11: "PT", 12: "VID"},
          "ERR": {1: "ELD", 3: "CWE", 5: "CWE"}, "MSA": {}}  # fmt: skip


def _as_xml(segments: list[list[str]], header: Header) -> bytes:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<ACK xmlns="urn:hl7-org:v2xml">']
    for name, *fields in segments:
        if name == "MSH":
            fields.insert(0, header.field(1))
        lines.append(f"<{name}>")
        for n, value in enumerate(fields, 1):
            if not value:
                continue
            type_ = _TYPES[name].get(n)
            parts = value.split(header.component) if type_ else [value]
            inner = "".join(f"<{type_}.{c}>{escape(p)}</{type_}.{c}>" for c, p in enumerate(parts, 1) if p)
            lines.append(f"<{name}.{n}>{inner if type_ else escape(value)}</{name}.{n}>")
        lines.append(f"</{name}>")
    return "\n".join([*lines, "</ACK>", ""]).encode()


def read_acknowledgement(data: bytes) -> Acknowledged | None:
    """What a receiver answered; None where it is no acknowledgement."""
    header = header_of(data)
    if header is None:
        return None
    if header.wrap == "xml":
        try:
            text = text_of(_ACK_ROOT.sub(rb"<\1message", data))  # its root has a segment's name
        except NotMessage:
            return None
    else:
        text = data.decode(header.wrap or "latin-1", "replace").lstrip("\ufeff")
    code = control_id = words = reason = ""
    for line in re.split(r"[\r\n]+", text):
        fields = [*line.strip("\x00 ").split(header.field(1)), *[""] * 9]
        if fields[0] == "MSA" and not code:
            code, control_id, words = fields[1].strip(), fields[2], fields[3]
        elif fields[0] == "ERR" and not reason:
            reason = fields[5] or fields[3] or fields[1]
    return Acknowledged(code, control_id, words, reason) if code else None


def try_again(reason: str = "mllp.cannot_take", text: str = "not taken, send it again") -> Answer:
    """The answer to what could not be made durable."""
    return Answer(code=TRY_AGAIN, reason=reason, text=text)
