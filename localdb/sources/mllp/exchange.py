"""What passes between the listener and whoever stores what it hears.

The rule of the answers, which holds for every message (engines differ in what they do with AE and AR, but most stop
their queue and repeat after AE, and note the message and go on after AR):

- **AA** it is durable with us and nothing is left to do for its sender: taken, same, older, not kept, waiting.
- **AR** it is durable with us, but set aside: unreadable, of nobody, in conflict. Its bytes are in the list where a
  person sees them; sending it again would change nothing and only block the queue behind it.
- **AE** it is *not* with us: the disk is full, the store is busy or stopping. The sender keeps it and tries again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final, Literal, Protocol

import msgspec

ACCEPTED: Final = "AA"  # HL7 table 0008
TRY_AGAIN: Final = "AE"
REFUSED: Final = "AR"
AckCode = Literal["AA", "AE", "AR", ""]

# Why bytes are no whole message (errors.toml).
STRAY, HALF, TOO_LARGE = "mllp.stray_bytes", "mllp.half_frame", "mllp.too_large"


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What one frame held, without its frame; or bytes that are no message.

    `fault` is "" for a whole message; else the code with which `data` is to be set aside: bytes between frames, a frame
    that never ended, the beginning of a frame that is too large. `peer` is `address:port`; `at` is when its last byte
    came (aware); `feed` and `source` are names of the settings.
    """

    feed: str
    source: str
    peer: str
    data: bytes
    at: datetime
    fault: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender is told. `reason` is a code of errors.toml and `text` words without patient data, both for AE and
    AR; `condition` is the number in HL7 table 0357 (0: the one that fits `code`). Code "" sends nothing and closes the
    connection, so that every sender tries again. The answer to stray bytes and half frames is not sent."""

    code: AckCode
    reason: str = ""
    text: str = ""
    condition: int = 0


# Takes a batch in the order of arrival; returns as many answers, in that order, **after the commit** that made AA and
# AR true. What it raises is answered with AE to all of the batch. Never called twice at the same time by one listener.
Take = Callable[[Sequence[Received]], Awaitable[Sequence[Answer]]]


class Watch(Protocol):
    """What the listener tells of its connections, at once and on its own thread; must not block.

    `code` is "" for an ordinary end, else why (errors.toml, `mllp.*`).
    """

    def opened(self, peer: str) -> None: ...

    def heard(self, peer: str, size: int) -> None: ...

    def closed(self, peer: str, code: str) -> None: ...

    def refused(self, peer: str, code: str) -> None: ...


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a listener withstands. Sizes in bytes, times in seconds.

    `frame`: a larger one is refused (AR) and the rest of it skipped, up to `skipped` in all, then the connection is
    closed. `stray`: bytes outside frames are given to be set aside in pieces of this size. `buffered`: half frames
    of all connections together; who bursts it is closed. `queued_messages`, `queued_bytes`: whole messages that
    wait for their commit; above, no connection is read. `batch_messages`, `batch_bytes`: one commit. `unanswered`:
    messages of one connection that are not answered yet; `answers`: bytes of its answers that it has not taken off
    the line. `idle`: no byte inside a frame; `slowest`: one whole frame; `settle`: a frame that ended without its
    CR is taken after this; `unread`: an answer that the peer does not take off the line; `handshake`: TLS; `grace`:
    a graceful stop, before what is left is cut off. `connections` in all, and `per_address`.
    """

    frame: int = 64 * 1024 * 1024
    skipped: int = 1024 * 1024 * 1024
    stray: int = 64 * 1024
    buffered: int = 256 * 1024 * 1024
    queued_messages: int = 1000
    queued_bytes: int = 128 * 1024 * 1024
    batch_messages: int = 500
    batch_bytes: int = 32 * 1024 * 1024
    unanswered: int = 200
    answers: int = 256 * 1024
    idle: float = 60.0
    slowest: float = 1800.0
    settle: float = 0.2
    unread: float = 30.0
    handshake: float = 10.0
    grace: float = 10.0
    connections: int = 512
    per_address: int = 128


# The listener (listener.py), as F codes against it:
#   listener = Listener(feed=, source=, host=, port=, take=, clock=, watch=None, context=None, senders=(), limits=Limits())
#   port = await listener.start()      # the port listened on; raises OSError, mllp.cannot_listen
#   await listener.stop()              # graceful: no new connections, answers what is committed, closes
