"""The command `wardlamp` (DESIGN §5)."""

from __future__ import annotations

import sys


def main() -> int:
    """Exit status 2, wrong usage, until the commands stand."""
    print("usage: wardlamp COMMAND", file=sys.stderr)
    return 2
