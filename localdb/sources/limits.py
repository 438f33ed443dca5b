"""How much a file may be, so that a bomb or a mistake cannot fill memory. The one place that states these limits."""

from __future__ import annotations

import msgspec

MIB = 1024 * 1024


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`file` bytes of one file or member unpacked; `members` of one archive; `unpacked` bytes of all its members
    together; `ratio` unpacked to packed, looked at from `ratio_from` bytes on; `depth` of archives in archives; `piece`
    bytes of ndjson that are read at a time; `aside` bytes of a file that are kept when it is refused."""

    file: int = 512 * MIB
    members: int = 500_000
    unpacked: int = 64 * 1024 * MIB
    ratio: int = 1_000
    ratio_from: int = 64 * MIB
    depth: int = 2
    piece: int = 16 * MIB
    aside: int = 64 * MIB


STANDARD = Limits()
