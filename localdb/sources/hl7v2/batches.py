"""Cuts a file into messages: batches (FHS, BHS, BTS, FTS), MLLP frames, any line ends, blank lines, garbage between.

A message ends where the next one, a batch segment or an MLLP end of block begins. What is no message is a piece of its
own, so that no byte of a file vanishes: it is set aside with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

MESSAGE, GARBAGE, TRAILER = "message", "garbage", "trailer"
_HEAD = re.compile(
    rb"(?:\A|[\r\n\x0b\x1c])[ \t\x0b\x00]*"
    rb"(?:(MSH)(?=[^\w\s])|([FB]HS)(?=[^\w\s])|([FB]TS)(?=[^\w\s]|[\r\n\x1c]|\Z))"
)
_LINE_END = re.compile(rb"[\r\n\x1c]")
_BLANK = b"\r\n\x0b\x1c\x00\x1a \t"
_ONE_END = re.compile(rb"\r\n|\r|\n")


class Piece(NamedTuple):
    """Bytes `start` to `end` of the file; `announced` the messages that a trailer (BTS-1) says, `held` those there."""

    kind: str
    start: int
    end: int
    announced: int | None = None
    held: int = 0


def starts_like_messages(data: bytes) -> bool:
    """Whether a file's first bytes (after marks, blanks and frame bytes) are a message's or a batch's."""
    head = data[:256].removeprefix(b"\xef\xbb\xbf").lstrip(_BLANK)[:4]
    return head[:3] in (b"MSH", b"FHS", b"BHS") and not head[3:4].isalnum() and not head[3:4].isspace()


def pieces(data: bytes) -> Iterator[Piece]:
    """The pieces of a file in order. Total: a file without any message is one piece of garbage (a blank one none)."""
    heads = [(m.start(m.lastindex or 0), m.lastindex or 0) for m in _HEAD.finditer(data)]
    yield from _garbage(data, 0, heads[0][0] if heads else len(data))
    held = 0
    for n, (start, kind) in enumerate(heads):
        end = heads[n + 1][0] if n + 1 < len(heads) else len(data)
        if kind == 1:
            block = data.find(b"\x1c", start, end)
            stop = block if block >= 0 else end
            held += 1
            yield Piece(MESSAGE, start, _trimmed(data, start, stop))
            yield from _garbage(data, stop, end)
            continue
        line = _LINE_END.search(data, start, end)
        stop = line.start() if line else end
        if kind == 2 and data[start : start + 1] == b"B":
            held = 0
        if kind == 3 and data[start : start + 1] == b"B":
            yield Piece(TRAILER, start, stop, _count(data[start:stop]), held)
            held = 0
        yield from _garbage(data, stop, end)


def _garbage(data: bytes, start: int, end: int) -> Iterator[Piece]:
    bare = data[start:end].strip(_BLANK)
    if bare and bare != b"\xef\xbb\xbf":
        yield Piece(GARBAGE, start, end)


def _trimmed(data: bytes, start: int, end: int) -> int:
    """The end of a message's own bytes: blank lines after it are not its own, its last line end is."""
    stop = start + len(data[start:end].rstrip(_BLANK))
    last = _ONE_END.match(data, stop, end)
    return last.end() if last else stop


def _count(line: bytes) -> int | None:
    """BTS-1, the number of messages in the batch, where one was sent."""
    parts = line.split(line[3:4]) if len(line) > 3 else []
    value = parts[1].strip() if len(parts) > 1 else b""
    return int(value) if value.isdigit() and len(value) < 10 else None
