"""MLLP frames out of a stream of bytes, cut anywhere (HL7 v2 appendix C 2.3: `0x0B message 0x1C 0x0D`). Pure.

Liberal, because senders are: the CR may be missing or be an LF, line ends may stand between frames. Never lossy: bytes
outside of frames come out as `Stray`, a frame that never ends as `Half`, the beginning of one that is too large as
`TooLarge`. Never mixing: a frame that breaks off and is begun anew on the same connection (`0x0B MSH` inside a frame)
is two pieces, because one message with another's patient in it would be the worst that a reader can be given. What
comes out is the same however the stream is cut into pieces.
"""

from __future__ import annotations

import re

import msgspec

START, END = b"\x0b", b"\x1c"
_FILLER = b"\r\n"
# What ends a frame, and what cannot be inside one: 0x0B before the beginning of a message, a batch, a file of batches or
# an XML message. One search for all: a frame full of lone 0x0B or 0x1C must not cost more than any other.
_MARK = re.compile(rb"\x1c(?P<past>[\r\n\x0b])|\x0b(?:MSH|BHS|FHS|<\?xml)")
_LONGEST_MARK = 6
HEAD = 64 * 1024  # what is kept of a frame that is too large: its header is in there


class Whole(msgspec.Struct, frozen=True):
    """What a frame held."""

    data: bytes


class Stray(msgspec.Struct, frozen=True):
    """Bytes that stood outside of any frame (line ends between frames are none)."""

    data: bytes


class Half(msgspec.Struct, frozen=True):
    """What came of a frame that has no end."""

    data: bytes


class TooLarge(msgspec.Struct, frozen=True):
    """The first bytes of a frame over the limit, and how many bytes it had."""

    data: bytes
    size: int


Piece = Whole | Stray | Half | TooLarge


def framed(data: bytes) -> bytes:
    """A message in its frame."""
    return START + data + END + b"\r"


class Deframer:
    """One connection's bytes → pieces. `feed` what arrives, `settle` when the line falls silent, `end` when it closes."""

    def __init__(self, limit: int = 64 * 1024 * 1024, stray: int = HEAD) -> None:
        self._limit, self._stray_limit = limit, stray
        self._held = bytearray()
        self._inside = False
        self._scanned = 0  # no end and no new beginning before this
        self._skipped = 0  # bytes of the present frame let go since it became too large

    @property
    def held(self) -> int:
        """Bytes in memory."""
        return len(self._held)

    @property
    def is_inside(self) -> bool:
        """Whether a frame has begun and not ended."""
        return self._inside

    @property
    def skipped(self) -> int:
        """Bytes let go of a frame that is too large and has not ended."""
        return self._skipped

    @property
    def is_unsettled(self) -> bool:
        """Whether the last byte ends a frame if nothing follows it."""
        return self._inside and self._held.endswith(END)

    def feed(self, data: bytes) -> list[Piece]:
        """The pieces that these bytes complete."""
        self._held += data
        pieces: list[Piece] = []
        while self._inside_step(pieces) if self._inside else self._outside_step(pieces):
            pass
        return pieces

    def settle(self) -> list[Piece]:
        """The frame whose end came without its CR, when nothing has followed for a while."""
        if not self.is_unsettled:
            return []
        pieces: list[Piece] = []
        self._close(len(self._held) - 1, len(self._held), pieces)
        return pieces

    def end(self) -> list[Piece]:
        """What is left when the connection closes."""
        pieces = self.settle()
        if self._inside:
            self._broken(len(self._held), pieces)
        elif self._held:
            self._strays(len(self._held), pieces)
        self._inside = False
        return pieces

    # -- one step: False when more bytes are needed -----------------------------------------------------------------

    def _outside_step(self, pieces: list[Piece]) -> bool:
        found = self._held.find(START)
        while (len(self._held) if found < 0 else found) >= self._stray_limit:
            self._strays(self._stray_limit, pieces)
            found -= self._stray_limit if found >= 0 else 0
        if found < 0:
            return False
        self._strays(found, pieces)
        self._begin()
        return True

    def _inside_step(self, pieces: list[Piece]) -> bool:
        mark = _MARK.search(self._held, self._scanned)
        if mark is None:  # the last bytes may begin one
            self._scanned = max(self._scanned, len(self._held) - _LONGEST_MARK + 1)
            self._let_go()
            return False
        if mark["past"] is not None:  # of CR, LF or 0x0B only the last belongs to what follows
            self._close(mark.start(), mark.end() - (mark["past"] == START), pieces)
        else:
            self._broken(mark.start(), pieces)
            self._begin()
        return True

    def _begin(self) -> None:
        del self._held[:1]
        self._inside, self._scanned = True, 0

    def _let_go(self) -> None:
        """Lets go of all but the head of a frame over the limit, and of what need not be looked at again."""
        if len(self._held) + self._skipped > self._limit and self._scanned > HEAD:
            gone = self._scanned - HEAD
            del self._held[HEAD : self._scanned]
            self._skipped += gone
            self._scanned = HEAD

    # -- pieces -----------------------------------------------------------------------------------------------------

    def _close(self, end: int, past: int, pieces: list[Piece]) -> None:
        """The frame up to `end` is whole; what follows begins at `past`."""
        size = end + self._skipped
        if size > self._limit:
            pieces.append(TooLarge(bytes(self._held[: min(HEAD, end)]), size))
        else:
            pieces.append(Whole(bytes(self._held[:end])))
        del self._held[:past]
        self._inside, self._scanned, self._skipped = False, 0, 0

    def _broken(self, end: int, pieces: list[Piece]) -> None:
        if self._skipped or end > self._limit:
            pieces.append(TooLarge(bytes(self._held[: min(HEAD, end)]), end + self._skipped))
        elif end:
            pieces.append(Half(bytes(self._held[:end])))
        del self._held[:end]
        self._scanned = self._skipped = 0

    def _strays(self, end: int, pieces: list[Piece]) -> None:
        data = bytes(self._held[:end])
        if data.strip(_FILLER):
            pieces.append(Stray(data))
        del self._held[:end]
