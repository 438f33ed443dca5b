"""What passes between DICOM by network and whoever stores what came.

The rule of the answers to C-STORE (PS3.4 table B.2-1), the same as that of AA, AR and AE for messages (`mllp.exchange`):

- **0x0000** it is durable with us and nothing is left to do for its sender: taken, same, older, not kept, waiting.
- **0xB007** (a warning) it is durable with us, but set aside: unreadable, of nobody, in conflict. Its bytes are in the list
  where a person sees them, and its code stands in the answer's ErrorComment. A failure would make modalities and archives
  send it again for ever, and hold up what is behind it; a plain success would tell nobody.
- **0xA700** it is *not* with us: the disk is full, the store is stopping. The sender keeps it and tries again.
- **0xC000** it is not with us and never will be: larger than `Limits.object`. Its beginning is set aside.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

import msgspec

STORED: Final = 0x0000
SET_ASIDE: Final = 0xB007  # Data Set does not match SOP Class: the warning that says "not as it should be"
TRY_AGAIN: Final = 0xA700  # Refused: Out of Resources
NEVER: Final = 0xC000  # Error: Cannot understand

# Why something is no whole object, or a connection was ended (errors.toml).
TOO_LARGE, BROKEN, NO_ROOM, TOO_SLOW = "dimse.too_large", "dimse.broken", "dimse.no_room", "dimse.too_slow"


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """One object as it came: `data` as a DICOM file (preamble, file meta information, the data set byte for byte as the
    sender encoded it). `fault` "" for a whole one, else the code with which its beginning is to be set aside. `peer` is
    `address:port`; `at` is when its last byte came (aware); `uid` its SOP Instance UID where the wire said it."""

    data: bytes
    peer: str
    at: datetime
    fault: str = ""
    uid: str = ""


class Stored(msgspec.Struct, frozen=True):
    """What the sender is told: a status of the module's list, and a code of errors.toml for its ErrorComment."""

    status: int
    code: str = ""


# Called in the association's own thread, many at the same time; returns **after the commit** that makes 0x0000 and 0xB007
# true. What it raises is answered with 0xA700.
Take = Callable[[Received], Stored]


class Watch(Protocol):
    """What a listener tells of its associations, at once; must not block. `code` is "" for an ordinary end, else why."""

    def opened(self, peer: str) -> None: ...

    def closed(self, peer: str, code: str) -> None: ...

    def refused(self, peer: str, code: str) -> None: ...

    def echoed(self, peer: str) -> None: ...


class NoWatch:
    """Nobody looks."""

    def opened(self, peer: str) -> None: ...

    def closed(self, peer: str, code: str) -> None: ...

    def refused(self, peer: str, code: str) -> None: ...

    def echoed(self, peer: str) -> None: ...


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a listener withstands. Sizes in bytes, times in seconds.

    `object`: a larger one is answered with 0xC000, its first `beginning` bytes are set aside. `buffered`: what has come of
    all objects that are not answered yet; above, connections are not read, and one that finds no room for `patience` is
    ended. `pdu`: what we say that one may have; one that has more than `largest_pdu` all the same ends its connection.
    `stall`: no byte inside a PDU; `slowest`: one whole object; `idle`: nothing at all; `handshake`: TLS; `request`: the
    association request after that; `grace`: a graceful stop. `associations` in all, and `per_address`.
    """

    object: int = 512 * 1024 * 1024
    beginning: int = 1024 * 1024
    buffered: int = 512 * 1024 * 1024
    pdu: int = 128 * 1024
    largest_pdu: int = 1024 * 1024
    patience: float = 60.0
    stall: float = 60.0
    slowest: float = 1800.0
    idle: float = 300.0
    handshake: float = 10.0
    request: float = 15.0
    grace: float = 10.0
    associations: int = 64
    per_address: int = 32
