"""One thing that `feed test` tried, for people and as JSON."""

from __future__ import annotations

import msgspec


class Point(msgspec.Struct, frozen=True):
    """One thing that was tried, what was found, and whether it is as it should be."""

    what: str
    found: str
    ok: bool = True
