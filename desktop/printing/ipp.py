"""The bytes of IPP/2.0 (RFC 8010, RFC 8011): requests out, attributes in. Pure."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

PRINT_JOB, CREATE_JOB, SEND_DOCUMENT, CANCEL_JOB = 0x0002, 0x0005, 0x0006, 0x0008
GET_JOB, GET_JOBS, GET_PRINTER = 0x0009, 0x000A, 0x000B
CUPS_DEFAULT, CUPS_PRINTERS = 0x4001, 0x4002
NOT_FOUND, GONE = 0x0406, 0x0407
BUSY, DEVICE_ERROR = 0x0507, 0x0504
# What may be otherwise in a moment: unavailable, device error, temporary error, not accepting, busy.
PASSING = frozenset({0x0502, DEVICE_ERROR, 0x0505, 0x0506, BUSY})
_OPERATION, _JOB, _END = 0x01, 0x02, 0x03
_INTEGER, _BOOLEAN, _ENUM, _RESOLUTION, _RANGE = 0x21, 0x22, 0x23, 0x32, 0x33
_BEGIN_COLLECTION, _END_COLLECTION, _MEMBER = 0x34, 0x37, 0x4A
_TAGS = {
    "charset": 0x47,
    "language": 0x48,
    "keyword": 0x44,
    "uri": 0x45,
    "name": 0x42,
    "mime": 0x49,
    "integer": _INTEGER,
    "boolean": _BOOLEAN,
}

Value = str | int | bool
# (kind, name, value); the value of kind "collection" is a list of such, a tuple is a set of values.
Attribute = tuple[str, str, Any]


class Answer(NamedTuple):
    """A status code (below 0x0100 = done) and the groups of attributes after the operation's own."""

    status: int
    groups: tuple[dict[str, list[Value]], ...]
    message: str = ""

    @property
    def done(self) -> bool:
        return self.status < 0x0100


def _field(tag: int, name: str, raw: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name.encode() + struct.pack(">H", len(raw)) + raw


def _attribute(kind: str, name: str, value: Any) -> bytes:
    if kind == "collection":
        made = _field(_BEGIN_COLLECTION, name, b"")
        for member, inner, held in value:
            made += _field(_MEMBER, "", inner.encode()) + _attribute(member, "", held)
        return made + _field(_END_COLLECTION, "", b"")
    if isinstance(value, tuple):
        return b"".join(_attribute(kind, name if n == 0 else "", one) for n, one in enumerate(value))
    if kind == "integer":
        raw = struct.pack(">i", value)
    elif kind == "boolean":
        raw = b"\x01" if value else b"\x00"
    else:
        raw = str(value).encode("utf-8")
    return _field(_TAGS[kind], name, raw)


def request(
    operation: int, number: int, attributes: Sequence[Attribute], job: Sequence[Attribute] | None = None
) -> bytes:  # fmt: skip
    """A request with (kind, name, value) attributes; what is printed follows it on the wire."""
    made = struct.pack(">BBHIB", 2, 0, operation, number, _OPERATION)
    made += _attribute("charset", "attributes-charset", "utf-8")
    made += _attribute("language", "attributes-natural-language", "en")
    for kind, name, value in attributes:
        made += _attribute(kind, name, value)
    if job:
        made += bytes([_JOB])
        for kind, name, value in job:
            made += _attribute(kind, name, value)
    return made + bytes([_END])


def answer(raw: bytes) -> Answer:
    """Raises ValueError where the bytes are no IPP answer. Members of collections are left out."""
    if len(raw) < 9:
        raise ValueError("too short for IPP")
    status = struct.unpack(">H", raw[2:4])[0]
    groups: list[tuple[int, dict[str, list[Value]]]] = []
    at, name, depth = 8, "", 0
    while at < len(raw) and raw[at] != _END:
        tag = raw[at]
        at += 1
        if tag < 0x10:
            groups.append((tag, {}))
            continue
        if at + 2 > len(raw) or not groups:
            raise ValueError("an attribute is cut off")
        size = struct.unpack(">H", raw[at : at + 2])[0]
        if at + 2 + size > len(raw):
            raise ValueError("a name is cut off")
        name = raw[at + 2 : at + 2 + size].decode("utf-8", "replace") or name
        at += 2 + size
        if at + 2 > len(raw):
            raise ValueError("a value is cut off")
        size = struct.unpack(">H", raw[at : at + 2])[0]
        if at + 2 + size > len(raw):
            raise ValueError("a value is cut off")
        held = raw[at + 2 : at + 2 + size]
        at += 2 + size
        if tag == _BEGIN_COLLECTION:
            depth += 1
        elif tag == _END_COLLECTION:
            depth = max(0, depth - 1)
        elif depth == 0:
            groups[-1][1].setdefault(name, []).append(_value(tag, held))
    said = next((g.get("status-message", [""])[0] for tag, g in groups if tag == _OPERATION), "")
    return Answer(status, tuple(g for tag, g in groups if tag != _OPERATION), str(said))


def _value(tag: int, raw: bytes) -> Value:
    if tag in (_INTEGER, _ENUM) and len(raw) == 4:
        return int(struct.unpack(">i", raw)[0])
    if tag == _BOOLEAN and len(raw) == 1:
        return raw != b"\0"
    if tag == _RANGE and len(raw) == 8:
        return "{}-{}".format(*struct.unpack(">ii", raw))
    if tag == _RESOLUTION and len(raw) == 9:
        across, down, units = struct.unpack(">iib", raw)
        return f"{across}x{down} dots per {'inch' if units == 3 else 'cm'}"
    return raw.decode("utf-8", "replace")
