"""multipart/related (RFC 2387) as it comes, one part at a time, within limits. Pure.

A part is given when its closing boundary has come, so that a transfer that breaks off gives nothing half.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from localdb.sources.dimse.exchange import Limits

_BOUNDARY = re.compile(r"""boundary=(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))""", re.IGNORECASE)
_HEADERS = 16 * 1024
_PREAMBLE = 64 * 1024


class NotMultipart(ValueError):
    """The bytes are no multipart message, or one that never ends."""


class Part(msgspec.Struct, frozen=True):
    """`is_beginning`: it is larger than an object may be, and only its first bytes are here."""

    data: bytes
    is_beginning: bool = False


def boundary_of(content_type: str) -> bytes:
    """The boundary of a Content-Type. Raises NotMultipart."""
    found = _BOUNDARY.search(content_type)
    if not content_type.lower().lstrip().startswith("multipart/") or found is None:
        raise NotMultipart("no boundary")
    return (found[1] or found[2]).encode("latin-1", "replace")


class Multipart:
    """Feed it the bytes in order; it gives the parts. `is_closed` once the last boundary came."""

    def __init__(self, boundary: bytes, limits: Limits) -> None:
        self._mark = b"\r\n--" + boundary
        self._limits = limits
        self._data = bytearray(b"\r\n")  # the first boundary has no line before it
        self._from = 0  # where to go on looking for a boundary
        self._state = "preamble"
        self._beginning: bytes | None = None
        self.is_closed = False

    def feed(self, data: bytes) -> Iterator[Part]:
        """Raises NotMultipart."""
        if self.is_closed:
            return
        self._data += data
        while not self.is_closed:
            if self._state == "boundary" and not self._after_boundary():
                return
            if self._state == "headers" and not self._headers():
                return
            at = self._data.find(self._mark, self._from)
            if at < 0:
                self._from = max(0, len(self._data) - len(self._mark) + 1)
                self._bound()
                return
            if self._state == "body":
                yield self._part(at)
            self._cut(at + len(self._mark))
            self._state, self._beginning = "boundary", None

    def _cut(self, at: int) -> None:
        del self._data[:at]
        self._from = 0

    def _after_boundary(self) -> bool:
        """What follows a boundary: `--` ends it all, else blanks and a line's end. False where that has not come yet."""
        if len(self._data) < 2:
            return False
        if self._data[:2] == b"--":
            self.is_closed = True
            return False
        end = self._data.find(b"\n")
        if end < 0:
            if len(self._data) > 256:
                raise NotMultipart("a boundary without an end")
            return False
        # The line's end may also be the one that closes empty headers.
        self._cut(end + 1)
        self._state = "headers"
        return True

    def _headers(self) -> bool:
        if self._data[:2] == b"\r\n":
            self._cut(2)
        else:
            end = self._data.find(b"\r\n\r\n")
            if end < 0 or end > _HEADERS:
                if len(self._data) > _HEADERS:
                    raise NotMultipart("headers without an end")
                return False
            self._cut(end + 4)
        self._data[:0] = b"\r\n"  # an empty body's boundary has no line before it either
        self._from = 0
        self._state = "body"
        return True

    def _part(self, at: int) -> Part:
        if self._beginning is not None:
            return Part(self._beginning, True)
        body = bytes(self._data[2:at])
        return Part(body[: self._limits.beginning], True) if len(body) > self._limits.object else Part(body)

    def _bound(self) -> None:
        """What may not grow without end does not."""
        if self._state == "preamble" and len(self._data) > _PREAMBLE:
            raise NotMultipart("no boundary comes")
        if self._state == "body" and (self._beginning is not None or len(self._data) > self._limits.object + 2):
            if self._beginning is None:
                self._beginning = bytes(self._data[2 : 2 + self._limits.beginning])
            self._cut(self._from)
