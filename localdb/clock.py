"""What time it is: asked, never kept (DESIGN D11)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def present() -> datetime:
    """The present moment, with the offset of this machine's zone."""
    return datetime.now(UTC).astimezone()
