"""The bytes of IPP/2.0 (RFC 8010, RFC 8011): requests out, attributes in. Pure."""

from __future__ import annotations

import struct
from typing import NamedTuple

PRINT_JOB, GET_JOB, GET_PRINTER, CUPS_PRINTERS, CUPS_DEFAULT = 0x0002, 0x0009, 0x000B, 0x4002, 0x4001
BUSY, DEVICE_ERROR = 0x0507, 0x0504
_OPERATION, _JOB, _END = 0x01, 0x02, 0x03
_INTEGER, _BOOLEAN, _ENUM = 0x21, 0x22, 0x23
_TAGS = {
    "charset": 0x47,
    "language": 0x48,
    "keyword": 0x44,
    "uri": 0x45,
    "name": 0x42,
    "mime": 0x49,
    "integer": _INTEGER,
}

Value = str | int | bool


class Answer(NamedTuple):
    """A status code (below 0x0100 = done) and the groups of attributes after the operation's own."""

    status: int
    groups: tuple[dict[str, list[Value]], ...]
    message: str = ""

    @property
    def done(self) -> bool:
        return self.status < 0x0100


def _attribute(kind: str, name: str, value: Value) -> bytes:
    raw = struct.pack(">i", value) if kind == "integer" else str(value).encode("utf-8")
    return struct.pack(">BH", _TAGS[kind], len(name)) + name.encode() + struct.pack(">H", len(raw)) + raw


def request(
    operation: int, number: int, attributes: list[tuple[str, str, Value]], job: list[tuple[str, str, Value]] | None = None
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
    """Raises ValueError where the bytes are no IPP answer."""
    if len(raw) < 9:
        raise ValueError("too short for IPP")
    status = struct.unpack(">H", raw[2:4])[0]
    groups: list[tuple[int, dict[str, list[Value]]]] = []
    at, name = 8, ""
    while at < len(raw) and raw[at] != _END:
        tag = raw[at]
        at += 1
        if tag < 0x10:
            groups.append((tag, {}))
            continue
        if at + 2 > len(raw) or not groups:
            raise ValueError("an attribute is cut off")
        size = struct.unpack(">H", raw[at : at + 2])[0]
        name = raw[at + 2 : at + 2 + size].decode("utf-8", "replace") or name
        at += 2 + size
        if at + 2 > len(raw):
            raise ValueError("a value is cut off")
        size = struct.unpack(">H", raw[at : at + 2])[0]
        groups[-1][1].setdefault(name, []).append(_value(tag, raw[at + 2 : at + 2 + size]))
        at += 2 + size
    said = next((g.get("status-message", [""])[0] for tag, g in groups if tag == _OPERATION), "")
    return Answer(status, tuple(g for tag, g in groups if tag != _OPERATION), str(said))


def _value(tag: int, raw: bytes) -> Value:
    if tag in (_INTEGER, _ENUM) and len(raw) == 4:
        return int(struct.unpack(">i", raw)[0])
    if tag == _BOOLEAN and len(raw) == 1:
        return raw != b"\0"
    return raw.decode("utf-8", "replace")
